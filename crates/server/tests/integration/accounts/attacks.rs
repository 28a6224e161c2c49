//! Published attacks on comparable systems, tried on the accounts of both engines. Numbers are lines of the list. Elsewhere: 1, 3, 4, 5, 15 and
//! parts of 2, 12, 13, 14 with the providers; 7 with the secrets; 10 with sign-in; 11, 12, 27 and part of 2 with what is mailed; 30 and 44 with the
//! rates; 40 with the inbox; 41 with the outgoing requests; 20 to 24, 27 and 33 with the data API.
//!
//! 6 (a token before the second factor) and the first half of 16 (SAML's RelayState) touch nothing that is built: there is no second factor to
//! enrol and no SAML.

use super::{Accounts, on_both_engines, refusal, text};
use crate::harness::Answer;
use catalog::RelationKind;
use database::{Session, Statement, Work};
use serde_json::{Map, Value, json};
use server::configuration::{Settings, Size};
use server::keys::TokenRequest;
use std::time::Duration;

fn settings() -> Settings {
    Settings {
        auth_email_enable_confirmations: Some(true),
        auth_enable_anonymous_sign_ins: true,
        auth_refresh_token_reuse_interval: 300,
        auth_rate_limit_email_sent: 100_000,
        auth_rate_limit_anonymous_users: 100_000,
        auth_rate_limit_token_refresh: 100_000,
        auth_rate_limit_sign_in_sign_ups: 100_000,
        auth_rate_limit_token_verifications: 100_000,
        password_hash_memory: Size(64 << 10),
        password_hash_passes: 1,
        ..Settings::default()
    }
}

#[tokio::test]
async fn attacks_on_accounts() {
    on_both_engines(settings(), async |accounts| {
        attack_16_nobody_is_there_who_was_not_made(accounts).await;
        attack_2_a_password_of_before_the_proof_is_dead(accounts).await;
        attack_8_no_session_outlives_the_sign_out(accounts).await;
        attack_9_a_token_is_worth_no_more_than_its_session(accounts).await;
        attack_13_look_alikes_are_nobody(accounts).await;
        attack_14_tokens_of_others_are_refused(accounts).await;
        attack_17_nobody_makes_themselves_an_administrator(accounts).await;
        attack_24_no_table_of_the_accounts_is_reachable(accounts).await;
        attack_32_an_id_is_an_id(accounts).await;
        attack_47_tokens_are_measured_first(accounts).await;
        attack_48_refusals_say_nothing_of_the_inside(accounts).await;
        banned_and_deleted_users_are_out_by_every_way(accounts).await;
        codes_serve_their_user_and_purpose_only(accounts).await;
    })
    .await;
}

async fn password_grant(accounts: &Accounts, email: &str, password: &str) -> Answer {
    accounts.post("/token?grant_type=password", &json!({"email": email, "password": password})).await
}

async fn refresh_grant(accounts: &Accounts, token: &str) -> Answer {
    accounts.post("/token?grant_type=refresh_token", &json!({"refresh_token": token})).await
}

/// A user with a confirmed address, signed in: access and refresh token.
async fn signed_in(accounts: &Accounts, email: &str) -> (String, String) {
    accounts.import_user(email, "correct horse").await;
    let session = password_grant(accounts, email, "correct horse").await;
    assert_eq!(session.status, 200, "{session:?}");
    (text(&session, "access_token"), text(&session, "refresh_token"))
}

