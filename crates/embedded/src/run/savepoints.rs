//! SAVEPOINT, RELEASE, ROLLBACK TO among a work's statements.

use super::Run;
use super::events::Events;
use crate::settings::Settings;
use crate::state::CatalogState;
use crate::writes::quote;
use sqlstate::{DatabaseError, Result, S_E_INVALID_SPECIFICATION};
use std::sync::Arc;

/// What a savepoint goes back to, beside the data.
pub(crate) struct Savepoint {
    name: String,
    state: Arc<CatalogState>,
    settings: Settings,
    events: Events,
}

impl Run<'_> {
    /// SAVEPOINT
    pub(crate) fn savepoint(&mut self, name: &str) -> Result<()> {
        self.control(&format!("SAVEPOINT {}", quote(&format!("user {name}"))))?;
        self.savepoints.push(Savepoint {
            name: name.to_owned(),
            state: Arc::clone(&self.state),
            settings: self.work.settings().clone(),
            events: self.events.clone(),
        });
        Ok(())
    }

    /// RELEASE
    pub(crate) fn release(&mut self, name: &str) -> Result<()> {
        let at = self.find(name)?;
        self.control(&format!("RELEASE {}", quote(&format!("user {name}"))))?;
        self.savepoints.truncate(at);
        self.held.released(at);
        Ok(())
    }

    /// ROLLBACK TO
    pub(crate) fn roll_back_to(&mut self, name: &str) -> Result<()> {
        let at = self.find(name)?;
        self.control(&format!("ROLLBACK TO {}", quote(&format!("user {name}"))))?;
        self.savepoints.truncate(at + 1);
        self.held.back_to(at);
        let Some(savepoint) = self.savepoints.last() else { return Ok(()) };
        self.work.settings().restore(savepoint.settings.clone());
        self.events = savepoint.events.clone();
        let state = Arc::clone(&savepoint.state);
        if state.version != self.state.version {
            self.connection.forget_statements();
        }
        self.set_state(state);
        self.follow_temporary_schema();
        Ok(())
    }

    fn find(&self, name: &str) -> Result<usize> {
        self.savepoints.iter().rposition(|savepoint| savepoint.name == name).ok_or_else(|| {
            DatabaseError::new(S_E_INVALID_SPECIFICATION, format!("savepoint \"{name}\" does not exist"))
        })
    }

    /// Runs a savepoint statement of the engine's own.
    pub(crate) fn savepoint_control(&self, text: &str) -> Result<()> {
        self.control(text)
    }

    fn control(&self, text: &str) -> Result<()> {
        self.connection.engine(text).map_err(|error| self.connection.failure(&error))
    }
}
