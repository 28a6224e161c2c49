//! What the versions between PostgREST's published program and the protocol we speak changed: a list of rules, each with its
//! version and reason, read from `versions.json`.
//!
//! A rule says what both answers must look like for it to hold, and which parts of the answer it explains. A pattern's `*`
//! stands for any text; a list of patterns holds when one of them does; an absent part is empty. `since` is `ours` where we differ
//! from every version on purpose.

use super::answer::{Aspects, text};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const RULES: &str = include_str!("versions.json");

/// A change between the versions.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The version that changed it.
    pub since: String,
    /// What changed.
    pub reason: String,
    /// What the request is like, on one line as [`super::Asked::shown`] has it.
    request: Vec<String>,
    theirs: BTreeMap<String, Vec<String>>,
    ours: BTreeMap<String, Vec<String>>,
    /// The parts that it explains.
    explains: BTreeSet<String>,
}

fn patterns(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

fn parts(value: Option<&Value>) -> BTreeMap<String, Vec<String>> {
    let members = value.and_then(Value::as_object);
    members.into_iter().flatten().map(|(name, value)| (name.clone(), patterns(value))).collect()
}

/// The list.
///
/// # Errors
/// It is no JSON, or a rule lacks something.
pub fn rules() -> Result<Vec<Rule>, String> {
    let list: Value = serde_json::from_str(RULES).map_err(|error| error.to_string())?;
    let list = list.as_array().ok_or("no list")?;
    list.iter().map(rule).collect()
}

fn rule(value: &Value) -> Result<Rule, String> {
    let word = |name: &str| {
        value
            .get(name)
            .and_then(Value::as_str)
            .map(str::to_owned)
            .ok_or_else(|| format!("no {name}: {value}"))
    };
    let (theirs, ours) = (parts(value.get("theirs")), parts(value.get("ours")));
    let explains: BTreeSet<String> = match value.get("explains") {
        Some(list) => patterns(list).into_iter().collect(),
        None => theirs.keys().chain(ours.keys()).cloned().collect(),
    };
    if explains.is_empty() || theirs.is_empty() && ours.is_empty() {
        return Err(format!("a rule that says nothing: {value}"));
    }
    let request = value.get("request").map(patterns).unwrap_or_default();
    Ok(Rule { since: word("since")?, reason: word("reason")?, request, theirs, ours, explains })
}

impl Rule {
    /// Whether it explains headers only, which every answer has: such an answer counts as equal.
    pub(super) fn is_of_headers(&self) -> bool {
        self.explains.iter().all(|part| part == "header vary" || part == "header proxy-status")
    }

    /// Whether it explains a part; `*` is the whole answer.
    fn tells_of(&self, part: &str) -> bool {
        self.explains.contains(part) || self.explains.contains("*")
    }

    fn holds(&self, shown: &str, theirs: &Aspects, ours: &Aspects) -> bool {
        let all = |wanted: &BTreeMap<String, Vec<String>>, found: &Aspects| {
            wanted
                .iter()
                .all(|(name, patterns)| patterns.iter().any(|pattern| matches(pattern, text(found, name))))
        };
        (self.request.is_empty() || self.request.iter().any(|pattern| matches(pattern, shown)))
            && all(&self.theirs, theirs)
            && all(&self.ours, ours)
    }
}

/// Whether a text is like a pattern, whose `*` stands for any text.
pub fn matches(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let pieces: Vec<&str> = pieces.collect();
    let Some((last, between)) = pieces.split_last() else { return rest.is_empty() };
    for piece in between {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// The rules that hold and explain something of what differs, and what none explains.
pub fn explain(
    rules: &[Rule],
    shown: &str,
    theirs: &Aspects,
    ours: &Aspects,
    parts: &BTreeSet<String>,
) -> (Vec<usize>, BTreeSet<String>) {
    let mut used = Vec::new();
    let mut left = parts.clone();
    for (number, rule) in rules.iter().enumerate() {
        if left.iter().any(|part| rule.tells_of(part)) && rule.holds(shown, theirs, ours) {
            left.retain(|part| !rule.tells_of(part));
            used.push(number);
        }
    }
    (used, left)
}

#[cfg(test)]
mod tests;
