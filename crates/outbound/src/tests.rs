use super::*;
use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// A server on loopback that answers each path with fixed bytes, and counts who came.
struct Answering {
    port: u16,
    visits: Arc<AtomicUsize>,
    heads: Arc<Mutex<Vec<String>>>,
}

async fn answering(answers: &[(&str, &str)]) -> Answering {
    let answers: HashMap<String, String> =
        answers.iter().map(|(path, answer)| ((*path).to_owned(), (*answer).to_owned())).collect();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let visits = Arc::new(AtomicUsize::new(0));
    let heads = Arc::new(Mutex::new(Vec::new()));
    let (counted, kept) = (Arc::clone(&visits), Arc::clone(&heads));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            let (answers, kept) = (answers.clone(), Arc::clone(&kept));
            tokio::spawn(async move {
                let mut head = vec![0; 8192];
                let length = stream.read(&mut head).await.unwrap_or(0);
                let head = String::from_utf8_lossy(&head[..length]).into_owned();
                let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
                kept.lock().expect("the heads").push(head);
                let missing = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_owned();
                let answer = answers.get(&path).unwrap_or(&missing).replace("PORT", &port.to_string());
                let _ = stream.write_all(answer.as_bytes()).await;
                if path == "/slow" {
                    tokio::time::sleep(Duration::from_secs(30)).await;
                }
            });
        }
    });
    Answering { port, visits, heads }
}

/// A resolver that gives each name its answers one after the other, the last for ever.
#[derive(Default)]
struct Names(Mutex<HashMap<String, Vec<Vec<IpAddr>>>>);

impl Names {
    fn of(entries: &[(&str, &[&[&str]])]) -> Arc<Names> {
        let read = |answers: &[&[&str]]| {
            answers
                .iter()
                .map(|answer| answer.iter().map(|text| text.parse().expect("an address")).collect())
                .collect()
        };
        let entries = entries.iter().map(|(name, answers)| ((*name).to_owned(), read(answers)));
        Arc::new(Names(Mutex::new(entries.collect())))
    }
}

#[async_trait]
impl Resolve for Names {
    async fn resolve(&self, name: &str) -> std::io::Result<Vec<IpAddr>> {
        let mut names = self.0.lock().expect("the names");
        let answers = names.get_mut(name).ok_or_else(|| std::io::Error::other("no such name"))?;
        Ok(if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() })
    }
}

fn strict() -> Outbound {
    Outbound::new(Policy::default(), "test/1")
}

fn developing() -> Outbound {
    Outbound::new(Policy { loopback: true, hosts: Vec::new() }, "test/1")
}

fn naming(hosts: &[&str]) -> Outbound {
    let hosts = hosts.iter().map(|host| AllowedHost::parse(host).expect("a host")).collect();
    Outbound::new(Policy { loopback: false, hosts }, "test/1")
}

async fn refusal(outbound: &Outbound, url: &str) -> FetchError {
    let mut request = Request::get(url);
    request.timeout = Duration::from_secs(5);
    outbound.fetch(request).await.expect_err(url)
}

const HELLO: &str = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

#[tokio::test]
async fn the_answer_comes_whole() {
    let server = answering(&[("/a?b=c", HELLO)]).await;
    let request = Request::get(format!("http://127.0.0.1:{}/a?b=c#d", server.port));
    let answer = developing().fetch(request).await.expect("an answer");
    assert_eq!((answer.status.as_u16(), &answer.body[..]), (200, &b"hello"[..]));
    let head = server.heads.lock().expect("the heads")[0].to_ascii_lowercase();
    assert!(head.starts_with("get /a?b=c http/1.1\r\n"), "{head}");
    assert!(head.contains(&format!("host: 127.0.0.1:{}\r\n", server.port)), "{head}");
    assert!(
        head.contains("accept-encoding: identity\r\n") && head.contains("user-agent: test/1\r\n"),
        "{head}"
    );
}

#[tokio::test]
async fn attack_41_no_proxy_is_taken_from_the_environment() {
    let program = std::env::current_exe().expect("this program");
    let mut child = std::process::Command::new(program);
    child.args(["--exact", "tests::the_answer_comes_whole"]);
    for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        child.env(name, "http://127.0.0.1:1");
    }
    let output = child.output().expect("the program");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

#[tokio::test]
async fn attack_41_addresses_of_this_machine_and_of_private_networks_are_refused() {
    for host in [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0177.0.0.1",
        "0x7f.0.0.1",
        "0x7f000001",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "0.0.0.0",
        "0",
        "[::]",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "100.64.0.1",
        "[fc00::1]",
        "[fd12:3456::1]",
        "169.254.169.254",
        "2852039166",
        "[::ffff:169.254.169.254]",
        "[fe80::1]",
        "[fd00:ec2::254]",
        "168.63.129.16",
        "100.100.100.200",
        "192.0.0.192",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "[ff02::1]",
        "[2001:db8::1]",
        "[2002:7f00:1::]",
        "[2001::1]",
        "[fec0::1]",
        "１２７.0.0.1",
        "127。0。0。1",
    ] {
        let refused = refusal(&strict(), &format!("https://{host}/")).await;
        assert!(matches!(refused, FetchError::Forbidden(_)), "{host}: {refused:?}");
    }
}

