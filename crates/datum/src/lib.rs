//! PostgreSQL's data types and built-in functions over the *stored form*: what an SQLite column holds.
//!
//! Pure: no SQLite, no I/O. `compile` folds literals with [`input`] and asks [`function`] what is
//! implemented (no entry: 0A000); the embedded engine registers each entry as SQLite function `pg_<name>`.
//!
//! # Stored forms
//!
//! | type | stored |
//! |---|---|
//! | bool | `Integer` 0 or 1 |
//! | "char" | `Integer`, the byte |
//! | bit, varbit | `Text` of `0` and `1` |
//! | int2, int4, int8, oid | `Integer` |
//! | float4, float8 | `Real`; float4 rounded to `f32`; NaN is the `Text` `NaN`, which SQLite sorts above every number |
//! | numeric | `Text`, as PostgreSQL prints it (`12.50`, `NaN`, `Infinity`), collation `pg_numeric` |
//! | text, varchar, name, xml | `Text` |
//! | bpchar | `Text` with its trailing spaces, collation `RTRIM` (SQLite's own) |
//! | uuid | `Blob` of 16 |
//! | timestamptz, timestamp | `Integer` µs since 2000-01-01; `i64::MIN` and `MAX` are ∓infinity |
//! | date | `Integer` days since 2000-01-01; `i32::MIN` and `MAX` are ∓infinity |
//! | time | `Integer` µs since midnight |
//! | timetz | `Text` as PostgreSQL prints it (`03:04:05-08`), collation `pg_timetz` |
//! | interval | `Text` as PostgreSQL prints it (`1 mon 2 days 03:04:05`), collation `pg_interval` |
//! | json | `Text` verbatim |
//! | jsonb | `Text` in PostgreSQL's canonical output |
//! | jsonpath | `Text` as PostgreSQL prints it |
//! | bytea | `Blob` |
//! | inet, cidr | `Text` as PostgreSQL prints it, collation `pg_inet` |
//! | citext | `Text`, collation `pg_citext` |
//! | vector | `Text`: the bits of each number in eight hexadecimal digits, collation `pg_vector` |
//! | enum | `Integer`, the label's ordinal from the [`TypeSource`] |
//! | array | `Text`: a compact JSON array of stored elements, nested for more dimensions; before it the first subscripts, comma-separated, unless all are 1 (`0,1[[7]]`) |
//! | composite | `Text`: a compact JSON array of stored fields |
//! | void | `Text`, empty |
//!
//! Elements inside arrays and composites: NULL is `null`; bool `true`/`false`; integers, dates, times, timestamps
//! and enum ordinals are digits; floats and numerics are bare numbers (`"NaN"`, `"Infinity"` quoted); bytea is
//! `"\\x…"` in hex; every other type, json and jsonb too, is a JSON string of its stored text (uuid: 36 characters);
//! an inner composite is a nested array. So an array of bool, int, float, numeric, text or uuid is already what `to_json` writes.
//!
//! # How a call reaches a function
//!
//! SQLite calls `pg_<name>(args…)` with stored values. For a [`Function`] whose `typed` is set the compiler writes
//! one more argument *first*: a text constant of comma-separated type OIDs of the arguments, then the result's
//! (`'25,23,25'`: text, int4 → text). [`Function::invoke`] takes all arguments as SQLite hands them over, the signature
//! included, answers NULL for a NULL argument of a strict function, and calls the code.
//! VARIADIC arguments arrive as one array value, as in PostgreSQL, except for VARIADIC "any" (`concat`, `format`,
//! `jsonb_build_object` …), where they arrive one by one.
//!
//! # Names
//!
//! A function's name is its `pg_proc.prosrc`. Two kinds are ours: built-in functions that PostgreSQL writes in SQL
//! have no usable `prosrc` and are named by proname and argument types joined by `_` (`lpad_text_int4`,
//! `age_timestamptz`, `quote_literal_anyelement`): see [`name_of`]; and the helpers that the compiler calls
//! for syntax (casts by input and output, ARRAY[], subscripts, `= ANY`, rows): see [`syntax`].

mod aggregate;
mod array;
mod bits;
mod bytes;
mod collate;
mod composite;
mod context;
mod float;
mod formatting;
mod functions;
mod inet;
mod integer;
mod json;
mod numeric;
mod record;
mod regexp;
mod registry;
mod search;
mod text;
mod time;
mod types;
mod value;
mod vector;

pub mod oid;
pub mod syntax;

pub use aggregate::{Accumulator, Aggregate, aggregate, aggregate_named, aggregates};
pub use collate::{COLLATIONS, Order, ROWS, collation, compare};
pub use context::{Context, Field, Label, TimeZone, TypeInfo, TypeSource};
pub use float::float_text;
pub use registry::{
    Call, Function, Rows, SetFunction, Volatility, function, functions, name_of, set_function, set_functions,
};
pub use search::config::CONFIGURATIONS;
pub use time::style::{DateFormat, DateOrder, DateStyle, IntervalStyle};
pub use types::{input, json_output, output};
pub use value::{Oid, Stored, StoredValue};
