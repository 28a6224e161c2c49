//! The functions that the compiler calls for syntax, where PostgreSQL has an expression node and no function.
//!
//! All are typed (the signature comes first) unless said otherwise. `S` below stands for the signature.
//!
//! | call | means |
//! |---|---|
//! | `type_input(S, text, typmod)` | the input function of the result type on a text value |
//! | `type_output(S, value, typmod)` | the output function of the argument's type; typmod matters to char(n) only |
//! | `cast_io(S, value)` | a cast by output and input (`castmethod` i) |
//! | `array(S, e1, e2 …)` | `ARRAY[e1, e2 …]`; elements that are arrays themselves make one more dimension |
//! | `array_map(S, array, prosrc, typmod, explicit)` | an array cast: the cast function per element; prosrc `''` for a binary cast, `'io'` by input and output |
//! | `array_subscript(S, array, i, j …)` | `a[i][j]` |
//! | `array_slice(S, array, lower, upper …)` | `a[l:u]`, NULL for an omitted bound |
//! | `array_assign(S, array, value, i …)` | the array with `a[i] = value` |
//! | `any_of(S, prosrc, left, array)` | `left op ANY (array)`; S: left, array, bool; prosrc of the operator's function |
//! | `all_of(S, prosrc, left, array)` | `left op ALL (array)` |
//! | `row(S, f1, f2 …)` | a composite value of the result type from its fields |
//! | `row_field(S, row, n)` | field n (from 0) of a composite value |
//! | `row_to_json_shape(shape, f1, f2 …)` | untyped: `row_to_json` of a record; shape is a JSON text constant `[["name", oid, typmod], …]` |
//! | `to_jsonb_shape(shape, f1, f2 …)` | untyped: `to_jsonb` of a record |
//! | `greatest(S, …)`, `least(S, …)` | GREATEST, LEAST: NULLs ignored, PostgreSQL's comparison of the result type |
//! | `fail(sqlstate, message)` | untyped: raises that error |
//!
//! Aggregates of records: `json_agg_shape(shape, f1, …)` and `jsonb_agg_shape(shape, f1, …)`, untyped. A NULL row (outer join)
//! is passed with shape NULL.

use crate::registry::Function;

pub(crate) static FUNCTIONS: &[Function] = &[];
