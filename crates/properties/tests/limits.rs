//! What is too long, too deep or too large ends in a clear error, and the engine goes on for everybody.

use database::{Database, DatabaseError, Outcome, Session, Statement, SystemPrivilege, Value, Work};
use std::sync::Arc;
use std::time::{Duration, Instant};

fn operator() -> Session {
    Session::operator(SystemPrivilege::i_am_the_operator())
}

async fn database() -> Arc<dyn Database> {
    let database = testkit::embedded().await.expect("a database");
    run(&database, "create table t (id int primary key, v text, n int)").await.expect("a table");
    run(&database, "insert into t select g, 'row ' || g, g % 7 from generate_series(1, 3000) g")
        .await
        .expect("rows");
    database
}

async fn run(database: &Arc<dyn Database>, text: &str) -> Result<Vec<Outcome>, DatabaseError> {
    database.run(&operator(), Work::one(Statement::new(text))).await
}

/// The engine is as it was: it reads, and it writes.
async fn goes_on(database: &Arc<dyn Database>, after: &str) {
    let outcomes = run(database, "select count(*) from t").await;
    let outcomes = outcomes.unwrap_or_else(|error| panic!("after {after}: {error:?}"));
    assert_eq!(outcomes[0].result.rows, [[Value::Int(3000)]], "after {after}");
    let outcomes = run(database, "update t set n = n where id = 1").await.expect("a write");
    assert_eq!(outcomes[0].affected, 1);
}

