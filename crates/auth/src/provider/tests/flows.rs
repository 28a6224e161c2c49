//! The authorization code flow, step by step.

use super::*;
use crate::provider::flow::{Authorization, AuthorizationRequest, CallbackParameters};
use crate::provider::oauth1;
use http::{Method, header};
use sha2::{Digest as _, Sha256};
use url::Url;

const CALLBACK: &str = "https://app.example/auth/v1/callback";

pub(super) async fn begin(
    providers: &Providers,
    name: &str,
    parameters: &[(&str, &str)],
) -> (Authorization, HashMap<String, String>) {
    let parameters: Vec<(String, String)> =
        parameters.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let scopes = parameters.iter().find(|(name, _)| name == "scopes").map_or("", |(_, value)| value);
    let request = AuthorizationRequest { state: "st", callback: CALLBACK, scopes, parameters: &parameters };
    let provider = providers.get(name).expect("a provider");
    let authorization = provider.authorization(&request).await.expect("an authorization");
    let url = Url::parse(&authorization.url).expect("an address");
    let mut query = HashMap::new();
    for (name, value) in url.query_pairs().into_owned() {
        assert!(query.insert(name.clone(), value).is_none(), "{name} stands twice in {url}");
    }
    (authorization, query)
}

async fn complete(acme: &Acme, answer: CallbackParameters, secret: &str) -> Result<ExternalIdentity> {
    acme.providers.get("acme").expect("a provider").complete(&answer, secret, CALLBACK, now()).await
}

fn code() -> CallbackParameters {
    CallbackParameters { code: Some("c-1".into()), ..CallbackParameters::default() }
}

/// A token endpoint that gives this ID token.
fn gives(acme: &Acme, id_token: &Value) {
    let id_token = token(&acme.key, id_token);
    let answer = json!({"access_token": "access", "refresh_token": "refresh", "token_type": "Bearer", "id_token": id_token});
    acme.network.answers("https://issuer.example/token", 200, answer);
}

fn form(request: &Request) -> HashMap<String, String> {
    url::form_urlencoded::parse(&request.body).into_owned().collect()
}

#[tokio::test]
async fn a_flow_goes_from_the_page_to_somebody() {
    let acme = acme();
    let (authorization, query) =
        begin(&acme.providers, "acme", &[("scopes", "calendar,email"), ("prompt", "login")]).await;
    assert!(
        authorization.url.starts_with("https://issuer.example/authorize?tenant=1&"),
        "{}",
        authorization.url
    );
    let (nonce, challenge) = (query["nonce"].clone(), query["code_challenge"].clone());
    for (name, value) in [
        ("client_id", "web"),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("state", "st"),
        ("scope", "openid email profile calendar"),
        ("code_challenge_method", "S256"),
        ("prompt", "login"),
    ] {
        assert_eq!(query[name], value, "{name}");
    }
    assert_eq!(challenge, URL_SAFE_NO_PAD.encode(Sha256::digest(authorization.secret.as_bytes())));
    assert!(
        (43..=128).contains(&authorization.secret.len())
            && !authorization.url.contains(&authorization.secret)
    );
    gives(&acme, &claims(json!({ "nonce": nonce })));
    let identity = complete(&acme, code(), &authorization.secret).await.expect("somebody");
    assert_eq!(identity.subject, "s-1");
    assert_eq!(
        (identity.provider_access_token.as_str(), identity.provider_refresh_token.as_str()),
        ("access", "refresh")
    );
    let request = acme.network.last("https://issuer.example/token");
    let form = form(&request);
    for (name, value) in [
        ("grant_type", "authorization_code"),
        ("code", "c-1"),
        ("redirect_uri", CALLBACK),
        ("code_verifier", authorization.secret.as_str()),
    ] {
        assert_eq!(form[name], value, "{name}");
    }
    // Basic by default, and then not in the form.
    let basic = request.headers[header::AUTHORIZATION].to_str().expect("text");
    assert_eq!(basic, format!("Basic {}", base64::engine::general_purpose::STANDARD.encode("web:hush")));
    assert!(!form.contains_key("client_secret"));
}

#[tokio::test]
async fn two_flows_share_nothing() {
    let acme = acme();
    let (first, one) = begin(&acme.providers, "acme", &[]).await;
    let (second, two) = begin(&acme.providers, "acme", &[]).await;
    assert_ne!(first.secret, second.secret);
    assert_ne!(one["nonce"], two["nonce"]);
    // The token of one is nothing for the other.
    gives(&acme, &claims(json!({ "nonce": one["nonce"] })));
    assert_eq!(complete(&acme, code(), &second.secret).await, Err(ProviderError::NonceMismatch));
    gives(&acme, &claims(json!({})));
    assert_eq!(complete(&acme, code(), &first.secret).await, Err(ProviderError::NonceMissing));
}

