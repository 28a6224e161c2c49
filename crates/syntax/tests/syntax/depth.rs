//! No input may overflow the stack: not the parser's, nor that of whoever walks, writes, compares, copies or drops a tree.

use std::fmt::Write as _;

/// Statements that nest `n` levels in one way each.
fn nestings(n: usize) -> Vec<(&'static str, String)> {
    let around =
        |before: &str, core: &str, after: &str| format!("{}{core}{}", before.repeat(n), after.repeat(n));
    let list = |head: &str, item: &str| {
        let mut text = head.to_owned();
        for _ in 0..n {
            text.push_str(item);
        }
        text
    };
    vec![
        ("parentheses", format!("select {}", around("(", "1", ")"))),
        ("rows", format!("select {}", around("(1,", "1", ")"))),
        ("calls", format!("select {}", around("f(", "1", ")"))),
        ("named arguments", format!("select {}", around("f(a => ", "1", ")"))),
        ("casts", list("select 1", "::int")),
        ("cast functions", format!("select {}", around("cast(", "1", " as int)"))),
        ("signs", list("select ", "- ") + "a"),
        ("negations", list("select ", "not ") + "a"),
        ("prefix operators", list("select ", "@ ") + "a"),
        ("sums", list("select 1", " + 1")),
        ("powers", list("select 1", " ^ 1")),
        ("concatenations", list("select 'a'", " || 'a'")),
        ("is null", list("select a", " is null")),
        ("in", list("select a", " in (1)")),
        ("any", list("select a", " = any (b)")),
        ("between", format!("select {}", around("a between ", "1", " and 2"))),
        ("like", format!("select {}", around("a like (", "'x'", ")"))),
        ("collate", list("select a", " collate \"C\"")),
        ("time zones", list("select a", " at time zone 'utc'")),
        ("and", list("select a", " and a")),
        ("and in parentheses", format!("select {}", around("a and (", "a", ")"))),
        ("subscripts", list("select a", "[1]")),
        ("subscripts in each other", format!("select {}", around("a[", "1", "]"))),
        ("fields", list("select (a)", ".b")),
        ("arrays", format!("select array{}", around("[", "1", "]"))),
        ("array calls", format!("select {}", around("array[", "1", "]"))),
        ("case", format!("select {}", around("case when a then ", "1", " end"))),
        ("case operands", format!("select {}", around("case ", "1", " when 1 then 1 end"))),
        ("coalesce", format!("select {}", around("coalesce(", "1", ")"))),
        ("extract", format!("select {}", around("extract(year from ", "a", ")"))),
        ("trim", format!("select {}", around("trim(", "a", ")"))),
        ("sub-queries", around("select (", "select 1", ")")),
        ("queries in parentheses", around("(", "select 1", ")")),
        ("exists", around("select exists (", "select 1", ")")),
        ("array queries", around("select array(", "select 1", ")")),
        ("in queries", around("select a in (", "select 1", ")")),
        ("sub-queries in FROM", around("select * from (", "select 1", ") x")),
        ("lateral", around("select * from a, lateral (", "select 1", ") x")),
        ("ctes", around("with a as (", "select 1", ") select 1")),
        ("ctes of inserts", around("with a as (insert into t ", "select 1", ") select 1")),
        ("unions", list("select 1", " union select 1")),
        ("unions in parentheses", around("(select 1 union ", "select 1", ")")),
        ("intersections", list("select 1", " intersect select 1")),
        ("joins", list("select * from a", " join a on true")),
        ("joins to the right", format!("select * from a{}{}", " join a".repeat(n), " on true".repeat(n))),
        ("joins in parentheses", format!("select * from {}", around("(a cross join ", "b", ")"))),
        ("parentheses in FROM", format!("select * from {}", around("(", "a cross join b", ")"))),
        ("grouping sets", format!("select 1 group by {}", around("grouping sets (", "a", ")"))),
        ("windows", format!("select {}", around("f() over (order by ", "a", ")"))),
        ("frames", format!("select {}", around("f() over (rows ", "1", " preceding)"))),
        ("filters", format!("select {}", around("f() filter (where ", "a", ")"))),
        ("order by", around("select 1 order by (", "select 1", ")")),
        ("limit", around("select 1 limit (", "select 1", ")")),
        ("defaults", format!("create table t (a int default {})", around("(", "1", ")"))),
        ("type modifiers", format!("select a::{}", around("b(1::", "c", ")"))),
        ("policies", format!("create policy p on t using ({})", around("(select ", "a", ")"))),
        ("views", format!("create view v as {}", around("select * from (", "select 1", ") x"))),
        ("schemas", around("create schema s ", "", "")),
        ("explain", around("explain ", "select 1", "")),
        ("functions in FROM", format!("select * from {}", around("f((select a from ", "b", "))"))),
        ("overlaps", format!("select {}", around("(a, ", "b", ") overlaps (c, d)"))),
        ("set", format!("update t set a = {}", around("(select ", "a", ")"))),
        ("opening parentheses", "select ".to_owned() + &"(".repeat(n)),
        ("opening brackets", "select a".to_owned() + &"[".repeat(n)),
        ("comments", format!("select {} 1", around("/* ", "", " */"))),
    ]
}

/// What is done with a tree somewhere.
fn use_tree(text: &str) -> Result<(), sqlstate::DatabaseError> {
    struct Count(usize);
    impl syntax::visit::Visit for Count {
        fn expr(&mut self, expr: &syntax::ast::Expr) {
            self.0 += 1;
            syntax::visit::walk_expr(self, expr);
        }
    }
    let statement = syntax::parse_statement(text)?;
    let copy = statement.clone();
    assert!(copy == statement, "a copy is equal");
    let mut out = String::new();
    write!(out, "{statement:?}").expect("writes to a text");
    let mut count = Count(0);
    syntax::visit::Visit::statement(&mut count, &statement);
    let _ = syntax::deparse::statement(&statement);
    Ok(())
}

/// Runs with the stack that tokio's and the test runner's threads have.
fn on_small_stack(run: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(run).expect("starts");
    thread.join().expect("no panic");
}

#[test]
fn deep_nesting_is_refused_without_overflow() {
    on_small_stack(|| {
        let flat = ["and", "subscripts", "comments"];
        for n in [60, 150, 190, 250, 1000, 20_000] {
            for (what, text) in nestings(n) {
                let result = use_tree(&text);
                if n >= 1000 && !flat.contains(&what) {
                    let error = result.expect_err(what);
                    let code = error.code().as_str().to_owned();
                    assert!(matches!(code.as_str(), "54001" | "42601"), "{what}: {error}");
                }
            }
        }
    });
}

#[test]
fn what_people_write_is_not_too_deep() {
    for (what, text) in nestings(20) {
        let wrong = ["schemas", "explain", "opening parentheses", "opening brackets", "overlaps", "between"];
        if !wrong.contains(&what) {
            use_tree(&text).unwrap_or_else(|error| panic!("{what}: {error}"));
        }
    }
}

#[test]
fn the_error_is_postgresqls() {
    let error = syntax::parse_statement(&format!("select {}1{}", "(".repeat(9999), ")".repeat(9999)))
        .expect_err("deep");
    assert_eq!(error.code(), sqlstate::STATEMENT_TOO_COMPLEX);
    assert_eq!(error.message(), "stack depth limit exceeded");
}
