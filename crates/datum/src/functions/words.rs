//! Likeness of words: trigrams (pg_trgm), edit distance and sounds (fuzzystrmatch).

use crate::array::{Array, Encoding};
use crate::registry::{Call, Function, immutable};
use crate::text::lower;
use crate::value::StoredValue;
use sqlstate::{DatabaseError, INVALID_PARAMETER_VALUE, Result};

/// The longest text that levenshtein takes, in bytes.
const MAX_LENGTH: usize = 255;

/// The trigrams of a text, sorted, each once: of every word in lower case, two spaces before it and one behind.
fn trigrams(text: &str) -> Vec<Vec<char>> {
    let text = lower(text);
    let mut found = Vec::new();
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let padded: Vec<char> = "  ".chars().chain(word.chars()).chain(" ".chars()).collect();
        found.extend(padded.windows(3).map(<[char]>::to_vec));
    }
    found.sort();
    found.dedup();
    found
}

/// The share of trigrams that two texts have in common, in 32 bits.
fn similarity(call: &Call<'_>) -> Result<f32> {
    let (left, right) = (trigrams(call.text(0)?), trigrams(call.text(1)?));
    let common = left.iter().filter(|trigram| right.binary_search(trigram).is_ok()).count();
    let all = left.len() + right.len() - common;
    Ok(if left.is_empty() || right.is_empty() || all == 0 { 0.0 } else { common as f32 / all as f32 })
}

fn show_trigrams(call: &mut Call<'_>) -> Result<StoredValue> {
    let text = call.text(0)?;
    if !text.is_ascii() {
        return Err(DatabaseError::unsupported("show_trgm() of other characters than ASCII"));
    }
    let shown = trigrams(text).into_iter().map(|trigram| trigram.into_iter().collect::<String>().into());
    Array::of(shown.collect()).to_stored(Encoding::Text)
}

/// How many insertions, deletions and substitutions, at what each costs, make the second text of the first.
fn levenshtein(call: &Call<'_>) -> Result<i64> {
    let cost = |at: usize| if call.count() > 3 { call.int(at) } else { Ok(1) };
    let (insertion, deletion, substitution) = (cost(2)?, cost(3)?, cost(4)?);
    let (source, target) = (call.text(0)?, call.text(1)?);
    if source.len() > MAX_LENGTH || target.len() > MAX_LENGTH {
        return Err(DatabaseError::new(
            INVALID_PARAMETER_VALUE,
            format!("levenshtein argument exceeds maximum length of {MAX_LENGTH} characters"),
        ));
    }
    let (source, target): (Vec<char>, Vec<char>) = (source.chars().collect(), target.chars().collect());
    let mut row: Vec<i64> = (0..=source.len() as i64).map(|at| at.saturating_mul(deletion)).collect();
    for wanted in &target {
        let mut diagonal = row[0];
        row[0] = row[0].saturating_add(insertion);
        for at in 0..source.len() {
            let same = diagonal.saturating_add(if source[at] == *wanted { 0 } else { substitution });
            diagonal = row[at + 1];
            row[at + 1] = same.min(diagonal.saturating_add(insertion)).min(row[at].saturating_add(deletion));
        }
    }
    Ok(row[source.len()])
}

/// The Soundex code: the first letter and three digits; empty for a text without a letter.
fn soundex(text: &str) -> String {
    const CODES: &[u8; 26] = b"01230120022455012623010202";
    let code = |letter: u8| CODES[usize::from(letter.to_ascii_uppercase() - b'A')];
    let mut letters = text.bytes().skip_while(|byte| !byte.is_ascii_alphabetic());
    let Some(first) = letters.next() else { return String::new() };
    let mut out = String::from(char::from(first.to_ascii_uppercase()));
    let mut previous = first;
    for letter in letters {
        if out.len() == 4 {
            break;
        }
        let both = letter.is_ascii_alphabetic() && previous.is_ascii_alphabetic();
        if letter.is_ascii_alphabetic() && !(both && code(letter) == code(previous)) && code(letter) != b'0' {
            out.push(char::from(code(letter)));
        }
        previous = letter;
    }
    while out.len() < 4 {
        out.push('0');
    }
    out
}

pub(super) static FUNCTIONS: &[Function] = &[
    immutable("similarity", |call| Ok(f64::from(similarity(call)?).into())),
    immutable("similarity_dist", |call| Ok(f64::from(1.0 - similarity(call)?).into())),
    immutable("show_trgm", show_trigrams),
    immutable("levenshtein", |call| Ok(levenshtein(call)?.into())),
    immutable("levenshtein_with_costs", |call| Ok(levenshtein(call)?.into())),
    immutable("soundex", |call| Ok(soundex(call.text(0)?).into())),
    immutable("difference", |call| {
        let (left, right) = (soundex(call.text(0)?), soundex(call.text(1)?));
        Ok(left.bytes().zip(right.bytes()).filter(|(left, right)| left == right).count().into())
    }),
];
