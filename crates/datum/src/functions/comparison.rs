//! `=`, `<>`, `<`, `<=`, `>`, `>=` of every type, and the three-way comparisons.
//!
//! SQLite's own operators do as well where a type's stored form has SQLite's order; these serve the others.

use crate::collate::{self, Order, compare_folded};
use crate::inet::Inet;
use crate::numeric;
use crate::registry::{Call, Function, immutable};
use crate::time::interval;
use crate::{json, value::Stored, vector};
use sqlstate::Result;
use std::cmp::Ordering;

/// Six operators a prefix; `$order` compares the two arguments.
macro_rules! comparisons {
    ($table:ident, $order:ident, $($eq:literal $ne:literal $lt:literal $le:literal $gt:literal $ge:literal;)* $(cmp $cmp:literal;)*) => {
        pub(super) static $table: &[Function] = &[
            $(
                immutable($eq, |call| Ok($order(call)?.is_eq().into())),
                immutable($ne, |call| Ok($order(call)?.is_ne().into())),
                immutable($lt, |call| Ok($order(call)?.is_lt().into())),
                immutable($le, |call| Ok($order(call)?.is_le().into())),
                immutable($gt, |call| Ok($order(call)?.is_gt().into())),
                immutable($ge, |call| Ok($order(call)?.is_ge().into())),
            )*
            $(immutable($cmp, |call| Ok((($order(call)?) as i64).into())),)*
        ];
    };
}

fn integers(call: &Call<'_>) -> Result<Ordering> {
    Ok(call.int(0)?.cmp(&call.int(1)?))
}

fn floats(call: &Call<'_>) -> Result<Ordering> {
    let (left, right) = (call.real(0)?, call.real(1)?);
    Ok(left.partial_cmp(&right).unwrap_or_else(|| left.is_nan().cmp(&right.is_nan())))
}

fn bytes(call: &Call<'_>) -> Result<Ordering> {
    Ok(call.blob(0)?.cmp(call.blob(1)?))
}

fn texts(call: &Call<'_>) -> Result<Ordering> {
    Ok(call.text(0)?.cmp(call.text(1)?))
}

fn bpchars(call: &Call<'_>) -> Result<Ordering> {
    Ok(call.text(0)?.trim_end_matches(' ').cmp(call.text(1)?.trim_end_matches(' ')))
}

fn numerics(call: &Call<'_>) -> Result<Ordering> {
    Ok(numeric::compare_text(call.text(0)?, call.text(1)?))
}

fn intervals(call: &Call<'_>) -> Result<Ordering> {
    Ok(interval::compare_text(call.text(0)?, call.text(1)?))
}

fn networks(call: &Call<'_>) -> Result<Ordering> {
    Ok(Inet::stored(call.text(0)?)?.compare(&Inet::stored(call.text(1)?)?))
}

fn jsonb(call: &Call<'_>) -> Result<Ordering> {
    Ok(json::compare_text(call.text(0)?, call.text(1)?))
}

fn citexts(call: &Call<'_>) -> Result<Ordering> {
    Ok(compare_folded(call.text(0)?, call.text(1)?))
}

fn vectors(call: &Call<'_>) -> Result<Ordering> {
    Ok(vector::compare_text(call.text(0)?, call.text(1)?))
}

/// Arrays need their type: their elements' order is the type's.
fn arrays(call: &Call<'_>) -> Result<Ordering> {
    let ty = call.type_of(0)?;
    let order = collate::order(ty, call.context.types()).unwrap_or(Order::Bytes);
    Ok(order.compare(call.text(0)?, call.text(1)?))
}

/// Equality of arrays, of which their first subscripts are a part: the order does not look at them.
fn same_arrays(call: &Call<'_>) -> Result<bool> {
    let bounds = |at: usize| call.text(at).map(|text| crate::array::split_bounds(text).0);
    Ok(arrays(call)?.is_eq() && bounds(0)? == bounds(1)?)
}

/// The order of two values of a type, NULL last; for GREATEST, min, max, sorting of elements.
pub(crate) fn stored(
    ty: crate::Oid,
    left: Stored<'_>,
    right: Stored<'_>,
    types: &dyn crate::TypeSource,
) -> Ordering {
    match (left, right) {
        (Stored::Null, Stored::Null) => Ordering::Equal,
        (Stored::Null, _) => Ordering::Greater,
        (_, Stored::Null) => Ordering::Less,
        (Stored::Integer(left), Stored::Integer(right)) => left.cmp(&right),
        (Stored::Real(left), Stored::Real(right)) => {
            left.partial_cmp(&right).unwrap_or_else(|| left.is_nan().cmp(&right.is_nan()))
        }
        (Stored::Integer(left), Stored::Real(right)) => (left as f64).total_cmp(&right),
        (Stored::Real(left), Stored::Integer(right)) => left.total_cmp(&(right as f64)),
        (Stored::Blob(left), Stored::Blob(right)) => left.cmp(right),
        (Stored::Text(left), Stored::Text(right)) => match collate::order(ty, types) {
            Some(order) => order.compare(left, right),
            None => left.cmp(right),
        },
        // Values of one type are of one kind; what is not stays in SQLite's order of kinds.
        (Stored::Integer(_) | Stored::Real(_), _) | (Stored::Text(_), Stored::Blob(_)) => Ordering::Less,
        (Stored::Text(_) | Stored::Blob(_), _) => Ordering::Greater,
    }
}

