//! A private cluster: a PostgreSQL server of our own under the data folder, reachable through a Unix socket in a folder
//! that only we may enter, started and stopped with us.

mod installation;
mod place;
mod postmaster;

use crate::config::{Config, Host};
use crate::connect::connect;
use crate::session::quote_identifier;
use database::{DatabaseError, Result};
use installation::{Installation, find};
use place::{Account, file_error, make_socket_folder, random_name};
use postmaster::{Postmaster, Shutdown, remove_socket_folder};
use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The role that initdb makes: above `postgres`, as on Supabase.
pub const SUPERUSER: &str = "supabase_admin";

/// The role that logs in for requests, as on Supabase.
const REQUEST_USER: &str = "authenticator";

/// The database that everything is in.
pub const DATABASE: &str = "postgres";

/// How long a server may take to end its sessions before it is told not to wait for a checkpoint.
const FAST_SHUTDOWN_LIMIT: Duration = Duration::from_secs(60);

/// How long a server may take to end at once: a disk may keep its processes waiting.
const IMMEDIATE_SHUTDOWN_LIMIT: Duration = Duration::from_secs(30);

/// How long a server may be silent at start before it is given up; recovery of a large log reports itself as starting up.
const START_LIMIT: Duration = Duration::from_secs(600);

const EXPLICIT_GRANTS: &str = include_str!("explicit_grants.sql");
/// Lets the operator say in the database how the data API serves it. Run at each start.
const API_SETTINGS: &str = include_str!("api_settings.sql");

/// Told what is being done, a line each, ready to be shown.
pub type Progress<'a> = &'a (dyn Fn(&str) + Send + Sync);

/// Whether what is written must survive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Durability {
    /// Acknowledged is on disk.
    Durable,
    /// Nothing is synced, and all is removed at the end.
    Ephemeral,
}

/// A running private cluster. Dropped, it is told to stop; [`PrivateCluster::stop`] also waits.
#[derive(Debug)]
pub struct PrivateCluster {
    folder: PathBuf,
    socket_folder: PathBuf,
    durability: Durability,
    child: Mutex<Option<Child>>,
    is_new: bool,
}

impl PrivateCluster {
    /// Starts the cluster of a data folder; makes it when there is none. The caller must be the owner of the data folder:
    /// a server that a killed owner left behind is stopped first.
    ///
    /// # Errors
    /// 58P01 when there is no PostgreSQL, with what to install; what initdb or the server says when they fail.
    pub async fn start(data_folder: &Path, progress: Progress<'_>) -> Result<PrivateCluster> {
        let account = Account::choose()?;
        let folder = cluster_folder(&account, data_folder, progress)?;
        Self::start_in(folder, account, Durability::Durable, &[], progress).await
    }

    /// Starts a cluster that is gone with the value: for tests and `--ephemeral`.
    ///
    /// # Errors
    /// As [`PrivateCluster::start`].
    pub async fn start_ephemeral(progress: Progress<'_>) -> Result<PrivateCluster> {
        Self::start_ephemeral_with(&[], progress).await
    }

    /// With settings of the server beyond ours.
    pub(crate) async fn start_ephemeral_with(
        settings: &[&str],
        progress: Progress<'_>,
    ) -> Result<PrivateCluster> {
        let account = Account::choose()?;
        let parent = temporary_folder(&account);
        sweep(&parent);
        let folder = parent.join(format!("{EPHEMERAL}{}-{}", std::process::id(), random_name()));
        account.make_folder(&folder).map_err(|error| file_error("create", &folder, &error))?;
        Self::start_in(folder.join("cluster"), account, Durability::Ephemeral, settings, progress).await
    }

    async fn start_in(
        folder: PathBuf,
        account: Account,
        durability: Durability,
        settings: &[&str],
        progress: Progress<'_>,
    ) -> Result<PrivateCluster> {
        let is_new = !folder.join("PG_VERSION").exists();
        let installation = if is_new {
            let installation = find(None)?;
            progress(&format!("Making a PostgreSQL {} cluster in {}", installation.major, folder.display()));
            initialize(&installation, &account, &folder, durability)?;
            installation
        } else {
            stop_orphan(&folder, progress)?;
            find(Some(made_by(&folder)?))?
        };
        let socket_folder = make_socket_folder(&account)?;
        let child = spawn(&installation, &account, &folder, &socket_folder, durability, settings);
        let child = child.inspect_err(|_| remove_socket_folder(&socket_folder))?;
        let cluster =
            PrivateCluster { folder, socket_folder, durability, child: Mutex::new(Some(child)), is_new };
        cluster.wait_until_ready(progress).await?;
        if is_new {
            cluster.run_script(&operator()).await?;
        }
        cluster.run_script(EXPLICIT_GRANTS).await?;
        cluster.run_script(API_SETTINGS).await?;
        Ok(cluster)
    }

