//! Analysis against what a PostgreSQL server said of the same statements (`record.py`): names and types of columns and
//! parameters, or the error with its position, detail and hint.
//!
//! `refused.txt` lists the statements that are refused with 0A000 though PostgreSQL takes them; `UPDATE_GOLDENS=1` rewrites it.

#![expect(clippy::unwrap_used, reason = "a test may fail by panic")]

mod fixture;

use compile::Asker;
use compile::analysis::Analysis;
use std::fmt::Write;
use syntax::ast::Statement;

/// The tree does not carry where these errors stand; all else of them is equal.
const PLACED_OTHERWISE: &[&str] = &[
    "select * from generate_series(1, 3) as x(a int)",
    "select sum(n) over nosuch from todos",
    "select sum(n) over (w partition by id) from todos window w as (partition by owner)",
    "select 1 from todos window w as (order by id), w as (order by n)",
];

/// An error's text without its position.
fn unplaced(text: &str) -> String {
    match (text.find(" at "), text.find(": ")) {
        (Some(at), Some(colon)) if at < colon => format!("{}{}", &text[..at], &text[colon..]),
        _ => text.to_owned(),
    }
}

/// What analysis says of a statement, written as the recorder writes it.
fn analysed(catalog: &catalog::Catalog, text: &str) -> String {
    let mut out = String::new();
    let path = ["public".to_owned()];
    let asker = Asker { role: fixture::POSTGRES, session_user: fixture::POSTGRES, search_path: &path };
    let result = syntax::parse_statement(text).and_then(|statement| {
        let Statement::Select(select) = statement else {
            return Err(sqlstate::DatabaseError::unsupported("what is no query"));
        };
        let mut analysis = Analysis::new(catalog, &asker, &[]);
        let query = analysis.query(None, &select)?;
        Ok((analysis.finish_parameters()?, query.columns))
    });
    let search = catalog::lookup::SearchPath::new(catalog, &path, fixture::POSTGRES);
    match result {
        Ok((parameters, columns)) => {
            for (at, ty) in parameters.iter().enumerate() {
                writeln!(out, "  ${} {}", at + 1, catalog.format_type(&search, *ty)).unwrap();
            }
            // PostgreSQL tells clients the type below a domain.
            for column in columns {
                let ty = catalog.base_type(column.ty);
                writeln!(out, "  {}: {}", column.name, catalog.format_type(&search, ty)).unwrap();
            }
        }
        Err(error) => {
            let fields = error.fields();
            let place = fields.position.map_or(String::new(), |at| format!(" at {at}"));
            writeln!(out, "  ERROR {}{place}: {}", fields.code, fields.message).unwrap();
            if let Some(detail) = &fields.detail {
                writeln!(out, "  DETAIL: {detail}").unwrap();
            }
            if let Some(hint) = &fields.hint {
                writeln!(out, "  HINT: {hint}").unwrap();
            }
        }
    }
    out
}

#[test]
fn says_what_postgresql_says() {
    let catalog = fixture::catalog(include_str!("schema.sql"));
    let expected = include_str!("expected.txt");
    let mut wrong = String::new();
    let mut refused = String::new();
    let mut lines = expected.lines().peekable();
    let mut count = 0;
    while let Some(statement) = lines.next() {
        let mut wanted = String::new();
        while let Some(line) = lines.next_if(|line| line.starts_with("  ")) {
            wanted.push_str(line);
            wanted.push('\n');
        }
        count += 1;
        let found = analysed(&catalog, statement);
        let placed_otherwise = PLACED_OTHERWISE.contains(&statement);
        assert!(!placed_otherwise || found != wanted, "now equal: {statement}");
        if found == wanted || placed_otherwise && unplaced(&found) == unplaced(&wanted) {
            continue;
        }
        if found.contains("is not supported by the embedded engine") {
            let why = found.lines().next().unwrap_or_default().trim();
            writeln!(refused, "{statement}\n  {why}").unwrap();
            continue;
        }
        writeln!(wrong, "{statement}\n wanted\n{wanted} found\n{found}").unwrap();
    }
    assert!(count > 300, "only {count} statements");
    let golden = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/analysis/refused.txt");
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        std::fs::write(&golden, &refused).unwrap();
    }
    assert!(wrong.is_empty(), "{} differ:\n{wrong}", wrong.matches(" wanted\n").count());
    assert_eq!(refused, std::fs::read_to_string(&golden).unwrap(), "what is refused has changed");
}
