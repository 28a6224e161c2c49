use super::*;
use serde_json::json;

fn address(text: &str) -> Address {
    Address::parse(text).expect("an address")
}

fn settings() -> Settings {
    Settings {
        from: Mailbox::named(address("no-reply@example.com"), "Example"),
        folders: Vec::new(),
        custom: BTreeMap::new(),
        notifications: vec![Kind::PasswordChanged],
    }
}

fn variables() -> Variables {
    Variables {
        confirmation_url: "https://api.example.com/auth/v1/verify?token=ab&type=signup".into(),
        token: "012345".into(),
        site_url: "https://app.example.com".into(),
        email: "someone@example.com".into(),
        data: json!({"name": "<script>alert(1)</script>\r\nBcc: all@example.com"}),
        ..Variables::default()
    }
}

/// A folder of a test's own with one file.
struct Folder(PathBuf);

impl Folder {
    fn with(name: &str, text: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("bedplate-letters-{}", JobId::new()));
        std::fs::create_dir_all(&path).expect("a folder");
        std::fs::write(path.join(name), text).expect("a file");
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn custom(folder: &Folder, subject: Option<&str>, file: &str) -> Settings {
    let custom = Custom { subject: subject.map(str::to_owned), content_path: Some(file.into()) };
    Settings {
        folders: vec!["/nowhere".into(), folder.0.clone()],
        custom: [(Kind::Confirmation, custom)].into(),
        ..settings()
    }
}

#[test]
fn our_own_letters_say_what_is_to_be_done() {
    let letters = Letters::load(&settings()).expect("our letters");
    for kind in Kind::ALL {
        let message = letters.write(kind, &variables(), &address("someone@example.com")).expect("a message");
        let MessageParts { subject, text, html, to, from, .. } = message.parts();
        let html = html.as_deref().expect("HTML");
        assert!(
            !subject.is_empty() && !subject.contains("{{") && !text.contains("{{") && !html.contains("{{")
        );
        assert_eq!(
            (to.address.as_str(), from.to_string().as_str()),
            ("someone@example.com", "Example <no-reply@example.com>")
        );
        if !kind.is_notification() {
            assert!(text.contains("012345") && html.contains("012345"), "{kind:?}");
        }
        if !kind.is_notification() && kind != Kind::Reauthentication {
            assert!(text.contains("verify?token=ab&type=signup\n"), "{text}");
            assert!(
                html.contains("href=\"https://api.example.com/auth/v1/verify?token=ab&amp;type=signup\"")
            );
        }
        assert!(letters.is_sent(kind) == (!kind.is_notification() || kind == Kind::PasswordChanged));
    }
    let codeless = Variables { token: String::new(), ..variables() };
    let message = letters.write(Kind::Recovery, &codeless, &address("a@b.c")).expect("a message");
    assert!(!message.parts().text.contains("code"), "{}", message.parts().text);
}

#[test]
fn our_own_letter_as_text() {
    let letters = Letters::load(&settings()).expect("our letters");
    let message = letters.write(Kind::Confirmation, &variables(), &address("a@b.c")).expect("a message");
    assert_eq!(
        message.parts().text,
        "Welcome\n\nPlease confirm that someone@example.com is your address, and your account is ready.\n\n\
         Confirm address:\nhttps://api.example.com/auth/v1/verify?token=ab&type=signup\n\n\
         Or enter this code: 012345\n\n\
         If you did not sign up, you need not do anything: without confirmation there is no account.\n"
    );
}

#[test]
fn a_project_s_own_template_is_escaped_and_its_subject_is_one_line() {
    let folder = Folder::with(
        "confirmation.html",
        "<h2>Hi {{ .Data.name }}</h2>\n<p><a href=\"{{ .ConfirmationURL }}\">Go</a></p>",
    );
    let settings = custom(&folder, Some("Hi {{ .Data.name }}"), "./confirmation.html");
    let letters = Letters::load(&settings).expect("letters");
    let message = letters.write(Kind::Confirmation, &variables(), &address("a@b.c")).expect("a message");
    let MessageParts { subject, text, html, .. } = message.parts();
    assert_eq!(subject, "Hi <script>alert(1)</script> Bcc: all@example.com");
    assert!(!html.as_deref().expect("HTML").contains("<script"));
    assert_eq!(
        text,
        "Hi <script>alert(1)</script> Bcc: all@example.com\n\nGo <https://api.example.com/auth/v1/verify?token=ab&type=signup>\n"
    );
}

#[test]
fn what_is_wrong_is_said_with_its_file_and_line() {
    let folder = Folder::with("confirmation.html", "<h2>\n{{ .Nope }}");
    let error =
        Letters::load(&custom(&folder, None, "confirmation.html")).expect_err("a refusal").to_string();
    assert!(error.contains("confirmation.html:2: no variable .Nope"), "{error}");
    let error = Letters::load(&custom(&folder, None, "missing.html")).expect_err("a refusal").to_string();
    assert!(
        error.starts_with("auth.email.template.confirmation.content_path: cannot read missing.html"),
        "{error}"
    );
    let error =
        Letters::load(&custom(&folder, Some("{{ if }}"), "confirmation.html")).expect_err("a refusal");
    assert!(error.to_string().starts_with("auth.email.template.confirmation.subject:1:"), "{error}");
}

#[test]
fn a_letter_is_a_job_of_its_own_identifier() {
    let letters = Letters::load(&settings()).expect("our letters");
    let message = letters.write(Kind::MagicLink, &variables(), &address("a@b.c")).expect("a message");
    let job = job(&message);
    assert_eq!((job.kind, job.id.to_string().as_str()), ("mail", message.id()));
    assert_eq!(serde_json::from_value::<Message>(job.payload).expect("a message"), message);
}

#[test]
fn text_is_made_of_html() {
    let cases = [
        ("<p>a</p><p>b</p>", "a\n\nb\n"),
        (
            "<head><title>x</title><style>p{}</style></head>a&nbsp;b &amp; &#34;c&#x41; &nope; &",
            "a\u{a0}b & \"cA &nope; &\n",
        ),
        ("<a href=\"https://x.y/?a=1&amp;b=2\">Go</a>", "Go <https://x.y/?a=1&b=2>\n"),
        ("<a href='https://x.y'>https://x.y</a>", "https://x.y\n"),
        ("<ul><li>a<li>b</ul>c<br>d", "- a\n- b\n\nc\nd\n"),
        ("<img alt='Logo' src=x> a < b <!-- c --> d", "Logo a < b d\n"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc\n"),
        ("<p title='a>b'>c</p><script>d</script", "c\n"),
        ("<", "<\n"),
        ("<a", "\n"),
        ("", "\n"),
    ];
    for (html, expected) in cases {
        assert_eq!(text::of_html(html), expected, "{html}");
    }
}

#[test]
fn a_long_subject_is_cut() {
    assert_eq!(one_line(&"é".repeat(300)).chars().count(), 251);
}
