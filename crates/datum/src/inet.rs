//! inet and cidr: addresses with a prefix length.

use sqlstate::{DatabaseError, INVALID_TEXT_REPRESENTATION, Result};
use std::cmp::Ordering;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address and the length of its network's prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Inet {
    /// The address.
    pub(crate) address: IpAddr,
    /// The prefix length in bits.
    pub(crate) bits: u8,
}

impl Inet {
    /// The length of an address of this family in bits.
    pub(crate) fn width(&self) -> u8 {
        match self.address {
            IpAddr::V4(_) => 32,
            IpAddr::V6(_) => 128,
        }
    }

    /// The address in the lowest bits.
    pub(crate) fn number(&self) -> u128 {
        match self.address {
            IpAddr::V4(address) => u128::from(u32::from(address)),
            IpAddr::V6(address) => u128::from(address),
        }
    }

    /// An address of the same family.
    pub(crate) fn with_number(&self, number: u128) -> Inet {
        let address = match self.address {
            IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::from(number as u32)),
            IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::from(number)),
        };
        Inet { address, bits: self.bits }
    }

    /// The bits of the host part.
    pub(crate) fn host_mask(&self) -> u128 {
        let host = u32::from(self.width() - self.bits);
        if host == 128 { u128::MAX } else { (1u128 << host) - 1 }
    }

    /// inet's input function.
    pub(crate) fn input(text: &str) -> Result<Inet> {
        Inet::parse(text).ok_or_else(|| {
            DatabaseError::new(
                INVALID_TEXT_REPRESENTATION,
                format!("invalid input syntax for type inet: \"{text}\""),
            )
        })
    }

    /// cidr's input function: no bits right of the prefix.
    pub(crate) fn cidr_input(text: &str) -> Result<Inet> {
        let invalid = || {
            DatabaseError::new(
                INVALID_TEXT_REPRESENTATION,
                format!("invalid input syntax for type cidr: \"{text}\""),
            )
        };
        let inet = Inet::parse_cidr(text).ok_or_else(invalid)?;
        if inet.number() & inet.host_mask() != 0 {
            return Err(DatabaseError::new(
                INVALID_TEXT_REPRESENTATION,
                format!("invalid cidr value: \"{text}\""),
            )
            .with_detail("Value has bits set to right of mask."));
        }
        Ok(inet)
    }

    fn parse(text: &str) -> Option<Inet> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = if address.contains(':') {
            IpAddr::V6(address.parse().ok()?)
        } else {
            // Beside a prefix the bytes that it does not reach may be left out: `10/8`.
            let given = address.split('.').count();
            let reached: usize = bits.and_then(|bits| bits.parse().ok()).unwrap_or(32);
            let missing = if given < 4 && reached.div_ceil(8) <= given { 4 - given } else { 0 };
            IpAddr::V4(parse_v4(&format!("{address}{}", ".0".repeat(missing)))?)
        };
        let full = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            None => full,
            Some(bits) => {
                if bits.is_empty() || !bits.bytes().all(|byte| byte.is_ascii_digit()) {
                    return None;
                }
                bits.parse().ok().filter(|bits| *bits <= full)?
            }
        };
        Some(Inet { address, bits })
    }

    /// As `parse`, with cidr's abbreviations: `10`, `10.1/16`, prefix by address class.
    fn parse_cidr(text: &str) -> Option<Inet> {
        if text.contains(':') {
            return Inet::parse(text);
        }
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let parts: Vec<&str> = address.split('.').collect();
        if parts.len() > 4 {
            return None;
        }
        let mut octets = [0u8; 4];
        for (octet, part) in octets.iter_mut().zip(&parts) {
            *octet = parse_octet(part)?;
        }
        let bits = match bits {
            Some(bits) => Inet::parse(&format!("0.0.0.0/{bits}"))?.bits,
            None if parts.len() == 4 => 32,
            None => {
                let class = match octets[0] {
                    240.. => 32,
                    224.. => 8,
                    192.. => 24,
                    128.. => 16,
                    _ => 8,
                };
                let bits = class.max(parts.len() as u8 * 8);
                // A multicast address without more is the multicast network.
                if bits == 8 && octets[0] == 224 { 4 } else { bits }
            }
        };
        Some(Inet { address: IpAddr::V4(octets.into()), bits })
    }

    /// A stored inet, which is canonical text.
    pub(crate) fn stored(text: &str) -> Result<Inet> {
        Inet::input(text).map_err(|_| DatabaseError::internal(format_args!("stored inet {text:?}")))
    }

    /// inet's output: the prefix only where it is not the whole address.
    pub(crate) fn to_text(self) -> String {
        if self.bits == self.width() { self.host() } else { self.full() }
    }

    /// cidr's output: always with the prefix.
    pub(crate) fn full(self) -> String {
        format!("{}/{}", self.host(), self.bits)
    }

    /// The address alone.
    pub(crate) fn host(self) -> String {
        match self.address {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => {
                let segments = address.segments();
                // IPv4-compatible addresses keep their dotted end, as PostgreSQL prints them.
                if segments[..6].iter().all(|segment| *segment == 0) && segments[6] != 0 {
                    let [.., a, b, c, d] = address.octets();
                    format!("::{a}.{b}.{c}.{d}")
                } else {
                    address.to_string()
                }
            }
        }
    }

    /// The network: host bits zeroed.
    pub(crate) fn network(self) -> Inet {
        self.with_number(self.number() & !self.host_mask())
    }

    /// Whether the other's network lies within this one's, or equals it.
    pub(crate) fn covers(&self, other: &Inet) -> bool {
        self.width() == other.width()
            && self.bits <= other.bits
            && (self.number() ^ other.number()) & !self.host_mask() & full_mask(self.width()) == 0
    }

    pub(crate) fn compare(&self, other: &Inet) -> Ordering {
        if self.width() != other.width() {
            return self.width().cmp(&other.width());
        }
        let common = self.bits.min(other.bits);
        let shared = Inet { address: self.address, bits: common };
        let mask = !shared.host_mask();
        (self.number() & mask)
            .cmp(&(other.number() & mask))
            .then_with(|| self.bits.cmp(&other.bits))
            .then_with(|| self.number().cmp(&other.number()))
    }
}

fn full_mask(width: u8) -> u128 {
    if width == 128 { u128::MAX } else { (1u128 << width) - 1 }
}

fn parse_octet(text: &str) -> Option<u8> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse::<u32>().ok().and_then(|value| u8::try_from(value).ok())
}

fn parse_v4(text: &str) -> Option<Ipv4Addr> {
    let mut octets = [0u8; 4];
    let mut parts = text.split('.');
    for octet in &mut octets {
        *octet = parse_octet(parts.next()?)?;
    }
    parts.next().is_none().then(|| octets.into())
}

/// What the collation `pg_inet` does.
pub(crate) fn compare_text(left: &str, right: &str) -> Ordering {
    match (Inet::input(left), Inet::input(right)) {
        (Ok(left), Ok(right)) => left.compare(&right),
        _ => left.cmp(right),
    }
}
