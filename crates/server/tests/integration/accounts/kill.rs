//! The program is killed (SIGKILL) at random moments while clients sign up, renew their sessions and change their passwords. What
//! was acknowledged is there afterwards, what belongs together is there together, and nothing outlives its revocation.
//!
//! `BEDPLATE_ROUNDS` and `BEDPLATE_SEED` make it longer and different: `cargo xtask soak accounts-kill`.

use crate::harness::{Answer, Folder, Random, asked, folder};
use crate::program::{Served, succeeds};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How often it is killed in CI.
const ROUNDS: u32 = 3;
/// Clients of each kind.
const CLIENTS: usize = 2;

/// Mail is caught, addresses must be confirmed, and hashes are cheap: what is tested is what is written.
const CONFIGURATION: &str = "[auth.email]\nenable_confirmations = true\n\
     [auth.rate_limit]\nemail_sent = 1000000\ntoken_refresh = 1000000\nsign_in_sign_ups = 1000000\n\
     [bedplate]\npassword_hash_memory = \"64KiB\"\npassword_hash_passes = 1\n";

#[test]
fn accounts_survive_kills_on_the_embedded_engine() {
    survive("sqlite");
}

#[test]
fn accounts_survive_kills_on_postgresql() {
    survive("postgres");
}

/// A number from the environment.
/// What was acknowledged in all rounds.
#[derive(Debug, Default)]
struct Acknowledged {
    sign_ups: usize,
    refreshes: usize,
    password_changes: usize,
    sign_ins: usize,
}

#[expect(clippy::print_stdout, reason = "a long run says what it did")]
fn survive(engine: &str) {
    let rounds = asked("BEDPLATE_ROUNDS").unwrap_or(ROUNDS);
    let mut random = Random::from_seed(asked("BEDPLATE_SEED").unwrap_or(1));
    let project = Project::new(engine);
    let mut served = project.serve();
    let secret_key = project.secret_key();
    let mut renewing: Vec<Renewing> =
        (0..CLIENTS).map(|number| Renewing::new(&served.url, &secret_key, number)).collect();
    let mut changing: Vec<Changing> =
        (0..CLIENTS).map(|number| Changing::new(&served.url, &secret_key, number)).collect();
    let mut total = Acknowledged::default();
    for round in 0..rounds {
        let url = served.url.clone();
        let signing_up: Vec<JoinHandle<Vec<String>>> = (0..CLIENTS)
            .map(|client| {
                let (url, client) = (url.clone(), format!("r{round}-c{client}"));
                thread::spawn(move || sign_up(&url, &client))
            })
            .collect();
        let renewals: Vec<_> = renewing.into_iter().map(|one| one.begin(&url)).collect();
        let changes: Vec<_> = changing.into_iter().map(|one| one.begin(&url, round)).collect();
        thread::sleep(Duration::from_millis(100 + random.below(1400)));
        assert_eq!(served.end("-KILL"), None, "it was killed");

        let signed_up: Vec<String> = signing_up.into_iter().flat_map(joined).collect();
        renewing = renewals.into_iter().map(joined).collect();
        changing = changes.into_iter().map(Changes::end).collect();
        served = project.serve();
        project.check_what_belongs_together(round, &signed_up);
        for one in &renewing {
            one.check_predecessor(&project);
        }
        total.sign_ups += signed_up.len();
        for one in &mut renewing {
            total.refreshes += one.check(&served.url);
        }
        for one in &mut changing {
            total.password_changes += one.changes;
            total.sign_ins += one.let_in.len();
            one.check(&served.url);
        }
    }
    assert_eq!(served.end("-TERM"), Some(0));
    println!("{engine}: {rounds} kills, {total:?}");
    let least = usize::try_from(rounds).expect("a number");
    assert!(total.sign_ups >= least && total.refreshes >= least && total.sign_ins >= least, "{total:?}");
    assert!(total.password_changes >= least, "{total:?}");
}

