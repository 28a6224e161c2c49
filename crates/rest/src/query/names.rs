//! Names, JSON paths and fields: what `select`, filters and `order` have in common.

use super::parser::{
    Cursor, Parsed, Sequence, attempt, before, either, label, lexeme, many, many1, optional, separated1,
};

/// A column with the way into its JSON.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub(crate) struct Field {
    /// The column, or `*`.
    pub(crate) name: String,
    /// The steps after it.
    pub(crate) path: Vec<Step>,
}

/// A step into JSON.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Step {
    /// `->>` gives text, `->` JSON.
    pub(crate) as_text: bool,
    /// Where it goes.
    pub(crate) key: Key,
}

/// A key of an object or an index of an array.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    /// A key.
    Name(String),
    /// Digits, perhaps with a minus sign.
    Index(String),
}

impl Field {
    /// The key that a JSON path gives its value in the answer: the last key that is no index.
    pub(crate) fn implied_alias(&self) -> Option<&str> {
        if self.path.is_empty() {
            return None;
        }
        let key = self.path.iter().rev().find_map(|step| match &step.key {
            Key::Name(name) => Some(name.as_str()),
            Key::Index(_) => None,
        });
        Some(key.unwrap_or(&self.name))
    }
}

/// `"quoted"`, with `\` before any character that stands for itself.
pub(super) fn quoted(cursor: &mut Cursor) -> Parsed<String> {
    let mut sequence = Sequence::start(cursor);
    sequence.then(cursor.char("\""))?;
    let chars = sequence.then(many(
        |c| {
            either(
                |c| c.satisfy(|ch| ch != '\\' && ch != '"'),
                |c| {
                    let mut inner = Sequence::start(c);
                    inner.then(c.char("\\"))?;
                    let escaped = inner.then(c.satisfy(|_| true))?;
                    inner.done(escaped)
                },
                c,
            )
        },
        cursor,
    ))?;
    sequence.then(cursor.char("\""))?;
    sequence.done(chars.into_iter().collect())
}

/// Letters, digits, `_`, `$` and blanks; outer blanks are trimmed.
pub(super) fn identifier(cursor: &mut Cursor) -> Parsed<String> {
    let class = |c: char| c.is_alphabetic() || c.is_ascii_digit() || matches!(c, '_' | ' ' | '$');
    if let Some(run) = cursor.run(class) {
        return trimmed(run);
    }
    let mut sequence = Sequence::start(cursor);
    let chars = sequence.then(many1(
        |c| {
            either(
                |c| {
                    either(
                        |c| c.named("letter", char::is_alphabetic),
                        |c| c.named("digit", |ch| ch.is_ascii_digit()),
                        c,
                    )
                },
                |c| c.satisfy(|ch| matches!(ch, '_' | ' ' | '$')),
                c,
            )
        },
        cursor,
    ))?;
    sequence.done(chars.into_iter().collect::<String>().trim().to_owned())
}

fn trimmed(run: Parsed<String>) -> Parsed<String> {
    run.map(|mut done| {
        done.value = done.value.trim().to_owned();
        done
    })
}

/// Identifiers with `-` between them, unless `>` follows it.
fn dashed(rule: fn(&mut Cursor) -> Parsed<String>, cursor: &mut Cursor) -> Parsed<String> {
    let mut sequence = Sequence::start(cursor);
    let parts = sequence.then(separated1(
        rule,
        |c| {
            attempt(
                |c| {
                    let mut inner = Sequence::start(c);
                    inner.then(c.char("-"))?;
                    inner.then(c.not_followed_by(|ch| ch == '>'))?;
                    inner.done(())
                },
                c,
            )
        },
        cursor,
    ))?;
    sequence.done(parts.join("-"))
}

/// A name.
pub(super) fn name(cursor: &mut Cursor) -> Parsed<String> {
    label("field name (* or [a..z0..9_$])", |c| either(quoted, |c| dashed(identifier, c), c), cursor)
}

