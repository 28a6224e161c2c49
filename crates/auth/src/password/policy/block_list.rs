//! Passwords that are tried first (NIST SP 800-63B-4 section 3.1.1.2): words that people choose, with what they put around them, runs and
//! repetitions, the account's own name, and a list that the operator gives.
//!
//! The compiled-in list holds stems, not passwords: `dragon` stands for `Dragon1`, `dr4g0n!` and `dragon2024` too, so that a
//! thousand lines do what a list of passwords would need a hundred thousand for. It is our own and may be changed freely.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, LazyLock};
use unicode_normalization::UnicodeNormalization as _;

/// The stems, one a line, in lower case.
static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("common.txt").lines().filter(|line| !line.is_empty()).collect());

/// Keys beside each other; read both ways.
const RUNS: &[&str] = &[
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "yxcvbnm",
    "azertyuiop",
    "qsdfghjklm",
];

/// Digits and signs that people put before or after a word, at most.
const DECORATION: usize = 5;

/// A name or word of fewer characters is no reason to refuse what contains it.
const SHORTEST_NAME: usize = 3;

/// What a password must not be.
#[derive(Clone, Default)]
pub struct BlockList {
    common: bool,
    given: Arc<HashSet<Box<str>>>,
}

impl fmt::Debug for BlockList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlockList").field("common", &self.common).field("given", &self.given.len()).finish()
    }
}

impl BlockList {
    /// A list that blocks nothing.
    pub fn nothing() -> BlockList {
        BlockList::default()
    }

    /// The compiled-in list.
    pub fn common() -> BlockList {
        BlockList { common: true, given: Arc::default() }
    }

    /// Adds passwords: the lines of the operator's file. Empty ones are skipped.
    pub fn with<'a>(self, lines: impl IntoIterator<Item = &'a str>) -> BlockList {
        let given = lines.into_iter().map(str::trim_end).filter(|line| !line.is_empty());
        BlockList { given: Arc::new(given.map(|line| folded(line).into()).collect()), ..self }
    }

    /// Whether it blocks the password of the account with this address.
    pub fn contains(&self, password: &str, email: Option<&str>) -> bool {
        let password = folded(password);
        if self.given.contains(password.as_str()) {
            return true;
        }
        self.common
            && (is_pattern(&password)
                || is_decorated(&password, |word| COMMON.contains(word))
                || is_own_name(&password, email))
    }
}

/// Without regard to case and Unicode form.
fn folded(text: &str) -> String {
    text.nfc().flat_map(char::to_lowercase).collect()
}

/// Whether it is a word of the list, with the usual replacements of letters and the usual decoration.
fn is_decorated(password: &str, is_word: impl Fn(&str) -> bool) -> bool {
    (0..=DECORATION).map_while(|before| without(password, before, 0)).any(|rest| {
        let most = DECORATION - (password.chars().count() - rest.chars().count());
        (0..=most)
            .map_while(|after| without(rest, 0, after))
            .any(|stretch| is_word(stretch) || is_word(&letters(stretch)))
    })
}

/// The text without so many characters at its start and its end, if none of them is a letter.
fn without(text: &str, before: usize, after: usize) -> Option<&str> {
    let mut rest = text;
    for _ in 0..before {
        rest = rest.strip_prefix(|character: char| !character.is_alphabetic())?;
    }
    for _ in 0..after {
        rest = rest.strip_suffix(|character: char| !character.is_alphabetic())?;
    }
    Some(rest)
}

/// Digits and signs that stand for letters, as letters.
fn letters(text: &str) -> String {
    let letter = |character| match character {
        '0' => 'o',
        '1' | '!' | '|' => 'i',
        '3' | '€' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' | '+' => 't',
        character => character,
    };
    text.chars().map(letter).collect()
}

/// Repetitions and runs: `aaaaaaaa`, `abcabcabc`, `12345678`, `qwertyuiop`, and dates in eight digits.
fn is_pattern(password: &str) -> bool {
    let characters: Vec<char> = password.chars().collect();
    let repeats = |unit: usize| characters.iter().zip(characters.iter().skip(unit)).all(|(a, b)| a == b);
    if (1..=4).any(|unit| characters.len() >= 2 * unit && repeats(unit)) {
        return true;
    }
    if is_run(&characters) || is_date(password) {
        return true;
    }
    // Two runs one after the other: `12345qwert`, `abcd1234`.
    (3..characters.len().saturating_sub(2)).any(|at| is_run(&characters[..at]) && is_run(&characters[at..]))
}

fn is_run(characters: &[char]) -> bool {
    let forwards: String = characters.iter().collect();
    let backwards: String = characters.iter().rev().collect();
    characters.len() >= SHORTEST_NAME
        && RUNS.iter().any(|run| run.contains(&forwards) || run.contains(&backwards))
}

/// Eight digits that are a day of the last or this century, in any order of day, month and year.
fn is_date(password: &str) -> bool {
    if password.len() != 8 || !password.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let number = |range: std::ops::Range<usize>| password[range].parse::<u32>().unwrap_or(0);
    let is_year = |year| (1900..2100).contains(&year);
    let is_day = |a, b| {
        ((1..=12).contains(&a) && (1..=31).contains(&b)) || ((1..=31).contains(&a) && (1..=12).contains(&b))
    };
    (is_year(number(0..4)) && is_day(number(4..6), number(6..8)))
        || (is_year(number(4..8)) && is_day(number(0..2), number(2..4)))
}

/// Whether it is the account's address, or the part before its `@`, decorated.
fn is_own_name(password: &str, email: Option<&str>) -> bool {
    let Some(email) = email.map(folded) else { return false };
    if password == email {
        return true;
    }
    let name = email.split('@').next().unwrap_or_default();
    name.chars().count() >= SHORTEST_NAME && is_decorated(password, |word| word == name)
}
