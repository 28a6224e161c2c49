//! Signing keys, seen from outside: what they sign, how they are turned, and that every node follows.
//!
//! Numbers in names are lines of the list of published attacks on comparable systems.

use crate::harness::{Answer, Running, folder};
use database::{Session, Statement, SystemPrivilege, Work};
use serde_json::{Map, Value, json};
use server::configuration::{EngineChoice, Secret, Settings};
use server::keys::{KeyRequest, ListedKey};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use web::{SignatureAlgorithm, SigningKey, Standing};

/// A token of the server's, for a role.
fn token(server: &Running, role: &str) -> String {
    let claims = Map::from_iter([("role".to_owned(), Value::from(role))]);
    server.keyring.doors().sign(&claims, SystemTime::now()).expect("signed")
}

async fn ask(server: &Running, token: &str) -> Answer {
    server.get("/rest/v1/", &[("Authorization", &format!("Bearer {token}"))]).await
}

async fn status(server: &Running, token: &str) -> u16 {
    ask(server, token).await.status
}

async fn turn(server: &Running, request: KeyRequest) -> Vec<ListedKey> {
    server.keyring.answer(&request).await.expect("turned")
}

fn rotate(urgent: bool) -> KeyRequest {
    KeyRequest::Rotate { algorithm: None, urgent }
}

/// Time goes on for the keys: all their times move into the past.
async fn pass(server: &Running, span: Duration) {
    let move_back = |column: &str| {
        format!(
            "update bedplate.signing_keys set {column} = {column} - interval '{} seconds'",
            span.as_secs()
        )
    };
    let work = Work::all([
        Statement::new(move_back("signs_from")),
        Statement::new(move_back("verifies_until")),
        Statement::new("update bedplate.versions set version = version + 1 where name = 'signing_keys'"),
    ]);
    let operator = Session::operator(SystemPrivilege::i_am_the_operator());
    server.database.run(&operator, work).await.expect("moved");
    server.keyring.refresh(Duration::ZERO).await.expect("noticed");
}

fn standings(keys: &[ListedKey]) -> Vec<Standing> {
    keys.iter().map(|key| key.standing).collect()
}

async fn on_both_engines(settings: Settings, scenario: impl AsyncFn(&Running)) {
    for engine in [EngineChoice::Sqlite, EngineChoice::Postgres] {
        let project = folder();
        let server = Running::ephemeral(project.path(), Settings { engine, ..settings.clone() }).await;
        scenario(&server).await;
        server.stop().await;
    }
}

#[tokio::test]
async fn a_key_is_rotated_with_overlap() {
    on_both_engines(Settings::default(), async |server| {
        let old = token(server, "service_role");
        assert_eq!(status(server, &old).await, 200);
        let keys = turn(server, rotate(false)).await;
        assert_eq!(standings(&keys), [Standing::Current, Standing::Standby]);
        let kids = |server: &Running| -> Vec<Value> {
            let document = server.keyring.doors().jwks(SystemTime::now());
            let keys = document["keys"].as_array().expect("a list").clone();
            keys.into_iter().map(|key| key["kid"].clone()).collect()
        };
        assert_eq!(kids(server), [keys[0].kid.clone(), keys[1].kid.clone()], "published before it signs");
        assert_eq!(status(server, &token(server, "service_role")).await, 200);

        pass(server, Duration::from_secs(20 * 60)).await;
        let new = token(server, "service_role");
        assert_eq!(standings(&turn(server, KeyRequest::List).await), [Standing::Previous, Standing::Current]);
        assert_eq!((status(server, &old).await, status(server, &new).await), (200, 200));

        // The longest life of a token, and a minute for clocks.
        pass(server, Duration::from_secs(3600)).await;
        assert_eq!((status(server, &old).await, status(server, &new).await), (200, 200));
        pass(server, Duration::from_secs(61)).await;
        assert_eq!((status(server, &old).await, status(server, &new).await), (401, 200));
        assert_eq!(kids(server), [keys[1].kid.clone()]);
        assert_eq!(status(server, &server.keys.anon_key).await, 200, "the secret's keys stay as they are");
    })
    .await;
}

