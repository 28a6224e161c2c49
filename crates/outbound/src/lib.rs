//! Outgoing HTTP requests that cannot reach the machine's own network.
//!
//! Whoever makes a server ask an address of his choice (a provider's document names further addresses, a name leads elsewhere the
//! second time) must not reach what only the server can reach. So for each request, and for each redirect of it: the host is
//! resolved once, every address is checked, and the connection goes to the checked address. Nothing is taken from the
//! environment (no proxies), nothing is unpacked, size and time are bounded.

mod address;
mod connect;
mod policy;
mod resolve;

#[cfg(test)]
mod tests;

pub use policy::{AllowedHost, Policy};
pub use resolve::Resolve;
pub use tokio_rustls::rustls::pki_types::CertificateDer;

use address::{Reach, reach};
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use connect::{Encryption, Stream, connect};
use fetch::{Fetch, FetchError, Request, Response};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use url::{Host, Url};

/// How large the head of an answer may be.
const HEAD_LIMIT: usize = 64 << 10;

/// Headers that say how the connection is used: not the caller's to set.
const CONNECTION_HEADERS: &[HeaderName] = &[
    header::HOST,
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::TRANSFER_ENCODING,
    header::TE,
    header::TRAILER,
    header::UPGRADE,
    header::EXPECT,
    header::ACCEPT_ENCODING,
    header::PROXY_AUTHORIZATION,
];

/// Asks servers over HTTP/1.1, one connection for each request.
pub struct Outbound {
    policy: Policy,
    resolver: Arc<dyn Resolve>,
    encryption: Encryption,
    agent: HeaderValue,
}

impl Outbound {
    /// With the system's resolver and authorities. `agent` is the `User-Agent`.
    pub fn new(policy: Policy, agent: &str) -> Outbound {
        let agent = HeaderValue::from_str(agent).unwrap_or(HeaderValue::from_static("bedplate"));
        Outbound { policy, resolver: Arc::new(resolve::System), encryption: Encryption::new(None), agent }
    }

    /// With another resolver.
    pub fn with_resolver(self, resolver: Arc<dyn Resolve>) -> Outbound {
        Outbound { resolver, ..self }
    }

    /// With these authorities (certificates in DER) instead of the system's.
    pub fn with_authorities(self, authorities: Vec<CertificateDer<'static>>) -> Outbound {
        Outbound { encryption: Encryption::new(Some(authorities)), ..self }
    }

    async fn follow(&self, request: Request) -> Result<Response, FetchError> {
        let mut url = absolute(&request.url)?;
        let mut headers = request.headers;
        let follows = request.redirects > 0 && request.method == Method::GET;
        let mut left = request.redirects;
        loop {
            let asked = Asked {
                method: &request.method,
                headers: &headers,
                body: &request.body,
                limit: request.limit,
            };
            let response = self.ask(&url, asked).await?;
            if !follows || !leads_on(response.status) {
                return Ok(response);
            }
            left = left.checked_sub(1).ok_or(FetchError::Redirected)?;
            let location = response.headers.get(header::LOCATION).and_then(|location| location.to_str().ok());
            let next = location.and_then(|location| url.join(location).ok()).ok_or(FetchError::Redirected)?;
            let next = absolute(next.as_str())?;
            if next.origin() != url.origin() {
                // Credentials were meant for the first.
                headers.remove(header::AUTHORIZATION);
                headers.remove(header::COOKIE);
            }
            url = next;
        }
    }

    /// One request to one address.
    async fn ask(&self, url: &Url, asked: Asked<'_>) -> Result<Response, FetchError> {
        let (host, port) = target(url)?;
        let addresses = self.checked(url, &host, port).await?;
        let stream = connect(&addresses).await?;
        let stream: Box<dyn Stream> = match url.scheme() {
            "https" => self.encryption.encrypt(&host, stream).await?,
            _ => Box::new(stream),
        };
        let (mut sender, connection) = http1::Builder::new()
            .max_buf_size(HEAD_LIMIT)
            .handshake::<_, Full<Bytes>>(TokioIo::new(stream))
            .await
            .map_err(broken)?;
        let _running = Running(tokio::spawn(connection));
        let limit = asked.limit;
        let response = sender.send_request(self.request(url, asked)?).await.map_err(broken)?;
        read(response, limit).await
    }

