//! COPY FROM: rows that come from outside are written as INSERT writes them.

use super::live;
use super::{NewRow, Table};
use crate::analysis::{Analysis, Place, Scope};
use crate::bound::{Expr, ExprKind};
use crate::program::{Bind, CopyColumn, Modify, ModifyKind, SqliteStatement};
use crate::rewrite::Rewrite;
use crate::security::{self, Command};
use crate::stored::Row;
use crate::walk;
use crate::{render, tables};
use catalog::Privileges;
use sqlstate::{DatabaseError, FEATURE_NOT_SUPPORTED, INVALID_COLUMN_REFERENCE, Result};
use syntax::ast;

/// What COPY FROM compiles to.
pub(crate) struct CopyFrom {
    /// The rows' way into the table; `source` makes a whole row of the values that are given, which are `New`.
    pub(crate) modify: Modify,
    /// The columns given.
    pub(crate) columns: Vec<CopyColumn>,
    /// Whether the values given are whole rows.
    pub(crate) complete: bool,
    /// Whether PostgreSQL writes each row before it reads the next.
    pub(crate) one_by_one: bool,
    /// WHERE: a SELECT over the whole row, which is `New`, that yields one value.
    pub(crate) filter: Option<SqliteStatement>,
}

/// Compiles COPY FROM into these columns of a table.
pub(crate) fn copy_from(
    analysis: &mut Analysis<'_>,
    name: &ast::Name,
    columns: &[usize],
    filter: Option<&ast::Expr>,
) -> Result<CopyFrom> {
    let (table, _) = Table::find(analysis, name, None, Privileges::INSERT, Command::Insert)?;
    let mut filter = filter.map(|filter| condition(analysis, &table, filter)).transpose()?;
    for at in columns {
        let number = table.relation.columns[*at].number;
        table.required(analysis)?.inserted.insert(number);
    }
    table.settle(analysis)?;
    if table.is_secured(analysis) {
        let message = "COPY FROM not supported with row-level security";
        return Err(
            DatabaseError::new(FEATURE_NOT_SUPPORTED, message).with_hint("Use INSERT statements instead.")
        );
    }
    let catalog = analysis.catalog;
    let mut values = Vec::new();
    let mut complete = true;
    let mut volatile = filter.as_ref().is_some_and(|filter| is_volatile(catalog, filter, ""));
    for (at, column) in table.relation.columns.iter().enumerate() {
        let base = catalog.base_type(column.type_ref);
        if columns.contains(&at) {
            complete &= base.oid == column.type_ref.oid;
            let given = Row::New.column(at, base);
            values.push(analysis.coerce_assignment(given, column.type_ref, &column.name)?);
            continue;
        }
        let default = tables::column_default(analysis, column)?;
        complete &= column.generated || is_null(&default);
        volatile |= is_volatile(catalog, &default, "nextval_oid");
        values.push(default);
    }
    let policies = table.new_row_policies(analysis, NewRow::Inserted)?;
    let reveal = table.reveal(analysis, columns.to_vec());
    let triggers = table.relation.triggers.iter();
    let before = |trigger: &&catalog::Trigger| {
        trigger.enabled && trigger.on_insert && trigger.for_each_row && trigger.timing == "BEFORE"
    };
    let one_by_one = volatile || triggers.filter(before).count() > 0;
    let mut rewrite = Rewrite::new(analysis, 0);
    for value in values.iter_mut().chain(&mut filter) {
        crate::descend::Walk::expr(&mut rewrite, value)?;
    }
    let probe = table.probe(&mut rewrite, policies)?;
    if !rewrite.steps.is_empty() {
        return Err(DatabaseError::unsupported(
            "COPY into a table whose defaults call functions of this kind",
        ));
    }
    security::check_privileges_within(analysis)?;
    let source = render::render_row(analysis.catalog, &values)?;
    let filter = filter.map(|filter| render::render_row(analysis.catalog, &[filter])).transpose()?;
    let given = columns.iter().map(|at| {
        let column = &table.relation.columns[*at];
        let type_ref = catalog.base_type(column.type_ref);
        let domain = catalog.types.get(&column.type_ref.oid).filter(|_| type_ref.oid != column.type_ref.oid);
        let domain = domain.map(|row| row.name.clone());
        CopyColumn { name: column.name.clone(), at: *at, type_ref, domain }
    });
    let given = given.collect();
    let live = live::of_rows(analysis, &table, false);
    let modify = Modify {
        instead: false,
        table: table.plan,
        kind: ModifyKind::Insert,
        source,
        extras: 0,
        assigned: columns.to_vec(),
        probe,
        conflict: None,
        returning: None,
        reveal,
        live,
    };
    Ok(CopyFrom { modify, columns: given, complete, one_by_one, filter })
}

/// WHERE, over the row that is to be written.
fn condition(analysis: &mut Analysis<'_>, table: &Table, filter: &ast::Expr) -> Result<Expr> {
    let mut scope = Scope::default();
    scope.items.push(table.item(analysis, Row::New, &table.named.name, true)?);
    let expr = analysis.expression(&mut scope, Place::CopyWhere, filter)?;
    let expr = analysis.coerce_to_boolean(expr, Place::CopyWhere.name())?;
    let mut generated = None;
    walk::any(&expr, &mut |part| {
        if let ExprKind::Bind(Bind::New(at)) = part.kind {
            generated = table.relation.columns.get(at).filter(|column| column.generated);
        }
        generated.is_some()
    });
    match generated {
        Some(column) => {
            let message = "generated columns are not supported in COPY FROM WHERE conditions";
            Err(DatabaseError::new(INVALID_COLUMN_REFERENCE, message)
                .with_detail(format!("Column \"{}\" is a generated column.", column.name)))
        }
        None => Ok(expr),
    }
}

/// Whether a volatile function is called in it but this one.
fn is_volatile(catalog: &catalog::Catalog, expr: &Expr, but: &str) -> bool {
    walk::any(expr, &mut |part| match part.kind {
        ExprKind::Call { function, .. } => match catalog.function_entry(function) {
            Some(catalog::lookup::FunctionEntry::Builtin(row)) => {
                row.volatility == catalog::Volatility::Volatile && row.source != but
            }
            Some(catalog::lookup::FunctionEntry::User(row)) => {
                row.volatility == catalog::Volatility::Volatile
            }
            None => true,
        },
        _ => false,
    })
}

fn is_null(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Constant(datum::StoredValue::Null))
}