/// Who registers somebody else's address first has nothing of it once the owner proves that it is theirs, in whatever way.
async fn attack_2_a_password_of_before_the_proof_is_dead(accounts: &Accounts) {
    let ways = [
        ("otp", "/otp", json!({}), "email"),
        ("link", "/magiclink", json!({}), "signup"),
        ("signup", "/signup", json!({"password": "the owner's own"}), "signup"),
    ];
    for (name, path, mut body, purpose) in ways {
        let email = format!("victim-{name}@example.com");
        let attack = json!({"email": email, "password": "the attacker's own"});
        assert_eq!(accounts.post("/signup", &attack).await.status, 200);
        accounts.let_time_pass(60).await;
        body["email"] = json!(email);
        let asked = accounts.post(path, &body).await;
        assert_eq!(asked.status, 200, "{name}: {asked:?}");
        let code = accounts.letter(&email).await.code();
        let proof = json!({"type": purpose, "email": email, "token": code});
        let session = accounts.post("/verify", &proof).await;
        assert_eq!(session.status, 200, "{name}: {session:?}");
        let attacker = password_grant(accounts, &email, "the attacker's own").await;
        assert_eq!(refusal(&attacker), (400, "invalid_credentials".into()), "{name}");
        // The owner chooses a password now.
        let (token, chosen) = (text(&session, "access_token"), json!({"password": "chosen by the owner"}));
        assert_eq!(accounts.with_token("PUT", "/user", &token, &chosen).await.status, 200, "{name}");
        assert_eq!(password_grant(accounts, &email, "chosen by the owner").await.status, 200, "{name}");
    }
}

async fn attack_8_no_session_outlives_the_sign_out(accounts: &Accounts) {
    let (access, first) = signed_in(accounts, "branching@example.com").await;
    // Whatever one session can be made into: renewed, renewed twice within the interval, a session by a code of its own.
    let mut tokens = vec![first.clone()];
    let mut newest = first.clone();
    for _ in 0..3 {
        newest = text(&refresh_grant(accounts, &newest).await, "refresh_token");
        tokens.push(newest.clone());
    }
    let branch = refresh_grant(accounts, &first).await;
    assert_eq!(branch.status, 200, "within the interval: {branch:?}");
    tokens.push(text(&branch, "refresh_token"));
    let branch_access = text(&branch, "access_token");
    let out = accounts.with_token("POST", "/logout?scope=local", &access, &Value::Null).await;
    assert_eq!(out.status, 204, "{out:?}");
    for token in &tokens {
        let renewed = refresh_grant(accounts, token).await;
        assert_eq!(refusal(&renewed), (400, "refresh_token_not_found".into()));
    }
    let gone = accounts.with_token("GET", "/user", &branch_access, &Value::Null).await;
    assert_eq!(refusal(&gone), (403, "session_not_found".into()));
    assert_eq!(accounts.with_token("POST", "/logout", &branch_access, &Value::Null).await.status, 403);
    let left =
        "select count(*) from auth.sessions s join auth.users u on u.id = s.user_id where u.email = $1";
    assert_eq!(accounts.value(left, &["branching@example.com"]).await, "0");
}

async fn attack_9_a_token_is_worth_no_more_than_its_session(accounts: &Accounts) {
    let (access, refresh) = signed_in(accounts, "child@example.com").await;
    let renewed = refresh_grant(accounts, &refresh).await;
    let claims = |token: &str| -> Value {
        let part = token.split('.').nth(1).expect("claims");
        let bytes = base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, part);
        serde_json::from_slice(&bytes.expect("base64")).expect("JSON")
    };
    let (parent, child) = (claims(&access), claims(&text(&renewed, "access_token")));
    for claim in ["sub", "role", "aud", "aal", "amr", "session_id", "app_metadata", "is_anonymous"] {
        assert_eq!(parent[claim], child[claim], "{claim}");
    }
    // A token that is no access token opens nothing.
    for token in [refresh.as_str(), "sb_secret_wrong", "sb_publishable_wrong"] {
        let answer = accounts.with_token("GET", "/user", token, &Value::Null).await;
        assert_eq!(refusal(&answer), (403, "bad_jwt".into()), "{token}");
        let headers = [("authorization", format!("Bearer {token}"))];
        let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
        assert_eq!(accounts.server.get("/rest/v1/", &headers).await.status, 401, "{token}");
    }
    assert_eq!(accounts.with_token("POST", "/logout", &access, &Value::Null).await.status, 204);
    for (method, path, body) in [
        ("GET", "/user", Value::Null),
        ("PUT", "/user", json!({"password": "another horse"})),
        ("GET", "/reauthenticate", Value::Null),
        ("POST", "/logout", Value::Null),
    ] {
        let answer = accounts.with_token(method, path, &text(&renewed, "access_token"), &body).await;
        assert_eq!(refusal(&answer), (403, "session_not_found".into()), "{method} {path}");
    }
}

