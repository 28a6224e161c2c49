//! Encryption, as libpq's `sslmode` has it.

use crate::config::{Config, TlsMode};
use crate::wire::Socket;
use database::{DatabaseError, Result};
use std::fmt::Display;
use std::path::Path;
use std::sync::Arc;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    self, CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme,
};

/// Wraps a socket whose server agreed to encrypt.
pub(crate) async fn encrypt(config: &Config, host: &str, socket: Box<dyn Socket>) -> Result<Box<dyn Socket>> {
    let name = ServerName::try_from(host.to_owned()).map_err(|error| failed(host, error))?;
    let client = client(config).map_err(|error| failed(host, error))?;
    let stream = TlsConnector::from(Arc::new(client)).connect(name, socket).await;
    Ok(Box::new(stream.map_err(|error| failed(host, error))?))
}

fn failed(host: &str, why: impl Display) -> DatabaseError {
    DatabaseError::new(
        sqlstate::CONNECTION_FAILURE,
        format!("the connection to the database at {host} cannot be encrypted: {why}"),
    )
}

fn client(config: &Config) -> Result<ClientConfig, String> {
    let provider = Arc::new(ring::default_provider());
    let verifier: Arc<dyn ServerCertVerifier> = match checks(config) {
        Checks::Nothing => Arc::new(AnyCertificate { provider: provider.clone() }),
        Checks::Authority => Arc::new(AnyName { inner: verifier(config, &provider)? }),
        Checks::AuthorityAndName => verifier(config, &provider)?,
    };
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(verifier)
        .with_no_client_auth();
    Ok(client)
}

/// What is asked of a server's certificate.
enum Checks {
    Nothing,
    Authority,
    AuthorityAndName,
}

fn checks(config: &Config) -> Checks {
    match config.tls {
        TlsMode::VerifyFull => Checks::AuthorityAndName,
        TlsMode::VerifyCa => Checks::Authority,
        // As in libpq: who names an authority wants it asked.
        TlsMode::Require if config.root_certificates.is_some() => Checks::Authority,
        TlsMode::Require | TlsMode::Prefer | TlsMode::Disable => Checks::Nothing,
    }
}

fn verifier(config: &Config, provider: &Arc<CryptoProvider>) -> Result<Arc<WebPkiServerVerifier>, String> {
    let mut roots = RootCertStore::empty();
    let certificates = match &config.root_certificates {
        Some(file) => certificates_of(file)?,
        None => rustls_native_certs::load_native_certs().certs,
    };
    // A system's store may hold certificates that are not well-formed; the others count.
    roots.add_parsable_certificates(certificates);
    if roots.is_empty() {
        return Err("no certificate of an authority is known; name one with sslrootcert".into());
    }
    WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone())
        .build()
        .map_err(|error| error.to_string())
}

fn certificates_of(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let read = CertificateDer::pem_file_iter(file).and_then(Iterator::collect);
    read.map_err(|error| format!("sslrootcert {}: {error}", file.display()))
}

/// Any certificate will do, as long as the server holds its key.
#[derive(Debug)]
struct AnyCertificate {
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// A certificate of a trusted authority, whatever host it is for.
#[derive(Debug)]
struct AnyName {
    inner: Arc<WebPkiServerVerifier>,
}

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        match self.inner.verify_server_cert(certificate, intermediates, name, ocsp, now) {
            // The name is compared last: all else was in order.
            Err(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            result => result,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}
