//! INSERT, UPDATE and DELETE: analysis after PostgreSQL's transformInsertStmt and kin, policies and checks woven in, and the
//! [`Modify`] program that the engine runs row by row.

mod assignment;
mod conflict;
mod copy;
mod insert;
mod live;
mod merge;
mod part;
mod returning;
mod update;
mod view;
mod with;

pub(crate) use copy::copy_from;
pub(crate) use merge::merge;
pub(crate) use with::Pending;

use crate::analysis::{Analysis, Item};
use crate::bound::{Expr, Range, RangeId, Required};
use crate::descend::Walk;
use crate::mutant::{self, Mutant};
use crate::program::{Check, Modify, PolicyRow, Probe, ResultColumn, Reveal, Step, TablePlan};
use crate::rewrite::Rewrite;
use crate::security::{self, Command, PolicyCheck};
use crate::stored::Row;
use crate::{render, tables};
use catalog::{Oid, Privileges, Relation, RelationKind};
use sqlstate::{DatabaseError, Result, UNDEFINED_COLUMN, WRONG_OBJECT_TYPE};
use std::sync::Arc;
use syntax::ast;

/// A compiled row-changing statement.
#[derive(Debug)]
pub(crate) struct Compiled {
    /// What must run before it.
    pub(crate) before: Vec<Step>,
    /// It.
    pub(crate) modify: Modify,
    /// RETURNING's columns.
    pub(crate) columns: Vec<ResultColumn>,
}

/// Compiles INSERT, UPDATE or DELETE.
pub(crate) fn compile(
    analysis: &mut Analysis<'_>,
    statement: &ast::Statement,
    depth: usize,
) -> Result<Compiled> {
    match statement {
        ast::Statement::Insert(insert) => insert::compile(analysis, insert, depth),
        ast::Statement::Update(update) => update::update(analysis, update, depth),
        ast::Statement::Delete(delete) => update::delete(analysis, delete, depth),
        _ => Err(DatabaseError::internal("not a row-changing statement")),
    }
}

/// What is changed, and what is needed of it.
struct Table {
    /// The table that is changed (or the view whose INSTEAD OF trigger does it).
    relation: Arc<Relation>,
    plan: Arc<TablePlan>,
    /// The number of its range.
    base: RangeId,
    /// Whose privileges and policies count on it: who asks, or the owner of the view around.
    role: Oid,
    /// What the statement names: the table, or a view over it.
    named: Arc<Relation>,
    /// The number under which [`Analysis::required`] knows what is named.
    id: RangeId,
    /// For each column of what is named its value over the base's range.
    columns: Vec<Expr>,
    /// The views between.
    through: view::Through,
    /// What the statement does to it.
    command: Command,
}

impl Table {
    /// Finds the table and notes that `privilege` is needed.
    fn find(
        analysis: &mut Analysis<'_>,
        name: &ast::Name,
        alias: Option<&str>,
        privilege: Privileges,
        command: Command,
    ) -> Result<(Table, Range)> {
        let named = analysis.find_relation(name)?;
        match named.kind {
            RelationKind::Table | RelationKind::View => {}
            RelationKind::Sequence => {
                let message = format!("cannot change sequence \"{}\"", named.name);
                return Err(DatabaseError::new(WRONG_OBJECT_TYPE, message));
            }
            RelationKind::MaterializedView => {
                let message = format!("cannot change materialized view \"{}\"", named.name);
                return Err(DatabaseError::new(WRONG_OBJECT_TYPE, message));
            }
            RelationKind::ForeignTable | RelationKind::PartitionedTable | RelationKind::Composite => {
                return Err(DatabaseError::unsupported(format_args!("changing rows of {}", named.name)));
            }
        }
        let alias = alias.map(|name| ast::Alias { name: name.to_owned(), columns: Vec::new() });
        let range = analysis.relation_range(&named, alias.as_ref(), privilege)?;
        let id = range.id;
        let (through, base) = view::descend_to_base(analysis, range, &named, command)?;
        let relation = base.relation;
        let plan = match relation.kind {
            RelationKind::View => view::view_plan(analysis.catalog, &relation),
            RelationKind::Table => tables::table_plan(analysis.catalog, relation.oid)?,
            _ => {
                return Err(DatabaseError::unsupported(format_args!("changing rows of {}", relation.name)));
            }
        };
        let table = Table {
            plan: Arc::new(plan),
            base: base.range.id,
            role: base.role,
            id,
            columns: base.columns,
            through,
            command,
            relation,
            named,
        };
        Ok((table, base.range))
    }

