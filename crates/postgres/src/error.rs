//! Errors and notices as the server sends them, into the port's.

use database::{DatabaseError, Notice, Severity, SqlState};
use fallible_iterator::FallibleIterator;
use postgres_protocol::message::backend::ErrorFields;
use std::fmt::Display;

/// The error of an ErrorResponse. Fields that only the server's programmers read (file, line, routine) are dropped.
pub(crate) fn from_server(mut fields: ErrorFields<'_>) -> DatabaseError {
    let mut error = DatabaseError::new(sqlstate::INTERNAL_ERROR, "");
    let known = error.fields_mut();
    while let Ok(Some(field)) = fields.next() {
        let text = || String::from_utf8_lossy(field.value_bytes()).into_owned();
        match field.type_() {
            b'C' => known.code = SqlState::parse(&text()).unwrap_or(sqlstate::INTERNAL_ERROR),
            b'M' => known.message = text(),
            b'D' => known.detail = Some(text()),
            b'H' => known.hint = Some(text()),
            b'P' => known.position = text().parse().ok(),
            b's' => known.schema = Some(text()),
            b't' => known.table = Some(text()),
            b'c' => known.column = Some(text()),
            b'n' => known.constraint = Some(text()),
            b'd' => known.data_type = Some(text()),
            b'W' if field.value_bytes().starts_with(b"COPY ") => known.context = Some(text()),
            b'W' => known.internal = Some(text()),
            _ => {}
        }
    }
    error
}

/// The notice of a NoticeResponse; `None` for what is not meant for the asker (LOG, DEBUG).
pub(crate) fn notice(mut fields: ErrorFields<'_>) -> Option<Notice> {
    let mut severity = None;
    let mut code = sqlstate::SUCCESSFUL_COMPLETION;
    let mut message = String::new();
    while let Ok(Some(field)) = fields.next() {
        let value = String::from_utf8_lossy(field.value_bytes());
        match field.type_() {
            b'V' => {
                severity = match &*value {
                    "NOTICE" => Some(Severity::Notice),
                    "WARNING" => Some(Severity::Warning),
                    "INFO" => Some(Severity::Info),
                    _ => None,
                }
            }
            b'C' => code = SqlState::parse(&value).unwrap_or(sqlstate::SUCCESSFUL_COMPLETION),
            b'M' => message = value.into_owned(),
            _ => {}
        }
    }
    severity.map(|severity| Notice { severity, code, message })
}

/// The server cannot be reached, or went away before the work could have been committed.
pub(crate) fn lost(why: impl Display) -> DatabaseError {
    let mut error =
        DatabaseError::new(sqlstate::CONNECTION_FAILURE, "the connection to the database was lost");
    error.fields_mut().internal = Some(why.to_string());
    error
}

/// The server went away after it was told to commit and before it answered.
pub(crate) fn unknown_outcome(why: impl Display) -> DatabaseError {
    let mut error = DatabaseError::new(
        sqlstate::TRANSACTION_RESOLUTION_UNKNOWN,
        "the connection to the database was lost while the work was being committed",
    )
    .with_hint("It is not known whether it was committed.");
    error.fields_mut().internal = Some(why.to_string());
    error
}

/// The server says something that the protocol does not know at this place.
pub(crate) fn protocol(what: impl Display) -> DatabaseError {
    let mut error = DatabaseError::new(
        sqlstate::PROTOCOL_VIOLATION,
        "the database server answered with an unexpected message",
    );
    error.fields_mut().internal = Some(what.to_string());
    error
}
