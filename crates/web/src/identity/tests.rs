use super::*;
use crate::{ApiError, ClaimPath, HeldKey, SigningKey, Standing};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::time::UNIX_EPOCH;

fn set() -> KeySet {
    KeySet {
        secret: Some(Arc::from(&b"super-secret-jwt-token-with-at-least-32-characters-long"[..])),
        signing: Vec::new(),
        publishable_key: Some("sb_publishable_abc".into()),
        secret_key: Some("sb_secret_xyz".into()),
        anonymous_role: Some("anon".into()),
        service_role: "service_role".into(),
        audience: None,
        role_claim: ClaimPath::default(),
    }
}

fn handle(set: KeySet) -> Keys {
    Keys::new(set, Limits::default())
}

fn keys() -> Keys {
    handle(set())
}

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    pairs
        .iter()
        .map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")))
        .collect()
}

fn token(claims: Value) -> String {
    signed_by(&keys(), claims)
}

fn signed_by(keys: &Keys, claims: Value) -> String {
    keys.sign(claims.as_object().expect("an object"), now()).expect("signed")
}

fn identify(pairs: &[(&'static str, &str)]) -> Result<Caller, TokenError> {
    keys().identify(&headers(pairs), now())
}

fn refused(claims: Value) -> Option<TokenError> {
    keys().verify(&token(claims), now()).err()
}

#[test]
fn nobody_is_anonymous() {
    let caller = identify(&[]).expect("anonymous");
    assert!(caller.is_anonymous());
    assert_eq!(&**caller.role(), "anon");
    assert_eq!(&**caller.claims().json(), r#"{"role":"anon"}"#);
    let closed = handle(KeySet { anonymous_role: None, ..set() });
    assert_eq!(closed.identify(&HeaderMap::new(), now()), Err(TokenError::Required));
}

#[test]
fn well_known_keys_of_the_command_line_tool_are_read() {
    let anon = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJzdXBhYmFzZS1kZW1vIiwicm9sZSI6ImFub24iLCJleHAiOjE5ODM4MTI5OTZ9.CRXP1A7WOeoJeXxjNni43kdQwgnWNReilDMblYTn_I0";
    let caller = identify(&[("authorization", &format!("Bearer {anon}"))]).expect("verified");
    assert!(caller.is_anonymous());
    assert_eq!(caller.claims().get("iss"), Some(&json!("supabase-demo")));
}

#[test]
fn keys_stand_for_tokens() {
    assert!(matches!(identify(&[("apikey", "sb_secret_xyz")]), Ok(Caller::Service(_))));
    assert!(matches!(identify(&[("apikey", "sb_publishable_abc")]), Ok(Caller::Anonymous(_))));
    let both = [("apikey", "sb_secret_xyz"), ("authorization", "Bearer sb_secret_xyz")];
    assert!(matches!(identify(&both), Ok(Caller::Service(_))));
    // An Authorization that is no key stands, whatever the apikey is.
    let user = token(json!({"role": "authenticated", "sub": "1"}));
    let caller = identify(&[("apikey", "sb_secret_xyz"), ("authorization", &format!("Bearer {user}"))]);
    assert!(matches!(caller, Ok(Caller::User(_))));
    // An apikey that is a token takes Authorization's place as it is, without the word Bearer: nobody.
    let service = token(json!({"role": "service_role"}));
    assert!(matches!(identify(&[("apikey", &service)]), Ok(Caller::Anonymous(_))));
}

/// Attacks 9, 17, 18: a wrong credential is refused; it is neither nobody nor the operator.
#[test]
fn attack_9_17_a_wrong_credential_is_never_somebody() {
    assert_eq!(identify(&[("apikey", "sb_secret_wrong")]), Err(TokenError::UnknownKey));
    assert_eq!(identify(&[("authorization", "Bearer sb_secret_wrong")]), Err(TokenError::UnknownKey));
    assert_eq!(identify(&[("authorization", "Bearer ")]), Err(TokenError::Empty));
    assert_eq!(identify(&[("authorization", "Bearer a.b")]), Err(TokenError::Parts(2)));
    let mut forged = token(json!({"role": "service_role"}));
    forged.pop();
    assert!(identify(&[("authorization", &format!("Bearer {forged}"))]).is_err());
    let unsigned = format!(
        "{}.{}.",
        URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#),
        URL_SAFE_NO_PAD.encode(r#"{"role":"service_role"}"#)
    );
    assert!(matches!(
        identify(&[("authorization", &format!("Bearer {unsigned}"))]),
        Err(TokenError::Algorithm(_))
    ));
    let without = handle(KeySet { secret: None, secret_key: None, publishable_key: None, ..set() });
    let any = headers(&[("authorization", &format!("Bearer {}", token(json!({}))))]);
    assert_eq!(without.identify(&any, now()), Err(TokenError::NoSecret));
}

/// Attack 47: the size is looked at before the parts.
#[test]
fn attack_47_large_tokens_are_not_taken_apart() {
    let dots = ".".repeat(100_000);
    assert_eq!(identify(&[("authorization", &format!("Bearer {dots}"))]), Err(TokenError::TooLarge));
    assert_eq!(identify(&[("apikey", &dots)]), Err(TokenError::TooLarge));
    assert_eq!(keys().verify(&dots, now()), Err(TokenError::TooLarge));
}

#[test]
fn times_have_thirty_seconds() {
    assert_eq!(refused(json!({"exp": 1_799_999_970})), None);
    assert_eq!(refused(json!({"exp": 1_799_999_969})), Some(TokenError::Claim("JWT expired")));
    assert_eq!(refused(json!({"nbf": 1_800_000_030})), None);
    assert_eq!(refused(json!({"nbf": 1_800_000_031})), Some(TokenError::Claim("JWT not yet valid")));
    assert_eq!(refused(json!({"iat": 1_800_000_031})), Some(TokenError::Claim("JWT issued at future")));
    assert_eq!(refused(json!({"exp": "x"})), Some(TokenError::Claim("The JWT 'exp' claim must be a number")));
    assert_eq!(refused(json!({"exp": 1e300})), Some(TokenError::Claim("JWT expired")));
}

/// Attack 14: a token for another audience is refused where one is set.
#[test]
fn attack_14_the_audience_counts() {
    let ours = handle(KeySet { audience: Some("us".into()), ..set() });
    let verify = |claims: Value| ours.verify(&token(claims), now()).err();
    assert_eq!(verify(json!({"aud": "us"})), None);
    assert_eq!(verify(json!({"aud": ["them", "us"]})), None);
    assert_eq!(verify(json!({"aud": []})), None);
    assert_eq!(verify(json!({"aud": null})), None);
    assert_eq!(verify(json!({"aud": ""})), Some(TokenError::Claim("JWT not in audience")));
    assert_eq!(verify(json!({"aud": "them"})), Some(TokenError::Claim("JWT not in audience")));
    let malformed = TokenError::Claim("The JWT 'aud' claim must be a string or an array of strings");
    assert_eq!(verify(json!({"aud": 1})), Some(malformed.clone()));
    assert_eq!(refused(json!({"aud": [1]})), Some(malformed));
    assert_eq!(refused(json!({"aud": "anybody"})), None);
}

#[test]
fn a_refusal_challenges() {
    let answer = ApiError::from(TokenError::Claim("JWT expired"));
    assert_eq!((answer.status.as_u16(), answer.code.as_ref()), (401, "PGRST303"));
    assert_eq!(
        answer.headers[0].1.to_str().expect("text"),
        r#"Bearer error="invalid_token", error_description="JWT expired""#
    );
}

fn minutes(number: u64) -> Duration {
    Duration::from_secs(60 * number)
}

/// An RSA key of 2048 bits that is used in these tests alone.
fn rsa() -> SigningKey {
    let jwk: Value =
        serde_json::from_str(include_str!("../signing_key/rsa_key_for_tests.json")).expect("a JWK");
    SigningKey::from_jwk(&jwk).expect("a key")
}

fn es256(kid: &str) -> SigningKey {
    SigningKey::make_es256(kid).expect("a key")
}

fn with(signing: Vec<HeldKey>) -> Keys {
    handle(KeySet { signing, ..set() })
}

/// A token with any header, signed by anything.
fn crafted(header: Value, claims: Value, signature: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let claims = claims.as_object().expect("an object").clone();
    token::write(&header, &claims, |message| Ok::<_, ()>(signature(message))).expect("written")
}

fn header_of(token: &str) -> Value {
    let head = token.split('.').next().expect("a header");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(head).expect("base64")).expect("JSON")
}

#[test]
fn tokens_are_signed_by_the_current_key_and_name_it() {
    for key in [es256("one"), rsa(), SigningKey::make_eddsa("three").expect("a key")] {
        let keys = with(vec![HeldKey::current(key.clone())]);
        let signed = signed_by(&keys, json!({"role": "authenticated", "sub": "1"}));
        let expected = json!({"alg": key.algorithm().name(), "kid": key.kid(), "typ": "JWT"});
        assert_eq!(header_of(&signed), expected);
        // Twice: the second time from what is remembered.
        for _ in 0..2 {
            let caller = keys.verify(&signed, now()).expect("verified");
            assert_eq!((&**caller.role(), caller.claims().get("sub")), ("authenticated", Some(&json!("1"))));
        }
        // The secret's tokens stand beside, and other keys of that name do not.
        assert!(keys.verify(&token(json!({"role": "anon"})), now()).is_ok());
        let stranger = with(vec![HeldKey::current(es256(key.kid()))]);
        assert!(stranger.verify(&signed, now()).is_err());
    }
    assert_eq!(header_of(&token(json!({}))), json!({"alg": "HS256", "typ": "JWT"}));
}

#[test]
fn one_bit_changed_is_another_token() {
    let keys = with(vec![HeldKey::current(es256("one"))]);
    let signed = signed_by(&keys, json!({"role": "authenticated"}));
    assert!(keys.verify(&signed, now()).is_ok());
    for position in 0..signed.len() {
        let mut bytes = signed.clone().into_bytes();
        bytes[position] = if bytes[position] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).expect("text");
        assert!(keys.verify(&changed, now()).is_err(), "{position}");
    }
}

/// Attack 9: what is shown and wrong is refused with 401; it is never taken for nothing.
#[test]
fn attack_9_an_invalid_credential_is_401_and_never_anonymous() {
    let keys = with(vec![HeldKey::current(es256("one"))]);
    let good = signed_by(&keys, json!({"role": "authenticated"}));
    let (body, _) = good.rsplit_once('.').expect("a signature");
    let expired = signed_by(&keys, json!({"role": "service_role", "exp": 1}));
    let foreign = signed_by(&with(vec![HeldKey::current(es256("other"))]), json!({"role": "service_role"}));
    let shown = [
        ("authorization", format!("Bearer {body}.")),
        ("authorization", format!("Bearer {body}.AAAA")),
        ("authorization", format!("Bearer {body}")),
        ("authorization", format!("Bearer {expired}")),
        ("authorization", format!("Bearer {foreign}")),
        ("authorization", "Bearer".into()),
        ("authorization", "Bearer x".into()),
        ("authorization", "Bearer sb_publishable_wrong".into()),
        ("apikey", "sb_publishable_wrong".into()),
        ("apikey", format!("Bearer {foreign}")),
    ];
    for (name, value) in shown {
        let error = keys.identify(&headers(&[(name, &value)]), now()).expect_err(&value);
        assert_eq!(ApiError::from(error).status.as_u16(), 401, "{name}: {value}");
    }
}

/// Attack 14: also of a token that an asymmetric key signed, and of one that was accepted by other keys before.
#[test]
fn attack_14_the_audience_counts_whatever_signed() {
    let ours = handle(KeySet {
        audience: Some("us".into()),
        signing: vec![HeldKey::current(es256("one"))],
        ..set()
    });
    let theirs = signed_by(&ours, json!({"aud": "them", "role": "service_role"}));
    for _ in 0..2 {
        assert_eq!(ours.verify(&theirs, now()), Err(TokenError::Claim("JWT not in audience")));
        assert_eq!(ours.claims(&theirs, now()), Err(TokenError::Claim("JWT not in audience")));
    }
    assert!(ours.verify(&signed_by(&ours, json!({"aud": ["us", "them"]})), now()).is_ok());
    ours.replace(KeySet { audience: None, ..(*ours.set()).clone() });
    assert!(ours.verify(&theirs, now()).is_ok());
    ours.replace(KeySet { audience: Some("us".into()), ..(*ours.set()).clone() });
    assert!(ours.verify(&theirs, now()).is_err(), "what other keys proved is not remembered");
}

/// RFC 8725, 2.1: the algorithm is the key's, never the token's choice.
#[test]
fn algorithms_are_not_confused() {
    for key in [es256("one"), rsa()] {
        let keys = with(vec![HeldKey::current(key.clone())]);
        let public = key.public_jwk();
        let claims = json!({"role": "service_role"});
        // The public key as the secret, in every form that is at hand.
        let point = [public.get("x"), public.get("n")].into_iter().flatten().filter_map(Value::as_str);
        let forms = [public.to_string(), key.kid().to_owned(), String::new()];
        for secret in point.map(str::to_owned).chain(forms) {
            for header in [json!({"alg": "HS256", "kid": key.kid()}), json!({"alg": "HS256"})] {
                let forged =
                    crafted(header, claims.clone(), |message| token::hmac_sha256(secret.as_bytes(), message));
                assert!(keys.verify(&forged, now()).is_err());
            }
        }
        // Our own secret under the key's name.
        let secret = set().secret.expect("a secret");
        let named = crafted(json!({"alg": "HS256", "kid": key.kid()}), claims.clone(), |message| {
            token::hmac_sha256(&secret, message)
        });
        assert!(matches!(keys.verify(&named, now()), Err(TokenError::UnknownSigner { .. })));
        // The right signature under another algorithm's name, and under none.
        for algorithm in ["none", "None", "ES384", "RS512", "PS256", "HS384", "EdDSA", "es256", ""] {
            let forged = crafted(json!({"alg": algorithm, "kid": key.kid()}), claims.clone(), |message| {
                key.sign(message).expect("signed")
            });
            assert!(keys.verify(&forged, now()).is_err(), "{algorithm}");
        }
        // The right signature without the key's name: no key is tried out.
        let nameless = crafted(json!({"alg": key.algorithm().name()}), claims.clone(), |message| {
            key.sign(message).expect("signed")
        });
        assert!(matches!(keys.verify(&nameless, now()), Err(TokenError::UnknownSigner { kid: None, .. })));
    }
}

/// RFC 8725, 3.10: keys come from our own set; what a header says of others is not followed.
#[test]
fn keys_in_the_header_are_not_used() {
    let (ours, theirs) = (es256("one"), es256("two"));
    let keys = with(vec![HeldKey::current(ours)]);
    for header in [
        json!({"alg": "ES256", "jwk": theirs.public_jwk()}),
        json!({"alg": "ES256", "kid": "two", "jwk": theirs.public_jwk()}),
        json!({"alg": "ES256", "kid": "one", "jwk": theirs.public_jwk()}),
        json!({"alg": "ES256", "kid": "one", "jku": "http://127.0.0.1:1/jwks.json"}),
        json!({"alg": "ES256", "kid": "../../dev/null", "x5u": "http://127.0.0.1:1/"}),
        json!({"alg": "ES256", "kid": ["one"]}),
        json!({"alg": "ES256", "kid": "one", "crit": ["b64"], "b64": false}),
        json!({"alg": ["ES256"], "kid": "one"}),
    ] {
        let forged = crafted(header.clone(), json!({"role": "service_role"}), |message| {
            theirs.sign(message).expect("signed")
        });
        assert!(keys.verify(&forged, now()).is_err(), "{header}");
    }
}

#[test]
fn another_type_of_document_is_no_token() {
    let key = es256("one");
    let keys = with(vec![HeldKey::current(key.clone())]);
    let typed = |kind: Value| {
        let header = json!({"alg": "ES256", "kid": "one", "typ": kind});
        let signed =
            crafted(header, json!({"role": "authenticated"}), |message| key.sign(message).expect("signed"));
        keys.verify(&signed, now()).err()
    };
    for good in [json!("JWT"), json!("jwt"), json!("at+jwt"), json!("application/at+jwt"), Value::Null] {
        assert_eq!(typed(good), None);
    }
    for bad in [json!("dpop+jwt"), json!("secevent+jwt"), json!(""), json!(1), json!("application/")] {
        assert_eq!(typed(bad.clone()), Some(TokenError::Type), "{bad}");
    }
    // A member that is there twice: readers would differ about which one counts.
    let twice = URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256","kid":"one","kid":"two"}"#);
    assert_eq!(keys.verify(&format!("{twice}.e30.AAAA"), now()), Err(TokenError::Crypto));
}

/// Attack 47: many dots, with room for them, are counted and not taken apart.
#[test]
fn attack_47_many_dots_are_counted_only() {
    let keys = with(vec![HeldKey::current(es256("one"))]);
    let dots = ".".repeat(Limits::default().token_bytes);
    assert_eq!(keys.verify(&dots, now()), Err(TokenError::Parts(dots.len() + 1)));
    assert_eq!(keys.verify(&format!("{dots}."), now()), Err(TokenError::TooLarge));
    assert_eq!(keys.claims(&format!("{dots}."), now()), Err(TokenError::TooLarge));
    let deep = URL_SAFE_NO_PAD.encode("[".repeat(4000));
    assert_eq!(keys.verify(&format!("{deep}.e30.AAAA"), now()), Err(TokenError::Crypto));
}

#[test]
fn a_rotation_overlaps() {
    let start = now();
    let (old, new) = (es256("old"), SigningKey::make_eddsa("new").expect("a key"));
    let keys = with(vec![
        HeldKey { verifies_until: Some(start + minutes(80)), ..HeldKey::current(old) },
        HeldKey { signs_from: start + minutes(20), ..HeldKey::current(new) },
    ]);
    let standings = |at: SystemTime| -> Vec<Standing> {
        keys.set().standings(at).into_iter().map(|(_, standing)| standing).collect()
    };
    let kids = |at: SystemTime| -> Vec<String> {
        let document = keys.jwks(at);
        let list = document["keys"].as_array().expect("a list").clone();
        list.iter().map(|key| key["kid"].as_str().expect("a name").to_owned()).collect()
    };
    let sign = |at: SystemTime| keys.sign(&Map::new(), at).expect("signed");
    let kid = |token: &str| header_of(token)["kid"].clone();

    let before = sign(start);
    assert_eq!((kid(&before), standings(start)), (json!("old"), vec![Standing::Current, Standing::Standby]));
    assert_eq!(kids(start), ["old", "new"], "published before it signs");

    let during = start + minutes(20);
    assert_eq!(
        (kid(&sign(during)), standings(during)),
        (json!("new"), vec![Standing::Previous, Standing::Current])
    );
    assert!(keys.verify(&before, during).is_ok());

    let last = start + minutes(80) - Duration::from_secs(1);
    assert!(keys.verify(&before, last).is_ok());
    let after = start + minutes(80);
    assert_eq!(
        (kids(after), standings(after)),
        (vec!["new".to_owned()], vec![Standing::Retired, Standing::Current])
    );
    // Remembered as good since a second ago, and yet.
    assert!(matches!(keys.verify(&before, after), Err(TokenError::UnknownSigner { .. })));
    assert!(keys.verify(&sign(during), after).is_ok());
}

#[test]
fn a_revoked_key_neither_signs_nor_proves() {
    let (old, new) = (HeldKey::current(es256("old")), HeldKey::current(es256("new")));
    let keys = with(vec![old.clone()]);
    let signed = signed_by(&keys, json!({"role": "authenticated"}));
    let other = keys.clone();
    assert!(other.verify(&signed, now()).is_ok());
    keys.replace(KeySet { signing: vec![HeldKey { revoked: true, ..old }, new], ..set() });
    assert!(
        matches!(other.verify(&signed, now()), Err(TokenError::UnknownSigner { .. })),
        "every clone sees it"
    );
    assert_eq!(header_of(&signed_by(&other, json!({})))["kid"], "new");
    assert_eq!(keys.jwks(now())["keys"].as_array().map(Vec::len), Some(1));
}

#[test]
fn without_the_secret_only_keys_count() {
    let key = HeldKey::current(es256("one"));
    let keys = handle(KeySet { secret: None, signing: vec![key], ..set() });
    assert!(keys.verify(&signed_by(&keys, json!({})), now()).is_ok());
    assert_eq!(
        keys.verify(&token(json!({"role": "service_role"})), now()),
        Err(TokenError::UnknownAlgorithm("HS256".into()))
    );
}

#[test]
fn keys_that_were_not_confirmed_in_time_are_not_used() {
    let keys = with(vec![HeldKey::current(es256("one"))]);
    let signed = signed_by(&keys, json!({}));
    keys.confirm_for(Duration::from_secs(60));
    assert!(keys.verify(&signed, now()).is_ok());
    keys.confirm_for(Duration::ZERO);
    assert_eq!(keys.verify(&signed, now()), Err(TokenError::Stale), "nor what is remembered");
    assert_eq!(keys.claims(&signed, now()), Err(TokenError::Stale));
    assert_eq!(keys.sign(&Map::new(), now()), Err(TokenError::Stale));
    assert_eq!(ApiError::from(TokenError::Stale).status.as_u16(), 503);
    keys.confirm_for(Duration::from_secs(60));
    assert!(keys.verify(&signed, now()).is_ok());
}

#[test]
fn a_remembered_token_expires() {
    let keys = with(vec![HeldKey::current(es256("one"))]);
    let signed = signed_by(&keys, json!({"exp": 1_800_000_100, "nbf": 1_800_000_000}));
    let at = |offset: i64| {
        let second = u64::try_from(1_800_000_000 + offset).expect("a time");
        keys.verify(&signed, UNIX_EPOCH + Duration::from_secs(second)).err()
    };
    assert_eq!((at(0), at(130), at(-30)), (None, None, None));
    assert_eq!(at(131), Some(TokenError::Claim("JWT expired")));
    assert_eq!(at(-31), Some(TokenError::Claim("JWT not yet valid")));
    assert_eq!(at(50), None);
}

#[test]
fn what_is_shown_is_told_apart() {
    let keys = keys();
    let shown = |pairs: &[(&'static str, &str)]| {
        let headers = headers(pairs);
        keys.presented(&headers).map(|presented| format!("{presented:?}"))
    };
    assert_eq!(shown(&[]), Ok("Nothing".into()));
    assert_eq!(shown(&[("apikey", "sb_secret_xyz")]), Ok("SecretKey".into()));
    assert_eq!(shown(&[("apikey", "sb_publishable_abc")]), Ok("PublishableKey".into()));
    assert_eq!(shown(&[("apikey", "x"), ("authorization", "Bearer hush")]), Ok("Token".into()));
    assert_eq!(shown(&[("authorization", "Basic YTpi")]), Ok("Nothing".into()));
    assert_eq!(shown(&[("apikey", "sb_secret_wrong")]), Err(TokenError::UnknownKey));
    let headers = headers(&[("authorization", "Bearer hush")]);
    assert_eq!(keys.presented(&headers), Ok(Presented::Token("hush")));
}

#[test]
fn debug_shows_no_secret() {
    let key = es256("one");
    let keys = with(vec![HeldKey::current(key.clone())]);
    let shown = format!("{keys:?}");
    assert!(
        shown.contains("one") && !shown.contains("sb_secret") && !shown.contains("super-secret"),
        "{shown}"
    );
    let private = key.private_jwk();
    assert!(!shown.contains(private["d"].as_str().expect("a private number")));
}

#[test]
fn reasons_are_golang_s() {
    let keys = with(vec![HeldKey::current(es256("one"))]);
    let reason = |token: &str| keys.verify(token, now()).expect_err("refused").reason().into_owned();
    assert_eq!(reason(&signed_by(&keys, json!({"exp": 1}))), "token has invalid claims: token is expired");
    assert_eq!(reason("a.b"), "token is malformed: token contains an invalid number of segments");
    let mut forged = token(json!({}));
    forged.truncate(forged.len() - 4);
    assert_eq!(reason(&forged), "token signature is invalid: signature is invalid");
    let foreign = signed_by(&with(vec![HeldKey::current(es256("two"))]), json!({}));
    assert_eq!(
        reason(&foreign),
        "token is unverifiable: error while executing keyfunc: unrecognized JWT kid two for algorithm ES256"
    );
    let same_name = signed_by(&with(vec![HeldKey::current(es256("one"))]), json!({}));
    assert_eq!(reason(&same_name), "token signature is invalid: crypto/ecdsa: verification error");
    let other = crafted(json!({"alg": "PS512"}), json!({}), |_| vec![0]);
    assert_eq!(reason(&other), "token signature is invalid: signing method PS512 is invalid");
}
