//! Configurations: which dictionary makes lexemes of which tokens. All of PostgreSQL's own use the default parser; a language's
//! dictionary leaves out its stop words and takes stems by its Snowball algorithm, `simple` folds case.

use super::french;
use super::letters::is_space;
use super::tokens::{Kind, Tokens};
use super::{MAX_WORD, vector::Position};
use crate::context::Context;
use crate::text::lower;
use crate::value::Oid;
use rust_stemmers::{Algorithm, Stemmer};
use sqlstate::{DatabaseError, PROGRAM_LIMIT_EXCEEDED, Result, UNDEFINED_OBJECT};
use std::collections::HashSet;
use std::sync::LazyLock;

/// The configurations of PostgreSQL 15. Only that of `simple` has a fixed OID there; the others' are ours.
pub const CONFIGURATIONS: [(&str, Oid); 29] = [
    ("simple", 3748),
    ("arabic", 14_901),
    ("armenian", 14_902),
    ("basque", 14_903),
    ("catalan", 14_904),
    ("danish", 14_905),
    ("dutch", 14_906),
    ("english", 14_907),
    ("finnish", 14_908),
    ("french", 14_909),
    ("german", 14_910),
    ("greek", 14_911),
    ("hindi", 14_912),
    ("hungarian", 14_913),
    ("indonesian", 14_914),
    ("irish", 14_915),
    ("italian", 14_916),
    ("lithuanian", 14_917),
    ("nepali", 14_918),
    ("norwegian", 14_919),
    ("portuguese", 14_920),
    ("romanian", 14_921),
    ("russian", 14_922),
    ("serbian", 14_923),
    ("spanish", 14_924),
    ("swedish", 14_925),
    ("tamil", 14_926),
    ("turkish", 14_927),
    ("yiddish", 14_928),
];

/// A language's dictionary.
struct Language {
    name: &'static str,
    algorithm: Algorithm,
    /// One word a line.
    stop_words: &'static str,
}

impl Language {
    const fn new(name: &'static str, algorithm: Algorithm, stop_words: &'static str) -> Language {
        Language { name, algorithm, stop_words }
    }
}

macro_rules! stop_words {
    ($name:literal) => {
        include_str!(concat!("../../data/search/", $name, ".stop"))
    };
}

/// The languages whose stems are those of PostgreSQL 15's algorithms. The crate's French and Finnish are earlier ones.
static LANGUAGES: [Language; 17] = [
    Language::new("english", Algorithm::English, stop_words!("english")),
    Language::new("arabic", Algorithm::Arabic, ""),
    Language::new("danish", Algorithm::Danish, stop_words!("danish")),
    Language::new("dutch", Algorithm::Dutch, stop_words!("dutch")),
    Language::new("french", Algorithm::French, stop_words!("french")),
    Language::new("german", Algorithm::German, stop_words!("german")),
    Language::new("greek", Algorithm::Greek, ""),
    Language::new("hungarian", Algorithm::Hungarian, stop_words!("hungarian")),
    Language::new("italian", Algorithm::Italian, stop_words!("italian")),
    Language::new("norwegian", Algorithm::Norwegian, stop_words!("norwegian")),
    Language::new("portuguese", Algorithm::Portuguese, stop_words!("portuguese")),
    Language::new("romanian", Algorithm::Romanian, ""),
    Language::new("russian", Algorithm::Russian, stop_words!("russian")),
    Language::new("spanish", Algorithm::Spanish, stop_words!("spanish")),
    Language::new("swedish", Algorithm::Swedish, stop_words!("swedish")),
    Language::new("tamil", Algorithm::Tamil, ""),
    Language::new("turkish", Algorithm::Turkish, stop_words!("turkish")),
];

static STOP_WORDS: LazyLock<[HashSet<String>; LANGUAGES.len()]> = LazyLock::new(|| {
    LANGUAGES.each_ref().map(|language| {
        let words = language.stop_words.lines().filter_map(|line| line.split(is_space).next());
        words.filter(|word| !word.is_empty()).map(lower).collect()
    })
});

/// Longer words are no words of a language, and are left as they are.
const MAX_STEMMED: usize = 1000;

/// A dictionary: `simple`, or that of a language.
#[derive(Clone, Copy)]
struct Dictionary(Option<usize>);

impl Dictionary {
    /// The lexeme of a word; `None` for a stop word.
    fn lexeme(self, word: &str) -> Option<String> {
        let folded = lower(word);
        let Some(at) = self.0 else { return Some(folded) };
        if word.len() > MAX_STEMMED {
            return Some(folded);
        }
        if STOP_WORDS[at].contains(&folded) {
            return None;
        }
        let language = &LANGUAGES[at];
        let stem = match language.algorithm {
            Algorithm::French => french::stem(&folded),
            Algorithm::Danish => danish(&folded),
            Algorithm::Russian => {
                Stemmer::create(Algorithm::Russian).stem(&folded.replace('ё', "е")).into_owned()
            }
            algorithm => Stemmer::create(algorithm).stem(&folded).into_owned(),
        };
        Some(if stem.is_empty() { folded } else { stem })
    }
}