#[tokio::test]
async fn an_app_cannot_set_what_is_ours() {
    let acme = acme();
    let own = [
        "client_id",
        "redirect_uri",
        "STATE",
        "Response_Type",
        "response_mode",
        "nonce",
        "code_challenge",
        "code_verifier",
        "request",
        "request_uri",
        "client_secret",
        "redirect_to",
        "skip_http_redirect",
        "scope",
        "apikey",
    ];
    let parameters: Vec<(&str, &str)> = own.iter().map(|name| (*name, "evil")).collect();
    let (authorization, _) = begin(&acme.providers, "acme", &parameters).await;
    assert!(!authorization.url.contains("evil"), "{}", authorization.url);
    let many: Vec<String> = (0..100).map(|number| format!("p{number}")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|name| (name.as_str(), "v")).collect();
    let (_, query) = begin(&acme.providers, "acme", &many).await;
    assert!(query.len() < 45, "{}", query.len());
}

#[tokio::test]
async fn rfc_9207_an_answer_of_another_issuer_is_refused() {
    let acme = acme();
    let (authorization, query) = begin(&acme.providers, "acme", &[]).await;
    gives(&acme, &claims(json!({ "nonce": query["nonce"] })));
    let named = |issuer: &str| CallbackParameters { issuer: Some(issuer.to_owned()), ..code() };
    let secret = &authorization.secret;
    assert_eq!(complete(&acme, named("https://evil.example"), secret).await, Err(ProviderError::MixUp));
    assert_eq!(complete(&acme, named(""), secret).await, Err(ProviderError::MixUp));
    // The code of a mixed-up answer goes nowhere.
    assert_eq!(acme.network.asked("https://issuer.example/token"), 0);
    assert!(complete(&acme, named(ISSUER), secret).await.is_ok());
    assert!(complete(&acme, code(), secret).await.is_ok());
    // Who announces it must do it.
    let announcing = super::acme();
    let mut document = document();
    document["authorization_response_iss_parameter_supported"] = true.into();
    announcing.network.answers(&format!("{ISSUER}/.well-known/openid-configuration"), 200, document);
    let (authorization, _) = begin(&announcing.providers, "acme", &[]).await;
    assert_eq!(complete(&announcing, code(), &authorization.secret).await, Err(ProviderError::MixUp));
}

#[tokio::test]
async fn userinfo_tells_what_the_token_does_not_and_of_nobody_else() {
    let acme = acme();
    let (authorization, query) = begin(&acme.providers, "acme", &[]).await;
    gives(
        &acme,
        &claims(json!({"nonce": query["nonce"], "email": null, "email_verified": null, "name": null})),
    );
    let userinfo = "https://issuer.example/userinfo";
    acme.network.answers(
        userinfo,
        200,
        json!({"sub": "s-1", "email": "b@example.com", "email_verified": true, "iss": "x"}),
    );
    let identity = complete(&acme, code(), &authorization.secret).await.expect("somebody");
    assert_eq!(identity.emails[0].address, "b@example.com");
    assert!(identity.emails[0].verified);
    assert_eq!(identity.identity_data["iss"], ISSUER);
    let sent = acme.network.last(userinfo);
    assert_eq!(sent.headers[header::AUTHORIZATION], "Bearer access");
    for other in
        [json!({"sub": "s-2", "email": "b@example.com"}), json!({"email": "b@example.com"}), json!([])]
    {
        acme.network.answers(userinfo, 200, &other);
        let result = complete(&acme, code(), &authorization.secret).await;
        assert!(matches!(result, Err(ProviderError::Malformed(_))), "{other}: {result:?}");
    }
}

