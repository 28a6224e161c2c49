//! What is said on the owner's socket. These types are the protocol; the port's own types may change without it.

use crate::keys::{KeyRequest, ListedKey};
use crate::users::{UserAnswer, UserRefusal, UserRequest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use database::{
    Column, DatabaseError, End, Engine, Notice, Outcome, ResultSet, Session, Severity, SqlState, Statement,
    SystemPrivilege, Value, Work,
};
use serde::{Deserialize, Serialize};
use serde_json::Map;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use web::{SignatureAlgorithm, Standing};

/// A request.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Request {
    pub(super) protocol: u32,
    pub(super) ask: Ask,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Ask {
    /// What the owner is and which keys it uses.
    Facts,
    /// The signing keys, looked at or changed.
    Keys(WireKeyRequest),
    /// Claims to be signed by the current key.
    Sign { claims: Map<String, serde_json::Value> },
    /// Something to do to users.
    Users(UserRequest),
    /// The types of schemas in a client's language.
    Types { schemas: Vec<String>, python: bool },
    /// Work to run.
    Run { session: WireSession, statements: Vec<WireStatement>, rollback: bool },
}

/// The answer.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Answer {
    Facts(WireFacts),
    Outcomes(Vec<WireOutcome>),
    Keys(Vec<WireKey>),
    Token(String),
    Types(String),
    Users(Result<UserAnswer, UserRefusal>),
    Refused(DatabaseError),
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum WireKeyRequest {
    List,
    Rotate { algorithm: Option<String>, urgent: bool },
    Revoke { kid: String },
}

/// A signing key without anything secret; times in milliseconds since 1970.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct WireKey {
    kid: String,
    algorithm: String,
    standing: String,
    signs_from: u64,
    verifies_until: Option<u64>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct WireFacts {
    pub(super) version: String,
    pub(super) postgres: bool,
    pub(super) url: String,
    pub(super) jwt_secret: String,
    pub(super) publishable_key: String,
    pub(super) secret_key: String,
    pub(super) anon_key: String,
    pub(super) service_role_key: String,
    pub(super) well_known: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct WireSession {
    role: String,
    settings: Vec<(String, String)>,
    search_path: Vec<String>,
    statement_timeout_ms: Option<u64>,
    read_only: bool,
    operator: bool,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct WireStatement {
    text: String,
    parameters: Vec<WireValue>,
    #[serde(default)]
    rows: Option<String>,
}

/// A value: what JSON has stands for itself, the rest is named.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum WireValue {
    Null,
    Bool(bool),
    Int(i64),
    Text(String),
    /// As text, since JSON has neither infinities nor NaN.
    Float {
        float: String,
    },
    /// In base64.
    Bytes {
        bytes: String,
    },
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct WireOutcome {
    columns: Vec<(String, u32, String)>,
    rows: Vec<Vec<WireValue>>,
    tag: String,
    affected: u64,
    notices: Vec<(char, SqlState, String)>,
    #[serde(default)]
    copied: Option<String>,
    met: bool,
    no_effect: Option<String>,
}

pub(super) fn engine(postgres: bool) -> Engine {
    if postgres { Engine::Postgres } else { Engine::Embedded }
}

impl Ask {
    /// Work as a request. Expectations are a protocol's of HTTP; the operator's commands have none.
    pub(super) fn run(session: &Session, work: &Work) -> Ask {
        let Session { role, settings, search_path, statement_timeout, read_only, .. } = session;
        let session = WireSession {
            role: role.to_string(),
            settings: settings.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect(),
            search_path: search_path.iter().map(ToString::to_string).collect(),
            statement_timeout_ms: statement_timeout
                .map(|limit| u64::try_from(limit.as_millis()).unwrap_or(u64::MAX)),
            read_only: *read_only,
            operator: session.is_operator(),
        };
        let statements = work
            .statements
            .iter()
            .map(|statement| WireStatement {
                text: statement.text.to_string(),
                parameters: statement.parameters.iter().map(WireValue::from).collect(),
                rows: statement.rows.as_deref().map(str::to_owned),
            })
            .collect();
        Ask::Run { session, statements, rollback: work.end == End::Rollback }
    }
}

impl From<&KeyRequest> for WireKeyRequest {
    fn from(request: &KeyRequest) -> WireKeyRequest {
        match request {
            KeyRequest::List => WireKeyRequest::List,
            KeyRequest::Rotate { algorithm, urgent } => WireKeyRequest::Rotate {
                algorithm: algorithm.map(|algorithm| algorithm.name().to_owned()),
                urgent: *urgent,
            },
            KeyRequest::Revoke(kid) => WireKeyRequest::Revoke { kid: kid.clone() },
        }
    }
}

impl TryFrom<WireKeyRequest> for KeyRequest {
    type Error = DatabaseError;

    fn try_from(request: WireKeyRequest) -> Result<KeyRequest, DatabaseError> {
        Ok(match request {
            WireKeyRequest::List => KeyRequest::List,
            WireKeyRequest::Rotate { algorithm, urgent } => KeyRequest::Rotate {
                algorithm: match algorithm {
                    None => None,
                    Some(name) => Some(SignatureAlgorithm::of(&name).ok_or_else(broken)?),
                },
                urgent,
            },
            WireKeyRequest::Revoke { kid } => KeyRequest::Revoke(kid),
        })
    }
}

impl From<ListedKey> for WireKey {
    fn from(key: ListedKey) -> WireKey {
        let ListedKey { kid, algorithm, standing, signs_from, verifies_until } = key;
        WireKey {
            kid,
            algorithm: algorithm.name().to_owned(),
            standing: standing.to_string(),
            signs_from: milliseconds_of(signs_from),
            verifies_until: verifies_until.map(milliseconds_of),
        }
    }
}

impl TryFrom<WireKey> for ListedKey {
    type Error = DatabaseError;

    fn try_from(key: WireKey) -> Result<ListedKey, DatabaseError> {
        let WireKey { kid, algorithm, standing, signs_from, verifies_until } = key;
        Ok(ListedKey {
            kid,
            algorithm: SignatureAlgorithm::of_any(&algorithm).ok_or_else(broken)?,
            standing: Standing::of(&standing).ok_or_else(broken)?,
            signs_from: time_of(signs_from),
            verifies_until: verifies_until.map(time_of),
        })
    }
}

fn milliseconds_of(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

fn time_of(milliseconds: u64) -> SystemTime {
    UNIX_EPOCH.checked_add(Duration::from_millis(milliseconds)).unwrap_or(UNIX_EPOCH)
}

fn broken() -> DatabaseError {
    DatabaseError::new(sqlstate::PROTOCOL_VIOLATION, "a value on the owner's socket is broken")
}

impl WireSession {
    pub(super) fn into_session(self) -> Session {
        let WireSession { role, settings, search_path, statement_timeout_ms, read_only, operator } = self;
        // Who reaches the socket is the operator of the machine.
        let mut session = match operator {
            true => Session::operator(SystemPrivilege::i_am_the_operator()),
            false => Session::new(role.clone()),
        };
        session.role = role.into();
        session.settings = settings.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        session.search_path = search_path.into_iter().map(Into::into).collect();
        session.statement_timeout = statement_timeout_ms.map(Duration::from_millis);
        session.read_only = read_only;
        session
    }
}

/// Work out of a request.
///
/// # Errors
/// When a value is not one.
pub(super) fn work(statements: Vec<WireStatement>, rollback: bool) -> Result<Work, DatabaseError> {
    let statements = statements.into_iter().map(|WireStatement { text, parameters, rows }| {
        let parameters: Result<Vec<Value>, DatabaseError> =
            parameters.into_iter().map(Value::try_from).collect();
        Ok(Statement::with(text, parameters?).with_rows(rows))
    });
    Ok(Work {
        statements: statements.collect::<Result<_, DatabaseError>>()?,
        end: if rollback { End::Rollback } else { End::Commit },
        ..Work::default()
    })
}

impl From<&Value> for WireValue {
    fn from(value: &Value) -> WireValue {
        match value {
            Value::Null => WireValue::Null,
            Value::Bool(truth) => WireValue::Bool(*truth),
            Value::Int(number) => WireValue::Int(*number),
            Value::Float(number) => WireValue::Float { float: format!("{number:?}") },
            Value::Text(text) => WireValue::Text(text.to_string()),
            Value::Bytes(bytes) => WireValue::Bytes { bytes: STANDARD.encode(bytes) },
        }
    }
}

impl TryFrom<WireValue> for Value {
    type Error = DatabaseError;

    fn try_from(value: WireValue) -> Result<Value, DatabaseError> {
        Ok(match value {
            WireValue::Null => Value::Null,
            WireValue::Bool(truth) => Value::Bool(truth),
            WireValue::Int(number) => Value::Int(number),
            WireValue::Text(text) => Value::Text(text.into()),
            WireValue::Float { float } => Value::Float(float.parse().map_err(|_| broken())?),
            WireValue::Bytes { bytes } => Value::Bytes(STANDARD.decode(bytes).map_err(|_| broken())?.into()),
        })
    }
}

impl From<Outcome> for WireOutcome {
    fn from(outcome: Outcome) -> WireOutcome {
        let Outcome { result: ResultSet { columns, rows }, tag, affected, notices, copied, met, no_effect } =
            outcome;
        let column =
            |column: &Column| (column.name.to_string(), column.type_oid, column.type_name.to_string());
        let notice = |notice: Notice| {
            let severity = match notice.severity {
                Severity::Notice => 'N',
                Severity::Warning => 'W',
                Severity::Info => 'I',
            };
            (severity, notice.code, notice.message)
        };
        WireOutcome {
            columns: columns.iter().map(column).collect(),
            rows: rows.iter().map(|row| row.iter().map(WireValue::from).collect()).collect(),
            tag,
            affected,
            notices: notices.into_iter().map(notice).collect(),
            copied,
            met,
            no_effect,
        }
    }
}

impl TryFrom<WireOutcome> for Outcome {
    type Error = DatabaseError;

    fn try_from(outcome: WireOutcome) -> Result<Outcome, DatabaseError> {
        let WireOutcome { columns, rows, tag, affected, notices, copied, met, no_effect } = outcome;
        let rows = rows.into_iter().map(|row| row.into_iter().map(Value::try_from).collect());
        let columns = columns.into_iter().map(|(name, type_oid, type_name)| Column {
            name: Arc::from(name),
            type_oid,
            type_name: Arc::from(type_name),
        });
        let notices = notices.into_iter().map(|(severity, code, message)| Notice {
            severity: match severity {
                'W' => Severity::Warning,
                'I' => Severity::Info,
                _ => Severity::Notice,
            },
            code,
            message,
        });
        Ok(Outcome {
            result: ResultSet {
                columns: columns.collect(),
                rows: rows.collect::<Result<_, DatabaseError>>()?,
            },
            tag,
            affected,
            notices: notices.collect(),
            copied,
            met,
            no_effect,
        })
    }
}
