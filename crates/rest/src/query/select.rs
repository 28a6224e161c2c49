//! `select=`: what of the rows is wanted.

use super::names::{Field, alias, field, identifier, name};
use super::parser::{Cursor, Parsed, Sequence, attempt, before, either, lexeme, optional, separated1};

/// An item of `select`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum SelectItem {
    /// A column, `*`, or an aggregate of either.
    Field(SelectField),
    /// A related resource.
    Embed(Embed),
}

/// A column of `select`.
#[derive(Clone, Debug, PartialEq, Default)]
pub(crate) struct SelectField {
    /// Which.
    pub(crate) field: Field,
    /// `::type` after it.
    pub(crate) cast: Option<String>,
    /// `.sum()` and the like.
    pub(crate) aggregate: Option<Aggregate>,
    /// `::type` after the aggregate.
    pub(crate) aggregate_cast: Option<String>,
    /// `alias:` before it.
    pub(crate) alias: Option<String>,
}

/// A related resource in `select`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Embed {
    /// What it is called by.
    pub(crate) target: String,
    /// `alias:` before it.
    pub(crate) alias: Option<String>,
    /// `!hint`
    pub(crate) hint: Option<String>,
    /// `!inner`, `!left`
    pub(crate) join: Option<Join>,
    /// `...` before it: its columns become the parent's.
    pub(crate) spread: bool,
    /// What of it is wanted.
    pub(crate) select: Vec<SelectItem>,
}

/// What an embed does to parents without a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Join {
    /// Keeps them.
    Left,
    /// Drops them.
    Inner,
}

/// The aggregates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aggregate {
    /// sum
    Sum,
    /// avg
    Avg,
    /// count
    Count,
    /// max
    Max,
    /// min
    Min,
}

impl Aggregate {
    /// The function's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Aggregate::Sum => "sum",
            Aggregate::Avg => "avg",
            Aggregate::Count => "count",
            Aggregate::Max => "max",
            Aggregate::Min => "min",
        }
    }
}

/// The whole list; empty text is an empty list.
pub(super) fn select(cursor: &mut Cursor) -> Parsed<Vec<SelectItem>> {
    let mut sequence = Sequence::start(cursor);
    let items = sequence
        .then(optional(|c| separated1(|c| c.nested(item), |c| lexeme(|c| c.char(","), c), c), cursor))?;
    sequence.done(items.unwrap_or_default())
}

fn item(cursor: &mut Cursor) -> Parsed<SelectItem> {
    if let Some(name) = cursor.quick_word(&[',', ')'], true) {
        let field = Field { name, path: Vec::new() };
        return cursor.read(SelectItem::Field(SelectField { field, ..SelectField::default() }));
    }
    either(
        |c| embed(|c| attempt(spread_head, c), c),
        |c| either(|c| embed(|c| attempt(embed_head, c), c), select_field, c),
        cursor,
    )
}

fn embed(head: impl FnOnce(&mut Cursor) -> Parsed<Embed>, cursor: &mut Cursor) -> Parsed<SelectItem> {
    let mut sequence = Sequence::start(cursor);
    let mut embed = sequence.then(head(cursor))?;
    sequence.then(cursor.char("("))?;
    embed.select = sequence.then(select(cursor))?;
    sequence.then(cursor.char(")"))?;
    sequence.done(SelectItem::Embed(embed))
}

fn spread_head(cursor: &mut Cursor) -> Parsed<Embed> {
    lexeme(
        |c| {
            let mut sequence = Sequence::start(c);
            sequence.then(c.string("..."))?;
            let target = sequence.then(name(c))?;
            let (hint, join) = sequence.then(modifiers(c))?;
            sequence.then(before(&["("], false, c))?;
            sequence.done(Embed { target, alias: None, hint, join, spread: true, select: Vec::new() })
        },
        cursor,
    )
}

fn embed_head(cursor: &mut Cursor) -> Parsed<Embed> {
    if let Some(target) = cursor.quick_word(&['('], false) {
        if target == "count" {
            return cursor.nothing();
        }
        return cursor.read(Embed {
            target,
            alias: None,
            hint: None,
            join: None,
            spread: false,
            select: Vec::new(),
        });
    }
    lexeme(
        |c| {
            let mut sequence = Sequence::start(c);
            let alias = sequence.then(alias(c))?;
            let target = sequence.then(name(c))?;
            if target == "count" {
                // `count()` counts rows.
                sequence.then(c.nothing::<()>())?;
            }
            let (hint, join) = sequence.then(modifiers(c))?;
            sequence.then(before(&["("], false, c))?;
            sequence.done(Embed { target, alias, hint, join, spread: false, select: Vec::new() })
        },
        cursor,
    )
}

