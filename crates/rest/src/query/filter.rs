//! `column=op.value` and the logic trees `and=(…)`, `or=(…)`.

use super::names::{Field, delimiter, field, identifier, name, quoted};
use super::parser::{Cursor, Parsed, Sequence, attempt, either, label, lexeme, many, optional, separated1};
use super::select::word;

/// A condition on a column.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Filter {
    /// On what.
    pub(crate) field: Field,
    /// `not.` before the operator.
    pub(crate) negated: bool,
    /// The condition.
    pub(crate) operation: Operation,
}

/// An operator with its value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Operation {
    /// An operator between the column and a value.
    Compare { operator: Operator, quantifier: Option<Quantifier>, value: String },
    /// IN
    In(Vec<String>),
    /// IS
    Is(Truth),
    /// IS DISTINCT FROM
    IsDistinctFrom(String),
    /// Full text search.
    Search { function: SearchFunction, language: Option<String>, value: String },
}

/// The operators with one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Equal,
    NotEqual,
    GreaterEqual,
    Greater,
    LessEqual,
    Less,
    Like,
    ILike,
    Match,
    IMatch,
    Contains,
    Contained,
    Overlap,
    StrictlyLeft,
    StrictlyRight,
    NotRight,
    NotLeft,
    Adjacent,
}

impl Operator {
    /// PostgreSQL's symbol.
    pub(crate) fn symbol(self) -> &'static str {
        match self {
            Operator::Equal => "=",
            Operator::NotEqual => "<>",
            Operator::GreaterEqual => ">=",
            Operator::Greater => ">",
            Operator::LessEqual => "<=",
            Operator::Less => "<",
            Operator::Like => "LIKE",
            Operator::ILike => "ILIKE",
            Operator::Match => "~",
            Operator::IMatch => "~*",
            Operator::Contains => "@>",
            Operator::Contained => "<@",
            Operator::Overlap => "&&",
            Operator::StrictlyLeft => "<<",
            Operator::StrictlyRight => ">>",
            Operator::NotRight => "&<",
            Operator::NotLeft => "&>",
            Operator::Adjacent => "-|-",
        }
    }
}

/// `(any)`, `(all)`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quantifier {
    /// ANY
    Any,
    /// ALL
    All,
}

/// What may stand after IS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Truth {
    Null,
    NotNull,
    True,
    False,
    Unknown,
}

/// The functions that make a tsquery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SearchFunction {
    To,
    Plain,
    Phrase,
    Websearch,
}

/// A tree of conditions.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Logic {
    /// One condition.
    Filter(Filter),
    /// Several.
    Group { negated: bool, any: bool, members: Vec<Logic> },
}

const SIMPLE: [(&str, Operator); 9] = [
    ("neq", Operator::NotEqual),
    ("cs", Operator::Contains),
    ("cd", Operator::Contained),
    ("ov", Operator::Overlap),
    ("sl", Operator::StrictlyLeft),
    ("sr", Operator::StrictlyRight),
    ("nxr", Operator::NotRight),
    ("nxl", Operator::NotLeft),
    ("adj", Operator::Adjacent),
];

const QUANTIFIABLE: [(&str, Operator); 9] = [
    ("eq", Operator::Equal),
    ("gte", Operator::GreaterEqual),
    ("gt", Operator::Greater),
    ("lte", Operator::LessEqual),
    ("lt", Operator::Less),
    ("like", Operator::Like),
    ("ilike", Operator::ILike),
    ("match", Operator::Match),
    ("imatch", Operator::IMatch),
];

/// The commonest conditions without the grammar: `op.value` with an operator that takes any value.
pub(super) fn quick(text: &str) -> Option<(bool, Operation)> {
    let (word, value) = text.split_once('.')?;
    let (_, operator) = QUANTIFIABLE.iter().chain(&SIMPLE).find(|(name, _)| *name == word)?;
    Some((false, Operation::Compare { operator: *operator, quantifier: None, value: value.to_owned() }))
}

type ValueRule = fn(&mut Cursor) -> Parsed<String>;

/// `[not.]op.value`
pub(super) fn condition(value: ValueRule, cursor: &mut Cursor) -> Parsed<(bool, Operation)> {
    let mut sequence = Sequence::start(cursor);
    let negated = sequence.then(negation(cursor))?;
    let operation = sequence.then(label("operator (eq, gt, ...)", |c| operation(value, c), cursor))?;
    sequence.done((negated, operation))
}

fn negation(cursor: &mut Cursor) -> Parsed<bool> {
    either(
        |c| {
            attempt(
                |c| {
                    let mut sequence = Sequence::start(c);
                    sequence.then(c.string("not"))?;
                    sequence.then(delimiter(c))?;
                    sequence.done(true)
                },
                c,
            )
        },
        |c| c.pure(false),
        cursor,
    )
}

