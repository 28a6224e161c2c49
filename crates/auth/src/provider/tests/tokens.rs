//! ID tokens: what is accepted, and all that is not.

use super::*;
use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha256};

async fn verify(acme: &Acme, token: &str) -> Result<ExternalIdentity> {
    let provider = acme.providers.get("acme").expect("a provider");
    provider.verify_id_token(token, None, None, now()).await
}

async fn with(changes: Value) -> Result<ExternalIdentity> {
    let acme = acme();
    let token = token(&acme.key, &claims(changes));
    verify(&acme, &token).await
}

fn is_bad(result: Result<ExternalIdentity>, what: &str) {
    assert!(matches!(result, Err(ProviderError::BadToken(_))), "{what}: {result:?}");
}

#[tokio::test]
async fn a_good_token_is_somebody() {
    let identity = with(json!({})).await.expect("somebody");
    assert_eq!((identity.provider.as_str(), identity.subject.as_str()), ("acme", "s-1"));
    let email = ExternalEmail { address: "ann@example.com".into(), verified: true, primary: true };
    assert_eq!(identity.emails, [email]);
    assert_eq!(
        Value::Object(identity.identity_data),
        json!({
            "iss": ISSUER, "sub": "s-1", "provider_id": "s-1", "name": "Ann", "full_name": "Ann",
            "email": "ann@example.com", "email_verified": true, "phone_verified": false,
        })
    );
    // Any of our identifiers.
    assert!(with(json!({"aud": "ios"})).await.is_ok());
    assert!(with(json!({"aud": ["web"]})).await.is_ok());
    assert!(with(json!({"aud": ["web", "api"], "azp": "web"})).await.is_ok());
    // Clocks differ a little.
    assert!(with(json!({"exp": 1_799_999_950, "iat": 1_800_000_050, "nbf": 1_800_000_050})).await.is_ok());
}

#[tokio::test]
async fn every_kind_of_key_counts() {
    let rsa: Value =
        serde_json::from_str(include_str!("../../../../web/src/signing_key/rsa_key_for_tests.json"))
            .expect("a JWK");
    let keys = [
        SigningKey::make_es256("ec").expect("a key"),
        SigningKey::make_eddsa("ed").expect("a key"),
        SigningKey::from_jwk(&rsa).expect("a key"),
    ];
    let acme = acme();
    publish(&acme.network, &keys.iter().collect::<Vec<_>>());
    for key in &keys {
        assert!(verify(&acme, &token(key, &claims(json!({})))).await.is_ok(), "{key:?}");
    }
}

#[tokio::test]
async fn attack_05_another_issuer_is_refused() {
    for issuer in
        [json!("https://evil.example"), json!(format!("{ISSUER}/")), json!(""), json!(null), json!(7)]
    {
        is_bad(with(json!({ "iss": issuer })).await, &issuer.to_string());
    }
    // No issuer that a token names is ever asked.
    let acme = acme();
    let evil = token(&acme.key, &claims(json!({"iss": "https://evil.example"})));
    is_bad(verify(&acme, &evil).await, "evil");
    assert_eq!(acme.network.asked.lock().expect("asked").len(), 0);
}

#[test]
fn attack_05_an_empty_or_unknown_provider_is_none() {
    let acme = acme();
    for name in ["", " ", "nobody", "custom:acme", "google", "https://issuer.example"] {
        assert!(matches!(acme.providers.get(name), Err(ProviderError::Unknown(_))), "{name}");
    }
    let off = ProviderSettings { enabled: false, url: Some(ISSUER.into()), ..settings() };
    let network = Arc::new(Network::default());
    assert!(matches!(providers(&network, "acme", off).get("acme"), Err(ProviderError::Unknown(_))));
    for lacking in [
        ProviderSettings { url: Some(ISSUER.into()), client_ids: Vec::new(), ..settings() },
        ProviderSettings { url: None, ..settings() },
    ] {
        let providers = providers(&network, "acme", lacking);
        assert!(matches!(providers.get("acme"), Err(ProviderError::Unsupported(_))));
    }
    let keycloak = providers(&network, "keycloak", settings());
    assert!(matches!(keycloak.get("keycloak"), Err(ProviderError::Unsupported(_))));
}

#[tokio::test]
async fn attack_14_another_audience_is_refused() {
    for audience in
        [json!("other"), json!([]), json!(["other"]), json!(null), json!(""), json!(["web", "other"])]
    {
        let result = with(json!({ "aud": audience })).await;
        assert!(matches!(result, Err(ProviderError::Audience(_))), "{audience}: {result:?}");
    }
    let result = with(json!({"aud": ["web", "other"], "azp": "other"})).await;
    assert!(matches!(result, Err(ProviderError::Audience(_))), "{result:?}");
}

