//! Migrations as real projects have them.

use std::path::Path;
use syntax::ast::{self, Statement};

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/migrations").join(name);
    std::fs::read_to_string(path).expect("is in the repository")
}

/// The statements that are refused, by their words.
fn refused(name: &str) -> (usize, Vec<String>) {
    let text = read(name);
    let statements = syntax::parse_script(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut refused = Vec::new();
    for parsed in &statements {
        assert_eq!(&text[parsed.range.clone()], parsed.text, "the range is the text's");
        assert_eq!(
            text[..parsed.range.start].matches('\n').count() + 1,
            parsed.line as usize,
            "the line is the text's"
        );
        assert_eq!(
            syntax::parse_statement(&parsed.text).as_ref(),
            Ok(&parsed.statement),
            "alone as in the script"
        );
        if let Statement::Unsupported { what, .. } = &parsed.statement {
            refused.push(what.clone());
        }
    }
    (statements.len(), refused)
}

#[test]
fn an_apps_first_migration() {
    assert_eq!(refused("profiles.sql"), (43, vec![]));
}

#[test]
fn a_dump() {
    assert_eq!(refused("dump.sql"), (52, vec![]));
}

#[test]
fn jobs_and_reports() {
    let what = ["CREATE RULE", "CREATE EVENT TRIGGER"];
    assert_eq!(refused("jobs.sql"), (29, what.map(str::to_owned).to_vec()));
}

#[test]
fn a_thousand_tables_parse_in_milliseconds() {
    let mut text = String::new();
    for number in 0..1000 {
        text.push_str(&format!(
            "create table public.table_{number} (id uuid primary key default gen_random_uuid(), owner_id uuid not null \
             references auth.users (id) on delete cascade, title text not null check (char_length(title) > 0), \
             done boolean not null default false, created_at timestamptz not null default now());\n\
             alter table public.table_{number} enable row level security;\n\
             create policy own on public.table_{number} for all to authenticated using (auth.uid() = owner_id);\n"
        ));
    }
    let start = std::time::Instant::now();
    let statements = syntax::parse_script(&text).expect("parses");
    let took = start.elapsed();
    assert_eq!(statements.len(), 3000);
    // Generous, for a dev build on a busy machine; it is about a hundredth of this in a release build.
    assert!(took.as_millis() < 1500, "{took:?}");
}

#[test]
fn a_functions_body_stays_text_with_its_position() {
    let text = "create function f() returns int as $x$ select 'ä' $x$ language sql";
    let Ok(Statement::CreateFunction(function)) = syntax::parse_statement(text) else { panic!("a function") };
    let [ast::FunctionOption::As { body, position, .. }, ast::FunctionOption::Language(language)] =
        function.options.as_slice()
    else {
        panic!("{:?}", function.options)
    };
    assert_eq!((body.as_str(), language.as_str()), (" select 'ä' ", "sql"));
    assert_eq!(text.chars().nth(*position as usize - 1), Some(' '), "the first character behind the quote");
    assert_eq!(*position, 39);
}

#[test]
fn what_is_built_in_has_its_own_name() {
    let name = |text: &str| {
        let type_name = syntax::parse_type_name(text).expect("a type");
        (type_name.name.parts.join("."), type_name.modifiers.len(), type_name.array.len())
    };
    assert_eq!(name("int"), ("pg_catalog.int4".to_owned(), 0, 0));
    assert_eq!(name("timestamp with time zone"), ("pg_catalog.timestamptz".to_owned(), 0, 0));
    assert_eq!(name("char"), ("pg_catalog.bpchar".to_owned(), 1, 0));
    assert_eq!(name("decimal(10, 2)[][]"), ("pg_catalog.numeric".to_owned(), 2, 2));
    assert_eq!(name("text"), ("text".to_owned(), 0, 0));
    assert_eq!(name("a.b"), ("a.b".to_owned(), 0, 0));
}
