//! GROUPING SETS, ROLLUP and CUBE: what they stand for, and the query that answers them.
//!
//! The rows are read once, into a common table expression; each grouping set is an arm of a UNION ALL over it that gives NULL for
//! the keys it does not group by; what is shown is computed over the union. The same form serves what SQLite groups otherwise
//! than PostgreSQL: HAVING without GROUP BY, keys that are constants.

use super::grouping::{has_query, numbered_alike};
use super::{Analysis, Scope};
use crate::bound::{
    Aggregate, Body, Core, Cte, CteBody, Expr, ExprKind, From, OutputColumn, Query, Range, RangeColumn,
    RangeId, RangeKind, Target,
};
use crate::types::INT4;
use crate::walk::{
    Descend, any_here, parts_mut, subquery, subquery_mut, visit, visit_mut, visit_query, visit_query_mut,
};
use datum::StoredValue;
use sqlstate::{DatabaseError, PROGRAM_LIMIT_EXCEEDED, Result};
use std::collections::BTreeSet;
use syntax::ast::SetOperator;

/// How the range over the groups is called. An alias of the statement's own has no space.
pub(crate) const GROUPS: &str = "the groups";
/// The same, where there is but HAVING.
pub(crate) const FILTERED: &str = "the only group";
/// The most grouping sets that PostgreSQL takes.
const MOST_SETS: usize = 4096;
/// The most arms that one statement of SQLite's takes, with some to spare.
const MOST_ARMS: usize = 400;

/// The sets of several items of GROUP BY: each set of one with each of the next.
pub(super) fn product(items: Vec<Vec<Vec<usize>>>) -> Result<Vec<Vec<usize>>> {
    let mut sets: Vec<Vec<usize>> = vec![Vec::new()];
    for item in items {
        if sets.len().saturating_mul(item.len()) > MOST_SETS {
            return Err(DatabaseError::new(
                PROGRAM_LIMIT_EXCEEDED,
                format!("too many grouping sets present (maximum {MOST_SETS})"),
            ));
        }
        let mut next = Vec::with_capacity(sets.len() * item.len());
        for set in &sets {
            for more in &item {
                let mut joined = set.clone();
                joined.extend(more.iter().filter(|key| !set.contains(key)));
                next.push(joined);
            }
        }
        sets = next;
    }
    Ok(sets)
}

/// ROLLUP: the prefixes, the longest first.
pub(super) fn rollup(elements: &[Vec<usize>]) -> Vec<Vec<usize>> {
    (0..=elements.len()).rev().map(|count| united(elements[..count].iter())).collect()
}

/// CUBE: all subsets.
pub(super) fn cube(elements: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let count = 1_usize << elements.len();
    let chosen = (0..count).rev().map(|bits| {
        let places = elements.iter().enumerate();
        let last = elements.len() - 1;
        united(places.filter(|(at, _)| bits >> (last - at) & 1 == 1).map(|(_, element)| element))
    });
    chosen.collect()
}

fn united<'e>(elements: impl Iterator<Item = &'e Vec<usize>>) -> Vec<usize> {
    let mut set: Vec<usize> = Vec::new();
    for key in elements.flatten() {
        if !set.contains(key) {
            set.push(*key);
        }
    }
    set
}

/// What the arms compute, and how the rest refers to it.
struct Spread {
    own: BTreeSet<RangeId>,
    keys: Vec<Expr>,
    /// For each item of the output the key that it is, when GROUP BY means just this item.
    shown: Vec<Option<usize>>,
    /// The keys with sub-queries, numbered alike.
    alike: Vec<(usize, Expr)>,
    aggregates: Vec<Expr>,
    groupings: Vec<Vec<Expr>>,
    /// The range over the union.
    union: RangeId,
}

/// Stands for the columns behind the keys until it is known how many keys there are.
#[derive(Clone, Copy)]
enum Part {
    Key(usize),
    Aggregate(usize),
    Grouping(usize),
}

impl Spread {
    fn constant_keys(&self) -> Vec<usize> {
        let keys = self.keys.iter().enumerate();
        keys.filter(|(_, key)| matches!(key.kind, ExprKind::Constant(_))).map(|(at, _)| at).collect()
    }

