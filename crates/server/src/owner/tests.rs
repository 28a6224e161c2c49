use super::wire::{WireOutcome, WireValue};
use super::*;
use crate::configuration::Settings;
use crate::folder::TemporaryFolder;
use crate::keys::{KeyRequest, Keyring, ProjectKeys, SealingKey};
use crate::operator::Operate as _;
use crate::project::Project;
use async_trait::async_trait;
use database::{
    Column, Database, DatabaseError, Engine, Notice, Outcome, ResultSet, Session, Severity, Statement, Value,
    Work,
};
use std::sync::{Arc, Mutex};

/// Remembers what it is asked and answers with every kind of value.
#[derive(Default)]
struct Echo(Mutex<Vec<(Session, Work)>>);

fn everything() -> Outcome {
    let column = |name: &str| Column { name: name.into(), type_oid: 25, type_name: "text".into() };
    let values = vec![
        Value::Null,
        Value::Bool(true),
        Value::Int(i64::MIN),
        Value::Float(f64::NEG_INFINITY),
        Value::Float(0.1),
        Value::Text("é\n".into()),
        Value::Bytes([0, 255].into()),
    ];
    Outcome {
        result: ResultSet {
            columns: (0..7).map(|index| column(&index.to_string())).collect(),
            rows: vec![values],
        },
        tag: "SELECT 1".into(),
        affected: 1,
        notices: vec![Notice {
            severity: Severity::Warning,
            code: sqlstate::WARNING,
            message: "careful".into(),
        }],
        copied: Some("1\tx\n".into()),
        met: true,
        no_effect: Some("because".into()),
    }
}

#[async_trait]
impl Database for Echo {
    fn engine(&self) -> Engine {
        Engine::Postgres
    }

    async fn run(&self, session: &Session, work: Work) -> Result<Vec<Outcome>, DatabaseError> {
        let fails = work.statements.iter().any(|statement| &*statement.text == "fail");
        self.0.lock().expect("the list").push((session.clone(), work));
        if fails {
            return Err(DatabaseError::new(sqlstate::UNIQUE_VIOLATION, "no")
                .with_detail("why")
                .in_statement(3));
        }
        Ok(vec![everything()])
    }

    async fn catalog(&self) -> Result<Arc<catalog::Catalog>, DatabaseError> {
        Ok(Arc::default())
    }

    async fn ready(&self) -> Result<(), DatabaseError> {
        Ok(())
    }

    async fn close(&self) -> Result<(), DatabaseError> {
        Ok(())
    }
}

fn owner(database: Arc<Echo>, keyring: Arc<Keyring>, facts: OwnerFacts) -> Owner {
    let waker = jobs::Waker::default();
    let doors = keyring.doors().clone();
    let accounts = crate::app::accounts::state(
        &Settings::default(),
        &Project::find(Path::new(".")),
        database.clone(),
        keyring.project(),
        doors,
        waker,
        &facts.url,
    );
    Owner { database, keyring, accounts: accounts.expect("accounts"), facts }
}

fn facts() -> OwnerFacts {
    OwnerFacts {
        version: "0".into(),
        engine: Engine::Postgres,
        url: "http://127.0.0.1:1".into(),
        keys: ProjectKeys::ephemeral(&Settings::default()).expect("keys"),
    }
}

/// The keys of a database of their own: what is asked of them does not go through [`Echo`].
async fn keyring() -> Arc<Keyring> {
    let database = testkit::embedded().await.expect("a database");
    crate::system::upgrade(&*database).await.expect("our tables");
    let sealing_key = SealingKey::make().expect("a key");
    let settings = Arc::new(Settings::default());
    let limits = web::Limits::default();
    let opened = Keyring::open(database, sealing_key, facts().keys, settings, Path::new("."), limits).await;
    Arc::new(opened.expect("keys"))
}

#[tokio::test]
async fn work_and_its_outcome_cross_the_socket_whole() {
    // A path longer than a socket's address may be.
    let temporary = TemporaryFolder::make().expect("a folder");
    let folder = temporary.path().join("x".repeat(100));
    std::fs::create_dir(&folder).expect("a folder");
    let (database, facts) = (Arc::new(Echo::default()), facts());
    let _door = Door::open(&folder, owner(database.clone(), keyring().await, facts.clone())).expect("a door");
    let client = OwnerClient::connect(&folder).await.expect("a connection");
    assert_eq!(client.facts(), &facts);

    let session = Session::new("anon").with_setting("a", "b").with_search_path(["x"]);
    let work = Work::all([Statement::with("select $1", everything().result.rows.remove(0))]);
    let outcomes = client.run(&session, work.clone()).await.expect("an answer");
    assert_eq!(outcomes, [everything()]);
    assert_eq!(*database.0.lock().expect("the list"), [(session.clone(), work)]);

    let error = client.run(&session, Work::one(Statement::new("fail"))).await.expect_err("a refusal");
    assert_eq!((error.code(), error.fields().statement), (sqlstate::UNIQUE_VIOLATION, Some(3)));
    assert_eq!(error.fields().detail.as_deref(), Some("why"));
}

