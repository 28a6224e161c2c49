//! What administrators do while others do something to the same user: nothing is lost, and nobody who was shut out is let in.

use super::{Accounts, on_both_engines, text};
use crate::harness::{Answer, ask_at};
use serde_json::{Value, json};
use server::configuration::Settings;

/// Asks many at once, as an administrator.
async fn at_once(accounts: &Accounts, asks: Vec<(&str, String, Value)>) -> Vec<Answer> {
    let address = accounts.server.address;
    let secret = accounts.server.keys.secret_key.expose();
    let tasks = asks.into_iter().map(|(method, path, body)| {
        let body = body.to_string();
        let request = format!(
            "{method} /auth/v1{path} HTTP/1.1\r\nConnection: close\r\nHost: {address}\r\napikey: {secret}\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        tokio::spawn(async move { ask_at(address, request.as_bytes()).await })
    });
    let tasks: Vec<_> = tasks.collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.expect("an answer"));
    }
    answers
}

fn settings() -> Settings {
    Settings {
        auth_rate_limit_token_refresh: 10_000,
        auth_rate_limit_sign_in_sign_ups: 10_000,
        ..Settings::default()
    }
}

#[tokio::test]
async fn nothing_is_lost_and_nobody_slips_in() {
    on_both_engines(settings(), async |accounts| {
        // One of many wins the address.
        let make = || {
            (
                "POST",
                "/admin/users".to_owned(),
                json!({"email": "ada@example.com", "password": "correct horse", "email_confirm": true}),
            )
        };
        let answers = at_once(accounts, (0..12).map(|_| make()).collect()).await;
        let made: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
        assert_eq!(made.len(), 1, "{answers:?}");
        assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 422)), "{answers:?}");
        let id = text(made[0], "id");
        let path = format!("/admin/users/{id}");
        assert_eq!(accounts.value("select count(*) from auth.identities", &[]).await, "1");

        // Entries that are merged at once are all there.
        let merge = |at: usize| ("PUT", path.clone(), json!({"app_metadata": {format!("k{at}"): at}}));
        let answers = at_once(accounts, (0..20).map(merge).collect()).await;
        assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
        let user = accounts.as_admin("GET", &path, &Value::Null).await.json();
        assert_eq!(user["app_metadata"].as_object().map(serde_json::Map::len), Some(22), "{user}");

        // A ban, a new password, a soft deletion, each in the midst of sign-ins and renewals: no session is there behind it, whichever was
        // first.
        let sign_in = || {
            let body = json!({"email": "ada@example.com", "password": "correct horse"});
            ("POST", "/token?grant_type=password".to_owned(), body)
        };
        let sessions = "select count(*) from auth.sessions";
        for (shut_out, method) in [
            (json!({"ban_duration": "1h"}), "PUT"),
            (json!({"password": "battery staple"}), "PUT"),
            (json!({"should_soft_delete": true}), "DELETE"),
        ] {
            if method == "DELETE" {
                assert_eq!(
                    accounts.as_admin("PUT", &path, &json!({"password": "correct horse"})).await.status,
                    200
                );
            }
            let body = json!({"email": "ada@example.com", "password": "correct horse"});
            let session = accounts.post("/token?grant_type=password", &body).await;
            let refresh = json!({"refresh_token": text(&session, "refresh_token")});
            let renew = || ("POST", "/token?grant_type=refresh_token".to_owned(), refresh.clone());
            let mut asks: Vec<_> = (0..8).flat_map(|_| [sign_in(), renew()]).collect();
            asks.insert(6, (method, path.clone(), shut_out.clone()));
            let answers = at_once(accounts, asks).await;
            assert_eq!(answers[6].status, 200, "{:?}", answers[6]);
            assert!(answers.iter().all(|answer| answer.status < 500), "{answers:?}");
            assert_eq!(accounts.value(sessions, &[]).await, "0", "{shut_out}");
            let tokens = "select count(*) from auth.refresh_tokens";
            assert_eq!(accounts.value(tokens, &[]).await, "0", "{shut_out}");
            if shut_out["ban_duration"].is_string() {
                assert_eq!(
                    accounts.as_admin("PUT", &path, &json!({"ban_duration": "none"})).await.status,
                    200
                );
            }
        }
    })
    .await;
}
