//! Rows as comma-separated values, each as PostgreSQL prints it within a row.

use catalog::Oid;
use data_encoding::HEXLOWER;
use database::{ResultSet, Value};

/// pg_type.oid of real.
const FLOAT4: Oid = 700;

/// A line of names, then one for each row; without rows an empty line and nothing else.
pub(crate) fn lines(result: &ResultSet, with_header: bool) -> String {
    let mut out = String::new();
    if with_header && !result.rows.is_empty() {
        let names: Vec<&str> = result.columns.iter().map(|column| &*column.name).collect();
        out.push_str(&names.join(","));
    }
    for row in &result.rows {
        out.push('\n');
        for (at, value) in row.iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            let type_oid = result.columns.get(at).map_or(0, |column| column.type_oid);
            field(value, type_oid, &mut out);
        }
    }
    if result.rows.is_empty() {
        out.push('\n');
    }
    out
}

fn field(value: &Value, type_oid: Oid, out: &mut String) {
    match value {
        Value::Null => {}
        Value::Bool(truth) => out.push(if *truth { 't' } else { 'f' }),
        Value::Int(number) => out.push_str(&number.to_string()),
        Value::Float(number) => out.push_str(&float(*number, type_oid)),
        Value::Bytes(bytes) => quoted(&format!("\\x{}", HEXLOWER.encode(bytes)), out),
        Value::Text(text) => quoted(text, out),
    }
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

/// The shortest digits that mean the number, with an exponent where PostgreSQL writes one.
fn float(number: f64, type_oid: Oid) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    #[expect(clippy::cast_possible_truncation, reason = "a real came as a real")]
    let (digits, limit) =
        if type_oid == FLOAT4 { (format!("{:e}", number as f32), 6) } else { (format!("{number:e}"), 15) };
    let (mantissa, exponent) = digits.split_once('e').unwrap_or((&digits, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..limit).contains(&exponent) {
        #[expect(clippy::cast_possible_truncation, reason = "a real came as a real")]
        let plain = if type_oid == FLOAT4 { format!("{}", number as f32) } else { format!("{number}") };
        return plain;
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What PostgreSQL 15 prints for these.
    #[test]
    fn floats_are_postgresqls() {
        for (number, text) in [
            (1.5, "1.5"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (123_456_789_012_345.0, "123456789012345"),
            (1_234_567_890_123_456.0, "1.234567890123456e+15"),
            (1e100, "1e+100"),
            (-0.0, "-0"),
        ] {
            assert_eq!(float(number, 701), text);
        }
        assert_eq!(float(1_234_567.0, FLOAT4), "1.234567e+06");
        assert_eq!(float(f64::from(0.1_f32), FLOAT4), "0.1");
    }
}
