//! MERGE (transformMergeStmt, transform_MERGE_to_join): the source joined to the table, and clauses that decide row by row.

use super::assignment::{Assigned, assignments, placed};
use super::insert::{Rows, given, target_columns};
use super::live;
use super::returning::bind_row;
use super::update::{INT8, show, source};
use super::with::{Names, read_buffers, with_clause};
use super::{NewRow, Table};
use crate::analysis::{Analysis, Place, Scope};
use crate::bound::{Expr, ExprKind, From, RangeKind};
use crate::descend::Walk;
use crate::program::{self, MergeChange, Modify, ModifyKind, PolicyRow, Step};
use crate::render;
use crate::rewrite::{self, Rewrite};
use crate::security::{self, Command};
use crate::stored::Row;
use catalog::{Privileges, RelationKind};
use datum::oid;
use sqlstate::{DUPLICATE_ALIAS, DatabaseError, FEATURE_NOT_SUPPORTED, Result, SYNTAX_ERROR};
use std::collections::BTreeSet;
use syntax::ast;

/// A clause, as far as analysis goes.
struct Clause {
    matched: bool,
    condition: Option<Expr>,
    action: Action,
}

enum Action {
    Nothing,
    Delete,
    Update(Vec<Assigned>),
    /// The columns given, and the whole row.
    Insert(Vec<usize>, Vec<Expr>),
}

impl Clause {
    /// The expressions that are evaluated when its turn comes.
    fn exprs(&mut self) -> impl Iterator<Item = &mut Expr> {
        let (assigned, row): (&mut [Assigned], &mut [Expr]) = match &mut self.action {
            Action::Nothing | Action::Delete => (&mut [], &mut []),
            Action::Update(assigned) => (assigned, &mut []),
            Action::Insert(_, row) => (&mut [], row),
        };
        self.condition.iter_mut().chain(assigned.iter_mut().map(|(_, value)| value)).chain(row)
    }
}

