use super::plan::plan;
use super::*;
use crate::system;
use web::{Standing, standings};

const LIFE: Duration = Duration::from_secs(3600);
const LEAD: Duration = Duration::from_secs(1200);

fn start() -> SystemTime {
    time(1_800_000_000_000)
}

fn held(kid: &str, signs_from: SystemTime) -> HeldKey {
    HeldKey { signs_from, ..HeldKey::current(SigningKey::make_es256(kid).expect("a key")) }
}

fn rotate(urgent: bool) -> Turn {
    let lead = if urgent { Duration::ZERO } else { LEAD };
    Turn::Rotate { algorithm: None, lead, token_life: LIFE, urgent }
}

fn revoke(kid: &str) -> Turn {
    Turn::Revoke { kid: kid.into(), token_life: LIFE }
}

/// The keys after changes, as the database would have them; new ones are called by number.
fn after(mut keys: Vec<HeldKey>, changes: Vec<Change>) -> Vec<HeldKey> {
    for change in changes {
        let made = keys.len().to_string();
        let mut find = |kid: &str| -> usize {
            keys.iter_mut().position(|held| held.key.kid() == kid).expect("a key of that name")
        };
        match change {
            Change::Insert { signs_from, .. } => keys.push(held(&made, signs_from)),
            Change::SignsFrom { kid, at } => {
                let index = find(&kid);
                keys[index].signs_from = at;
            }
            Change::VerifiesUntil { kid, at } => {
                let index = find(&kid);
                keys[index].verifies_until = at;
            }
            Change::Revoke { kid } => {
                let index = find(&kid);
                keys[index].revoked = true;
            }
        }
    }
    keys
}

fn turned(keys: Vec<HeldKey>, at: SystemTime, turn: &Turn) -> Vec<HeldKey> {
    let changes = plan(&keys, at, turn).expect("planned");
    after(keys, changes)
}

fn stand(keys: &[HeldKey], at: SystemTime) -> Vec<Standing> {
    standings(keys, at).into_iter().map(|(_, standing)| standing).collect()
}

#[test]
fn a_rotation_is_planned_with_its_overlap() {
    use Standing::{Current, Previous, Retired, Standby};
    let keys = turned(vec![held("old", start())], start(), &rotate(false));
    let at = |minutes: u64| stand(&keys, start() + Duration::from_secs(60 * minutes));
    assert_eq!(at(0), [Current, Standby]);
    assert_eq!(at(19), [Current, Standby]);
    assert_eq!(at(20), [Previous, Current]);
    assert_eq!(at(79), [Previous, Current]);
    assert_eq!(at(80), [Retired, Current]);
    assert!(matches!(plan(&keys, start(), &rotate(false)), Err(super::super::Refusal::Underway(..))));

    // Sooner: the one that waits signs now, and the old one is accepted as long as its last token lives.
    let sooner = turned(keys, start() + LEAD / 2, &rotate(true));
    let at = |minutes: u64| stand(&sooner, start() + Duration::from_secs(60 * minutes));
    assert_eq!(
        (at(10), at(69), at(70)),
        (vec![Previous, Current], vec![Previous, Current], vec![Retired, Current])
    );

    // Once more, after the first is done.
    let again = turned(sooner, start() + LIFE * 2, &rotate(false));
    let later = start() + LIFE * 2;
    assert_eq!(stand(&again, later), [Retired, Current, Standby]);
    assert_eq!(stand(&again, later + LEAD), [Retired, Previous, Current]);
    assert_eq!(stand(&again, later + LEAD + LIFE), [Retired, Retired, Current]);
}

#[test]
fn a_revocation_never_leaves_nobody_to_sign() {
    use Standing::{Current, Previous, Revoked, Standby};
    let one = vec![held("one", start())];
    assert_eq!(stand(&turned(one.clone(), start(), &revoke("one")), start()), [Revoked, Current]);

    // The one that waited follows at once.
    let two = turned(one.clone(), start(), &rotate(false));
    assert_eq!(stand(&turned(two.clone(), start(), &revoke("one")), start()), [Revoked, Current]);

    // Without the one that waited the old one stays for good.
    let without = turned(two.clone(), start(), &revoke("1"));
    assert_eq!(stand(&without, start()), [Current, Revoked]);
    assert_eq!(stand(&without, start() + LIFE * 100), [Current, Revoked]);

    // A previous one goes alone.
    let later = start() + LEAD;
    assert_eq!(stand(&two, later), [Previous, Current]);
    assert_eq!(stand(&turned(two, later, &revoke("one")), later), [Revoked, Current]);

    let gone = turned(one.clone(), start(), &revoke("one"));
    assert_eq!(plan(&gone, start(), &revoke("one")), Ok(Vec::new()), "once is enough");
    assert_eq!(plan(&one, start(), &revoke("other")), Err(super::super::Refusal::UnknownKid("other".into())));
    assert_eq!(stand(&one, start() - LIFE), [Standby], "a clock that is behind");
}

async fn database(engine: &str) -> (Option<testkit::TestPostgres>, Arc<dyn Database>) {
    let (server, database) = match engine {
        "embedded" => (None, testkit::embedded().await.expect("a database")),
        _ => {
            let server = testkit::TestPostgres::start().await.expect("PostgreSQL");
            let database = server.database().await.expect("a database");
            (Some(server), database)
        }
    };
    system::upgrade(&*database).await.expect("our tables");
    (server, database)
}