    /// Whether the cluster was made by this start.
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// How to connect to a database of it. The user is usually [`SUPERUSER`]: it may become `postgres`, as whom the operator's
    /// sessions run. Requests log in as `authenticator` once that exists.
    pub fn config(&self, user: &str, database: &str) -> Config {
        let host = Host::Unix { directory: self.socket_folder.clone(), port: 5432 };
        Config {
            request_user: Some(REQUEST_USER.into()),
            extension_role: (user == SUPERUSER).then(|| SUPERUSER.into()),
            ..Config::new(host, user, database)
        }
    }

    /// Makes a database of the operator's as a copy of another, to which nobody may be connected: a fresh one for a test.
    ///
    /// # Errors
    /// What the server says: 55006 when somebody is connected to the other.
    pub async fn copy_database(&self, from: &str, to: &str) -> Result<()> {
        let [from, to] = [from, to].map(quote_identifier);
        let script = format!("CREATE DATABASE {to} TEMPLATE {from} OWNER postgres");
        self.run_script_in("template1", &script).await
    }

    /// Drops a database, whoever is connected to it.
    ///
    /// # Errors
    /// What the server says.
    pub async fn drop_database(&self, name: &str) -> Result<()> {
        let name = quote_identifier(name);
        self.run_script_in("template1", &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await
    }

    /// The folder of its files.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The folder with its socket: for `psql -h`.
    pub fn socket_folder(&self) -> &Path {
        &self.socket_folder
    }

    /// Stops the server and waits for its end.
    ///
    /// # Errors
    /// 57014 when it did not end.
    pub async fn stop(self) -> Result<()> {
        let stopped = tokio::task::spawn_blocking(move || self.shut_down());
        stopped.await.map_err(DatabaseError::internal)?
    }

    async fn wait_until_ready(&self, progress: Progress<'_>) -> Result<()> {
        let config = self.config(SUPERUSER, DATABASE);
        let start = Instant::now();
        let mut told = start;
        loop {
            match connect(&config).await {
                Ok(connection) => {
                    connection.terminate().await;
                    return Ok(());
                }
                // Cannot connect now: it is starting up or recovering.
                Err(error) if error.code() == sqlstate::CANNOT_CONNECT_NOW => {}
                Err(error) if error.code() == sqlstate::CONNECTION_FAILURE => {}
                Err(error) => return Err(error),
            }
            if let Some(code) = self.exit_code() {
                return Err(failed(
                    &format!("PostgreSQL ended at start ({code})"),
                    &last_words(&self.log_file()),
                ));
            }
            if start.elapsed() > START_LIMIT {
                return Err(failed("PostgreSQL did not become ready", &last_words(&self.log_file())));
            }
            if told.elapsed() > Duration::from_secs(5) {
                told = Instant::now();
                progress("Waiting for PostgreSQL: it is recovering");
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn run_script(&self, script: &str) -> Result<()> {
        self.run_script_in(DATABASE, script).await
    }

    async fn run_script_in(&self, database: &str, script: &str) -> Result<()> {
        let mut connection = connect(&self.config(SUPERUSER, database)).await?;
        connection.push_simple(script)?;
        let group = connection.read_group().await?;
        connection.terminate().await;
        group.error.map_or(Ok(()), Err)
    }

    fn exit_code(&self) -> Option<std::process::ExitStatus> {
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        child.as_mut()?.try_wait().ok()?
    }

    fn log_file(&self) -> PathBuf {
        log_file(&self.folder)
    }

    fn take_child(&self) -> Option<Child> {
        self.child.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn shut_down(&self) -> Result<()> {
        let Some(mut child) = self.take_child() else { return Ok(()) };
        let how = match self.durability {
            Durability::Durable => Shutdown::Fast,
            Durability::Ephemeral => Shutdown::Immediate,
        };
        let ended = end(&mut child, how, FAST_SHUTDOWN_LIMIT)
            || end(&mut child, Shutdown::Immediate, IMMEDIATE_SHUTDOWN_LIMIT);
        remove_socket_folder(&self.socket_folder);
        if self.durability == Durability::Ephemeral
            && let Some(parent) = self.folder.parent()
        {
            let _ = fs::remove_dir_all(parent);
        }
        if ended {
            return Ok(());
        }
        Err(DatabaseError::new(
            sqlstate::QUERY_CANCELED,
            format!("PostgreSQL (process {}) did not stop", child.id()),
        ))
    }
}

impl Drop for PrivateCluster {
    fn drop(&mut self) {
        // What went wrong here has nobody to be told to; the next start stops what is left.
        let _ = self.shut_down();
    }
}

fn end(child: &mut Child, how: Shutdown, limit: Duration) -> bool {
    let Some(pid) = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw) else {
        return false;
    };
    if matches!(child.try_wait(), Ok(Some(_))) {
        return true;
    }
    let postmaster = Postmaster { pid, socket_folder: None };
    postmaster.signal(how);
    let start = Instant::now();
    while start.elapsed() < limit {
        if matches!(child.try_wait(), Ok(Some(_))) {
            return true;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    false
}

/// Makes the role that migrations and the operator's commands run as, and gives it the database. It is no superuser, as on
/// Supabase: what a function of its does on behalf of a caller reaches no file and no program of the machine.
fn operator() -> String {
    let role = catalog::bootstrap::ROLES.iter().find(|role| role.name == "postgres");
    format!(
        "{}; ALTER DATABASE postgres OWNER TO postgres; ALTER DATABASE template1 OWNER TO postgres; \
         ALTER SCHEMA public OWNER TO postgres",
        role.map_or("CREATE ROLE postgres LOGIN", |role| role.create)
    )
}

/// Where the cluster of a data folder is: in it, or, when the account that it must run as may not enter that, in the
/// system's folder for such data, with a file that tells where.
fn cluster_folder(account: &Account, data_folder: &Path, progress: Progress<'_>) -> Result<PathBuf> {
    let data_folder = data_folder.canonicalize().map_err(|error| file_error("enter", data_folder, &error))?;
    let pointer = data_folder.join("cluster.location");
    if let Ok(elsewhere) = fs::read_to_string(&pointer) {
        return Ok(PathBuf::from(elsewhere.trim_end()));
    }
    let inside = data_folder.join("postgres");
    account.let_in(&data_folder)?;
    let Some(barrier) = account.barrier(&data_folder) else { return Ok(inside) };
    let home = Path::new("/var/lib/bedplate");
    let made =
        fs::create_dir_all(home).and_then(|()| fs::set_permissions(home, fs::Permissions::from_mode(0o711)));
    if made.is_err() || account.barrier(home).is_some() {
        return Err(DatabaseError::new(
            sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE,
            format!(
                "PostgreSQL does not run as root, and the user that it can run as may not enter {}",
                barrier.display()
            ),
        )
        .with_hint("Choose another folder with --data, or run as another user."));
    }
    let outside = home.join(random_name());
    progress(&format!(
        "PostgreSQL runs as another user, which may not enter {}: its files are in {}",
        barrier.display(),
        outside.display()
    ));
    account.make_folder(&outside).map_err(|error| file_error("create", &outside, &error))?;
    let outside = outside.join("postgres");
    fs::write(&pointer, format!("{}\n", outside.display()))
        .map_err(|error| file_error("write", &pointer, &error))?;
    Ok(outside)
}

fn made_by(folder: &Path) -> Result<u32> {
    let file = folder.join("PG_VERSION");
    let version = fs::read_to_string(&file).map_err(|error| file_error("read", &file, &error))?;
    version.trim().parse().map_err(|_| failed(&format!("{} has no version", file.display()), ""))
}

/// Makes the cluster beside its place and moves it there when it is whole.
fn initialize(
    installation: &Installation,
    account: &Account,
    folder: &Path,
    durability: Durability,
) -> Result<()> {
    let parent = folder.parent().unwrap_or(Path::new("/"));
    let unfinished = folder.with_extension("unfinished");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished).map_err(|error| file_error("remove", &unfinished, &error))?;
    }
    account.make_folder(&unfinished).map_err(|error| file_error("create", &unfinished, &error))?;
    let made = initdb(installation, account, &unfinished, durability).and_then(|()| {
        let rules = unfinished.join("pg_hba.conf");
        fs::write(
            &rules,
            "# Only the socket, in a folder that only its owner may enter.\nlocal all all trust\n",
        )
        .map_err(|error| file_error("write", &rules, &error))?;
        fs::rename(&unfinished, folder).map_err(|error| file_error("create", folder, &error))
    });
    if made.is_err() {
        let _ = fs::remove_dir_all(&unfinished);
    }
    if let (Durability::Durable, Ok(parent)) = (durability, fs::File::open(parent)) {
        // The rename is on disk; where folders cannot be synced there is nothing to do.
        let _ = parent.sync_all();
    }
    made
}

fn initdb(
    installation: &Installation,
    account: &Account,
    folder: &Path,
    durability: Durability,
) -> Result<()> {
    let mut last = String::new();
    for locale in locales(installation.major) {
        let mut command = account.command(&installation.program("initdb"));
        command
            .arg("-D")
            .arg(folder)
            .args([
                "-U",
                SUPERUSER,
                "--encoding=UTF8",
                "--auth=trust",
                "--data-checksums",
                "--no-instructions",
            ])
            .args(*locale);
        if durability == Durability::Ephemeral {
            command.arg("--no-sync");
        }
        let output = command.stdin(Stdio::null()).output();
        let output = output.map_err(|error| file_error("run", &installation.program("initdb"), &error))?;
        if output.status.success() {
            return Ok(());
        }
        last = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        empty(folder)?;
    }
    Err(failed("initdb failed", &last))
}

/// `C.UTF-8` as the server has it built in, as the system has it, or bytes in order.
fn locales(major: u32) -> &'static [&'static [&'static str]] {
    const SYSTEM: &[&str] = &["--locale=C.UTF-8"];
    const BYTES: &[&str] = &["--locale=C"];
    const BUILT_IN: &[&str] = &["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"];
    if major >= 17 { &[BUILT_IN, SYSTEM, BYTES] } else { &[SYSTEM, BYTES] }
}

fn empty(folder: &Path) -> Result<()> {
    let entries = fs::read_dir(folder).map_err(|error| file_error("read", folder, &error))?;
    for entry in entries.flatten() {
        let path = entry.path();
        let removed = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.map_err(|error| file_error("remove", &path, &error))?;
    }
    Ok(())
}

fn spawn(
    installation: &Installation,
    account: &Account,
    folder: &Path,
    socket_folder: &Path,
    durability: Durability,
    settings: &[&str],
) -> Result<Child> {
    let log = log_file(folder);
    let file = fs::OpenOptions::new().append(true).create(true).mode(0o600).open(&log);
    let file = file.map_err(|error| file_error("write", &log, &error))?;
    if account.foreign {
        // Whoever reads as that account may read its own log.
        let _ = chown(&log, Some(account.uid), Some(account.gid));
    }
    let errors = file.try_clone().map_err(|error| file_error("write", &log, &error))?;
    let mut command = account.command(&installation.program("postgres"));
    command.arg("-D").arg(folder).arg("-k").arg(socket_folder);
    for setting in SETTINGS.iter().chain(settings) {
        command.args(["-c", setting]);
    }
    if durability == Durability::Ephemeral {
        for setting in ["fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_wal_size=1GB"] {
            command.args(["-c", setting]);
        }
    }
    // A group of its own: Ctrl-C in a terminal is for us, and we end the server when its clients are done.
    command.process_group(0).stdin(Stdio::null()).stdout(file).stderr(errors);
    command.spawn().map_err(|error| file_error("run", &installation.program("postgres"), &error))
}

const SETTINGS: &[&str] = &[
    "listen_addresses=",
    "port=5432",
    "unix_socket_permissions=0700",
    "timezone=UTC",
    "log_timezone=UTC",
    "datestyle=ISO, MDY",
    "lc_messages=C",
    "logging_collector=off",
    "log_destination=stderr",
    // Statements hold the values of users; the log is not the place for them.
    "log_min_error_statement=panic",
    "log_statement=none",
    "cluster_name=bedplate",
    // The statements of requests are short, and compiling one takes a second.
    "jit=off",
    // EXPLAIN (VERBOSE) shows them where pg_stat_statements is loaded, as it is on Supabase.
    "compute_query_id=on",
    "max_connections=100",
];

fn log_file(folder: &Path) -> PathBuf {
    folder.with_extension("log")
}

/// A server that outlived its owner is stopped: it may have been started with other settings.
fn stop_orphan(folder: &Path, progress: Progress<'_>) -> Result<()> {
    let Some(orphan) = Postmaster::of(folder) else {
        if let Some(gone) = Postmaster::noted(folder) {
            if gone.answers() {
                return Err(failed("PostgreSQL already runs on this data folder, in another container", ""));
            }
            gone.remove_socket_folder();
        }
        // What is left of an end without goodbye would make the server believe that another one is at work when the
        // number of its process is in use again.
        let _ = fs::remove_file(folder.join("postmaster.pid"));
        return Ok(());
    };
    progress("Stopping the PostgreSQL server that an earlier run left behind");
    orphan.signal(Shutdown::Fast);
    if !orphan.wait(FAST_SHUTDOWN_LIMIT) {
        orphan.signal(Shutdown::Immediate);
        if !orphan.wait(IMMEDIATE_SHUTDOWN_LIMIT) {
            return Err(failed(
                &format!(
                    "PostgreSQL (process {}) still runs on {} and does not stop",
                    orphan.pid.as_raw_nonzero(),
                    folder.display()
                ),
                "",
            ));
        }
    }
    orphan.remove_socket_folder();
    Ok(())
}

const EPHEMERAL: &str = "bedplate-ephemeral-";

fn temporary_folder(account: &Account) -> PathBuf {
    let folder = std::env::temp_dir();
    if account.barrier(&folder).is_some() { PathBuf::from("/tmp") } else { folder }
}

/// Stops and removes ephemeral clusters whose owners were killed.
fn sweep(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(owner) = name.to_str().and_then(|name| name.strip_prefix(EPHEMERAL)?.split_once('-')) else {
            continue;
        };
        let Some(owner) = owner.0.parse().ok().and_then(rustix::process::Pid::from_raw) else { continue };
        if (Postmaster { pid: owner, socket_folder: None }).is_running() {
            continue;
        }
        let cluster = entry.path().join("cluster");
        let orphan = Postmaster::of(&cluster);
        if let Some(orphan) = &orphan {
            orphan.signal(Shutdown::Immediate);
            if !orphan.wait(IMMEDIATE_SHUTDOWN_LIMIT) {
                continue;
            }
        }
        if let Some(noted) = orphan.or_else(|| Postmaster::noted(&cluster)) {
            if noted.answers() {
                continue;
            }
            noted.remove_socket_folder();
        }
        let _ = fs::remove_dir_all(entry.path());
    }
}

/// The end of the server's log.
fn last_words(log: &Path) -> String {
    const LENGTH: u64 = 2000;
    let read = || -> std::io::Result<String> {
        let mut file = fs::File::open(log)?;
        let length = file.metadata()?.len();
        file.seek(SeekFrom::Start(length.saturating_sub(LENGTH)))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    let text = read().unwrap_or_default();
    let mut lines: Vec<&str> = text.lines().rev().take(8).collect();
    lines.reverse();
    lines.join("\n")
}

fn failed(what: &str, said: &str) -> DatabaseError {
    let error = DatabaseError::new(sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE, what);
    if said.is_empty() { error } else { error.with_detail(said) }
}

#[cfg(test)]
pub(crate) mod tests {
    //! What the tests of the whole need to know of the server process.

    use super::postmaster::Postmaster;
    use rustix::process::{Pid, Signal, kill_process};
    use std::path::Path;

    pub(crate) fn postmaster_of(data_folder: &Path) -> Option<Pid> {
        postmaster_in(&data_folder.join("postgres"))
    }

    pub(crate) fn postmaster_in(cluster: &Path) -> Option<Pid> {
        Postmaster::of(cluster).map(|postmaster| postmaster.pid)
    }

    /// Ends a server and its children at once.
    pub(crate) fn kill(pid: Pid) {
        let _ = kill_process(pid, Signal::KILL);
        std::thread::sleep(std::time::Duration::from_millis(500));
    }
}
