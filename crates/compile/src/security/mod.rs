//! Row security and privileges: who may see and write what. PostgreSQL's rowsecurity.c and the permission checks of execMain.c.

mod leak;
mod policies;

pub(crate) use leak::{Walls, guard, guard_by, is_leakproof, wall};
pub(crate) use policies::{Command, PolicyCheck, applies, checks, using};

use crate::analysis::Analysis;
use crate::bound::{RelationRange, Required};
use crate::mutant::{self, Mutant};
use catalog::{Catalog, Column, ColumnNumber, Oid, Privileges, Relation, RelationKind};
use sqlstate::{DatabaseError, INSUFFICIENT_PRIVILEGE, INVALID_OBJECT_DEFINITION, Result};
use std::collections::BTreeSet;

/// Checks what the statement needs of each relation that it names: 42501 `permission denied for table t`.
pub(crate) fn check_privileges(analysis: &Analysis<'_>) -> Result<()> {
    analysis.required.values().try_for_each(|range| check_relation(analysis.catalog, range))
}

/// Checks the same before the statement is rewritten, so that nothing but [`refuse_denied`] tells of what comes then.
pub(crate) fn note_privileges(analysis: &mut Analysis<'_>) {
    if let Err(denied) = check_privileges(analysis) {
        analysis.denied.get_or_insert(denied);
    }
}

/// Refuses what [`note_privileges`] found, or else gives what became of the statement. As in PostgreSQL a policy that reads its own
/// table comes first: it is found before any right is asked for.
pub(crate) fn refuse_denied<T>(analysis: &mut Analysis<'_>, compiled: Result<T>) -> Result<T> {
    match (analysis.denied.take(), compiled) {
        (Some(_), Err(error)) if error.fields().code == INVALID_OBJECT_DEFINITION => Err(error),
        (Some(denied), _) => Err(denied),
        (None, compiled) => compiled,
    }
}

/// Checks also what was written into the statement since: what views, policies and bodies of functions read. A role that may
/// call a function may for that not read its tables.
pub(crate) fn check_privileges_within(analysis: &Analysis<'_>) -> Result<()> {
    if mutant::is(Mutant::WithinUnchecked) { Ok(()) } else { check_privileges(analysis) }
}

/// Checks one relation.
pub(crate) fn check_relation(catalog: &Catalog, range: &RelationRange) -> Result<()> {
    let RelationRange { relation, check_as, required, .. } = range;
    if allowed(catalog, *check_as, relation, required) {
        return Ok(());
    }
    let kind = match relation.kind {
        RelationKind::View => "view",
        RelationKind::MaterializedView => "materialized view",
        RelationKind::Sequence => "sequence",
        RelationKind::ForeignTable => "foreign table",
        RelationKind::Table | RelationKind::PartitionedTable | RelationKind::Composite => "table",
    };
    Err(DatabaseError::new(INSUFFICIENT_PRIVILEGE, format!("permission denied for {kind} {}", relation.name)))
}

fn allowed(catalog: &Catalog, role: Oid, relation: &Relation, required: &Required) -> bool {
    let missing = |wanted: Privileges| !catalog.has_relation_privilege(role, relation, wanted);
    let whole = required.privileges.minus(BY_COLUMN);
    if !whole.is_empty() && missing(whole) && !mutant::is(Mutant::TablePrivilegeIgnored) {
        return false;
    }
    let by_column = [
        (Privileges::SELECT, &required.selected, required.whole_row, Mutant::SelectPrivilegeIgnored),
        (Privileges::INSERT, &required.inserted, false, Mutant::InsertPrivilegeIgnored),
        (Privileges::UPDATE, &required.updated, false, Mutant::UpdatePrivilegeIgnored),
    ];
    by_column.into_iter().all(|(privilege, columns, whole_row, ignored)| {
        // What is read of a row that is written (in WHERE, RETURNING) must be readable too.
        let read = (!columns.is_empty() || whole_row) && !mutant::is(Mutant::ReadByWriteFree);
        let concerned = required.privileges.contains(privilege) || read;
        !concerned
            || mutant::is(ignored)
            || !missing(privilege)
            || allowed_by_columns(catalog, role, relation, privilege, columns, whole_row)
    })
}

/// Those that can be granted for a column.
const BY_COLUMN: Privileges = Privileges::SELECT.union(Privileges::INSERT).union(Privileges::UPDATE);

/// Without the privilege on the table: every column concerned must have it, and when none is named any one.
fn allowed_by_columns(
    catalog: &Catalog,
    role: Oid,
    relation: &Relation,
    privilege: Privileges,
    columns: &BTreeSet<ColumnNumber>,
    whole_row: bool,
) -> bool {
    let has = |column: &Column| catalog.has_column_privilege(role, relation, column, privilege);
    if whole_row && !mutant::is(Mutant::WholeRowAsAny) {
        return relation.columns.iter().all(has);
    }
    if columns.is_empty() {
        return relation.columns.iter().any(has) || mutant::is(Mutant::NoColumnFree);
    }
    columns.iter().all(|number| relation.column_number(*number).is_some_and(has))
}
