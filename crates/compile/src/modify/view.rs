//! Writing through views: PostgreSQL's rewriteTargetView, level by level down to the table.

use super::Table;
use crate::analysis::Analysis;
use crate::analyzer::updatable;
use crate::bound::{Core, Expr, ExprKind, Query, Range, RangeId, RangeKind};
use crate::descend;
use crate::mutant::{self, Mutant};
use crate::security::Command;
use crate::tables::position_of;
use catalog::{Catalog, ColumnNumber, Oid, Privileges, Relation, RelationKind};
use sqlstate::{DatabaseError, FEATURE_NOT_SUPPORTED, OBJECT_NOT_IN_PREREQUISITE_STATE, Result};
use std::collections::BTreeSet;
use std::sync::Arc;

/// A view and what it selects from.
pub(super) struct Level {
    /// The view.
    view: Arc<Relation>,
    /// What it selects from, and its number in [`Analysis::required`].
    below: Arc<Relation>,
    range: RangeId,
    /// For each column of the view the column below that it is, or why it cannot be written.
    columns: Vec<Result<usize, &'static str>>,
}

/// A condition of a view.
pub(super) struct Condition {
    /// It, over the base's range.
    pub(super) expr: Expr,
    /// Of a view with security_barrier: nothing of the statement sees a row before it holds.
    pub(super) barrier: bool,
}

/// What a view asks of a row that is written: WITH CHECK OPTION.
pub(super) struct CheckOption {
    /// The view.
    pub(super) view: String,
    /// What must hold, over the base's range.
    pub(super) condition: Expr,
}

/// A view as a way to what is below it.
#[derive(Default)]
pub(super) struct Through {
    /// The views, from the named one down.
    pub(super) levels: Vec<Level>,
    /// Their conditions, the innermost first.
    pub(super) conditions: Vec<Condition>,
    /// Their check options, in the order in which they are looked at: the innermost first.
    pub(super) options: Vec<CheckOption>,
    /// What a row that ON CONFLICT DO UPDATE changes must obey: the innermost view first.
    pub(super) shown: Vec<CheckOption>,
    /// Why it is no way, once the statement as such was found right.
    pub(super) obstacle: Option<DatabaseError>,
}

/// What is at the end of the way.
pub(super) struct Base {
    pub(super) relation: Arc<Relation>,
    /// Its range, for a query over the rows that are there.
    pub(super) range: Range,
    /// Whose privileges and policies count on it.
    pub(super) role: Oid,
    /// For each column of what was named, its value over the base's range.
    pub(super) columns: Vec<Expr>,
}

/// Goes down from a view that is named to the table below, or to a view whose trigger does the work.
pub(super) fn descend_to_base(
    analysis: &mut Analysis<'_>,
    range: Range,
    view: &Arc<Relation>,
    command: Command,
) -> Result<(Through, Base)> {
    let asker = analysis.role;
    let mut through = Through::default();
    let mut base =
        Base { relation: Arc::clone(view), columns: own_columns(view, range.id), range, role: asker };
    // Whether a view around has WITH CASCADED CHECK OPTION.
    let mut cascaded = false;
    while base.relation.kind == RelationKind::View && !has_instead_trigger(&base.relation, command) {
        let outer = Arc::clone(&base.relation);
        if through.levels.iter().any(|level| level.view.oid == outer.oid) {
            let message = format!("infinite recursion detected in rules for relation \"{}\"", outer.name);
            return Err(DatabaseError::new(sqlstate::INVALID_OBJECT_DEFINITION, message));
        }
        if through.levels.len() >= 64 {
            return Err(DatabaseError::new(sqlstate::STATEMENT_TOO_COMPLEX, "stack depth limit exceeded"));
        }
        let (query, role) = open(analysis, &outer, asker)?;
        let found = if command == Command::Delete {
            updatable::base(&query)
        } else {
            updatable::base_with_column(&query)
        };
        let (below, core) = match found {
            Ok(found) => found,
            Err(why) => {
                through.obstacle.get_or_insert_with(|| not_updatable(&outer, command, why));
                break;
            }
        };
        let RangeKind::Relation(entry) = &below.kind else {
            return Err(DatabaseError::internal("a view over no relation"));
        };
        let relation = Arc::clone(&entry.relation);
        let level = Level {
            view: Arc::clone(&outer),
            below: Arc::clone(&relation),
            range: below.id,
            columns: (0..outer.columns.len()).map(|at| updatable::column(below, core, at)).collect(),
        };
        let previous = base.range.id;
        for column in &mut base.columns {
            show_below(column, &outer, previous, core)?;
        }
        for condition in &mut through.conditions {
            show_below(&mut condition.expr, &outer, previous, core)?;
        }
        for option in through.options.iter_mut().chain(&mut through.shown) {
            show_below(&mut option.condition, &outer, previous, core)?;
        }
        cascaded = take_conditions(&mut through, &outer, core, cascaded, command);
        base = Base { relation, range: below.clone(), role, columns: base.columns };
        through.levels.push(level);
    }
    through.conditions.reverse();
    through.options.reverse();
    through.shown.reverse();
    Ok((through, base))
}

