//! Functions and operators of inet and cidr.

use crate::inet::Inet;
use crate::registry::{Call, Function, immutable};
use crate::value::StoredValue;
use sqlstate::{DatabaseError, INVALID_PARAMETER_VALUE, NUMERIC_VALUE_OUT_OF_RANGE, Result};
use std::net::IpAddr;

fn inet(call: &Call<'_>, at: usize) -> Result<Inet> {
    Inet::stored(call.text(at)?)
}

/// Whether the first contains the second; strictly, if asked.
fn covers(call: &Call<'_>, container: usize, contained: usize, strict: bool) -> Result<StoredValue> {
    let (container, contained) = (inet(call, container)?, inet(call, contained)?);
    Ok((container.covers(&contained) && !(strict && container.bits == contained.bits)).into())
}

fn broadcast(inet: Inet) -> Inet {
    inet.with_number(inet.number() | inet.host_mask())
}

fn netmask(inet: Inet) -> Inet {
    let full = Inet { bits: 0, ..inet }.host_mask();
    Inet { bits: inet.width(), ..inet.with_number(full & !inet.host_mask()) }
}

fn hostmask(inet: Inet) -> Inet {
    Inet { bits: inet.width(), ..inet.with_number(inet.host_mask()) }
}

fn set_masklen(call: &Call<'_>, cidr: bool) -> Result<StoredValue> {
    let (inet, bits) = (inet(call, 0)?, call.int(1)?);
    let bits = if bits == -1 { i64::from(inet.width()) } else { bits };
    if !(0..=i64::from(inet.width())).contains(&bits) {
        return Err(DatabaseError::new(INVALID_PARAMETER_VALUE, format!("invalid mask length: {bits}")));
    }
    let changed = Inet { bits: bits as u8, ..inet };
    Ok(if cidr { changed.network().full() } else { changed.to_text() }.into())
}

fn same_family(left: &Inet, right: &Inet, operation: &str) -> Result<()> {
    if left.width() == right.width() {
        return Ok(());
    }
    Err(DatabaseError::new(
        INVALID_PARAMETER_VALUE,
        format!("cannot {operation} inet values of different sizes"),
    ))
}

fn bitwise(call: &Call<'_>, name: &str, operation: fn(u128, u128) -> u128) -> Result<StoredValue> {
    let (left, right) = (inet(call, 0)?, inet(call, 1)?);
    same_family(&left, &right, name)?;
    let result = left.with_number(operation(left.number(), right.number()));
    Ok(Inet { bits: left.bits.max(right.bits), ..result }.to_text().into())
}

fn out_of_range() -> DatabaseError {
    DatabaseError::new(NUMERIC_VALUE_OUT_OF_RANGE, "result is out of range")
}

fn add(inet: Inet, by: i64) -> Result<StoredValue> {
    let sum = inet.number().checked_add_signed(i128::from(by)).ok_or_else(out_of_range)?;
    if sum > (Inet { bits: 0, ..inet }).host_mask() {
        return Err(out_of_range());
    }
    Ok(inet.with_number(sum).to_text().into())
}

fn subtract(call: &Call<'_>) -> Result<StoredValue> {
    let (left, right) = (inet(call, 0)?, inet(call, 1)?);
    same_family(&left, &right, "subtract")?;
    let difference = if left.number() >= right.number() {
        i64::try_from(left.number() - right.number()).ok()
    } else {
        i64::try_from(right.number() - left.number()).ok().map(|size| -size)
    };
    difference.map(StoredValue::Integer).ok_or_else(out_of_range)
}

/// The smallest network that both are in.
fn merge(call: &mut Call<'_>) -> Result<StoredValue> {
    let (left, right) = (inet(call, 0)?, inet(call, 1)?);
    if left.width() != right.width() {
        return Err(DatabaseError::new(
            INVALID_PARAMETER_VALUE,
            "cannot merge addresses from different families",
        ));
    }
    let common = (left.number() ^ right.number()).leading_zeros() as u8 - (128 - left.width());
    let bits = left.bits.min(right.bits).min(common);
    Ok(Inet { bits, ..left }.network().full().into())
}

