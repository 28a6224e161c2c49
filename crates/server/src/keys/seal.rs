//! Sealing: XChaCha20-Poly1305 under a key that is not in the database. The name of what is sealed is authenticated with it,
//! so that one sealed value cannot stand in another's place.

use crate::configuration::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use std::fmt;
use std::io::{self, Write as _};
use std::path::Path;
use web::identifier::random;

/// What may go wrong with sealing.
#[derive(Debug)]
pub enum SealError {
    /// `BEDPLATE_SECRET_KEY` (or the key file) does not hold 32 bytes.
    NotAKey(String),
    /// The key file is readable by others.
    Exposed(String),
    /// The key file cannot be read or written.
    Unreadable(String, io::Error),
    /// No randomness.
    NoRandomness(getrandom::Error),
    /// The sealed value is not ours, was changed, or another key sealed it.
    CannotOpen,
}

impl fmt::Display for SealError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SealError::NotAKey(origin) => {
                write!(f, "{origin} must hold 32 bytes in base64 or hexadecimal, such as `openssl rand -base64 32` prints")
            }
            SealError::Exposed(path) => {
                write!(f, "{path} can be read by other users of this machine; run: chmod 600 {path}")
            }
            SealError::Unreadable(path, error) => write!(f, "{path}: {error}"),
            SealError::NoRandomness(error) => write!(f, "the operating system gave no randomness: {error}"),
            SealError::CannotOpen => f.write_str(
                "the project's secrets were sealed with another key; restore that secret.key (or BEDPLATE_SECRET_KEY)",
            ),
        }
    }
}

impl std::error::Error for SealError {}

const NONCE: usize = 24;
const VERSION: u8 = 1;

/// The key that seals.
pub struct SealingKey([u8; 32]);

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey")
    }
}

impl SealingKey {
    /// A new one from the operating system's randomness.
    ///
    /// # Errors
    /// When there is none.
    pub fn make() -> Result<SealingKey, SealError> {
        random().map(SealingKey).map_err(SealError::NoRandomness)
    }

    /// The key of `BEDPLATE_SECRET_KEY`.
    ///
    /// # Errors
    /// When it does not hold 32 bytes.
    pub fn from_secret(secret: &Secret) -> Result<SealingKey, SealError> {
        SealingKey::from_text(secret.expose(), "BEDPLATE_SECRET_KEY")
    }

    fn from_text(text: &str, origin: &str) -> Result<SealingKey, SealError> {
        let text = text.trim();
        let hexadecimal = || {
            let digits = (text.len() == 64).then(|| text.as_bytes().chunks(2))?;
            digits
                .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
                .collect::<Option<Vec<u8>>>()
        };
        let base64 = || {
            let engines = [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD];
            engines.iter().find_map(|engine| engine.decode(text).ok().filter(|bytes| bytes.len() == 32))
        };
        let bytes = hexadecimal().or_else(base64).and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        bytes.map(SealingKey).ok_or_else(|| SealError::NotAKey(origin.to_owned()))
    }

    /// The key of the file, made when the file does not exist.
    ///
    /// # Errors
    /// When the file cannot be read or made, holds no key, or others may read it.
    pub fn from_file(path: &Path) -> Result<SealingKey, SealError> {
        let shown = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => {
                refuse_exposed(path)?;
                SealingKey::from_text(&text, &shown)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let key = SealingKey::make()?;
                key.write(path).map_err(|error| SealError::Unreadable(shown, error))?;
                Ok(key)
            }
            Err(error) => Err(SealError::Unreadable(shown, error)),
        }
    }

    /// Written under another name first, so that a crash leaves no half key behind.
    fn write(&self, path: &Path) -> io::Result<()> {
        use std::os::unix::fs::OpenOptionsExt as _;
        let unfinished = path.with_extension("new");
        let mut options = std::fs::OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
        writeln!(file, "{}", STANDARD.encode(self.0))?;
        file.sync_all()?;
        std::fs::rename(&unfinished, path)?;
        path.parent().map_or(Ok(()), |folder| std::fs::File::open(folder)?.sync_all())
    }

    /// Seals the text under a name.
    ///
    /// # Errors
    /// When there is no randomness for the nonce.
    pub fn seal(&self, name: &str, text: &str) -> Result<String, SealError> {
        let nonce: [u8; NONCE] = random().map_err(SealError::NoRandomness)?;
        let payload = Payload { msg: text.as_bytes(), aad: name.as_bytes() };
        let sealed =
            self.cipher().encrypt(&XNonce::from(nonce), payload).map_err(|_| SealError::CannotOpen)?;
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(&sealed);
        Ok(STANDARD.encode(bytes))
    }

    /// Opens what was sealed under this name.
    ///
    /// # Errors
    /// When it was changed, or sealed with another key or name.
    pub fn open(&self, name: &str, sealed: &str) -> Result<String, SealError> {
        let bytes = STANDARD.decode(sealed).map_err(|_| SealError::CannotOpen)?;
        let (version, rest) = bytes.split_first().ok_or(SealError::CannotOpen)?;
        if *version != VERSION || rest.len() < NONCE {
            return Err(SealError::CannotOpen);
        }
        let (nonce, sealed) = rest.split_at(NONCE);
        let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| SealError::CannotOpen)?;
        let payload = Payload { msg: sealed, aad: name.as_bytes() };
        let text = self.cipher().decrypt(&XNonce::from(nonce), payload).map_err(|_| SealError::CannotOpen)?;
        String::from_utf8(text).map_err(|_| SealError::CannotOpen)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&self.0).into())
    }
}

fn refuse_exposed(path: &Path) -> Result<(), SealError> {
    use std::os::unix::fs::PermissionsExt as _;
    let shown = path.display().to_string();
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.permissions().mode() & 0o077 == 0 => Ok(()),
        Ok(_) => Err(SealError::Exposed(shown)),
        Err(error) => Err(SealError::Unreadable(shown, error)),
    }
}
