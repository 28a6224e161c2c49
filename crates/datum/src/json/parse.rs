//! The JSON grammar with PostgreSQL's errors.

use super::tree::{Json, sort_object};
use crate::numeric::Numeric;
use sqlstate::{
    DatabaseError, INVALID_TEXT_REPRESENTATION, Result, STATEMENT_TOO_COMPLEX, UNTRANSLATABLE_CHARACTER,
};

/// Nesting beyond this is refused, as PostgreSQL's stack would.
const MAX_DEPTH: usize = 6000;
/// Objects and arrays nest on our stack too; deeper ones are refused.
const OUR_DEPTH: usize = 512;

/// Refuses a json whose escapes do not make text: who reads a part of it reads all of it.
pub(crate) fn escapes(text: &str) -> Result<()> {
    if text.contains("\\u") { parse(text).map(drop) } else { Ok(()) }
}

/// Checks a json text and leaves it as it is.
pub(crate) fn validate(text: &str) -> Result<()> {
    let mut parser = Parser { text, at: 0, depth: 0, build: false };
    parser.document().map(|_| ())
}

/// The tree of a text: jsonb's input.
pub(crate) fn parse(text: &str) -> Result<Json> {
    let mut parser = Parser { text, at: 0, depth: 0, build: true };
    parser.document()
}

/// A stored json or jsonb, which was checked when it was stored.
pub(crate) fn stored(text: &str) -> Result<Json> {
    parse(text).map_err(|error| {
        if error.code() == INVALID_TEXT_REPRESENTATION {
            DatabaseError::internal(format_args!("stored jsonb: {error}"))
        } else {
            error
        }
    })
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    /// Whether values are kept; else only the grammar is checked.
    build: bool,
}

/// What the parser wanted where it found something else.
#[derive(Clone, Copy)]
enum Wanted {
    Value,
    String,
    Element,
    ArrayNext,
    Key,
    ObjectNext,
    Colon,
    End,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn document(&mut self) -> Result<Json> {
        let value = self.value(Wanted::Value)?;
        self.skip_space();
        if self.at < self.text.len() { Err(self.unexpected(Wanted::End)) } else { Ok(value) }
    }

    fn error(detail: String) -> DatabaseError {
        DatabaseError::new(INVALID_TEXT_REPRESENTATION, "invalid input syntax for type json")
            .with_detail(detail)
    }

