//! `order=`: how rows are sorted.

use super::names::{Field, delimiter, field, name};
use super::parser::{Cursor, Parsed, Sequence, attempt, before, either, lexeme, optional, separated1};

/// A sort key.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OrderTerm {
    /// The embedded resource that has the column, else the resource itself.
    pub(crate) relation: Option<String>,
    /// By what.
    pub(crate) field: Field,
    /// `.asc`, `.desc`
    pub(crate) descending: Option<bool>,
    /// `.nullsfirst`, `.nullslast`
    pub(crate) nulls_first: Option<bool>,
}

/// The whole list.
pub(super) fn order(cursor: &mut Cursor) -> Parsed<Vec<OrderTerm>> {
    separated1(term, |c| c.char(","), cursor)
}

fn term(cursor: &mut Cursor) -> Parsed<OrderTerm> {
    if let Some(name) = cursor.quick_word(&[','], true) {
        let field = Field { name, path: Vec::new() };
        return cursor.read(OrderTerm { relation: None, field, descending: None, nulls_first: None });
    }
    lexeme(|c| either(|c| attempt(related, c), own, c), cursor)
}

fn own(cursor: &mut Cursor) -> Parsed<OrderTerm> {
    let mut sequence = Sequence::start(cursor);
    let field = sequence.then(field(cursor))?;
    let (descending, nulls_first) = sequence.then(manner(cursor))?;
    sequence.done(OrderTerm { relation: None, field, descending, nulls_first })
}

fn related(cursor: &mut Cursor) -> Parsed<OrderTerm> {
    let mut sequence = Sequence::start(cursor);
    let relation = sequence.then(name(cursor))?;
    sequence.then(cursor.char("("))?;
    let field = sequence.then(field(cursor))?;
    sequence.then(cursor.char(")"))?;
    let (descending, nulls_first) = sequence.then(manner(cursor))?;
    sequence.done(OrderTerm { relation: Some(relation), field, descending, nulls_first })
}

fn manner(cursor: &mut Cursor) -> Parsed<(Option<bool>, Option<bool>)> {
    let mut sequence = Sequence::start(cursor);
    let descending = sequence
        .then(optional(|c| either(|c| dotted(c, "asc", false), |c| dotted(c, "desc", true), c), cursor))?;
    let nulls_first = sequence.then(optional(
        |c| either(|c| dotted(c, "nullsfirst", true), |c| dotted(c, "nullslast", false), c),
        cursor,
    ))?;
    sequence.then(before(&[","], true, cursor))?;
    sequence.done((descending, nulls_first))
}

fn dotted(cursor: &mut Cursor, text: &'static str, value: bool) -> Parsed<bool> {
    attempt(
        |c| {
            let mut sequence = Sequence::start(c);
            sequence.then(delimiter(c))?;
            sequence.then(c.string(text))?;
            sequence.done(value)
        },
        cursor,
    )
}
