//! The port of outgoing HTTP requests.
//!
//! Whoever asks another server (a provider of identities, a webhook) says what is to be asked as a value and is given the whole
//! answer. What may be reached at all is the driver's business: a feature cannot widen it.

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use std::fmt;
use std::time::Duration;

/// How large an answer may be unless the request says otherwise: 1 MiB.
pub const DEFAULT_LIMIT: usize = 1 << 20;

/// How long a request may take in all unless it says otherwise.
pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);

/// What is to be asked.
#[derive(Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The address, absolute. `https`, or `http` where the operator allows the host so.
    pub url: String,
    /// Headers. `Host`, `Content-Length` and what concerns the connection are the driver's and must not stand here.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// How many bytes the answer's body may have.
    pub limit: usize,
    /// How long everything may take: name resolution, connection, answer, redirects.
    pub timeout: Duration,
    /// How many redirects are followed (GET only); with 0 a redirect is the answer.
    pub redirects: u8,
}

impl Request {
    /// A request without headers and body, of the default limits, that follows no redirect.
    pub fn new(method: Method, url: impl Into<String>) -> Request {
        Request {
            method,
            url: url.into(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            limit: DEFAULT_LIMIT,
            timeout: DEFAULT_TIMEOUT,
            redirects: 0,
        }
    }

    /// GET.
    pub fn get(url: impl Into<String>) -> Request {
        Request::new(Method::GET, url)
    }

    /// POST of a form.
    pub fn form(url: impl Into<String>, encoded: String) -> Request {
        let mut request = Request::new(Method::POST, url);
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        request.headers.insert(header::CONTENT_TYPE, kind);
        request.body = Bytes::from(encoded);
        request
    }

    /// Adds a header.
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Request {
        self.headers.insert(name, value);
        self
    }
}

impl fmt::Debug for Request {
    // Query, headers and body carry secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.url.split(['?', '#']).next().unwrap_or_default();
        f.debug_struct("Request").field("method", &self.method).field("url", &shown).finish_non_exhaustive()
    }
}

/// The answer, whole.
#[derive(Clone)]
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, as it was sent: nothing is unpacked.
    pub body: Bytes,
}

impl fmt::Debug for Response {
    // A body may be a token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response").field("status", &self.status).finish_non_exhaustive()
    }
}

/// Why there is no answer. The texts are for the operator's log, not for whoever caused the request: they would tell him what
/// there is in the operator's network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchError {
    /// The address is not one that can be asked: not absolute, no host, not http(s), credentials in it.
    Address(&'static str),
    /// Plain `http` to a host for which the operator does not allow it.
    Plain(String),
    /// The host is, or its name leads to, an address that may not be reached.
    Forbidden(String),
    /// The name leads nowhere.
    Unresolved(String),
    /// No connection, or it broke.
    Unreachable(String),
    /// The encryption failed: the certificate, usually.
    Encryption(String),
    /// What came is not HTTP, or a header of the request is not allowed.
    Protocol(String),
    /// It took longer than allowed.
    TimedOut,
    /// The answer is larger than allowed.
    TooLarge,
    /// The answer is packed though nothing packed was asked for.
    Packed,
    /// More redirects than allowed, or one that leads nowhere.
    Redirected,
}

impl fmt::Display for FetchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FetchError::Address(why) => write!(f, "the address cannot be asked: {why}"),
            FetchError::Plain(host) => write!(f, "{host} may be asked over https only"),
            FetchError::Forbidden(host) => {
                write!(f, "{host} may not be reached: an address of this machine or of a private network")
            }
            FetchError::Unresolved(why) => write!(f, "the host's name leads nowhere: {why}"),
            FetchError::Unreachable(why) => write!(f, "the host cannot be reached: {why}"),
            FetchError::Encryption(why) => write!(f, "the connection cannot be encrypted: {why}"),
            FetchError::Protocol(why) => write!(f, "not an answer of HTTP: {why}"),
            FetchError::TimedOut => f.write_str("the answer took too long"),
            FetchError::TooLarge => f.write_str("the answer is too large"),
            FetchError::Packed => f.write_str("the answer is compressed"),
            FetchError::Redirected => f.write_str("too many redirects, or one that leads nowhere"),
        }
    }
}

impl std::error::Error for FetchError {}

/// What asks other servers.
#[async_trait]
pub trait Fetch: Send + Sync + 'static {
    /// Asks and reads the whole answer. Any status is an answer.
    ///
    /// # Errors
    /// There is no answer, or it may not be had.
    async fn fetch(&self, request: Request) -> Result<Response, FetchError>;
}