#[tokio::test]
async fn what_the_token_endpoint_refuses_is_refused() {
    let acme = acme();
    let (authorization, _) = begin(&acme.providers, "acme", &[]).await;
    let endpoint = "https://issuer.example/token";
    for (status, body) in [
        (400, r#"{"error":"invalid_grant","error_description":"used"}"#),
        (200, r#"{"ok":false,"error":"bad"}"#),
        (500, "<html>"),
        (401, r#"{"access_token":"x"}"#),
        (200, r#"{"access_token":""}"#),
    ] {
        acme.network.answers(endpoint, status, body);
        let result = complete(&acme, code(), &authorization.secret).await;
        assert!(matches!(result, Err(ProviderError::Refused(_))), "{status} {body}: {result:?}");
    }
    acme.network.answers(endpoint, 200, "access_token=x");
    assert!(matches!(complete(&acme, code(), &authorization.secret).await, Err(ProviderError::Malformed(_))));
    acme.network.answers(endpoint, 200, r#"{"access_token":"x"}"#);
    assert!(matches!(complete(&acme, code(), &authorization.secret).await, Err(ProviderError::Malformed(_))));
    let none = complete(&acme, CallbackParameters::default(), &authorization.secret).await;
    assert!(matches!(none, Err(ProviderError::Refused(_))), "{none:?}");
}

#[tokio::test]
async fn the_client_authenticates_as_the_provider_takes_it() {
    let authenticate = async |methods: Value, secret: &str| {
        let acme = acme_with(ProviderSettings { secret: ClientSecret::new(secret), ..settings() });
        let mut document = document();
        document["token_endpoint_auth_methods_supported"] = methods;
        acme.network.answers(&format!("{ISSUER}/.well-known/openid-configuration"), 200, document);
        acme.network.answers("https://issuer.example/token", 400, "{}");
        complete(&acme, code(), "secret").await.map_err(|error| {
            let asked = acme.network.asked("https://issuer.example/token") > 0;
            (error, asked.then(|| acme.network.last("https://issuer.example/token")))
        })
    };
    let sent = |result: Result<ExternalIdentity, (ProviderError, Option<Request>)>| {
        result.expect_err("refused").1.expect("a request")
    };
    let post = sent(authenticate(json!(["client_secret_post"]), "a&b").await);
    assert_eq!(form(&post)["client_secret"], "a&b");
    assert!(!post.headers.contains_key(header::AUTHORIZATION));
    let public = sent(authenticate(json!(["none"]), "").await);
    assert_eq!(form(&public)["client_id"], "web");
    assert!(
        !form(&public).contains_key("client_secret") && !public.headers.contains_key(header::AUTHORIZATION)
    );
    let basic = sent(authenticate(json!(["client_secret_post", "client_secret_basic"]), "a:b c").await);
    let expected = base64::engine::general_purpose::STANDARD.encode("web:a%3Ab+c");
    assert_eq!(basic.headers[header::AUTHORIZATION], format!("Basic {expected}"));
    let (error, request) = authenticate(json!(["private_key_jwt"]), "x").await.expect_err("refused");
    assert!(matches!(error, ProviderError::Unsupported(_)) && request.is_none());
}

/// The last request of the example of RFC 5849, 1.2.
#[test]
fn oauth_1_signs_as_its_standard_does() {
    let header = oauth1::authorization_header(
        &Method::GET,
        "http://photos.example.net/photos?file=vacation.jpg&size=original",
        &[
            ("oauth_consumer_key", "dpf43f3p2l4k3l03"),
            ("oauth_token", "nnch734d00sl2jdk"),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", "137131202"),
            ("oauth_nonce", "chapoH"),
        ],
        ("kd94hf93k423kf44", "pfkkdhi9sl3r4s00"),
    );
    let header = header.expect("a header");
    assert!(header.contains(r#"oauth_signature="MdpQcU8iPSUjWoN%2FUDMsK2sui9I%3D""#), "{header}");
}

#[tokio::test]
async fn twitter_goes_by_its_three_requests() {
    let network = Arc::new(Network::default());
    let providers = providers(&network, "twitter", settings());
    network
        .answers("https://api.twitter.com/oauth/request_token", 200, "oauth_token=rt&oauth_token_secret=rs")
        .answers(
            "https://api.twitter.com/oauth/access_token",
            200,
            "oauth_token=at&oauth_token_secret=as&user_id=1",
        )
        .answers(
            "https://api.twitter.com/1.1/account/verify_credentials.json",
            200,
            json!({"id_str": "7", "name": "Ann", "screen_name": "ann", "email": "a@example.com"}),
        );
    let (authorization, query) = begin(&providers, "twitter", &[]).await;
    assert!(authorization.url.starts_with("https://api.twitter.com/oauth/authenticate?"));
    assert_eq!(query["oauth_token"], "rt");
    let asked = network.last("https://api.twitter.com/oauth/request_token");
    let sent = asked.headers[header::AUTHORIZATION].to_str().expect("text");
    assert!(sent.contains("callback%3Fstate%3Dst"), "{sent}");
    let answer = |token: &str, verifier: &str| CallbackParameters {
        oauth_token: Some(token.to_owned()),
        oauth_verifier: Some(verifier.to_owned()),
        ..CallbackParameters::default()
    };
    let provider = providers.get("twitter").expect("a provider");
    let identity = provider
        .complete(&answer("rt", "v"), &authorization.secret, CALLBACK, now())
        .await
        .expect("somebody");
    assert_eq!((identity.subject.as_str(), identity.provider_access_token.as_str()), ("7", "at"));
    assert_eq!(identity.identity_data["iss"], "https://api.twitter.com/1.1/account/verify_credentials.json");
    for (token, verifier) in [("other", "v"), ("rt", ""), ("", "v")] {
        let result =
            provider.complete(&answer(token, verifier), &authorization.secret, CALLBACK, now()).await;
        assert_eq!(result, Err(ProviderError::MixUp), "{token} {verifier}");
    }
}
