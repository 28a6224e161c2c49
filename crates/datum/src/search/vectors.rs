//! The functions and operators of tsvector.

use super::vector::{Lexeme, Position, Vector, check_word};
use super::{LAST_POSITION, MAX_POSITIONS};
use crate::array::{Array, Encoding};
use crate::registry::{Call, Function, Rows, SetFunction, immutable};
use crate::value::StoredValue;
use sqlstate::{
    DatabaseError, INVALID_PARAMETER_VALUE, NULL_VALUE_NOT_ALLOWED, Result, ZERO_LENGTH_CHARACTER_STRING,
};
use std::cmp::Ordering;

/// A tsvector argument.
pub(super) fn vector(call: &Call<'_>, at: usize) -> Result<Vector> {
    Vector::stored(call.text(at)?)
}

/// A tsvector as result.
pub(super) fn result(vector: &Vector) -> Result<StoredValue> {
    Ok(vector.to_text().into())
}

fn order(call: &Call<'_>) -> Result<Ordering> {
    Ok(super::compare_vectors(call.text(0)?, call.text(1)?))
}

/// The elements of a text[] argument.
fn texts(call: &Call<'_>, at: usize) -> Result<Vec<Option<String>>> {
    let array = Array::stored(call.text(at)?, Encoding::Text)?;
    let element = |element: StoredValue| match element {
        StoredValue::Text(text) => Ok(Some(text)),
        StoredValue::Null => Ok(None),
        other => Err(DatabaseError::internal(format_args!("an element of text[] is {other:?}"))),
    };
    array.elements.into_iter().map(element).collect()
}

/// The weight that a letter means.
fn weight(byte: u8) -> Option<u8> {
    match byte {
        b'a' | b'A' => Some(3),
        b'b' | b'B' => Some(2),
        b'c' | b'C' => Some(1),
        b'd' | b'D' => Some(0),
        _ => None,
    }
}

fn weigh(lexeme: &mut Lexeme, weight: u8) {
    for position in &mut lexeme.positions {
        *position = Position::new(position.place(), weight);
    }
}

/// The weight that a letter means.
fn required_weight(byte: u8) -> Result<u8> {
    weight(byte).ok_or_else(|| {
        let letter = match byte {
            b' '..=b'~' => char::from(byte).to_string(),
            _ => format!("\\{byte:03o}"),
        };
        DatabaseError::new(INVALID_PARAMETER_VALUE, format!("unrecognized weight: \"{letter}\""))
    })
}

fn set_weight(call: &mut Call<'_>) -> Result<StoredValue> {
    let weight = required_weight(call.int(1)? as u8)?;
    let mut vector = vector(call, 0)?;
    for lexeme in &mut vector.lexemes {
        weigh(lexeme, weight);
    }
    result(&vector)
}

fn set_weight_of(call: &mut Call<'_>) -> Result<StoredValue> {
    let weight = required_weight(call.int(1)? as u8)?;
    let mut vector = vector(call, 0)?;
    for word in texts(call, 2)?.into_iter().flatten() {
        if let Some(at) = vector.find(&word) {
            weigh(&mut vector.lexemes[at], weight);
        }
    }
    result(&vector)
}

fn delete(call: &Call<'_>, words: &[String]) -> Result<StoredValue> {
    let mut vector = vector(call, 0)?;
    for word in words {
        if let Some(at) = vector.find(word) {
            vector.lexemes.remove(at);
        }
    }
    result(&vector)
}

fn filter(call: &mut Call<'_>) -> Result<StoredValue> {
    let mut wanted = [false; 4];
    for element in Array::stored(call.text(1)?, Encoding::Integer)?.elements {
        let StoredValue::Integer(byte) = element else {
            return Err(DatabaseError::new(NULL_VALUE_NOT_ALLOWED, "weight array may not contain nulls"));
        };
        wanted[usize::from(required_weight(byte as u8)?)] = true;
    }
    let mut vector = vector(call, 0)?;
    for lexeme in &mut vector.lexemes {
        lexeme.positions.retain(|position| wanted[usize::from(position.weight())]);
    }
    vector.lexemes.retain(|lexeme| !lexeme.positions.is_empty());
    result(&vector)
}

