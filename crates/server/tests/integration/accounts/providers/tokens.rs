//! The grant `id_token`: tokens that an app obtained from the provider itself.

use super::*;
use sha2::{Digest as _, Sha256};

async fn grant(accounts: &Accounts, body: &Value) -> Answer {
    accounts.post("/token?grant_type=id_token", body).await
}

#[track_caller]
fn refused(answer: &Answer) -> (String, String) {
    assert_eq!(answer.status, 400, "{answer:?}");
    (text(answer, "error"), text(answer, "error_description"))
}

#[tokio::test]
async fn a_token_of_the_provider_is_a_sign_in() {
    let provider = Provider::start(true);
    on_both_engines(settings(&provider), async |accounts| {
        let hash: String = data_encoding::HEXLOWER.encode(&Sha256::digest(b"n-0"));
        let (id_token, access_token) =
            provider.tokens_of_app("mobile", "s-1|ada@example.com|true", Some(&hash)).await;
        let body = |nonce: Value| json!({"provider": "custom:acme", "id_token": id_token, "access_token": access_token, "nonce": nonce});
        let session = grant(accounts, &body(json!("n-0"))).await;
        assert_eq!(session.status, 200, "{session:?}");
        assert_eq!(session.json()["user"]["email"], "ada@example.com");
        assert!(session.json()["user"]["email_confirmed_at"].is_string());
        let wrong = refused(&grant(accounts, &body(json!("n-1"))).await);
        assert_eq!(wrong, ("invalid nonce".into(), "Nonces mismatch".into()));
        let missing = refused(&grant(accounts, &body(Value::Null)).await);
        assert!(missing.1.contains("either both exist or not"), "{missing:?}");
        let mut other = body(json!("n-0"));
        other["access_token"] = "another".into();
        // The provider's tokens of this flow have no at_hash, or another's: then it is refused.
        let answer = grant(accounts, &other).await;
        assert!(answer.status == 200 || refused(&answer).1 == "Bad ID token", "{answer:?}");
        // Without a nonce on either side.
        let (plain, _) = provider.tokens_of_app("mobile", "s-1|ada@example.com|true", None).await;
        let session = grant(accounts, &json!({"provider": "CUSTOM:acme", "id_token": plain})).await;
        assert_eq!(session.status, 200, "{session:?}");
        assert_eq!(accounts.count("auth.users").await, 1);
    })
    .await;
}

#[tokio::test]
async fn attack_05_a_token_needs_a_provider_that_is_ours() {
    let (provider, foreign) = (Provider::start(true), Provider::start(true));
    on_both_engines(settings(&provider), async |accounts| {
        let (id_token, _) = provider.tokens_of_app("mobile", "s-1|ada@example.com|true", None).await;
        let issuer = provider.issuer.as_str();
        // No provider: whatever issuer and client are named.
        for body in [
            json!({"id_token": id_token}),
            json!({"id_token": id_token, "provider": ""}),
            json!({"id_token": id_token, "provider": "", "issuer": issuer, "client_id": "mobile"}),
            json!({"id_token": id_token, "issuer": foreign.issuer, "client_id": "mobile"}),
        ] {
            assert_eq!(
                refused(&grant(accounts, &body).await).1,
                "provider or client_id and issuer required",
                "{body}"
            );
        }
        for (name, code) in [
            ("nobody", "validation_failed"),
            ("custom:other", "validation_failed"),
            ("google", "provider_disabled"),
        ] {
            let answer = grant(accounts, &json!({"id_token": id_token, "provider": name})).await;
            assert_eq!(refusal(&answer), (400, code.into()), "{name}");
        }
        // Another issuer's token for a client of the same name.
        let (stranger, _) = foreign.tokens_of_app("mobile", "s-1|ada@example.com|true", None).await;
        let named = json!({"id_token": stranger, "provider": "custom:acme", "issuer": foreign.issuer});
        for body in [json!({"id_token": stranger, "provider": "custom:acme"}), named] {
            assert_eq!(refused(&grant(accounts, &body).await).1, "Bad ID token", "{body}");
        }
        let elsewhere =
            json!({"id_token": id_token, "provider": "custom:acme", "issuer": "https://elsewhere.example"});
        assert_eq!(
            refused(&grant(accounts, &elsewhere).await).1,
            "Provided issuer does not match ID token issuer"
        );
        assert_eq!(
            refused(&grant(accounts, &json!({"provider": "custom:acme"})).await).1,
            "id_token required"
        );
        assert_eq!(accounts.count("auth.users").await, 0);
    })
    .await;
}

#[tokio::test]
async fn attack_14_a_token_for_another_client_is_refused() {
    let provider = Provider::start(true);
    on_both_engines(settings(&provider), async |accounts| {
        let (id_token, _) = provider.tokens_of_app("stranger", "s-1|ada@example.com|true", None).await;
        let answer = grant(accounts, &json!({"provider": "custom:acme", "id_token": id_token})).await;
        assert_eq!(refused(&answer).1, "Unacceptable audience in id_token: [stranger]");
        // Changed by hand.
        let (id_token, _) = provider.tokens_of_app("mobile", "s-1|ada@example.com|true", None).await;
        let changed = format!("{}x", &id_token[..id_token.len() - 1]);
        let answer = grant(accounts, &json!({"provider": "custom:acme", "id_token": changed})).await;
        assert_eq!(refused(&answer).1, "Bad ID token");
        assert_eq!(accounts.count("auth.users").await, 0);
    })
    .await;
}

#[tokio::test]
async fn attack_01_nothing_of_the_body_chooses_the_address() {
    let provider = Provider::start(true);
    on_both_engines(settings(&provider), async |accounts| {
        let victim = accounts.import_user("victim@example.com", "correct horse").await;
        let (id_token, _) = provider.tokens_of_app("mobile", "s-2|eve@example.com|true", None).await;
        let body = json!({
            "provider": "custom:acme", "id_token": id_token,
            "email": "victim@example.com", "user": {"email": "victim@example.com"},
            "createData": {"email": "victim@example.com", "id": victim}, "data": {"email": "victim@example.com"},
            "options": {"data": {"email": "victim@example.com"}}, "sub": victim, "user_id": victim,
        });
        let session = grant(accounts, &body).await;
        assert_eq!(session.status, 200, "{session:?}");
        let user = &session.json()["user"];
        assert_eq!(user["email"], "eve@example.com");
        assert_ne!(user["id"], json!(victim));
        assert!(!user.to_string().contains("victim"), "{user}");
    })
    .await;
}
