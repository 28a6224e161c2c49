//! The inbox: what is caught, who sees it, and what a mail may not do there.

use crate::harness::{Running, folder};
use mail::{Address, Mailbox, Mailer as _, Message, MessageParts};
use serde_json::json;
use server::configuration::Settings;
use server::post::Inbox;
use std::sync::Arc;

const EVIL: &str = "<script>alert(1)</script><img src=x onerror=alert(2)><form action=//evil></form>";

fn message(to: &str, subject: &str) -> Message {
    let address = |text: &str| Address::parse(text).expect("an address");
    Message::new(MessageParts {
        id: jobs::JobId::new().to_string(),
        from: Mailbox::named(address("no-reply@example.com"), "Example"),
        to: Mailbox::new(address(to)),
        reply_to: None,
        subject: subject.into(),
        text: "See https://app.example.com/x?a=1&b=2 now".into(),
        html: Some(EVIL.into()),
    })
    .expect("a message")
}

#[tokio::test(flavor = "multi_thread")]
async fn caught_mail_is_shown_newest_first_and_can_be_emptied() {
    let project = folder();
    let server = Running::ephemeral(project.path(), Settings { dev: true, ..Settings::default() }).await;
    // A job is delivered into it.
    let first = message("One@example.org", "First");
    let payload = serde_json::to_value(&first).expect("JSON");
    let job = jobs::Job::new("mail", payload).with_id(jobs::JobId::parse(first.id()).expect("an identifier"));
    let session =
        database::Session::feature(database::SystemPrivilege::i_am_the_operator(), "supabase_auth_admin");
    server.database.run(&session, database::Work::one(job.statement())).await.expect("queued");
    let begun = std::time::Instant::now();
    let messages = loop {
        let messages = server.get("/_bedplate/inbox.json", &[]).await.json();
        if messages.as_array().is_some_and(|messages| !messages.is_empty()) {
            break messages;
        }
        assert!(begun.elapsed() < std::time::Duration::from_secs(20), "{messages}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    };
    assert_eq!(messages[0]["subject"], "First");
    assert_eq!(messages[0]["to"]["address"], "One@example.org");
    assert_eq!(messages[0]["html"], EVIL);
    assert_eq!(messages[0]["links"], json!(["https://app.example.com/x?a=1&b=2"]));
    // Twice is once.
    let inbox = Inbox::new(Arc::clone(&server.database));
    inbox.deliver(&first).await.expect("caught");
    inbox.deliver(&message("two@example.org", "Second")).await.expect("caught");
    let accept = ("Accept", "application/json");
    let all = server.get("/_bedplate/inbox", &[accept]).await.json();
    assert_eq!(all.as_array().map(Vec::len), Some(2));
    assert_eq!(all[0]["subject"], "Second");
    let some = server.get("/_bedplate/inbox?to=one%40example.org", &[accept]).await.json();
    assert_eq!(some.as_array().map(Vec::len), Some(1), "{some}");
    assert_eq!(server.ask("DELETE", "/_bedplate/inbox", &[], "").await.status, 204);
    assert_eq!(server.get("/_bedplate/inbox.json", &[]).await.body, "[]");
    server.stop().await;
}

#[tokio::test]
async fn only_the_operator_sees_it() {
    let project = folder();
    for dev in [true, false] {
        let server = Running::ephemeral(project.path(), Settings { dev, ..Settings::default() }).await;
        let elsewhere: &[(&str, &str)] = &[("X-Forwarded-For", "192.0.2.1"), ("Accept", "application/json")];
        let other_site: &[(&str, &str)] = &[("Sec-Fetch-Site", "cross-site"), ("Accept", "application/json")];
        let rebound: &[(&str, &str)] = &[("Host", "evil.example"), ("Accept", "application/json")];
        for headers in [elsewhere, other_site, rebound] {
            for (method, path) in [
                ("GET", "/_bedplate/inbox"),
                ("GET", "/_bedplate/inbox.json"),
                ("DELETE", "/_bedplate/inbox"),
            ] {
                let answer = server.ask(method, path, headers, "").await;
                assert!(matches!(answer.status, 401 | 403 | 421), "{method} {path} {headers:?}: {answer:?}");
            }
        }
        let publishable =
            [("apikey", server.keys.publishable_key.as_str()), ("X-Forwarded-For", "192.0.2.1")];
        assert_eq!(server.get("/_bedplate/inbox.json", &publishable).await.status, 401);
        let secret = [("apikey", server.keys.secret_key.expose()), ("X-Forwarded-For", "192.0.2.1")];
        assert_eq!(server.get("/_bedplate/inbox.json", &secret).await.status, 200);
        let here = server.get("/_bedplate/inbox.json", &[]).await.status;
        assert_eq!(here, if dev { 200 } else { 401 });
        server.stop().await;
    }
}

#[tokio::test]
async fn attack_40_a_mail_runs_no_script() {
    let project = folder();
    let server = Running::ephemeral(project.path(), Settings { dev: true, ..Settings::default() }).await;
    Inbox::new(Arc::clone(&server.database)).deliver(&message("a@example.org", EVIL)).await.expect("caught");
    // The page holds no mail, and its frames have no right but to open links.
    let page = server.get("/_bedplate/inbox", &[("Accept", "text/html,application/json;q=0.9")]).await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
    assert!(
        !policy.split("script-src").nth(1).unwrap_or("").split(';').next().unwrap_or("").contains("unsafe")
    );
    assert!(policy.contains("frame-src 'self'"), "the mail's frame stays empty without: {policy}");
    assert!(policy.contains("frame-ancestors 'none'") && policy.contains("form-action 'none'"), "{policy}");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert_eq!(page.header("x-frame-options"), "DENY");
    assert_eq!(page.header("cross-origin-opener-policy"), "same-origin");
    assert!(page.body.contains("sandbox: \"allow-popups allow-popups-to-escape-sandbox\""));
    assert!(!page.body.contains("alert(1)") && !page.body.contains("innerHTML"));
    // What holds the mail is no document.
    let messages = server.get("/_bedplate/inbox.json", &[]).await;
    assert_eq!(messages.header("content-type"), "application/json");
    assert_eq!(messages.header("x-content-type-options"), "nosniff");
    assert_eq!(messages.header("content-security-policy"), "default-src 'none'; sandbox");
    assert_eq!(messages.header("cache-control"), "no-store");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_keeps_the_last_thousand() {
    let database = testkit::embedded().await.expect("a database");
    server::system::upgrade(&*database).await.expect("our tables");
    let inbox = Inbox::new(Arc::clone(&database));
    for index in 0..1010 {
        inbox.deliver(&message("a@example.org", &index.to_string())).await.expect("caught");
    }
    let messages = inbox.messages(None).await.expect("messages");
    assert_eq!(messages.len(), 1000);
    assert_eq!(messages[0].message.parts().subject, "1009");
    assert_eq!(messages[999].message.parts().subject, "10");
}