/// `||`: the right one's positions go on where the left one's end.
fn concatenate(call: &mut Call<'_>) -> Result<StoredValue> {
    let (left, right) = (vector(call, 0)?, vector(call, 1)?);
    let places = left.lexemes.iter().flat_map(|lexeme| &lexeme.positions);
    let end = places.map(|position| position.place()).max().unwrap_or(0);
    let add = |positions: &mut Vec<Position>, more: &[Position]| {
        for position in more {
            let full = positions.len() >= MAX_POSITIONS
                || positions.last().is_some_and(|last| last.place() == LAST_POSITION);
            if full {
                break;
            }
            let place = u32::from(position.place()) + u32::from(end);
            positions.push(Position::limited(place, position.weight()));
        }
    };
    let mut lexemes: Vec<Lexeme> = Vec::with_capacity(left.lexemes.len() + right.lexemes.len());
    let mut left = left.lexemes.into_iter().peekable();
    for lexeme in right.lexemes {
        while let Some(before) = left.next_if(|before| before.word < lexeme.word) {
            lexemes.push(before);
        }
        let mut merged = match left.next_if(|same| same.word == lexeme.word) {
            Some(same) => same,
            None => Lexeme { word: lexeme.word, positions: Vec::new() },
        };
        add(&mut merged.positions, &lexeme.positions);
        lexemes.push(merged);
    }
    lexemes.extend(left);
    result(&Vector { lexemes }.checked()?)
}

fn of_array(call: &mut Call<'_>) -> Result<StoredValue> {
    let mut words = Vec::new();
    for word in texts(call, 0)? {
        match word {
            None => {
                let message = "lexeme array may not contain nulls";
                return Err(DatabaseError::new(NULL_VALUE_NOT_ALLOWED, message));
            }
            Some(word) if word.is_empty() => {
                let message = "lexeme array may not contain empty strings";
                return Err(DatabaseError::new(ZERO_LENGTH_CHARACTER_STRING, message));
            }
            Some(word) => {
                check_word(word.len())?;
                words.push(word);
            }
        }
    }
    words.sort();
    words.dedup();
    let lexemes = words.into_iter().map(|word| Lexeme { word, positions: Vec::new() }).collect();
    result(&Vector { lexemes }.checked()?)
}

fn rows(call: &mut Call<'_>) -> Result<Rows> {
    let mut rows = Vec::new();
    for lexeme in vector(call, 0)?.lexemes {
        let row = if lexeme.positions.is_empty() {
            vec![lexeme.word.into(), StoredValue::Null, StoredValue::Null]
        } else {
            let places = lexeme.positions.iter().map(|position| i64::from(position.place()).into());
            let weights = lexeme.positions.iter().map(|position| match position.weight() {
                3 => "A".into(),
                2 => "B".into(),
                1 => "C".into(),
                _ => "D".into(),
            });
            let places = Array::of(places.collect()).to_stored(Encoding::Integer)?;
            let weights = Array::of(weights.collect()).to_stored(Encoding::Text)?;
            vec![lexeme.word.into(), places, weights]
        };
        rows.push(Ok(row));
    }
    Ok(Box::new(rows.into_iter()))
}

pub(super) static FUNCTIONS: &[Function] = &[
    immutable("tsvector_eq", |call| Ok(order(call)?.is_eq().into())),
    immutable("tsvector_ne", |call| Ok(order(call)?.is_ne().into())),
    immutable("tsvector_lt", |call| Ok(order(call)?.is_lt().into())),
    immutable("tsvector_le", |call| Ok(order(call)?.is_le().into())),
    immutable("tsvector_gt", |call| Ok(order(call)?.is_gt().into())),
    immutable("tsvector_ge", |call| Ok(order(call)?.is_ge().into())),
    immutable("tsvector_cmp", |call| {
        let (left, right) = (vector(call, 0)?, vector(call, 1)?);
        Ok(left.difference(&right).into())
    }),
    immutable("tsvector_length", |call| Ok((vector(call, 0)?.lexemes.len() as i64).into())),
    immutable("tsvector_strip", |call| {
        let mut vector = vector(call, 0)?;
        vector.lexemes.iter_mut().for_each(|lexeme| lexeme.positions.clear());
        result(&vector)
    }),
    immutable("tsvector_setweight", set_weight),
    immutable("tsvector_setweight_by_filter", set_weight_of),
    immutable("tsvector_concat", concatenate),
    immutable("tsvector_delete_str", |call| delete(call, &[call.text(1)?.to_owned()])),
    immutable("tsvector_delete_arr", |call| {
        let words: Vec<String> = texts(call, 1)?.into_iter().flatten().collect();
        delete(call, &words)
    }),
    immutable("tsvector_filter", filter),
    immutable("tsvector_to_array", |call| {
        let words = vector(call, 0)?.lexemes.into_iter().map(|lexeme| lexeme.word.into()).collect();
        Array::of(words).to_stored(Encoding::Text)
    }),
    immutable("array_to_tsvector", of_array),
];

pub(super) static SET_FUNCTIONS: &[SetFunction] = &[SetFunction::immutable("tsvector_unnest", 3, rows)];
