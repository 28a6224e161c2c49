//! Whether two answers are equal, and if not, in what way and why.

use crate::answer::{Answer, Failure};
use crate::expected::Exchange;
use std::collections::HashSet;
use syntax::ast::Statement;

/// What became of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    /// The same answer.
    Equal,
    /// Another answer, and nothing before it failed that it hangs on.
    Different,
    /// Another answer, and something before it failed that it may hang on.
    DifferentAfterFailure,
    /// 0A000, and not PostgreSQL's.
    Refused,
    /// An error about an object that is missing because a statement before was refused.
    Follows,
}

/// A compared statement.
#[derive(Clone, Debug)]
pub(crate) struct Compared {
    pub(crate) line: u32,
    pub(crate) text: String,
    pub(crate) verdict: Verdict,
    /// Whether it counts: it returns rows or an error of its own, always the same.
    pub(crate) counted: bool,
    /// Why it is not equal, in words that other statements share.
    pub(crate) cause: String,
    /// DETAIL or HINT are not the same, all else is.
    pub(crate) side: Option<String>,
    pub(crate) expected: Answer,
    pub(crate) found: Answer,
}

/// Compares a script's exchanges on PostgreSQL, twice, with the embedded engine's answers.
/// `history` is what failed before, and then what failed until now.
pub(crate) fn compare(
    first: &[Exchange],
    second: &[Exchange],
    found: &[Vec<Answer>],
    history: &mut History,
) -> Vec<Compared> {
    let mut out = Vec::new();
    for (at, exchange) in first.iter().enumerate() {
        if exchange.reconnect.is_some() {
            continue;
        }
        let again = second.get(at).filter(|again| again.text == exchange.text);
        let missing =
            [Answer::from(Failure::new("crash", "the process ended before the statement was answered"))];
        let answers = found.get(at).map_or(&missing[..], Vec::as_slice);
        let [expected] = exchange.answers.as_slice() else {
            history.several(exchange, answers);
            continue;
        };
        let nothing = Answer::default();
        let found = answers.first().unwrap_or(&nothing);
        let parsed = syntax::parse_statement(&exchange.text).ok();
        let counted = !history.hangs_on_c_functions(exchange, expected)
            && counts(exchange, expected, parsed.as_ref())
            && again.is_none_or(|again| same_twice(exchange, again, parsed.as_ref()));
        let difference = difference(expected, found, parsed.as_ref());
        let (verdict, cause) = match &difference {
            None => (Verdict::Equal, String::new()),
            Some(cause) => (history.verdict(exchange, found), cause.clone()),
        };
        history.note(exchange, expected, found, verdict);
        out.push(Compared {
            line: exchange.line,
            text: exchange.text.clone(),
            verdict,
            counted,
            cause,
            side: side(expected, found),
            expected: expected.clone(),
            found: found.clone(),
        });
    }
    out
}

/// Whether a statement is one of those that are counted: it returns rows or an error of its own.
fn counts(exchange: &Exchange, expected: &Answer, parsed: Option<&Statement>) -> bool {
    if matches!(parsed, Some(Statement::Explain { .. }))
        || exchange.text.get(..7).is_some_and(|word| word.eq_ignore_ascii_case("explain"))
    {
        return false;
    }
    match &expected.error {
        // A failed transaction's, and what needs a C function of the regression tests' own.
        Some(error) => error.code != "25P02" && !is_about_c_functions(error),
        None => expected.columns.is_some() || expected.copied.is_some(),
    }
}

fn is_about_c_functions(error: &Failure) -> bool {
    error.code == "58P01" || error.message.contains("/nonexistent")
}

/// Whether PostgreSQL itself gives the same answer in another database: no time, no OID, nothing random in it.
fn same_twice(one: &Exchange, other: &Exchange, parsed: Option<&Statement>) -> bool {
    match (one.answers.as_slice(), other.answers.as_slice()) {
        ([one], [other]) => difference(one, other, parsed).is_none(),
        (one, other) => one == other,
    }
}

/// In what the answers differ; `None` when in nothing that counts.
fn difference(expected: &Answer, found: &Answer, parsed: Option<&Statement>) -> Option<String> {
    match (&expected.error, &found.error) {
        (Some(expected), Some(found)) if expected.code == found.code && expected.message == found.message => {
            return None;
        }
        (_, Some(found)) => return Some(format!("{} {}", found.code, shortened(&found.message))),
        (Some(expected), None) => {
            return Some(format!("no error, but {} {}", expected.code, shortened(&expected.message)));
        }
        (None, None) => {}
    }
    if expected.columns != found.columns {
        return Some("columns' names".to_owned());
    }
    if expected.copied != found.copied {
        return Some("lines of COPY".to_owned());
    }
    if expected.rows != found.rows {
        let mut rows = [expected.rows.clone(), found.rows.clone()];
        rows.iter_mut().for_each(|rows| rows.sort());
        let ordered = matches!(parsed, Some(Statement::Select(select)) if !select.order_by.is_empty());
        match (rows[0] == rows[1], ordered) {
            (true, true) => return Some("order of rows".to_owned()),
            (true, false) => {}
            (false, _) if expected.rows.len() != found.rows.len() => {
                return Some("number of rows".to_owned());
            }
            (false, _) => return Some("values".to_owned()),
        }
    }
    (expected.tag != found.tag).then(|| format!("command tag {:?}, not {:?}", found.tag, expected.tag))
}

