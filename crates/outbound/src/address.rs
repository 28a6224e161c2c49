//! What an address leads to, by IANA's registries of special-purpose addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What an address leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// A machine of the public network.
    Public,
    /// This machine.
    Loopback,
    /// A private network: reached only where the operator names the host.
    Private,
    /// Nothing that is ever to be asked: nobody, everybody, the link, a cloud's metadata, or an address in disguise.
    Never,
}

/// Azure's door to the machine's own platform, an address of the public space.
const AZURE_PLATFORM: Ipv4Addr = Ipv4Addr::new(168, 63, 129, 16);

/// Amazon's metadata over IPv6.
const AMAZON_METADATA: Ipv6Addr = Ipv6Addr::new(0xfd00, 0x0ec2, 0, 0, 0, 0, 0, 0x0254);

/// Alibaba's metadata, in the range of carriers.
const ALIBABA_METADATA: Ipv4Addr = Ipv4Addr::new(100, 100, 100, 200);

pub(crate) fn reach(address: IpAddr) -> Reach {
    match address {
        IpAddr::V4(address) => reach_v4(address),
        IpAddr::V6(address) => reach_v6(address),
    }
}

fn reach_v4(address: Ipv4Addr) -> Reach {
    if address == AZURE_PLATFORM || address == ALIBABA_METADATA {
        return Reach::Never;
    }
    match address.octets() {
        [127, ..] => Reach::Loopback,
        [10, ..] | [192, 168, ..] | [172, 16..=31, ..] | [100, 64..=127, ..] => Reach::Private,
        // This network, the link (with the metadata of most clouds), protocol assignments, documentation, relays,
        // benchmarks, multicast, and what is reserved up to the broadcast.
        [0, ..]
        | [169, 254, ..]
        | [192, 0, 0 | 2, _]
        | [192, 88, 99, _]
        | [198, 18 | 19, ..]
        | [198, 51, 100, _]
        | [203, 0, 113, _]
        | [224..=255, ..] => Reach::Never,
        _ => Reach::Public,
    }
}

fn reach_v6(address: Ipv6Addr) -> Reach {
    if address == Ipv6Addr::LOCALHOST {
        return Reach::Loopback;
    }
    if address == AMAZON_METADATA {
        return Reach::Never;
    }
    match address.segments() {
        // A translator of a network without IPv4 (RFC 6052) leads where the address within leads.
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
            match reach_v4(Ipv4Addr::new(a, b, c, d)) {
                Reach::Public => Reach::Public,
                Reach::Loopback | Reach::Private | Reach::Never => Reach::Never,
            }
        }
        // Unique local addresses.
        [0xfc00..=0xfdff, ..] => Reach::Private,
        // Protocol assignments (Teredo, benchmarks, ORCHID), documentation, 6to4.
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x2002, ..] | [0x3fff, 0..=0xfff, ..] => {
            Reach::Never
        }
        // The public network is this range; all else is the link, multicast, mapped IPv4, or given to nobody.
        [0x2000..=0x3fff, ..] => Reach::Public,
        _ => Reach::Never,
    }
}
