//! The types of columns and expressions, and values of them.

use crate::dice::Dice;

/// A type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// smallint
    Int2,
    /// integer
    Int4,
    /// bigint
    Int8,
    /// text
    Text,
    /// varchar(20)
    Varchar,
    /// char(4)
    Char,
    /// boolean
    Bool,
    /// numeric(10,2)
    Numeric,
    /// double precision
    Float8,
    /// uuid
    Uuid,
    /// timestamptz
    Timestamptz,
    /// timestamp
    Timestamp,
    /// date
    Date,
    /// time
    Time,
    /// interval
    Interval,
    /// jsonb
    Jsonb,
    /// text[]
    TextArray,
    /// integer[]
    IntArray,
    /// The schema's enum.
    Enum,
    /// bytea
    Bytea,
}

/// All of them.
pub const KINDS: &[Kind] = &[
    Kind::Int2,
    Kind::Int4,
    Kind::Int8,
    Kind::Text,
    Kind::Varchar,
    Kind::Char,
    Kind::Bool,
    Kind::Numeric,
    Kind::Float8,
    Kind::Uuid,
    Kind::Timestamptz,
    Kind::Timestamp,
    Kind::Date,
    Kind::Time,
    Kind::Interval,
    Kind::Jsonb,
    Kind::TextArray,
    Kind::IntArray,
    Kind::Enum,
    Kind::Bytea,
];

const TEXTS: &[&str] = &[
    "",
    "a",
    "A",
    "b",
    "ab",
    "Ab",
    "abc",
    "B",
    "10",
    "9",
    " x",
    "x ",
    "100%",
    "a_b",
    "back\\slash",
    "it's",
    "\"q\"",
    "é",
    "É",
    "ß",
    "straße",
    "日本",
    "😀",
    "İ",
    "z,y",
    "{a}",
    "null",
    "NULL",
    "true",
    "-1",
    "a.b",
];
const TIMES: &[&str] = &[
    "2024-01-02 03:04:05",
    "2024-01-02 03:04:05.678901",
    "2024-03-31 01:30:00",
    "2023-12-31 23:59:59.999999",
    "2020-02-29 00:00:00",
    "1999-07-04 12:00:00",
    "2024-11-03 05:30:00",
    "0044-03-15 00:00:00 BC",
    "infinity",
    "-infinity",
];
const DATES: &[&str] =
    &["2024-01-02", "2024-02-29", "2023-12-31", "2000-01-01", "1970-01-01", "1900-03-01", "2024-03-31"];
const CLOCKS: &[&str] = &["00:00", "03:04:05", "12:00", "23:59:59.5", "23:59:59.999999"];
const SPANS: &[&str] =
    &["1 day", "2 hours", "1 mon", "-1 day", "00:00:01.5", "1 year 2 mons", "0", "3 days 04:05:06"];
const DOCUMENTS: &[&str] = &[
    "{}",
    "[]",
    "{\"a\": 1}",
    "{\"a\": \"x\", \"b\": [1, 2]}",
    "{\"a\": null}",
    "[1, 2, 3]",
    "\"x\"",
    "1",
    "null",
    "true",
    "{\"a\": {\"b\": \"c\"}}",
    "{\"b\": true, \"a\": 10}",
    "[\"a\", \"b\"]",
    "{\"a\": 1.5, \"é\": \"ß\"}",
];
const TEXT_ARRAYS: &[&str] = &["{}", "{a}", "{a,b}", "{b,a}", "{a,NULL}", "{\"x y\",\"\"}", "{A,é}"];
const INT_ARRAYS: &[&str] = &["{}", "{1}", "{1,2}", "{2,1}", "{1,NULL,3}", "{5,5}"];
const BYTES: &[&str] = &["\\x", "\\x00", "\\xff", "\\x0102", "\\x616263"];

/// A text as a literal.
pub fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

