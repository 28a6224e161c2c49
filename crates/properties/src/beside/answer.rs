//! Answers, taken apart into what is compared, and how they differ.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The headers that clients look at.
const HEADERS: &[&str] = &[
    "allow",
    "content-location",
    "content-profile",
    "content-range",
    "content-type",
    "location",
    "preference-applied",
    "proxy-status",
    "retry-after",
    "vary",
    "warning",
    "www-authenticate",
    "x-a",
];

/// An answer as it came.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

/// The parts of an answer by their names: `status`, `header …`, and of an error `code`, `message`, `details`, `hint`, of anything
/// else `body`. What is absent is empty.
pub type Aspects = BTreeMap<String, String>;

impl Answer {
    /// Taken apart.
    pub fn aspects(&self) -> Aspects {
        let mut aspects = Aspects::from([("status".to_owned(), self.status.to_string())]);
        for (name, value) in &self.headers {
            if HEADERS.contains(&name.as_str()) {
                let all = aspects.entry(format!("header {name}")).or_default();
                if !all.is_empty() {
                    all.push_str(" | ");
                }
                all.push_str(value);
            }
        }
        match self.error() {
            Some(error) => {
                for member in ["code", "message", "details", "hint"] {
                    let text = match error.get(member) {
                        None | Some(Value::Null) => continue,
                        Some(Value::String(text)) => text.clone(),
                        // Candidates have no order.
                        Some(Value::Array(items)) => {
                            let mut items: Vec<String> = items.iter().map(Value::to_string).collect();
                            items.sort();
                            items.join(", ")
                        }
                        Some(other) => other.to_string(),
                    };
                    aspects.insert(member.to_owned(), text);
                }
            }
            None if !self.body.is_empty() => {
                aspects.insert("body".to_owned(), self.body.clone());
            }
            None => {}
        }
        aspects
    }

    fn error(&self) -> Option<Value> {
        let value: Value = serde_json::from_str(&self.body).ok().filter(|_| self.status >= 300)?;
        value.get("message").is_some().then_some(value)
    }

    /// The error's code, when it is one.
    pub fn code(&self) -> Option<String> {
        self.error()?.get("code")?.as_str().map(str::to_owned)
    }
}

/// How two answers differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// The names of the parts that are not equal.
    pub parts: BTreeSet<String>,
    /// Whether the bodies hold the same rows in another order.
    pub reordered: bool,
}

/// What differs, by the text of both.
pub fn difference(theirs: &Aspects, ours: &Aspects) -> Difference {
    let mut found = Difference::default();
    let names: BTreeSet<&String> = theirs.keys().chain(ours.keys()).collect();
    for name in names {
        let (one, other) = (text(theirs, name), text(ours, name));
        if one == other || (name == "body" && canonical(one) == canonical(other)) {
            continue;
        }
        if name == "body" && unordered(one) == unordered(other) {
            found.reordered = true;
        } else {
            found.parts.insert(name.clone());
        }
    }
    found
}

/// A part's text, empty when it is absent.
pub fn text<'a>(aspects: &'a Aspects, name: &str) -> &'a str {
    aspects.get(name).map_or("", String::as_str)
}

/// A body as it is compared: JSON without blanks between its tokens and with its members by name, CSV with such JSON in its
/// fields; numbers stay as they are written. What is embedded is json or jsonb, which keep members in different orders.
fn canonical(text: &str) -> String {
    if let Some(json) = canonical_json(text) {
        return json;
    }
    let mut reader = Reader { text, at: 0 };
    let mut out = String::new();
    while let Some(field) = reader.field() {
        out.push_str(&canonical_json(&field).unwrap_or(field));
        out.push('\u{1f}');
    }
    out
}

