//! What a path walks over: values whose copies are cheap.

use super::moment::Moment;
use crate::json::{Json, push_string};
use crate::numeric::Numeric;
use sqlstate::Result;
use std::rc::Rc;

/// An item of SQL/JSON.
#[derive(Clone, Debug)]
pub(super) enum Item {
    Null,
    Bool(bool),
    Number(Rc<Numeric>),
    String(Rc<str>),
    Array(Rc<Container<Item>>),
    Object(Rc<Container<(Rc<str>, Item)>>),
    Moment(Moment),
}

/// The parts of an array or object.
#[derive(Debug)]
pub(super) struct Container<T> {
    /// Where PostgreSQL's binary form of the document has it: what `keyvalue()` numbers objects by.
    pub(super) offset: u64,
    pub(super) parts: Vec<T>,
}

/// Makes a document an item.
pub(super) fn document(value: &Json) -> Result<Item> {
    // A top-level scalar is an array's only element there; no object is in it.
    Layout { at: 0 }.item(value)
}

/// Follows the binary form: a header and an entry of 4 bytes each, then keys, then values; numbers and containers are aligned.
struct Layout {
    at: u64,
}

impl Layout {
    fn align(&mut self) {
        self.at = self.at.next_multiple_of(4);
    }

    fn item(&mut self, value: &Json) -> Result<Item> {
        Ok(match value {
            Json::Null => Item::Null,
            Json::Bool(value) => Item::Bool(*value),
            Json::Number(text) => {
                let number = Numeric::input(text)?;
                self.align();
                self.at += number_size(text);
                Item::Number(Rc::new(number))
            }
            Json::String(text) => {
                self.at += text.len() as u64;
                Item::String(text.as_str().into())
            }
            Json::Array(elements) => {
                self.align();
                let offset = self.at;
                self.at += 4 + 4 * elements.len() as u64;
                let parts = elements.iter().map(|element| self.item(element)).collect::<Result<_>>()?;
                Item::Array(Rc::new(Container { offset, parts }))
            }
            Json::Object(pairs) => {
                self.align();
                let offset = self.at;
                self.at += 4 + 8 * pairs.len() as u64;
                self.at += pairs.iter().map(|(key, _)| key.len() as u64).sum::<u64>();
                let parts = pairs
                    .iter()
                    .map(|(key, value)| Ok((key.as_str().into(), self.item(value)?)))
                    .collect::<Result<_>>()?;
                Item::Object(Rc::new(Container { offset, parts }))
            }
        })
    }
}

/// The bytes of a number: a header and groups of four decimal digits.
fn number_size(text: &str) -> u64 {
    let digits = text.trim_start_matches('-');
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let whole = whole.trim_start_matches('0');
    let padding = (4 - whole.len() % 4) % 4;
    let mut groups: Vec<u8> = vec![b'0'; padding];
    groups.extend(whole.bytes().chain(fraction.bytes()));
    groups.resize(groups.len().next_multiple_of(4), b'0');
    let is_zero = |group: &[u8]| group.iter().all(|digit| *digit == b'0');
    let groups: Vec<bool> = groups.chunks(4).map(is_zero).collect();
    let first = groups.iter().position(|zero| !zero);
    let last = groups.iter().rposition(|zero| !zero);
    let (Some(first), Some(last)) = (first, last) else { return 6 };
    let whole_groups = whole.len().div_ceil(4) as i64;
    let weight = whole_groups - 1 - first as i64;
    let short = (-64..=63).contains(&weight) && fraction.len() <= 63;
    (if short { 6 } else { 8 }) + 2 * (last - first + 1) as u64
}

impl Item {
    /// The name that `type()` gives.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Item::Null => "null",
            Item::Bool(_) => "boolean",
            Item::Number(_) => "number",
            Item::String(_) => "string",
            Item::Array(_) => "array",
            Item::Object(_) => "object",
            Item::Moment(moment) => moment.type_name(),
        }
    }

    /// A value as jsonb.
    pub(super) fn to_json(&self) -> Json {
        match self {
            Item::Null => Json::Null,
            Item::Bool(value) => Json::Bool(*value),
            Item::Number(number) => Json::Number(number.to_text()),
            Item::String(text) => Json::String(text.to_string()),
            Item::Array(array) => Json::Array(array.parts.iter().map(|part| part.to_json()).collect()),
            Item::Object(object) => Json::Object(
                object.parts.iter().map(|(key, value)| (key.to_string(), value.to_json())).collect(),
            ),
            Item::Moment(moment) => Json::String(moment.to_text()),
        }
    }

    /// The value as jsonb's text.
    pub(super) fn to_text(&self) -> String {
        match self {
            Item::String(text) => {
                let mut out = String::new();
                push_string(text, &mut out);
                out
            }
            item => item.to_json().to_text(),
        }
    }
}
