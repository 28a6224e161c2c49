//! A part of a server (`/auth/v1`, `/rest/v1`) at the root of a port, as GoTrue and PostgREST without a gateway have it: some suites ask it
//! there.

use crate::run::Result;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::thread;

/// The longest head of a request that is taken.
const HEAD_BYTES: usize = 64 << 10;

/// Listens on `localhost`, until the process ends, and hands every request on with `prefix` before its path. Each
/// connection has one request.
pub(super) fn hand_on(port: u16, to: SocketAddr, prefix: &'static str) -> Result {
    let v4 = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .map_err(|error| format!("cannot listen on port {port}: {error}"))?;
    // A machine without IPv6 has no ::1.
    let v6 = TcpListener::bind((Ipv6Addr::LOCALHOST, port)).ok();
    for listener in std::iter::once(v4).chain(v6) {
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                thread::spawn(move || {
                    // A client that went away is no failure of ours.
                    let _ = one_request(stream, to, prefix);
                });
            }
        });
    }
    Ok(())
}

fn one_request(mut client: TcpStream, to: SocketAddr, prefix: &str) -> std::io::Result<()> {
    let mut received = Vec::new();
    let mut part = [0; 4096];
    let end = loop {
        if let Some(at) = received.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break at;
        }
        let length = client.read(&mut part)?;
        if length == 0 || received.len() > HEAD_BYTES {
            return Ok(());
        }
        received.extend_from_slice(part.get(..length).unwrap_or_default());
    };
    let (head, rest) = received.split_at(end);
    let Some(head) = under(prefix, &String::from_utf8_lossy(head)) else { return Ok(()) };
    let mut server = TcpStream::connect(to)?;
    server.write_all(head.as_bytes())?;
    server.write_all(rest)?;
    let (mut from_client, mut to_server) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || std::io::copy(&mut from_client, &mut to_server));
    let copied = std::io::copy(&mut server, &mut client).map(|_| ());
    let _ = client.shutdown(Shutdown::Both);
    let _ = server.shutdown(Shutdown::Both);
    copied
}

/// The head of a request with its path under `prefix`, for a connection that ends with it.
fn under(prefix: &str, head: &str) -> Option<String> {
    let (line, headers) = head.split_once("\r\n").unwrap_or((head, ""));
    let (method, target) = line.split_once(' ')?;
    let kept = headers
        .split("\r\n")
        .filter(|header| !header.to_ascii_lowercase().starts_with("connection:") && !header.is_empty());
    let mut changed = format!("{method} {prefix}{target}\r\nConnection: close");
    for header in kept {
        changed.push_str("\r\n");
        changed.push_str(header);
    }
    Some(changed)
}

#[cfg(test)]
mod tests {
    use super::under;

    #[test]
    fn a_path_goes_under_a_prefix_and_the_connection_ends() {
        let head =
            "POST /token?grant_type=password HTTP/1.1\r\nHost: localhost:9999\r\nConnection: keep-alive";
        let expected =
            "POST /auth/v1/token?grant_type=password HTTP/1.1\r\nConnection: close\r\nHost: localhost:9999";
        assert_eq!(under("/auth/v1", head).as_deref(), Some(expected));
        assert_eq!(under("/auth/v1", "nonsense"), None);
    }
}
