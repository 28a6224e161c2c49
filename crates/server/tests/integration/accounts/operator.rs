//! `bedplate users`: the operator's commands, with a running server and without, on both engines.

use crate::harness::{Answer, Folder, ask_at, folder};
use crate::program::{Served, command, fails, succeeds};
use serde_json::{Value, json};
use std::io::Write as _;
use std::process::{Output, Stdio};

/// A project and the engine that keeps its data.
struct Operated {
    project: Folder,
    engine: &'static str,
}

impl Operated {
    fn line<'a>(&self, arguments: &[&'a str]) -> Vec<&'a str> {
        [&["users"], arguments, &["--engine", self.engine]].concat()
    }

    fn users(&self, arguments: &[&str]) -> String {
        succeeds(self.project.path(), &self.line(arguments))
    }

    fn refused(&self, arguments: &[&str]) -> String {
        fails(self.project.path(), &self.line(arguments), 1)
    }

    /// With something to read at standard input.
    fn told(&self, arguments: &[&str], input: &str) -> Output {
        let mut child = command(self.project.path(), &self.line(arguments))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program");
        child.stdin.take().expect("its input").write_all(input.as_bytes()).expect("written");
        child.wait_with_output().expect("its end")
    }

    fn value(&self, query: &str) -> String {
        let line = ["sql", "--engine", self.engine, "--json", "-c", query];
        let rows: Value = serde_json::from_str(&succeeds(self.project.path(), &line)).expect("JSON");
        rows[0]["value"].to_string()
    }
}

