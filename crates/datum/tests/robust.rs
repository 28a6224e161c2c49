//! No function panics, whatever it is given: arguments of the wrong kind, limits, broken texts.

use datum::{Context, Oid, Stored, TimeZone, TypeInfo, TypeSource};
use sqlstate::Result;

struct Session {
    zone: TimeZone,
}

impl Context for Session {
    fn now(&self) -> i64 {
        768_208_089_123_456
    }
    fn time_zone(&self) -> &TimeZone {
        &self.zone
    }
    fn types(&self) -> &dyn TypeSource {
        self
    }
    fn setting(&self, name: &str) -> Option<String> {
        Some(name.to_owned())
    }
    fn random_bytes(&self, buffer: &mut [u8]) -> Result<()> {
        buffer.fill(7);
        Ok(())
    }
}

impl TypeSource for Session {
    fn describe(&self, _: Oid) -> Option<TypeInfo> {
        None
    }
}

const INTEGERS: &[i64] = &[
    0,
    1,
    -1,
    2,
    3,
    -7,
    24,
    60,
    2024,
    65_536,
    i32::MAX as i64,
    i32::MIN as i64,
    i64::MAX,
    i64::MIN,
    i64::MAX - 1,
    i64::MIN + 1,
    9_223_371_331_199_999_999,
    -211_813_488_000_000_000,
    1114,
    25,
];

const REALS: &[f64] =
    &[0.0, -0.0, 1.5, -2.5, 1e300, -1e300, 1e-320, f64::INFINITY, f64::NEG_INFINITY, 1e18, 0.5];

const TEXTS: &[&str] = &[
    "",
    " ",
    "a",
    "é日本😀",
    "abcdefghijklmnopqrstuvwxyz",
    "0",
    "1.50",
    "-0.001",
    "123456789012345678901234567890.5",
    "NaN",
    "Infinity",
    "-Infinity",
    "1e5",
    "99999999999999999999999999999999999999999",
    "[]",
    "[1,2,null]",
    "[[1,2],[3,4]]",
    "[\"a\",\"b c\",null]",
    "[\"é\\\"\"]",
    "{\"a\":1,\"b\":[1,{\"c\":null}]}",
    "{",
    "[",
    "\"",
    "\"\\u12",
    "\"\\ud800",
    "null",
    "true",
    "1 day",
    "1 mon -3 days 04:05:06.789",
    "-178000000 years",
    "2147483647 days",
    "2562047788:00:54.775807",
    "10.0.0.1/8",
    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "::/0",
    "year",
    "epoch",
    "week",
    "America/New_York",
    "UTC",
    "EST",
    "YYYY-MM-DD HH24:MI:SS.US",
    "FM999,990.00S",
    "é\"\\",
    "^(a|b)*c+?$",
    "[[:alpha:]]",
    "(((",
    "\\",
    "a\\",
    "%_\\",
    "g",
    "hex",
    "base64",
    "escape",
    "zzé",
    "%s %I %L %1$s %*d",
    "{1,2,{3}}",
    "(1,\"a\",)",
    "2024-02-30T25:61:61Z",
    "2024-01-02 03:04:05+15:59:59",
    "\t\n",
];

const BLOBS: &[&[u8]] = &[b"", b"\x00", b"abc", &[0xff; 16], &[0xc3], &[0u8; 40]];

const TYPES: &[&str] = &[
    "16", "20", "23", "25", "701", "1114", "1184", "1186", "1700", "2950", "3802", "1007", "1009", "114",
    "17", "869", "1082", "9001",
];

/// A small generator of repeatable numbers.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }

    fn value(&mut self) -> Stored<'static> {
        match self.roll(10) {
            0 => Stored::Null,
            1..=3 => Stored::Integer(INTEGERS[self.roll(INTEGERS.len())]),
            4 => Stored::Real(REALS[self.roll(REALS.len())]),
            5 => Stored::Blob(BLOBS[self.roll(BLOBS.len())]),
            _ => Stored::Text(TEXTS[self.roll(TEXTS.len())]),
        }
    }

    fn signature(&mut self, count: usize) -> String {
        (0..=count).map(|_| TYPES[self.roll(TYPES.len())]).collect::<Vec<_>>().join(",")
    }
}

fn session(dice: &mut Dice) -> Session {
    let zone = ["UTC", "America/New_York", "Asia/Kathmandu"][dice.roll(3)];
    Session { zone: TimeZone::named(zone).expect("zone") }
}

