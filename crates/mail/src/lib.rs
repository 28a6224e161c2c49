//! The port of outgoing mail: a message, and what delivers it.
//!
//! A message that exists is well formed: no address, name or subject can hold a line end, so no header can be smuggled in.

mod address;
mod message;

#[cfg(test)]
mod tests;

pub use address::{Address, Mailbox};
pub use message::{InvalidMessage, Message, MessageParts};

use async_trait::async_trait;
use std::fmt;

/// The kind of the job whose payload is a [`Message`].
pub const JOB_KIND: &str = "mail";

/// Why a message was not delivered. The text is kept with the job and shown to the operator: no secret belongs in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeliveryError {
    /// It may succeed later: no connection, a time-out, SMTP's 4xx.
    Transient(String),
    /// It will never succeed: SMTP's 5xx, a refused sign-in.
    Permanent(String),
}

impl fmt::Display for DeliveryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DeliveryError::Transient(text) | DeliveryError::Permanent(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for DeliveryError {}

/// What delivers mail.
#[async_trait]
pub trait Mailer: Send + Sync + 'static {
    /// Delivers the message to the next hop. Twice with the same message must be recognisable as one ([`Message::id`]).
    ///
    /// # Errors
    /// Why not, and whether trying again helps.
    async fn deliver(&self, message: &Message) -> Result<(), DeliveryError>;
}
