//! RAISE and GET DIAGNOSTICS: what a block says, and what it asks of what happened.

use super::{TEXT, Working};
use crate::run::Run;
use catalog::TypeRef;
use database::{Notice, Severity};
use datum::{StoredValue, oid};
use sqlstate::{DatabaseError, NULL_VALUE_NOT_ALLOWED, RAISE_EXCEPTION, Result, SYNTAX_ERROR, SqlState};
use std::sync::Arc;
use syntax::plpgsql::{Condition, Level, Raise};

impl Run<'_> {
    pub(super) fn raise(&mut self, working: &mut Working, raise: &Raise) -> Result<()> {
        if raise.again {
            let again = "RAISE without parameters cannot be used outside an exception handler";
            let code = sqlstate::STACKED_DIAGNOSTICS_ACCESSED_WITHOUT_ACTIVE_HANDLER;
            let current = working.handled.last().cloned();
            return Err(current.unwrap_or_else(|| DatabaseError::new(code, again)));
        }
        let mut message = None;
        if let Some(format) = &raise.format {
            let mut args = Vec::new();
            for arg in &raise.args {
                args.push(self.text(working, arg)?.unwrap_or_else(|| "<NULL>".to_owned()));
            }
            message = Some(filled(format, &args));
        }
        let mut code = match &raise.condition {
            Some(Condition::Code(code)) => Some(*code),
            Some(Condition::Named(name)) => sqlstate::condition(name).next(),
            Some(Condition::Others) | None => None,
        };
        if message.is_none() {
            message = match &raise.condition {
                Some(Condition::Named(name)) => Some(name.clone()),
                Some(Condition::Code(code)) => Some(code.as_str().to_owned()),
                Some(Condition::Others) | None => None,
            };
        }
        let mut options = Vec::new();
        for (name, value) in &raise.options {
            let Some(value) = self.text(working, value)? else {
                return Err(DatabaseError::new(
                    NULL_VALUE_NOT_ALLOWED,
                    "RAISE statement option cannot be null",
                ));
            };
            match name.as_str() {
                "errcode" => code = SqlState::parse(&value).or_else(|| sqlstate::condition(&value).next()),
                "message" => message = Some(value),
                _ => options.push((name.as_str(), value)),
            }
        }
        let message = message.unwrap_or_default();
        match raise.level {
            Level::Quiet => {}
            Level::Notice | Level::Warning => {
                let warning = raise.level == Level::Warning;
                let usual = if warning { sqlstate::WARNING } else { sqlstate::SUCCESSFUL_COMPLETION };
                let severity = if warning { Severity::Warning } else { Severity::Notice };
                self.notices.push(Notice { severity, code: code.unwrap_or(usual), message });
            }
            Level::Exception => {
                let mut error = DatabaseError::new(code.unwrap_or(RAISE_EXCEPTION), message);
                for (name, value) in options {
                    let fields = error.fields_mut();
                    match name {
                        "detail" => fields.detail = Some(value),
                        "hint" => fields.hint = Some(value),
                        "column" => fields.column = Some(value),
                        "constraint" => fields.constraint = Some(value),
                        "datatype" => fields.data_type = Some(value),
                        "table" => fields.table = Some(value),
                        "schema" => fields.schema = Some(value),
                        other => {
                            return Err(DatabaseError::new(
                                SYNTAX_ERROR,
                                format!("unrecognized RAISE statement option at or near \"{other}\""),
                            ));
                        }
                    }
                }
                return Err(error);
            }
        }
        Ok(())
    }

    pub(super) fn diagnostics(
        &mut self,
        working: &mut Working,
        stacked: bool,
        items: &[(Vec<String>, String)],
    ) -> Result<()> {
        for (target, item) in items {
            let (value, ty) = if stacked {
                let Some(error) = working.handled.last() else {
                    return Err(DatabaseError::new(
                        sqlstate::STACKED_DIAGNOSTICS_ACCESSED_WITHOUT_ACTIVE_HANDLER,
                        "GET STACKED DIAGNOSTICS cannot be used outside an exception handler",
                    ));
                };
                let fields = error.fields();
                let text = match item.as_str() {
                    "returned_sqlstate" => error.code().as_str().to_owned(),
                    "message_text" => error.message().to_owned(),
                    "pg_exception_detail" => fields.detail.clone().unwrap_or_default(),
                    "pg_exception_hint" => fields.hint.clone().unwrap_or_default(),
                    "column_name" => fields.column.clone().unwrap_or_default(),
                    "constraint_name" => fields.constraint.clone().unwrap_or_default(),
                    "pg_datatype_name" => fields.data_type.clone().unwrap_or_default(),
                    "table_name" => fields.table.clone().unwrap_or_default(),
                    "schema_name" => fields.schema.clone().unwrap_or_default(),
                    other => {
                        return Err(DatabaseError::unsupported(format_args!(
                            "GET STACKED DIAGNOSTICS {other}"
                        )));
                    }
                };
                (StoredValue::Text(text), TEXT)
            } else if item == "row_count" {
                let rows = i64::try_from(working.row_count).unwrap_or(i64::MAX);
                (StoredValue::Integer(rows), TypeRef { oid: oid::INT8, modifier: -1 })
            } else {
                return Err(DatabaseError::unsupported(format_args!("GET DIAGNOSTICS {item}")));
            };
            let (state, path) = (Arc::clone(&self.state), self.current_path());
            let assignment = working.state.assignment_of(&state.catalog, &self.asker(&path), ty, target)?;
            working.resize();
            self.assign_registers(&assignment, Some(&vec![value]), &mut working.registers)?;
        }
        Ok(())
    }
}

/// The message with its arguments.
fn filled(format: &str, args: &[String]) -> String {
    let mut out = String::new();
    let mut args = args.iter();
    let mut characters = format.chars().peekable();
    while let Some(character) = characters.next() {
        if character != '%' {
            out.push(character);
        } else if characters.next_if_eq(&'%').is_some() {
            out.push('%');
        } else if let Some(arg) = args.next() {
            out.push_str(arg);
        }
    }
    out
}
