//! Network addresses: what is loopback, and whose word about the caller's address is believed.

use std::net::IpAddr;

/// A range of addresses: one address, or `10.0.0.0/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    base: IpAddr,
    bits: u8,
}

impl Range {
    /// Reads an address or a range.
    ///
    /// # Errors
    /// What is expected.
    pub fn parse(text: &str) -> Result<Range, String> {
        let expected = || format!("{text} is neither an address nor a range such as 10.0.0.0/8");
        let (base, bits) = match text.split_once('/') {
            Some((base, bits)) => (base, Some(bits.parse::<u8>().map_err(|_| expected())?)),
            None => (text, None),
        };
        let base: IpAddr = base.trim().parse().map_err(|_| expected())?;
        let widest = if base.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(widest);
        if bits <= widest { Ok(Range { base: base.to_canonical(), bits }) } else { Err(expected()) }
    }

    /// Whether the address lies within.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.base, address.to_canonical()) {
            (IpAddr::V4(base), IpAddr::V4(address)) => {
                let shift = 32 - u32::from(self.bits.min(32));
                u32::from(base).checked_shr(shift).unwrap_or(0)
                    == u32::from(address).checked_shr(shift).unwrap_or(0)
            }
            (IpAddr::V6(base), IpAddr::V6(address)) => {
                let shift = 128 - u32::from(self.bits.min(128));
                u128::from(base).checked_shr(shift).unwrap_or(0)
                    == u128::from(address).checked_shr(shift).unwrap_or(0)
            }
            _ => false,
        }
    }
}

/// The address of the caller: the peer's, unless the peer is a proxy that we trust; then the last address of
/// `X-Forwarded-For` that is not such a proxy itself.
pub fn client(peer: IpAddr, forwarded: Option<&str>, trusted: &[Range]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|range| range.contains(address));
    if !is_trusted(peer) {
        return peer.to_canonical();
    }
    let mut nearest = peer;
    for part in forwarded.unwrap_or("").rsplit(',') {
        let Ok(address) = part.trim().parse::<IpAddr>() else { break };
        nearest = address;
        if !is_trusted(address) {
            break;
        }
    }
    nearest.to_canonical()
}

/// Whether a `Host` (or the authority of an origin) names this machine by a loopback name or address.
pub fn is_loopback_host(authority: &str) -> bool {
    let host = match authority.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((host, port)) if port.is_empty() || is_port(port) => host,
            _ => return false,
        },
        None => match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            Some(_) => return false,
            None => authority,
        },
    };
    if host.eq_ignore_ascii_case("localhost") || host.to_ascii_lowercase().ends_with(".localhost") {
        return true;
    }
    host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

fn is_port(text: &str) -> bool {
    text.strip_prefix(':').is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether an `Origin` header names a page of this machine. `null` (a sandboxed page or a file) does not.
pub fn is_loopback_origin(origin: &str) -> bool {
    ["http://", "https://"]
        .iter()
        .find_map(|scheme| origin.strip_prefix(scheme))
        .is_some_and(is_loopback_host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn forwarded_addresses_count_only_from_listed_proxies() {
        let trusted =
            [Range::parse("10.0.0.0/8").expect("a range"), Range::parse("::1").expect("an address")];
        assert_eq!(client(ip("203.0.113.9"), Some("127.0.0.1"), &trusted), ip("203.0.113.9"));
        assert_eq!(client(ip("10.1.2.3"), Some("198.51.100.7"), &trusted), ip("198.51.100.7"));
        assert_eq!(client(ip("10.1.2.3"), Some("127.0.0.1, 198.51.100.7"), &trusted), ip("198.51.100.7"));
        assert_eq!(client(ip("10.1.2.3"), Some("198.51.100.7, 10.9.9.9"), &trusted), ip("198.51.100.7"));
        assert_eq!(client(ip("10.1.2.3"), Some("nonsense"), &trusted), ip("10.1.2.3"));
        assert_eq!(client(ip("10.1.2.3"), None, &trusted), ip("10.1.2.3"));
        assert_eq!(client(ip("::ffff:10.1.2.3"), Some("198.51.100.7"), &trusted), ip("198.51.100.7"));
        assert_eq!(client(ip("127.0.0.1"), Some("198.51.100.7"), &[]), ip("127.0.0.1"));
    }

    #[test]
    fn ranges_know_their_width() {
        let zero = Range::parse("0.0.0.0/0").expect("a range");
        assert!(zero.contains(ip("255.1.2.3")));
        assert!(!zero.contains(ip("::1")));
        assert!(!Range::parse("10.0.0.0/9").expect("a range").contains(ip("10.128.0.0")));
        assert!(Range::parse("10.0.0.0/33").is_err());
        assert!(Range::parse("proxy.example").is_err());
    }

    #[test]
    fn only_names_of_this_machine_are_loopback() {
        for host in [
            "localhost",
            "LOCALHOST:54321",
            "127.0.0.1",
            "127.9.9.9:1",
            "[::1]",
            "[::1]:80",
            "app.localhost:3000",
        ] {
            assert!(is_loopback_host(host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "10.0.0.1",
            "[::2]:80",
            "[::1]x",
            "::1:x",
            "127.0.0.1:80@evil.example",
            "0.0.0.0",
        ] {
            assert!(!is_loopback_host(host), "{host}");
        }
    }

    #[test]
    fn origins_need_a_web_scheme() {
        assert!(is_loopback_origin("http://localhost:3000"));
        assert!(is_loopback_origin("https://127.0.0.1"));
        for origin in
            ["null", "localhost", "file://localhost", "http://evil.example", "http://localhost@evil.example"]
        {
            assert!(!is_loopback_origin(origin), "{origin}");
        }
    }
}
