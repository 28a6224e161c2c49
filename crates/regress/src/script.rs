//! A script for psql: what psql would send, and psql's own commands.
//!
//! Where a statement ends, what a variable stands for and which lines are data depend on what came before, so that a script is read
//! piece by piece while it runs.

use crate::variables::Variables;

/// What comes next in a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Statements to send: usually one, several behind `\;`.
    Send {
        /// Their text, variables replaced.
        text: String,
        /// The line on which it begins, from 1.
        line: u32,
        /// What to do with the answer, when another command than `;` sent it: `gset prefix`.
        then: Option<Command>,
    },
    /// A command of psql's.
    Command(Command),
}

/// A command of psql's with its arguments, variables replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Command {
    /// Without the backslash.
    pub(crate) name: String,
    /// As words, quotes removed.
    pub(crate) arguments: Vec<String>,
    /// The whole rest of the line.
    pub(crate) rest: String,
    /// Where it stands.
    pub(crate) line: u32,
}

/// A script and how far it was read.
pub(crate) struct Script<'a> {
    text: &'a str,
    at: usize,
    line: u32,
    /// What is not sent yet.
    buffer: String,
    begun_on: u32,
    nesting: Nesting,
}

#[derive(Default)]
struct Nesting {
    parentheses: u32,
    blocks: u32,
    words: Vec<String>,
}

/// Commands that send what is in the buffer.
const SENDING: &[&str] = &["g", "gx", "gset", "gexec", "gdesc", "crosstabview", "watch"];

impl<'a> Script<'a> {
    pub(crate) fn new(text: &'a str) -> Script<'a> {
        Script { text, at: 0, line: 1, buffer: String::new(), begun_on: 1, nesting: Nesting::default() }
    }

    /// The next piece.
    pub(crate) fn next(&mut self, variables: &Variables) -> Option<Piece> {
        while let Some(next) = self.peek() {
            let rest = &self.text[self.at..];
            match next {
                '\\' if rest.starts_with("\\;") => {
                    self.buffer.push(';');
                    self.advance(2);
                }
                '\\' => {
                    let command = self.command(variables);
                    if SENDING.contains(&command.name.as_str()) && !self.buffer.trim().is_empty() {
                        return Some(self.send(Some(command)));
                    }
                    if matches!(command.name.as_str(), "r" | "reset") {
                        self.clear();
                    }
                    return Some(Piece::Command(command));
                }
                ';' if self.nesting.parentheses == 0 && self.nesting.blocks == 0 => {
                    self.advance(1);
                    if self.buffer.trim().is_empty() {
                        self.clear();
                    } else {
                        return Some(self.send(None));
                    }
                }
                _ => self.token(next, variables),
            }
        }
        // psql runs what a file ends with, semicolon or not.
        if self.buffer.trim().is_empty() { None } else { Some(self.send(None)) }
    }

    /// The lines behind a `COPY … FROM stdin`, up to `\.`, which is not among them.
    pub(crate) fn rows(&mut self) -> Vec<String> {
        // They begin on the next line.
        let end = self.text[self.at..].find('\n').map_or(self.text.len(), |at| self.at + at + 1);
        self.advance(end - self.at);
        let mut rows = Vec::new();
        while self.at < self.text.len() {
            let line = self.text[self.at..].split('\n').next().unwrap_or_default();
            self.advance((line.len() + 1).min(self.text.len() - self.at));
            if line.trim_end_matches('\r') == "\\." {
                break;
            }
            rows.push(line.to_owned());
        }
        rows
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    /// Passes over so many bytes.
    fn advance(&mut self, bytes: usize) {
        let passed = &self.text[self.at..self.at + bytes];
        self.line += passed.matches('\n').count() as u32;
        self.at += bytes;
    }

    /// Takes so many bytes into the buffer.
    fn take(&mut self, bytes: usize) {
        if self.buffer.is_empty() {
            self.begun_on = self.line;
        }
        self.buffer.push_str(&self.text[self.at..self.at + bytes]);
        self.advance(bytes);
    }

    fn clear(&mut self) {
        self.buffer.clear();
        self.nesting = Nesting::default();
    }

    fn send(&mut self, then: Option<Command>) -> Piece {
        let text = self.buffer.trim().to_owned();
        let line = self.begun_on;
        self.clear();
        Piece::Send { text, line, then }
    }

    /// Takes one token of SQL.
    fn token(&mut self, next: char, variables: &Variables) {
        let rest = &self.text[self.at..];
        match next {
            '-' if rest.starts_with("--") => {
                // A comment alone is not a statement, and none changes an answer.
                let end = rest.find('\n').unwrap_or(rest.len());
                self.advance(end);
            }
            '/' if rest.starts_with("/*") => {
                let end = block_comment(rest);
                self.advance(end);
                self.buffer.push(' ');
            }
            '\'' => {
                let before = self.buffer.chars().rev().take(2).collect::<String>().to_ascii_lowercase();
                let mut before = before.chars();
                let escapes = before.next() == Some('e')
                    && !before.next().is_some_and(|c| c.is_alphanumeric() || c == '_');
                self.take(quoted(rest, '\'', escapes));
            }
            '"' => self.take(quoted(rest, '"', false)),
            '$' => {
                let end = dollar_quoted(rest).unwrap_or(1);
                self.take(end);
            }
            '(' => {
                self.nesting.parentheses += 1;
                self.take(1);
            }
            ')' => {
                self.nesting.parentheses = self.nesting.parentheses.saturating_sub(1);
                self.take(1);
            }
            ':' if rest.starts_with("::") || rest.starts_with(":=") => self.take(2),
            ':' => match variables.reference(rest) {
                Some((length, value)) => {
                    if self.buffer.is_empty() {
                        self.begun_on = self.line;
                    }
                    self.buffer.push_str(&value);
                    self.advance(length);
                }
                None => self.take(1),
            },
            c if c.is_whitespace() => {
                let blank = c.len_utf8();
                if self.buffer.is_empty() { self.advance(blank) } else { self.take(blank) }
            }
            c if c.is_alphabetic() || c == '_' => {
                let end =
                    rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '$')).unwrap_or(rest.len());
                self.nesting.word(&rest[..end]);
                self.take(end);
            }
            c if c.is_ascii_digit() => {
                let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
                self.take(end);
            }
            c => self.take(c.len_utf8()),
        }
    }

