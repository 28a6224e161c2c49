//! What administrators do to users.

use super::{Accounts, on_both_engines, refusal, text};
use crate::harness::Answer;
use serde_json::{Value, json};
use server::configuration::Settings;

async fn sign_in(accounts: &Accounts, email: &str, password: &str) -> Answer {
    accounts.post("/token?grant_type=password", &json!({"email": email, "password": password})).await
}

async fn make(accounts: &Accounts, body: Value) -> Answer {
    let answer = accounts.as_admin("POST", "/admin/users", &body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer
}

/// The actions of the audit log, the oldest first, with who did them.
async fn actions(accounts: &Accounts) -> Vec<(String, String)> {
    let rows = accounts
        .sql(
            "select payload ->> 'action', payload ->> 'actor_username' from auth.audit_log_entries order by created_at, id",
            &[],
        )
        .await;
    rows.into_iter().map(|row| (row[0].clone(), row[1].clone())).collect()
}

#[tokio::test]
async fn users_are_made_changed_and_deleted() {
    on_both_engines(Settings::default(), async |accounts| {
        creation(accounts).await;
        changes(accounts).await;
        deletions(accounts).await;
        pages(accounts).await;
    })
    .await;
}

async fn creation(accounts: &Accounts) {
    let id = "8d0fd2b3-9ca7-4d9e-a95f-9e13dded323e";
    let ada = make(
        accounts,
        json!({"id": id, "email": "Ada@Example.com", "password": "correct horse", "email_confirm": true, "role": null,
            "user_metadata": {"full_name": "Ada L", "dropped": null}, "app_metadata": {"plan": "pro"}}),
    )
    .await
    .json();
    assert_eq!(ada["id"], id);
    assert_eq!(ada["email"], "ada@example.com");
    assert_eq!((&ada["aud"], &ada["role"]), (&json!("authenticated"), &json!("authenticated")));
    assert_eq!(ada["user_metadata"], json!({"full_name": "Ada L", "email_verified": true}));
    assert_eq!(ada["app_metadata"], json!({"plan": "pro", "provider": "email", "providers": ["email"]}));
    assert!(ada["email_confirmed_at"].is_string());
    assert_eq!(ada["identities"][0]["provider"], "email");
    assert_eq!(ada["identities"][0]["id"], id);
    assert_eq!(ada["identities"][0]["identity_data"]["email"], "ada@example.com");
    assert_eq!(sign_in(accounts, "ada@example.com", "correct horse").await.status, 200);

    // Imported: bcrypt of "password" by another program.
    let hash = "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy";
    let bob = json!({"email": "bob@example.com", "password_hash": hash, "email_confirm": true,
        "phone": "+49 30 1234567", "ban_duration": "none"});
    let bob = make(accounts, bob).await.json();
    assert_eq!(bob["phone"], "49301234567");
    assert_eq!(bob["app_metadata"]["providers"], json!(["email", "phone"]));
    assert_eq!(bob["identities"].as_array().map(Vec::len), Some(2));

    for (body, expected) in [
        (json!({}), (400, "validation_failed")),
        (json!({"email": "no address"}), (400, "validation_failed")),
        (json!({"email": "ADA@example.com"}), (422, "email_exists")),
        (json!({"phone": "49301234567"}), (422, "phone_exists")),
        (json!({"phone": "12x"}), (400, "validation_failed")),
        (json!({"email": "c@x.y", "id": "7"}), (400, "validation_failed")),
        (json!({"email": "c@x.y", "id": "00000000-0000-0000-0000-000000000000"}), (400, "validation_failed")),
        (json!({"email": "c@x.y", "id": id}), (422, "user_already_exists")),
        (json!({"email": "c@x.y", "password": "p", "password_hash": hash}), (400, "validation_failed")),
        (json!({"email": "c@x.y", "password_hash": "md5:1"}), (400, "validation_failed")),
        (json!({"email": "c@x.y", "password": "a".repeat(73)}), (400, "validation_failed")),
        (json!({"email": "c@x.y", "ban_duration": "1 day"}), (400, "validation_failed")),
        (json!({"email": "c@x.y", "role": "r".repeat(300)}), (400, "validation_failed")),
        (json!({"email": "c@x.y", "user_metadata": [1]}), (400, "bad_json")),
        (json!({"email": "c@x.y", "user_metadata": {"a": "\u{0}"}}), (400, "validation_failed")),
    ] {
        let answer = accounts.as_admin("POST", "/admin/users", &body).await;
        assert_eq!(refusal(&answer), (expected.0, expected.1.to_owned()), "{body} {answer:?}");
    }
    assert_eq!(accounts.value("select count(*) from auth.users", &[]).await, "2");
    let log = actions(accounts).await;
    let made = log.iter().filter(|(action, _)| action == "user_signedup").collect::<Vec<_>>();
    assert_eq!(made, [&("user_signedup".to_owned(), "service_role".to_owned()); 2]);
}

async fn changes(accounts: &Accounts) {
    let id = text(
        &make(
            accounts,
            json!({"email": "eve@example.com", "password": "correct horse", "email_confirm": true,
        "user_metadata": {"a": 1, "b": 2}}),
        )
        .await,
        "id",
    );
    let path = format!("/admin/users/{id}");
    let sessions = "select count(*) from auth.sessions where user_id = $1::uuid";
    let session = sign_in(accounts, "eve@example.com", "correct horse").await;
    let (access, refresh) = (text(&session, "access_token"), text(&session, "refresh_token"));

    // Metadata is merged; what is null goes.
    let body =
        json!({"user_metadata": {"b": null, "c": 3}, "app_metadata": {"plan": "pro"}, "role": "editor"});
    let eve = accounts.as_admin("PUT", &path, &body).await.json();
    assert_eq!(eve["user_metadata"], json!({"a": 1, "c": 3, "email_verified": true}));
    assert_eq!(eve["app_metadata"], json!({"plan": "pro", "provider": "email", "providers": ["email"]}));
    assert_eq!(eve["role"], "editor");
    assert_eq!(accounts.value(sessions, &[&id]).await, "1");

    // A new address is hers; what was mailed to the old one is worth nothing.
    accounts.sql("update auth.users set recovery_token = 'mailed' where id = $1::uuid", &[&id]).await;
    let eve = accounts
        .as_admin("PUT", &path, &json!({"email": "Eve@New.example", "email_confirm": true}))
        .await
        .json();
    assert_eq!(eve["email"], "eve@new.example");
    assert_eq!(eve["identities"][0]["email"], "eve@new.example");
    assert_eq!(accounts.value("select recovery_token from auth.users where id = $1::uuid", &[&id]).await, "");
    let taken = accounts.as_admin("PUT", &path, &json!({"email": "ada@example.com"})).await;
    assert_eq!(refusal(&taken), (422, "email_exists".into()));

    // A ban ends all at once.
    let banned = accounts.as_admin("PUT", &path, &json!({"ban_duration": "1h30m"})).await;
    assert!(banned.json()["banned_until"].is_string(), "{banned:?}");
    assert_eq!(accounts.value(sessions, &[&id]).await, "0");
    assert_ne!(accounts.with_token("GET", "/user", &access, &Value::Null).await.status, 200);
    let renewed = accounts.post("/token?grant_type=refresh_token", &json!({"refresh_token": refresh})).await;
    assert_eq!(renewed.status, 400, "{renewed:?}");
    let refused = sign_in(accounts, "eve@new.example", "correct horse").await;
    assert_eq!(refusal(&refused), (400, "user_banned".into()));
    let lifted = accounts.as_admin("PUT", &path, &json!({"ban_duration": "none"})).await;
    assert!(lifted.json()["banned_until"].is_null(), "{lifted:?}");

    // So does a new password.
    let session = sign_in(accounts, "eve@new.example", "correct horse").await;
    let access = text(&session, "access_token");
    let weak = accounts.as_admin("PUT", &path, &json!({"password": "short"})).await;
    assert_eq!(refusal(&weak), (422, "weak_password".into()));
    assert_eq!(accounts.as_admin("PUT", &path, &json!({"password": "battery staple"})).await.status, 200);
    let gone = accounts.with_token("GET", "/user", &access, &Value::Null).await;
    assert_eq!(refusal(&gone), (403, "session_not_found".into()));
    assert_eq!(
        refusal(&sign_in(accounts, "eve@new.example", "correct horse").await),
        (400, "invalid_credentials".into())
    );
    assert_eq!(sign_in(accounts, "eve@new.example", "battery staple").await.status, 200);

    // A telephone number is a further way to be known.
    let eve = accounts
        .as_admin("PUT", &path, &json!({"phone": "+49 30 7654321", "phone_confirm": true}))
        .await
        .json();
    assert_eq!(eve["app_metadata"]["providers"], json!(["email", "phone"]));
    assert_eq!(eve["identities"][1]["identity_data"]["phone_verified"], true);
    assert!(eve["phone_confirmed_at"].is_string());

    // Ids are of one form.
    for (id, code) in [
        ("7", "validation_failed"),
        ("%2e%2e%2faudit", "validation_failed"),
        ("..%2Faudit", "validation_failed"),
        ("%2e%2e", "validation_failed"),
        ("%ff", "validation_failed"),
        ("{8d0fd2b3-9ca7-4d9e-a95f-9e13dded323e}", "validation_failed"),
        ("8d0fd2b39ca74d9ea95f9e13dded323e", "validation_failed"),
        ("../audit", "validation_failed"),
        ("00000000-0000-4000-8000-000000000000", "user_not_found"),
    ] {
        for method in ["GET", "PUT", "DELETE"] {
            let body = if method == "PUT" { json!({}) } else { Value::Null };
            let answer = accounts.as_admin(method, &format!("/admin/users/{id}"), &body).await;
            assert_eq!(refusal(&answer), (404, code.to_owned()), "{method} {id} {answer:?}");
        }
    }
}

async fn deletions(accounts: &Accounts) {
    let mut ids = Vec::new();
    let mut tokens = Vec::new();
    for name in ["hard", "soft"] {
        let body = json!({"email": format!("{name}@example.com"), "password": "correct horse", "email_confirm": true,
            "phone": if name == "hard" { "4917111" } else { "4917222" }});
        ids.push(text(&make(accounts, body).await, "id"));
        let session = sign_in(accounts, &format!("{name}@example.com"), "correct horse").await;
        tokens.push((text(&session, "access_token"), text(&session, "refresh_token")));
        accounts
            .sql(
                "insert into auth.mfa_factors (id, user_id, friendly_name, factor_type, status, created_at, updated_at, secret) \
                 values (gen_random_uuid(), $1::uuid, 'phone', 'totp', 'verified', now(), now(), 'SECRET-OF-A-FACTOR')",
                &[&ids[ids.len() - 1]],
            )
            .await;
    }
    let factors = accounts.as_admin("GET", &format!("/admin/users/{}/factors", ids[0]), &Value::Null).await;
    assert!(!factors.body.contains("SECRET"), "{factors:?}");
    let factor = factors.json()[0]["id"].as_str().expect("an id").to_owned();
    let removed =
        accounts.as_admin("DELETE", &format!("/admin/users/{}/factors/{factor}", ids[0]), &Value::Null).await;
    assert_eq!((removed.status, &removed.json()["id"]), (200, &json!(factor)));
    let again =
        accounts.as_admin("DELETE", &format!("/admin/users/{}/factors/{factor}", ids[0]), &Value::Null).await;
    assert_eq!(refusal(&again), (404, "mfa_factor_not_found".into()));

    let hard = accounts.as_admin("DELETE", &format!("/admin/users/{}", ids[0]), &Value::Null).await;
    assert_eq!((hard.status, hard.json()), (200, json!({})), "{hard:?}");
    let again = accounts.as_admin("DELETE", &format!("/admin/users/{}", ids[0]), &Value::Null).await;
    assert_eq!(refusal(&again), (404, "user_not_found".into()));
    let soft = format!("/admin/users/{}", ids[1]);
    for _ in 0..2 {
        let answer = accounts.as_admin("DELETE", &soft, &json!({"should_soft_delete": true})).await;
        assert_eq!((answer.status, answer.json()), (200, json!({})), "{answer:?}");
    }
    let kept = accounts.as_admin("GET", &soft, &Value::Null).await.json();
    assert!(kept["deleted_at"].is_string());
    assert_eq!((&kept["user_metadata"], &kept["app_metadata"]), (&json!({}), &json!({})));
    assert_eq!(kept["email"].as_str().map(str::len), Some(43));
    let everything = accounts
        .sql(
            "select u.email || u.phone || coalesce(u.encrypted_password, '') || u.raw_user_meta_data::text, \
             i.identity_data::text || i.provider_id from auth.users u join auth.identities i on i.user_id = u.id \
             where u.id = $1::uuid",
            &[&ids[1]],
        )
        .await;
    assert!(!format!("{everything:?}").contains("soft@example.com"), "{everything:?}");
    assert!(!format!("{everything:?}").contains("4917222"), "{everything:?}");
    for (access, refresh) in &tokens {
        let gone = accounts.with_token("GET", "/user", access, &Value::Null).await;
        assert_eq!(gone.status, 403, "{gone:?}");
        let gone = accounts.post("/token?grant_type=refresh_token", &json!({"refresh_token": refresh})).await;
        assert_eq!(gone.status, 400, "{gone:?}");
    }
    for table in ["sessions", "mfa_factors"] {
        let count =
            format!("select count(*) from auth.{table} where user_id = $1::uuid or user_id = $2::uuid");
        assert_eq!(accounts.value(&count, &[&ids[0], &ids[1]]).await, "0", "{table}");
    }
    let tokens = "select count(*) from auth.refresh_tokens where user_id = $1 or user_id = $2";
    assert_eq!(accounts.value(tokens, &[&ids[0], &ids[1]]).await, "0");
    // The address is free again.
    make(accounts, json!({"email": "soft@example.com"})).await;
    let log = actions(accounts).await;
    assert_eq!(log.iter().filter(|(action, _)| action == "user_deleted").count(), 3);
    assert!(log.iter().any(|entry| *entry == ("factor_deleted".into(), "service_role".into())));

    // A row of the project that refers to a user, and must not go with it.
    accounts
        .sql("create table public.orders (id bigint primary key, owner uuid references auth.users (id))", &[])
        .await;
    let owner = text(&make(accounts, json!({"email": "owner@example.com"})).await, "id");
    accounts.sql("insert into public.orders values (1, $1::uuid)", &[&owner]).await;
    let refused = accounts.as_admin("DELETE", &format!("/admin/users/{owner}"), &Value::Null).await;
    assert_eq!(refusal(&refused), (409, "conflict".into()));
    assert!(refused.body.contains("orders"), "{refused:?}");
}

async fn pages(accounts: &Accounts) {
    accounts.sql("truncate public.orders", &[]).await;
    accounts.sql("delete from auth.users", &[]).await;
    for at in 0..7 {
        let name = if at == 3 { "Grace H" } else { "Somebody" };
        make(accounts, json!({"email": format!("u{at}@example.com"), "user_metadata": {"full_name": name}}))
            .await;
        accounts
            .sql(
                "update auth.users set created_at = '2026-01-01 00:00:00+00'::timestamptz + $1::int4 * interval '1 hour' \
                 where email = $2",
                // Two of the same moment.
                &[&(if at == 6 { 5 } else { at }).to_string(), &format!("u{at}@example.com")],
            )
            .await;
    }
    let list =
        async |query: &str| accounts.as_admin("GET", &format!("/admin/users{query}"), &Value::Null).await;
    let names = |answer: &Answer| -> Vec<String> {
        let json = answer.json();
        let users = json["users"].as_array().unwrap_or_else(|| panic!("no users: {answer:?}"));
        users.iter().map(|user| user["email"].as_str().unwrap_or_default()[..2].to_owned()).collect()
    };
    let all = list("").await;
    assert_eq!(names(&all).len(), 7);
    assert_eq!(all.json()["aud"], "authenticated");
    assert_eq!(all.json()["users"][6]["identities"][0]["provider"], "email");
    assert_eq!(all.header("x-total-count"), "7");
    let first = list("?page=1&per_page=3").await;
    let url = format!("http://{}/auth/v1/admin/users", accounts.server.address);
    assert_eq!(
        first.header("link"),
        format!("<{url}?page=2&per_page=3>; rel=\"next\", <{url}?page=3&per_page=3>; rel=\"last\"")
    );
    let last = list("?page=3&per_page=3").await;
    assert_eq!(names(&last), ["u0"]);
    assert_eq!(last.header("link"), format!("<{url}?page=3&per_page=3>; rel=\"last\""));
    assert_eq!(names(&list("?page=9&per_page=3").await), Vec::<String>::new());
    assert_eq!(names(&list("?page=18446744073709551615&per_page=10000").await), Vec::<String>::new());
    assert_eq!(names(&list("?sort=created_at+asc&per_page=2").await), ["u0", "u1"]);
    assert_eq!(names(&list("?filter=GRACE").await), ["u3"]);
    assert_eq!(names(&list("?filter=u4%40").await), ["u4"]);
    assert_eq!(names(&list("?filter=%25").await), Vec::<String>::new());
    let id = list("?filter=u2%40").await.json()["users"][0]["id"].as_str().expect("an id").to_owned();
    assert_eq!(names(&list(&format!("?filter={id}")).await), ["u2"]);
    for bad in [
        "?page=x",
        "?per_page=0",
        "?per_page=-1",
        "?page=%2B1",
        "?per_page=10001",
        "?sort=email",
        "?sort=created_at+up",
        "?cursor=zz&limit=2",
        "?limit=0",
    ] {
        assert_eq!(refusal(&list(bad).await), (400, "validation_failed".into()), "{bad}");
    }
    // By cursor: every user once, whatever the order.
    for sort in ["asc", "desc"] {
        let mut seen = Vec::new();
        let mut query = format!("?limit=2&sort=created_at+{sort}");
        for _ in 0..4 {
            let answer = list(&query).await;
            seen.extend(names(&answer));
            let json = answer.json();
            match json["pagination"]["next_cursor"].as_str() {
                Some(cursor) => query = format!("?limit=2&sort=created_at+{sort}&cursor={cursor}"),
                None => assert_eq!(json["pagination"], json!({"has_more": false})),
            }
        }
        let mut sorted = seen.clone();
        sorted.sort();
        sorted.dedup();
        assert_eq!((seen.len(), sorted.len()), (7, 7), "{seen:?}");
        assert_eq!(seen[if sort == "asc" { 0 } else { 6 }], "u0");
    }
    // Users of another audience are another list.
    let others = accounts
        .ask(
            "GET",
            "/admin/users",
            &[("apikey", accounts.server.keys.secret_key.expose()), ("x-jwt-aud", "others")],
            &Value::Null,
        )
        .await;
    assert_eq!((others.json()["aud"].clone(), names(&others).len()), (json!("others"), 0));

    let audit =
        accounts.as_admin("GET", "/admin/audit?query=action:user_signedup&per_page=2", &Value::Null).await;
    assert_eq!(audit.status, 200, "{audit:?}");
    assert_eq!(audit.json().as_array().map(Vec::len), Some(2));
    assert_eq!(audit.json()[0]["payload"]["actor_username"], "service_role");
    assert_eq!(audit.json()[0]["payload"]["traits"]["user_email"], "u6@example.com");
    assert!(audit.header("x-total-count").parse::<u64>().expect("a number") >= 7);
    let none = accounts.as_admin("GET", "/admin/audit?query=author:nobody", &Value::Null).await;
    assert_eq!(none.json(), json!([]));
    let bad = accounts.as_admin("GET", "/admin/audit?query=payload:x", &Value::Null).await;
    assert_eq!(refusal(&bad), (400, "validation_failed".into()));
}
