//! Accounts, on both engines: each scenario runs on a server of each, through HTTP, and its answers must be the same.
//!
//! Numbers in names are lines of the list of published attacks on comparable systems.

mod administration;
mod attacks;
mod changes;
mod kill;
mod links;
mod mailed;
mod operator;
mod passwords;
mod providers;
mod races;
mod rates;
mod refusals;
mod secrets;
mod sign_in;
mod sign_up;
mod triggers;

use crate::harness::{Answer, Folder, Running, folder};
use database::{Session, Statement, SystemPrivilege, Value, Work};
use serde_json::Value as Json;
use server::configuration::{EngineChoice, Settings};

/// A server whose accounts are tested.
pub(crate) struct Accounts {
    pub(crate) server: Running,
    pub(crate) engine: EngineChoice,
    _project: Folder,
}

/// Runs the scenario on a server of each engine, one after the other.
pub(crate) async fn on_both_engines(settings: Settings, scenario: impl AsyncFn(&Accounts)) {
    for engine in [EngineChoice::Sqlite, EngineChoice::Postgres] {
        let accounts = Accounts::start(Settings { engine, ..settings.clone() }).await;
        scenario(&accounts).await;
        accounts.server.stop().await;
    }
}

impl Accounts {
    /// A server that keeps nothing.
    pub(crate) async fn start(settings: Settings) -> Accounts {
        let project = folder();
        let engine = settings.engine;
        let server = Running::ephemeral(project.path(), settings).await;
        Accounts { server, engine, _project: project }
    }

    /// Runs SQL as the operator and gives the rows' values as text (NULL is empty).
    pub(crate) async fn sql(&self, text: &str, parameters: &[&str]) -> Vec<Vec<String>> {
        let session = Session::operator(SystemPrivilege::i_am_the_operator());
        let statement = Statement::with(text, parameters.iter().map(|&text| Value::from(text)));
        let outcomes = self.server.database.run(&session, Work::one(statement)).await;
        let outcomes = outcomes.unwrap_or_else(|error| panic!("{text}: {error}"));
        let shown = |value: &Value| match value {
            Value::Null => String::new(),
            Value::Bool(truth) => truth.to_string(),
            Value::Int(number) => number.to_string(),
            Value::Float(number) => number.to_string(),
            Value::Text(text) => text.to_string(),
            Value::Bytes(bytes) => format!("{bytes:?}"),
        };
        outcomes[0].result.rows.iter().map(|row| row.iter().map(shown).collect()).collect()
    }

    /// The single value of a query.
    pub(crate) async fn value(&self, text: &str, parameters: &[&str]) -> String {
        self.sql(text, parameters).await.first().and_then(|row| row.first()).cloned().unwrap_or_default()
    }

