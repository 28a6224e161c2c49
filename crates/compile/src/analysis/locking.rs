//! FOR UPDATE and its kin cannot lock what an outer join may leave out: PostgreSQL's planner refuses it, behind reduce_outer_joins.

use super::Analysis;
use crate::bound::{Body, Expr, ExprKind, From, Query, RangeId, RangeKind};
use catalog::builtin::builtins;
use catalog::lookup::FunctionEntry;
use sqlstate::{DatabaseError, FEATURE_NOT_SUPPORTED, Result};
use std::collections::BTreeSet;
use syntax::ast::JoinKind;

/// What is locked: how, and which names (none: all).
pub(super) struct Lock<'a> {
    pub(super) strength: &'a str,
    pub(super) of: &'a [&'a str],
}

impl Analysis<'_> {
    /// Refuses a lock of what an outer join of this FROM may leave out.
    pub(super) fn refuse_nullable_locks(
        &self,
        from: &[From],
        filter: Option<&Expr>,
        lock: &Lock<'_>,
    ) -> Result<()> {
        let mut present = BTreeSet::new();
        if let Some(filter) = filter {
            self.rejected(filter, &mut present);
        }
        from.iter().for_each(|from| self.rejected_by_joins(from, &mut present));
        from.iter().try_for_each(|from| self.locks(from, false, &present, lock))
    }

    fn locks(&self, from: &From, nullable: bool, present: &BTreeSet<RangeId>, lock: &Lock<'_>) -> Result<()> {
        match from {
            From::Join { kind, left, right, .. } => {
                let is_present = |side: &From| ranges(side).iter().any(|range| present.contains(range));
                let (left_null, right_null) = match kind {
                    JoinKind::Inner => (false, false),
                    JoinKind::Left => (false, !is_present(right)),
                    JoinKind::Right => (!is_present(left), false),
                    JoinKind::Full => (!is_present(left), !is_present(right)),
                };
                self.locks(left, nullable || left_null, present, lock)?;
                self.locks(right, nullable || right_null, present, lock)
            }
            From::Range(range) => {
                if !lock.of.is_empty() && !lock.of.contains(&range.alias.as_str()) {
                    return Ok(());
                }
                let (locked, query) = match &range.kind {
                    RangeKind::Relation(_) => (true, None),
                    RangeKind::Subquery { query, .. } => (true, Some(query)),
                    _ => (false, None),
                };
                if locked && nullable {
                    return Err(DatabaseError::new(
                        FEATURE_NOT_SUPPORTED,
                        format!(
                            "FOR {} cannot be applied to the nullable side of an outer join",
                            lock.strength
                        ),
                    ));
                }
                query.map_or(Ok(()), |query| self.refuse_nullable_locks_within(query, lock.strength))
            }
        }
    }

    /// Everything that the FROM of a query names is locked with it.
    pub(crate) fn refuse_nullable_locks_within(&self, query: &Query, strength: &str) -> Result<()> {
        let Body::Core(core) = &query.body else { return Ok(()) };
        self.refuse_nullable_locks(&core.from, core.filter.as_ref(), &Lock { strength, of: &[] })
    }

    /// The ranges whose row of NULLs the conditions of inner joins reject.
    fn rejected_by_joins(&self, from: &From, found: &mut BTreeSet<RangeId>) {
        let From::Join { kind, left, right, condition } = from else { return };
        if let (JoinKind::Inner, Some(condition)) = (kind, condition) {
            self.rejected(condition, found);
        }
        if matches!(kind, JoinKind::Inner | JoinKind::Left) {
            self.rejected_by_joins(left, found);
        }
        if matches!(kind, JoinKind::Inner | JoinKind::Right) {
            self.rejected_by_joins(right, found);
        }
    }

    /// The ranges of which a row of NULLs cannot satisfy a condition (PostgreSQL's find_nonnullable_rels).
    fn rejected(&self, condition: &Expr, found: &mut BTreeSet<RangeId>) {
        match &condition.kind {
            ExprKind::And(parts) => parts.iter().for_each(|part| self.rejected(part, found)),
            ExprKind::Or(parts) => {
                let mut sets = parts.iter().map(|part| {
                    let mut set = BTreeSet::new();
                    self.rejected(part, &mut set);
                    set
                });
                let first = sets.next().unwrap_or_default();
                found.extend(sets.fold(first, |all, set| all.intersection(&set).copied().collect()));
            }
            ExprKind::IsNull { expr, not: true } => self.null_with(expr, found),
            ExprKind::IsBoolean { expr, value: Some(_), not: false }
            | ExprKind::IsBoolean { expr, value: None, not: true } => {
                self.null_with(expr, found);
            }
            ExprKind::AnyArray { left, all: false, .. } => self.null_with(left, found),
            _ => self.null_with(condition, found),
        }
    }

    /// The ranges whose NULLs make an expression NULL.
    fn null_with(&self, expr: &Expr, found: &mut BTreeSet<RangeId>) {
        let is_strict = |function| matches!(self.catalog.function_entry(function), Some(FunctionEntry::Builtin(row)) if row.strict);
        match &expr.kind {
            ExprKind::Column { range, .. } => {
                found.insert(*range);
            }
            ExprKind::Not(inner) | ExprKind::Convert { expr: inner, .. } => self.null_with(inner, found),
            ExprKind::Call { function, args } if is_strict(*function) => {
                args.iter().for_each(|arg| self.null_with(arg, found));
            }
            ExprKind::Operator { operator, args } => {
                let row = builtins().operator_by_oid(*operator);
                if row.is_some_and(|row| is_strict(row.function)) {
                    args.iter().for_each(|arg| self.null_with(arg, found));
                }
            }
            _ => {}
        }
    }
}

/// The ranges of a FROM.
fn ranges(from: &From) -> BTreeSet<RangeId> {
    match from {
        From::Join { left, right, .. } => ranges(left).union(&ranges(right)).copied().collect(),
        From::Range(range) => BTreeSet::from([range.id]),
    }
}
