//! Rows as comma-separated values, each as PostgreSQL prints it within a row.

use database::ResultSet;

/// A line of names, then one for each row; without rows an empty line and nothing else.
pub(crate) fn lines(result: &ResultSet, with_header: bool) -> String {
    let mut out = String::new();
    if with_header && !result.rows.is_empty() {
        let names: Vec<&str> = result.columns.iter().map(|column| &*column.name).collect();
        out.push_str(&names.join(","));
    }
    for row in &result.rows {
        out.push('\n');
        for (at, (value, column)) in row.iter().zip(result.columns.iter()).enumerate() {
            if at > 0 {
                out.push(',');
            }
            if let Some(text) = value.text(column) {
                quoted(&text, &mut out);
            }
        }
    }
    if result.rows.is_empty() {
        out.push('\n');
    }
    out
}

fn quoted(text: &str, out: &mut String) {
    let needed = |c: char| matches!(c, '"' | '\\' | '(' | ')' | ',' | '\u{b}') || c.is_ascii_whitespace();
    if !text.is_empty() && !text.contains(needed) {
        out.push_str(text);
        return;
    }
    out.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            out.push(c);
        }
        out.push(c);
    }
    out.push('"');
}