/// Compiles MERGE: what must run before it, and it.
pub(crate) fn merge(
    analysis: &mut Analysis<'_>,
    merge: &ast::Merge,
    depth: usize,
) -> Result<(Vec<Step>, program::Merge)> {
    if merge.with.as_ref().is_some_and(|with| with.recursive) {
        let message = "WITH RECURSIVE is not supported for MERGE statement";
        return Err(DatabaseError::new(SYNTAX_ERROR, message));
    }
    let mut scope = Scope::default();
    let shown = |names: &mut Names| names.merge(&merge.clauses);
    let ctes = with_clause(analysis, &mut scope, merge.with.as_ref(), &[&shown])?;
    let privileges = needed(&merge.clauses)?;
    refuse_other_kinds(analysis, &merge.table.name)?;
    let alias = merge.alias.as_deref();
    let (table, mut range) = Table::find(analysis, &merge.table.name, alias, privileges, Command::Update)?;
    let from = analysis.from_items(&mut scope, std::slice::from_ref(&merge.source))?;
    let name = alias.unwrap_or(&table.named.name);
    if scope.items.iter().any(|item| item.name == name && item.relation_visible) {
        return Err(DatabaseError::new(DUPLICATE_ALIAS, format!("name \"{name}\" specified more than once"))
            .with_detail("The name is used both as MERGE target table and data source."));
    }
    let target = scope.items.len();
    show(analysis, &table, alias, &mut scope)?;
    let on = analysis.expression(&mut scope, Place::JoinOn, &merge.condition)?;
    if !matches!(on.ty.oid, oid::BOOL | oid::UNKNOWN) {
        // PostgreSQL takes whatever is not 0 there.
        return Err(DatabaseError::unsupported("MERGE ON what is no boolean").at(merge.condition.position));
    }
    let on = analysis.coerce_to_boolean(on, "JOIN/ON")?;
    let mut clauses = Vec::with_capacity(merge.clauses.len());
    for clause in &merge.clauses {
        // What matches no row of the table sees none.
        if let Some(item) = scope.items.get_mut(target) {
            item.relation_visible = clause.matched;
            item.columns_visible = clause.matched;
        }
        let condition = analysis.condition(&mut scope, Place::MergeWhen, clause.condition.as_ref())?;
        let action = action(analysis, &mut scope, &table, &clause.action)?;
        clauses.push(Clause { matched: clause.matched, condition, action });
    }
    if scope.has_set_calls {
        return Err(DatabaseError::unsupported("a set-returning function in a clause of MERGE"));
    }
    let mut extras = Vec::new();
    for expr in clauses.iter_mut().flat_map(Clause::exprs) {
        bind_row(expr, &table.relation, table.base, Row::Old, Some(&mut extras))?;
        read_buffers(expr, &ctes)?;
    }
    table.settle(analysis)?;
    let mut filters = Vec::new();
    if table.is_secured(analysis) && table.is_read(analysis)? {
        let row = Row::Range(table.base);
        filters = security::using(analysis, &table.relation, row, table.role, Command::Select)?;
    }

    let mut rewrite = Rewrite::new(analysis, depth);
    rewrite.policies(table.relation.oid, &table.relation.name, &mut filters)?;
    if let RangeKind::Relation(relation) = &mut range.kind {
        relation.filters = filters;
    }
    rewrite.woven = BTreeSet::from([table.base]);
    let mut exprs = vec![Expr::new(ExprKind::RowId(table.base), INT8)];
    exprs.extend(rewrite::row_of(&table.relation, Row::Range(table.base)));
    let extra_count = extras.len();
    exprs.extend(extras);
    let inserts = clauses.iter().any(|clause| matches!(clause.action, Action::Insert(..)));
    let kind = if inserts { ast::JoinKind::Left } else { ast::JoinKind::Inner };
    range.nullable = inserts;
    let mut joined = From::Range(Box::new(range));
    for left in from {
        joined =
            From::Join { kind, left: Box::new(left), right: Box::new(joined), condition: Some(on.clone()) };
    }
    let mut query = source(ctes, vec![joined], None, exprs);
    rewrite.analysis.count_references(&mut query);
    Walk::query(&mut rewrite, &mut query)?;
    let mut finished = Vec::with_capacity(clauses.len());
    for clause in clauses {
        finished.push(finish(&mut rewrite, &table, clause)?);
    }
    // Whichever clause writes a row, an error may show what any of them sets.
    let changes = || finished.iter().filter_map(|clause| clause.change.as_ref());
    let given: Vec<usize> = changes().flat_map(|change| change.modify.assigned.iter().copied()).collect();
    for change in finished.iter_mut().filter_map(|clause| clause.change.as_mut()) {
        change.modify.reveal.given.clone_from(&given);
    }
    let before = std::mem::take(&mut rewrite.steps);
    security::check_privileges_within(analysis)?;
    let source = render::render_query(analysis.catalog, &query)?;
    Ok((before, program::Merge { table: table.plan, source, extras: extra_count, clauses: finished }))
}

/// The privileges that the clauses need. 42601 for one that none comes to.
fn needed(clauses: &[ast::MergeClause]) -> Result<Privileges> {
    let mut privileges = Privileges::NONE;
    let mut ended = [false; 2];
    for clause in clauses {
        privileges = privileges.union(match clause.action {
            ast::MergeAction::Nothing => Privileges::SELECT,
            ast::MergeAction::Delete => Privileges::DELETE,
            ast::MergeAction::Update(_) => Privileges::UPDATE,
            ast::MergeAction::Insert { .. } => Privileges::INSERT,
        });
        let ended = &mut ended[usize::from(clause.matched)];
        if *ended {
            let message = "unreachable WHEN clause specified after unconditional WHEN clause";
            return Err(DatabaseError::new(SYNTAX_ERROR, message));
        }
        *ended = clause.condition.is_none();
    }
    Ok(privileges)
}

