//! Quoted tokens: strings of all spellings and quoted identifiers.

use super::{Kind, Scanner, Token, is_word_part, is_word_start};
use sqlstate::{CHARACTER_NOT_IN_REPERTOIRE, DatabaseError, INVALID_ESCAPE_SEQUENCE, SYNTAX_ERROR};

const NOT_SIMPLE: &str = "UESCAPE must be followed by a simple string literal";

impl Scanner<'_> {
    /// Where the quotation that begins behind `at` ends: the offset of its closing quote. A doubled quote does not close.
    fn closing_quote(&self, mut at: usize, quote: u8) -> Option<(usize, bool)> {
        let mut doubled = false;
        loop {
            at += self.bytes.get(at..)?.iter().position(|b| *b == quote)?;
            if self.byte(at + 1) != quote {
                return Some((at, doubled));
            }
            doubled = true;
            at += 2;
        }
    }

    /// Where a string goes on behind its closing quote: white space with a line break, then a quote.
    fn continuation(&self, mut at: usize) -> Option<usize> {
        let mut line_break = false;
        loop {
            match self.byte(at) {
                b'\n' | b'\r' => line_break = true,
                b' ' | b'\t' | 0x0C => {}
                b'-' if self.byte(at + 1) == b'-' => {
                    let end = self.line_end(at);
                    // A comment counts only with its line break, which then is to come.
                    if end >= self.bytes.len() {
                        return None;
                    }
                    at = end;
                    continue;
                }
                b'\'' if line_break => return Some(at + 1),
                _ => return None,
            }
            at += 1;
        }
    }

    /// The parts of a string that has no backslash escapes, from behind its first quote: (raw parts are joined), doubled
    /// quotes undone. `None` when it is one part without doubled quotes.
    fn parts(
        &mut self,
        token: &mut Token,
        first: usize,
        message: &str,
    ) -> Result<Option<String>, DatabaseError> {
        let mut from = first;
        let mut joined: Option<String> = None;
        loop {
            let Some((end, doubled)) = self.closing_quote(from, b'\'') else {
                self.at = self.bytes.len();
                return Err(self.error(message, token.start as usize, self.at));
            };
            let next = self.continuation(end + 1);
            if doubled || next.is_some() || joined.is_some() {
                let text = &self.out.text[from..end];
                let part = if doubled { text.replace("''", "'") } else { text.to_owned() };
                joined.get_or_insert_default().push_str(&part);
            }
            token.end = (end + 1) as u32;
            self.at = end + 1;
            match next {
                Some(next) => from = next,
                None => return Ok(joined),
            }
        }
    }

    fn keep(&mut self, token: &mut Token, decoded: String) {
        self.out.decoded.push(decoded);
        token.decoded = self.out.decoded.len() as u32;
    }

    /// `'…'`
    pub(super) fn plain_string(&mut self, mut token: Token, first: usize) -> Result<Token, DatabaseError> {
        if let Some(decoded) = self.parts(&mut token, first, "unterminated quoted string")? {
            self.keep(&mut token, decoded);
        }
        Ok(token)
    }

    /// `B'…'`, `X'…'`: PostgreSQL looks at the digits later.
    pub(super) fn bit_string(&mut self, mut token: Token, message: &str) -> Result<Token, DatabaseError> {
        let first = token.start as usize + 2;
        let mut from = first;
        let mut joined: Option<String> = None;
        loop {
            let Some(length) = self.bytes[from..].iter().position(|b| *b == b'\'') else {
                self.at = self.bytes.len();
                return Err(self.error(message, token.start as usize, self.at));
            };
            let end = from + length;
            let next = self.continuation(end + 1);
            if next.is_some() || joined.is_some() {
                joined.get_or_insert_default().push_str(&self.out.text[from..end]);
            }
            token.end = (end + 1) as u32;
            self.at = end + 1;
            match next {
                Some(next) => from = next,
                None => break,
            }
        }
        if let Some(decoded) = joined {
            self.keep(&mut token, decoded);
        }
        Ok(token)
    }

    /// `"…"`; `unicode` for `U&"…"`, whose escapes are undone later and which is checked for emptiness there too.
    pub(super) fn quoted_identifier(
        &mut self,
        mut token: Token,
        first: usize,
        unicode: bool,
    ) -> Result<Token, DatabaseError> {
        let start = token.start as usize;
        let Some((end, doubled)) = self.closing_quote(first, b'"') else {
            self.at = self.bytes.len();
            return Err(self.error("unterminated quoted identifier", start, self.at));
        };
        self.at = end + 1;
        token.end = self.at as u32;
        if end == first {
            return Err(self.error("zero-length delimited identifier", start, self.at));
        }
        if doubled || unicode {
            let text = self.out.text[first..end].replace("\"\"", "\"");
            self.keep(&mut token, text);
        }
        Ok(token)
    }

    /// `$tag$…$tag$`; a `$` that begins no tag is a token of its own, which no grammar has.
    pub(super) fn dollar_string(&mut self, mut token: Token) -> Result<Token, DatabaseError> {
        let start = token.start as usize;
        let mut end = start + 1;
        if is_word_start(self.byte(end)) {
            while is_word_part(self.byte(end)) && self.byte(end) != b'$' {
                end += 1;
            }
        }
        if self.byte(end) != b'$' {
            self.at = start + 1;
            token.kind = Kind::Char(b'$');
            token.end = self.at as u32;
            return Ok(token);
        }
        let tag = &self.bytes[start..=end];
        let body = end + 1;
        let Some(length) = find(&self.bytes[body..], tag) else {
            self.at = self.bytes.len();
            return Err(self.error("unterminated dollar-quoted string", start, self.at));
        };
        self.at = body + length + tag.len();
        token.end = self.at as u32;
        Ok(token)
    }

    /// `E'…'`
    pub(super) fn escape_string(&mut self, mut token: Token) -> Result<Token, DatabaseError> {
        let start = token.start as usize;
        let mut at = start + 2;
        let mut out: Vec<u8> = Vec::new();
        // The first half of a surrogate pair, until its second one comes.
        let mut high: Option<u32> = None;
        let mut raw_bytes = false;
        loop {
            let Some(&byte) = self.bytes.get(at) else {
                self.at = at;
                let message = if high.is_some() {
                    "invalid Unicode surrogate pair"
                } else {
                    "unterminated quoted string"
                };
                let from = if high.is_some() { at } else { start };
                return Err(self.error(message, from, at));
            };
            let next = self.byte(at + 1);
            if high.is_some() && !(byte == b'\\' && matches!(next, b'u' | b'U')) {
                self.at = at;
                return Err(self.error("invalid Unicode surrogate pair", at, at + self.char_length(at)));
            }
            match byte {
                b'\'' if next == b'\'' => {
                    out.push(b'\'');
                    at += 2;
                }
                b'\'' => match self.continuation(at + 1) {
                    Some(next) => at = next,
                    None => {
                        at += 1;
                        break;
                    }
                },
                b'\\' if matches!(next, b'u' | b'U') => {
                    let digits = if next == b'u' { 4 } else { 8 };
                    let Some(code) = self.hexadecimal(at + 2, digits) else {
                        self.at = at;
                        return Err(DatabaseError::new(INVALID_ESCAPE_SEQUENCE, "invalid Unicode escape")
                            .with_hint("Unicode escapes must be \\uXXXX or \\UXXXXXXXX.")
                            .at(self.position(at)));
                    };
                    let end = at + 2 + digits;
                    match unicode(code, &mut high) {
                        Ok(Some(c)) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
                        Ok(None) => {}
                        Err(message) => {
                            self.at = at;
                            return Err(self.error(message, at, end));
                        }
                    }
                    at = end;
                }
                b'\\' if matches!(next, b'0'..=b'7') => {
                    let mut code: u32 = 0;
                    let mut end = at + 1;
                    while end < at + 4 && matches!(self.byte(end), b'0'..=b'7') {
                        code = code * 8 + u32::from(self.byte(end) - b'0');
                        end += 1;
                    }
                    out.push(code as u8);
                    raw_bytes |= code == 0 || code as u8 >= 0x80;
                    at = end;
                }
                b'\\' if next == b'x' && self.byte(at + 2).is_ascii_hexdigit() => {
                    let digits = if self.byte(at + 3).is_ascii_hexdigit() { 2 } else { 1 };
                    let code = self.hexadecimal(at + 2, digits).unwrap_or(0) as u8;
                    out.push(code);
                    raw_bytes |= code == 0 || code >= 0x80;
                    at += 2 + digits;
                }
                b'\\' if at + 1 < self.bytes.len() => {
                    out.push(match next {
                        b'b' => 8,
                        b'f' => 12,
                        b'n' => b'\n',
                        b'r' => b'\r',
                        b't' => b'\t',
                        b'v' => 11,
                        other => other,
                    });
                    at += 2;
                }
                other => {
                    out.push(other);
                    at += 1;
                }
            }
        }
        self.at = at;
        token.end = at as u32;
        if raw_bytes && let Some(error) = invalid_bytes(&out) {
            return Err(error);
        }
        let decoded = String::from_utf8_lossy(&out).into_owned();
        self.keep(&mut token, decoded);
        Ok(token)
    }

    fn hexadecimal(&self, at: usize, digits: usize) -> Option<u32> {
        let text = self.bytes.get(at..at + digits)?;
        if !text.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        u32::from_str_radix(std::str::from_utf8(text).ok()?, 16).ok()
    }

    /// `U&'…'` or `U&"…"`, with UESCAPE behind it.
    pub(super) fn unicode_token(&mut self, token: Token) -> Result<Token, DatabaseError> {
        let first = token.start as usize + 3;
        let mut token = match token.kind {
            Kind::QuotedIdentifier => self.quoted_identifier(token, first, true)?,
            _ => {
                let mut token = token;
                let joined = self.parts(&mut token, first, "unterminated quoted string")?;
                let text = match joined {
                    Some(text) => text,
                    None => self.out.text[first..token.end as usize - 1].to_owned(),
                };
                self.keep(&mut token, text);
                token
            }
        };
        let escape = self.escape_character(&mut token)?;
        let index = token.decoded as usize - 1;
        let raw = std::mem::take(&mut self.out.decoded[index]);
        match unescape(&raw, escape, token.position + 3) {
            Ok(text) => {
                self.out.decoded[index] = text;
                Ok(token)
            }
            Err(error) => {
                // PostgreSQL undoes the escapes when it has scanned the next token, in search of UESCAPE.
                self.next()?;
                Err(error)
            }
        }
    }

    /// The escape character of a `U&` token: that of the UESCAPE behind it, else a backslash.
    fn escape_character(&mut self, token: &mut Token) -> Result<char, DatabaseError> {
        let back = self.at;
        if self.skip_space().is_err() {
            self.at = back;
            return Ok('\\');
        }
        let end = self.word_end(self.at);
        if !self.bytes[self.at..end].eq_ignore_ascii_case(b"uescape") {
            self.at = back;
            return Ok('\\');
        }
        self.at = end;
        self.skip_space()?;
        let unicode = matches!(self.bytes.get(self.at..self.at + 3), Some([b'u' | b'U', b'&', b'\'' | b'"']));
        if unicode {
            // Its own escapes stay as they are: it is refused whatever it says.
            let start = self.at;
            let mut literal = *token;
            literal.start = start as u32;
            self.parts(&mut literal, start + 3, "unterminated quoted string")?;
            return Err(self.error(NOT_SIMPLE, start, self.at));
        }
        let literal = self.next()?;
        if literal.kind != Kind::String {
            let (start, end) = (literal.start as usize, literal.end as usize);
            return Err(self.error(NOT_SIMPLE, start, end));
        }
        let mut characters = self.out.value(literal).chars();
        match (characters.next(), characters.next()) {
            (Some(c), None)
                if c.is_ascii()
                    && !c.is_ascii_hexdigit()
                    && !matches!(c, '+' | '\'' | '"' | ' ' | '\t' | '\n' | '\r' | '\x0C') =>
            {
                token.end = literal.end;
                Ok(c)
            }
            _ => {
                let (start, end) = (literal.start as usize, literal.end as usize);
                Err(self.error("invalid Unicode escape character", start, end))
            }
        }
    }
}