    /// Reads a command of psql's with its line.
    fn command(&mut self, variables: &Variables) -> Command {
        let line = self.line;
        let rest = &self.text[self.at + 1..];
        let end = rest.find(|c: char| c.is_whitespace() || c == '\\').unwrap_or(rest.len());
        let name = rest[..end].to_owned();
        let line_end = rest.find('\n').unwrap_or(rest.len());
        // Another command may follow on the line.
        let words = &rest[end..line_end.max(end)];
        let stop = if name == "copy" { words.len() } else { end_of_arguments(words) };
        let words = &words[..stop];
        let command =
            Command { name, arguments: arguments(words, variables), rest: words.trim().to_owned(), line };
        let mut length = 1 + end + stop;
        if self.text[self.at + length..].starts_with("\\\\") {
            length += 2;
        }
        self.advance(length);
        command
    }
}

impl Nesting {
    /// As psql: in `CREATE [OR REPLACE] FUNCTION|PROCEDURE`, BEGIN and CASE open a block that END closes.
    fn word(&mut self, word: &str) {
        let word = word.to_ascii_lowercase();
        if self.words.len() < 4 {
            self.words.push(word.clone());
        }
        let words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        let routine = matches!(
            words.as_slice(),
            ["create", "function" | "procedure", ..] | ["create", "or", "replace", "function" | "procedure"]
        );
        if !routine || self.parentheses > 0 {
            return;
        }
        match word.as_str() {
            "begin" => self.blocks += 1,
            "case" if self.blocks > 0 => self.blocks += 1,
            "end" => self.blocks = self.blocks.saturating_sub(1),
            _ => {}
        }
    }
}

/// The length of a comment that may hold others.
fn block_comment(text: &str) -> usize {
    let (mut at, mut depth) = (0, 0_u32);
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// The length of what stands in quotes, a doubled quote within.
pub(crate) fn quoted(text: &str, quote: char, escapes: bool) -> usize {
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if escapes && character == '\\' {
            characters.next();
        } else if character == quote {
            if characters.peek().is_some_and(|(_, next)| *next == quote) {
                characters.next();
            } else {
                return at + 1;
            }
        }
    }
    text.len()
}

/// The length of `$tag$…$tag$`, if that is what begins here.
fn dollar_quoted(text: &str) -> Option<usize> {
    let tag_end = text[1..].find(|c: char| !(c.is_alphanumeric() || c == '_'))? + 1;
    if !text[tag_end..].starts_with('$') || text[1..].starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let tag = &text[..=tag_end];
    let end = text[tag.len()..].find(tag);
    Some(end.map_or(text.len(), |at| tag.len() + at + tag.len()))
}

/// Where a command's arguments end on its line: at an unquoted backslash.
fn end_of_arguments(text: &str) -> usize {
    let mut at = 0;
    while let Some(next) = text[at..].chars().next() {
        match next {
            '\'' => at += quoted(&text[at..], '\'', true),
            '"' => at += quoted(&text[at..], '"', false),
            '`' => at += quoted(&text[at..], '`', false),
            '\\' => return at,
            c => at += c.len_utf8(),
        }
    }
    at
}

/// The words of a command's arguments.
fn arguments(text: &str, variables: &Variables) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut at = 0;
    while let Some(next) = text[at..].chars().next() {
        let rest = &text[at..];
        match next {
            c if c.is_whitespace() => {
                words.extend(word.take());
                at += c.len_utf8();
            }
            '\'' => {
                let length = quoted(rest, '\'', true);
                let inner = rest[1..length].strip_suffix('\'').unwrap_or(&rest[1..length]);
                word.get_or_insert_default().push_str(&unescape(inner));
                at += length;
            }
            '"' => {
                let length = quoted(rest, '"', false);
                word.get_or_insert_default().push_str(&rest[..length]);
                at += length;
            }
            ':' => match variables.reference(rest) {
                Some((length, value)) => {
                    word.get_or_insert_default().push_str(&value);
                    at += length;
                }
                None => {
                    word.get_or_insert_default().push(':');
                    at += 1;
                }
            },
            c => {
                word.get_or_insert_default().push(c);
                at += c.len_utf8();
            }
        }
    }
    words.extend(word);
    words
}

/// What stands in single quotes in an argument.
fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\'' => {
                characters.next();
                out.push('\'');
            }
            '\\' => match characters.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some(other) => out.push(other),
                None => {}
            },
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
#[path = "script_tests.rs"]
mod tests;
