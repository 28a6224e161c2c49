//! psql's aligned tables.

use super::value::text;
use database::ResultSet;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Types that psql aligns to the right.
const TO_THE_RIGHT: [&str; 10] =
    ["smallint", "integer", "bigint", "real", "double precision", "oid", "xid", "xid8", "cid", "money"];

/// The result as psql prints it, with the count of rows and the empty line after it.
pub fn table(result: &ResultSet) -> String {
    let columns = &result.columns;
    let headers: Vec<Vec<String>> = columns.iter().map(|column| lines(&column.name)).collect();
    let rows: Vec<Vec<Vec<String>>> = result
        .rows
        .iter()
        .map(|row| {
            row.iter().zip(columns.iter()).map(|(value, column)| lines(&text(value, column))).collect()
        })
        .collect();
    let widths: Vec<usize> = (0..columns.len())
        .map(|index| {
            let cells = rows.iter().filter_map(|row| row.get(index)).chain(headers.get(index));
            cells.flatten().map(|line| line.width()).max().unwrap_or(0)
        })
        .collect();
    let right: Vec<bool> = columns
        .iter()
        .map(|column| {
            TO_THE_RIGHT.contains(&&*column.type_name)
                || column.type_name.starts_with("numeric") && !column.type_name.ends_with("[]")
        })
        .collect();
    let mut out = String::new();
    write_header(&headers, &widths, &mut out);
    let rule: Vec<String> = widths.iter().map(|width| "-".repeat(width + 2)).collect();
    out.push_str(if rule.is_empty() { "--" } else { "" });
    out.push_str(&rule.join("+"));
    out.push('\n');
    for row in rows.iter().filter(|row| !row.is_empty()) {
        write_row(row, &widths, &right, &mut out);
    }
    out.push_str(&match result.rows.len() {
        1 => "(1 row)\n\n".to_owned(),
        count => format!("({count} rows)\n\n"),
    });
    out
}

fn write_header(headers: &[Vec<String>], widths: &[usize], out: &mut String) {
    let height = headers.iter().map(Vec::len).max().unwrap_or(0);
    if headers.is_empty() {
        return;
    }
    for line in 0..height {
        for (index, (header, width)) in headers.iter().zip(widths).enumerate() {
            let part = header.get(line).map_or("", String::as_str);
            let blanks = width - part.width();
            let left = blanks / 2;
            let more = line + 1 < header.len();
            out.push_str(if index > 0 { "|" } else { "" });
            out.push(' ');
            out.push_str(&" ".repeat(left));
            out.push_str(part);
            out.push_str(&" ".repeat(blanks - left));
            out.push(if more { '+' } else { ' ' });
        }
        out.push('\n');
    }
}

fn write_row(row: &[Vec<String>], widths: &[usize], right: &[bool], out: &mut String) {
    let height = row.iter().map(Vec::len).max().unwrap_or(1);
    for line in 0..height {
        for (index, cell) in row.iter().enumerate() {
            let last = index + 1 == row.len();
            let part = cell.get(line).map_or("", String::as_str);
            let blanks = " ".repeat(widths[index] - part.width());
            let more = line + 1 < cell.len();
            out.push_str(if index > 0 { "|" } else { "" });
            out.push(' ');
            if right[index] && line < cell.len() {
                out.push_str(&blanks);
                out.push_str(part);
            } else {
                out.push_str(part);
                out.push_str(if last && !more { "" } else { &blanks });
            }
            if more {
                out.push('+');
            } else if !last {
                out.push(' ');
            }
        }
        out.push('\n');
    }
}

/// The lines of a cell, with what a terminal would not show as itself.
fn lines(text: &str) -> Vec<String> {
    text.split('\n').map(visible).collect()
}

fn visible(line: &str) -> String {
    let mut shown = String::with_capacity(line.len());
    for character in line.chars() {
        match character {
            '\r' => shown.push_str("\\r"),
            '\t' => {
                let width = shown.width();
                shown.push_str(&" ".repeat(8 - width % 8));
            }
            c if c.is_control() => shown.push_str(&match u32::from(c) {
                code @ 0..=0x7f => format!("\\x{code:02X}"),
                code => format!("\\u{code:04X}"),
            }),
            c => {
                debug_assert!(c.width().is_some());
                shown.push(c);
            }
        }
    }
    shown
}
