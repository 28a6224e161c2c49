//! `ts_headline`: a part of a document with what a query asks for marked.

use super::config::{Config, Meaning};
use super::matching::{Document, Match, Places, matches};
use super::queries::query;
use super::query::{Item, Operand, Query};
use super::tokens::Kind;
use super::vector::Position;
use super::{document, fragments};
use crate::context::Context;
use crate::integer;
use crate::json::{parse, push_string, scan};
use crate::oid;
use crate::registry::{Call, Function, immutable, stable};
use crate::value::StoredValue;
use sqlstate::{DatabaseError, INVALID_PARAMETER_VALUE, Result, SYNTAX_ERROR};

/// A token of the document; one that several items of the query mean stands there for each of them.
pub(super) struct Word {
    pub(super) kind: Kind,
    text: String,
    /// The item of the query that means it.
    pub(super) item: Option<usize>,
    place: u16,
    /// Not the first for its token.
    pub(super) repeated: bool,
    /// Part of the headline.
    pub(super) within: bool,
    /// Marked.
    selected: bool,
    /// A space instead.
    replaced: bool,
    /// Left out.
    skipped: bool,
}

impl Word {
    /// What the query asks for.
    pub(super) fn is_interesting(&self) -> bool {
        self.item.is_some() && !self.repeated
    }

    /// Whether it counts among the words of a headline.
    pub(super) fn counts(&self) -> bool {
        !matches!(self.kind, Kind::Blank | Kind::Tag) && !is_left_out(self.kind)
    }

    /// Whether a headline had better not begin or end with it.
    pub(super) fn is_bad_end(&self, options: &Options) -> bool {
        let weak = !self.counts()
            || matches!(
                self.kind,
                Kind::Scientific
                    | Kind::Version
                    | Kind::Float
                    | Kind::Int
                    | Kind::Uint
                    | Kind::Protocol
                    | Kind::Entity
            );
        (weak || self.text.len() as i64 <= options.short_word) && !self.is_interesting()
    }
}

/// What is left out: its parts follow it.
fn is_left_out(kind: Kind) -> bool {
    matches!(kind, Kind::Url | Kind::NumHyphenated | Kind::AsciiHyphenated | Kind::Hyphenated)
}

/// What a headline is to be like.
pub(super) struct Options {
    pub(super) min_words: i64,
    pub(super) max_words: i64,
    /// Headlines do not begin or end with words of as many bytes or fewer.
    pub(super) short_word: i64,
    /// As many parts of the document at most; 0 for one that is chosen otherwise.
    pub(super) max_fragments: i64,
    /// The whole document.
    all: bool,
    start: String,
    stop: String,
    delimiter: String,
}

fn invalid(message: impl Into<String>) -> DatabaseError {
    DatabaseError::new(INVALID_PARAMETER_VALUE, message.into())
}

impl Options {
    fn of(pairs: &[(String, String)]) -> Result<Options> {
        let mut options = Options {
            min_words: 15,
            max_words: 35,
            short_word: 3,
            max_fragments: 0,
            all: false,
            start: "<b>".to_owned(),
            stop: "</b>".to_owned(),
            delimiter: " ... ".to_owned(),
        };
        for (name, value) in pairs {
            let number = || integer::input(oid::INT4, value);
            match name.to_ascii_lowercase().as_str() {
                "maxwords" => options.max_words = number()?,
                "minwords" => options.min_words = number()?,
                "shortword" => options.short_word = number()?,
                "maxfragments" => options.max_fragments = number()?,
                "startsel" => value.clone_into(&mut options.start),
                "stopsel" => value.clone_into(&mut options.stop),
                "fragmentdelimiter" => value.clone_into(&mut options.delimiter),
                "highlightall" => {
                    let value = value.to_ascii_lowercase();
                    options.all = matches!(value.as_str(), "1" | "on" | "true" | "t" | "y" | "yes");
                }
                _ => return Err(invalid(format!("unrecognized headline parameter: \"{name}\""))),
            }
        }
        Ok(options)
    }

    fn check(&self) -> Result<()> {
        if !self.all {
            if self.min_words >= self.max_words {
                return Err(invalid("MinWords should be less than MaxWords"));
            }
            if self.min_words <= 0 {
                return Err(invalid("MinWords should be positive"));
            }
            if self.short_word < 0 {
                return Err(invalid("ShortWord should be >= 0"));
            }
            if self.max_fragments < 0 {
                return Err(invalid("MaxFragments should be >= 0"));
            }
        }
        Ok(())
    }

    /// As many words a part that matches may have.
    pub(super) fn max_cover(&self) -> i64 {
        let cover = i64::from((self.max_words as i32).wrapping_mul(10).max(100));
        if self.max_fragments > 0 {
            i64::from((cover as i32).wrapping_mul(self.max_fragments as i32))
        } else {
            cover
        }
    }

