//! Works.

use super::{Fixture, operator, superuser};
use crate::{DATABASE, PostgresDatabase, SUPERUSER};
use database::{Database, End, Expectation, Session, Severity, Statement, Value, Work};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// One cluster for all: making one takes longer than most of what is tried on it. Each has a database of its own.
#[tokio::test]
async fn works() {
    let cluster = Fixture::cluster().await;
    macro_rules! scenario {
        ($name:ident) => {
            let fixture = Fixture::on(&cluster, stringify!($name)).await;
            $name(&fixture).await;
            fixture.database.close().await.unwrap();
        };
    }
    scenario!(values_of_every_kind);
    scenario!(any_value_as_any_parameter);
    scenario!(a_session_is_set_up_and_leaves_nothing);
    scenario!(roles_that_do_not_exist);
    scenario!(errors_tell_what_psql_tells);
    scenario!(expectations_and_ends);
    scenario!(limits);
    scenario!(scripts);
    scenario!(kept_statements_follow_the_schema);
    scenario!(what_a_work_costs);
    scenario!(lost_connections_are_replaced);
    scenario!(an_abandoned_work_is_cancelled);
    scenario!(many_at_once_and_much_at_once);
    scenario!(databases_unlike_ours);
    scenario!(errors_around_expectations);
    scenario!(extensions_are_made_by_the_superuser);
}

async fn values_of_every_kind(fixture: &Fixture) {
    fixture
        .script(&[
            "create type mood as enum ('sad', 'ok')",
            "create domain positive as int check (value > 0)",
            "create type pair as (a int, b text)",
        ])
        .await
        .unwrap();
    let text = "select true b, 1::int2 i2, 2 i4, 3::int8 i8, 1.5::float8 f8, 0.1::real f4, '\\x00ff'::bytea y, \
        'x' t, 1.50::numeric(5,2) n, null::int z, int4range(1,3) r, '2020-01-01'::timestamptz ts, 'ok'::mood m, \
        7::positive p, '(1,\"a b\")'::pair c, array[1,null,3] a, 'int4'::regtype rt, '{\"b\":1,\"a\": 2}'::jsonb j, \
        '1 mon 2 days'::interval iv, 'a'::varchar(10) v, 'NaN'::float8 nan, 1::oid o, array['ok']::mood[] ma";
    let outcomes = fixture.database.run(&operator(), Work::one(Statement::new(text))).await.unwrap();
    let result = &outcomes[0].result;
    let found: Vec<String> = result
        .columns
        .iter()
        .zip(&result.rows[0])
        .map(|(column, value)| format!("{} {} {value:?}", column.name, column.type_name))
        .collect();
    assert_eq!(
        found,
        [
            "b boolean Bool(true)",
            "i2 smallint Int(1)",
            "i4 integer Int(2)",
            "i8 bigint Int(3)",
            "f8 double precision Float(1.5)",
            "f4 real Float(0.10000000149011612)",
            "y bytea Bytes([0, 255])",
            "t text Text(\"x\")",
            "n numeric(5,2) Text(\"1.50\")",
            "z integer Null",
            "r int4range Text(\"[1,3)\")",
            "ts timestamp with time zone Text(\"2020-01-01 00:00:00+00\")",
            "m public.mood Text(\"ok\")",
            "p integer Int(7)",
            "c public.pair Text(\"(1,\\\"a b\\\")\")",
            "a integer[] Text(\"{1,NULL,3}\")",
            "rt regtype Text(\"integer\")",
            "j jsonb Text(\"{\\\"a\\\": 2, \\\"b\\\": 1}\")",
            "iv interval Text(\"1 mon 2 days\")",
            "v character varying(10) Text(\"a\")",
            "nan double precision Float(NaN)",
            "o oid Text(\"1\")",
            "ma public.mood[] Text(\"{ok}\")",
        ]
    );
}

