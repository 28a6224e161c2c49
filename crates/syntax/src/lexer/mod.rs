//! The scanner: PostgreSQL's scan.l (version 15) with `standard_conforming_strings` on.
//!
//! A statement is scanned at once into small tokens that point into its text; only what must be decoded (escapes, doubled
//! quotes, continued strings) is copied. An error ends the list as a token of kind [`Kind::Error`]: the parser reports it when
//! it gets there, so that an earlier syntax error comes first, as in PostgreSQL.

mod keywords;
mod strings;
#[cfg(test)]
mod tests;

use keywords::KEYWORDS;
pub(crate) use keywords::Keyword;
use sqlstate::{DatabaseError, SYNTAX_ERROR};

/// The longest identifier in bytes; what is beyond is cut, as by PostgreSQL (NAMEDATALEN - 1).
pub(crate) const IDENTIFIER_LIMIT: usize = 63;

/// How far a keyword is reserved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeywordClass {
    /// Any name.
    Unreserved,
    /// A column's or table's name, but no function's or type's.
    ColumnName,
    /// A function's or type's name, but no column's.
    TypeOrFunction,
    /// No name without quotes.
    Reserved,
}

impl Keyword {
    /// Its class.
    pub(crate) fn class(self) -> KeywordClass {
        KEYWORDS[self as usize].2
    }

    /// The word, in lower case.
    pub(crate) fn word(self) -> &'static str {
        KEYWORDS[self as usize].0
    }

    /// Whether it may name an output column without AS.
    pub(crate) fn is_bare_label(self) -> bool {
        KEYWORDS[self as usize].3
    }

    /// The keyword that this word is, in any case of letters.
    pub(crate) fn find(word: &[u8]) -> Option<Keyword> {
        if word.len() > LONGEST_KEYWORD {
            return None;
        }
        let mut slot = hash(word) as usize % SLOTS;
        while SLOT_OF[slot] != EMPTY {
            let (text, keyword, _, _) = KEYWORDS[SLOT_OF[slot] as usize];
            if word.eq_ignore_ascii_case(text.as_bytes()) {
                return Some(keyword);
            }
            slot = (slot + 1) % SLOTS;
        }
        None
    }
}

const LONGEST_KEYWORD: usize = 17;
const SLOTS: usize = 2048;
const EMPTY: u16 = u16::MAX;
/// Open addressing over the keywords' hashes.
static SLOT_OF: [u16; SLOTS] = slots();

const fn hash(word: &[u8]) -> u32 {
    let mut value: u32 = 2166136261;
    let mut i = 0;
    while i < word.len() {
        value = (value ^ word[i].to_ascii_lowercase() as u32).wrapping_mul(16777619);
        i += 1;
    }
    value ^ (value >> 15)
}

const fn slots() -> [u16; SLOTS] {
    let mut table = [EMPTY; SLOTS];
    let mut i = 0;
    while i < KEYWORDS.len() {
        assert!(KEYWORDS[i].0.len() <= LONGEST_KEYWORD);
        let mut slot = hash(KEYWORDS[i].0.as_bytes()) as usize % SLOTS;
        while table[slot] != EMPTY {
            slot = (slot + 1) % SLOTS;
        }
        table[slot] = i as u16;
        i += 1;
    }
    table
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The end of the text.
    End,
    /// What could not be scanned; the last token, its error is [`Scan::error`].
    Error,
    /// A word that the grammar knows.
    Keyword(Keyword),
    /// Any other unquoted word.
    Identifier,
    /// `"…"`, `U&"…"`.
    QuotedIdentifier,
    /// A string of any spelling.
    String,
    /// `B'…'`.
    BinaryString,
    /// `X'…'`.
    HexadecimalString,
    /// A whole number that fits an int4.
    Integer,
    /// Any other number.
    Float,
    /// `$1`.
    Parameter,
    /// An operator that is none of the following.
    Operator,
    /// One of `,()[].;:+-*/%^<>=`, or a byte that starts no token.
    Char(u8),
    /// `::`
    Typecast,
    /// `..`
    DotDot,
    /// `:=`
    ColonEquals,
    /// `=>`
    EqualsGreater,
    /// `<=`
    LessEquals,
    /// `>=`
    GreaterEquals,
    /// `<>` or `!=`
    NotEquals,
}

