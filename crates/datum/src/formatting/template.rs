//! Templates of dates and times, cut into their parts.

use sqlstate::{DatabaseError, Result};

/// A part of a template.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Part {
    /// A field, by its keyword in the template's own case.
    Field { keyword: &'static str, text: String, fill: bool, ordinal: Option<bool> },
    /// Text in double quotes or after a backslash.
    Literal(String),
    /// One character that is neither.
    Other(char),
}

/// The keywords, longer before shorter where one begins another.
const KEYWORDS: &[&str] = &[
    "A.D.", "A.M.", "AD", "AM", "B.C.", "BC", "CC", "DAY", "DDD", "DD", "DY", "D", "FF1", "FF2", "FF3",
    "FF4", "FF5", "FF6", "HH24", "HH12", "HH", "IDDD", "ID", "IW", "IYYY", "IYY", "IY", "I", "J", "MI", "MM",
    "MONTH", "MON", "MS", "OF", "P.M.", "PM", "Q", "RM", "SSSSS", "SSSS", "SS", "TZH", "TZM", "TZ", "US",
    "WW", "W", "Y,YYY", "YYYY", "YYY", "YY", "Y",
];

/// The parts of a template.
pub(super) fn parts(template: &str) -> Result<Vec<Part>> {
    let mut parts = Vec::new();
    let mut rest = template;
    while !rest.is_empty() {
        let mut fill = true;
        let mut body = rest;
        loop {
            let head = body.get(..2).unwrap_or("");
            match head {
                "FM" | "fm" => fill = false,
                "FX" | "fx" => return Err(DatabaseError::unsupported("template pattern FX")),
                "TM" | "tm" => {}
                _ => break,
            }
            body = &body[2..];
        }
        let found = KEYWORDS
            .iter()
            .find(|keyword| body.get(..keyword.len()).is_some_and(|head| head.eq_ignore_ascii_case(keyword)));
        if let Some(keyword) = found {
            let text = body[..keyword.len()].to_owned();
            body = &body[keyword.len()..];
            let mut ordinal = None;
            match body.get(..2) {
                Some("TH") => ordinal = Some(true),
                Some("th") => ordinal = Some(false),
                Some("SP" | "sp") => return Err(DatabaseError::unsupported("template pattern SP")),
                _ => {}
            }
            if ordinal.is_some() {
                body = &body[2..];
            }
            parts.push(Part::Field { keyword, text, fill, ordinal });
            rest = body;
            continue;
        }
        let Some(c) = rest.chars().next() else { break };
        if c == '"' {
            let mut literal = String::new();
            let mut tail = &rest[1..];
            while let Some(c) = tail.chars().next() {
                tail = &tail[c.len_utf8()..];
                match c {
                    '"' => break,
                    '\\' => {
                        if let Some(escaped) = tail.chars().next() {
                            literal.push(escaped);
                            tail = &tail[escaped.len_utf8()..];
                        }
                    }
                    c => literal.push(c),
                }
            }
            parts.push(Part::Literal(literal));
            rest = tail;
        } else if c == '\\' && rest[1..].starts_with('"') {
            parts.push(Part::Other('"'));
            rest = &rest[2..];
        } else {
            parts.push(Part::Other(c));
            rest = &rest[c.len_utf8()..];
        }
    }
    Ok(parts)
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
