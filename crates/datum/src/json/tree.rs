//! A JSON document as a tree, in jsonb's normal form.

use super::push_string;
use crate::numeric;
use std::cmp::Ordering;

/// A JSON value. An object's pairs are sorted and unique.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// The number as PostgreSQL prints it, scale included.
    Number(String),
    String(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// jsonb's order of keys: by length, then bytes.
pub(super) fn compare_keys(left: &str, right: &str) -> Ordering {
    left.len().cmp(&right.len()).then_with(|| left.cmp(right))
}

/// Sorts pairs and keeps the last of equal keys.
pub(super) fn sort_object(pairs: &mut Vec<(String, Json)>) {
    pairs.sort_by(|(left, _), (right, _)| compare_keys(left, right));
    // Stable sort: the last given stands last among equals.
    let mut at = 0;
    while at + 1 < pairs.len() {
        if pairs[at].0 == pairs[at + 1].0 {
            pairs.remove(at);
        } else {
            at += 1;
        }
    }
}

impl Json {
    /// Appends jsonb's canonical text.
    pub(crate) fn push(&self, out: &mut String) {
        match self {
            Json::Null => out.push_str("null"),
            Json::Bool(true) => out.push_str("true"),
            Json::Bool(false) => out.push_str("false"),
            Json::Number(text) => out.push_str(text),
            Json::String(text) => push_string(text, out),
            Json::Array(elements) => {
                out.push('[');
                for (at, element) in elements.iter().enumerate() {
                    if at > 0 {
                        out.push_str(", ");
                    }
                    element.push(out);
                }
                out.push(']');
            }
            Json::Object(pairs) => {
                out.push('{');
                for (at, (key, value)) in pairs.iter().enumerate() {
                    if at > 0 {
                        out.push_str(", ");
                    }
                    push_string(key, out);
                    out.push_str(": ");
                    value.push(out);
                }
                out.push('}');
            }
        }
    }

    /// jsonb's canonical text.
    pub(crate) fn to_text(&self) -> String {
        let mut out = String::new();
        self.push(&mut out);
        out
    }

    /// The value of a key, for objects.
    pub(crate) fn field(&self, key: &str) -> Option<&Json> {
        match self {
            Json::Object(pairs) => {
                pairs.binary_search_by(|(name, _)| compare_keys(name, key)).ok().map(|at| &pairs[at].1)
            }
            _ => None,
        }
    }

    /// The order of btree indexes on jsonb: object, array, bool, number, string, null descending.
    pub(crate) fn compare(&self, other: &Json) -> Ordering {
        // A top-level empty array sorts below a scalar: PostgreSQL keeps that for old indexes.
        match (self, other) {
            (Json::Array(empty), right)
                if empty.is_empty() && !matches!(right, Json::Object(_) | Json::Array(_)) =>
            {
                Ordering::Less
            }
            (left, Json::Array(empty))
                if empty.is_empty() && !matches!(left, Json::Object(_) | Json::Array(_)) =>
            {
                Ordering::Greater
            }
            _ => self.compare_inner(other),
        }
    }

    fn compare_inner(&self, other: &Json) -> Ordering {
        fn rank(value: &Json) -> u8 {
            match value {
                Json::Null => 0,
                Json::String(_) => 1,
                Json::Number(_) => 2,
                Json::Bool(_) => 3,
                Json::Array(_) => 4,
                Json::Object(_) => 5,
            }
        }
        match (self, other) {
            (Json::Bool(left), Json::Bool(right)) => left.cmp(right),
            (Json::Number(left), Json::Number(right)) => numeric::compare_text(left, right),
            (Json::String(left), Json::String(right)) => left.cmp(right),
            (Json::Array(left), Json::Array(right)) => left.len().cmp(&right.len()).then_with(|| {
                let pairs = left.iter().zip(right);
                pairs
                    .map(|(left, right)| left.compare_inner(right))
                    .find(|order| order.is_ne())
                    .unwrap_or(Ordering::Equal)
            }),
            (Json::Object(left), Json::Object(right)) => left.len().cmp(&right.len()).then_with(|| {
                let pairs = left.iter().zip(right);
                pairs
                    .map(|(left, right)| left.0.cmp(&right.0).then_with(|| left.1.compare_inner(&right.1)))
                    .find(|order| order.is_ne())
                    .unwrap_or(Ordering::Equal)
            }),
            (left, right) => rank(left).cmp(&rank(right)),
        }
    }

    /// Whether this contains the other: `@>`.
    pub(crate) fn contains(&self, other: &Json) -> bool {
        self.contains_at(other, true)
    }

    fn contains_at(&self, other: &Json, top: bool) -> bool {
        match (self, other) {
            (Json::Object(_), Json::Object(pairs)) => pairs
                .iter()
                .all(|(key, wanted)| self.field(key).is_some_and(|found| found.contains_at(wanted, false))),
            (Json::Array(elements), Json::Array(wanted)) => wanted.iter().all(|wanted| {
                elements.iter().any(|element| match wanted {
                    Json::Array(_) | Json::Object(_) => element.contains_at(wanted, false),
                    scalar => element.equals(scalar),
                })
            }),
            // A top-level array contains a bare scalar that it has as an element.
            (Json::Array(elements), scalar) if top && !matches!(scalar, Json::Object(_)) => {
                elements.iter().any(|element| element.equals(scalar))
            }
            (Json::Object(_) | Json::Array(_), _) | (_, Json::Object(_) | Json::Array(_)) => false,
            (left, right) => left.equals(right),
        }
    }

    /// Equality: numbers by value.
    pub(crate) fn equals(&self, other: &Json) -> bool {
        match (self, other) {
            (Json::Number(left), Json::Number(right)) => numeric::compare_text(left, right).is_eq(),
            (Json::Array(left), Json::Array(right)) => {
                left.len() == right.len() && left.iter().zip(right).all(|(left, right)| left.equals(right))
            }
            (Json::Object(left), Json::Object(right)) => {
                left.len() == right.len()
                    && left
                        .iter()
                        .zip(right)
                        .all(|(left, right)| left.0 == right.0 && left.1.equals(&right.1))
            }
            (left, right) => left == right,
        }
    }
}

/// What the collation `pg_jsonb` does.
pub(crate) fn compare_text(left: &str, right: &str) -> Ordering {
    if left == right {
        return Ordering::Equal;
    }
    match (super::parse::parse(left), super::parse::parse(right)) {
        (Ok(left), Ok(right)) => left.compare(&right),
        _ => left.cmp(right),
    }
}
