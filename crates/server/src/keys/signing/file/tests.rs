use super::*;
use serde_json::json;
use web::{Standing, standings};

fn private(kid: &str, operations: Option<Value>) -> Value {
    let mut jwk = SigningKey::make_es256(kid).expect("a key").private_jwk();
    match operations {
        Some(operations) => jwk["key_ops"] = operations,
        None => drop(jwk.as_object_mut().expect("an object").remove("key_ops")),
    }
    jwk
}

fn read(jwks: Value) -> Result<Vec<(String, Standing)>, String> {
    let keys = parse(&Secret::new(jwks.to_string()))?;
    let standings = standings(&keys, SystemTime::now()).into_iter();
    Ok(standings.map(|(held, standing)| (held.key.kid().to_owned(), standing)).collect())
}

#[test]
fn the_first_key_for_signing_signs() {
    use Standing::{Current, Previous};
    let (sign, verify) = (Some(json!(["sign", "verify"])), Some(json!(["verify"])));
    let stand = |jwks: Value| -> Vec<Standing> {
        read(jwks).expect("keys").into_iter().map(|(_, standing)| standing).collect()
    };
    assert_eq!(stand(json!([private("a", sign.clone())])), [Current]);
    assert_eq!(stand(json!([private("a", verify.clone()), private("b", sign.clone())])), [Previous, Current]);
    assert_eq!(
        stand(json!([private("a", verify.clone()), private("b", sign.clone()), private("c", sign)])),
        [Previous, Current, Previous]
    );
    assert_eq!(stand(json!([private("a", None), private("b", None)])), [Current, Previous]);
    let shared =
        json!({"kty": "oct", "k": "A".repeat(43), "kid": "shared", "alg": "HS256", "key_ops": ["sign"]});
    assert_eq!(stand(json!([private("a", verify), shared])), [Previous, Current]);
}

#[test]
fn what_is_wrong_with_a_file_is_said_without_its_secrets() {
    let key = private("a", None);
    let secret = key["d"].as_str().expect("a number").to_owned();
    let mut public = key.clone();
    public.as_object_mut().expect("an object").remove("d");
    for (jwks, words) in [
        (json!({"keys": [key]}), "array"),
        (json!([]), "empty"),
        (json!([key, key]), "key 2: another one has its kid"),
        (json!([key, public]), "key 2: no JWK: its member d"),
        (json!([{"kty": "oct", "k": secret, "alg": "HS256"}]), "key 1: no JWK: its member kid"),
        (json!([{"kty": "EC", "crv": "P-384", "d": secret}]), "key 1: unsupported key"),
        (json!(secret), "array"),
    ] {
        let problem = read(jwks).expect_err(words);
        assert!(problem.contains(words) && !problem.contains(&secret), "{problem}");
    }
    let broken = parse(&Secret::new(format!("[{{\"d\": \"{secret}\""))).expect_err("no JSON");
    assert!(!broken.contains(&secret), "{broken}");
    let missing = super::read(Path::new("no/such/keys.json")).expect_err("no file").to_string();
    assert!(missing.contains("no/such/keys.json") && missing.contains("auth.signing_keys_path"), "{missing}");
}
