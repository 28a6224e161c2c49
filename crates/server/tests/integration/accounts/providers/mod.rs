//! Sign-in with a provider: a real OpenID provider on one side, both engines on the other, and a browser between them.

mod linking;
mod provider;
mod tokens;

use super::{Accounts, on_both_engines, refusal, text};
use crate::harness::Answer;
use auth::provider::{ClientSecret, ProviderSettings};
use provider::{Provider, encoded, parameter};
use serde_json::{Value, json};
use server::configuration::Settings;
use std::collections::BTreeMap;

/// The page of the app.
const PAGE: &str = "http://127.0.0.1:3000/welcome?x=1";

/// A client of the provider, named `custom:acme` here, with addresses that must be confirmed.
fn settings(provider: &Provider) -> Settings {
    let acme = ProviderSettings {
        enabled: true,
        client_ids: vec!["app".into(), "mobile".into()],
        secret: ClientSecret::new("secret-of-app"),
        url: Some(provider.issuer.clone()),
        redirect_uri: Some("https://app.example/auth/v1/callback".into()),
        ..ProviderSettings::default()
    };
    Settings {
        auth_email_enable_confirmations: Some(true),
        auth_enable_manual_linking: true,
        auth_external: BTreeMap::from([("custom:acme".to_owned(), acme)]),
        outgoing_hosts: vec!["http://127.0.0.1".into()],
        ..Settings::default()
    }
}

impl Accounts {
    /// Begins a sign-in and gives the provider's page.
    async fn authorize(&self, more: &[(&str, &str)]) -> String {
        let mut query = vec![("provider", "custom:acme"), ("redirect_to", PAGE)];
        query.extend_from_slice(more);
        let answer = self.server.get(&format!("/auth/v1/authorize?{}", encoded(&query)), &[]).await;
        assert_eq!(answer.status, 302, "{answer:?}");
        answer.header("location").to_owned()
    }

    /// Goes where the provider sends a browser, and gives where the browser is sent next.
    async fn come_back(&self, address: &str) -> Answer {
        let query = address.split_once('?').expect("an answer").1;
        assert!(address.starts_with("https://app.example/auth/v1/callback?"), "{address}");
        self.server.get(&format!("/auth/v1/callback?{query}"), &[]).await
    }

    /// A whole sign-in; gives the address of the app's page at its end.
    async fn sign_in(&self, provider: &Provider, login: &str, more: &[(&str, &str)]) -> String {
        let page = self.authorize(more).await;
        let back = provider.sign_in(&page, login).await;
        let answer = self.come_back(&back).await;
        assert_eq!(answer.status, 302, "{answer:?}");
        assert_eq!(answer.header("cache-control"), "no-store");
        answer.header("location").to_owned()
    }

    /// A whole sign-in that succeeds; gives the access token.
    async fn signed_in(&self, provider: &Provider, login: &str) -> String {
        let page = self.sign_in(provider, login, &[]).await;
        parameter(&page, "access_token").unwrap_or_else(|| panic!("no token: {page}"))
    }