    /// What an expression that is computed over the groups has of them; `Over` where it was replaced.
    fn replace(&mut self, expr: &mut Expr, parts: &mut Vec<Part>) -> bool {
        let constant = matches!(expr.kind, ExprKind::Constant(_));
        let equal = self.keys.iter().enumerate().filter(|(_, key)| !constant && *key == expr);
        // Of several keys that are equal, the one that is shown first.
        let known = equal
            .map(|(at, _)| at)
            .min_by_key(|at| self.shown.iter().position(|shown| *shown == Some(*at)).unwrap_or(usize::MAX));
        let known = known.or_else(|| {
            // Sub-queries that are written alike are one key.
            let alike = numbered_alike(expr).ok().filter(|_| !self.alike.is_empty() && has_query(expr))?;
            self.alike.iter().find(|(_, key)| *key == alike).map(|(at, _)| *at)
        });
        let part = if let Some(at) = known {
            Part::Key(at)
        } else {
            match &expr.kind {
                ExprKind::Aggregate(_) => {
                    let known = self.aggregates.iter().position(|other| other == expr);
                    Part::Aggregate(known.unwrap_or_else(|| {
                        self.aggregates.push(expr.clone());
                        self.aggregates.len() - 1
                    }))
                }
                ExprKind::Grouping(args) if super::aggregate::groups_by(args, &self.own) => {
                    let known = self.groupings.iter().position(|other| other == args);
                    Part::Grouping(known.unwrap_or_else(|| {
                        self.groupings.push(args.clone());
                        self.groupings.len() - 1
                    }))
                }
                // A column that the keys determine is grouped by as well.
                ExprKind::Column { range, .. } | ExprKind::WholeRow(range) if self.own.contains(range) => {
                    self.keys.push(expr.clone());
                    Part::Key(self.keys.len() - 1)
                }
                _ => return false,
            }
        };
        parts.push(part);
        let column = parts.len() - 1;
        expr.kind = ExprKind::Column { range: self.union, column };
        true
    }

    /// Replaces within an expression; within its sub-queries only what is not theirs.
    fn lift(&mut self, expr: &mut Expr, parts: &mut Vec<Part>) {
        if self.replace(expr, parts) {
            return;
        }
        parts_mut(expr, &mut |part| self.lift(part, parts));
        if let Some(query) = subquery_mut(expr) {
            visit_query_mut(query, &mut |part| {
                let outer = match &part.kind {
                    ExprKind::Aggregate(aggregate) => super::aggregate::belongs_to(aggregate, &self.own),
                    ExprKind::Grouping(args) => super::aggregate::groups_by(args, &self.own),
                    _ => true,
                };
                if outer && self.replace(part, parts) { Descend::Over } else { Descend::Into }
            });
        }
    }
}

