//! What tokens cost: `cargo xtask measure tokens`. Each line is the fastest of several batches, in microseconds a token.

#![expect(clippy::print_stdout, reason = "a measurement speaks")]

use serde_json::{Map, json};
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Instant, SystemTime};
use web::{ClaimPath, HeldKey, KeySet, Keys, Limits, SigningKey};

const BATCHES: u32 = 30;
const BATCH: u32 = 200;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rsa = serde_json::from_str(include_str!("../src/signing_key/rsa_key_for_tests.json"))?;
    let kinds = [
        ("HS256", None),
        ("ES256", Some(SigningKey::make_es256("one")?)),
        ("EdDSA", Some(SigningKey::make_eddsa("two")?)),
        ("RS256", Some(SigningKey::from_jwk(&rsa)?)),
    ];
    let now = SystemTime::now();
    println!("| | sign | prove | remembered |\n|---|---|---|---|");
    for (name, key) in kinds {
        let keys = Keys::new(set(key), Limits::default());
        let claims = claims();
        let token = keys.sign(&claims, now).map_err(|error| error.reason())?;
        let sign = fastest(|| keys.sign(black_box(&claims), now).is_ok());
        let prove = fastest(|| keys.claims(black_box(&token), now).is_ok());
        let remembered = fastest(|| keys.verify(black_box(&token), now).is_ok());
        println!("| {name} | {sign:.1} | {prove:.1} | {remembered:.1} |");
    }
    Ok(())
}

/// A session's claims, as the accounts write them.
fn claims() -> Map<String, serde_json::Value> {
    let claims = json!({"iss": "http://127.0.0.1:54321/auth/v1", "sub": "8d0fd2b3-9ca7-4d9e-a95f-9e13dded323e",
        "aud": "authenticated", "exp": 4_000_000_000_u64, "iat": 1_700_000_000, "email": "somebody@example.com", "phone": "",
        "app_metadata": {"provider": "email", "providers": ["email"]}, "user_metadata": {"email_verified": true},
        "role": "authenticated", "aal": "aal1", "amr": [{"method": "password", "timestamp": 1_700_000_000}],
        "session_id": "0198b1f0-3c5e-7a52-9d8e-1f2a3b4c5d6e", "is_anonymous": false});
    claims.as_object().cloned().unwrap_or_default()
}

fn set(key: Option<SigningKey>) -> KeySet {
    KeySet {
        secret: Some(Arc::from(&b"super-secret-jwt-token-with-at-least-32-characters-long"[..])),
        signing: key.map(HeldKey::current).into_iter().collect(),
        publishable_key: None,
        secret_key: None,
        anonymous_role: Some("anon".into()),
        service_role: "service_role".into(),
        audience: None,
        role_claim: ClaimPath::default(),
    }
}

fn fastest(mut work: impl FnMut() -> bool) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..BATCHES {
        let begun = Instant::now();
        for _ in 0..BATCH {
            assert!(work(), "a good token");
        }
        best = best.min(begun.elapsed().as_secs_f64());
    }
    best * 1e6 / f64::from(BATCH)
}
