//! `ts_rank`: how often a document has a query's lexemes, and how near to each other.

use super::LAST_POSITION;
use super::queries::query;
use super::query::{Item, Operand, Operator, Query};
use super::vector::{Lexeme, Position, Vector};
use super::vectors::vector;
use super::{cover, order};
use crate::array::{Array, Encoding};
use crate::registry::{Call, Function, immutable};
use crate::value::StoredValue;
use sqlstate::{
    ARRAY_SUBSCRIPT_ERROR, DatabaseError, INVALID_PARAMETER_VALUE, NULL_VALUE_NOT_ALLOWED, Result,
};

/// What a word of the weights D, C, B, A counts.
pub(super) type Weights = [f32; 4];
const WEIGHTS: Weights = [0.1, 0.2, 0.4, 1.0];

/// Bits of the method: what a rank is divided by.
pub(super) const BY_LOG_LENGTH: i64 = 1;
pub(super) const BY_LENGTH: i64 = 2;
pub(super) const BY_DISTANCE: i64 = 4;
pub(super) const BY_UNIQUE: i64 = 8;
pub(super) const BY_LOG_UNIQUE: i64 = 16;
pub(super) const BY_ITSELF: i64 = 32;

/// How many words there are: positions, and lexemes without.
pub(super) fn length(vector: &Vector) -> usize {
    vector.lexemes.iter().map(|lexeme| lexeme.positions.len().max(1)).sum()
}

/// The lexemes that an operand means.
pub(super) fn meant<'a>(vector: &'a Vector, operand: &Operand) -> &'a [Lexeme] {
    if operand.prefix {
        return vector.with_prefix(&operand.word);
    }
    match vector.find(&operand.word) {
        Some(at) => &vector.lexemes[at..=at],
        None => &[],
    }
}

/// The operands by their words, each word once.
fn unique(query: &Query) -> Vec<&Operand> {
    let mut operands: Vec<&Operand> = query.operands().collect();
    order::sort(&mut operands, &|left: &&Operand, right: &&Operand| left.word.cmp(&right.word));
    operands.dedup_by(|left, right| left.word == right.word);
    operands
}

fn weight(weights: &Weights, position: Position) -> f32 {
    weights[usize::from(position.weight())]
}

/// How much two words count together at a distance.
fn nearness(distance: i32) -> f32 {
    if distance > 100 {
        return 1e-30;
    }
    (1.0 / (1.005 + 0.05 * (f64::from(distance as f32) / 1.5 - 2.0).exp())) as f32
}

fn rank_and(weights: &Weights, vector: &Vector, query: &Query) -> f32 {
    let operands = unique(query);
    if operands.len() < 2 {
        return rank_or(weights, vector, query);
    }
    let nowhere = [Position::new(LAST_POSITION, 0)];
    // The positions of each operand's last lexeme; whether they are made up.
    let mut places: Vec<Option<(&[Position], bool)>> = vec![None; operands.len()];
    let mut rank = -1.0f32;
    for (at, operand) in operands.iter().enumerate() {
        for lexeme in meant(vector, operand) {
            let none = lexeme.positions.is_empty();
            let here: &[Position] = if none { &nowhere } else { &lexeme.positions };
            places[at] = Some((here, none));
            for (other, other_none) in places[..at].iter().flatten() {
                for left in here {
                    for right in *other {
                        let distance = (i32::from(left.place()) - i32::from(right.place())).abs();
                        if distance == 0 && !none && !other_none {
                            continue;
                        }
                        let distance = if distance == 0 { i32::from(LAST_POSITION) + 1 } else { distance };
                        let product = weight(weights, *left) * weight(weights, *right) * nearness(distance);
                        let both = f64::from(product).sqrt() as f32;
                        rank = if rank < 0.0 {
                            both
                        } else {
                            (1.0 - (1.0 - f64::from(rank)) * (1.0 - f64::from(both))) as f32
                        };
                    }
                }
            }
        }
    }
    rank
}