impl Analysis<'_> {
    /// Whether SQLite cannot group this as it stands.
    pub(super) fn needs_spreading(&self, scope: &Scope<'_>, core: &Core) -> bool {
        if !core.grouped {
            return false;
        }
        let plain = core.grouping_sets.is_empty();
        let constants = !core.group_by.is_empty()
            && core.group_by.iter().all(|key| matches!(key.kind, ExprKind::Constant(_)));
        let aggregates =
            |expr: &Expr| any_here(expr, &mut |part| matches!(part.kind, ExprKind::Aggregate(_)));
        let shown = core.targets.iter().any(|target| aggregates(&target.expr));
        let blind =
            core.group_by.is_empty() && (!scope.has_aggregates.get() || (core.having.is_some() && !shown));
        !plain || constants || blind || has_deep_aggregates(scope, core)
    }

    /// GROUPING(…) of a query with one grouping set is 0.
    pub(super) fn settle_groupings(&self, scope: &Scope<'_>, core: &mut Core) {
        let own: BTreeSet<RangeId> = scope.known.iter().map(|known| known.id).collect();
        let settle = |expr: &mut Expr| {
            visit_mut(expr, &mut |part| {
                if let ExprKind::Grouping(args) = &part.kind
                    && super::aggregate::groups_by(args, &own)
                {
                    part.kind = ExprKind::Constant(StoredValue::Integer(0));
                }
                Descend::Into
            });
        };
        core.targets.iter_mut().for_each(|target| settle(&mut target.expr));
        core.having.iter_mut().for_each(settle);
    }

    /// The query over the union of its grouping sets.
    pub(super) fn spread_groups(&mut self, scope: &Scope<'_>, core: &mut Core) -> Result<()> {
        let mut sets = std::mem::take(&mut core.grouping_sets);
        if sets.is_empty() {
            sets.push((0..core.group_by.len()).collect());
        }
        if sets.len() > MOST_ARMS {
            return Err(DatabaseError::unsupported(format_args!("more than {MOST_ARMS} grouping sets")));
        }
        let declared = core.group_by.len();
        let union = self.new_range();
        let with_queries = core.group_by.iter().enumerate().filter(|(_, key)| has_query(key));
        let alike = with_queries.map(|(at, key)| Ok((at, numbered_alike(key)?)));
        let alike = alike.collect::<Result<Vec<_>>>()?;
        let mut spread = Spread {
            alike,
            own: scope.known.iter().map(|known| known.id).collect(),
            keys: std::mem::take(&mut core.group_by),
            shown: scope.shown_keys.clone(),
            aggregates: Vec::new(),
            groupings: Vec::new(),
            union,
        };
        // What is shown reads the union.
        let mut parts = Vec::new();
        let mut constants = spread.constant_keys();
        for (at, target) in core.targets.iter_mut().enumerate() {
            if let Some(Some(key)) = spread.shown.get(at) {
                parts.push(Part::Key(*key));
                constants.retain(|constant| constant != key);
                target.expr.kind = ExprKind::Column { range: union, column: parts.len() - 1 };
                continue;
            }
            // A constant is a key only where GROUP BY means this very column.
            match constants.iter().position(|at| spread.keys[*at] == target.expr) {
                Some(known) => {
                    parts.push(Part::Key(constants.swap_remove(known)));
                    target.expr.kind = ExprKind::Column { range: union, column: parts.len() - 1 };
                }
                None => spread.lift(&mut target.expr, &mut parts),
            }
        }
        if let Some(having) = &mut core.having {
            spread.lift(having, &mut parts);
        }
        for window in &mut core.windows {
            window.partition_by.iter_mut().for_each(|expr| spread.lift(expr, &mut parts));
            window.order_by.iter_mut().for_each(|key| spread.lift(&mut key.expr, &mut parts));
        }
        for set in &mut sets {
            set.extend(declared..spread.keys.len());
        }
        let (input, columns, aggregates) = self.group_input(core, &spread);
        let cte = self.new_cte();
        let mut arms = Vec::with_capacity(sets.len());
        for set in &sets {
            arms.push(self.group_arm(&spread, &aggregates, cte, &columns, set)?);
        }
        let mut query: Option<Query> = None;
        for arm in arms {
            query = Some(match query {
                None => arm,
                Some(left) => Query {
                    ctes: Vec::new(),
                    columns: left.columns.clone(),
                    body: Body::SetOperation {
                        operator: SetOperator::Union,
                        all: true,
                        left: Box::new(left),
                        right: Box::new(arm),
                    },
                    order_by: Vec::new(),
                    limit: None,
                    with_ties: false,
                    offset: None,
                },
            });
        }
        let Some(mut query) = query else {
            return Err(DatabaseError::internal("GROUP BY without a grouping set"));
        };
        query.ctes.push(Cte {
            id: cte,
            name: "input".to_owned(),
            columns: columns
                .iter()
                .map(|column| OutputColumn { name: column.name.clone(), ty: column.ty })
                .collect(),
            recursive: false,
            materialized: (sets.len() > 1).then_some(true),
            references: sets.len(),
            body: CteBody::Query(Box::new(input)),
        });
        let places = Places { keys: spread.keys.len(), aggregates: spread.aggregates.len() };
        core.targets.iter_mut().for_each(|target| places.settle(&mut target.expr, union, &parts));
        if let Some(having) = &mut core.having {
            places.settle(having, union, &parts);
        }
        for window in &mut core.windows {
            window.partition_by.iter_mut().for_each(|expr| places.settle(expr, union, &parts));
            window.order_by.iter_mut().for_each(|key| places.settle(&mut key.expr, union, &parts));
        }
        let range = Range {
            id: union,
            alias: if declared == 0 && core.having.is_some() { FILTERED } else { GROUPS }.to_owned(),
            columns: query.columns.iter().map(range_column).collect(),
            nullable: false,
            kind: RangeKind::Subquery { query: Box::new(query), lateral: false },
        };
        core.from = vec![From::Range(Box::new(range))];
        core.filter = core.having.take();
        core.grouped = false;
        Ok(())
    }

    /// The rows that are grouped: the keys, and what the aggregates read. The aggregates come back as they read these columns,
    /// of a range with number 0.
    fn group_input(&mut self, core: &mut Core, spread: &Spread) -> (Query, Vec<RangeColumn>, Vec<Expr>) {
        let mut columns: Vec<Expr> = spread.keys.clone();
        let mut aggregates = spread.aggregates.clone();
        for aggregate in &mut aggregates {
            // The direct arguments of WITHIN GROUP stand outside of the rows: they see what is grouped by.
            if let ExprKind::Aggregate(aggregate) = &mut aggregate.kind {
                for direct in &mut aggregate.direct {
                    visit_mut(direct, &mut |part| match spread.keys.iter().position(|key| key == part) {
                        Some(at) => {
                            part.kind = ExprKind::Column { range: RangeId(0), column: at };
                            Descend::Over
                        }
                        None => Descend::Into,
                    });
                }
            }
            visit_mut(aggregate, &mut |part| match part.kind {
                ExprKind::Column { range, .. } | ExprKind::WholeRow(range) | ExprKind::RowId(range)
                    if spread.own.contains(&range) =>
                {
                    let known = columns[spread.keys.len()..].iter().position(|other| other == part);
                    let at = match known {
                        Some(at) => at + spread.keys.len(),
                        None => {
                            columns.push(part.clone());
                            columns.len() - 1
                        }
                    };
                    part.kind = ExprKind::Column { range: RangeId(0), column: at };
                    Descend::Over
                }
                _ => Descend::Into,
            });
        }
        let named: Vec<RangeColumn> = columns
            .iter()
            .enumerate()
            .map(|(at, expr)| RangeColumn { name: format!("input{at}"), ty: expr.ty, not_null: false })
            .collect();
        // One group of which nothing is asked is there whatever the rows are: they are not looked at.
        let unread = columns.is_empty() && aggregates.is_empty();
        let targets = columns.into_iter().zip(&named);
        let filter = core.filter.take();
        let filter = if unread {
            let never = Expr::new(ExprKind::Constant(StoredValue::Integer(0)), crate::types::BOOL);
            Some(Expr::all([never].into_iter().chain(filter).collect()))
        } else {
            filter
        };
        let input = Core {
            from: std::mem::take(&mut core.from),
            filter,
            targets: targets.map(|(expr, column)| Target { expr, name: column.name.clone() }).collect(),
            ..blank_core()
        };
        let outputs = named.iter().map(|column| OutputColumn { name: column.name.clone(), ty: column.ty });
        (blank_query(Body::Core(Box::new(input)), outputs.collect()), named, aggregates)
    }

    fn group_arm(
        &mut self,
        spread: &Spread,
        aggregates: &[Expr],
        cte: crate::bound::CteId,
        columns: &[RangeColumn],
        set: &[usize],
    ) -> Result<Query> {
        let id = self.new_range();
        let range = Range {
            id,
            alias: "input".to_owned(),
            columns: columns.to_vec(),
            nullable: false,
            kind: RangeKind::Cte(cte),
        };
        let column = |at: usize, ty| Expr::new(ExprKind::Column { range: id, column: at }, ty);
        let mut values = Vec::new();
        for (at, key) in spread.keys.iter().enumerate() {
            values.push(if set.contains(&at) { column(at, key.ty) } else { Expr::null(key.ty) });
        }
        for aggregate in aggregates {
            let mut aggregate = aggregate.clone();
            visit_mut(&mut aggregate, &mut |part| {
                if let ExprKind::Column { range, column } = &mut part.kind
                    && *range == RangeId(0)
                {
                    *range = id;
                    if *column < spread.keys.len() && !set.contains(column) {
                        part.kind = ExprKind::Constant(StoredValue::Null);
                    }
                }
                Descend::Into
            });
            values.push(aggregate);
        }
        for args in &spread.groupings {
            let mut bits = 0_i64;
            for arg in args {
                let known = spread.keys.iter().position(|key| key == arg);
                bits = bits << 1 | i64::from(known.is_none_or(|at| !set.contains(&at)));
            }
            values.push(Expr::new(ExprKind::Constant(StoredValue::Integer(bits)), INT4));
        }
        // Of no keys there is one group, which SQLite makes only where something is counted.
        values.push(count_rows());
        let targets: Vec<Target> =
            values.into_iter().map(|expr| Target { expr, name: "group".to_owned() }).collect();
        let outputs =
            targets.iter().map(|target| OutputColumn { name: target.name.clone(), ty: target.expr.ty });
        let outputs = outputs.collect();
        let core = Core {
            from: vec![From::Range(Box::new(range))],
            group_by: set.iter().map(|at| column(*at, spread.keys[*at].ty)).collect(),
            targets,
            grouped: true,
            ..blank_core()
        };
        Ok(blank_query(Body::Core(Box::new(core)), outputs))
    }
}

