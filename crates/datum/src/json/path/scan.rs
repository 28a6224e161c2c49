//! The words of a path.

use sqlstate::{DatabaseError, INVALID_TEXT_REPRESENTATION, Result, SYNTAX_ERROR, UNTRANSLATABLE_CHARACTER};

/// What a word is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A name, or a keyword in lower case with the name as it was written.
    Word(Option<Keyword>, String),
    String(String),
    Variable(String),
    /// A number with a point or an exponent.
    Number(String),
    Integer(String),
    /// An operator or another sign.
    Sign(&'static str),
    End,
}

/// A word with the text that an error shows.
#[derive(Clone, Debug)]
pub(super) struct Lexeme {
    pub(super) token: Token,
    pub(super) shown: String,
}

macro_rules! keywords {
    ($($name:ident $text:literal),* $(,)?) => {
        /// A word with a meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Keyword { $($name),* }

        const KEYWORDS: &[(&str, Keyword)] = &[$(($text, Keyword::$name)),*];
    };
}

keywords!(
    Is "is", To "to", Abs "abs", Lax "lax", Flag "flag", Last "last", Null "null", Size "size", True "true",
    Type "type", With "with", False "false", Floor "floor", Double "double", Exists "exists",
    Starts "starts", Strict "strict", Ceiling "ceiling", Unknown "unknown", DateTime "datetime",
    KeyValue "keyvalue", LikeRegex "like_regex",
);

/// `true`, `false` and `null` are such in lower case only.
fn keyword(word: &str) -> Option<Keyword> {
    let (text, keyword) = KEYWORDS.iter().find(|(text, _)| text.eq_ignore_ascii_case(word))?;
    let exact = matches!(keyword, Keyword::True | Keyword::False | Keyword::Null);
    (!exact || *text == word).then_some(*keyword)
}

/// The signs, longer before shorter.
const SIGNS: &[&str] = &[
    "&&", "||", "**", "<=", "==", "<>", "!=", ">=", "<", ">", "!", "?", "%", "$", ".", "[", "]", "{", "}",
    "(", ")", "|", "&", "=", "@", "#", ",", "*", ":", "-", "+", "/",
];

fn is_special(c: char) -> bool {
    "?%$.[]{}()|&!=<>@#,*:-+/".contains(c)
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0c')
}

fn is_other(c: char) -> bool {
    !is_special(c) && !is_blank(c) && c != '\\' && c != '"'
}

/// 42601 with the text where it was noticed.
pub(super) fn error(message: &str, shown: &str) -> DatabaseError {
    if shown.is_empty() {
        DatabaseError::new(SYNTAX_ERROR, format!("{message} at end of jsonpath input"))
    } else {
        DatabaseError::new(SYNTAX_ERROR, format!("{message} at or near \"{shown}\" of jsonpath input"))
    }
}

