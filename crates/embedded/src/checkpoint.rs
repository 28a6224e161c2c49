//! Moving the write-ahead log into the file, off the path of requests (rule 17).
//!
//! The writer does it between batches, in passive steps that wait for nobody. The log starts anew with the next commit once
//! all of it was moved and no snapshot needs it.

use crate::connection::Connection;
use crate::shared::Shared;
use sqlstate::Result;

/// From how many pages on a log is worth moving.
const WORTH: u64 = 1000;

/// Moves the log if it is long enough.
pub(crate) fn between_batches(connection: &Connection, shared: &Shared, pages: &mut u64) {
    if *pages < WORTH {
        return;
    }
    shared.release_idle_readers();
    // A checkpoint that does not get far is tried again when the log has grown.
    if let Ok((log, moved)) = connection.checkpoint("PASSIVE") {
        *pages = if log == moved { 0 } else { (log.saturating_sub(moved)).min(WORTH / 2) };
    }
}

/// Moves all of it and empties the log.
pub(crate) fn last(connection: &Connection) -> Result<()> {
    connection.checkpoint("TRUNCATE").map(|_| ())
}
