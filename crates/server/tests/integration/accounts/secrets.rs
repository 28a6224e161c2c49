//! No secret leaves: every secret column holds a value that is found again anywhere, every route is asked, and no answer and no line of
//! the log may have one of them.

use super::{Accounts, on_both_engines, refusal, text};
use auth::Endpoint;
use auth::provider::{ClientSecret, ProviderSettings};
use serde_json::{Value, json};
use server::app::own_routes;
use server::configuration::Settings;
use std::collections::BTreeMap;

/// Ada, whose rows hold the secrets, and who asks for herself too.
const ADA: &str = "8d0fd2b3-9ca7-4d9e-a95f-9e13dded323e";
const FACTOR: &str = "11111111-1111-4111-8111-111111111111";
const SESSION: &str = "22222222-2222-4222-8222-222222222222";

/// The columns that hold secrets, or what a secret is made of. `phone_change_token` and its like are GoTrue's.
const SECRET_COLUMNS: [(&str, &[&str]); 9] = [
    (
        "users",
        &[
            "encrypted_password",
            "confirmation_token",
            "recovery_token",
            "email_change_token_new",
            "email_change_token_current",
            "phone_change_token",
            "reauthentication_token",
        ],
    ),
    ("sessions", &["refresh_token_hmac_key"]),
    ("refresh_tokens", &["token", "parent"]),
    ("mfa_factors", &["secret", "web_authn_credential", "last_webauthn_challenge_data"]),
    ("mfa_challenges", &["otp_code", "web_authn_session_data"]),
    (
        "flow_state",
        &["auth_code", "code_challenge", "provider_access_token", "provider_refresh_token", "invite_token"],
    ),
    ("one_time_tokens", &["token_hash"]),
    ("oauth_clients", &["client_secret_hash"]),
    ("oauth_client_states", &["code_verifier"]),
];

/// Names that look like secrets and are none, or belong to tables that nothing writes yet.
const NO_SECRETS: [(&str, &str); 8] = [
    ("sessions", "refresh_token_counter"),
    ("flow_state", "code_challenge_method"),
    ("one_time_tokens", "token_type"),
    ("oauth_clients", "token_endpoint_auth_method"),
    ("oauth_authorizations", "authorization_code"),
    ("oauth_authorizations", "code_challenge"),
    ("oauth_authorizations", "code_challenge_method"),
    ("mfa_factors", "web_authn_aaguid"),
];

#[tokio::test]
async fn attack_7_no_secret_leaves() {
    let settings = Settings {
        auth_rate_limit_token_refresh: 10_000,
        auth_rate_limit_email_sent: 10_000,
        auth_enable_anonymous_sign_ins: true,
        auth_enable_manual_linking: true,
        auth_external: BTreeMap::from([("github".to_owned(), github())]),
        ..Settings::default()
    };
    on_both_engines(settings, async |accounts| {
        every_secret_column_is_known(accounts).await;
        let access = plant(accounts).await;
        let markers = planted(accounts).await;
        let Asked { done, failed: _, canaries } = every_route(accounts, &access, &markers).await;
        assert!(done > 15 && canaries > 5, "the routes did something: {done}, {canaries}");
        denied_reads(accounts, &access, &markers).await;
        own(accounts, &markers).await;
        let log = accounts.server.log();
        assert!(log.contains("/auth/v1/verify"), "{log}");
        for marker in
            markers.iter().map(String::as_str).chain([access.as_str(), "correct horse", "of-a-query"])
        {
            assert!(!log.contains(marker), "{marker} in the log");
        }
    })
    .await;
}

/// A provider whose page can be found without asking it.
fn github() -> ProviderSettings {
    ProviderSettings {
        enabled: true,
        client_ids: vec!["app".into()],
        secret: ClientSecret::new("marker-client_secret"),
        ..ProviderSettings::default()
    }
}

/// What became of the requests.
#[derive(Default)]
struct Asked {
    done: usize,
    failed: usize,
    /// Answers with what is no secret: it is found, so a secret would be.
    canaries: usize,
}

/// Asks every route as everybody.
async fn every_route(accounts: &Accounts, access: &str, markers: &[String]) -> Asked {
    let mut asked = Asked::default();
    let bearer = format!("Bearer {access}");
    let secret = accounts.server.keys.secret_key.expose();
    let everybody = [vec![], vec![("Authorization", bearer.as_str())], vec![("apikey", secret)]];
    for endpoint in auth::endpoints() {
        for (path, body) in requests(&endpoint) {
            for headers in &everybody {
                let answer = accounts.ask(endpoint.method.as_str(), &path, headers, &body).await;
                asked.done += usize::from(answer.status < 300);
                asked.failed += usize::from(answer.status >= 500);
                let shown = format!("{answer:?}");
                asked.canaries += usize::from(shown.contains("marker-canary"));
                for marker in markers {
                    assert!(!shown.contains(marker), "{marker}: {} {path} {shown}", endpoint.method);
                }
            }
        }
    }
    asked
}

