//! Where the database is and how many connections to keep: from a URL, or from a private cluster.

use database::{DatabaseError, Result};
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// How to reach a PostgreSQL server and how much to ask of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// The addresses, tried in order.
    pub hosts: Vec<Host>,
    /// The role that logs in. It must be allowed to SET ROLE to every role that a session may have.
    pub user: String,
    /// The role that logs in for all sessions but the operator's, as soon as it exists: one that may become no more than
    /// the roles of requests. On Supabase and in private clusters it is `authenticator`.
    pub request_user: Option<String>,
    /// The role that runs CREATE, ALTER, DROP and COMMENT ON EXTENSION in the operator's sessions, as on Supabase: few
    /// extensions may be made by anybody but a superuser. `None` leaves it to the session's role.
    pub extension_role: Option<String>,
    /// The password of both. Never printed.
    pub password: Option<Password>,
    /// The database.
    pub database: String,
    /// Whether the connection is encrypted and the server's certificate checked.
    pub tls: TlsMode,
    /// A file with the certificates of the authorities to trust (PEM); none trusts the well-known ones.
    pub root_certificates: Option<PathBuf>,
    /// What the server shows as the name of the program.
    pub application_name: String,
    /// Run-time parameters of every connection, as in the URL's `options=-c name=value`.
    pub options: Option<String>,
    /// How many connections there are at most.
    pub pool_size: usize,
    /// How long to try to connect to one address.
    pub connect_timeout: Duration,
    /// How long to wait for a free connection.
    pub acquire_timeout: Duration,
    /// Whether statements are kept prepared. Turn it off behind a pooler that gives each transaction another server
    /// connection (`?pgbouncer=true` or `?prepared_statements=false` in the URL).
    pub prepared_statements: bool,
    /// How often the catalog's version is asked for.
    pub catalog_interval: Duration,
}

/// An address of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// A Unix socket's directory and the port number in its name.
    Unix {
        /// The directory.
        directory: PathBuf,
        /// The port number.
        port: u16,
    },
    /// A name or number, and a port.
    Tcp {
        /// The name or number.
        host: String,
        /// The port.
        port: u16,
    },
}

/// Encryption of the connection, as libpq's `sslmode`. Unix sockets are never encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum TlsMode {
    /// Never.
    Disable,
    /// When the server offers it; its certificate is not checked.
    #[default]
    Prefer,
    /// Always; the certificate is checked only when `sslrootcert` is given.
    Require,
    /// Always; the certificate must be signed by a trusted authority.
    VerifyCa,
    /// Always; the certificate must also be for the host's name.
    VerifyFull,
}