/// DETAIL and HINT, when they differ.
fn side(expected: &Answer, found: &Answer) -> Option<String> {
    let (Some(expected), Some(found)) = (&expected.error, &found.error) else { return None };
    if (&expected.code, &expected.message) != (&found.code, &found.message) {
        return None;
    }
    match (expected.detail == found.detail, expected.hint == found.hint) {
        (true, true) => None,
        (false, true) => Some("DETAIL".to_owned()),
        (true, false) => Some("HINT".to_owned()),
        (false, false) => Some("DETAIL and HINT".to_owned()),
    }
}

/// The beginning of a message, names in quotes left out.
pub(crate) fn shortened(message: &str) -> String {
    let mut out = String::new();
    for (at, part) in message.split('"').enumerate() {
        out.push_str(if at % 2 == 1 { "\"…\"" } else { part });
    }
    out.chars().take(90).collect()
}

/// Codes of errors about what does not exist.
const UNDEFINED: &[&str] =
    &["42P01", "42883", "42704", "42703", "3F000", "26000", "34000", "42P02", "3B001", "42P06"];

/// What failed so far.
#[derive(Clone, Default)]
pub(crate) struct History {
    /// Words of statements that failed here and not on PostgreSQL: what they would have made is missing.
    missing: HashSet<String>,
    /// Relations whose rows may be others since a statement on them failed.
    touched: HashSet<String>,
    /// Words of statements that fail on PostgreSQL since the tests' own C functions are not there.
    without_c: HashSet<String>,
    /// A setting that changes answers and was refused.
    settings: HashSet<String>,
}

impl History {
    /// Whether PostgreSQL's error is only that the tests' own C functions, or what is made of them, are missing here.
    fn hangs_on_c_functions(&mut self, exchange: &Exchange, expected: &Answer) -> bool {
        let Some(error) = &expected.error else { return false };
        let named = words_of_message(&error.message);
        let hangs = is_about_c_functions(error)
            || UNDEFINED.contains(&error.code.as_str())
                && named.iter().any(|name| self.without_c.contains(name));
        if hangs {
            let made = words(&exchange.text).into_iter();
            let kinds = [
                "create",
                "or",
                "replace",
                "function",
                "view",
                "table",
                "operator",
                "type",
                "trigger",
                "aggregate",
            ];
            let name = made.skip_while(|word| kinds.contains(&word.as_str())).take(1);
            self.without_c.extend(name);
        }
        hangs
    }

    fn verdict(&self, exchange: &Exchange, found: &Answer) -> Verdict {
        let words = words(&exchange.text);
        if let Some(error) = &found.error {
            if error.code == "0A000" {
                return Verdict::Refused;
            }
            let named = words_of_message(&error.message);
            if UNDEFINED.contains(&error.code.as_str())
                && named.iter().any(|name| self.missing.contains(name))
            {
                return Verdict::Follows;
            }
            if error.code == "25P02" {
                return Verdict::Follows;
            }
        }
        // A COMMIT names nothing, and may hang on everything.
        let is_end = matches!(words.first().map(String::as_str), Some("commit" | "end"));
        let after = words.iter().any(|word| self.touched.contains(word))
            || !self.settings.is_empty()
            || is_end && !self.touched.is_empty();
        if after { Verdict::DifferentAfterFailure } else { Verdict::Different }
    }

    /// Remembers what a statement that failed here alone, or succeeded here alone, leaves behind.
    fn note(&mut self, exchange: &Exchange, expected: &Answer, found: &Answer, verdict: Verdict) {
        let all = words(&exchange.text);
        let first = all.first().map_or("", String::as_str);
        let alone = expected.error.is_none() != found.error.is_none();
        if first == "set" || first == "reset" {
            let name = all.iter().skip(1).find(|word| !matches!(word.as_str(), "local" | "session")).cloned();
            let name = name.unwrap_or_default();
            let silent = ["enable_", "max_", "min_", "parallel_", "force_", "debug_", "plan_cache", "jit"];
            if alone && !silent.iter().any(|start| name.starts_with(start)) {
                self.settings.insert(name);
            } else if found.error.is_none() {
                self.settings.remove(&name);
            }
            return;
        }
        let reads = matches!(first, "select" | "values" | "table" | "show" | "explain" | "fetch");
        let makes = all.iter().any(|word| word == "into");
        if verdict == Verdict::Equal || !alone || reads && !makes {
            return;
        }
        if expected.error.is_none() {
            self.missing.extend(all.iter().cloned());
        }
        self.touched.extend(relations(&all));
    }

    fn several(&mut self, exchange: &Exchange, found: &[Answer]) {
        if found.iter().any(|answer| answer.error.is_some()) {
            let all = words(&exchange.text);
            self.touched.extend(relations(&all));
            self.missing.extend(all);
        }
    }
}

/// The words of a statement, in lower case.
fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// The names in a message.
fn words_of_message(message: &str) -> Vec<String> {
    let quoted = message.split('"').skip(1).step_by(2);
    let called = message.split_whitespace().filter_map(|word| word.split_once('(').map(|(name, _)| name));
    let column = message.strip_prefix("column ").and_then(|rest| rest.split_whitespace().next());
    quoted.chain(called).chain(column).flat_map(words).collect()
}

/// Words that stand where relations stand.
fn relations(all: &[String]) -> Vec<String> {
    let places = [
        "into",
        "update",
        "from",
        "table",
        "truncate",
        "copy",
        "on",
        "view",
        "sequence",
        "only",
        "exists",
        "inherits",
        "inherit",
        "to",
        "of",
        "references",
        "rule",
    ];
    let named = all.windows(2).filter(|pair| places.contains(&pair[0].as_str()));
    named
        .map(|pair| pair[1].clone())
        .filter(|word| !places.contains(&word.as_str()) && word != "if")
        .collect()
}
