//! PostgreSQL's error vocabulary: the SQLSTATE codes and the error value that every crate below and
//! above the port speaks.
//!
//! Pure data, no dependencies but serde. Codes are PostgreSQL 15's, appendix A ("PostgreSQL Error Codes").

mod codes;
mod conditions;
pub use codes::*;
pub use conditions::condition;

use serde::{Deserialize, Serialize};
use std::fmt;

/// A five character SQLSTATE. Use the constants of this crate; `new` exists for codes read off the wire
/// or raised by a user's own function.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SqlState([u8; 5]);

impl SqlState {
    /// The code with these five ASCII characters.
    pub const fn new(code: &[u8; 5]) -> SqlState {
        SqlState(*code)
    }

    /// Parses five upper-case letters or digits; anything else is `None`.
    pub fn parse(text: &str) -> Option<SqlState> {
        let bytes: [u8; 5] = text.as_bytes().try_into().ok()?;
        bytes.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()).then_some(SqlState(bytes))
    }

    /// The five characters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("XX000")
    }

    /// The class: the first two characters.
    pub fn class(&self) -> &str {
        &self.as_str()[..2]
    }
}

impl fmt::Display for SqlState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for SqlState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for SqlState {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for SqlState {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<SqlState, D::Error> {
        let text = String::deserialize(deserializer)?;
        SqlState::parse(&text).ok_or_else(|| serde::de::Error::custom("not an SQLSTATE"))
    }
}

/// An error as PostgreSQL reports it: the fields of the protocol's ErrorResponse that clients read.
///
/// Equal statements give equal errors on both engines. `position` counts characters from 1 in the statement's
/// text, as PostgreSQL's does.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatabaseError(Box<Fields>);

/// The fields of a [`DatabaseError`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fields {
    /// The code, for programs.
    pub code: SqlState,
    /// The primary message, one line.
    pub message: String,
    /// More about the problem. May hold values; absent where row security could leak them.
    pub detail: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
    /// Character offset from 1 in the statement.
    pub position: Option<u32>,
    /// Which statement of the work failed, from 0; `position` counts within it.
    pub statement: Option<u32>,
    /// Schema of the object concerned.
    pub schema: Option<String>,
    /// Table concerned.
    pub table: Option<String>,
    /// Column concerned.
    pub column: Option<String>,
    /// Constraint (or unique index) concerned.
    pub constraint: Option<String>,
    /// Data type concerned.
    pub data_type: Option<String>,
    /// Where in the rows of a COPY: `COPY t, line 2, column a: "x"`.
    #[serde(default)]
    pub context: Option<String>,
    /// What only the log may show (an SQLite message, an I/O error); never sent to a client.
    pub internal: Option<String>,
}

/// The result of everything that can fail with a [`DatabaseError`].
pub type Result<T, E = DatabaseError> = std::result::Result<T, E>;

impl DatabaseError {
    /// An error with a code and a message.
    pub fn new(code: SqlState, message: impl Into<String>) -> DatabaseError {
        DatabaseError(Box::new(Fields {
            code,
            message: message.into(),
            detail: None,
            hint: None,
            position: None,
            statement: None,
            schema: None,
            table: None,
            column: None,
            constraint: None,
            data_type: None,
            context: None,
            internal: None,
        }))
    }

    /// What the embedded engine cannot do yet: 0A000, with the hint that PostgreSQL runs it.
    /// `what` names the feature as the user wrote it, e.g. "GROUPING SETS".
    pub fn unsupported(what: impl fmt::Display) -> DatabaseError {
        DatabaseError::new(FEATURE_NOT_SUPPORTED, format!("{what} is not supported by the embedded engine"))
            .with_hint("It runs with --engine postgres.")
    }

    /// A bug or a broken invariant of ours: XX000. `internal` goes to the log only.
    pub fn internal(internal: impl fmt::Display) -> DatabaseError {
        let mut error = DatabaseError::new(INTERNAL_ERROR, "internal error");
        error.0.internal = Some(internal.to_string());
        error
    }

    /// Adds the detail.
    pub fn with_detail(mut self, detail: impl Into<String>) -> DatabaseError {
        self.0.detail = Some(detail.into());
        self
    }

    /// Adds the hint.
    pub fn with_hint(mut self, hint: impl Into<String>) -> DatabaseError {
        self.0.hint = Some(hint.into());
        self
    }

    /// Adds the position (1-based characters) unless one is known already; 0 is none.
    pub fn at(mut self, position: u32) -> DatabaseError {
        if position > 0 {
            self.0.position.get_or_insert(position);
        }
        self
    }

    /// Says which statement of the work failed, from 0, unless one is known already. Drivers call it.
    pub fn in_statement(mut self, index: usize) -> DatabaseError {
        self.0.statement.get_or_insert(u32::try_from(index).unwrap_or(u32::MAX));
        self
    }

    /// Names the table concerned.
    pub fn on_table(mut self, schema: impl Into<String>, table: impl Into<String>) -> DatabaseError {
        self.0.schema = Some(schema.into());
        self.0.table = Some(table.into());
        self
    }

    /// Names the column concerned.
    pub fn on_column(mut self, column: impl Into<String>) -> DatabaseError {
        self.0.column = Some(column.into());
        self
    }

    /// Names the constraint concerned.
    pub fn on_constraint(mut self, constraint: impl Into<String>) -> DatabaseError {
        self.0.constraint = Some(constraint.into());
        self
    }

    /// Names the data type concerned.
    pub fn on_data_type(mut self, data_type: impl Into<String>) -> DatabaseError {
        self.0.data_type = Some(data_type.into());
        self
    }

    /// The code.
    pub fn code(&self) -> SqlState {
        self.0.code
    }

    /// The primary message.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// All fields.
    pub fn fields(&self) -> &Fields {
        &self.0
    }

    /// All fields, to change.
    pub fn fields_mut(&mut self) -> &mut Fields {
        &mut self.0
    }
}

impl fmt::Display for DatabaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.code, self.0.message)
    }
}

impl fmt::Debug for DatabaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for DatabaseError {}
