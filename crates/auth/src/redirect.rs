//! Where a browser may be sent with tokens or codes: the site, loopback (RFC 8252 section 7.3), and what the operator listed. Nothing that
//! comes from a request widens it.

use crate::request::WantedRedirect;
use url::{Host, Url};

/// Where browsers may be sent.
#[derive(Clone, Debug)]
pub struct Redirects {
    site: Url,
    patterns: Vec<Vec<char>>,
}

impl Redirects {
    /// Of a site and a list of URLs, in which `*` stands for anything but `.` and `/`, `**` for anything, `?` for one character
    /// but those.
    ///
    /// # Errors
    /// When the site's URL is none.
    pub fn new(site: &str, allowed: &[String]) -> Result<Redirects, String> {
        let parsed = Url::parse(site).map_err(|error| format!("{site} is not a URL: {error}"))?;
        if parsed.host().is_none() && matches!(parsed.scheme(), "http" | "https") {
            return Err(format!("{site} names no host"));
        }
        Ok(Redirects {
            site: parsed,
            patterns: allowed.iter().map(|pattern| pattern.chars().collect()).collect(),
        })
    }

    /// The site's own URL.
    pub fn site(&self) -> &str {
        // A browser takes the URL with and without the slash for the same; the operator wrote it without.
        self.site.as_str().strip_suffix('/').unwrap_or(self.site.as_str())
    }

    /// Where a request's browser goes: where it asked to, else the page that asked, else the site.
    pub(crate) fn choose(&self, wanted: &WantedRedirect) -> String {
        [&wanted.asked, &wanted.referer]
            .into_iter()
            .flatten()
            .find(|url| self.allows(url))
            .map_or_else(|| self.site().to_owned(), Clone::clone)
    }

    /// Whether a browser may be sent there.
    pub fn allows(&self, text: &str) -> bool {
        // What a browser would read otherwise than we do is not looked at further.
        if text.chars().any(|c| c.is_control() || c == '\\' || c.is_whitespace()) {
            return false;
        }
        let Ok(url) = Url::parse(text) else { return false };
        if matches!(url.scheme(), "javascript" | "data" | "vbscript" | "blob" | "file" | "about") {
            return false;
        }
        let is_http = matches!(url.scheme(), "http" | "https");
        if is_http && (!url.username().is_empty() || url.password().is_some()) {
            return false;
        }
        if self.is_of_site(&url) {
            return true;
        }
        match url.host() {
            Some(Host::Ipv4(address)) => {
                // `http://2130706433/` is 127.0.0.1 to a browser: only the usual form is taken.
                address.is_loopback() && written_host(text) == Some(address.to_string().as_str())
            }
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(domain)) if is_http && !is_usual(domain) => false,
            Some(Host::Domain(_)) | None => {
                let compared: Vec<char> = compared(text, is_http).chars().collect();
                self.patterns.iter().any(|pattern| matches(pattern, &compared))
            }
        }
    }

    fn is_of_site(&self, url: &Url) -> bool {
        let loopback = match url.host() {
            Some(Host::Domain(domain)) => domain == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        url.host().is_some()
            && url.scheme() == self.site.scheme()
            && url.host() == self.site.host()
            && (loopback || url.port_or_known_default() == self.site.port_or_known_default())
    }
}

/// The host as it is written, without port.
fn written_host(text: &str) -> Option<&str> {
    let rest = text.split_once("://")?.1;
    let authority = rest.split(['/', '?', '#']).next()?;
    Some(authority.split(':').next().unwrap_or(authority))
}

/// What patterns are compared with: no fragment, and behind a web host always a slash, or the query of `https://evil?.example.com/` would be taken
/// for the rest of a host.
fn compared(text: &str, is_http: bool) -> String {
    let text = text.split('#').next().unwrap_or_default();
    let rest = text.find("://").map_or(text.len(), |at| at + 3);
    match text[rest..].find(['/', '?']).map(|at| rest + at) {
        Some(end) if is_http && text[end..].starts_with('?') => format!("{}/{}", &text[..end], &text[end..]),
        Some(_) | None => text.to_owned(),
    }
}

/// Letters, digits, dots and hyphens.
fn is_usual(domain: &str) -> bool {
    domain.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
        && domain.bytes().any(|byte| !byte.is_ascii_digit())
}

/// Matches the whole text. Each star is tried at each place once: time is the product of both lengths.
fn matches(pattern: &[char], text: &[char]) -> bool {
    // reach[i]: whether the pattern so far matches the first i characters.
    let mut reach = vec![false; text.len() + 1];
    reach[0] = true;
    let mut at = 0;
    while at < pattern.len() {
        let crosses = pattern[at] == '*' && pattern.get(at + 1) == Some(&'*');
        if pattern[at] == '*' {
            for i in 0..text.len() {
                if reach[i] && (crosses || !matches!(text[i], '.' | '/')) {
                    reach[i + 1] = true;
                }
            }
            at += if crosses { 2 } else { 1 };
            continue;
        }
        let (literal, width) = match (pattern[at], pattern.get(at + 1)) {
            ('\\', Some(escaped)) => (Some(*escaped), 2),
            ('?', _) => (None, 1),
            (literal, _) => (Some(literal), 1),
        };
        for i in (0..text.len()).rev() {
            let fits = match literal {
                Some(literal) => text[i] == literal,
                None => !matches!(text[i], '.' | '/'),
            };
            reach[i + 1] = reach[i] && fits;
        }
        reach[0] = false;
        at += width;
    }
    reach[text.len()]
}

#[cfg(test)]
mod tests;
