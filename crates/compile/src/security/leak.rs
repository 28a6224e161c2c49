//! A user's predicate must not see a row that the policies hide. SQLite tests the terms of a WHERE in an order of its own, so a term
//! that could tell something (by an error, or by calling a function that the user made) is put behind the policies
//! in one CASE. Terms whose operators PostgreSQL calls leakproof stay plain, so that indexes work (rule 9).

use crate::bound::{Conversion, Core, Expr, ExprKind, From, Range, RangeId, RangeKind};
use crate::descend::{self, Walk};
use crate::mutant::{self, Mutant};
use crate::stored::BOOLEAN;
use catalog::builtin::builtins;
use catalog::{FIRST_USER_OID, Oid};
use sqlstate::Result;
use std::collections::BTreeMap;

/// Puts the leaky terms of WHERE and ON behind the filters of the ranges that they read.
pub(crate) fn guard(core: &mut Core) -> Result<()> {
    let mut filters = BTreeMap::new();
    core.from.iter().for_each(|from| collect(from, &mut filters));
    if filters.is_empty() {
        return Ok(());
    }
    if let Some(filter) = core.filter.take_if(|_| !mutant::is(Mutant::LeakInWhere)) {
        core.filter = Some(guard_condition(filter, &filters)?);
    }
    core.from.iter_mut().try_for_each(|from| guard_joins(from, &filters))
}

/// A condition over one range behind what must hold of its rows first.
pub(crate) fn guard_by(condition: Expr, range: RangeId, behind: &[Expr]) -> Result<Expr> {
    if behind.is_empty() {
        return Ok(condition);
    }
    guard_condition(condition, &BTreeMap::from([(range, behind.to_vec())]))
}

type Filters = BTreeMap<RangeId, Vec<Expr>>;

fn collect(from: &From, filters: &mut Filters) {
    match from {
        From::Range(range) => {
            let Range { id, kind, .. } = &**range;
            if let RangeKind::Relation(relation) = kind
                && !relation.filters.is_empty()
            {
                filters.insert(*id, relation.filters.clone());
            }
        }
        From::Join { left, right, .. } => {
            collect(left, filters);
            collect(right, filters);
        }
    }
}

fn guard_joins(from: &mut From, filters: &Filters) -> Result<()> {
    if let From::Join { left, right, condition, .. } = from {
        guard_joins(left, filters)?;
        guard_joins(right, filters)?;
        if let Some(plain) = condition.take_if(|_| !mutant::is(Mutant::LeakInJoin)) {
            *condition = Some(guard_condition(plain, filters)?);
        }
    }
    Ok(())
}

/// The terms of an AND, each behind the filters of what it reads if it could leak.
fn guard_condition(condition: Expr, filters: &Filters) -> Result<Expr> {
    let terms = match condition.kind {
        ExprKind::And(terms) => terms,
        kind => vec![Expr { kind, ..condition }],
    };
    let mut guarded = Vec::new();
    for mut term in terms {
        let leaked = leaked_ranges(&mut term, filters)?;
        if leaked.is_empty() {
            guarded.push(term);
            continue;
        }
        let policies = leaked.iter().flat_map(|range| filters[range].iter().cloned()).collect();
        let position = term.position;
        let kind = ExprKind::Case {
            operand: None,
            arms: vec![(Expr::all(policies), term)],
            otherwise: Box::new(Expr::boolean(false)),
        };
        guarded.push(Expr::new(kind, BOOLEAN).at(position));
    }
    Ok(Expr::all(guarded))
}

/// The guarded ranges whose columns reach something that is not leakproof.
fn leaked_ranges(term: &mut Expr, filters: &Filters) -> Result<Vec<RangeId>> {
    struct Find<'f> {
        filters: &'f Filters,
        /// How many leaky nodes are around.
        depth: usize,
        found: Vec<RangeId>,
    }
    impl Walk for Find<'_> {
        fn expr(&mut self, expr: &mut Expr) -> Result<()> {
            if let ExprKind::Column { range, .. } | ExprKind::WholeRow(range) = expr.kind
                && self.depth > 0
                && self.filters.contains_key(&range)
                && !self.found.contains(&range)
            {
                self.found.push(range);
            }
            let leaky = !is_leakproof(&expr.kind);
            self.depth += usize::from(leaky);
            descend::descend_expr(self, expr)?;
            self.depth -= usize::from(leaky);
            Ok(())
        }
    }
    let mut find = Find { filters, depth: 0, found: Vec::new() };
    find.expr(term)?;
    Ok(find.found)
}

/// Whether a node by itself tells nothing of its operands but by its value.
fn is_leakproof(kind: &ExprKind) -> bool {
    match kind {
        ExprKind::Constant(_)
        | ExprKind::Parameter(_)
        | ExprKind::Bind(_)
        | ExprKind::Column { .. }
        | ExprKind::WholeRow(_)
        | ExprKind::RowId(_)
        | ExprKind::CaseOperand
        | ExprKind::SubqueryColumn(_)
        | ExprKind::Grouping(_)
        | ExprKind::Default
        | ExprKind::And(_)
        | ExprKind::Or(_)
        | ExprKind::Not(_)
        | ExprKind::IsNull { .. }
        | ExprKind::IsBoolean { .. }
        | ExprKind::Case { .. }
        | ExprKind::Coalesce(_)
        | ExprKind::Array(_)
        | ExprKind::Row { .. }
        | ExprKind::Field { .. }
        | ExprKind::Collate { .. }
        | ExprKind::Exists(_) => true,
        ExprKind::Operator { operator, .. }
        | ExprKind::IsDistinct { operator, .. }
        | ExprKind::NullIf { operator, .. }
        | ExprKind::AnyArray { operator, .. } => operator_is_leakproof(*operator),
        ExprKind::RowCompare { operators, .. } => {
            operators.iter().all(|operator| operator_is_leakproof(*operator))
        }
        ExprKind::AnySubquery { tests, .. } => tests.iter().all(|test| operator_is_leakproof(test.operator)),
        ExprKind::Call { function, .. } => function_is_leakproof(*function),
        ExprKind::Convert { by, .. } => matches!(by, Conversion::Relabel),
        // A sub-query as a value fails when it has two rows.
        ExprKind::Subquery(_)
        | ExprKind::ArraySubquery(_)
        | ExprKind::Extreme { .. }
        | ExprKind::Subscript { .. }
        | ExprKind::SetCall { .. }
        | ExprKind::Aggregate(_)
        | ExprKind::Window { .. } => false,
    }
}

/// Comparisons that PostgreSQL does not call leakproof, yet here compare stored forms and cannot fail.
const COMPARED_AS_STORED: &[&str] = &["enum_eq", "enum_ne", "enum_lt", "enum_le", "enum_gt", "enum_ge"];

fn operator_is_leakproof(operator: Oid) -> bool {
    builtins().operator_by_oid(operator).is_some_and(|operator| function_is_leakproof(operator.function))
}

fn function_is_leakproof(function: Oid) -> bool {
    function < FIRST_USER_OID
        && builtins()
            .function_by_oid(function)
            .is_some_and(|row| row.leakproof || COMPARED_AS_STORED.contains(&row.source))
}
