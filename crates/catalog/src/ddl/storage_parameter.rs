//! Storage parameters: PostgreSQL's names and limits. They are kept and have no effect here (rule 15).

use sqlstate::{DatabaseError, FEATURE_NOT_SUPPORTED, INVALID_PARAMETER_VALUE, Result};
use syntax::ast::Ident;

/// What values a parameter takes.
#[derive(Clone, Copy)]
enum Values {
    Flag,
    Integer(i64, i64),
    Real(f64, f64),
    /// Any of these words, and how PostgreSQL lists them.
    Words(&'static [&'static str], &'static str),
}

/// reloptions.c, of tables and materialized views; the second part tells whether a TOAST table has it too.
const TABLE: [(&str, Values, bool); 22] = [
    ("fillfactor", Values::Integer(10, 100), false),
    ("toast_tuple_target", Values::Integer(128, 8160), false),
    ("parallel_workers", Values::Integer(0, 1024), false),
    ("user_catalog_table", Values::Flag, false),
    ("vacuum_truncate", Values::Flag, true),
    ("vacuum_index_cleanup", Values::Words(CLEANUP, "Valid values are \"on\", \"off\", and \"auto\"."), true),
    ("autovacuum_enabled", Values::Flag, true),
    ("autovacuum_vacuum_threshold", Values::Integer(0, MOST), true),
    ("autovacuum_vacuum_insert_threshold", Values::Integer(-1, MOST), true),
    ("autovacuum_analyze_threshold", Values::Integer(0, MOST), false),
    ("autovacuum_vacuum_cost_limit", Values::Integer(1, 10_000), true),
    ("autovacuum_freeze_min_age", Values::Integer(0, 1_000_000_000), true),
    ("autovacuum_freeze_max_age", Values::Integer(100_000, 2_000_000_000), true),
    ("autovacuum_freeze_table_age", Values::Integer(0, 2_000_000_000), true),
    ("autovacuum_multixact_freeze_min_age", Values::Integer(0, 1_000_000_000), true),
    ("autovacuum_multixact_freeze_max_age", Values::Integer(10_000, 2_000_000_000), true),
    ("autovacuum_multixact_freeze_table_age", Values::Integer(0, 2_000_000_000), true),
    ("log_autovacuum_min_duration", Values::Integer(-1, MOST), true),
    ("autovacuum_vacuum_cost_delay", Values::Real(0.0, 100.0), true),
    ("autovacuum_vacuum_scale_factor", Values::Real(0.0, 100.0), true),
    ("autovacuum_vacuum_insert_scale_factor", Values::Real(0.0, 100.0), true),
    ("autovacuum_analyze_scale_factor", Values::Real(0.0, 100.0), false),
];

const MOST: i64 = i32::MAX as i64;
const CLEANUP: &[&str] = &["on", "off", "auto", "true", "false", "yes", "no", "1", "0"];

/// The parameters of an index of pgvector.
const HNSW: [(&str, Values); 2] =
    [("m", Values::Integer(2, 100)), ("ef_construction", Values::Integer(4, 1000))];
const IVFFLAT: [(&str, Values); 1] = [("lists", Values::Integer(1, 32_768))];

/// Checks an index's parameters, as far as its method is one that says which it has.
pub(super) fn check_index(method: &str, options: &[(Ident, Option<String>)]) -> Result<()> {
    let known: &[(&str, Values)] = match method {
        "hnsw" => &HNSW,
        "ivfflat" => &IVFFLAT,
        _ => return Ok(()),
    };
    for (at, (name, value)) in options.iter().enumerate() {
        if let Some((space, _)) = name.split_once('.') {
            return invalid(format!("unrecognized parameter namespace \"{space}\""));
        }
        let Some((_, values)) = known.iter().find(|(known, _)| known == name) else {
            return invalid(format!("unrecognized parameter \"{name}\""));
        };
        if options[..at].iter().any(|(other, _)| other == name) {
            return invalid(format!("parameter \"{name}\" specified more than once"));
        }
        check_value(name, *values, value.as_deref().unwrap_or("true"))?;
    }
    Ok(())
}

/// Checks a table's parameters as CREATE TABLE has them. Whether there are any that are kept.
pub(super) fn check(options: &[(Ident, Option<String>)]) -> Result<bool> {
    let mut kept = false;
    for (at, (name, value)) in options.iter().enumerate() {
        if name == "oids" {
            if value.as_deref().is_none_or(|value| flag(value) != Some(false)) {
                let message = "tables declared WITH OIDS are not supported";
                return Err(DatabaseError::new(FEATURE_NOT_SUPPORTED, message));
            }
            continue;
        }
        let (toast, plain) = match name.split_once('.') {
            Some(("toast", plain)) => (true, plain),
            Some((space, _)) => return invalid(format!("unrecognized parameter namespace \"{space}\"")),
            None => (false, name.as_str()),
        };
        let known = TABLE.iter().find(|(known, _, both)| *known == plain && (*both || !toast));
        let Some((_, values, _)) = known else {
            return invalid(format!("unrecognized parameter \"{plain}\""));
        };
        if options[..at].iter().any(|(other, _)| other == name) {
            return invalid(format!("parameter \"{plain}\" specified more than once"));
        }
        check_value(plain, *values, value.as_deref().unwrap_or("true"))?;
        kept = true;
    }
    Ok(kept)
}

fn invalid<T>(message: String) -> Result<T> {
    Err(DatabaseError::new(INVALID_PARAMETER_VALUE, message))
}

/// parse_bool: any unambiguous beginning of the words.
fn flag(text: &str) -> Option<bool> {
    let text = text.to_ascii_lowercase();
    let begins = |word: &str, least: usize| text.len() >= least && word.starts_with(&text);
    if begins("true", 1) || begins("yes", 1) || text == "on" || text == "1" {
        return Some(true);
    }
    (begins("false", 1) || begins("no", 1) || begins("off", 2) || text == "0").then_some(false)
}

fn check_value(name: &str, values: Values, text: &str) -> Result<()> {
    let bounds = |least: String, most: String| {
        let message = format!("value {text} out of bounds for option \"{name}\"");
        Err(DatabaseError::new(INVALID_PARAMETER_VALUE, message)
            .with_detail(format!("Valid values are between \"{least}\" and \"{most}\".")))
    };
    match values {
        Values::Flag if flag(text).is_none() => {
            invalid(format!("invalid value for boolean option \"{name}\": {text}"))
        }
        Values::Flag => Ok(()),
        Values::Integer(least, most) => match text.parse::<i64>() {
            Ok(number) if number < least || number > most => bounds(least.to_string(), most.to_string()),
            Ok(_) => Ok(()),
            Err(_) => invalid(format!("invalid value for integer option \"{name}\": {text}")),
        },
        Values::Real(least, most) => match text.parse::<f64>() {
            Ok(number) if number < least || number > most => {
                bounds(format!("{least:.6}"), format!("{most:.6}"))
            }
            Ok(_) => Ok(()),
            Err(_) => invalid(format!("invalid value for floating point option \"{name}\": {text}")),
        },
        Values::Words(words, detail) => match words.iter().any(|word| word.eq_ignore_ascii_case(text)) {
            true => Ok(()),
            false => {
                let message = format!("invalid value for enum option \"{name}\": {text}");
                Err(DatabaseError::new(INVALID_PARAMETER_VALUE, message).with_detail(detail))
            }
        },
    }
}
