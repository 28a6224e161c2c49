//! The recorded statements, and trees without positions.

use std::path::Path;

/// The statements of a file with PostgreSQL's answers.
pub(crate) fn pairs(name: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let read = |path: &Path| std::fs::read_to_string(path).expect("is in the repository");
    let statements = read(&folder.join("statements").join(format!("{name}.sql")));
    let answers = read(&folder.join("recorded").join(format!("{name}.txt")));
    let pairs: Vec<_> = statements
        .lines()
        .map(|line| line.replace('␤', "\n"))
        .zip(answers.lines().map(str::to_owned))
        .collect();
    assert_eq!(pairs.len(), statements.lines().count(), "as many answers as statements in {name}");
    pairs
}

/// A tree as text without its positions.
pub(crate) fn shape(statement: &syntax::ast::Statement) -> String {
    let text = format!("{statement:?}");
    let mut out = String::with_capacity(text.len());
    for (index, part) in text.split("position: ").enumerate() {
        out.push_str(if index == 0 { part } else { part.trim_start_matches(|c: char| c.is_ascii_digit()) });
    }
    out
}

/// Parses, writes and parses again; the trees must be equal. False for what cannot be written.
pub(crate) fn round_trip(text: &str) -> bool {
    let Ok(first) = syntax::parse_statement(text) else { return false };
    let written = syntax::deparse::statement(&first);
    let before = shape(&first);
    // These are refused later on, so that nothing ever writes them; the tree does not keep their details.
    let refused = ["Unsupported", "sample: true", "into: Some"];
    if written.is_empty() || refused.iter().any(|word| before.contains(word)) {
        return false;
    }
    let second = syntax::parse_statement(&written)
        .unwrap_or_else(|error| panic!("{text}\nwas written as\n{written}\nwhich fails: {error}"));
    assert_eq!(before, shape(&second), "\n{text}\nwas written as\n{written}");
    assert_eq!(written, syntax::deparse::statement(&second), "written the same again");
    true
}

/// `SELECT expression`, for [`shape`].
pub(crate) fn statement_of(expr: syntax::ast::Expr) -> syntax::ast::Statement {
    let Ok(mut select) = syntax::parse_select("select 1") else { panic!("parses") };
    if let syntax::ast::QueryBody::Select(core) = &mut select.body {
        core.targets[0].expr = expr;
    }
    syntax::ast::Statement::Select(Box::new(select))
}
