//! SQLite's errors as PostgreSQL's.
//!
//! An error out of one of our own functions never comes this way: it is carried aside whole (see `slot`), since SQLite hands
//! back a text only.

use rusqlite::ErrorCode;
use rusqlite::ffi;
use sqlstate::{
    DATA_CORRUPTED, DISK_FULL, DatabaseError, IO_ERROR, LOCK_NOT_AVAILABLE, OUT_OF_MEMORY,
    PROGRAM_LIMIT_EXCEEDED, QUERY_CANCELED, STATEMENT_TOO_COMPLEX,
};

/// Beginnings and parts of SQLite's messages about statements that are too large for it.
const TOO_COMPLEX: &[&str] = &[
    "Expression tree is too large",
    "Recursion limit",
    "parser stack overflow",
    "too many terms in",
    "too many columns",
    "too many SQL variables",
    "too many arguments on function",
    "too many FROM clause terms",
    "at most 64 tables in a join",
    "too many levels of",
    "LIKE or GLOB pattern too complex",
    "too many references to",
    "variable number must be between",
];

/// What PostgreSQL would say. What it would never say is internal.
pub(crate) fn from_sqlite(error: &rusqlite::Error) -> DatabaseError {
    let text = error.to_string();
    for end in ["starting", "ending"] {
        if text.contains(&format!("frame {end} offset must be")) {
            let message = format!("frame {end} offset must not be negative");
            return DatabaseError::new(sqlstate::INVALID_PRECEDING_OR_FOLLOWING_SIZE, message);
        }
    }
    let Some(code) = error.sqlite_error_code() else {
        return DatabaseError::internal(text);
    };
    let (state, message) = match code {
        ErrorCode::DiskFull => (DISK_FULL, "could not extend the database file: No space left on device"),
        ErrorCode::OutOfMemory => (OUT_OF_MEMORY, "out of memory"),
        ErrorCode::TooBig => (PROGRAM_LIMIT_EXCEEDED, "a value is longer than the embedded engine can hold"),
        ErrorCode::SystemIoFailure => (IO_ERROR, "could not read or write the database file"),
        ErrorCode::CannotOpen | ErrorCode::PermissionDenied => (IO_ERROR, "could not open the database file"),
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
            (DATA_CORRUPTED, "the database file is damaged")
        }
        ErrorCode::OperationInterrupted => {
            return DatabaseError::new(QUERY_CANCELED, "canceling statement due to statement timeout");
        }
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            (LOCK_NOT_AVAILABLE, "canceling statement due to lock timeout")
        }
        _ if TOO_COMPLEX.iter().any(|part| text.contains(part)) => {
            (STATEMENT_TOO_COMPLEX, "the statement is too complex for the embedded engine")
        }
        _ => return DatabaseError::internal(text),
    };
    let mut known = DatabaseError::new(state, message);
    known.fields_mut().internal = Some(text);
    known
}

/// Whether this error is a broken unique index.
pub(crate) fn is_unique_violation(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error().map(|error| error.extended_code),
        Some(
            ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID
        )
    )
}

/// Whether this error says that an authorizer refused: a statement was prepared again without its wall.
pub(crate) fn is_refused(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::AuthorizationForStatementDenied))
}