/// Runs a statement that must end with one of these codes, soon.
async fn refused(database: &Arc<dyn Database>, session: &Session, text: &str, codes: &[&str]) {
    let shown: String = text.chars().take(120).collect();
    let began = Instant::now();
    let work = Work::one(Statement::new(text));
    let ran = tokio::time::timeout(Duration::from_secs(60), database.run(session, work)).await;
    let error = ran.unwrap_or_else(|_| panic!("{shown}: no end")).expect_err(&shown);
    assert!(codes.contains(&error.code().to_string().as_str()), "{shown}: {error:?}");
    assert!(began.elapsed() < Duration::from_secs(50), "{shown}: {:?}", began.elapsed());
    goes_on(database, &shown).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_has_its_time() {
    let database = database().await;
    let mut session = operator();
    session.statement_timeout = Some(Duration::from_millis(300));
    let endless = [
        "select count(*) from generate_series(1, 1000000000)",
        "with recursive r(n) as (select 1 union all select n + 1 from r) select count(*) from r",
        "select count(*) from t a, t b, t c where a.n + b.n + c.n = -1",
        "select sum(length(repeat(a.v, 100))) from t a, t b, t c",
        "select a.id from t a, t b, t c where a.v || b.v || c.v ~ '(a|b)*c$' order by 1",
        "insert into t select g + 10000, 'x', 1 from generate_series(1, 1000000000) g",
        "update t set v = (select max(b.v || c.v) from t b, t c where b.n <> c.n and b.id <> t.id)",
        "delete from t where (select count(*) from t b, t c, t d where b.n = c.n and d.id <> t.id) < 0",
        "insert into t values (1, 'x', (select count(*) from t b, t c, t d)::int) on conflict do nothing",
    ];
    for text in endless {
        refused(&database, &session, text, &["57014"]).await;
    }
    // By the setting, in a transaction of several statements.
    let statements =
        ["set local statement_timeout = '200ms'", "select count(*) from generate_series(1, 1000000000)"];
    let error =
        database.run(&operator(), Work::all(statements.map(Statement::new))).await.expect_err("an end");
    assert_eq!(error.code().to_string(), "57014");
    goes_on(&database, "SET").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn neighbours_of_a_write_that_takes_too_long_are_written() {
    let database = database().await;
    let mut hasty = operator();
    hasty.statement_timeout = Some(Duration::from_millis(200));
    let long = Work::one(Statement::new(
        "insert into t select g + 10000, 'x', 1 from generate_series(1, 1000000000) g",
    ));
    let mut tasks = Vec::new();
    for number in 0..20 {
        let (database, hasty, long) = (Arc::clone(&database), hasty.clone(), long.clone());
        tasks.push(tokio::spawn(async move {
            if number % 7 == 3 {
                return database.run(&hasty, long).await.map(|_| 0);
            }
            let text = format!("update t set n = n + 1000 where id = {}", number + 1);
            run(&database, &text).await.map(|outcomes| outcomes[0].affected)
        }));
    }
    for (number, task) in tasks.into_iter().enumerate() {
        match task.await.expect("no panic") {
            Ok(affected) => assert_eq!(affected, u64::from(number % 7 != 3), "{number}"),
            Err(error) => {
                assert_eq!((number % 7, error.code().to_string().as_str()), (3, "57014"), "{error:?}");
            }
        }
    }
    goes_on(&database, "neighbours").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nesting_has_an_end() {
    let database = database().await;
    let session = operator();
    let nested = |open: &str, inner: &str, close: &str, depth: usize| {
        format!("select {}{inner}{}", open.repeat(depth), close.repeat(depth))
    };
    let deep = [
        nested("(", "1", ")", 20_000),
        nested("not ", "true", "", 20_000),
        nested("- ", "1", "", 20_000),
        nested("abs(", "1", ")", 20_000),
        nested("(select ", "1", ")", 5_000),
        nested("case when true then ", "1", " end", 20_000),
        nested("coalesce(null, ", "1", ")", 20_000),
        nested("array[", "1", "]", 20_000),
        format!("select 1{}", " + 1".repeat(60_000)),
        format!("select id from t where id = 1{}", " or id = 1 and n = 2".repeat(40_000)),
        format!("select '{}'::jsonb", "[".repeat(200_000)),
        format!("select '{}1{}'::jsonb", "{\"a\":".repeat(100_000), "}".repeat(100_000)),
        format!("select 'a' ~ '{}a{}'", "(".repeat(50_000), ")".repeat(50_000)),
        format!("select * from {}t{}", "(select * from ".repeat(3_000), ") x".repeat(3_000)),
        format!("select 1{}", " union select 1".repeat(20_000)),
        // What is written twice at each level would never end.
        format!("select {}n{} from t", "nullif(".repeat(40), ", 1)".repeat(40)),
    ];
    for text in deep {
        refused(
            &database,
            &session,
            &text,
            &["54001", "54000", "54011", "0A000", "22023", "2201B", "22P02", "42601"],
        )
        .await;
    }
    // Endless: refused when it is made or when it is called.
    let endless = "create or replace function down(n int) returns int language sql as 'select down(n + 1)'";
    run(&database, "create function down(n int) returns int language sql as 'select 1'")
        .await
        .expect("a function");
    match run(&database, endless).await {
        Ok(_) => refused(&database, &session, "select down(1)", &["54001"]).await,
        Err(error) => assert_eq!(error.code().to_string(), "54001", "{error:?}"),
    }
    run(&database, "create view v0 as select id from t").await.expect("a view");
    for depth in 1..400 {
        let text = format!("create view v{depth} as select id from v{}", depth - 1);
        if let Err(error) = run(&database, &text).await {
            assert_eq!(error.code().to_string(), "54001", "{error:?}");
            break;
        }
    }
    if let Err(error) = run(&database, "select count(*) from v399").await {
        assert!(["54001", "42P01"].contains(&error.code().to_string().as_str()), "{error:?}");
    }
    goes_on(&database, "views").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_has_a_size() {
    let database = database().await;
    let session = operator();
    let large = [
        "select repeat('x', 2000000000)",
        "select length(repeat(repeat('x', 100000), 100000))",
        "select lpad('x', 1500000000)",
        "select string_agg(repeat('x', 10000000), '') from generate_series(1, 120)",
        "select array_fill(0, array[100000, 100000])",
        "select repeat('x', 1000000) from generate_series(1, 3000)",
        "select replace(repeat('x', 100000), 'x', repeat('y', 100000))",
        "insert into t values (5000, repeat('x', 1073741824), 1)",
    ];
    for text in large {
        refused(&database, &session, text, &["54000", "53200", "0A000"]).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_has_a_width() {
    let database = database().await;
    let session = operator();
    let list = |item: &str, count: usize| vec![item; count].join(", ");
    let wide = [
        (format!("select {}", list("1", 2000)), "54011"),
        (format!("select concat({})", list("'a'", 1200)), "54023"),
        (
            format!(
                "create table w ({})",
                (0..1700).map(|at| format!("c{at} int")).collect::<Vec<_>>().join(", ")
            ),
            "54011",
        ),
        (
            format!("select 1 from {}", (0..80).map(|at| format!("t t{at}")).collect::<Vec<_>>().join(", ")),
            "54001",
        ),
        (
            format!(
                "select 1 from t t0 {}",
                (1..80)
                    .map(|at| format!("left join t t{at} on t{at}.id = t0.id"))
                    .collect::<Vec<_>>()
                    .join(" ")
            ),
            "54001",
        ),
    ];
    for (text, code) in wide {
        refused(&database, &session, &text, &[code, "0A000", "54001"]).await;
    }
    // Long lists are ordinary.
    let ids: Vec<String> = (1..20_000).map(|id| id.to_string()).collect();
    let outcomes = run(&database, &format!("select count(*) from t where id in ({})", ids.join(", "))).await;
    assert_eq!(outcomes.expect("a count")[0].result.rows, [[Value::Int(3000)]]);
    let rows: Vec<String> = (10_000..20_000).map(|id| format!("({id}, 'x', 1)")).collect();
    let outcomes = run(&database, &format!("insert into t values {}", rows.join(", "))).await;
    assert_eq!(outcomes.expect("rows")[0].affected, 10_000);
    run(&database, "delete from t where id >= 10000").await.expect("gone");
    goes_on(&database, "lists").await;
}
