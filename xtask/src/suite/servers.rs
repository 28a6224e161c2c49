//! The servers that a suite asks: Bedplate with the settings that the suite's own stack has.

use super::root_path;
use crate::run::{Result, root, target};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// How far above the port that a suite asks at its root the server itself listens.
const BEHIND: u16 = 10_000;

/// A server to start.
pub(super) struct Server {
    /// A project in the Supabase CLI's layout.
    project: PathBuf,
    /// Where the suite asks.
    port: u16,
    /// What of the server it asks there at the root; all of it under its own paths when there is none.
    at_root: Option<&'static str>,
    /// Settings beside the project's.
    environment: Vec<(&'static str, &'static str)>,
}

/// Where a server's data lies.
pub(super) enum Place {
    /// In a database that ends with it.
    Alone,
    /// In a private cluster in a data folder, which others may use.
    First,
    /// In the cluster whose socket is in this folder.
    Beside(PathBuf),
}

/// A running server, ended when dropped.
pub(super) struct Serving {
    child: Child,
    data: PathBuf,
}

impl Serving {
    /// The folder of the socket of its private cluster: the fifth line of what PostgreSQL writes of itself.
    pub(super) fn socket_folder(&self) -> Result<PathBuf> {
        let elsewhere = fs::read_to_string(self.data.join("cluster.location")).ok();
        let cluster = elsewhere.map_or_else(|| self.data.join("postgres"), |path| PathBuf::from(path.trim()));
        let written =
            fs::read_to_string(cluster.join("postmaster.pid")).map_err(|error| error.to_string())?;
        written.lines().nth(4).map(PathBuf::from).ok_or_else(|| "the cluster has no socket".into())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // In order, so that a private PostgreSQL ends too.
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        if asked.is_ok_and(|status| status.success()) {
            let begun = Instant::now();
            while begun.elapsed() < Duration::from_secs(20) {
                if matches!(self.child.try_wait(), Ok(Some(_))) {
                    return;
                }
                std::thread::sleep(Duration::from_millis(50));
            }
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// One that serves a project as `supabase start` would, with `/auth/v1` and the rest.
    pub(super) fn of_project(project: PathBuf, port: u16) -> Server {
        Server { project, port, at_root: None, environment: Vec::new() }
    }

    /// The same with a setting of the environment.
    pub(super) fn with(mut self, name: &'static str, value: &'static str) -> Server {
        self.environment.push((name, value));
        self
    }

    /// The same, but what is under `prefix` is asked at the root of its port.
    pub(super) fn at_root(mut self, prefix: &'static str) -> Server {
        self.at_root = Some(prefix);
        self
    }

    /// Where it listens itself.
    fn address(&self) -> SocketAddr {
        let port = if self.at_root.is_some() { self.port + BEHIND } else { self.port };
        SocketAddr::from((Ipv4Addr::LOCALHOST, port))
    }

    /// That nothing else listens there.
    pub(super) fn check_port(&self) -> Result {
        let address = self.address();
        if TcpStream::connect(address).is_ok() {
            return Err(format!("something listens on port {} already", address.port()));
        }
        Ok(())
    }

    /// Starts it with a fresh database, or beside another on its database, and waits until it is ready.
    pub(super) fn start(&self, engine: &str, logs: &Path, place: &Place) -> Result<Serving> {
        let address = self.address();
        let data = logs.join(format!("data-{}", self.port));
        let _ = fs::remove_dir_all(&data);
        let log = File::create(logs.join(format!("server-{}-{engine}.log", self.port)))
            .map_err(|error| error.to_string())?;
        let errors = log.try_clone().map_err(|error| error.to_string())?;
        let mut command = Command::new(program());
        command.arg("serve").arg(&self.project).args(["--dev", "--listen", &address.to_string()]);
        match place {
            Place::Alone => command.args(["--ephemeral", "--engine", engine]),
            Place::First => command.args(["--engine", engine, "--data"]).arg(&data),
            Place::Beside(socket) => {
                let url = format!("postgres://supabase_admin@/postgres?host={}", socket.display());
                command.env("BEDPLATE_DATABASE", url).arg("--data").arg(&data)
            }
        };
        // Nodes of one database open the same seals.
        command.env("BEDPLATE_SECRET_KEY", "5".repeat(64));
        // The suites' configuration names it; none of their tests gets as far as Google.
        command.env("SUPABASE_AUTH_EXTERNAL_GOOGLE_SECRET", "unused");
        command.envs(self.environment.iter().copied());
        command.current_dir(root()).stdin(Stdio::null()).stdout(log).stderr(errors);
        let child = command.spawn().map_err(|error| format!("bedplate: {error}"))?;
        let mut serving = Serving { child, data };
        let begun = Instant::now();
        while !ready(address) {
            if let Ok(Some(status)) = serving.child.try_wait() {
                return Err(format!(
                    "the server for port {} ended ({status}); see {}",
                    self.port,
                    logs.display()
                ));
            }
            if begun.elapsed() > Duration::from_secs(60) {
                return Err(format!(
                    "the server for port {} is not ready; see {}",
                    self.port,
                    logs.display()
                ));
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        if let Some(prefix) = self.at_root {
            // Once for a port: the second engine's server listens at the same address as the first's.
            static HANDED_ON: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
            let mut handed_on = HANDED_ON.lock().map_err(|_| "a thread panicked")?;
            if handed_on.insert(self.port) {
                root_path::hand_on(self.port, address, prefix)?;
            }
        }
        Ok(serving)
    }
}

fn program() -> PathBuf {
    target().join("debug/bedplate")
}

fn ready(address: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect(address) else { return false };
    let request = format!("GET /ready HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    let mut answer = String::new();
    stream.write_all(request.as_bytes()).is_ok()
        && stream.read_to_string(&mut answer).is_ok()
        && answer.starts_with("HTTP/1.1 200")
}

/// A project with the configuration and those migrations of another whose name passes.
pub(super) fn copy_project(from: &Path, to: &Path, passes: fn(&str) -> bool) -> Result {
    let said = |error: std::io::Error| format!("{}: {error}", from.display());
    let _ = fs::remove_dir_all(to);
    let (from_folder, to_folder) = (from.join("supabase"), to.join("supabase"));
    fs::create_dir_all(to_folder.join("migrations")).map_err(said)?;
    fs::copy(from_folder.join("config.toml"), to_folder.join("config.toml")).map_err(said)?;
    for entry in fs::read_dir(from_folder.join("migrations")).map_err(said)? {
        let name = entry.map_err(said)?.file_name();
        if passes(&name.to_string_lossy()) {
            fs::copy(from_folder.join("migrations").join(&name), to_folder.join("migrations").join(&name))
                .map_err(said)?;
        }
    }
    Ok(())
}

/// What a suite's schema says that the embedded engine cannot do, and what says the same to tests that do not touch it.
pub(super) type Changes = [(&'static str, &'static str)];

/// A project with the schema, seed and settings of a suite.
pub(super) fn write_project(to: &Path, config: &str, scripts: &[(&str, &Path)], changes: &Changes) -> Result {
    let said = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    let _ = fs::remove_dir_all(to);
    let supabase = to.join("supabase");
    fs::create_dir_all(supabase.join("migrations")).map_err(|error| said(&supabase, error))?;
    fs::write(supabase.join("config.toml"), config).map_err(|error| said(&supabase, error))?;
    let mut texts = Vec::new();
    for (name, path) in scripts {
        texts.push((*name, fs::read_to_string(path).map_err(|error| said(path, error))?));
    }
    for (from, to) in changes {
        if !texts.iter().any(|(_, text)| text.contains(from)) {
            return Err(format!("the suite's schema has no {from:?} to change"));
        }
        texts.iter_mut().for_each(|(_, text)| *text = text.replace(from, to));
    }
    for (name, text) in texts {
        let path = supabase.join(name);
        fs::write(&path, text).map_err(|error| said(&path, error))?;
    }
    Ok(())
}

/// The four servers that auth-js' "docker" tests and supabase-py ask, with the settings that their compose file has:
/// 9999 confirms by mail, 9998 without, 9997 takes no sign-ups, 9996 signs with an RSA key.
pub(super) fn four(compose: &Path, folder: &Path, anonymous_everywhere: bool) -> Result<Vec<Server>> {
    let compose = fs::read_to_string(compose).map_err(|error| format!("{}: {error}", compose.display()))?;
    let keys: Vec<&str> = compose.lines().filter_map(|line| quoted_after(line, "GOTRUE_JWT_KEYS:")).collect();
    let &[symmetric, asymmetric] = keys.as_slice() else {
        return Err("the compose file has not two sets of signing keys".into());
    };
    let servers = [
        Settings { port: 9999, signs_up: true, confirms: true, anonymous: anonymous_everywhere, keys: None },
        Settings { port: 9998, signs_up: true, confirms: false, anonymous: true, keys: Some(symmetric) },
        Settings { port: 9997, signs_up: false, confirms: true, anonymous: anonymous_everywhere, keys: None },
        Settings {
            port: 9996,
            signs_up: true,
            confirms: false,
            anonymous: anonymous_everywhere,
            keys: Some(asymmetric),
        },
    ];
    servers.iter().map(|settings| settings.write(folder)).collect()
}

fn quoted_after<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    line.trim().strip_prefix(name)?.trim().strip_prefix('\'')?.strip_suffix('\'')
}

struct Settings<'a> {
    port: u16,
    signs_up: bool,
    confirms: bool,
    anonymous: bool,
    /// The signing keys, as JSON.
    keys: Option<&'a str>,
}

impl Settings<'_> {
    /// Writes the project.
    fn write(&self, folder: &Path) -> Result<Server> {
        let project = folder.join(self.port.to_string());
        let supabase = project.join("supabase");
        let text = self.text();
        fs::create_dir_all(&supabase)
            .and_then(|()| fs::write(supabase.join("config.toml"), text))
            .and_then(|()| {
                self.keys.map_or(Ok(()), |keys| fs::write(supabase.join("signing_keys.json"), keys))
            })
            .map_err(|error| format!("{}: {error}", supabase.display()))?;
        Ok(Server::of_project(project, self.port).at_root("/auth/v1"))
    }

    fn text(&self) -> String {
        let Settings { port, signs_up, confirms, anonymous, keys } = self;
        let keys = if keys.is_some() { "signing_keys_path = \"./signing_keys.json\"\n" } else { "" };
        format!(
            r#"project_id = "suite-{port}"
[auth]
site_url = "http://localhost:{port}"
additional_redirect_urls = ["https://supabase.io/docs"]
jwt_secret = "37c304f8-51aa-419a-a1af-06154e63707a"
{keys}enable_signup = {signs_up}
enable_anonymous_sign_ins = {anonymous}
enable_manual_linking = false
[auth.email]
enable_signup = {signs_up}
enable_confirmations = {confirms}
[auth.rate_limit]
email_sent = 10000
anonymous_users = 10000
token_refresh = 10000
sign_in_sign_ups = 10000
token_verifications = 10000
[auth.external.google]
enabled = true
client_id = "client.example"
secret = "env(SUPABASE_AUTH_EXTERNAL_GOOGLE_SECRET)"
"#
        )
    }
}
