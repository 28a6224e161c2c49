//! Constraints of columns, tables and domains.

use super::Parser;
use super::call::not_implemented;
use crate::ast::{Constraint, ConstraintKind, Expr, Ident, Name, ReferentialAction};
use crate::lexer::Keyword;
use sqlstate::{DatabaseError, FEATURE_NOT_SUPPORTED, Result};

/// What may follow a constraint of a table; each with whether it was given.
#[derive(Default)]
pub(super) struct Attributes {
    pub(super) deferrable: Option<bool>,
    pub(super) initially_deferred: Option<bool>,
    pub(super) not_valid: bool,
    pub(super) no_inherit: bool,
}

/// Which attributes a kind of constraint takes, as PostgreSQL names it in its complaint.
pub(super) struct Allowed {
    pub(super) what: &'static str,
    pub(super) deferrable: bool,
    pub(super) not_valid: bool,
    pub(super) no_inherit: bool,
}

impl Parser<'_> {
    /// gram.y's `ColQualList`: the constraints of a column and its collation.
    pub(super) fn column_constraints(&mut self) -> Result<(Vec<Constraint>, Option<Name>)> {
        let mut constraints: Vec<Constraint> = Vec::new();
        let mut collation = None;
        // Attributes belong to the constraint before them, if it is one that can be deferred.
        let mut marks = Attributes::default();
        let mut markable = false;
        loop {
            let position = self.position();
            if self.accept(Keyword::Collate) {
                let name = self.any_name()?;
                if collation.replace(name).is_some() {
                    return self.fail("multiple COLLATE clauses not allowed", position);
                }
                continue;
            }
            if let Some((words, mark)) = self.deferrability()? {
                let last = constraints.last_mut().filter(|_| markable);
                if let Some(complaint) = apply_mark(last, &mut marks, words, mark) {
                    self.defer(complaint, position);
                }
                continue;
            }
            let name = if self.accept(Keyword::Constraint) { Some(self.column_id()?) } else { None };
            let Some(kind) = self.column_constraint_kind()? else {
                if name.is_some() {
                    return Err(self.unexpected());
                }
                return Ok((constraints, collation));
            };
            let no_inherit = matches!(kind, ConstraintKind::Check(_)) && self.no_inherit()?;
            markable = matches!(
                kind,
                ConstraintKind::PrimaryKey { .. }
                    | ConstraintKind::Unique { .. }
                    | ConstraintKind::ForeignKey { .. }
            );
            marks = Attributes::default();
            constraints.push(Constraint {
                name,
                kind,
                deferrable: false,
                initially_deferred: false,
                not_valid: false,
                no_inherit,
                position,
            });
        }
    }

    /// gram.y's `ConstraintAttr`: what was written and what it means.
    fn deferrability(&mut self) -> Result<Option<(&'static str, Mark)>> {
        if self.accept(Keyword::Deferrable) {
            return Ok(Some(("DEFERRABLE", Mark::Deferrable(true))));
        }
        if self.accept_pair(Keyword::Not, Keyword::Deferrable) {
            return Ok(Some(("NOT DEFERRABLE", Mark::Deferrable(false))));
        }
        if !self.accept(Keyword::Initially) {
            return Ok(None);
        }
        if self.accept(Keyword::Deferred) {
            return Ok(Some(("INITIALLY DEFERRED", Mark::Deferred(true))));
        }
        self.expect(Keyword::Immediate)?;
        Ok(Some(("INITIALLY IMMEDIATE", Mark::Deferred(false))))
    }

    fn no_inherit(&mut self) -> Result<bool> {
        if !self.is(Keyword::No) {
            return Ok(false);
        }
        self.expect_all(&[Keyword::No, Keyword::Inherit])?;
        Ok(true)
    }

    fn column_constraint_kind(&mut self) -> Result<Option<ConstraintKind>> {
        use Keyword as K;
        let Some(keyword) = self.keyword() else { return Ok(None) };
        Ok(Some(match keyword {
            K::Not => {
                self.expect_all(&[K::Not, K::Null])?;
                ConstraintKind::NotNull
            }
            K::Null => {
                self.advance();
                ConstraintKind::Null
            }
            K::Unique => {
                self.advance();
                let nulls_not_distinct = self.nulls_not_distinct()?;
                self.index_parameters()?;
                let (columns, include) = (Vec::new(), Vec::new());
                ConstraintKind::Unique { columns, include, nulls_not_distinct, using_index: None }
            }
            K::Primary => {
                self.expect_all(&[K::Primary, K::Key])?;
                self.index_parameters()?;
                ConstraintKind::PrimaryKey { columns: Vec::new(), include: Vec::new(), using_index: None }
            }
            K::Check => {
                self.advance();
                ConstraintKind::Check(self.check_expression()?)
            }
            K::Default => {
                self.advance();
                ConstraintKind::Default(self.restricted_expression()?)
            }
            K::Generated => self.generated()?,
            K::References => self.references(Vec::new())?,
            _ => return Ok(None),
        }))
    }

    /// `( expression )`
    pub(super) fn check_expression(&mut self) -> Result<Expr> {
        self.expect_char(b'(')?;
        let expr = self.expression()?;
        self.expect_char(b')')?;
        Ok(expr)
    }

    /// `GENERATED … AS IDENTITY` or `GENERATED ALWAYS AS (…) STORED`.
    fn generated(&mut self) -> Result<ConstraintKind> {
        self.expect(Keyword::Generated)?;
        let position = self.position();
        let always = self.generated_when()?;
        self.expect(Keyword::As)?;
        if self.accept(Keyword::Identity) {
            let options = self.parenthesized_sequence_options()?;
            return Ok(ConstraintKind::Identity { always, options });
        }
        let expr = self.check_expression()?;
        self.expect(Keyword::Stored)?;
        if !always {
            return self.fail("for a generated column, GENERATED ALWAYS must be specified", position);
        }
        Ok(ConstraintKind::Generated(expr))
    }

    /// ALWAYS (true) or BY DEFAULT (false).
    pub(super) fn generated_when(&mut self) -> Result<bool> {
        if self.accept(Keyword::Always) {
            return Ok(true);
        }
        self.expect_all(&[Keyword::By, Keyword::Default])?;
        Ok(false)
    }

    /// gram.y's `opt_unique_null_treatment`.
    pub(super) fn nulls_not_distinct(&mut self) -> Result<bool> {
        if !self.accept(Keyword::Nulls) {
            return Ok(false);
        }
        let not = self.accept(Keyword::Not);
        self.expect(Keyword::Distinct)?;
        Ok(not)
    }

    /// `WITH (…) USING INDEX TABLESPACE x`: how the index is stored, without effect on answers.
    fn index_parameters(&mut self) -> Result<()> {
        if self.accept(Keyword::With) {
            self.definition()?;
        }
        if self.is(Keyword::Using) {
            self.expect_all(&[Keyword::Using, Keyword::Index, Keyword::Tablespace])?;
            self.column_id()?;
        }
        Ok(())
    }

    /// `REFERENCES table (columns) …`
    fn references(&mut self, columns: Vec<Ident>) -> Result<ConstraintKind> {
        self.expect(Keyword::References)?;
        let table = self.qualified_name()?;
        let referenced = self.optional_column_names()?;
        let mut match_full = false;
        let position = self.position();
        if self.accept(Keyword::Match) {
            match self.keyword() {
                Some(Keyword::Full) => match_full = true,
                Some(Keyword::Simple) => {}
                Some(Keyword::Partial) => {
                    return not_implemented("MATCH PARTIAL not yet implemented", position);
                }
                _ => return Err(self.unexpected()),
            }
            self.advance();
        }
        let (mut on_delete, mut on_update) = (None, None);
        let mut set_columns = Vec::new();
        while self.is(Keyword::On) && (on_delete.is_none() || on_update.is_none()) {
            let position = self.position();
            let update = self.is_at(1, Keyword::Update) && on_update.is_none();
            let delete = self.is_at(1, Keyword::Delete) && on_delete.is_none();
            self.advance();
            if !update && !delete {
                return Err(self.unexpected());
            }
            self.advance();
            let (action, columns) = self.referential_action()?;
            if delete {
                on_delete = Some(action);
                set_columns = columns;
            } else if columns.is_empty() {
                on_update = Some(action);
            } else {
                let words = if action == ReferentialAction::SetNull { "SET NULL" } else { "SET DEFAULT" };
                let message = format!("a column list with {words} is only supported for ON DELETE actions");
                return not_implemented(&message, position);
            }
        }
        Ok(ConstraintKind::ForeignKey {
            columns,
            table,
            referenced,
            match_full,
            on_delete: on_delete.unwrap_or(ReferentialAction::NoAction),
            on_update: on_update.unwrap_or(ReferentialAction::NoAction),
            set_columns,
        })
    }

    fn referential_action(&mut self) -> Result<(ReferentialAction, Vec<Ident>)> {
        let action = match self.keyword() {
            Some(Keyword::No) => {
                self.expect_all(&[Keyword::No, Keyword::Action])?;
                return Ok((ReferentialAction::NoAction, Vec::new()));
            }
            Some(Keyword::Restrict) => ReferentialAction::Restrict,
            Some(Keyword::Cascade) => ReferentialAction::Cascade,
            Some(Keyword::Set) => {
                self.advance();
                let action = if self.is(Keyword::Null) {
                    ReferentialAction::SetNull
                } else {
                    ReferentialAction::SetDefault
                };
                if action == ReferentialAction::SetDefault && !self.is(Keyword::Default) {
                    return Err(self.unexpected());
                }
                self.advance();
                return Ok((action, self.optional_column_names()?));
            }
            _ => return Err(self.unexpected()),
        };
        self.advance();
        Ok((action, Vec::new()))
    }

    // ------------------------------------------------------------------------- table constraints

    /// Whether a table constraint begins here. EXCLUDE may name a column, too.
    pub(super) fn starts_table_constraint(&self) -> bool {
        use Keyword as K;
        match self.keyword() {
            Some(K::Constraint | K::Check | K::Unique | K::Primary | K::Foreign) => true,
            Some(K::Exclude) => self.is_char_at(1, b'(') || self.is_at(1, K::Using),
            _ => false,
        }
    }

    /// gram.y's `TableConstraint`.
    pub(super) fn table_constraint(&mut self) -> Result<Constraint> {
        let start = self.position();
        let name = if self.accept(Keyword::Constraint) { Some(self.column_id()?) } else { None };
        let (kind, allowed) = self.table_constraint_kind()?;
        let attributes = self.constraint_attributes(&allowed)?;
        let deferred = attributes.initially_deferred == Some(true);
        Ok(Constraint {
            name,
            kind,
            deferrable: attributes.deferrable.unwrap_or(deferred),
            initially_deferred: deferred,
            not_valid: attributes.not_valid,
            no_inherit: attributes.no_inherit,
            position: start,
        })
    }

    fn table_constraint_kind(&mut self) -> Result<(ConstraintKind, Allowed)> {
        use Keyword as K;
        let allowed = |what, deferrable, check, valid| Allowed {
            what,
            deferrable,
            not_valid: valid,
            no_inherit: check,
        };
        let Some(keyword) = self.keyword() else { return Err(self.unexpected()) };
        Ok(match keyword {
            K::Check => {
                self.advance();
                (ConstraintKind::Check(self.check_expression()?), allowed("CHECK", false, true, true))
            }
            K::Unique => {
                self.advance();
                let index = self.existing_index()?;
                let nulls_not_distinct = index.is_none() && self.nulls_not_distinct()?;
                let (columns, include) = self.key_columns(index.is_none())?;
                let kind =
                    ConstraintKind::Unique { columns, include, nulls_not_distinct, using_index: index };
                (kind, allowed("UNIQUE", true, false, false))
            }
            K::Primary => {
                self.expect_all(&[K::Primary, K::Key])?;
                let index = self.existing_index()?;
                let (columns, include) = self.key_columns(index.is_none())?;
                let kind = ConstraintKind::PrimaryKey { columns, include, using_index: index };
                (kind, allowed("PRIMARY KEY", true, false, false))
            }
            K::Foreign => {
                self.expect_all(&[K::Foreign, K::Key])?;
                let columns = self.column_names()?;
                (self.references(columns)?, allowed("FOREIGN KEY", true, false, true))
            }
            K::Exclude => {
                self.advance();
                self.exclusion()?;
                (ConstraintKind::Exclude, allowed("EXCLUDE", true, false, false))
            }
            _ => return Err(self.unexpected()),
        })
    }

    /// `USING INDEX name`, unless it goes on with TABLESPACE.
    fn existing_index(&mut self) -> Result<Option<Ident>> {
        if !self.is(Keyword::Using) {
            return Ok(None);
        }
        self.expect_all(&[Keyword::Using, Keyword::Index])?;
        Ok(Some(self.column_id()?))
    }

    fn key_columns(&mut self, listed: bool) -> Result<(Vec<Ident>, Vec<Ident>)> {
        if !listed {
            return Ok((Vec::new(), Vec::new()));
        }
        let columns = self.column_names()?;
        let include = if self.accept(Keyword::Include) { self.column_names()? } else { Vec::new() };
        self.index_parameters()?;
        Ok((columns, include))
    }

    /// What follows EXCLUDE.
    fn exclusion(&mut self) -> Result<()> {
        if self.accept(Keyword::Using) {
            self.column_id()?;
        }
        self.parenthesized(|p| {
            p.index_element()?;
            p.expect(Keyword::With)?;
            if p.is(Keyword::Operator) { p.operator_name().map(drop) } else { p.any_operator().map(drop) }
        })?;
        if self.accept(Keyword::Include) {
            self.column_names()?;
        }
        self.index_parameters()?;
        if self.accept(Keyword::Where) {
            self.check_expression()?;
        }
        Ok(())
    }

    /// gram.y's `ConstraintAttributeSpec`, judged as PostgreSQL does it for this kind of constraint.
    pub(super) fn constraint_attributes(&mut self, allowed: &Allowed) -> Result<Attributes> {
        let mut found = Attributes::default();
        loop {
            let position = self.position();
            if self.accept_pair(Keyword::Not, Keyword::Valid) {
                found.not_valid = true;
            } else if self.accept_pair(Keyword::No, Keyword::Inherit) {
                found.no_inherit = true;
            } else if let Some((_, mark)) = self.deferrability()? {
                let slot = match mark {
                    Mark::Deferrable(_) => &mut found.deferrable,
                    Mark::Deferred(_) => &mut found.initially_deferred,
                };
                if slot.is_some_and(|before| before != mark.on()) {
                    return self.fail("conflicting constraint properties", position);
                }
                *slot = Some(mark.on());
                if found.deferrable == Some(false) && found.initially_deferred == Some(true) {
                    let message = "constraint declared INITIALLY DEFERRED must be DEFERRABLE";
                    return self.fail(message, position);
                }
            } else if self.is(Keyword::Not) || self.is(Keyword::No) {
                self.advance();
                return Err(self.unexpected());
            } else {
                break;
            }
        }
        let deferrable = found.deferrable == Some(true) || found.initially_deferred == Some(true);
        for (given, fine, mark) in [
            (deferrable, allowed.deferrable, "DEFERRABLE"),
            (found.not_valid, allowed.not_valid, "NOT VALID"),
            (found.no_inherit, allowed.no_inherit, "NO INHERIT"),
        ] {
            if given && !fine {
                let message = format!("{} constraints cannot be marked {mark}", allowed.what);
                return Err(DatabaseError::new(FEATURE_NOT_SUPPORTED, message));
            }
        }
        Ok(found)
    }
}