    /// The end of the token that starts here: a word, a string, or one character.
    fn token_end(&self) -> usize {
        let rest = &self.text[self.at..];
        let word = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii()))
            .unwrap_or(rest.len());
        self.at + if word > 0 { word } else { rest.chars().next().map_or(0, char::len_utf8) }
    }

    /// The error of a token that does not fit here.
    fn unexpected(&mut self, wanted: Wanted) -> DatabaseError {
        self.skip_space();
        let Some(first) = self.peek() else {
            return Self::error("The input string ended unexpectedly.".to_owned());
        };
        let start = self.at;
        // What is no token at all is reported as such.
        let token = match first {
            b'"' => match self.string_quietly() {
                Ok(()) => &self.text[start..self.at],
                Err(error) => return error,
            },
            b'-' | b'0'..=b'9' => match self.number() {
                Ok(text) => text,
                Err(error) => return error,
            },
            b'{' | b'}' | b'[' | b']' | b',' | b':' => &self.text[start..start + 1],
            _ => {
                let word = &self.text[start..self.token_end()];
                if !matches!(word, "true" | "false" | "null") {
                    return Self::error(format!("Token \"{word}\" is invalid."));
                }
                word
            }
        };
        Self::error(match wanted {
            Wanted::Value => format!("Expected JSON value, but found \"{token}\"."),
            Wanted::String => format!("Expected string, but found \"{token}\"."),
            Wanted::Element => format!("Expected array element or \"]\", but found \"{token}\"."),
            Wanted::ArrayNext => format!("Expected \",\" or \"]\", but found \"{token}\"."),
            Wanted::Key => format!("Expected string or \"}}\", but found \"{token}\"."),
            Wanted::ObjectNext => format!("Expected \",\" or \"}}\", but found \"{token}\"."),
            Wanted::Colon => format!("Expected \":\", but found \"{token}\"."),
            Wanted::End => format!("Expected end of input, but found \"{token}\"."),
        })
    }

    fn value(&mut self, wanted: Wanted) -> Result<Json> {
        self.skip_space();
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'"') => self.string().map(Json::String),
            Some(b'-' | b'0'..=b'9') => self
                .number()
                .map(|text| Json::Number(text.to_owned()))
                .and_then(|number| if self.build { number.canonical_number() } else { Ok(number) }),
            _ => {
                let end = if self.at < self.text.len() { self.token_end() } else { self.at };
                let value = match &self.text[self.at..end] {
                    "true" => Json::Bool(true),
                    "false" => Json::Bool(false),
                    "null" => Json::Null,
                    _ => return Err(self.unexpected(wanted)),
                };
                self.at = end;
                Ok(value)
            }
        }
    }

    fn nested(&mut self, inner: fn(&mut Self) -> Result<Json>) -> Result<Json> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(DatabaseError::new(STATEMENT_TOO_COMPLEX, "stack depth limit exceeded"));
        }
        if self.depth > OUR_DEPTH {
            return Err(DatabaseError::unsupported("JSON nested more than 512 deep"));
        }
        self.at += 1;
        let value = inner(self);
        self.depth -= 1;
        value
    }

    fn object(&mut self) -> Result<Json> {
        let mut pairs = Vec::new();
        self.skip_space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Json::Object(pairs));
        }
        let mut wanted = Wanted::Key;
        loop {
            self.skip_space();
            if self.peek() != Some(b'"') {
                return Err(self.unexpected(wanted));
            }
            let key = self.string()?;
            self.skip_space();
            if self.peek() != Some(b':') {
                return Err(self.unexpected(Wanted::Colon));
            }
            self.at += 1;
            let value = self.value(Wanted::Value)?;
            if self.build {
                pairs.push((key, value));
            }
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                _ => return Err(self.unexpected(Wanted::ObjectNext)),
            }
            wanted = Wanted::String;
        }
        self.at += 1;
        sort_object(&mut pairs);
        Ok(Json::Object(pairs))
    }

    fn array(&mut self) -> Result<Json> {
        let mut elements = Vec::new();
        self.skip_space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Json::Array(elements));
        }
        let mut wanted = Wanted::Element;
        loop {
            let element = self.value(wanted)?;
            if self.build {
                elements.push(element);
            }
            self.skip_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                _ => return Err(self.unexpected(Wanted::ArrayNext)),
            }
            wanted = Wanted::Value;
        }
        self.at += 1;
        Ok(Json::Array(elements))
    }

    /// The text of a number.
    fn number(&mut self) -> Result<&str> {
        let start = self.at;
        let bytes = self.text.as_bytes();
        let digits = |mut at: usize| {
            while bytes.get(at).is_some_and(u8::is_ascii_digit) {
                at += 1;
            }
            at
        };
        let mut at = start + usize::from(bytes[start] == b'-');
        let mut valid = true;
        match bytes.get(at) {
            Some(b'0') => at += 1,
            Some(b'1'..=b'9') => at = digits(at),
            _ => valid = false,
        }
        if bytes.get(at) == Some(&b'.') {
            let end = digits(at + 1);
            valid &= end > at + 1;
            at = end;
        }
        if matches!(bytes.get(at), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
            let end = digits(at + 1 + sign);
            valid &= end > at + 1 + sign;
            at = end;
        }
        // What clings to a number belongs to the token, which is invalid then.
        let rest = &self.text[at..];
        let garbage = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii()))
            .unwrap_or(rest.len());
        if !valid || garbage > 0 {
            let token = &self.text[start..at + garbage];
            return Err(Self::error(format!("Token \"{token}\" is invalid.")));
        }
        self.at = at;
        Ok(&self.text[start..at])
    }

    /// Passes over a string whose value does not matter.
    fn string_quietly(&mut self) -> Result<()> {
        let build = std::mem::replace(&mut self.build, false);
        let result = self.string();
        self.build = build;
        result.map(|_| ())
    }

    fn string(&mut self) -> Result<String> {
        let start = self.at;
        self.at += 1;
        let mut value = String::new();
        let mut copied = self.at;
        let mut high: Option<u32> = None;
        let lone = || Self::error("Unicode low surrogate must follow a high surrogate.".to_owned());
        loop {
            let Some(byte) = self.peek() else {
                let token = &self.text[start..];
                return Err(Self::error(format!("Token \"{token}\" is invalid.")));
            };
            if high.is_some() && byte != b'\\' {
                return Err(lone());
            }
            match byte {
                b'"' => {
                    if self.build {
                        value.push_str(&self.text[copied..self.at]);
                    }
                    self.at += 1;
                    return Ok(value);
                }
                0..=0x1f => {
                    return Err(Self::error(format!("Character with value 0x{byte:02x} must be escaped.")));
                }
                b'\\' => {
                    if self.build {
                        value.push_str(&self.text[copied..self.at]);
                    }
                    self.at += 1;
                    let escape = self.text[self.at..].chars().next();
                    if high.is_some() && escape != Some('u') {
                        return Err(lone());
                    }
                    let Some(escape) = escape else {
                        let token = &self.text[start..];
                        return Err(Self::error(format!("Token \"{token}\" is invalid.")));
                    };
                    self.at += escape.len_utf8();
                    match escape {
                        'u' => {
                            let code = self.hex()?;
                            match (code, high) {
                                // json keeps its text; only who reads the value pairs surrogates.
                                _ if !self.build => {}
                                (0xd800..=0xdbff, Some(_)) => {
                                    return Err(Self::error(
                                        "Unicode high surrogate must not follow a high surrogate.".to_owned(),
                                    ));
                                }
                                (0xd800..=0xdbff, None) => high = Some(code),
                                (0xdc00..=0xdfff, None) => return Err(lone()),
                                (0xdc00..=0xdfff, Some(first)) => {
                                    high = None;
                                    let code = 0x10000 + ((first & 0x3ff) << 10) + (code & 0x3ff);
                                    value.extend(char::from_u32(code));
                                }
                                (_, Some(_)) => return Err(lone()),
                                (0, None) => {
                                    return Err(DatabaseError::new(
                                        UNTRANSLATABLE_CHARACTER,
                                        "unsupported Unicode escape sequence",
                                    )
                                    .with_detail("\\u0000 cannot be converted to text."));
                                }
                                (code, None) => value.extend(char::from_u32(code)),
                            }
                        }
                        '"' | '\\' | '/' => value.push(escape),
                        'b' => value.push('\x08'),
                        'f' => value.push('\x0c'),
                        'n' => value.push('\n'),
                        'r' => value.push('\r'),
                        't' => value.push('\t'),
                        other => {
                            return Err(Self::error(format!("Escape sequence \"\\{other}\" is invalid.")));
                        }
                    }
                    copied = self.at;
                }
                _ => self.at += 1,
            }
        }
    }

    fn hex(&mut self) -> Result<u32> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4).unwrap_or(&[]);
        let code = std::str::from_utf8(digits)
            .ok()
            .filter(|digits| digits.len() == 4 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match code.and_then(|digits| u32::from_str_radix(digits, 16).ok()) {
            Some(code) => {
                self.at += 4;
                Ok(code)
            }
            None => Err(Self::error("\"\\u\" must be followed by four hexadecimal digits.".to_owned())),
        }
    }
}

impl Json {
    /// A number in numeric's own text: exponents resolved, `-0` gone.
    fn canonical_number(self) -> Result<Json> {
        match self {
            Json::Number(text) if text.contains(['e', 'E']) || text.starts_with("-0") => {
                Ok(Json::Number(Numeric::input(&text)?.to_text()))
            }
            Json::Number(text) if text.len() > 300 => Ok(Json::Number(Numeric::input(&text)?.to_text())),
            other => Ok(other),
        }
    }
}
