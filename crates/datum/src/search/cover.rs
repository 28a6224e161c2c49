//! `ts_rank_cd`: how dense the parts of a document are that match a query.

use super::matching::{Document, Match, Places, matches};
use super::query::{Item, Operand, Query};
use super::rank::{
    BY_DISTANCE, BY_ITSELF, BY_LENGTH, BY_LOG_LENGTH, BY_LOG_UNIQUE, BY_UNIQUE, Weights, length, meant,
};
use super::vector::{Position, Vector};
use std::cell::RefCell;

/// A word of the document that the query asks for.
struct Hit {
    position: Position,
    /// The items of the query that mean it.
    items: Vec<usize>,
}

/// The words that the query asks for, by their places.
fn hits(vector: &Vector, query: &Query) -> Vec<Hit> {
    let mut found: Vec<(Position, usize, usize)> = Vec::new();
    for (item, operand) in query.items.iter().enumerate() {
        let Item::Value(operand) = operand else { continue };
        let lexemes = meant(vector, operand);
        let first = lexemes.first().and_then(|lexeme| vector.find(&lexeme.word)).unwrap_or(0);
        for (lexeme, entry) in lexemes.iter().zip(first..) {
            for position in &lexeme.positions {
                if operand.weights == 0 || operand.weights >> position.weight() & 1 == 1 {
                    found.push((*position, entry, item));
                }
            }
        }
    }
    found.sort_by_key(|(position, entry, _)| (position.place(), position.weight(), *entry));
    let mut hits: Vec<Hit> = Vec::new();
    let mut last = None;
    for (position, entry, item) in found {
        match hits.last_mut() {
            Some(hit) if last == Some((position, entry)) => hit.items.push(item),
            _ => hits.push(Hit { position, items: vec![item] }),
        }
        last = Some((position, entry));
    }
    hits
}

/// Some of the words: where each item of the query is among them.
struct Part {
    places: RefCell<Vec<Places>>,
}

impl Part {
    fn new(query: &Query) -> Part {
        Part { places: RefCell::new(vec![Places::new(); query.items.len()]) }
    }

    fn add(&self, hit: &Hit, in_front: bool) {
        let mut places = self.places.borrow_mut();
        let place = hit.position.place();
        for item in &hit.items {
            let known = &mut places[*item];
            if in_front {
                if known.first() != Some(&place) {
                    known.insert(0, place);
                }
            } else if known.last() != Some(&place) {
                known.push(place);
            }
        }
    }
}

impl Document for Part {
    fn has(&self, item: usize, _: &Operand, places: Option<&mut Places>) -> Match {
        let known = &self.places.borrow()[item];
        if known.is_empty() {
            return Match::No;
        }
        if let Some(places) = places {
            places.extend_from_slice(known);
        }
        Match::Yes
    }
}

/// A part of the document that matches and of which no smaller part does: its first and last word.
struct Cover {
    begin: usize,
    end: usize,
    /// The place of the first.
    low: i32,
    /// The place of the last.
    high: i32,
}

/// The next cover from the hit `start`, which goes on.
fn next(hits: &[Hit], query: &Query, start: &mut usize) -> Option<Cover> {
    loop {
        let part = Part::new(query);
        let end = (*start..hits.len()).find(|at| {
            part.add(&hits[*at], false);
            matches(query, &part)
        })?;
        let high = i32::from(hits[end].position.place());
        if high <= 0 {
            return None;
        }
        let part = Part::new(query);
        let begin = (*start..=end).rev().find(|at| {
            part.add(&hits[*at], true);
            matches(query, &part)
        });
        if let Some(begin) = begin {
            let low = i32::from(hits[begin].position.place());
            if low <= high {
                *start = begin + 1;
                return Some(Cover { begin, end, low, high });
            }
        }
        *start += 1;
    }
}

/// The rank of a document by its covers.
pub(super) fn rank(weights: &Weights, vector: &Vector, query: &Query, method: i64) -> f32 {
    let hits = hits(vector, query);
    if hits.is_empty() {
        return 0.0;
    }
    let cost = weights.map(|weight| 1.0 / f64::from(weight));
    let mut rank = 0.0f64;
    let (mut distances, mut previous, mut covers) = (0.0f64, 0.0f64, 0u32);
    let mut start = 0;
    while let Some(cover) = next(&hits, query, &mut start) {
        let words = &hits[cover.begin..=cover.end];
        let sum = words.iter().fold(0.0, |sum, hit| sum + cost[usize::from(hit.position.weight())]);
        let dense = words.len() as f64 / sum;
        let span = (cover.end - cover.begin) as i32;
        // Places end at some point; then half of the words count as others between.
        let others = match cover.high - cover.low - span {
            others if others < 0 => span / 2,
            others => others,
        };
        rank += dense / f64::from(1 + others);
        let middle = f64::from(cover.high + cover.low) / 2.0;
        if covers > 0 && middle > previous {
            distances += 1.0 / (middle - previous);
        }
        previous = middle;
        covers += 1;
    }
    let unique = vector.lexemes.len();
    if method & BY_LOG_LENGTH != 0 {
        rank /= ((length(vector) + 1) as f64).ln();
    }
    if method & BY_LENGTH != 0 {
        rank /= length(vector) as f64;
    }
    if method & BY_DISTANCE != 0 && covers > 0 && distances > 0.0 {
        rank /= f64::from(covers) / distances;
    }
    if method & BY_UNIQUE != 0 {
        rank /= unique as f64;
    }
    if method & BY_LOG_UNIQUE != 0 {
        rank /= ((unique + 1) as f64).ln() / 2f64.ln();
    }
    if method & BY_ITSELF != 0 {
        rank /= rank + 1.0;
    }
    rank as f32
}
