//! SET, SHOW, TRUNCATE, savepoints.

use super::steps::Sink;
use super::{RoleNames, Run};
use crate::context::become_role;
use crate::settings::unrecognized;
use crate::writes::quote;
use catalog::Oid;
use compile::program::{ModifyKind, TablePlan};
use datum::{Context, StoredValue};
use sqlstate::{ACTIVE_SQL_TRANSACTION, DatabaseError, INSUFFICIENT_PRIVILEGE, Result};
use std::sync::Arc;
use std::sync::atomic::Ordering;

impl Run<'_> {
    /// SET and RESET.
    pub(crate) fn set(&mut self, name: &str, value: Option<&str>, local: bool) -> Result<()> {
        if local {
            self.work.settings().local(name);
        }
        self.set_now(name, value)?;
        if !local {
            self.work.settings().lasting(name);
        }
        Ok(())
    }

    fn set_now(&mut self, name: &str, value: Option<&str>) -> Result<()> {
        if name == "role" && self.work.security_definer.load(Ordering::Relaxed) {
            return Err(DatabaseError::new(
                INSUFFICIENT_PRIVILEGE,
                "cannot set parameter \"role\" within security-definer function",
            ));
        }
        match (name, value) {
            ("role", None | Some("none")) => {
                let role = Arc::clone(&self.session_role);
                self.work.settings().put("role", &role);
            }
            ("role", Some(value)) => {
                become_role(&self.state.catalog, &self.session_user, value)?;
                self.work.settings().put("role", value);
            }
            ("session authorization" | "session_authorization", None | Some("default")) => {
                let login =
                    self.work.session_user.get().map_or_else(|| Arc::clone(&self.session_user), Arc::clone);
                self.authorize(login);
            }
            ("session authorization" | "session_authorization", Some(value)) => {
                let login = self.work.session_user.get().map_or("", |name| name);
                let found = RoleNames::find(&self.state.catalog, value)?;
                let superuser = self.state.catalog.role(login).is_some_and(|role| role.superuser);
                if !superuser && *found.name != *login {
                    return Err(DatabaseError::new(
                        INSUFFICIENT_PRIVILEGE,
                        "permission denied to set session authorization",
                    ));
                }
                self.authorize(found.name);
            }
            ("transaction", Some(modes)) => self.set_modes(modes, false)?,
            ("session characteristics", Some(modes)) => self.set_modes(modes, true)?,
            ("all", None) => self.work.settings().reset_all(),
            (name, None) => self.work.settings().reset(name)?,
            (name, Some(value)) => self.work.settings().set(name, value)?,
        }
        Ok(())
    }

    /// The session is somebody else's from now on.
    pub(super) fn authorize(&mut self, user: Arc<str>) {
        self.work.settings().put("role", &user);
        self.session_role = Arc::clone(&user);
        self.session_user = user;
    }

    /// SET TRANSACTION, or SET SESSION CHARACTERISTICS for the transactions to come. Every transaction is serializable here, which
    /// all isolation levels allow; what was asked for is shown.
    pub(super) fn set_modes(&mut self, modes: &str, session: bool) -> Result<()> {
        let modes = modes.to_ascii_lowercase();
        for mode in modes.split(',').map(str::trim).filter(|mode| !mode.is_empty()) {
            let (name, value) = match mode {
                "read only" => ("transaction_read_only", "on"),
                "read write" => ("transaction_read_only", "off"),
                "not deferrable" => continue,
                _ => match mode.strip_prefix("isolation level ") {
                    Some(level) => ("transaction_isolation", level),
                    None => return Err(DatabaseError::unsupported(format_args!("SET TRANSACTION {mode}"))),
                },
            };
            if session {
                self.work.settings().put(&format!("default_{name}"), value);
                continue;
            }
            if mode == "read write" && self.read_only && !self.savepoints.is_empty() {
                return Err(DatabaseError::new(
                    ACTIVE_SQL_TRANSACTION,
                    "cannot set transaction read-write mode inside a read-only transaction",
                ));
            }
            self.mode(name, value);
        }
        Ok(())
    }

    /// A transaction of a lasting session begins: with what its settings say.
    pub(super) fn begin_modes(&mut self) {
        let (read_only, isolation) = {
            let settings = self.work.settings();
            let value = |name| settings.get(name).unwrap_or_default().to_owned();
            (value("default_transaction_read_only"), value("default_transaction_isolation"))
        };
        if read_only == "on" {
            self.mode("transaction_read_only", "on");
        }
        self.mode("transaction_isolation", &isolation);
    }

    fn mode(&mut self, name: &str, value: &str) {
        if name == "transaction_read_only" {
            self.read_only = value == "on";
        }
        let mut settings = self.work.settings();
        settings.local(name);
        settings.put(name, value);
    }

    /// SHOW.
    pub(crate) fn show(&mut self, name: &str, result: &mut Sink) -> Result<()> {
        let value = match name {
            "role" => self.work.settings().get("role").unwrap_or("none").to_owned(),
            "session_authorization" => self.session_user.to_string(),
            _ => self.frame.setting(name).ok_or_else(|| unrecognized(name))?,
        };
        result.take(&[StoredValue::Text(value)], &*self.frame)
    }

    /// TRUNCATE.
    pub(crate) fn truncate(&mut self, tables: &[Arc<TablePlan>], restart: &[Oid]) -> Result<()> {
        let event = [(ModifyKind::Truncate, &[][..])];
        for table in tables {
            self.fire_before_statement(table, &event)?;
        }
        for table in tables {
            let writes = self.state.writes(table);
            let text = format!("DELETE FROM {}", quote(&table.sqlite_name));
            let done = self.connection.write(&text, &table.sqlite_name, &writes.related, &[])?;
            done.map_err(|error| self.connection.failure(&error))?;
        }
        restart.iter().try_for_each(|oid| self.restart_sequence(*oid, None))?;
        tables.iter().try_for_each(|table| self.queue_after_statement(table, &event, None))
    }
}
