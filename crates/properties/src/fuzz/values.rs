//! Texts that are nearly a value of some type.

use crate::dice::Dice;

/// Texts near those that types take.
pub fn value_text(dice: &mut Dice) -> String {
    const SEEDS: &[&str] = &[
        "0",
        "-12",
        "1.50",
        "1e10",
        "NaN",
        "infinity",
        "true",
        "off",
        "2024-01-02",
        "2024-01-02 03:04:05.678901+05:30",
        "03:04:05",
        "24:00:00",
        "1 year 2 mons -3 days 04:05:06.7",
        "P1Y2M3DT4H5M6S",
        "January 8, 1999 BC",
        "20240102T030405Z",
        "J2451187",
        "allballs",
        "epoch",
        "tomorrow",
        "now",
        "{1,2,NULL}",
        "{{a,b},{\"c d\",e}}",
        "[1:2]={a,b}",
        "{\"a\": [1, {\"b\": null}]}",
        "[1.0, -2e5, \"\\u00e9\\ud83d\\ude00\"]",
        "00000000-0000-0000-0000-00000000000a",
        "\\xdeadbeef",
        "\\000\\\\a",
        "10.0.0.1/8",
        "2001:db8::1",
        "(1,a)",
        "(,\"x \"\"y\")",
        "$.a[*] ? (@.b > 1)",
        "é",
        "\u{1F600}",
        "",
        " ",
        "America/New_York",
        "EST5EDT",
        "B101",
        "08:00:2b:01:02:03",
        "pg_class",
        "public.todos",
        "lower(text)",
    ];
    let mut text = (*dice.pick(SEEDS)).to_owned();
    for _ in 0..dice.below(5) {
        let mut signs: Vec<char> = text.chars().collect();
        let at = dice.below(signs.len() + 1);
        match dice.below(6) {
            0 if at < signs.len() => drop(signs.remove(at)),
            1 => signs.insert(
                at,
                *dice.pick(&[
                    '0',
                    '9',
                    '-',
                    '+',
                    '.',
                    ':',
                    '{',
                    '}',
                    '"',
                    '\\',
                    ',',
                    '(',
                    ' ',
                    'e',
                    'T',
                    'Z',
                    '/',
                    '\u{301}',
                    '\u{1F600}',
                ]),
            ),
            2 if at < signs.len() => {
                let copy = vec![signs[at]; *dice.pick(&[2, 20, 400])];
                signs.splice(at..=at, copy);
            }
            3 => {
                let other: Vec<char> = dice.pick(SEEDS).chars().collect();
                signs.splice(at..at, other);
            }
            4 if at < signs.len() => signs.swap(at, 0),
            _ => signs.truncate(at),
        }
        text = signs.into_iter().collect();
    }
    text
}

/// The types whose text forms are tried.
pub const TYPES: &[&str] = &[
    "boolean",
    "smallint",
    "integer",
    "bigint",
    "real",
    "double precision",
    "numeric",
    "numeric(7,3)",
    "text",
    "varchar(3)",
    "char(3)",
    "bytea",
    "uuid",
    "date",
    "time",
    "timestamp",
    "timestamptz",
    "interval",
    "json",
    "jsonb",
    "inet",
    "integer[]",
    "text[]",
    "timestamptz[]",
    "numeric[]",
    "jsonb[]",
    "mood",
    "posint",
    "name",
    "oid",
    "regclass",
    "\"char\"",
    "timestamp(2)",
    "interval(1)",
    "todos",
];
