//! Expressions where only TRUE counts (WHERE, ON, WHEN): NULL and FALSE are the same there, so that forms which SQLite
//! can answer from an index are allowed that differ in just this.

use super::call::operator_function;
use super::{Renderer, native};
use crate::bound::{Body, Core, Expr, ExprKind, From, Query, RangeId, SubqueryTest};
use crate::storage;
use crate::walk::{self, Descend};
use catalog::builtin::builtins;
use sqlstate::{DatabaseError, Result};
use std::collections::BTreeSet;

impl Renderer<'_> {
    /// An expression of which only TRUE counts.
    pub(super) fn condition(&mut self, expr: &Expr) -> Result<String> {
        match &expr.kind {
            ExprKind::And(terms) => self.conditions(terms, " AND "),
            ExprKind::Or(terms) => self.conditions(terms, " OR "),
            ExprKind::IsBoolean { expr: inner, value: Some(true), not: false } => self.condition(inner),
            ExprKind::Exists(query) => match membership(query) {
                Some((outer, inner)) if outer.iter().all(|expr| self.collation(expr.ty).is_none()) => {
                    let outer_sql = self.list(&outer)?;
                    let outer_sql = if outer.len() > 1 { format!("({outer_sql})") } else { outer_sql };
                    Ok(format!("({outer_sql} IN ({}))", self.subquery(&inner)?))
                }
                _ => self.expr(expr),
            },
            ExprKind::AnyArray { operator, all, left, array } => {
                self.any_array(*operator, *all, left, array, true)
            }
            _ => self.expr(expr),
        }
    }

    fn conditions(&mut self, terms: &[Expr], by: &str) -> Result<String> {
        let texts: Result<Vec<_>> = terms.iter().map(|term| self.condition(term)).collect();
        Ok(format!("({})", texts?.join(by)))
    }

    /// `left op ANY/ALL (array)`. With `only_true`, a NULL array may give FALSE.
    pub(super) fn any_array(
        &mut self,
        operator: catalog::Oid,
        all: bool,
        left: &Expr,
        array: &Expr,
        only_true: bool,
    ) -> Result<String> {
        let row = operator_function(operator)?;
        let symbol = native::comparison(row.source);
        let word = match (symbol, all) {
            (Some("="), false) => Some("IN"),
            (Some("<>"), true) => Some("NOT IN"),
            _ => None,
        };
        let Some(word) = word else {
            return self.any_of(all, row.source, left, array);
        };
        if let ExprKind::Array(elements) = &array.kind
            && elements.iter().all(|element| !matches!(element.kind, ExprKind::Array(_)))
        {
            let left_sql = self.expr(left)?;
            let left = self.collated(left_sql, left.ty);
            return Ok(format!("({left} {word} ({}))", self.list(elements)?));
        }
        // A set that is the same for all rows is made once and searched; a row's own array is looked through.
        let varies = walk::any(array, &mut |part| {
            matches!(part.kind, ExprKind::Column { .. } | ExprKind::WholeRow(_) | ExprKind::CaseOperand)
        });
        if varies || word != "IN" || !only_true || datum::set_function("array_unnest").is_none() {
            return self.any_of(all, row.source, left, array);
        }
        let Some(element) = self.catalog.element_type(self.catalog.base_type(array.ty).oid) else {
            return self.any_of(all, row.source, left, array);
        };
        let left_sql = self.expr(left)?;
        let left = self.collated(left_sql, left.ty);
        let signature = format!("{},{element}", array.ty.oid);
        let array = self.expr(array)?;
        Ok(format!("({left} IN (SELECT c0 FROM pg_set_array_unnest('{signature}', {array})))"))
    }

    fn any_of(&mut self, all: bool, source: &str, left: &Expr, array: &Expr) -> Result<String> {
        let name = if all { "all_of" } else { "any_of" };
        if datum::function(name).is_none() {
            return Err(DatabaseError::unsupported("ANY and ALL of this array"));
        }
        let bool_type = catalog::TypeRef { oid: datum::oid::BOOL, modifier: -1 };
        let pair = [left.clone(), array.clone()];
        let signature = super::call::signature(&pair, bool_type);
        let (left, array) = (self.expr(left)?, self.expr(array)?);
        Ok(format!("pg_{name}('{signature}', {}, {left}, {array})", storage::quote_text(source)))
    }

    /// `row op ANY/ALL (SELECT …)`.
    pub(super) fn any_subquery(
        &mut self,
        all: bool,
        tests: &[SubqueryTest],
        query: &Query,
    ) -> Result<String> {
        let wanted = if all { "<>" } else { "=" };
        let mut lefts = Vec::new();
        for test in tests {
            if native::comparison(operator_function(test.operator)?.source) != Some(wanted) {
                return self.any_by_counting(all, tests, query);
            }
            if tests.len() > 1 && (all || !self.collate(test.left.ty).is_empty()) {
                return self.any_by_counting(all, tests, query);
            }
            let sql = self.expr(&test.left)?;
            lefts.push(if tests.len() == 1 { self.collated(sql, test.left.ty) } else { sql });
        }
        let word = if all { "NOT IN" } else { "IN" };
        let inner = self.subquery(query)?;
        let plain = tests.iter().enumerate().all(|(at, test)| {
            test.right.kind == ExprKind::SubqueryColumn(at) && query.columns.len() == tests.len()
        });
        let inner = if plain {
            inner
        } else {
            self.subquery_columns.push((0..query.columns.len()).map(|at| format!("s.c{at}")).collect());
            let rights: Result<Vec<_>> = tests.iter().map(|test| self.expr(&test.right)).collect();
            self.subquery_columns.pop();
            format!("SELECT {} FROM ({inner}) AS s", rights?.join(", "))
        };
        let left = if lefts.len() == 1 { lefts.remove(0) } else { format!("({})", lefts.join(", ")) };
        Ok(format!("({left} {word} ({inner}))"))
    }
}

