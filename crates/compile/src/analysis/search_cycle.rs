//! SEARCH and CYCLE of a recursive query: columns that say in which order rows were found and what led to them
//! (rewriteSearchCycle.c).

use super::{Analysis, Place, Scope};
use crate::bound::{
    Body, Core, CteId, Expr, ExprKind, From, OutputColumn, Query, RangeId, RangeKind, Target,
};
use crate::types::{BOOL, INT8, plain};
use catalog::TypeRef;
use datum::{StoredValue, oid};
use sqlstate::{
    DUPLICATE_COLUMN, DatabaseError, FEATURE_NOT_SUPPORTED, INVALID_RECURSION, Result, SYNTAX_ERROR,
};
use syntax::ast::{self, Position};

/// array_append(anycompatiblearray, anycompatible)
const ARRAY_APPEND: catalog::Oid = 378;
/// int8 + int4's operator is found by name; record = record:
const RECORD_EQUAL: catalog::Oid = 2988;

/// The columns that SEARCH and CYCLE add, and the columns of the query that they are made of.
pub(super) struct Added {
    search: Option<(bool, Vec<usize>)>,
    cycle: Option<(Vec<usize>, Expr, Expr)>,
    /// Whether a name is one of the query's own: told after what its recursive term says.
    pub(super) taken: Result<()>,
    /// The columns, behind the query's own.
    pub(super) columns: Vec<OutputColumn>,
}

fn places(names: &[String], columns: &[OutputColumn], what: &str, position: Position) -> Result<Vec<usize>> {
    let mut found = Vec::with_capacity(names.len());
    for name in names {
        let Some(at) = columns.iter().position(|column| column.name == *name) else {
            return Err(DatabaseError::new(
                SYNTAX_ERROR,
                format!("{what} column \"{name}\" not in WITH query column list"),
            )
            .at(position));
        };
        if found.contains(&at) {
            return Err(DatabaseError::new(
                DUPLICATE_COLUMN,
                format!("{what} column \"{name}\" specified more than once"),
            )
            .at(position));
        }
        found.push(at);
    }
    Ok(found)
}

impl Analysis<'_> {
    /// What SEARCH and CYCLE of an item say; `columns` are its own.
    pub(super) fn added_columns(
        &mut self,
        scope: &mut Scope<'_>,
        cte: &ast::Cte,
        columns: &[OutputColumn],
    ) -> Result<Added> {
        let mut added = Added { search: None, cycle: None, taken: Ok(()), columns: Vec::new() };
        let mut taken = Ok(());
        let mut used = |name: &str, what: &str, position| {
            if taken.is_ok() && columns.iter().any(|column| column.name == name) {
                taken = Err(DatabaseError::new(
                    SYNTAX_ERROR,
                    format!("{what} column name \"{name}\" already used in WITH query column list"),
                )
                .at(position));
            }
        };
        let same = |what: &str, position| {
            Err(DatabaseError::new(SYNTAX_ERROR, format!("{what} are the same")).at(position))
        };
        if let Some(search) = &cte.search {
            let keys = places(&search.columns, columns, "search", search.position)?;
            used(&search.sequence, "search sequence", search.position);
            let ty = if search.breadth { oid::RECORD } else { oid::RECORD_ARRAY };
            added.columns.push(OutputColumn { name: search.sequence.clone(), ty: plain(ty) });
            added.search = Some((search.breadth, keys));
        }
        if let Some(cycle) = &cte.cycle {
            let keys = places(&cycle.columns, columns, "cycle", cycle.position)?;
            let (value, default) = match &cycle.values {
                Some((value, default)) => {
                    let value = self.expression(scope, Place::Select, value)?;
                    let default = self.expression(scope, Place::Select, default)?;
                    (value, default)
                }
                None => (Expr::boolean(true), Expr::boolean(false)),
            };
            let (ty, mut values) = self.coerce_all_to_common(vec![value, default], "CYCLE")?;
            let modifier = -1;
            self.equality_operator(ty).map_err(|error| self.located(error, cycle.position))?;
            let (Some(default), Some(value)) = (values.pop(), values.pop()) else {
                return Err(DatabaseError::internal("CYCLE without values"));
            };
            used(&cycle.mark, "cycle mark", cycle.position);
            used(&cycle.path, "cycle path", cycle.position);
            if cycle.mark == cycle.path {
                return same("cycle mark column name and cycle path column name", cycle.position);
            }
            if let Some(search) = &cte.search {
                if search.sequence == cycle.mark {
                    return same("search sequence column name and cycle mark column name", search.position);
                }
                if search.sequence == cycle.path {
                    return same("search sequence column name and cycle path column name", search.position);
                }
            }
            added.columns.push(OutputColumn { name: cycle.mark.clone(), ty: TypeRef { oid: ty, modifier } });
            added.columns.push(OutputColumn { name: cycle.path.clone(), ty: plain(oid::RECORD_ARRAY) });
            added.cycle = Some((keys, value, default));
        }
        added.taken = taken;
        Ok(added)
    }

    /// Gives both terms the added columns; the recursive term reads them of the item, as it stands in its FROM.
    pub(super) fn add_columns(
        &mut self,
        cte: &ast::Cte,
        id: CteId,
        added: &Added,
        first: &mut Query,
        second: &mut Query,
    ) -> Result<()> {
        if added.columns.is_empty() {
            return Ok(());
        }
        let clause = if cte.search.is_some() { "SEARCH" } else { "CYCLE" };
        let own = first.columns.len();
        let position = cte.position;
        let not_select = |side: &str| {
            DatabaseError::new(
                FEATURE_NOT_SUPPORTED,
                format!("with a SEARCH or CYCLE clause, the {side} side of the UNION must be a SELECT"),
            )
            .at(position)
        };
        let Body::Core(start) = &mut first.body else { return Err(not_select("left")) };
        let mut values = Vec::new();
        let row = |core: &Core, keys: &[usize]| row_of(core, &first.columns, keys);
        if let Some((breadth, keys)) = &added.search {
            let row = row(start, keys);
            values.push(if *breadth {
                numbered(Expr::new(ExprKind::Constant(StoredValue::Integer(0)), INT8), row)
            } else {
                array_of(row)
            });
        }
        if let Some((keys, _, default)) = &added.cycle {
            values.push(default.clone());
            values.push(array_of(row(start, keys)));
        }
        append(first, own, values, &added.columns);
        let Body::Core(next) = &second.body else { return Err(not_select("right")) };
        let Some(range) = range_over(&next.from, id) else {
            return Err(DatabaseError::new(
                FEATURE_NOT_SUPPORTED,
                format!(
                    "with a SEARCH or CYCLE clause, the recursive reference to WITH query \"{}\" must be at the top level of its right-hand SELECT",
                    cte.name
                ),
            )
            .at(position));
        };
        if next.distinct.is_some() || second.limit.is_some() || second.offset.is_some() {
            return Err(DatabaseError::unsupported(format_args!(
                "{clause} with DISTINCT or LIMIT in the recursive term"
            ))
            .at(position));
        }
        let column =
            |at: usize| Expr::new(ExprKind::Column { range, column: own + at }, added.columns[at].ty);
        let mut values = Vec::new();
        let mut at = 0;
        let mut filter = None;
        if let Some((breadth, keys)) = &added.search {
            let row = row_of(next, &first.columns, keys);
            values.push(if *breadth {
                let depth = Expr::new(ExprKind::Field { expr: Box::new(column(at)), field: 0 }, INT8);
                let one = Expr::new(ExprKind::Constant(StoredValue::Integer(1)), INT8);
                numbered(self.operation(&super::operation::operator_name("+"), depth, one, 0)?, row)
            } else {
                appended(column(at), row)
            });
            at += 1;
        }
        if let Some((keys, value, default)) = &added.cycle {
            let row = row_of(next, &first.columns, keys);
            let (mark, path) = (column(at), column(at + 1));
            let again = Expr::new(
                ExprKind::AnyArray {
                    operator: RECORD_EQUAL,
                    all: false,
                    left: Box::new(row.clone()),
                    array: Box::new(path.clone()),
                },
                BOOL,
            );
            let kind = ExprKind::Case {
                operand: None,
                arms: vec![(again, value.clone())],
                otherwise: Box::new(default.clone()),
            };
            values.push(Expr::new(kind, mark.ty));
            values.push(appended(path, row));
            filter = Some(self.operation(&super::operation::operator_name("<>"), mark, value.clone(), 0)?);
        }
        append(second, own, values, &added.columns);
        if let Body::Core(next) = &mut second.body
            && let Some(filter) = filter
        {
            let before = next.filter.take();
            next.filter = Some(Expr::all(before.into_iter().chain([filter]).collect()));
        }
        Ok(())
    }
}

