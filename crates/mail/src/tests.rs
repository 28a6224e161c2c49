use super::*;

fn address(text: &str) -> Address {
    Address::parse(text).expect("an address")
}

fn parts() -> MessageParts {
    MessageParts {
        id: "01938f6e-0000-7000-8000-000000000001".into(),
        from: Mailbox::named(address("no-reply@example.com"), "Example"),
        to: Mailbox::new(address("someone@example.com")),
        reply_to: None,
        subject: "Grüße".into(),
        text: "Hello".into(),
        html: Some("<p>Hello</p>".into()),
    }
}

#[test]
fn addresses_are_what_a_browser_takes() {
    for text in ["a@b.c", "a@localhost", "a.b+tag@x-y.example.com", "o'neil@xn--bcher-kva.example", "a@1.2"] {
        assert!(Address::parse(text).is_some(), "{text}");
    }
    let long = format!("{}@example.com", "a".repeat(65));
    let domain = format!("a@{}.com", "a".repeat(64));
    for text in [
        "",
        "a",
        "@b.c",
        "a@",
        "a@b@c",
        "a b@c.d",
        "a@b..c",
        "a@-b.c",
        "a@b-.c",
        "a\r\n@b.c",
        "a@b.c\n",
        "a\u{ff20}b.c",
        "ä@b.c",
        "a@bücher.example",
        "<a@b.c>",
        "a@[127.0.0.1]",
        "\"a\"@b.c",
        "a,b@c.d",
        &long,
        &domain,
    ] {
        assert!(Address::parse(text).is_none(), "{text:?}");
    }
}

#[test]
fn attack_13_a_full_width_at_is_none() {
    assert!(Address::parse("victim\u{ff20}example.com").is_none());
    assert!(Address::parse("victim@examp\u{217c}e.com").is_none());
}

#[test]
fn no_header_is_smuggled_in() {
    for line in ["a\r\nBcc: all@example.com", "a\nb", "a\rb", "a\0", "a\u{85}b", "a\u{2028}b"] {
        assert!(Message::new(MessageParts { subject: line.into(), ..parts() }).is_err(), "{line:?}");
        let from = Mailbox { name: Some(line.into()), ..parts().from };
        assert!(Message::new(MessageParts { from, ..parts() }).is_err(), "{line:?}");
        let to = Mailbox { name: Some(line.into()), ..parts().to };
        assert!(Message::new(MessageParts { to, ..parts() }).is_err(), "{line:?}");
    }
    assert!(Message::new(MessageParts { id: "x\r\nX: y".into(), ..parts() }).is_err());
    assert!(Message::new(MessageParts { text: "\0".into(), ..parts() }).is_err());
    assert!(Message::new(MessageParts { html: Some("x".repeat(2 << 20)), ..parts() }).is_err());
}

#[test]
fn a_message_is_kept_whole_and_checked_when_read() {
    let message = Message::new(parts()).expect("a message");
    let json = serde_json::to_value(&message).expect("JSON");
    assert_eq!(json["to"], serde_json::json!({"address": "someone@example.com"}));
    assert_eq!(serde_json::from_value::<Message>(json.clone()).expect("a message"), message);
    let mut broken = json;
    broken["subject"] = "a\r\nBcc: b@example.com".into();
    assert!(serde_json::from_value::<Message>(broken.clone()).is_err());
    broken["subject"] = "a".into();
    broken["to"]["address"] = "a\r\n@b.c".into();
    assert!(serde_json::from_value::<Message>(broken).is_err());
}

#[test]
fn a_message_does_not_show_its_links() {
    let message = Message::new(MessageParts { text: "hush".into(), ..parts() }).expect("a message");
    assert!(!format!("{message:?}").contains("hush"));
}
