//! Mail by SMTP, to a real server of another maker (`smtp-server`).

use crate::harness::{Running, folder, repository};
use crate::program::Served;
use auth::letters::{Kind, Letters, Variables, job};
use database::{Database, Session, Statement, SystemPrivilege, Value, Work};
use mail::{Address, Mailbox, Message};
use serde_json::{Value as Json, json};
use server::configuration::{Secret, Settings, SmtpTls};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The mail server, until dropped.
struct Peer {
    child: Child,
    port: u16,
    said: Arc<Mutex<Vec<Json>>>,
}

impl Peer {
    fn start(options: &Json) -> Peer {
        let here = repository().join("tests/peers");
        assert!(
            here.join("node_modules/smtp-server").is_dir(),
            "the tests' mail server is missing: run `npm ci` in tests/peers"
        );
        let mut child = Command::new("node")
            .args(["smtp.mjs", &options.to_string()])
            .current_dir(here)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let first: Json = serde_json::from_str(&lines.next().expect("a line").expect("text")).expect("JSON");
        let port = first["port"].as_u64().and_then(|port| u16::try_from(port).ok()).expect("a port");
        let said = Arc::new(Mutex::new(Vec::new()));
        let theirs = Arc::clone(&said);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                theirs.lock().expect("what was said").push(serde_json::from_str(&line).expect("JSON"));
            }
        });
        Peer { child, port, said }
    }

    fn all(&self, what: &str) -> Vec<Json> {
        let said = self.said.lock().expect("what was said");
        said.iter().filter_map(|said| said.get(what)).cloned().collect()
    }

    /// What it accepted or refused about a message, once it did.
    async fn wait_for(&self, what: &str, id: &str) -> Json {
        let begun = Instant::now();
        loop {
            if let Some(found) = self.all(what).into_iter().find(|said| said["id"] == id) {
                return found;
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "no mail {id} is {what}: {:?}", self.said);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn message() -> Message {
    let address = |text: &str| Address::parse(text).expect("an address");
    let settings = auth::letters::Settings {
        from: Mailbox::named(address("no-reply@example.com"), "Bücher"),
        folders: Vec::new(),
        custom: BTreeMap::new(),
        notifications: Vec::new(),
    };
    let variables = Variables {
        confirmation_url: "https://api.example.com/auth/v1/verify?token=ab&type=signup".into(),
        token: "012345".into(),
        email: "someone@example.org".into(),
        ..Variables::default()
    };
    let letters = Letters::load(&settings).expect("letters");
    letters.write(Kind::Confirmation, &variables, &address("someone@example.org")).expect("a message")
}

async fn send(database: &Arc<dyn Database>) -> String {
    let message = message();
    let session = Session::feature(SystemPrivilege::i_am_the_operator(), "supabase_auth_admin");
    database.run(&session, Work::one(job(&message).statement())).await.expect("queued");
    message.id().to_owned()
}

fn settings(peer: &Peer, tls: SmtpTls) -> Settings {
    Settings {
        smtp_enabled: true,
        smtp_host: Some("localhost".into()),
        smtp_port: peer.port,
        smtp_user: Some("postman".into()),
        smtp_pass: Some(Secret::new("hush-hush")),
        smtp_tls: tls,
        smtp_ca_path: Some(repository().join("tests/peers/tls/ca.pem")),
        ..Settings::default()
    }
}

async fn job_row(database: &Arc<dyn Database>, id: &str) -> (String, String) {
    let session = Session::operator(SystemPrivilege::i_am_the_operator());
    let text = "select state, coalesce(last_error, '') from bedplate.jobs where id = $1::uuid";
    let work = Work::one(Statement::with(text, [Value::from(id)]));
    let outcomes = database.run(&session, work).await.expect("a row");
    let row = &outcomes[0].result.rows[0];
    let text = |at: usize| row[at].as_str().unwrap_or_default().to_owned();
    (text(0), text(1))
}

async fn wait_for_state(database: &Arc<dyn Database>, id: &str, wanted: &str) -> String {
    let begun = Instant::now();
    loop {
        let (state, error) = job_row(database, id).await;
        if state == wanted {
            return error;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{id} stays {state}: {error}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_goes_by_tls_with_a_sign_in() {
    let project = folder();
    for (tls, secure) in [(SmtpTls::Starttls, false), (SmtpTls::Implicit, true)] {
        let peer = Peer::start(&json!({"secure": secure, "user": "postman", "pass": "hush-hush"}));
        let server = Running::ephemeral(project.path(), settings(&peer, tls)).await;
        let id = send(&server.database).await;
        let mail = peer.wait_for("accepted", &id).await;
        assert_eq!(mail["secure"], true, "{mail}");
        assert_eq!(mail["user"], "postman");
        assert_eq!(mail["from"], "no-reply@example.com");
        assert_eq!(mail["to"], json!(["someone@example.org"]));
        let data = mail["data"].as_str().expect("text");
        assert!(data.contains("Subject: Confirm your e-mail address"), "{data}");
        assert!(data.contains("multipart/alternative") && data.contains("text/html"), "{data}");
        wait_for_state(&server.database, &id, "done").await;
        // A second one takes the same connection, or a new one.
        let id = send(&server.database).await;
        peer.wait_for("accepted", &id).await;
        let log = server.log();
        assert!(log.contains("job mail") && !log.contains("hush-hush") && !log.contains("012345"), "{log}");
        server.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_another_authority_gets_nothing() {
    let project = folder();
    let peer = Peer::start(&json!({"user": "postman", "pass": "hush-hush"}));
    let settings = Settings { smtp_ca_path: None, ..settings(&peer, SmtpTls::Starttls) };
    let server = Running::ephemeral(project.path(), settings).await;
    let id = send(&server.database).await;
    let begun = Instant::now();
    let error = loop {
        let (state, error) = job_row(&server.database, &id).await;
        if state == "waiting" && !error.is_empty() {
            break error;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{state}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert!(
        error.to_lowercase().contains("certificate") || error.to_lowercase().contains("issuer"),
        "{error}"
    );
    assert!(peer.all("accepted").is_empty());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_4xx_is_tried_again_and_a_5xx_is_a_dead_letter() {
    let project = folder();
    let peer = Peer::start(&json!({"user": "postman", "pass": "hush-hush", "refusals": [451, 550]}));
    let server = Running::ephemeral(project.path(), settings(&peer, SmtpTls::Starttls)).await;
    let database = &server.database;
    let id = send(database).await;
    assert_eq!(peer.wait_for("refused", &id).await["code"], 451);
    let begun = Instant::now();
    while job_row(database, &id).await.1.is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(30), "no error is kept");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let dead = send(database).await;
    assert_eq!(peer.wait_for("refused", &dead).await["code"], 550);
    let error = wait_for_state(database, &dead, "dead").await;
    assert!(error.contains("Not now, says the test"), "{error}");
    // Of its own, after a pause.
    peer.wait_for("accepted", &id).await;
    wait_for_state(database, &id, "done").await;
    assert!(peer.all("accepted").iter().all(|mail| mail["id"] != dead.as_str()));
    let log = server.log();
    assert!(log.contains("ERROR job mail") && log.contains("given up"), "{log}");
    // The operator lets it be tried once more.
    let operator = Session::operator(SystemPrivilege::i_am_the_operator());
    let retry = jobs::retry(jobs::JobId::parse(&dead).expect("an identifier"));
    database.run(&operator, Work::one(retry)).await.expect("queued again");
    peer.wait_for("accepted", &dead).await;
    server.stop().await;
}

#[tokio::test]
async fn what_makes_no_sense_is_said_at_start() {
    let project = folder();
    let base =
        Settings { smtp_enabled: true, smtp_host: Some("mail.example.com".into()), ..Settings::default() };
    let cases = [
        (Settings { smtp_host: None, ..base.clone() }, "auth.email.smtp.host"),
        (Settings { smtp_user: Some("me".into()), ..base.clone() }, "auth.email.smtp.pass"),
        (
            Settings {
                smtp_user: Some("me".into()),
                smtp_pass: Some(Secret::new("hush")),
                smtp_tls: SmtpTls::None,
                ..base.clone()
            },
            "without TLS",
        ),
        (Settings { smtp_ca_path: Some("nowhere.pem".into()), ..base.clone() }, "auth.email.smtp.ca_path"),
        (Settings { smtp_admin_email: "nobody".into(), ..base.clone() }, "auth.email.smtp.admin_email"),
        (
            Settings { letter_invite_content: Some("nowhere.html".into()), ..base.clone() },
            "auth.email.template.invite.content_path",
        ),
        (
            Settings { letter_invite_subject: Some("{{ .Nope }}".into()), ..base },
            "auth.email.template.invite.subject:1: no variable .Nope",
        ),
    ];
    for (settings, expected) in cases {
        let refused = Running::start(project.path(), Settings { ephemeral: true, ..settings }).await;
        let error = refused.err().expect("a refusal");
        assert!(error.contains(expected) && !error.contains("hush"), "{expected}: {error}");
    }
}

/// A process that is killed again and again in the middle of delivering loses no mail, and what it delivers twice has one
/// Message-ID.
#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_loses_no_mail() {
    let here = folder();
    let peer = Peer::start(&json!({"plain": true, "delay": 40}));
    let configuration = format!(
        "[auth.email.smtp]\nenabled = true\nhost = \"127.0.0.1\"\nport = {}\nadmin_email = \"no-reply@example.com\"\n",
        peer.port
    );
    std::fs::write(here.path().join("config.toml"), configuration).expect("a file");
    let served = Served::start(here.path(), &[]);
    let count = 120;
    let mut script = String::new();
    for index in 0..count {
        let id = jobs::JobId::new();
        let payload = json!({"id": id.to_string(), "from": {"address": "no-reply@example.com"},
            "to": {"address": format!("user{index}@example.org")}, "subject": "Hello", "text": "Hello\n"});
        script.push_str(&format!(
            "insert into bedplate.jobs (id, kind, payload) values ('{id}', 'mail', '{payload}');\n"
        ));
    }
    std::fs::write(here.path().join("jobs.sql"), format!("begin;\n{script}commit;\n")).expect("a file");
    crate::program::succeeds(here.path(), &["sql", "-f", "jobs.sql"]);
    let mut served = Some(served);
    for killed_after in [15, 40, 70] {
        let begun = Instant::now();
        while peer.all("accepted").len() < killed_after {
            assert!(begun.elapsed() < Duration::from_secs(60), "no {killed_after} mails are sent");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(served.take().map(|served| served.end("-KILL")), Some(None), "killed, not ended");
        assert!(peer.all("accepted").len() < count, "killed in the middle");
        served = Some(Served::start(here.path(), &[]));
    }
    let begun = Instant::now();
    let all = loop {
        let mut times: BTreeMap<String, u32> = BTreeMap::new();
        for mail in peer.all("accepted") {
            *times.entry(mail["id"].as_str().expect("an identifier").to_owned()).or_default() += 1;
        }
        if times.len() == count {
            break times;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{} of {count}", times.len());
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    // Only what was under way when it was killed can have gone twice.
    let twice = all.values().filter(|times| **times > 1).count();
    assert!(twice <= 3 * 8, "{twice} went more than once");
    let begun = Instant::now();
    loop {
        let left = crate::program::succeeds(here.path(), &["jobs", "--json"]);
        if left.trim() == "[]" {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{left}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The operator's command shows what failed, never what is in it, and decides.
#[test]
fn the_operator_sees_dead_letters() {
    let here = folder();
    let id = jobs::JobId::new().to_string();
    let insert = format!(
        "insert into bedplate.jobs (id, kind, payload, state, attempts, due_at, last_error) \
         values ('{id}', 'mail', '{{\"text\": \"hush\"}}', 'dead', 10, null, 'no such user')"
    );
    let succeeds = |arguments: &[&str]| crate::program::succeeds(here.path(), arguments);
    succeeds(&["sql", "-c", &insert]);
    let table = succeeds(&["jobs"]);
    assert!(table.contains(&id) && table.contains("no such user") && !table.contains("hush"), "{table}");
    let dead: Json = serde_json::from_str(&succeeds(&["jobs", "dead", "--json"])).expect("JSON");
    assert_eq!((&dead[0]["id"], &dead[0]["attempts"]), (&json!(id), &json!(10)));
    assert_eq!(succeeds(&["jobs", "retry", &id]), "queued again\n");
    let all: Json = serde_json::from_str(&succeeds(&["jobs", "list", "--json"])).expect("JSON");
    assert_eq!((&all[0]["state"], &all[0]["attempts"]), (&json!("waiting"), &json!(0)));
    assert_eq!(succeeds(&["jobs", "delete", &id]), "deleted\n");
    let refused = crate::program::fails(here.path(), &["jobs", "retry", &id], 1);
    assert!(refused.contains("no job of this id"), "{refused}");
    let refused = crate::program::fails(here.path(), &["jobs", "retry", "x"], 1);
    assert!(refused.contains("no job's id"), "{refused}");
}