impl Kind {
    /// Its name in SQL.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Int2 => "smallint",
            Kind::Int4 => "integer",
            Kind::Int8 => "bigint",
            Kind::Text => "text",
            Kind::Varchar => "varchar(20)",
            Kind::Char => "char(4)",
            Kind::Bool => "boolean",
            Kind::Numeric => "numeric(10,2)",
            Kind::Float8 => "double precision",
            Kind::Uuid => "uuid",
            Kind::Timestamptz => "timestamptz",
            Kind::Timestamp => "timestamp",
            Kind::Date => "date",
            Kind::Time => "time",
            Kind::Interval => "interval",
            Kind::Jsonb => "jsonb",
            Kind::TextArray => "text[]",
            Kind::IntArray => "integer[]",
            Kind::Enum => "mood",
            Kind::Bytea => "bytea",
        }
    }

    /// Whether equal values are the same value: one may stand for the other in DISTINCT, and the order of several is the
    /// only one.
    pub fn is_strict(self) -> bool {
        !matches!(self, Kind::Numeric | Kind::Float8 | Kind::Interval | Kind::Jsonb | Kind::Char)
    }

    /// A whole number.
    pub fn is_integer(self) -> bool {
        matches!(self, Kind::Int2 | Kind::Int4 | Kind::Int8)
    }

    /// A text of any type.
    pub fn is_text(self) -> bool {
        matches!(self, Kind::Text | Kind::Varchar | Kind::Char)
    }

    /// Whether there are min and max of it.
    pub fn has_extremes(self) -> bool {
        !matches!(self, Kind::Bool | Kind::Uuid | Kind::Jsonb | Kind::Bytea)
    }

    /// A value's text, as a type's input takes it.
    pub fn text(self, dice: &mut Dice, labels: &[String]) -> String {
        let from = |dice: &mut Dice, list: &[&str]| (*dice.pick(list)).to_owned();
        match self {
            Kind::Int2 | Kind::Int4 | Kind::Int8 => (dice.below(13) as i64 - 3).to_string(),
            Kind::Text | Kind::Varchar => from(dice, TEXTS),
            Kind::Char => from(dice, &["a", "ab", "abcd", "B", "x ", "", "é"]),
            Kind::Bool => from(dice, &["true", "false"]),
            Kind::Numeric => {
                from(dice, &["0.00", "1.50", "-2.25", "10.00", "9.60", "99999999.99", "3.00", "0.01"])
            }
            Kind::Float8 => from(dice, &["0", "1.5", "-2.25", "1e20", "0.5", "3", "1024.125"]),
            Kind::Uuid => format!("00000000-0000-0000-0000-00000000000{}", dice.pick(&["a", "b", "c", "d"])),
            Kind::Timestamptz => match from(dice, TIMES) {
                time if time.contains("inf") || time.contains("BC") => time,
                time => time + *dice.pick(&["+00", "+02", "-05:30", "Z"]),
            },
            Kind::Timestamp => from(dice, TIMES),
            Kind::Date => from(dice, DATES),
            Kind::Time => from(dice, CLOCKS),
            Kind::Interval => from(dice, SPANS),
            Kind::Jsonb => from(dice, DOCUMENTS),
            Kind::TextArray => from(dice, TEXT_ARRAYS),
            Kind::IntArray => from(dice, INT_ARRAYS),
            Kind::Enum => dice.pick(labels).clone(),
            Kind::Bytea => from(dice, BYTES),
        }
    }

    /// A value as a literal whose type is known.
    pub fn literal(self, dice: &mut Dice, labels: &[String]) -> String {
        let text = self.text(dice, labels);
        match self {
            Kind::Int4 | Kind::Bool if !text.starts_with('-') => text,
            _ => format!("{}::{}", quoted(&text), self.name()),
        }
    }

    /// A value as a literal whose type is to be found out.
    pub fn bare(self, dice: &mut Dice, labels: &[String]) -> String {
        quoted(&self.text(dice, labels))
    }
}
