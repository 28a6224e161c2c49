use super::*;

fn rsa_jwk() -> Value {
    serde_json::from_str(include_str!("rsa_key_for_tests.json")).expect("a JWK")
}

fn all() -> [SigningKey; 3] {
    [
        SigningKey::make_es256("one").expect("a key"),
        SigningKey::from_jwk(&rsa_jwk()).expect("a key"),
        SigningKey::make_eddsa("three").expect("a key"),
    ]
}

#[test]
fn a_key_is_written_and_read_again() {
    for key in all() {
        let private = key.private_jwk();
        let again = SigningKey::from_jwk(&private).expect("a key");
        assert_eq!(again, key);
        assert_eq!(again.private_jwk(), private);
        let signature = key.sign(b"message").expect("signed");
        let public = VerifyingKey::from_jwk(&key.public_jwk()).expect("a public key");
        assert_eq!(public.algorithm(), key.algorithm());
        assert!(
            public.verifies(b"message", &signature) && again.verifying_key().verifies(b"message", &signature)
        );
        assert!(!public.verifies(b"massage", &signature) && !public.verifies(b"message", &signature[1..]));
        assert!(!public.verifies(b"message", &[]));
    }
}

#[test]
fn the_public_jwk_has_nothing_private_and_the_members_that_gotrue_writes() {
    for key in all() {
        let public = key.public_jwk();
        for name in ["d", "p", "q", "dp", "dq", "qi", "k", "oth"] {
            assert_eq!(public.get(name), None, "{name}");
        }
        assert_eq!(public["use"], "sig");
        assert_eq!(public["key_ops"], json!(["verify"]));
        assert_eq!(public["ext"], true);
        assert_eq!(public["kid"], key.kid());
        assert_eq!(public["alg"], key.algorithm().name());
        assert!(SigningKey::from_jwk(&public).is_err(), "a public key signs nothing");
    }
}

/// RFC 7638, 3.1; RFC 8037, A.3.
#[test]
fn thumbprints_are_the_rfcs_ones() {
    let rsa = json!({"kty": "RSA", "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw", "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"});
    let thumbprint = |jwk: &Value| VerifyingKey::from_jwk(jwk).expect("a key").thumbprint();
    assert_eq!(thumbprint(&rsa), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    let okp = json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
    assert_eq!(thumbprint(&okp), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

/// RFC 8037, A.4.
#[test]
fn the_rfc_s_signature_is_made() {
    let jwk = json!({"kty": "OKP", "crv": "Ed25519", "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
    let key = SigningKey::from_jwk(&jwk).expect("a key");
    assert_eq!(key.kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", "without a name its thumbprint");
    let signature = key.sign(b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc").expect("signed");
    assert_eq!(
        encode(&signature),
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    );
}

#[test]
fn what_is_no_key_is_refused() {
    let change = |mut jwk: Value, name: &str, value: Value| {
        jwk[name] = value;
        SigningKey::from_jwk(&jwk).err()
    };
    let es256 = SigningKey::make_es256("one").expect("a key").private_jwk();
    let other = SigningKey::make_es256("two").expect("a key").private_jwk();
    assert_eq!(change(es256.clone(), "d", other["d"].clone()), Some(KeyProblem::Weak), "halves of two keys");
    assert_eq!(change(es256.clone(), "x", other["x"].clone()), Some(KeyProblem::Weak), "not on the curve");
    assert_eq!(change(es256.clone(), "crv", json!("P-384")), Some(KeyProblem::Unsupported));
    assert_eq!(change(es256.clone(), "alg", json!("HS256")), Some(KeyProblem::Unsupported));
    assert_eq!(change(es256.clone(), "use", json!("enc")), Some(KeyProblem::Unsupported));
    assert_eq!(change(es256.clone(), "kid", json!("")), Some(KeyProblem::Malformed("kid")));
    assert_eq!(change(es256.clone(), "d", json!("%")), Some(KeyProblem::Malformed("d")));
    assert_eq!(change(es256, "d", json!("AAAA")), Some(KeyProblem::Malformed("d")));
    assert_eq!(change(rsa_jwk(), "q", rsa_jwk()["p"].clone()), Some(KeyProblem::Weak));
    assert_eq!(change(rsa_jwk(), "n", json!("AQAB")), Some(KeyProblem::Weak), "too short");
    assert_eq!(change(rsa_jwk(), "e", json!("AA")), Some(KeyProblem::Malformed("e")));
    let secret = json!({"kty": "oct", "k": "c2VjcmV0", "alg": "HS256", "kid": "short"});
    assert_eq!(SigningKey::from_jwk(&secret), Err(KeyProblem::Weak));
    assert_eq!(VerifyingKey::from_jwk(&secret).err(), Some(KeyProblem::Unsupported));
    assert_eq!(SigningKey::from_jwk(&json!("text")), Err(KeyProblem::Malformed("kty")));
}

#[test]
fn a_secret_signs_and_is_never_published() {
    let secret = encode(&[7; 32]);
    let jwk =
        json!({"kty": "oct", "k": secret, "kid": "shared", "alg": "HS256", "key_ops": ["sign", "verify"]});
    let key = SigningKey::from_jwk(&jwk).expect("a key");
    assert_eq!((key.algorithm().name(), key.kid()), ("HS256", "shared"));
    let signature = key.sign(b"message").expect("signed");
    assert!(key.verifying_key().verifies(b"message", &signature));
    assert!(!key.verifying_key().verifies(b"massage", &signature));
    assert!(!key.public_jwk().to_string().contains(&secret) && !format!("{key:?}").contains(&secret));
    assert_eq!(SigningKey::from_jwk(&key.private_jwk()).expect("a key"), key);
    let set = crate::KeySet {
        secret: None,
        signing: vec![crate::HeldKey::current(key)],
        publishable_key: None,
        secret_key: None,
        anonymous_role: None,
        service_role: "service_role".into(),
        audience: None,
        role_claim: crate::ClaimPath::default(),
    };
    let now = std::time::SystemTime::now();
    assert_eq!(set.jwks(now), json!({"keys": []}));
    assert_eq!(set.algorithms(now), ["HS256"]);
    assert!(VerifyingKey::from_jwk(&jwk).is_err(), "a secret proves nothing to the public");
    for (name, value) in
        [("k", json!(encode(&[7; 31]))), ("kid", json!(null)), ("alg", json!("HS512")), ("use", json!("enc"))]
    {
        let mut other = jwk.clone();
        other[name] = value;
        assert!(SigningKey::from_jwk(&other).is_err(), "{name}");
    }
}
