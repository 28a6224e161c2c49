//! The query string as asked: what is selected, filtered, sorted and limited, by which embedded resource.
//!
//! Pure text to values; nothing here knows a catalog.

mod filter;
mod names;
mod order;
mod parser;
mod select;

pub(crate) use filter::{Filter, Logic, Operation, Operator, Quantifier, SearchFunction, Truth};
pub(crate) use names::{Field, Key, Step};
pub(crate) use order::OrderTerm;
pub(crate) use parser::ParseFailure;
pub(crate) use select::{Aggregate, Embed, Join, SelectField, SelectItem};

use std::collections::BTreeSet;

/// The chain of embedded resources that a parameter belongs to; empty is the resource itself.
pub(crate) type Path = Vec<String>;

/// The query string.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Query {
    /// All parameters, sorted by name and encoded: what `Content-Location` shows.
    pub(crate) canonical: String,
    /// `select`, `*` when absent.
    pub(crate) select: Vec<SelectItem>,
    /// `column=op.value`
    pub(crate) filters: Vec<(Path, Filter)>,
    /// `name=value` on a function that is read: arguments.
    pub(crate) arguments: Vec<(String, String)>,
    /// `and=`, `or=`
    pub(crate) logic: Vec<(Path, Logic)>,
    /// `order=`
    pub(crate) order: Vec<(Path, Vec<OrderTerm>)>,
    /// `limit=`, `offset=`
    pub(crate) ranges: Vec<(Path, Range)>,
    /// `columns=`
    pub(crate) columns: Option<BTreeSet<String>>,
    /// `on_conflict=`
    pub(crate) on_conflict: Option<Vec<String>>,
}

/// Rows from `lower` to `upper`, both counted from 0 and included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    /// The first row.
    pub(crate) lower: i64,
    /// The last row.
    pub(crate) upper: Option<i64>,
}

impl Default for Range {
    fn default() -> Range {
        Range::ALL
    }
}

impl Range {
    /// All rows.
    pub(crate) const ALL: Range = Range { lower: 0, upper: None };
    /// `limit=0`
    pub(crate) const ZERO: Range = Range { lower: 0, upper: Some(-1) };

    /// Both together.
    pub(crate) fn intersect(self, other: Range) -> Range {
        let upper = match (self.upper, other.upper) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        Range { lower: self.lower.max(other.lower), upper }
    }

    /// Whether no row can be in it.
    pub(crate) fn is_empty(self) -> bool {
        self.upper.is_some_and(|upper| upper < self.lower)
    }

    /// Whether `limit=0` made it.
    pub(crate) fn is_zero(self) -> bool {
        self.upper == Some(-1)
    }

    /// How many rows it admits.
    pub(crate) fn limit(self) -> Option<i64> {
        self.upper.map(|upper| upper.saturating_sub(self.lower).saturating_add(1))
    }

    /// At most so many rows of it.
    pub(crate) fn restrict(self, rows: Option<i64>) -> Range {
        if self.is_zero() {
            return self;
        }
        match rows {
            None => self,
            Some(rows) => self.intersect(Range {
                lower: self.lower,
                upper: Some(self.lower.saturating_add(rows).saturating_sub(1)),
            }),
        }
    }
}

/// How the parameters that are no filter expression are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arguments {
    /// As arguments of a function.
    Allowed,
    /// As mistakes.
    Refused,
}

