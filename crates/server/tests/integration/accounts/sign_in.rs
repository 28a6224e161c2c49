//! Sign-in by password, renewal, sign-out.

use super::{on_both_engines, refusal, text};
use serde_json::{Value, json};
use server::configuration::{Settings, Span};
use std::time::Duration;

fn settings() -> Settings {
    Settings { auth_refresh_token_reuse_interval: 0, ..Settings::default() }
}

#[tokio::test]
async fn password_refresh_and_logout() {
    on_both_engines(settings(), async |accounts| {
        let id = accounts.import_user("ada@example.com", "correct horse").await;
        let sign_in = |password: &str| json!({"email": "Ada@Example.com", "password": password});
        let wrong = accounts.post("/token?grant_type=password", &sign_in("wrong horse")).await;
        assert_eq!(refusal(&wrong), (400, "invalid_credentials".into()));
        assert_eq!(
            wrong.json(),
            json!({"code": 400, "error_code": "invalid_credentials", "msg": "Invalid login credentials"})
        );
        let session = accounts.post("/token?grant_type=password", &sign_in("correct horse")).await;
        assert_eq!(session.status, 200, "{session:?}");
        let (access, first) = (text(&session, "access_token"), text(&session, "refresh_token"));
        assert_eq!(session.json()["user"]["id"], json!(id));
        assert_eq!(session.json()["user"]["identities"][0]["provider"], "email");
        let user = accounts.with_token("GET", "/user", &access, &Value::Null).await;
        assert_eq!((user.status, &user.json()["email"]), (200, &json!("ada@example.com")), "{user:?}");
        assert!(user.json()["last_sign_in_at"].is_string());

        let renew = |token: &str| json!({"refresh_token": token});
        let renewed = accounts.post("/token?grant_type=refresh_token", &renew(&first)).await;
        assert_eq!(renewed.status, 200, "{renewed:?}");
        let second = text(&renewed, "refresh_token");
        assert_ne!(first, second);
        // The client did not get the answer: the same again.
        let again = accounts.post("/token?grant_type=refresh_token", &renew(&first)).await;
        assert_eq!((again.status, text(&again, "refresh_token")), (200, second.clone()));
        let third =
            text(&accounts.post("/token?grant_type=refresh_token", &renew(&second)).await, "refresh_token");
        // Somebody shows the first one though it is long used: the whole family ends.
        let stolen = accounts.post("/token?grant_type=refresh_token", &renew(&first)).await;
        assert_eq!(refusal(&stolen), (400, "refresh_token_already_used".into()));
        let late = accounts.post("/token?grant_type=refresh_token", &renew(&third)).await;
        assert_eq!(refusal(&late), (400, "refresh_token_already_used".into()));
        let unknown = accounts.post("/token?grant_type=refresh_token", &renew("unknown")).await;
        assert_eq!(refusal(&unknown), (400, "refresh_token_not_found".into()));

        let session = accounts.post("/token?grant_type=password", &sign_in("correct horse")).await;
        let (access, refresh) = (text(&session, "access_token"), text(&session, "refresh_token"));
        let out = accounts.with_token("POST", "/logout?scope=local", &access, &Value::Null).await;
        assert_eq!(out.status, 204, "{out:?}");
        let gone = accounts.with_token("GET", "/user", &access, &Value::Null).await;
        assert_eq!(refusal(&gone), (403, "session_not_found".into()));
        let gone = accounts.post("/token?grant_type=refresh_token", &renew(&refresh)).await;
        assert_eq!(refusal(&gone), (400, "refresh_token_not_found".into()));
    })
    .await;
}

#[tokio::test]
async fn attack_10_one_winner_of_a_hundred_refreshes() {
    on_both_engines(settings(), async |accounts| {
        accounts.import_user("ada@example.com", "correct horse").await;
        let body = json!({"email": "ada@example.com", "password": "correct horse"});
        let session = accounts.post("/token?grant_type=password", &body).await;
        let body = json!({"refresh_token": text(&session, "refresh_token")}).to_string();
        let asks = (0..100).map(|_| {
            let request = format!(
                "POST /auth/v1/token?grant_type=refresh_token HTTP/1.1\r\nConnection: close\r\nHost: {}\r\nContent-Length: {}\r\n\r\n{body}",
                accounts.server.address,
                body.len()
            );
            let address = accounts.server.address;
            tokio::spawn(async move { crate::harness::ask_at(address, request.as_bytes()).await })
        });
        let asks: Vec<_> = asks.collect();
        let mut tokens = std::collections::BTreeSet::new();
        for ask in asks {
            let answer = ask.await.expect("an answer");
            assert_eq!(answer.status, 200, "{answer:?}");
            tokens.insert(text(&answer, "refresh_token"));
        }
        // One winner: everybody else is given its token.
        assert_eq!(tokens.len(), 1);
        assert_eq!(accounts.value("select count(*) from auth.refresh_tokens", &[]).await, "2");
        assert_eq!(accounts.value("select count(*) from auth.refresh_tokens where not revoked", &[]).await, "1");
    })
    .await;
}

