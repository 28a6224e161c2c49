//! Definition statements against what PostgreSQL 15 answered to them (record.py): each answer, then all that the catalog
//! holds in the end.
//!
//! A line `-- refused: …` above a statement marks what the embedded engine refuses by choice (0A000) where PostgreSQL does
//! not; such a statement is run here only.

mod analyzer;
mod check;
mod state;

use analyzer::Small;
use catalog::exposure::{Exposure, exposed, relation_exposure};
use catalog::{Catalog, Oid, store};
use check::{answer, check, check_bootstrap, fresh};

macro_rules! cases {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                let name = stringify!($name);
                check(
                    &Small,
                    name,
                    include_str!(concat!("cases/", stringify!($name), ".sql")),
                    include_str!(concat!("cases/", stringify!($name), ".expected")),
                    &|_| String::new(),
                );
            }
        )*
    };
}

#[test]
fn bootstrap_makes_what_it_makes_on_postgresql() {
    check_bootstrap(&Small, include_str!("cases/bootstrap.expected"));
}

cases! {
    alter_table
    create_table
    drop
    functions
    grants
    indexes
    policies
    types
    views_sequences
}

/// The records of a database with one of everything, as the first release wrote them. A change of this text breaks files
/// that exist: what comes later needs a default, and a fixture of its own beside this one.
#[test]
fn records_of_the_first_format_read_back() {
    let fixture = include_str!("fixtures/records-1.tsv");
    let rows: Vec<(store::Kind, Oid, &str)> = fixture
        .lines()
        .map(|line| {
            let mut fields = line.splitn(3, '\t');
            let kind = store::Kind::from_word(fields.next().expect("a kind")).expect("a known kind");
            let oid = fields.next().expect("an OID").parse().expect("a number");
            (kind, oid, fields.next().expect("an object"))
        })
        .collect();
    let catalog = store::from_records(rows).expect("a catalog");
    assert_eq!(lines(&catalog), fixture);
    for record in store::records(&objects()).expect("records") {
        let found = store::records(&catalog).expect("records").iter().any(|other| other.kind == record.kind);
        assert!(found, "the fixture has no {:?}", record.kind);
    }
}

/// What difference() says turns the records of one catalog into those of the other.
#[test]
fn differences_lead_from_one_catalog_to_the_other() {
    let (old, new) = (fresh(), objects());
    for (from, to) in [(&old, &new), (&new, &old), (&new, &new)] {
        let change = store::difference(from, to).expect("a difference");
        let mut rows: std::collections::BTreeMap<(store::Kind, Oid), String> =
            std::collections::BTreeMap::new();
        for record in store::records(from).expect("records") {
            rows.insert((record.kind, record.oid), record.json);
        }
        for key in &change.deletes {
            assert!(rows.remove(key).is_some(), "{key:?}");
        }
        for record in change.upserts {
            let same = rows.insert((record.kind, record.oid), record.json.clone());
            assert_ne!(same, Some(record.json), "an upsert that changes nothing");
        }
        let read = rows.iter().map(|((kind, oid), json)| (*kind, *oid, json.as_str()));
        assert!(store::from_records(read).expect("a catalog") == *to);
    }
}

fn objects() -> Catalog {
    let mut catalog = fresh();
    for statement in syntax::split_script(include_str!("fixtures/objects.sql")).expect("a script") {
        let answer = answer(&Small, &mut catalog, statement.text);
        assert!(answer.get("error").is_none(), "{}\n{answer}", statement.text);
    }
    catalog
}

fn lines(catalog: &Catalog) -> String {
    let line = |record: &store::Record| format!("{}\t{}\t{}\n", record.kind.word(), record.oid, record.json);
    store::records(catalog).expect("records").iter().map(line).collect()
}

fn exposure_of(catalog: &Catalog, role: &str, table: &str, open: &[&str]) -> Exposure {
    let open: Vec<String> = open.iter().map(|name| (*name).to_owned()).collect();
    let relation = catalog.relation_named("public", table).expect("a table");
    let role = catalog.role(role).expect("a role").oid;
    let found = relation_exposure(catalog, role, relation, &open);
    let listed = exposed(catalog, role, &open).relations.contains(&relation.oid);
    assert_eq!(listed, found == Exposure::Shown);
    found
}

#[test]
fn a_table_that_nobody_opened_is_not_shown() {
    let mut catalog = fresh();
    let script = "
        create role case_anon;
        alter default privileges in schema public grant all on tables to case_anon;
        create table bare (a int);
        create table guarded (a int);
        alter table guarded enable row level security;
        create table given (a int);
        grant select on given to case_anon;
        create table by_column (a int, b int);
        grant select (a) on by_column to case_anon;
        create table taken (a int);
        revoke all on taken from case_anon;
        create view seen as select a from bare;
    ";
    for statement in syntax::split_script(script).expect("a script") {
        let answer = answer(&Small, &mut catalog, statement.text);
        assert!(answer.get("error").is_none(), "{}\n{answer}", statement.text);
    }
    let of = |table, open: &[&str]| exposure_of(&catalog, "case_anon", table, open);
    assert_eq!(of("bare", &[]), Exposure::NotOpened);
    assert_eq!(of("bare", &["other", "app.bare"]), Exposure::NotOpened);
    assert_eq!(of("bare", &["bare"]), Exposure::Shown);
    assert_eq!(of("bare", &["public.bare"]), Exposure::Shown);
    assert_eq!(of("bare", &["*"]), Exposure::Shown);
    assert_eq!(of("guarded", &[]), Exposure::Shown);
    assert_eq!(of("given", &[]), Exposure::Shown);
    assert_eq!(of("by_column", &[]), Exposure::Shown);
    assert_eq!(of("taken", &["*"]), Exposure::NotGranted);
    assert_eq!(of("seen", &[]), Exposure::Shown);
}

#[test]
fn extensions_bring_what_is_offered_and_what_is_refused() {
    let mut catalog = fresh();
    for (statement, code) in [
        ("create extension pg_net with schema extensions", None),
        ("create extension pg_cron", None),
        ("create extension pgjwt with schema nosuch", Some("3F000")),
        ("create extension pgjwt", None),
        ("create extension pgjwt", Some("42710")),
        ("create extension if not exists pgjwt", None),
        ("create extension supabase_vault", None),
        ("create extension postgis", Some("0A000")),
        ("create table t (e citext)", Some("42704")),
        ("create extension citext", None),
        ("create table t (e citext)", None),
        ("drop extension citext", Some("2BP01")),
        ("drop extension pg_net", None),
        ("drop extension nosuch", Some("42704")),
    ] {
        let answer = answer(&Small, &mut catalog, statement);
        assert_eq!(answer["error"]["code"].as_str(), code, "{statement}: {answer}");
    }
    let has = |schema: &str, name: &str| {
        let schema = catalog.schema(schema).expect("its schema").oid;
        catalog.functions_in(schema, name).count()
    };
    assert_eq!((has("cron", "schedule"), has("net", "http_post"), has("public", "sign")), (2, 0, 1));
}
