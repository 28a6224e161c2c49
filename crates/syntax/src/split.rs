//! A script's statements as texts: split by tokens as psql does, whether they parse or not.

use crate::lexer::{Kind, Scanner, Token};
use sqlstate::{DatabaseError, SYNTAX_ERROR};

/// The text of one statement of a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatementText<'a> {
    /// The statement: from its first token to its last, without the semicolon.
    pub text: &'a str,
    /// Where it begins in the script, in bytes.
    pub offset: usize,
    /// The line on which it begins, from 1.
    pub line: u32,
    /// The rows that follow a `COPY … FROM stdin;` up to the line `\.`, as in a dump.
    pub copy_data: Option<&'a str>,
}

/// Splits a script at the semicolons outside parentheses and `BEGIN ATOMIC` bodies. Statements without a token are left out.
pub fn split_script(text: &str) -> Result<Vec<StatementText<'_>>, DatabaseError> {
    let mut split = Split { text, scanner: Scanner::new(text), line: (0, 1), out: Vec::new() };
    while split.statement()? {}
    Ok(split.out)
}

struct Split<'a> {
    text: &'a str,
    scanner: Scanner<'a>,
    /// Up to which byte lines were counted, and the line there.
    line: (usize, u32),
    out: Vec<StatementText<'a>>,
}

/// What decides whether a semicolon ends the statement.
#[derive(Default)]
struct Nesting {
    parentheses: u32,
    /// BEGIN and CASE not yet ended in a routine's body.
    blocks: u32,
    /// The first words: what they are, as far as routines are concerned.
    words: Vec<Word>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    Create,
    Or,
    Replace,
    Routine,
    Other,
}

impl<'a> Split<'a> {
    /// Takes the next statement; false at the end of the script.
    fn statement(&mut self) -> Result<bool, DatabaseError> {
        let mut first: Option<Token> = None;
        let mut nesting = Nesting::default();
        let mut end = 0;
        let mut copy = Copying::default();
        loop {
            let token = self.scanner.next()?;
            match token.kind {
                Kind::End => {
                    self.push(first, end, None);
                    return Ok(false);
                }
                Kind::Char(b';') if nesting.parentheses == 0 && nesting.blocks == 0 => {
                    let data = if copy.reads_rows() { Some(self.rows(token.end as usize)) } else { None };
                    self.push(first, end, data);
                    return Ok(true);
                }
                Kind::Char(b'\\') => return Err(self.meta_command(token)),
                Kind::Char(b'(') => nesting.parentheses += 1,
                Kind::Char(b')') => nesting.parentheses = nesting.parentheses.saturating_sub(1),
                Kind::Keyword(_) | Kind::Identifier => {
                    nesting.word(self.source(token));
                    copy.word(self.source(token), nesting.parentheses);
                }
                _ => copy.other(),
            }
            first.get_or_insert(token);
            end = token.end as usize;
        }
    }

    fn source(&self, token: Token) -> &'a str {
        &self.text[token.start as usize..token.end as usize]
    }

    fn push(&mut self, first: Option<Token>, end: usize, copy_data: Option<&'a str>) {
        let Some(first) = first else { return };
        let offset = first.start as usize;
        let line = self.line_at(offset);
        self.out.push(StatementText { text: &self.text[offset..end], offset, line, copy_data });
    }

    fn line_at(&mut self, offset: usize) -> u32 {
        let (from, line) = if self.line.0 <= offset { self.line } else { (0, 1) };
        let breaks = self.text.as_bytes()[from..offset].iter().filter(|b| **b == b'\n').count();
        self.line = (offset, line + breaks as u32);
        self.line.1
    }

    /// psql's own commands are no SQL; a migration that has one was written for psql alone.
    fn meta_command(&mut self, token: Token) -> DatabaseError {
        let start = token.start as usize;
        let line = self.line_at(start);
        let rest = &self.text[start..];
        let command: &str = rest.split(|c: char| c.is_whitespace()).next().unwrap_or(rest);
        DatabaseError::new(
            SYNTAX_ERROR,
            format!("\"{command}\" on line {line} is a command of psql, not SQL"),
        )
        .with_hint("Remove the line, or run the script with psql.")
        .at(token.position)
    }

    /// The rows behind `COPY … FROM stdin;`, from the next line on to the line `\.` or the script's end.
    fn rows(&mut self, from: usize) -> &'a str {
        let start = self.text[from..].find('\n').map_or(self.text.len(), |at| from + at + 1);
        let mut at = start;
        loop {
            let line = self.text[at..].split('\n').next().unwrap_or("");
            if line.trim_end_matches('\r') == "\\." || at >= self.text.len() {
                self.scanner.jump((at + line.len()).min(self.text.len()));
                return &self.text[start..at];
            }
            at = (at + line.len() + 1).min(self.text.len());
        }
    }
}

impl Nesting {
    /// As psql: in `CREATE [OR REPLACE] FUNCTION|PROCEDURE`, BEGIN and CASE open a block that END closes.
    fn word(&mut self, text: &str) {
        let is = |word: &str| text.eq_ignore_ascii_case(word);
        if self.words.len() < 4 {
            self.words.push(if is("create") {
                Word::Create
            } else if is("or") {
                Word::Or
            } else if is("replace") {
                Word::Replace
            } else if is("function") || is("procedure") {
                Word::Routine
            } else {
                Word::Other
            });
        }
        let routine = matches!(
            self.words.as_slice(),
            [Word::Create, Word::Routine, ..] | [Word::Create, Word::Or, Word::Replace, Word::Routine]
        );
        if !routine || self.parentheses > 0 {
            return;
        }
        if is("begin") || is("case") && self.blocks > 0 {
            self.blocks += 1;
        } else if is("end") {
            self.blocks = self.blocks.saturating_sub(1);
        }
    }
}

/// Whether the statement is a COPY whose rows follow it.
#[derive(Default)]
struct Copying {
    words: u32,
    copy: bool,
    from: bool,
    stdin: bool,
}

impl Copying {
    fn word(&mut self, text: &str, parentheses: u32) {
        self.words += 1;
        if self.words == 1 {
            self.copy = text.eq_ignore_ascii_case("copy");
        }
        if parentheses == 0 && !self.stdin {
            self.stdin = self.from && text.eq_ignore_ascii_case("stdin");
            self.from = text.eq_ignore_ascii_case("from");
        }
    }

    fn other(&mut self) {
        self.words += 1;
        self.from = false;
    }

    fn reads_rows(&self) -> bool {
        self.copy && self.stdin
    }
}