comparisons!(INTEGERS, integers,
    "int2eq" "int2ne" "int2lt" "int2le" "int2gt" "int2ge";
    "int4eq" "int4ne" "int4lt" "int4le" "int4gt" "int4ge";
    "int8eq" "int8ne" "int8lt" "int8le" "int8gt" "int8ge";
    "int24eq" "int24ne" "int24lt" "int24le" "int24gt" "int24ge";
    "int42eq" "int42ne" "int42lt" "int42le" "int42gt" "int42ge";
    "int28eq" "int28ne" "int28lt" "int28le" "int28gt" "int28ge";
    "int82eq" "int82ne" "int82lt" "int82le" "int82gt" "int82ge";
    "int48eq" "int48ne" "int48lt" "int48le" "int48gt" "int48ge";
    "int84eq" "int84ne" "int84lt" "int84le" "int84gt" "int84ge";
    "oideq" "oidne" "oidlt" "oidle" "oidgt" "oidge";
    "booleq" "boolne" "boollt" "boolle" "boolgt" "boolge";
    "date_eq" "date_ne" "date_lt" "date_le" "date_gt" "date_ge";
    "time_eq" "time_ne" "time_lt" "time_le" "time_gt" "time_ge";
    "timestamp_eq" "timestamp_ne" "timestamp_lt" "timestamp_le" "timestamp_gt" "timestamp_ge";
    "enum_eq" "enum_ne" "enum_lt" "enum_le" "enum_gt" "enum_ge";
    cmp "btint2cmp"; cmp "btint4cmp"; cmp "btint8cmp"; cmp "date_cmp"; cmp "time_cmp"; cmp "timestamp_cmp";
    cmp "enum_cmp"; cmp "btboolcmp"; cmp "btoidcmp"; cmp "btint24cmp"; cmp "btint42cmp"; cmp "btint28cmp"; cmp "btint82cmp";
    cmp "btint48cmp"; cmp "btint84cmp";
);

comparisons!(FLOATS, floats,
    "float4eq" "float4ne" "float4lt" "float4le" "float4gt" "float4ge";
    "float8eq" "float8ne" "float8lt" "float8le" "float8gt" "float8ge";
    "float48eq" "float48ne" "float48lt" "float48le" "float48gt" "float48ge";
    "float84eq" "float84ne" "float84lt" "float84le" "float84gt" "float84ge";
    cmp "btfloat8cmp"; cmp "btfloat4cmp"; cmp "btfloat48cmp"; cmp "btfloat84cmp";
);

comparisons!(BYTES, bytes,
    "byteaeq" "byteane" "bytealt" "byteale" "byteagt" "byteage";
    "uuid_eq" "uuid_ne" "uuid_lt" "uuid_le" "uuid_gt" "uuid_ge";
    cmp "uuid_cmp"; cmp "byteacmp";
);

comparisons!(TEXTS, texts,
    "texteq" "textne" "text_lt" "text_le" "text_gt" "text_ge";
    "nameeq" "namene" "namelt" "namele" "namegt" "namege";
    "nameeqtext" "namenetext" "namelttext" "nameletext" "namegttext" "namegetext";
    "texteqname" "textnename" "textltname" "textlename" "textgtname" "textgename";
    cmp "bttextcmp"; cmp "btnamecmp"; cmp "btnametextcmp"; cmp "bttextnamecmp"; cmp "bttext_pattern_cmp";
);

comparisons!(BPCHARS, bpchars,
    "bpchareq" "bpcharne" "bpcharlt" "bpcharle" "bpchargt" "bpcharge";
    cmp "bpcharcmp"; cmp "btbpchar_pattern_cmp";
);

comparisons!(NUMERICS, numerics,
    "numeric_eq" "numeric_ne" "numeric_lt" "numeric_le" "numeric_gt" "numeric_ge";
    cmp "numeric_cmp";
);

comparisons!(INTERVALS, intervals,
    "interval_eq" "interval_ne" "interval_lt" "interval_le" "interval_gt" "interval_ge";
    cmp "interval_cmp";
);

comparisons!(NETWORKS, networks,
    "network_eq" "network_ne" "network_lt" "network_le" "network_gt" "network_ge";
    cmp "network_cmp";
);

comparisons!(JSONB, jsonb,
    "jsonb_eq" "jsonb_ne" "jsonb_lt" "jsonb_le" "jsonb_gt" "jsonb_ge";
    cmp "jsonb_cmp";
);

comparisons!(CITEXTS, citexts,
    "citext_eq" "citext_ne" "citext_lt" "citext_le" "citext_gt" "citext_ge";
    cmp "citext_cmp";
);

comparisons!(VECTORS, vectors,
    "vector_eq" "vector_ne" "vector_lt" "vector_le" "vector_gt" "vector_ge";
    cmp "vector_cmp";
);

pub(super) static ARRAYS: &[Function] = &[
    immutable("array_eq", |call| Ok(same_arrays(call)?.into())).typed(),
    immutable("array_ne", |call| Ok((!same_arrays(call)?).into())).typed(),
    immutable("array_lt", |call| Ok(arrays(call)?.is_lt().into())).typed(),
    immutable("array_le", |call| Ok(arrays(call)?.is_le().into())).typed(),
    immutable("array_gt", |call| Ok(arrays(call)?.is_gt().into())).typed(),
    immutable("array_ge", |call| Ok(arrays(call)?.is_ge().into())).typed(),
    immutable("btarraycmp", |call| Ok((arrays(call)? as i64).into())).typed(),
];