async fn attack_13_look_alikes_are_nobody(accounts: &Accounts) {
    let (access, _) = signed_in(accounts, "thirteen@example.com").await;
    let users = accounts.value("select count(*) from auth.users", &[]).await;
    for email in [
        "thirteen\u{ff20}example.com",
        "thirteen@ex\u{430}mple.com",
        "\u{ff54}hirteen@example.com",
        "thirteen@example\u{3002}com",
        "thirteen@example.com\u{200b}",
        "th\u{131}rteen@example.com",
        "thirteen@example.com\n",
        "thirteen@example.com,evil@example.com",
        "thirteen@example.com\r\nBcc: evil@example.com",
        "\"thirteen\"@example.com",
    ] {
        for (path, body) in [
            ("/signup", json!({"email": email, "password": "correct horse"})),
            ("/otp", json!({"email": email})),
            ("/magiclink", json!({"email": email})),
            ("/recover", json!({"email": email})),
            ("/resend", json!({"email": email, "type": "signup"})),
            ("/verify", json!({"email": email, "type": "email", "token": "123456"})),
            ("/token?grant_type=password", json!({"email": email, "password": "correct horse"})),
        ] {
            let answer = accounts.post(path, &body).await;
            assert!(matches!(answer.status, 400 | 422), "{path} {email:?}: {answer:?}");
        }
        let answer = accounts.with_token("PUT", "/user", &access, &json!({"email": email})).await;
        assert_eq!(refusal(&answer), (400, "validation_failed".into()), "{email:?}");
        let answer = accounts.as_admin("POST", "/admin/users", &json!({"email": email})).await;
        assert!(matches!(answer.status, 400 | 422), "{email:?}: {answer:?}");
        let link = json!({"type": "magiclink", "email": email});
        let answer = accounts.as_admin("POST", "/admin/generate_link", &link).await;
        assert!(matches!(answer.status, 400 | 422), "{email:?}: {answer:?}");
    }
    assert_eq!(accounts.value("select count(*) from auth.users", &[]).await, users);
}

/// A token signed by the project's secret.
fn minted(accounts: &Accounts, role: &str, claims: Value) -> String {
    let Value::Object(claims) = claims else { panic!("claims are an object") };
    let request = TokenRequest {
        role: role.into(),
        subject: None,
        claims,
        issuer: "test".into(),
        expires_in: Duration::from_secs(60),
    };
    request.sign(&accounts.server.keys, server::identifier::unix_milliseconds() / 1000)
}

