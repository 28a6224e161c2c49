//! Triggers and policies.

use super::Parser;
use super::call::hinted;
use super::constraint::{Allowed, Attributes};
use crate::ast::{CreatePolicy, CreateTrigger, Expr, Ident, PolicyCommand, Statement, TriggerEvent};
use crate::lexer::{Keyword, Kind};
use sqlstate::{DatabaseError, FEATURE_NOT_SUPPORTED, Result};

impl Parser<'_> {
    /// From `[CONSTRAINT] TRIGGER` on.
    pub(super) fn create_trigger(&mut self, or_replace: bool) -> Result<Statement> {
        let constraint_position = self.position();
        let constraint = self.accept(Keyword::Constraint);
        self.expect(Keyword::Trigger)?;
        let position = self.position();
        let name = self.column_id()?;
        let timing = self.trigger_timing(constraint)?;
        let events = self.trigger_events()?;
        self.expect(Keyword::On)?;
        let table = self.qualified_name()?;
        let mut attributes = Attributes::default();
        let mut referencing = Vec::new();
        let for_each_row = if constraint {
            if self.accept(Keyword::From) {
                self.qualified_name()?;
                return self.refuse("CREATE CONSTRAINT TRIGGER … FROM", constraint_position);
            }
            let allowed = Allowed { what: "TRIGGER", deferrable: true, not_valid: false, no_inherit: false };
            attributes = self.constraint_attributes(&allowed)?;
            self.expect_all(&[Keyword::For, Keyword::Each, Keyword::Row])?;
            true
        } else {
            if self.accept(Keyword::Referencing) {
                referencing = self.referencing()?;
            }
            self.trigger_level()?
        };
        let when = if self.accept(Keyword::When) { Some(self.check_expression()?) } else { None };
        self.expect(Keyword::Execute)?;
        if !self.accept(Keyword::Function) {
            self.expect(Keyword::Procedure)?;
        }
        let function = self.function_name()?;
        let args = self.trigger_arguments()?;
        if constraint && or_replace {
            let message = "CREATE OR REPLACE CONSTRAINT TRIGGER is not supported";
            return Err(DatabaseError::new(FEATURE_NOT_SUPPORTED, message));
        }
        let deferred = attributes.initially_deferred == Some(true);
        Ok(Statement::CreateTrigger(Box::new(CreateTrigger {
            or_replace,
            constraint,
            name,
            timing,
            events,
            table,
            for_each_row,
            when,
            referencing,
            function,
            args,
            deferrable: attributes.deferrable.unwrap_or(deferred),
            initially_deferred: deferred,
            position,
        })))
    }

    fn trigger_timing(&mut self, constraint: bool) -> Result<&'static str> {
        let timing = match self.keyword() {
            Some(Keyword::After) => "AFTER",
            Some(Keyword::Before) if !constraint => "BEFORE",
            Some(Keyword::Instead) if !constraint => {
                self.advance();
                if !self.is(Keyword::Of) {
                    return Err(self.unexpected());
                }
                "INSTEAD OF"
            }
            _ => return Err(self.unexpected()),
        };
        self.advance();
        Ok(timing)
    }

    fn trigger_events(&mut self) -> Result<Vec<TriggerEvent>> {
        let mut events: Vec<TriggerEvent> = Vec::new();
        loop {
            let event = match self.keyword() {
                Some(Keyword::Insert) => TriggerEvent::Insert,
                Some(Keyword::Delete) => TriggerEvent::Delete,
                Some(Keyword::Truncate) => TriggerEvent::Truncate,
                Some(Keyword::Update) => TriggerEvent::Update(Vec::new()),
                _ => return Err(self.unexpected()),
            };
            let mut last = self.advance();
            let event = match event {
                // PostgreSQL looks at the next word before it knows that no OF comes, and then complains there.
                TriggerEvent::Update(_) => {
                    let columns =
                        if self.accept(Keyword::Of) { self.list(Self::column_id)? } else { Vec::new() };
                    last = self.peek();
                    TriggerEvent::Update(columns)
                }
                event => event,
            };
            let same = |other: &TriggerEvent| std::mem::discriminant(other) == std::mem::discriminant(&event);
            if events.iter().any(same) {
                return Err(self.error_at(last, "duplicate trigger events specified"));
            }
            events.push(event);
            if !self.accept(Keyword::Or) {
                return Ok(events);
            }
        }
    }

    fn referencing(&mut self) -> Result<Vec<(bool, bool, Ident)>> {
        let mut items = Vec::new();
        while let Some(word @ (Keyword::New | Keyword::Old)) = self.keyword() {
            self.advance();
            let table = self.accept(Keyword::Table);
            if !table {
                self.expect(Keyword::Row)?;
            }
            self.accept(Keyword::As);
            items.push((word == Keyword::Old, table, self.column_id()?));
        }
        if items.is_empty() {
            return Err(self.unexpected());
        }
        Ok(items)
    }

    /// `FOR [EACH] ROW` (true) or STATEMENT, which is the default.
    fn trigger_level(&mut self) -> Result<bool> {
        if !self.accept(Keyword::For) {
            return Ok(false);
        }
        self.accept(Keyword::Each);
        let row = self.accept(Keyword::Row);
        if !row {
            self.expect(Keyword::Statement)?;
        }
        Ok(row)
    }

    fn trigger_arguments(&mut self) -> Result<Vec<String>> {
        self.expect_char(b'(')?;
        if self.accept_char(b')') {
            return Ok(Vec::new());
        }
        let args = self.list(|p| match p.kind() {
            Kind::Integer => Ok(p.integer()?.to_string()),
            Kind::Float => p.signed_number(),
            Kind::String => p.string(),
            _ => p.label(),
        })?;
        self.expect_char(b')')?;
        Ok(args)
    }

    // ------------------------------------------------------------------------------------ policies

    /// From POLICY on.
    pub(super) fn create_policy(&mut self) -> Result<Statement> {
        self.expect(Keyword::Policy)?;
        let name = self.column_id()?;
        self.expect(Keyword::On)?;
        let table = self.qualified_name()?;
        let mut permissive = true;
        if self.accept(Keyword::As) {
            permissive = self.permissive()?;
        }
        let mut command = PolicyCommand::All;
        if self.accept(Keyword::For) {
            command = match self.keyword() {
                Some(Keyword::All) => PolicyCommand::All,
                Some(Keyword::Select) => PolicyCommand::Select,
                Some(Keyword::Insert) => PolicyCommand::Insert,
                Some(Keyword::Update) => PolicyCommand::Update,
                Some(Keyword::Delete) => PolicyCommand::Delete,
                _ => return Err(self.unexpected()),
            };
            self.advance();
        }
        let roles = if self.accept(Keyword::To) { self.role_list()? } else { Vec::new() };
        let (using, check) = self.policy_expressions()?;
        let policy = CreatePolicy { name, table, permissive, command, roles, using, check };
        Ok(Statement::CreatePolicy(Box::new(policy)))
    }

    fn permissive(&mut self) -> Result<bool> {
        if !matches!(self.kind(), Kind::Identifier | Kind::QuotedIdentifier) {
            return Err(self.unexpected());
        }
        let position = self.position();
        let word = self.label()?;
        match word.as_str() {
            "permissive" => Ok(true),
            "restrictive" => Ok(false),
            _ => hinted(
                &format!("unrecognized row security option \"{word}\""),
                "Only PERMISSIVE or RESTRICTIVE policies are supported currently.",
                position,
            ),
        }
    }

    /// `[USING (…)] [WITH CHECK (…)]`
    pub(super) fn policy_expressions(&mut self) -> Result<(Option<Expr>, Option<Expr>)> {
        let using = if self.accept(Keyword::Using) { Some(self.check_expression()?) } else { None };
        let mut check = None;
        if self.accept(Keyword::With) {
            self.expect(Keyword::Check)?;
            check = Some(self.check_expression()?);
        }
        Ok((using, check))
    }
}
