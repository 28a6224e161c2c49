//! Links that administrators make, and invitations.

use super::{Accounts, on_both_engines, refusal, text};
use crate::harness::Answer;
use serde_json::{Value, json};
use server::configuration::Settings;

async fn link(accounts: &Accounts, body: &Value) -> Answer {
    accounts.as_admin("POST", "/admin/generate_link", body).await
}

/// Follows a link as a browser does, and gives what is behind `#` or `?` of where it is sent.
async fn follow(accounts: &Accounts, link: &str) -> (String, Vec<(String, String)>) {
    let origin = format!("http://{}", accounts.server.address);
    let path = link.strip_prefix(&origin).unwrap_or_else(|| panic!("{link} is not of {origin}"));
    let answer = accounts.server.get(path, &[]).await;
    assert_eq!(answer.status, 303, "{answer:?}");
    let location = answer.header("location").to_owned();
    let (page, rest) = location.split_once(['#', '?']).unwrap_or((&location, ""));
    let pairs = rest.split('&').filter_map(|pair| pair.split_once('='));
    (page.to_owned(), pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

fn value<'a>(pairs: &'a [(String, String)], name: &str) -> &'a str {
    pairs.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
}

fn settings() -> Settings {
    Settings {
        auth_email_enable_confirmations: Some(true),
        auth_additional_redirect_urls: vec!["https://app.example.com/**".into()],
        ..Settings::default()
    }
}

#[tokio::test]
async fn links_do_what_they_say() {
    on_both_engines(settings(), async |accounts| {
        signs_up_and_in(accounts).await;
        recovers(accounts).await;
        changes_addresses(accounts).await;
        refuses(accounts).await;
        invites(accounts).await;
        // Nothing was mailed but the invitations.
        assert_eq!(accounts.value("select count(*) from bedplate.jobs", &[]).await, "2");
    })
    .await;
}

async fn signs_up_and_in(accounts: &Accounts) {
    let asked = json!({"type": "signup", "email": "Ada@Example.com", "password": "correct horse", "data": {"plan": "pro"},
        "redirect_to": "https://app.example.com/welcome"});
    let made = link(accounts, &asked).await;
    assert_eq!(made.status, 200, "{made:?}");
    let json = made.json();
    assert_eq!((&json["email"], &json["verification_type"]), (&json!("ada@example.com"), &json!("signup")));
    assert_eq!(json["redirect_to"], "https://app.example.com/welcome");
    assert_eq!(json["user_metadata"], json!({"plan": "pro"}));
    assert!(json["email_confirmed_at"].is_null() && json["confirmation_sent_at"].is_string());
    let (hash, otp) = (text(&made, "hashed_token"), text(&made, "email_otp"));
    assert_eq!((hash.len(), otp.len()), (56, 6));
    let (page, pairs) = follow(accounts, &text(&made, "action_link")).await;
    assert_eq!(page, "https://app.example.com/welcome");
    let access = value(&pairs, "access_token");
    let user = accounts.with_token("GET", "/user", access, &Value::Null).await;
    assert!(user.json()["email_confirmed_at"].is_string(), "{user:?}");
    // Once.
    let (_, pairs) = follow(accounts, &text(&made, "action_link")).await;
    assert_eq!(value(&pairs, "error_code"), "otp_expired");
    let password = json!({"email": "ada@example.com", "password": "correct horse"});
    assert_eq!(accounts.post("/token?grant_type=password", &password).await.status, 200);

    // By the code, and by the hash.
    let made = link(accounts, &json!({"type": "magiclink", "email": "ada@example.com"})).await;
    assert_eq!(made.json()["redirect_to"], "http://127.0.0.1:3000");
    let typed = json!({"type": "email", "email": "ada@example.com", "token": text(&made, "email_otp")});
    assert_eq!(accounts.post("/verify", &typed).await.status, 200);
    let made = link(accounts, &json!({"type": "magiclink", "email": "ada@example.com"})).await;
    let shown = json!({"type": "magiclink", "token_hash": text(&made, "hashed_token")});
    assert_eq!(accounts.post("/verify", &shown).await.status, 200);
    // An earlier one ends.
    let earlier = link(accounts, &json!({"type": "magiclink", "email": "ada@example.com"})).await;
    link(accounts, &json!({"type": "magiclink", "email": "ada@example.com"})).await;
    let shown = json!({"type": "magiclink", "token_hash": text(&earlier, "hashed_token")});
    assert_eq!(refusal(&accounts.post("/verify", &shown).await), (403, "otp_expired".into()));

    // For an unknown address it is a sign-up, without a password.
    let made = link(accounts, &json!({"type": "magiclink", "email": "bob@example.com"})).await;
    assert_eq!(text(&made, "verification_type"), "signup");
    let stored = "select encrypted_password from auth.users where email = 'bob@example.com'";
    assert_eq!(accounts.value(stored, &[]).await, "");
    let (_, pairs) = follow(accounts, &text(&made, "action_link")).await;
    assert_eq!(value(&pairs, "type"), "signup");
    // Without a password, nobody signs in by one.
    for password in ["", "null"] {
        let body = json!({"email": "bob@example.com", "password": password});
        let refused = accounts.post("/token?grant_type=password", &body).await;
        assert_eq!(refusal(&refused), (400, "invalid_credentials".into()));
    }
}

