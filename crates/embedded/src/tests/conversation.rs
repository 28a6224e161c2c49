//! Sessions that last. What they answer is what PostgreSQL 15 answered to the same statements.

use super::operator;
use crate::{Conversation, EmbeddedDatabase, Options, TransactionStatus};
use ::database::{Database, Statement, Value, Work};

fn converse(database: &EmbeddedDatabase) -> Conversation {
    database.converse(operator()).expect("a conversation")
}

/// Rows as text, `tag` without any, or `CODE: message`.
async fn said(conversation: &mut Conversation, text: &str) -> String {
    match conversation.say(text).await {
        Err(error) => error.to_string(),
        Ok(outcome) if outcome.result.columns.is_empty() => outcome.tag,
        Ok(outcome) => {
            let rows = outcome.result.rows.iter().map(|row| {
                let values = row.iter().map(|value| match value {
                    Value::Int(number) => number.to_string(),
                    Value::Text(text) => text.to_string(),
                    other => format!("{other:?}"),
                });
                values.collect::<Vec<_>>().join("|")
            });
            rows.collect::<Vec<_>>().join(" ")
        }
    }
}

async fn check(conversation: &mut Conversation, statements: &[(&str, &str)]) {
    for (text, expected) in statements {
        assert_eq!(said(conversation, text).await, *expected, "{text}");
    }
}

#[tokio::test]
async fn a_transaction_stays_open_between_statements() {
    let database = EmbeddedDatabase::open(Options::default()).expect("a database");
    let mut conversation = converse(&database);
    check(
        &mut conversation,
        &[
            ("create table t (id int primary key)", "CREATE TABLE"),
            ("begin", "BEGIN"),
            ("insert into t values (1)", "INSERT 0 1"),
            ("savepoint s", "SAVEPOINT"),
            ("insert into t values (1)", "23505: duplicate key value violates unique constraint \"t_pkey\""),
            (
                "select 1",
                "25P02: current transaction is aborted, commands ignored until end of transaction block",
            ),
            ("rollback to s", "ROLLBACK"),
            ("insert into t values (2) returning id", "2"),
            ("create table u (id int)", "CREATE TABLE"),
        ],
    )
    .await;
    assert_eq!(conversation.status(), TransactionStatus::Open);
    check(
        &mut conversation,
        &[
            ("rollback", "ROLLBACK"),
            ("select * from u", "42P01: relation \"u\" does not exist"),
            ("select count(*) from t", "0"),
            ("savepoint s", "25P01: SAVEPOINT can only be used in transaction blocks"),
            ("begin", "BEGIN"),
            ("insert into t values (7)", "INSERT 0 1"),
            ("select 1/0", "22012: division by zero"),
            ("commit", "ROLLBACK"),
            ("select count(*) from t", "0"),
        ],
    )
    .await;
    // What is committed, others see.
    check(&mut conversation, &[("insert into t values (3)", "INSERT 0 1")]).await;
    let work = Work::one(Statement::new("select id from t"));
    let seen = database.run(&operator(), work).await.expect("rows");
    assert_eq!(seen[0].result.rows, [[Value::Int(3)]]);
}

#[tokio::test]
async fn an_unfinished_transaction_is_rolled_back() {
    let database = EmbeddedDatabase::open(Options::default()).expect("a database");
    let mut conversation = converse(&database);
    check(&mut conversation, &[("create table t (id int)", "CREATE TABLE"), ("begin", "BEGIN")]).await;
    check(&mut conversation, &[("insert into t values (1)", "INSERT 0 1")]).await;
    drop(conversation);
    check(&mut converse(&database), &[("select count(*) from t", "0")]).await;
}

#[tokio::test]
async fn settings_and_sequences_are_remembered() {
    let database = EmbeddedDatabase::open(Options::default()).expect("a database");
    let mut conversation = converse(&database);
    check(
        &mut conversation,
        &[
            ("set timezone = 'PST8PDT'", "SET"),
            ("begin", "BEGIN"),
            ("set local timezone = 'Europe/Paris'", "SET"),
            ("show timezone", "Europe/Paris"),
            ("select set_config('a.b', 'x', true)", "x"),
            ("commit", "COMMIT"),
            ("show timezone", "PST8PDT"),
            ("begin", "BEGIN"),
            ("set timezone = 'Asia/Tokyo'", "SET"),
            ("rollback", "ROLLBACK"),
            ("show timezone", "PST8PDT"),
            ("create sequence s", "CREATE SEQUENCE"),
            ("select nextval('s')", "1"),
            ("begin", "BEGIN"),
            ("select nextval('s')", "2"),
            ("rollback", "ROLLBACK"),
            ("select currval('s')", "2"),
            ("select nextval('s')", "3"),
        ],
    )
    .await;
    check(
        &mut converse(&database),
        &[("select currval('s')", "55000: currval of sequence \"s\" is not yet defined in this session")],
    )
    .await;
}