async fn any_value_as_any_parameter(fixture: &Fixture) {
    let statement = Statement::with(
        "select $1::int, $2::numeric, $3::text, $4::timestamptz, $5::bool, $6::bytea, $7::float8, $8::jsonb, $9::int[], $10::text",
        [
            Value::Text("42".into()),
            Value::Int(7),
            Value::Bool(true),
            "2020-02-30T00:00Z".replace("30", "29").as_str().into(),
            "on".into(),
            Value::Bytes([1, 254].into()),
            Value::Float(1e300),
            "[1]".into(),
            "{1,2}".into(),
            Value::Null,
        ],
    );
    let outcomes = fixture.database.run(&operator(), Work::one(statement)).await.unwrap();
    assert_eq!(
        outcomes[0].result.rows[0],
        [
            Value::Int(42),
            "7".into(),
            "true".into(),
            "2020-02-29 00:00:00+00".into(),
            Value::Bool(true),
            Value::Bytes([1, 254].into()),
            Value::Float(1e300),
            "[1]".into(),
            "{1,2}".into(),
            Value::Null,
        ]
    );
    for number in [0.0, -0.0, 1e-7, 123456.789, f64::MIN_POSITIVE, f64::MAX, f64::INFINITY, f64::NEG_INFINITY]
    {
        let statement = Statement::with("select $1::float8", [Value::Float(number)]);
        let outcomes = fixture.database.run(&operator(), Work::one(statement)).await.unwrap();
        assert_eq!(outcomes[0].result.rows[0], [Value::Float(number)]);
    }
}

async fn a_session_is_set_up_and_leaves_nothing(fixture: &Fixture) {
    fixture
        .script(&[
            "create schema other",
            "create table other.t (x int)",
            "grant usage on schema other to anon",
        ])
        .await
        .unwrap();
    let session = Session::new("anon")
        .with_setting("request.jwt.claims", "{\"sub\":\"1\"}")
        .with_setting("timezone", "Asia/Tokyo")
        .with_search_path(["other", "pub\"lic"]);
    let text = "select current_user || ' ' || current_setting('request.jwt.claims') || ' ' || current_setting('timezone') || ' ' || current_setting('search_path') || ' ' || '2020-01-01'::timestamptz";
    assert_eq!(
        fixture.value(&session, text).await.unwrap(),
        "anon {\"sub\":\"1\"} Asia/Tokyo \"other\", \"pub\"\"lic\" 2020-01-01 00:00:00+09"
    );
    let error = fixture.rows(&session, "select * from t").await.unwrap_err();
    assert_eq!(format!("{error}"), "42501: permission denied for table t");

    // What one session set, even beyond its transaction, the next does not see.
    let leak = "select set_config('app.tenant', 'a', false), set_config('search_path', 'other', false)";
    fixture.rows(&operator(), leak).await.unwrap();
    let seen = "select coalesce(current_setting('app.tenant', true), '') || coalesce(current_setting('request.jwt.claims', true), '') || current_setting('search_path')";
    assert_eq!(fixture.value(&operator(), seen).await.unwrap(), "\"$user\", public");
    fixture
        .script(&["set search_path = other", "create temporary table kept (x int)", "listen x"])
        .await
        .unwrap();
    assert_eq!(fixture.value(&operator(), seen).await.unwrap(), "\"$user\", public");
    assert_eq!(fixture.value(&operator(), "select to_regclass('kept')::text").await.unwrap(), "NULL");
}

async fn roles_that_do_not_exist(fixture: &Fixture) {
    for role in ["nobody_here", "none", ""] {
        let error = fixture.rows(&Session::new(role), "select 1").await.unwrap_err();
        assert_eq!(format!("{error}"), format!("22023: role \"{role}\" does not exist"));
        assert_eq!(error.fields().statement, None);
    }
}

