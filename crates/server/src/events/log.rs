//! The log: a readable sentence for each event, or a JSON object with the same sentence and its parts.
//!
//! Lines are formed where the event happens and written by a thread of their own, so that no request waits for a terminal.
//! When nobody reads, lines are dropped and counted rather than kept without end.

use super::time::write_utc;
use super::{Answered, Event, Level};
use crate::configuration::LogFormat;
use serde_json::{Map, Value, json};
use std::fmt::{self, Write as _};
use std::io::Write;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, SystemTime};

/// Bytes that may wait to be written.
const MOST_WAITING: usize = 4 << 20;
/// Characters of a path that the log shows.
const LONGEST_PATH: usize = 512;

/// A log.
pub struct Log {
    format: LogFormat,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    woken: Condvar,
    written: Condvar,
}

#[derive(Default)]
struct State {
    waiting: Vec<u8>,
    dropped: u64,
    writing: bool,
    ended: bool,
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log").field("format", &self.format).finish_non_exhaustive()
    }
}

impl Log {
    /// A log on standard error.
    pub fn to_standard_error(format: LogFormat) -> Log {
        Log::to(format, std::io::stderr())
    }

    /// A log on a writer.
    pub fn to(format: LogFormat, mut writer: impl Write + Send + 'static) -> Log {
        let shared = Arc::new(Shared::default());
        let theirs = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("log".into()).spawn(move || theirs.drain(&mut writer));
        if thread.is_err() {
            // Without a thread nobody writes: say so by dropping instead of keeping.
            shared.lock().ended = true;
        }
        Log { format, shared }
    }

    /// Writes a line about the event, if it deserves one.
    pub(super) fn write(&self, event: &Event<'_>) {
        let Some(line) = line(event, self.format, SystemTime::now()) else { return };
        let mut state = self.shared.lock();
        if state.ended || state.waiting.len() + line.len() > MOST_WAITING {
            state.dropped += 1;
            return;
        }
        if state.dropped > 0 {
            let note = format!(
                "{} lines of the log were dropped: nobody read them\n",
                std::mem::take(&mut state.dropped)
            );
            state.waiting.extend_from_slice(note.as_bytes());
        }
        state.waiting.extend_from_slice(line.as_bytes());
        drop(state);
        self.shared.woken.notify_one();
    }