/// 0A000 for what is no table.
fn refuse_other_kinds(analysis: &Analysis<'_>, name: &ast::Name) -> Result<()> {
    let relation = analysis.find_relation(name)?;
    let kind = match relation.kind {
        RelationKind::Table | RelationKind::PartitionedTable => return Ok(()),
        RelationKind::View => "views",
        RelationKind::MaterializedView => "materialized views",
        RelationKind::Sequence => "sequences",
        RelationKind::ForeignTable => "foreign tables",
        RelationKind::Composite => "composite types",
    };
    let message = format!("cannot execute MERGE on relation \"{}\"", relation.name);
    Err(DatabaseError::new(FEATURE_NOT_SUPPORTED, message)
        .with_detail(format!("This operation is not supported for {kind}.")))
}

fn action(
    analysis: &mut Analysis<'_>,
    scope: &mut Scope<'_>,
    table: &Table,
    action: &ast::MergeAction,
) -> Result<Action> {
    Ok(match action {
        ast::MergeAction::Nothing => Action::Nothing,
        ast::MergeAction::Delete => Action::Delete,
        ast::MergeAction::Update(list) => {
            let assigned = assignments(analysis, scope, table, Row::Range(table.base), list)?;
            // A generated column follows the others.
            let mut assigned = placed(table, assigned)?;
            assigned.retain(|(at, _)| !table.relation.columns[*at].generated);
            Action::Update(assigned)
        }
        ast::MergeAction::Insert { columns: targets, overriding_system, values } => {
            let columns = target_columns(table, targets, values.is_some())?;
            let row = match values {
                Some(values) => given(analysis, scope, Place::InsertTarget, values)?,
                None => Vec::new(),
            };
            let columns = &columns[..columns.len().min(row.len())];
            for at in columns {
                let number = table.named.columns[*at].number;
                table.required(analysis)?.inserted.insert(number);
            }
            let columns = target_columns(table, targets, values.is_some())?;
            let rows = Rows {
                table,
                columns: &columns,
                targets,
                written: !targets.is_empty(),
                overriding_system: *overriding_system,
            };
            let row = rows.row(analysis, row)?;
            Action::Insert(columns, row)
        }
    })
}

/// Weaves the policies in and renders.
fn finish(rewrite: &mut Rewrite<'_, '_>, table: &Table, mut clause: Clause) -> Result<program::MergeClause> {
    for expr in clause.exprs() {
        rewrite.expr(expr)?;
    }
    let Clause { matched, condition, action } = clause;
    let catalog = rewrite.analysis.catalog;
    let condition = condition.map(|condition| render::render_row(catalog, &[condition])).transpose()?;
    let (kind, assigned, values, new) = match action {
        Action::Nothing => return Ok(program::MergeClause { matched, condition, change: None }),
        Action::Delete => (ModifyKind::Delete, Vec::new(), vec![Expr::boolean(true)], None),
        Action::Update(assigned) => {
            let (columns, values) = assigned.into_iter().unzip();
            (ModifyKind::Update, columns, values, Some(NewRow::Updated))
        }
        Action::Insert(columns, row) => (ModifyKind::Insert, columns, row, Some(NewRow::Merged)),
    };
    let command = match kind {
        ModifyKind::Insert => None,
        ModifyKind::Update => Some(Command::Update),
        ModifyKind::Delete | ModifyKind::Truncate => Some(Command::Delete),
    };
    let existing = match command {
        Some(command) if table.is_secured(rewrite.analysis) => {
            security::checks(rewrite.analysis, &table.relation, Row::Old, table.role, command, true)?
        }
        _ => Vec::new(),
    };
    let existing = table.policy_probe(rewrite, existing, PolicyRow::Target)?;
    let probe = match new {
        Some(new) => {
            let policies = table.new_row_policies(rewrite.analysis, new)?;
            table.probe(rewrite, policies)?
        }
        None => None,
    };
    let modify = Modify {
        instead: false,
        table: table.plan.clone(),
        kind,
        source: render::render_row(catalog, &values)?,
        extras: 0,
        assigned,
        probe,
        conflict: None,
        returning: None,
        reveal: table.reveal(rewrite.analysis, Vec::new()),
        live: live::of_rows(rewrite.analysis, table, false),
    };
    Ok(program::MergeClause { matched, condition, change: Some(MergeChange { modify, existing }) })
}
