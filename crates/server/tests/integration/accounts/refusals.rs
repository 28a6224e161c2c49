//! Every route is refused without the right. A new route fails here until it says who may ask it, and a public one until its reason is
//! listed.

use super::{Accounts, on_both_engines, refusal, text};
use crate::harness::Answer;
use auth::{Access, Endpoint};
use http::Method;
use serde_json::{Map, Value, json};
use server::app::{OwnAccess, own_routes};
use server::configuration::Settings;
use server::keys::TokenRequest;
use std::time::Duration;

/// What anybody may ask, and why.
const PUBLIC: &str = "\
GET /health: it says nothing that is not published
GET /.well-known/jwks.json: it says nothing that is not published
GET /settings: it says nothing that is not published
POST /signup: who has no account asks for one
POST /otp: what it gives goes to the address's owner
POST /magiclink: what it gives goes to the address's owner
POST /recover: what it gives goes to the address's owner
POST /resend: what it gives goes to the address's owner
GET /verify: what it asks for is the proof
POST /verify: what it asks for is the proof
GET /authorize: it gives nothing but a page of somebody else's
GET /callback: what it asks for is the proof
POST /callback: what it asks for is the proof
POST /token: what it asks for is the proof
";

/// The same of the server's own routes.
const OWN_PUBLIC: &str = "\
GET /: it says nothing of the project
GET /health: it says nothing of the project
GET /ready: it says nothing of the project
GET /_bedplate/inbox: its page says nothing; the mail is for the operator
";

#[test]
fn what_is_public_is_listed_with_its_reason() {
    let mut public = String::new();
    for endpoint in auth::endpoints() {
        if let Access::Public(reason) = endpoint.access {
            public.push_str(&format!("{} {}: {reason}\n", endpoint.method, endpoint.path));
        }
    }
    assert_eq!(public, PUBLIC);
    let mut public = String::new();
    for route in own_routes() {
        if let OwnAccess::Public(reason) = route.access {
            public.push_str(&format!("{} {}: {reason}\n", route.method, route.path));
        }
    }
    assert_eq!(public, OWN_PUBLIC);
}

#[test]
fn administration_is_for_administrators() {
    for endpoint in auth::endpoints() {
        let administrative = endpoint.path.starts_with("/admin") || endpoint.path == "/invite";
        assert_eq!(endpoint.access == Access::Admin, administrative, "{} {}", endpoint.method, endpoint.path);
    }
    for route in own_routes() {
        let page = route.method == Method::GET && route.path == "/_bedplate/inbox";
        let ours = route.path.starts_with("/_bedplate") && !page;
        assert_eq!(route.access == OwnAccess::Operator, ours, "{} {}", route.method, route.path);
    }
}

/// A token for a role, signed with the project's secret.
fn token(accounts: &Accounts, role: &str, claims: Value, age: u64) -> String {
    let Value::Object(claims) = claims else { panic!("claims are an object") };
    let request = TokenRequest {
        role: role.into(),
        subject: None,
        claims: Map::from_iter(claims),
        issuer: "test".into(),
        expires_in: Duration::from_secs(60),
    };
    let now = server::identifier::unix_milliseconds() / 1000;
    request.sign(&accounts.server.keys, now.saturating_sub(age))
}

/// The path of an endpoint for somebody else.
fn path(endpoint: &Endpoint) -> String {
    let mut path = endpoint.path.to_owned();
    for name in ["{user_id}", "{factor_id}", "{identity_id}"] {
        path = path.replace(name, "8d0fd2b3-9ca7-4d9e-a95f-9e13dded323e");
    }
    assert!(!path.contains('{'), "{path}: a parameter without a value in this test");
    path
}

async fn ask(accounts: &Accounts, endpoint: &Endpoint, headers: &[(&str, &str)]) -> Answer {
    let body = if endpoint.method == Method::GET { Value::Null } else { json!({}) };
    accounts.ask(endpoint.method.as_str(), &path(endpoint), headers, &body).await
}

/// What is refused to whom: headers, status, code.
type Case<'a> = (&'a str, Vec<(&'a str, String)>, u16, &'a str);