async fn recovers(accounts: &Accounts) {
    let made = link(accounts, &json!({"type": "recovery", "email": "ada@example.com"})).await;
    let (_, pairs) = follow(accounts, &text(&made, "action_link")).await;
    let access = value(&pairs, "access_token");
    let changed = accounts.with_token("PUT", "/user", access, &json!({"password": "battery staple"})).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    let password = json!({"email": "ada@example.com", "password": "battery staple"});
    assert_eq!(accounts.post("/token?grant_type=password", &password).await.status, 200);
    // A banned user's link is made, and lets nobody in.
    let id = accounts.value("select id from auth.users where email = 'ada@example.com'", &[]).await;
    let path = format!("/admin/users/{id}");
    assert_eq!(accounts.as_admin("PUT", &path, &json!({"ban_duration": "1h"})).await.status, 200);
    let made = link(accounts, &json!({"type": "recovery", "email": "ada@example.com"})).await;
    let (_, pairs) = follow(accounts, &text(&made, "action_link")).await;
    assert_eq!(value(&pairs, "access_token"), "", "{pairs:?}");
    assert_eq!(accounts.as_admin("PUT", &path, &json!({"ban_duration": "none"})).await.status, 200);
}

async fn changes_addresses(accounts: &Accounts) {
    let asked = |kind: &str, new: &str| json!({"type": kind, "email": "ada@example.com", "new_email": new});
    // One that was begun for another address is void.
    let void = link(accounts, &asked("email_change_current", "other@example.com")).await;
    let new = link(accounts, &asked("email_change_new", "lovelace@example.com")).await;
    let (_, pairs) = follow(accounts, &text(&void, "action_link")).await;
    assert_eq!(value(&pairs, "error_code"), "otp_expired", "{pairs:?}");
    let current = link(accounts, &asked("email_change_current", "lovelace@example.com")).await;
    assert_eq!(current.json()["new_email"], "lovelace@example.com");
    assert!(text(&current, "action_link").contains("type=email_change&"));
    let (_, pairs) = follow(accounts, &text(&current, "action_link")).await;
    assert_eq!(value(&pairs, "access_token"), "", "both must agree: {pairs:?}");
    let (_, pairs) = follow(accounts, &text(&new, "action_link")).await;
    let access = value(&pairs, "access_token");
    let user = accounts.with_token("GET", "/user", access, &Value::Null).await;
    assert_eq!(user.json()["email"], "lovelace@example.com", "{user:?}");
}

async fn refuses(accounts: &Accounts) {
    for (body, expected) in [
        (json!({"type": "recovery", "email": "nobody@example.com"}), (404, "user_not_found")),
        (
            json!({"type": "email_change_new", "email": "nobody@example.com", "new_email": "x@y.z"}),
            (404, "user_not_found"),
        ),
        (
            json!({"type": "signup", "email": "lovelace@example.com", "password": "correct horse"}),
            (422, "email_exists"),
        ),
        (json!({"type": "invite", "email": "lovelace@example.com"}), (422, "email_exists")),
        (
            json!({"type": "email_change_new", "email": "lovelace@example.com", "new_email": "bob@example.com"}),
            (422, "email_exists"),
        ),
        (json!({"type": "email_change_new", "email": "lovelace@example.com"}), (400, "validation_failed")),
        (json!({"type": "signup", "email": "new@example.com"}), (400, "validation_failed")),
        (json!({"type": "signup", "email": "new@example.com", "password": "short"}), (422, "weak_password")),
        (json!({"type": "phone_change", "email": "new@example.com"}), (400, "validation_failed")),
        (json!({"type": "magiclink", "email": "new"}), (400, "validation_failed")),
        (json!({}), (400, "validation_failed")),
    ] {
        let answer = link(accounts, &body).await;
        assert_eq!(refusal(&answer), (expected.0, expected.1.to_owned()), "{body} {answer:?}");
    }
    let elsewhere =
        json!({"type": "magiclink", "email": "bob@example.com", "redirect_to": "https://evil.example/"});
    assert_eq!(link(accounts, &elsewhere).await.json()["redirect_to"], "http://127.0.0.1:3000");
    assert_eq!(accounts.value("select count(*) from auth.users where email like 'n%'", &[]).await, "0");
    // Each is in the audit log, by who made it.
    let by = "select count(*) from auth.audit_log_entries where payload -> 'traits' ->> 'link' is not null \
              and payload ->> 'actor_username' = 'service_role'";
    assert_eq!(accounts.value(by, &[]).await, "12");
}

async fn invites(accounts: &Accounts) {
    let asked = json!({"email": "Eve@Example.com", "data": {"team": "a"}});
    let path = "/invite?redirect_to=https%3A%2F%2Fapp.example.com%2Fjoin";
    let invited = accounts.as_admin("POST", path, &asked).await;
    assert_eq!(invited.status, 200, "{invited:?}");
    assert!(invited.json()["invited_at"].is_string() && invited.json()["confirmation_sent_at"].is_string());
    assert_eq!(invited.json()["user_metadata"], json!({"team": "a"}));
    let first = accounts.letter("eve@example.com").await;
    // Again: the earlier invitation ends.
    assert_eq!(accounts.as_admin("POST", path, &asked).await.status, 200);
    let second = accounts.letter("eve@example.com").await;
    let (_, pairs) = follow(accounts, first.link()).await;
    assert_eq!(value(&pairs, "error_code"), "otp_expired");
    let (page, pairs) = follow(accounts, second.link()).await;
    assert_eq!((page.as_str(), value(&pairs, "type")), ("https://app.example.com/join", "invite"));
    let again = accounts.as_admin("POST", path, &asked).await;
    assert_eq!(refusal(&again), (422, "email_exists".into()));
    let bad = accounts.as_admin("POST", path, &json!({"email": "eve"})).await;
    assert_eq!(refusal(&bad), (400, "validation_failed".into()));
    let entries = "select count(*) from auth.audit_log_entries where payload ->> 'action' = 'user_invited'";
    assert_eq!(accounts.value(entries, &[]).await, "2");
}
