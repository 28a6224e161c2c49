//! Where in a token's claims the role stands: the part of JSONPath (RFC 9535) that PostgREST's `jwt-role-claim-key` is used with,
//! and the form that PostgREST had before version 16.
//!
//! Steps are `.name`, `["name"]`, `[0]` (negative from the end), `[*]`, and on arrays and objects a filter of texts:
//! `[?@ == "x"]`, `[?@ != "x"]`, `[?search(@, "x")]`, whose pattern is a text, begun by `^` or ended by `$`. The old form has no `$` in front,
//! and `^==`, `==^`, `*==` for begins, ends, contains. The first value that is found is the role.

use serde_json::{Map, Value};

/// A path to the role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimPath {
    steps: Vec<Step>,
    text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Member(String),
    Element(i64),
    All,
    Those(Test, String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Test {
    Is,
    IsNot,
    Begins,
    Ends,
    Contains,
}

impl Default for ClaimPath {
    fn default() -> ClaimPath {
        ClaimPath { steps: vec![Step::Member("role".to_owned())], text: "$.role".to_owned() }
    }
}

impl ClaimPath {
    /// Reads a path.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<ClaimPath, String> {
        let trimmed = text.trim();
        let mut reader = Reader { rest: trimmed.strip_prefix('$').unwrap_or(trimmed) };
        let mut steps = Vec::new();
        while !reader.rest.is_empty() {
            steps.push(reader.step().ok_or_else(|| format!("expected a path such as $.role, not {text:?}"))?);
        }
        if steps.is_empty() {
            return Err("expected a path such as $.role".to_owned());
        }
        Ok(ClaimPath { steps, text: trimmed.to_owned() })
    }

    /// As it was given.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The first value that the path leads to.
    pub fn find<'a>(&self, claims: &'a Map<String, Value>) -> Option<&'a Value> {
        let (first, rest) = self.steps.split_first()?;
        let mut found: Vec<&Value> = match first {
            Step::Member(name) => claims.get(name).into_iter().collect(),
            Step::Element(_) => Vec::new(),
            Step::All => claims.values().collect(),
            Step::Those(test, text) => claims.values().filter(|value| test.holds(value, text)).collect(),
        };
        for step in rest {
            found = found.into_iter().flat_map(|value| step.of(value)).collect();
        }
        found.into_iter().next()
    }
}

impl Step {
    fn of<'a>(&self, value: &'a Value) -> Vec<&'a Value> {
        let children = || match value {
            Value::Array(items) => items.iter().collect(),
            Value::Object(members) => members.values().collect(),
            _ => Vec::new(),
        };
        match self {
            Step::Member(name) => value.get(name).into_iter().collect(),
            Step::Element(at) => element(value, *at).into_iter().collect(),
            Step::All => children(),
            Step::Those(test, text) => {
                children().into_iter().filter(|child: &&Value| test.holds(child, text)).collect()
            }
        }
    }
}

fn element(value: &Value, at: i64) -> Option<&Value> {
    let items = value.as_array()?;
    let length = i64::try_from(items.len()).ok()?;
    let at = if at < 0 { length.checked_add(at)? } else { at };
    items.get(usize::try_from(at).ok()?)
}

impl Test {
    fn holds(self, value: &Value, text: &str) -> bool {
        // What is no text is not equal to one.
        let Some(value) = value.as_str() else { return self == Test::IsNot };
        match self {
            Test::Is => value == text,
            Test::IsNot => value != text,
            Test::Begins => value.starts_with(text),
            Test::Ends => value.ends_with(text),
            Test::Contains => value.contains(text),
        }
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn skip(&mut self, text: &str) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn step(&mut self) -> Option<Step> {
        if self.skip(".") {
            if self.skip("*") {
                return Some(Step::All);
            }
            return self.quoted().or_else(|| self.word()).map(Step::Member);
        }
        if !self.skip("[") {
            return None;
        }
        let step = if self.skip("*") {
            Step::All
        } else if self.skip("?") {
            self.filter()?
        } else if let Some(name) = self.quoted() {
            Step::Member(name)
        } else {
            let end = self.rest.find(']')?;
            let (number, rest) = self.rest.split_at(end);
            self.rest = rest;
            Step::Element(number.trim().parse().ok()?)
        };
        self.skip("]").then_some(step)
    }

    fn filter(&mut self) -> Option<Step> {
        let enclosed = self.skip("(");
        let step = if self.skip("search(") {
            let pattern = (self.skip("@") && self.skip(",")).then(|| self.quoted()).flatten()?;
            let step = searched(&pattern)?;
            self.skip(")").then_some(step)?
        } else {
            if !self.skip("@") {
                return None;
            }
            let tests = [
                ("^==", Test::Begins),
                ("==^", Test::Ends),
                ("*==", Test::Contains),
                ("==", Test::Is),
                ("!=", Test::IsNot),
            ];
            let (_, test) = tests.into_iter().find(|(sign, _)| self.skip(sign))?;
            Step::Those(test, self.quoted()?)
        };
        (!enclosed || self.skip(")")).then_some(step)
    }

    /// A name without quotes; the old form has `-` in it, too.
    fn word(&mut self) -> Option<String> {
        let end = self.rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '$' | '@')));
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        (!word.is_empty()).then(|| word.to_owned())
    }

    fn quoted(&mut self) -> Option<String> {
        self.rest = self.rest.trim_start();
        let quote = self.rest.chars().next().filter(|first| matches!(first, '"' | '\''))?;
        let mut text = String::new();
        let mut characters = self.rest.char_indices().skip(1);
        while let Some((at, character)) = characters.next() {
            match character {
                '\\' => text.push(characters.next()?.1),
                _ if character == quote => {
                    self.rest = &self.rest[at + 1..];
                    return Some(text);
                }
                _ => text.push(character),
            }
        }
        None
    }
}

/// What a pattern without metacharacters looks for; others are not read.
fn searched(pattern: &str) -> Option<Step> {
    let (begins, rest) = pattern.strip_prefix('^').map_or((false, pattern), |rest| (true, rest));
    let (ends, text) = rest.strip_suffix('$').map_or((false, rest), |rest| (true, rest));
    if text.contains(['.', '*', '+', '?', '(', ')', '[', ']', '{', '}', '|', '\\', '^', '$']) {
        return None;
    }
    let test = match (begins, ends) {
        (true, true) => Test::Is,
        (true, false) => Test::Begins,
        (false, true) => Test::Ends,
        (false, false) => Test::Contains,
    };
    Some(Step::Those(test, text.to_owned()))
}

#[cfg(test)]
mod tests;