async fn refused(accounts: &Accounts, endpoint: &Endpoint, cases: &[Case<'_>]) {
    for (who, headers, status, code) in cases {
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = ask(accounts, endpoint, &headers).await;
        assert_eq!(
            refusal(&answer),
            (*status, (*code).to_owned()),
            "{who}: {} {} {answer:?}",
            endpoint.method,
            endpoint.path
        );
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn every_endpoint_is_refused_without_the_right() {
    let settings = Settings { auth_rate_limit_token_refresh: 10_000, ..Settings::default() };
    on_both_engines(settings, async |accounts| {
        let keys = accounts.server.keys.clone();
        let bearer = |token: String| vec![("Authorization", format!("Bearer {token}"))];
        // Nothing, too little, and what is no token: nobody gets further, whoever they claim to be.
        let forged = {
            let good = token(accounts, "service_role", json!({}), 0);
            let (head, _) = good.rsplit_once('.').expect("a token");
            format!("{head}.AAAA")
        };
        let unsigned = "eyJhbGciOiJub25lIn0.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.".to_owned();
        let expired =
            token(accounts, "service_role", json!({"sub": "8d0fd2b3-9ca7-4d9e-a95f-9e13dded323e"}), 3600);
        let anybody: Vec<Case<'_>> = vec![
            ("nobody", vec![], 401, "no_authorization"),
            ("an empty token", vec![("Authorization", "Bearer ".into())], 401, "no_authorization"),
            ("garbage", bearer("garbage".into()), 403, "bad_jwt"),
            ("a forged token", bearer(forged), 403, "bad_jwt"),
            ("an unsigned token", bearer(unsigned), 403, "bad_jwt"),
            ("an expired token", bearer(expired), 403, "bad_jwt"),
            ("a wrong key", vec![("apikey", "sb_secret_wrong".into())], 403, "bad_jwt"),
        ];
        let refused_users = users(accounts).await;
        let user = text(&sign_in(accounts, "ada@example.com").await, "access_token");
        let mut of_users = vec![
            ("the publishable key", vec![("apikey", keys.publishable_key.clone())], 403, "bad_jwt"),
            ("the secret key", vec![("apikey", keys.secret_key.expose().to_owned())], 403, "bad_jwt"),
            ("the anon token", bearer(keys.anon_key.clone()), 403, "bad_jwt"),
            (
                "a subject that is no id",
                bearer(token(accounts, "authenticated", json!({"sub": "admin"}), 0)),
                400,
                "bad_jwt",
            ),
        ];
        of_users
            .extend(refused_users.iter().map(|(who, token, code)| (*who, bearer(token.clone()), 403, *code)));
        let of_admins = vec![
            ("the publishable key", vec![("apikey", keys.publishable_key.clone())], 403, "not_admin"),
            ("the anon token", bearer(keys.anon_key.clone()), 403, "not_admin"),
            ("a user", bearer(user.clone()), 403, "not_admin"),
            ("the owner's role", bearer(token(accounts, "postgres", json!({}), 0)), 403, "not_admin"),
            (
                "a user who says to be one",
                bearer(token(
                    accounts,
                    "authenticated",
                    json!({"app_metadata": {"role": "service_role"}, "is_admin": true}),
                    0,
                )),
                403,
                "not_admin",
            ),
        ];
        for endpoint in auth::endpoints() {
            match endpoint.access {
                Access::Public(_) => {}
                Access::User => {
                    refused(accounts, &endpoint, &anybody).await;
                    refused(accounts, &endpoint, &of_users).await;
                }
                Access::Admin => {
                    refused(accounts, &endpoint, &anybody).await;
                    refused(accounts, &endpoint, &of_admins).await;
                }
            }
        }
        // None of all that did anything.
        assert_eq!(accounts.with_token("GET", "/user", &user, &Value::Null).await.status, 200);
        assert_eq!(accounts.value("select count(*) from auth.users", &[]).await, "4");
        own(accounts, &user).await;
        data_api(accounts).await;
    })
    .await;
}

async fn sign_in(accounts: &Accounts, email: &str) -> Answer {
    let body = json!({"email": email, "password": "correct horse"});
    let answer = accounts.post("/token?grant_type=password", &body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer
}

/// Tokens of users who may not any more, though what signed them still counts.
async fn users(accounts: &Accounts) -> Vec<(&'static str, String, &'static str)> {
    let mut tokens = Vec::new();
    for name in ["ada", "gone", "softly", "banned", "out"] {
        accounts.import_user(&format!("{name}@example.com"), "correct horse").await;
        tokens.push(text(&sign_in(accounts, &format!("{name}@example.com")).await, "access_token"));
    }
    let [_, gone, softly, banned, out] = <[String; 5]>::try_from(tokens).expect("five");
    let id = async |name: &str| {
        accounts.value("select id from auth.users where email = $1", &[&format!("{name}@example.com")]).await
    };
    let (gone_id, softly_id, banned_id) = (id("gone").await, id("softly").await, id("banned").await);
    let ada_session = accounts
        .value("select s.id from auth.sessions s join auth.users u on u.id = s.user_id where u.email = 'ada@example.com'", &[])
        .await;
    assert_eq!(
        accounts.as_admin("DELETE", &format!("/admin/users/{gone_id}"), &Value::Null).await.status,
        200
    );
    let soft = json!({"should_soft_delete": true});
    assert_eq!(accounts.as_admin("DELETE", &format!("/admin/users/{softly_id}"), &soft).await.status, 200);
    // Not by the endpoint, which ends the sessions: the row alone must do.
    accounts
        .sql(
            "update auth.users set banned_until = now() + interval '1 hour' where id = $1::uuid",
            &[&banned_id],
        )
        .await;
    assert_eq!(accounts.with_token("POST", "/logout", &out, &Value::Null).await.status, 204);
    let of = |claims: Value| token(accounts, "authenticated", claims, 0);
    vec![
        ("who is gone", gone, "user_not_found"),
        ("who is gone, without a session", of(json!({"sub": gone_id})), "user_not_found"),
        ("who was softly deleted", softly, "user_not_found"),
        ("who was softly deleted, without a session", of(json!({"sub": softly_id})), "user_not_found"),
        ("who is banned", banned, "user_banned"),
        ("who is banned, without a session", of(json!({"sub": banned_id})), "user_banned"),
        ("who signed out", out, "session_not_found"),
        (
            "with another's session",
            of(json!({"sub": banned_id, "session_id": ada_session})),
            "session_not_found",
        ),
        ("with a session that is none", of(json!({"sub": banned_id, "session_id": "1"})), "bad_jwt"),
    ]
}

/// The server's own routes: for the operator.
async fn own(accounts: &Accounts, user: &str) {
    let keys = &accounts.server.keys;
    // What shows a page to a browser gives data to who asks for it as JSON.
    for route in own_routes().into_iter().filter(|route| route.path.starts_with("/_bedplate")) {
        for headers in [
            vec![],
            vec![("apikey", keys.publishable_key.clone())],
            vec![("Authorization", format!("Bearer {}", keys.anon_key))],
            vec![("Authorization", format!("Bearer {user}"))],
            vec![("Authorization", "Bearer garbage".to_owned())],
            vec![("apikey", "sb_secret_wrong".to_owned())],
            vec![("X-Forwarded-For", "127.0.0.1".to_owned())],
        ] {
            let mut headers: Vec<(&str, &str)> =
                headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            headers.push(("Accept", "application/json"));
            let body = if route.method == Method::GET {
                ""
            } else {
                r#"{"action":"list","filter":null,"page":1,"per_page":5}"#
            };
            let answer = accounts.server.ask(route.method.as_str(), route.path, &headers, body).await;
            assert_eq!(answer.status, 401, "{} {} {headers:?} {answer:?}", route.method, route.path);
            assert!(
                !answer.body.contains("@example.com") && !answer.body.contains("sb_secret_"),
                "{answer:?}"
            );
        }
    }
}

/// The data API never has the accounts' tables, whatever schema a request names and whoever asks.
async fn data_api(accounts: &Accounts) {
    let keys = &accounts.server.keys;
    for key in [keys.publishable_key.as_str(), keys.secret_key.expose(), keys.anon_key.as_str()] {
        for table in
            ["users", "sessions", "refresh_tokens", "identities", "one_time_tokens", "jobs", "secrets"]
        {
            for schema in ["auth", "bedplate", "public"] {
                let headers = [("apikey", key), ("accept-profile", schema)];
                let answer = accounts.server.get(&format!("/rest/v1/{table}"), &headers).await;
                assert!(matches!(answer.status, 401 | 404 | 406), "{table} {schema} {answer:?}");
            }
        }
        let garbage = [("apikey", key), ("Authorization", "Bearer garbage")];
        let answer = accounts.server.get("/rest/v1/", &garbage).await;
        assert_eq!(answer.status, 401, "{answer:?}");
    }
}
