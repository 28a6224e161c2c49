//! Talking to the process that owns a data folder (rule 11): a Unix socket in it that only this user can reach, and on it
//! requests and answers, each a JSON document after its length (four bytes, big-endian).

mod client;
mod door;
mod wire;

#[cfg(test)]
mod tests;

pub use client::OwnerClient;
pub use door::{Door, Owner, OwnerFacts};

use std::io;
use std::path::{Path, PathBuf};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// The version of what is said on the socket. Another version is refused, not guessed at.
const PROTOCOL: u32 = 3;
const LARGEST_MESSAGE: usize = 256 << 20;
/// A Unix socket's path has 108 bytes on Linux, with its end; elsewhere some fewer.
const LONGEST_PATH: usize = 100;

async fn write_message(stream: &mut (impl AsyncWrite + Unpin), message: &[u8]) -> io::Result<()> {
    let length = u32::try_from(message.len())
        .ok()
        .filter(|_| message.len() <= LARGEST_MESSAGE)
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the message is too large"))?;
    stream.write_all(&length.to_be_bytes()).await?;
    stream.write_all(message).await?;
    stream.flush().await
}

/// The next message; `None` at the end.
async fn read_message(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    match stream.read_exact(&mut length).await {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let length = u32::from_be_bytes(length) as usize;
    if length > LARGEST_MESSAGE {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the message is too large"));
    }
    let mut message = Vec::new();
    stream.take(length as u64).read_to_end(&mut message).await?;
    if message.len() < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(message))
}

/// Where the socket lies: in a folder of its own that only this user can enter, so that it is never reachable before its
/// mode is set.
fn socket_path(folder: &Path) -> PathBuf {
    folder.join("run").join("owner.sock")
}

/// A path that fits into a socket's address, and what must stay open while it is used.
fn addressable(path: &Path) -> io::Result<(PathBuf, Option<std::fs::File>)> {
    use std::os::fd::AsRawFd as _;
    if path.as_os_str().len() <= LONGEST_PATH {
        return Ok((path.to_owned(), None));
    }
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Ok((path.to_owned(), None));
    };
    let open = std::fs::File::open(folder)?;
    Ok((Path::new("/proc/self/fd").join(open.as_raw_fd().to_string()).join(name), Some(open)))
}