fn canonical_json(text: &str) -> Option<String> {
    if !text.trim_start().starts_with(['[', '{']) {
        return None;
    }
    let mut reader = Reader { text, at: 0 };
    let value = reader.value()?;
    reader.text[reader.at..].trim().is_empty().then_some(value)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<char> {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
        self.text[self.at..].chars().next()
    }

    fn take(&mut self, wanted: char) -> Option<()> {
        (self.next()? == wanted).then(|| self.at += wanted.len_utf8())
    }

    fn value(&mut self) -> Option<String> {
        match self.next()? {
            '{' => self.list('{', '}', |reader| {
                let name = reader.string()?;
                reader.take(':')?;
                Some(format!("{name}:{}", reader.value()?))
            }),
            '[' => self.list('[', ']', Reader::value),
            '"' => self.string(),
            _ => {
                let rest = &self.text[self.at..];
                let end = rest.find([',', ']', '}']).unwrap_or(rest.len());
                self.at += end;
                let word = rest[..end].trim();
                // jsonb writes no exponent.
                let number = word.parse::<f64>().ok().filter(|_| word.contains(['e', 'E']));
                let word = number.map_or_else(|| word.to_owned(), |number| number.to_string());
                (!word.is_empty()).then_some(word)
            }
        }
    }

    fn list(&mut self, open: char, close: char, item: fn(&mut Self) -> Option<String>) -> Option<String> {
        self.take(open)?;
        let mut items = Vec::new();
        if self.next()? != close {
            items.push(item(self)?);
            while self.next()? == ',' {
                self.take(',')?;
                items.push(item(self)?);
            }
        }
        self.take(close)?;
        if open == '{' {
            // Of members of one name the last one counts, for clients as for jsonb.
            let mut members = BTreeMap::new();
            for item in items {
                let name = item.split("\":").next().unwrap_or_default().to_owned();
                members.insert(name, item);
            }
            items = members.into_values().collect();
        }
        Some(format!("{open}{}{close}", items.join(",")))
    }

    fn string(&mut self) -> Option<String> {
        self.take('"')?;
        let start = self.at - 1;
        let mut escaped = false;
        for (at, character) in self.text[self.at..].char_indices() {
            match character {
                '"' if !escaped => {
                    self.at += at + 1;
                    return Some(self.text[start..self.at].to_owned());
                }
                '\\' => escaped = !escaped,
                _ => escaped = false,
            }
        }
        None
    }

    /// A field of CSV with what ends it.
    fn field(&mut self) -> Option<String> {
        let rest = &self.text[self.at..];
        let mut quoted = false;
        let mut field = String::new();
        for (at, character) in rest.char_indices() {
            match character {
                '"' => {
                    // Two of them are one.
                    if !quoted && rest[..at].ends_with('"') {
                        field.push('"');
                    }
                    quoted = !quoted;
                }
                ',' | '\n' if !quoted => {
                    self.at += at + 1;
                    return Some(field);
                }
                _ => field.push(character),
            }
        }
        self.at = self.text.len();
        (!rest.is_empty()).then_some(field)
    }
}

/// The pieces of a body without their order: two bodies of the same rows in another order have the same ones.
fn unordered(text: &str) -> Vec<String> {
    match serde_json::from_str::<Value>(text) {
        Ok(value) => vec![sorted(value).to_string()],
        Err(_) => {
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            lines.sort();
            lines
        }
    }
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Array(items) => {
            let mut items: Vec<Value> = items.into_iter().map(sorted).collect();
            items.sort_by_key(Value::to_string);
            Value::Array(items)
        }
        Value::Object(members) => {
            Value::Object(members.into_iter().map(|(name, value)| (name, sorted(value))).collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_have_no_order_and_numbers_their_text() {
        assert_eq!(canonical(r#"[{"b": 1.50, "a":"x, \"y"}]"#), r#"[{"a":"x, \"y","b":1.50}]"#);
        assert_ne!(canonical(r#"{"a":1.5}"#), canonical(r#"{"a":1.50}"#));
        assert_ne!(canonical("[1,2]"), canonical("[2,1]"));
        assert_eq!(
            canonical("a,b\n\"{\"\"d\"\": 1, \"\"c\"\":2}\",\"x\"\"y\""),
            canonical("a,b\n\"{\"\"c\"\":2,\"\"d\"\":1}\",\"x\"\"y\"")
        );
        assert_ne!(canonical("a,b\n1,2"), canonical("a,b\n2,1"));
    }
}