    fn check_lengths(&self) -> Result<()> {
        let named =
            [("StartSel", &self.start), ("StopSel", &self.stop), ("FragmentDelimiter", &self.delimiter)];
        for (name, value) in named {
            if value.len() > 32_767 {
                return Err(invalid(format!("value for \"{name}\" is too long")));
            }
        }
        Ok(())
    }
}

/// `Name = value, Name="value"`: names and values.
fn pairs(text: &str) -> Result<Vec<(String, String)>> {
    let broken = || DatabaseError::new(SYNTAX_ERROR, format!("invalid parameter list format: \"{text}\""));
    let space = |c: &char| matches!(c, '\t'..='\r' | ' ');
    let mut pairs = Vec::new();
    let mut chars = text.chars().peekable();
    loop {
        while chars.next_if(|c| space(c) || *c == ',').is_some() {}
        let Some(first) = chars.next() else { return Ok(pairs) };
        let mut name = String::new();
        let mut equals = false;
        if first == '"' {
            quoted(&mut chars, '"', &mut name).ok_or_else(broken)?;
        } else {
            name.push(first);
            loop {
                match chars.next().ok_or_else(broken)? {
                    c if space(&c) => break,
                    '=' => {
                        equals = true;
                        break;
                    }
                    c => name.push(c),
                }
            }
        }
        while !equals {
            match chars.next().ok_or_else(broken)? {
                '=' => equals = true,
                c if space(&c) => {}
                _ => return Err(broken()),
            }
        }
        while chars.next_if(space).is_some() {}
        let mut value = String::new();
        match chars.next().ok_or_else(broken)? {
            '\'' => quoted(&mut chars, '\'', &mut value).ok_or_else(broken)?,
            'E' if chars.peek() == Some(&'\'') => {
                chars.next();
                quoted(&mut chars, '\'', &mut value).ok_or_else(broken)?;
            }
            '"' => quoted(&mut chars, '"', &mut value).ok_or_else(broken)?,
            first => {
                value.push(first);
                while let Some(c) = chars.next_if(|c| *c != ',' && !space(c)) {
                    value.push(c);
                }
                // A number without quotes is a number, and printed as one.
                if let Ok(number) = value.parse::<i32>() {
                    value = number.to_string();
                }
            }
        }
        pairs.push((name, value));
    }
}

/// What stands up to the closing quote; doubled ones are part of it, as is one of two backslashes within single quotes.
fn quoted(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, quote: char, out: &mut String) -> Option<()> {
    loop {
        let c = chars.next()?;
        if c == quote {
            if chars.next_if_eq(&quote).is_none() {
                return Some(());
            }
        } else if c == '\\' && quote == '\'' {
            chars.next_if_eq(&'\\');
        }
        out.push(c);
    }
}

/// The tokens of a document, with the items of the query that mean them.
fn words(text: &str, query: &Query, config: Config, context: &dyn Context) -> Result<Vec<Word>> {
    let mut words: Vec<Word> = Vec::new();
    let mut place = 0u32;
    config.tokens(text, context, &mut |kind, token, found| {
        let at = words.len();
        words.push(Word {
            kind,
            text: token.to_owned(),
            item: None,
            place: 0,
            repeated: false,
            within: false,
            selected: false,
            replaced: false,
            skipped: false,
        });
        if matches!(found, Meaning::None) {
            return;
        }
        place += 1;
        let Meaning::Lexeme(lexeme) = found else { return };
        let here = Position::limited(place, 0).place();
        words[at].place = here;
        for (number, item) in query.items.iter().enumerate() {
            let Item::Value(operand) = item else { continue };
            let meant =
                if operand.prefix { lexeme.starts_with(&operand.word) } else { lexeme == operand.word };
            if !meant {
                continue;
            }
            if words[at].item.is_none() {
                words[at].item = Some(number);
            } else {
                words.push(Word {
                    kind,
                    text: token.to_owned(),
                    item: Some(number),
                    place: here,
                    repeated: true,
                    within: false,
                    selected: false,
                    replaced: false,
                    skipped: false,
                });
            }
        }
    })?;
    Ok(words)
}

/// Some of the words, as what a query is asked of.
struct Part<'a>(&'a [Word]);

impl Document for Part<'_> {
    fn has(&self, item: usize, _: &Operand, places: Option<&mut Places>) -> Match {
        let mut found = self.0.iter().filter(|word| word.item == Some(item));
        let Some(places) = places else {
            return if found.next().is_some() { Match::Yes } else { Match::No };
        };
        for word in found {
            if places.last().is_none_or(|last| *last < word.place) {
                places.push(word.place);
            }
        }
        if places.is_empty() { Match::No } else { Match::Yes }
    }
}