async fn attack_14_tokens_of_others_are_refused(accounts: &Accounts) {
    let id = accounts.import_user("fourteen@example.com", "correct horse").await;
    let user = async |token: &str| accounts.with_token("GET", "/user", token, &Value::Null).await;
    let ours = minted(accounts, "authenticated", json!({"sub": id, "aud": "authenticated"}));
    assert_eq!(user(&ours).await.status, 200, "what is compared with is good");
    for audience in [json!("another-project"), json!(["another-project"]), json!({"a": 1}), json!(7)] {
        let other = minted(accounts, "authenticated", json!({"sub": id, "aud": audience}));
        let headers = [("x-jwt-aud", "authenticated"), ("authorization", &format!("Bearer {other}"))];
        let answer = accounts.ask("GET", "/user", &headers, &Value::Null).await;
        assert!(matches!(answer.status, 400 | 403), "{audience}: {answer:?}");
    }
    let claims: Map<String, Value> = [
        ("sub".to_owned(), json!(id)),
        ("aud".to_owned(), json!("authenticated")),
        ("role".to_owned(), json!("service_role")),
    ]
    .into_iter()
    .collect();
    let public = accounts.server.get("/auth/v1/.well-known/jwks.json", &[]).await.body;
    for secret in [
        b"another project's secret, which is as long as ours is".as_slice(),
        b"",
        b"super-secret-jwt-token-with-at-least-32-characters-long",
        // The public key as if it were a secret (RFC 8725, 2.1).
        public.as_bytes(),
    ] {
        let foreign = web::sign_with_secret(secret, &claims).expect("a token");
        assert_eq!(refusal(&user(&foreign).await), (403, "bad_jwt".into()));
        let answer = accounts.with_token("GET", "/admin/users", &foreign, &Value::Null).await;
        assert_eq!(refusal(&answer), (403, "bad_jwt".into()));
    }
}

async fn attack_16_nobody_is_there_who_was_not_made(accounts: &Accounts) {
    assert_eq!(accounts.value("select count(*) from auth.users", &[]).await, "0");
    assert_eq!(accounts.value("select count(*) from auth.sessions", &[]).await, "0");
    // What the Supabase CLI gives every project on every machine, and what others shipped.
    let known = [
        "sb_secret_N7UND0UgjKTVK-Uodkm0Hg_xSvEMPvz",
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJzdXBhYmFzZS1kZW1vIiwicm9sZSI6InNlcnZpY2Vfcm9sZSIsImV4cCI6MTk4MzgxMjk5Nn0.EGIM96RAZx35lJzdJsyH-qQwv8Hdp7fsn3W0YpN81IU",
    ];
    for key in known {
        for headers in [vec![("apikey", key)], vec![("authorization", key)]] {
            let answer = accounts.ask("GET", "/admin/users", &headers, &Value::Null).await;
            assert!(matches!(answer.status, 401 | 403), "{answer:?}");
        }
        let answer = accounts.with_token("GET", "/admin/users", key, &Value::Null).await;
        assert_eq!(refusal(&answer), (403, "bad_jwt".into()));
    }
    for email in ["admin@example.com", "admin@admin.com", "root@localhost"] {
        for password in ["admin", "password", "changeme", "Ch4ng3M3", ""] {
            let answer = password_grant(accounts, email, password).await;
            assert_eq!(refusal(&answer), (400, "invalid_credentials".into()));
        }
    }
}

/// What users say of themselves is never what they may: roles are the row's, and the row's is the operator's.
async fn attack_17_nobody_makes_themselves_an_administrator(accounts: &Accounts) {
    let claims = json!({
        "role": "service_role", "aud": "admin", "app_metadata": {"role": "service_role", "claims_admin": true}, "is_admin": true,
        "is_super_admin": true, "aal": "aal2", "email_verified": true, "sub": "00000000-0000-0000-0000-000000000000",
    });
    let anonymous = accounts.post("/signup", &json!({"data": claims})).await;
    assert_eq!(anonymous.status, 200, "{anonymous:?}");
    let (access, _) = signed_in(accounts, "climber@example.com").await;
    let said = accounts.with_token("PUT", "/user", &access, &json!({"data": claims})).await;
    assert_eq!(said.status, 200, "{said:?}");
    for field in
        ["role", "aud", "raw_app_meta_data", "is_super_admin", "email_confirmed_at", "banned_until", "id"]
    {
        let body = json!({field: "service_role"});
        accounts.with_token("PUT", "/user", &access, &body).await;
    }
    let refused = accounts.with_token("PUT", "/user", &access, &json!({"app_metadata": {"role": "x"}})).await;
    assert_eq!(refusal(&refused), (403, "not_admin".into()));
    let session = password_grant(accounts, "climber@example.com", "correct horse").await;
    for token in [text(&session, "access_token"), text(&anonymous, "access_token"), access] {
        let user = accounts.with_token("GET", "/user", &token, &Value::Null).await.json();
        assert_eq!(
            (&user["role"], &user["aud"]),
            (&json!("authenticated"), &json!("authenticated")),
            "{user}"
        );
        assert_eq!(user["app_metadata"].get("role"), None, "{user}");
        for (method, path) in [
            ("GET", "/admin/users"),
            ("POST", "/admin/users"),
            ("POST", "/admin/generate_link"),
            ("GET", "/admin/audit"),
        ] {
            let body = if method == "GET" { Value::Null } else { json!({"email": "x@example.com"}) };
            let answer = accounts.with_token(method, path, &token, &body).await;
            assert_eq!(refusal(&answer), (403, "not_admin".into()), "{method} {path}");
        }
    }
}

