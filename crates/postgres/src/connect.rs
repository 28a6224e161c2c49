//! A new connection: socket, encryption, authentication, session parameters.

use crate::config::{Config, Host, TlsMode};
use crate::connection::{Connection, cancel_request};
use crate::error;
use crate::server_facts::Greeting;
use crate::tls;
use crate::wire::{Socket, Wire};
use database::{DatabaseError, Result};
use fallible_iterator::FallibleIterator;
use postgres_protocol::authentication::md5_hash;
use postgres_protocol::authentication::sasl::{ChannelBinding, SCRAM_SHA_256, ScramSha256};
use postgres_protocol::message::backend::{AuthenticationSaslBody, Message};
use postgres_protocol::message::frontend;
use socket2::{SockRef, TcpKeepalive};
use std::path::Path;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpStream, UnixStream};
use tokio::time::timeout;

/// Connects to the first address that answers.
pub(crate) async fn connect(config: &Config) -> Result<Connection> {
    let mut last = None;
    for host in &config.hosts {
        match within(config.connect_timeout, host, connect_to(config, host)).await {
            Ok(connection) => return Ok(connection),
            // Where a server answered, its refusal is the answer.
            Err(error) if error.code().class() != "08" => return Err(error),
            Err(error) => last = Some(error),
        }
    }
    Err(last.unwrap_or_else(|| unreachable("no address", "none is configured")))
}

/// Tells the server to cancel what a connection runs. Best effort, as in PostgreSQL's protocol: nothing is answered.
pub(crate) async fn cancel(config: &Config, key: (i32, i32)) {
    for host in &config.hosts {
        let cancelled = within(config.connect_timeout, host, async {
            let (socket, _) = open(config, host).await?;
            let mut socket = socket;
            let message = cancel_request(key);
            socket.write_all(&message).await.map_err(error::lost)?;
            socket.flush().await.map_err(error::lost)
        });
        if cancelled.await.is_ok() {
            return;
        }
    }
}

async fn within<T>(limit: Duration, host: &Host, work: impl Future<Output = Result<T>>) -> Result<T> {
    match timeout(limit, work).await {
        Ok(result) => result,
        Err(_) => Err(unreachable(host, format_args!("no answer within {} s", limit.as_secs()))),
    }
}

async fn connect_to(config: &Config, host: &Host) -> Result<Connection> {
    let (socket, encrypted) = open(config, host).await?;
    let mut wire = Wire::new(socket);
    let mut parameters = vec![
        ("user", config.user.as_str()),
        ("database", &config.database),
        ("application_name", &config.application_name),
        ("client_encoding", "UTF8"),
    ];
    if config.prepared_statements {
        // The output forms that the port promises. A pooler that hands connections around refuses them; they are
        // the server's defaults.
        parameters.extend([
            ("DateStyle", "ISO"),
            ("IntervalStyle", "postgres"),
            ("bytea_output", "hex"),
            ("extra_float_digits", "1"),
        ]);
    }
    parameters.extend(config.options.as_deref().map(|options| ("options", options)));
    frontend::startup_message(parameters, &mut wire.output).map_err(|error| unreachable(host, error))?;
    authenticate(config, host, &mut wire, encrypted).await?;
    wait_until_ready(wire).await
}

/// A socket, encrypted if the mode and the server say so.
async fn open(config: &Config, host: &Host) -> Result<(Box<dyn Socket>, bool)> {
    match host {
        Host::Unix { directory, port } => {
            let path = Path::new(directory).join(format!(".s.PGSQL.{port}"));
            let socket = UnixStream::connect(&path).await.map_err(|error| unreachable(host, error))?;
            Ok((Box::new(socket), false))
        }
        Host::Tcp { host: name, port } => {
            let socket = TcpStream::connect((name.as_str(), *port)).await;
            let socket = socket.map_err(|error| unreachable(host, error))?;
            // A request is one small write: waiting for more would only delay it.
            socket
                .set_nodelay(true)
                .and_then(|()| keep_alive(&socket))
                .map_err(|error| unreachable(host, error))?;
            if config.tls == TlsMode::Disable {
                return Ok((Box::new(socket), false));
            }
            let mut wire = Wire::new(Box::new(socket));
            frontend::ssl_request(&mut wire.output);
            match wire.byte().await.map_err(|error| unreachable(host, error))? {
                b'S' => Ok((tls::encrypt(config, name, wire.into_socket()).await?, true)),
                _ if config.tls == TlsMode::Prefer => Ok((wire.into_socket(), false)),
                _ => {
                    Err(unreachable(host, "the server does not support encryption, but sslmode requires it"))
                }
            }
        }
    }
}

