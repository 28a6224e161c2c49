use super::*;
use mail::{Address, Mailbox, MessageParts};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

fn message() -> Message {
    let mailbox =
        |name: &str, address: &str| Mailbox::named(Address::parse(address).expect("an address"), name);
    Message::new(MessageParts {
        id: "01938f6e-0000-7000-8000-000000000001".into(),
        from: mailbox("Bücher, \"Inc\"", "no-reply@example.com"),
        to: mailbox("", "someone@example.org"),
        reply_to: Some(mailbox("", "help@example.com")),
        subject: "Grüße 🎉".into(),
        text: "Hello\n.\nWorld".into(),
        html: Some("<p>Hello</p>".into()),
    })
    .expect("a message")
}

/// A server that says what it is told to; gives the mailer of its port.
async fn server(answers: &'static [(&'static str, &'static str)], more: Settings) -> SmtpMailer {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("its address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(exchange(stream, answers));
        }
    });
    let settings = Settings { host: "127.0.0.1".into(), port, protection: Protection::None, ..more };
    SmtpMailer::new(settings).expect("a mailer")
}

async fn exchange(stream: TcpStream, answers: &[(&str, &str)]) {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let _ = write.write_all(b"220 ready\r\n").await;
    let mut is_data = false;
    while let Ok(Some(line)) = lines.next_line().await {
        if is_data && line != "." {
            continue;
        }
        let found = answers.iter().find(|(command, _)| line.starts_with(command));
        is_data = line == "DATA";
        let usual = if is_data { "354 go on" } else { "250 fine" };
        let answer = found.map_or(usual, |(_, answer)| answer);
        let _ = write.write_all(format!("{answer}\r\n").as_bytes()).await;
    }
}

async fn refused(answers: &'static [(&'static str, &'static str)]) -> DeliveryError {
    let mailer = server(answers, Settings::default()).await;
    mailer.deliver(&message()).await.expect_err("a refusal")
}

#[test]
fn a_message_has_its_headers_and_both_bodies() {
    let formatted =
        String::from_utf8(format::format(&message()).expect("formatted").formatted()).expect("ASCII");
    let (head, body) = formatted.split_once("\r\n\r\n").expect("a head");
    for line in [
        "Message-ID: <01938f6e-0000-7000-8000-000000000001@example.com>",
        "To: someone@example.org",
        "Reply-To: help@example.com",
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
    ] {
        assert!(head.lines().any(|found| found == line), "{line} in {head}");
    }
    assert!(head.contains("Subject: =?utf-8?b?") && head.contains("<no-reply@example.com>"), "{head}");
    assert!(
        body.contains("text/plain; charset=utf-8") && body.contains("text/html; charset=utf-8"),
        "{body}"
    );
    assert!(formatted.is_ascii());
}

#[tokio::test]
async fn a_server_s_4xx_is_transient_and_its_5xx_is_permanent() {
    assert!(
        matches!(refused(&[("RCPT", "451 later")]).await, DeliveryError::Transient(text) if text.contains("later"))
    );
    assert!(
        matches!(refused(&[("RCPT", "550 nobody")]).await, DeliveryError::Permanent(text) if text.contains("nobody"))
    );
    assert!(matches!(refused(&[("MAIL", "530 sign in first")]).await, DeliveryError::Transient(_)));
    assert!(matches!(refused(&[("EHLO", "421 closing")]).await, DeliveryError::Transient(_)));
}

#[tokio::test]
async fn nobody_there_is_transient() {
    let free =
        TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("its address").port();
    let settings = Settings {
        host: "127.0.0.1".into(),
        port: free,
        protection: Protection::None,
        ..Settings::default()
    };
    let mailer = SmtpMailer::new(settings).expect("a mailer");
    assert!(matches!(mailer.deliver(&message()).await, Err(DeliveryError::Transient(_))));
}

#[tokio::test]
async fn a_server_that_says_nothing_is_not_waited_for() {
    let settings = Settings { delivery_timeout: Duration::from_millis(200), ..Settings::default() };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("its address").port();
    let settings = Settings { host: "127.0.0.1".into(), port, protection: Protection::None, ..settings };
    let mailer = SmtpMailer::new(settings).expect("a mailer");
    let begun = std::time::Instant::now();
    assert!(matches!(mailer.deliver(&message()).await, Err(DeliveryError::Transient(_))));
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn without_starttls_nothing_is_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("its address").port();
    let heard = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("a connection");
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        let _ = write.write_all(b"220 ready\r\n").await;
        let mut heard = Vec::new();
        while let Ok(Some(line)) = lines.next_line().await {
            let _ = write.write_all(b"250 fine\r\n").await;
            heard.push(line);
        }
        heard
    });
    let settings = Settings {
        host: "127.0.0.1".into(),
        port,
        credentials: Some(Credentials::new("me".into(), "hush".into())),
        ..Settings::default()
    };
    let mailer = SmtpMailer::new(settings).expect("a mailer");
    assert!(mailer.deliver(&message()).await.is_err());
    drop(mailer);
    let heard = heard.await.expect("what was heard");
    assert!(heard.iter().all(|line| line.starts_with("EHLO") || line.starts_with("QUIT")), "{heard:?}");
}

#[test]
fn a_password_is_not_shown() {
    let settings =
        Settings { credentials: Some(Credentials::new("me".into(), "hush".into())), ..Settings::default() };
    assert!(!format!("{settings:?}").contains("hush"));
}

#[test]
fn certificates_must_be_ones() {
    let settings =
        Settings { authorities: Some(b"-----BEGIN CERTIFICATE-----\n".to_vec()), ..Settings::default() };
    assert!(SmtpMailer::new(settings).is_err());
}

/// Whatever a message says, the connection goes to the operator's server.
#[tokio::test]
async fn attack_41_no_address_leads_a_connection_anywhere() {
    let other = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let elsewhere = tokio::spawn(async move { other.accept().await.is_ok() });
    let mailer = server(&[], Settings::default()).await;
    let mailbox = |address: &str| Mailbox::new(Address::parse(address).expect("an address"));
    for domain in ["localhost", "127.0.0.1", "169.254.169.254", "metadata.google.internal"] {
        let parts = MessageParts {
            from: mailbox(&format!("a@{domain}")),
            to: mailbox(&format!("b@{domain}")),
            reply_to: Some(mailbox(&format!("c@{domain}"))),
            ..message().parts().clone()
        };
        mailer
            .deliver(&Message::new(parts).expect("a message"))
            .await
            .expect("delivered to the configured server");
    }
    assert!(!elsewhere.is_finished());
}
