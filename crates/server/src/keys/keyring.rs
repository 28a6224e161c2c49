//! The keys that a running server uses: loaded, kept up to date, and changed while it runs.
//!
//! Where several nodes serve one database each asks for the version of the keys every two seconds, and once more when a token
//! names a key that it does not know. A node that could not ask for ten seconds refuses tokens with 503 until it can: it never
//! goes on by keys that may have been revoked (rule 19). A single process changes its keys itself and need not ask.

use super::signing::plan::Refusal;
use super::signing::{self, Kept, SigningKeys, Turn};
use super::{KeyError, ProjectKeys, SealingKey};
use crate::configuration::Settings;
use crate::events::{Event, Events};
use database::Database;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};
use tokio::sync::Mutex;
use web::{HeldKey, SignatureAlgorithm, Standing, standings};

/// How often a node asks whether the keys changed.
const CHECK_EVERY: Duration = Duration::from_secs(2);
/// How long a node may go on without having asked.
const CHECK_BOUND: Duration = Duration::from_secs(10);
/// A token that names an unknown key has the keys checked, but not more often than this.
const CHECK_AGAIN: Duration = Duration::from_millis(200);
/// How long a new key is published before it signs: those who check tokens keep the public keys for ten minutes
/// (`Cache-Control` of the document, and the client libraries), and whoever lies between may do so too.
const PUBLISHED_BEFORE: Duration = Duration::from_secs(20 * 60);
/// Clocks differ, and a token is made before it is first shown.
const TOKEN_MARGIN: Duration = Duration::from_secs(60);

/// A key, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedKey {
    /// Its name.
    pub kid: String,
    /// Its algorithm.
    pub algorithm: SignatureAlgorithm,
    /// What it is used for now.
    pub standing: Standing,
    /// When it begins or began to sign.
    pub signs_from: SystemTime,
    /// When its tokens are no longer accepted.
    pub verifies_until: Option<SystemTime>,
}

/// The keys at a time, for people.
fn listed(keys: &[HeldKey], now: SystemTime) -> Vec<ListedKey> {
    let listed = |(held, standing): (&HeldKey, Standing)| ListedKey {
        kid: held.key.kid().to_owned(),
        algorithm: held.key.algorithm(),
        standing,
        signs_from: held.signs_from,
        verifies_until: held.verifies_until,
    };
    standings(keys, now).into_iter().map(listed).collect()
}

/// What the operator asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyRequest {
    /// The keys as they are.
    List,
    /// A new key takes the current one's place.
    Rotate {
        /// Its algorithm; `None` is ES256.
        algorithm: Option<SignatureAlgorithm>,
        /// Without the time in which it is only published.
        urgent: bool,
    },
    /// A key is neither used nor accepted any more.
    Revoke(String),
}

impl KeyRequest {
    /// The change that is asked for; `None` for a look.
    pub fn turn(&self, settings: &Settings) -> Option<Turn> {
        let token_life = Duration::from_secs(settings.jwt_expiry.into()) + TOKEN_MARGIN;
        match self {
            KeyRequest::List => None,
            KeyRequest::Rotate { algorithm, urgent } => {
                let lead = match (urgent, is_shared(settings)) {
                    (false, _) => PUBLISHED_BEFORE,
                    // Until every node knows it or refuses tokens.
                    (true, true) => CHECK_BOUND + CHECK_EVERY,
                    (true, false) => Duration::ZERO,
                };
                Some(Turn::Rotate { algorithm: *algorithm, lead, token_life, urgent: *urgent })
            }
            KeyRequest::Revoke(kid) => Some(Turn::Revoke { kid: kid.clone(), token_life }),
        }
    }
}

/// Whether other nodes may serve the same database.
fn is_shared(settings: &Settings) -> bool {
    settings.database.is_some()
}

/// The file of the signing keys, if the settings name one: relative to the folder of `config.toml`.
fn file_of(settings: &Settings, folder: &Path) -> Option<PathBuf> {
    settings.signing_keys_path.as_ref().map(|path| folder.join(path))
}

