//! Which triggers of a table fire, in which order, and their WHEN conditions.

use crate::Asker;
use crate::analysis::{Analysis, Place, Scope};
use crate::bound::ExprKind;
use crate::descend::{self, Walk};
use crate::mutant::{self, Mutant};
use crate::program::{Bind, ModifyKind, SqliteStatement};
use crate::render;
use crate::rewrite::Rewrite;
use crate::stored::{self, Row};
use catalog::{Catalog, Column, Relation, Trigger};
use sqlstate::{DatabaseError, Result};
use std::sync::Arc;

/// When a trigger fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Timing {
    /// Before the change.
    Before,
    /// At the end of the statement.
    After,
    /// In place of the change, of a view.
    Instead,
}

/// For what a trigger fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Level {
    /// For each row.
    Row,
    /// Once for the statement.
    Statement,
}

/// The triggers that fire when a statement changes a table, by name. `assigned` are the columns (indexes) that an UPDATE sets.
///
/// # Errors
/// 0A000 for one that fires and that the engine cannot run.
pub fn firing<'r>(
    catalog: &Catalog,
    relation: &'r Arc<Relation>,
    level: Level,
    timing: Timing,
    kind: ModifyKind,
    assigned: &[usize],
) -> Result<Vec<&'r Trigger>> {
    let mut found = Vec::new();
    for trigger in &relation.triggers {
        let is_row = level == Level::Row;
        let word = match timing {
            Timing::Before => "BEFORE",
            Timing::After => "AFTER",
            Timing::Instead => "INSTEAD OF",
        };
        let of_timing = trigger.timing == word;
        let enabled = trigger.enabled || mutant::is(Mutant::DisabledTriggersFire);
        if !enabled || !of_timing || trigger.for_each_row != is_row || !is_of(trigger, kind) {
            continue;
        }
        if kind == ModifyKind::Update
            && !trigger.update_columns.is_empty()
            && !mutant::is(Mutant::UpdateOfIgnored)
            && !sets_one(catalog, relation, trigger, assigned)?
        {
            continue;
        }
        found.push(trigger);
    }
    // The catalog has them by name already.
    if mutant::is(Mutant::TriggersReversed) {
        found.reverse();
    }
    Ok(found)
}

/// Whether the trigger is for this kind of change.
fn is_of(trigger: &Trigger, kind: ModifyKind) -> bool {
    match kind {
        ModifyKind::Insert => trigger.on_insert,
        ModifyKind::Update => trigger.on_update,
        ModifyKind::Delete => trigger.on_delete,
        ModifyKind::Truncate => trigger.on_truncate,
    }
}

/// Whether an UPDATE sets a column of UPDATE OF. A generated column is set with those that it is made of, and, when the table
/// has a BEFORE trigger that may change any column, always.
fn sets_one(
    catalog: &Catalog,
    relation: &Arc<Relation>,
    trigger: &Trigger,
    assigned: &[usize],
) -> Result<bool> {
    let named = |column: &Column| trigger.update_columns.contains(&column.number);
    if assigned.iter().filter_map(|at| relation.columns.get(*at)).any(named) {
        return Ok(true);
    }
    let mut generated = relation.columns.iter().filter(|column| column.generated && named(column)).peekable();
    if generated.peek().is_none() {
        return Ok(false);
    }
    let is_before = |other: &Trigger| other.on_update && other.for_each_row && other.timing == "BEFORE";
    if relation.triggers.iter().any(is_before) {
        return Ok(true);
    }
    let mut analysis = stored::system_analysis(catalog, relation.owner);
    for column in generated {
        let sql = column.default.as_deref().unwrap_or("NULL");
        let mut expr = stored::expression(&mut analysis, relation, Row::New, Place::GeneratedColumn, sql)?;
        let mut sets = false;
        descend::each_expr(&mut expr, &mut |part| {
            sets |= matches!(part.kind, ExprKind::Bind(Bind::New(at)) if assigned.contains(&at));
            Ok(())
        })?;
        if sets {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A trigger's WHEN over `New` and `Old`, for who asks; `None` when it has none.
///
/// # Errors
/// 0A000 for what cannot be evaluated by itself.
pub fn condition(
    catalog: &Catalog,
    asker: &Asker<'_>,
    relation: &Relation,
    trigger: &Trigger,
    kind: ModifyKind,
) -> Result<Option<SqliteStatement>> {
    let Some(sql) = trigger.when.as_deref().filter(|_| !mutant::is(Mutant::WhenIgnored)) else {
        return Ok(None);
    };
    let parsed = syntax::parse_expression(sql)?;
    let mut analysis = Analysis::new(catalog, asker, &[]);
    let mut scope = Scope::default();
    for (is_there, row, name) in
        [(kind != ModifyKind::Insert, Row::Old, "old"), (kind != ModifyKind::Delete, Row::New, "new")]
    {
        if is_there {
            let mut item = row.item(relation, None, name);
            item.columns_visible = false;
            scope.items.push(item);
        }
    }
    let mut expr = analysis.stored(asker.role, |analysis| {
        let expr = analysis.expression(&mut scope, Place::TriggerWhen, &parsed)?;
        analysis.coerce_to_boolean(expr, "WHEN")
    })?;
    let mut rewrite = Rewrite::new(&mut analysis, 0);
    rewrite.expr(&mut expr)?;
    if !rewrite.steps.is_empty() {
        return Err(DatabaseError::unsupported(format_args!(
            "the condition of trigger \"{}\"",
            trigger.name
        )));
    }
    render::render_row(catalog, &[expr]).map(Some)
}