fn rank_or(weights: &Weights, vector: &Vector, query: &Query) -> f32 {
    let operands = unique(query);
    let nowhere = [Position::new(0, 0)];
    let mut rank = 0.0f32;
    for operand in &operands {
        for lexeme in meant(vector, operand) {
            let here: &[Position] = if lexeme.positions.is_empty() { &nowhere } else { &lexeme.positions };
            let (mut sum, mut best, mut best_at) = (0.0f32, -1.0f32, 0i32);
            for (at, position) in (0i32..).zip(here) {
                let weight = weight(weights, *position);
                sum += weight / ((at + 1) * (at + 1)) as f32;
                if weight > best {
                    best = weight;
                    best_at = at;
                }
            }
            let rest = best + sum - best / ((best_at + 1) * (best_at + 1)) as f32;
            rank = (f64::from(rank) + f64::from(rest) / 1.644_934_066_85) as f32;
        }
    }
    if operands.is_empty() { rank } else { rank / operands.len() as f32 }
}

fn rank(weights: &Weights, vector: &Vector, query: &Query, method: i64) -> f32 {
    if vector.lexemes.is_empty() || query.items.is_empty() {
        return 0.0;
    }
    let together =
        matches!(query.items[0], Item::Operator { operator: Operator::And | Operator::Phrase, .. });
    let mut rank = if together { rank_and(weights, vector, query) } else { rank_or(weights, vector, query) };
    if rank < 0.0 {
        rank = 1e-20;
    }
    let unique = vector.lexemes.len();
    if method & BY_LOG_LENGTH != 0 {
        let length = ((length(vector) + 1) as f64).ln();
        rank = (f64::from(rank) / (length / 2f64.ln())) as f32;
    }
    if method & BY_LENGTH != 0 {
        rank /= length(vector) as f32;
    }
    if method & BY_UNIQUE != 0 {
        rank /= unique as f32;
    }
    if method & BY_LOG_UNIQUE != 0 {
        rank = (f64::from(rank) / (((unique + 1) as f64).ln() / 2f64.ln())) as f32;
    }
    if method & BY_ITSELF != 0 {
        rank /= rank + 1.0;
    }
    rank
}

/// The weights of a float4[] argument: D, C, B, A. A negative one stands for the default.
fn weights(call: &Call<'_>) -> Result<Weights> {
    let array = Array::stored(call.text(0)?, Encoding::Real)?;
    let subscripts = |message: &str| Err(DatabaseError::new(ARRAY_SUBSCRIPT_ERROR, message));
    if array.lengths.len() != 1 {
        return subscripts("array of weight must be one-dimensional");
    }
    if array.elements.len() < WEIGHTS.len() {
        return subscripts("array of weight is too short");
    }
    let mut weights = WEIGHTS;
    let given: Option<Vec<f64>> = array.elements.iter().map(|element| element.borrow().real()).collect();
    let Some(given) = given else {
        let message = "array of weight must not contain nulls";
        return Err(DatabaseError::new(NULL_VALUE_NOT_ALLOWED, message));
    };
    for (weight, given) in weights.iter_mut().zip(given) {
        if given >= 0.0 {
            *weight = given as f32;
        }
        if *weight > 1.0 {
            return Err(DatabaseError::new(INVALID_PARAMETER_VALUE, "weight out of range"));
        }
    }
    Ok(weights)
}

type Ranking = fn(&Weights, &Vector, &Query, i64) -> f32;

fn ranked(call: &Call<'_>, weighted: bool, by_method: bool, ranking: Ranking) -> Result<StoredValue> {
    let weights = if weighted { weights(call)? } else { WEIGHTS };
    let first = usize::from(weighted);
    let method = if by_method { call.int(first + 2)? } else { 0 };
    let rank = ranking(&weights, &vector(call, first)?, &query(call, first + 1)?, method);
    Ok(f64::from(rank).into())
}

pub(super) static FUNCTIONS: &[Function] = &[
    immutable("ts_rank_tt", |call| ranked(call, false, false, rank)),
    immutable("ts_rank_ttf", |call| ranked(call, false, true, rank)),
    immutable("ts_rank_wtt", |call| ranked(call, true, false, rank)),
    immutable("ts_rank_wttf", |call| ranked(call, true, true, rank)),
    immutable("ts_rankcd_tt", |call| ranked(call, false, false, cover::rank)),
    immutable("ts_rankcd_ttf", |call| ranked(call, false, true, cover::rank)),
    immutable("ts_rankcd_wtt", |call| ranked(call, true, false, cover::rank)),
    immutable("ts_rankcd_wttf", |call| ranked(call, true, true, cover::rank)),
];