/// A network in short: the bytes of an IPv4 network that its prefix leaves at zero are left out.
fn abbreviated(network: Inet) -> Result<String> {
    let address = match network.address {
        IpAddr::V4(address) => address,
        IpAddr::V6(address) if address.to_ipv4_mapped().is_some() && network.bits < 128 => {
            return Err(DatabaseError::unsupported("abbrev() of a network of mapped addresses"));
        }
        IpAddr::V6(_) => return Ok(network.full()),
    };
    let bytes = address.octets();
    let shown = usize::from(network.bits.div_ceil(8)).max(1);
    let text: Vec<String> = bytes[..shown].iter().map(u8::to_string).collect();
    Ok(format!("{}/{}", text.join("."), network.bits))
}

pub(super) static FUNCTIONS: &[Function] = &[
    immutable("inet_merge", merge),
    immutable("cidr_abbrev", |call| Ok(abbreviated(inet(call, 0)?)?.into())),
    immutable("network_sub", |call| covers(call, 1, 0, true)),
    immutable("network_subeq", |call| covers(call, 1, 0, false)),
    immutable("network_sup", |call| covers(call, 0, 1, true)),
    immutable("network_supeq", |call| covers(call, 0, 1, false)),
    immutable("network_overlap", |call| {
        let (left, right) = (inet(call, 0)?, inet(call, 1)?);
        Ok((left.covers(&right) || right.covers(&left)).into())
    }),
    immutable("network_host", |call| Ok(inet(call, 0)?.host().into())),
    immutable("network_show", |call| Ok(inet(call, 0)?.full().into())),
    immutable("inet_abbrev", |call| Ok(inet(call, 0)?.to_text().into())),
    immutable("network_family", |call| Ok(if inet(call, 0)?.width() == 32 { 4 } else { 6 }.into())),
    immutable("network_masklen", |call| Ok(i64::from(inet(call, 0)?.bits).into())),
    immutable("network_network", |call| Ok(inet(call, 0)?.network().full().into())),
    immutable("network_broadcast", |call| Ok(broadcast(inet(call, 0)?).to_text().into())),
    immutable("network_netmask", |call| Ok(netmask(inet(call, 0)?).to_text().into())),
    immutable("network_hostmask", |call| Ok(hostmask(inet(call, 0)?).to_text().into())),
    immutable("inet_set_masklen", |call| set_masklen(call, false)),
    immutable("cidr_set_masklen", |call| set_masklen(call, true)),
    immutable("inet_to_cidr", |call| Ok(inet(call, 0)?.network().full().into())),
    immutable("inet_same_family", |call| Ok((inet(call, 0)?.width() == inet(call, 1)?.width()).into())),
    immutable("inetnot", |call| {
        let inet = inet(call, 0)?;
        let full = Inet { bits: 0, ..inet }.host_mask();
        Ok(inet.with_number(!inet.number() & full).to_text().into())
    }),
    immutable("inetand", |call| bitwise(call, "AND", |left, right| left & right)),
    immutable("inetor", |call| bitwise(call, "OR", |left, right| left | right)),
    immutable("inetpl", |call| add(inet(call, 0)?, call.int(1)?)),
    immutable("int8pl_inet_int8_inet", |call| add(inet(call, 1)?, call.int(0)?)),
    immutable("inetmi_int8", |call| add(inet(call, 0)?, call.int(1)?.wrapping_neg())),
    immutable("inetmi", |call| subtract(call)),
    immutable("network_larger", |call| {
        let (left, right) = (inet(call, 0)?, inet(call, 1)?);
        Ok(if left.compare(&right).is_gt() { call.text(0)? } else { call.text(1)? }.into())
    }),
    immutable("network_smaller", |call| {
        let (left, right) = (inet(call, 0)?, inet(call, 1)?);
        Ok(if left.compare(&right).is_lt() { call.text(0)? } else { call.text(1)? }.into())
    }),
];