/// A server that is gone without a word (a failed machine, a cut cable) is noticed within half a minute.
fn keep_alive(socket: &TcpStream) -> std::io::Result<()> {
    let socket = SockRef::from(socket);
    let probes = TcpKeepalive::new().with_time(Duration::from_secs(15)).with_interval(Duration::from_secs(5));
    socket.set_tcp_keepalive(&probes.with_retries(3))?;
    // Keepalive does not look while something that we sent is not acknowledged.
    #[cfg(target_os = "linux")]
    socket.set_tcp_user_timeout(Some(Duration::from_secs(30)))?;
    Ok(())
}

async fn authenticate(config: &Config, host: &Host, wire: &mut Wire, encrypted: bool) -> Result<()> {
    let password = || {
        config.password.as_ref().map(|password| password.0.as_bytes()).ok_or_else(|| {
            DatabaseError::new(
                sqlstate::INVALID_PASSWORD,
                format!(
                    "the server asks for a password for user \"{}\", and the database URL has none",
                    config.user
                ),
            )
        })
    };
    loop {
        match next(host, wire).await? {
            Message::AuthenticationOk => return Ok(()),
            Message::AuthenticationCleartextPassword if !encrypted && matches!(host, Host::Tcp { .. }) => {
                return Err(unreachable(
                    host,
                    "the server asks for the password in the clear on an unencrypted connection",
                ));
            }
            Message::AuthenticationCleartextPassword => {
                frontend::password_message(password()?, &mut wire.output).map_err(error::lost)?;
            }
            Message::AuthenticationMd5Password(body) => {
                let hash = md5_hash(config.user.as_bytes(), password()?, body.salt());
                frontend::password_message(hash.as_bytes(), &mut wire.output).map_err(error::lost)?;
            }
            Message::AuthenticationSasl(body) => scram(host, wire, &body, password()?).await?,
            Message::ErrorResponse(body) => return Err(error::from_server(body.fields())),
            _ => {
                return Err(unreachable(
                    host,
                    "the server asks for a kind of authentication that is not supported",
                ));
            }
        }
    }
}

async fn scram(
    host: &Host,
    wire: &mut Wire,
    offered: &AuthenticationSaslBody,
    password: &[u8],
) -> Result<()> {
    if !offered.mechanisms().any(|mechanism| Ok(mechanism == SCRAM_SHA_256)).map_err(error::protocol)? {
        return Err(unreachable(host, "the server offers no SCRAM-SHA-256"));
    }
    let mut scram = ScramSha256::new(password, ChannelBinding::unsupported());
    frontend::sasl_initial_response(SCRAM_SHA_256, scram.message(), &mut wire.output).map_err(error::lost)?;
    match next(host, wire).await? {
        Message::AuthenticationSaslContinue(body) => scram.update(body.data()).map_err(error::protocol)?,
        Message::ErrorResponse(body) => return Err(error::from_server(body.fields())),
        _ => return Err(error::protocol("SASL continue expected")),
    }
    frontend::sasl_response(scram.message(), &mut wire.output).map_err(error::lost)?;
    match next(host, wire).await? {
        Message::AuthenticationSaslFinal(body) => scram.finish(body.data()).map_err(error::protocol),
        Message::ErrorResponse(body) => Err(error::from_server(body.fields())),
        _ => Err(error::protocol("SASL final expected")),
    }
}

async fn wait_until_ready(mut wire: Wire) -> Result<Connection> {
    let mut key = (0, 0);
    let mut greeting = Greeting::default();
    loop {
        match wire.next().await.map_err(error::lost)? {
            Message::BackendKeyData(body) => key = (body.process_id(), body.secret_key()),
            Message::ParameterStatus(body) => {
                greeting.take(body.name().map_err(error::protocol)?, body.value().map_err(error::protocol)?);
            }
            Message::NoticeResponse(_) => {}
            Message::ReadyForQuery(_) => {
                greeting.check()?;
                return Ok(Connection::new(wire, key.0, key.1));
            }
            Message::ErrorResponse(body) => return Err(error::from_server(body.fields())),
            _ => return Err(error::protocol("an answer before the session began")),
        }
    }
}

async fn next(host: &Host, wire: &mut Wire) -> Result<Message> {
    wire.next().await.map_err(|error| unreachable(host, error))
}

fn unreachable(host: impl std::fmt::Display, why: impl std::fmt::Display) -> DatabaseError {
    DatabaseError::new(
        sqlstate::CONNECTION_FAILURE,
        format!("the database cannot be reached at {host}: {why}"),
    )
}

impl std::fmt::Display for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Host::Unix { directory, port } => write!(f, "{}/.s.PGSQL.{port}", directory.display()),
            Host::Tcp { host, port } => write!(f, "{host}:{port}"),
        }
    }
}
