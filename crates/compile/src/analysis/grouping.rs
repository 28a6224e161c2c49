//! A grouped query shows its keys and aggregates only: parse_agg.c's check_ungrouped_columns.

use super::{Analysis, Scope};
use crate::bound::{Aggregate, Core, Expr, ExprKind, Query, Range, RangeId};
use crate::descend::{self, Walk};
use crate::walk::{Descend, any, parts, subquery, visit_query};
use catalog::{Constraint, ConstraintKind, RelationKind};
use sqlstate::Result;
use std::collections::{BTreeMap, BTreeSet};

/// What may stand in a grouped query.
struct Grouping<'q> {
    keys: &'q [Expr],
    /// The keys with sub-queries, numbered alike.
    with_queries: Vec<Expr>,
    own: BTreeSet<RangeId>,
    /// Ranges whose primary key is grouped by: all their columns may be shown.
    determined: BTreeSet<RangeId>,
}

impl Grouping<'_> {
    /// Whether this is a key. Sub-queries that are written alike are equal though their ranges have numbers of their own.
    fn has(&self, expr: &Expr) -> Result<bool> {
        if self.keys.contains(expr) {
            return Ok(true);
        }
        if self.with_queries.is_empty() || !has_query(expr) {
            return Ok(false);
        }
        Ok(self.with_queries.contains(&numbered_alike(expr)?))
    }
}

pub(super) fn has_query(expr: &Expr) -> bool {
    any(expr, &mut |part| subquery(part).is_some())
}

/// An expression whose sub-queries' ranges are numbered in the order in which they stand there.
pub(super) fn numbered_alike(expr: &Expr) -> Result<Expr> {
    /// What was declared within, then what it becomes.
    struct Renumber {
        numbers: BTreeMap<RangeId, RangeId>,
        declaring: bool,
    }
    impl Walk for Renumber {
        fn range(&mut self, range: &mut Range) -> Result<()> {
            if self.declaring {
                let next = RangeId(u32::MAX - self.numbers.len() as u32);
                self.numbers.insert(range.id, next);
            } else if let Some(number) = self.numbers.get(&range.id) {
                range.id = *number;
            }
            descend::descend_range(self, range)
        }

        fn expr(&mut self, expr: &mut Expr) -> Result<()> {
            if let ExprKind::Column { range, .. } | ExprKind::WholeRow(range) | ExprKind::RowId(range) =
                &mut expr.kind
                && !self.declaring
                && let Some(number) = self.numbers.get(range)
            {
                *range = *number;
            }
            descend::descend_expr(self, expr)
        }
    }
    let mut copy = expr.clone();
    let mut renumber = Renumber { numbers: BTreeMap::new(), declaring: true };
    renumber.expr(&mut copy)?;
    renumber.declaring = false;
    renumber.expr(&mut copy)?;
    Ok(copy)
}