/// A token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    /// What it is.
    pub(crate) kind: Kind,
    /// Where its text begins, in bytes.
    pub(crate) start: u32,
    /// Where its text ends, in bytes.
    pub(crate) end: u32,
    /// Where it begins, in characters from 1.
    pub(crate) position: u32,
    /// The index behind the decoded text in [`Scan::decoded`]; 0 when the text itself is the value (without its quotes).
    pub(crate) decoded: u32,
}

/// A scanned text.
pub(crate) struct Scan<'a> {
    /// The text.
    pub(crate) text: &'a str,
    /// Its tokens; the last is [`Kind::End`] or [`Kind::Error`].
    pub(crate) tokens: Vec<Token>,
    /// Decoded strings and quoted identifiers.
    pub(crate) decoded: Vec<String>,
    /// The error behind the last token.
    pub(crate) error: Option<DatabaseError>,
}

impl<'a> Scan<'a> {
    /// The value of a string, bit string (without prefix) or identifier (not folded).
    pub(crate) fn value(&self, token: Token) -> &str {
        if token.decoded > 0 {
            return &self.decoded[token.decoded as usize - 1];
        }
        let text = self.source(token);
        match token.kind {
            Kind::QuotedIdentifier => &text[1..text.len() - 1],
            Kind::BinaryString | Kind::HexadecimalString => &text[2..text.len() - 1],
            Kind::String if text.starts_with('\'') => &text[1..text.len() - 1],
            Kind::String => {
                // Dollar quotes: the closing tag is as long as the opening one.
                let tag = text[1..].find('$').map_or(0, |at| at + 2);
                &text[tag..text.len() - tag]
            }
            _ => text,
        }
    }

    /// The token as it stands in the text.
    pub(crate) fn source(&self, token: Token) -> &'a str {
        &self.text[token.start as usize..token.end as usize]
    }
}

/// Scans a text to its end or its first error.
pub(crate) fn scan(text: &str) -> Scan<'_> {
    let mut scanner = Scanner::new(text);
    scanner.out.tokens.reserve(text.len() / 5 + 8);
    loop {
        match scanner.next() {
            Ok(token) => {
                scanner.out.tokens.push(token);
                if token.kind == Kind::End {
                    return scanner.out;
                }
            }
            Err(error) => {
                let start = scanner.at.min(text.len()) as u32;
                scanner.out.tokens.push(Token {
                    kind: Kind::Error,
                    start,
                    end: start,
                    position: error.fields().position.unwrap_or(0),
                    decoded: 0,
                });
                scanner.out.error = Some(error);
                return scanner.out;
            }
        }
    }
}