    /// Whether an INSTEAD OF trigger does the work.
    fn is_instead(&self) -> bool {
        self.relation.kind == RelationKind::View
    }

    /// Whether a view is named.
    fn is_view(&self) -> bool {
        self.named.kind == RelationKind::View
    }

    /// What the statement needs of the table, so far.
    fn required<'x>(&self, analysis: &'x mut Analysis<'_>) -> Result<&'x mut Required> {
        let range = analysis.required.get_mut(&self.id);
        range
            .map(|range| &mut range.required)
            .ok_or_else(|| DatabaseError::internal("the target is forgotten"))
    }

    /// Whether a column of the table is read, so that SELECT's privilege and policies count.
    fn is_read(&self, analysis: &mut Analysis<'_>) -> Result<bool> {
        let required = self.required(analysis)?;
        Ok(required.whole_row
            || !required.selected.is_empty()
            || required.privileges.contains(Privileges::SELECT))
    }

    /// Whether row security is active on it.
    fn is_secured(&self, analysis: &Analysis<'_>) -> bool {
        security::applies(analysis.catalog, &self.relation, self.role)
    }

    /// The index of a column of what is named: 42703 when there is none.
    fn column(&self, target: &ast::ColumnTarget) -> Result<usize> {
        let found = self.named.columns.iter().position(|column| column.name == target.name);
        found.ok_or_else(|| {
            let message =
                format!("column \"{}\" of relation \"{}\" does not exist", target.name, self.named.name);
            DatabaseError::new(UNDEFINED_COLUMN, message).at(target.position)
        })
    }

    /// The table's column that a column of what is named is.
    fn place(&self, at: usize) -> Option<usize> {
        if self.through.levels.is_empty() { Some(at) } else { self.through.column(at) }
    }

    /// The table's column, by whose rules a value for a column of what is named is made.
    fn ruling(&self, at: usize) -> &catalog::Column {
        match self.place(at).and_then(|at| self.relation.columns.get(at)) {
            Some(column) => column,
            None => &self.named.columns[at],
        }
    }

    /// What is named, as a row under a name; what is read of it counts as read of it.
    fn item(&self, analysis: &Analysis<'_>, row: Row, name: &str, with_schema: bool) -> Result<Item> {
        let schema = analysis.catalog.schemas.get(&self.named.schema).map(|schema| schema.name.as_str());
        let mut item = row.item(&self.named, schema.filter(|_| with_schema), name);
        item.range = Some(self.id);
        for (column, value) in item.columns.iter_mut().zip(&self.columns) {
            column.expr = value.clone();
            returning::bind_row(&mut column.expr, &self.relation, self.base, row, None)?;
        }
        Ok(item)
    }

    /// The end of analysis: what is written is known. Refuses what PostgreSQL's rewriter refuses, then what the roles may not.
    fn settle(&self, analysis: &mut Analysis<'_>) -> Result<()> {
        let required = self.required(analysis)?;
        let numbers: Vec<_> = required.inserted.union(&required.updated).copied().collect();
        let written = numbers.into_iter().map(|number| tables::position_of(&self.named, number));
        self.through.check(&written.collect::<Result<_>>()?, self.command)?;
        self.require_below(analysis)?;
        security::note_privileges(analysis);
        Ok(())
    }

    /// What errors may show; `given` are the columns that the statement sets.
    fn reveal(&self, analysis: &Analysis<'_>, given: Vec<usize>) -> Reveal {
        let catalog = analysis.catalog;
        let may_read = |column| {
            catalog.has_column_privilege(analysis.role, &self.relation, column, Privileges::SELECT)
                || mutant::is(Mutant::RevealColumns)
        };
        Reveal {
            rows: !security::applies(catalog, &self.relation, analysis.role)
                || mutant::is(Mutant::RevealRows),
            table: catalog.has_relation_privilege(analysis.role, &self.relation, Privileges::SELECT)
                || mutant::is(Mutant::RevealColumns),
            columns: self.relation.columns.iter().map(may_read).collect(),
            given,
        }
    }

