//! EXPLAIN: SQLite's plan in the statement's names.

use super::Run;
use super::steps::Sink;
use compile::program::{Explained, Program, SqliteStatement};
use datum::{Stored, StoredValue};
use sqlstate::Result;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// A node of a plan.
struct Node {
    text: String,
    below: Vec<Node>,
}

/// What EXPLAIN ANALYZE found.
pub(crate) struct Measured {
    rows: u64,
    /// How long it took, when that is to be told.
    took: Option<Duration>,
}

impl Run<'_> {
    /// Runs the statement that is explained.
    pub(crate) fn measure(
        &mut self,
        program: &Program,
        timed: bool,
        parameters: &[StoredValue],
        arguments: &[StoredValue],
    ) -> Result<Measured> {
        let begun = Instant::now();
        let rows = self.program(program, parameters, arguments, &mut Sink::Count { count: 0 })?;
        Ok(Measured { rows, took: timed.then(|| begun.elapsed()) })
    }

    /// Gives the plan as lines of text, or as one JSON value.
    pub(crate) fn explain_plan(
        &self,
        plan: &[Explained],
        json: bool,
        measured: Option<Measured>,
        result: &mut Sink,
    ) -> Result<()> {
        let took = measured.as_ref().and_then(|measured| measured.took);
        let took = took.map(|took| format!("{:.3}", took.as_secs_f64() * 1000.0));
        let mut nodes = Vec::with_capacity(plan.len());
        for step in plan {
            let below = match &step.statement {
                Some(statement) => self.sqlite_plan(statement, &step.names)?,
                None => Vec::new(),
            };
            nodes.push(Node { text: step.title.clone(), below });
        }
        if let (Some(node), Some(measured)) = (nodes.last_mut(), &measured) {
            node.text.push_str(&format!(" (actual rows={})", measured.rows));
        }
        if json {
            let mut text = String::from("[");
            for (at, node) in nodes.iter().enumerate() {
                text.push_str(if at > 0 { ", {\"Plan\": " } else { "{\"Plan\": " });
                write_json(node, &mut text);
                if let Some(took) = took.as_ref().filter(|_| at + 1 == nodes.len()) {
                    text.push_str(&format!(", \"Execution Time\": {took}"));
                }
                text.push('}');
            }
            text.push(']');
            return result.take(&[StoredValue::Text(text)], &*self.frame);
        }
        let mut lines = Vec::new();
        nodes.iter().for_each(|node| write_lines(node, 0, &mut lines));
        lines.extend(took.map(|took| format!("Execution Time: {took} ms")));
        lines.into_iter().try_for_each(|line| result.take(&[StoredValue::Text(line)], &*self.frame))
    }

    fn sqlite_plan(&self, statement: &SqliteStatement, names: &[(String, String)]) -> Result<Vec<Node>> {
        let asked = SqliteStatement {
            sql: format!("EXPLAIN QUERY PLAN {}", statement.sql),
            binds: Vec::new(),
            access: statement.access.clone(),
        };
        let mut rows: Vec<(i64, i64, String)> = Vec::new();
        self.connection.query(&asked, &self.bindings(&[], &[]), |row| {
            let values = crate::connection::owned_row(row, 0, 4)?;
            let number = |at: usize| match values.get(at).map(StoredValue::borrow) {
                Some(Stored::Integer(number)) => number,
                _ => 0,
            };
            if let Some(StoredValue::Text(detail)) = values.get(3) {
                rows.push((number(0), number(1), words(detail, names)));
            }
            Ok(())
        })?;
        Ok(children(0, &rows))
    }
}

fn children(parent: i64, rows: &[(i64, i64, String)]) -> Vec<Node> {
    let own = rows.iter().filter(|(id, above, _)| *above == parent && *id != parent);
    own.map(|(id, _, text)| Node { text: text.clone(), below: children(*id, rows) }).collect()
}

/// A line of SQLite's in words; ranges and items of WITH by the statement's names, all others without.
fn words(detail: &str, names: &[(String, String)]) -> String {
    let known: HashMap<&str, &str> =
        names.iter().map(|(name, shown)| (name.as_str(), shown.as_str())).collect();
    let mut out = String::new();
    let mut hidden = false;
    let mut words = detail.split(' ').peekable();
    while let Some(word) = words.next() {
        let numbered = |prefix: &str| {
            word.strip_prefix(prefix)
                .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
        };
        let text = if numbered("r") || numbered("cte") {
            match known.get(word) {
                Some(shown) => (*shown).to_owned(),
                None => {
                    hidden = true;
                    "a relation that the statement does not name".to_owned()
                }
            }
        } else if word == "INDEX" && hidden {
            // The rest would name the index and its columns.
            words.by_ref().for_each(drop);
            "index".to_owned()
        } else if word.contains("bedplate_") || word.contains("pg_set_") {
            "function".to_owned()
        } else if word.bytes().all(|byte| byte.is_ascii_uppercase() || matches!(byte, b'-' | b'_')) {
            word.to_ascii_lowercase()
        } else {
            word.to_owned()
        };
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&text);
    }
    let mut letters = out.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => out,
    }
}

fn write_lines(node: &Node, depth: usize, lines: &mut Vec<String>) {
    let lead = if depth == 0 { String::new() } else { format!("{}->  ", "  ".repeat(depth)) };
    lines.push(format!("{lead}{}", node.text));
    node.below.iter().for_each(|below| write_lines(below, depth + 1, lines));
}

fn write_json(node: &Node, out: &mut String) {
    out.push_str("{\"Node\": ");
    push_json(&node.text, out);
    if !node.below.is_empty() {
        out.push_str(", \"Plans\": [");
        for (at, below) in node.below.iter().enumerate() {
            if at > 0 {
                out.push_str(", ");
            }
            write_json(below, out);
        }
        out.push(']');
    }
    out.push('}');
}

fn push_json(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn what_the_statement_does_not_name_stays_unnamed() {
        let names = [("r1".to_owned(), "todos".to_owned())];
        assert_eq!(words("SCAN r1", &names), "Scan todos");
        assert_eq!(
            words("SEARCH r1 USING INDEX public.todos_owner (owner=?)", &names),
            "Search todos using index public.todos_owner (owner=?)"
        );
        let hidden = words("SEARCH r2 USING COVERING INDEX private.secrets_key (secret=?)", &names);
        assert_eq!(hidden, "Search a relation that the statement does not name using covering index");
    }
}
