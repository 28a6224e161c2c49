//! A new database with its foundation.

use super::{operator, rows};
use crate::database::{EmbeddedDatabase, Options};
use ::database::{Database, Session, Statement, Value, Work, lay_foundation};

async fn founded() -> EmbeddedDatabase {
    let database = EmbeddedDatabase::open(Options::default()).unwrap();
    lay_foundation(&database).await.unwrap();
    database
}

#[tokio::test]
async fn the_foundation_is_laid() {
    let database = founded().await;
    assert_eq!(rows(&database, "SELECT count(*) FROM auth.users").await, [[Value::Int(0)]]);
    let session = Session::new("authenticated")
        .with_setting("request.jwt.claims", "{\"sub\":\"6c5b9fd2-7a43-4b5a-8bd1-3a3a6a1f8b1e\"}");
    let work = Work::one(Statement::new(
        "select auth.uid()::text, auth.role(), session_user::text, current_user::text",
    ));
    let outcomes = database.run(&session, work).await.unwrap();
    assert_eq!(
        outcomes[0].result.rows,
        [[
            Value::from("6c5b9fd2-7a43-4b5a-8bd1-3a3a6a1f8b1e"),
            Value::Null,
            Value::from("authenticator"),
            Value::from("authenticated")
        ]]
    );
    for role in ["postgres", "supabase_admin", "supabase_auth_admin"] {
        let work = Work::one(Statement::new("select 1"));
        let error = database.run(&Session::new(role), work).await.unwrap_err();
        assert_eq!(error.to_string(), format!("42501: permission denied to set role \"{role}\""));
    }
    let escape = Work::one(Statement::new("select set_config('role', 'postgres', true)"));
    let error = database.run(&Session::new("anon"), escape).await.unwrap_err();
    assert_eq!(error.code(), sqlstate::INSUFFICIENT_PRIVILEGE);
    let show = Work::one(Statement::new("show statement_timeout"));
    let outcomes = database.run(&Session::new("anon"), show).await.unwrap();
    assert_eq!(outcomes[0].result.rows, [[Value::from("3s")]]);
}

#[tokio::test]
async fn every_statement_of_the_foundation_runs_by_itself() {
    let database = EmbeddedDatabase::open(Options::default()).unwrap();
    let mut refused = Vec::new();
    for role in catalog::bootstrap::ROLES {
        if let Err(error) = database.run(&operator(), Work::one(Statement::new(role.create))).await {
            refused.push(format!("{error:?} {}", role.create));
        }
    }
    for script in catalog::bootstrap::SCRIPTS {
        for statement in syntax::split_script(script.sql).unwrap() {
            let mut statements = vec![Statement::new(statement.text)];
            if let Some(role) = script.role {
                statements.insert(0, Statement::new(format!("set local role {role}")));
            }
            if let Err(error) = database.run(&operator(), Work::all(statements)).await {
                refused.push(format!("{error:?} {}", statement.text));
            }
        }
    }
    refused.retain(|refusal| !refusal.contains("already exists"));
    assert!(refused.is_empty(), "{refused:#?}");
}

#[tokio::test]
async fn a_file_is_what_it_was_when_it_is_opened_again() {
    let folder = std::env::temp_dir().join(format!("bedplate-again-{}", std::process::id()));
    let options = || Options { path: Some(folder.join("database")), clock: None };
    let database = EmbeddedDatabase::open(options()).unwrap();
    lay_foundation(&database).await.unwrap();
    let script = "
        create type mood as enum ('low', 'high');
        create table public.todo (id int generated always as identity primary key, title text not null check (title <> ''),
          feeling mood default 'high', done boolean not null default false);
        alter table todo enable row level security;
        create policy shown on todo for select to anon using (not done);
        grant select on todo to anon;
        insert into todo (title) values ('one'), ('two');
        savepoint a; alter table todo add column gone int; rollback to a;
        alter table todo add column more int default 3;
        insert into todo (title, done) values ('three', true);";
    let statements = syntax::split_script(script).unwrap();
    let work = Work::all(statements.iter().map(|statement| Statement::new(statement.text)));
    database.run(&operator(), work).await.unwrap();
    let before = database.catalog().await.unwrap();
    database.close().await.unwrap();
    drop(database);
    let database = EmbeddedDatabase::open(options()).unwrap();
    assert!(*before == *database.catalog().await.unwrap());
    let shown = Work::one(Statement::new("select id, title, feeling, more from todo order by id"));
    let outcomes = database.run(&Session::new("anon"), shown).await.unwrap();
    let row = |id, title: &str| vec![Value::Int(id), Value::from(title), Value::from("high"), Value::Int(3)];
    assert_eq!(outcomes[0].result.rows, [row(1, "one"), row(2, "two")]);
    assert_eq!(
        rows(&database, "insert into todo (title) values ('four') returning id").await,
        [[Value::Int(4)]]
    );
    let empty = Work::one(Statement::new("insert into todo (title) values ('')"));
    let error = database.run(&operator(), empty).await.unwrap_err();
    assert_eq!(error.fields().detail.as_deref(), Some("Failing row contains (5, , high, f, 3)."));
    drop(database);
    std::fs::remove_dir_all(folder).unwrap();
}