/// The same while a table cannot be read: what was read before is not shown in its place, and nobody is taken for signed in.
async fn denied_reads(accounts: &Accounts, access: &str, markers: &[String]) {
    for table in ["users", "identities", "sessions", "mfa_factors", "one_time_tokens", "refresh_tokens"] {
        accounts.sql(&format!("revoke select on auth.{table} from supabase_auth_admin"), &[]).await;
        let Asked { failed, .. } = every_route(accounts, access, markers).await;
        assert!(failed > 0, "{table}");
        if matches!(table, "users" | "identities" | "sessions") {
            let user = accounts.with_token("GET", "/user", access, &Value::Null).await;
            assert_eq!(refusal(&user), (500, "unexpected_failure".into()), "{table}");
            assert!(!user.body.contains("42501") && !user.body.contains(table), "{user:?}");
        }
        accounts.sql(&format!("grant select on auth.{table} to supabase_auth_admin"), &[]).await;
    }
    assert_eq!(accounts.with_token("GET", "/user", access, &Value::Null).await.status, 200);
}

/// Whatever looks like a secret by its name is in the list, or said to be none.
async fn every_secret_column_is_known(accounts: &Accounts) {
    let catalog = accounts.server.database.catalog().await.expect("a catalog");
    let schema = catalog.schema("auth").expect("the schema").oid;
    let mut seen = 0;
    for relation in catalog.relations.values().filter(|relation| relation.schema == schema) {
        for column in &relation.columns {
            let name = column.name.as_str();
            let looks = [
                "secret",
                "token",
                "password",
                "code",
                "hash",
                "hmac",
                "verifier",
                "web_authn",
                "challenge",
                "parent",
            ];
            if !looks.iter().any(|part| name.contains(part)) || name.ends_with("_at") {
                continue;
            }
            let table = relation.name.as_str();
            let is_planted =
                SECRET_COLUMNS.iter().any(|(known, columns)| *known == table && columns.contains(&name));
            let is_none = NO_SECRETS.contains(&(table, name));
            assert!(is_planted || is_none, "auth.{table}.{name}: is it a secret?");
            seen += usize::from(is_planted);
        }
    }
    assert_eq!(seen, SECRET_COLUMNS.iter().map(|(_, columns)| columns.len()).sum::<usize>());
}

/// Puts a secret that is found again into every secret column of Ada's rows, and gives her access token.
async fn plant(accounts: &Accounts) -> String {
    let body = json!({"id": ADA, "email": "ada@example.com", "password": "correct horse", "email_confirm": true,
        "user_metadata": {"canary": "marker-canary"}});
    assert_eq!(accounts.as_admin("POST", "/admin/users", &body).await.status, 200);
    let sign_in = json!({"email": "ada@example.com", "password": "correct horse"});
    let access = text(&accounts.post("/token?grant_type=password", &sign_in).await, "access_token");
    let marked = |column: &str| format!("'marker-{column}'");
    let users: Vec<String> =
        SECRET_COLUMNS[0].1.iter().map(|column| format!("{column} = 'marker-{column}'")).collect();
    let statements = [
        format!("update auth.users set {} where id = '{ADA}'", users.join(", ")),
        format!(
            "insert into auth.sessions (id, user_id, created_at, updated_at, aal, refresh_token_hmac_key) \
             values ('{SESSION}', '{ADA}', now(), now(), 'aal1', {})",
            marked("refresh_token_hmac_key")
        ),
        format!(
            "insert into auth.refresh_tokens (token, user_id, revoked, created_at, updated_at, parent, session_id) \
             values ({}, '{ADA}', false, now(), now(), {}, '{SESSION}')",
            marked("token"),
            marked("parent")
        ),
        format!(
            "insert into auth.mfa_factors (id, user_id, friendly_name, factor_type, status, created_at, updated_at, secret, \
             web_authn_credential, last_webauthn_challenge_data) values ('{FACTOR}', '{ADA}', 'telephone', 'totp', 'verified', now(), now(), \
             {}, '{{\"k\": \"marker-web_authn_credential\"}}', '{{\"k\": \"marker-last_webauthn_challenge_data\"}}')",
            marked("secret")
        ),
        format!(
            "insert into auth.mfa_challenges (id, factor_id, created_at, ip_address, otp_code, web_authn_session_data) \
             values (gen_random_uuid(), '{FACTOR}', now(), '127.0.0.1', {}, '{{\"k\": \"marker-web_authn_session_data\"}}')",
            marked("otp_code")
        ),
        format!(
            "insert into auth.flow_state (id, user_id, auth_code, code_challenge, code_challenge_method, provider_type, \
             provider_access_token, provider_refresh_token, invite_token, authentication_method, created_at, updated_at) \
             values (gen_random_uuid(), '{ADA}', {}, {}, 'plain', 'email', {}, {}, {}, 'oauth', now(), now())",
            marked("auth_code"),
            marked("code_challenge"),
            marked("provider_access_token"),
            marked("provider_refresh_token"),
            marked("invite_token")
        ),
        format!(
            "insert into auth.one_time_tokens (id, user_id, token_type, token_hash, relates_to) \
             values (gen_random_uuid(), '{ADA}', 'phone_change_token', {}, 'ada@example.com')",
            marked("token_hash")
        ),
        format!(
            "insert into auth.oauth_clients (id, client_secret_hash, registration_type, redirect_uris, grant_types) \
             values (gen_random_uuid(), {}, 'manual', 'https://x.example', 'authorization_code')",
            marked("client_secret_hash")
        ),
        format!(
            "insert into auth.oauth_client_states (id, provider_type, code_verifier, created_at) \
             values (gen_random_uuid(), 'google', {}, now())",
            marked("code_verifier")
        ),
    ];
    for statement in statements {
        accounts.sql(&statement, &[]).await;
    }
    access
}

