//! The plain text of a letter of which only the HTML was written.

/// What a reader without HTML sees: the text, a line for each block, and where links lead.
pub(super) fn of_html(html: &str) -> String {
    let mut out = Lines::default();
    let mut link: Option<(String, usize)> = None;
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        out.text(&rest[..at]);
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end + 3..]);
            continue;
        }
        let name_at = if rest[1..].starts_with('/') { 2 } else { 1 };
        if !rest[name_at..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '!') {
            out.text("<");
            rest = &rest[1..];
            continue;
        }
        let end = tag_end(rest);
        let tag = &rest[name_at..end];
        rest = rest.get(end + 1..).unwrap_or("");
        let name_end = tag.find(|c: char| c.is_ascii_whitespace() || c == '/').unwrap_or(tag.len());
        let name = tag[..name_end].to_ascii_lowercase();
        let closes = name_at == 2;
        match name.as_str() {
            "head" | "style" | "script" | "title" | "template" if !closes => rest = after_end(rest, &name),
            "br" => out.line(),
            "hr" => {
                out.paragraph();
                out.text("---");
                out.paragraph();
            }
            "li" if !closes => {
                out.line();
                out.text("- ");
            }
            "td" | "th" => out.text(" "),
            "li" | "div" | "tr" | "table" | "tbody" | "section" | "header" | "footer" | "center" => {
                out.line()
            }
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "ul" | "ol" | "blockquote" | "pre" => {
                out.paragraph()
            }
            "a" if closes => {
                if let Some((url, begun)) = link.take() {
                    let already = out.text[begun.min(out.text.len())..].contains(&url);
                    if !already {
                        out.text(" ");
                        out.push(&format!("<{url}>"));
                    }
                }
            }
            "a" => {
                link = attribute(tag, "href").filter(|url| !url.is_empty()).map(|url| (url, out.text.len()))
            }
            "img" => {
                if let Some(instead) = attribute(tag, "alt") {
                    out.push(&instead);
                }
            }
            _ => {}
        }
    }
    out.text(rest);
    let mut text = out.text.trim().to_owned();
    text.push('\n');
    text
}

/// Text that grows by words and lines.
#[derive(Default)]
struct Lines {
    text: String,
    space: bool,
}

impl Lines {
    /// HTML's text: entities are read, white space is one space.
    fn text(&mut self, html: &str) {
        let decoded = decode(html);
        for character in decoded.chars() {
            if character.is_ascii_whitespace() {
                self.space = true;
                continue;
            }
            if std::mem::take(&mut self.space) && !self.text.is_empty() && !self.text.ends_with('\n') {
                self.text.push(' ');
            }
            self.text.push(character);
        }
    }

    fn push(&mut self, text: &str) {
        if std::mem::take(&mut self.space)
            && !self.text.is_empty()
            && !self.text.ends_with(char::is_whitespace)
        {
            self.text.push(' ');
        }
        self.text.push_str(text);
    }

    fn line(&mut self) {
        self.space = false;
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    fn paragraph(&mut self) {
        self.line();
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }
}

/// Where a tag's `>` is, quotes regarded; the end of the text when there is none.
fn tag_end(tag: &str) -> usize {
    let mut quote = None;
    for (at, byte) in tag.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    tag.len()
}

/// What follows an element's end tag.
fn after_end<'a>(rest: &'a str, name: &str) -> &'a str {
    let closing = format!("</{name}");
    let found = rest.to_ascii_lowercase().find(&closing);
    let Some(at) = found else { return "" };
    rest[at..].find('>').map_or("", |end| &rest[at + end + 1..])
}

/// An attribute's value.
fn attribute(tag: &str, wanted: &str) -> Option<String> {
    let mut rest = &tag[tag.find(|c: char| c.is_ascii_whitespace())?..];
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if rest.is_empty() {
            return None;
        }
        let end = rest.find(|c: char| c.is_ascii_whitespace() || c == '=').unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let after = after.trim_start();
        let Some(value) = after.strip_prefix('=') else {
            // At least one character was the name's, so this ends.
            rest = if name.is_empty() { after.get(1..).unwrap_or("") } else { after };
            continue;
        };
        let value = value.trim_start();
        let (value, after) = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let inner = &value[1..];
                let end = inner.find(quote).unwrap_or(inner.len());
                (&inner[..end], inner.get(end + 1..).unwrap_or(""))
            }
            _ => value.split_at(value.find(|c: char| c.is_ascii_whitespace()).unwrap_or(value.len())),
        };
        if name.eq_ignore_ascii_case(wanted) {
            return Some(decode(value));
        }
        rest = after;
    }
}

/// Reads the entities that mails use; what is unknown stays as it is.
fn decode(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let read = rest
            .bytes()
            .take(11)
            .position(|byte| byte == b';')
            .and_then(|end| Some((entity(&rest[1..end])?, end)));
        match read {
            Some((character, end)) => {
                out.push(character);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "copy" => '©',
        "reg" => '®',
        "trade" => '™',
        "hellip" => '…',
        "mdash" => '—',
        "ndash" => '–',
        "lsquo" => '‘',
        "rsquo" => '’',
        "ldquo" => '“',
        "rdquo" => '”',
        "middot" => '·',
        "bull" => '•',
        "rarr" => '→',
        "larr" => '←',
        "zwnj" => '\u{200c}',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|c| !c.is_control() || *c == '\n')?
        }
    })
}
