//! A real OpenID provider (the package `oidc-provider`) as a process, and the browser of somebody who signs in there.

use crate::harness::repository;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A running provider.
pub(super) struct Provider {
    process: Child,
    pub(super) issuer: String,
}

impl Provider {
    /// A new one with keys and clients of its own. `claims_in_token`: whether ID tokens hold what the scopes ask for.
    pub(super) fn start(claims_in_token: bool) -> Provider {
        let folder = repository().join("tests/peers");
        assert!(
            folder.join("node_modules/oidc-provider").is_dir(),
            "the provider's packages are missing: run `npm ci` in tests/peers"
        );
        let mut process = Command::new("node")
            .arg("oidc.mjs")
            .current_dir(folder)
            .env("CLAIMS_IN_TOKEN", if claims_in_token { "yes" } else { "no" })
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("node");
        let mut issuer = String::new();
        let mut output = BufReader::new(process.stdout.take().expect("its output"));
        output.read_line(&mut issuer).expect("its first line");
        let issuer = issuer.trim().to_owned();
        assert!(issuer.starts_with("http://127.0.0.1:"), "{issuer:?}");
        Provider { process, issuer }
    }

    fn address(&self) -> SocketAddr {
        self.issuer.trim_start_matches("http://").parse().expect("an address")
    }

    /// Signs somebody in at the page given, and gives the address to which the provider sends them. They are written
    /// `SUBJECT|ADDRESS|VERIFIED`, where VERIFIED is true, false, text (`"true"`) or absent.
    pub(super) async fn sign_in(&self, page: &str, login: &str) -> String {
        let mut browser = Browser { address: self.address(), cookies: BTreeMap::new() };
        let mut at =
            page.strip_prefix(&self.issuer).unwrap_or_else(|| panic!("a page of its own: {page}")).to_owned();
        let subject = self.register(login).await;
        let mut form: Option<String> = None;
        for _ in 0..12 {
            let page = browser.ask(&at, form.take()).await;
            if let Some(next) = page.location {
                let own = next.strip_prefix(&self.issuer).unwrap_or(&next);
                if !own.starts_with('/') {
                    return next;
                }
                at = own.to_owned();
            } else if page.body.contains(r#"name="prompt" value="login""#) {
                form = Some(encoded(&[("prompt", "login"), ("login", &subject), ("password", "any")]));
            } else if page.body.contains(r#"name="prompt" value="consent""#) {
                form = Some(encoded(&[("prompt", "consent")]));
            } else {
                panic!("neither a form nor a redirect at {at}: {} {}", page.status, page.body);
            }
        }
        panic!("too many pages");
    }

    /// Tells the provider who somebody is; gives the subject.
    async fn register(&self, login: &str) -> String {
        let mut parts = login.split('|');
        let mut part = || parts.next().unwrap_or_default();
        let (subject, address, verified) = (part(), part(), part());
        let mut person = json!({"sub": subject, "name": format!("Person {subject}")});
        if !address.is_empty() {
            person["email"] = address.into();
        }
        match verified {
            "true" => person["email_verified"] = true.into(),
            "false" => person["email_verified"] = false.into(),
            "text" => person["email_verified"] = "true".into(),
            _ => {}
        }
        exchange(self.address(), "/people", "", Some(&person.to_string())).await;
        subject.to_owned()
    }

    /// An ID token and an access token, as a mobile app obtains them by itself.
    pub(super) async fn tokens_of_app(
        &self,
        client: &str,
        login: &str,
        nonce: Option<&str>,
    ) -> (String, String) {
        const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
        let redirect_uri = format!("https://{client}.example/done");
        let mut query = vec![
            ("client_id", client),
            ("redirect_uri", redirect_uri.as_str()),
            ("response_type", "code"),
            ("scope", "openid email profile"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ];
        query.extend(nonce.map(|nonce| ("nonce", nonce)));
        let page = format!("{}/auth?{}", self.issuer, encoded(&query));
        let back = self.sign_in(&page, login).await;
        let code = parameter(&back, "code").expect("a code");
        let form = encoded(&[
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &redirect_uri),
            ("code_verifier", VERIFIER),
        ]);
        let basic = STANDARD.encode(format!("{client}:secret-of-{client}"));
        let head = format!("Authorization: Basic {basic}\r\n");
        let answer = exchange(self.address(), "/token", &head, Some(&form)).await;
        let tokens: Value = serde_json::from_str(&answer.body).unwrap_or_else(|_| panic!("{}", answer.body));
        let text = |name: &str| tokens[name].as_str().unwrap_or_else(|| panic!("{tokens}")).to_owned();
        (text("id_token"), text("access_token"))
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A browser with cookies of one host.
struct Browser {
    address: SocketAddr,
    cookies: BTreeMap<String, (String, String)>,
}

impl Browser {
    async fn ask(&mut self, path: &str, form: Option<String>) -> Page {
        let sent: Vec<String> = self
            .cookies
            .iter()
            .filter(|(_, (_, below))| path.starts_with(below.as_str()))
            .map(|(name, (value, _))| format!("{name}={value}"))
            .collect();
        let head = if sent.is_empty() { String::new() } else { format!("Cookie: {}\r\n", sent.join("; ")) };
        let page = exchange(self.address, path, &head, form.as_deref()).await;
        for cookie in &page.cookies {
            let mut parts = cookie.split("; ");
            let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { continue };
            let below = parts.find_map(|part| part.strip_prefix("path=")).unwrap_or("/");
            self.cookies.insert(name.to_owned(), (value.to_owned(), below.to_owned()));
        }
        page
    }
}

struct Page {
    status: u16,
    location: Option<String>,
    cookies: Vec<String>,
    body: String,
}

async fn exchange(address: SocketAddr, path: &str, head: &str, form: Option<&str>) -> Page {
    let method = if form.is_some() { "POST" } else { "GET" };
    let body = form.unwrap_or_default();
    let kind = if form.is_some() { "Content-Type: application/x-www-form-urlencoded\r\n" } else { "" };
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{kind}{head}Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(request.as_bytes()).await.expect("a request");
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.expect("an answer");
    let text = String::from_utf8_lossy(&bytes);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let values = |wanted: &str| {
        head.lines()
            .filter_map(|line| line.split_once(": "))
            .filter(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value.to_owned())
            .collect::<Vec<String>>()
    };
    Page {
        status: head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0),
        location: values("location").pop(),
        cookies: values("set-cookie"),
        body: body.to_owned(),
    }
}

/// Pairs as a query or a form holds them.
pub(super) fn encoded(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// A parameter of an address, in its query or in its fragment.
pub(super) fn parameter(address: &str, name: &str) -> Option<String> {
    let (before, fragment) = address.split_once('#').unwrap_or((address, ""));
    let query = before.split_once('?').map_or("", |(_, query)| query);
    [query, fragment]
        .into_iter()
        .flat_map(|part| url::form_urlencoded::parse(part.as_bytes()).into_owned().collect::<Vec<_>>())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value)
}