/// A password: printed as dots.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(pub String);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl Config {
    /// A database behind one address, everything else as it usually is.
    pub fn new(host: Host, user: impl Into<String>, database: impl Into<String>) -> Config {
        Config {
            hosts: vec![host],
            user: user.into(),
            request_user: None,
            extension_role: None,
            password: None,
            database: database.into(),
            tls: TlsMode::default(),
            root_certificates: None,
            application_name: "bedplate".into(),
            options: None,
            pool_size: 10,
            connect_timeout: Duration::from_secs(5),
            acquire_timeout: Duration::from_secs(10),
            prepared_statements: true,
            catalog_interval: Duration::from_secs(5),
        }
    }

    /// Reads `postgres://user:password@host:port/database?sslmode=require`: libpq's form, with several hosts
    /// (`a:1,b:2`), Unix sockets (`?host=/run/postgresql`), and the parameters `sslmode`, `sslrootcert`,
    /// `connect_timeout`, `application_name`, `options`, `pgbouncer`, `prepared_statements`, `pool_size`.
    ///
    /// # Errors
    /// 08001 with the name of the part that is wrong; never with the password.
    pub fn from_url(url: &str) -> Result<Config> {
        let rest = url
            .strip_prefix("postgres://")
            .or_else(|| url.strip_prefix("postgresql://"))
            .ok_or_else(|| wrong("it must begin with postgres:// or postgresql://"))?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (login, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (user, password) = match login.split_once(':') {
            Some((user, password)) => (user, Some(Password(decode(password, "password")?))),
            None => (login, None),
        };
        let mut config = Config::new(
            Host::Tcp { host: String::new(), port: DEFAULT_PORT },
            decode(user, "user")?,
            decode(database, "database")?,
        );
        config.password = password;
        let mut hosts = read_hosts(hosts)?;
        let mut port = None;
        for (key, value) in query
            .split('&')
            .filter(|part| !part.is_empty())
            .map(|part| part.split_once('=').unwrap_or((part, "")))
        {
            let value = decode(value, key)?;
            match key {
                "host" => hosts = read_hosts(&value)?,
                "port" => port = Some(value.parse().map_err(|_| wrong("port must be a number"))?),
                "user" => config.user = value,
                "password" => config.password = Some(Password(value)),
                "dbname" => config.database = value,
                "sslmode" => config.tls = read_tls_mode(&value)?,
                "sslrootcert" if value == "system" => config.root_certificates = None,
                "sslrootcert" => config.root_certificates = Some(value.into()),
                "application_name" => config.application_name = value,
                "options" => config.options = Some(value),
                "connect_timeout" => {
                    config.connect_timeout = Duration::from_secs(number(key, &value)?.max(1))
                }
                "pool_size" => config.pool_size = usize::try_from(number(key, &value)?.max(1)).unwrap_or(1),
                "pgbouncer" => config.prepared_statements = !truth(key, &value)?,
                "prepared_statements" => config.prepared_statements = truth(key, &value)?,
                _ => return Err(wrong(format_args!("its parameter {key:?} is not known"))),
            }
        }
        if let Some(port) = port {
            hosts.iter_mut().for_each(|host| match host {
                Host::Unix { port: known, .. } | Host::Tcp { port: known, .. } => *known = port,
            });
        }
        if hosts.is_empty() {
            return Err(wrong("it names no host"));
        }
        config.hosts = hosts;
        if config.user.is_empty() {
            return Err(wrong("it names no user"));
        }
        if config.database.is_empty() {
            config.database.clone_from(&config.user);
        }
        Ok(config)
    }
}

const DEFAULT_PORT: u16 = 5432;

fn wrong(what: impl fmt::Display) -> DatabaseError {
    DatabaseError::new(
        sqlstate::SQLCLIENT_UNABLE_TO_ESTABLISH_SQLCONNECTION,
        format!("the database URL cannot be used: {what}"),
    )
    .with_hint("Its form is postgres://user:password@host:5432/database?sslmode=require")
}

fn read_hosts(text: &str) -> Result<Vec<Host>> {
    text.split(',').filter(|host| !host.is_empty()).map(read_host).collect()
}

fn read_host(text: &str) -> Result<Host> {
    if text.starts_with('/') {
        return Ok(Host::Unix { directory: text.into(), port: DEFAULT_PORT });
    }
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, port)) => (host, port.strip_prefix(':')),
        None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    let port = match port {
        None | Some("") => DEFAULT_PORT,
        Some(port) => port.parse().map_err(|_| wrong("the port must be a number"))?,
    };
    let host = decode(host, "host")?;
    Ok(if host.starts_with('/') {
        Host::Unix { directory: host.into(), port }
    } else {
        Host::Tcp { host, port }
    })
}

fn read_tls_mode(text: &str) -> Result<TlsMode> {
    match text {
        "disable" => Ok(TlsMode::Disable),
        "allow" | "prefer" => Ok(TlsMode::Prefer),
        "require" => Ok(TlsMode::Require),
        "verify-ca" => Ok(TlsMode::VerifyCa),
        "verify-full" => Ok(TlsMode::VerifyFull),
        _ => Err(wrong("sslmode must be disable, prefer, require, verify-ca or verify-full")),
    }
}

fn number(key: &str, value: &str) -> Result<u64> {
    value.parse().map_err(|_| wrong(format_args!("{key} must be a number")))
}

fn truth(key: &str, value: &str) -> Result<bool> {
    value.parse().map_err(|_| wrong(format_args!("{key} must be true or false")))
}

fn decode(text: &str, part: &str) -> Result<String> {
    let failed = || wrong(format_args!("{part} is not percent-encoded UTF-8"));
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2).ok_or_else(failed)?;
        let digits = std::str::from_utf8(digits).map_err(|_| failed())?;
        bytes.push(u8::from_str_radix(digits, 16).map_err(|_| failed())?);
        rest = after;
    }
    String::from_utf8(bytes).map_err(|_| failed())
}

#[cfg(test)]
mod tests;