async fn errors_tell_what_psql_tells(fixture: &Fixture) {
    fixture
        .script(&[
            "create table t (id int primary key, mail text unique not null check (mail like '%@%'))",
            "insert into t values (1, 'a@b')",
        ])
        .await
        .unwrap();
    let work = Work::all([
        Statement::new("insert into t values (2, 'b@b')"),
        Statement::new("insert into t values (3, 'a@b')"),
        Statement::new("insert into t values (4, 'c@b')"),
    ]);
    let error = fixture.database.run(&operator(), work).await.unwrap_err();
    let fields = error.fields();
    assert_eq!(fields.code, sqlstate::UNIQUE_VIOLATION);
    assert_eq!(fields.message, "duplicate key value violates unique constraint \"t_mail_key\"");
    assert_eq!(fields.detail.as_deref(), Some("Key (mail)=(a@b) already exists."));
    assert_eq!(fields.statement, Some(1));
    assert_eq!(fields.schema.as_deref(), Some("public"));
    assert_eq!(fields.table.as_deref(), Some("t"));
    assert_eq!(fields.constraint.as_deref(), Some("t_mail_key"));
    assert_eq!(fixture.value(&operator(), "select count(*)::text from t").await.unwrap(), "1");

    let error = fixture.rows(&operator(), "select 'ä', nme from t").await.unwrap_err();
    assert_eq!(format!("{error}"), "42703: column \"nme\" does not exist");
    assert_eq!((error.fields().position, error.fields().statement), (Some(13), Some(0)));
    let error = fixture.rows(&operator(), "select foo(1)").await.unwrap_err();
    assert!(error.fields().hint.as_deref().unwrap().starts_with("No function matches the given name"));
    let error = fixture.rows(&operator(), "insert into t values (9, null)").await.unwrap_err();
    assert_eq!(
        (error.code(), error.fields().column.as_deref()),
        (sqlstate::NOT_NULL_VIOLATION, Some("mail"))
    );
    let statement = Statement::with("select $1::text", ["a\0b".into()]);
    let error = fixture.database.run(&operator(), Work::one(statement)).await.unwrap_err();
    assert_eq!(format!("{error}"), "22021: invalid byte sequence for encoding \"UTF8\": 0x00");
    let error = fixture.rows(&operator(), "select '\0'").await.unwrap_err();
    assert_eq!(format!("{error}"), "22021: invalid byte sequence for encoding \"UTF8\": 0x00");
    let error = fixture.rows(&operator(), "select 1; select 2").await.unwrap_err();
    assert_eq!(format!("{error}"), "42601: cannot insert multiple commands into a prepared statement");
    let statement = Statement::with("select 1", vec![Value::Null; 70_000]);
    let error = fixture.database.run(&operator(), Work::one(statement)).await.unwrap_err();
    assert_eq!(error.code(), sqlstate::PROGRAM_LIMIT_EXCEEDED);
    // And the connection is as good as before.
    assert_eq!(fixture.rows(&operator(), "select 1").await.unwrap(), [[Value::Int(1)]]);
}

async fn expectations_and_ends(fixture: &Fixture) {
    fixture
        .script(&[
            "create table t (id int primary key, parent int references t deferrable initially deferred)",
            "insert into t values (1, null), (2, null)",
        ])
        .await
        .unwrap();
    let expecting = |text: &str, min, max| Statement {
        expectation: Expectation::CountWithin { column: "n".into(), min, max },
        ..Statement::new(text)
    };
    let delete = "with gone as (delete from t returning 1) select count(*) as n from gone";
    let count = "select count(*)::text from t";
    let work = Work::all([expecting(delete, 0, 1), Statement::new("select 1")]);
    let outcomes = fixture.database.run(&operator(), work).await.unwrap();
    assert_eq!(outcomes.len(), 1);
    assert!(!outcomes[0].met);
    assert_eq!(outcomes[0].result.rows, [[Value::Int(2)]]);
    assert_eq!(fixture.value(&operator(), count).await.unwrap(), "2");

    let work = Work { end: End::Rollback, ..Work::one(expecting(delete, 2, 2)) };
    let outcomes = fixture.database.run(&operator(), work).await.unwrap();
    assert!(outcomes[0].met);
    assert_eq!(fixture.value(&operator(), count).await.unwrap(), "2");

    let change = |rows| Statement::new("update t set parent = null").expecting(Expectation::Affected(rows));
    let work = Work::all([change(3), Statement::new("select 1")]);
    let outcomes = fixture.database.run(&operator(), work).await.unwrap();
    assert_eq!(outcomes.iter().map(|outcome| outcome.met).collect::<Vec<_>>(), [false]);
    let work = Work { end: End::Rollback, ..Work::one(change(2)) };
    assert!(fixture.database.run(&operator(), work).await.unwrap()[0].met);

    // Deferred constraints are checked even when all is rolled back at the end.
    let orphan = || Statement::new("insert into t values (3, 99)");
    for end in [End::Rollback, End::Commit] {
        for work in [Work::one(orphan()), Work::all([orphan(), Statement::new("select 1")])] {
            let error = fixture.database.run(&operator(), Work { end, ..work }).await.unwrap_err();
            assert_eq!(error.code(), sqlstate::FOREIGN_KEY_VIOLATION);
            assert_eq!(
                error.fields().detail.as_deref(),
                Some("Key (parent)=(99) is not present in table \"t\".")
            );
            assert_eq!(error.fields().statement, None);
        }
    }
    let work = Work::all([expecting(delete, 2, 2), Statement::new("insert into t values (7, null)")]);
    let outcomes = fixture.database.run(&operator(), work).await.unwrap();
    assert_eq!((outcomes[1].affected, outcomes[1].tag.as_str()), (1, "INSERT 0 1"));
    assert_eq!(fixture.value(&operator(), "select string_agg(id::text, ',') from t").await.unwrap(), "7");
}

