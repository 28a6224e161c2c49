//! The default parser: a text as tokens, each of a kind.

use super::letters::{is_alphabetic, is_joining, is_space};
use super::states::{Forget, Rule, Special, State, Step, Test, rules};
use sqlstate::{DatabaseError, Result};

/// The kind of a token; the number is PostgreSQL's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    AsciiWord = 1,
    Word,
    NumWord,
    Email,
    Url,
    Host,
    Scientific,
    Version,
    NumPart,
    Part,
    AsciiPart,
    Blank,
    Tag,
    Protocol,
    NumHyphenated,
    AsciiHyphenated,
    Hyphenated,
    UrlPath,
    File,
    Float,
    Int,
    Uint,
    Entity,
}

/// The kinds: number, alias, description, as `ts_token_type` lists them.
pub(super) const KINDS: [(Kind, &str, &str); 23] = [
    (Kind::AsciiWord, "asciiword", "Word, all ASCII"),
    (Kind::Word, "word", "Word, all letters"),
    (Kind::NumWord, "numword", "Word, letters and digits"),
    (Kind::Email, "email", "Email address"),
    (Kind::Url, "url", "URL"),
    (Kind::Host, "host", "Host"),
    (Kind::Scientific, "sfloat", "Scientific notation"),
    (Kind::Version, "version", "Version number"),
    (Kind::NumPart, "hword_numpart", "Hyphenated word part, letters and digits"),
    (Kind::Part, "hword_part", "Hyphenated word part, all letters"),
    (Kind::AsciiPart, "hword_asciipart", "Hyphenated word part, all ASCII"),
    (Kind::Blank, "blank", "Space symbols"),
    (Kind::Tag, "tag", "XML tag"),
    (Kind::Protocol, "protocol", "Protocol head"),
    (Kind::NumHyphenated, "numhword", "Hyphenated word, letters and digits"),
    (Kind::AsciiHyphenated, "asciihword", "Hyphenated word, all ASCII"),
    (Kind::Hyphenated, "hword", "Hyphenated word, all letters"),
    (Kind::UrlPath, "url_path", "URL path"),
    (Kind::File, "file", "File or path name"),
    (Kind::Float, "float", "Decimal notation"),
    (Kind::Int, "int", "Signed integer"),
    (Kind::Uint, "uint", "Unsigned integer"),
    (Kind::Entity, "entity", "XML entity"),
];

/// Where the parser is, to come back to.
#[derive(Clone, Copy)]
struct Position {
    /// The byte.
    at: usize,
    /// The bytes of the token so far.
    length: usize,
    /// The same in characters.
    characters: usize,
    /// The bytes of the character that was looked at last.
    width: usize,
    state: State,
    /// The rule that kept it; the next is tried when it comes back.
    kept_by: Option<usize>,
}

/// Hosts within addresses within hosts are looked for on the stack.
const MAX_DEPTH: usize = 200;