fn store(database: &Arc<dyn Database>) -> SigningKeys {
    SigningKeys::new(Arc::clone(database), Arc::new(SealingKey::make().expect("a key")))
}

async fn keys_are_kept_and_turned(engine: &str) {
    let (_server, database) = database(engine).await;
    let keys = store(&database);
    assert_eq!(keys.version().await.expect("a version"), 0);
    let first = keys.load_or_make().await.expect("a key");
    assert_eq!((first.version, first.keys.len()), (1, 1));
    assert_eq!(first.keys[0].key.algorithm(), SignatureAlgorithm::Es256);
    assert_eq!(stand(&first.keys, first.now), [Standing::Current], "it signs at once");
    assert_eq!(keys.load_or_make().await.expect("the same").keys, first.keys);
    let clock = SystemTime::now();
    assert!(
        first.now <= clock && clock < first.now + Duration::from_secs(60),
        "the database's clock is read"
    );

    let rotated = keys.turn(&rotate(false)).await.expect("rotated");
    assert_eq!((rotated.version, keys.version().await.expect("a version")), (2, 2));
    assert_eq!(stand(&rotated.keys, rotated.now), [Standing::Current, Standing::Standby]);
    let after = rotated.now + LEAD;
    assert_eq!(stand(&rotated.keys, after), [Standing::Previous, Standing::Current]);
    assert_eq!(stand(&rotated.keys, after + LIFE), [Standing::Retired, Standing::Current]);
    assert!(matches!(keys.turn(&rotate(false)).await, Err(KeyError::Refused(_))));

    let kid = rotated.keys[0].key.kid().to_owned();
    let revoked = keys.turn(&revoke(&kid)).await.expect("revoked");
    assert_eq!(stand(&revoked.keys, revoked.now), [Standing::Revoked, Standing::Current]);
    let version = revoked.version;
    assert_eq!(keys.turn(&revoke(&kid)).await.expect("again").version, version, "nothing changed");

    let turn = Turn::Rotate {
        algorithm: Some(SignatureAlgorithm::EdDsa),
        lead: Duration::ZERO,
        token_life: LIFE,
        urgent: true,
    };
    let urgent = keys.turn(&turn).await.expect("rotated");
    assert_eq!(stand(&urgent.keys, urgent.now), [Standing::Revoked, Standing::Previous, Standing::Current]);
    assert_eq!(urgent.keys[2].key.algorithm(), SignatureAlgorithm::EdDsa);

    // Another seal does not open them, and none opens under another's name.
    assert!(matches!(store(&database).load().await, Err(KeyError::Seal(_))));
    let swap = Statement::with(
        "update bedplate.signing_keys set sealed = (select sealed from bedplate.signing_keys where kid = $1) where kid = $2",
        [urgent.keys[2].key.kid().into(), urgent.keys[1].key.kid().into()],
    );
    keys.run(Work::one(swap)).await.expect("swapped");
    assert!(matches!(keys.load().await, Err(KeyError::Seal(_))));
    database.close().await.expect("closed");
}

#[tokio::test]
async fn keys_are_kept_and_turned_embedded() {
    keys_are_kept_and_turned("embedded").await;
}

#[tokio::test]
async fn keys_are_kept_and_turned_postgres() {
    keys_are_kept_and_turned("postgres").await;
}

/// Of several nodes that start or turn at once each sees what the others did.
async fn turns_at_once_do_not_meet(engine: &str) {
    let (_server, database) = database(engine).await;
    let keys = store(&database);
    let started = (0..4).map(|_| {
        let keys = keys.clone();
        tokio::spawn(async move { keys.load_or_make().await })
    });
    let mut kids = Vec::new();
    for one in started.collect::<Vec<_>>() {
        let kept = one.await.expect("a task").expect("a key");
        kids.push(kept.keys.iter().map(|held| held.key.kid().to_owned()).collect::<Vec<_>>());
    }
    assert!(kids.iter().all(|of_one| of_one.len() == 1 && *of_one == kids[0]), "{kids:?}");

    let turning = (0..4).map(|_| {
        let keys = keys.clone();
        tokio::spawn(async move { keys.turn(&rotate(false)).await })
    });
    let (mut done, mut refused) = (0, 0);
    for one in turning.collect::<Vec<_>>() {
        match one.await.expect("a task") {
            Ok(_) => done += 1,
            Err(KeyError::Refused(_)) => refused += 1,
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!((done, refused), (1, 3));
    database.close().await.expect("closed");
}

#[tokio::test]
async fn turns_at_once_do_not_meet_embedded() {
    turns_at_once_do_not_meet("embedded").await;
}

#[tokio::test]
async fn turns_at_once_do_not_meet_postgres() {
    turns_at_once_do_not_meet("postgres").await;
}

#[tokio::test]
async fn a_key_of_each_algorithm_is_made() {
    for algorithm in [SignatureAlgorithm::Es256, SignatureAlgorithm::Rs256, SignatureAlgorithm::EdDsa] {
        let key = make(algorithm).await.expect("a key");
        assert_eq!(key.algorithm(), algorithm);
        assert!(web::identifier::is_uuid(key.kid()), "{}", key.kid());
        assert_ne!(make(algorithm).await.expect("a key").kid(), key.kid());
        let signature = key.sign(b"message").expect("signed");
        assert!(key.verifying_key().verifies(b"message", &signature));
        if algorithm == SignatureAlgorithm::Rs256 {
            assert_eq!(signature.len(), 256, "2048 bits");
        }
    }
}