impl Renderer<'_> {
    /// One row of a sub-query against what stands before ANY or ALL.
    fn row_test(&mut self, tests: &[SubqueryTest]) -> Result<String> {
        if let [test] = tests {
            return self.comparison(test.operator, &test.left, &test.right);
        }
        let symbol = match tests.first() {
            Some(test) => builtins().operator_by_oid(test.operator).map(|row| row.symbol),
            None => None,
        };
        let by = match symbol {
            Some("=") => " AND ",
            Some("<>") => " OR ",
            _ => {
                let operators: Vec<_> = tests.iter().map(|test| test.operator).collect();
                let left: Vec<_> = tests.iter().map(|test| test.left.clone()).collect();
                let right: Vec<_> = tests.iter().map(|test| test.right.clone()).collect();
                return self.row_compare(&operators, &left, &right);
            }
        };
        let pairs = tests.iter().map(|test| self.comparison(test.operator, &test.left, &test.right));
        Ok(format!("({})", pairs.collect::<Result<Vec<_>>>()?.join(by)))
    }

    /// `left op ANY/ALL (SELECT …)` for any operator: every row is compared.
    fn any_by_counting(&mut self, all: bool, tests: &[SubqueryTest], query: &Query) -> Result<String> {
        let inner = self.subquery(query)?;
        self.subquery_columns.push((0..query.columns.len()).map(|at| format!("s.c{at}")).collect());
        let compared = self.row_test(tests);
        self.subquery_columns.pop();
        // One decisive row decides, then one unknown; of no rows ANY is false and ALL is true.
        let (decisive, otherwise) = if all { ("min(v) = 0", 1) } else { ("max(v) = 1", 0) };
        Ok(format!(
            "(SELECT CASE WHEN {decisive} THEN {} WHEN count(*) > count(v) THEN NULL ELSE {otherwise} END FROM (SELECT {} AS v FROM ({inner}) AS s))",
            1 - otherwise,
            compared?
        ))
    }
}

/// `EXISTS (SELECT … FROM m WHERE m.a = outer AND rest)` as `outer IN (SELECT m.a FROM m WHERE rest)`, when only such equalities
/// tie it to what is outside: the values outside, and the query of the values inside.
fn membership(query: &Query) -> Option<(Vec<Expr>, Query)> {
    let Body::Core(core) = &query.body else { return None };
    let plain = query.ctes.is_empty()
        && query.limit.is_none()
        && query.offset.is_none()
        && !core.grouped
        && core.group_by.is_empty()
        && core.having.is_none()
        && core.distinct.is_none()
        && core.windows.is_empty()
        && !core.from.is_empty()
        && core.from.iter().all(|from| matches!(from, From::Range(_)));
    if !plain {
        return None;
    }
    let mut own = BTreeSet::new();
    for from in &core.from {
        if let From::Range(range) = from {
            own.insert(range.id);
        }
    }
    let terms: Vec<&Expr> = match core.filter.as_ref().map(|filter| &filter.kind) {
        Some(ExprKind::And(terms)) => terms.iter().collect(),
        Some(_) => core.filter.iter().collect(),
        None => return None,
    };
    let (mut outer, mut inner, mut rest) = (Vec::new(), Vec::new(), Vec::new());
    for term in terms {
        match sides(term, &own) {
            Some((outside, inside)) => {
                outer.push(outside.clone());
                inner.push(inside.clone());
            }
            None => rest.push(term.clone()),
        }
    }
    let all_inside = rest.iter().all(|term| !reads_outside(term, &own))
        && core.from.iter().all(|from| match from {
            From::Range(range) => !range_reads_outside(range, &own),
            From::Join { .. } => false,
        });
    if outer.is_empty() || !all_inside {
        return None;
    }
    let columns = inner
        .iter()
        .enumerate()
        .map(|(at, expr)| crate::bound::OutputColumn { name: format!("c{at}"), ty: expr.ty })
        .collect();
    let targets = inner
        .into_iter()
        .enumerate()
        .map(|(at, expr)| crate::bound::Target { expr, name: format!("c{at}") })
        .collect();
    let filter = (!rest.is_empty()).then(|| Expr::all(rest));
    let body = Body::Core(Box::new(Core { filter, targets, ..(**core).clone() }));
    let inner = Query { body, columns, order_by: Vec::new(), ..query.clone() };
    Some((outer, inner))
}