/// The earliest and shortest part from a word on that matches: its first and last word.
pub(super) fn cover(words: &[Word], query: &Query, max_cover: i64, from: usize) -> Option<(usize, usize)> {
    let next = |from: usize| (from..words.len()).find(|at| words[*at].item.is_some());
    let mut low = next(from);
    while let Some(first) = low {
        let mut following = None;
        let mut high = Some(first);
        while let Some(last) = high {
            if matches(query, &Part(&words[first..=last])) {
                return Some((first, last));
            }
            high = next(last + 1);
            if last == first {
                following = high;
            }
            if high.is_some_and(|high| (high - first) as i64 >= max_cover) {
                break;
            }
        }
        low = following;
    }
    None
}

/// Makes the words from one to another part of the headline.
pub(super) fn mark(words: &mut [Word], all: bool, first: usize, end: usize) {
    for word in words.iter_mut().take(end).skip(first) {
        if word.item.is_some() {
            word.selected = true;
        }
        if !all && word.kind == Kind::Tag {
            word.replaced = true;
        } else if is_left_out(word.kind) {
            word.skipped = true;
        }
        word.within = !word.repeated;
    }
}

fn headline(
    text: &str,
    query: &Query,
    options: &[(String, String)],
    config: Config,
    context: &dyn Context,
) -> Result<String> {
    let mut words = words(text, query, config, context)?;
    let options = &Options::of(options)?;
    options.check()?;
    if options.max_fragments == 0 {
        fragments::choose_one(&mut words, query, options, options.all, context)?;
    } else {
        fragments::choose(&mut words, query, options, options.all, context)?;
    }
    options.check_lengths()?;
    let mut out = String::new();
    let (mut inside, mut count) = (false, 0);
    for word in words.iter().filter(|word| !word.repeated) {
        if !word.within {
            inside = false;
            continue;
        }
        if !inside {
            inside = true;
            count += 1;
            if count > 1 {
                out.push_str(&options.delimiter);
            }
        }
        if word.replaced {
            out.push(' ');
        } else if !word.skipped {
            if word.selected {
                out.push_str(&options.start);
            }
            out.push_str(&word.text);
            if word.selected {
                out.push_str(&options.stop);
            }
        }
    }
    Ok(out)
}

/// What a headline is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    Text,
    Json,
    Jsonb,
}

fn call_headline(call: &Call<'_>, of: Of, given: bool, with_options: bool) -> Result<StoredValue> {
    let config = if given { Config::of(call.int(0)?)? } else { Config::current(call.context)? };
    let first = usize::from(given);
    let text = call.text(first)?;
    let query = query(call, first + 1)?;
    let options = if with_options { pairs(call.text(first + 2)?)? } else { Vec::new() };
    if of == Of::Text {
        return Ok(headline(text, &query, &options, config, call.context)?.into());
    }
    parse::escapes(text)?;
    let mut out = String::new();
    let mut copied = 0;
    document::scalars(text, &mut |range, key| {
        if of == Of::Json {
            // Written anew: no spaces but those within strings.
            out.extend(text[copied..range.start].chars().filter(|c| !c.is_ascii_whitespace()));
        } else {
            out.push_str(&text[copied..range.start]);
        }
        copied = range.end;
        let scalar = &text[range];
        if key && scalar.starts_with('"') {
            push_string(&scan::unquote(scalar), &mut out);
        } else if scalar.starts_with('"') {
            let line = headline(&scan::unquote(scalar), &query, &options, config, call.context)?;
            push_string(&line, &mut out);
        } else {
            out.push_str(scalar);
        }
        Ok(())
    })?;
    if of == Of::Json {
        out.extend(text[copied..].chars().filter(|c| !c.is_ascii_whitespace()));
    } else {
        out.push_str(&text[copied..]);
    }
    Ok(out.into())
}

pub(super) static FUNCTIONS: &[Function] = &[
    stable("ts_headline", |call| call_headline(call, Of::Text, false, false)),
    stable("ts_headline_opt", |call| call_headline(call, Of::Text, false, true)),
    immutable("ts_headline_byid", |call| call_headline(call, Of::Text, true, false)),
    immutable("ts_headline_byid_opt", |call| call_headline(call, Of::Text, true, true)),
    stable("ts_headline_json", |call| call_headline(call, Of::Json, false, false)),
    stable("ts_headline_json_opt", |call| call_headline(call, Of::Json, false, true)),
    immutable("ts_headline_json_byid", |call| call_headline(call, Of::Json, true, false)),
    immutable("ts_headline_json_byid_opt", |call| call_headline(call, Of::Json, true, true)),
    stable("ts_headline_jsonb", |call| call_headline(call, Of::Jsonb, false, false)),
    stable("ts_headline_jsonb_opt", |call| call_headline(call, Of::Jsonb, false, true)),
    immutable("ts_headline_jsonb_byid", |call| call_headline(call, Of::Jsonb, true, false)),
    immutable("ts_headline_jsonb_byid_opt", |call| call_headline(call, Of::Jsonb, true, true)),
];
