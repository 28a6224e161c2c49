//! tsvector: sorted lexemes with their positions.

use super::word::{self, Form};
use super::{LAST_POSITION, MAX_BYTES, MAX_POSITIONS, MAX_WORD};
use sqlstate::{DatabaseError, PROGRAM_LIMIT_EXCEEDED, Result};
use std::cmp::Ordering;

/// Where a lexeme stands (14 bits), and its weight: 3 is A, 0 is D.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position(u16);

impl Position {
    /// A place of at most 16383.
    pub(super) fn new(place: u16, weight: u8) -> Position {
        Position(u16::from(weight & 3) << 14 | place & LAST_POSITION)
    }

    /// The place, cut to the last.
    pub(super) fn limited(place: u32, weight: u8) -> Position {
        Position::new(u16::try_from(place).unwrap_or(LAST_POSITION).min(LAST_POSITION), weight)
    }

    /// The place among the words.
    pub(super) fn place(self) -> u16 {
        self.0 & LAST_POSITION
    }

    /// 3 for A, 2 for B, 1 for C, 0 for D.
    pub(super) fn weight(self) -> u8 {
        (self.0 >> 14) as u8
    }
}

/// A lexeme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lexeme {
    /// The word.
    pub(super) word: String,
    /// Ascending, none twice; empty when it has none.
    pub(super) positions: Vec<Position>,
}

/// A tsvector: lexemes in ascending order of their bytes, none twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Vector {
    /// The lexemes.
    pub(super) lexemes: Vec<Lexeme>,
}

pub(super) fn too_long(bytes: usize) -> DatabaseError {
    let message = format!("string is too long for tsvector ({bytes} bytes, max {MAX_BYTES} bytes)");
    DatabaseError::new(PROGRAM_LIMIT_EXCEEDED, message)
}

/// 54000 for a word that is too long.
pub(super) fn check_word(length: usize) -> Result<()> {
    if length <= MAX_WORD {
        return Ok(());
    }
    let message = format!("word is too long ({length} bytes, max {MAX_WORD} bytes)");
    Err(DatabaseError::new(PROGRAM_LIMIT_EXCEEDED, message))
}

impl Vector {
    /// tsvector's input function.
    pub(crate) fn input(text: &str) -> Result<Vector> {
        let mut lexemes = Vec::new();
        let (mut at, mut bytes) = (0, 0);
        while let Some(word) = word::next(text, at, Form::Vector)? {
            at = word.end;
            let length = word.text.len();
            check_word(length)?;
            if bytes > MAX_BYTES {
                return Err(too_long(bytes));
            }
            bytes += length;
            lexemes.push(Lexeme { word: word.text, positions: word.positions });
        }
        let vector = Vector::of(lexemes);
        vector.checked()
    }

    /// A stored tsvector.
    pub(crate) fn stored(text: &str) -> Result<Vector> {
        let mut lexemes: Vec<Lexeme> = Vec::new();
        let mut at = 0;
        while let Some(word) = word::next(text, at, Form::Vector)
            .map_err(|_| DatabaseError::internal(format_args!("stored tsvector {text:?}")))?
        {
            at = word.end;
            lexemes.push(Lexeme { word: word.text, positions: word.positions });
        }
        Ok(Vector { lexemes })
    }

    /// Lexemes in any order, some more than once.
    fn of(mut lexemes: Vec<Lexeme>) -> Vector {
        lexemes.sort_by(|left, right| left.word.cmp(&right.word));
        let mut vector = Vector::default();
        for lexeme in lexemes {
            match vector.lexemes.last_mut() {
                Some(last) if last.word == lexeme.word => last.positions.extend(lexeme.positions),
                _ => vector.lexemes.push(lexeme),
            }
        }
        for lexeme in &mut vector.lexemes {
            lexeme.positions = unique(std::mem::take(&mut lexeme.positions));
        }
        vector
    }

    /// 54000 for a tsvector that is too large.
    pub(super) fn checked(self) -> Result<Vector> {
        let bytes = self.bytes();
        if bytes > MAX_BYTES { Err(too_long(bytes)) } else { Ok(self) }
    }