/// What a view's query says of its rows, as a condition of the statement and as a check of what is written.
fn take_conditions(
    through: &mut Through,
    view: &Relation,
    core: &Core,
    cascaded_above: bool,
    command: Command,
) -> bool {
    let definition = view.view.as_ref();
    let own = definition.and_then(|view| view.check_option);
    let cascades = (own == Some(true) || cascaded_above) && !mutant::is(Mutant::ViewCascadeIgnored);
    let checks = own.is_some() || cascades;
    let Some(filter) = &core.filter else { return cascades };
    if command != Command::Insert && !mutant::is(Mutant::ViewConditionIgnored) {
        let barrier = definition.is_some_and(|view| view.security_barrier);
        through.conditions.push(Condition { expr: filter.clone(), barrier });
    }
    if command == Command::Insert && !mutant::is(Mutant::ViewConflictUnchecked) {
        through.shown.push(CheckOption { view: view.name.clone(), condition: filter.clone() });
    }
    if checks && command != Command::Delete && !mutant::is(Mutant::ViewCheckIgnored) {
        through.options.push(CheckOption { view: view.name.clone(), condition: filter.clone() });
    }
    cascades
}

/// A view's query, analysed for its owner, or for who asks where it is the invoker's.
fn open(analysis: &mut Analysis<'_>, view: &Relation, asker: Oid) -> Result<(Query, Oid)> {
    let definition = view.view.as_ref().ok_or_else(|| DatabaseError::internal("a view without a query"))?;
    let select = syntax::parse_select(&definition.query)
        .map_err(|error| DatabaseError::internal(format_args!("view {}: {error}", view.name)))?;
    let as_asker = (definition.security_invoker && !mutant::is(Mutant::InvokerViewWrittenAsOwner))
        || mutant::is(Mutant::ViewWrittenAsAsker);
    let role = if as_asker { asker } else { view.owner };
    let query = analysis.stored(role, |analysis| analysis.query(None, &select))?;
    Ok((query, role))
}

fn own_columns(relation: &Relation, range: RangeId) -> Vec<Expr> {
    crate::rewrite::row_of(relation, crate::stored::Row::Range(range))
}

/// Replaces a view's columns by what its query selects.
fn show_below(expr: &mut Expr, view: &Relation, range: RangeId, core: &Core) -> Result<()> {
    descend::each_expr(expr, &mut |part| {
        match part.kind {
            ExprKind::Column { range: of, column } if of == range => {
                let target = core.targets.get(column);
                let target = target.ok_or_else(|| DatabaseError::internal("a view shows no such column"))?;
                *part = Expr { position: part.position, ..target.expr.clone() };
            }
            ExprKind::WholeRow(of) if of == range => {
                let targets = core.targets.iter().take(view.columns.len());
                part.kind = ExprKind::Row {
                    fields: targets.map(|target| target.expr.clone()).collect(),
                    names: view.columns.iter().map(|column| column.name.clone()).collect(),
                };
            }
            _ => {}
        }
        Ok(())
    })
}

/// Whether a trigger takes the place of the command.
pub(super) fn has_instead_trigger(relation: &Relation, command: Command) -> bool {
    relation.triggers.iter().any(|trigger| {
        trigger.timing == "INSTEAD OF"
            && match command {
                Command::Insert => trigger.on_insert,
                Command::Update => trigger.on_update,
                Command::Delete => trigger.on_delete,
                Command::Select => false,
            }
    })
}