impl Analysis<'_> {
    /// 42803 `column "t.c" must appear in the GROUP BY clause or be used in an aggregate function`
    pub(crate) fn check_grouping(&self, scope: &Scope<'_>, core: &Core) -> Result<()> {
        let own: BTreeSet<RangeId> = scope.known.iter().map(|known| known.id).collect();
        // What the keys determine must be grouped by in every set.
        let common: Vec<Expr> = match core.grouping_sets.as_slice() {
            [] => core.group_by.clone(),
            sets => {
                let keys = core.group_by.iter().enumerate();
                keys.filter(|(at, _)| sets.iter().all(|set| set.contains(at)))
                    .map(|(_, key)| key.clone())
                    .collect()
            }
        };
        let determined = own.iter().copied().filter(|range| self.is_determined(*range, &common));
        let determined = determined.collect();
        let with_queries: Result<Vec<_>> =
            core.group_by.iter().filter(|key| has_query(key)).map(numbered_alike).collect();
        let grouping = Grouping { keys: &core.group_by, with_queries: with_queries?, determined, own };
        for target in &core.targets {
            self.check_grouped(scope, &grouping, &target.expr, false)?;
        }
        if let Some(having) = &core.having {
            self.check_grouped(scope, &grouping, having, false)?;
        }
        for window in &core.windows {
            let keys = window.order_by.iter().map(|key| &key.expr);
            for expr in window.partition_by.iter().chain(keys) {
                self.check_grouped(scope, &grouping, expr, false)?;
            }
        }
        Ok(())
    }

    /// check_functional_grouping
    fn is_determined(&self, range: RangeId, keys: &[Expr]) -> bool {
        let Some(entry) = self.required.get(&range) else { return false };
        if entry.relation.kind != RelationKind::Table {
            return false;
        }
        let primary = entry.relation.constraints.iter().find_map(|constraint| match constraint {
            Constraint {
                oid, kind: ConstraintKind::PrimaryKey { columns, .. }, deferrable: false, ..
            } => Some((*oid, columns)),
            _ => None,
        });
        primary.is_some_and(|(constraint, columns)| {
            let determined = columns.iter().all(|number| {
                let at = entry.relation.columns.iter().position(|column| column.number == *number);
                keys.iter().any(|key| match key.kind {
                    ExprKind::Column { range: other, column } => other == range && Some(column) == at,
                    _ => false,
                })
            });
            if determined {
                self.determining.borrow_mut().insert(constraint);
            }
            determined
        })
    }

    fn check_grouped(
        &self,
        scope: &Scope<'_>,
        grouping: &Grouping<'_>,
        expr: &Expr,
        in_subquery: bool,
    ) -> Result<()> {
        if grouping.has(expr)? {
            return Ok(());
        }
        match &expr.kind {
            ExprKind::Grouping(args) if super::aggregate::groups_by(args, &grouping.own) => {
                return match args.iter().find(|arg| !grouping.keys.contains(arg)) {
                    None => Ok(()),
                    Some(arg) => Err(Self::grouping_error(
                        "arguments to GROUPING must be grouping expressions of the associated query level"
                            .to_owned(),
                        arg.position,
                    )),
                };
            }
            // An aggregate's arguments are not of the group; what WITHIN GROUP takes directly is.
            ExprKind::Aggregate(aggregate) if !in_subquery => {
                return self.check_direct(scope, grouping, aggregate);
            }
            ExprKind::Column { range, column } if grouping.own.contains(range) => {
                if grouping.determined.contains(range) {
                    return Ok(());
                }
                return Err(self.ungrouped(scope, *range, Some(*column), expr.position, in_subquery));
            }
            ExprKind::WholeRow(range) if grouping.own.contains(range) => {
                if grouping.determined.contains(range) {
                    return Ok(());
                }
                return Err(self.ungrouped(scope, *range, None, expr.position, in_subquery));
            }
            _ => {}
        }
        let mut result = Ok(());
        parts(expr, &mut |part| {
            if result.is_ok() {
                result = self.check_grouped(scope, grouping, part, in_subquery);
            }
        });
        result?;
        match subquery(expr) {
            Some(query) => self.check_grouped_query(scope, grouping, query),
            None => Ok(()),
        }
    }

    fn check_direct(&self, scope: &Scope<'_>, grouping: &Grouping<'_>, aggregate: &Aggregate) -> Result<()> {
        let mut direct = aggregate.direct.iter();
        direct.try_for_each(|expr| self.check_grouped(scope, grouping, expr, false))
    }

    fn check_grouped_query(&self, scope: &Scope<'_>, grouping: &Grouping<'_>, query: &Query) -> Result<()> {
        let mut result = Ok(());
        visit_query(query, &mut |part| {
            if result.is_ok() {
                match grouping.has(part) {
                    Ok(true) => return Descend::Over,
                    Ok(false) => {}
                    Err(error) => result = Err(error),
                }
                if let ExprKind::Aggregate(aggregate) = &part.kind
                    && super::aggregate::belongs_to(aggregate, &grouping.own)
                {
                    return Descend::Over;
                }
                if let ExprKind::Grouping(args) = &part.kind
                    && super::aggregate::groups_by(args, &grouping.own)
                {
                    result = self.check_grouped(scope, grouping, part, true);
                    return Descend::Over;
                }
                if let ExprKind::Column { .. } | ExprKind::WholeRow(_) = part.kind {
                    result = self.check_grouped(scope, grouping, part, true);
                }
            }
            Descend::Into
        });
        result
    }

    fn ungrouped(
        &self,
        scope: &Scope<'_>,
        range: RangeId,
        column: Option<usize>,
        position: u32,
        in_subquery: bool,
    ) -> sqlstate::DatabaseError {
        let known = scope.known.iter().find(|known| known.id == range);
        let table = known.map_or("", |known| known.alias.as_str());
        let name = match (known, column) {
            (Some(known), Some(at)) => {
                format!("{table}.{}", known.columns.get(at).map_or("", String::as_str))
            }
            _ => format!("{table}.*"),
        };
        let message = if in_subquery {
            format!("subquery uses ungrouped column \"{name}\" from outer query")
        } else {
            format!(
                "column \"{name}\" must appear in the GROUP BY clause or be used in an aggregate function"
            )
        };
        Self::grouping_error(message, position)
    }
}
