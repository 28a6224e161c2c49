//! Reads and writes: what is seen when, what is undone, what is answered.

use super::{open, operator, rows, run};
use crate::database::{EmbeddedDatabase, Options};
use ::database::{Database, End, Expectation, Session, Statement, Value, Work};
use std::sync::Arc;
use std::time::Duration;

fn int(number: i64) -> Value {
    Value::Int(number)
}

async fn count(database: &EmbeddedDatabase) -> i64 {
    rows(database, "SELECT count(*) FROM t").await[0][0].as_int().unwrap()
}

#[tokio::test]
async fn a_write_is_seen_by_the_next_read() {
    let database = open(Options::default());
    for number in 0..20 {
        let outcome = run(
            &database,
            "INSERT INTO t VALUES ($1, 'v' || $2)",
            vec![int(number), Value::from(number.to_string())],
        )
        .await
        .unwrap();
        assert_eq!(outcome.tag, "INSERT 0 1");
        assert_eq!(count(&database).await, number + 1);
    }
    let found = rows(&database, "SELECT v FROM t WHERE id = 7").await;
    assert_eq!(found, [[Value::from("v7")]]);
    database.close().await.unwrap();
    assert_eq!(run(&database, "SELECT 1", vec![]).await.unwrap_err().code().as_str(), "57P01");
}

#[tokio::test]
async fn rows_come_as_they_were_inserted_where_nothing_asks_for_an_order() {
    let database = open(Options::default());
    run(&database, "CREATE TABLE named (name text PRIMARY KEY)", vec![]).await.unwrap();
    run(&database, "INSERT INTO named VALUES ('b'), ('c'), ('a')", vec![]).await.unwrap();
    // The key's index holds all that is asked for.
    let found = rows(&database, "SELECT name FROM named").await;
    assert_eq!(found, ["b", "c", "a"].map(|name| [Value::from(name)]));
    database.close().await.unwrap();
}

#[tokio::test]
async fn a_failing_work_leaves_nothing() {
    let database = open(Options::default());
    let work = Work::all([
        Statement::new("INSERT INTO t VALUES (1, 'a')"),
        Statement::new("INSERT INTO t VALUES (1, 'b')"),
    ]);
    let error = database.run(&operator(), work).await.unwrap_err();
    assert_eq!(error.to_string(), "23505: duplicate key value violates unique constraint \"t_pkey\"");
    assert_eq!(error.fields().detail.as_deref(), Some("Key (id)=(1) already exists."));
    assert_eq!(error.fields().statement, Some(1));
    assert_eq!(count(&database).await, 0);
}

#[tokio::test]
async fn works_of_one_batch_do_not_harm_each_other() {
    let database = Arc::new(open(Options::default()));
    let mut tasks = Vec::new();
    for number in 0..200_i64 {
        let database = Arc::clone(&database);
        tasks.push(tokio::spawn(async move {
            // Every tenth comes twice.
            let id = if number % 10 == 9 { number - 1 } else { number };
            run(&database, "INSERT INTO t VALUES ($1, NULL) RETURNING id", vec![int(id)]).await.is_ok()
        }));
    }
    let mut done = 0;
    for task in tasks {
        done += i64::from(task.await.unwrap());
    }
    assert_eq!(done, 180);
    assert_eq!(count(&database).await, 180);
}