#[tokio::test]
async fn reset_goes_back_to_the_session_s_start() {
    let database = EmbeddedDatabase::open(Options::default()).expect("a database");
    let session = operator().with_setting("timezone", "PST8PDT");
    let mut conversation = database.converse(session).expect("a conversation");
    check(
        &mut conversation,
        &[
            ("set timezone = 'Asia/Tokyo'", "SET"),
            ("reset timezone", "RESET"),
            ("show timezone", "PST8PDT"),
            ("set time zone 'Asia/Tokyo'", "SET"),
            ("set time zone default", "SET"),
            ("show timezone", "PST8PDT"),
            ("set timezone = 'Asia/Tokyo'", "SET"),
            ("reset all", "RESET"),
            ("show timezone", "PST8PDT"),
            ("show transaction_isolation", "read committed"),
            ("begin isolation level repeatable read, read only", "BEGIN"),
            ("show transaction_isolation", "repeatable read"),
            ("show transaction_read_only", "on"),
            ("create table t (id int)", "25006: cannot execute CREATE TABLE in a read-only transaction"),
            ("rollback", "ROLLBACK"),
            ("show transaction_read_only", "off"),
            ("set session characteristics as transaction isolation level serializable, read only", "SET"),
            ("show transaction_isolation", "serializable"),
            ("create table t (id int)", "25006: cannot execute CREATE TABLE in a read-only transaction"),
            ("begin read write", "BEGIN"),
            ("create table t (id int)", "CREATE TABLE"),
            ("commit", "COMMIT"),
            ("show transaction_read_only", "on"),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_session_may_become_somebody_else_s() {
    let database = EmbeddedDatabase::open(Options::default()).expect("a database");
    let mut conversation = converse(&database);
    check(
        &mut conversation,
        &[
            ("create role ann", "CREATE ROLE"),
            ("create role bob", "CREATE ROLE"),
            ("set session authorization ann", "SET"),
            ("select current_user, session_user", "ann|ann"),
            ("set role bob", "42501: permission denied to set role \"bob\""),
            ("reset role", "RESET"),
            ("select current_user", "ann"),
            ("set session authorization nobody", "22023: role \"nobody\" does not exist"),
            ("reset session authorization", "RESET"),
            ("select current_user, session_user", "postgres|postgres"),
            ("begin", "BEGIN"),
            ("set session authorization bob", "SET"),
            ("rollback", "ROLLBACK"),
            ("select session_user", "postgres"),
        ],
    )
    .await;
    // Who is not the operator becomes nobody else.
    let mut other = database.converse(::database::Session::new("ann")).expect("a conversation");
    check(&mut other, &[("select current_user", "ann"), ("set role ann", "SET")]).await;
}

#[tokio::test]
async fn prepared_statements() {
    let database = EmbeddedDatabase::open(Options::default()).expect("a database");
    check(
        &mut converse(&database),
        &[
            ("create table t (id int, v text)", "CREATE TABLE"),
            ("insert into t values (1, 'a'), (2, 'b'), (3, 'c')", "INSERT 0 3"),
            ("prepare q as select * from t where id = $1", "PREPARE"),
            ("execute q('3')", "3|c"),
            ("execute q(2.7)", "3|c"),
            ("execute q('x')", "22P02: invalid input syntax for type integer: \"x\""),
            (
                "execute q(true)",
                "42804: parameter $1 of type boolean cannot be coerced to the expected type integer",
            ),
            ("execute q", "42601: wrong number of parameters for prepared statement \"q\""),
            ("prepare q as select 1", "42P05: prepared statement \"q\" already exists"),
            ("prepare p (text) as insert into t values (9, $1) returning v", "PREPARE"),
            ("begin", "BEGIN"),
            ("execute p('x')", "x"),
            ("rollback", "ROLLBACK"),
            ("execute p(null)", "Null"),
            ("alter table t add column w int", "ALTER TABLE"),
            ("execute q(2)", "0A000: cached plan must not change result type"),
            ("deallocate q", "DEALLOCATE"),
            ("execute q(1)", "26000: prepared statement \"q\" does not exist"),
            ("deallocate all", "DEALLOCATE ALL"),
            ("deallocate p", "26000: prepared statement \"p\" does not exist"),
        ],
    )
    .await;
}

#[tokio::test]
async fn cursors() {
    let database = EmbeddedDatabase::open(Options::default()).expect("a database");
    let mut conversation = converse(&database);
    check(
        &mut conversation,
        &[
            ("create table t (id int)", "CREATE TABLE"),
            ("insert into t values (1), (2), (3), (4), (5)", "INSERT 0 5"),
            (
                "declare c cursor for select id from t",
                "25P01: DECLARE CURSOR can only be used in transaction blocks",
            ),
            ("begin", "BEGIN"),
            ("declare c cursor for select id from t order by id", "DECLARE CURSOR"),
            ("fetch c", "1"),
            ("delete from t where id = 3", "DELETE 1"),
            ("fetch 2 in c", "2 3"),
            ("fetch backward 2 from c", "2 1"),
            ("fetch prior c", ""),
            ("fetch all c", "1 2 3 4 5"),
            ("fetch c", ""),
            ("fetch absolute -2 c", "4"),
            ("fetch relative -3 c", "1"),
            ("fetch forward 0 c", "1"),
            ("move forward all in c", "MOVE 4"),
            ("fetch last c", "5"),
            ("fetch absolute 99 c", ""),
            ("fetch prior c", "5"),
            ("savepoint s", "SAVEPOINT"),
            ("declare d no scroll cursor for select 1", "DECLARE CURSOR"),
            ("fetch d", "1"),
            ("fetch prior d", "55000: cursor can only scan forward"),
            ("rollback to s", "ROLLBACK"),
            ("fetch d", "34000: cursor \"d\" does not exist"),
            ("rollback", "ROLLBACK"),
            ("fetch c", "34000: cursor \"c\" does not exist"),
        ],
    )
    .await;
    check(
        &mut conversation,
        &[
            ("declare h scroll cursor with hold for select id from t order by id", "DECLARE CURSOR"),
            ("fetch 2 h", "1 2"),
            ("fetch prior h", "1"),
            ("close h", "CLOSE CURSOR"),
            ("close h", "34000: cursor \"h\" does not exist"),
        ],
    )
    .await;
}

#[tokio::test]
async fn sequences_ask_for_privileges() {
    let database = EmbeddedDatabase::open(Options::default()).expect("a database");
    let denied = "42501: permission denied for sequence s";
    check(
        &mut converse(&database),
        &[
            ("create role u", "CREATE ROLE"),
            ("create sequence s", "CREATE SEQUENCE"),
            ("create table t (id serial, n int generated always as identity, v text)", "CREATE TABLE"),
            ("grant insert, select on t to u", "GRANT"),
            (
                "create function f() returns bigint language sql security definer as $$select nextval('s')$$",
                "CREATE FUNCTION",
            ),
            ("set role u", "SET"),
            ("select nextval('s')", denied),
            ("select currval('s')", denied),
            ("select setval('s', 5)", denied),
            ("select f()", "1"),
            ("select lastval()", denied),
            ("insert into t (v) values ('a')", "42501: permission denied for sequence t_id_seq"),
            ("reset role", "RESET"),
            ("grant usage on sequence t_id_seq to u", "GRANT"),
            ("grant update on sequence s to u", "GRANT"),
            ("set role u", "SET"),
            ("insert into t (v) values ('a') returning id, n", "1|1"),
            ("select setval('t_id_seq', 9)", "42501: permission denied for sequence t_id_seq"),
            ("select currval('t_id_seq')", "1"),
            ("select setval('s', 9)", "9"),
            ("select nextval('s')", "10"),
            ("select currval('s')", denied),
            ("reset role", "RESET"),
            ("select lastval()", "10"),
            ("drop sequence s cascade", "DROP SEQUENCE"),
            ("select lastval()", "55000: lastval is not yet defined in this session"),
            ("discard sequences", "DISCARD SEQUENCES"),
            (
                "select currval('t_id_seq')",
                "55000: currval of sequence \"t_id_seq\" is not yet defined in this session",
            ),
            ("begin", "BEGIN"),
            ("set transaction read only", "SET"),
            ("select nextval('t_id_seq')", "25006: cannot execute nextval() in a read-only transaction"),
            ("rollback", "ROLLBACK"),
        ],
    )
    .await;
}