    async fn user(&self, token: &str) -> Value {
        let answer = self.with_token("GET", "/user", token, &Value::Null).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    async fn count(&self, table: &str) -> usize {
        self.value(&format!("select count(*) from {table}"), &[]).await.parse().expect("a number")
    }
}

/// What a page is told of an error, in its query and in its fragment alike.
#[track_caller]
fn told(page: &str) -> (String, String) {
    let (query, fragment) = page.split_once('#').expect("a fragment");
    for name in ["error", "error_code", "error_description"] {
        assert_eq!(parameter(query, name), parameter(&format!("#{fragment}"), name), "{page}");
    }
    assert!(page.starts_with("http://127.0.0.1:3000/"), "{page}");
    let of = |name: &str| parameter(query, name).unwrap_or_default();
    (of("error"), of("error_code"))
}

#[tokio::test]
async fn a_browser_signs_in_and_comes_back_with_tokens() {
    let provider = Provider::start(false);
    on_both_engines(settings(&provider), async |accounts| {
        let page = accounts.sign_in(&provider, "s-1|Ada@Example.com|true", &[]).await;
        assert!(page.starts_with(&format!("{PAGE}#")), "{page}");
        for name in ["refresh_token", "expires_in", "expires_at", "provider_token", "sb"] {
            assert!(parameter(&page, name).is_some(), "{name}: {page}");
        }
        assert_eq!(parameter(&page, "token_type").as_deref(), Some("bearer"));
        let token = parameter(&page, "access_token").expect("a token");
        let user = accounts.user(&token).await;
        assert_eq!(user["email"], "ada@example.com");
        assert!(user["email_confirmed_at"].is_string());
        assert_eq!(user["app_metadata"], json!({"provider": "custom:acme", "providers": ["custom:acme"]}));
        assert_eq!(user["user_metadata"]["full_name"], "Person s-1");
        let identity = &user["identities"][0];
        assert_eq!((&identity["id"], &identity["email"]), (&json!("s-1"), &json!("ada@example.com")));
        assert_eq!(identity["identity_data"]["email_verified"], true);
        assert_eq!(identity["identity_data"]["iss"], json!(provider.issuer));
        // Again: the same user.
        let again = accounts.user(&accounts.signed_in(&provider, "s-1|ada@example.com|true").await).await;
        assert_eq!(again["id"], user["id"]);
        assert_eq!((accounts.count("auth.users").await, accounts.count("auth.identities").await), (1, 1));
        // Nothing is left of the flows, and the refresh token renews.
        assert_eq!(
            (accounts.count("auth.flow_state").await, accounts.count("auth.oauth_client_states").await),
            (0, 0)
        );
        let renewed = json!({"refresh_token": parameter(&page, "refresh_token")});
        assert_eq!(accounts.post("/token?grant_type=refresh_token", &renewed).await.status, 200);
        let actions = accounts
            .sql("select payload->>'action' from auth.audit_log_entries order by created_at, id", &[])
            .await;
        let actions: Vec<&str> = actions.iter().map(|row| row[0].as_str()).collect();
        assert_eq!(&actions[..2], ["user_signedup", "login"], "{actions:?}");
    })
    .await;
}

#[tokio::test]
async fn a_browser_signs_in_and_comes_back_with_a_code() {
    let provider = Provider::start(false);
    on_both_engines(settings(&provider), async |accounts| {
        const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let pkce = [
            ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
            ("code_challenge_method", "s256"),
        ];
        let page = accounts.sign_in(&provider, "s-1|ada@example.com|true", &pkce).await;
        let code = parameter(&page, "code").expect("a code");
        assert_eq!(page, format!("http://127.0.0.1:3000/welcome?x=1&code={code}"));
        let exchange = async |verifier: &str| {
            let body = json!({"auth_code": code, "code_verifier": verifier});
            accounts.post("/token?grant_type=pkce", &body).await
        };
        let wrong = exchange("wrong-verifier-wrong-verifier-wrong-verifier-wrong").await;
        assert_eq!(refusal(&wrong), (400, "bad_code_verifier".into()));
        let session = exchange(VERIFIER).await;
        assert_eq!(session.status, 200, "{session:?}");
        assert_eq!(session.json()["user"]["email"], "ada@example.com");
        assert!(!text(&session, "provider_token").is_empty());
        assert_eq!(refusal(&exchange(VERIFIER).await), (404, "flow_state_not_found".into()));
    })
    .await;
}

#[tokio::test]
async fn an_answer_is_used_once_and_only_for_its_own_sign_in() {
    let provider = Provider::start(false);
    on_both_engines(settings(&provider), async |accounts| {
        let page = accounts.authorize(&[]).await;
        let back = provider.sign_in(&page, "s-1|ada@example.com|true").await;
        // Another issuer's answer: refused, and this sign-in is over.
        let mixed = accounts.authorize(&[]).await;
        let mixed = provider.sign_in(&mixed, "s-2|eve@example.com|true").await;
        let mixed = mixed.replace(&encoded(&[("", &provider.issuer)])[1..], "https%3A%2F%2Fevil.example");
        assert!(mixed.contains("evil"), "{mixed}");
        let answer = accounts.come_back(&mixed).await;
        assert_eq!(told(answer.header("location")), ("invalid_request".into(), "oauth_invalid_state".into()));
        let answer = accounts.come_back(&mixed).await;
        assert_eq!(
            told(answer.header("location")),
            ("server_error".into(), "oauth_client_state_not_found".into())
        );
        // The code of one flow with the state of another: the provider refuses the verifier.
        let other = accounts.authorize(&[]).await;
        let state = parameter(&other, "state").expect("a state");
        let own = parameter(&back, "state").expect("a state");
        let crossed = accounts.come_back(&back.replace(&own, &state)).await;
        assert_eq!(told(crossed.header("location")).0, "server_error");
        assert_eq!(accounts.count("auth.users").await, 0);
        // The code was used up by that, as it must be: a new one.
        let page = accounts.authorize(&[]).await;
        let back = provider.sign_in(&page, "s-1|ada@example.com|true").await;
        let first = accounts.come_back(&back).await;
        assert!(parameter(first.header("location"), "access_token").is_some(), "{first:?}");
        let second = accounts.come_back(&back).await;
        let location = second.header("location");
        assert_eq!(
            (second.status, parameter(location, "error_code").as_deref()),
            (303, Some("bad_oauth_state"))
        );
        assert!(parameter(location, "access_token").is_none());
        for query in ["", "state=", "state=x", "state=00000000-0000-0000-0000-000000000000&code=x"] {
            let answer = accounts.server.get(&format!("/auth/v1/callback?{query}"), &[]).await;
            assert_eq!(answer.status, 303, "{query}");
            assert!(
                answer.header("location").starts_with("http://127.0.0.1:3000/?error=invalid_request&"),
                "{answer:?}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_provider_s_refusal_and_a_late_answer_reach_the_page() {
    let provider = Provider::start(false);
    on_both_engines(settings(&provider), async |accounts| {
        let page = accounts.authorize(&[]).await;
        let state = parameter(&page, "state").expect("a state");
        // By a form, as Apple sends its answers.
        let form =
            encoded(&[("state", &state), ("error", "access_denied"), ("error_description", "No <thanks>")]);
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let answer = accounts.server.ask("POST", "/auth/v1/callback", &headers, &form).await;
        let location = answer.header("location");
        assert_eq!((answer.status, told(location).0), (302, "access_denied".into()));
        assert_eq!(parameter(location, "error_description").as_deref(), Some("No <thanks>"));
        assert!(!location.contains('<'), "{location}");
        let page = accounts.authorize(&[]).await;
        let back = provider.sign_in(&page, "s-1|ada@example.com|true").await;
        accounts.sql("update auth.flow_state set created_at = now() - interval '11 minutes'", &[]).await;
        let late = accounts.come_back(&back).await;
        assert_eq!(parameter(late.header("location"), "error_code").as_deref(), Some("bad_oauth_state"));
        assert_eq!(accounts.count("auth.users").await, 0);
    })
    .await;
}

#[tokio::test]
async fn attack_12_tokens_go_where_the_operator_allows() {
    let provider = Provider::start(false);
    on_both_engines(settings(&provider), async |accounts| {
        for wanted in ["https://evil.example/", "http://127.0.0.1:3000@evil.example/", "javascript:alert(1)"]
        {
            let page = accounts.authorize(&[("redirect_to", wanted)]).await;
            let back = provider.sign_in(&page, "s-1|ada@example.com|true").await;
            let answer = accounts.come_back(&back).await;
            assert!(answer.header("location").starts_with("http://127.0.0.1:3000#"), "{wanted}: {answer:?}");
        }
        // Nor does a host that a request names lead the provider elsewhere (attack 11).
        let spoofed = [("host", "evil.example"), ("x-forwarded-host", "evil.example")];
        let answer = accounts.server.get("/auth/v1/authorize?provider=custom:acme", &spoofed).await;
        assert!(!answer.header("location").contains("evil"), "{answer:?}");
    })
    .await;
}

#[tokio::test]
async fn what_cannot_begin_is_refused() {
    let provider = Provider::start(false);
    on_both_engines(settings(&provider), async |accounts| {
        for query in ["", "provider=", "provider=google", "provider=acme", "provider=email"] {
            let answer = accounts.server.get(&format!("/auth/v1/authorize?{query}"), &[]).await;
            assert_eq!(refusal(&answer), (400, "validation_failed".into()), "{query}");
            assert!(answer.body.contains("Unsupported provider: "), "{answer:?}");
        }
        let half = "/auth/v1/authorize?provider=custom:acme&code_challenge_method=s256";
        assert_eq!(refusal(&accounts.server.get(half, &[]).await), (400, "validation_failed".into()));
        assert_eq!(accounts.count("auth.flow_state").await, 0);
    })
    .await;
}

/// Attack 41: where the operator does not say so, a provider on this machine is not reached, and nobody is told why.
#[tokio::test]
async fn attack_41_a_provider_on_this_machine_is_not_reached_by_default() {
    let provider = Provider::start(false);
    let settings = Settings { outgoing_hosts: Vec::new(), ..settings(&provider) };
    on_both_engines(settings, async |accounts| {
        let answer = accounts.server.get("/auth/v1/authorize?provider=custom:acme", &[]).await;
        assert_eq!(refusal(&answer), (500, "unexpected_failure".into()));
        assert!(!answer.body.contains("127.0.0.1"), "{answer:?}");
        assert!(accounts.server.log().contains("may be asked over https only"), "{}", accounts.server.log());
    })
    .await;
}