#[tokio::test]
async fn expectations_and_rollback() {
    let database = open(Options::default());
    let insert = || Statement::new("INSERT INTO t VALUES (1, 'a')");
    let counted = Statement {
        expectation: Expectation::CountWithin { column: "n".into(), min: 2, max: 9 },
        ..Statement::new("SELECT count(*) AS n FROM t")
    };
    let work = Work::all([insert(), counted, Statement::new("SELECT 1")]);
    let outcomes = database.run(&operator(), work).await.unwrap();
    assert_eq!(outcomes.iter().map(|outcome| outcome.met).collect::<Vec<_>>(), [true, false]);
    assert_eq!(count(&database).await, 0);
    let change = |rows| Statement::new("UPDATE t SET v = 'b'").expecting(Expectation::Affected(rows));
    let outcomes = database.run(&operator(), Work::all([insert(), change(2), insert()])).await.unwrap();
    assert_eq!(outcomes.iter().map(|outcome| outcome.met).collect::<Vec<_>>(), [true, false]);
    assert_eq!(count(&database).await, 0);
    let work = Work { end: End::Rollback, ..Work::all([insert(), change(1)]) };
    let outcomes = database.run(&operator(), work).await.unwrap();
    assert!(outcomes[1].met);
    let work = Work { end: End::Rollback, ..Work::all([insert(), Statement::new("SELECT v FROM t")]) };
    let outcomes = database.run(&operator(), work).await.unwrap();
    assert_eq!(outcomes[1].result.rows, [[Value::from("a")]]);
    assert_eq!(count(&database).await, 0);
}

#[tokio::test]
async fn savepoints() {
    let database = open(Options::default());
    let work = Work::all(
        [
            "INSERT INTO t VALUES (1, 'a')",
            "SAVEPOINT one",
            "INSERT INTO t VALUES (2, 'b')",
            "ROLLBACK TO one",
            "INSERT INTO t VALUES (3, 'c')",
            "RELEASE one",
        ]
        .map(Statement::new),
    );
    let outcomes = database.run(&operator(), work).await.unwrap();
    assert_eq!(outcomes[3].tag, "ROLLBACK");
    assert_eq!(rows(&database, "SELECT id FROM t ORDER BY id").await, [[int(1)], [int(3)]]);
    let error = database.run(&operator(), Work::one(Statement::new("RELEASE nothing"))).await.unwrap_err();
    assert_eq!(error.to_string(), "3B001: savepoint \"nothing\" does not exist");
    let error = database.run(&operator(), Work::one(Statement::new("COMMIT"))).await.unwrap_err();
    assert_eq!(error.code().as_str(), "0A000");
    let script = Work::script(["BEGIN", "INSERT INTO t VALUES (9, '')", "COMMIT"].map(Statement::new));
    let outcomes = database.run(&operator(), script).await.unwrap();
    assert_eq!(outcomes[0].tag, "BEGIN");
    assert!(outcomes[2].no_effect.is_some());
}

#[tokio::test]
async fn long_reads_go_to_the_pool_and_end_in_time() {
    let database = open(Options::default());
    for number in 0..40 {
        run(&database, "INSERT INTO t VALUES ($1, 'x')", vec![int(number)]).await.unwrap();
    }
    let long = "SELECT count(*) FROM t a, t b, t c, t d";
    assert_eq!(rows(&database, long).await, [[int(40 * 40 * 40 * 40)]]);
    let endless = "SELECT count(*) FROM t a, t b, t c, t d, t e, t f, t g, t h";
    let mut session = operator();
    session.statement_timeout = Some(Duration::from_millis(50));
    let error = database.run(&session, Work::one(Statement::new(endless))).await.unwrap_err();
    assert_eq!(error.to_string(), "57014: canceling statement due to statement timeout");
    let endless = "INSERT INTO t SELECT count(*) FROM t a, t b, t c, t d, t e, t f, t g, t h";
    let error = database.run(&session, Work::one(Statement::new(endless))).await.unwrap_err();
    assert_eq!(error.to_string(), "57014: canceling statement due to statement timeout");
    assert_eq!(rows(&database, "SELECT count(*) FROM t").await, [[int(40)]]);
}