/// The secrets that are there now: those that were planted, and what the server seals.
async fn planted(accounts: &Accounts) -> Vec<String> {
    let mut markers = Vec::new();
    for (table, columns) in SECRET_COLUMNS {
        for column in columns {
            let found =
                format!("select count(*) from auth.{table} where {column}::text like '%marker-{column}%'");
            assert_ne!(accounts.value(&found, &[]).await, "0", "{table}.{column}");
            markers.push(format!("marker-{column}"));
        }
    }
    let sealed = accounts
        .sql("select sealed from bedplate.secrets union all select sealed from bedplate.signing_keys", &[])
        .await;
    markers.extend(sealed.into_iter().flatten());
    markers.push(accounts.server.keys.jwt_secret.expose().to_owned());
    markers.push("marker-client_secret".to_owned());
    markers
}

/// What is asked of an endpoint: with something to do where that is possible. What takes Ada's rows away comes last.
fn requests(endpoint: &Endpoint) -> Vec<(String, Value)> {
    let asks = |path: &str, body: Value| (path.to_owned(), body);
    let ada = json!({"email": "ada@example.com"});
    match (endpoint.method.as_str(), endpoint.path) {
        (
            "GET",
            path @ ("/health"
            | "/.well-known/jwks.json"
            | "/settings"
            | "/reauthenticate"
            | "/user"
            | "/admin/audit"
            | "/admin/users"),
        ) => vec![asks(path, Value::Null), asks(&format!("{path}?filter=ada"), Value::Null)],
        ("POST", "/signup") => vec![
            asks("/signup", json!({"email": "ada@example.com", "password": "battery staple"})),
            asks("/signup", json!({"email": "new@example.com", "password": "battery staple"})),
            asks("/signup", json!({"data": {"a": 1}})),
        ],
        ("POST", path @ ("/otp" | "/magiclink" | "/recover")) => vec![asks(path, ada)],
        ("POST", "/resend") => vec![asks("/resend", json!({"type": "signup", "email": "ada@example.com"}))],
        ("GET", "/verify") => {
            vec![asks("/verify?token=of-a-query&type=recovery&apikey=of-a-query", Value::Null)]
        }
        ("POST", "/verify") => vec![
            asks("/verify", json!({"type": "recovery", "token_hash": "wrong"})),
            asks("/verify", json!({"type": "email", "email": "ada@example.com", "token": "000000"})),
        ],
        ("POST", "/token") => vec![
            asks(
                "/token?grant_type=password",
                json!({"email": "ada@example.com", "password": "wrong horse"}),
            ),
            asks("/token?grant_type=refresh_token", json!({"refresh_token": "wrong"})),
            asks("/token?grant_type=pkce", json!({"auth_code": "wrong", "code_verifier": "wrong"})),
            asks("/token?grant_type=id_token", json!({"provider": "google", "id_token": "wrong"})),
        ],
        ("GET", "/authorize") => vec![
            asks("/authorize?provider=github", Value::Null),
            asks("/authorize?provider=nobody", Value::Null),
        ],
        (_, "/callback") => vec![
            asks("/callback?code=of-a-query&state=of-a-query", Value::Null),
            asks("/callback?error=access_denied&state=of-a-query", Value::Null),
            asks("/callback?state=33333333-3333-4333-8333-333333333333&code=of-a-query", Value::Null),
        ],
        ("GET", "/user/identities/authorize") => {
            vec![asks("/user/identities/authorize?provider=github&skip_http_redirect=true", Value::Null)]
        }
        ("DELETE", "/user/identities/{identity_id}") => {
            vec![asks(&format!("/user/identities/{FACTOR}"), Value::Null)]
        }
        // Of nobody's session: Ada goes on.
        ("POST", "/logout") => vec![asks("/logout?scope=nonsense", Value::Null)],
        ("PUT", "/user") => vec![asks("/user", json!({"data": {"colour": "blue"}}))],
        ("POST", "/invite") => {
            vec![asks("/invite", ada), asks("/invite", json!({"email": "guest@example.com"}))]
        }
        ("POST", "/admin/users") => {
            vec![asks("/admin/users", ada), asks("/admin/users", json!({"email": "made@example.com"}))]
        }
        ("GET", "/admin/users/{user_id}") => vec![asks(&format!("/admin/users/{ADA}"), Value::Null)],
        ("PUT", "/admin/users/{user_id}") => {
            vec![asks(&format!("/admin/users/{ADA}"), json!({"app_metadata": {"plan": "pro"}}))]
        }
        // Another's row: Ada's is looked at until the end.
        ("DELETE", "/admin/users/{user_id}") => {
            vec![asks("/admin/users/33333333-3333-4333-8333-333333333333", Value::Null)]
        }
        ("GET", "/admin/users/{user_id}/factors") => {
            vec![asks(&format!("/admin/users/{ADA}/factors"), Value::Null)]
        }
        ("DELETE", "/admin/users/{user_id}/factors/{factor_id}") => {
            vec![asks(&format!("/admin/users/{ADA}/factors/{FACTOR}"), Value::Null)]
        }
        // Its answer is a link, which is new: no marker.
        ("POST", "/admin/generate_link") => {
            vec![asks("/admin/generate_link", json!({"type": "magiclink", "email": "ada@example.com"}))]
        }
        (method, path) => panic!("{method} {path}: a new endpoint needs a request here"),
    }
}

