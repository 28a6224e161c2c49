//! A message.

use crate::Mailbox;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The most bytes that a body may have.
const LARGEST_BODY: usize = 1 << 20;
/// The most bytes of a subject or a name: a header line is folded, not endless.
const LONGEST_LINE: usize = 900;

/// Why a message is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidMessage(pub(crate) &'static str);

impl fmt::Display for InvalidMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for InvalidMessage {}

/// What a message is made of.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageParts {
    /// The identifier of the message and of the job that delivers it: a UUID. Its Message-ID is made from it.
    pub id: String,
    /// Who writes.
    pub from: Mailbox,
    /// To whom.
    pub to: Mailbox,
    /// Where answers go, when not to `from`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<Mailbox>,
    /// The subject, one line.
    pub subject: String,
    /// The body as plain text.
    pub text: String,
    /// The body as HTML.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub html: Option<String>,
}

/// A message that is well formed. Its bodies hold links that sign people in, hence Debug shows none of them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "MessageParts", into = "MessageParts")]
pub struct Message(MessageParts);

impl Message {
    /// Checks the parts.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn new(parts: MessageParts) -> Result<Message, InvalidMessage> {
        let MessageParts { id, from, to, reply_to, subject, text, html } = &parts;
        let is_id = id.len() == 36 && id.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
        if !is_id {
            return Err(InvalidMessage("the identifier is no UUID"));
        }
        let names =
            [Some(from), Some(to), reply_to.as_ref()].into_iter().flatten().filter_map(|m| m.name.as_deref());
        if !names.chain([subject.as_str()]).all(is_line) {
            return Err(InvalidMessage(
                "a subject or name has a line end or control character, or is too long",
            ));
        }
        let is_body = |body: &str| body.len() <= LARGEST_BODY && !body.contains('\0');
        if !is_body(text) || !html.as_deref().is_none_or(is_body) {
            return Err(InvalidMessage("a body is larger than 1 MiB or holds a NUL"));
        }
        Ok(Message(parts))
    }

    /// Its identifier.
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// Its parts.
    pub fn parts(&self) -> &MessageParts {
        &self.0
    }
}

/// Whether the text is one line that a header may hold.
fn is_line(text: &str) -> bool {
    text.len() <= LONGEST_LINE
        && !text.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
}

impl TryFrom<MessageParts> for Message {
    type Error = InvalidMessage;

    fn try_from(parts: MessageParts) -> Result<Message, InvalidMessage> {
        Message::new(parts)
    }
}

impl From<Message> for MessageParts {
    fn from(message: Message) -> MessageParts {
        message.0
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let to = &self.0.to.address;
        f.debug_struct("Message").field("id", &self.0.id).field("to", to).finish_non_exhaustive()
    }
}