async fn post(served: &Served, path: &str, body: Value) -> Answer {
    let address = served.url.trim_start_matches("http://");
    let body = body.to_string();
    let request = format!(
        "POST /auth/v1{path} HTTP/1.1\r\nConnection: close\r\nHost: {address}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    ask_at(address.parse().expect("an address"), request.as_bytes()).await
}

async fn sign_in(served: &Served, email: &str, password: &str) -> Answer {
    post(served, "/token?grant_type=password", json!({"email": email, "password": password})).await
}

#[tokio::test]
async fn the_operator_manages_users() {
    for engine in ["sqlite", "postgres"] {
        let here = Operated { project: folder(), engine };
        without_a_server(&here);
        with_a_server(&here).await;
    }
}

fn without_a_server(here: &Operated) {
    let made = here
        .told(&["create", "Ada@Example.com", "--confirm", "--password-stdin"], "correct horse\nnot this\n");
    let out = String::from_utf8_lossy(&made.stdout).into_owned();
    assert!(made.status.success() && out.contains("ada@example.com"), "{made:?}");
    assert!(!out.contains("correct"), "{out}");
    assert!(here.users(&["create", "bob@example.com"]).contains("not confirmed"));
    let twice = here.refused(&["create", "ADA@example.com"]);
    assert!(twice.contains("already been registered") && twice.contains("HINT"), "{twice}");
    assert!(here.refused(&["create", "nobody"]).contains("email address"), "no address");
    let none = here.refused(&["ban", "eve@example.com"]);
    assert!(none.contains("User not found") && none.contains("users list --filter"), "{none}");
    let list = here.users(&["list"]);
    assert!(
        list.contains("ada@example.com") && list.contains("bob@example.com") && list.contains("(2 rows)"),
        "{list}"
    );
    assert!(here.users(&["list", "--per-page", "1"]).contains("Of 2 users"));
    let found: Value =
        serde_json::from_str(&here.users(&["list", "--filter", "ADA", "--json"])).expect("JSON");
    assert_eq!((&found["total"], &found["users"][0]["email"]), (&json!(1), &json!("ada@example.com")));
    assert_eq!(found["users"][0]["providers"], json!(["email"]));
    assert!(!found.to_string().contains("argon2"), "{found}");
    let link = here.users(&["link", "bob@example.com", "--type", "signup"]);
    assert!(link.starts_with("http://127.0.0.1:54321/auth/v1/verify?token="), "{link}");
    fails(here.project.path(), &here.line(&["link", "bob@example.com", "--type", "nonsense"]), 2);
    assert!(
        here.refused(&[
            "link",
            "bob@example.com",
            "--type",
            "magiclink",
            "--redirect-to",
            "https://evil.example"
        ])
        .contains("may not be sent")
    );
    let invited = here.users(&["create", "guest@example.com", "--invite"]);
    assert!(invited.contains("guest@example.com, not confirmed"), "{invited}");
    assert_eq!(here.value("select count(*) as value from bedplate.jobs where kind = 'mail'"), "1");
    here.users(&["delete", "guest@example.com"]);
    // Everything is in the audit log, by the operator.
    let entries = "select count(*) as value from auth.audit_log_entries where payload ->> 'actor_username' = 'operator'";
    assert_eq!(here.value(entries), "5");
}

async fn with_a_server(here: &Operated) {
    let served = Served::start(here.project.path(), &["--engine", here.engine]);
    assert_eq!(sign_in(&served, "ada@example.com", "correct horse").await.status, 200);
    let session = sign_in(&served, "ada@example.com", "correct horse").await.json();
    let sessions = "select count(*) as value from auth.sessions";
    assert_eq!(here.value(sessions), "2");

    // A new password ends every session; the command line never has it.
    let empty = here.told(&["set-password", "ada@example.com"], "");
    assert!(
        !empty.status.success() && String::from_utf8_lossy(&empty.stderr).contains("no password"),
        "{empty:?}"
    );
    let weak = here.told(&["set-password", "ada@example.com"], "12345\n");
    assert!(String::from_utf8_lossy(&weak.stderr).contains("at least 6"), "{weak:?}");
    let set = here.told(&["set-password", "ada@example.com"], "battery staple\n");
    assert!(set.status.success() && !format!("{set:?}").contains("battery"), "{set:?}");
    assert_eq!(here.value(sessions), "0");
    let renewed =
        post(&served, "/token?grant_type=refresh_token", json!({"refresh_token": session["refresh_token"]}))
            .await;
    assert_eq!(renewed.status, 400, "{renewed:?}");
    assert_eq!(sign_in(&served, "ada@example.com", "correct horse").await.status, 400);
    assert_eq!(sign_in(&served, "ada@example.com", "battery staple").await.status, 200);

    // A ban, by id.
    let found: Value =
        serde_json::from_str(&here.users(&["list", "--filter", "ada@", "--json"])).expect("JSON");
    let id = found["users"][0]["id"].as_str().expect("an id").to_owned();
    assert!(here.users(&["ban", &id, "--for", "24h"]).contains("banned until"));
    assert_eq!(here.value(sessions), "0");
    assert_eq!(
        sign_in(&served, "ada@example.com", "battery staple").await.header("x-sb-error-code"),
        "user_banned"
    );
    assert!(here.refused(&["ban", &id, "--for", "1 day"]).contains("like 24h"));
    assert!(!here.users(&["unban", &id]).contains("banned"));
    assert_eq!(sign_in(&served, "ada@example.com", "battery staple").await.status, 200);
    assert!(here.users(&["ban", "ada@example.com"]).contains("banned until 21"), "a hundred years");

    let link = here.users(&["link", "ada@example.com", "--type", "recovery"]);
    assert!(link.starts_with(&format!("{}/auth/v1/verify?token=", served.url)), "{link}");
    assert!(link.contains("type=recovery"), "{link}");
    here.users(&["delete", &id, "--soft"]);
    let list = here.users(&["list"]);
    assert!(list.contains("(deleted)") && !list.contains("ada@example.com"), "{list}");
    here.users(&["delete", "bob@example.com"]);
    assert!(here.refused(&["delete", "bob@example.com"]).contains("User not found"));
    assert_eq!(here.value("select count(*) as value from auth.users"), "1");
    assert_eq!(served.end("-TERM"), Some(0));
}