/// Scans token by token.
pub(crate) struct Scanner<'a> {
    bytes: &'a [u8],
    /// The next byte.
    at: usize,
    /// Whether every byte is a character.
    ascii: bool,
    /// Up to which byte characters were counted, and how many there were.
    counted: (usize, u32),
    out: Scan<'a>,
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(text: &'a str) -> Scanner<'a> {
        Scanner {
            bytes: text.as_bytes(),
            at: 0,
            ascii: text.is_ascii(),
            counted: (0, 0),
            out: Scan { text, tokens: Vec::new(), decoded: Vec::new(), error: None },
        }
    }

    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    /// The position in characters of a byte offset.
    fn position(&mut self, at: usize) -> u32 {
        if self.ascii {
            return at as u32 + 1;
        }
        let (from, count) = if at >= self.counted.0 { self.counted } else { (0, 0) };
        let between = &self.bytes[from..at.min(self.bytes.len())];
        // Bytes that continue a UTF-8 sequence begin no character.
        let position = count + between.iter().filter(|b| (**b as i8) >= -0x40).count() as u32;
        self.counted = (at, position);
        position + 1
    }

    /// A syntax error that quotes the text from `start` to `end`.
    fn error(&mut self, message: &str, start: usize, end: usize) -> DatabaseError {
        let near = &self.bytes[start..end.min(self.bytes.len())];
        let text = if near.is_empty() {
            format!("{message} at end of input")
        } else {
            format!("{message} at or near \"{}\"", String::from_utf8_lossy(near))
        };
        DatabaseError::new(SYNTAX_ERROR, text).at(self.position(start))
    }

    /// Goes on at another place, which no token reaches across.
    pub(crate) fn jump(&mut self, at: usize) {
        self.at = at;
    }

    /// The next token.
    pub(crate) fn next(&mut self) -> Result<Token, DatabaseError> {
        self.skip_space()?;
        let start = self.at;
        let position = self.position(start);
        let token =
            |kind, end: usize| Token { kind, start: start as u32, end: end as u32, position, decoded: 0 };
        let Some(&first) = self.bytes.get(start) else { return Ok(token(Kind::End, start)) };
        let second = self.byte(start + 1);
        let simple = |kind, length: usize| Ok(token(kind, start + length));
        let result = match first {
            b'\'' => return self.plain_string(token(Kind::String, start), start + 1),
            b'"' => return self.quoted_identifier(token(Kind::QuotedIdentifier, start), start + 1, false),
            b'b' | b'B' if second == b'\'' => {
                return self.bit_string(token(Kind::BinaryString, start), "unterminated bit string literal");
            }
            b'x' | b'X' if second == b'\'' => {
                let kind = token(Kind::HexadecimalString, start);
                return self.bit_string(kind, "unterminated hexadecimal string literal");
            }
            b'e' | b'E' if second == b'\'' => return self.escape_string(token(Kind::String, start)),
            b'n' | b'N' if second == b'\'' => simple(Kind::Keyword(Keyword::Nchar), 1),
            b'u' | b'U' if second == b'&' && self.byte(start + 2) == b'\'' => {
                return self.unicode_token(token(Kind::String, start));
            }
            b'u' | b'U' if second == b'&' && self.byte(start + 2) == b'"' => {
                return self.unicode_token(token(Kind::QuotedIdentifier, start));
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => {
                let end = self.word_end(start);
                let kind = Keyword::find(&self.bytes[start..end]).map_or(Kind::Identifier, Kind::Keyword);
                Ok(token(kind, end))
            }
            b'0'..=b'9' => self.number(start).map(|(kind, end)| token(kind, end)),
            b'.' if second == b'.' => simple(Kind::DotDot, 2),
            b'.' if second.is_ascii_digit() => self.number(start).map(|(kind, end)| token(kind, end)),
            b'$' if second.is_ascii_digit() => {
                let mut end = start + 1;
                while self.byte(end).is_ascii_digit() {
                    end += 1;
                }
                match self.byte(end) {
                    b if is_word_start(b) => {
                        let junk = self.word_end(end);
                        return Err(self.error("trailing junk after parameter", start, junk));
                    }
                    _ => Ok(token(Kind::Parameter, end)),
                }
            }
            b'$' => return self.dollar_string(token(Kind::String, start)),
            b':' if second == b':' => simple(Kind::Typecast, 2),
            b':' if second == b'=' => simple(Kind::ColonEquals, 2),
            b',' | b'(' | b')' | b'[' | b']' | b'.' | b';' | b':' => simple(Kind::Char(first), 1),
            b if is_operator(b) => self.operator(start).map(|(kind, end)| token(kind, end)),
            other => simple(Kind::Char(other), 1),
        };
        if let Ok(token) = result {
            self.at = token.end as usize;
        }
        result
    }

    /// Passes over white space and comments.
    fn skip_space(&mut self) -> Result<(), DatabaseError> {
        loop {
            match self.byte(self.at) {
                b' ' | b'\t' | b'\n' | b'\r' | 0x0C => self.at += 1,
                b'-' if self.byte(self.at + 1) == b'-' => self.at = self.line_end(self.at),
                b'/' if self.byte(self.at + 1) == b'*' => self.skip_comment()?,
                _ => return Ok(()),
            }
        }
    }

    fn line_end(&self, mut at: usize) -> usize {
        while at < self.bytes.len() && !matches!(self.bytes[at], b'\n' | b'\r') {
            at += 1;
        }
        at
    }

    /// Passes over a comment, which may hold others.
    fn skip_comment(&mut self) -> Result<(), DatabaseError> {
        let start = self.at;
        let mut depth = 0;
        let mut at = start;
        loop {
            match (self.bytes.get(at), self.byte(at + 1)) {
                (None, _) => {
                    self.at = at;
                    return Err(self.error("unterminated /* comment", start, at));
                }
                (Some(b'/'), b'*') => {
                    depth += 1;
                    at += 2;
                }
                (Some(b'*'), b'/') => {
                    depth -= 1;
                    at += 2;
                    if depth == 0 {
                        self.at = at;
                        return Ok(());
                    }
                }
                _ => at += 1,
            }
        }
    }

    fn word_end(&self, mut at: usize) -> usize {
        while at < self.bytes.len() && is_word_part(self.bytes[at]) {
            at += 1;
        }
        at
    }

    /// The length of the character that begins at `at`.
    fn char_length(&self, at: usize) -> usize {
        let mut end = at + 1;
        while end < self.bytes.len() && self.bytes[end] & 0xC0 == 0x80 {
            end += 1;
        }
        end - at
    }

    /// A number; what follows it without a space is junk.
    fn number(&mut self, start: usize) -> Result<(Kind, usize), DatabaseError> {
        let mut end = start;
        while self.byte(end).is_ascii_digit() {
            end += 1;
        }
        let mut whole = true;
        // `1..10` is a range of PL/pgSQL's: the number ends before the dots.
        if self.byte(end) == b'.' && self.byte(end + 1) != b'.' {
            whole = false;
            end += 1;
            while self.byte(end).is_ascii_digit() {
                end += 1;
            }
        }
        if matches!(self.byte(end), b'e' | b'E') {
            let signed = matches!(self.byte(end + 1), b'+' | b'-');
            let digits = end + 1 + usize::from(signed);
            if !self.byte(digits).is_ascii_digit() {
                return Err(self.error("trailing junk after numeric literal", start, digits));
            }
            whole = false;
            end = digits;
            while self.byte(end).is_ascii_digit() {
                end += 1;
            }
        }
        if is_word_start(self.byte(end)) {
            let junk = self.word_end(end);
            return Err(self.error("trailing junk after numeric literal", start, junk));
        }
        let fits = whole && self.out.text[start..end].parse::<i32>().is_ok();
        Ok((if fits { Kind::Integer } else { Kind::Float }, end))
    }

    /// An operator: the longest run of operator characters, cut before a comment; a `+` or `-` at its end belongs to it only
    /// when it has a character that no operator of the SQL standard has.
    fn operator(&mut self, start: usize) -> Result<(Kind, usize), DatabaseError> {
        let mut end = start;
        while end < self.bytes.len() && is_operator(self.bytes[end]) {
            let pair = (self.bytes[end], self.byte(end + 1));
            if end > start && (pair == (b'/', b'*') || pair == (b'-', b'-')) {
                break;
            }
            end += 1;
        }
        let strange =
            |b: &u8| matches!(b, b'~' | b'!' | b'@' | b'#' | b'^' | b'&' | b'|' | b'`' | b'?' | b'%');
        while end - start > 1 && matches!(self.bytes[end - 1], b'+' | b'-') {
            if self.bytes[start..end - 1].iter().any(strange) {
                break;
            }
            end -= 1;
        }
        let text = &self.bytes[start..end];
        let kind = match text {
            [b'+' | b'-' | b'*' | b'/' | b'%' | b'^' | b'<' | b'>' | b'='] => Kind::Char(text[0]),
            b"=>" => Kind::EqualsGreater,
            b">=" => Kind::GreaterEquals,
            b"<=" => Kind::LessEquals,
            b"<>" | b"!=" => Kind::NotEquals,
            _ => Kind::Operator,
        };
        if text.len() > IDENTIFIER_LIMIT {
            return Err(self.error("operator too long", start, end));
        }
        Ok((kind, end))
    }
}

fn is_word_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte >= 0x80
}

fn is_word_part(byte: u8) -> bool {
    is_word_start(byte) || byte.is_ascii_digit() || byte == b'$'
}

fn is_operator(byte: u8) -> bool {
    matches!(
        byte,
        b'~' | b'!'
            | b'@'
            | b'#'
            | b'^'
            | b'&'
            | b'|'
            | b'`'
            | b'?'
            | b'+'
            | b'-'
            | b'*'
            | b'/'
            | b'%'
            | b'<'
            | b'>'
            | b'='
    )
}

/// Cuts a name after at most 63 bytes, between characters.
pub(crate) fn cut_identifier(name: &str) -> &str {
    if name.len() <= IDENTIFIER_LIMIT {
        return name;
    }
    let mut end = IDENTIFIER_LIMIT;
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    &name[..end]
}
