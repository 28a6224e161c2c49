//! Who gets in under which name: keys, hosts, origins, proxies, limits, and what leaves the server besides.
//!
//! Numbers in brackets are lines of the list of published attacks on comparable systems.

use crate::harness::{Running, folder};
use server::configuration::{EngineChoice, Secret, Settings, Size};
use std::collections::BTreeSet;

fn dev() -> Settings {
    Settings { dev: true, ..Settings::default() }
}

#[tokio::test]
async fn health_and_readiness() {
    let project = folder();
    let server = Running::ephemeral(project.path(), Settings::default()).await;
    let health = server.get("/health", &[]).await;
    assert_eq!((health.status, health.body.as_str()), (200, r#"{"status":"ok"}"#));
    let ready = server.get("/ready", &[]).await;
    assert_eq!((ready.status, ready.body.as_str()), (200, r#"{"status":"ready"}"#));
    assert_eq!(server.ask("HEAD", "/health", &[], "").await.status, 200);
    assert_eq!(server.ask("POST", "/health", &[], "").await.status, 405);
    server.stop().await;
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_in_json() {
    let project = folder();
    let server = Running::ephemeral(project.path(), Settings::default()).await;
    for path in ["/nope", "/storage/v1/object", "/auth", "/rest", "/rest/v2/x", "/metrics", "/_bedplate/x"] {
        let answer = server.get(path, &[]).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (404, "application/problem+json"),
            "{path}"
        );
        assert_eq!(answer.json()["status"], 404);
    }
    server.stop().await;
}

#[tokio::test]
async fn each_request_has_an_identifier_and_a_line_without_secrets() {
    let project = folder();
    let server = Running::ephemeral(project.path(), Settings::default()).await;
    let secret = server.keys.secret_key.expose().to_owned();
    let token = format!("Bearer {}", server.keys.service_role_key.expose());
    let given = server
        .get(
            &format!("/nope?apikey={secret}"),
            &[("X-Request-Id", "abc-123"), ("apikey", &secret), ("Authorization", &token)],
        )
        .await;
    assert_eq!(given.header("x-request-id"), "abc-123");
    let forged = server.get("/nope", &[("X-Request-Id", "a b; id=forged")]).await;
    assert!(forged.header("x-request-id").bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
    assert!(!forged.header("x-request-id").is_empty());
    let log = server.log();
    assert!(log.contains("GET /nope answered 404") && log.contains("id=abc-123"), "{log}");
    for hidden in [secret.as_str(), server.keys.service_role_key.expose(), "apikey", "forged"] {
        assert!(!log.contains(hidden), "{hidden} in {log}");
    }
    server.stop().await;
}

/// [47] A head is bounded before anything in it is read; [46] a body too.
#[tokio::test]
async fn heads_and_bodies_have_a_size() {
    let project = folder();
    let settings = Settings { body_limit: Size(1000), ..Settings::default() };
    let server = Running::ephemeral(project.path(), settings).await;
    let dots = format!("Bearer {}", ".".repeat(200_000));
    // Refused before all of it was read, so that the answer may be lost with the connection.
    let refused = server.get("/rest/v1/x", &[("Authorization", &dots)]).await;
    assert!(matches!(refused.status, 431 | 0), "{refused:?}");
    let dots = format!("Bearer {}", ".".repeat(20_000));
    let refused = server.get("/rest/v1/x", &[("Authorization", &dots)]).await;
    assert_eq!(refused.status, 401, "{refused:?}");
    let large = server.ask("POST", "/rest/v1/x", &[], &"x".repeat(1001)).await;
    assert_eq!((large.status, large.header("content-type")), (413, "application/problem+json"));
    // One that does not say its size is cut off all the same.
    let chunk = format!("3e9\r\n{}\r\n0\r\n\r\n", "x".repeat(1001));
    let head = "POST /rest/v1/x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n";
    let unsaid = server.raw(format!("{head}{chunk}").as_bytes()).await;
    assert_eq!(unsaid.status, 413, "{unsaid:?}");
    server.stop().await;
}

/// A page whose name was made to resolve to loopback sends that name.
#[tokio::test]
async fn with_the_well_known_keys_only_this_machine_is_addressed() {
    let project = folder();
    let server = Running::ephemeral(project.path(), dev()).await;
    let port = server.address.port();
    for path in ["/", "/health", "/rest/v1/", "/_bedplate/overview"] {
        for host in ["evil.example", "localhost.evil.example", "10.0.0.1", "", "127.0.0.1@evil.example"] {
            let answer = server.get(path, &[("Host", host)]).await;
            assert!(matches!(answer.status, 421 | 400), "{host:?} {path}: {answer:?}");
        }
        for host in ["localhost", "127.0.0.1", "[::1]"] {
            let answer = server.get(path, &[("Host", &format!("{host}:{port}"))]).await;
            assert_ne!(answer.status, 421, "{host} {path}: {answer:?}");
        }
        // The target's own authority counts as well as the header.
        let request =
            format!("GET http://evil.example{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        assert_eq!(server.raw(request.as_bytes()).await.status, 421, "{path}");
    }
    assert_eq!(server.raw(b"GET /health HTTP/1.0\r\n\r\n").await.status, 421);
    server.stop().await;
}

#[tokio::test]
async fn with_keys_of_its_own_any_name_will_do() {
    let project = folder();
    let server = Running::ephemeral(project.path(), Settings::default()).await;
    assert!(!server.keys.well_known);
    assert_eq!(server.get("/health", &[("Host", "api.example.com")]).await.status, 200);
    server.stop().await;
}

/// Any page that the developer has open could send the key that everybody knows.
#[tokio::test]
async fn the_well_known_service_key_is_not_for_pages_of_elsewhere() {
    let project = folder();
    let server = Running::ephemeral(project.path(), dev()).await;
    let keys = server.keys.clone();
    let bearer = |token: &str| ("Authorization".to_owned(), format!("Bearer {token}"));
    let above = [
        ("apikey".to_owned(), keys.secret_key.expose().to_owned()),
        bearer(keys.service_role_key.expose()),
        bearer(&minted(&keys, "service_role")),
        bearer(&minted(&keys, "postgres")),
        bearer(keys.secret_key.expose()),
    ];
    for (name, value) in &above {
        for origin in ["https://evil.example", "null", "http://localhost.evil.example", "file://"] {
            let answer = server.get("/rest/v1/x", &[(name, value), ("Origin", origin)]).await;
            assert_eq!(answer.status, 403, "{name}: {value} from {origin}: {answer:?}");
        }
    }
    let (name, value) = &above[0];
    for origin in ["http://localhost:3000", "http://127.0.0.1:5173", "http://[::1]:8080"] {
        let answer = server.get("/rest/v1/x", &[(name, value), ("Origin", origin)]).await;
        assert_eq!(answer.json()["code"], "PGRST205", "{origin}");
    }
    assert_eq!(server.get("/rest/v1/x", &[(name, value)]).await.json()["code"], "PGRST205");
    // A user's token and the publishable key are for pages anywhere.
    let user = bearer(&minted(&keys, "authenticated"));
    for (name, value) in [user, ("apikey".into(), keys.publishable_key.clone())] {
        let answer = server.get("/rest/v1/x", &[(&name, &value), ("Origin", "https://app.example")]).await;
        assert_eq!(answer.json()["code"], "PGRST205", "{name}: {answer:?}");
    }
    server.stop().await;
}

fn minted(keys: &server::keys::ProjectKeys, role: &str) -> String {
    let request = server::keys::TokenRequest {
        role: role.into(),
        subject: None,
        claims: serde_json::Map::new(),
        issuer: "test".into(),
        expires_in: std::time::Duration::from_secs(60),
    };
    request.sign(keys, server::identifier::unix_milliseconds() / 1000)
}

#[tokio::test]
async fn off_loopback_dev_makes_keys_of_its_own() {
    let project = folder();
    let everywhere = Some("0.0.0.0:0".parse().expect("an address"));
    let server = Running::ephemeral(project.path(), Settings { listen: everywhere, ..dev() }).await;
    assert!(!server.keys.well_known);
    assert_eq!(server.get("/health", &[("Host", "dev.example.com")]).await.status, 200);
    // Nor may the public secret come in by another way.
    let secret = Some(Secret::new(server::keys::WELL_KNOWN_JWT_SECRET));
    let settings =
        Settings { listen: everywhere, jwt_secret: secret, ephemeral: true, ..Settings::default() };
    let refused = Running::start(project.path(), settings).await;
    assert!(refused.err().expect("a refusal").contains("public"));
    server.stop().await;
}

/// Deny by default: the overview holds keys.
#[tokio::test]
async fn the_overview_is_for_the_operator_only() {
    let project = folder();
    let server = Running::ephemeral(project.path(), Settings::default()).await;
    let keys = server.keys.clone();
    let user = format!("Bearer {}", minted(&keys, "authenticated"));
    let anon = format!("Bearer {}", keys.anon_key);
    let service = format!("Bearer {}", keys.service_role_key.expose());
    let doors = [("GET", "/_bedplate/overview"), ("POST", "/_bedplate/token"), ("POST", "/_bedplate/check")];
    for (method, path) in doors {
        for headers in [
            vec![],
            vec![("apikey", keys.publishable_key.as_str())],
            vec![("Authorization", user.as_str())],
            vec![("Authorization", anon.as_str())],
            vec![("apikey", "sb_secret_wrong")],
            vec![("X-Forwarded-For", "127.0.0.1")],
        ] {
            let answer = server.ask(method, path, &headers, "{}").await;
            assert_eq!(answer.status, 401, "{method} {path} {headers:?}: {answer:?}");
            assert!(!answer.body.contains("sb_secret_"));
        }
    }
    for header in [("apikey", keys.secret_key.expose()), ("Authorization", service.as_str())] {
        assert_eq!(server.get("/_bedplate/overview", &[header]).await.status, 200);
    }
    server.stop().await;
}

#[tokio::test]
async fn with_dev_whoever_sits_here_sees_the_overview() {
    let project = folder();
    let server = Running::ephemeral(project.path(), dev()).await;
    let overview = server.get("/_bedplate/overview", &[]).await;
    assert_eq!(overview.status, 200, "{overview:?}");
    assert_eq!(overview.json()["keys"]["publishable_key"], server.keys.publishable_key.as_str());
    assert_eq!(overview.header("cache-control"), "no-store");
    assert_eq!(overview.header("access-control-allow-origin"), "");
    // Through a proxy it is somebody else who asks, and a page of elsewhere is not the developer.
    for header in [
        ("X-Forwarded-For", "203.0.113.9"),
        ("Forwarded", "for=203.0.113.9"),
        ("X-Real-IP", "203.0.113.9"),
        ("Origin", "https://evil.example"),
        ("Origin", "null"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
    ] {
        assert_eq!(server.get("/_bedplate/overview", &[header]).await.status, 401, "{header:?}");
        assert_eq!(server.ask("POST", "/_bedplate/token", &[header], "{}").await.status, 401, "{header:?}");
    }
    let sub = "8d0fd2b3-9ca7-4d9e-a95f-9e13dded323e";
    let minted = server.ask("POST", "/_bedplate/token", &[], &format!(r#"{{"sub":"{sub}"}}"#)).await;
    let token = minted.json()["token"].as_str().expect("a token").to_owned();
    let caller = server.keyring.doors().verify(&token, std::time::SystemTime::now()).expect("a valid token");
    assert_eq!(&**caller.role(), "authenticated");
    assert_eq!(caller.claims().get("sub").and_then(|sub| sub.as_str()), Some(sub));
    for body in ["", "{}", r#"{"sub":"admin"}"#, "[]"] {
        assert_eq!(server.ask("POST", "/_bedplate/token", &[], body).await.status, 400, "{body}");
    }
    server.stop().await;
}

/// [44] What a client says of its address counts only through a proxy that is listed.
#[tokio::test]
async fn the_caller_s_address_is_the_peer_s() {
    let project = folder();
    let server = Running::ephemeral(project.path(), Settings::default()).await;
    server.get("/nope", &[("X-Forwarded-For", "203.0.113.9")]).await;
    assert!(server.log().contains("to 127.0.0.1 "), "{}", server.log());
    server.stop().await;
    let settings = Settings { trusted_proxies: vec!["127.0.0.0/8".into()], ..Settings::default() };
    let server = Running::ephemeral(project.path(), settings).await;
    server.get("/nope", &[("X-Forwarded-For", "127.0.0.1, 203.0.113.9")]).await;
    assert!(server.log().contains("to 203.0.113.9 "), "{}", server.log());
    // A proxy that adds a line instead of a word: the client's own line, the first, counts for nothing.
    let lines = [("X-Forwarded-For", "198.51.100.1"), ("X-Forwarded-For", "203.0.113.8")];
    server.get("/nope", &lines).await;
    assert!(server.log().contains("to 203.0.113.8 "), "{}", server.log());
    assert!(!server.log().contains("198.51.100.1"), "{}", server.log());
    server.stop().await;
}

/// [43] Other origins read the API's answers without credentials, and nothing else.
#[tokio::test]
async fn other_origins_read_the_api_only() {
    let project = folder();
    let server = Running::ephemeral(project.path(), Settings::default()).await;
    let origin = ("Origin", "https://app.example");
    let api = server.get("/rest/v1/", &[origin]).await;
    assert_eq!(api.header("access-control-allow-origin"), "*");
    assert_eq!(api.header("access-control-allow-credentials"), "");
    for path in ["/", "/health", "/ready", "/_bedplate/overview", "/nope"] {
        assert_eq!(server.get(path, &[origin]).await.header("access-control-allow-origin"), "", "{path}");
    }
    let preflight = [
        origin,
        ("Access-Control-Request-Method", "POST"),
        ("Access-Control-Request-Headers", "apikey,prefer"),
    ];
    let answer = server.ask("OPTIONS", "/rest/v1/notes", &preflight, "").await;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("access-control-allow-headers"),
        "Authorization, apikey, prefer, Accept, Accept-Language, Content-Language"
    );
    let elsewhere = server.ask("OPTIONS", "/_bedplate/overview", &preflight, "").await;
    assert_eq!((elsewhere.status, elsewhere.header("access-control-allow-origin")), (405, ""));
    server.stop().await;

    let settings = Settings { api_cors_origins: vec!["https://app.example".into()], ..Settings::default() };
    let server = Running::ephemeral(project.path(), settings).await;
    assert_eq!(
        server.get("/rest/v1/", &[origin]).await.header("access-control-allow-origin"),
        "https://app.example"
    );
    let other = server.get("/rest/v1/", &[("Origin", "https://evil.example")]).await;
    assert_eq!(other.header("access-control-allow-origin"), "");
    server.stop().await;
}

/// [43] What the page may do is pinned: a header that goes missing breaks this.
#[tokio::test]
async fn the_page_loads_nothing_from_anywhere() {
    let project = folder();
    let server = Running::ephemeral(project.path(), Settings::default()).await;
    let page = server.get("/", &[]).await;
    assert_eq!(page.status, 200);
    let policy: BTreeSet<&str> = page.header("content-security-policy").split("; ").collect();
    for part in [
        "default-src 'none'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(part), "{part} in {policy:?}");
    }
    assert!(!page.header("content-security-policy").contains("unsafe"));
    for (name, value) in [
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
    ] {
        assert_eq!(page.header(name), value, "{name}");
    }
    for outside in ["src=\"http", "href=\"http", "@import", "url(http", " style=\"", "onclick=\""] {
        assert!(!page.body.contains(outside), "{outside}");
    }
    assert!(!page.body.contains("sb_secret_N7"), "the page itself holds no key");
    server.stop().await;
}

#[tokio::test]
async fn a_large_answer_is_compressed_for_who_asks() {
    let project = folder();
    let server = Running::ephemeral(project.path(), Settings::default()).await;
    let plain = server.get("/", &[]).await;
    assert_eq!(plain.header("content-encoding"), "");
    for encoding in ["gzip", "zstd"] {
        let packed = server.get("/", &[("Accept-Encoding", encoding)]).await;
        assert_eq!(packed.header("content-encoding"), encoding);
        assert!(packed.body.len() < plain.body.len());
    }
    server.stop().await;
}

/// [29] A new table without row security is nobody's but the service's, until somebody opens it. [24] Nor is a system's own.
async fn a_table_is_closed_until_it_is_opened(engine: EngineChoice) {
    let project = folder();
    let migration = "create table closed (id int); insert into closed values (1);\n\
                     create table granted (id int); grant select on granted to anon; insert into granted values (2);\n\
                     create table named (id int); insert into named values (3);\n\
                     create table guarded (id int); alter table guarded enable row level security; insert into guarded values (4);\n";
    std::fs::create_dir(project.path().join("migrations")).expect("a folder");
    std::fs::write(project.path().join("migrations/1_tables.sql"), migration).expect("a file");
    let settings = Settings { engine, api_open_tables: vec!["named".into()], ..Settings::default() };
    let server = Running::ephemeral(project.path(), settings).await;
    let anon = ("apikey", server.keys.publishable_key.as_str());
    let closed = server.get("/rest/v1/closed", &[anon]).await;
    assert_eq!((closed.status, closed.json()["code"].as_str()), (404, Some("PGRST205")), "{closed:?}");
    assert!(closed.json()["hint"].as_str().is_some_and(|hint| !hint.is_empty()), "{closed:?}");
    for (path, rows) in [("granted", r#"[{"id":2}]"#), ("named", r#"[{"id":3}]"#), ("guarded", "[]")] {
        let answer = server.get(&format!("/rest/v1/{path}"), &[anon]).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, rows), "{path}");
    }
    for (schema, table) in
        [("bedplate", "secrets"), ("auth", "users"), ("storage", "objects"), ("pg_catalog", "pg_authid")]
    {
        let answer = server.get(&format!("/rest/v1/{table}"), &[anon, ("Accept-Profile", schema)]).await;
        assert_eq!(
            (answer.status, answer.json()["code"].as_str()),
            (406, Some("PGRST106")),
            "{schema}.{table}: {answer:?}"
        );
        assert_eq!(server.get(&format!("/rest/v1/{table}"), &[anon]).await.status, 404);
    }
    // [48] What the caller may not know stays in.
    let broken = server.get("/rest/v1/named?id=eq.x", &[anon]).await;
    assert_eq!(broken.status, 400);
    for inside in ["sqlite", "/tmp", "src/", "panicked", "json_agg"] {
        assert!(!broken.body.to_lowercase().contains(inside), "{broken:?}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_table_is_closed_until_it_is_opened_on_the_embedded_engine() {
    a_table_is_closed_until_it_is_opened(EngineChoice::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_closed_until_it_is_opened_on_postgresql() {
    a_table_is_closed_until_it_is_opened(EngineChoice::Postgres).await;
}