async fn attack_24_no_table_of_the_accounts_is_reachable(accounts: &Accounts) {
    let secret_key = accounts.server.keys.secret_key.expose().to_owned();
    let catalog = accounts.server.database.catalog().await.expect("a catalog");
    let mut tables = Vec::new();
    for schema in ["auth", "bedplate"] {
        let oid = catalog.schema(schema).expect("a schema").oid;
        let relations = catalog.relations.values();
        let relations =
            relations.filter(|relation| relation.schema == oid && relation.kind == RelationKind::Table);
        tables.extend(relations.map(|relation| (schema, relation.name.to_string())));
    }
    assert!(tables.len() > 20, "{tables:?}");
    for (schema, table) in &tables {
        let headers = [("apikey", secret_key.as_str()), ("accept-profile", schema)];
        let by_profile = accounts.server.get(&format!("/rest/v1/{table}"), &headers).await;
        assert_eq!(by_profile.status, 406, "{schema}.{table}: {by_profile:?}");
        for path in [format!("/rest/v1/{table}"), format!("/rest/v1/{schema}.{table}")] {
            let by_name = accounts.server.get(&path, &headers[..1]).await;
            assert_eq!(by_name.status, 404, "{path}: {by_name:?}");
        }
        for role in ["anon", "authenticated", "service_role"] {
            // The service role may read the accounts by SQL, as with Supabase, and nothing of ours.
            if role == "service_role" && *schema == "auth" {
                continue;
            }
            let work = Work::one(Statement::new(format!("select * from {schema}.{table}")));
            let refused = accounts.server.database.run(&Session::new(role), work).await;
            let code = refused.err().map(|error| error.code().to_string());
            assert_eq!(code.as_deref(), Some("42501"), "{role}: {schema}.{table}");
        }
        // The accounts' own role counts, and puts mail into the queue; it reads none.
        if *schema == "bedplate" && table != "rate_limits" {
            let owner = Session::new("supabase_auth_admin");
            let work = Work::one(Statement::new(format!("select * from {schema}.{table}")));
            assert!(accounts.server.database.run(&owner, work).await.is_err(), "{schema}.{table}");
        }
    }
}

async fn attack_32_an_id_is_an_id(accounts: &Accounts) {
    let id = accounts.import_user("thirtytwo@example.com", "correct horse").await;
    let users = accounts.value("select count(*) from auth.users", &[]).await;
    for name in [
        "..",
        "%2e%2e",
        ".",
        "..%2f..%2fusers",
        "..%2Faudit",
        "%252e%252e%252faudit",
        "x",
        "0",
        "%00",
        "..%5caudit",
        "%7Buser_id%7D",
        "00000000000000000000000000000000",
        "'%20or%20true--",
        &format!("{id}%2f..%2f..%2faudit"),
        &format!("{id}%00"),
        &format!("{id}%20"),
        &format!("%7B{id}%7D"),
        &format!("urn:uuid:{id}"),
        &id.replace('-', ""),
    ] {
        for (method, path, body) in [
            ("GET", format!("/admin/users/{name}"), Value::Null),
            ("PUT", format!("/admin/users/{name}"), json!({"password": "taken over"})),
            ("DELETE", format!("/admin/users/{name}"), json!({})),
            ("GET", format!("/admin/users/{name}/factors"), Value::Null),
            ("DELETE", format!("/admin/users/{id}/factors/{name}"), json!({})),
        ] {
            let answer = accounts.as_admin(method, &path, &body).await;
            assert!(matches!(answer.status, 400 | 404 | 405), "{method} {path}: {answer:?}");
        }
    }
    assert_eq!(accounts.value("select count(*) from auth.users", &[]).await, users);
    assert_eq!(password_grant(accounts, "thirtytwo@example.com", "correct horse").await.status, 200);
}

