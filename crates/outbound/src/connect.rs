//! A connection to an address that was checked.

use fetch::FetchError;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use url::Host;

/// How long one of several addresses may take to accept before the next is tried.
const ATTEMPT: Duration = Duration::from_secs(3);

/// A stream, encrypted or not.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Connects to the first of the addresses that accepts.
pub(crate) async fn connect(addresses: &[SocketAddr]) -> Result<TcpStream, FetchError> {
    let mut why = FetchError::Unreachable("it has no address".to_owned());
    for address in addresses {
        match tokio::time::timeout(ATTEMPT, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Ok(Err(error)) => why = FetchError::Unreachable(error.to_string()),
            Err(_) => why = FetchError::Unreachable("it does not accept connections in time".to_owned()),
        }
    }
    Err(why)
}

/// How servers' certificates are checked. The authorities are read at the first use: most servers never ask another one.
pub(crate) struct Encryption {
    authorities: Option<Vec<CertificateDer<'static>>>,
    config: OnceLock<Result<Arc<ClientConfig>, String>>,
}

impl Encryption {
    /// With the system's authorities, or with these only.
    pub(crate) fn new(authorities: Option<Vec<CertificateDer<'static>>>) -> Encryption {
        Encryption { authorities, config: OnceLock::new() }
    }

    /// Encrypts a stream to the host.
    pub(crate) async fn encrypt(
        &self,
        host: &Host<&str>,
        stream: TcpStream,
    ) -> Result<Box<dyn Stream>, FetchError> {
        let name = match host {
            Host::Domain(name) => ServerName::try_from(name.trim_end_matches('.').to_owned())
                .map_err(|error| FetchError::Encryption(error.to_string()))?,
            Host::Ipv4(address) => ServerName::IpAddress((*address).into()),
            Host::Ipv6(address) => ServerName::IpAddress((*address).into()),
        };
        let config = match self.config.get() {
            Some(config) => config,
            None => {
                let authorities = self.authorities.clone();
                let made = tokio::task::spawn_blocking(move || config(authorities)).await;
                let made = made.unwrap_or_else(|error| Err(error.to_string()));
                self.config.get_or_init(|| made)
            }
        };
        let config = config.as_ref().map_err(|why| FetchError::Encryption(why.clone()))?;
        let stream = TlsConnector::from(Arc::clone(config)).connect(name, stream).await;
        Ok(Box::new(stream.map_err(|error| FetchError::Encryption(error.to_string()))?))
    }
}

fn config(authorities: Option<Vec<CertificateDer<'static>>>) -> Result<Arc<ClientConfig>, String> {
    let mut roots = RootCertStore::empty();
    let authorities = authorities.unwrap_or_else(|| rustls_native_certs::load_native_certs().certs);
    // A system's store may hold certificates that are not well-formed; the others count.
    roots.add_parsable_certificates(authorities);
    if roots.is_empty() {
        return Err(
            "no certificate of an authority is known: the package ca-certificates has them".to_owned()
        );
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}
