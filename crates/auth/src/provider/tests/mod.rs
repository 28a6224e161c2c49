//! Providers against a network that answers what the test says.

mod flows;
mod known;
mod tokens;

use super::*;
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fetch::{Request, Response};
use http::{HeaderMap, StatusCode};
use serde_json::json;
use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use web::SigningKey;

pub(super) const ISSUER: &str = "https://issuer.example";

/// A network: what each address answers, and what was asked.
#[derive(Default)]
pub(super) struct Network {
    answers: Mutex<HashMap<String, (u16, String)>>,
    asked: Mutex<Vec<Request>>,
}

impl Network {
    /// Answers an address with a status and a body; the query is not looked at.
    pub(super) fn answers(&self, address: &str, status: u16, body: impl ToString) -> &Network {
        self.answers.lock().expect("answers").insert(address.to_owned(), (status, body.to_string()));
        self
    }

    pub(super) fn asked(&self, address: &str) -> usize {
        self.asked.lock().expect("asked").iter().filter(|request| bare(&request.url) == address).count()
    }

    /// The last request to an address.
    pub(super) fn last(&self, address: &str) -> Request {
        let asked = self.asked.lock().expect("asked");
        asked.iter().rev().find(|request| bare(&request.url) == address).cloned().expect(address)
    }
}

fn bare(address: &str) -> &str {
    address.split('?').next().unwrap_or_default()
}

#[async_trait]
impl Fetch for Network {
    async fn fetch(&self, request: Request) -> Result<Response, FetchError> {
        let answers = self.answers.lock().expect("answers");
        let answer = answers.get(bare(&request.url)).cloned();
        self.asked.lock().expect("asked").push(request);
        let (status, body) = answer.ok_or(FetchError::TimedOut)?;
        let status = StatusCode::from_u16(status).expect("a status");
        Ok(Response { status, headers: HeaderMap::new(), body: body.into() })
    }
}

/// An OpenID provider at [`ISSUER`] with one key, and a client of it named `acme`.
pub(super) struct Acme {
    /// How many seconds the clock of what is kept is ahead.
    pub(super) ahead: Arc<AtomicU64>,
    pub(super) network: Arc<Network>,
    pub(super) key: SigningKey,
    pub(super) providers: Providers,
}

pub(super) fn settings() -> ProviderSettings {
    ProviderSettings {
        enabled: true,
        client_ids: vec!["web".into(), "ios".into()],
        secret: ClientSecret::new("hush"),
        ..ProviderSettings::default()
    }
}

pub(super) fn providers(network: &Arc<Network>, name: &str, settings: ProviderSettings) -> Providers {
    Providers::new(BTreeMap::from([(name.to_owned(), settings)]), Arc::clone(network) as Arc<dyn Fetch>)
}

pub(super) fn document() -> Value {
    json!({
        "issuer": ISSUER,
        "authorization_endpoint": "https://issuer.example/authorize?tenant=1",
        "token_endpoint": "https://issuer.example/token",
        "userinfo_endpoint": "https://issuer.example/userinfo",
        "jwks_uri": "https://issuer.example/keys",
        "code_challenge_methods_supported": ["plain", "S256"],
    })
}

pub(super) fn publish(network: &Network, keys: &[&SigningKey]) {
    let keys: Vec<Value> = keys.iter().map(|key| key.public_jwk()).collect();
    network.answers("https://issuer.example/keys", 200, json!({ "keys": keys }));
}

pub(super) fn acme_with(settings: ProviderSettings) -> Acme {
    let network = Arc::new(Network::default());
    let key = SigningKey::make_es256("one").expect("a key");
    network.answers("https://issuer.example/.well-known/openid-configuration", 200, document());
    publish(&network, &[&key]);
    let settings = ProviderSettings { url: Some(ISSUER.to_owned()), ..settings };
    let mut providers = providers(&network, "acme", settings);
    let (ahead, began) = (Arc::new(AtomicU64::new(0)), Instant::now());
    let seconds = Arc::clone(&ahead);
    let clock = Arc::new(move || began + Duration::from_secs(seconds.load(Ordering::SeqCst)));
    providers.discovery = Discovery::new(Arc::clone(&network) as Arc<dyn Fetch>, clock);
    Acme { ahead, network, key, providers }
}

impl Acme {
    pub(super) fn wait(&self, seconds: u64) {
        self.ahead.fetch_add(seconds, Ordering::SeqCst);
    }
}

pub(super) fn acme() -> Acme {
    acme_with(settings())
}

/// A moment for all tokens.
pub(super) fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

/// Good claims, changed: a null takes one away.
pub(super) fn claims(changes: Value) -> Value {
    let mut claims = json!({
        "iss": ISSUER, "aud": "web", "sub": "s-1", "exp": 1_800_000_300, "iat": 1_800_000_000,
        "email": "ann@example.com", "email_verified": true, "name": "Ann",
    });
    let all = claims.as_object_mut().expect("an object");
    for (name, value) in changes.as_object().expect("an object") {
        if value.is_null() {
            all.remove(name);
        } else {
            all.insert(name.clone(), value.clone());
        }
    }
    claims
}

pub(super) fn token(key: &SigningKey, claims: &Value) -> String {
    let header = json!({ "alg": key.algorithm().name(), "kid": key.kid(), "typ": "JWT" });
    signed_by(&header, claims, |message| key.sign(message).expect("a signature"))
}

pub(super) fn signed_by(header: &Value, claims: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", encode(header), encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(sign(message.as_bytes()));
    format!("{message}.{signature}")
}