async fn attack_47_tokens_are_measured_first(accounts: &Accounts) {
    for token in [
        ".".repeat(8_000),
        ".".repeat(20_000),
        "a.".repeat(9_000),
        format!("{}.b.c", "a".repeat(9_000)),
        format!("a.{}.c", "e30".repeat(9_000)),
    ] {
        for headers in [[("authorization", format!("Bearer {token}"))], [("apikey", token.clone())]] {
            let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
            for (method, path) in [("GET", "/user"), ("GET", "/admin/users"), ("POST", "/logout")] {
                let answer = accounts.ask(method, path, &headers, &Value::Null).await;
                assert!(matches!(answer.status, 401 | 403 | 431), "{method} {path}: {answer:?}");
                assert!(answer.body.len() < 1_000, "nothing of it comes back: {answer:?}");
            }
        }
        for body in [
            json!({"refresh_token": token}),
            json!({"auth_code": token, "code_verifier": token}),
            json!({"email": token, "password": token}),
        ] {
            for grant in ["refresh_token", "pkce", "password", &token] {
                let answer = accounts.post(&format!("/token?grant_type={grant}"), &body).await;
                assert!((400..500).contains(&answer.status), "{answer:?}");
                assert!(answer.body.len() < 1_000, "nothing of it comes back: {answer:?}");
            }
        }
    }
    let large = json!({"email": "large@example.com", "password": "correct horse", "data": {"a": "x".repeat(1 << 20)}});
    assert_eq!(accounts.post("/signup", &large).await.status, 413);
    let long = json!({"email": "long@example.com", "password": "x".repeat(1_000_000)});
    assert!(matches!(accounts.post("/signup", &long).await.status, 400 | 422));
}

