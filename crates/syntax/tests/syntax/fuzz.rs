//! Damaged statements: nothing panics, and whatever parses can be written and parsed again. The seed is fixed.

use crate::support::{pairs, round_trip};

/// A small generator of pseudo-random numbers (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit.max(1)
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

fn corpus() -> Vec<String> {
    let mut all = Vec::new();
    for name in ["queries", "definitions"] {
        all.extend(pairs(name).into_iter().map(|(statement, _)| statement));
    }
    all
}

/// Words and single other characters.
fn tokens(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let end = if word(first) { rest.find(|c| !word(c)).unwrap_or(rest.len()) } else { first.len_utf8() };
        out.push(&rest[..end]);
        rest = &rest[end..];
    }
    out.retain(|token| !token.trim().is_empty());
    out
}

fn mutate<'a>(random: &mut Random, tokens: &[&'a str], pool: &[&'a str], separator: &str) -> String {
    let mut out = tokens.to_vec();
    for _ in 0..=random.below(3) {
        let at = random.below(out.len());
        match random.below(6) {
            _ if out.is_empty() => {}
            0 => drop(out.remove(at)),
            1 => out.insert(at, *random.pick(pool)),
            2 => out[at] = *random.pick(pool),
            3 => out.truncate(at),
            4 => {
                let other = random.below(out.len());
                out.swap(at, other);
            }
            _ => {
                let copy = out[at];
                out.insert(at, copy);
            }
        }
    }
    out.join(separator)
}

fn use_all(text: &str) {
    let _ = syntax::parse_statement(text);
    let _ = syntax::parse_expression(text);
    let _ = syntax::parse_type_name(text);
    let _ = syntax::parse_select(text);
    let _ = syntax::parse_script(text);
    let _ = syntax::split_script(text);
    let _ = syntax::plpgsql::parse(text);
    let _ = syntax::plpgsql::parse(&format!("declare a int := {text}; begin a := {text}; {text}; end"));
}

#[test]
fn damaged_statements_do_not_panic_and_go_round() {
    let corpus = corpus();
    let split: Vec<Vec<&str>> = corpus.iter().map(|text| tokens(text)).collect();
    let pool: Vec<&str> = split.iter().flatten().copied().collect();
    let mut random = Random(0x5EED_1234_5678_9ABC);
    let mut round = 0;
    for _ in 0..30_000 {
        let base = random.below(split.len());
        let separator = *random.pick(&[" ", "", "\n", " -- x\n", "/**/"]);
        let text = mutate(&mut random, &split[base], &pool, separator);
        use_all(&text);
        round += usize::from(round_trip(&text));
    }
    assert!(round > 1000, "{round} damaged statements still parsed and went round");
}

#[test]
fn noise_does_not_panic() {
    let alphabet: Vec<char> =
        "abe xun'\"$\\/*-+(),.;:[]{}<>=!@#%^&|~?0123456789_\n\t\u{0}\u{e4}\u{1f600}U&EBX".chars().collect();
    let corpus = corpus();
    let mut random = Random(77);
    for _ in 0..30_000 {
        let length = random.below(40);
        let mut text: String = (0..length).map(|_| *random.pick(&alphabet)).collect();
        if random.below(2) == 0 {
            // A statement with noise inside, on a character's border.
            let base: Vec<char> = random.pick(&corpus).chars().collect();
            let at = random.below(base.len());
            text = base[..at].iter().collect::<String>() + &text + &base[at..].iter().collect::<String>();
        }
        use_all(&text);
    }
}