fn joined<T>(task: JoinHandle<T>) -> T {
    task.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// A project in a folder of its own, on an engine.
struct Project {
    folder: Folder,
    engine: String,
}

impl Project {
    fn new(engine: &str) -> Project {
        let folder = folder();
        std::fs::write(folder.path().join("config.toml"), CONFIGURATION).expect("a configuration");
        Project { folder, engine: engine.to_owned() }
    }

    fn serve(&self) -> Served {
        Served::start(self.folder.path(), &["--engine", &self.engine])
    }

    fn secret_key(&self) -> String {
        let keys = succeeds(self.folder.path(), &["keys", "--json", "--engine", &self.engine]);
        let keys: Value = serde_json::from_str(&keys).expect("JSON");
        keys["secret_key"].as_str().expect("a key").to_owned()
    }

    /// The rows of a query.
    fn rows(&self, query: &str) -> Vec<Value> {
        let rows = succeeds(self.folder.path(), &["sql", "--json", "--engine", &self.engine, "-c", query]);
        serde_json::from_str(&rows).unwrap_or_else(|error| panic!("{error}: {rows}"))
    }

    #[track_caller]
    fn none(&self, query: &str) {
        let rows = self.rows(query);
        assert!(rows.is_empty(), "{query}: {rows:?}");
    }

    /// What is committed together is there together, and what was acknowledged is there.
    fn check_what_belongs_together(&self, round: u32, signed_up: &[String]) {
        self.none("select u.email from auth.users u where not exists (select 1 from auth.identities i where i.user_id = u.id)");
        self.none("select i.id from auth.identities i where not exists (select 1 from auth.users u where u.id = i.user_id)");
        self.none("select r.id from auth.refresh_tokens r where not exists (select 1 from auth.sessions s where s.id = r.session_id)");
        self.none(
            "select s.id from auth.sessions s where not exists (select 1 from auth.refresh_tokens r where r.session_id = s.id)",
        );
        // One code for each who is to confirm, and one letter with it: waiting, or delivered once.
        self.none(
            "select u.email from auth.users u where u.email_confirmed_at is null and \
             (select count(*) from auth.one_time_tokens t where t.user_id = u.id and t.token_hash = u.confirmation_token) <> 1",
        );
        let mine = format!("r{round}-%");
        let letters = self.rows(&format!(
            "select u.email, (select count(*) from bedplate.inbox i where i.to_address = u.email) as delivered, \
             (select count(*) from bedplate.jobs j where j.payload -> 'to' ->> 'address' = u.email \
             and not exists (select 1 from bedplate.inbox i where i.id = j.id)) as waiting \
             from auth.users u where u.email like '{mine}'"
        ));
        let mut found = Vec::new();
        for row in &letters {
            let count = |name: &str| row[name].as_u64().unwrap_or_else(|| panic!("{row}"));
            assert_eq!(count("delivered") + count("waiting"), 1, "{row}");
            found.push(row["email"].as_str().expect("an address").to_owned());
        }
        let lost: Vec<&String> = signed_up.iter().filter(|email| !found.contains(email)).collect();
        assert!(lost.is_empty(), "acknowledged and lost in round {round}: {lost:?}");
        self.none(
            "select i.to_address from bedplate.inbox i where not exists (select 1 from auth.users u where u.email = i.to_address)",
        );
        self.none(
            "select j.id from bedplate.jobs j where j.kind = 'mail' and j.state <> 'done' \
             and not exists (select 1 from auth.users u where u.email = j.payload -> 'to' ->> 'address')",
        );
        self.none("select id, last_error from bedplate.jobs where state = 'dead'");
    }
}

/// Asks, and gives the whole answer; `None` when the server was killed before it was sent.
fn ask(url: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Option<Answer> {
    let host = url.strip_prefix("http://").expect("an address");
    let body = body.to_string();
    let mut request = format!(
        "{method} /auth/v1{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    let mut stream = TcpStream::connect(host).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a time limit");
    stream.write_all(format!("{request}\r\n{body}").as_bytes()).ok()?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).ok()?;
    let answer = Answer::read(&bytes);
    let length: usize = answer.header("content-length").parse().ok()?;
    (answer.body.len() == length).then_some(answer)
}

/// The server was killed before it answered.
#[derive(Debug)]
struct Killed;

/// Asks, and gives the answer of a success; `Ok(None)`: it was refused for the moment.
fn post(url: &str, path: &str, body: &Value) -> Result<Option<Answer>, Killed> {
    acknowledged(ask(url, "POST", path, &[], body))
}

fn acknowledged(answer: Option<Answer>) -> Result<Option<Answer>, Killed> {
    let answer = answer.ok_or(Killed)?;
    match answer.status {
        200 => Ok(Some(answer)),
        // Another was faster, or what hashes is busy.
        409 | 503 => Ok(None),
        _ => panic!("{answer:?}"),
    }
}

fn text(answer: &Answer, field: &str) -> String {
    answer.json()[field].as_str().unwrap_or_else(|| panic!("no {field}: {answer:?}")).to_owned()
}

fn password_grant(url: &str, email: &str, password: &str) -> Option<Answer> {
    ask(url, "POST", "/token?grant_type=password", &[], &json!({"email": email, "password": password}))
}

fn refresh_grant(url: &str, token: &str) -> Option<Answer> {
    ask(url, "POST", "/token?grant_type=refresh_token", &[], &json!({"refresh_token": token}))
}

/// A user with a confirmed address, signed in: access and refresh token.
fn user(url: &str, secret_key: &str, email: &str, password: &str) -> (String, String) {
    let body = json!({"email": email, "password": password, "email_confirm": true});
    let made = ask(url, "POST", "/admin/users", &[("apikey", secret_key)], &body).expect("an answer");
    assert_eq!(made.status, 200, "{made:?}");
    let session = password_grant(url, email, password).expect("an answer");
    (text(&session, "access_token"), text(&session, "refresh_token"))
}

/// Signs up new users until the server is killed; gives the addresses that were acknowledged.
fn sign_up(url: &str, client: &str) -> Vec<String> {
    let mut acknowledged = Vec::new();
    for number in 0.. {
        let email = format!("{client}-{number}@example.com");
        match post(url, "/signup", &json!({"email": email, "password": "correct horse"})) {
            Ok(Some(_)) => acknowledged.push(email),
            Ok(None) => {}
            Err(Killed) => break,
        }
    }
    acknowledged
}

/// A client that renews its session again and again.
struct Renewing {
    token: String,
    /// The token before it, and how many renewals were acknowledged in the round.
    predecessor: Option<String>,
    renewals: usize,
}

impl Renewing {
    fn new(url: &str, secret_key: &str, number: usize) -> Renewing {
        let (_, token) = user(url, secret_key, &format!("renewing-{number}@example.com"), "correct horse");
        Renewing { token, predecessor: None, renewals: 0 }
    }

    fn begin(self, url: &str) -> JoinHandle<Renewing> {
        let (url, mut this) = (url.to_owned(), Renewing { renewals: 0, predecessor: None, ..self });
        thread::spawn(move || {
            loop {
                match acknowledged(refresh_grant(&url, &this.token)) {
                    Ok(Some(answer)) => {
                        this.renewals += 1;
                        let next = text(&answer, "refresh_token");
                        this.predecessor = Some(std::mem::replace(&mut this.token, next));
                    }
                    Ok(None) => {}
                    Err(Killed) => return this,
                }
            }
        })
    }

    /// The acknowledged token follows its predecessor, which is used.
    fn check_predecessor(&self, project: &Project) {
        let Some(predecessor) = &self.predecessor else { return };
        let rows = project.rows(&format!(
            "select (select revoked from auth.refresh_tokens where token = '{predecessor}') as used, \
             (select parent from auth.refresh_tokens where token = '{}') as parent",
            self.token
        ));
        assert_eq!(rows, [json!({"used": true, "parent": predecessor})]);
    }

    /// The acknowledged token works; gives how many renewals were acknowledged.
    fn check(&mut self, url: &str) -> usize {
        let renewed = refresh_grant(url, &self.token).expect("an answer");
        assert_eq!(renewed.status, 200, "{renewed:?}");
        self.token = text(&renewed, "refresh_token");
        self.renewals
    }
}

/// A user who changes the password again and again in one session, while somebody signs in by it.
struct Changing {
    email: String,
    access: String,
    refresh: String,
    /// The last password that was acknowledged, and the one before it.
    password: String,
    former: Option<String>,
    /// The password of a change that was not acknowledged: it may hold.
    attempted: Option<String>,
    changes: usize,
    /// Who was let in: by which password, and with which refresh token.
    let_in: Vec<(String, String)>,
}

/// A round of changes that is under way.
struct Changes {
    change: JoinHandle<Changing>,
    sign_in: JoinHandle<Vec<(String, String)>>,
}

impl Changes {
    fn end(self) -> Changing {
        let Changes { change, sign_in } = self;
        Changing { let_in: joined(sign_in), ..joined(change) }
    }
}

impl Changing {
    fn new(url: &str, secret_key: &str, number: usize) -> Changing {
        let (email, password) = (format!("changing-{number}@example.com"), "correct horse".to_owned());
        let (access, refresh) = user(url, secret_key, &email, &password);
        Changing {
            email,
            access,
            refresh,
            password,
            former: None,
            attempted: None,
            changes: 0,
            let_in: Vec::new(),
        }
    }

    fn begin(self, url: &str, round: u32) -> Changes {
        let believed = Arc::new(Mutex::new(self.password.clone()));
        let sign_in = {
            let (url, email, believed) = (url.to_owned(), self.email.clone(), Arc::clone(&believed));
            thread::spawn(move || sign_in(&url, &email, &believed))
        };
        let (url, mut this) =
            (url.to_owned(), Changing { changes: 0, former: None, attempted: None, ..self });
        let change = thread::spawn(move || {
            for number in 0.. {
                let new = format!("horse {round} battery {number}");
                let bearer = format!("Bearer {}", this.access);
                let headers = [("Authorization", bearer.as_str())];
                match acknowledged(ask(&url, "PUT", "/user", &headers, &json!({"password": new}))) {
                    Ok(Some(_)) => {
                        lock(&believed).clone_from(&new);
                        this.former = Some(std::mem::replace(&mut this.password, new));
                        this.changes += 1;
                    }
                    Ok(None) => {}
                    Err(Killed) => {
                        this.attempted = Some(new);
                        break;
                    }
                }
            }
            this
        });
        Changes { change, sign_in }
    }

    /// The password that was acknowledged signs in, or the one that was not; no older one does, and nobody whom an older one let in is
    /// in still.
    fn check(&mut self, url: &str) {
        let signs_in = |password: &str| {
            let answer = password_grant(url, &self.email, password).expect("an answer");
            match (answer.status, answer.header("x-sb-error-code")) {
                (200, _) => true,
                (400, "invalid_credentials") => false,
                _ => panic!("{answer:?}"),
            }
        };
        let by_acknowledged = signs_in(&self.password);
        let by_attempted = self.attempted.as_deref().is_some_and(signs_in);
        assert!(by_acknowledged != by_attempted, "{by_acknowledged} {by_attempted}");
        if let Some(former) = &self.former {
            assert!(!signs_in(former), "the password before the last signs in");
        }
        if let Some(attempted) = self.attempted.take().filter(|_| by_attempted) {
            self.password = attempted;
        }
        for (password, token) in self.let_in.drain(..) {
            let renewed = refresh_grant(url, &token).expect("an answer");
            let expected = if password == self.password { 200 } else { 400 };
            assert_eq!(
                renewed.status, expected,
                "let in by {password:?}, now {:?}: {renewed:?}",
                self.password
            );
        }
        // The session that changed it goes on.
        let renewed = refresh_grant(url, &self.refresh).expect("an answer");
        assert_eq!(renewed.status, 200, "{renewed:?}");
        (self.access, self.refresh) = (text(&renewed, "access_token"), text(&renewed, "refresh_token"));
    }
}

/// Signs in by the password that was acknowledged last, until the server is killed.
fn sign_in(url: &str, email: &str, believed: &Mutex<String>) -> Vec<(String, String)> {
    let (mut let_in, begun) = (Vec::new(), Instant::now());
    loop {
        assert!(begun.elapsed() < Duration::from_secs(300), "nobody killed it");
        let password = lock(believed).clone();
        let Some(answer) = password_grant(url, email, &password) else { return let_in };
        match answer.status {
            200 => let_in.push((password, text(&answer, "refresh_token"))),
            // It was changed meanwhile.
            400 | 409 | 503 => {}
            _ => panic!("{answer:?}"),
        }
    }
}

fn lock(believed: &Mutex<String>) -> MutexGuard<'_, String> {
    believed.lock().unwrap_or_else(PoisonError::into_inner)
}