/// The sides of `inside = outside`, when it is such a term: what is outside first.
fn sides<'e>(term: &'e Expr, own: &BTreeSet<RangeId>) -> Option<(&'e Expr, &'e Expr)> {
    let ExprKind::Operator { operator, args } = &term.kind else { return None };
    let [left, right] = args.as_slice() else { return None };
    if native::comparison(operator_function(*operator).ok()?.source) != Some("=") {
        return None;
    }
    let is_outside = |expr: &Expr| reads_outside(expr, own) && !reads_inside(expr, own);
    let is_inside = |expr: &Expr| reads_inside(expr, own) && !reads_outside(expr, own);
    if is_outside(left) && is_inside(right) {
        Some((left, right))
    } else if is_inside(left) && is_outside(right) {
        Some((right, left))
    } else {
        None
    }
}

fn reads(expr: &Expr, test: &mut dyn FnMut(RangeId) -> bool) -> bool {
    walk::any(expr, &mut |part| match part.kind {
        ExprKind::Column { range, .. } | ExprKind::WholeRow(range) | ExprKind::RowId(range) => test(range),
        _ => false,
    })
}

fn reads_inside(expr: &Expr, own: &BTreeSet<RangeId>) -> bool {
    reads(expr, &mut |range| own.contains(&range))
}

/// Whether it reads a range that is neither among these nor brought by a sub-query within. The row that is to be written is outside too.
fn reads_outside(expr: &Expr, own: &BTreeSet<RangeId>) -> bool {
    use crate::program::Bind;
    let mut brought = own.clone();
    ranges_within(expr, &mut brought);
    reads(expr, &mut |range| !brought.contains(&range))
        || walk::any(expr, &mut |part| {
            matches!(
                part.kind,
                ExprKind::Bind(Bind::New(_) | Bind::Old(_) | Bind::Excluded(_) | Bind::Extra(_))
            )
        })
}

fn range_reads_outside(range: &crate::bound::Range, own: &BTreeSet<RangeId>) -> bool {
    let mut outside = false;
    walk::visit_from(&From::Range(Box::new(range.clone())), &mut |expr| {
        outside = outside || reads_outside_flat(expr, own, range);
        Descend::Into
    });
    outside
}

fn reads_outside_flat(expr: &Expr, own: &BTreeSet<RangeId>, range: &crate::bound::Range) -> bool {
    let mut brought = own.clone();
    brought_by(range, &mut brought);
    ranges_within(expr, &mut brought);
    match expr.kind {
        ExprKind::Column { range, .. } | ExprKind::WholeRow(range) => !brought.contains(&range),
        _ => false,
    }
}

/// The ranges that sub-queries of an expression bring.
fn ranges_within(expr: &Expr, found: &mut BTreeSet<RangeId>) {
    walk::visit(expr, &mut |part| {
        if let Some(query) = walk::subquery(part) {
            brought_by_query(query, found);
        }
        Descend::Into
    });
}

pub(super) fn brought_by_query(query: &Query, found: &mut BTreeSet<RangeId>) {
    for cte in &query.ctes {
        if let crate::bound::CteBody::Query(inner) = &cte.body {
            brought_by_query(inner, found);
        }
    }
    match &query.body {
        Body::Core(core) => core.from.iter().for_each(|from| brought_by_from(from, found)),
        Body::Values(_) => {}
        Body::SetOperation { left, right, .. } => {
            brought_by_query(left, found);
            brought_by_query(right, found);
        }
    }
}

fn brought_by_from(from: &From, found: &mut BTreeSet<RangeId>) {
    match from {
        From::Range(range) => brought_by(range, found),
        From::Join { left, right, .. } => {
            brought_by_from(left, found);
            brought_by_from(right, found);
        }
    }
}

fn brought_by(range: &crate::bound::Range, found: &mut BTreeSet<RangeId>) {
    found.insert(range.id);
    match &range.kind {
        crate::bound::RangeKind::Subquery { query, .. } => brought_by_query(query, found),
        crate::bound::RangeKind::Relation(relation) => {
            relation.filters.iter().for_each(|filter| ranges_within(filter, found));
        }
        crate::bound::RangeKind::Function { functions, .. } => {
            functions
                .iter()
                .filter_map(|function| function.query.as_ref())
                .for_each(|query| brought_by_query(query, found));
        }
        _ => {}
    }
}

/// Whether a query reads ranges that it does not bring: those of the queries around it.
pub(super) fn is_correlated(query: &Query) -> bool {
    let mut brought = BTreeSet::new();
    brought_by_query(query, &mut brought);
    let mut outside = false;
    walk::visit_query(query, &mut |expr| {
        ranges_within(expr, &mut brought);
        if let ExprKind::Column { range, .. } | ExprKind::WholeRow(range) | ExprKind::RowId(range) = expr.kind
        {
            outside = outside || !brought.contains(&range);
        }
        Descend::Into
    });
    outside
}