#[tokio::test]
async fn only_this_user_reaches_the_socket_and_it_goes_with_its_owner() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = TemporaryFolder::make().expect("a folder");
    let door = Door::open(folder.path(), owner(Arc::new(Echo::default()), keyring().await, facts()))
        .expect("a door");
    let mode = |path: &Path| std::fs::metadata(path).expect("a file").permissions().mode() & 0o777;
    let path = socket_path(folder.path());
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().expect("its folder")), 0o700);
    drop(door);
    assert!(OwnerClient::connect(folder.path()).await.is_err());
    // One that was left behind is no hindrance.
    std::fs::write(&path, "").expect("a file");
    let _door = Door::open(folder.path(), owner(Arc::new(Echo::default()), keyring().await, facts()))
        .expect("a door");
    assert!(OwnerClient::connect(folder.path()).await.is_ok());
}

#[tokio::test]
async fn another_protocol_is_refused() {
    let folder = TemporaryFolder::make().expect("a folder");
    let _door = Door::open(folder.path(), owner(Arc::new(Echo::default()), keyring().await, facts()))
        .expect("a door");
    let mut stream = tokio::net::UnixStream::connect(socket_path(folder.path())).await.expect("a connection");
    for message in [&br#"{"protocol":1,"ask":"facts"}"#[..], b"nonsense", b"{}"] {
        write_message(&mut stream, message).await.expect("sent");
        let answer = read_message(&mut stream).await.expect("read").expect("an answer");
        assert!(String::from_utf8_lossy(&answer).contains("refused"), "{}", String::from_utf8_lossy(&answer));
    }
}

#[test]
fn values_keep_their_kinds() {
    for value in everything().result.rows.remove(0) {
        let json = serde_json::to_string(&WireValue::from(&value)).expect("JSON");
        let back: WireValue = serde_json::from_str(&json).expect("a value");
        assert_eq!(Value::try_from(back).expect("a value"), value, "{json}");
    }
    let nan = serde_json::to_string(&WireValue::from(&Value::Float(f64::NAN))).expect("JSON");
    let back: WireValue = serde_json::from_str(&nan).expect("a value");
    assert!(matches!(Value::try_from(back), Ok(Value::Float(number)) if number.is_nan()));
    assert_eq!(Outcome::try_from(WireOutcome::from(everything())).expect("an outcome"), everything());
}

#[tokio::test]
async fn keys_are_turned_over_the_socket_and_count_at_once() {
    let folder = TemporaryFolder::make().expect("a folder");
    let keyring = keyring().await;
    let doors = keyring.doors().clone();
    let _door =
        Door::open(folder.path(), owner(Arc::new(Echo::default()), keyring, facts())).expect("a door");
    let client = OwnerClient::connect(folder.path()).await.expect("a connection");

    let before = client.keys(&KeyRequest::List).await.expect("keys");
    assert_eq!((before.len(), before[0].standing), (1, web::Standing::Current));
    let claims = serde_json::Map::from_iter([("role".to_owned(), "anon".into())]);
    let token = client.sign(claims.clone()).await.expect("signed");
    assert!(doors.verify(&token, std::time::SystemTime::now()).is_ok());

    let rotate = KeyRequest::Rotate { algorithm: Some(web::SignatureAlgorithm::EdDsa), urgent: true };
    let rotated = client.keys(&rotate).await.expect("rotated");
    assert_eq!(
        rotated.iter().map(|key| key.standing).collect::<Vec<_>>(),
        [web::Standing::Previous, web::Standing::Current]
    );
    assert!(rotated[0].verifies_until.is_some() && rotated[1].verifies_until.is_none());
    let second = client.sign(claims).await.expect("signed");
    let now = std::time::SystemTime::now();
    assert!(doors.verify(&token, now).is_ok() && doors.verify(&second, now).is_ok());

    client.keys(&KeyRequest::Revoke(rotated[0].kid.clone())).await.expect("revoked");
    assert!(doors.verify(&token, now).is_err() && doors.verify(&second, now).is_ok());
    let unknown = client.keys(&KeyRequest::Revoke("other".into())).await.expect_err("no such key");
    assert!(unknown.message().contains("other"), "{unknown}");
}
