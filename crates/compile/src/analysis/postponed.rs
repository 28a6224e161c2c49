//! What a sorted query counts up while it shows its rows: `SELECT nextval('s'), a FROM t ORDER BY a LIMIT 3` numbers three rows, in
//! their order (make_sort_input_target). SQLite computes what is shown before it sorts; so the rows are sorted and cut in a
//! common table expression, and the sequence is asked above it.

use super::Analysis;
use super::grouping_sets::{blank_core, blank_query};
use crate::bound::{
    Body, Cte, CteBody, Expr, ExprKind, From, OutputColumn, Query, Range, RangeColumn, RangeId, RangeKind,
    Target,
};
use crate::walk::{Descend, any, subquery, visit_mut};
use catalog::Oid;
use sqlstate::{DatabaseError, Result};
use std::collections::BTreeSet;

/// pg_proc.oid of nextval and of both setval.
const COUNTING: [Oid; 3] = [1574, 1576, 1765];

/// How the range over the sorted rows is called. An alias of the statement's own has no space.
const SORTED: &str = "the sorted rows";

impl Analysis<'_> {
    /// Puts what counts a sequence up above the query's ORDER BY and LIMIT.
    ///
    /// # Errors
    /// 0A000 for OFFSET: PostgreSQL counts for the rows that it skips, too.
    pub(super) fn postpone(&mut self, query: &mut Query) -> Result<()> {
        let visible = query.columns.len();
        let Body::Core(core) = &mut query.body else { return Ok(()) };
        if query.order_by.is_empty() || core.distinct.is_some() {
            return Ok(());
        }
        let sorted: BTreeSet<usize> = query.order_by.iter().map(|sort| sort.target).collect();
        let later: BTreeSet<usize> =
            (0..visible).filter(|at| !sorted.contains(at) && counts_up(&core.targets[*at].expr)).collect();
        let reads = |at: &usize| any(&core.targets[*at].expr, &mut |part| subquery(part).is_some());
        if later.is_empty() || later.iter().any(reads) {
            return Ok(());
        }
        if query.offset.is_some() {
            return Err(DatabaseError::unsupported("nextval() beside ORDER BY and OFFSET"));
        }
        let range = self.new_range();
        let mut ranges = BTreeSet::new();
        core.from.iter().for_each(|from| range_ids(from, &mut ranges));
        let mut below: Vec<Target> = Vec::new();
        let mut places = Vec::new();
        let mut above = Vec::new();
        for (at, target) in std::mem::take(&mut core.targets).into_iter().enumerate() {
            let stays =
                later.contains(&at) || at < visible && matches!(target.expr.kind, ExprKind::Constant(_));
            places.push(below.len());
            if stays && !sorted.contains(&at) {
                above.push(target);
                continue;
            }
            if at < visible {
                let column = column(range, below.len(), &target.expr);
                above.push(Target { expr: column, name: target.name.clone() });
            }
            below.push(target);
        }
        for target in &mut above {
            lift(&mut target.expr, range, &ranges, &mut below);
        }
        for sort in &mut query.order_by {
            sort.target = places[sort.target];
        }
        core.targets = below;
        let columns = core.targets.iter();
        let columns: Vec<OutputColumn> =
            columns.map(|target| OutputColumn { name: target.name.clone(), ty: target.expr.ty }).collect();
        let shown = std::mem::replace(&mut query.columns, columns.clone());
        let ctes = std::mem::take(&mut query.ctes);
        let inner = std::mem::replace(query, blank_query(Body::Core(Box::new(blank_core())), shown));
        let cte = self.new_cte();
        let named =
            |column: &OutputColumn| RangeColumn { name: column.name.clone(), ty: column.ty, not_null: false };
        let source = Range {
            id: range,
            alias: SORTED.to_owned(),
            columns: columns.iter().map(named).collect(),
            nullable: false,
            kind: RangeKind::Cte(cte),
        };
        query.ctes = ctes;
        query.ctes.push(Cte {
            id: cte,
            name: SORTED.to_owned(),
            columns,
            recursive: false,
            materialized: Some(true),
            references: 1,
            body: CteBody::Query(Box::new(inner)),
        });
        if let Body::Core(core) = &mut query.body {
            core.from = vec![From::Range(Box::new(source))];
            core.targets = above;
        }
        Ok(())
    }
}

fn counts_up(expr: &Expr) -> bool {
    any(
        expr,
        &mut |part| matches!(&part.kind, ExprKind::Call { function, .. } if COUNTING.contains(function)),
    )
}

fn column(range: RangeId, column: usize, of: &Expr) -> Expr {
    Expr::new(ExprKind::Column { range, column }, of.ty).at(of.position)
}

fn range_ids(from: &From, found: &mut BTreeSet<RangeId>) {
    match from {
        From::Range(range) => {
            found.insert(range.id);
        }
        From::Join { left, right, .. } => {
            range_ids(left, found);
            range_ids(right, found);
        }
    }
}

/// What an expression above reads of the rows becomes a column of theirs.
fn lift(expr: &mut Expr, range: RangeId, own: &BTreeSet<RangeId>, below: &mut Vec<Target>) {
    visit_mut(expr, &mut |part| {
        let is_below = match &part.kind {
            ExprKind::Column { range, .. } | ExprKind::WholeRow(range) | ExprKind::RowId(range) => {
                own.contains(range)
            }
            ExprKind::Aggregate(_) | ExprKind::Window { .. } | ExprKind::Grouping(_) => true,
            _ => false,
        };
        if !is_below {
            return Descend::Into;
        }
        let place = below.iter().position(|target| target.expr == *part).unwrap_or_else(|| {
            below.push(Target { expr: part.clone(), name: format!("below{}", below.len()) });
            below.len() - 1
        });
        *part = column(range, place, part);
        Descend::Over
    });
}
