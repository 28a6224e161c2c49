//! What users change of their own: data, password, address; reauthentication.

use super::{Accounts, on_both_engines, refusal, text};
use crate::harness::Answer;
use serde_json::{Value, json};
use server::configuration::Settings;

const ADA: &str = "ada@example.com";
const NEW: &str = "ada@new.example.com";

fn settings() -> Settings {
    Settings { auth_email_enable_confirmations: Some(true), ..Settings::default() }
}

async fn sign_in(accounts: &Accounts, password: &str) -> Answer {
    accounts.post("/token?grant_type=password", &json!({"email": ADA, "password": password})).await
}

async fn token(accounts: &Accounts) -> String {
    text(&sign_in(accounts, "correct horse").await, "access_token")
}

#[tokio::test]
async fn data_and_nothing_else() {
    on_both_engines(settings(), async |accounts| {
        let id = accounts.import_user(ADA, "correct horse").await;
        let token = token(accounts).await;
        let put = async |body: Value| accounts.with_token("PUT", "/user", &token, &body).await;
        assert_eq!(put(json!({"data": {"a": 1, "b": {"c": 2}, "d": [3]}})).await.status, 200);
        let answer = put(json!({"data": {"a": null, "b": {"e": null}, "f": "g"}, "password": null})).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.json()["user_metadata"], json!({"b": {"e": null}, "d": [3], "f": "g"}));
        let before = accounts.sql("select role, aud, raw_app_meta_data, email_confirmed_at, is_super_admin, phone from auth.users", &[]).await;
        let answer = put(json!({
            "id": "00000000-0000-0000-0000-000000000001", "role": "service_role", "aud": "other", "is_super_admin": true,
            "raw_app_meta_data": {"admin": true}, "email_confirmed_at": null, "banned_until": "2100-01-01T00:00:00Z",
            "encrypted_password": "x", "user_metadata": {"x": 1}, "is_sso_user": true, "data": {},
        }))
        .await;
        assert_eq!((answer.status, text(&answer, "id")), (200, id), "{answer:?}");
        let after = accounts.sql("select role, aud, raw_app_meta_data, email_confirmed_at, is_super_admin, phone from auth.users", &[]).await;
        assert_eq!(before, after);
        assert_eq!(sign_in(accounts, "correct horse").await.status, 200);
        let refused = put(json!({"app_metadata": {"admin": true}})).await;
        assert_eq!(refusal(&refused), (403, "not_admin".into()));
        let refused = put(json!({"phone": "+4930123456"})).await;
        assert_eq!(refusal(&refused), (400, "phone_provider_disabled".into()));
        let refused = accounts.ask("PUT", "/user", &[], &json!({"data": {}})).await;
        assert_eq!(refusal(&refused), (401, "no_authorization".into()));

        // Many at once: nothing is lost.
        let address = accounts.server.address;
        let asks: Vec<_> = (0..4)
            .map(|number| {
                let body = json!({"data": {format!("n{number}"): number}}).to_string();
                let request = format!(
                    "PUT /auth/v1/user HTTP/1.1\r\nConnection: close\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
                     Content-Length: {}\r\n\r\n{body}",
                    body.len()
                );
                tokio::spawn(async move { crate::harness::ask_at(address, request.as_bytes()).await })
            })
            .collect();
        for ask in asks {
            let answer = ask.await.expect("an answer");
            assert_eq!(answer.status, 200, "{answer:?}");
        }
        let user = accounts.with_token("GET", "/user", &token, &Value::Null).await.json();
        for number in 0..4 {
            assert_eq!(user["user_metadata"][format!("n{number}")], json!(number), "{user}");
        }
    })
    .await;
}

