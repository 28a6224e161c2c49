//! What a program's binds stand for while it runs.

use crate::context::WorkState;
use compile::program::Bind;
use datum::{Stored, StoredValue};
use sqlstate::{DatabaseError, Result};

/// The values at hand. What a program may not bind where it stands is absent.
#[derive(Clone, Copy)]
pub(crate) struct Bindings<'a> {
    pub(crate) parameters: &'a [StoredValue],
    pub(crate) arguments: &'a [StoredValue],
    pub(crate) now: i64,
    pub(crate) statement_time: i64,
    pub(crate) current_user: &'a str,
    pub(crate) session_user: &'a str,
    pub(crate) trigger_depth: u32,
    pub(crate) new: Option<&'a [StoredValue]>,
    pub(crate) old: Option<&'a [StoredValue]>,
    pub(crate) excluded: Option<&'a [StoredValue]>,
    pub(crate) extra: Option<&'a [StoredValue]>,
    pub(crate) key: &'a [StoredValue],
}

impl<'a> Bindings<'a> {
    /// Those of a statement that belongs to no row, for the role in effect and the login behind it.
    pub(crate) fn new(
        work: &WorkState,
        (current_user, session_user): (&'a str, &'a str),
        trigger_depth: u32,
        parameters: &'a [StoredValue],
        arguments: &'a [StoredValue],
    ) -> Bindings<'a> {
        Bindings {
            parameters,
            arguments,
            now: work.now(),
            statement_time: work.statement_time(),
            current_user,
            session_user,
            trigger_depth,
            new: None,
            old: None,
            excluded: None,
            extra: None,
            key: &[],
        }
    }

    /// The value that a bind stands for.
    pub(crate) fn value(&self, bind: &Bind) -> Result<Stored<'a>> {
        let found = match bind {
            Bind::Parameter(number) => usize::try_from(*number)
                .ok()
                .and_then(|number| number.checked_sub(1))
                .and_then(|at| self.parameters.get(at)),
            Bind::Argument(at) => self.arguments.get(*at),
            Bind::New(at) => self.new.and_then(|row| row.get(*at)),
            Bind::Old(at) => self.old.and_then(|row| row.get(*at)),
            Bind::Excluded(at) => self.excluded.and_then(|row| row.get(*at)),
            Bind::Extra(at) => self.extra.and_then(|row| row.get(*at)),
            Bind::Key(at) => self.key.get(*at),
            Bind::Now => return Ok(Stored::Integer(self.now)),
            Bind::StatementTime => return Ok(Stored::Integer(self.statement_time)),
            Bind::CurrentUser => return Ok(Stored::Text(self.current_user)),
            Bind::TriggerDepth => return Ok(Stored::Integer(i64::from(self.trigger_depth))),
            Bind::SessionUser => return Ok(Stored::Text(self.session_user)),
        };
        found
            .map(StoredValue::borrow)
            .ok_or_else(|| DatabaseError::internal(format_args!("nothing to bind for {bind:?}")))
    }

    /// With a key that is looked for.
    pub(crate) fn key(self, key: &'a [StoredValue]) -> Bindings<'a> {
        Bindings { key, ..self }
    }

    /// With a row to be written, and the one that it replaces.
    pub(crate) fn rows(self, new: Option<&'a [StoredValue]>, old: Option<&'a [StoredValue]>) -> Bindings<'a> {
        Bindings { new, old, ..self }
    }
}