impl Query {
    /// Reads a query string.
    pub(crate) fn parse(text: &str, arguments: Arguments) -> Result<Query, ParseFailure> {
        let parameters = decode_pairs(text);
        let mut query = Query { canonical: canonical(&parameters), ..Query::default() };
        let given: Vec<(&str, &str)> =
            parameters.iter().filter_map(|(key, value)| Some((key.as_str(), value.as_deref()?))).collect();
        let first = |name: &str| given.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
        let ending = |name: &'static str| {
            given.iter().copied().filter(move |(key, _)| key.rsplit('.').next() == Some(name))
        };
        for (key, value) in ending("order") {
            let terms = parser::parse("order", value, value, order::order);
            query.order.push((tree_path(key)?.0, terms?));
        }
        for (key, value) in given.iter().copied().filter(|(key, _)| is_logic(key)) {
            let (path, operator) = parser::parse("logic path", key, key, filter::logic_path)?;
            let tree = parser::parse("logic tree", value, &format!("{operator}{value}"), filter::logic)?;
            query.logic.push((path, tree));
        }
        if let Some(text) = first("columns") {
            let names = parser::parse("columns parameter", text, text, names::columns)?;
            query.columns = Some(names.into_iter().collect());
        }
        let text = first("select").unwrap_or("*");
        query.select = parser::parse("select parameter", text, text, select::select)?;
        for (key, value) in given.iter().copied().filter(|(key, _)| is_filter(key)) {
            query.read_filter(key, value, arguments)?;
        }
        if let Some(text) = first("on_conflict") {
            query.on_conflict = Some(parser::parse("on_conflict parameter", text, text, names::columns)?);
        }
        query.read_ranges(ending("limit"), ending("offset"))?;
        Ok(query)
    }

    fn read_filter(&mut self, key: &str, value: &str, arguments: Arguments) -> Result<(), ParseFailure> {
        let parsed = match filter::quick(value) {
            Some(parsed) => Ok(parsed),
            None => parser::parse("filter", value, value, |c| filter::condition(filter::whole_value, c)),
        };
        let (path, field) = tree_path(key)?;
        match parsed {
            Ok((negated, operation)) => self.filters.push((path, Filter { field, negated, operation })),
            Err(failure) if arguments == Arguments::Refused || started(value) => return Err(failure),
            Err(_) => self.arguments.push((field.name, value.to_owned())),
        }
        Ok(())
    }

    fn read_ranges<'a>(
        &mut self,
        limits: impl Iterator<Item = (&'a str, &'a str)>,
        offsets: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Result<(), ParseFailure> {
        for (key, value) in limits {
            let path = tree_path(key)?.0;
            let range = match whole_number(value) {
                Some(limit) => Range { lower: 0, upper: Some(limit.saturating_sub(1)) },
                None => Range::ALL,
            };
            *self.range_mut(path) = range;
        }
        for (key, value) in offsets {
            let path = tree_path(key)?.0;
            let range = self.range_mut(path);
            let lower = whole_number(value).unwrap_or(0).max(0);
            *range = Range { lower, upper: range.upper.map(|upper| upper.saturating_add(lower)) };
        }
        Ok(())
    }

    fn range_mut(&mut self, path: Path) -> &mut Range {
        let at = match self.ranges.iter().position(|(other, _)| *other == path) {
            Some(at) => at,
            None => {
                self.ranges.push((path, Range::ALL));
                self.ranges.len() - 1
            }
        };
        &mut self.ranges[at].1
    }

    /// Whether whole rows are selected and nothing beside them.
    pub(crate) fn selects_everything(&self) -> bool {
        match self.select.as_slice() {
            [] => true,
            [SelectItem::Field(field)] => {
                *field == SelectField { field: field.field.clone(), ..SelectField::default() }
                    && field.field.name == "*"
            }
            _ => false,
        }
    }

    /// How many resources are embedded, at all levels.
    pub(crate) fn embed_count(&self) -> usize {
        fn count(items: &[SelectItem]) -> usize {
            items
                .iter()
                .map(|item| match item {
                    SelectItem::Embed(embed) => 1 + count(&embed.select),
                    SelectItem::Field(_) => 0,
                })
                .sum()
        }
        count(&self.select)
    }

    /// How many conditions the trees hold.
    pub(crate) fn condition_count(&self) -> usize {
        fn count(tree: &Logic) -> usize {
            match tree {
                Logic::Filter(_) => 1,
                Logic::Group { members, .. } => members.iter().map(count).sum(),
            }
        }
        self.logic.iter().map(|(_, tree)| count(tree)).sum()
    }

    /// The range of the resource itself.
    pub(crate) fn top_range(&self) -> Range {
        self.ranges.iter().find(|(path, _)| path.is_empty()).map_or(Range::ALL, |(_, range)| *range)
    }
}

/// Whether a text that is no filter began like one: then it is a mistake, not an argument.
fn started(value: &str) -> bool {
    // An operator that takes only certain values: `in` and `is` have made progress when their value is wrong.
    let value = value.strip_prefix("not.").unwrap_or(value);
    ["in.", "is.", "isdistinct."].iter().any(|word| value.starts_with(word))
}

fn whole_number(text: &str) -> Option<i64> {
    text.trim().parse().ok()
}

fn tree_path(key: &str) -> Result<(Path, Field), ParseFailure> {
    if key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') && !key.is_empty() {
        return Ok((Vec::new(), Field { name: key.to_owned(), path: Vec::new() }));
    }
    parser::parse("tree path", key, key, names::tree_path)
}

fn is_logic(key: &str) -> bool {
    matches!(key.rsplit('.').next(), Some("and" | "or"))
}

fn is_filter(key: &str) -> bool {
    let last = key.rsplit('.').next().unwrap_or(key);
    !matches!(last, "order" | "limit" | "offset" | "and" | "or")
        && !matches!(key, "select" | "columns" | "on_conflict")
}

/// Parameters as they stand; without `=` there is no value.
pub(crate) fn decode_pairs(text: &str) -> Vec<(String, Option<String>)> {
    text.split('&')
        .filter(|part| !part.is_empty())
        .map(|part| match part.split_once('=') {
            Some((key, value)) => (decode(key), Some(decode(value))),
            None => (decode(part), None),
        })
        .collect()
}

pub(crate) fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, tail)) = rest.split_first() {
        let escaped = tail.get(..2).and_then(|digits| {
            let digits = std::str::from_utf8(digits).ok()?;
            u8::from_str_radix(digits, 16).ok()
        });
        match (byte, escaped) {
            (b'%', Some(value)) => {
                bytes.push(value);
                rest = &tail[2..];
            }
            (b'+', _) => {
                bytes.push(b' ');
                rest = tail;
            }
            _ => {
                bytes.push(*byte);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

/// Percent-encodes all but letters, digits and `-_.~`.
pub(crate) fn encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
}

fn canonical(parameters: &[(String, Option<String>)]) -> String {
    let mut sorted: Vec<_> = parameters.iter().collect();
    sorted.sort_by(|a, b| a.0.cmp(&b.0));
    let mut out = String::new();
    for (at, (key, value)) in sorted.iter().enumerate() {
        let again = at > 0 && sorted[at - 1].0 == *key;
        if again {
            out.push(',');
        } else {
            if at > 0 {
                out.push('&');
            }
            encode(key, &mut out);
            out.push('=');
        }
        encode(value.as_deref().unwrap_or(""), &mut out);
    }
    out
}

#[cfg(test)]
mod tests;