    /// The host's addresses, every one of which may be reached.
    async fn checked(&self, url: &Url, host: &Host<&str>, port: u16) -> Result<Vec<SocketAddr>, FetchError> {
        let permission = self.policy.of(host, port);
        let plain = url.scheme() != "https";
        if plain && !permission.may_be_plain() {
            return Err(FetchError::Plain(host.to_string()));
        }
        let addresses: Vec<IpAddr> = match host {
            Host::Ipv4(address) => vec![(*address).into()],
            Host::Ipv6(address) => vec![(*address).into()],
            Host::Domain(name) => {
                let found = self.resolver.resolve(name).await;
                found.map_err(|error| FetchError::Unresolved(error.to_string()))?
            }
        };
        if addresses.is_empty() {
            return Err(FetchError::Unresolved("it has no address".to_owned()));
        }
        let reaches: Vec<Reach> = addresses.iter().map(|address| reach(*address)).collect();
        if !permission.allows(&reaches) {
            return Err(FetchError::Forbidden(host.to_string()));
        }
        if plain && !permission.allows_plain(&reaches) {
            return Err(FetchError::Plain(host.to_string()));
        }
        Ok(addresses.into_iter().map(|address| SocketAddr::new(address, port)).collect())
    }

    fn request(&self, url: &Url, asked: Asked<'_>) -> Result<http::Request<Full<Bytes>>, FetchError> {
        if let Some(name) = CONNECTION_HEADERS.iter().find(|name| asked.headers.contains_key(*name)) {
            return Err(FetchError::Protocol(format!("the header {name} is not the caller's to set")));
        }
        let authority = match (url.host_str(), url.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (Some(host), None) => host.to_owned(),
            (None, _) => return Err(FetchError::Address("it names no host")),
        };
        let path = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let mut request = http::Request::new(Full::new(asked.body.clone()));
        *request.method_mut() = asked.method.clone();
        *request.uri_mut() = path.parse().map_err(|_| FetchError::Address("its path is not one of HTTP"))?;
        let headers = request.headers_mut();
        *headers = asked.headers.clone();
        let host = HeaderValue::from_str(&authority);
        headers.insert(header::HOST, host.map_err(|_| FetchError::Address("its host is not one of HTTP"))?);
        headers.entry(header::USER_AGENT).or_insert_with(|| self.agent.clone());
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        Ok(request)
    }
}

#[async_trait]
impl Fetch for Outbound {
    async fn fetch(&self, request: Request) -> Result<Response, FetchError> {
        let timeout = request.timeout;
        match tokio::time::timeout(timeout, self.follow(request)).await {
            Ok(answer) => answer,
            Err(_) => Err(FetchError::TimedOut),
        }
    }
}

/// What is asked of one address.
struct Asked<'a> {
    method: &'a Method,
    headers: &'a HeaderMap,
    body: &'a Bytes,
    limit: usize,
}

/// Ends the task that drives a connection, with the request.
struct Running(tokio::task::JoinHandle<hyper::Result<()>>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn absolute(text: &str) -> Result<Url, FetchError> {
    let url = Url::parse(text).map_err(|_| FetchError::Address("it is not an absolute address"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(FetchError::Address("it is neither http nor https"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(FetchError::Address("it holds credentials"));
    }
    Ok(url)
}

fn target(url: &Url) -> Result<(Host<&str>, u16), FetchError> {
    let host = url.host().ok_or(FetchError::Address("it names no host"))?;
    let port = url.port_or_known_default().ok_or(FetchError::Address("it names no port"))?;
    if port == 0 {
        return Err(FetchError::Address("its port is 0"));
    }
    Ok((host, port))
}

fn leads_on(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT
    )
}

async fn read(response: http::Response<Incoming>, limit: usize) -> Result<Response, FetchError> {
    let (head, mut body) = response.into_parts();
    let packed = head.headers.get_all(header::CONTENT_ENCODING).iter().any(|coding| coding != "identity");
    if packed {
        return Err(FetchError::Packed);
    }
    if usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX) > limit {
        return Err(FetchError::TooLarge);
    }
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.map_err(broken)?.into_data() {
            if data.len() > limit - bytes.len() {
                return Err(FetchError::TooLarge);
            }
            bytes.extend_from_slice(&data);
        }
    }
    Ok(Response { status: head.status, headers: head.headers, body: bytes.freeze() })
}

fn broken(error: hyper::Error) -> FetchError {
    if error.is_parse() {
        FetchError::Protocol(error.to_string())
    } else {
        FetchError::Unreachable(error.to_string())
    }
}
