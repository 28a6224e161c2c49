//! A user's predicate must not see a row that the policies hide. SQLite tests the terms of a WHERE in an order of its own, so a term
//! that could tell something (by an error, or by calling a function that the user made) is put behind the policies
//! in one CASE. Terms whose operators PostgreSQL calls leakproof stay plain, so that indexes work (rule 9).

use crate::bound::{Body, Conversion, Core, CteId, Expr, ExprKind, From, Query, Range, RangeId, RangeKind};
use crate::descend::{self, Walk};
use crate::mutant::{self, Mutant};
use crate::stored::BOOLEAN;
use catalog::builtin::builtins;
use catalog::{FIRST_USER_OID, Oid, TypeRef};
use datum::StoredValue;
use sqlstate::Result;
use std::collections::{BTreeMap, BTreeSet};

/// What a sub-query lets through to the query around it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shown {
    /// Rows of what it selects from are hidden, by policies or as a view with security_barrier does.
    hides: bool,
    /// For each of its columns whether computing it could tell something.
    leaky: Vec<bool>,
}

/// What is known of the sub-queries around a query: SQLite merges them into it, and then tests terms in an order of its own.
#[derive(Debug, Default)]
pub(crate) struct Walls {
    /// The ranges that are views with security_barrier.
    pub(crate) barriers: BTreeSet<RangeId>,
    /// Common table expressions.
    pub(crate) ctes: BTreeMap<CteId, Shown>,
    /// Those of them that must not be merged.
    pub(crate) walled: BTreeSet<CteId>,
}

impl Walls {
    /// What a query that was rewritten lets through.
    pub(crate) fn shown(&self, query: &mut Query) -> Result<Shown> {
        match &mut query.body {
            Body::Core(core) => {
                let mut inner = BTreeMap::new();
                for from in &mut core.from {
                    self.collect_shown(from, &mut inner)?;
                }
                let mut filters = BTreeMap::new();
                core.from.iter().for_each(|from| collect(from, &mut filters));
                let hides = !filters.is_empty() || inner.values().any(|(shown, _)| shown.hides);
                let mut leaky = Vec::with_capacity(core.targets.len());
                for target in &mut core.targets {
                    let mut found = false;
                    descend::each_expr(&mut target.expr, &mut |part| {
                        found |= match part.kind {
                            ExprKind::Column { range, column } => inner
                                .get(&range)
                                .is_some_and(|(shown, _)| shown.leaky.get(column).copied().unwrap_or(true)),
                            _ => !is_leakproof(&part.kind),
                        };
                        Ok(())
                    })?;
                    leaky.push(found);
                }
                Ok(Shown { hides, leaky })
            }
            Body::Values(_) => Ok(Shown { hides: false, leaky: vec![true; query.columns.len()] }),
            Body::SetOperation { left, right, .. } => {
                let (left, right) = (self.shown(left)?, self.shown(right)?);
                let leaky = left.leaky.iter().zip(&right.leaky);
                Ok(Shown {
                    hides: left.hides || right.hides,
                    leaky: leaky.map(|(left, right)| *left || *right).collect(),
                })
            }
        }
    }

    /// What the sub-queries of FROM let through.
    fn collect_shown(
        &self,
        from: &mut From,
        found: &mut BTreeMap<RangeId, (Shown, Option<CteId>)>,
    ) -> Result<()> {
        match from {
            From::Range(range) => {
                let id = range.id;
                match &mut range.kind {
                    RangeKind::Subquery { query, .. } => {
                        let mut shown = self.shown(query)?;
                        shown.hides |= self.barriers.contains(&id) && !mutant::is(Mutant::BarrierReadIgnored);
                        found.insert(id, (shown, None));
                    }
                    RangeKind::Cte(cte) => {
                        if let Some(shown) = self.ctes.get(cte) {
                            found.insert(id, (shown.clone(), Some(*cte)));
                        }
                    }
                    RangeKind::Relation(_)
                    | RangeKind::Function { .. }
                    | RangeKind::Values(_)
                    | RangeKind::Buffer(_)
                    | RangeKind::System(_) => {}
                }
                Ok(())
            }
            From::Join { left, right, .. } => {
                self.collect_shown(left, found)?;
                self.collect_shown(right, found)
            }
        }
    }
}

/// Puts the leaky terms of WHERE, ON and HAVING behind the filters of the ranges that they read. A sub-query that hides rows and
/// whose columns they read is walled: SQLite does not merge it.
pub(crate) fn guard(core: &mut Core, walls: &mut Walls) -> Result<()> {
    wall_subqueries(core, walls)?;
    let mut filters = BTreeMap::new();
    core.from.iter().for_each(|from| collect(from, &mut filters));
    if filters.is_empty() {
        return Ok(());
    }
    if let Some(filter) = core.filter.take_if(|_| !mutant::is(Mutant::LeakInWhere)) {
        core.filter = Some(guard_condition(filter, &filters)?);
    }
    // SQLite moves terms of HAVING that read grouped columns only to WHERE.
    // Without GROUP BY it moves none, and the one group may have no row that the policies could be asked of.
    if !core.group_by.is_empty()
        && let Some(having) = core.having.take_if(|_| !mutant::is(Mutant::LeakInHaving))
    {
        core.having = Some(guard_condition(having, &filters)?);
    }
    core.from.iter_mut().try_for_each(|from| guard_joins(from, &filters))
}