enum Modifier {
    Hint(String),
    Join(Join),
}

fn modifiers(cursor: &mut Cursor) -> Parsed<(Option<String>, Option<Join>)> {
    let mut sequence = Sequence::start(cursor);
    let (mut hint, mut join) = (None, None);
    for _ in 0..2 {
        match sequence.then(optional(modifier, cursor))? {
            Some(Modifier::Hint(text)) => hint = hint.or(Some(text)),
            Some(Modifier::Join(kind)) => join = join.or(Some(kind)),
            None => {}
        }
    }
    sequence.done((hint, join))
}

fn modifier(cursor: &mut Cursor) -> Parsed<Modifier> {
    let mut sequence = Sequence::start(cursor);
    sequence.then(cursor.char("!"))?;
    let modifier = sequence.then(either(
        |c| word(c, "left", Modifier::Join(Join::Left)),
        |c| {
            either(
                |c| word(c, "inner", Modifier::Join(Join::Inner)),
                |c| {
                    attempt(
                        |c| {
                            let mut inner = Sequence::start(c);
                            let hint = inner.then(name(c))?;
                            inner.done(Modifier::Hint(hint))
                        },
                        c,
                    )
                },
                c,
            )
        },
        cursor,
    ))?;
    sequence.done(modifier)
}

/// A fixed word that stands for a value; a mismatch makes no progress.
pub(super) fn word<T>(cursor: &mut Cursor, text: &'static str, value: T) -> Parsed<T> {
    attempt(
        |c| {
            let mut sequence = Sequence::start(c);
            sequence.then(c.string(text))?;
            sequence.done(value)
        },
        cursor,
    )
}

fn select_field(cursor: &mut Cursor) -> Parsed<SelectItem> {
    lexeme(|c| either(|c| attempt(star, c), |c| either(|c| attempt(row_count, c), column, c), c), cursor)
}

fn item_end(cursor: &mut Cursor) -> Parsed<()> {
    before(&[")", ","], true, cursor)
}

fn star(cursor: &mut Cursor) -> Parsed<SelectItem> {
    let mut sequence = Sequence::start(cursor);
    sequence.then(cursor.string("*"))?;
    sequence.then(item_end(cursor))?;
    let field = Field { name: "*".to_owned(), path: Vec::new() };
    sequence.done(SelectItem::Field(SelectField { field, ..SelectField::default() }))
}

fn row_count(cursor: &mut Cursor) -> Parsed<SelectItem> {
    let mut sequence = Sequence::start(cursor);
    let alias = sequence.then(alias(cursor))?;
    sequence.then(cursor.string("count()"))?;
    let aggregate_cast = sequence.then(cast(cursor))?;
    sequence.then(item_end(cursor))?;
    sequence.done(SelectItem::Field(SelectField {
        field: Field { name: "*".to_owned(), path: Vec::new() },
        cast: None,
        aggregate: Some(Aggregate::Count),
        aggregate_cast,
        alias,
    }))
}

fn column(cursor: &mut Cursor) -> Parsed<SelectItem> {
    let mut sequence = Sequence::start(cursor);
    let alias = sequence.then(alias(cursor))?;
    let field = sequence.then(field(cursor))?;
    let cast_before = sequence.then(cast(cursor))?;
    let aggregate = sequence.then(optional(|c| attempt(aggregate, c), cursor))?;
    let aggregate_cast = sequence.then(cast(cursor))?;
    sequence.then(item_end(cursor))?;
    sequence.done(SelectItem::Field(SelectField {
        field,
        cast: cast_before,
        aggregate,
        aggregate_cast,
        alias,
    }))
}

fn cast(cursor: &mut Cursor) -> Parsed<Option<String>> {
    optional(
        |c| {
            let mut sequence = Sequence::start(c);
            sequence.then(c.string("::"))?;
            let target = sequence.then(identifier(c))?;
            sequence.done(target)
        },
        cursor,
    )
}

fn aggregate(cursor: &mut Cursor) -> Parsed<Aggregate> {
    let mut sequence = Sequence::start(cursor);
    sequence.then(cursor.char("."))?;
    let function = sequence.then(either(
        |c| word(c, "sum", Aggregate::Sum),
        |c| {
            either(
                |c| word(c, "avg", Aggregate::Avg),
                |c| {
                    either(
                        |c| word(c, "count", Aggregate::Count),
                        |c| either(|c| word(c, "max", Aggregate::Max), |c| word(c, "min", Aggregate::Min), c),
                        c,
                    )
                },
                c,
            )
        },
        cursor,
    ))?;
    sequence.then(cursor.string("()"))?;
    sequence.done(function)
}
