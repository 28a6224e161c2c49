//! The built-in functions, by theme.

mod binary;
mod bits;
pub(crate) mod comparison;
mod crypt;
mod crypto;
mod digests;
mod floats;
mod hashes;
mod integers;
mod like;
mod networks;
mod numerics;
mod series;
pub(crate) mod session;
pub(crate) mod single;
mod texts;
mod trigonometry;
mod unicode;
mod words;

use crate::registry::{Function, SetFunction};

/// All scalar functions.
pub(crate) static TABLES: &[&[Function]] = &[
    comparison::INTEGERS,
    comparison::FLOATS,
    comparison::BYTES,
    comparison::TEXTS,
    comparison::BPCHARS,
    comparison::NUMERICS,
    comparison::INTERVALS,
    comparison::NETWORKS,
    comparison::JSONB,
    comparison::CITEXTS,
    comparison::VECTORS,
    comparison::ARRAYS,
    crate::record::FUNCTIONS,
    integers::ARITHMETIC,
    integers::FUNCTIONS,
    floats::ARITHMETIC,
    floats::FUNCTIONS,
    numerics::FUNCTIONS,
    texts::FUNCTIONS,
    digests::FUNCTIONS,
    like::FUNCTIONS,
    session::FUNCTIONS,
    binary::FUNCTIONS,
    bits::FUNCTIONS,
    crypt::FUNCTIONS,
    crypto::FUNCTIONS,
    hashes::FUNCTIONS,
    single::FUNCTIONS,
    trigonometry::FUNCTIONS,
    unicode::FUNCTIONS,
    words::FUNCTIONS,
    crate::array::functions::FUNCTIONS,
    crate::array::operators::FUNCTIONS,
    crate::json::access::FUNCTIONS,
    crate::json::build::FUNCTIONS,
    crate::json::change::FUNCTIONS,
    crate::json::path::FUNCTIONS,
    crate::json::populate::FUNCTIONS,
    crate::time::functions::FUNCTIONS,
    crate::time::functions::COMPARISONS,
    crate::time::fields::FUNCTIONS,
    crate::time::time_tz::FUNCTIONS,
    crate::regexp::FUNCTIONS,
    networks::FUNCTIONS,
    crate::syntax::FUNCTIONS,
    crate::search::TABLES[0],
    crate::search::TABLES[1],
    crate::search::TABLES[2],
    crate::search::TABLES[3],
    crate::search::TABLES[4],
    crate::vector::FUNCTIONS,
];

/// All set-returning functions.
pub(crate) static SET_TABLES: &[&[SetFunction]] = &[
    crate::array::sets::FUNCTIONS,
    crate::json::sets::FUNCTIONS,
    crate::json::path::SET_FUNCTIONS,
    crate::json::populate::SET_FUNCTIONS,
    crate::time::zone::SET_FUNCTIONS,
    series::FUNCTIONS,
    crate::regexp::SET_FUNCTIONS,
    crate::search::SETS[0],
    crate::search::SETS[1],
];