fn wall_subqueries(core: &mut Core, walls: &mut Walls) -> Result<()> {
    let mut shown = BTreeMap::new();
    for from in &mut core.from {
        walls.collect_shown(from, &mut shown)?;
    }
    shown.retain(|_, (shown, _)| shown.hides);
    if shown.is_empty() || mutant::is(Mutant::LeakThroughSubquery) {
        return Ok(());
    }
    let mut found = BTreeSet::new();
    for term in [&mut core.filter, &mut core.having].into_iter().flatten() {
        leaked_subqueries(term, &shown, &mut found)?;
    }
    let each = &mut |condition: &mut Expr| leaked_subqueries(condition, &shown, &mut found);
    core.from.iter_mut().try_for_each(|from| each_condition(from, each))?;
    for id in found {
        match shown.get(&id) {
            Some((_, Some(cte))) => {
                walls.walled.insert(*cte);
            }
            _ => core.from.iter_mut().for_each(|from| wall_range(from, id)),
        }
    }
    Ok(())
}

fn each_condition(from: &mut From, each: &mut dyn FnMut(&mut Expr) -> Result<()>) -> Result<()> {
    if let From::Join { left, right, condition, .. } = from {
        each_condition(left, each)?;
        each_condition(right, each)?;
        if let Some(condition) = condition {
            each(condition)?;
        }
    }
    Ok(())
}

/// The hiding sub-queries whose columns reach something that is not leakproof, or are made by something that is not.
fn leaked_subqueries(
    term: &mut Expr,
    shown: &BTreeMap<RangeId, (Shown, Option<CteId>)>,
    found: &mut BTreeSet<RangeId>,
) -> Result<()> {
    struct Find<'f> {
        shown: &'f BTreeMap<RangeId, (Shown, Option<CteId>)>,
        depth: usize,
        found: &'f mut BTreeSet<RangeId>,
    }
    impl Walk for Find<'_> {
        fn expr(&mut self, expr: &mut Expr) -> Result<()> {
            let (range, column) = match expr.kind {
                ExprKind::Column { range, column } => (Some(range), Some(column)),
                ExprKind::WholeRow(range) => (Some(range), None),
                _ => (None, None),
            };
            if let Some(range) = range
                && let Some((shown, _)) = self.shown.get(&range)
            {
                let made_leaky = match column {
                    Some(column) => shown.leaky.get(column).copied().unwrap_or(true),
                    None => shown.leaky.contains(&true),
                };
                if self.depth > 0 || made_leaky {
                    self.found.insert(range);
                }
            }
            let leaky = !is_leakproof(&expr.kind);
            self.depth += usize::from(leaky);
            descend::descend_expr(self, expr)?;
            self.depth -= usize::from(leaky);
            Ok(())
        }
    }
    Find { shown, depth: 0, found }.expr(term)
}

fn wall_range(from: &mut From, id: RangeId) {
    match from {
        From::Range(range) => {
            if range.id == id
                && let RangeKind::Subquery { query, .. } = &mut range.kind
            {
                wall(query);
            }
        }
        From::Join { left, right, .. } => {
            wall_range(left, id);
            wall_range(right, id);
        }
    }
}

/// A query with LIMIT or OFFSET is not merged, and no term is moved into it.
pub(crate) fn wall(query: &mut Query) {
    if query.limit.is_none() && query.offset.is_none() {
        let int8 = TypeRef { oid: datum::oid::INT8, modifier: -1 };
        query.offset = Some(Expr::new(ExprKind::Constant(StoredValue::Integer(0)), int8));
    }
}

/// A condition over one range behind what must hold of its rows first.
pub(crate) fn guard_by(condition: Expr, range: RangeId, behind: &[Expr]) -> Result<Expr> {
    if behind.is_empty() {
        return Ok(condition);
    }
    guard_condition(condition, &BTreeMap::from([(range, behind.to_vec())]))
}

type Filters = BTreeMap<RangeId, Vec<Expr>>;

/// What must hold before a leaky term sees a row: the policies, or that an outer join brought NULLs instead of a row.
fn policies_of(range: &Range, filters: &[Expr]) -> Vec<Expr> {
    if !range.nullable {
        return filters.to_vec();
    }
    let row = Expr::new(ExprKind::RowId(range.id), TypeRef { oid: datum::oid::INT8, modifier: -1 });
    let absent = Expr::new(ExprKind::IsNull { expr: Box::new(row), not: false }, BOOLEAN);
    vec![Expr::new(ExprKind::Or(vec![absent, Expr::all(filters.to_vec())]), BOOLEAN)]
}

fn collect(from: &From, filters: &mut Filters) {
    match from {
        From::Range(range) => {
            if let RangeKind::Relation(relation) = &range.kind
                && !relation.filters.is_empty()
            {
                filters.insert(range.id, policies_of(range, &relation.filters));
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
pub(crate) fn is_leakproof(kind: &ExprKind) -> bool {
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
        | ExprKind::AssignSubscript { .. }
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
