//! Load for benchmarks: so many connections, each asking again as soon as it is answered, for so many seconds. HTTP/1.1 by hand, so that the load
//! costs less than what is measured.

mod server;

pub use server::Server;

use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What a run found.
#[derive(Debug)]
pub struct Report {
    /// Answers of the expected status.
    pub answers: u64,
    /// Answers of another status.
    pub refused: u64,
    /// How long it ran.
    pub took: Duration,
    /// How long each answer took, in order.
    latencies: Vec<Duration>,
}

impl Report {
    /// Answers a second.
    pub fn rate(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a count of requests")]
        let answers = self.answers as f64;
        answers / self.took.as_secs_f64()
    }

    /// The latency below which so many thousandths of the answers are.
    pub fn latency(&self, thousandths: usize) -> Duration {
        let at = (self.latencies.len() * thousandths / 1000).min(self.latencies.len().saturating_sub(1));
        self.latencies.get(at).copied().unwrap_or_default()
    }
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its body.
    pub body: String,
}

/// A connection that is kept.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// Opens it.
    ///
    /// # Errors
    /// The socket's.
    pub async fn open(address: SocketAddr) -> std::io::Result<Connection> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Connection { stream, buffer: Vec::with_capacity(16 << 10) })
    }

    /// Sends a request and reads its answer.
    ///
    /// # Errors
    /// The socket's, or an answer that is none.
    pub async fn ask(&mut self, request: &[u8]) -> std::io::Result<Answer> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            if let Some(answer) = whole(&self.buffer)? {
                return Ok(answer);
            }
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err(std::io::Error::other("the server closed the connection"));
            }
        }
    }
}

/// The answer, if it is complete.
fn whole(bytes: &[u8]) -> std::io::Result<Option<Answer>> {
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let bad = || std::io::Error::other("not an answer");
    let head = std::str::from_utf8(&bytes[..end]).map_err(|_| bad())?;
    let status = head.get(9..12).and_then(|text| text.parse().ok()).ok_or_else(bad)?;
    let length = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse::<usize>().ok());
    let body = &bytes[end + 4..];
    let body = match length {
        Some(length) if body.len() < length => return Ok(None),
        Some(length) => &body[..length],
        None if head.to_ascii_lowercase().contains("transfer-encoding: chunked") => {
            return Err(std::io::Error::other("chunked answers are not read here"));
        }
        None => &body[..0],
    };
    Ok(Some(Answer { status, body: String::from_utf8_lossy(body).into_owned() }))
}

/// A request as bytes. `headers` end with a line break each.
pub fn request(method: &str, path: &str, host: SocketAddr, headers: &str, body: &str) -> Vec<u8> {
    let length = if body.is_empty() && method == "GET" {
        String::new()
    } else {
        format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len())
    };
    format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\n{headers}{length}\r\n{body}").into_bytes()
}

/// What one connection asks next: given its own last answer, the first time none.
pub trait Asker: Send + 'static {
    /// The next request.
    fn next(&mut self, last: Option<&Answer>) -> Vec<u8>;
}

/// The same request always.
pub struct Same(pub Vec<u8>);

impl Asker for Same {
    fn next(&mut self, _: Option<&Answer>) -> Vec<u8> {
        self.0.clone()
    }
}

/// Loads an address with one connection for each asker, for a while after a warm-up.
///
/// # Errors
/// The sockets'.
pub async fn load(
    address: SocketAddr,
    askers: Vec<Box<dyn Asker>>,
    span: Duration,
) -> std::io::Result<Report> {
    let warm = Duration::from_secs(1);
    let begun = Instant::now();
    let tasks = askers.into_iter().map(|mut asker| {
        tokio::spawn(async move {
            let mut connection = Connection::open(address).await?;
            let (mut latencies, mut refused) = (Vec::new(), 0);
            let mut last: Option<Answer> = None;
            while begun.elapsed() < warm + span {
                let request = asker.next(last.as_ref());
                let asked = Instant::now();
                let answer = connection.ask(&request).await?;
                if asked.duration_since(begun) >= warm {
                    if answer.status < 300 { latencies.push(asked.elapsed()) } else { refused += 1 }
                }
                last = Some(answer);
            }
            Ok::<_, std::io::Error>((latencies, refused))
        })
    });
    let tasks: Vec<_> = tasks.collect();
    let mut report = Report { answers: 0, refused: 0, took: span, latencies: Vec::new() };
    for task in tasks {
        let (latencies, refused) = task.await.map_err(std::io::Error::other)??;
        report.answers += latencies.len() as u64;
        report.refused += refused;
        report.latencies.extend(latencies);
    }
    report.latencies.sort();
    Ok(report)
}
