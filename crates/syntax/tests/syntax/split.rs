//! Scripts into statements as psql splits them, and quoting as PostgreSQL quotes.

use syntax::{quote_identifier, quote_literal, split_script};

fn texts(script: &str) -> Vec<&str> {
    split_script(script).expect("splits").into_iter().map(|part| part.text).collect()
}

#[test]
fn semicolons_in_quotes_comments_and_parentheses_do_not_split() {
    let script =
        "select ';', \";\" /* ; /* ; */ */ -- ;\n, $$;$$, $a$;$$;$a$, e'\\';' ;; ; select (1;2)\n;select 1";
    assert_eq!(
        texts(script),
        ["select ';', \";\" /* ; /* ; */ */ -- ;\n, $$;$$, $a$;$$;$a$, e'\\';'", "select (1;2)", "select 1"]
    );
}

#[test]
fn bodies_of_routines_stay_whole() {
    // As psql splits them.
    let script = "create function f() returns int begin atomic select 1; select case when true then 1 else 2 end; end; select 1;\n\
                  create or replace procedure p() begin atomic begin; end; end; select 'end';\n\
                  create table begin (case int); begin; select 1; end;";
    assert_eq!(
        texts(script),
        [
            "create function f() returns int begin atomic select 1; select case when true then 1 else 2 end; end",
            "select 1",
            "create or replace procedure p() begin atomic begin; end; end",
            "select 'end'",
            "create table begin (case int)",
            "begin",
            "select 1",
            "end"
        ]
    );
}

#[test]
fn places_are_those_of_the_first_token() {
    let script = "-- ä comment\n\n  /* two\nlines */ select 1;\r\n\r\n\tfrobnicate the 'ä' thing ; -- end\n";
    let parts = split_script(script).expect("splits what does not parse");
    let found: Vec<_> =
        parts.iter().map(|part| (part.text, part.line, &script[part.offset..][..part.text.len()])).collect();
    assert_eq!(
        found,
        [("select 1", 4, "select 1"), ("frobnicate the 'ä' thing", 6, "frobnicate the 'ä' thing")]
    );
    assert_eq!(texts(" -- nothing\n"), Vec::<&str>::new());
}

#[test]
fn commands_of_psql_are_refused_with_their_line() {
    let script = "--\n-- dump\n--\n\n\\restrict aBc\n\nselect 1;";
    let error = split_script(script).expect_err("psql's");
    assert_eq!(error.message(), "\"\\restrict\" on line 5 is a command of psql, not SQL");
    assert_eq!(error.fields().position, Some(16));
    assert_eq!(texts("select '\\restrict'"), ["select '\\restrict'"]);
}

#[test]
fn rows_of_copy_belong_to_it() {
    let script = "copy public.t (a, b) from stdin;\n1\tit's; \\N\n2\t$$\n\\.\n\nselect 1;\ncopy u from stdin with csv;\n3";
    let parts = split_script(script).expect("splits");
    let found: Vec<_> = parts.iter().map(|part| (part.text, part.line, part.copy_data)).collect();
    assert_eq!(
        found,
        [
            ("copy public.t (a, b) from stdin", 1, Some("1\tit's; \\N\n2\t$$\n")),
            ("select 1", 6, None),
            ("copy u from stdin with csv", 7, Some("3")),
        ]
    );
    assert_eq!(split_script("copy t from 'file'; select 1").expect("splits")[0].copy_data, None);
}

#[test]
fn what_cannot_be_scanned_is_an_error_with_its_place() {
    let error = split_script("select 1;\nselect 'x").expect_err("unterminated");
    assert_eq!(error.message(), "unterminated quoted string at or near \"'x\"");
    assert_eq!(error.fields().position, Some(18));
    let error = syntax::parse_script("select 'ä';\nselect from from;").expect_err("wrong");
    assert_eq!(error.message(), "syntax error at or near \"from\"");
    assert_eq!(error.fields().position, Some(25), "in the script");
}

#[test]
fn identifiers_are_quoted_as_quote_ident_does() {
    for (name, quoted) in [
        ("plain", "plain"),
        ("with_1", "with_1"),
        ("1st", "\"1st\""),
        ("a$b", "\"a$b\""),
        ("Upper", "\"Upper\""),
        ("with space", "\"with space\""),
        ("quo\"te", "\"quo\"\"te\""),
        ("ä", "\"ä\""),
        ("", "\"\""),
        ("select", "\"select\""),
        ("name", "name"),
        ("left", "\"left\""),
        ("between", "\"between\""),
        ("user", "\"user\""),
        ("key", "key"),
    ] {
        assert_eq!(quote_identifier(name), quoted);
    }
}

#[test]
fn values_are_quoted_as_quote_literal_does() {
    assert_eq!(quote_literal("it's"), "'it''s'");
    assert_eq!(quote_literal(""), "''");
    assert_eq!(quote_literal("a\\b'"), "E'a\\\\b'''");
    assert_eq!(quote_literal("line\nbreak"), "'line\nbreak'");
}
