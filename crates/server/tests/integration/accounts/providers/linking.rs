//! Whose account somebody from a provider has.

use super::*;

/// Signs up by password without confirming, as somebody who knows nothing but the address.
async fn register(accounts: &Accounts, email: &str, password: &str) {
    let answer = accounts
        .post("/signup", &json!({"email": email, "password": password, "data": {"note": "planted"}}))
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

async fn password(accounts: &Accounts, email: &str, password: &str) -> Answer {
    accounts.post("/token?grant_type=password", &json!({"email": email, "password": password})).await
}

#[tokio::test]
async fn a_verified_address_of_a_confirmed_user_links() {
    let provider = Provider::start(false);
    on_both_engines(settings(&provider), async |accounts| {
        let id = accounts.import_user("ada@example.com", "correct horse").await;
        let user = accounts.user(&accounts.signed_in(&provider, "s-1|ADA@example.com|true").await).await;
        assert_eq!(user["id"], json!(id));
        assert_eq!(user["app_metadata"], json!({"provider": "email", "providers": ["email", "custom:acme"]}));
        assert_eq!(user["identities"].as_array().expect("identities").len(), 2);
        // Both ways in stand.
        assert_eq!(password(accounts, "ada@example.com", "correct horse").await.status, 200);
        let linked = accounts
            .value(
                "select count(*) from auth.audit_log_entries where payload->>'action' = 'identity_linked'",
                &[],
            )
            .await;
        assert_eq!(linked, "1");
        // Later the address at the provider is another one: the identity is still theirs, and their own address stays.
        let user = accounts.user(&accounts.signed_in(&provider, "s-1|other@example.com|true").await).await;
        assert_eq!((&user["id"], &user["email"]), (&json!(id), &json!("ada@example.com")));
    })
    .await;
}

#[tokio::test]
async fn attack_02_who_registered_an_address_before_its_owner_is_out() {
    let provider = Provider::start(false);
    on_both_engines(settings(&provider), async |accounts| {
        register(accounts, "victim@example.com", "attacker's password").await;
        let id = accounts.value("select id from auth.users", &[]).await;
        // What an attacker could have left behind: a session, a second identity, a second factor, a pending change, a link under way.
        for statement in [
            "insert into auth.sessions (id, user_id, created_at, updated_at) values (gen_random_uuid(), $1::uuid, now(), now())",
            "insert into auth.identities (provider_id, user_id, identity_data, provider, created_at, updated_at) \
             values ('planted', $1::uuid, '{\"sub\":\"planted\"}', 'github', now(), now())",
            "insert into auth.mfa_factors (id, user_id, factor_type, status, created_at, updated_at, secret) \
             values (gen_random_uuid(), $1::uuid, 'totp', 'verified', now(), now(), 'x')",
            "insert into auth.flow_state (id, provider_type, authentication_method, linking_target_id, created_at) \
             values (gen_random_uuid(), 'github', 'oauth', $1::uuid, now())",
            "update auth.users set email_change = 'attacker@example.com', recovery_token = 'hash' where id = $1::uuid",
        ] {
            accounts.sql(statement, &[&id]).await;
        }
        let user = accounts.user(&accounts.signed_in(&provider, "s-1|victim@example.com|true").await).await;
        assert_eq!((&user["id"], &user["email"]), (&json!(id), &json!("victim@example.com")));
        assert!(user["email_confirmed_at"].is_string());
        assert_eq!(user["app_metadata"], json!({"provider": "custom:acme", "providers": ["custom:acme"]}));
        let identities: Vec<&Value> = user["identities"].as_array().expect("identities").iter().map(|own| &own["provider"]).collect();
        assert_eq!(identities, [&json!("custom:acme")]);
        assert!(!user.to_string().contains("planted") && user.get("new_email").is_none(), "{user}");
        assert_eq!(refusal(&password(accounts, "victim@example.com", "attacker's password").await), (400, "invalid_credentials".into()));
        for (table, left) in [("sessions", 1), ("mfa_factors", 0), ("one_time_tokens", 0), ("flow_state", 0)] {
            assert_eq!(accounts.count(&format!("auth.{table}")).await, left, "{table}");
        }
        assert_eq!(accounts.value("select recovery_token || confirmation_token from auth.users", &[]).await, "");
    })
    .await;
}

#[tokio::test]
async fn attack_02_an_address_that_nobody_asked_to_confirm_is_not_proven() {
    let provider = Provider::start(false);
    let settings = Settings { auth_email_enable_confirmations: Some(false), ..settings(&provider) };
    on_both_engines(settings, async |accounts| {
        register(accounts, "victim@example.com", "attacker's password").await;
        assert_eq!(password(accounts, "victim@example.com", "attacker's password").await.status, 200);
        let user = accounts.user(&accounts.signed_in(&provider, "s-1|victim@example.com|true").await).await;
        assert_eq!(user["app_metadata"]["providers"], json!(["custom:acme"]));
        let refused = password(accounts, "victim@example.com", "attacker's password").await;
        assert_eq!(refusal(&refused), (400, "invalid_credentials".into()));
        assert_eq!(accounts.count("auth.sessions").await, 1);
    })
    .await;
}

#[tokio::test]
async fn attack_03_an_address_that_the_provider_has_not_verified_links_nobody() {
    let provider = Provider::start(false);
    on_both_engines(settings(&provider), async |accounts| {
        let id = accounts.import_user("victim@example.com", "correct horse").await;
        for (subject, flag) in [("s-1", "false"), ("s-2", "absent"), ("s-3", "text")] {
            let page =
                accounts.sign_in(&provider, &format!("{subject}|victim@example.com|{flag}"), &[]).await;
            assert_eq!(
                told(&page),
                ("access_denied".into(), "provider_email_needs_verification".into()),
                "{flag}"
            );
            assert!(parameter(&page, "access_token").is_none());
        }
        assert_eq!((accounts.count("auth.users").await, accounts.count("auth.identities").await), (1, 1));
        assert_eq!(accounts.value("select id from auth.users", &[]).await, id);
        assert_eq!(password(accounts, "victim@example.com", "correct horse").await.status, 200);
    })
    .await;
}

#[tokio::test]
async fn attack_04_an_unverified_newcomer_waits_for_the_address_s_owner() {
    let provider = Provider::start(false);
    on_both_engines(settings(&provider), async |accounts| {
        // Somebody who cannot read the victim's mail comes first, by a provider that does not verify.
        let page = accounts.sign_in(&provider, "attacker|victim@example.com|false", &[]).await;
        assert_eq!(told(&page), ("access_denied".into(), "provider_email_needs_verification".into()));
        assert_eq!(accounts.count("auth.sessions").await, 0);
        assert_eq!(
            accounts.value("select count(*) from auth.users where email_confirmed_at is null", &[]).await,
            "1"
        );
        assert_eq!(
            accounts.value("select count(*) from bedplate.jobs where kind like 'mail%'", &[]).await,
            "1"
        );
        // Again, and with a verified address of another name: neither confirms the victim's.
        for login in ["attacker|victim@example.com|false", "attacker|attacker@example.com|true"] {
            let page = accounts.sign_in(&provider, login, &[]).await;
            assert_eq!(told(&page).1, "provider_email_needs_verification", "{login}");
        }
        assert_eq!(
            accounts.value("select count(*) from auth.users where email_confirmed_at is null", &[]).await,
            "1"
        );
        // The owner comes: the account is theirs, and the attacker's identity is not in it.
        let user = accounts.user(&accounts.signed_in(&provider, "owner|victim@example.com|true").await).await;
        let subjects: Vec<&Value> =
            user["identities"].as_array().expect("identities").iter().map(|own| &own["id"]).collect();
        assert_eq!(subjects, [&json!("owner")]);
        let page = accounts.sign_in(&provider, "attacker|victim@example.com|false", &[]).await;
        assert_eq!(told(&page).1, "provider_email_needs_verification");
        assert_eq!((accounts.count("auth.users").await, accounts.count("auth.identities").await), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn attack_13_look_alikes_are_nobody_s_address() {
    let provider = Provider::start(false);
    on_both_engines(settings(&provider), async |accounts| {
        accounts.import_user("ada@example.com", "correct horse").await;
        for address in [
            "ada\u{ff20}example.com",
            "\u{430}da@example.com",
            "ada@ex\u{e4}mple.com",
            "ada@example\u{3002}com",
            "ada",
        ] {
            let page = accounts.sign_in(&provider, &format!("s-1|{address}|true"), &[]).await;
            assert_eq!(told(&page).1, "provider_email_needs_verification", "{address}");
        }
        assert_eq!(accounts.count("auth.users").await, 1);
    })
    .await;
}

#[tokio::test]
async fn an_address_may_be_optional() {
    let provider = Provider::start(false);
    let mut settings = settings(&provider);
    let page = async |accounts: &Accounts| accounts.sign_in(&provider, "s-1||", &[]).await;
    on_both_engines(settings.clone(), async |accounts| {
        assert_eq!(told(&page(accounts).await), ("server_error".into(), "unexpected_failure".into()));
        assert_eq!(accounts.count("auth.users").await, 0);
    })
    .await;
    settings.auth_external.get_mut("custom:acme").expect("a provider").email_optional = true;
    on_both_engines(settings, async |accounts| {
        for _ in 0..2 {
            let token = parameter(&page(accounts).await, "access_token").expect("a token");
            let user = accounts.user(&token).await;
            assert_eq!((&user["email"], user["identities"].as_array().map(Vec::len)), (&json!(""), Some(1)));
        }
        assert_eq!(accounts.count("auth.users").await, 1);
    })
    .await;
}

#[tokio::test]
async fn closed_doors_stay_closed() {
    let provider = Provider::start(false);
    let settings = Settings { auth_enable_signup: false, ..settings(&provider) };
    on_both_engines(settings, async |accounts| {
        let page = accounts.sign_in(&provider, "s-1|new@example.com|true", &[]).await;
        assert_eq!(told(&page), ("access_denied".into(), "signup_disabled".into()));
        assert_eq!(accounts.count("auth.users").await, 0);
        // Who is a user already may come in by the provider, unless banned.
        accounts.import_user("ada@example.com", "correct horse").await;
        accounts.signed_in(&provider, "s-2|ada@example.com|true").await;
        accounts.sql("update auth.users set banned_until = now() + interval '1 hour'", &[]).await;
        let page = accounts.sign_in(&provider, "s-2|ada@example.com|true", &[]).await;
        assert_eq!(told(&page), ("access_denied".into(), "user_banned".into()));
    })
    .await;
}

#[tokio::test]
async fn twenty_that_come_at_once_are_one_user() {
    let provider = Provider::start(true);
    on_both_engines(settings(&provider), async |accounts| {
        let (id_token, _) = provider.tokens_of_app("mobile", "s-1|ada@example.com|true", None).await;
        let body = json!({"provider": "custom:acme", "id_token": id_token}).to_string();
        let asks: Vec<_> = (0..20)
            .map(|_| {
                let address = accounts.server.address;
                let request = format!(
                    "POST /auth/v1/token?grant_type=id_token HTTP/1.1\r\nConnection: close\r\nHost: {address}\r\nContent-Length: {}\r\n\r\n{body}",
                    body.len()
                );
                tokio::spawn(async move { crate::harness::ask_at(address, request.as_bytes()).await })
            })
            .collect();
        for ask in asks {
            let answer = ask.await.expect("an answer");
            // Whoever kept losing is told to come again, and nobody sees an internal error.
            assert!(matches!(answer.status, 200 | 409), "{answer:?}");
        }
        assert_eq!((accounts.count("auth.users").await, accounts.count("auth.identities").await), (1, 1));
    })
    .await;
}

/// The address of the provider's page for linking.
async fn begin_link(accounts: &Accounts, token: &str) -> String {
    let path = format!(
        "/user/identities/authorize?{}",
        encoded(&[("provider", "custom:acme"), ("redirect_to", PAGE), ("skip_http_redirect", "true")])
    );
    let answer = accounts.with_token("GET", &path, token, &Value::Null).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    text(&answer, "url")
}

async fn link(accounts: &Accounts, provider: &Provider, token: &str, login: &str) -> String {
    let page = begin_link(accounts, token).await;
    let back = provider.sign_in(&page, login).await;
    accounts.come_back(&back).await.header("location").to_owned()
}

async fn token_of(accounts: &Accounts, email: &str) -> String {
    text(&password(accounts, email, "correct horse").await, "access_token")
}

#[tokio::test]
async fn identities_are_linked_and_removed_by_hand() {
    let provider = Provider::start(false);
    on_both_engines(settings(&provider), async |accounts| {
        let id = accounts.import_user("ada@example.com", "correct horse").await;
        accounts.import_user("eve@example.com", "correct horse").await;
        let token = token_of(accounts, "ada@example.com").await;
        // Another address, and not even verified: whoever is signed in says whose it is.
        let page = link(accounts, &provider, &token, "s-1|private@example.com|false").await;
        let linked = parameter(&page, "access_token").unwrap_or_else(|| panic!("{page}"));
        let user = accounts.user(&linked).await;
        assert_eq!((&user["id"], &user["email"]), (&json!(id), &json!("ada@example.com")));
        assert_eq!(user["app_metadata"]["providers"], json!(["email", "custom:acme"]));
        for (email, again) in [
            ("ada@example.com", "Identity is already linked"),
            ("eve@example.com", "Identity is already linked to another user"),
        ] {
            let token = token_of(accounts, email).await;
            let page = link(accounts, &provider, &token, "s-1|private@example.com|false").await;
            assert_eq!(told(&page).1, "identity_already_exists", "{email}");
            assert_eq!(parameter(&page, "error_description").as_deref(), Some(again));
        }
        let identity = |provider: &str| {
            let all = user["identities"].as_array().expect("identities");
            let found = all.iter().find(|own| own["provider"] == provider).expect("an identity");
            found["identity_id"].as_str().expect("an id").to_owned()
        };
        let remove = async |id: &str, token: &str| {
            accounts.with_token("DELETE", &format!("/user/identities/{id}"), token, &Value::Null).await
        };
        let eve = token_of(accounts, "eve@example.com").await;
        assert_eq!(
            refusal(&remove(&identity("custom:acme"), &eve).await),
            (422, "single_identity_not_deletable".into())
        );
        assert_eq!(refusal(&remove("x", &token).await), (404, "validation_failed".into()));
        assert_eq!(
            refusal(&remove("00000000-0000-0000-0000-000000000000", &token).await),
            (422, "identity_not_found".into())
        );
        let removed = remove(&identity("custom:acme"), &token).await;
        assert_eq!((removed.status, removed.json()), (200, json!({})), "{removed:?}");
        let user = accounts.user(&token).await;
        assert_eq!(user["app_metadata"]["providers"], json!(["email"]));
        assert_eq!(
            refusal(&remove(&identity("email"), &token).await),
            (422, "single_identity_not_deletable".into())
        );
        // It can come back, now as somebody of its own.
        let page = accounts.sign_in(&provider, "s-1|private@example.com|true", &[]).await;
        let other = accounts.user(&parameter(&page, "access_token").expect("a token")).await;
        assert_ne!(other["id"], json!(id));
    })
    .await;
}

#[tokio::test]
async fn removing_the_identity_of_one_s_address_takes_the_other_s() {
    let provider = Provider::start(false);
    on_both_engines(settings(&provider), async |accounts| {
        accounts.import_user("ada@example.com", "correct horse").await;
        let token = token_of(accounts, "ada@example.com").await;
        link(accounts, &provider, &token, "s-1|private@example.com|true").await;
        accounts.sql("update auth.users set recovery_token = 'hash'", &[]).await;
        let user = accounts.user(&token).await;
        let own =
            user["identities"].as_array().expect("identities").iter().find(|own| own["provider"] == "email");
        let path =
            format!("/user/identities/{}", own.expect("an identity")["identity_id"].as_str().expect("an id"));
        // Not while it is somebody else's.
        let other = accounts.import_user("private@example.com", "correct horse").await;
        let refused = accounts.with_token("DELETE", &path, &token, &Value::Null).await;
        assert_eq!(refusal(&refused), (422, "email_conflict_identity_not_deletable".into()));
        accounts.sql("delete from auth.users where id = $1::uuid", &[&other]).await;
        let removed = accounts.with_token("DELETE", &path, &token, &Value::Null).await;
        assert_eq!(removed.status, 200, "{removed:?}");
        let user = accounts.user(&token).await;
        assert_eq!(
            (&user["email"], user["email_confirmed_at"].is_string()),
            (&json!("private@example.com"), true)
        );
        assert_eq!(accounts.value("select recovery_token from auth.users", &[]).await, "");
    })
    .await;
}

#[tokio::test]
async fn linking_by_hand_needs_a_user_and_the_operator_s_word() {
    let provider = Provider::start(true);
    let link = "/user/identities/authorize?provider=custom:acme";
    on_both_engines(settings(&provider), async |accounts| {
        for path in [link, "/user/identities/00000000-0000-0000-0000-000000000000"] {
            let method = if path == link { "GET" } else { "DELETE" };
            let answer = accounts.ask(method, path, &[], &Value::Null).await;
            assert_eq!(refusal(&answer), (401, "no_authorization".into()));
        }
        // By an ID token: only with a user's own token.
        let (id_token, _) = provider.tokens_of_app("mobile", "s-1|private@example.com|true", None).await;
        let body = json!({"provider": "custom:acme", "id_token": id_token, "link_identity": true});
        assert_eq!(accounts.post("/token?grant_type=id_token", &body).await.status, 401);
        let id = accounts.import_user("ada@example.com", "correct horse").await;
        let token = token_of(accounts, "ada@example.com").await;
        let session = accounts.with_token("POST", "/token?grant_type=id_token", &token, &body).await;
        assert_eq!(session.status, 200, "{session:?}");
        assert_eq!(session.json()["user"]["id"], json!(id));
        assert_eq!(session.json()["user"]["identities"].as_array().map(Vec::len), Some(2));
    })
    .await;
    let settings = Settings { auth_enable_manual_linking: false, ..settings(&provider) };
    on_both_engines(settings, async |accounts| {
        accounts.import_user("ada@example.com", "correct horse").await;
        let token = token_of(accounts, "ada@example.com").await;
        for (method, path) in
            [("GET", link), ("DELETE", "/user/identities/00000000-0000-0000-0000-000000000000")]
        {
            let answer = accounts.with_token(method, path, &token, &Value::Null).await;
            assert_eq!(refusal(&answer), (404, "manual_linking_disabled".into()), "{path}");
        }
        let body = json!({"provider": "custom:acme", "id_token": "a.b.c", "link_identity": true});
        let answer = accounts.with_token("POST", "/token?grant_type=id_token", &token, &body).await;
        assert_eq!(refusal(&answer), (404, "manual_linking_disabled".into()));
    })
    .await;
}

#[tokio::test]
async fn a_link_that_was_begun_ends_with_what_began_it() {
    let provider = Provider::start(false);
    on_both_engines(settings(&provider), async |accounts| {
        let id = accounts.import_user("ada@example.com", "correct horse").await;
        let token = token_of(accounts, "ada@example.com").await;
        let page = begin_link(accounts, &token).await;
        let back = provider.sign_in(&page, "thief|thief@example.com|true").await;
        // The owner sets a new password while a thief's link is under way.
        let changed = accounts
            .as_admin("PUT", &format!("/admin/users/{id}"), &json!({"password": "another horse"}))
            .await;
        assert_eq!(changed.status, 200, "{changed:?}");
        let answer = accounts.come_back(&back).await;
        assert!(parameter(answer.header("location"), "error").is_some(), "{answer:?}");
        assert_eq!(accounts.count("auth.identities").await, 1);
    })
    .await;
}

#[tokio::test]
async fn an_invitation_is_accepted_by_the_invited_address() {
    let provider = Provider::start(false);
    on_both_engines(settings(&provider), async |accounts| {
        let invited = accounts.as_admin("POST", "/invite", &json!({"email": "guest@example.com"})).await;
        assert_eq!(invited.status, 200, "{invited:?}");
        let token = accounts.value("select confirmation_token from auth.users", &[]).await;
        let come = async |token: &str, login: &str| {
            accounts.sign_in(&provider, login, &[("invite_token", token)]).await
        };
        let page = come(&token, "s-1|other@example.com|true").await;
        assert_eq!(told(&page), ("invalid_request".into(), "validation_failed".into()));
        let page = come("wrong", "s-1|guest@example.com|true").await;
        assert_eq!(told(&page).1, "invite_not_found");
        let page = come(&token, "s-1|guest@example.com|true").await;
        let user = accounts.user(&parameter(&page, "access_token").expect("a token")).await;
        assert_eq!((&user["id"], user["email_confirmed_at"].is_string()), (&invited.json()["id"], true));
        let page = come(&token, "s-2|guest@example.com|true").await;
        assert_eq!(told(&page).1, "invite_not_found");
        assert_eq!((accounts.count("auth.users").await, accounts.count("auth.identities").await), (1, 1));
    })
    .await;
}

#[tokio::test]
async fn a_guest_who_links_an_identity_is_a_guest_no_more() {
    let provider = Provider::start(false);
    let settings = Settings { auth_enable_anonymous_sign_ins: true, ..settings(&provider) };
    on_both_engines(settings, async |accounts| {
        let guest = accounts.post("/signup", &json!({})).await;
        let token = text(&guest, "access_token");
        let id = guest.json()["user"]["id"].clone();
        // An address that is somebody's stays theirs.
        accounts.import_user("ada@example.com", "correct horse").await;
        let page = link(accounts, &provider, &token, "s-1|ada@example.com|true").await;
        assert_eq!(told(&page).1, "email_exists");
        // One that the provider has not verified is confirmed first.
        let page = link(accounts, &provider, &token, "s-2|guest@example.com|false").await;
        assert_eq!(told(&page).1, "email_not_confirmed");
        let hash = accounts.value("select confirmation_token from auth.users where is_anonymous", &[]).await;
        let waiting = accounts.user(&token).await;
        assert_eq!((&waiting["is_anonymous"], waiting.get("email_confirmed_at")), (&json!(true), None));
        let proof = json!({"type": "signup", "token_hash": hash});
        let session = accounts.post("/verify", &proof).await;
        assert_eq!(session.status, 200, "{session:?}");
        assert_eq!(session.json()["user"]["is_anonymous"], false);
        let other = accounts.post("/signup", &json!({})).await;
        let page = link(accounts, &provider, &text(&other, "access_token"), "s-3|new@example.com|true").await;
        let user = accounts.user(&parameter(&page, "access_token").unwrap_or_else(|| panic!("{page}"))).await;
        assert_eq!((&user["id"], &user["is_anonymous"]), (&other.json()["user"]["id"], &json!(false)));
        assert_eq!(
            (&user["email"], user["email_confirmed_at"].is_string()),
            (&json!("new@example.com"), true)
        );
        let first = accounts.user(&token).await;
        assert_eq!((&first["id"], &first["email"]), (&id, &json!("guest@example.com")));
    })
    .await;
}

#[tokio::test]
async fn attack_04_a_confirmation_that_nobody_gave_is_no_proof() {
    let provider = Provider::start(false);
    let settings = Settings { auth_email_enable_confirmations: Some(false), ..settings(&provider) };
    on_both_engines(settings, async |accounts| {
        // Nothing is asked of newcomers here, so somebody with another's address is let in, by a provider and by a password.
        accounts.signed_in(&provider, "attacker|victim@example.com|false").await;
        register(accounts, "second@example.com", "attacker's password").await;
        // An owner comes to each.
        for (subject, email) in [("owner", "victim@example.com"), ("other", "second@example.com")] {
            let user =
                accounts.user(&accounts.signed_in(&provider, &format!("{subject}|{email}|true")).await).await;
            let subjects: Vec<&Value> =
                user["identities"].as_array().expect("identities").iter().map(|own| &own["id"]).collect();
            assert_eq!((&user["email"], subjects), (&json!(email), vec![&json!(subject)]));
        }
        assert_eq!(
            refusal(&password(accounts, "second@example.com", "attacker's password").await),
            (400, "invalid_credentials".into())
        );
        assert_eq!((accounts.count("auth.users").await, accounts.count("auth.sessions").await), (2, 2));
    })
    .await;
}