#[tokio::test]
async fn a_revoked_key_is_refused_at_once() {
    on_both_engines(Settings::default(), async |server| {
        let old = token(server, "service_role");
        assert_eq!(status(server, &old).await, 200);
        let kid = turn(server, KeyRequest::List).await[0].kid.clone();
        let keys = turn(server, KeyRequest::Revoke(kid)).await;
        assert_eq!(standings(&keys), [Standing::Revoked, Standing::Current]);
        assert_eq!((status(server, &old).await, status(server, &token(server, "anon")).await), (401, 200));
    })
    .await;
}

/// Attack 9: a token that is not good is 401, with whatever key beside it, and never what nobody would get.
#[tokio::test]
async fn attack_9_a_bad_token_is_401_beside_any_key() {
    on_both_engines(Settings::default(), async |server| {
        let good = token(server, "authenticated");
        let (body, _) = good.rsplit_once('.').expect("a signature");
        let stranger = SigningKey::make_es256("stranger").expect("a key");
        let kid = turn(server, KeyRequest::List).await[0].kid.clone();
        let same_name = SigningKey::make_es256(&kid).expect("a key");
        let foreign = |key: SigningKey| {
            let mut set = (*server.keyring.doors().set()).clone();
            set.signing = vec![web::HeldKey::current(key)];
            let claims = Map::from_iter([("role".to_owned(), Value::from("service_role"))]);
            let keys = web::Keys::new(set, web::Limits::default());
            keys.sign(&claims, SystemTime::now()).expect("signed")
        };
        let bad = [
            format!("{body}."),
            format!("{body}.AAAA"),
            foreign(stranger),
            foreign(same_name),
            String::new(),
        ];
        for token in bad {
            let bearer = format!("Bearer {token}");
            for key in [&server.keys.publishable_key, server.keys.secret_key.expose(), "nonsense"] {
                let headers = [("Authorization", bearer.as_str()), ("apikey", key)];
                let answer = server.get("/rest/v1/", &headers).await;
                assert_eq!(answer.status, 401, "{token}: {answer:?}");
                assert!(answer.header("www-authenticate").starts_with("Bearer"), "{answer:?}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn the_secret_can_be_switched_off() {
    let settings = Settings { jwt_secret_accepted: false, ..Settings::default() };
    on_both_engines(settings, async |server| {
        assert_eq!(status(server, &server.keys.anon_key).await, 401);
        assert_eq!(status(server, server.keys.service_role_key.expose()).await, 401);
        assert_eq!(status(server, &token(server, "service_role")).await, 200);
        let key = server.keys.secret_key.expose();
        assert_eq!(server.get("/rest/v1/", &[("apikey", key)]).await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn with_the_well_known_keys_a_key_of_its_own_signs() {
    let settings = Settings { dev: true, ..Settings::default() };
    on_both_engines(settings, async |server| {
        assert!(server.keys.well_known);
        let keys = turn(server, KeyRequest::List).await;
        assert_eq!(standings(&keys), [Standing::Current]);
        assert_eq!(keys[0].algorithm, SignatureAlgorithm::Es256);
        assert_eq!(status(server, &token(server, "authenticated")).await, 200);
        assert_eq!(status(server, &server.keys.anon_key).await, 200);
    })
    .await;
}

/// What the Supabase CLI's folder has: the path is relative to config.toml, and the first key for signing signs.
#[tokio::test]
async fn the_supabase_cli_s_file_of_keys_is_used() {
    let project = folder();
    let inner = project.path().join("supabase");
    std::fs::create_dir_all(inner.join("migrations")).expect("a folder");
    let table = "create table notes (id bigint primary key); grant all on notes to anon, service_role;";
    std::fs::write(inner.join("migrations/1_notes.sql"), table).expect("a file");
    std::fs::write(inner.join("config.toml"), "").expect("a file");
    let mut first = SigningKey::make_eddsa("first").expect("a key").private_jwk();
    first["key_ops"] = json!(["verify"]);
    let rsa: Value =
        serde_json::from_str(include_str!("../../../web/src/signing_key/rsa_key_for_tests.json"))
            .expect("a key");
    let mut second = SigningKey::from_jwk(&rsa).expect("a key").private_jwk();
    second["key_ops"] = json!(["sign", "verify"]);
    std::fs::write(inner.join("signing_keys.json"), json!([first, second]).to_string()).expect("a file");
    let settings = Settings {
        dev: true,
        signing_keys_path: Some(PathBuf::from("./signing_keys.json")),
        ..Settings::default()
    };
    let server = Running::ephemeral(project.path(), settings.clone()).await;
    let keys = turn(&server, KeyRequest::List).await;
    assert_eq!(standings(&keys), [Standing::Previous, Standing::Current]);
    assert_eq!(keys[1].algorithm, SignatureAlgorithm::Rs256);

    // As the client's own suite signs them: with iat in the past, and for the administrator without exp.
    let signed = |claims: Value| {
        let claims = claims.as_object().expect("an object");
        server.keyring.doors().sign(claims, SystemTime::now()).expect("signed")
    };
    let of_suite = json!({"iss": "supabase-demo", "role": "service_role", "exp": 1_983_812_996_u64, "iat": 1_768_925_145_u64});
    assert_eq!(status(&server, &signed(of_suite)).await, 200);
    let administrator = signed(json!({"sub": "1234567890", "role": "supabase_admin"}));
    let caller = server.keyring.doors().verify(&administrator, SystemTime::now()).expect("verified");
    assert_eq!(&**caller.role(), "supabase_admin");
    let bearer = format!("Bearer {administrator}");
    let rows = server.get("/rest/v1/notes", &[("Authorization", &bearer)]).await;
    assert_eq!(
        (rows.status, &rows.json()["code"]),
        (403, &json!("42501")),
        "it is a role of the accounts alone"
    );
    assert_eq!(status(&server, &server.keys.anon_key).await, 200);

    let refused = server.keyring.answer(&rotate(true)).await.expect_err("a file is not ours").to_string();
    assert!(refused.contains("signing_keys.json"), "{refused}");
    server.stop().await;

    std::fs::write(inner.join("signing_keys.json"), "{}").expect("a file");
    let ephemeral = Settings { ephemeral: true, ..settings };
    let refused = Running::start(project.path(), ephemeral).await.err().expect("no keys");
    assert!(refused.contains("auth.signing_keys_path"), "{refused}");
}

/// A node of a database that others serve too.
async fn node(project: &Path, url: &str) -> Running {
    let settings = Settings {
        database: Some(Secret::new(url)),
        sealing_key: Some(Secret::new("00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff")),
        ..Settings::default()
    };
    Running::start(project, settings).await.expect("a node")
}

#[tokio::test]
async fn two_nodes_follow_each_other() {
    let cluster = testkit::TestPostgres::start().await.expect("PostgreSQL");
    let url = cluster.url().await.expect("a database");
    let (here, there) = (folder(), folder());
    let (one, two) = (node(here.path(), &url).await, node(there.path(), &url).await);
    let first = token(&one, "service_role");
    assert_eq!(token_kid(&first), token_kid(&token(&two, "service_role")), "one key for both");
    assert_eq!(status(&two, &first).await, 200);

    // Made sooner than the other looks: it looks because it does not know the name.
    let old = turn(&one, KeyRequest::List).await[0].kid.clone();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let keys = turn(&one, KeyRequest::Revoke(old.clone())).await;
    assert_eq!(standings(&keys), [Standing::Revoked, Standing::Current]);
    let second = token(&one, "service_role");
    assert_eq!(status(&two, &second).await, 200);
    assert_eq!((status(&one, &first).await, status(&two, &first).await), (401, 401));

    // And by itself, within the time it may go on without looking.
    turn(&two, rotate(false)).await;
    turn(&two, KeyRequest::Revoke(keys[1].kid.clone())).await;
    let deadline = SystemTime::now() + Duration::from_secs(10);
    while status(&one, &second).await != 401 {
        assert!(SystemTime::now() < deadline, "the other node goes on with a revoked key");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(token_kid(&token(&one, "anon")), token_kid(&token(&two, "anon")));

    // With haste there is still time for every node to learn of the key before it signs.
    let keys = turn(&one, rotate(true)).await;
    assert_eq!(keys.last().map(|key| key.standing), Some(Standing::Standby));
    one.stop().await;
    two.stop().await;
}

fn token_kid(token: &str) -> Value {
    use base64::Engine as _;
    let head = token.split('.').next().expect("a header");
    let head = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(head).expect("base64");
    serde_json::from_slice::<Value>(&head).expect("JSON")["kid"].clone()
}
