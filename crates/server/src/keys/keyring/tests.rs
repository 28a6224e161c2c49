use super::*;
use crate::configuration::LogFormat;
use crate::events::Log;
use crate::system;
use async_trait::async_trait;
use catalog::Catalog;
use database::{DatabaseError, Engine, Outcome, Session, Work};
use serde_json::Map;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use web::TokenError;

/// A database that can be cut off, and counts what it is asked.
struct Line {
    database: Arc<dyn Database>,
    cut: AtomicBool,
    asked: AtomicUsize,
}

#[async_trait]
impl Database for Line {
    fn engine(&self) -> Engine {
        self.database.engine()
    }

    async fn run(&self, session: &Session, work: Work) -> Result<Vec<Outcome>, DatabaseError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if self.cut.load(Ordering::SeqCst) {
            return Err(DatabaseError::new(sqlstate::CONNECTION_FAILURE, "cut off"));
        }
        self.database.run(session, work).await
    }

    async fn catalog(&self) -> Result<Arc<Catalog>, DatabaseError> {
        self.database.catalog().await
    }

    async fn ready(&self) -> Result<(), DatabaseError> {
        self.database.ready().await
    }

    async fn close(&self) -> Result<(), DatabaseError> {
        self.database.close().await
    }
}

#[derive(Clone, Default)]
struct Written(Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("the log").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

async fn line() -> Arc<Line> {
    let database = testkit::embedded().await.expect("a database");
    system::upgrade(&*database).await.expect("our tables");
    Arc::new(Line { database, cut: AtomicBool::new(false), asked: AtomicUsize::new(0) })
}

/// A node of a database that others use too.
async fn node(line: &Arc<Line>, sealing_key: &str) -> Keyring {
    let sealing_key =
        SealingKey::from_secret(&crate::configuration::Secret::new(sealing_key)).expect("a key");
    let url = crate::configuration::Secret::new("postgres://shared");
    let settings = Arc::new(Settings { database: Some(url), ..Settings::default() });
    let project = ProjectKeys::ephemeral(&settings).expect("keys");
    let (database, limits) = (Arc::clone(line) as Arc<dyn Database>, web::Limits::default());
    Keyring::open(database, sealing_key, project, settings, Path::new("."), limits).await.expect("a node")
}

const SEAL: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

fn sign(keyring: &Keyring) -> Result<String, TokenError> {
    keyring.doors().sign(&Map::from_iter([("role".to_owned(), "anon".into())]), SystemTime::now())
}

fn verdict(keyring: &Keyring, token: &str) -> Result<(), TokenError> {
    keyring.doors().verify(token, SystemTime::now()).map(|_| ())
}

#[tokio::test]
async fn a_node_that_cannot_ask_refuses_after_its_time() {
    let line = line().await;
    let keyring = Keyring { bound: Duration::from_millis(300), ..node(&line, SEAL).await };
    let token = sign(&keyring).expect("signed");
    line.cut.store(true, Ordering::SeqCst);
    assert!(keyring.refresh(Duration::ZERO).await.is_err());
    assert_eq!(verdict(&keyring, &token), Ok(()), "for a while it goes on");
    // By the time that the last answer gave it, and not by a failed question's.
    keyring.doors().confirm_for(Duration::from_millis(200));
    tokio::time::sleep(Duration::from_millis(250)).await;
    assert!(keyring.refresh(Duration::ZERO).await.is_err());
    assert_eq!(verdict(&keyring, &token), Err(TokenError::Stale));
    assert_eq!(sign(&keyring), Err(TokenError::Stale));

    line.cut.store(false, Ordering::SeqCst);
    keyring.refresh(Duration::ZERO).await.expect("asked");
    assert_eq!(verdict(&keyring, &token), Ok(()));
    tokio::time::sleep(Duration::from_millis(350)).await;
    assert_eq!(verdict(&keyring, &token), Err(TokenError::Stale), "an answer counts for its time only");
}

#[tokio::test]
async fn a_node_follows_by_itself() {
    let line = line().await;
    let log = Written::default();
    let events = Arc::new(Events::with_log(Log::to(LogFormat::Text, log.clone()), "test"));
    let (one, two) = (node(&line, SEAL).await, node(&line, SEAL).await);
    let two = Arc::new(two.with_events(Arc::clone(&events)));
    let token = sign(&one).expect("signed");
    assert_eq!(verdict(&two, &token), Ok(()));
    let follower = {
        let two = Arc::clone(&two);
        tokio::spawn(async move { two.follow().await })
    };
    let kid = one.answer(&KeyRequest::List).await.expect("keys")[0].kid.clone();
    one.answer(&KeyRequest::Revoke(kid)).await.expect("revoked");
    assert!(verdict(&one, &token).is_err());
    let deadline = Instant::now() + CHECK_EVERY * 2;
    while verdict(&two, &token).is_ok() {
        assert!(Instant::now() < deadline, "it does not look");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    follower.abort();
    let kid = one.answer(&KeyRequest::List).await.expect("keys")[1].kid.clone();
    events.flush();
    let text = String::from_utf8(log.0.lock().expect("the log").clone()).expect("text");
    assert!(text.contains(&format!("the signing keys changed: {kid} signs, 1 accepted")), "{text}");
}

#[tokio::test]
async fn unknown_names_do_not_flood_the_database() {
    let line = line().await;
    let keyring = Arc::new(node(&line, SEAL).await);
    let stranger = web::SigningKey::make_es256("stranger").expect("a key");
    let set = web::KeySet { signing: vec![HeldKey::current(stranger)], ..(*keyring.doors().set()).clone() };
    let foreign = web::Keys::new(set, web::Limits::default()).sign(&Map::new(), SystemTime::now());
    let mut headers = http::HeaderMap::new();
    let bearer = format!("Bearer {}", foreign.expect("signed"));
    headers.insert("authorization", bearer.parse().expect("a header"));
    tokio::time::sleep(CHECK_AGAIN).await;
    let before = line.asked.load(Ordering::SeqCst);
    let begun = Instant::now();
    for _ in 0..10 {
        let looks = (0..10).map(|_| {
            let (keyring, headers) = (Arc::clone(&keyring), headers.clone());
            tokio::spawn(async move { keyring.look_for(&headers).await })
        });
        for look in looks.collect::<Vec<_>>() {
            look.await.expect("a look");
        }
    }
    let most = 1 + begun.elapsed().as_millis() / CHECK_AGAIN.as_millis();
    let asked = line.asked.load(Ordering::SeqCst) - before;
    assert!(asked >= 1 && (asked as u128) <= most, "{asked} questions, at most {most}");

    // A known name asks nothing.
    headers.insert(
        "authorization",
        format!("Bearer {}", sign(&keyring).expect("signed")).parse().expect("a header"),
    );
    tokio::time::sleep(CHECK_AGAIN).await;
    let before = line.asked.load(Ordering::SeqCst);
    keyring.look_for(&headers).await;
    assert_eq!(line.asked.load(Ordering::SeqCst), before);
}

#[tokio::test]
async fn another_seal_does_not_start() {
    let line = line().await;
    let _one = node(&line, SEAL).await;
    let sealing_key = SealingKey::make().expect("a key");
    let settings = Arc::new(Settings::default());
    let project = ProjectKeys::ephemeral(&settings).expect("keys");
    let opened =
        Keyring::open(line, sealing_key, project, settings, Path::new("."), web::Limits::default()).await;
    assert!(matches!(opened.err(), Some(KeyError::Seal(_))));
}

#[test]
fn database_times_become_ours() {
    let (now, key) = (SystemTime::now(), web::SigningKey::make_es256("one").expect("a key"));
    let hour = Duration::from_secs(3600);
    let url = crate::configuration::Secret::new("postgres://shared");
    let shared = Settings { database: Some(url), ..Settings::default() };
    for database_now in [now - hour, now + hour] {
        let held = HeldKey {
            signs_from: database_now + Duration::from_secs(10),
            verifies_until: Some(database_now + hour),
            ..HeldKey::current(key.clone())
        };
        let kept = Kept { version: 1, keys: vec![held.clone()], now: database_now };
        let ours = &by_our_clock(kept.clone(), &shared)[0];
        let after = |time: SystemTime| time.duration_since(now).expect("later");
        assert!((Duration::from_secs(10)..Duration::from_secs(12)).contains(&after(ours.signs_from)));
        assert!((hour..hour + Duration::from_secs(2)).contains(&after(ours.verifies_until.expect("a time"))));
        assert_eq!(by_our_clock(kept, &Settings::default()), [held]);
    }
}