    /// Waits until everything is written, at most a second.
    pub fn flush(&self) {
        let state = self.shared.lock();
        let pending = |state: &mut State| !state.ended && (state.writing || !state.waiting.is_empty());
        drop(self.shared.written.wait_timeout_while(state, Duration::from_secs(1), pending));
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.flush();
        self.shared.lock().ended = true;
        self.shared.woken.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn drain(&self, writer: &mut dyn Write) {
        loop {
            let mut state = self.lock();
            while state.waiting.is_empty() && !state.ended {
                state = self.woken.wait(state).unwrap_or_else(std::sync::PoisonError::into_inner);
            }
            if state.waiting.is_empty() {
                return;
            }
            let lines = std::mem::take(&mut state.waiting);
            state.writing = true;
            drop(state);
            let written = writer.write_all(&lines).and_then(|()| writer.flush());
            let mut state = self.lock();
            state.writing = false;
            state.ended |= written.is_err();
            drop(state);
            self.written.notify_all();
        }
    }
}

/// The line for an event, with its end.
pub(super) fn line(event: &Event<'_>, format: LogFormat, now: SystemTime) -> Option<String> {
    let (level, name, sentence) = sentence(event)?;
    let mut line = String::with_capacity(160);
    match format {
        LogFormat::Text => {
            write_utc(&mut line, now);
            line.push_str(match level {
                Level::Info => " ",
                Level::Warning => " WARNING ",
                Level::Error => " ERROR ",
            });
            line.push_str(&sentence);
            if let Event::RequestAnswered(Answered { id, .. }) = event {
                let _ = write!(line, " id={id}");
            }
        }
        LogFormat::Json => {
            let mut time = String::new();
            write_utc(&mut time, now);
            let mut object = Map::new();
            object.insert("time".into(), Value::String(time));
            let level = match level {
                Level::Info => "info",
                Level::Warning => "warning",
                Level::Error => "error",
            };
            object.insert("level".into(), level.into());
            object.insert("event".into(), name.into());
            object.insert("message".into(), Value::String(sentence));
            parts(event, &mut object);
            line.push_str(&Value::Object(object).to_string());
        }
    }
    line.push('\n');
    Some(line)
}

/// An event as a sentence on one line; `None` for what only the metrics count.
fn sentence(event: &Event<'_>) -> Option<(Level, &'static str, String)> {
    Some(match event {
        Event::RequestBegun | Event::RequestAbandoned => return None,
        Event::RequestAnswered(answered) => {
            let level = if answered.status.is_server_error() { Level::Error } else { Level::Info };
            (level, "request", request_sentence(answered))
        }
        Event::Warned(text) => (Level::Warning, "warning", one_line(text)),
        Event::Progressed(text) => (Level::Info, "progress", one_line(text)),
        Event::MigrationApplied { file, statements, took } => (
            Level::Info,
            "migration",
            format!("applied {} ({}) in {}", one_line(file), plural(*statements), milliseconds(*took)),
        ),
        Event::Seeded { file, statements, took } => (
            Level::Info,
            "seed",
            format!("seeded by {} ({}) in {}", one_line(file), plural(*statements), milliseconds(*took)),
        ),
        Event::SigningKeysChanged { current: "", accepted } => (
            Level::Warning,
            "signing_keys",
            format!("the signing keys changed: none signs, {accepted} accepted"),
        ),
        Event::SigningKeysChanged { current, accepted } => (
            Level::Info,
            "signing_keys",
            format!("the signing keys changed: {} signs, {accepted} accepted", one_line(current)),
        ),
        Event::Serving { url, engine, took } => (
            Level::Info,
            "serving",
            format!("serving {url} on {engine}, {} after the start", milliseconds(*took)),
        ),
        Event::JobDone { kind, id, attempt, took } => {
            let again = if *attempt > 1 { format!(" at attempt {attempt}") } else { String::new() };
            (Level::Info, "job_done", format!("job {kind} {id} done{again} in {}", milliseconds(*took)))
        }
        Event::JobFailed { kind, id, attempt, again_in, error } => (
            Level::Warning,
            "job_failed",
            format!(
                "job {kind} {id} failed at attempt {attempt} and is tried again in {}: {}",
                milliseconds(*again_in),
                one_line(error)
            ),
        ),
        Event::JobDead { kind, id, attempts, error } => (
            Level::Error,
            "job_dead",
            format!(
                "job {kind} {id} is given up after {attempts} attempts: {}; `bedplate jobs` shows it",
                one_line(error)
            ),
        ),
        Event::JobLeaseLost { kind, id } => (
            Level::Warning,
            "job_lease_lost",
            format!("job {kind} {id} lost its lease: another node has it, or it was deleted"),
        ),
        Event::QueueUnreachable(error) => (
            Level::Error,
            "queue",
            format!("the queue of jobs cannot be reached, and is tried again: {}", one_line(error)),
        ),
        Event::AcceptFailed(error) => {
            (Level::Error, "accept", format!("a connection could not be accepted: {}", one_line(error)))
        }
        Event::Stopping(signal) => (Level::Info, "stopping", format!("stopping on {signal}")),
        Event::Stopped { cut_off: 0 } => (Level::Info, "stopped", "stopped".into()),
        Event::Stopped { cut_off } => {
            (Level::Warning, "stopped", format!("stopped; {cut_off} connections were cut off"))
        }
        Event::CloseFailed(error) => {
            (Level::Error, "close", format!("the database did not close in order: {}", one_line(error)))
        }
    })
}

fn request_sentence(answered: &Answered<'_>) -> String {
    let Answered { method, path, status, took, client, bytes, cause, .. } = answered;
    let mut text = String::with_capacity(160);
    let path = shown_path(path);
    for part in [method.as_str(), " ", &path, " answered ", status.as_str(), " in "] {
        text.push_str(part);
    }
    text.push_str(&milliseconds(*took));
    if let Some(bytes) = bytes {
        let _ = write!(text, " with {bytes} bytes");
    }
    let _ = write!(text, " to {client}");
    if let Some(cause) = cause {
        let _ = write!(text, " because of: {}", one_line(cause));
    }
    text
}

/// The parts of the sentence, for programs.
fn parts(event: &Event<'_>, into: &mut Map<String, Value>) {
    let mut put = |name: &str, value: Value| {
        into.insert(name.to_owned(), value);
    };
    match event {
        Event::RequestAnswered(Answered { id, client, method, path, route, status, bytes, took, cause }) => {
            put("request_id", json!(id));
            put("client", json!(client.to_string()));
            put("method", json!(method.as_str()));
            put("path", json!(shown_path(path)));
            put("route", json!(route.label()));
            put("status", json!(status.as_u16()));
            put("bytes", json!(bytes));
            put("milliseconds", json!(took.as_secs_f64() * 1000.0));
            if let Some(cause) = cause {
                put("cause", json!(cause));
            }
        }
        Event::MigrationApplied { file, statements, took } | Event::Seeded { file, statements, took } => {
            put("file", json!(file));
            put("statements", json!(statements));
            put("milliseconds", json!(took.as_secs_f64() * 1000.0));
        }
        Event::SigningKeysChanged { current, accepted } => {
            put("kid", json!(current));
            put("accepted", json!(accepted));
        }
        Event::Serving { url, engine, took } => {
            put("url", json!(url));
            put("engine", json!(engine));
            put("milliseconds", json!(took.as_secs_f64() * 1000.0));
        }
        Event::JobDone { kind, id, attempt, took } => {
            put("kind", json!(kind));
            put("job", json!(id));
            put("attempt", json!(attempt));
            put("milliseconds", json!(took.as_secs_f64() * 1000.0));
        }
        Event::JobFailed { kind, id, attempt, again_in, error } => {
            put("kind", json!(kind));
            put("job", json!(id));
            put("attempt", json!(attempt));
            put("again_in_milliseconds", json!(again_in.as_secs_f64() * 1000.0));
            put("error", json!(error));
        }
        Event::JobDead { kind, id, attempts, error } => {
            put("kind", json!(kind));
            put("job", json!(id));
            put("attempt", json!(attempts));
            put("error", json!(error));
        }
        Event::JobLeaseLost { kind, id } => {
            put("kind", json!(kind));
            put("job", json!(id));
        }
        Event::Stopping(signal) => put("signal", json!(signal)),
        Event::Stopped { cut_off } => put("cut_off", json!(cut_off)),
        Event::RequestBegun
        | Event::RequestAbandoned
        | Event::Warned(_)
        | Event::Progressed(_)
        | Event::QueueUnreachable(_)
        | Event::AcceptFailed(_)
        | Event::CloseFailed(_) => {}
    }
}

fn plural(statements: usize) -> String {
    if statements == 1 { "1 statement".into() } else { format!("{statements} statements") }
}

/// A length of time with three digits that matter.
pub(crate) fn milliseconds(took: Duration) -> String {
    let milliseconds = took.as_secs_f64() * 1000.0;
    match milliseconds {
        _ if milliseconds < 10.0 => format!("{milliseconds:.2} ms"),
        _ if milliseconds < 100.0 => format!("{milliseconds:.1} ms"),
        _ if milliseconds < 10_000.0 => format!("{milliseconds:.0} ms"),
        _ => format!("{:.1} s", milliseconds / 1000.0),
    }
}

/// Control characters must not forge a line or drive a terminal.
fn one_line(text: &str) -> String {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.to_owned();
    }
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn shown_path(path: &str) -> String {
    let mut shown = one_line(path);
    if shown.len() <= LONGEST_PATH {
        return shown;
    }
    if let Some((end, _)) = shown.char_indices().nth(LONGEST_PATH) {
        shown.truncate(end);
        shown.push('…');
    }
    shown
}