/// `alias:`, when a single colon follows a name.
pub(super) fn alias(cursor: &mut Cursor) -> Parsed<Option<String>> {
    optional(
        |c| {
            attempt(
                |c| {
                    let mut sequence = Sequence::start(c);
                    let alias = sequence.then(name(c))?;
                    sequence.then(c.char(":"))?;
                    sequence.then(c.not_followed_by(|ch| ch == ':'))?;
                    sequence.done(alias)
                },
                c,
            )
        },
        cursor,
    )
}

fn json_key_part(cursor: &mut Cursor) -> Parsed<String> {
    let class = |c: char| !matches!(c, '(' | '-' | ':' | '.' | ',' | '>' | ')');
    if let Some(run) = cursor.run(class) {
        return trimmed(run);
    }
    let mut sequence = Sequence::start(cursor);
    let chars = sequence.then(many1(|c| c.satisfy(class), cursor))?;
    sequence.done(chars.into_iter().collect::<String>().trim().to_owned())
}

fn json_key(cursor: &mut Cursor) -> Parsed<Key> {
    let mut sequence = Sequence::start(cursor);
    let key = sequence.then(label(
        "any non reserved character different from: .,>()",
        |c| either(quoted, |c| dashed(json_key_part, c), c),
        cursor,
    ))?;
    sequence.done(Key::Name(key))
}

fn json_index(cursor: &mut Cursor) -> Parsed<Key> {
    let mut sequence = Sequence::start(cursor);
    let sign = sequence.then(optional(|c| c.char("-"), cursor))?;
    let digits = sequence.then(many1(|c| c.named("digit", |ch| ch.is_ascii_digit()), cursor))?;
    sequence.then(before(&["->", "::", ".", ","], true, cursor))?;
    sequence.done(Key::Index(sign.into_iter().chain(digits).collect()))
}

fn json_step(cursor: &mut Cursor) -> Parsed<Step> {
    let mut sequence = Sequence::start(cursor);
    let as_text = sequence.then(either(
        |c| attempt(|c| arrow(c, "->>", true), c),
        |c| attempt(|c| arrow(c, "->", false), c),
        cursor,
    ))?;
    let key = sequence.then(either(|c| attempt(json_index, c), |c| attempt(json_key, c), cursor))?;
    sequence.done(Step { as_text, key })
}

fn arrow(cursor: &mut Cursor, text: &'static str, as_text: bool) -> Parsed<bool> {
    let mut sequence = Sequence::start(cursor);
    sequence.then(cursor.string(text))?;
    sequence.done(as_text)
}

/// The steps after a column.
pub(super) fn json_path(cursor: &mut Cursor) -> Parsed<Vec<Step>> {
    let mut sequence = Sequence::start(cursor);
    let path = sequence.then(optional(|c| many(json_step, c), cursor))?;
    sequence.done(path.unwrap_or_default())
}

/// A column with its JSON path.
pub(super) fn field(cursor: &mut Cursor) -> Parsed<Field> {
    lexeme(
        |c| {
            let mut sequence = Sequence::start(c);
            let column = sequence.then(name(c))?;
            let path = sequence.then(json_path(c))?;
            sequence.done(Field { name: column, path })
        },
        cursor,
    )
}

/// `.`
pub(super) fn delimiter(cursor: &mut Cursor) -> Parsed<()> {
    let mut sequence = Sequence::start(cursor);
    sequence.then(label("delimiter (.)", |c| c.char("."), cursor))?;
    sequence.done(())
}

/// `rel.rel.column->path`
pub(super) fn tree_path(cursor: &mut Cursor) -> Parsed<(Vec<String>, Field)> {
    let mut sequence = Sequence::start(cursor);
    let mut names = sequence.then(separated1(name, delimiter, cursor))?;
    let path = sequence.then(json_path(cursor))?;
    let last = names.pop().unwrap_or_default();
    sequence.done((names, Field { name: last, path }))
}

/// `a,b,"c d"`
pub(super) fn columns(cursor: &mut Cursor) -> Parsed<Vec<String>> {
    separated1(name, |c| lexeme(|c| c.char(","), c), cursor)
}
