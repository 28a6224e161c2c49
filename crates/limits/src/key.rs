//! What is counted together.

use std::net::IpAddr;

/// The key of a client's address. IPv6 is counted by /64: a customer gets at least that much, and every address in it.
pub fn address_key(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => format!("address:{address}"),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("address:{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// The key of an account: its e-mail address or its phone number, however it is written.
pub fn account_key(identifier: &str) -> String {
    format!("account:{}", identifier.trim().to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> String {
        address_key(text.parse().expect("an address"))
    }

    #[test]
    fn an_ipv6_network_is_one_client() {
        assert_eq!(key("2001:db8:1:2:3:4:5:6"), key("2001:db8:1:2:ffff::1"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
        assert_ne!(key("::ffff:192.0.2.1"), key("::ffff:192.0.2.2"));
    }

    #[test]
    fn an_account_is_the_same_however_it_is_written() {
        assert_eq!(account_key(" Ann@Example.com"), account_key("ann@example.com"));
        assert_ne!(account_key("ann@example.com"), account_key("bob@example.com"));
        assert_ne!(account_key("192.0.2.1"), key("192.0.2.1"));
    }
}
