//! Sign-up: with and without confirmation, again, by many at once.

use super::{Accounts, on_both_engines, parameter, refusal, text};
use serde_json::{Value, json};
use server::configuration::Settings;

/// Addresses must be confirmed.
fn confirming() -> Settings {
    Settings {
        auth_email_enable_confirmations: Some(true),
        auth_additional_redirect_urls: vec!["https://app.example.com/**".into()],
        ..Settings::default()
    }
}

/// Addresses count at once.
fn autoconfirming() -> Settings {
    Settings { auth_email_enable_confirmations: Some(false), ..Settings::default() }
}

async fn users(accounts: &Accounts) -> String {
    accounts.value("select count(*) from auth.users", &[]).await
}

#[tokio::test]
async fn confirmed_by_mail() {
    on_both_engines(confirming(), async |accounts| {
        let body = json!({
            "email": "Ada@Example.com", "password": "correct horse", "data": {"full_name": "Ada", "email": "forged", "sub": "forged"},
        });
        let answer = accounts.post("/signup?redirect_to=https://app.example.com/welcome?a=1", &body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let user = answer.json();
        assert_eq!(user.get("access_token"), None);
        let id = text(&answer, "id");
        assert_eq!(user["email"], "ada@example.com");
        assert_eq!(user["role"], "authenticated");
        assert_eq!(user["app_metadata"], json!({"provider": "email", "providers": ["email"]}));
        let metadata = json!({
            "sub": id, "email": "ada@example.com", "email_verified": false, "phone_verified": false, "full_name": "Ada",
        });
        assert_eq!(user["user_metadata"], metadata);
        assert_eq!(user["identities"][0]["identity_data"], metadata);
        assert_eq!(user["identities"][0]["id"], json!(id));
        assert!(user["confirmation_sent_at"].is_string());
        assert_eq!(user.get("email_confirmed_at"), None);

        let sign_in = json!({"email": "ada@example.com", "password": "correct horse"});
        let early = accounts.post("/token?grant_type=password", &sign_in).await;
        assert_eq!(refusal(&early), (400, "email_not_confirmed".into()));

        let letter = accounts.letter("ada@example.com").await;
        assert_eq!(letter.parameter("type"), "signup");
        assert_eq!(letter.parameter("redirect_to"), "https://app.example.com/welcome?a=1");
        // Who looks at the link before the reader does uses nothing up.
        let head = accounts.ask("HEAD", &letter.path(), &[], &Value::Null).await;
        assert_eq!(head.status, 405, "{head:?}");
        let opened = accounts.ask("GET", &letter.path(), &[], &Value::Null).await;
        assert_eq!(opened.status, 303, "{opened:?}");
        let page = opened.header("location").to_owned();
        assert!(page.starts_with("https://app.example.com/welcome?a=1#"), "{page}");
        assert_eq!(parameter(&page, "type").as_deref(), Some("signup"));
        assert_eq!(parameter(&page, "token_type").as_deref(), Some("bearer"));
        let token = parameter(&page, "access_token").expect("a token");
        let user = accounts.with_token("GET", "/user", &token, &Value::Null).await.json();
        assert_eq!(user["user_metadata"]["email_verified"], true);
        assert_eq!(user["identities"][0]["identity_data"]["email_verified"], true);
        assert!(user["email_confirmed_at"].is_string());
        // Once only.
        let again = accounts.ask("GET", &letter.path(), &[], &Value::Null).await;
        let page = again.header("location");
        assert_eq!(
            page,
            "https://app.example.com/welcome?a=1#error=access_denied&error_code=otp_expired\
             &error_description=Email+link+is+invalid+or+has+expired&sb="
        );
        let session = accounts.post("/token?grant_type=password", &sign_in).await;
        assert_eq!(session.status, 200, "{session:?}");

        // Who is registered is not told to whom asks; the answer has no identity.
        let body = json!({"email": "ada@example.com", "password": "another horse", "data": {"x": 1}});
        let again = accounts.post("/signup", &body).await;
        assert_eq!(again.status, 200, "{again:?}");
        let obfuscated = again.json();
        assert_ne!(obfuscated["id"], json!(id));
        assert_eq!(obfuscated["identities"], json!([]));
        assert_eq!(obfuscated["user_metadata"], json!({"x": 1}));
        assert_eq!(accounts.letters("ada@example.com").await.len(), 1);
        assert_eq!(users(accounts).await, "1");
        let session = accounts.post("/token?grant_type=password", &sign_in).await;
        assert_eq!(session.status, 200, "{session:?}");
    })
    .await;
}

#[tokio::test]
async fn again_before_the_confirmation() {
    on_both_engines(confirming(), async |accounts| {
        let sign_up = |password: &str| json!({"email": "ada@example.com", "password": password});
        let first = accounts.post("/signup", &sign_up("correct horse")).await;
        let id = text(&first, "id");
        let soon = accounts.post("/signup", &sign_up("another horse")).await;
        assert_eq!(refusal(&soon), (429, "over_email_send_rate_limit".into()));
        let message = text(&soon, "msg");
        assert!(
            message.starts_with("For security purposes, you can only request this after ")
                && message.ends_with(" seconds."),
            "{message}"
        );
        let old = accounts.letter("ada@example.com").await;
        accounts.let_time_pass(60).await;
        let second = accounts.post("/signup", &sign_up("another horse")).await;
        assert_eq!((second.status, text(&second, "id")), (200, id.clone()), "{second:?}");
        assert_eq!(accounts.letters("ada@example.com").await.len(), 2);
        // The older letter's link has ended and the newer one's code works.
        let verify = |code: String| json!({"type": "signup", "email": "ada@example.com", "token": code});
        let gone = accounts.post("/verify", &verify(old.code())).await;
        assert_eq!(refusal(&gone), (403, "otp_expired".into()));
        let code = accounts.letter("ada@example.com").await.code();
        let session = accounts.post("/verify", &verify(code)).await;
        assert_eq!(session.status, 200, "{session:?}");
        assert_eq!(session.json()["user"]["id"], json!(id));
        // Two gave passwords and one can read the mail: neither password counts.
        for password in ["another horse", "correct horse"] {
            let wrong = accounts.post("/token?grant_type=password", &sign_up(password)).await;
            assert_eq!(refusal(&wrong), (400, "invalid_credentials".into()));
        }
    })
    .await;
}

#[tokio::test]
async fn without_confirmation() {
    on_both_engines(autoconfirming(), async |accounts| {
        let body = json!({"email": "ada@example.com", "password": "correct horse", "data": null, "code_challenge": null});
        let session = accounts.post("/signup", &body).await;
        assert_eq!(session.status, 200, "{session:?}");
        let user = &session.json()["user"];
        assert_eq!(user["user_metadata"]["email_verified"], true);
        assert_eq!(user["identities"].as_array().map(Vec::len), Some(1));
        assert!(accounts.letters("ada@example.com").await.is_empty());
        let token = text(&session, "access_token");
        assert_eq!(accounts.with_token("GET", "/user", &token, &Value::Null).await.status, 200);
        let again = accounts.post("/signup", &body).await;
        assert_eq!(refusal(&again), (422, "user_already_exists".into()));
        // An invitation is not anybody's, though no confirmation is asked for.
        accounts
            .sql("update auth.users set email_confirmed_at = null, encrypted_password = '', invited_at = now()", &[])
            .await;
        let taken = accounts.post("/signup", &body).await;
        assert_eq!(refusal(&taken), (422, "user_already_exists".into()));
    })
    .await;
}

#[tokio::test]
async fn what_is_refused() {
    on_both_engines(confirming(), async |accounts| {
        let cases = [
            (json!({"email": "ada@example.com"}), (400, "validation_failed")),
            (json!({"email": "ada@example.com", "password": ""}), (400, "validation_failed")),
            (json!({"email": "ada@example.com", "password": "short"}), (422, "weak_password")),
            (json!({"email": "ada@example.com", "password": "x".repeat(73)}), (400, "validation_failed")),
            (
                json!({"email": "ada@example.com", "phone": "123", "password": "correct horse"}),
                (400, "validation_failed"),
            ),
            (json!({"phone": "+4917012345", "password": "correct horse"}), (400, "phone_provider_disabled")),
            (json!({"email": "no address", "password": "correct horse"}), (400, "validation_failed")),
            (
                json!({"email": "a@b.c", "password": "correct horse", "code_challenge": "x"}),
                (400, "validation_failed"),
            ),
            (json!({"email": "a@b.c", "password": "correct horse", "data": [1]}), (400, "bad_json")),
            (json!({"email": 1, "password": "correct horse"}), (400, "bad_json")),
            (json!({}), (422, "anonymous_provider_disabled")),
        ];
        for (body, (status, code)) in cases {
            let answer = accounts.post("/signup", &body).await;
            assert_eq!(refusal(&answer), (status, code.to_owned()), "{body} {answer:?}");
        }
        let weak = accounts.post("/signup", &json!({"email": "ada@example.com", "password": "short"})).await;
        assert_eq!(weak.json()["weak_password"]["reasons"], json!(["length"]));
        for path in ["/signup", "/otp"] {
            let body = json!({"email": "ada\u{ff20}example.com", "password": "correct horse"});
            let look_alike = accounts.post(path, &body).await;
            assert_eq!(refusal(&look_alike), (400, "validation_failed".into()), "attack 13: {path}");
        }
        assert_eq!(users(accounts).await, "0");
    })
    .await;
}

#[tokio::test]
async fn nothing_but_the_named_fields_counts() {
    on_both_engines(confirming(), async |accounts| {
        let body = json!({
            "email": "ada@example.com", "password": "correct horse",
            "id": "00000000-0000-0000-0000-000000000001", "role": "service_role", "aud": "other",
            "app_metadata": {"admin": true}, "raw_app_meta_data": {"admin": true}, "is_super_admin": true,
            "email_confirmed_at": "2020-01-01T00:00:00Z", "confirmed_at": "2020-01-01T00:00:00Z",
            "email_confirm": true, "is_anonymous": false, "provider": "google", "identities": [{"provider": "google"}],
        });
        let user = accounts.post("/signup", &body).await;
        assert_eq!(user.status, 200, "{user:?}");
        let row = accounts
            .sql(
                "select role, aud, raw_app_meta_data::text, is_super_admin, email_confirmed_at, is_anonymous, \
                 (select string_agg(provider, ',') from auth.identities) from auth.users where id <> '00000000-0000-0000-0000-000000000001'",
                &[],
            )
            .await;
        let [role, aud, app, super_admin, confirmed, anonymous, providers] = &row[0][..] else { panic!("{row:?}") };
        assert_eq!((role.as_str(), aud.as_str()), ("authenticated", "authenticated"));
        assert_eq!(app, "{\"provider\": \"email\", \"providers\": [\"email\"]}");
        assert_eq!((super_admin.as_str(), confirmed.as_str(), anonymous.as_str()), ("", "", "false"));
        assert_eq!(providers, "email");
    })
    .await;
}

#[tokio::test]
async fn one_user_of_many_sign_ups_at_once() {
    on_both_engines(confirming(), async |accounts| {
        let body = json!({"email": "ada@example.com", "password": "correct horse"}).to_string();
        let address = accounts.server.address;
        let request = format!(
            "POST /auth/v1/signup HTTP/1.1\r\nConnection: close\r\nHost: {address}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let asks: Vec<_> = (0..12)
            .map(|_| {
                let request = request.clone();
                tokio::spawn(async move { crate::harness::ask_at(address, request.as_bytes()).await })
            })
            .collect();
        let mut made = 0;
        for ask in asks {
            let answer = ask.await.expect("an answer");
            match answer.status {
                200 => made += 1,
                _ => assert_eq!(refusal(&answer), (429, "over_email_send_rate_limit".into()), "{answer:?}"),
            }
        }
        assert_eq!(made, 1);
        assert_eq!(users(accounts).await, "1");
        assert_eq!(accounts.value("select count(*) from auth.identities", &[]).await, "1");
        assert_eq!(accounts.letters("ada@example.com").await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn anonymous_and_promoted() {
    let settings = Settings { auth_enable_anonymous_sign_ins: true, ..autoconfirming() };
    on_both_engines(settings, async |accounts| {
        let session = accounts.post("/signup", &json!({"data": {"name": "nobody"}})).await;
        assert_eq!(session.status, 200, "{session:?}");
        let user = session.json()["user"].clone();
        assert_eq!(user["is_anonymous"], true);
        assert_eq!((&user["email"], &user["app_metadata"]), (&json!(""), &json!({})));
        assert_eq!(user["identities"], json!([]));
        let token = text(&session, "access_token");
        let put = async |body: Value| accounts.with_token("PUT", "/user", &token, &body).await;
        let lonely = put(json!({"password": "correct horse"})).await;
        assert_eq!(refusal(&lonely), (422, "validation_failed".into()));
        accounts.import_user("bob@example.com", "correct horse").await;
        let taken = put(json!({"email": "bob@example.com"})).await;
        assert_eq!(refusal(&taken), (422, "email_exists".into()));
        let promoted = put(json!({"email": "Ada@example.com", "password": "correct horse"})).await;
        assert_eq!(promoted.status, 200, "{promoted:?}");
        let user = promoted.json();
        assert_eq!((&user["is_anonymous"], &user["email"]), (&json!(false), &json!("ada@example.com")));
        assert_eq!(user["app_metadata"], json!({"provider": "email", "providers": ["email"]}));
        assert_eq!(user["identities"][0]["identity_data"]["email"], "ada@example.com");
        let body = json!({"email": "ada@example.com", "password": "correct horse"});
        let session = accounts.post("/token?grant_type=password", &body).await;
        assert_eq!(session.status, 200, "{session:?}");
    })
    .await;
}

#[tokio::test]
async fn a_trigger_makes_the_profile_or_there_is_no_user() {
    on_both_engines(confirming(), async |accounts| {
        for statement in [
            "create table public.profiles (id uuid primary key references auth.users on delete cascade, name text unique)",
            "create function public.handle_new_user() returns trigger language plpgsql security definer set search_path = '' as $$ \
             begin insert into public.profiles (id, name) values (new.id, new.raw_user_meta_data ->> 'full_name'); return new; end; $$",
            "create trigger on_auth_user_created after insert on auth.users for each row execute procedure public.handle_new_user()",
        ] {
            accounts.sql(statement, &[]).await;
        }
        let sign_up = |email: &str, name: &str| json!({"email": email, "password": "correct horse", "data": {"full_name": name}});
        let ada = accounts.post("/signup", &sign_up("ada@example.com", "Ada")).await;
        assert_eq!(ada.status, 200, "{ada:?}");
        let made = accounts.sql("select id::text, name from public.profiles", &[]).await;
        assert_eq!(made, [[text(&ada, "id"), "Ada".to_owned()]]);
        // The trigger fails: nothing of the sign-up is there, and nothing of the reason is told.
        let refused = accounts.post("/signup", &sign_up("bob@example.com", "Ada")).await;
        assert_eq!(refusal(&refused), (500, "unexpected_failure".into()));
        assert_eq!(text(&refused, "msg"), "Database error saving new user");
        assert!(!refused.body.contains("profiles"), "{refused:?}");
        assert_eq!(users(accounts).await, "1");
        assert_eq!(accounts.value("select count(*) from auth.identities", &[]).await, "1");
        assert!(accounts.letters("bob@example.com").await.is_empty());
        let bob = accounts.post("/otp", &json!({"email": "bob@example.com", "data": {"full_name": "Bob"}})).await;
        assert_eq!(bob.status, 200, "{bob:?}");
        assert_eq!(accounts.value("select count(*) from public.profiles", &[]).await, "2");
    })
    .await;
}