async fn attack_48_refusals_say_nothing_of_the_inside(accounts: &Accounts) {
    let (access, _) = signed_in(accounts, "fortyeight@example.com").await;
    let deep = format!("{}1{}", "[".repeat(100), "]".repeat(100));
    let deep: Value = serde_json::from_str(&deep).expect("JSON");
    let nul = "a\u{0}b";
    let mut answers = Vec::new();
    for (path, body) in [
        ("/signup", json!({"email": "nul@example.com", "password": "correct horse", "data": {"a": nul}})),
        ("/signup", json!({"email": "nul@example.com", "password": "correct horse", "data": {nul: 1}})),
        ("/signup", json!({"data": {"a": nul}})),
        ("/signup", json!({"email": "deep@example.com", "password": "correct horse", "data": deep})),
        ("/signup", json!([1])),
        ("/otp", json!({"email": "nul@example.com", "data": {"a": nul}})),
        ("/verify", json!({"type": "signup", "token_hash": nul})),
        ("/verify", json!({"type": "email", "token": nul, "email": "fortyeight@example.com"})),
        ("/token?grant_type=refresh_token", json!({"refresh_token": nul})),
        ("/token?grant_type=refresh_token", json!({"refresh_token": {"$ne": null}})),
        ("/token?grant_type=pkce", json!({"auth_code": nul, "code_verifier": nul})),
        ("/token?grant_type=password", json!({"email": "fortyeight@example.com", "password": nul})),
        ("/token?grant_type=%00", json!({})),
    ] {
        answers.push((path.to_owned(), accounts.post(path, &body).await));
    }
    for body in [json!({"data": {"a": nul}}), json!({"nonce": nul, "password": nul}), json!({"data": "text"})]
    {
        answers.push(("PUT /user".to_owned(), accounts.with_token("PUT", "/user", &access, &body).await));
    }
    for path in [
        "/admin/users?page=99999999999999999999",
        "/admin/users?page=9223372036854775807&per_page=9223372036854775807",
        "/admin/users?per_page=0",
        "/admin/users?per_page=-1",
        "/admin/users?filter=%00",
        "/admin/users?sort=%22;drop%20table%20x",
        "/admin/audit?query=%00:x",
        "/admin/audit?page=-1",
    ] {
        answers.push((path.to_owned(), accounts.as_admin("GET", path, &Value::Null).await));
    }
    for body in [
        json!({"email": "nul@example.com", "user_metadata": {"a": nul}}),
        json!({"email": "nul@example.com", "app_metadata": {"a": nul}}),
        json!({"email": "nul@example.com", "role": nul}),
        json!({"email": "nul@example.com", "password_hash": nul}),
        json!({"email": "fortyeight@example.com"}),
        json!({"id": "x"}),
        json!({"email": 7}),
    ] {
        answers.push((format!("{body}"), accounts.as_admin("POST", "/admin/users", &body).await));
    }
    for (asked, answer) in &answers {
        assert!(answer.status < 500, "{asked}: {answer:?}");
        let said = answer.body.to_lowercase();
        for inside in [
            "select ",
            "insert ",
            "update auth",
            "auth.users",
            "sqlite",
            "sqlstate",
            "pg_",
            "panicked",
            ".rs:",
            "/src/",
            "constraint",
        ] {
            assert!(!said.contains(inside), "{inside} in {asked}: {answer:?}");
        }
    }
    let nothing = accounts.ask("GET", "/verify?type=signup&token=%00", &[], &Value::Null).await;
    assert_eq!(nothing.status, 303, "{nothing:?}");
    // A page whose URL is not ASCII is reached too, and the link is not used up for nothing.
    let page = accounts
        .ask("GET", "/verify?type=signup&token=x&redirect_to=http://127.0.0.1:3000/%C3%BC", &[], &Value::Null)
        .await;
    assert!(page.header("location").starts_with("http://127.0.0.1:3000/%C3%BC#error="), "{page:?}");
}

/// Neither a ban nor a deletion leaves a way in.
async fn banned_and_deleted_users_are_out_by_every_way(accounts: &Accounts) {
    for end in ["ban", "soft", "hard"] {
        let email = format!("{end}@example.com");
        let id = accounts.import_user(&email, "correct horse").await;
        let session = password_grant(accounts, &email, "correct horse").await;
        let (access, refresh) = (text(&session, "access_token"), text(&session, "refresh_token"));
        assert_eq!(accounts.post("/recover", &json!({"email": email})).await.status, 200);
        let letter = accounts.letter(&email).await;
        let path = format!("/admin/users/{id}");
        let ended = match end {
            "ban" => accounts.as_admin("PUT", &path, &json!({"ban_duration": "24h"})).await,
            "soft" => accounts.as_admin("DELETE", &path, &json!({"should_soft_delete": true})).await,
            _ => accounts.as_admin("DELETE", &path, &json!({})).await,
        };
        assert_eq!(ended.status, 200, "{end}: {ended:?}");
        let code = json!({"type": "recovery", "email": email, "token": letter.code()});
        let hash = json!({"type": "recovery", "token_hash": letter.parameter("token")});
        let answers = [
            ("password", password_grant(accounts, &email, "correct horse").await),
            ("refresh", refresh_grant(accounts, &refresh).await),
            ("code", accounts.post("/verify", &code).await),
            ("hash", accounts.post("/verify", &hash).await),
            ("user", accounts.with_token("GET", "/user", &access, &Value::Null).await),
            ("change", accounts.with_token("PUT", "/user", &access, &json!({"password": "new horse"})).await),
        ];
        for (way, answer) in &answers {
            assert!(matches!(answer.status, 400 | 403), "{end} {way}: {answer:?}");
        }
        let link = accounts.ask("GET", &letter.path(), &[], &Value::Null).await;
        assert!(link.header("location").contains("error="), "{end}: {link:?}");
        let sessions =
            accounts.value("select count(*) from auth.sessions where user_id = $1::uuid", &[&id]).await;
        assert_eq!(sessions, "0", "{end}");
        // The answer to who asks for another letter is the one that anybody gets.
        accounts.let_time_pass(60).await;
        let letters = accounts.letters(&email).await.len();
        assert_eq!(accounts.post("/recover", &json!({"email": email})).await.status, 200);
        assert!(end == "ban" || accounts.letters(&email).await.len() == letters, "{end}");
    }
}

