//! The built-in functions, by theme.

mod comparison;
mod floats;
mod integers;
mod numerics;

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
    comparison::ARRAYS,
    integers::ARITHMETIC,
    integers::FUNCTIONS,
    floats::ARITHMETIC,
    floats::FUNCTIONS,
    numerics::FUNCTIONS,
    crate::syntax::FUNCTIONS,
];

/// All set-returning functions.
pub(crate) static SET_TABLES: &[&[SetFunction]] = &[];
