//! The program: its commands, as a person or a script runs them.

use crate::harness::{engine, folder, repository};
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::{Duration, Instant};

const PROGRAM: &str = env!("CARGO_BIN_EXE_bedplate");

pub(crate) fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).current_dir(folder).stdin(Stdio::null());
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("BEDPLATE_")) {
        command.env_remove(name);
    }
    if let Some(engine) = engine() {
        command.env("BEDPLATE_ENGINE", engine);
    }
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().expect("the program")
}

#[track_caller]
pub(crate) fn succeeds(folder: &Path, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{arguments:?}: {out}{err}");
    out.into_owned()
}

#[track_caller]
pub(crate) fn fails(folder: &Path, arguments: &[&str], code: i32) -> String {
    let output = run(folder, arguments);
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {out}{err}");
    format!("{out}{err}")
}

/// `bedplate serve`, until dropped.
pub(crate) struct Served {
    child: Child,
    pub(crate) url: String,
    _out: BufReader<ChildStdout>,
}

impl Served {
    pub(crate) fn start(folder: &Path, arguments: &[&str]) -> Served {
        Served::start_with(folder, arguments, &[])
    }

    /// With environment variables.
    pub(crate) fn start_with(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Served {
        let mut line = vec!["serve"];
        line.extend(arguments);
        line.extend(["--listen", "127.0.0.1:0"]);
        let mut child = command(folder, &line)
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("the program");
        let mut out = BufReader::new(child.stdout.take().expect("its output"));
        let mut url = String::new();
        let mut text = String::new();
        while out.read_line(&mut text).expect("its output") > 0 {
            let last = text.lines().last().unwrap_or("").trim();
            if let Some(found) = last.strip_prefix("URL") {
                url = found.trim().to_owned();
            }
            if last.starts_with("Try:") {
                break;
            }
        }
        assert!(!url.is_empty(), "no URL in {text}");
        Served { child, url, _out: out }
    }

    fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().expect("kill").success());
    }

    pub(crate) fn end(mut self, signal: &str) -> Option<i32> {
        self.signal(signal);
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("its status") {
                return status.code();
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "it does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn help_teaches() {
    let here = folder();
    let help = succeeds(here.path(), &["--help"]);
    for word in
        ["serve", "init", "migrate", "sql", "keys", "token", "users", "check", "version", "Exit codes"]
    {
        assert!(help.contains(word), "{word}");
    }
    for command in ["serve", "migrate", "sql", "keys", "token", "users", "check"] {
        let help = succeeds(here.path(), &[command, "--help"]);
        assert!(help.contains("Example") && help.contains("Exit codes"), "{command}: {help}");
    }
    let serve = succeeds(here.path(), &["serve", "--help"]);
    assert!(serve.contains("BEDPLATE_API_MAX_ROWS"), "{serve}");
    assert!(!serve.contains("--secret"), "no secret by flag");
    fails(here.path(), &["nonsense"], 2);
    fails(here.path(), &["serve", "nowhere"], 1);
}

#[test]
fn versions_are_listed() {
    let here = folder();
    assert!(succeeds(here.path(), &["version"]).contains("PostgREST"));
    let json: serde_json::Value =
        serde_json::from_str(&succeeds(here.path(), &["version", "--json"])).expect("JSON");
    assert_eq!(json["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn a_new_project_works_and_is_not_made_twice() {
    let here = folder();
    let made = succeeds(here.path(), &["init", "notes"]);
    assert!(made.contains("notes/supabase/config.toml"), "{made}");
    assert!(fails(here.path(), &["init", "notes"], 1).contains("already"));
    let served = Served::start(here.path(), &["notes", "--dev"]);
    let rows = succeeds(
        here.path(),
        &["sql", "--project", "notes", "-c", "select title, is_published from notes order by 1"],
    );
    assert_eq!(
        rows,
        "  title  | is_published \n---------+--------------\n A draft | f\n Hello   | t\n(2 rows)\n\n"
    );
    assert_eq!(served.end("-TERM"), Some(0));
    assert!(here.path().join("notes/.bedplate/.gitignore").exists());
    assert!(!here.path().join("notes/.bedplate/run/owner.sock").exists());
    // Without an owner a command becomes it.
    let rows = succeeds(
        here.path(),
        &["sql", "--project", "notes", "--role", "anon", "--json", "-c", "select title from notes"],
    );
    assert_eq!(rows, "[{\"title\":\"Hello\"}]\n");
}

#[test]
fn an_interrupt_ends_it_too_and_two_cannot_own_a_folder() {
    let here = folder();
    let served = Served::start(here.path(), &[]);
    let refused = fails(here.path(), &["serve", "--listen", "127.0.0.1:0"], 1);
    assert!(refused.contains("is in use by process"), "{refused}");
    let keys: serde_json::Value =
        serde_json::from_str(&succeeds(here.path(), &["keys", "--json"])).expect("JSON");
    assert_eq!(keys["url"], served.url.as_str());
    assert_eq!(served.end("-INT"), Some(0));
    let kept: serde_json::Value =
        serde_json::from_str(&succeeds(here.path(), &["keys", "--json"])).expect("JSON");
    for key in ["publishable_key", "secret_key", "jwt_secret", "anon_key", "service_role_key"] {
        assert_eq!(keys[key], kept[key], "{key}");
    }
    // Sealed: neither the database nor its journal shows the secret.
    let secret = kept["jwt_secret"].as_str().expect("a secret");
    for entry in std::fs::read_dir(here.path().join(".bedplate")).expect("the data folder") {
        let path = entry.expect("an entry").path();
        if path.is_file() {
            let bytes = std::fs::read(&path).expect("a file");
            assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "{}", path.display());
        }
    }
    // With another sealing key they do not open.
    std::fs::remove_file(here.path().join(".bedplate/secret.key")).expect("the key");
    assert!(fails(here.path(), &["keys"], 1).contains("sealed with another key"));
}

#[test]
fn a_token_is_signed_for_the_running_server() {
    let here = folder();
    let sub = "8d0fd2b3-9ca7-4d9e-a95f-9e13dded323e";
    let token = succeeds(
        here.path(),
        &[
            "token",
            "--dev",
            "--role",
            "authenticated",
            "--sub",
            sub,
            "--expires",
            "1h",
            "--claims",
            r#"{"a":1}"#,
        ],
    );
    assert_eq!(token.trim().split('.').count(), 3);
    assert!(fails(here.path(), &["token", "--dev", "--role", "x", "--sub", "nobody"], 1).contains("no UUID"));
    assert!(
        fails(here.path(), &["token", "--dev", "--role", "x", "--claims", "[]"], 1).contains("JSON object")
    );
    assert!(
        fails(here.path(), &["token", "--dev", "--role", "x", "--expires", "soon"], 1).contains("duration")
    );
}

#[test]
fn a_password_is_no_flag() {
    let here = folder();
    let refused = fails(here.path(), &["serve", "--database", "postgres://me:hush@127.0.0.1:1/x"], 1);
    assert!(refused.contains("BEDPLATE_DATABASE") && !refused.contains("hush"), "{refused}");
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, text).expect("a file");
}

#[test]
fn migrations_are_applied_once_and_their_history_is_kept() {
    let here = folder();
    write(here.path(), "migrations/20250101000000_one.sql", "begin;\ncreate table one (id int);\ncommit;\n");
    assert!(succeeds(here.path(), &["migrate"]).contains("pending"));
    assert!(succeeds(here.path(), &["migrate", "up"]).contains("20250101000000_one.sql (1 statements)"));
    assert!(succeeds(here.path(), &["migrate", "up"]).contains("Nothing is pending"));
    assert!(succeeds(here.path(), &["migrate", "status"]).contains("applied"));
    let history = succeeds(
        here.path(),
        &["sql", "--json", "-c", "select version, name from supabase_migrations.schema_migrations"],
    );
    assert_eq!(history, "[{\"version\":\"20250101000000\",\"name\":\"one\"}]\n");

    // One that fails leaves nothing of itself behind, and says where.
    write(
        here.path(),
        "migrations/20250102000000_two.sql",
        "create table two (id int);\n\ninsert into two\n  values ('x');\n",
    );
    let refused = fails(here.path(), &["migrate", "up"], 1);
    assert!(refused.contains("20250102000000_two.sql:4") && refused.contains("22P02"), "{refused}");
    assert!(fails(here.path(), &["sql", "-c", "select * from two"], 1).contains("42P01"));
    write(here.path(), "migrations/20250102000000_two.sql", "create table two (id int);\n");
    succeeds(here.path(), &["migrate", "up"]);

    // Older than what is applied.
    write(here.path(), "migrations/20250101120000_late.sql", "create table late (id int);\n");
    let refused = fails(here.path(), &["migrate", "up"], 1);
    assert!(
        refused.contains("20250101120000_late.sql is older") && refused.contains("newer timestamp"),
        "{refused}"
    );
    assert!(fails(here.path(), &["migrate"], 1).contains("out of order"));
    std::fs::remove_file(here.path().join("migrations/20250101120000_late.sql")).expect("the file");

    // Changed after it was applied.
    write(here.path(), "migrations/20250101000000_one.sql", "create table one (id bigint);\n");
    let refused = fails(here.path(), &["serve", "--listen", "127.0.0.1:0"], 1);
    assert!(
        refused.contains("was changed after it was applied") && refused.contains("migrate new"),
        "{refused}"
    );
    assert!(fails(here.path(), &["migrate"], 1).contains("changed"));

    let made = succeeds(here.path(), &["migrate", "new", "Add Tags!"]);
    assert!(made.trim().ends_with("_add_tags.sql"), "{made}");
}

#[test]
fn a_running_server_is_migrated_over_its_socket() {
    let here = folder();
    let served = Served::start(here.path(), &["--dev"]);
    write(
        here.path(),
        "migrations/20250101000000_one.sql",
        "create table one (id int); grant select on one to anon;",
    );
    assert!(succeeds(here.path(), &["migrate", "up"]).contains("applied"));
    assert!(succeeds(here.path(), &["migrate"]).contains("applied"));
    // It did not have to start again to know the table.
    let body = Command::new("curl").args(["-s", &format!("{}/rest/v1/one", served.url)]).output();
    if let Ok(output) = body {
        assert_eq!(String::from_utf8_lossy(&output.stdout), "[]");
    }
    assert!(fails(here.path(), &["sql", "-c", "select nope"], 1).contains("42703"));
    assert_eq!(served.end("-TERM"), Some(0));
}

#[test]
fn the_seed_runs_once_on_a_new_database() {
    let here = folder();
    write(here.path(), "migrations/20250101000000_one.sql", "create table one (id int);\n");
    write(here.path(), "seed.sql", "insert into one values (1), (2);\n");
    let rows = || succeeds(here.path(), &["sql", "--json", "-c", "select count(*) as n from one"]);
    for _ in 0..2 {
        let served = Served::start(here.path(), &[]);
        assert_eq!(served.end("-TERM"), Some(0));
        assert_eq!(rows(), "[{\"n\":2}]\n");
    }
}

#[test]
fn sql_takes_scripts_and_answers_as_psql() {
    let here = folder();
    let script = "create table t (id int primary key, name text);\n\
                  begin; insert into t values (1, 'one'); insert into t values (2, null); commit;\n\
                  begin; delete from t; rollback;\n\
                  select * from t order by id;\n";
    write(here.path(), "script.sql", script);
    let expected = "CREATE TABLE\nINSERT 0 1\nINSERT 0 1\nDELETE 2\n id | name \n----+------\n  1 | one\n  2 | \n(2 rows)\n\n";
    assert_eq!(succeeds(here.path(), &["sql", "-f", "script.sql"]), expected);
    // With -c all is one transaction.
    fails(
        here.path(),
        &["sql", "-c", "insert into t values (3, 'three'); insert into t values (1, 'again')"],
        1,
    );
    let refused = fails(here.path(), &["sql", "-c", "select id,\n nope from t"], 1);
    assert_eq!(
        refused,
        "ERROR:  42703: column \"nope\" does not exist\nLINE 2:  nope from t\n         ^\nHINT:  Perhaps you meant to reference the column \"t.name\".\n"
    );
    let mut child = command(here.path(), &["sql", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program");
    child.stdin.take().expect("its input").write_all(b"select count(*) as n from t;").expect("written");
    let output = child.wait_with_output().expect("its output");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "[{\"n\":2}]\n");
    let claims = r#"{"sub":"8d0fd2b3-9ca7-4d9e-a95f-9e13dded323e"}"#;
    let uid = succeeds(
        here.path(),
        &["sql", "--role", "authenticated", "--claims", claims, "--json", "-c", "select auth.uid() as u"],
    );
    assert_eq!(uid, "[{\"u\":\"8d0fd2b3-9ca7-4d9e-a95f-9e13dded323e\"}]\n");
}

#[test]
fn check_reports_every_statement() {
    let here = folder();
    write(
        here.path(),
        "migrations/20250101000000_one.sql",
        "create table one (id int);\n\ncreate index on one using gin (id);\n",
    );
    write(
        here.path(),
        "migrations/20250102000000_two.sql",
        "select 1;\nlisten channel;\ncopy one from stdin;\n1\n2\n\\.\ninsert into one values (1);\n",
    );
    let output = run(here.path(), &["check", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).expect("text");
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(lines.len(), 7, "{text}");
    for line in &lines[..6] {
        for key in ["file", "line", "statement", "status", "sqlstate", "message", "hint"] {
            assert!(line.get(key).is_some(), "{key} in {line}");
        }
    }
    assert_eq!(lines[0]["status"], "ok");
    assert_eq!((lines[0]["line"].as_u64(), lines[1]["line"].as_u64()), (Some(1), Some(3)));
    let refused: Vec<&serde_json::Value> = lines.iter().filter(|line| line["status"] == "refused").collect();
    assert!(
        refused.iter().any(|line| line["statement"] == "listen channel" && line["sqlstate"] == "0A000"),
        "{text}"
    );
    assert_eq!((lines[5]["line"].as_u64(), lines[5]["status"].as_str()), (Some(7), Some("ok")), "{text}");
    assert_eq!(lines[6]["totals"]["statements"], 6);
    assert_eq!(lines[6]["totals"]["refused"].as_u64(), Some(refused.len() as u64));
    let words = fails(here.path(), &["check"], 1);
    let last = words.trim().lines().last().expect("last words");
    assert!(last.contains("PostgreSQL") && last.contains("bedplate serve --engine postgres"), "{words}");
}

#[test]
fn check_passes_what_the_embedded_engine_runs() {
    let example = repository().join("examples/todo");
    let here = folder();
    let said = succeeds(here.path(), &["check", example.to_str().expect("a path")]);
    assert!(said.trim().ends_with("The embedded engine runs this project."), "{said}");
}

/// What `bedplate keys … --json` says: names and standings.
fn signing_keys(folder: &Path, arguments: &[&str]) -> Vec<(String, String)> {
    let mut line = vec!["keys"];
    line.extend(arguments);
    line.push("--json");
    let keys: serde_json::Value = serde_json::from_str(&succeeds(folder, &line)).expect("JSON");
    let text = |value: &serde_json::Value| value.as_str().expect("text").to_owned();
    keys.as_array().expect("a list").iter().map(|key| (text(&key["kid"]), text(&key["standing"]))).collect()
}

#[test]
fn signing_keys_are_turned_with_and_without_a_running_server() {
    let here = folder();
    let standings = |keys: &[(String, String)]| -> Vec<String> {
        keys.iter().map(|(_, standing)| standing.clone()).collect()
    };
    let first = signing_keys(here.path(), &["list"]);
    assert_eq!(standings(&first), ["current"]);
    let second = signing_keys(here.path(), &["rotate", "--algorithm", "EdDSA"]);
    assert_eq!(standings(&second), ["current", "standby"]);
    let refused = fails(here.path(), &["keys", "rotate"], 1);
    assert!(refused.contains("under way") && refused.contains("--now"), "{refused}");

    let served = Served::start(here.path(), &[]);
    assert_eq!(signing_keys(here.path(), &["list"]), second);
    let third = signing_keys(here.path(), &["rotate", "--now"]);
    assert_eq!(standings(&third), ["previous", "current"]);
    assert_eq!(third[1].0, second[1].0, "the one that waited signs");
    let table = succeeds(here.path(), &["keys", "list"]);
    let (head, row) = (table.lines().next().expect("a head"), table.lines().nth(2).expect("a row"));
    assert!(head.starts_with("KID") && row.contains(&third[1].0) && row.contains("EdDSA"), "{table}");
    let fourth = signing_keys(here.path(), &["revoke", &third[1].0]);
    assert_eq!(standings(&fourth), ["previous", "revoked", "current"]);
    assert!(fails(here.path(), &["keys", "revoke", "nobody"], 1).contains("keys list"));
    assert_eq!(served.end("-TERM"), Some(0));

    assert_eq!(signing_keys(here.path(), &["list"]), fourth);
    assert!(fails(here.path(), &["keys", "rotate", "--algorithm", "HS256"], 2).contains("ES256"));
}

#[test]
fn without_the_secret_tokens_are_signed_by_the_key() {
    let here = folder();
    write(here.path(), "config.toml", "[auth]\njwt_secret_accepted = false\n");
    let kid = signing_keys(here.path(), &["list"]).remove(0).0;
    let minted = |folder: &Path| {
        let token = succeeds(folder, &["token", "--role", "service_role"]);
        let head = token.split('.').next().expect("a header");
        let head = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, head);
        let head: serde_json::Value = serde_json::from_slice(&head.expect("base64")).expect("JSON");
        head["kid"].as_str().expect("a name").to_owned()
    };
    assert_eq!(minted(here.path()), kid);
    let served = Served::start(here.path(), &[]);
    assert_eq!(minted(here.path()), kid);
    assert_eq!(served.end("-TERM"), Some(0));
}
