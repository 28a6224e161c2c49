//! A connection to PostgreSQL that does what psql does: simple queries, everything as text, nothing interpreted.

use crate::answer::{Answer, Failure};
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// How long the server may take for a statement before it is given up; its own limit is shorter.
const PATIENCE: Duration = Duration::from_secs(90);

/// A connection.
pub(crate) struct Server {
    stream: UnixStream,
    /// `I` no transaction, `T` one is open, `E` one has failed.
    pub(crate) status: u8,
}

impl Server {
    /// Connects to a server that trusts whoever reaches its socket.
    pub(crate) fn connect(folder: &Path, user: &str, database: &str, options: &str) -> io::Result<Server> {
        let stream = UnixStream::connect(folder.join(".s.PGSQL.5432"))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut server = Server { stream, status: b'I' };
        let mut body = 196_608_u32.to_be_bytes().to_vec();
        let parameters = [
            ("user", user),
            ("database", database),
            ("application_name", "regress"),
            ("client_encoding", "UTF8"),
            ("options", options),
        ];
        for (name, value) in parameters {
            body.extend(name.as_bytes());
            body.push(0);
            body.extend(value.as_bytes());
            body.push(0);
        }
        body.push(0);
        server.stream.write_all(&u32::try_from(body.len() + 4).unwrap_or(u32::MAX).to_be_bytes())?;
        server.stream.write_all(&body)?;
        loop {
            match server.message()? {
                (b'Z', _) => return Ok(server),
                (b'E', body) => return Err(io::Error::other(failure(&body).message)),
                (b'R', body) if body != 0_u32.to_be_bytes() => {
                    return Err(io::Error::other("the server wants a password"));
                }
                _ => {}
            }
        }
    }

    /// Sends statements and gives an answer for each; `rows` gives the lines of a COPY FROM STDIN.
    pub(crate) fn ask(
        &mut self,
        text: &str,
        rows: &mut dyn FnMut() -> Vec<String>,
    ) -> io::Result<Vec<Answer>> {
        let mut body = text.as_bytes().to_vec();
        body.push(0);
        self.send(b'Q', &body)?;
        let mut answers = Vec::new();
        let mut answer = Answer::default();
        loop {
            let (kind, body) = self.message()?;
            match kind {
                b'T' => answer.columns = Some(column_names(&body)),
                b'D' => answer.rows.push(values(&body)),
                b'C' => {
                    answer.tag = text_to_null(&body).0;
                    answers.push(std::mem::take(&mut answer));
                }
                b'I' => answers.push(std::mem::take(&mut answer)),
                b'E' => {
                    answer = Answer::from(failure(&body));
                    answers.push(std::mem::take(&mut answer));
                }
                b'G' => {
                    for line in rows() {
                        self.send(b'd', format!("{line}\n").as_bytes())?;
                    }
                    self.send(b'c', &[])?;
                }
                b'H' => answer.copied = Some(Vec::new()),
                b'd' => {
                    // A row whose values have line breaks is several lines.
                    let row = String::from_utf8_lossy(&body).into_owned();
                    answer.copied.get_or_insert_default().extend(row.lines().map(str::to_owned));
                }
                b'Z' => {
                    self.status = body.first().copied().unwrap_or(b'I');
                    return Ok(answers);
                }
                _ => {}
            }
        }
    }

    fn send(&mut self, kind: u8, body: &[u8]) -> io::Result<()> {
        let mut message = vec![kind];
        message.extend(u32::try_from(body.len() + 4).unwrap_or(u32::MAX).to_be_bytes());
        message.extend(body);
        self.stream.write_all(&message)
    }

    fn message(&mut self) -> io::Result<(u8, Vec<u8>)> {
        let mut head = [0; 5];
        self.stream.read_exact(&mut head)?;
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
        let mut body = vec![0; length.saturating_sub(4)];
        self.stream.read_exact(&mut body)?;
        Ok((head[0], body))
    }
}

/// A text that ends with a zero byte, and what follows.
fn text_to_null(bytes: &[u8]) -> (String, &[u8]) {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let rest = bytes.get(end + 1..).unwrap_or_default();
    (String::from_utf8_lossy(&bytes[..end]).into_owned(), rest)
}

fn number16(bytes: &[u8]) -> usize {
    bytes.first_chunk::<2>().map_or(0, |bytes| usize::from(u16::from_be_bytes(*bytes)))
}

fn column_names(body: &[u8]) -> Vec<String> {
    let mut rest = body.get(2..).unwrap_or_default();
    let mut names = Vec::new();
    for _ in 0..number16(body) {
        let (name, after) = text_to_null(rest);
        names.push(name);
        rest = after.get(18..).unwrap_or_default();
    }
    names
}

fn values(body: &[u8]) -> Vec<Option<String>> {
    let mut rest = body.get(2..).unwrap_or_default();
    let mut values = Vec::new();
    for _ in 0..number16(body) {
        let length = rest.first_chunk::<4>().map_or(-1, |bytes| i32::from_be_bytes(*bytes));
        rest = rest.get(4..).unwrap_or_default();
        let Ok(length) = usize::try_from(length) else {
            values.push(None);
            continue;
        };
        let value = rest.get(..length).unwrap_or_default();
        values.push(Some(String::from_utf8_lossy(value).into_owned()));
        rest = rest.get(length..).unwrap_or_default();
    }
    values
}

fn failure(body: &[u8]) -> Failure {
    let mut failure = Failure::new("", "");
    let mut rest = body;
    while let Some((kind, after)) = rest.split_first().filter(|(kind, _)| **kind != 0) {
        let (value, after) = text_to_null(after);
        match kind {
            b'C' => failure.code = value,
            b'M' => failure.message = value,
            b'D' => failure.detail = Some(value),
            b'H' => failure.hint = Some(value),
            _ => {}
        }
        rest = after;
    }
    failure
}