/// All words of a path, the end last; an error stands where the words end.
pub(super) fn words(text: &str) -> (Vec<Lexeme>, Option<DatabaseError>) {
    let mut scanner = Scanner { text, at: 0 };
    let mut words = Vec::new();
    loop {
        match scanner.next() {
            Ok(lexeme) => {
                let end = lexeme.token == Token::End;
                words.push(lexeme);
                if end {
                    return (words, None);
                }
            }
            Err(error) => return (words, Some(error)),
        }
    }
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn next(&mut self) -> Result<Lexeme> {
        loop {
            let rest = self.rest();
            let Some(c) = rest.chars().next() else {
                return Ok(Lexeme { token: Token::End, shown: String::new() });
            };
            if is_blank(c) {
                self.at += rest.len() - rest.trim_start_matches(is_blank).len();
                continue;
            }
            if rest.starts_with("/*") {
                self.comment()?;
                continue;
            }
            if let Some(number) = self.number()? {
                return Ok(number);
            }
            if let Some(tail) = rest.strip_prefix("$\"") {
                self.at = self.text.len() - tail.len();
                let name = self.quoted()?;
                return Ok(Lexeme { token: Token::Variable(name), shown: "\"".to_owned() });
            }
            if let Some(tail) = rest.strip_prefix('$') {
                let end = tail.find(|c: char| !is_other(c)).unwrap_or(tail.len());
                if end > 0 {
                    self.at += 1 + end;
                    let shown = rest[..1 + end].to_owned();
                    return Ok(Lexeme { token: Token::Variable(tail[..end].to_owned()), shown });
                }
            }
            if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
                self.at += sign.len();
                return Ok(Lexeme { token: Token::Sign(sign), shown: (*sign).to_owned() });
            }
            if c == '"' {
                self.at += 1;
                let text = self.quoted()?;
                return Ok(Lexeme { token: Token::String(text), shown: "\"".to_owned() });
            }
            return self.word();
        }
    }

    fn comment(&mut self) -> Result<()> {
        match self.rest()[2..].find("*/") {
            Some(end) => {
                self.at += end + 4;
                Ok(())
            }
            None => Err(error("unexpected end of comment", "")),
        }
    }

    /// A number, unless more letters make it a name. Of what matches, the longest counts.
    fn number(&mut self) -> Result<Option<Lexeme>> {
        let rest = self.rest();
        let bytes = rest.as_bytes();
        let digits = |mut at: usize| {
            while bytes.get(at).is_some_and(u8::is_ascii_digit) {
                at += 1;
            }
            at
        };
        let whole = match bytes.first() {
            Some(b'0') => 1,
            Some(b'1'..=b'9') => digits(0),
            _ => 0,
        };
        let decimal = match bytes.get(whole) {
            Some(b'.') if whole > 0 => digits(whole + 1),
            Some(b'.') if digits(1) > 1 => digits(1),
            _ => 0,
        };
        if whole == 0 && decimal == 0 {
            return Ok(None);
        }
        let mut real = 0;
        let mut broken = 0;
        for base in [whole, decimal] {
            if base > 0 && matches!(bytes.get(base), Some(b'e' | b'E')) {
                let signed = matches!(bytes.get(base + 1), Some(b'+' | b'-'));
                let start = base + 1 + usize::from(signed);
                if digits(start) > start {
                    real = real.max(digits(start));
                }
                if signed {
                    broken = broken.max(start);
                }
            }
        }
        let junk = |end: usize| {
            let next = rest[end..].chars().next().filter(|c| end > 0 && is_other(*c));
            next.map_or(0, |c| end + c.len_utf8())
        };
        let name = rest.find(|c: char| !is_other(c)).unwrap_or(rest.len());
        let longest = [real, decimal, whole, broken, junk(whole), junk(decimal), junk(real), name];
        let length = longest.into_iter().max().unwrap_or(0);
        let shown = rest[..length].to_owned();
        let token = if length == real || length == decimal {
            Token::Number(shown.clone())
        } else if length == whole {
            Token::Integer(shown.clone())
        } else if length == broken {
            return Err(error("invalid numeric literal", &shown));
        } else if length == name && ![junk(whole), junk(decimal), junk(real)].contains(&length) {
            return Ok(None);
        } else {
            return Err(error("trailing junk after numeric literal", &shown));
        };
        self.at += length;
        Ok(Some(Lexeme { token, shown }))
    }

    /// A name or keyword.
    fn word(&mut self) -> Result<Lexeme> {
        let mut word = String::new();
        loop {
            let rest = self.rest();
            let end = rest.find(|c: char| !is_other(c)).unwrap_or(rest.len());
            word.push_str(&rest[..end]);
            self.at += end;
            let rest = self.rest();
            if rest.starts_with('\\') {
                self.escape(&mut word)?;
                continue;
            }
            // What an error would show is what ended the word: blanks, or nothing.
            let blanks = rest.len() - rest.trim_start_matches(is_blank).len();
            self.at += blanks;
            return Ok(Lexeme { token: Token::Word(keyword(&word), word), shown: rest[..blanks].to_owned() });
        }
    }

    /// The text up to the closing quote.
    fn quoted(&mut self) -> Result<String> {
        let mut text = String::new();
        loop {
            let rest = self.rest();
            let Some(end) = rest.find(['"', '\\']) else {
                return Err(error("unexpected end of quoted string", ""));
            };
            text.push_str(&rest[..end]);
            self.at += end;
            if rest[end..].starts_with('"') {
                self.at += 1;
                return Ok(text);
            }
            self.escape(&mut text)?;
        }
    }

    /// From a backslash on.
    fn escape(&mut self, out: &mut String) -> Result<()> {
        let rest = self.rest();
        let Some(c) = rest[1..].chars().next() else {
            return Err(error("unexpected end after backslash", "\\"));
        };
        let mut used = 1 + c.len_utf8();
        match c {
            'b' => out.push('\x08'),
            'f' => out.push('\x0c'),
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            't' => out.push('\t'),
            'v' => out.push('\x0b'),
            'x' => {
                let digits = rest[2..].bytes().take(2).take_while(u8::is_ascii_hexdigit).count();
                if digits < 2 {
                    return Err(error("invalid hex character sequence", &rest[..2 + digits]));
                }
                used = 4;
                push_code(u32::from_str_radix(&rest[2..4], 16).unwrap_or(0), out)?;
            }
            'u' => used = unicode(rest, out)?,
            other => out.push(other),
        }
        self.at += used;
        Ok(())
    }
}

