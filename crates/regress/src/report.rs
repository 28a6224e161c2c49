//! What is written down: a table, and for each script the statements that differ, by cause.

use crate::answer::Answer;
use crate::compare::{Compared, Verdict};
use std::collections::BTreeMap;
use std::fmt::Write;

/// How many rows of an answer a list shows.
const ROWS: usize = 12;

/// A script's figures.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Figures {
    pub(crate) counted: usize,
    pub(crate) equal: usize,
    pub(crate) refused: usize,
    pub(crate) follows: usize,
    pub(crate) different: usize,
    pub(crate) after_failure: usize,
}

impl Figures {
    pub(crate) fn of(compared: &[Compared]) -> Figures {
        let count = |verdict| {
            compared.iter().filter(|statement| statement.counted && statement.verdict == verdict).count()
        };
        Figures {
            counted: compared.iter().filter(|statement| statement.counted).count(),
            equal: count(Verdict::Equal),
            refused: count(Verdict::Refused),
            follows: count(Verdict::Follows),
            different: count(Verdict::Different),
            after_failure: count(Verdict::DifferentAfterFailure),
        }
    }

    pub(crate) fn add(&mut self, other: Figures) {
        self.counted += other.counted;
        self.equal += other.equal;
        self.refused += other.refused;
        self.follows += other.follows;
        self.different += other.different;
        self.after_failure += other.after_failure;
    }

    /// Equal answers of a hundred.
    pub(crate) fn share(&self) -> f64 {
        if self.counted == 0 { 100.0 } else { 100.0 * self.equal as f64 / self.counted as f64 }
    }

    /// As a row of a table.
    pub(crate) fn row(&self, name: &str) -> String {
        format!(
            "| {name} | {} | {} | {:.0} % | {} | {} | {} | {} |",
            self.counted,
            self.equal,
            self.share().floor(),
            self.refused,
            self.follows,
            self.different,
            self.after_failure
        )
    }
}

/// The head of the table of figures.
pub(crate) const HEAD: &str = "\
| script | counted | equal | share | refused (0A000) | missing after a refusal | different | different after a failure |
|---|---|---|---|---|---|---|---|";

/// The statements of a script that are not equal, what is worst first.
pub(crate) fn differences(name: &str, compared: &[Compared]) -> String {
    let mut out = format!("{HEAD}\n{}\n", Figures::of(compared).row(name));
    let kinds = [
        (Verdict::Different, "DIFFERENT"),
        (Verdict::DifferentAfterFailure, "DIFFERENT, PERHAPS SINCE SOMETHING BEFORE FAILED"),
        (Verdict::Refused, "REFUSED"),
        (Verdict::Follows, "MISSING SINCE A STATEMENT BEFORE WAS REFUSED"),
    ];
    for (verdict, title) in kinds {
        for counted in [true, false] {
            let those: Vec<&Compared> = compared
                .iter()
                .filter(|statement| statement.verdict == verdict && statement.counted == counted)
                // What is not counted is listed where it failed.
                .filter(|statement| counted || statement.found.error.is_some())
                .collect();
            if those.is_empty() {
                continue;
            }
            let remark = if counted { "" } else { " (not counted)" };
            let _ = writeln!(out, "\n======== {title}{remark}: {}", those.len());
            for (cause, statements) in by_cause(&those) {
                let _ = writeln!(out, "\n---- {} × {cause}", statements.len());
                for statement in statements {
                    show(&mut out, statement);
                }
            }
        }
    }
    let sides: Vec<&Compared> = compared
        .iter()
        .filter(|statement| {
            statement.counted && statement.verdict == Verdict::Equal && statement.side.is_some()
        })
        .collect();
    if !sides.is_empty() {
        let _ = writeln!(out, "\n======== EQUAL BUT FOR DETAIL OR HINT: {}", sides.len());
        sides.iter().for_each(|statement| show(&mut out, statement));
    }
    out
}

/// Statements by cause, the most frequent first.
fn by_cause<'a>(statements: &[&'a Compared]) -> Vec<(String, Vec<&'a Compared>)> {
    let mut causes: BTreeMap<String, Vec<&Compared>> = BTreeMap::new();
    for statement in statements {
        causes.entry(statement.cause.clone()).or_default().push(statement);
    }
    let mut causes: Vec<_> = causes.into_iter().collect();
    causes.sort_by_key(|(_, statements)| std::cmp::Reverse(statements.len()));
    causes
}

fn show(out: &mut String, statement: &Compared) {
    let text = statement.text.lines().take(40).collect::<Vec<_>>().join("\n    ");
    let _ = writeln!(out, "line {}:\n    {text};", statement.line);
    let _ = write!(out, "  expected {}", answer(&statement.expected));
    let _ = write!(out, "  found    {}", answer(&statement.found));
}

fn answer(answer: &Answer) -> String {
    let mut out = String::new();
    if let Some(error) = &answer.error {
        let _ = writeln!(out, "ERROR {}: {}", error.code, error.message);
        for (name, value) in [("DETAIL", &error.detail), ("HINT", &error.hint)] {
            if let Some(value) = value {
                let _ = writeln!(out, "           {name}: {value}");
            }
        }
        return out;
    }
    if let Some(columns) = &answer.columns {
        let _ = writeln!(out, "{}", columns.join(" | "));
    }
    for row in answer.rows.iter().take(ROWS) {
        let row: Vec<String> =
            row.iter().map(|value| value.as_deref().map_or("∅".to_owned(), line)).collect();
        let _ = writeln!(out, "           {}", row.join(" | "));
    }
    if answer.rows.len() > ROWS {
        let _ = writeln!(out, "           … {} rows", answer.rows.len());
    }
    for copied in answer.copied.iter().flatten().take(ROWS) {
        let _ = writeln!(out, "           {copied}");
    }
    if answer.columns.is_none() {
        let _ = writeln!(out, "{}", answer.tag);
    }
    out
}

fn line(text: &str) -> String {
    let text: String = text.chars().take(300).collect();
    text.replace('\n', "\\n")
}

/// The most frequent causes over all scripts.
pub(crate) fn causes(scripts: &[(String, Vec<Compared>)], verdicts: &[Verdict], most: usize) -> String {
    let mut causes: BTreeMap<&str, (usize, usize, BTreeMap<&str, usize>)> = BTreeMap::new();
    for (name, compared) in scripts {
        let those = compared.iter().filter(|statement| verdicts.contains(&statement.verdict));
        for statement in those.filter(|statement| statement.counted || statement.found.error.is_some()) {
            let entry = causes.entry(&statement.cause).or_default();
            entry.0 += usize::from(statement.counted);
            entry.1 += 1;
            *entry.2.entry(name).or_default() += 1;
        }
    }
    let mut causes: Vec<_> = causes.into_iter().collect();
    causes.sort_by_key(|(_, (counted, all, _))| std::cmp::Reverse((*counted, *all)));
    let mut out = String::new();
    for (cause, (counted, all, names)) in causes.into_iter().take(most) {
        let names: Vec<String> = names.iter().map(|(name, count)| format!("{name} {count}")).collect();
        let _ = writeln!(out, "{counted:>5} counted, {all:>4} in all: {cause}   [{}]", names.join(", "));
    }
    out
}
