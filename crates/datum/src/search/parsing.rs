//! The functions that make a tsvector or a tsquery of a text.

use super::config::{self, Config, Words};
use super::document::{Parts, of_json, of_text};
use super::query::{Operand, Operator, Query};
use super::syntax::{self, Language};
use super::tokens::{KINDS, Tokens};
use super::{MAX_WORD, queries, vectors};
use crate::context::Context;
use crate::json::parse;
use crate::registry::{Call, Function, Rows, SetFunction, immutable, stable};
use crate::value::StoredValue;
use sqlstate::{DatabaseError, Result, SUCCESSFUL_COMPLETION, UNDEFINED_OBJECT};

/// How a text is read as a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// `to_tsquery`
    Standard,
    /// `plainto_tsquery`
    Plain,
    /// `phraseto_tsquery`
    Phrase,
    /// `websearch_to_tsquery`
    Web,
}

/// A text as a query under a configuration.
pub(super) fn read(text: &str, reading: Reading, config: Config, context: &dyn Context) -> Result<Query> {
    let language = match reading {
        Reading::Standard => Language::Standard,
        Reading::Plain | Reading::Phrase => Language::Plain,
        Reading::Web => Language::Web,
    };
    let between = if reading == Reading::Plain { Operator::And } else { Operator::Phrase };
    let mut operands = false;
    let query = syntax::parse(text, language, &mut |operand, polish| {
        operands = true;
        let mut words = Words::default();
        words.add(&operand.word, config, context)?;
        if words.lexemes.is_empty() {
            polish.stop();
            return Ok(());
        }
        // An operand of several words: one after the other, stop words between them in their places.
        let mut place = 0;
        let mut first = true;
        for (word, position) in words.lexemes {
            while place > 0 && place + 1 < position.place() {
                polish.stop();
                if !first {
                    polish.operator(between, 1);
                }
                place += 1;
            }
            place = position.place();
            if word.len() > MAX_WORD {
                return Err(syntax::word_too_long(text));
            }
            polish.value(Operand { word, ..operand.clone() });
            if !first {
                polish.operator(between, 1);
            }
            first = false;
        }
        Ok(())
    })?;
    if query.items.is_empty() {
        let message = if operands {
            "text-search query contains only stop words or doesn't contain lexemes, ignored".to_owned()
        } else {
            format!("text-search query doesn't contain lexemes: \"{text}\"")
        };
        context.notice(SUCCESSFUL_COMPLETION, &message);
    }
    Ok(query)
}

/// The configuration: the first argument, or the session's.
fn config(call: &Call<'_>, given: bool) -> Result<Config> {
    if given { Config::of(call.int(0)?) } else { Config::current(call.context) }
}

fn to_vector(call: &Call<'_>, given: bool) -> Result<StoredValue> {
    let config = config(call, given)?;
    vectors::result(&of_text(call.text(usize::from(given))?, config, call.context)?)
}

fn to_query(call: &Call<'_>, given: bool, reading: Reading) -> Result<StoredValue> {
    let config = config(call, given)?;
    queries::result(&read(call.text(usize::from(given))?, reading, config, call.context)?)
}

/// The strings of a JSON value.
fn strings(call: &Call<'_>, given: bool) -> Result<StoredValue> {
    json(call, given, Parts::STRINGS)
}

/// The parts of a JSON value that the last argument names.
fn flagged(call: &Call<'_>, given: bool) -> Result<StoredValue> {
    let parts = Parts::named(call.text(usize::from(given) + 1)?)?;
    json(call, given, parts)
}

fn json(call: &Call<'_>, given: bool, parts: Parts) -> Result<StoredValue> {
    let config = config(call, given)?;
    let text = call.text(usize::from(given))?;
    parse::escapes(text)?;
    vectors::result(&of_json(text, parts, config, call.context)?)
}

/// PostgreSQL has one parser.
fn require_parser(call: &Call<'_>) -> Result<()> {
    let name = call.text(0)?;
    match name.strip_prefix("pg_catalog.").unwrap_or(name) {
        "default" | "\"default\"" => Ok(()),
        _ => {
            Err(DatabaseError::new(UNDEFINED_OBJECT, format!("text search parser \"{name}\" does not exist")))
        }
    }
}

fn parsed(call: &mut Call<'_>) -> Result<Rows> {
    require_parser(call)?;
    let mut tokens = Tokens::new(call.text(1)?);
    let mut rows: Vec<Result<Vec<StoredValue>>> = Vec::new();
    while let Some((kind, token)) = tokens.next()? {
        call.context.check_interrupt()?;
        rows.push(Ok(vec![(kind as i64).into(), token.into()]));
    }
    Ok(Box::new(rows.into_iter()))
}

fn kinds(call: &mut Call<'_>) -> Result<Rows> {
    require_parser(call)?;
    let row = |(kind, alias, description): &(super::tokens::Kind, &str, &str)| {
        Ok(vec![(*kind as i64).into(), (*alias).into(), (*description).into()])
    };
    Ok(Box::new(KINDS.iter().map(row).collect::<Vec<_>>().into_iter()))
}

pub(super) static FUNCTIONS: &[Function] = &[
    stable("to_tsvector", |call| to_vector(call, false)),
    immutable("to_tsvector_byid", |call| to_vector(call, true)),
    stable("json_string_to_tsvector", |call| strings(call, false)),
    immutable("json_string_to_tsvector_byid", |call| strings(call, true)),
    stable("jsonb_string_to_tsvector", |call| strings(call, false)),
    immutable("jsonb_string_to_tsvector_byid", |call| strings(call, true)),
    stable("json_to_tsvector", |call| flagged(call, false)),
    immutable("json_to_tsvector_byid", |call| flagged(call, true)),
    stable("jsonb_to_tsvector", |call| flagged(call, false)),
    immutable("jsonb_to_tsvector_byid", |call| flagged(call, true)),
    stable("to_tsquery", |call| to_query(call, false, Reading::Standard)),
    immutable("to_tsquery_byid", |call| to_query(call, true, Reading::Standard)),
    stable("plainto_tsquery", |call| to_query(call, false, Reading::Plain)),
    immutable("plainto_tsquery_byid", |call| to_query(call, true, Reading::Plain)),
    stable("phraseto_tsquery", |call| to_query(call, false, Reading::Phrase)),
    immutable("phraseto_tsquery_byid", |call| to_query(call, true, Reading::Phrase)),
    stable("websearch_to_tsquery", |call| to_query(call, false, Reading::Web)),
    immutable("websearch_to_tsquery_byid", |call| to_query(call, true, Reading::Web)),
    stable("get_current_ts_config", |call| Ok(i64::from(config::current(call.context)?).into())),
];

pub(super) static SET_FUNCTIONS: &[SetFunction] = &[
    SetFunction::immutable("ts_parse_byname", 2, parsed).stable(),
    SetFunction::immutable("ts_token_type_byname", 3, kinds).stable(),
];