fn push_code(code: u32, out: &mut String) -> Result<()> {
    if code == 0 {
        return Err(DatabaseError::new(UNTRANSLATABLE_CHARACTER, "unsupported Unicode escape sequence")
            .with_detail("\\u0000 cannot be converted to text."));
    }
    match char::from_u32(code) {
        Some(c) => {
            out.push(c);
            Ok(())
        }
        None => Err(error("invalid Unicode code point", "")),
    }
}

/// One `\uXXXX` or `\u{…}`: its code and length.
fn code_point(text: &str) -> Option<(u32, usize)> {
    let body = text.strip_prefix("\\u")?;
    let hex = |text: &str| text.bytes().take_while(u8::is_ascii_hexdigit).count();
    let (digits, length) = match body.strip_prefix('{') {
        Some(inner) => {
            let count = hex(inner);
            if !(1..=6).contains(&count) || !inner[count..].starts_with('}') {
                return None;
            }
            (&inner[..count], count + 4)
        }
        None if hex(body) >= 4 => (&body[..4], 6),
        None => return None,
    };
    Some((u32::from_str_radix(digits, 16).ok()?, length))
}

/// A run of Unicode escapes, among which surrogates pair; its length.
fn unicode(text: &str, out: &mut String) -> Result<usize> {
    let invalid = |detail: &str| {
        Err(DatabaseError::new(INVALID_TEXT_REPRESENTATION, "invalid input syntax for type jsonpath")
            .with_detail(detail.to_owned()))
    };
    let mut codes = Vec::new();
    let mut at = 0;
    while text[at..].starts_with("\\u") {
        match code_point(&text[at..]) {
            Some((code, length)) => {
                codes.push(code);
                at += length;
            }
            None => {
                let body = &text[at + 2..];
                let braced = usize::from(body.starts_with('{'));
                let limit = if braced == 1 { 6 } else { 3 };
                let digits = body[braced..].bytes().take(limit).take_while(u8::is_ascii_hexdigit).count();
                return Err(error("invalid unicode sequence", &text[..at + 2 + braced + digits]));
            }
        }
    }
    const LOW: &str = "Unicode low surrogate must follow a high surrogate.";
    let mut high = None;
    for code in codes {
        match (code, high) {
            (0xd800..=0xdbff, Some(_)) => {
                return invalid("Unicode high surrogate must not follow a high surrogate.");
            }
            (0xd800..=0xdbff, None) => high = Some(code),
            (0xdc00..=0xdfff, Some(first)) => {
                high = None;
                push_code(0x10000 + ((first & 0x3ff) << 10) + (code & 0x3ff), out)?;
            }
            (0xdc00..=0xdfff, None) | (_, Some(_)) => return invalid(LOW),
            (code, None) => push_code(code, out)?,
        }
    }
    if high.is_some() { invalid(LOW) } else { Ok(at) }
}
