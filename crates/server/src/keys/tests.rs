use super::*;
use std::time::{Duration, SystemTime};

fn doors(keys: &ProjectKeys) -> web::Keys {
    web::Keys::new(keys.key_set(&Settings::default(), Vec::new()), web::Limits::default())
}

fn sealing_key() -> SealingKey {
    SealingKey::make().expect("a key")
}

#[test]
fn the_well_known_keys_are_the_supabase_cli_s() {
    let keys = ProjectKeys::well_known(&Settings::default());
    assert!(keys.well_known);
    assert!(keys.anon_key.ends_with("CRXP1A7WOeoJeXxjNni43kdQwgnWNReilDMblYTn_I0"), "{}", keys.anon_key);
    assert!(keys.service_role_key.expose().ends_with("EGIM96RAZx35lJzdJsyH-qQwv8Hdp7fsn3W0YpN81IU"));
    assert!(keys.anon_key.starts_with("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."));
}

#[test]
fn doors_know_the_keys() {
    let keys = ProjectKeys::ephemeral(&Settings::default()).expect("keys");
    let doors = doors(&keys);
    let role = |name: &'static str, value: &str| {
        let mut headers = http::HeaderMap::new();
        headers.insert(name, value.parse().expect("a header"));
        doors.identify(&headers, SystemTime::now()).map(|caller| caller.role().to_string())
    };
    assert_eq!(role("apikey", &keys.publishable_key), Ok("anon".into()));
    assert_eq!(role("apikey", keys.secret_key.expose()), Ok("service_role".into()));
    assert_eq!(role("authorization", &format!("Bearer {}", keys.anon_key)), Ok("anon".into()));
    assert_eq!(
        role("authorization", &format!("Bearer {}", keys.service_role_key.expose())),
        Ok("service_role".into())
    );
    let foreign = ProjectKeys::well_known(&Settings::default());
    assert!(role("apikey", foreign.secret_key.expose()).is_err());
    assert!(role("authorization", &format!("Bearer {}", foreign.service_role_key.expose())).is_err());
}

#[test]
fn keys_differ_each_time_and_the_configuration_wins() {
    let settings = Settings::default();
    let (first, second) =
        (ProjectKeys::ephemeral(&settings).expect("keys"), ProjectKeys::ephemeral(&settings).expect("keys"));
    assert_ne!(first.jwt_secret, second.jwt_secret);
    assert_ne!(first.secret_key, second.secret_key);
    assert!(!first.well_known);
    let settings = Settings { jwt_secret: Some(Secret::new(WELL_KNOWN_JWT_SECRET)), ..settings };
    let configured = ProjectKeys::ephemeral(&settings).expect("keys");
    assert!(configured.well_known, "a public secret is public wherever it is written");
    let settings = Settings { secret_key: Some(Secret::new("sb_secret_mine")), ..Settings::default() };
    assert_eq!(ProjectKeys::ephemeral(&settings).expect("keys").secret_key.expose(), "sb_secret_mine");
}

#[test]
fn what_is_sealed_opens_with_its_key_and_name_only() {
    let key = sealing_key();
    let sealed = key.seal("keys", "hush").expect("sealed");
    assert!(!sealed.contains("hush"));
    assert_eq!(key.open("keys", &sealed).expect("opened"), "hush");
    assert_ne!(sealed, key.seal("keys", "hush").expect("sealed"), "a nonce is used once");
    assert!(key.open("other", &sealed).is_err());
    assert!(sealing_key().open("keys", &sealed).is_err());
    for broken in ["", "AA==", &sealed[..sealed.len() - 8], "!"] {
        assert!(key.open("keys", broken).is_err(), "{broken}");
    }
}

#[test]
fn the_key_file_is_made_once_and_for_this_user_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = crate::folder::TemporaryFolder::make().expect("a folder");
    let path = folder.path().join("secret.key");
    let sealed = SealingKey::from_file(&path).expect("a key").seal("x", "y").expect("sealed");
    assert_eq!(SealingKey::from_file(&path).expect("the same key").open("x", &sealed).expect("opened"), "y");
    assert_eq!(std::fs::metadata(&path).expect("the file").permissions().mode() & 0o777, 0o600);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("a mode");
    assert!(matches!(SealingKey::from_file(&path), Err(SealError::Exposed(_))));
}

#[test]
fn a_sealing_key_has_32_bytes_in_base64_or_hexadecimal() {
    let hexadecimal = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    let base64 = "ABEiM0RVZneImaq7zN3u/wARIjNEVWZ3iJmqu8zd7v8=";
    let sealed =
        SealingKey::from_secret(&Secret::new(hexadecimal)).expect("a key").seal("x", "y").expect("sealed");
    assert_eq!(
        SealingKey::from_secret(&Secret::new(base64)).expect("a key").open("x", &sealed).expect("opened"),
        "y"
    );
    for text in
        ["", "short", &hexadecimal[2..], "zz112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"]
    {
        assert!(SealingKey::from_secret(&Secret::new(text)).is_err(), "{text}");
    }
}

#[test]
fn a_token_says_who_and_until_when() {
    let keys = ProjectKeys::ephemeral(&Settings::default()).expect("keys");
    let mut request = TokenRequest {
        role: "authenticated".into(),
        subject: Some("8d0fd2b3-9ca7-4d9e-a95f-9e13dded323e".into()),
        claims: serde_json::Map::new(),
        issuer: "http://127.0.0.1:54321/auth/v1".into(),
        expires_in: Duration::from_secs(60),
    };
    request.claims.insert("email".into(), "a@b.c".into());
    let now = unix_milliseconds() / 1000;
    let caller = doors(&keys).verify(&request.sign(&keys, now), SystemTime::now());
    let caller = caller.expect("a valid token");
    assert_eq!(&**caller.role(), "authenticated");
    let claim = |name: &str| caller.claims().get(name).cloned();
    assert_eq!(claim("sub"), Some("8d0fd2b3-9ca7-4d9e-a95f-9e13dded323e".into()));
    assert_eq!(claim("email"), Some("a@b.c".into()));
    assert_eq!(claim("aud"), Some("authenticated".into()));
    assert_eq!(claim("exp"), Some((now + 60).into()));
    let late = SystemTime::now() + Duration::from_secs(3600);
    assert!(doors(&keys).verify(&request.sign(&keys, now), late).is_err());
}