    /// Asks the accounts with a JSON body and headers.
    pub(crate) async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &Json,
    ) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let mut all = vec![("content-type", "application/json")];
        all.extend(headers);
        self.server.ask(method, &format!("/auth/v1{path}"), &all, &body).await
    }

    /// Asks as nobody.
    pub(crate) async fn post(&self, path: &str, body: &Json) -> Answer {
        self.ask("POST", path, &[], body).await
    }

    /// Asks with a token.
    pub(crate) async fn with_token(&self, method: &str, path: &str, token: &str, body: &Json) -> Answer {
        self.ask(method, path, &[("authorization", &format!("Bearer {token}"))], body).await
    }

    /// Asks with the secret key.
    pub(crate) async fn as_admin(&self, method: &str, path: &str, body: &Json) -> Answer {
        self.ask(method, path, &[("apikey", self.server.keys.secret_key.expose())], body).await
    }

    /// The messages that wait or were delivered into the inbox, newest first.
    pub(crate) async fn messages(&self) -> Vec<Json> {
        let text = "select id, payload::text from bedplate.jobs where kind = 'mail' and payload <> 'null' \
                    union all select id, message::text from bedplate.inbox order by 1 desc";
        let mut rows = self.sql(text, &[]).await;
        // For a moment a message is in both.
        rows.dedup_by(|row, before| row[0] == before[0]);
        rows.iter().map(|row| serde_json::from_str(&row[1]).expect("a message")).collect()
    }

    /// The letters to an address, newest first.
    pub(crate) async fn letters(&self, to: &str) -> Vec<Letter> {
        let messages = self.messages().await;
        let letter = |message: &Json| {
            let text = |field: &str| message[field].as_str().expect("text").to_owned();
            Letter { subject: text("subject"), text: text("text") }
        };
        messages.iter().filter(|message| message["to"]["address"] == to).map(letter).collect()
    }

    /// The newest letter for an address.
    pub(crate) async fn letter(&self, to: &str) -> Letter {
        self.letters(to).await.into_iter().next().unwrap_or_else(|| panic!("no letter to {to}"))
    }

    /// As if so many seconds had passed since anything was mailed to anybody.
    pub(crate) async fn let_time_pass(&self, seconds: u32) {
        let moved = |column: &str| format!("{column} = {column} - $1::integer * interval '1 second'");
        let columns =
            ["confirmation_sent_at", "recovery_sent_at", "email_change_sent_at", "reauthentication_sent_at"];
        let text = format!("update auth.users set {}", columns.map(moved).join(", "));
        self.sql(&text, &[&seconds.to_string()]).await;
    }

    /// Puts a user with a confirmed address and a password into the tables, as an import would.
    pub(crate) async fn import_user(&self, email: &str, password: &str) -> String {
        let hasher = auth::password::Hasher::new(auth::password::HasherOptions::default()).expect("a hasher");
        let hash = hasher.hash(password).await.expect("a hash");
        let id = self
            .value(
                "insert into auth.users (instance_id, id, aud, role, email, encrypted_password, email_confirmed_at, \
                 confirmation_token, recovery_token, email_change_token_new, email_change, raw_app_meta_data, \
                 raw_user_meta_data, created_at, updated_at) \
                 values ('00000000-0000-0000-0000-000000000000', gen_random_uuid(), 'authenticated', 'authenticated', $1, $2, \
                 now(), '', '', '', '', '{\"provider\":\"email\",\"providers\":[\"email\"]}', '{}', now(), now()) returning id",
                &[email, &hash],
            )
            .await;
        self.sql(
            "insert into auth.identities (provider_id, user_id, identity_data, provider, created_at, updated_at) \
             values ($1::text, $3::uuid, jsonb_build_object('sub', $1::text, 'email', $2::text, 'email_verified', true), 'email', now(), now())",
            &[&id, email, &id],
        )
        .await;
        id
    }
}

/// A refusal's status and code.
#[track_caller]
pub(crate) fn refusal(answer: &Answer) -> (u16, String) {
    (answer.status, answer.header("x-sb-error-code").to_owned())
}

/// A text field of an answer.
#[track_caller]
pub(crate) fn text(answer: &Answer, field: &str) -> String {
    let json = answer.json();
    json[field].as_str().unwrap_or_else(|| panic!("no {field}: {answer:?}")).to_owned()
}

/// A letter.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Letter {
    pub(crate) subject: String,
    pub(crate) text: String,
}

impl Letter {
    /// Its link.
    #[track_caller]
    pub(crate) fn link(&self) -> &str {
        self.text.lines().find(|line| line.starts_with("http")).unwrap_or_else(|| panic!("no link: {self:?}"))
    }

    /// Its link behind `/auth/v1`.
    #[track_caller]
    pub(crate) fn path(&self) -> String {
        let (_, path) = self.link().split_once("/auth/v1").unwrap_or_else(|| panic!("{self:?}"));
        path.to_owned()
    }

    /// A parameter of its link.
    #[track_caller]
    pub(crate) fn parameter(&self, name: &str) -> String {
        parameter(self.link(), name).unwrap_or_else(|| panic!("no {name}: {self:?}"))
    }

    /// Its code.
    #[track_caller]
    pub(crate) fn code(&self) -> String {
        let digits = |word: &&str| word.len() >= 6 && word.bytes().all(|byte| byte.is_ascii_digit());
        self.text.split_whitespace().find(digits).unwrap_or_else(|| panic!("no code: {self:?}")).to_owned()
    }
}

/// A parameter of a URL's query or fragment.
pub(crate) fn parameter(url: &str, name: &str) -> Option<String> {
    url.split(['?', '#', '&']).skip(1).find_map(|pair| {
        let (key, value) = pair.split_once('=')?;
        (key == name).then(|| decoded(value))
    })
}

/// The text of a part of a URL.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits: String = rest.by_ref().take(2).map(char::from).collect();
                bytes.push(u8::from_str_radix(&digits, 16).expect("two digits"));
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).expect("text")
}
