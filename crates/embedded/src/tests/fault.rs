//! What must not be lost: processes that are killed, transactions that SQLite gives up.

use super::{open, prepare, rows, run};
use crate::connection::tests_only::LOSE_THE_TRANSACTION;
use crate::database::{EmbeddedDatabase, Options};
use ::database::{Database, Value};
use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

/// Tells the child of the test which file to write.
const FILE: &str = "BEDPLATE_TEST_KILLED_FILE";
/// How often it is killed, unless `cargo xtask soak kill` asks for more.
const KILLS: u32 = 20;

/// A number from the environment.
fn asked(name: &str) -> Option<u32> {
    std::env::var(name).ok()?.parse().ok()
}

#[tokio::test]
async fn a_lost_transaction_costs_the_offender_only() {
    let database = Arc::new(open(Options::default()));
    let mut tasks = Vec::new();
    for number in 0..60_i64 {
        let database = Arc::clone(&database);
        let text = if number % 20 == 7 { LOSE_THE_TRANSACTION } else { "fine" };
        tasks.push(tokio::spawn(async move {
            let values = vec![Value::Int(number), Value::from(text)];
            run(&database, "INSERT INTO t VALUES ($1, $2)", values).await
        }));
    }
    for (number, task) in tasks.into_iter().enumerate() {
        let done = task.await.unwrap();
        if number % 20 == 7 {
            assert_eq!(done.unwrap_err().code().as_str(), "58030");
        } else {
            assert_eq!(done.unwrap().affected, 1);
        }
    }
    assert_eq!(rows(&database, "SELECT count(*) FROM t").await, [[Value::Int(57)]]);
}

#[tokio::test]
async fn a_full_disk_costs_the_offender_only() {
    let small = |connection: &crate::connection::Connection| {
        prepare(connection)?;
        connection.engine("PRAGMA max_page_count=40").unwrap();
        Ok(())
    };
    let database = Arc::new(EmbeddedDatabase::open_with(Options::default(), &small).unwrap());
    let mut tasks = Vec::new();
    for number in 0..40_i64 {
        let database = Arc::clone(&database);
        let text = if number == 17 { "x".repeat(1_000_000) } else { "fine".to_owned() };
        tasks.push(tokio::spawn(async move {
            let values = vec![Value::Int(number), Value::from(text)];
            run(&database, "INSERT INTO t VALUES ($1, $2)", values).await
        }));
    }
    for (number, task) in tasks.into_iter().enumerate() {
        let done = task.await.unwrap();
        if number == 17 {
            assert_eq!(done.unwrap_err().code().as_str(), "53100");
        } else {
            assert_eq!(done.unwrap().affected, 1);
        }
    }
    assert_eq!(rows(&database, "SELECT count(*) FROM t").await, [[Value::Int(39)]]);
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_by_kill() {
    let folder = std::env::temp_dir().join(format!("bedplate-kill-{}", std::process::id()));
    let file = folder.join("database");
    let options = || Options { path: Some(file.clone()), clock: None };
    let kills = asked("BEDPLATE_ROUNDS").unwrap_or(KILLS);
    let seed = asked("BEDPLATE_SEED").unwrap_or(0);
    let mut acknowledged = HashSet::new();
    for kill in 0..kills {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["tests::fault::the_killed_child", "--exact", "--ignored", "--nocapture"])
            .env(FILE, &file)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let patience = Duration::from_millis(20 + u64::from(seed.wrapping_add(kill).wrapping_mul(7) % 60));
        let mut first = None;
        for line in out.lines() {
            let Some(number) = line.unwrap().strip_prefix("done ").and_then(|line| line.parse().ok()) else {
                continue;
            };
            let number: i64 = number;
            acknowledged.insert(number);
            if first.get_or_insert_with(Instant::now).elapsed() > patience {
                child.kill().unwrap();
            }
        }
        child.wait().unwrap();
        let database = EmbeddedDatabase::open(options()).unwrap();
        let found: HashSet<i64> =
            rows(&database, "SELECT id FROM t").await.iter().filter_map(|row| row[0].as_int()).collect();
        let lost: Vec<&i64> = acknowledged.difference(&found).collect();
        assert!(lost.is_empty(), "lost {lost:?} after {kill} kills");
        database.close().await.unwrap();
        let raw = rusqlite::Connection::open(&file).unwrap();
        let pages: String = raw.query_row("PRAGMA quick_check", [], |row| row.get(0)).unwrap();
        assert_eq!(pages, "ok");
    }
    assert!(acknowledged.len() > usize::try_from(kills).unwrap() * 8, "{} writes only", acknowledged.len());
    std::fs::remove_dir_all(folder).unwrap();
}

/// Writes rows and says of each when it was acknowledged, until it is killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by the test above, in a process of its own"]
async fn the_killed_child() {
    let Some(file) = std::env::var_os(FILE) else { return };
    let options = Options { path: Some(PathBuf::from(file)), clock: None };
    let database = Arc::new(EmbeddedDatabase::open_with(options, &prepare).unwrap());
    let last = rows(&database, "SELECT coalesce(max(id), 0)::bigint FROM t").await[0][0].as_int().unwrap();
    let next = Arc::new(AtomicI64::new(last + 1));
    for _ in 0..8 {
        let (database, next) = (Arc::clone(&database), Arc::clone(&next));
        tokio::spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let values = vec![Value::Int(number), Value::from("x".repeat(200))];
                run(&database, "INSERT INTO t VALUES ($1, $2)", values).await.unwrap();
                let mut out = std::io::stdout().lock();
                writeln!(out, "done {number}").unwrap();
                out.flush().unwrap();
            }
        });
    }
    std::future::pending::<()>().await;
}
