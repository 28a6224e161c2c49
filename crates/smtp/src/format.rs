//! A message in the form of the Internet's mail (RFC 5322, MIME).

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use mail::{Message, MessageParts};

/// The message as it is sent.
///
/// # Errors
/// What cannot be said in mail.
pub(crate) fn format(message: &Message) -> Result<lettre::Message, String> {
    let MessageParts { id, from, to, reply_to, subject, text, html } = message.parts();
    let message_id = format!("<{id}@{}>", from.address.domain());
    let mut builder = lettre::Message::builder()
        .from(mailbox(from)?)
        .to(mailbox(to)?)
        .subject(subject.as_str())
        .message_id(Some(message_id))
        .date_now()
        // RFC 3834: no "out of office" for what no person wrote.
        .raw_header(raw("Auto-Submitted", "auto-generated"));
    if let Some(reply_to) = reply_to {
        builder = builder.reply_to(mailbox(reply_to)?);
    }
    let formatted = match html {
        Some(html) => builder.multipart(MultiPart::alternative_plain_html(text.clone(), html.clone())),
        None => builder.header(lettre::message::header::ContentType::TEXT_PLAIN).body(text.clone()),
    };
    formatted.map_err(|error| error.to_string())
}

fn raw(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

fn mailbox(mailbox: &mail::Mailbox) -> Result<Mailbox, String> {
    let address = mailbox.address.as_str().parse();
    let address: lettre::Address = address.map_err(|error| format!("{}: {error}", mailbox.address))?;
    Ok(Mailbox::new(mailbox.name.clone(), address))
}
