//! How often: by address and by account, whatever a client says of its address, and on every node.

use super::{Accounts, on_both_engines, refusal};
use crate::harness::{Answer, folder};
use serde_json::json;
use server::configuration::{Settings, Size};
use std::time::Instant;

/// Thirty at once: the least that a bucket of five minutes holds.
fn settings() -> Settings {
    Settings {
        auth_rate_limit_token_refresh: 30,
        password_hash_memory: Size(64 << 10),
        password_hash_passes: 1,
        ..Settings::default()
    }
}

async fn refresh(accounts: &Accounts, headers: &[(&str, &str)]) -> Answer {
    accounts
        .ask("POST", "/token?grant_type=refresh_token", headers, &json!({"refresh_token": "unknown"}))
        .await
}

/// Whether so many are a bucket of thirty, and a token for every ten seconds since.
fn is_a_bucket(through: u32, begun: Instant) -> bool {
    let more = u32::try_from(begun.elapsed().as_secs() / 10).expect("not that long");
    (30..=31 + more).contains(&through)
}

/// How many of `count` are let through, saying another address each time.
async fn let_through(accounts: &Accounts, count: u32) -> u32 {
    let mut through = 0;
    for number in 0..count {
        let said = format!("203.0.113.{number}");
        let headers = [
            ("X-Forwarded-For", said.as_str()),
            ("X-Real-Ip", &said),
            ("Forwarded", &format!("for={said}")),
            ("X-Client-IP", &said),
            ("CF-Connecting-IP", &said),
            ("True-Client-IP", &said),
        ];
        let answer = refresh(accounts, &headers).await;
        match refusal(&answer) {
            (400, code) if code == "refresh_token_not_found" => through += 1,
            (429, code) if code == "over_request_rate_limit" => {}
            other => panic!("{other:?}"),
        }
    }
    through
}

/// [44] The bucket is the peer's, unless the peer is a listed proxy.
#[tokio::test]
async fn attack_44_a_spoofed_address_changes_no_bucket() {
    on_both_engines(settings(), async |accounts| {
        let begun = Instant::now();
        let through = let_through(accounts, 60).await;
        assert!(is_a_bucket(through, begun), "{through} on {:?}", accounts.engine);
        let refused = refresh(accounts, &[]).await;
        assert_eq!(refused.status, 429);
        assert!(
            refused.header("retry-after").parse::<u32>().is_ok_and(|seconds| (1..=10).contains(&seconds))
        );
        assert_eq!(refused.header("ratelimit-policy"), "\"token\";q=30;w=300");
        assert!(refused.header("ratelimit").starts_with("\"token\";r=0;t="), "{refused:?}");
        assert_eq!(
            refused.json(),
            json!({"code": 429, "error_code": "over_request_rate_limit", "msg": "Request rate limit reached"})
        );
    })
    .await;
    let behind_proxy = Settings { trusted_proxies: vec!["127.0.0.1".into()], ..settings() };
    let accounts = Accounts::start(behind_proxy).await;
    assert_eq!(let_through(&accounts, 40).await, 40, "these are forty clients");
    accounts.server.stop().await;
}

/// [30] The limit is where a token is made, below the routes: every way to write the request's path takes from the same bucket.
#[tokio::test]
async fn attack_30_every_grant_and_every_path_takes_from_the_same_bucket() {
    let accounts = Accounts::start(settings()).await;
    let grants = [
        ("/token?grant_type=refresh_token", json!({"refresh_token": "unknown"})),
        ("/token?grant_type=password", json!({"email": "ada@example.com", "password": "wrong"})),
        ("/token?grant_type=pkce", json!({"auth_code": "unknown", "code_verifier": "unknown"})),
        ("/token?x=1&grant_type=refresh_token", json!({"refresh_token": "unknown"})),
    ];
    let (mut through, begun) = (0, Instant::now());
    for number in 0..60 {
        let (path, body) = &grants[number % grants.len()];
        let answer = accounts.post(path, body).await;
        through += u32::from(answer.status != 429);
    }
    assert!(is_a_bucket(through, begun), "{through}");
    accounts.server.stop().await;
}

/// Guessing one user's password from many addresses is guessing from one.
#[tokio::test]
async fn an_account_is_guessed_at_as_often_from_many_addresses_as_from_one() {
    let settings = Settings { trusted_proxies: vec!["127.0.0.1".into()], ..settings() };
    on_both_engines(settings, async |accounts| {
        accounts.import_user("ada@example.com", "correct horse").await;
        let (mut guesses, begun) = (0, Instant::now());
        for number in 0..60 {
            // Written differently each time; it is one account.
            let email = if number % 2 == 0 { "ada@example.com" } else { "ADA@Example.com" };
            let body = json!({"email": email, "password": "wrong"});
            let address = format!("2001:db8:{number:x}::1");
            let headers = [("X-Forwarded-For", address.as_str())];
            let answer = accounts.ask("POST", "/token?grant_type=password", &headers, &body).await;
            match refusal(&answer) {
                (400, code) if code == "invalid_credentials" => guesses += 1,
                (429, code) if code == "over_request_rate_limit" => {}
                other => panic!("{other:?}"),
            }
        }
        assert!(is_a_bucket(guesses, begun), "{guesses} on {:?}", accounts.engine);
        let body = json!({"email": "bob@example.com", "password": "wrong"});
        let headers = [("X-Forwarded-For", "2001:db8::1")];
        let other = accounts.ask("POST", "/token?grant_type=password", &headers, &body).await;
        assert_eq!(refusal(&other), (400, "invalid_credentials".into()), "another account is not concerned");
    })
    .await;
}

/// With --dev this machine is not counted: an app's own tests sign up many users.
#[tokio::test]
async fn with_dev_this_machine_is_not_counted() {
    let accounts = Accounts::start(Settings { dev: true, ..settings() }).await;
    assert_eq!(let_through(&accounts, 60).await, 60);
    accounts.server.stop().await;
}

/// What the settings say of passwords is checked when the server starts.
#[tokio::test]
async fn settings_that_make_no_sense_stop_the_start() {
    let project = folder();
    let too_costly = Settings { password_hash_passes: u32::MAX, ..Settings::default() };
    let no_file = Settings { password_block_file: Some("absent.txt".into()), ..Settings::default() };
    for (settings, said) in [(too_costly, "bedplate.password_hash_passes"), (no_file, "absent.txt")] {
        let settings = Settings { ephemeral: true, ..settings };
        let failure =
            crate::harness::Running::start(project.path(), settings).await.err().expect("a failure");
        assert!(failure.contains(said), "{failure}");
    }
}