#[tokio::test]
async fn attack_15_a_subject_is_text_and_not_empty() {
    for subject in [json!(null), json!(""), json!(" "), json!(7), json!({}), json!("x".repeat(2000))] {
        is_bad(with(json!({ "sub": subject })).await, &subject.to_string());
    }
}

#[tokio::test]
async fn attack_03_only_the_boolean_true_verifies() {
    for flag in [json!(false), json!(null), json!("true"), json!("false"), json!(1), json!([true])] {
        let identity = with(json!({ "email_verified": flag })).await.expect("somebody");
        assert!(!identity.emails[0].verified, "{flag}");
        assert_eq!(identity.identity_data["email_verified"], json!(false), "{flag}");
    }
}

#[tokio::test]
async fn times_are_checked() {
    for (changes, what) in [
        (json!({"exp": 1_799_999_900}), "expired"),
        (json!({"exp": null}), "no expiry"),
        (json!({"exp": "1800000300"}), "text"),
        (json!({"iat": 1_800_000_100}), "of the future"),
        (json!({"iat": null}), "no time of issue"),
        (json!({"nbf": 1_800_000_100}), "not yet"),
    ] {
        is_bad(with(changes).await, what);
    }
}

#[tokio::test]
async fn attack_05_no_signature_but_the_provider_s_counts() {
    let acme = acme();
    let body = claims(json!({}));
    let none = signed_by(&json!({"alg": "none"}), &body, |_| Vec::new());
    is_bad(verify(&acme, &none).await, "none");
    // The client's secret is a shared one: it must not become a key.
    for secret in ["hush", ""] {
        let hmac = signed_by(&json!({"alg": "HS256", "kid": "one"}), &body, |message| {
            let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
            mac.update(message);
            mac.finalize().into_bytes().to_vec()
        });
        is_bad(verify(&acme, &hmac).await, "HS256");
    }
    let stranger = SigningKey::make_es256("one").expect("a key");
    is_bad(verify(&acme, &token(&stranger, &body)).await, "a stranger's key of the same name");
    let good = token(&acme.key, &body);
    let mut parts: Vec<&str> = good.split('.').collect();
    let other = URL_SAFE_NO_PAD.encode(claims(json!({"sub": "s-2"})).to_string());
    parts[1] = &other;
    is_bad(verify(&acme, &parts.join(".")).await, "other claims");
    let eddsa = signed_by(&json!({"alg": "EdDSA", "kid": "one"}), &body, |message| {
        acme.key.sign(message).expect("a signature")
    });
    is_bad(verify(&acme, &eddsa).await, "an algorithm of another kind of key");
    let crit = signed_by(&json!({"alg": "ES256", "kid": "one", "crit": ["exp"]}), &body, |message| {
        acme.key.sign(message).expect("a signature")
    });
    is_bad(verify(&acme, &crit).await, "crit");
}

#[tokio::test]
async fn attack_47_nonsense_is_measured_first() {
    let acme = acme();
    let (dots, long) = (".".repeat(1 << 20), "x".repeat(1 << 20));
    for nonsense in ["", ".", "..", "a.b.c", "a.b.c.d", dots.as_str(), long.as_str(), "🦀.🦀.🦀"] {
        is_bad(verify(&acme, nonsense).await, "nonsense");
    }
    assert_eq!(acme.network.asked.lock().expect("asked").len(), 0);
}

#[tokio::test]
async fn a_nonce_is_the_hash_of_the_one_given() {
    let acme = acme();
    let provider = acme.providers.get("acme").expect("a provider");
    let hash: String = data_encoding::HEXLOWER.encode(&Sha256::digest(b"n-0"));
    let ask = async |in_token: Value, given: Option<&str>| {
        let token = token(&acme.key, &claims(json!({ "nonce": in_token })));
        provider.verify_id_token(&token, None, given, now()).await.map(|identity| identity.subject)
    };
    assert_eq!(ask(json!(hash), Some("n-0")).await, Ok("s-1".into()));
    assert_eq!(ask(json!(hash), Some("n-1")).await, Err(ProviderError::NonceMismatch));
    assert_eq!(ask(json!("n-0"), Some("n-0")).await, Err(ProviderError::NonceMismatch));
    assert_eq!(ask(json!(hash), None).await, Err(ProviderError::NonceMissing));
    assert_eq!(ask(json!(hash), Some("")).await, Err(ProviderError::NonceMissing));
    assert_eq!(ask(json!(null), Some("n-0")).await, Err(ProviderError::NonceMissing));
    assert_eq!(ask(json!(7), None).await, Err(ProviderError::NonceMismatch));
    let lax = acme_with(ProviderSettings { skip_nonce_check: true, ..settings() });
    let token = token(&lax.key, &claims(json!({"nonce": "anything"})));
    assert!(verify(&lax, &token).await.is_ok());
}