/// A parser over a text.
pub(super) struct Tokens<'a> {
    text: &'a str,
    now: Position,
    kept: Vec<Position>,
    /// Within a script or style.
    ignoring: bool,
    /// Only a host is asked for.
    only_host: bool,
    depth: usize,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(text: &'a str) -> Tokens<'a> {
        Tokens::within(text, 0)
    }

    fn within(text: &'a str, depth: usize) -> Tokens<'a> {
        let now = Position { at: 0, length: 0, characters: 0, width: 0, state: State::Base, kept_by: None };
        Tokens { text, now, kept: Vec::new(), ignoring: false, only_host: false, depth }
    }

    /// The next token; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<(Kind, &'a str)>> {
        if self.now.at >= self.text.len() {
            return Ok(None);
        }
        let start = self.now.at;
        self.now.kept_by = None;
        loop {
            let c = self.text[self.now.at..].chars().next();
            self.now.width = c.map_or(0, char::len_utf8);
            let all = rules(self.now.state);
            let first = self.now.kept_by.take().map_or(0, |kept| kept + 1);
            let mut found = None;
            for (number, rule) in all.iter().enumerate().skip(first) {
                if self.holds(rule.test, c)? {
                    found = Some((number, rule));
                    break;
                }
            }
            let Some((number, rule)) = found else {
                return Err(DatabaseError::internal("a state of the text search parser has no rule"));
            };
            if let Some(special) = rule.special {
                self.special(special, start);
            }
            let mut token = None;
            if let Some(kind) = rule.kind {
                token = Some((kind, self.now.length));
                self.now.length = 0;
                self.now.characters = 0;
            }
            self.step(number, rule)?;
            if let Some(to) = rule.to {
                self.now.state = to;
            }
            if let Some((kind, length)) = token {
                return Ok(Some((kind, &self.text[start..start + length])));
            }
            if self.now.at >= self.text.len() && rule.step != Step::Again {
                return Ok(None);
            }
            if matches!(rule.step, Step::Again | Step::Pop) {
                continue;
            }
            if self.now.width > 0 {
                self.now.at += self.now.width;
                self.now.length += self.now.width;
                self.now.characters += 1;
            }
        }
    }

    fn step(&mut self, number: usize, rule: &Rule) -> Result<()> {
        let none = || DatabaseError::internal("the text search parser has no state to come back to");
        match rule.step {
            Step::Pop => self.now = self.kept.pop().ok_or_else(none)?,
            Step::Push => {
                self.kept.push(Position { kept_by: Some(number), ..self.now });
            }
            Step::Merge => {
                let kept = self.kept.pop().ok_or_else(none)?;
                self.now = Position { state: kept.state, kept_by: kept.kept_by, ..self.now };
            }
            Step::Go | Step::Again => match rule.forget {
                Forget::None => {}
                Forget::Last => {
                    self.kept.pop();
                }
                Forget::All => self.kept.clear(),
            },
        }
        Ok(())
    }

    fn holds(&mut self, test: Test, c: Option<char>) -> Result<bool> {
        let is = |class: fn(char) -> bool| c.is_some_and(class);
        Ok(match test {
            Test::Any => true,
            Test::End => c.is_none(),
            Test::Is(wanted) => c == Some(wanted),
            Test::AsciiLetter => is(|c| c.is_ascii_alphabetic()),
            Test::Letter => is(is_alphabetic),
            Test::Digit => is(|c| c.is_ascii_digit()),
            Test::LetterOrDigit => is(|c| c.is_ascii_digit() || is_alphabetic(c)),
            Test::Other => is(|c| !c.is_ascii_digit() && !is_alphabetic(c)),
            Test::HexDigit => is(|c| c.is_ascii_hexdigit()),
            Test::Space => is(is_space),
            Test::Joining => is(is_joining),
            Test::UrlChar => is(|c| {
                c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}')
            }),
            Test::Ignoring => self.ignoring,
            Test::OnlyHost => std::mem::take(&mut self.only_host),
            Test::HostFollows => self.follows(Kind::Host)?,
            Test::UrlPathFollows => self.follows(Kind::UrlPath)?,
        })
    }

    /// Whether such a token begins here; it becomes part of the one that is read.
    fn follows(&mut self, kind: Kind) -> Result<bool> {
        if self.depth >= MAX_DEPTH {
            return Err(DatabaseError::unsupported("addresses nested this deep in a text to search"));
        }
        let mut inner = Tokens::within(&self.text[self.now.at..], self.depth + 1);
        if kind == Kind::Host {
            inner.only_host = true;
        } else {
            inner.kept.push(inner.now);
            inner.now.state = State::UrlPathFirst;
        }
        let Some((found, token)) = inner.next()? else { return Ok(false) };
        if found != kind {
            return Ok(false);
        }
        self.now.at += token.len();
        self.now.length += token.len();
        self.now.characters += token.chars().count();
        self.now.width = inner.now.width;
        Ok(true)
    }

    fn special(&mut self, special: Special, start: usize) {
        match special {
            Special::Tag => {
                let begins = |name: &str| {
                    self.now.characters == name.len()
                        && self.text[start..]
                            .get(..name.len())
                            .is_some_and(|tag| tag.eq_ignore_ascii_case(name))
                };
                if begins("</script") || begins("</style") {
                    self.ignoring = false;
                } else if begins("<script") || begins("<style") {
                    self.ignoring = true;
                }
            }
            Special::Url => {
                self.only_host = true;
                self.now.at -= self.now.length;
            }
            Special::Back => self.now.at -= self.now.length,
            Special::Restart => {
                self.now.at -= self.now.length;
                self.now.length = 0;
                self.now.characters = 0;
            }
        }
    }
}
