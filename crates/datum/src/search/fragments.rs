//! Which words of a document become its headline.

use super::headline::{Options, Word, cover, mark};
use super::query::Query;
use crate::context::Context;
use sqlstate::Result;

/// The best part, made as long as headlines are to be.
pub(super) fn choose_one(
    words: &mut [Word],
    query: &Query,
    options: &Options,
    all: bool,
    context: &dyn Context,
) -> Result<()> {
    if all {
        let end = words.len();
        mark(words, all, 0, end);
        return Ok(());
    }
    let bad_end = |at: Option<usize>| at.is_some_and(|at| words[at].is_bad_end(options));
    // First and last word, how many words are asked for, whether all of the cover is in it.
    let mut best: Option<(usize, usize, i64, bool)> = None;
    let mut from = 0;
    while let Some((p, q)) = cover(words, query, options.max_cover(), from) {
        context.check_interrupt()?;
        let (mut count, mut asked) = (0, 0);
        let (mut begin, mut end) = (p, p);
        let mut at = p;
        while at <= q && count < options.max_words {
            count += i64::from(words[at].counts());
            asked += i64::from(words[at].is_interesting());
            end = at;
            at += 1;
        }
        if count < options.max_words {
            // Room behind it, up to a word to end with.
            at -= 1;
            while at < words.len() && count < options.max_words {
                if at > q {
                    count += i64::from(words[at].counts());
                    asked += i64::from(words[at].is_interesting());
                }
                end = at;
                if !words[at].is_bad_end(options) && count >= options.min_words {
                    break;
                }
                at += 1;
            }
            if count < options.min_words {
                // The document ends: what stands before it.
                begin = 0;
                for before in (0..p).rev() {
                    count += i64::from(words[before].counts());
                    asked += i64::from(words[before].is_interesting());
                    let good = !words[before].is_bad_end(options);
                    if count >= options.max_words || good && count >= options.min_words {
                        begin = before;
                        break;
                    }
                }
            }
        } else {
            // Full: back to a word to end with.
            let mut at = at.min(q);
            while count > options.min_words && words[at].is_bad_end(options) {
                count -= i64::from(words[at].counts());
                asked -= i64::from(words[at].is_interesting());
                let Some(before) = at.checked_sub(1) else { break };
                end = before;
                at = before;
            }
        }
        let whole = begin <= p && end >= q;
        let better = match best {
            None => true,
            Some((_, best_end, best_asked, best_whole)) => {
                whole && !best_whole
                    || whole == best_whole
                        && (asked > best_asked
                            || asked == best_asked && !bad_end(Some(end)) && bad_end(Some(best_end)))
            }
        };
        if better {
            best = Some((begin, end, asked, whole));
        }
        from = p + 1;
    }
    let (first, end) = match best {
        Some((first, last, ..)) => (first, last + 1),
        None => (0, beginning(words, options)),
    };
    mark(words, all, first, end);
    Ok(())
}

/// Where the beginning of the document ends that stands for one without anything asked for.
fn beginning(words: &[Word], options: &Options) -> usize {
    let mut count = 0;
    let mut end = 0;
    while end < words.len() && count < options.min_words {
        count += i64::from(words[end].counts());
        end += 1;
    }
    end
}

/// A part of the document.
struct Fragment {
    first: usize,
    last: usize,
    /// How many words.
    count: i64,
    /// How many of them are asked for.
    asked: i64,
    chosen: bool,
    excluded: bool,
}

/// The parts of all covers, each with words that are asked for at its ends and not too long.
fn fragments(
    words: &[Word],
    query: &Query,
    options: &Options,
    context: &dyn Context,
) -> Result<Vec<Fragment>> {
    let mut fragments = Vec::new();
    let mut from = 0;
    while let Some((p, q)) = cover(words, query, options.max_cover(), from) {
        context.check_interrupt()?;
        let mut start = p;
        while start <= q {
            let first = (start..=q).find(|at| words[*at].is_interesting()).unwrap_or(q);
            let (mut count, mut asked) = (0, 0);
            let mut at = first;
            while at <= q && count < options.max_words {
                count += i64::from(words[at].counts());
                asked += i64::from(words[at].is_interesting());
                at += 1;
            }
            let mut last = q;
            if q > at {
                // Cut: back to a word that is asked for.
                last = first;
                for back in (first..=at).rev() {
                    last = back;
                    if words[back].is_interesting() {
                        break;
                    }
                    count -= i64::from(words[back].counts());
                }
            }
            fragments.push(Fragment { first, last, count, asked, chosen: false, excluded: false });
            start = last + 1;
        }
        from = p + 1;
    }
    Ok(fragments)
}

/// The best parts, as many as there may be, made longer at both ends.
pub(super) fn choose(
    words: &mut [Word],
    query: &Query,
    options: &Options,
    all: bool,
    context: &dyn Context,
) -> Result<()> {
    let mut fragments = fragments(words, query, options, context)?;
    let mut chosen = 0;
    while chosen < options.max_fragments {
        let mut best: Option<usize> = None;
        let (mut asked, mut count) = (0, i64::from(i32::MAX));
        for (at, fragment) in fragments.iter().enumerate() {
            let free = !fragment.chosen && !fragment.excluded;
            if free && (asked < fragment.asked || asked == fragment.asked && count > fragment.count) {
                (asked, count) = (fragment.asked, fragment.count);
                best = Some(at);
            }
        }
        let Some(best) = best else { break };
        chosen += 1;
        let fragment = &mut fragments[best];
        fragment.chosen = true;
        if fragment.count < options.max_words {
            stretch(words, fragment, options);
        }
        let (first, last) = (fragment.first, fragment.last);
        mark(words, all, first, last + 1);
        for (at, other) in fragments.iter_mut().enumerate() {
            let overlaps = (first..=last).contains(&other.first)
                || (first..=last).contains(&other.last)
                || other.first < first && other.last > last;
            if at != best && overlaps {
                other.excluded = true;
            }
        }
    }
    if chosen == 0 {
        let end = beginning(words, options);
        mark(words, all, 0, end);
    }
    Ok(())
}

/// Makes a part longer: half of what is missing before it, the rest behind, up to words to end with.
fn stretch(words: &[Word], fragment: &mut Fragment, options: &Options) {
    let room = (options.max_words - fragment.count) / 2;
    let mut stretched = 0;
    let mut begin = fragment.first;
    for at in (0..fragment.first).rev() {
        if stretched >= room || words[at].within {
            break;
        }
        if words[at].counts() {
            fragment.count += 1;
            stretched += 1;
        }
        begin = at;
    }
    while begin < fragment.first && words[begin].is_bad_end(options) {
        fragment.count -= i64::from(words[begin].counts());
        begin += 1;
    }
    fragment.first = begin;
    let mut end = fragment.last;
    for (at, word) in words.iter().enumerate().skip(fragment.last + 1) {
        if fragment.count >= options.max_words || word.within {
            break;
        }
        fragment.count += i64::from(word.counts());
        end = at;
    }
    while end > fragment.last && words[end].is_bad_end(options) {
        fragment.count -= i64::from(words[end].counts());
        end -= 1;
    }
    fragment.last = end;
}