async fn limits(fixture: &Fixture) {
    fixture.script(&["create table t (id int)"]).await.unwrap();
    let mut session = operator();
    session.read_only = true;
    for work in [
        Work::one(Statement::new("insert into t values (1)")),
        Work::all([Statement::new("select 1"), Statement::new("insert into t values (1)")]),
    ] {
        let error = fixture.database.run(&session, work).await.unwrap_err();
        assert_eq!(format!("{error}"), "25006: cannot execute INSERT in a read-only transaction");
    }
    let mut session = operator();
    session.statement_timeout = Some(Duration::from_millis(100));
    let start = Instant::now();
    let error = fixture.rows(&session, "select pg_sleep(10)").await.unwrap_err();
    assert_eq!(format!("{error}"), "57014: canceling statement due to statement timeout");
    assert!(start.elapsed() < Duration::from_secs(5));
}

async fn scripts(fixture: &Fixture) {
    let outcomes = fixture
        .script(&[
            "-- a comment first\nBEGIN",
            "create table t (id serial primary key, x int)",
            "insert into t (x) values (10), (20)",
            "select * from t",
            "do $$ begin raise notice 'hello'; raise warning 'beware'; end $$",
            "create function f() returns int language sql as 'select 1; select 2'",
            "COMMIT;",
            "select f()",
        ])
        .await
        .unwrap();
    let tags: Vec<&str> = outcomes.iter().map(|outcome| outcome.tag.as_str()).collect();
    assert_eq!(
        tags,
        ["BEGIN", "CREATE TABLE", "INSERT 0 2", "SELECT 2", "DO", "CREATE FUNCTION", "COMMIT", "SELECT 1"]
    );
    assert!(
        outcomes[0].no_effect.is_some() && outcomes[6].no_effect.is_some() && outcomes[1].no_effect.is_none()
    );
    assert_eq!(outcomes[3].result.rows, [[Value::Int(1), Value::Int(10)], [Value::Int(2), Value::Int(20)]]);
    assert_eq!(outcomes[2].affected, 2);
    let notices: Vec<(Severity, &str, &str)> = outcomes[4]
        .notices
        .iter()
        .map(|notice| (notice.severity, notice.code.as_str(), &*notice.message))
        .collect();
    assert_eq!(notices, [(Severity::Notice, "00000", "hello"), (Severity::Warning, "01000", "beware")]);

    let error = fixture.script(&["begin", "create table u ()", "commit", "select 1/0"]).await.unwrap_err();
    assert_eq!((error.code(), error.fields().statement), (sqlstate::DIVISION_BY_ZERO, Some(3)));
    assert_eq!(fixture.value(&operator(), "select to_regclass('u')::text").await.unwrap(), "NULL");

    for (text, word) in [("rollback", "ROLLBACK"), ("abort", "ABORT"), ("prepare transaction 'x'", "PREPARE")]
    {
        let error = fixture.script(&["select 1", text]).await.unwrap_err();
        assert_eq!(error.code(), sqlstate::FEATURE_NOT_SUPPORTED);
        assert!(error.message().starts_with(word), "{error}");
        assert_eq!(error.fields().statement, Some(1));
    }
    let error = fixture.rows(&operator(), "commit").await.unwrap_err();
    assert_eq!(error.code(), sqlstate::FEATURE_NOT_SUPPORTED);
    let error = fixture.script(&["copy t from stdin"]).await.unwrap_err();
    assert_eq!(error.code(), sqlstate::PROTOCOL_VIOLATION);
    // A procedure cannot end the transaction, and so cannot shed the caller's role.
    fixture.script(&["create procedure p() language plpgsql as 'begin commit; end'"]).await.unwrap();
    let error = fixture.rows(&Session::new("anon"), "call p()").await.unwrap_err();
    assert_eq!(error.code(), sqlstate::INVALID_TRANSACTION_TERMINATION);
    assert!(fixture.database.run(&operator(), Work::default()).await.unwrap().is_empty());
}

