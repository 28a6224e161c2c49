//! The program is killed (SIGKILL) at random moments while clients send batches with idempotency keys. Each batch is there whole or not
//! at all, what was acknowledged is there, a key's record is there when and only when its batch is, and a batch sent again under its key is there once.
//!
//! `BEDPLATE_ROUNDS` and `BEDPLATE_SEED` make it longer and different: `cargo xtask soak batch`.

use crate::harness::{Answer, Folder, Random, asked, folder};
use crate::program::{Served, succeeds};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

/// How often it is killed in CI.
const ROUNDS: u32 = 5;
/// Clients at once.
const CLIENTS: usize = 4;
/// Rows that belong to each list.
const ROWS: usize = 3;

const TABLES: &str = "create table public.lists (id bigint generated always as identity primary key, name text not null unique); \
    create table public.items (list_id bigint not null references public.lists (id), place integer not null, name text not null, \
    primary key (list_id, place)); \
    create table public.tallies (client text primary key, lists integer not null); \
    grant all on public.lists, public.items, public.tallies to service_role;";

#[test]
fn batches_survive_kills_on_the_embedded_engine() {
    survive("sqlite");
}

#[test]
fn batches_survive_kills_on_postgresql() {
    survive("postgres");
}

struct Project {
    folder: Folder,
    engine: &'static str,
}

impl Project {
    fn serve(&self) -> Served {
        Served::start(self.folder.path(), &["--engine", self.engine])
    }

    fn rows(&self, query: &str) -> Vec<Value> {
        let rows = succeeds(self.folder.path(), &["sql", "--json", "--engine", self.engine, "-c", query]);
        serde_json::from_str(&rows).unwrap_or_else(|error| panic!("{error}: {rows}"))
    }

    fn count(&self, query: &str) -> u64 {
        self.rows(query)[0]["count"].as_u64().expect("a number")
    }

    #[track_caller]
    fn none(&self, query: &str) {
        let rows = self.rows(query);
        assert!(rows.is_empty(), "{query}: {rows:?}");
    }

    /// All of each batch or nothing of it.
    fn check(&self) {
        self.none(&format!(
            "select l.name from public.lists l where (select count(*) from public.items i where i.list_id = l.id) <> {ROWS}"
        ));
        self.none(
            "select t.client from public.tallies t where t.lists <> \
             (select count(*) from public.lists l where l.name like t.client || ' %')",
        );
        // The record of each key commits with its batch; the tallies' own requests have none.
        self.none(
            "select l.name from public.lists l where not exists (select 1 from bedplate.idempotency k where k.key = l.name)",
        );
        self.none(
            "select k.key from bedplate.idempotency k where k.status is distinct from 200 \
             or not exists (select 1 from public.lists l where l.name = k.key)",
        );
    }
}

/// Sends a batch; `None` when the server was killed before it answered.
fn send(url: &str, secret_key: &str, client: &str, number: usize, tally: usize) -> Option<Answer> {
    let name = format!("{client} {number}");
    let mut requests = vec![json!({
        "method": "POST", "path": "/rest/v1/lists?select=id", "headers": {"prefer": "return=representation"}, "body": {"name": name}
    })];
    requests.extend((0..ROWS).map(|place| {
        json!({
            "method": "POST", "path": "/rest/v1/items",
            "body": {"list_id": {"$result": "/0/body/0/id"}, "place": place, "name": name}
        })
    }));
    requests.push(json!({
        "method": "POST", "path": "/rest/v1/tallies", "headers": {"prefer": "resolution=merge-duplicates"},
        "body": {"client": client, "lists": tally}
    }));
    let body = json!({ "requests": requests }).to_string();
    let host = url.strip_prefix("http://").expect("an address");
    let request = format!(
        "POST /batch/v1 HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {}\r\n\
         Content-Type: application/json\r\napikey: {secret_key}\r\nIdempotency-Key: \"{name}\"\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(host).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a time limit");
    stream.write_all(request.as_bytes()).ok()?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).ok()?;
    let answer = Answer::read(&bytes);
    let length: usize = answer.header("content-length").parse().ok()?;
    (answer.body.len() == length).then_some(answer)
}

/// Sends batches until the server is killed; gives how many were acknowledged. The next one may be there or not.
fn send_all(url: &str, secret_key: &str, client: &str) -> usize {
    for number in 0.. {
        match send(url, secret_key, client, number, number + 1) {
            Some(answer) => assert_eq!(answer.status, 200, "{answer:?}"),
            None => return number,
        }
    }
    unreachable!("the numbers do not end")
}

#[expect(clippy::print_stdout, reason = "a long run says what it did")]
fn survive(engine: &'static str) {
    let rounds = asked("BEDPLATE_ROUNDS").unwrap_or(ROUNDS);
    let mut random = Random::from_seed(asked("BEDPLATE_SEED").unwrap_or(1));
    let project = Project { folder: folder(), engine };
    let mut served = project.serve();
    succeeds(project.folder.path(), &["sql", "--engine", engine, "-c", TABLES]);
    let keys = succeeds(project.folder.path(), &["keys", "--json", "--engine", engine]);
    let keys: Value = serde_json::from_str(&keys).expect("JSON");
    let secret_key = keys["secret_key"].as_str().expect("a key").to_owned();
    let (mut acknowledged, mut again, mut there) = (0, 0, 0);
    for round in 0..rounds {
        let clients: Vec<String> = (0..CLIENTS).map(|number| format!("r{round}c{number}")).collect();
        let running: Vec<_> = clients
            .iter()
            .map(|client| {
                let (url, key, client) = (served.url.clone(), secret_key.clone(), client.clone());
                thread::spawn(move || send_all(&url, &key, &client))
            })
            .collect();
        thread::sleep(Duration::from_millis(20 + random.below(380)));
        assert_eq!(served.end("-KILL"), None, "it was killed");
        let done: Vec<usize> = running
            .into_iter()
            .map(|task| task.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect();
        served = project.serve();
        project.check();
        for (client, done) in clients.iter().zip(done) {
            let stored = format!("select count(*) from public.lists where name like '{client} %'");
            let found = project.count(&stored);
            let expected = u64::try_from(done).expect("a number");
            assert!(found == expected || found == expected + 1, "{client}: {found} of {done}");
            acknowledged += done;
            // The one that was under way, sent again: once, whether it had been there or not.
            let answer = send(&served.url, &secret_key, client, done, done + 1).expect("an answer");
            assert_eq!(answer.status, 200, "{answer:?}");
            let replayed = answer.header("idempotent-replayed") == "true";
            assert_eq!(replayed, found == expected + 1, "{client}: {answer:?}");
            assert_eq!(project.count(&stored), expected + 1);
            again += 1;
            there += usize::from(replayed);
        }
        // A caller's keys have a bound; those of the round are looked at no more.
        project.check();
        let forget = "delete from bedplate.idempotency; truncate public.lists, public.items, public.tallies";
        succeeds(project.folder.path(), &["sql", "--engine", engine, "-c", forget]);
    }
    assert_eq!(served.end("-TERM"), Some(0));
    println!(
        "{engine}: {rounds} kills, {acknowledged} batches acknowledged, {again} sent again, of which {there} were there"
    );
    assert!(acknowledged > 0);
}
