//! `@@`: whether a tsvector, or what stands for one, has what a query asks for.

use super::query::{Item, Operand, Operator, Query};
use super::vector::{Lexeme, Vector};

/// Whether something matches. A lexeme without positions may be where a phrase wants it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Match {
    No,
    Yes,
    Maybe,
}

/// Where an operand is: ascending places, each once.
pub(super) type Places = Vec<u16>;

/// What a query is asked of.
pub(super) trait Document {
    /// Whether the operand, which is that item of the query, is there; and where, if `places` is given.
    fn has(&self, item: usize, operand: &Operand, places: Option<&mut Places>) -> Match;
}

impl Document for Vector {
    fn has(&self, _: usize, operand: &Operand, places: Option<&mut Places>) -> Match {
        let exact = self.find(&operand.word).map(|at| &self.lexemes[at]);
        match places {
            None => {
                let found = exact.is_some_and(|lexeme| has_weight(lexeme, operand.weights));
                let prefixed = || {
                    self.with_prefix(&operand.word).iter().any(|lexeme| has_weight(lexeme, operand.weights))
                };
                if found || operand.prefix && prefixed() { Match::Yes } else { Match::No }
            }
            Some(places) if operand.prefix => {
                for lexeme in self.with_prefix(&operand.word) {
                    if lexeme.positions.is_empty() {
                        places.clear();
                        return Match::Maybe;
                    }
                    push_places(lexeme, operand.weights, places);
                }
                places.sort_unstable();
                places.dedup();
                if places.is_empty() { Match::No } else { Match::Yes }
            }
            Some(places) => match exact {
                None => Match::No,
                Some(lexeme) if lexeme.positions.is_empty() => Match::Maybe,
                Some(lexeme) => {
                    push_places(lexeme, operand.weights, places);
                    if places.is_empty() { Match::No } else { Match::Yes }
                }
            },
        }
    }
}

/// Whether a position of the lexeme has one of the weights; without positions it has them all.
fn has_weight(lexeme: &Lexeme, weights: u8) -> bool {
    weights == 0
        || lexeme.positions.is_empty()
        || lexeme.positions.iter().any(|position| weights >> position.weight() & 1 == 1)
}

fn push_places(lexeme: &Lexeme, weights: u8, places: &mut Places) {
    let wanted =
        lexeme.positions.iter().filter(|position| weights == 0 || weights >> position.weight() & 1 == 1);
    places.extend(wanted.map(|position| position.place()));
}

/// Whether the query matches; an empty one matches nothing.
pub(super) fn matches(query: &Query, document: &dyn Document) -> bool {
    !query.items.is_empty() && holds(query, 0, document) != Match::No
}

/// The tree at an item, above phrases.
fn holds(query: &Query, at: usize, document: &dyn Document) -> Match {
    let (operator, left) = match &query.items[at] {
        Item::Value(operand) => return document.has(at, operand, None),
        Item::Operator { operator, left, .. } => (*operator, at + *left),
    };
    match operator {
        Operator::Not => match holds(query, at + 1, document) {
            Match::No => Match::Yes,
            Match::Yes => Match::No,
            Match::Maybe => Match::Maybe,
        },
        Operator::And => match holds(query, left, document) {
            Match::No => Match::No,
            left => match holds(query, at + 1, document) {
                Match::Yes => left,
                right => right,
            },
        },
        Operator::Or => match holds(query, left, document) {
            Match::Yes => Match::Yes,
            left => match holds(query, at + 1, document) {
                Match::No => left,
                right => right,
            },
        },
        // A phrase whose words have no positions does not match.
        Operator::Phrase => match phrase(query, at, document) {
            Some(Found { negated: false, places, .. }) if places.is_empty() => Match::No,
            Some(_) => Match::Yes,
            None => Match::No,
        },
    }
}

/// Where a part of a phrase matches: at these places, or at all but these.
#[derive(Default)]
struct Found {
    places: Places,
    negated: bool,
    /// How many words it is wide, less one; its places are where it ends.
    width: i32,
}

impl Found {
    fn is_nowhere(&self) -> bool {
        self.places.is_empty() && !self.negated
    }
}