    /// The checks of a row that is to be written: policies, then CHECKs by name.
    fn probe(
        &self,
        rewrite: &mut Rewrite<'_, '_>,
        policies: Vec<(PolicyCheck, bool)>,
    ) -> Result<Option<Probe>> {
        let mut checks = Vec::new();
        let mut exprs = Vec::new();
        for (policy, using) in policies {
            let row = if using { PolicyRow::Existing } else { PolicyRow::New };
            checks.push(Check::Policy { name: policy.name, row });
            exprs.push(policy.expr);
        }
        rewrite.policies(self.relation.oid, &self.relation.name, &mut exprs)?;
        let (constraints, conditions) = tables::constraint_checks(rewrite, &self.relation)?;
        checks.extend(constraints);
        exprs.extend(conditions);
        for option in &self.through.options {
            let mut condition = option.condition.clone();
            returning::bind_row(&mut condition, &self.relation, self.base, Row::New, None)?;
            rewrite.expr(&mut condition)?;
            checks.push(Check::ViewOption { view: option.view.clone() });
            exprs.push(condition);
        }
        if checks.is_empty() {
            return Ok(None);
        }
        Ok(Some(Probe { statement: render::render_row(rewrite.analysis.catalog, &exprs)?, checks }))
    }

    /// A probe of a row that is there, for ON CONFLICT DO UPDATE and MERGE: policies, and the conditions of the views between.
    fn policy_probe(
        &self,
        rewrite: &mut Rewrite<'_, '_>,
        policies: Vec<PolicyCheck>,
        row: PolicyRow,
    ) -> Result<Option<Probe>> {
        if policies.is_empty() && self.through.shown.is_empty() {
            return Ok(None);
        }
        let mut checks = Vec::new();
        let mut exprs = Vec::new();
        for policy in policies {
            checks.push(Check::Policy { name: policy.name, row });
            exprs.push(policy.expr);
        }
        rewrite.policies(self.relation.oid, &self.relation.name, &mut exprs)?;
        for shown in &self.through.shown {
            let mut condition = shown.condition.clone();
            returning::bind_row(&mut condition, &self.relation, self.base, Row::Old, None)?;
            rewrite.expr(&mut condition)?;
            checks.push(Check::Shown { view: shown.view.clone() });
            exprs.push(condition);
        }
        Ok(Some(Probe { statement: render::render_row(rewrite.analysis.catalog, &exprs)?, checks }))
    }

    /// The policies for a new row: those of the command, and SELECT's when the statement reads the table.
    fn new_row_policies(&self, analysis: &mut Analysis<'_>, new: NewRow) -> Result<Vec<(PolicyCheck, bool)>> {
        if !self.is_secured(analysis) {
            return Ok(Vec::new());
        }
        let role = self.role;
        let (command, unchecked, hides) = match new {
            NewRow::Inserted | NewRow::Merged => {
                (Command::Insert, Mutant::InsertUnchecked, Mutant::InsertReturnsHidden)
            }
            NewRow::Updated => (Command::Update, Mutant::UpdateUnchecked, Mutant::UpdateHidesNew),
            NewRow::OfConflict => (Command::Update, Mutant::ConflictNewUnchecked, Mutant::UpdateHidesNew),
        };
        let mut all = Vec::new();
        if !mutant::is(unchecked) {
            all = security::checks(analysis, &self.relation, Row::New, role, command, false)?;
        }
        if !matches!(new, NewRow::Merged) && self.is_read(analysis)? && !mutant::is(hides) {
            all.extend(security::checks(analysis, &self.relation, Row::New, role, Command::Select, true)?);
        }
        Ok(all.into_iter().map(|check| (check, false)).collect())
    }
}

/// How a new row comes.
#[derive(Clone, Copy, Debug)]
enum NewRow {
    /// INSERT.
    Inserted,
    /// UPDATE.
    Updated,
    /// ON CONFLICT DO UPDATE.
    OfConflict,
    /// INSERT of MERGE: what the statement reads is not the new row.
    Merged,
}