#[tokio::test]
async fn an_access_token_must_be_the_token_s_own() {
    let acme = acme();
    let provider = acme.providers.get("acme").expect("a provider");
    let half = URL_SAFE_NO_PAD.encode(&Sha256::digest(b"access")[..16]);
    let bound = token(&acme.key, &claims(json!({ "at_hash": half })));
    assert!(provider.verify_id_token(&bound, Some("access"), None, now()).await.is_ok());
    assert!(provider.verify_id_token(&bound, None, None, now()).await.is_ok());
    is_bad(provider.verify_id_token(&bound, Some("other"), None, now()).await, "another access token");
    let odd = token(&acme.key, &claims(json!({ "at_hash": 7 })));
    is_bad(provider.verify_id_token(&odd, Some("access"), None, now()).await, "no text");
}

#[tokio::test]
async fn keys_are_asked_for_again_when_one_is_unknown_but_not_all_day() {
    let acme = acme();
    let keys = "https://issuer.example/keys";
    let body = claims(json!({}));
    assert!(verify(&acme, &token(&acme.key, &body)).await.is_ok());
    assert_eq!(acme.network.asked(keys), 1);
    // A burst of tokens with unknown keys does not make us ask.
    for number in 0..20 {
        let stranger = SigningKey::make_es256(&format!("k{number}")).expect("a key");
        is_bad(verify(&acme, &token(&stranger, &body)).await, "a stranger");
    }
    assert_eq!(acme.network.asked(keys), 1);
    // The provider rotates: after the pause the new key is found, and the old is gone.
    let next = SigningKey::make_es256("two").expect("a key");
    publish(&acme.network, &[&next]);
    acme.wait(61);
    assert!(verify(&acme, &token(&next, &body)).await.is_ok());
    assert_eq!(acme.network.asked(keys), 2);
    is_bad(verify(&acme, &token(&acme.key, &body)).await, "the old key");
    assert_eq!(acme.network.asked(keys), 2);
    // A provider that is away does not end its tokens at once.
    acme.network.answers(keys, 500, "").answers(
        &format!("{ISSUER}/.well-known/openid-configuration"),
        500,
        "",
    );
    acme.wait(3700);
    assert!(verify(&acme, &token(&next, &body)).await.is_ok());
    acme.wait(24 * 3600);
    assert!(matches!(verify(&acme, &token(&next, &body)).await, Err(ProviderError::Refused(_))));
}

#[tokio::test]
async fn a_provider_that_fails_is_left_alone_for_a_while() {
    let acme = acme();
    let document = format!("{ISSUER}/.well-known/openid-configuration");
    acme.network.answers(&document, 503, "");
    let token = token(&acme.key, &claims(json!({})));
    for _ in 0..10 {
        assert!(matches!(verify(&acme, &token).await, Err(ProviderError::Refused(_))));
    }
    assert_eq!(acme.network.asked(&document), 1);
    acme.network.answers(&document, 200, super::document());
    acme.wait(6);
    assert!(verify(&acme, &token).await.is_ok());
}

#[tokio::test]
async fn a_document_must_name_its_issuer_exactly() {
    for other in ["https://issuer.example/", "https://evil.example", "http://issuer.example", ""] {
        let acme = acme();
        let mut document = document();
        document["issuer"] = other.into();
        acme.network.answers(&format!("{ISSUER}/.well-known/openid-configuration"), 200, document);
        let result = verify(&acme, &token(&acme.key, &claims(json!({})))).await;
        assert!(matches!(result, Err(ProviderError::Malformed(_))), "{other}: {result:?}");
    }
}

#[tokio::test]
async fn weak_and_foreign_keys_are_passed_over() {
    let acme = acme();
    let mut encryption = acme.key.public_jwk();
    encryption["use"] = "enc".into();
    let weak = json!({"kty": "RSA", "kid": "one", "n": URL_SAFE_NO_PAD.encode([255; 128]), "e": "AQAB"});
    let octets = json!({"kty": "oct", "kid": "one", "k": "aHVzaA"});
    acme.network.answers(
        "https://issuer.example/keys",
        200,
        json!({"keys": [encryption, weak, octets, 7, null]}),
    );
    is_bad(verify(&acme, &token(&acme.key, &claims(json!({})))).await, "no key");
}

#[test]
fn secrets_are_not_printed() {
    let acme = acme();
    assert!(!format!("{:?}", acme.providers).contains("hush"));
    let identity = ExternalIdentity {
        provider: "acme".into(),
        subject: "s".into(),
        emails: Vec::new(),
        identity_data: Map::new(),
        provider_access_token: "hush".into(),
        provider_refresh_token: "hush".into(),
    };
    assert!(!format!("{identity:?}").contains("hush"));
}
