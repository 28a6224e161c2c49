//! Each known provider: where its flow goes, and how its answer reads.

use super::flows::begin;
use super::*;
use crate::provider::flow::CallbackParameters;
use crate::provider::table;
use http::header;

/// What a provider's API answers, by address.
type Answers = Vec<(&'static str, Value)>;

async fn completed(name: &str, settings: ProviderSettings, answers: &Answers) -> Result<ExternalIdentity> {
    let network = Arc::new(Network::default());
    for (address, answer) in answers {
        network.answers(address, 200, answer);
    }
    let providers = providers(&network, name, settings);
    let (authorization, _) = begin(&providers, name, &[]).await;
    let code = CallbackParameters { code: Some("c".into()), ..CallbackParameters::default() };
    providers
        .get(name)
        .expect("a provider")
        .complete(&code, &authorization.secret, "https://a.example/cb", now())
        .await
}

fn access(endpoint: &'static str) -> (&'static str, Value) {
    (endpoint, json!({"access_token": "access", "token_type": "bearer"}))
}

/// The answers of each provider whose flow ends at an API, for somebody with the identifier and the flag given.
#[expect(clippy::too_many_lines, reason = "a table")]
fn answers(id: Value, flag: Value) -> Vec<(&'static str, Answers)> {
    let email = "a@example.com";
    vec![
        (
            "bitbucket",
            vec![
                access("https://bitbucket.org/site/oauth2/access_token"),
                ("https://api.bitbucket.org/2.0/user", json!({"uuid": id, "display_name": "Ann"})),
                (
                    "https://api.bitbucket.org/2.0/user/emails",
                    json!({"values": [
                {"email": "b@example.com", "is_primary": false, "is_confirmed": true},
                {"email": email, "is_primary": true, "is_confirmed": flag}]}),
                ),
            ],
        ),
        (
            "discord",
            vec![
                access("https://discord.com/api/oauth2/token"),
                (
                    "https://discord.com/api/users/@me",
                    json!({"id": id, "username": "ann", "discriminator": "12", "avatar": "a_x",
                "global_name": "Ann", "email": email, "verified": flag}),
                ),
            ],
        ),
        (
            "github",
            vec![
                access("https://github.com/login/oauth/access_token"),
                (
                    "https://api.github.com/user",
                    json!({"id": id, "login": "ann", "name": "Ann", "email": "public@example.com"}),
                ),
                (
                    "https://api.github.com/user/emails",
                    json!([{"email": email, "primary": true, "verified": flag}]),
                ),
            ],
        ),
        (
            "gitlab",
            vec![
                access("https://gitlab.com/oauth/token"),
                (
                    "https://gitlab.com/api/v4/user",
                    json!({"id": id, "name": "Ann", "email": email,
                "confirmed_at": if flag == json!(true) { json!("2020-01-01") } else { json!(null) }}),
                ),
                (
                    "https://gitlab.com/api/v4/user/emails",
                    json!([{"email": "b@example.com"}, {"email": email}]),
                ),
            ],
        ),
        (
            "kakao",
            vec![
                access("https://kauth.kakao.com/oauth/token"),
                (
                    "https://kapi.kakao.com/v2/user/me",
                    json!({"id": id, "kakao_account": {"profile": {"nickname": "Ann"},
                "email": email, "is_email_valid": true, "is_email_verified": flag}}),
                ),
            ],
        ),
        (
            "keycloak",
            vec![
                access("https://sso.example/realms/x/protocol/openid-connect/token"),
                (
                    "https://sso.example/realms/x/protocol/openid-connect/userinfo",
                    json!({"sub": id, "name": "Ann",
                "email": email, "email_verified": flag, "groups": ["a"]}),
                ),
            ],
        ),
        (
            "slack",
            vec![
                access("https://slack.com/api/oauth.access"),
                (
                    "https://slack.com/api/openid.connect.userInfo",
                    json!({"https://slack.com/user_id": id, "name": "Ann",
                "https://slack.com/team_id": "T", "email": email, "email_verified": flag}),
                ),
            ],
        ),
        (
            "slack_oidc",
            vec![
                access("https://slack.com/api/openid.connect.token"),
                (
                    "https://slack.com/api/openid.connect.userInfo",
                    json!({"https://slack.com/user_id": id, "name": "Ann",
                "email": email, "email_verified": flag}),
                ),
            ],
        ),
        (
            "zoom",
            vec![
                access("https://zoom.us/oauth/token"),
                (
                    "https://api.zoom.us/v2/users/me",
                    json!({"id": id, "first_name": "Ann", "last_name": "B", "email": email,
                "login_type": 100, "verified": if flag == json!(true) { 1 } else { 0 }}),
                ),
            ],
        ),
        (
            "facebook",
            vec![
                access("https://graph.facebook.com/oauth/access_token"),
                (
                    "https://graph.facebook.com/me",
                    json!({"id": id, "first_name": "Ann", "last_name": "B", "email": email}),
                ),
            ],
        ),
        (
            "figma",
            vec![
                access("https://api.figma.com/v1/oauth/token"),
                ("https://api.figma.com/v1/me", json!({"id": id, "handle": "Ann", "email": email})),
            ],
        ),
        (
            "fly",
            vec![
                access("https://api.fly.io/oauth/token"),
                (
                    "https://api.fly.io/oauth/token/info",
                    json!({"user_id": id, "user_name": "Ann", "email": email, "scope": []}),
                ),
            ],
        ),
        (
            "linkedin",
            vec![
                access("https://api.linkedin.com/oauth/v2/accessToken"),
                (
                    "https://api.linkedin.com/v2/me",
                    json!({"id": id,
                "firstName": {"localized": {"en_US": "Ann"}, "preferredLocale": {"country": "US", "language": "en"}}}),
                ),
                (
                    "https://api.linkedin.com/v2/emailAddress",
                    json!({"elements": [{"handle~": {"emailAddress": email}}]}),
                ),
            ],
        ),
        (
            "notion",
            vec![
                access("https://api.notion.com/v1/oauth/token"),
                (
                    "https://api.notion.com/v1/users/me",
                    json!({"bot": {"owner": {"user": {"id": id, "name": "Ann", "person": {"email": email}}}}}),
                ),
            ],
        ),
        (
            "snapchat",
            vec![
                access("https://accounts.snapchat.com/accounts/oauth2/token"),
                (
                    "https://kit.snapchat.com/v1/me",
                    json!({"data": {"me": {"externalId": id, "displayName": "Ann", "email": email}}}),
                ),
            ],
        ),
        (
            "spotify",
            vec![
                access("https://accounts.spotify.com/api/token"),
                (
                    "https://api.spotify.com/v1/me",
                    json!({"id": id, "display_name": "Ann", "email": email,
                "images": [{"url": "small", "width": 1, "height": 1}, {"url": "large", "width": 9, "height": 9}]}),
                ),
            ],
        ),
        (
            "twitch",
            vec![
                access("https://id.twitch.tv/oauth2/token"),
                (
                    "https://api.twitch.tv/helix/users",
                    json!({"data": [{"id": id, "login": "Ann", "email": email}]}),
                ),
            ],
        ),
        (
            "x",
            vec![
                access("https://api.x.com/2/oauth2/token"),
                (
                    "https://api.x.com/2/users/me",
                    json!({"data": {"id": id, "name": "Ann", "username": "ann", "confirmed_email": email}}),
                ),
            ],
        ),
        (
            "workos",
            vec![(
                "https://api.workos.com/sso/token",
                json!({"access_token": "access",
                "profile": {"id": id, "first_name": "Ann", "last_name": "B", "email": email, "connection_id": "c"}}),
            )],
        ),
    ]
}

/// Those whose answers say whether an address is verified.
const WITH_FLAG: &[&str] =
    &["bitbucket", "discord", "github", "gitlab", "kakao", "keycloak", "slack", "slack_oidc", "zoom"];

fn settings_of(name: &str) -> ProviderSettings {
    let url = (name == "keycloak").then(|| "https://sso.example/realms/x/".to_owned());
    ProviderSettings { url, ..settings() }
}

fn id_of(name: &str) -> Value {
    if matches!(name, "github" | "gitlab" | "kakao") { json!(7) } else { json!("7") }
}

#[tokio::test]
async fn every_api_s_answer_is_somebody() {
    for (name, answers) in answers(json!("7"), json!(true)) {
        let identity = completed(name, settings_of(name), &answers)
            .await
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((identity.provider.as_str(), identity.subject.as_str()), (name, "7"));
        let email = identity.primary_email().expect("an address");
        assert_eq!((email.address.as_str(), email.primary), ("a@example.com", true), "{name}");
        assert_eq!(email.verified, name != "spotify", "{name}");
        assert_eq!(identity.identity_data["email_verified"], json!(name != "spotify"), "{name}");
        assert_eq!(identity.identity_data["sub"], "7", "{name}");
        assert_eq!(identity.identity_data["provider_id"], "7", "{name}");
        let shown = ["full_name", "name"].iter().any(|field| {
            identity
                .identity_data
                .get(*field)
                .and_then(Value::as_str)
                .is_some_and(|text| text.to_lowercase().contains("ann"))
        });
        assert!(shown, "{name}: {:?}", identity.identity_data);
        assert_eq!(identity.provider_access_token, "access", "{name}");
    }
    let covered: Vec<&str> = answers(json!("7"), json!(true)).into_iter().map(|(name, _)| name).collect();
    let by_token = ["apple", "azure", "google", "linkedin_oidc", "vercel_marketplace", "twitter"];
    for name in table::names() {
        assert!(covered.contains(&name) || by_token.contains(&name), "{name} has no test");
    }
    assert_eq!(table::names().count(), 25);
}

#[tokio::test]
async fn attack_03_an_address_that_the_provider_did_not_verify_is_not() {
    for flag in [json!(false), json!(null), json!("false"), json!("true"), json!(0)] {
        for (name, answers) in
            answers(json!("7"), flag.clone()).into_iter().filter(|(name, _)| WITH_FLAG.contains(name))
        {
            let identity = completed(name, settings_of(name), &answers).await.expect(name);
            assert!(!identity.primary_email().expect("an address").verified, "{name} {flag}");
            assert_eq!(identity.identity_data["email_verified"], json!(false), "{name} {flag}");
        }
    }
}

#[tokio::test]
async fn attack_15_nobody_is_made_of_an_answer_without_an_identifier() {
    for id in [json!(null), json!(""), json!(" "), json!(0), json!(-1), json!(1.5), json!(true), json!({})] {
        for (name, answers) in answers(id.clone(), json!(true)) {
            let result = completed(name, settings_of(name), &answers).await;
            assert!(matches!(result, Err(ProviderError::Malformed(_))), "{name} {id}: {result:?}");
        }
    }
    for name in table::names().filter(|name| WITH_FLAG.contains(name)) {
        let answers = answers(id_of(name), json!(true))
            .into_iter()
            .find(|(other, _)| *other == name)
            .expect("answers")
            .1;
        assert_eq!(completed(name, settings_of(name), &answers).await.expect(name).subject, "7");
    }
}

#[tokio::test]
async fn every_page_has_what_its_provider_wants() {
    let network = Arc::new(Network::default());
    for issuer in ["https://accounts.google.com", "https://appleid.apple.com"] {
        let mut document = document();
        document["issuer"] = issuer.into();
        network.answers(&format!("{issuer}/.well-known/openid-configuration"), 200, document);
    }
    network.answers(
        "https://api.twitter.com/oauth/request_token",
        200,
        "oauth_token=rt&oauth_token_secret=rs",
    );
    for name in table::names() {
        let providers = providers(&network, name, settings_of(name));
        let (authorization, query) = begin(&providers, name, &[("workos_provider", "GoogleOAuth")]).await;
        assert!(authorization.url.starts_with("https://"), "{name}");
        if name == "twitter" {
            continue;
        }
        assert_eq!(query["client_id"], "web", "{name}");
        assert_eq!(query["state"], "st", "{name}");
        assert_eq!(
            query.contains_key("code_challenge"),
            query.contains_key("code_challenge_method"),
            "{name}"
        );
        match name {
            "apple" => assert_eq!(query["response_mode"], "form_post"),
            "x" => assert!(query.contains_key("code_challenge"), "x requires it"),
            "workos" => assert_eq!(query["provider"], "GoogleOAuth"),
            "notion" => assert_eq!(query["owner"], "user"),
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_place_of_one_s_own_is_used_for_all() {
    let network = Arc::new(Network::default());
    let own = |url: &str| ProviderSettings { url: Some(url.to_owned()), ..settings() };
    network
        .answers("https://git.example/login/oauth/access_token", 200, json!({"access_token": "a"}))
        .answers("https://git.example/api/v3/user", 200, json!({"id": 7}))
        .answers("https://git.example/api/v3/user/emails", 200, json!([]));
    let providers = providers(&network, "github", own("https://git.example/"));
    let (authorization, _) = begin(&providers, "github", &[]).await;
    assert!(
        authorization.url.starts_with("https://git.example/login/oauth/authorize?"),
        "{}",
        authorization.url
    );
    let code = CallbackParameters { code: Some("c".into()), ..CallbackParameters::default() };
    let identity =
        providers.get("github").expect("a provider").complete(&code, &authorization.secret, "x", now()).await;
    let identity = identity.expect("somebody");
    assert_eq!(identity.identity_data["iss"], "https://git.example/api/v3");
    assert!(identity.emails.is_empty());
}

#[tokio::test]
async fn what_apis_want_beside_the_token_is_sent() {
    let network = Arc::new(Network::default());
    let ask = async |name: &str| {
        for (address, answer) in
            answers(json!("7"), json!(true)).into_iter().find(|(other, _)| *other == name).expect(name).1
        {
            network.answers(address, 200, answer);
        }
        let providers = providers(&network, name, settings());
        let (authorization, _) = begin(&providers, name, &[]).await;
        let code = CallbackParameters { code: Some("c".into()), ..CallbackParameters::default() };
        providers
            .get(name)
            .expect("a provider")
            .complete(&code, &authorization.secret, "x", now())
            .await
            .expect(name);
    };
    ask("facebook").await;
    let asked = network.last("https://graph.facebook.com/me").url;
    // HMAC-SHA256 of "access" with the key "hush".
    let proof = asked.split_once("&appsecret_proof=").expect("a proof").1;
    assert!(proof.len() == 64 && proof.bytes().all(|byte| byte.is_ascii_hexdigit()), "{asked}");
    ask("notion").await;
    assert_eq!(network.last("https://api.notion.com/v1/users/me").headers["notion-version"], "2021-08-16");
    ask("twitch").await;
    let asked = network.last("https://api.twitch.tv/helix/users");
    assert_eq!(asked.headers["client-id"], "web");
    assert_eq!(asked.headers[header::AUTHORIZATION], "Bearer access");
}

/// A provider whose people are told by ID tokens, with a key of the test's.
async fn by_token(name: &str, url: Option<&str>, issuer: &str, changes: Value) -> Result<ExternalIdentity> {
    let network = Arc::new(Network::default());
    let key = SigningKey::make_es256("one").expect("a key");
    for place in [issuer, "https://accounts.google.com", "https://appleid.apple.com"] {
        let mut document = document();
        document["issuer"] = place.into();
        let place = place.trim_end_matches('/');
        network.answers(&format!("{place}/.well-known/openid-configuration"), 200, document);
    }
    publish(&network, &[&key]);
    let settings = ProviderSettings { url: url.map(str::to_owned), ..settings() };
    let providers = providers(&network, name, settings);
    let mut claims = claims(changes);
    claims["iss"] = issuer.into();
    let token = token(&key, &claims);
    providers.get(name).expect("a provider").verify_id_token(&token, None, None, now()).await
}

const TENANT: &str = "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555";

#[tokio::test]
async fn google_apple_linkedin_and_the_others_by_their_tokens() {
    let google =
        by_token("google", None, "https://accounts.google.com", json!({"hd": "example.com", "picture": "p"}))
            .await;
    let google = google.expect("somebody");
    assert_eq!(google.identity_data["custom_claims"], json!({"hd": "example.com"}));
    assert_eq!(google.identity_data["avatar_url"], "p");
    assert!(by_token("google", None, "accounts.google.com", json!({})).await.is_ok());
    for (name, issuer) in [
        ("apple", "https://appleid.apple.com"),
        ("apple", "https://account.apple.com"),
        ("linkedin_oidc", "https://www.linkedin.com/oauth"),
        ("facebook", "https://www.facebook.com"),
        ("kakao", "https://kauth.kakao.com"),
        ("snapchat", "https://accounts.snapchat.com/accounts/oauth2/token"),
        ("vercel_marketplace", "https://marketplace.vercel.com"),
    ] {
        let identity =
            by_token(name, None, issuer, json!({})).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(identity.subject, "s-1", "{name}");
        let foreign = by_token(name, None, "https://issuer.example", json!({})).await;
        assert!(matches!(foreign, Err(ProviderError::BadToken(_))), "{name}: {foreign:?}");
    }
    let keycloak = by_token(
        "keycloak",
        Some("https://sso.example/realms/x/"),
        "https://sso.example/realms/x",
        json!({}),
    )
    .await;
    assert!(keycloak.is_ok(), "{keycloak:?}");
    let vercel = json!({"global_user_id": "g", "user_email": "v@example.com"});
    let vercel = by_token("vercel_marketplace", None, "https://marketplace.vercel.com", vercel)
        .await
        .expect("somebody");
    assert_eq!(
        (vercel.subject.as_str(), vercel.emails[0].address.as_str()),
        ("global_user_id:g", "v@example.com")
    );
    for name in ["github", "discord", "slack_oidc", "x"] {
        let network = Arc::new(Network::default());
        let providers = providers(&network, name, settings());
        let result =
            providers.get(name).expect("a provider").verify_id_token("a.b.c", None, None, now()).await;
        assert!(matches!(result, Err(ProviderError::Unsupported(_))), "{name}: {result:?}");
    }
}

#[tokio::test]
async fn attack_03_flags_in_tokens_are_read_as_their_provider_writes_them() {
    let verified = async |name: &str, issuer: &str, flag: Value| {
        by_token(name, None, issuer, json!({ "email_verified": flag })).await.expect(name).emails[0].verified
    };
    for (name, issuer) in
        [("apple", "https://appleid.apple.com"), ("linkedin_oidc", "https://www.linkedin.com/oauth")]
    {
        assert!(
            verified(name, issuer, json!(true)).await && verified(name, issuer, json!("true")).await,
            "{name}"
        );
        for flag in [json!(false), json!("false"), json!(null), json!("1"), json!(1)] {
            assert!(!verified(name, issuer, flag.clone()).await, "{name} {flag}");
        }
    }
    for flag in [json!(false), json!("true"), json!(null)] {
        assert!(!verified("google", "https://accounts.google.com", flag).await);
    }
}

#[tokio::test]
async fn attack_03_an_azure_tenant_s_word_counts_for_its_own_domains() {
    let any = format!("{TENANT}/v2.0");
    let of = async |url: Option<&str>, issuer: &str, edov: Value| {
        by_token("azure", url, issuer, json!({"xms_edov": edov, "email_verified": true}))
            .await
            .expect("somebody")
            .emails[0]
            .verified
    };
    assert!(of(None, &any, json!(true)).await && of(None, &any, json!("1")).await);
    for edov in [json!(null), json!(false), json!("0"), json!("false"), json!(1)] {
        assert!(!of(None, &any, edov.clone()).await, "{edov}");
    }
    // The operator's own tenant, and Microsoft's personal accounts.
    assert!(of(Some(TENANT), &any, json!(null)).await && !of(Some(TENANT), &any, json!(false)).await);
    assert!(
        of(None, "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0", json!(null))
            .await
    );
}

#[tokio::test]
async fn azure_takes_the_tokens_of_tenants_and_of_the_one_that_is_named() {
    let any = format!("{TENANT}/v2.0");
    for good in [any.as_str(), "https://sts.windows.net/11111111-2222-3333-4444-555555555555/"] {
        assert!(by_token("azure", None, good, json!({})).await.is_ok(), "{good}");
    }
    let other = "https://login.microsoftonline.com/99999999-2222-3333-4444-555555555555/v2.0";
    for bad in [
        "https://login.microsoftonline.com/common/v2.0",
        "https://login.microsoftonline.com/../v2.0",
        "https://login.microsoftonline.com.evil.example/11111111-2222-3333-4444-555555555555/v2.0",
        "https://evil.example/v2.0",
    ] {
        let result = by_token("azure", None, bad, json!({})).await;
        assert!(matches!(result, Err(ProviderError::BadToken(_))), "{bad}: {result:?}");
    }
    assert!(matches!(
        by_token("azure", Some(TENANT), other, json!({})).await,
        Err(ProviderError::BadToken(_))
    ));
    assert!(by_token("azure", Some(TENANT), &any, json!({})).await.is_ok());
    let named =
        by_token("azure", Some("https://login.microsoftonline.com/contoso.example"), &any, json!({})).await;
    assert!(matches!(named, Err(ProviderError::Unsupported(_))), "{named:?}");
    let customer = "https://acme.ciamlogin.com/11111111-2222-3333-4444-555555555555";
    assert!(by_token("azure", Some(customer), &format!("{customer}/v2.0"), json!({})).await.is_ok());
}

#[tokio::test]
async fn attack_01_apple_s_form_gives_a_name_and_no_address() {
    let network = Arc::new(Network::default());
    let key = SigningKey::make_es256("one").expect("a key");
    let mut document = document();
    document["issuer"] = "https://appleid.apple.com".into();
    network.answers("https://appleid.apple.com/.well-known/openid-configuration", 200, document);
    publish(&network, &[&key]);
    let providers = providers(&network, "apple", settings());
    let (authorization, query) = begin(&providers, "apple", &[]).await;
    let mut claims = claims(json!({ "nonce": query["nonce"], "email_verified": "true" }));
    claims["iss"] = "https://appleid.apple.com".into();
    let answer = json!({"access_token": "a", "id_token": token(&key, &claims)});
    network.answers("https://issuer.example/token", 200, answer);
    let user =
        json!({"name": {"firstName": "Ann", "lastName": "B"}, "email": "victim@example.com", "sub": "s-2"});
    let answer = CallbackParameters {
        code: Some("c".into()),
        user: Some(user.to_string()),
        ..CallbackParameters::default()
    };
    let identity = providers
        .get("apple")
        .expect("a provider")
        .complete(&answer, &authorization.secret, "x", now())
        .await;
    let identity = identity.expect("somebody");
    assert_eq!(identity.identity_data["full_name"], "Ann B");
    assert_eq!((identity.subject.as_str(), identity.emails[0].address.as_str()), ("s-1", "ann@example.com"));
}
