//! What is mailed, and what it is worth: codes, links, recovery, PKCE; and what must not be told.

use super::{Accounts, on_both_engines, parameter, refusal, text};
use crate::harness::Answer;
use serde_json::{Value, json};
use server::configuration::{Settings, Span};
use std::time::Duration;

/// Addresses must be confirmed; mail may follow mail at once where a test says so.
fn settings() -> Settings {
    Settings {
        auth_email_enable_confirmations: Some(true),
        auth_site_url: "https://site.example.com".into(),
        auth_additional_redirect_urls: vec!["https://app.example.com/**".into()],
        ..Settings::default()
    }
}

const ADA: &str = "ada@example.com";

async fn code_sign_in(accounts: &Accounts, kind: &str, code: &str) -> Answer {
    accounts.post("/verify", &json!({"type": kind, "email": ADA, "token": code})).await
}

#[tokio::test]
async fn codes_and_magic_links() {
    on_both_engines(settings(), async |accounts| {
        // Who is not registered gets the letter of a sign-up, which signs in.
        let asked = accounts.post("/otp", &json!({"email": ADA, "data": {"name": "Ada"}})).await;
        assert_eq!((asked.status, asked.json()), (200, json!({})), "{asked:?}");
        let letter = accounts.letter(ADA).await;
        assert_eq!(letter.parameter("type"), "signup");
        let wrong = code_sign_in(accounts, "email", "000000").await;
        assert_eq!(refusal(&wrong), (403, "otp_expired".into()));
        assert_eq!(text(&wrong, "msg"), "Token has expired or is invalid");
        let session = code_sign_in(accounts, "email", &letter.code()).await;
        assert_eq!(session.status, 200, "{session:?}");
        assert_eq!(session.json()["user"]["user_metadata"]["name"], "Ada");
        assert_eq!(session.json()["user"]["app_metadata"]["providers"], json!(["email"]));
        // Nobody knows a password for it.
        let empty = accounts.post("/token?grant_type=password", &json!({"email": ADA, "password": ""})).await;
        assert_eq!(refusal(&empty), (400, "invalid_credentials".into()));

        // Who is, gets a magic link; the code and the link are one token.
        let asked = accounts.post("/otp", &json!({"email": ADA, "create_user": false})).await;
        assert_eq!((asked.status, asked.json()), (200, json!({})), "{asked:?}");
        let letter = accounts.letter(ADA).await;
        assert_eq!(letter.parameter("type"), "magiclink");
        let other_kind = code_sign_in(accounts, "signup", &letter.code()).await;
        assert_eq!(refusal(&other_kind), (403, "otp_expired".into()));
        let hash = letter.parameter("token");
        let hashed = accounts.post("/verify", &json!({"type": "email", "token_hash": hash})).await;
        assert_eq!(hashed.status, 200, "{hashed:?}");
        let used = accounts.post("/verify", &json!({"type": "email", "token_hash": hash})).await;
        assert_eq!(refusal(&used), (403, "otp_expired".into()));
        assert_eq!(text(&used, "msg"), "Email link is invalid or has expired");
        let used = code_sign_in(accounts, "magiclink", &letter.code()).await;
        assert_eq!(refusal(&used), (403, "otp_expired".into()));

        // Too late.
        accounts.let_time_pass(60).await;
        let asked = accounts.post("/magiclink", &json!({"email": ADA})).await;
        assert_eq!((asked.status, asked.json()), (200, json!({})), "{asked:?}");
        let letter = accounts.letter(ADA).await;
        accounts.let_time_pass(3601).await;
        let late = code_sign_in(accounts, "magiclink", &letter.code()).await;
        assert_eq!(refusal(&late), (403, "otp_expired".into()));
        let late = accounts.ask("GET", &letter.path(), &[], &Value::Null).await;
        assert_eq!(
            late.header("location"),
            "https://site.example.com#error=access_denied&error_code=otp_expired\
             &error_description=Email+link+is+invalid+or+has+expired&sb="
        );

        let unknown = accounts.post("/otp", &json!({"email": "bob@example.com", "create_user": false})).await;
        assert_eq!(refusal(&unknown), (422, "otp_disabled".into()));
        for (body, (status, code)) in [
            (json!({}), (400, "validation_failed")),
            (json!({"email": ADA, "phone": "1"}), (400, "validation_failed")),
            (json!({"email": ADA, "channel": "sms"}), (400, "validation_failed")),
            (json!({"phone": "+491234567"}), (400, "phone_provider_disabled")),
        ] {
            let answer = accounts.post("/otp", &body).await;
            assert_eq!(refusal(&answer), (status, code.to_owned()), "{body}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_verify_refuses() {
    on_both_engines(settings(), async |accounts| {
        for (body, status) in [
            (json!({}), 400),
            (json!({"type": "signup"}), 400),
            (json!({"type": "signup", "token": "123456"}), 400),
            (json!({"type": "signup", "token": "123456", "token_hash": "x", "email": ADA}), 400),
            (json!({"type": "signup", "token_hash": "x", "email": ADA}), 400),
            (json!({"type": "signup", "token_hash": "x", "redirect_to": "https://app.example.com/"}), 400),
            (json!({"type": "other", "token_hash": "x"}), 400),
            (json!({"type": "signup", "token": "123456", "email": "no address"}), 422),
        ] {
            let answer = accounts.post("/verify", &body).await;
            assert_eq!(refusal(&answer), (status, "validation_failed".into()), "{body}");
        }
        for body in [
            json!({"type": "sms", "token": "123456", "phone": "+491234567"}),
            json!({"type": "signup", "token": "123456", "email": "nobody@example.com"}),
            json!({"type": "recovery", "token_hash": "x"}),
            json!({"type": "email_change", "token": "123456", "email": "nobody@example.com"}),
        ] {
            let answer = accounts.post("/verify", &body).await;
            assert_eq!(refusal(&answer), (403, "otp_expired".into()), "{body}");
        }
        for path in ["/verify", "/verify?type=signup", "/verify?token=x"] {
            let answer = accounts.ask("GET", path, &[], &Value::Null).await;
            assert_eq!(refusal(&answer), (400, "validation_failed".into()), "{path}");
        }
        let newer = [("x-supabase-api-version", "2024-01-01")];
        let body = json!({"type": "recovery", "token_hash": "x"});
        let answer = accounts.ask("POST", "/verify", &newer, &body).await;
        assert_eq!(
            answer.json(),
            json!({"code": "otp_expired", "message": "Email link is invalid or has expired"})
        );
        let path = "/verify?token=pkce_x&type=recovery&redirect_to=https://app.example.com/a?b=c";
        let page = accounts.ask("GET", path, &[], &Value::Null).await;
        let pairs = "error=access_denied&error_code=otp_expired&error_description=Email+link+is+invalid+or+has+expired";
        assert_eq!(
            (page.status, page.header("location")),
            (303, format!("https://app.example.com/a?b=c&{pairs}#{pairs}&sb=").as_str())
        );
    })
    .await;
}

#[tokio::test]
async fn recovery_ends_what_the_old_password_let_in() {
    on_both_engines(settings(), async |accounts| {
        accounts.import_user(ADA, "correct horse").await;
        let sign_in = |password: &str| json!({"email": ADA, "password": password});
        let old = accounts.post("/token?grant_type=password", &sign_in("correct horse")).await;
        assert_eq!(old.status, 200, "{old:?}");
        let asked =
            accounts.post("/recover?redirect_to=https://app.example.com/new", &json!({"email": ADA})).await;
        assert_eq!((asked.status, asked.json()), (200, json!({})), "{asked:?}");
        let soon = accounts.post("/recover", &json!({"email": ADA})).await;
        assert_eq!(refusal(&soon), (429, "over_email_send_rate_limit".into()));
        let letter = accounts.letter(ADA).await;
        assert_eq!(letter.parameter("type"), "recovery");
        let page = accounts.ask("GET", &letter.path(), &[], &Value::Null).await;
        let page = page.header("location");
        assert!(page.starts_with("https://app.example.com/new#"), "{page}");
        let token = parameter(page, "access_token").expect("a token");
        // A letter that is under way when the password changes.
        accounts.let_time_pass(60).await;
        accounts.post("/recover", &json!({"email": ADA})).await;
        let pending = accounts.letter(ADA).await;
        let put = async |body: Value| accounts.with_token("PUT", "/user", &token, &body).await;
        let same = put(json!({"password": "correct horse"})).await;
        assert_eq!(refusal(&same), (422, "same_password".into()));
        let weak = put(json!({"password": "x"})).await;
        assert_eq!(refusal(&weak), (422, "weak_password".into()));
        let changed = put(json!({"password": "battery staple"})).await;
        assert_eq!(changed.status, 200, "{changed:?}");
        let old_token = text(&old, "access_token");
        let gone = accounts.with_token("GET", "/user", &old_token, &Value::Null).await;
        assert_eq!(refusal(&gone), (403, "session_not_found".into()));
        let renewal = json!({"refresh_token": text(&old, "refresh_token")});
        let gone = accounts.post("/token?grant_type=refresh_token", &renewal).await;
        assert_eq!(refusal(&gone), (400, "refresh_token_not_found".into()));
        let gone = code_sign_in(accounts, "recovery", &pending.code()).await;
        assert_eq!(refusal(&gone), (403, "otp_expired".into()));
        assert_eq!(accounts.value("select count(*) from auth.one_time_tokens", &[]).await, "0");
        assert_eq!(accounts.with_token("GET", "/user", &token, &Value::Null).await.status, 200);
        let wrong = accounts.post("/token?grant_type=password", &sign_in("correct horse")).await;
        assert_eq!(refusal(&wrong), (400, "invalid_credentials".into()));
        let right = accounts.post("/token?grant_type=password", &sign_in("battery staple")).await;
        assert_eq!(right.status, 200, "{right:?}");
    })
    .await;
}

#[tokio::test]
async fn attack_2_a_password_of_before_the_proof_is_dead_after_recovery() {
    on_both_engines(settings(), async |accounts| {
        let body = json!({"email": ADA, "password": "attacker's own"});
        assert_eq!(accounts.post("/signup", &body).await.status, 200);
        // The owner of the address comes, and does not know it.
        assert_eq!(accounts.post("/recover", &json!({"email": ADA})).await.status, 200);
        let letter = accounts.letter(ADA).await;
        let session = code_sign_in(accounts, "recovery", &letter.code()).await;
        assert_eq!(session.status, 200, "{session:?}");
        let attacker = accounts.post("/token?grant_type=password", &body).await;
        assert_eq!(refusal(&attacker), (400, "invalid_credentials".into()));
    })
    .await;
}

#[tokio::test]
async fn pkce() {
    on_both_engines(settings(), async |accounts| {
        // RFC 7636, appendix B.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let challenge = json!({"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "s256"});
        let with = |mut body: Value| {
            body.as_object_mut().expect("an object").extend(challenge.as_object().cloned().expect("an object"));
            body
        };
        let exchange = async |code: &str, verifier: &str| {
            let body = json!({"auth_code": code, "code_verifier": verifier});
            accounts.post("/token?grant_type=pkce", &body).await
        };
        let follow = async || {
            let letter = accounts.letter(ADA).await;
            assert!(letter.parameter("token").starts_with("pkce_"), "{letter:?}");
            let opened = accounts.ask("GET", &letter.path(), &[], &Value::Null).await;
            let page = opened.header("location").to_owned();
            assert!(page.starts_with("https://app.example.com/in?x=1&code="), "{page}");
            assert!(!page.contains("access_token") && !page.contains('#'), "{page}");
            parameter(&page, "code").expect("a code")
        };
        let query = "redirect_to=https%3A%2F%2Fapp.example.com%2Fin%3Fx%3D1";
        let signed_up =
            accounts.post(&format!("/signup?{query}"), &with(json!({"email": ADA, "password": "correct horse"}))).await;
        assert_eq!(signed_up.status, 200, "{signed_up:?}");
        let code = follow().await;
        let wrong = exchange(&code, "another-verifier-another-verifier-another-verifier").await;
        assert_eq!(refusal(&wrong), (400, "bad_code_verifier".into()));
        let session = exchange(&code, verifier).await;
        assert_eq!(session.status, 200, "{session:?}");
        assert!(session.json()["user"]["email_confirmed_at"].is_string());
        let again = exchange(&code, verifier).await;
        assert_eq!(refusal(&again), (404, "flow_state_not_found".into()));

        for path in ["/recover", "/otp", "/magiclink"] {
            accounts.let_time_pass(60).await;
            let asked = accounts.post(&format!("{path}?{query}"), &with(json!({"email": ADA}))).await;
            assert_eq!(asked.status, 200, "{path} {asked:?}");
            let session = exchange(&follow().await, verifier).await;
            assert_eq!(session.status, 200, "{path} {session:?}");
        }
        // The code of the letter works as well, without the flow.
        accounts.let_time_pass(60).await;
        accounts.post("/otp", &with(json!({"email": ADA}))).await;
        let letter = accounts.letter(ADA).await;
        let session = code_sign_in(accounts, "email", &letter.code()).await;
        assert_eq!(session.status, 200, "{session:?}");
        // A change of address.
        let token = text(&session, "access_token");
        let path = format!("/user?{query}");
        let asked = accounts.with_token("PUT", &path, &token, &with(json!({"email": "ada@new.example.com"}))).await;
        assert_eq!(asked.status, 200, "{asked:?}");
        let new = accounts.letter("ada@new.example.com").await;
        let first = accounts.ask("GET", &new.path(), &[], &Value::Null).await;
        let page = first.header("location");
        let message = parameter(page, "message").expect("a message");
        assert!(message.starts_with("Confirmation link accepted."), "{page}");
        let session = exchange(&follow().await, verifier).await;
        assert_eq!(session.json()["user"]["email"], "ada@new.example.com", "{session:?}");
        assert_eq!(accounts.value("select count(*) from auth.flow_state where auth_code_issued_at is not null", &[]).await, "0");
    })
    .await;
}

#[tokio::test]
async fn attack_11_no_host_of_a_request_stands_in_a_mail() {
    on_both_engines(settings(), async |accounts| {
        let spoofed = [
            ("host", "evil.example.com"),
            ("x-forwarded-host", "evil.example.com"),
            ("x-forwarded-proto", "https"),
            ("forwarded", "host=evil.example.com"),
            ("x-forwarded-prefix", "/evil.example.com"),
            ("origin", "https://evil.example.com"),
            ("referer", "https://evil.example.com/"),
            ("redirect_to", "https://evil.example.com/"),
        ];
        let body = json!({"email": ADA, "password": "correct horse", "data": {"a": 1}});
        let signed_up = accounts.ask("POST", "/signup", &spoofed, &body).await;
        assert_eq!(signed_up.status, 200, "{signed_up:?}");
        let recovery = accounts.ask("POST", "/recover", &spoofed, &json!({"email": ADA})).await;
        assert_eq!(recovery.status, 200, "{recovery:?}");
        let letters = accounts.letters(ADA).await;
        assert_eq!(letters.len(), 2);
        let messages = Value::from(accounts.messages().await).to_string();
        assert!(!messages.contains("evil"), "{messages}");
        for letter in &letters {
            assert!(
                letter.link().starts_with(&format!("http://{}/auth/v1/verify?", accounts.server.address))
            );
            assert_eq!(letter.parameter("redirect_to"), "https://site.example.com");
        }
    })
    .await;
}

#[tokio::test]
async fn attack_12_tokens_go_where_the_operator_says_only() {
    on_both_engines(settings(), async |accounts| {
        accounts.import_user(ADA, "correct horse").await;
        let mut asked = 0;
        for target in [
            "https://evil.example.com/",
            "https://app.example.com.evil.example.com/",
            "https://evil.app.example.com/",
            "https://app.example.com@evil.example.com/",
            "http://app.example.com/",
            "https://app.example.com:8443/",
            "//evil.example.com/",
            "javascript:alert(1)",
            "https:\\\\evil.example.com",
        ] {
            let encoded: String = url_encoded(target);
            let path = format!("/verify?token=x&type=recovery&redirect_to={encoded}");
            let page = accounts.ask("GET", &path, &[], &Value::Null).await;
            let page = page.header("location");
            assert!(page.starts_with("https://site.example.com#error="), "{target} {page}");
            accounts.let_time_pass(60).await;
            let answer =
                accounts.post(&format!("/recover?redirect_to={encoded}"), &json!({"email": ADA})).await;
            assert_eq!(answer.status, 200, "{answer:?}");
            asked += 1;
            let letters = accounts.letters(ADA).await;
            assert_eq!(letters.len(), asked);
            assert_eq!(letters[0].parameter("redirect_to"), "https://site.example.com", "{target}");
        }
        // The link is changed on its way.
        let path = accounts.letter(ADA).await.path();
        let path = path.replace("https%3A%2F%2Fsite.example.com", "https%3A%2F%2Fevil.example.com");
        let page = accounts.ask("GET", &path, &[], &Value::Null).await;
        assert!(page.header("location").starts_with("https://site.example.com#access_token="), "{page:?}");
    })
    .await;
}

fn url_encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// What everybody sees of an answer.
fn seen(answer: &Answer) -> (u16, String, Vec<(String, String)>) {
    let headers = answer.headers.iter();
    let headers = headers
        .filter(|(name, _)| !["date", "x-request-id", "ratelimit"].contains(&name.as_str()))
        .map(|(name, value)| {
            let value = if name == "retry-after" { "N" } else { value };
            (name.clone(), value.to_owned())
        })
        .collect();
    (answer.status, without_seconds(&answer.body), headers)
}

/// The seconds of a message may be one less a moment later.
fn without_seconds(body: &str) -> String {
    let words =
        body.split(' ').map(|word| if word.bytes().all(|byte| byte.is_ascii_digit()) { "N" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn attack_27_nobody_is_told_who_is_registered() {
    on_both_engines(settings(), async |accounts| {
        accounts.import_user(ADA, "correct horse").await;
        let unconfirmed = json!({"email": "eve@example.com", "password": "correct horse"});
        assert_eq!(accounts.post("/signup", &unconfirmed).await.status, 200);
        accounts.let_time_pass(3600).await;
        let asks = [
            ("/recover", json!({})),
            ("/magiclink", json!({})),
            ("/otp", json!({})),
            ("/resend", json!({"type": "signup"})),
            ("/resend", json!({"type": "email_change"})),
        ];
        for (number, (path, body)) in asks.iter().enumerate() {
            let ask = async |email: &str| {
                let mut body = body.clone();
                body["email"] = json!(email);
                let first = accounts.post(path, &body).await;
                let second = accounts.post(path, &body).await;
                [seen(&first), seen(&second)]
            };
            accounts.let_time_pass(3600).await;
            let unknown = ask(&format!("nobody{number}@example.com")).await;
            assert_eq!((unknown[0].0, unknown[0].1.as_str()), (200, "{}"), "{path}");
            assert_eq!(unknown[1].0, 429, "{path} {unknown:?}");
            for known in [ADA, "eve@example.com"] {
                assert_eq!(ask(known).await, unknown, "{path} {known}");
            }
        }
        // A sign-up with the address of who is registered, and one with a new address.
        let sign_up = async |email: &str| {
            let body = json!({"email": email, "password": "correct horse"});
            let first = accounts.post("/signup", &body).await;
            let second = accounts.post("/signup", &body).await;
            (first.status, seen(&second))
        };
        accounts.import_user("bob@example.com", "correct horse").await;
        let new = sign_up("new@example.com").await;
        assert_eq!((new.0, new.1.0), (200, 429), "{new:?}");
        assert_eq!(sign_up("bob@example.com").await, new);
    })
    .await;
}

#[tokio::test]
async fn a_code_is_dead_after_ten_wrong_ones() {
    let settings = Settings { auth_rate_limit_token_verifications: 1000, ..settings() };
    on_both_engines(settings, async |accounts| {
        accounts.import_user(ADA, "correct horse").await;
        accounts.post("/otp", &json!({"email": ADA})).await;
        let letter = accounts.letter(ADA).await;
        let right = letter.code();
        let wrong = if right == "000000" { "111111" } else { "000000" };
        for _ in 0..10 {
            let answer = code_sign_in(accounts, "email", wrong).await;
            assert_eq!(refusal(&answer), (403, "otp_expired".into()));
        }
        let late = code_sign_in(accounts, "email", &right).await;
        assert_eq!(refusal(&late), (403, "otp_expired".into()));
        // The link is longer than anybody guesses: it works on.
        let opened = accounts.ask("GET", &letter.path(), &[], &Value::Null).await;
        assert!(parameter(opened.header("location"), "access_token").is_some(), "{opened:?}");
        // The next code has attempts of its own.
        accounts.let_time_pass(60).await;
        accounts.post("/otp", &json!({"email": ADA})).await;
        let right = accounts.letter(ADA).await.code();
        assert_eq!(code_sign_in(accounts, "email", &right).await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn one_of_many_gets_in_by_one_code() {
    on_both_engines(settings(), async |accounts| {
        accounts.import_user(ADA, "correct horse").await;
        for kind in ["link", "hash"] {
            accounts.let_time_pass(60).await;
            accounts.post("/magiclink", &json!({"email": ADA})).await;
            let letter = accounts.letter(ADA).await;
            let address = accounts.server.address;
            let request = if kind == "link" {
                format!("GET /auth/v1{} HTTP/1.1\r\nConnection: close\r\nHost: {address}\r\n\r\n", letter.path())
            } else {
                let body = json!({"type": "magiclink", "token_hash": letter.parameter("token")}).to_string();
                format!(
                    "POST /auth/v1/verify HTTP/1.1\r\nConnection: close\r\nHost: {address}\r\nContent-Length: {}\r\n\r\n{body}",
                    body.len()
                )
            };
            let asks: Vec<_> = (0..10)
                .map(|_| {
                    let request = request.clone();
                    tokio::spawn(async move { crate::harness::ask_at(address, request.as_bytes()).await })
                })
                .collect();
            let mut let_in = 0;
            for ask in asks {
                let answer = ask.await.expect("an answer");
                let is_in = answer.status == 200 || answer.header("location").contains("#access_token=");
                let is_refused = answer.body.contains("otp_expired") || answer.header("location").contains("otp_expired");
                assert!(is_in != is_refused, "{answer:?}");
                let_in += u32::from(is_in);
            }
            assert_eq!(let_in, 1, "{kind}");
        }
        assert_eq!(accounts.value("select count(*) from auth.sessions", &[]).await, "2");
    })
    .await;
}

#[tokio::test]
async fn resent_and_limited() {
    let settings = Settings {
        auth_rate_limit_email_sent: 4,
        auth_email_max_frequency: Span(Duration::ZERO),
        ..settings()
    };
    on_both_engines(settings, async |accounts| {
        let body = json!({"email": ADA, "password": "correct horse"});
        assert_eq!(accounts.post("/signup", &body).await.status, 200);
        let first = accounts.letter(ADA).await;
        let resend = json!({"type": "signup", "email": ADA});
        let again = accounts.post("/resend", &resend).await;
        assert_eq!((again.status, again.json()), (200, json!({})), "{again:?}");
        let second = accounts.letter(ADA).await;
        assert_ne!(first.code(), second.code());
        let old = code_sign_in(accounts, "signup", &first.code()).await;
        assert_eq!(refusal(&old), (403, "otp_expired".into()));
        assert_eq!(code_sign_in(accounts, "signup", &second.code()).await.status, 200);
        for (body, code) in [
            (json!({"email": ADA}), "validation_failed"),
            (json!({"type": "signup"}), "validation_failed"),
            (json!({"type": "sms"}), "validation_failed"),
            (json!({"type": "sms", "phone": "+491234567"}), "phone_provider_disabled"),
            (json!({"type": "magiclink", "email": ADA}), "validation_failed"),
        ] {
            let answer = accounts.post("/resend", &body).await;
            assert_eq!(refusal(&answer), (400, code.to_owned()), "{body}");
        }
        // Two letters were sent; two more of all together may be.
        for _ in 0..2 {
            assert_eq!(accounts.post("/recover", &json!({"email": ADA})).await.status, 200);
        }
        let over = accounts.post("/recover", &json!({"email": ADA})).await;
        assert_eq!(refusal(&over), (429, "over_email_send_rate_limit".into()));
        assert_eq!(text(&over, "msg"), "email rate limit exceeded");
        let over = accounts.post("/recover", &json!({"email": "nobody@example.com"})).await;
        assert_eq!(refusal(&over), (429, "over_email_send_rate_limit".into()));
        assert_eq!(accounts.letters(ADA).await.len(), 4);
    })
    .await;
}

#[tokio::test]
async fn an_address_asks_so_often_only() {
    let settings = Settings { auth_rate_limit_sign_in_sign_ups: 30, ..settings() };
    on_both_engines(settings, async |accounts| {
        for path in ["/signup", "/otp", "/magiclink", "/recover", "/resend"] {
            let mut refused = None;
            for _ in 0..31 {
                // Who gives nothing that makes sense is counted too.
                let body = if path == "/signup" { json!({"email": "x"}) } else { json!({}) };
                refused = Some(accounts.post(path, &body).await);
            }
            let refused = refused.expect("an answer");
            assert_eq!(refusal(&refused), (429, "over_request_rate_limit".into()), "{path}");
            assert_eq!(text(&refused, "msg"), "Request rate limit reached");
        }
        let mut refused = None;
        for number in 0..31 {
            let path = format!("/verify?type=signup&token={number}");
            refused = Some(accounts.ask("GET", &path, &[], &Value::Null).await);
        }
        let refused = refused.expect("an answer");
        assert_eq!(refusal(&refused), (429, "over_request_rate_limit".into()));
    })
    .await;
}