/// The offset of a tag in a text; the tag begins with `$`.
fn find(text: &[u8], tag: &[u8]) -> Option<usize> {
    let mut from = 0;
    loop {
        from += text.get(from..)?.iter().position(|b| *b == b'$')?;
        if text[from..].starts_with(tag) {
            return Some(from);
        }
        from += 1;
    }
}

/// The character of an escape; the halves of a surrogate pair come one after the other.
fn unicode(code: u32, high: &mut Option<u32>) -> Result<Option<char>, &'static str> {
    const PAIR: &str = "invalid Unicode surrogate pair";
    let code = match (code, high.take()) {
        (0xD800..=0xDBFF, None) => {
            *high = Some(code);
            return Ok(None);
        }
        (0xDC00..=0xDFFF, Some(first)) => 0x10000 + ((first & 0x3FF) << 10) + (code & 0x3FF),
        (0xDC00..=0xDFFF, None) | (_, Some(_)) => return Err(PAIR),
        (code, None) => code,
    };
    match char::from_u32(code) {
        Some('\0') | None => Err("invalid Unicode escape value"),
        character => Ok(character),
    }
}

/// Undoes the escapes of a `U&` token; `position` is that of its first character.
fn unescape(text: &str, escape: char, position: u32) -> Result<String, DatabaseError> {
    let mut out = String::with_capacity(text.len());
    let characters: Vec<char> = text.chars().collect();
    let fail = |message: &str, at: usize| DatabaseError::new(SYNTAX_ERROR, message).at(position + at as u32);
    let hexadecimal = |from: usize, digits: usize| -> Option<u32> {
        let digits: String = characters.get(from..from + digits)?.iter().collect();
        digits.chars().all(|c| c.is_ascii_hexdigit()).then(|| u32::from_str_radix(&digits, 16).ok())?
    };
    let mut high = None;
    let mut at = 0;
    while at < characters.len() {
        let character = characters[at];
        if character != escape || characters.get(at + 1) == Some(&escape) {
            if high.is_some() {
                return Err(fail("invalid Unicode surrogate pair", at));
            }
            out.push(character);
            at += if character == escape { 2 } else { 1 };
            continue;
        }
        let (code, length) = if let Some(code) = hexadecimal(at + 1, 4) {
            (code, 5)
        } else if let Some(code) = hexadecimal(at + 2, 6).filter(|_| characters.get(at + 1) == Some(&'+')) {
            (code, 8)
        } else {
            return Err(
                fail("invalid Unicode escape", at).with_hint("Unicode escapes must be \\XXXX or \\+XXXXXX.")
            );
        };
        match unicode(code, &mut high) {
            Ok(Some(character)) => out.push(character),
            Ok(None) => {}
            Err(message) => return Err(fail(message, at)),
        }
        at += length;
    }
    if high.is_some() {
        return Err(fail("invalid Unicode surrogate pair", at));
    }
    Ok(out)
}

/// The error of a string whose escapes gave no UTF-8 text, or a zero byte.
fn invalid_bytes(bytes: &[u8]) -> Option<DatabaseError> {
    let zero = bytes.iter().position(|b| *b == 0);
    let broken = std::str::from_utf8(bytes).err().map(|error| error.valid_up_to());
    let at = match (zero, broken) {
        (Some(a), Some(b)) => a.min(b),
        (a, b) => a.or(b)?,
    };
    // PostgreSQL shows the bytes that the first one announces.
    let announced = match bytes[at] {
        0xC0..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xF7 => 4,
        _ => 1,
    };
    let shown: Vec<String> = bytes[at..].iter().take(announced).map(|b| format!("0x{b:02x}")).collect();
    let message = format!("invalid byte sequence for encoding \"UTF8\": {}", shown.join(" "));
    Some(DatabaseError::new(CHARACTER_NOT_IN_REPERTOIRE, message))
}
