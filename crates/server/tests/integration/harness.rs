//! A server in this process on a free port, and an HTTP/1.1 client that sends exactly what a test says.

use server::configuration::{EngineChoice, LogFormat, SettingValue as _, Settings};
use server::events::{Events, Log};
use server::keys::{Keyring, ProjectKeys};
use server::project::Project;
use server::serve::{Server, Stop};
use std::collections::BTreeMap;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

/// A folder of the test's own, removed with the value.
pub(crate) type Folder = server::folder::TemporaryFolder;

/// A new folder.
pub(crate) fn folder() -> Folder {
    Folder::make().expect("a folder")
}

/// A number that the environment gives, as to how long or which way a test goes.
pub(crate) fn asked(name: &str) -> Option<u32> {
    std::env::var(name).ok()?.parse().ok()
}

/// Numbers that follow from a seed (xorshift).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn from_seed(seed: u32) -> Random {
        // Any but zero, of which nothing follows.
        Random(u64::from(seed) * 2 + 1)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// The repository's folder.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the repository")
}

/// What a log wrote.
#[derive(Clone, Default)]
pub(crate) struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("the log").clone()).expect("text")
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("the log").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The engine that tests run on which name none: the embedded one, or that of `BEDPLATE_TEST_ENGINE`.
pub(crate) fn engine() -> Option<String> {
    std::env::var("BEDPLATE_TEST_ENGINE").ok()
}

/// A running server.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) metrics: Option<SocketAddr>,
    pub(crate) keys: ProjectKeys,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) database: Arc<dyn database::Database>,
    pub(crate) log: Written,
    events: Arc<Events>,
    stop: Stop,
    task: JoinHandle<()>,
}

impl Running {
    /// Serves a project, keeping nothing.
    pub(crate) async fn ephemeral(project: &Path, settings: Settings) -> Running {
        let settings = Settings { ephemeral: true, ..settings };
        Running::start(project, settings).await.expect("a server")
    }

    /// Serves a project on a free port.
    pub(crate) async fn start(project: &Path, settings: Settings) -> Result<Running, String> {
        let free = "127.0.0.1:0".parse().expect("an address");
        let engine = engine().map(|name| EngineChoice::from_text(&name).expect("an engine"));
        let engine = engine.unwrap_or(settings.engine);
        let settings = Settings { listen: Some(settings.listen.unwrap_or(free)), engine, ..settings };
        let log = Written::default();
        let events = Arc::new(Events::with_log(Log::to(LogFormat::Text, log.clone()), "test"));
        let configuration = server::configuration::Configuration { settings, warnings: Vec::new() };
        let server = Server::start(Project::find(project), configuration, Arc::clone(&events)).await;
        let server = server.map_err(|failure| failure.to_string())?;
        let app = server.app().clone();
        let address = app.url.trim_start_matches("http://").parse().expect("an address");
        let (keys, keyring) = ((*app.keys).clone(), Arc::clone(&app.keyring));
        let database = Arc::clone(&app.database);
        drop(app);
        let metrics = server.metrics_address();
        let (stop, stopped) = Stop::new();
        let task = tokio::spawn(async move { server.run(stopped).await.expect("an end in order") });
        Ok(Running { address, metrics, keys, keyring, database, log, events, stop, task })
    }

    /// Asks with the headers given and a `Host` of this machine.
    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask("GET", path, headers, "").await
    }

    /// Asks.
    pub(crate) async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            request.push_str(&format!("Host: {}\r\n", self.address));
        }
        if !body.is_empty() {
            request.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        self.raw(format!("{request}\r\n{body}").as_bytes()).await
    }

    /// Sends bytes and reads to the end.
    pub(crate) async fn raw(&self, request: &[u8]) -> Answer {
        ask_at(self.address, request).await
    }

    /// Tells it to stop without waiting.
    pub(crate) fn begin_to_stop(&self) {
        self.stop.stop();
    }

    /// Waits until the log is written.
    pub(crate) fn log(&self) -> String {
        self.events.flush();
        self.log.text()
    }

    /// Stops it and waits for its end.
    pub(crate) async fn stop(self) {
        self.stop.stop();
        self.task.await.expect("an end");
    }
}

/// Sends bytes to an address and reads to the end.
pub(crate) async fn ask_at(address: SocketAddr, request: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    // The server may refuse before it has read all.
    let _ = stream.write_all(request).await;
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    Answer::read(&bytes)
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn read(bytes: &[u8]) -> Answer {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).unwrap_or(0);
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        Answer { status, headers, body: body.to_owned() }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}