fn operation(value: ValueRule, cursor: &mut Cursor) -> Parsed<Operation> {
    let is_distinct = |c: &mut Cursor| {
        let mut sequence = Sequence::start(c);
        sequence.then(keyword(c, "isdistinct"))?;
        let text = sequence.then(value(c))?;
        sequence.done(Operation::IsDistinctFrom(text))
    };
    either(
        in_list,
        |c| {
            either(
                is,
                |c| {
                    either(
                        is_distinct,
                        |c| {
                            either(
                                |c| attempt(|c| search(value, c), c),
                                |c| {
                                    either(
                                        |c| attempt(|c| simple(value, c), c),
                                        |c| attempt(|c| quantifiable(value, c), c),
                                        c,
                                    )
                                },
                                c,
                            )
                        },
                        c,
                    )
                },
                c,
            )
        },
        cursor,
    )
}

fn keyword(cursor: &mut Cursor, text: &'static str) -> Parsed<()> {
    attempt(
        |c| {
            let mut sequence = Sequence::start(c);
            sequence.then(c.string(text))?;
            sequence.then(delimiter(c))?;
            sequence.done(())
        },
        cursor,
    )
}

fn in_list(cursor: &mut Cursor) -> Parsed<Operation> {
    let mut sequence = Sequence::start(cursor);
    sequence.then(keyword(cursor, "in"))?;
    sequence.then(lexeme(|c| c.char("("), cursor))?;
    let values = sequence.then(separated1(list_element, |c| c.char(","), cursor))?;
    sequence.then(lexeme(|c| c.char(")"), cursor))?;
    sequence.done(Operation::In(values))
}

fn is_element_end(c: char) -> bool {
    c == ',' || c == ')'
}

fn quoted_element(cursor: &mut Cursor) -> Parsed<String> {
    attempt(
        |c| {
            let mut sequence = Sequence::start(c);
            let text = sequence.then(quoted(c))?;
            sequence.then(c.not_followed_by(|ch| !is_element_end(ch)))?;
            sequence.done(text)
        },
        cursor,
    )
}

fn plain_element(cursor: &mut Cursor) -> Parsed<String> {
    if let Some(run @ Ok(_)) = cursor.run(|c| !is_element_end(c)) {
        return run;
    }
    let mut sequence = Sequence::start(cursor);
    let chars = sequence.then(many(|c| c.satisfy(|ch| !is_element_end(ch)), cursor))?;
    sequence.done(chars.into_iter().collect())
}

fn list_element(cursor: &mut Cursor) -> Parsed<String> {
    either(quoted_element, plain_element, cursor)
}

fn is(cursor: &mut Cursor) -> Parsed<Operation> {
    let mut sequence = Sequence::start(cursor);
    sequence.then(keyword(cursor, "is"))?;
    let truth = sequence.then(label("isVal: (null, not_null, true, false, unknown)", truth, cursor))?;
    sequence.done(Operation::Is(truth))
}

fn truth(cursor: &mut Cursor) -> Parsed<Truth> {
    const WORDS: [(&str, Truth); 5] = [
        ("null", Truth::Null),
        ("not_null", Truth::NotNull),
        ("true", Truth::True),
        ("false", Truth::False),
        ("unknown", Truth::Unknown),
    ];
    one_of(
        &WORDS,
        |c, text| {
            let mut sequence = Sequence::start(c);
            for expected in text.chars() {
                sequence.then(c.satisfy(|ch| ch.eq_ignore_ascii_case(&expected)))?;
            }
            sequence.done(())
        },
        cursor,
    )
}