#[test]
fn the_edges_of_the_ranges_are_exact() {
    let is = |text: &str| reach(text.parse().expect("an address"));
    for public in [
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "169.255.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.167.255.255",
        "192.169.0.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2606:4700::1111",
        "2001:4860:4860::8888",
        "2001:200::",
        "64:ff9b::101:101",
    ] {
        assert_eq!(is(public), Reach::Public, "{public}");
    }
    for private in ["10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.0", "fd00::"] {
        assert_eq!(is(private), Reach::Private, "{private}");
    }
    for loopback in ["127.0.0.0", "127.255.255.255", "::1"] {
        assert_eq!(is(loopback), Reach::Loopback, "{loopback}");
    }
    for never in ["64:ff9b:1::1", "100::1", "2001:1ff:ffff::", "3fff::", "5f00::1", "64:ff9b::a00:1"] {
        assert_eq!(is(never), Reach::Never, "{never}");
    }
}

#[tokio::test]
async fn attack_41_development_opens_this_machine_and_nothing_else() {
    let server = answering(&[("/", HELLO)]).await;
    let answer = developing().fetch(Request::get(format!("http://localhost:{}/", server.port))).await;
    assert_eq!(answer.expect("an answer").status, 200);
    let metadata = refusal(&developing(), "http://169.254.169.254/").await;
    assert!(matches!(metadata, FetchError::Plain(_)), "{metadata:?}");
    for host in ["169.254.169.254", "10.0.0.1", "[::ffff:127.0.0.1]", "0.0.0.0"] {
        let refused = refusal(&developing(), &format!("https://{host}/")).await;
        assert!(matches!(refused, FetchError::Forbidden(_)), "{host}: {refused:?}");
    }
    // A name that merely leads here is somebody else's to change.
    let names = Names::of(&[("here.example", &[&["127.0.0.1"]])]);
    let outbound = developing().with_resolver(names);
    let refused = refusal(&outbound, &format!("https://here.example:{}/", server.port)).await;
    assert!(matches!(refused, FetchError::Forbidden(_)), "{refused:?}");
    // A localhost that leads elsewhere is not this machine.
    let outbound = developing().with_resolver(Names::of(&[("localhost", &[&["10.0.0.1"]])]));
    assert!(matches!(refusal(&outbound, "https://localhost/").await, FetchError::Forbidden(_)));
    let outbound = developing().with_resolver(Names::of(&[("localhost", &[&["1.1.1.1"]])]));
    assert!(matches!(refusal(&outbound, "http://localhost/").await, FetchError::Plain(_)));
}

#[tokio::test]
async fn attack_41_one_bad_address_among_good_ones_is_enough() {
    let names = Names::of(&[("mixed.example", &[&["1.1.1.1", "127.0.0.1"]]), ("none.example", &[&[]])]);
    let outbound = strict().with_resolver(names);
    let refused = refusal(&outbound, "https://mixed.example/").await;
    assert_eq!(refused, FetchError::Forbidden("mixed.example".into()));
    assert!(matches!(refusal(&outbound, "https://none.example/").await, FetchError::Unresolved(_)));
    assert!(matches!(refusal(&outbound, "https://unknown.example/").await, FetchError::Unresolved(_)));
}