/// Does what the operator asks for, or looks, where no server runs.
///
/// # Errors
/// As for [`Keyring::answer`].
pub async fn answer(
    store: &SigningKeys,
    settings: &Settings,
    folder: &Path,
    request: &KeyRequest,
) -> Result<Vec<ListedKey>, KeyError> {
    if let Some(path) = file_of(settings, folder) {
        return answer_of_file(&path, &signing::file::read(&path).map_err(KeyError::File)?, request);
    }
    let kept = match request.turn(settings) {
        Some(turn) => {
            // What turns must be there first.
            store.load_or_make().await?;
            store.turn(&turn).await?
        }
        None => store.load_or_make().await?,
    };
    Ok(listed(&kept.keys, kept.now))
}

/// Keys of a file can be looked at.
fn answer_of_file(path: &Path, keys: &[HeldKey], request: &KeyRequest) -> Result<Vec<ListedKey>, KeyError> {
    match request {
        KeyRequest::List => Ok(listed(keys, SystemTime::now())),
        KeyRequest::Rotate { .. } | KeyRequest::Revoke(_) => {
            Err(KeyError::Refused(Refusal::FromFile(path.display().to_string())))
        }
    }
}

enum Source {
    /// They are read once.
    File(PathBuf, Vec<HeldKey>),
    Database(SigningKeys),
}

/// The keys in use.
pub struct Keyring {
    project: ProjectKeys,
    source: Source,
    settings: Arc<Settings>,
    doors: web::Keys,
    /// [`CHECK_BOUND`], shorter in tests.
    bound: Duration,
    events: Option<Arc<Events>>,
    /// What was loaded last, and when the database last said that it is so.
    known: Mutex<Known>,
}

struct Known {
    version: i64,
    checked: Instant,
}

impl Keyring {
    /// Loads the signing keys, from their file or from the database; there an ES256 key is made at the first start.
    ///
    /// # Errors
    /// The file or the database does not give them, or the seal does not open.
    pub async fn open(
        database: Arc<dyn Database>,
        sealing_key: SealingKey,
        project: ProjectKeys,
        settings: Arc<Settings>,
        folder: &Path,
        limits: web::Limits,
    ) -> Result<Keyring, KeyError> {
        let begun = Instant::now();
        let (source, version, keys) = match file_of(&settings, folder) {
            Some(path) => {
                let keys = signing::file::read(&path).map_err(KeyError::File)?;
                (Source::File(path, keys.clone()), 0, keys)
            }
            None => {
                let store = SigningKeys::new(database, Arc::new(sealing_key));
                let kept = store.load_or_make().await?;
                let version = kept.version;
                (Source::Database(store), version, by_our_clock(kept, &settings))
            }
        };
        let set = project.key_set(&settings, keys);
        let keyring = Keyring {
            doors: web::Keys::new(set, limits),
            project,
            source,
            settings,
            bound: CHECK_BOUND,
            events: None,
            known: Mutex::new(Known { version, checked: begun }),
        };
        keyring.confirm(begun);
        Ok(keyring)
    }

    /// Tells of changes.
    pub fn with_events(self, events: Arc<Events>) -> Keyring {
        Keyring { events: Some(events), ..self }
    }

    fn emit(&self, event: &Event<'_>) {
        if let Some(events) = &self.events {
            events.emit(event);
        }
    }

    /// The handle that doors hold.
    pub fn doors(&self) -> &web::Keys {
        &self.doors
    }

    /// The project's other keys.
    pub fn project(&self) -> &ProjectKeys {
        &self.project
    }

    /// Whether other nodes may change the keys.
    pub fn is_shared(&self) -> bool {
        is_shared(&self.settings) && matches!(self.source, Source::Database(_))
    }

