//! Where an OpenID provider is to be asked, and its keys: found by its issuer, kept for a while.
//!
//! What is kept has bounds in number and time. Keys are asked for again when a token names one that is not known, but no
//! more often than once a minute: whoever sends tokens must not be able to make us ask all day.

use super::id_token::ProviderKey;
use super::{ProviderError, Result};
use fetch::{Fetch, Request, Response};
use http::{HeaderValue, header};
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// How many issuers are kept: more than anybody configures, so that only Azure's tenants can be too many.
const ISSUERS_LIMIT: usize = 64;

/// How long a document and keys are taken as they are.
const FRESH: Duration = Duration::from_secs(3600);

/// How long they serve when the provider does not answer.
const STALE: Duration = Duration::from_secs(24 * 3600);

/// How long after a failed attempt the next is made, and how long after any attempt an unknown key is asked for again.
const FAILURE_PAUSE: Duration = Duration::from_secs(5);
const UNKNOWN_KEY_PAUSE: Duration = Duration::from_secs(60);

/// How large a document or a set of keys may be.
const DOCUMENT_LIMIT: usize = 512 << 10;

/// A provider's own description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Document {
    pub(super) issuer: String,
    pub(super) authorization_endpoint: String,
    pub(super) token_endpoint: String,
    pub(super) userinfo_endpoint: Option<String>,
    jwks_uri: String,
    /// Whether it takes a code challenge of S256 (RFC 7636).
    pub(super) takes_s256: bool,
    /// How the client may authenticate; `None` when it does not say.
    pub(super) client_authentication: Option<Vec<String>>,
    /// Whether its answers name it (RFC 9207).
    pub(super) names_issuer: bool,
}

impl Document {
    fn read(document: &Value, issuer: &str) -> Result<Document> {
        let text = |name: &str| document.get(name).and_then(Value::as_str).map(str::to_owned);
        let required = |name: &'static str| {
            text(name)
                .filter(|text| !text.is_empty())
                .ok_or_else(|| ProviderError::Malformed(format!("the document of {issuer} has no {name}")))
        };
        let list = |name: &str| -> Option<Vec<String>> {
            let list = document.get(name)?.as_array()?;
            Some(list.iter().filter_map(Value::as_str).map(str::to_owned).collect())
        };
        let found = required("issuer")?;
        if found != issuer {
            return Err(ProviderError::Malformed(format!(
                "the document of {issuer} names another issuer: {found:?}"
            )));
        }
        Ok(Document {
            issuer: found,
            authorization_endpoint: required("authorization_endpoint")?,
            token_endpoint: required("token_endpoint")?,
            userinfo_endpoint: text("userinfo_endpoint"),
            jwks_uri: required("jwks_uri")?,
            takes_s256: list("code_challenge_methods_supported")
                .is_some_and(|methods| methods.iter().any(|method| method == "S256")),
            client_authentication: list("token_endpoint_auth_methods_supported"),
            names_issuer: document.get("authorization_response_iss_parameter_supported")
                == Some(&Value::Bool(true)),
        })
    }
}

/// A provider's keys.
pub(super) type Keys = Arc<Vec<ProviderKey>>;

/// What is kept of one issuer.
#[derive(Default)]
struct Entry {
    document: Option<(Instant, Arc<Document>)>,
    keys: Option<(Instant, Keys)>,
    /// When keys were last asked for, with or without success.
    keys_asked: Option<Instant>,
    failed: Option<(Instant, ProviderError)>,
}

struct Slot {
    used: Instant,
    entry: Arc<Mutex<Entry>>,
}

/// Finds and keeps documents and keys.
pub(super) struct Discovery {
    fetch: Arc<dyn Fetch>,
    clock: Clock,
    slots: Mutex<HashMap<String, Slot>>,
}

/// What time it is.
pub(super) type Clock = Arc<dyn Fn() -> Instant + Send + Sync>;

impl Discovery {
    pub(super) fn new(fetch: Arc<dyn Fetch>, clock: Clock) -> Discovery {
        Discovery { fetch, clock, slots: Mutex::new(HashMap::new()) }
    }

    fn now(&self) -> Instant {
        (self.clock)()
    }

    /// The last failure's error while it is fresh.
    fn after_pause(&self, failed: &Option<(Instant, ProviderError)>) -> Result<()> {
        match failed {
            Some((at, error)) if self.now() < *at + FAILURE_PAUSE => Err(error.clone()),
            Some(_) | None => Ok(()),
        }
    }