#[tokio::test]
async fn both_addresses_agree_to_a_change() {
    on_both_engines(settings(), async |accounts| {
        accounts.import_user(ADA, "correct horse").await;
        accounts.import_user("bob@example.com", "correct horse").await;
        let token = token(accounts).await;
        let put = async |email: &str| accounts.with_token("PUT", "/user", &token, &json!({"email": email})).await;
        let taken = put("Bob@example.com").await;
        assert_eq!(refusal(&taken), (422, "email_exists".into()));
        let same = put(ADA).await;
        assert_eq!((same.status, same.json().get("new_email")), (200, None), "{same:?}");
        let asked = put("Ada@New.example.com").await;
        assert_eq!(asked.status, 200, "{asked:?}");
        assert_eq!((&asked.json()["email"], &asked.json()["new_email"]), (&json!(ADA), &json!(NEW)));
        let soon = put("ada@other.example.com").await;
        assert_eq!(refusal(&soon), (429, "over_email_send_rate_limit".into()));
        accounts.let_time_pass(60).await;
        let again = accounts.post("/resend", &json!({"type": "email_change", "email": ADA})).await;
        assert_eq!(again.status, 200, "{again:?}");
        assert_eq!((accounts.letters(ADA).await.len(), accounts.letters(NEW).await.len()), (2, 2));
        let (old, new) = (accounts.letter(ADA).await, accounts.letter(NEW).await);
        let verify = async |email: &str, code: &str| {
            accounts.post("/verify", &json!({"type": "email_change", "email": email, "token": code})).await
        };
        // A code counts for the address that it was mailed to.
        let mixed = verify(NEW, &old.code()).await;
        assert_eq!(refusal(&mixed), (403, "otp_expired".into()));
        let first = verify(NEW, &new.code()).await;
        assert_eq!(
            first.json(),
            json!({"msg": "Confirmation link accepted. Please proceed to confirm link sent to the other email", "code": "200"})
        );
        let twice = verify(NEW, &new.code()).await;
        assert_eq!(refusal(&twice), (403, "otp_expired".into()));
        let user = accounts.with_token("GET", "/user", &token, &Value::Null).await.json();
        assert_eq!((&user["email"], &user["new_email"]), (&json!(ADA), &json!(NEW)));
        let second = verify(ADA, &old.code()).await;
        assert_eq!(second.status, 200, "{second:?}");
        let user = &second.json()["user"];
        assert_eq!((&user["email"], user.get("new_email")), (&json!(NEW), None));
        assert_eq!(user["identities"][0]["email"], NEW);
        assert_eq!(user["identities"].as_array().map(Vec::len), Some(1));
        let body = json!({"email": NEW, "password": "correct horse"});
        assert_eq!(accounts.post("/token?grant_type=password", &body).await.status, 200);
        assert_eq!(refusal(&sign_in(accounts, "correct horse").await), (400, "invalid_credentials".into()));
    })
    .await;
}

#[tokio::test]
async fn an_address_that_another_took_meanwhile() {
    let settings = Settings {
        auth_email_double_confirm_changes: false,
        letter_email_changed_enabled: true,
        letter_password_changed_enabled: true,
        ..settings()
    };
    on_both_engines(settings, async |accounts| {
        accounts.import_user(ADA, "correct horse").await;
        let token = token(accounts).await;
        let asked = accounts.with_token("PUT", "/user", &token, &json!({"email": NEW})).await;
        assert_eq!(asked.status, 200, "{asked:?}");
        assert!(accounts.letters(ADA).await.is_empty());
        let letter = accounts.letter(NEW).await;
        accounts.import_user(NEW, "battery staple").await;
        let body = json!({"type": "email_change", "token_hash": letter.parameter("token")});
        let late = accounts.post("/verify", &body).await;
        assert_eq!(refusal(&late), (422, "email_exists".into()), "{late:?}");
        assert_eq!(sign_in(accounts, "correct horse").await.status, 200);
        accounts.sql("delete from auth.users where email = $1", &[NEW]).await;
        let page = accounts.ask("GET", &letter.path(), &[], &Value::Null).await;
        assert!(page.header("location").contains("#access_token="), "{page:?}");
        // The address that was theirs is told, and of a new password the one that is.
        assert_eq!(accounts.letter(ADA).await.subject, "Your e-mail address was changed");
        let changed =
            accounts.with_token("PUT", "/user", &token, &json!({"password": "battery staple"})).await;
        assert_eq!(changed.status, 200, "{changed:?}");
        assert_eq!(accounts.letter(NEW).await.subject, "Your password was changed");
    })
    .await;
}