/// The server's own routes, and the data API as everybody.
async fn own(accounts: &Accounts, markers: &[String]) {
    let keys = &accounts.server.keys;
    for route in own_routes() {
        let bodies: &[&str] = match route.path {
            "/_bedplate/users" => &[
                r#"{"action":"list","filter":null,"page":1,"per_page":50}"#,
                r#"{"action":"create","email":"page@example.com","password":"correct horse","confirmed":true}"#,
                r#"{"action":"ban","user":"page@example.com","duration":null}"#,
                r#"{"action":"unban","user":"page@example.com"}"#,
                r#"{"action":"set_password","user":"page@example.com","password":"correct horse"}"#,
                r#"{"action":"delete","user":"page@example.com","soft":true}"#,
            ],
            "/_bedplate/token" => &[r#"{"sub":"8d0fd2b3-9ca7-4d9e-a95f-9e13dded323e"}"#],
            _ => &[""],
        };
        for body in bodies {
            let headers = [("apikey", keys.secret_key.expose())];
            let answer = accounts.server.ask(route.method.as_str(), route.path, &headers, body).await;
            assert!(answer.status < 300, "{} {body} {answer:?}", route.path);
            for marker in markers {
                assert!(!format!("{answer:?}").contains(marker), "{marker}: {} {answer:?}", route.path);
            }
            assert!(!answer.body.contains("argon2"), "{answer:?}");
        }
    }
    for key in [keys.publishable_key.as_str(), keys.secret_key.expose()] {
        for path in
            ["/rest/v1/", "/rest/v1/users", "/rest/v1/rpc/uid", "/rest/v1/refresh_tokens?select=token"]
        {
            for schema in ["auth", "bedplate", "public"] {
                let headers = [("apikey", key), ("accept-profile", schema)];
                let answer = accounts.server.get(path, &headers).await;
                for marker in markers {
                    assert!(!format!("{answer:?}").contains(marker), "{marker}: {path} {answer:?}");
                }
            }
        }
    }
}
