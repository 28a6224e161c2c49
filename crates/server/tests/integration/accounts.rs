//! Accounts, on both engines: each scenario runs on a server of each, through HTTP, and its answers must be the same.
//!
//! Numbers in names are lines of the list of published attacks on comparable systems.

mod administration;
mod passwords;
mod rates;
mod sign_in;

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