#[test]
fn functions_never_panic() {
    let mut dice = Dice(42);
    let mut panicked = Vec::new();
    for function in datum::functions() {
        for _ in 0..150 {
            let session = session(&mut dice);
            let count = dice.roll(7);
            let signature = dice.signature(count);
            let mut arguments = Vec::new();
            if function.typed {
                arguments.push(Stored::Text(&signature));
            }
            arguments.extend((0..count).map(|_| dice.value()));
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                let _ = function.invoke(&arguments, &session);
            }));
            if outcome.is_err() {
                panicked.push(format!("{} of {arguments:?}", function.name));
                break;
            }
        }
    }
    assert!(panicked.is_empty(), "{}", panicked.join("\n"));
}

#[test]
fn functions_never_panic_on_arguments_of_one_kind() {
    // Uniform kinds reach deeper than mixed ones.
    let mut dice = Dice(7);
    let mut panicked = Vec::new();
    for function in datum::functions() {
        for round in 0..150 {
            let session = session(&mut dice);
            let count = 1 + dice.roll(4);
            let signature = dice.signature(count);
            let mut arguments = Vec::new();
            if function.typed {
                arguments.push(Stored::Text(&signature));
            }
            for at in 0..count {
                arguments.push(match (round + at * (round % 3)) % 4 {
                    0 => Stored::Integer(INTEGERS[dice.roll(INTEGERS.len())]),
                    1 => Stored::Real(REALS[dice.roll(REALS.len())]),
                    _ => Stored::Text(TEXTS[dice.roll(TEXTS.len())]),
                });
            }
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                let _ = function.invoke(&arguments, &session);
            }));
            if outcome.is_err() {
                panicked.push(format!("{} of {arguments:?}", function.name));
                break;
            }
        }
    }
    assert!(panicked.is_empty(), "{}", panicked.join("\n"));
}

#[test]
fn sets_and_aggregates_never_panic() {
    let mut dice = Dice(3);
    for function in datum::set_functions() {
        for _ in 0..150 {
            let session = session(&mut dice);
            let count = dice.roll(5);
            let signature = dice.signature(count);
            let mut arguments = Vec::new();
            if function.typed {
                arguments.push(Stored::Text(&signature));
            }
            arguments.extend((0..count).map(|_| dice.value()));
            if let Ok(rows) = function.invoke(&arguments, &session) {
                rows.take(20).for_each(drop);
            }
        }
    }
    for aggregate in datum::aggregates() {
        for _ in 0..200 {
            let session = session(&mut dice);
            let count = 1 + dice.roll(2);
            let signature = dice.signature(count);
            let mut state = aggregate.start();
            for _ in 0..dice.roll(6) {
                let mut arguments = Vec::new();
                if aggregate.typed {
                    arguments.push(Stored::Text(&signature));
                }
                arguments.extend((0..count).map(|_| dice.value()));
                let _ = state.step(&arguments, &session);
                if dice.roll(3) == 0 {
                    let _ = state.inverse(&arguments, &session);
                }
                let _ = state.value(&session);
            }
            let _ = state.finish(&session);
        }
    }
}

#[test]
fn input_and_output_never_panic() {
    let mut dice = Dice(11);
    for ty in TYPES
        .iter()
        .map(|ty| ty.parse::<Oid>().expect("oid"))
        .chain([18, 19, 21, 26, 700, 1042, 1043, 1083, 1266, 650, 1231, 2249])
    {
        for text in TEXTS {
            for typmod in [-1, 0, 3, 5, 65_540] {
                let session = session(&mut dice);
                if let Ok(value) = datum::input(ty, typmod, text, &session) {
                    let mut out = String::new();
                    let _ = datum::output(ty, typmod, value.borrow(), &session, &mut out);
                    let _ = datum::json_output(ty, typmod, value.borrow(), &session, &mut out);
                }
            }
        }
        for _ in 0..200 {
            let session = session(&mut dice);
            let value = dice.value();
            let mut out = String::new();
            let _ = datum::output(ty, -1, value, &session, &mut out);
            let _ = datum::json_output(ty, -1, value, &session, &mut out);
        }
    }
    for collation in datum::COLLATIONS {
        for left in TEXTS {
            for right in TEXTS {
                let order = datum::compare(collation, left, right);
                assert_eq!(
                    datum::compare(collation, right, left),
                    order.reverse(),
                    "{collation} {left:?} {right:?}"
                );
            }
        }
    }
}