/// The tree at an item, where places count; `None` if they are not known.
fn phrase(query: &Query, at: usize, document: &dyn Document) -> Option<Found> {
    let (operator, distance, left) = match &query.items[at] {
        Item::Value(operand) => {
            let mut found = Found::default();
            return match document.has(at, operand, Some(&mut found.places)) {
                Match::Maybe => None,
                Match::No => Some(Found::default()),
                Match::Yes => Some(found),
            };
        }
        Item::Operator { operator, distance, left } => (*operator, i32::from(*distance), at + *left),
    };
    if operator == Operator::Not {
        let found = phrase(query, at + 1, document)?;
        return Some(if found.is_nowhere() {
            Found { negated: true, ..found }
        } else {
            Found { negated: !found.negated, ..found }
        });
    }
    if operator != Operator::Or {
        // A side that matches nowhere decides, whether or not the other's places are known.
        let left = phrase(query, left, document);
        if left.as_ref().is_some_and(Found::is_nowhere) {
            return Some(Found::default());
        }
        let right = phrase(query, at + 1, document);
        if right.as_ref().is_some_and(Found::is_nowhere) {
            return Some(Found::default());
        }
        let (left, right) = (left?, right?);
        let (left_offset, right_offset, width) = if operator == Operator::Phrase {
            (distance + right.width, 0, distance + left.width + right.width)
        } else {
            let width = left.width.max(right.width);
            (width - left.width, width - right.width, width)
        };
        let merge = |emit| merged(&left.places, &right.places, emit, left_offset, right_offset);
        let (places, negated) = match (left.negated, right.negated) {
            (true, true) => (merge(Emit { left: true, right: true, both: true }), true),
            (true, false) => (merge(Emit { right: true, ..Emit::default() }), false),
            (false, true) => (merge(Emit { left: true, ..Emit::default() }), false),
            (false, false) => (merge(Emit { both: true, ..Emit::default() }), false),
        };
        return Some(Found { places, negated, width });
    }
    let left = phrase(query, left, document);
    let right = phrase(query, at + 1, document);
    let (mut left, mut right) = (left?, right?);
    if left.is_nowhere() && right.is_nowhere() {
        return Some(Found::default());
    }
    for side in [&mut left, &mut right] {
        if side.is_nowhere() {
            side.width = 0;
        }
    }
    let width = left.width.max(right.width);
    let (left_offset, right_offset) = (width - left.width, width - right.width);
    let merge = |emit| merged(&left.places, &right.places, emit, left_offset, right_offset);
    let (places, negated) = match (left.negated, right.negated) {
        (true, true) => (merge(Emit { both: true, ..Emit::default() }), true),
        (true, false) => (merge(Emit { left: true, ..Emit::default() }), true),
        (false, true) => (merge(Emit { right: true, ..Emit::default() }), true),
        (false, false) => (merge(Emit { left: true, right: true, both: true }), false),
    };
    Some(Found { places, negated, width })
}

/// Which places go out: those of one side alone, those of both.
#[derive(Clone, Copy, Default)]
struct Emit {
    left: bool,
    right: bool,
    both: bool,
}

fn merged(left: &[u16], right: &[u16], emit: Emit, left_offset: i32, right_offset: i32) -> Places {
    let mut out = Places::new();
    let (mut l, mut r) = (0, 0);
    loop {
        let near = left.get(l).map(|place| i32::from(*place) + left_offset);
        let far = right.get(r).map(|place| i32::from(*place) + right_offset);
        let (place, wanted) = match (near, far) {
            (None, None) => break,
            (Some(place), Some(other)) if place == other => {
                l += 1;
                r += 1;
                (place, emit.both)
            }
            (Some(place), other) if other.is_none_or(|other| place < other) => {
                l += 1;
                (place, emit.left)
            }
            (_, Some(place)) => {
                r += 1;
                (place, emit.right)
            }
            (Some(_), None) => break,
        };
        // Places are kept in 14 bits once they are looked at again.
        if wanted && place > 0 {
            out.push((place & 0xffff) as u16 & super::LAST_POSITION);
        }
    }
    out
}