async fn kept_statements_follow_the_schema(fixture: &Fixture) {
    fixture.script(&["create table t (id int)", "insert into t values (1)"]).await.unwrap();
    assert_eq!(fixture.rows(&operator(), "select * from t").await.unwrap(), [[Value::Int(1)]]);
    let other = PostgresDatabase::connect(fixture.cluster.config(SUPERUSER, &fixture.name)).await.unwrap();
    other
        .run(&operator(), Work::one(Statement::new("alter table t add y text default 'new'")))
        .await
        .unwrap();
    assert_eq!(fixture.rows(&operator(), "select * from t").await.unwrap(), [[Value::Int(1), "new".into()]]);
    // More statements than are kept.
    for number in 0..400 {
        let text = format!("select {number}");
        assert_eq!(fixture.rows(&operator(), &text).await.unwrap(), [[Value::Int(number)]]);
    }
    let kept = fixture.value(&operator(), "select count(*)::text from pg_prepared_statements").await.unwrap();
    assert!(kept.parse::<u32>().unwrap() <= 260, "{kept}");
}

async fn what_a_work_costs(fixture: &Fixture) {
    let Fixture { database, .. } = fixture;
    fixture.script(&["create table t (n int)"]).await.unwrap();
    let select = || Statement::new("select count(*) as n from t");
    let expecting = || Statement {
        expectation: Expectation::CountWithin { column: "n".into(), min: 0, max: 100 },
        ..select()
    };
    let insert = || Statement::new("insert into t values (1)");
    for (works, round_trips) in [
        (Work::one(select()), 1),
        (Work::one(insert()), 1),
        (Work::all([insert(), select()]), 1),
        (Work { end: End::Rollback, ..Work::one(insert()) }, 1),
        (Work::script([Statement::new("create table u ()"), Statement::new("drop table u")]), 1),
        (Work::one(Statement::new("select 1/0")), 1),
        (Work::one(expecting()), 2),
        (Work::all([expecting(), insert(), select()]), 2),
        (Work::all([expecting(), expecting()]), 3),
    ] {
        // The first time prepares, the second uses what is kept: no difference.
        for _ in 0..2 {
            assert_eq!(database.round_trips_of(&operator(), works.clone()).await, round_trips, "{works:?}");
        }
    }
}

async fn lost_connections_are_replaced(fixture: &Fixture) {
    let Fixture { database, .. } = fixture;
    let mut config = fixture.cluster.config(SUPERUSER, &fixture.name);
    config.application_name = "other".into();
    let other = PostgresDatabase::connect(config).await.unwrap();
    let kill = Statement::new(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'bedplate' and pid <> pg_backend_pid()",
    );
    for wait in [0, 50] {
        fixture.rows(&operator(), "select 1").await.unwrap();
        other.run(&superuser(), Work::one(kill.clone())).await.unwrap();
        tokio::time::sleep(Duration::from_millis(wait)).await;
        assert_eq!(fixture.rows(&operator(), "select 1").await.unwrap(), [[Value::Int(1)]]);
    }
    // While it works: the server's last word is the error.
    let session = operator();
    let (result, ()) = tokio::join!(fixture.rows(&session, "select pg_sleep(10)"), async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        other.run(&superuser(), Work::one(kill.clone())).await.unwrap();
    });
    assert_eq!(result.unwrap_err().code(), sqlstate::ADMIN_SHUTDOWN);
    assert!(database.ready().await.is_ok());
    drop(other);
}

