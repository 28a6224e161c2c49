//! Which pages may ask: cross-origin resource sharing.

use http::{HeaderMap, HeaderValue, Method, header};

/// The policy: which origins may ask, and what they may read beside the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cors {
    /// Origins that may ask with credentials; empty is every origin, without credentials.
    pub origins: Vec<String>,
    /// The headers of answers that a page may read.
    pub exposed: HeaderValue,
}

impl Default for Cors {
    /// Every origin, the headers that PostgREST exposes, and those of ours.
    fn default() -> Cors {
        Cors { origins: Vec::new(), exposed: EXPOSED }
    }
}

const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PATCH, PUT, DELETE, OPTIONS, HEAD");
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "Content-Encoding, Content-Location, Content-Range, Content-Type, Date, Location, Server, Transfer-Encoding, Range-Unit, \
     ETag, Idempotent-Replayed, Retry-After",
);

impl Cors {
    /// The headers of a preflight's answer; `None` when the request is none.
    pub fn preflight(&self, method: &Method, request: &HeaderMap) -> Option<HeaderMap> {
        request.get(header::ORIGIN)?;
        if method != Method::OPTIONS || !request.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD) {
            return None;
        }
        let mut answer = self.allowance(request);
        if answer.is_empty() {
            return Some(answer);
        }
        let asked = request.get(header::ACCESS_CONTROL_REQUEST_HEADERS).and_then(|value| value.to_str().ok());
        let names = std::iter::once("Authorization")
            .chain(asked.into_iter().flat_map(|list| list.split(',').map(str::trim)))
            .chain(["Accept", "Accept-Language", "Content-Language"])
            .filter(|name| !name.is_empty());
        let list = names.collect::<Vec<_>>().join(", ");
        answer.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        if let Ok(value) = HeaderValue::from_str(&list) {
            answer.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, value);
        }
        answer.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
        Some(answer)
    }

    /// Adds what an answer to another request needs.
    pub fn decorate(&self, request: &HeaderMap, answer: &mut HeaderMap) {
        if !request.contains_key(header::ORIGIN) {
            return;
        }
        let allowance = self.allowance(request);
        if allowance.is_empty() {
            return;
        }
        for (name, value) in &allowance {
            answer.insert(name, value.clone());
        }
        answer.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, self.exposed.clone());
    }

    fn allowance(&self, request: &HeaderMap) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let Some(origin) = request.get(header::ORIGIN) else {
            return headers;
        };
        if self.origins.is_empty() {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        } else if self.origins.iter().any(|allowed| allowed.as_bytes() == origin.as_bytes()) {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
        headers
    }
}
