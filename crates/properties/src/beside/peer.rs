//! The real PostgREST: its process, and asking it over HTTP.

use super::Asked;
use super::answer::Answer;
use super::ours::SECRET;
use super::schema::Schema;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;

/// A running PostgREST, ended when dropped.
pub(super) struct Peer {
    child: Child,
    socket: PathBuf,
    connection: Option<BufReader<UnixStream>>,
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_file(&self.socket);
    }
}

impl Peer {
    /// Starts it on a database and waits until it knows the schema.
    pub(super) async fn start(
        program: &Path,
        url: &str,
        folder: &Path,
        schema: &Schema,
    ) -> Result<Peer, String> {
        let socket = folder.join("peer.sock");
        let _ = std::fs::remove_file(&socket);
        let mut command = Command::new(program);
        command
            .env("PGRST_DB_URI", url)
            .env("PGRST_DB_SCHEMAS", "api,other")
            .env("PGRST_DB_EXTRA_SEARCH_PATH", "public")
            .env("PGRST_DB_ANON_ROLE", "anon")
            .env("PGRST_DB_TX_END", "rollback-allow-override")
            .env("PGRST_DB_AGGREGATES_ENABLED", schema.aggregates.to_string())
            .env("PGRST_DB_CONFIG", "false")
            .env("PGRST_DB_CHANNEL_ENABLED", "false")
            .env("PGRST_DB_POOL", "1")
            .env("PGRST_JWT_SECRET", SECRET)
            .env("PGRST_LOG_LEVEL", "crit")
            .env("PGRST_SERVER_UNIX_SOCKET", &socket);
        if let Some(rows) = schema.max_rows {
            command.env("PGRST_DB_MAX_ROWS", rows.to_string());
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().map_err(|error| format!("{}: {error}", program.display()))?;
        let mut peer = Peer { child, socket, connection: None };
        let question =
            Asked { method: "GET", target: "/none".into(), headers: Vec::new(), body: String::new() };
        for _ in 0..600 {
            if peer.exchange(&question).await.is_ok_and(|answer| answer.status != 503) {
                return Ok(peer);
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        Err("PostgREST does not answer".into())
    }

    /// Its answer.
    pub(super) async fn ask(&mut self, asked: &Asked) -> Result<Answer, String> {
        match self.exchange(asked).await {
            Ok(answer) => Ok(answer),
            // A connection that it closed after its last answer.
            Err(_) => {
                self.connection = None;
                self.exchange(asked).await.map_err(|error| error.to_string())
            }
        }
    }

    async fn exchange(&mut self, asked: &Asked) -> std::io::Result<Answer> {
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => BufReader::new(UnixStream::connect(&self.socket).await?),
        };
        let mut text = format!("{} {} HTTP/1.1\r\nhost: localhost\r\n", asked.method, asked.target);
        for (name, value) in &asked.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        if asked.writes() {
            text.push_str(&format!("content-length: {}\r\n", asked.body.len()));
        }
        text.push_str("\r\n");
        text.push_str(&asked.body);
        connection.write_all(text.as_bytes()).await?;
        let wait = Duration::from_secs(30);
        let answer = tokio::time::timeout(wait, read(&mut connection, asked.method == "HEAD"))
            .await
            .map_err(|_| std::io::ErrorKind::TimedOut)??;
        if !answer
            .headers
            .iter()
            .any(|(name, value)| name == "connection" && value.eq_ignore_ascii_case("close"))
        {
            self.connection = Some(connection);
        }
        Ok(answer)
    }
}

async fn line(connection: &mut BufReader<UnixStream>) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    if connection.read_until(b'\n', &mut bytes).await? == 0 {
        return Err(std::io::ErrorKind::UnexpectedEof.into());
    }
    Ok(String::from_utf8_lossy(&bytes).trim_end().to_owned())
}

async fn read(connection: &mut BufReader<UnixStream>, head_only: bool) -> std::io::Result<Answer> {
    let first = line(connection).await?;
    let status = first.split(' ').nth(1).and_then(|status| status.parse().ok());
    let mut answer = Answer { status: status.ok_or(std::io::ErrorKind::InvalidData)?, ..Answer::default() };
    loop {
        let line = line(connection).await?;
        let Some((name, value)) = line.split_once(':') else { break };
        answer.headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    if head_only || matches!(answer.status, 204 | 304) {
        return Ok(answer);
    }
    let header =
        |name: &str| answer.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    let mut body = Vec::new();
    if header("transfer-encoding").is_some_and(|value| value == "chunked") {
        loop {
            let size = line(connection).await?;
            let size = usize::from_str_radix(&size, 16).map_err(|_| std::io::ErrorKind::InvalidData)?;
            let mut chunk = vec![0; size + 2];
            connection.read_exact(&mut chunk).await?;
            if size == 0 {
                break;
            }
            body.extend_from_slice(&chunk[..size]);
        }
    } else if let Some(length) = header("content-length").and_then(|length| length.parse().ok()) {
        body = vec![0; length];
        connection.read_exact(&mut body).await?;
    }
    answer.body = String::from_utf8_lossy(&body).into_owned();
    Ok(answer)
}
