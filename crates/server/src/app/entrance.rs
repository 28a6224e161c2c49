//! The layers that every request meets: its identifier and its line in the log, who may ask under which name, and limits.

use super::{App, Peer, problem};
use crate::address::{client, is_loopback_host, is_loopback_origin};
use crate::events::{Answered, Event, Events, Route};
use axum::body::{Body, HttpBody as _};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use http_body_util::Limited;
use std::net::{IpAddr, Ipv4Addr};
use std::time::{Instant, SystemTime};
use web::{Caller, ClientAddress, InternalCause, RequestId};

/// First: gives the request an identifier, and writes its line when it is answered.
pub(super) async fn enter(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let id = RequestId::of(request.headers());
    let client = client_of(&app, &request);
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    request.extensions_mut().insert(id.clone());
    request.extensions_mut().insert(ClientAddress(client));
    let in_flight = InFlight::begin(&app.events);
    let mut response = admit(&app, request, next).await;
    in_flight.answered();
    response.headers_mut().insert(RequestId::HEADER, id.header_value());
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let route = if response.extensions().get::<problem::NoSuchRoute>().is_some() {
        Route::Unknown
    } else {
        Route::of(&path)
    };
    app.events.emit(&Event::RequestAnswered(Answered {
        id: id.as_str(),
        client,
        method: &method,
        path: &path,
        route,
        status: response.status(),
        bytes: response.body().size_hint().exact(),
        took: begun.elapsed(),
        cause: response.extensions().get::<InternalCause>().map(|cause| cause.0.as_str()),
    }));
    response
}

/// The address of whoever asks.
pub(super) fn client_of(app: &App, request: &Request) -> IpAddr {
    let peer =
        request.extensions().get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
    client(peer, forwarded_for(request.headers()).as_deref(), &app.trusted_proxies)
}

/// All of `X-Forwarded-For`, in order: some proxies add a line of their own behind the one that the client sent.
fn forwarded_for(headers: &HeaderMap) -> Option<String> {
    let lines = headers.get_all("x-forwarded-for").iter().map(|line| line.to_str().unwrap_or_default());
    lines.map(str::to_owned).reduce(|all, line| format!("{all},{line}"))
}

/// Counts a request as abandoned unless it says otherwise: the client went away and hyper dropped its future.
struct InFlight<'a> {
    events: &'a Events,
    answered: bool,
}

impl<'a> InFlight<'a> {
    fn begin(events: &'a Events) -> InFlight<'a> {
        events.emit(&Event::RequestBegun);
        InFlight { events, answered: false }
    }

    fn answered(mut self) {
        self.answered = true;
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        if !self.answered {
            self.events.emit(&Event::RequestAbandoned);
        }
    }
}

/// Lets the request in, if it may.
async fn admit(app: &App, request: Request, next: Next) -> Response {
    // A token may be signed by a key that another node has just made.
    if app.keyring.is_shared() {
        app.keyring.look_for(request.headers()).await;
    }
    match guard(app, &request) {
        None => next.run(request).await,
        Some(refusal) => refusal,
    }
}

/// With the well-known keys anyone's web page could ask as this machine's developer. So the request must be addressed to
/// this machine by a name of its own (a page that had its own name resolve to loopback sends that name), and a page from
/// elsewhere may not use what is above a user.
fn guard(app: &App, request: &Request) -> Option<Response> {
    if !app.keys.well_known {
        return None;
    }
    if !addressed_to_loopback(request.headers(), request.uri()) {
        return Some(problem::problem(
            StatusCode::MISDIRECTED_REQUEST,
            "Not addressed to this machine",
            "With --dev and the well-known keys the Host must be localhost or a loopback address.",
        ));
    }
    if is_from_elsewhere(request.headers()) && asks_above_a_user(app, request.headers()) {
        return Some(problem::problem(
            StatusCode::FORBIDDEN,
            "The well-known service key is not accepted from this origin",
            "With --dev a page may use the service key only when its origin is localhost or a loopback address.",
        ));
    }
    None
}

/// Whether the request names this machine: by `Host`, or by the authority of HTTP/2, and where both are given by both.
pub(super) fn addressed_to_loopback(headers: &HeaderMap, uri: &Uri) -> bool {
    let mut names = headers
        .get_all(header::HOST)
        .iter()
        .map(|value| value.to_str().unwrap_or(""))
        .chain(uri.authority().map(http::uri::Authority::as_str))
        .peekable();
    names.peek().is_some() && names.all(is_loopback_host)
}

/// Whether a web page of another machine asks.
pub(super) fn is_from_elsewhere(headers: &HeaderMap) -> bool {
    headers.get_all(header::ORIGIN).iter().any(|origin| !origin.to_str().is_ok_and(is_loopback_origin))
}

/// Whether the request shows more than a user's token. What is not valid is not above anything: the door refuses it.
fn asks_above_a_user(app: &App, headers: &HeaderMap) -> bool {
    match app.doors.identify(headers, SystemTime::now()) {
        Ok(Caller::Service(_)) => true,
        Ok(caller @ Caller::User(_)) => &**caller.role() != "authenticated",
        Ok(Caller::Anonymous(_)) | Err(_) => false,
    }
}

/// What every request is limited by. It has a time; then it is answered, whatever it still does. Its body has a size.
pub(super) async fn limit(State(app): State<App>, request: Request, next: Next) -> Response {
    let request = match limit_body(&app, request) {
        Ok(request) => request,
        Err(refusal) => return *refusal,
    };
    match tokio::time::timeout(app.settings.request_timeout.0, next.run(request)).await {
        Ok(response) => response,
        Err(_) => problem::problem(
            StatusCode::GATEWAY_TIMEOUT,
            "The request took too long",
            "It was stopped after the time that bedplate.request_timeout allows.",
        ),
    }
}

/// Refused by what the request says of its body's size, and cut off where it says nothing or lies.
fn limit_body(app: &App, request: Request) -> Result<Request, Box<Response>> {
    let limit = app.settings.body_limit.0;
    let said = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if said.is_some_and(|bytes| bytes > limit) {
        return Err(Box::new(problem::problem(
            StatusCode::PAYLOAD_TOO_LARGE,
            "The request's body is too large",
            &format!("At most {limit} bytes are taken (bedplate.body_limit)."),
        )));
    }
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    Ok(request.map(|body| Body::new(Limited::new(body, limit))))
}