/// Where the columns of the union are.
struct Places {
    keys: usize,
    aggregates: usize,
}

impl Places {
    fn settle(&self, expr: &mut Expr, union: RangeId, parts: &[Part]) {
        visit_mut(expr, &mut |part| {
            if let ExprKind::Column { range, column } = &mut part.kind
                && *range == union
                && let Some(known) = parts.get(*column)
            {
                *column = match *known {
                    Part::Key(at) => at,
                    Part::Aggregate(at) => self.keys + at,
                    Part::Grouping(at) => self.keys + self.aggregates + at,
                };
            }
            Descend::Into
        });
    }
}

fn range_column(column: &OutputColumn) -> RangeColumn {
    RangeColumn { name: column.name.clone(), ty: column.ty, not_null: false }
}

/// count(*)
fn count_rows() -> Expr {
    const COUNT: catalog::Oid = 2803;
    let aggregate = Aggregate {
        function: COUNT,
        direct: Vec::new(),
        args: Vec::new(),
        distinct: false,
        order_by: Vec::new(),
        filter: None,
    };
    Expr::new(ExprKind::Aggregate(Box::new(aggregate)), crate::types::INT8)
}

/// A plain SELECT of nothing.
pub(super) fn blank_core() -> Core {
    Core {
        from: Vec::new(),
        filter: None,
        group_by: Vec::new(),
        grouping_sets: Vec::new(),
        having: None,
        windows: Vec::new(),
        targets: Vec::new(),
        distinct: None,
        grouped: false,
    }
}

/// A query that is nothing but its body.
pub(super) fn blank_query(body: Body, columns: Vec<OutputColumn>) -> Query {
    Query {
        ctes: Vec::new(),
        body,
        columns,
        order_by: Vec::new(),
        limit: None,
        with_ties: false,
        offset: None,
    }
}

/// Whether an aggregate of the query stands within a sub-query of it, where SQLite does not always take it for one.
fn has_deep_aggregates(scope: &Scope<'_>, core: &Core) -> bool {
    let own: BTreeSet<RangeId> = scope.known.iter().map(|known| known.id).collect();
    let mut found = false;
    for expr in core.targets.iter().map(|target| &target.expr).chain(&core.having) {
        visit(expr, &mut |part| {
            if let Some(query) = subquery(part) {
                visit_query(query, &mut |inner| {
                    if let ExprKind::Aggregate(aggregate) = &inner.kind {
                        found |= super::aggregate::belongs_to(aggregate, &own);
                    }
                    Descend::Into
                });
            }
            Descend::Into
        });
    }
    found
}
