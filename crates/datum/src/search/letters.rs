//! What characters are to the default parser and to the languages of queries: glibc's classes under `C.UTF-8`, which
//! PostgreSQL asks. They differ from Unicode's properties: digits of other scripts are letters.

use std::sync::LazyLock;

/// Ranges of characters, ascending.
struct Classes {
    letters: Vec<(u32, u32)>,
    joining: Vec<(u32, u32)>,
}

/// Recorded from PostgreSQL 15 (`chr(n) ~ '[[:alpha:]]'`; `ts_parse` for the joining ones).
static CLASSES: LazyLock<Classes> = LazyLock::new(|| {
    let mut classes = Classes { letters: Vec::new(), joining: Vec::new() };
    for line in include_str!("../../data/search/letters.txt").lines() {
        let mut words = line.split(' ');
        let class = match words.next() {
            Some("letter") => &mut classes.letters,
            _ => &mut classes.joining,
        };
        for range in words {
            let (low, high) = range.split_once('-').unwrap_or((range, range));
            if let (Ok(low), Ok(high)) = (u32::from_str_radix(low, 16), u32::from_str_radix(high, 16)) {
                class.push((low, high));
            }
        }
    }
    classes
});

fn within(ranges: &[(u32, u32)], c: char) -> bool {
    let code = u32::from(c);
    let at = ranges.partition_point(|(_, high)| *high < code);
    ranges.get(at).is_some_and(|(low, _)| *low <= code)
}

/// A letter.
pub(super) fn is_alphabetic(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphabetic() } else { within(&CLASSES.letters, c) }
}

/// No letter, yet it does not end a word: marks that combine, signs of vowels.
pub(super) fn is_joining(c: char) -> bool {
    !c.is_ascii() && within(&CLASSES.joining, c)
}

/// A space. Those that do not break a line are none.
pub(super) fn is_space(c: char) -> bool {
    matches!(
        c,
        '\t'..='\r'
            | ' '
            | '\u{1680}'
            | '\u{2000}'..='\u{2006}'
            | '\u{2008}'..='\u{200a}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{205f}'
            | '\u{3000}'
    )
}