/// The stem of a Danish word. One of two equal consonants at its end goes if they are letters of the language; to the crate's earlier
/// algorithm other letters are told apart, so that no two are equal. Stems are beginnings of their words.
fn danish(word: &str) -> String {
    let own = |c: char| c.is_ascii() || matches!(c, 'æ' | 'å' | 'ø');
    let apart = ['\u{e000}', '\u{e001}'];
    let told: String =
        word.chars().enumerate().map(|(at, c)| if own(c) { c } else { apart[at % 2] }).collect();
    let length = Stemmer::create(Algorithm::Danish).stem(&told).chars().count();
    word.chars().take(length).collect()
}

/// What a dictionary makes of a token.
pub(super) enum Meaning {
    /// It is not searched.
    None,
    /// A word that is counted and left out.
    StopWord,
    /// A word to search for.
    Lexeme(String),
}

/// A configuration.
#[derive(Clone, Copy)]
pub(super) struct Config {
    /// Of words of ASCII's letters.
    ascii: Dictionary,
    /// Of other words.
    words: Dictionary,
}

impl Config {
    /// The configuration that a regconfig means.
    pub(super) fn of(configuration: i64) -> Result<Config> {
        let known = CONFIGURATIONS.iter().find(|(_, oid)| i64::from(*oid) == configuration);
        let Some((name, _)) = known else {
            return Err(DatabaseError::new(
                sqlstate::INTERNAL_ERROR,
                format!("cache lookup failed for text search configuration {configuration}"),
            ));
        };
        if *name == "simple" {
            return Ok(Config { ascii: Dictionary(None), words: Dictionary(None) });
        }
        let Some(language) = LANGUAGES.iter().position(|language| language.name == *name) else {
            return Err(DatabaseError::unsupported(format_args!("text search configuration {name}")));
        };
        let words = Dictionary(Some(language));
        // Russian texts have English words among them: that is the first language.
        Ok(Config { ascii: if *name == "russian" { Dictionary(Some(0)) } else { words }, words })
    }

    /// The session's.
    pub(super) fn current(context: &dyn Context) -> Result<Config> {
        Config::of(i64::from(current(context)?))
    }

    /// The dictionary of a kind of token; none for what is not searched.
    fn dictionary(self, kind: Kind) -> Option<Dictionary> {
        match kind {
            Kind::AsciiWord | Kind::AsciiHyphenated | Kind::AsciiPart => Some(self.ascii),
            Kind::Word | Kind::Hyphenated | Kind::Part => Some(self.words),
            Kind::Blank | Kind::Tag | Kind::Protocol | Kind::Entity => None,
            Kind::NumWord
            | Kind::Email
            | Kind::Url
            | Kind::Host
            | Kind::Scientific
            | Kind::Version
            | Kind::NumPart
            | Kind::NumHyphenated
            | Kind::UrlPath
            | Kind::File
            | Kind::Float
            | Kind::Int
            | Kind::Uint => Some(Dictionary(None)),
        }
    }

    /// Hands each token of a text on, with what its dictionary makes of it. Tokens that are too long are left out.
    pub(super) fn tokens(
        self,
        text: &str,
        context: &dyn Context,
        each: &mut dyn FnMut(Kind, &str, Meaning),
    ) -> Result<()> {
        let mut tokens = Tokens::new(text);
        while let Some((kind, token)) = tokens.next()? {
            context.check_interrupt()?;
            if token.len() > MAX_WORD {
                context.notice(PROGRAM_LIMIT_EXCEEDED, "word is too long to be indexed");
                continue;
            }
            let meaning = match self.dictionary(kind) {
                None => Meaning::None,
                Some(dictionary) => dictionary.lexeme(token).map_or(Meaning::StopWord, Meaning::Lexeme),
            };
            each(kind, token, meaning);
        }
        Ok(())
    }
}

/// The OID of the session's configuration: `default_text_search_config`.
pub(super) fn current(context: &dyn Context) -> Result<Oid> {
    let setting = context.setting("default_text_search_config").unwrap_or_default();
    let name = setting.strip_prefix("pg_catalog.").unwrap_or(&setting);
    CONFIGURATIONS.iter().find(|(known, _)| *known == name).map(|(_, oid)| *oid).ok_or_else(|| {
        DatabaseError::new(
            UNDEFINED_OBJECT,
            format!("text search configuration \"{setting}\" does not exist"),
        )
    })
}

/// The lexemes of texts, each with its place among the words.
#[derive(Default)]
pub(super) struct Words {
    /// How many words there were, stop words among them.
    pub(super) count: u32,
    /// Lexemes in the order of the text.
    pub(super) lexemes: Vec<(String, Position)>,
}

impl Words {
    /// The words of another text behind.
    pub(super) fn add(&mut self, text: &str, config: Config, context: &dyn Context) -> Result<()> {
        config.tokens(text, context, &mut |_, _, found| {
            if matches!(found, Meaning::None) {
                return;
            }
            self.count += 1;
            if let Meaning::Lexeme(lexeme) = found {
                self.lexemes.push((lexeme, Position::limited(self.count, 0)));
            }
        })
    }
}