    /// How many bytes PostgreSQL has for lexemes and positions.
    fn bytes(&self) -> usize {
        self.lexemes.iter().fold(0, |bytes, lexeme| {
            let bytes = bytes + lexeme.word.len();
            if lexeme.positions.is_empty() {
                bytes
            } else {
                bytes + bytes % 2 + 2 + 2 * lexeme.positions.len()
            }
        })
    }

    /// tsvector's output function.
    pub(crate) fn to_text(&self) -> String {
        let mut out = String::new();
        for (at, lexeme) in self.lexemes.iter().enumerate() {
            if at > 0 {
                out.push(' ');
            }
            push_quoted(&lexeme.word, &mut out);
            for (at, position) in lexeme.positions.iter().enumerate() {
                out.push(if at == 0 { ':' } else { ',' });
                out.push_str(&position.place().to_string());
                match position.weight() {
                    3 => out.push('A'),
                    2 => out.push('B'),
                    1 => out.push('C'),
                    _ => {}
                }
            }
        }
        out
    }

    /// The lexeme's place, if it is there.
    pub(super) fn find(&self, word: &str) -> Option<usize> {
        self.lexemes.binary_search_by(|lexeme| lexeme.word.as_str().cmp(word)).ok()
    }

    /// The lexemes that begin so.
    pub(super) fn with_prefix(&self, prefix: &str) -> &[Lexeme] {
        let start = self.lexemes.partition_point(|lexeme| lexeme.word.as_str() < prefix);
        let count = self.lexemes[start..].iter().take_while(|lexeme| lexeme.word.starts_with(prefix)).count();
        &self.lexemes[start..start + count]
    }

    /// btree's order: by size first.
    pub(super) fn compare(&self, other: &Vector) -> Ordering {
        self.difference(other).cmp(&0)
    }

    /// The order as a number: where lexemes differ, how far their bytes are apart.
    pub(super) fn difference(&self, other: &Vector) -> i64 {
        let size = |vector: &Vector| vector.bytes() + 4 * vector.lexemes.len();
        let order = size(self).cmp(&size(other)).then(self.lexemes.len().cmp(&other.lexemes.len()));
        if order.is_ne() {
            return order as i64;
        }
        for (left, right) in self.lexemes.iter().zip(&other.lexemes) {
            let order = left.positions.is_empty().cmp(&right.positions.is_empty());
            if order.is_ne() {
                return order as i64;
            }
            let difference = difference(&left.word, &right.word);
            if difference != 0 {
                return difference;
            }
            let order = right.positions.len().cmp(&left.positions.len());
            if order.is_ne() {
                return order as i64;
            }
            for (left, right) in left.positions.iter().zip(&right.positions) {
                let order = (right.place(), right.weight()).cmp(&(left.place(), left.weight()));
                if order.is_ne() {
                    return order as i64;
                }
            }
        }
        0
    }
}

/// How far the first bytes that differ are apart, as C's `memcmp` says; the shorter is the lesser.
fn difference(left: &str, right: &str) -> i64 {
    match left.bytes().zip(right.bytes()).find(|(left, right)| left != right) {
        Some((left, right)) => i64::from(left) - i64::from(right),
        None => left.len().cmp(&right.len()) as i64,
    }
}

/// Ascending positions, each once with its highest weight, as many as there may be.
fn unique(mut positions: Vec<Position>) -> Vec<Position> {
    if positions.len() <= 1 {
        return positions;
    }
    positions.sort_by_key(|position| position.place());
    let mut out: Vec<Position> = Vec::with_capacity(positions.len());
    for position in positions {
        match out.last_mut() {
            Some(last) if last.place() == position.place() => {
                if position.weight() > last.weight() {
                    *last = position;
                }
            }
            _ => {
                let more = !out.is_empty();
                out.push(position);
                if more && (out.len() >= MAX_POSITIONS || position.place() == LAST_POSITION) {
                    break;
                }
            }
        }
    }
    out
}

/// A word in quotes.
pub(super) fn push_quoted(word: &str, out: &mut String) {
    out.push('\'');
    for c in word.chars() {
        if matches!(c, '\'' | '\\') {
            out.push(c);
        }
        out.push(c);
    }
    out.push('\'');
}