    /// Does what the operator asks for; it counts here when this returns.
    ///
    /// # Errors
    /// It may not be done as the keys are, or the database refuses.
    pub async fn answer(&self, request: &KeyRequest) -> Result<Vec<ListedKey>, KeyError> {
        let store = match &self.source {
            Source::Database(store) => store,
            Source::File(path, keys) => return answer_of_file(path, keys, request),
        };
        let mut known = self.known.lock().await;
        let begun = Instant::now();
        let kept = match request.turn(&self.settings) {
            Some(turn) => store.turn(&turn).await?,
            None => store.load().await?,
        };
        let answer = listed(&kept.keys, kept.now);
        self.install(&mut known, kept, begun);
        Ok(answer)
    }

    /// Asks whether the keys changed, unless that was asked within the span.
    ///
    /// # Errors
    /// The database cannot be asked.
    pub async fn refresh(&self, unless_within: Duration) -> Result<(), KeyError> {
        let Source::Database(store) = &self.source else { return Ok(()) };
        // One at a time: who waits here finds that it was asked meanwhile.
        let mut known = self.known.lock().await;
        if known.checked.elapsed() < unless_within {
            return Ok(());
        }
        let begun = Instant::now();
        if store.version().await? == known.version {
            known.checked = begun;
            self.confirm(begun);
        } else {
            let kept = store.load().await?;
            self.install(&mut known, kept, begun);
        }
        Ok(())
    }

    fn install(&self, known: &mut Known, kept: Kept, begun: Instant) {
        let changed = known.version != kept.version;
        *known = Known { version: kept.version, checked: begun };
        let keys = by_our_clock(kept, &self.settings);
        self.doors.replace(self.project.key_set(&self.settings, keys));
        self.confirm(begun);
        if changed {
            let set = self.doors.set();
            let current = set.current(SystemTime::now()).map_or("", |key| key.kid());
            let accepted = set.signing.iter().filter(|held| held.is_accepted(SystemTime::now())).count();
            self.emit(&Event::SigningKeysChanged { current, accepted });
        }
    }

    /// The keys were the database's at this moment.
    fn confirm(&self, at: Instant) {
        if self.is_shared() {
            self.doors.confirm_for(self.bound.saturating_sub(at.elapsed()));
        }
    }

    /// Refreshes the keys before a request is served that names one that is unknown here: another node may have made it.
    pub async fn look_for(&self, headers: &http::HeaderMap) {
        if self.doors.names_unknown_key(headers) {
            // When it cannot be asked, what is known decides, while that may be.
            let _ = tokio::time::timeout(CHECK_EVERY, self.refresh(CHECK_AGAIN)).await;
        }
    }

    /// Keeps the keys up to date for ever.
    pub async fn follow(&self) {
        let mut failed = false;
        loop {
            tokio::time::sleep(CHECK_EVERY).await;
            // An answer that comes later than the next question is of no use.
            let asked = tokio::time::timeout(CHECK_BOUND / 2, self.refresh(CHECK_EVERY / 2)).await;
            let problem = match asked {
                Ok(Ok(())) => None,
                Ok(Err(error)) => Some(error.to_string()),
                Err(_) => Some("the database does not answer".to_owned()),
            };
            if let (Some(problem), false) = (&problem, failed) {
                let text = format!(
                    "the signing keys cannot be checked ({problem}); tokens are refused if this goes on"
                );
                self.emit(&Event::Warned(&text));
            }
            failed = problem.is_some();
        }
    }
}

/// Nodes' clocks may differ from the database's, in which the times of keys are written.
fn by_our_clock(kept: Kept, settings: &Settings) -> Vec<HeldKey> {
    let Kept { version: _, mut keys, now } = kept;
    // A single process wrote them by this machine's clock.
    if !is_shared(settings) {
        return keys;
    }
    let ours = SystemTime::now();
    let shifted = |time: SystemTime| match ours.duration_since(now) {
        Ok(ahead) => time.checked_add(ahead),
        Err(behind) => time.checked_sub(behind.duration()),
    };
    for held in &mut keys {
        held.signs_from = shifted(held.signs_from).unwrap_or(held.signs_from);
        held.verifies_until = held.verifies_until.map(|until| shifted(until).unwrap_or(until));
    }
    keys
}

#[cfg(test)]
mod tests;