/// Signs in, and gives the access and the refresh token.
async fn signed_in(accounts: &super::Accounts) -> (String, String) {
    let body = json!({"email": "ada@example.com", "password": "correct horse"});
    let session = accounts.post("/token?grant_type=password", &body).await;
    (text(&session, "access_token"), text(&session, "refresh_token"))
}

#[tokio::test]
async fn sessions_end_in_time() {
    let span = |seconds| Some(Span(Duration::from_secs(seconds)));
    let settings = Settings {
        auth_sessions_timebox: span(86_400),
        auth_sessions_inactivity_timeout: span(3_600),
        auth_sessions_single_per_user: true,
        ..settings()
    };
    on_both_engines(settings, async |accounts| {
        accounts.import_user("ada@example.com", "correct horse").await;
        let renew = async |token: &str| {
            let answer =
                accounts.post("/token?grant_type=refresh_token", &json!({"refresh_token": token})).await;
            if answer.status == 200 {
                Ok(text(&answer, "refresh_token"))
            } else {
                Err((refusal(&answer), text(&answer, "msg")))
            }
        };
        let expired = |message: &str| Err(((400, "session_expired".to_owned()), message.to_owned()));

        let (_, token) = signed_in(accounts).await;
        let token = renew(&token).await.expect("a session within its limits");
        accounts
            .sql(
                "update auth.sessions set refreshed_at = now() at time zone 'utc' - interval '59 minutes'",
                &[],
            )
            .await;
        let token = renew(&token).await.expect("not yet inactive for an hour");
        accounts
            .sql(
                "update auth.sessions set refreshed_at = now() at time zone 'utc' - interval '61 minutes'",
                &[],
            )
            .await;
        assert_eq!(renew(&token).await, expired("Invalid Refresh Token: Session Expired (Inactivity)"));

        let (_, token) = signed_in(accounts).await;
        accounts.sql("update auth.sessions set created_at = now() - interval '25 hours'", &[]).await;
        assert_eq!(renew(&token).await, expired("Invalid Refresh Token: Session Expired"));

        let (_, token) = signed_in(accounts).await;
        accounts.sql("update auth.sessions set not_after = now() - interval '1 second'", &[]).await;
        assert_eq!(renew(&token).await, expired("Invalid Refresh Token: Session Expired"));

        let (_, older) = signed_in(accounts).await;
        let (_, newer) = signed_in(accounts).await;
        let newer = renew(&newer).await.expect("the newest session");
        assert_eq!(
            renew(&older).await,
            expired("Invalid Refresh Token: Session Expired (Revoked by Newer Login)")
        );
        renew(&newer).await.expect("the newest session");
    })
    .await;
}

#[tokio::test]
async fn logout_scopes() {
    on_both_engines(settings(), async |accounts| {
        accounts.import_user("ada@example.com", "correct horse").await;
        let mut sessions = Vec::new();
        for _ in 0..3 {
            sessions.push(signed_in(accounts).await.0);
        }
        let alive =
            async |token: &str| accounts.with_token("GET", "/user", token, &Value::Null).await.status == 200;
        let out = async |token: &str, scope: &str| {
            accounts.with_token("POST", &format!("/logout?scope={scope}"), token, &Value::Null).await
        };
        assert_eq!(refusal(&out(&sessions[0], "mine").await), (400, "validation_failed".into()));
        assert_eq!(out(&sessions[0], "local").await.status, 204);
        assert!(!alive(&sessions[0]).await && alive(&sessions[1]).await && alive(&sessions[2]).await);
        assert_eq!(out(&sessions[1], "others").await.status, 204);
        assert!(alive(&sessions[1]).await && !alive(&sessions[2]).await);
        let (other, _) = signed_in(accounts).await;
        assert_eq!(out(&other, "global").await.status, 204);
        assert!(!alive(&sessions[1]).await && !alive(&other).await);
        assert_eq!(accounts.value("select count(*) from auth.refresh_tokens", &[]).await, "0");
    })
    .await;
}

#[tokio::test]
async fn imported_passwords_are_hashed_anew_at_sign_in() {
    // Made by PostgreSQL's crypt('correct horse', gen_salt('bf', 4)).
    const BCRYPT: &str = "$2a$04$6T4EUUgVXqPodhQLK1VBIeSEfNWTK135HrgagGpY1xIgmRgVyzhX2";
    on_both_engines(settings(), async |accounts| {
        accounts.import_user("ada@example.com", "another").await;
        accounts.sql("update auth.users set encrypted_password = $1", &[BCRYPT]).await;
        signed_in(accounts).await;
        let hash = accounts.value("select encrypted_password from auth.users", &[]).await;
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        signed_in(accounts).await;
    })
    .await;
}