    /// The document of an issuer.
    pub(super) async fn document(&self, issuer: &str) -> Result<Arc<Document>> {
        let entry = self.entry(issuer).await;
        let mut entry = entry.lock().await;
        self.document_of(&mut entry, issuer).await
    }

    /// The keys of an issuer. When the kept ones do not serve they are asked for again, if that is due.
    pub(super) async fn keys(&self, issuer: &str, serve: impl Fn(&Keys) -> bool) -> Result<Keys> {
        let entry = self.entry(issuer).await;
        // Whoever waits here finds what the one before him has brought.
        let mut entry = entry.lock().await;
        let now = self.now();
        let kept = entry.keys.clone();
        let due = match &kept {
            None => true,
            Some((at, keys)) => {
                let paused = entry.keys_asked.is_some_and(|asked| now < asked + UNKNOWN_KEY_PAUSE);
                now >= *at + FRESH || (!serve(keys) && !paused)
            }
        };
        if !due && let Some((_, keys)) = kept {
            return Ok(keys);
        }
        match self.ask_keys(&mut entry, issuer).await {
            Ok(keys) => Ok(keys),
            Err(error) => match kept {
                Some((at, keys)) if now < at + STALE => Ok(keys),
                Some(_) | None => Err(error),
            },
        }
    }

    async fn ask_keys(&self, entry: &mut Entry, issuer: &str) -> Result<Keys> {
        let document = self.document_of(entry, issuer).await?;
        self.after_pause(&entry.failed)?;
        entry.keys_asked = Some(self.now());
        let keys = match self.json(&document.jwks_uri).await {
            Ok(set) => ProviderKey::read_set(&set),
            Err(error) => Err(error),
        };
        let keys = Arc::new(keys.inspect_err(|error| entry.failed = Some((self.now(), error.clone())))?);
        entry.keys = Some((self.now(), Arc::clone(&keys)));
        Ok(keys)
    }

    async fn document_of(&self, entry: &mut Entry, issuer: &str) -> Result<Arc<Document>> {
        let kept = entry.document.clone();
        if let Some((at, document)) = &kept
            && self.now() < *at + FRESH
        {
            return Ok(Arc::clone(document));
        }
        let asked = match self.after_pause(&entry.failed) {
            Ok(()) => self.ask_document(entry, issuer).await,
            Err(error) => Err(error),
        };
        match (asked, kept) {
            (Ok(document), _) => Ok(document),
            (Err(_), Some((at, document))) if self.now() < at + STALE => Ok(document),
            (Err(error), _) => Err(error),
        }
    }

    async fn ask_document(&self, entry: &mut Entry, issuer: &str) -> Result<Arc<Document>> {
        let address = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let document = match self.json(&address).await {
            Ok(document) => Document::read(&document, issuer),
            Err(error) => Err(error),
        };
        let document =
            Arc::new(document.inspect_err(|error| entry.failed = Some((self.now(), error.clone())))?);
        entry.document = Some((self.now(), Arc::clone(&document)));
        entry.failed = None;
        Ok(document)
    }

    async fn json(&self, address: &str) -> Result<Value> {
        let accept = HeaderValue::from_static("application/json");
        let request = Request { limit: DOCUMENT_LIMIT, ..Request::get(address) };
        let response = self.fetch.fetch(request.with_header(header::ACCEPT, accept)).await?;
        json(&response, address)
    }

    async fn entry(&self, issuer: &str) -> Arc<Mutex<Entry>> {
        let mut slots = self.slots.lock().await;
        let now = self.now();
        if !slots.contains_key(issuer) && slots.len() >= ISSUERS_LIMIT {
            let oldest = slots.iter().min_by_key(|(_, slot)| slot.used).map(|(issuer, _)| issuer.clone());
            if let Some(oldest) = oldest {
                slots.remove(&oldest);
            }
        }
        let slot =
            slots.entry(issuer.to_owned()).or_insert_with(|| Slot { used: now, entry: Arc::default() });
        slot.used = now;
        Arc::clone(&slot.entry)
    }
}

/// The JSON of a good answer.
pub(super) fn json(response: &Response, address: &str) -> Result<Value> {
    let place = address.split(['?', '#']).next().unwrap_or_default();
    if !response.status.is_success() {
        return Err(ProviderError::Refused(format!("{place} answered {}", response.status.as_u16())));
    }
    serde_json::from_slice(&response.body)
        .map_err(|_| ProviderError::Malformed(format!("{place} answered something that is not JSON")))
}