impl Added {
    /// Refuses what only a recursive query may have.
    pub(super) fn refuse(cte: &ast::Cte) -> Result<()> {
        let position = match (&cte.search, &cte.cycle) {
            (Some(search), _) => search.position,
            (None, Some(cycle)) => cycle.position,
            (None, None) => return Ok(()),
        };
        Err(DatabaseError::new(INVALID_RECURSION, "WITH query is not recursive").at(position))
    }
}

/// The range over an item in FROM, within joins too.
fn range_over(from: &[From], id: CteId) -> Option<RangeId> {
    from.iter().find_map(|item| match item {
        From::Range(range) => (range.kind == RangeKind::Cte(id)).then_some(range.id),
        From::Join { left, right, .. } => {
            range_over(std::slice::from_ref(left), id).or_else(|| range_over(std::slice::from_ref(right), id))
        }
    })
}

fn row_of(core: &Core, columns: &[OutputColumn], keys: &[usize]) -> Expr {
    let fields = keys.iter().map(|at| core.targets[*at].expr.clone()).collect();
    let names = keys.iter().map(|at| columns[*at].name.clone()).collect();
    Expr::new(ExprKind::Row { fields, names }, plain(oid::RECORD))
}

/// A row with its depth before it.
fn numbered(depth: Expr, row: Expr) -> Expr {
    let ExprKind::Row { mut fields, mut names } = row.kind else { return row };
    fields.insert(0, depth);
    names.insert(0, "*DEPTH*".to_owned());
    Expr::new(ExprKind::Row { fields, names }, row.ty)
}

fn array_of(row: Expr) -> Expr {
    Expr::new(ExprKind::Array(vec![row]), plain(oid::RECORD_ARRAY))
}

fn appended(array: Expr, row: Expr) -> Expr {
    let kind = ExprKind::Call { function: ARRAY_APPEND, args: vec![array, row] };
    Expr::new(kind, plain(oid::RECORD_ARRAY))
}

/// Puts values behind the output columns, before what is only sorted by.
fn append(query: &mut Query, own: usize, values: Vec<Expr>, columns: &[OutputColumn]) {
    if let Body::Core(core) = &mut query.body {
        let targets = values.into_iter().zip(columns);
        let targets: Vec<Target> =
            targets.map(|(expr, column)| Target { expr, name: column.name.clone() }).collect();
        let count = targets.len();
        core.targets.splice(own..own, targets);
        for sort in &mut query.order_by {
            if sort.target >= own {
                sort.target += count;
            }
        }
    }
    query.columns.extend(columns.iter().cloned());
}
