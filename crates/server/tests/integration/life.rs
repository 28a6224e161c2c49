//! The life of the server: where it listens, which protocols it speaks, what it counts, how it ends.

use crate::harness::{Answer, Running, ask_at, folder};
use server::configuration::Settings;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

#[tokio::test]
async fn metrics_have_a_port_of_their_own() {
    let project = folder();
    let metrics = Some("127.0.0.1:0".parse().expect("an address"));
    let server = Running::ephemeral(project.path(), Settings { metrics, ..Settings::default() }).await;
    server.get("/health", &[]).await;
    server.get("/rest/v1/x?apikey=hush", &[]).await;
    assert_eq!(server.get("/metrics", &[]).await.status, 404);
    let request = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let page = ask_at(server.metrics.expect("a port"), request).await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").starts_with("text/plain; version=0.0.4"));
    for line in [
        "bedplate_http_requests_total{route=\"/health\",method=\"GET\",status=\"200\"} 1",
        "bedplate_http_requests_total{route=\"/rest/v1/{relation}\",method=\"GET\",status=\"400\"} 1",
        "bedplate_http_requests_in_flight 0",
    ] {
        assert!(page.body.contains(line), "{line}\n{}", page.body);
    }
    assert!(!page.body.contains("hush"));
    server.stop().await;
}

#[tokio::test]
async fn localhost_is_both_families() {
    let project = folder();
    let server = Running::ephemeral(project.path(), Settings::default()).await;
    let six = IpAddr::V6(Ipv6Addr::LOCALHOST);
    // A machine without IPv6 has nothing to listen on.
    if TcpListener::bind(SocketAddr::new(six, 0)).await.is_ok() {
        let request = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        assert_eq!(ask_at(SocketAddr::new(six, server.address.port()), request).await.status, 200);
    }
    server.stop().await;
}

#[tokio::test]
async fn http_2_is_spoken_without_tls() {
    let project = folder();
    let server = Running::ephemeral(project.path(), Settings::default()).await;
    let mut stream = TcpStream::connect(server.address).await.expect("a connection");
    // The preface, and an empty SETTINGS frame.
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.expect("sent");
    let mut frame = [0; 9];
    stream.read_exact(&mut frame).await.expect("a frame");
    assert_eq!((frame[3], frame[4], &frame[5..9]), (4, 0, &[0; 4][..]), "its own SETTINGS come first");
    drop(stream);
    server.stop().await;
}

#[tokio::test]
async fn a_request_that_runs_is_answered_before_the_end() {
    let project = folder();
    let server = Running::ephemeral(project.path(), Settings::default()).await;
    let address = server.address;
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let head = "POST /rest/v1/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{";
    stream.write_all(head.as_bytes()).await.expect("sent");
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    server.begin_to_stop();
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert!(TcpStream::connect(address).await.is_err(), "nobody new is let in");
    stream.write_all(b"}").await.expect("sent");
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.expect("an answer");
    assert_eq!(Answer::read(&bytes).status, 404);
    server.stop().await;
}

#[tokio::test]
async fn a_port_in_use_is_said_before_anything_is_done() {
    let project = folder();
    let taken = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let listen = Some(taken.local_addr().expect("its address"));
    let refused = Running::start(project.path(), Settings { listen, ..Settings::default() }).await;
    assert!(refused.err().expect("a refusal").contains("--listen"));
    assert!(!project.path().join(".bedplate").exists());
}

/// A request that takes longer than it may is answered, whatever it waits for.
#[tokio::test]
async fn a_request_has_a_time() {
    let project = folder();
    let request_timeout = server::configuration::Span(std::time::Duration::from_millis(300));
    let server =
        Running::ephemeral(project.path(), Settings { request_timeout, ..Settings::default() }).await;
    let slow =
        "POST /rest/v1/x HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 10\r\n\r\n{";
    let answer = server.raw(slow.as_bytes()).await;
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (504, "application/problem+json"),
        "{answer:?}"
    );
    server.stop().await;
}
