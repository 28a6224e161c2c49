//! Sockets and connections: HTTP/1.1 and HTTP/2 without TLS on one port, bounds on what a client may take, and an end in order.

use crate::app::Peer;
use crate::events::{Event, Events};
use axum::Router;
use axum::body::Body;
use axum::response::Response;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tower::ServiceExt as _;

/// Bytes of a request's head.
const LARGEST_HEAD: usize = 64 << 10;
/// How long a head may take, the wait for a kept connection's next one included.
const HEAD_TIMEOUT: Duration = Duration::from_secs(75);
/// Streams that one HTTP/2 connection may have open.
const MOST_STREAMS: u32 = 256;

/// Binds the address, and for IPv4 loopback the IPv6 one too where the machine has it: clients say `localhost`.
///
/// # Errors
/// When the address itself cannot be bound.
pub async fn bind(address: SocketAddr) -> io::Result<Vec<TcpListener>> {
    let first = TcpListener::bind(address).await?;
    let bound = first.local_addr()?;
    let mut listeners = vec![first];
    if address.ip() == IpAddr::V4(Ipv4Addr::LOCALHOST) {
        let second = SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), bound.port());
        listeners.extend(TcpListener::bind(second).await.ok());
    }
    Ok(listeners)
}

/// Serves until `stop` is true, then lets connections end, and cuts off those that do not in time. Says how many were cut off.
pub async fn serve(
    listeners: Vec<TcpListener>,
    router: Router,
    events: Arc<Events>,
    stop: watch::Receiver<bool>,
    patience: Duration,
) -> usize {
    let graceful = Arc::new(GracefulShutdown::new());
    let mut accepting = tokio::task::JoinSet::new();
    for listener in listeners {
        accepting.spawn(accept(
            listener,
            router.clone(),
            Arc::clone(&events),
            Arc::clone(&graceful),
            stop.clone(),
        ));
    }
    while accepting.join_next().await.is_some() {}
    let Some(graceful) = Arc::into_inner(graceful) else { return 0 };
    let busy = graceful.count();
    match tokio::time::timeout(patience, graceful.shutdown()).await {
        Ok(()) => 0,
        Err(_) => busy,
    }
}

async fn accept(
    listener: TcpListener,
    router: Router,
    events: Arc<Events>,
    graceful: Arc<GracefulShutdown>,
    mut stop: watch::Receiver<bool>,
) {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(LARGEST_HEAD)
        .pipeline_flush(true);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(u32::try_from(LARGEST_HEAD).unwrap_or(u32::MAX))
        .max_concurrent_streams(MOST_STREAMS)
        .keep_alive_interval(Duration::from_secs(30))
        .keep_alive_timeout(Duration::from_secs(30));
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => return,
        };
        match accepted {
            Ok((stream, peer)) => connection(stream, peer, &builder, &router, &graceful),
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                // Out of file descriptors, most likely: wait until some are back.
                events.emit(&Event::AcceptFailed(&error.to_string()));
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}

fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    builder: &Builder<TokioExecutor>,
    router: &Router,
    graceful: &GracefulShutdown,
) {
    // Answers are written whole: waiting to fill a packet only delays them.
    let _ = stream.set_nodelay(true);
    let router = router.clone();
    let service = hyper::service::service_fn(move |mut request: http::Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        answer(router.clone(), request)
    });
    let connection = graceful.watch(builder.serve_connection(TokioIo::new(stream), service).into_owned());
    // A connection that breaks is the client's affair; what was asked on it has its line in the log.
    tokio::spawn(async move { connection.await.ok() });
}

async fn answer(router: Router, request: http::Request<Incoming>) -> Result<Response, Infallible> {
    router.oneshot(request.map(Body::new)).await
}
