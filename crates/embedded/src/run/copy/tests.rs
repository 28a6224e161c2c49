//! Lines and fields, both ways.

use super::read::{Lines, fields, shown};
use super::write;
use compile::program::{CopyFormat, CopyHeader};

fn text() -> CopyFormat {
    CopyFormat {
        csv: false,
        header: CopyHeader::None,
        delimiter: b'\t',
        null: "\\N".to_owned(),
        quote: b'"',
        escape: b'"',
        force_quote: Vec::new(),
        force_not_null: Vec::new(),
        force_null: Vec::new(),
    }
}

fn csv() -> CopyFormat {
    CopyFormat { csv: true, delimiter: b',', null: String::new(), ..text() }
}

fn read(data: &str, format: &CopyFormat) -> Vec<Vec<Option<String>>> {
    let mut lines = Lines::new(data, format);
    let mut rows = Vec::new();
    while let Some(line) = lines.next().expect("lines") {
        let found = fields(line.text, format).expect("fields");
        rows.push(found.into_iter().map(|field| field.map(std::borrow::Cow::into_owned)).collect());
    }
    rows
}

#[test]
fn what_is_written_is_read_back() {
    let values: Vec<Vec<Option<String>>> = [
        vec![Some("a"), None, Some("")],
        vec![Some("tab\tnew\nline"), Some("back\\slash"), Some("\\N")],
        vec![Some("quote \" and, comma"), Some("é\u{1f600}"), Some("\r\u{8}\u{b}\u{c}")],
        vec![Some("\\."), Some("''"), Some("\"\"")],
    ]
    .into_iter()
    .map(|row| row.into_iter().map(|value| value.map(str::to_owned)).collect())
    .collect();
    for format in
        [text(), csv(), CopyFormat { escape: b'\\', ..csv() }, CopyFormat { delimiter: b'|', ..text() }]
    {
        let mut out = String::new();
        values.iter().for_each(|row| write::row(&mut out, &format, row));
        assert_eq!(read(&out, &format), values, "{format:?}");
    }
}

#[test]
fn octal_and_hexadecimal_escapes_are_bytes() {
    let rows = read("\\101\\x42\\x4\\t\\q\\\n", &text());
    assert_eq!(rows, [[Some("AB\u{4}\tq\n".to_owned())]]);
    assert!(fields("\\377", &text()).is_err());
}

#[test]
fn a_quoted_line_break_ends_no_line() {
    let mut lines_of = Vec::new();
    let format = csv();
    let mut lines = Lines::new("x,y\na,\"b\nc\"\nd,e", &format);
    while let Some(line) = lines.next().expect("lines") {
        lines_of.push((line.number, line.text.to_owned()));
    }
    assert_eq!(lines_of, [(1, "x,y".to_owned()), (3, "a,\"b\nc\"".to_owned()), (4, "d,e".to_owned())]);
    assert!(fields("a,\"b", &format).is_err());
}

#[test]
fn long_texts_are_cut_between_characters() {
    let long = "é".repeat(60);
    assert_eq!(shown(&long), format!("{}...", "é".repeat(50)));
}