#[tokio::test]
async fn attack_41_the_checked_address_is_the_one_that_is_connected_to() {
    let server = answering(&[("/", HELLO)]).await;
    // The first answer is checked and used; asked again, the name would lead to an address that is refused.
    let names = Names::of(&[("rebind.example", &[&["127.0.0.1"], &["169.254.169.254"]])]);
    let outbound = naming(&["http://rebind.example"]).with_resolver(names);
    let url = format!("http://rebind.example:{}/", server.port);
    assert_eq!(outbound.fetch(Request::get(&url)).await.expect("an answer").status, 200);
    assert_eq!(server.visits.load(Ordering::SeqCst), 1);
    assert_eq!(refusal(&outbound, &url).await, FetchError::Forbidden("rebind.example".into()));
    // And the other way round: what was good yesterday is checked again today.
    let names = Names::of(&[("turn.example", &[&["203.0.113.1"], &["127.0.0.1"]])]);
    let outbound = strict().with_resolver(names);
    for _ in 0..2 {
        let refused = refusal(&outbound, &format!("https://turn.example:{}/", server.port)).await;
        assert!(matches!(refused, FetchError::Forbidden(_)), "{refused:?}");
    }
    assert_eq!(server.visits.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn attack_41_redirects_are_followed_by_the_same_rules() {
    let found =
        |location: &str| format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
    let (near, far, disguised, file, round) = (
        found("/end"),
        found("http://169.254.169.254/latest/meta-data/"),
        found("http://[::ffff:127.0.0.1]:PORT/end"),
        found("file:///etc/passwd"),
        found("/round"),
    );
    let other = found("http://localhost:PORT/end");
    let server = answering(&[
        ("/near", &near),
        ("/far", &far),
        ("/disguised", &disguised),
        ("/file", &file),
        ("/round", &round),
        ("/other", &other),
        ("/end", HELLO),
    ])
    .await;
    let at = |path: &str| format!("http://127.0.0.1:{}{path}", server.port);
    // None by default: the redirect is the answer.
    let answer = developing().fetch(Request::get(at("/near"))).await.expect("an answer");
    assert_eq!(answer.status, 302);
    let following = |path: &str| Request { redirects: 3, ..Request::get(at(path)) };
    let answer = developing().fetch(following("/near")).await.expect("an answer");
    assert_eq!((answer.status.as_u16(), &answer.body[..]), (200, &b"hello"[..]));
    for (path, expected) in [
        ("/far", FetchError::Plain("169.254.169.254".into())),
        ("/disguised", FetchError::Plain("[::ffff:7f00:1]".into())),
        ("/file", FetchError::Address("it is neither http nor https")),
        ("/round", FetchError::Redirected),
    ] {
        assert_eq!(developing().fetch(following(path)).await.expect_err(path), expected, "{path}");
    }
    // Credentials stay with the origin they were given for.
    let token = HeaderValue::from_static("Bearer secret");
    let asked = following("/other").with_header(header::AUTHORIZATION, token);
    assert_eq!(developing().fetch(asked).await.expect("an answer").status, 200);
    let heads = server.heads.lock().expect("the heads");
    let with_token: Vec<bool> = heads.iter().rev().take(2).map(|head| head.contains("secret")).collect();
    assert_eq!(with_token, [false, true]);
}

#[tokio::test]
async fn http_needs_permission() {
    assert_eq!(refusal(&strict(), "http://example.com/").await, FetchError::Plain("example.com".into()));
    let names = || Names::of(&[("sso.internal", &[&["10.0.0.1"]])]);
    let outbound = naming(&["sso.internal"]).with_resolver(names());
    assert_eq!(refusal(&outbound, "http://sso.internal/").await, FetchError::Plain("sso.internal".into()));
    let port = |url: &'static str| {
        let outbound = naming(&["http://sso.internal:8080"]).with_resolver(names());
        async move { refusal(&outbound, url).await }
    };
    assert_eq!(port("http://sso.internal/").await, FetchError::Plain("sso.internal".into()));
    assert_eq!(port("https://sso.internal/").await, FetchError::Forbidden("sso.internal".into()));
}

#[tokio::test]
async fn attack_41_a_named_host_does_not_open_metadata_or_multicast() {
    for address in ["169.254.169.254", "fd00:ec2::254", "224.0.0.1", "0.0.0.0", "::ffff:10.0.0.1"] {
        let answer: &[&str] = &[address];
        let outbound = naming(&["sso.internal"]).with_resolver(Names::of(&[("sso.internal", &[answer])]));
        let refused = refusal(&outbound, "https://sso.internal/").await;
        assert!(matches!(refused, FetchError::Forbidden(_)), "{address}: {refused:?}");
    }
}

#[tokio::test]
async fn what_is_no_address_is_refused() {
    for url in [
        "",
        "/relative",
        "ftp://example.com/",
        "https://",
        "https://u:p@example.com/",
        "https://1.2.3.4.5/",
        "data:,x",
    ] {
        let refused = refusal(&strict(), url).await;
        assert!(matches!(refused, FetchError::Address(_)), "{url}: {refused:?}");
    }
    let request = Request::get("https://1.1.1.1:0/");
    assert!(matches!(strict().fetch(request).await, Err(FetchError::Address(_))));
}

#[tokio::test]
async fn attack_42_packed_and_large_and_slow_answers_are_refused() {
    let large = format!(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{}",
        "400\r\n".to_owned() + &"x".repeat(1024) + "\r\n0\r\n\r\n"
    );
    let exact = format!("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{}", "x".repeat(1000));
    let head = format!("HTTP/1.1 200 OK\r\nX: {}\r\nContent-Length: 0\r\n\r\n", "x".repeat(8 * HEAD_LIMIT));
    let server = answering(&[
        ("/br", "HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 1\r\n\r\nx"),
        ("/gzip", "HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx"),
        ("/large", &large),
        ("/announced", "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n"),
        ("/exact", &exact),
        ("/head", &head),
        ("/slow", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"),
        ("/nonsense", "SSH-2.0-OpenSSH_9.6\r\n\r\n\r\n"),
    ])
    .await;
    let ask = async |path: &str| {
        let url = format!("http://127.0.0.1:{}{path}", server.port);
        let request = Request { limit: 1000, timeout: Duration::from_millis(700), ..Request::get(url) };
        developing().fetch(request).await
    };
    assert_eq!(ask("/br").await.expect_err("packed"), FetchError::Packed);
    assert_eq!(ask("/gzip").await.expect_err("packed"), FetchError::Packed);
    assert_eq!(ask("/large").await.expect_err("large"), FetchError::TooLarge);
    assert_eq!(ask("/announced").await.expect_err("large"), FetchError::TooLarge);
    assert_eq!(ask("/exact").await.expect("an answer").body.len(), 1000);
    let head = ask("/head").await.expect_err("a large head");
    assert!(matches!(head, FetchError::Protocol(_)), "{head:?}");
    let began = Instant::now();
    assert_eq!(ask("/slow").await.expect_err("slow"), FetchError::TimedOut);
    assert!(began.elapsed() < Duration::from_secs(5));
    assert!(matches!(ask("/nonsense").await, Err(FetchError::Protocol(_))));
}

#[tokio::test]
async fn the_connection_s_headers_are_not_the_caller_s() {
    for name in CONNECTION_HEADERS {
        let server = answering(&[("/", HELLO)]).await;
        let request = Request::get(format!("http://127.0.0.1:{}/", server.port));
        let request = request.with_header(name.clone(), HeaderValue::from_static("x"));
        let refused = developing().fetch(request).await.expect_err("a refusal");
        assert!(matches!(refused, FetchError::Protocol(_)), "{name}: {refused:?}");
    }
}

#[test]
fn nothing_secret_is_printed() {
    let mut request = Request::form("https://example.com/token?code=hush", "client_secret=hush".into());
    request.headers.insert(header::AUTHORIZATION, HeaderValue::from_static("hush"));
    assert!(!format!("{request:?}").contains("hush"));
    let response =
        Response { status: StatusCode::OK, headers: HeaderMap::new(), body: Bytes::from_static(b"hush") };
    assert!(!format!("{response:?}").contains("hush") && !format!("{response:?}").contains("104"));
}

#[test]
fn allowed_hosts_are_read() {
    for text in
        ["sso.internal", "sso.internal:8443", "http://localhost:9000", "https://10.0.0.5", "[fd00::1]:8080"]
    {
        assert!(AllowedHost::parse(text).is_ok(), "{text}");
    }
    for text in ["", "ftp://x", "https://x/path", "https://u@x", "x?y", "https://", "a b"] {
        assert!(AllowedHost::parse(text).is_err(), "{text}");
    }
    // The scheme's own port is a port too.
    let hosts = vec![AllowedHost::parse("https://sso.internal:443").expect("a host")];
    let policy = Policy { loopback: false, hosts };
    let of = |port: u16| policy.of(&Host::Domain("sso.internal"), port).allows(&[Reach::Private]);
    assert!(of(443) && !of(8443));
}

/// A server that speaks TLS with a certificate for `sso.internal`, and its authority.
fn encrypted() -> (u16, CertificateDer<'static>) {
    use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned, crypto::ring, pki_types};
    let made = rcgen::generate_simple_self_signed(vec!["sso.internal".to_owned()]).expect("a certificate");
    let certificate = made.cert.der().clone();
    let key = pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key)
        .expect("a configuration");
    let config = Arc::new(config);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let connection = ServerConnection::new(Arc::clone(&config)).expect("a connection");
            let mut stream = StreamOwned::new(connection, stream);
            let mut head = [0; 4096];
            if stream.read(&mut head).is_ok_and(|length| length > 0) {
                let _ = stream.write_all(HELLO.as_bytes());
            }
        }
    });
    (port, certificate)
}

#[tokio::test]
async fn certificates_are_checked() {
    let (port, authority) = encrypted();
    let names = || Names::of(&[("sso.internal", &[&["127.0.0.1"]]), ("other.internal", &[&["127.0.0.1"]])]);
    let outbound = || naming(&["sso.internal", "other.internal"]).with_resolver(names());
    let trusting = outbound().with_authorities(vec![authority]);
    let answer = trusting.fetch(Request::get(format!("https://sso.internal:{port}/"))).await;
    assert_eq!(&answer.expect("an answer").body[..], b"hello");
    let name = refusal(&trusting, &format!("https://other.internal:{port}/")).await;
    assert!(matches!(name, FetchError::Encryption(_)), "{name:?}");
    let unknown = refusal(&outbound(), &format!("https://sso.internal:{port}/")).await;
    assert!(matches!(unknown, FetchError::Encryption(_)), "{unknown:?}");
}
