//! Running one work: its statements compiled one after another under the catalog, role and search path as they are by
//! then, their programs run step by step.

mod block;
mod call;
mod checks;
mod conflict;
mod copy;
mod define;
mod describe;
mod events;
mod explain;
mod instead;
mod iterate;
mod live;
mod merge;
mod modify;
mod order;
mod redo;
mod routine;
mod rows;
mod savepoints;
mod session;
mod statement;
mod steps;
mod talk;
mod temporary;
#[cfg(test)]
mod tests;
mod triggers;
mod utility;
mod values;

use crate::bindings::Bindings;
use crate::connection::Connection;
use crate::context::{Frame, WorkState};
use crate::plan::Plans;
use crate::state::CatalogState;
use database::Notice;
use events::Events;
use std::cell::RefCell;
use std::sync::Arc;
use triggers::TriggerWrites;

use savepoints::Savepoint;
pub(crate) use session::Held;
pub(crate) use statement::{
    Environment, Failure, OPERATOR, RoleNames, WorkDone, initial_settings, may_not_become, role_settings,
    run_work,
};
pub(crate) use talk::{Ending, Talk};
pub(crate) use triggers::Trigger;
pub(crate) use values::Leaving;

/// How deep SQL functions may call each other.
const DEPTH: u32 = 100;

/// A work in progress on a connection.
pub(crate) struct Run<'a> {
    connection: &'a Connection,
    plans: &'a Plans,
    work: Arc<WorkState>,
    frame: Arc<Frame>,
    /// The catalog as it is in this transaction.
    state: Arc<CatalogState>,
    role: RoleNames,
    /// Who asked: what RESET ROLE goes back to.
    session_role: Arc<str>,
    session_user: Arc<str>,
    /// The search path's names, and at which count of changes to the settings they were read.
    search_path: Arc<[String]>,
    settings_seen: u64,
    /// The name of the session's temporary schema, whether it is there yet or not.
    temporary_schema: Arc<str>,
    /// The session goes on behind the transaction, and what is temporary with it.
    lasting: bool,
    notices: Vec<Notice>,
    events: Events,
    depth: u32,
    /// How many functions of triggers are around.
    trigger_depth: u32,
    /// How many calls of functions that are run, and not written into a statement, are around.
    calls: u32,
    /// OLD TABLE and NEW TABLE of the trigger whose function runs.
    transition_rows: Option<(crate::slot::Buffer, crate::slot::Buffer)>,
    /// What they wrote during the statement.
    trigger_writes: RefCell<TriggerWrites>,
    /// The rows of a COPY FROM STDIN, and what a COPY TO STDOUT gave.
    copy_rows: Option<Arc<str>>,
    copied: Option<String>,
    /// What is written, while it is to be done again later.
    redo: RefCell<Option<Vec<redo::Written>>>,
    /// Where the stack was when the work began.
    stack_base: usize,
    savepoints: Vec<Savepoint>,
    /// Prepared statements and cursors.
    held: Held,
    /// Within a transaction that the session will end itself.
    block: bool,
    /// Only on the writer: definitions may change.
    may_define: bool,
    /// How many ticks a statement may take, on a thread that must not be held up.
    budget: Option<i64>,
    read_only: bool,
    /// Within a function that is not volatile.
    reads_only: bool,
    /// What of the statement that runs had no effect.
    no_effect: Option<String>,
    /// Its tag, when only running it tells.
    tag: Option<String>,
}

impl<'a> Run<'a> {
    /// The binds without any row.
    fn bindings<'b>(
        &'b self,
        parameters: &'b [datum::StoredValue],
        arguments: &'b [datum::StoredValue],
    ) -> Bindings<'b> {
        let users = (&*self.role.name, &*self.session_user);
        Bindings::new(&self.work, users, self.trigger_depth, parameters, arguments)
    }

    /// Another catalog is in effect from now on.
    fn set_state(&mut self, state: Arc<CatalogState>) {
        self.state = state;
        self.refresh_frame();
    }

    /// Makes the frame anew: time zone or catalog changed.
    fn refresh_frame(&mut self) {
        self.frame = Arc::new(Frame::new(Arc::clone(&self.work), Arc::clone(&self.state)));
        self.connection.slot.set_frame(Some(Arc::clone(&self.frame)));
    }
}
