//! INSTEAD OF triggers: rows of a view are shown to its triggers, which do the work.

use super::Run;
use super::modify::{ROWS_PER_LOOK, Ready, SourceRow, Writing, assign};
use super::steps::Sink;
use super::triggers::Trigger;
use compile::program::ModifyKind;
use sqlstate::{DatabaseError, Result};
use std::sync::Arc;

impl Run<'_> {
    /// Runs a statement on a view that triggers do the work for. How many rows they did not leave out.
    pub(crate) fn modify_instead(
        &mut self,
        writing: &Writing<'_>,
        rows: Vec<SourceRow>,
        sink: &mut Sink,
    ) -> Result<u64> {
        let modify = writing.modify;
        if modify.conflict.is_some() {
            return Err(DatabaseError::unsupported("ON CONFLICT on a view with an INSTEAD OF trigger"));
        }
        let triggers = self.instead_triggers(&modify.table, modify.kind, &modify.assigned)?;
        let mut count = 0;
        for (at, row) in rows.into_iter().enumerate() {
            if at % ROWS_PER_LOOK == 0 {
                self.work.check_deadline()?;
            }
            let Some(ready) = self.show_instead(writing, &triggers, row)? else { continue };
            count += 1;
            let ready = self.with_returning(writing, ready);
            if let Some(error) = ready.late {
                return Err(error);
            }
            if let Some(returned) = ready.returned {
                sink.take(&returned, &*self.frame)?;
            }
        }
        Ok(count)
    }

    /// A row as the triggers leave it; `None` when one leaves it out.
    fn show_instead(
        &mut self,
        writing: &Writing<'_>,
        triggers: &[Arc<Trigger>],
        row: SourceRow,
    ) -> Result<Option<Ready>> {
        let modify = writing.modify;
        let SourceRow { old, values, extra, .. } = row;
        let new = match modify.kind {
            ModifyKind::Insert => values,
            ModifyKind::Update => assign(&old, &modify.assigned, values),
            ModifyKind::Delete | ModifyKind::Truncate => Vec::new(),
        };
        let before = (modify.kind != ModifyKind::Insert).then_some(&old);
        let fired = self.fire_before(&modify.table, triggers, new, before)?;
        Ok(fired.map(|new| Ready { rowid: None, old, new, extra, returned: None, late: None }))
    }
}
