//! Requests that are broken in one place.

use super::Asked;
use crate::dice::Dice;

/// The same with one thing wrong, or at least strange.
pub(super) fn corrupt(mut asked: Asked, dice: &mut Dice) -> Asked {
    let strange = [
        "(", ")", ",", ".", ":", "!", "%22", "*", "-", "=", "&", "%20", "->", "null", "not.", "a", "1",
        "%C3%89", "::",
    ];
    let in_body = !asked.body.is_empty() && dice.chance(30);
    let text = if in_body { &mut asked.body } else { &mut asked.target };
    let places: Vec<usize> =
        text.char_indices().map(|(at, _)| at).skip(if in_body { 0 } else { 1 }).collect();
    if places.is_empty() {
        return asked;
    }
    let at = *dice.pick(&places);
    // What is percent-encoded stays whole.
    let within_escape =
        text[..at].bytes().rev().take(2).any(|byte| byte == b'%') || text[at..].starts_with('%');
    if within_escape && !in_body {
        return asked;
    }
    if dice.chance(50) {
        text.insert_str(at, dice.word(&strange));
    } else {
        text.remove(at);
    }
    asked
}