async fn an_abandoned_work_is_cancelled(fixture: &Fixture) {
    let session = operator();
    let waiting = fixture.rows(&session, "select pg_sleep(60)");
    assert!(tokio::time::timeout(Duration::from_millis(200), waiting).await.is_err());
    let active = "select count(*)::text from pg_stat_activity where query like '%pg_sleep(60)%' and state = 'active' and pid <> pg_backend_pid()";
    let start = Instant::now();
    while fixture.value(&operator(), active).await.unwrap() != "0" {
        assert!(start.elapsed() < Duration::from_secs(10), "it still runs");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn many_at_once_and_much_at_once(fixture: &Fixture) {
    let database =
        Arc::new(PostgresDatabase::connect(fixture.cluster.config(SUPERUSER, &fixture.name)).await.unwrap());
    let tasks: Vec<_> = (0..100i64)
        .map(|number| {
            let database = database.clone();
            tokio::spawn(async move {
                let statement = Statement::with("select $1::int + 1", [Value::Int(number)]);
                database.run(&operator(), Work::one(statement)).await.unwrap()[0].result.rows[0][0].as_int()
            })
        })
        .collect();
    for (number, task) in (0i64..).zip(tasks) {
        assert_eq!(task.await.unwrap(), Some(number + 1));
    }
    // Both directions full at the same time must not lock each other.
    let large = "x".repeat(2_000_000);
    let echo = || Statement::with("select $1::text", [large.as_str().into()]);
    let outcomes = database.run(&operator(), Work::all([echo(), echo(), echo()])).await.unwrap();
    assert!(outcomes.iter().all(|outcome| outcome.result.rows[0][0].as_str() == Some(&large)));
    database.close().await.unwrap();
    assert_eq!(database.ready().await.unwrap_err().code(), sqlstate::CONNECTION_DOES_NOT_EXIST);
}

#[tokio::test]
async fn requests_log_in_as_less() {
    let fixture = Fixture::new().await;
    database::lay_foundation(&fixture.database).await.unwrap();
    fixture.database.catalog().await.unwrap();
    let who = "select session_user::text || ' ' || current_user::text";
    assert_eq!(fixture.value(&Session::new("anon"), who).await.unwrap(), "authenticator anon");
    assert_eq!(fixture.value(&operator(), who).await.unwrap(), "supabase_admin postgres");
    // A token may name any role: those of the operator are out of its reach.
    for role in ["postgres", "supabase_admin", "supabase_auth_admin"] {
        let error = fixture.value(&Session::new(role), who).await.unwrap_err();
        assert_eq!(error.to_string(), format!("42501: permission denied to set role \"{role}\""));
    }
    // Nor is it where there is only one login.
    let mut config = fixture.cluster.config("postgres", DATABASE);
    config.request_user = None;
    let adopted = PostgresDatabase::connect(config).await.unwrap();
    for role in ["postgres", "supabase_admin", "supabase_auth_admin", "pg_read_all_data"] {
        let error = adopted.run(&Session::new(role), Work::one(Statement::new(who))).await.unwrap_err();
        assert_eq!(error.to_string(), format!("42501: permission denied to set role \"{role}\""));
    }
    let outcomes = adopted.run(&Session::new("service_role"), Work::one(Statement::new(who))).await.unwrap();
    assert_eq!(outcomes[0].result.rows, [["postgres service_role".into()]]);
    drop(adopted);
    // And so they are for a function that a caller runs.
    let escape = "select set_config('role', 'postgres', true)";
    assert_eq!(
        fixture.value(&Session::new("anon"), escape).await.unwrap_err().code(),
        sqlstate::INSUFFICIENT_PRIVILEGE
    );
    assert_eq!(fixture.value(&Session::new("anon"), "show statement_timeout").await.unwrap(), "3s");
    let session = Session::new("authenticated")
        .with_setting("request.jwt.claims", "{\"sub\":\"6c5b9fd2-7a43-4b5a-8bd1-3a3a6a1f8b1e\"}");
    assert_eq!(
        fixture.value(&session, "select auth.uid()::text").await.unwrap(),
        "6c5b9fd2-7a43-4b5a-8bd1-3a3a6a1f8b1e"
    );
    fixture.end().await;
}

async fn databases_unlike_ours(fixture: &Fixture) {
    assert!(fixture.database.warnings().is_empty());
    // CREATE DATABASE runs outside a transaction only.
    let mut connection =
        crate::connect::connect(&fixture.cluster.config(SUPERUSER, &fixture.name)).await.unwrap();
    for (name, options) in [
        ("ascii", "encoding 'SQL_ASCII' locale 'C' locale_provider libc"),
        ("bytes", "encoding 'UTF8' locale 'C' locale_provider libc"),
    ] {
        connection.push_simple(&format!("create database {name} template template0 {options}")).unwrap();
        assert_eq!(connection.read_group().await.unwrap().error, None);
    }
    let ascii = PostgresDatabase::connect(fixture.cluster.config(SUPERUSER, "ascii")).await.err().unwrap();
    assert_eq!(ascii.to_string(), "0A000: the database is encoded in SQL_ASCII, and must be in UTF8");
    let bytes = PostgresDatabase::connect(fixture.cluster.config(SUPERUSER, "bytes")).await.unwrap();
    assert_eq!(bytes.warnings().len(), 1);
    drop((bytes, connection));
}

async fn errors_around_expectations(fixture: &Fixture) {
    fixture.script(&["create table t (n int primary key)"]).await.unwrap();
    let expecting = |text: &str| Statement {
        expectation: Expectation::CountWithin { column: "n".into(), min: 1, max: 1 },
        ..Statement::new(text)
    };
    let insert = || Statement::new("insert into t values (1)");
    for (work, code, index) in [
        (Work::all([insert(), expecting("select 1/0 as n")]), sqlstate::DIVISION_BY_ZERO, Some(1)),
        (Work::all([insert(), expecting("select 1 as n"), insert()]), sqlstate::UNIQUE_VIOLATION, Some(2)),
        (Work::all([insert(), expecting("select 1 as m")]), sqlstate::INTERNAL_ERROR, None),
        (Work::all([insert(), expecting("select 1 as n where false")]), sqlstate::INTERNAL_ERROR, None),
        (
            Work::all([insert(), expecting("select 1 as n"), Statement::new("select $1")]),
            sqlstate::PROTOCOL_VIOLATION,
            Some(2),
        ),
    ] {
        let error = fixture.database.run(&operator(), work).await.unwrap_err();
        assert_eq!((error.code(), error.fields().statement), (code, index), "{error:?}");
        assert_eq!(fixture.value(&operator(), "select count(*)::text from t").await.unwrap(), "0");
    }
}

async fn extensions_are_made_by_the_superuser(fixture: &Fixture) {
    let script = [
        "create table before ()",
        "create extension pg_stat_statements",
        "comment on extension pg_stat_statements is 'mine'",
        "create table after ()",
    ];
    let outcomes = fixture.script(&script).await.unwrap();
    let tags: Vec<&str> = outcomes.iter().map(|outcome| outcome.tag.as_str()).collect();
    assert_eq!(tags, ["CREATE TABLE", "CREATE EXTENSION", "COMMENT", "CREATE TABLE"]);
    let owners = "select string_agg(distinct relowner::regrole::text, ',') from pg_class where relname in ('before', 'after')";
    assert_eq!(fixture.value(&operator(), owners).await.unwrap(), "postgres");
    let superuser = "select rolsuper::text from pg_roles where rolname = current_user";
    assert_eq!(fixture.value(&operator(), superuser).await.unwrap(), "false");
    let error = fixture.script(&["select 1", "create extension nowhere", "select 2"]).await.unwrap_err();
    assert_eq!((error.code(), error.fields().statement), (sqlstate::FEATURE_NOT_SUPPORTED, Some(1)));
    let error = fixture.rows(&Session::new("anon"), "drop extension pg_stat_statements").await.unwrap_err();
    assert_eq!(error.to_string(), "42501: must be owner of extension pg_stat_statements");
}
