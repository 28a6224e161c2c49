//! Templates of dates and times, cut into their parts.

use crate::value::is_space;
use sqlstate::{DatabaseError, INVALID_DATETIME_FORMAT, Result};

/// A part of a template.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Part {
    /// A field.
    Field(Field),
    /// White space.
    Space(char),
    /// Another character that separates fields.
    Separator(char),
    /// One character of text.
    Char(char),
}

/// A field of a template.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Field {
    /// The keyword in upper case.
    pub(super) keyword: &'static str,
    /// The keyword as it was written.
    pub(super) text: String,
    /// Without FM.
    pub(super) fill: bool,
    /// With TM: names are the locale's, and not padded.
    pub(super) local: bool,
    /// TH (true) or th.
    pub(super) ordinal: Option<bool>,
}

/// The keywords, longer before shorter where one begins another.
const KEYWORDS: &[&str] = &[
    "A.D.", "A.M.", "AD", "AM", "B.C.", "BC", "CC", "DAY", "DDD", "DD", "DY", "D", "FF1", "FF2", "FF3",
    "FF4", "FF5", "FF6", "FX", "HH24", "HH12", "HH", "IDDD", "ID", "IW", "IYYY", "IYY", "IY", "I", "J", "MI",
    "MM", "MONTH", "MON", "MS", "OF", "P.M.", "PM", "Q", "RM", "SSSSS", "SSSS", "SS", "TZH", "TZM", "TZ",
    "US", "WW", "W", "Y,YYY", "YYYY", "YYY", "YY", "Y",
];

/// The keyword that a text begins with: in upper case, in lower case, or a name's capitalized.
fn keyword(text: &str) -> Option<&'static str> {
    KEYWORDS.iter().copied().find(|keyword| {
        let Some(head) = text.get(..keyword.len()) else { return false };
        head.eq_ignore_ascii_case(keyword)
            && (!head.bytes().any(|byte| byte.is_ascii_lowercase())
                || !head.bytes().any(|byte| byte.is_ascii_uppercase())
                || matches!(head, "Day" | "Dy" | "Month" | "Mon"))
    })
}

/// What separates fields: printable ASCII that is neither letter nor digit.
pub(super) fn is_separator(c: char) -> bool {
    c.is_ascii_graphic() && !c.is_ascii_alphanumeric()
}

/// The parts of a template; in standard mode only some separators are allowed.
pub(super) fn parts(template: &str, standard: bool) -> Result<Vec<Part>> {
    let mut parts = Vec::new();
    let mut rest = template;
    while !rest.is_empty() {
        let (mut fill, mut local) = (true, false);
        match rest.get(..2) {
            Some("FM" | "fm") => fill = false,
            Some("TM" | "tm") => local = true,
            _ => {}
        }
        if !fill || local {
            rest = &rest[2..];
        }
        if let Some(keyword) = keyword(rest) {
            let (text, tail) = rest.split_at(keyword.len());
            rest = tail;
            let ordinal = match rest.get(..2) {
                Some("TH") => Some(true),
                Some("th") => Some(false),
                _ => None,
            };
            // SP, spelled numbers, is taken without an effect.
            if ordinal.is_some() || rest.starts_with("SP") {
                rest = &rest[2..];
            }
            parts.push(Part::Field(Field { keyword, text: text.to_owned(), fill, local, ordinal }));
            continue;
        }
        let Some(c) = rest.chars().next() else { break };
        rest = &rest[c.len_utf8()..];
        if c == '"' {
            rest = quoted(rest, &mut parts);
        } else if standard {
            if !"-./,':; ".contains(c) {
                return Err(DatabaseError::new(
                    INVALID_DATETIME_FORMAT,
                    format!("invalid datetime format separator: \"{c}\""),
                ));
            }
            parts.push(if c == ' ' { Part::Space(c) } else { Part::Separator(c) });
        } else {
            // A backslash means itself unless a quote follows.
            let c = match c {
                '\\' if rest.starts_with('"') => {
                    rest = &rest[1..];
                    '"'
                }
                c => c,
            };
            parts.push(match c {
                c if is_separator(c) => Part::Separator(c),
                c if is_space(c) => Part::Space(c),
                c => Part::Char(c),
            });
        }
    }
    Ok(parts)
}

/// The text up to the closing quote; what follows it.
fn quoted<'a>(text: &'a str, parts: &mut Vec<Part>) -> &'a str {
    let mut rest = text;
    while let Some(mut c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        if c == '"' {
            break;
        }
        if c == '\\'
            && let Some(escaped) = rest.chars().next()
        {
            c = escaped;
            rest = &rest[c.len_utf8()..];
        }
        parts.push(Part::Char(c));
    }
    rest
}

/// The months' names.
pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// The weekdays' names, Sunday first.
pub(super) const DAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// The months in Roman numerals.
pub(super) const ROMAN: [&str; 12] =
    ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"];
