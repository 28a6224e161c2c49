//! psql's variables.

use crate::script::quoted;
use std::collections::BTreeMap;

/// Variables by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Variables(BTreeMap<String, String>);

impl Variables {
    /// The value.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Sets one.
    pub(crate) fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.insert(name.into(), value.into());
    }

    /// Forgets one.
    pub(crate) fn unset(&mut self, name: &str) {
        self.0.remove(name);
    }

    /// What a reference at the beginning of a text stands for, and how long it is: `:name`, `:'name'`, `:"name"`, `:{?name}`.
    /// `None` when it is none, or nothing of that name is set.
    pub(crate) fn reference(&self, text: &str) -> Option<(usize, String)> {
        let rest = text.strip_prefix(':')?;
        let is_name = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
        if let Some(asked) = rest.strip_prefix("{?") {
            let end = asked.find('}')?;
            let set = self.0.contains_key(&asked[..end]);
            return Some((3 + end + 1, if set { "TRUE" } else { "FALSE" }.to_owned()));
        }
        if let Some(quote @ ('\'' | '"')) = rest.chars().next() {
            let length = quoted(rest, quote, false);
            let name = rest.get(1..length.checked_sub(1)?)?;
            if !is_name(name) {
                return None;
            }
            let value = self.get(name)?;
            let shown = if quote == '\'' {
                syntax::quote_literal(value)
            } else {
                format!("\"{}\"", value.replace('"', "\"\""))
            };
            return Some((1 + length, shown));
        }
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let value = self.get(&rest[..end])?;
        Some((1 + end, value.to_owned()))
    }
}
