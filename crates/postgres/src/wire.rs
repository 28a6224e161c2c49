//! Bytes to and from a server: one socket, framed into messages.

use bytes::{Buf, BytesMut};
use postgres_protocol::message::backend::Message;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What a socket must be able to do.
pub(crate) trait Socket: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Socket for T {}

/// How much is read at once.
const READ_SIZE: usize = 16 * 1024;

/// A socket with what was not sent and not parsed yet.
pub(crate) struct Wire {
    socket: Box<dyn Socket>,
    input: BytesMut,
    scratch: Box<[u8]>,
    /// What goes out with the next call of [`Wire::next`].
    pub(crate) output: BytesMut,
    /// Writing failed; what the server said before it went is still to be read.
    write_error: Option<io::Error>,
    flushing: bool,
    /// How many times we spoke after having listened.
    pub(crate) turns: u64,
    listened: bool,
}

impl Wire {
    pub(crate) fn new(socket: Box<dyn Socket>) -> Wire {
        Wire {
            socket,
            input: BytesMut::new(),
            scratch: vec![0; READ_SIZE].into(),
            output: BytesMut::with_capacity(1024),
            write_error: None,
            flushing: false,
            turns: 0,
            listened: true,
        }
    }

    /// The next message. Output is sent meanwhile, so that neither side waits for the other with full buffers.
    pub(crate) async fn next(&mut self) -> io::Result<Message> {
        loop {
            if let Some(message) = Message::parse(&mut self.input)? {
                return Ok(message);
            }
            poll_fn(|context| {
                // Pending or not: the context is woken when more can be written.
                let _ = self.poll_write(context);
                self.poll_read(context)
            })
            .await?;
        }
    }

    /// Sends the output, without reading.
    pub(crate) async fn flush(&mut self) -> io::Result<()> {
        poll_fn(|context| self.poll_write(context)).await;
        self.write_error.take().map_or(Ok(()), Err)
    }

    /// A message that is here already, without waiting.
    pub(crate) fn try_next(&mut self) -> io::Result<Option<Message>> {
        let mut context = Context::from_waker(Waker::noop());
        loop {
            if let Some(message) = Message::parse(&mut self.input)? {
                return Ok(Some(message));
            }
            match self.poll_read(&mut context) {
                Poll::Ready(result) => result?,
                Poll::Pending => return Ok(None),
            }
        }
    }

    /// Gives the socket back, to be wrapped for TLS.
    pub(crate) fn into_socket(self) -> Box<dyn Socket> {
        self.socket
    }

    /// Reads one byte: the answer to a request for TLS, which is no message.
    pub(crate) async fn byte(&mut self) -> io::Result<u8> {
        self.flush().await?;
        while self.input.is_empty() {
            poll_fn(|context| self.poll_read(context)).await?;
        }
        let byte = self.input.get_u8();
        if self.input.is_empty() {
            Ok(byte)
        } else {
            // Bytes that a stranger put before the encryption must not be taken for the server's.
            Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "unencrypted data after the answer to the TLS request",
            ))
        }
    }

    fn poll_write(&mut self, context: &mut Context<'_>) -> Poll<()> {
        while !self.output.is_empty() {
            match Pin::new(&mut self.socket).poll_write(context, &self.output) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(0)) => self.write_failed(io::ErrorKind::WriteZero.into()),
                Poll::Ready(Ok(count)) => {
                    self.turns += u64::from(std::mem::take(&mut self.listened));
                    self.output.advance(count);
                    self.flushing = true;
                }
                Poll::Ready(Err(error)) => self.write_failed(error),
            }
        }
        if self.flushing {
            match Pin::new(&mut self.socket).poll_flush(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(error)) => self.write_failed(error),
            }
            self.flushing = false;
        }
        Poll::Ready(())
    }

    fn write_failed(&mut self, error: io::Error) {
        self.output.clear();
        self.flushing = false;
        self.write_error.get_or_insert(error);
    }

    fn poll_read(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut buffer = ReadBuf::new(&mut self.scratch);
        match Pin::new(&mut self.socket).poll_read(context, &mut buffer) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
            Poll::Ready(Ok(())) => {}
        }
        if buffer.filled().is_empty() {
            let error = self.write_error.take();
            return Poll::Ready(Err(error.unwrap_or_else(|| io::ErrorKind::UnexpectedEof.into())));
        }
        self.listened = true;
        self.input.extend_from_slice(buffer.filled());
        Poll::Ready(Ok(()))
    }
}