#[tokio::test]
async fn sessions() {
    let database = open(Options::default());
    let error =
        database.run(&Session::new("nobody"), Work::one(Statement::new("SELECT 1"))).await.unwrap_err();
    assert_eq!(error.to_string(), "22023: role \"nobody\" does not exist");
    let mut session = operator();
    session.read_only = true;
    let insert = Work::one(Statement::new("INSERT INTO t VALUES (1, 'a')"));
    let error = database.run(&session, insert).await.unwrap_err();
    assert_eq!(error.to_string(), "25006: cannot execute INSERT in a read-only transaction");
    let session = operator().with_setting("request.jwt.claims", "{\"sub\":\"x\"}");
    let show = |text: &str| Work::one(Statement::new(text));
    let outcomes =
        database.run(&session, show("SELECT current_setting('request.jwt.claims')")).await.unwrap();
    assert_eq!(outcomes[0].result.rows, [[Value::from("{\"sub\":\"x\"}")]]);
    let outcomes = database.run(&session, show("SHOW search_path")).await.unwrap();
    assert_eq!(outcomes[0].result.rows, [[Value::from("\"$user\", public")]]);
    let error = run(&database, "SELECT $1::int", vec![]).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "08P01: bind message supplies 0 parameters, but prepared statement \"\" requires 1"
    );
    let error = run(&database, "SELECT $1::int", vec![Value::from("x")]).await.unwrap_err();
    assert_eq!(error.to_string(), "22P02: invalid input syntax for type integer: \"x\"");
}

#[tokio::test]
async fn a_file_is_opened_by_one() {
    let folder = std::env::temp_dir().join(format!("bedplate-one-{}", std::process::id()));
    let file = folder.join("database");
    let options = || Options { path: Some(file.clone()), clock: None };
    let database = open(options());
    run(&database, "INSERT INTO t VALUES (1, 'kept')", vec![]).await.unwrap();
    let second = EmbeddedDatabase::open(options()).err().unwrap();
    assert_eq!(second.code().as_str(), "55006");
    database.close().await.unwrap();
    drop(database);
    let database = EmbeddedDatabase::open(options()).unwrap();
    assert_eq!(rows(&database, "SELECT v FROM t").await, [[Value::from("kept")]]);
    drop(database);
    // A record that was changed behind the engine's back is found.
    let raw = rusqlite::Connection::open(&file).unwrap();
    raw.execute("UPDATE bedplate_catalog SET record = replace(record, '\"t\"', '\"u\"')", []).unwrap();
    drop(raw);
    let damaged = EmbeddedDatabase::open(options()).err().unwrap();
    assert_eq!(damaged.to_string(), "XX001: the catalog in the database file is damaged");
    let raw = rusqlite::Connection::open(&file).unwrap();
    raw.pragma_update(None, "user_version", 2).unwrap();
    drop(raw);
    assert_eq!(EmbeddedDatabase::open(options()).err().unwrap().code().as_str(), "0A000");
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn roles() {
    let database = EmbeddedDatabase::open(Options::default()).unwrap();
    let one = |text: &str| Work::one(Statement::new(text));
    let who = "SELECT session_user::text || ' ' || current_user::text";
    let outcomes = database.run(&operator(), one(who)).await.unwrap();
    assert_eq!(outcomes[0].result.rows, [[Value::from("postgres postgres")]]);
    let error = database.run(&operator(), one("SET ROLE nobody")).await.unwrap_err();
    assert_eq!(error.to_string(), "22023: role \"nobody\" does not exist");
    let work = Work::all([
        Statement::new("SET ROLE pg_monitor"),
        Statement::new("SELECT current_user::text"),
        Statement::new("RESET ROLE"),
        Statement::new("SELECT set_config('role', 'pg_read_all_data', true)"),
        Statement::new("SELECT current_user::text || current_setting('role')"),
    ]);
    let outcomes = database.run(&operator(), work).await.unwrap();
    assert_eq!(outcomes[1].result.rows, [[Value::from("pg_monitor")]]);
    assert_eq!(outcomes[4].result.rows, [[Value::from("pg_read_all_datapg_read_all_data")]]);
}