/// The first of the words that stands here.
fn one_of<T: Copy>(
    words: &[(&'static str, T)],
    rule: impl Fn(&mut Cursor, &'static str) -> Parsed<()>,
    cursor: &mut Cursor,
) -> Parsed<T> {
    let Some(((text, value), rest)) = words.split_first() else {
        return cursor.nothing();
    };
    either(
        |c| {
            attempt(
                |c| {
                    let mut sequence = Sequence::start(c);
                    sequence.then(rule(c, text))?;
                    sequence.done(*value)
                },
                c,
            )
        },
        |c| one_of(rest, &rule as &dyn Fn(&mut Cursor, &'static str) -> Parsed<()>, c),
        cursor,
    )
}

fn search(value: ValueRule, cursor: &mut Cursor) -> Parsed<Operation> {
    const WORDS: [(&str, SearchFunction); 4] = [
        ("fts", SearchFunction::To),
        ("plfts", SearchFunction::Plain),
        ("phfts", SearchFunction::Phrase),
        ("wfts", SearchFunction::Websearch),
    ];
    let mut sequence = Sequence::start(cursor);
    let function = sequence.then(one_of(&WORDS, |c, text| c.string(text), cursor))?;
    let language = sequence.then(optional(|c| attempt(|c| parenthesised(identifier, c), c), cursor))?;
    sequence.then(delimiter(cursor))?;
    let text = sequence.then(value(cursor))?;
    sequence.done(Operation::Search { function, language, value: text })
}

fn parenthesised<T>(rule: impl FnOnce(&mut Cursor) -> Parsed<T>, cursor: &mut Cursor) -> Parsed<T> {
    let mut sequence = Sequence::start(cursor);
    sequence.then(cursor.char("("))?;
    let inner = sequence.then(rule(cursor))?;
    sequence.then(cursor.char(")"))?;
    sequence.done(inner)
}

fn simple(value: ValueRule, cursor: &mut Cursor) -> Parsed<Operation> {
    let mut sequence = Sequence::start(cursor);
    let operator = sequence.then(label(
        "unknown single value operator",
        |c| one_of(&SIMPLE, |c, text| c.string(text), c),
        cursor,
    ))?;
    sequence.then(delimiter(cursor))?;
    let text = sequence.then(value(cursor))?;
    sequence.done(Operation::Compare { operator, quantifier: None, value: text })
}

fn quantifiable(value: ValueRule, cursor: &mut Cursor) -> Parsed<Operation> {
    let mut sequence = Sequence::start(cursor);
    let operator = sequence.then(label(
        "unknown single value operator",
        |c| one_of(&QUANTIFIABLE, |c, text| c.string(text), c),
        cursor,
    ))?;
    let quantifier = sequence.then(optional(
        |c| {
            attempt(
                |c| {
                    parenthesised(
                        |c| {
                            either(
                                |c| word(c, "any", Quantifier::Any),
                                |c| {
                                    let mut inner = Sequence::start(c);
                                    inner.then(c.string("all"))?;
                                    inner.done(Quantifier::All)
                                },
                                c,
                            )
                        },
                        c,
                    )
                },
                c,
            )
        },
        cursor,
    ))?;
    sequence.then(delimiter(cursor))?;
    let text = sequence.then(value(cursor))?;
    sequence.done(Operation::Compare { operator, quantifier, value: text })
}

/// A value that runs to the end.
pub(super) fn whole_value(cursor: &mut Cursor) -> Parsed<String> {
    let mut sequence = Sequence::start(cursor);
    let chars = sequence.then(many(|c| c.satisfy(|_| true), cursor))?;
    sequence.done(chars.into_iter().collect())
}

/// A value inside a tree: quoted, an array literal, or what stands before `,` and `)`.
fn tree_value(cursor: &mut Cursor) -> Parsed<String> {
    either(quoted_element, |c| either(|c| attempt(array_literal, c), plain_element, c), cursor)
}

fn array_literal(cursor: &mut Cursor) -> Parsed<String> {
    let mut sequence = Sequence::start(cursor);
    sequence.then(cursor.string("{"))?;
    let inner = sequence.then(many(|c| c.satisfy(|ch| ch != '{' && ch != '}'), cursor))?;
    sequence.then(cursor.string("}"))?;
    sequence.done(format!("{{{}}}", inner.into_iter().collect::<String>()))
}

/// A tree with its operator in front: `and(…)`, `not.or(…)`, or one condition.
pub(super) fn logic(cursor: &mut Cursor) -> Parsed<Logic> {
    cursor.nested(|c| either(|c| attempt(logic_filter, c), group, c))
}

fn logic_filter(cursor: &mut Cursor) -> Parsed<Logic> {
    let mut sequence = Sequence::start(cursor);
    let field = sequence.then(field(cursor))?;
    sequence.then(delimiter(cursor))?;
    let (negated, operation) = sequence.then(condition(tree_value, cursor))?;
    sequence.done(Logic::Filter(Filter { field, negated, operation }))
}

fn group(cursor: &mut Cursor) -> Parsed<Logic> {
    let mut sequence = Sequence::start(cursor);
    let negated = sequence.then(label("negation operator (not)", negation, cursor))?;
    let any = sequence.then(label(
        "logic operator (and, or)",
        |c| {
            either(
                |c| word(c, "and", false),
                |c| {
                    let mut inner = Sequence::start(c);
                    inner.then(c.string("or"))?;
                    inner.done(true)
                },
                c,
            )
        },
        cursor,
    ))?;
    sequence.then(lexeme(|c| c.char("("), cursor))?;
    let members = sequence.then(separated1(logic, |c| lexeme(|c| c.char(","), c), cursor))?;
    sequence.then(lexeme(|c| c.char(")"), cursor))?;
    sequence.done(Logic::Group { negated, any, members })
}

/// The key of a tree: its path and its operator, `not.` in front when it stands anywhere in the path.
pub(super) fn logic_path(cursor: &mut Cursor) -> Parsed<(Vec<String>, String)> {
    let mut sequence = Sequence::start(cursor);
    let mut names = sequence.then(separated1(name, delimiter, cursor))?;
    let operator = names.pop().unwrap_or_default();
    let negated = names.iter().any(|name| name == "not");
    names.retain(|name| name != "not");
    sequence.done((names, if negated { format!("not.{operator}") } else { operator }))
}
