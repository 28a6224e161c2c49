//! A bare server of the same stack: one durable insert, prepared by hand, in group commit, and one hash of a password. No keys, policies or planning:
//! what the machine can do. It must not be slowed.
//!
//! `bare ADDRESS FILE`

#![expect(clippy::expect_used, reason = "a program for measuring ends at the first thing that is missing")]

use argon2::{Algorithm, Argon2, Params, Version};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::{get, post};
use http::StatusCode;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use tokio::sync::oneshot;

/// How many inserts share a commit at most.
const BATCH: usize = 256;

struct Insert {
    title: String,
    done: oneshot::Sender<i64>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let (address, file) = (arguments.next().expect("an address"), arguments.next().expect("a file"));
    let (queue, inserts) = sync_channel(4096);
    std::thread::spawn(move || write(&file, &inserts));
    let app = Router::new()
        .route("/empty", get(|| async { "" }))
        .route("/insert", post(insert))
        .route("/hash", post(hash))
        .with_state(queue);
    let listener = tokio::net::TcpListener::bind(&address).await.expect("an address");
    axum::serve(listener, app).await.expect("served");
}

async fn insert(State(queue): State<SyncSender<Insert>>, body: Bytes) -> Result<String, StatusCode> {
    let value: serde_json::Value = serde_json::from_slice(&body).map_err(|_| StatusCode::BAD_REQUEST)?;
    let title = value["title"].as_str().ok_or(StatusCode::BAD_REQUEST)?.to_owned();
    let (done, answer) = oneshot::channel();
    queue.try_send(Insert { title, done }).map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    let id = answer.await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(format!("{{\"id\":{id}}}"))
}

/// Argon2id at the cost of Bedplate's passwords.
async fn hash(body: Bytes) -> Result<String, StatusCode> {
    let hashed = tokio::task::spawn_blocking(move || {
        let params = Params::new(19 * 1024, 2, 1, Some(32)).ok()?;
        let mut hash = [0; 32];
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        argon2.hash_password_into(&body, b"sixteen bytes of", &mut hash).ok()?;
        Some(hash)
    });
    let hash = hashed.await.ok().flatten().ok_or(StatusCode::BAD_REQUEST)?;
    Ok(format!("{{\"first\":{}}}", hash[0]))
}

fn write(file: &str, inserts: &Receiver<Insert>) {
    let connection = rusqlite::Connection::open(file).expect("a file");
    connection
        .execute_batch(
            "pragma journal_mode = wal; pragma synchronous = full;
             create table if not exists notes (id integer primary key, title text not null, made_at integer not null default 0)",
        )
        .expect("a table");
    let mut statement =
        connection.prepare("insert into notes (title) values (?1) returning id").expect("a statement");
    while let Ok(first) = inserts.recv() {
        let mut batch = vec![first];
        while batch.len() < BATCH
            && let Ok(next) = inserts.try_recv()
        {
            batch.push(next);
        }
        connection.execute_batch("begin immediate").expect("begun");
        let ids: Vec<i64> = batch
            .iter()
            .map(|insert| statement.query_row([&insert.title], |row| row.get(0)).expect("inserted"))
            .collect();
        connection.execute_batch("commit").expect("committed");
        for (insert, id) in batch.into_iter().zip(ids) {
            // Who went away is not told.
            let _ = insert.done.send(id);
        }
    }
}