/// What a deferrability word says.
#[derive(Clone, Copy)]
enum Mark {
    Deferrable(bool),
    Deferred(bool),
}

impl Mark {
    fn on(self) -> bool {
        match self {
            Mark::Deferrable(on) | Mark::Deferred(on) => on,
        }
    }
}

/// Applies a word to the column constraint before it; gives PostgreSQL's complaint when it does not fit.
fn apply_mark(
    last: Option<&mut Constraint>,
    seen: &mut Attributes,
    words: &str,
    mark: Mark,
) -> Option<String> {
    const MUST_BE: &str = "constraint declared INITIALLY DEFERRED must be DEFERRABLE";
    let Some(constraint) = last else { return Some(format!("misplaced {words} clause")) };
    match mark {
        Mark::Deferrable(on) => {
            if seen.deferrable.replace(on).is_some() {
                return Some("multiple DEFERRABLE/NOT DEFERRABLE clauses not allowed".to_owned());
            }
            constraint.deferrable = on;
            (!on && constraint.initially_deferred).then(|| MUST_BE.to_owned())
        }
        Mark::Deferred(on) => {
            if seen.initially_deferred.replace(on).is_some() {
                return Some("multiple INITIALLY IMMEDIATE/DEFERRED clauses not allowed".to_owned());
            }
            constraint.initially_deferred = on;
            if on && seen.deferrable.is_none() {
                constraint.deferrable = true;
            }
            (on && !constraint.deferrable).then(|| MUST_BE.to_owned())
        }
    }
}
