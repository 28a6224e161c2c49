//! Encryption.

use crate::config::Config;
use crate::wire::Socket;
use database::{DatabaseError, Result};

/// Wraps a socket whose server agreed to encrypt.
pub(crate) async fn encrypt(
    _config: &Config,
    _host: &str,
    _socket: Box<dyn Socket>,
) -> Result<Box<dyn Socket>> {
    Err(DatabaseError::new(sqlstate::FEATURE_NOT_SUPPORTED, "encrypted connections are not supported"))
}
