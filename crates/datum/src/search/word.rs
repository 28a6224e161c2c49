//! The words of a tsvector's or tsquery's text form: quotes, escapes, positions.

use super::LAST_POSITION;
use super::letters::is_space;
use super::vector::Position;
use sqlstate::{DatabaseError, Result, SYNTAX_ERROR};

/// Where words are read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A tsvector: positions follow a word.
    Vector,
    /// A tsquery: operators and `:` end a word.
    Query,
    /// The language of a search engine: as a tsquery, without quotes and escapes, and `"` ends a word.
    Web,
}

/// What begins an operator of a tsquery.
pub(super) fn is_operator(c: char) -> bool {
    matches!(c, '!' | '&' | '|' | '(' | ')' | '<')
}

/// A word, its positions, and where the text goes on behind it.
pub(super) struct Word {
    /// Without quotes and escapes.
    pub(super) text: String,
    /// Positions and weights as written.
    pub(super) positions: Vec<Position>,
    /// The byte behind the word.
    pub(super) end: usize,
}

/// The state of the reader.
#[derive(Clone, Copy)]
enum State {
    Before,
    Plain,
    Quoted,
    /// Behind a quote that ends the word or is the first of two.
    QuoteSeen,
    /// Behind a backslash; whether within quotes.
    Escaped(bool),
    /// Behind a quoted word.
    PositionsOrEnd,
    Position,
    AfterPosition,
}

fn broken(form: Form, whole: &str) -> DatabaseError {
    let name = if form == Form::Vector { "tsvector" } else { "tsquery" };
    DatabaseError::new(SYNTAX_ERROR, format!("syntax error in {name}: \"{whole}\""))
}

/// The number at the beginning, as C's `atoi` reads it, within what a position may be.
fn position(digits: &str) -> u16 {
    let digits = &digits[..digits.bytes().take_while(u8::is_ascii_digit).count()];
    let number = digits.parse::<i64>().unwrap_or(i64::MAX) as i32;
    if number > i32::from(LAST_POSITION) { LAST_POSITION } else { number as u16 & LAST_POSITION }
}

/// The next word of `whole` from the byte `start`; `None` at the end.
pub(super) fn next(whole: &str, start: usize, form: Form) -> Result<Option<Word>> {
    let mut word = Word { text: String::new(), positions: Vec::new(), end: start };
    let mut state = State::Before;
    let web = form == Form::Web;
    let query = form != Form::Vector;
    let mut at = start;
    loop {
        let c = whole[at..].chars().next();
        match (state, c) {
            (State::Before, None) => return Ok(None),
            (State::Before, Some('\'')) if !web => state = State::Quoted,
            (State::Before, Some('\\')) if !web => state = State::Escaped(false),
            (State::Before, Some(c)) if query && is_operator(c) || web && c == '"' => {
                return Err(broken(form, whole));
            }
            (State::Before, Some(c)) => {
                if !is_space(c) {
                    word.text.push(c);
                    state = State::Plain;
                }
            }
            (State::Escaped(_), None) => {
                let message = format!("there is no escaped character: \"{whole}\"");
                return Err(DatabaseError::new(SYNTAX_ERROR, message));
            }
            (State::Escaped(quoted), Some(c)) => {
                word.text.push(c);
                state = if quoted { State::Quoted } else { State::Plain };
            }
            (State::Plain, Some('\\')) if !web => state = State::Escaped(false),
            (State::Plain, c)
                if c.is_none_or(|c| is_space(c) || query && is_operator(c) || web && c == '"') =>
            {
                if word.text.is_empty() {
                    return Err(broken(form, whole));
                }
                word.end = at;
                return Ok(Some(word));
            }
            (State::Plain, Some(':')) => {
                if word.text.is_empty() {
                    return Err(broken(form, whole));
                }
                if query {
                    word.end = at;
                    return Ok(Some(word));
                }
                state = State::Position;
            }
            (State::Plain, Some(c)) => word.text.push(c),
            (State::Plain | State::Quoted, None) => return Err(broken(form, whole)),
            (State::Quoted, Some('\'')) => state = State::QuoteSeen,
            (State::Quoted, Some('\\')) => state = State::Escaped(true),
            (State::Quoted, Some(c)) => word.text.push(c),
            (State::QuoteSeen, Some('\'')) => {
                word.text.push('\'');
                state = State::Quoted;
            }
            (State::QuoteSeen, _) => {
                if word.text.is_empty() {
                    return Err(broken(form, whole));
                }
                if query {
                    word.end = at;
                    return Ok(Some(word));
                }
                state = State::PositionsOrEnd;
                continue;
            }
            (State::PositionsOrEnd, Some(':')) => state = State::Position,
            (State::PositionsOrEnd, _) => {
                word.end = at;
                return Ok(Some(word));
            }
            (State::Position, Some('0'..='9')) => {
                let position = position(&whole[at..]);
                if position == 0 {
                    let message = format!("wrong position info in tsvector: \"{whole}\"");
                    return Err(DatabaseError::new(SYNTAX_ERROR, message));
                }
                word.positions.push(Position::new(position, 0));
                state = State::AfterPosition;
            }
            (State::Position, _) => return Err(broken(form, whole)),
            (State::AfterPosition, Some(',')) => state = State::Position,
            (State::AfterPosition, Some(c)) if weight(c).is_some() => {
                if let (Some(last), Some(weight)) = (word.positions.last_mut(), weight(c)) {
                    if last.weight() != 0 {
                        return Err(broken(form, whole));
                    }
                    *last = Position::new(last.place(), weight);
                }
            }
            (State::AfterPosition, c) if c.is_none_or(is_space) => {
                word.end = at;
                return Ok(Some(word));
            }
            (State::AfterPosition, Some('0'..='9')) => {}
            (State::AfterPosition, _) => return Err(broken(form, whole)),
        }
        at += c.map_or(0, char::len_utf8);
    }
}

fn weight(c: char) -> Option<u8> {
    match c {
        'a' | 'A' | '*' => Some(3),
        'b' | 'B' => Some(2),
        'c' | 'C' => Some(1),
        'd' | 'D' => Some(0),
        _ => None,
    }
}