/// 55000
fn not_updatable(view: &Relation, command: Command, why: &str) -> DatabaseError {
    let name = &view.name;
    let (message, doing, event) = match command {
        Command::Insert => (format!("cannot insert into view \"{name}\""), "inserting into", "INSERT"),
        Command::Delete => (format!("cannot delete from view \"{name}\""), "deleting from", "DELETE"),
        Command::Update | Command::Select => (format!("cannot update view \"{name}\""), "updating", "UPDATE"),
    };
    DatabaseError::new(OBJECT_NOT_IN_PREREQUISITE_STATE, message).with_detail(why).with_hint(format!(
        "To enable {doing} the view, provide an INSTEAD OF {event} trigger or an unconditional ON {event} DO INSTEAD rule."
    ))
}

impl Through {
    /// The column of the base that a column of what was named is; `None` where there is no such way.
    pub(super) fn column(&self, at: usize) -> Option<usize> {
        self.levels.iter().try_fold(at, |at, level| level.columns.get(at)?.as_ref().ok().copied())
    }

    /// What keeps the statement from writing these columns of what was named: 55000, 0A000.
    pub(super) fn check(&self, written: &BTreeSet<usize>, command: Command) -> Result<()> {
        let mut written = written.clone();
        for level in &self.levels {
            let mut below = BTreeSet::new();
            for at in written {
                match level.columns.get(at) {
                    Some(Ok(column)) => {
                        below.insert(*column);
                    }
                    Some(Err(why)) => {
                        let verb = if command == Command::Insert { "insert into" } else { "update" };
                        let column = level.view.columns.get(at).map_or("", |column| column.name.as_str());
                        let message =
                            format!("cannot {verb} column \"{column}\" of view \"{}\"", level.view.name);
                        return Err(DatabaseError::new(FEATURE_NOT_SUPPORTED, message).with_detail(*why));
                    }
                    None => {}
                }
            }
            written = below;
        }
        self.obstacle.clone().map_or(Ok(()), Err)
    }
}

impl Table {
    /// What is needed of the view is needed of what is below it too, by the role that counts there. A statement that reads
    /// nothing of the view needs nothing read below.
    pub(super) fn require_below(&self, analysis: &mut Analysis<'_>) -> Result<()> {
        let mut above = self.required(analysis)?.clone();
        let reads = self.is_read(analysis)?;
        for level in &self.through.levels {
            let below = |numbers: &BTreeSet<ColumnNumber>| -> Result<BTreeSet<ColumnNumber>> {
                let mut found = BTreeSet::new();
                for number in numbers {
                    if let Some(Ok(at)) = level.columns.get(position_of(&level.view, *number)?) {
                        found.extend(level.below.columns.get(*at).map(|column| column.number));
                    }
                }
                Ok(found)
            };
            let (inserted, updated) = (below(&above.inserted)?, below(&above.updated)?);
            let Some(entry) = analysis.required.get_mut(&level.range) else {
                return Err(DatabaseError::internal("what is below a view is forgotten"));
            };
            let required = &mut entry.required;
            required.privileges = above.privileges;
            if mutant::is(Mutant::ViewWriteNeedsNothing) {
                required.privileges = Privileges::NONE;
            }
            if reads {
                required.privileges = required.privileges.union(Privileges::SELECT);
            } else {
                required.selected.clear();
                required.whole_row = false;
            }
            (required.inserted, required.updated) = (inserted, updated);
            if mutant::is(Mutant::ViewWriteNeedsNothing) {
                required.inserted.clear();
                required.updated.clear();
            }
            above = required.clone();
        }
        Ok(())
    }
}

/// What a relation of the catalog is for the engine when a trigger does the work: its columns.
pub(super) fn view_plan(catalog: &Catalog, view: &Relation) -> crate::program::TablePlan {
    let columns = view.columns.iter().map(|column| crate::program::PlanColumn {
        number: column.number,
        name: column.name.clone(),
        type_ref: column.type_ref,
        not_null: false,
        generated: false,
    });
    crate::program::TablePlan {
        oid: view.oid,
        schema: catalog.schemas.get(&view.schema).map_or_else(String::new, |schema| schema.name.clone()),
        name: view.name.clone(),
        sqlite_name: String::new(),
        rowid: "rowid",
        columns: columns.collect(),
        generated: None,
        checks: None,
        uniques: Vec::new(),
        foreign_keys: Vec::new(),
        references: Vec::new(),
    }
}
