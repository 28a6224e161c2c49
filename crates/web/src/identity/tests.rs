use super::*;
use serde_json::json;
use std::time::Duration;

fn keys() -> Keys {
    Keys {
        secret: Some(Arc::from(&b"super-secret-jwt-token-with-at-least-32-characters-long"[..])),
        publishable_key: Some("sb_publishable_abc".into()),
        secret_key: Some("sb_secret_xyz".into()),
        anonymous_role: Some("anon".into()),
        service_role: "service_role".into(),
        audience: None,
        limits: Limits::default(),
    }
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
    keys().sign(claims.as_object().expect("an object")).expect("signed")
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
    let closed = Keys { anonymous_role: None, ..keys() };
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
fn attack_17_a_wrong_credential_is_never_somebody() {
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
    let without = Keys { secret: None, secret_key: None, publishable_key: None, ..keys() };
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
    let ours = Keys { audience: Some("us".into()), ..keys() };
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