/// A code is for the address that it was mailed to and for what it was mailed for, and the newest alone counts.
async fn codes_serve_their_user_and_purpose_only(accounts: &Accounts) {
    let verify = async |kind: &str, email: &str, code: &str| {
        accounts.post("/verify", &json!({"type": kind, "email": email, "token": code})).await
    };
    let refused = (403, "otp_expired".to_owned());
    for email in ["one@example.com", "two@example.com"] {
        accounts.import_user(email, "correct horse").await;
        assert_eq!(accounts.post("/recover", &json!({"email": email})).await.status, 200);
    }
    let sign_up = json!({"email": "three@example.com", "password": "correct horse"});
    assert_eq!(accounts.post("/signup", &sign_up).await.status, 200);
    let one = accounts.letter("one@example.com").await.code();
    let three = accounts.letter("three@example.com").await;
    assert_eq!(refusal(&verify("recovery", "two@example.com", &one).await), refused);
    for kind in ["signup", "invite", "email_change"] {
        assert_eq!(refusal(&verify(kind, "one@example.com", &one).await), refused, "{kind}");
    }
    for kind in ["recovery", "magiclink", "email_change"] {
        assert_eq!(refusal(&verify(kind, "three@example.com", &three.code()).await), refused, "{kind}");
        let hash = json!({"type": kind, "token_hash": three.parameter("token")});
        assert_eq!(refusal(&accounts.post("/verify", &hash).await), refused, "{kind}");
    }
    // An older one is dead as soon as a newer one is mailed.
    accounts.let_time_pass(60).await;
    assert_eq!(accounts.post("/recover", &json!({"email": "one@example.com"})).await.status, 200);
    assert_eq!(refusal(&verify("recovery", "one@example.com", &one).await), refused);
    let newer = accounts.letter("one@example.com").await.code();
    let session = verify("recovery", "one@example.com", &newer).await;
    assert_eq!(session.status, 200, "{session:?}");
    assert_eq!(session.json()["user"]["email"], "one@example.com");
    // The hash of a link cannot be made from address and code: who guesses codes has to name the account, which is counted.
    assert_eq!(accounts.post("/recover", &json!({"email": "two@example.com"})).await.status, 200);
    let two = accounts.letter("two@example.com").await;
    let guess = |text: String| {
        data_encoding::HEXLOWER.encode(&<sha2::Sha224 as sha2::Digest>::digest(text.as_bytes()))
    };
    let guessed = guess(format!("two@example.com{}", two.code()));
    assert_ne!(guessed, two.parameter("token"));
    let guessed = accounts.post("/verify", &json!({"type": "recovery", "token_hash": guessed})).await;
    assert_eq!(refusal(&guessed), refused);
    assert_eq!(verify("recovery", "two@example.com", &two.code()).await.status, 200);
}
