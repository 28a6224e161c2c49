//! Full text search: tsvector, tsquery, the configurations that make them of texts, matching and ranking.
//!
//! | | |
//! |---|---|
//! | `vector`, `query` | the types: text form, order |
//! | `word` | the words of a tsvector's or a tsquery's text form |
//! | `syntax` | the languages of `to_tsquery`, `plainto_tsquery`, `websearch_to_tsquery` |
//! | `matching` | `@@`, phrases included |
//! | `letters`, `states`, `tokens` | the default parser: a text's tokens |
//! | `config`, `french` | configurations: dictionaries, stop words, stems |
//! | `document` | tsvector of texts and JSON |
//! | `rank`, `cover` | `ts_rank`, `ts_rank_cd` |
//! | `order` | PostgreSQL's sort |
//! | `headline`, `fragments` | `ts_headline` |
//! | `vectors`, `queries`, `parsing` | the functions and operators |
//!
//! A tsvector is stored as its text form. A tsquery is stored as a text form too, in which a right operand of `&` and `|` that is
//! of the same operator stands in parentheses: the text that PostgreSQL prints does not tell one tree from the other.

pub(crate) mod config;
mod cover;
mod document;
mod fragments;
mod french;
mod headline;
mod letters;
mod matching;
mod order;
mod parsing;
mod queries;
pub(crate) mod query;
mod rank;
mod states;
mod syntax;
mod tokens;
pub(crate) mod vector;
mod vectors;
mod word;

use crate::registry::{Function, SetFunction};
use std::cmp::Ordering;

/// A lexeme has at most as many bytes.
const MAX_WORD: usize = 2047;
/// The lexemes and positions of a tsvector have at most as many bytes.
const MAX_BYTES: usize = 1_048_575;
/// The last position; later words have it too.
const LAST_POSITION: u16 = 16_383;
/// As many positions a lexeme has at most.
const MAX_POSITIONS: usize = 256;

/// The functions and operators.
pub(crate) static TABLES: [&[Function]; 5] =
    [vectors::FUNCTIONS, queries::FUNCTIONS, parsing::FUNCTIONS, rank::FUNCTIONS, headline::FUNCTIONS];
/// Those that return rows.
pub(crate) static SETS: [&[SetFunction]; 2] = [vectors::SET_FUNCTIONS, parsing::SET_FUNCTIONS];

/// The order of two stored tsvectors.
pub(crate) fn compare_vectors(left: &str, right: &str) -> Ordering {
    if left == right {
        return Ordering::Equal;
    }
    match (vector::Vector::stored(left), vector::Vector::stored(right)) {
        (Ok(left), Ok(right)) => left.compare(&right),
        _ => left.cmp(right),
    }
}

/// The order of two stored tsqueries. It does not look at weights and prefixes.
pub(crate) fn compare_queries(left: &str, right: &str) -> Ordering {
    if left == right {
        return Ordering::Equal;
    }
    match (query::Query::stored(left), query::Query::stored(right)) {
        (Ok(left), Ok(right)) => left.compare(&right),
        _ => left.cmp(right),
    }
}

#[cfg(test)]
mod tests;