#[tokio::test]
async fn a_password_changes_by_a_mailed_code() {
    let settings = Settings {
        auth_email_secure_password_change: true,
        auth_email_require_current_password: true,
        ..settings()
    };
    on_both_engines(settings, async |accounts| {
        accounts.import_user(ADA, "correct horse").await;
        let token = token(accounts).await;
        let put = async |body: Value| accounts.with_token("PUT", "/user", &token, &body).await;
        // Shortly after the sign-in the present password is enough.
        let refused = put(json!({"password": "battery staple"})).await;
        assert_eq!(refusal(&refused), (400, "current_password_required".into()));
        let refused = put(json!({"password": "battery staple", "current_password": "wrong"})).await;
        assert_eq!(refusal(&refused), (400, "current_password_invalid".into()));
        let changed = put(json!({"password": "battery staple", "current_password": "correct horse"})).await;
        assert_eq!(changed.status, 200, "{changed:?}");
        // A day later it is not.
        accounts.sql("update auth.sessions set created_at = created_at - interval '25 hours'", &[]).await;
        let with = |nonce: Option<&str>| json!({"password": "third password", "current_password": "battery staple", "nonce": nonce});
        let refused = put(with(None)).await;
        assert_eq!(refusal(&refused), (400, "reauthentication_needed".into()));
        let refused = put(with(Some("123456"))).await;
        assert_eq!(refusal(&refused), (422, "reauthentication_not_valid".into()));
        let asked = accounts.with_token("GET", "/reauthenticate", &token, &Value::Null).await;
        assert_eq!((asked.status, asked.json()), (200, json!({})), "{asked:?}");
        let soon = accounts.with_token("GET", "/reauthenticate", &token, &Value::Null).await;
        assert_eq!(refusal(&soon), (429, "over_email_send_rate_limit".into()));
        let letter = accounts.letter(ADA).await;
        assert!(!letter.text.contains("http"), "{letter:?}");
        let code = letter.subject.rsplit(' ').next().expect("a code").to_owned();
        // The code of a reauthentication signs nobody in.
        let verify = json!({"type": "email", "email": ADA, "token": code});
        assert_eq!(refusal(&accounts.post("/verify", &verify).await), (403, "otp_expired".into()));
        let changed = put(with(Some(&code))).await;
        assert_eq!(changed.status, 200, "{changed:?}");
        let body = json!({"password": "fourth password", "current_password": "third password", "nonce": code});
        assert_eq!(refusal(&put(body).await), (422, "reauthentication_not_valid".into()));
        assert_eq!(sign_in(accounts, "third password").await.status, 200);
        let nobody = accounts.ask("GET", "/reauthenticate", &[], &Value::Null).await;
        assert_eq!(refusal(&nobody), (401, "no_authorization".into()));
    })
    .await;
}

#[tokio::test]
async fn no_session_that_the_old_password_let_in_outlives_it() {
    on_both_engines(settings(), async |accounts| {
        accounts.import_user(ADA, "correct horse").await;
        let token = token(accounts).await;
        // A letter and a code to exchange that were asked for under the old password.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let body = json!({
            "email": ADA, "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "s256",
        });
        assert_eq!(accounts.post("/otp", &body).await.status, 200);
        let page = accounts.ask("GET", &accounts.letter(ADA).await.path(), &[], &Value::Null).await;
        let code = super::parameter(page.header("location"), "code").expect("a code");
        let address = accounts.server.address;
        let ask = |method: &str, path: &str, authorization: &str, body: &Value| {
            let body = body.to_string();
            let request = format!(
                "{method} /auth/v1{path} HTTP/1.1\r\nConnection: close\r\nHost: {address}\r\n{authorization}Content-Length: {}\r\n\r\n{body}",
                body.len()
            );
            tokio::spawn(async move { crate::harness::ask_at(address, request.as_bytes()).await })
        };
        let old = json!({"email": ADA, "password": "correct horse"});
        let sign_in = || ask("POST", "/token?grant_type=password", "", &old);
        let mut sign_ins: Vec<_> = (0..6).map(|_| sign_in()).collect();
        let authorization = format!("Authorization: Bearer {token}\r\n");
        let change = ask("PUT", "/user", &authorization, &json!({"password": "battery staple"}));
        let exchange =
            ask("POST", "/token?grant_type=pkce", "", &json!({"auth_code": code, "code_verifier": verifier}));
        sign_ins.extend((0..6).map(|_| sign_in()));
        let changed = change.await.expect("an answer");
        assert_eq!(changed.status, 200, "{changed:?}");
        sign_ins.push(exchange);
        for sign_in in sign_ins {
            let answer = sign_in.await.expect("an answer");
            if answer.status == 200 {
                let gone =
                    accounts.with_token("GET", "/user", &text(&answer, "access_token"), &Value::Null).await;
                assert_eq!(refusal(&gone), (403, "session_not_found".into()), "{answer:?}");
            }
        }
        assert_eq!(accounts.value("select count(*) from auth.sessions", &[]).await, "1");
        assert_eq!(accounts.value("select count(*) from auth.flow_state", &[]).await, "0");
        assert_eq!(accounts.with_token("GET", "/user", &token, &Value::Null).await.status, 200);
    })
    .await;
}
