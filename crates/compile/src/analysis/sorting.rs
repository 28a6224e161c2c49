//! ORDER BY, GROUP BY and DISTINCT: what their items refer to (findTargetlistEntry, transformDistinctClause).

use super::{Analysis, Place, Scope, grouping_sets};
use crate::bound::{Distinct, Expr, ExprKind, Sort, Target};
use crate::types::INT8;
use sqlstate::{AMBIGUOUS_COLUMN, DatabaseError, INVALID_COLUMN_REFERENCE, Result, SYNTAX_ERROR};
use syntax::ast::{self, ExprKind as Ast, GroupBy, SelectCore};

/// The keys of GROUP BY. Two items of the output that are equal are two keys: each is NULL where its own is not grouped by.
#[derive(Default)]
pub(crate) struct Keys {
    exprs: Vec<Expr>,
    /// The item of the output that each is, if any.
    targets: Vec<Option<usize>>,
}

impl Analysis<'_> {
    /// findTargetlistEntrySQL92: an output name, an ordinal, or any expression. The index in `targets`.
    pub(crate) fn find_target(
        &mut self,
        scope: &mut Scope<'_>,
        place: Place,
        expr: &ast::Expr,
        targets: &mut Vec<Target>,
        visible: usize,
    ) -> Result<usize> {
        let clause = place.name();
        match &expr.kind {
            Ast::Column(parts) if parts.len() == 1 => {
                let name = &parts[0];
                // In GROUP BY a column of FROM goes before an output name.
                let column_first =
                    place == Place::GroupBy && self.column_here(scope, name, expr.position)?.is_some();
                if !column_first {
                    let mut found: Option<usize> = None;
                    for (at, target) in targets[..visible].iter().enumerate() {
                        if target.name == *name {
                            match found {
                                Some(other) if targets[other].expr != target.expr => {
                                    return Err(DatabaseError::new(
                                        AMBIGUOUS_COLUMN,
                                        format!("{clause} \"{name}\" is ambiguous"),
                                    )
                                    .at(expr.position));
                                }
                                Some(_) => {}
                                None => found = Some(at),
                            }
                        }
                    }
                    if let Some(at) = found {
                        self.check_target_place(&targets[at].expr, place)?;
                        return Ok(at);
                    }
                }
            }
            Ast::Number(text) => {
                let Ok(ordinal) = text.parse::<i32>() else {
                    return Err(DatabaseError::new(
                        SYNTAX_ERROR,
                        format!("non-integer constant in {clause}"),
                    )
                    .at(expr.position));
                };
                let at = usize::try_from(ordinal).ok().and_then(|ordinal| ordinal.checked_sub(1));
                return match at.filter(|at| *at < visible) {
                    Some(at) => {
                        self.check_target_place(&targets[at].expr, place)?;
                        Ok(at)
                    }
                    None => Err(DatabaseError::new(
                        INVALID_COLUMN_REFERENCE,
                        format!("{clause} position {ordinal} is not in select list"),
                    )
                    .at(expr.position)),
                };
            }
            Ast::String(_) | Ast::Null | Ast::BitString(_) => {
                return Err(DatabaseError::new(SYNTAX_ERROR, format!("non-integer constant in {clause}"))
                    .at(expr.position));
            }
            _ => {}
        }
        let bound = self.expression(scope, place, expr)?;
        let same = targets.iter().position(|target| target.expr == bound);
        Ok(match same {
            Some(at) => at,
            None => {
                targets.push(Target { expr: bound, name: String::new() });
                targets.len() - 1
            }
        })
    }

    /// checkTargetlistEntrySQL92
    fn check_target_place(&self, expr: &Expr, place: Place) -> Result<()> {
        if place != Place::GroupBy {
            return Ok(());
        }
        if let Some(at) = super::aggregate::first_of(expr, |kind| matches!(kind, ExprKind::Aggregate(_))) {
            return Err(Self::grouping_error(
                "aggregate functions are not allowed in GROUP BY".to_owned(),
                at,
            ));
        }
        if let Some(at) = super::aggregate::first_of(expr, |kind| matches!(kind, ExprKind::Window { .. })) {
            return Err(DatabaseError::new(
                sqlstate::WINDOWING_ERROR,
                "window functions are not allowed in GROUP BY",
            )
            .at(at));
        }
        Ok(())
    }

    /// GROUP BY: the expressions, and the grouping sets by index when there are several, or one that is not all of them.
    pub(crate) fn group_by(
        &mut self,
        scope: &mut Scope<'_>,
        core: &SelectCore,
        targets: &mut Vec<Target>,
        visible: usize,
    ) -> Result<(Vec<Expr>, Vec<Vec<usize>>)> {
        let mut keys = Keys::default();
        let mut items = Vec::with_capacity(core.group_by.len());
        for item in &core.group_by {
            if let GroupBy::Expr(ast::Expr { kind: Ast::Row { fields, explicit: false }, .. }) = item {
                for field in fields {
                    let key = self.group_key(scope, field, targets, visible, &mut keys)?;
                    items.push(vec![vec![key]]);
                }
            } else {
                items.push(self.group_item(scope, item, targets, visible, &mut keys)?);
            }
        }
        let Keys { exprs: mut keys, targets: mut shown } = keys;
        if items.is_empty() {
            return Ok((keys, Vec::new()));
        }
        let mut sets = grouping_sets::product(items)?;
        if core.group_distinct {
            let mut seen = std::collections::BTreeSet::new();
            sets.retain(|set| {
                let mut sorted = set.clone();
                sorted.sort_unstable();
                seen.insert(sorted)
            });
        }
        if let [only] = sets.as_slice()
            && only.len() == keys.len()
            && !keys.is_empty()
        {
            sets.clear();
            // What is equal is one key, then.
            let mut at = 0;
            while at < keys.len() {
                if keys[..at].contains(&keys[at]) {
                    keys.remove(at);
                } else {
                    at += 1;
                }
            }
            shown.clear();
        }
        scope.shown_keys = (0..targets.len()).map(|at| shown.iter().position(|of| *of == Some(at))).collect();
        Ok((keys, sets))
    }

    /// The grouping sets of one item of GROUP BY.
    fn group_item(
        &mut self,
        scope: &mut Scope<'_>,
        item: &GroupBy,
        targets: &mut Vec<Target>,
        visible: usize,
        keys: &mut Keys,
    ) -> Result<Vec<Vec<usize>>> {
        Ok(match item {
            GroupBy::Empty => vec![Vec::new()],
            GroupBy::Expr(expr) => vec![self.group_element(scope, expr, targets, visible, keys)?],
            GroupBy::Rollup(exprs) => {
                grouping_sets::rollup(&self.group_elements(scope, exprs, targets, visible, keys)?)
            }
            GroupBy::Cube(exprs) => {
                if exprs.len() > 12 {
                    return Err(DatabaseError::new(
                        sqlstate::TOO_MANY_COLUMNS,
                        "CUBE is limited to 12 elements",
                    )
                    .at(exprs[0].start()));
                }
                grouping_sets::cube(&self.group_elements(scope, exprs, targets, visible, keys)?)
            }
            GroupBy::Sets(items) => {
                let mut sets = Vec::new();
                for item in items {
                    sets.extend(self.group_item(scope, item, targets, visible, keys)?);
                }
                sets
            }
        })
    }

    fn group_elements(
        &mut self,
        scope: &mut Scope<'_>,
        exprs: &[ast::Expr],
        targets: &mut Vec<Target>,
        visible: usize,
        keys: &mut Keys,
    ) -> Result<Vec<Vec<usize>>> {
        exprs.iter().map(|expr| self.group_element(scope, expr, targets, visible, keys)).collect()
    }

    /// An expression, or several in brackets that go together.
    fn group_element(
        &mut self,
        scope: &mut Scope<'_>,
        expr: &ast::Expr,
        targets: &mut Vec<Target>,
        visible: usize,
        keys: &mut Keys,
    ) -> Result<Vec<usize>> {
        let Ast::Row { fields, explicit: false } = &expr.kind else {
            return Ok(vec![self.group_key(scope, expr, targets, visible, keys)?]);
        };
        fields.iter().map(|field| self.group_key(scope, field, targets, visible, keys)).collect()
    }

    /// A key's place among the keys.
    fn group_key(
        &mut self,
        scope: &mut Scope<'_>,
        expr: &ast::Expr,
        targets: &mut Vec<Target>,
        visible: usize,
        keys: &mut Keys,
    ) -> Result<usize> {
        let before = targets.len();
        let at = self.find_target(scope, Place::GroupBy, expr, targets, visible)?;
        let value = std::mem::replace(&mut targets[at].expr, Expr::null(INT8));
        let value = self.resolve_unknown(value)?;
        targets[at].expr = value.clone();
        // What is only grouped by is no output.
        let target = (targets.len() == before).then_some(at);
        targets.truncate(before);
        self.equality_operator(value.ty.oid).map_err(|error| self.located(error, expr.position))?;
        let mut known = keys.exprs.iter().zip(&keys.targets);
        match known.position(|(key, of)| *key == value && *of == target) {
            Some(at) => Ok(at),
            None => {
                keys.exprs.push(value);
                keys.targets.push(target);
                Ok(keys.exprs.len() - 1)
            }
        }
    }

    /// DISTINCT and DISTINCT ON.
    pub(crate) fn distinct(
        &mut self,
        scope: &mut Scope<'_>,
        distinct: Option<&ast::Distinct>,
        order_by: &[Sort],
        targets: &mut Vec<Target>,
        visible: usize,
    ) -> Result<Option<Distinct>> {
        match distinct {
            None => Ok(None),
            Some(ast::Distinct::All) => {
                if let Some(sort) = order_by.iter().find(|sort| sort.target >= visible) {
                    return Err(DatabaseError::new(
                        INVALID_COLUMN_REFERENCE,
                        "for SELECT DISTINCT, ORDER BY expressions must appear in select list",
                    )
                    .at(targets[sort.target].expr.location()));
                }
                for target in &mut targets[..visible] {
                    let expr = std::mem::replace(&mut target.expr, Expr::null(INT8));
                    target.expr = self.resolve_unknown(expr)?;
                    let position = target.expr.position;
                    self.equality_operator(target.expr.ty.oid)
                        .map_err(|error| self.located(error, position))?;
                }
                Ok(Some(Distinct::All))
            }
            Some(ast::Distinct::On(exprs)) => {
                let mut keys = Vec::with_capacity(exprs.len());
                let mut positions = Vec::with_capacity(exprs.len());
                for expr in exprs {
                    let at = self.find_target(scope, Place::DistinctOn, expr, targets, visible)?;
                    if !keys.contains(&at) {
                        keys.push(at);
                        positions.push(expr.position);
                    }
                }
                let mismatch = |position| {
                    DatabaseError::new(
                        INVALID_COLUMN_REFERENCE,
                        "SELECT DISTINCT ON expressions must match initial ORDER BY expressions",
                    )
                    .at(position)
                };
                // The leading sort keys must be those of DISTINCT ON, in any order.
                let mut outside = false;
                for sort in order_by {
                    if keys.contains(&sort.target) {
                        if outside {
                            return Err(mismatch(targets[sort.target].expr.position));
                        }
                    } else {
                        outside = true;
                    }
                }
                for (key, position) in keys.iter().zip(positions) {
                    if outside && !order_by.iter().any(|sort| sort.target == *key) {
                        return Err(mismatch(position));
                    }
                    self.equality_operator(targets[*key].expr.ty.oid)
                        .map_err(|error| self.located(error, position))?;
                }
                Ok(Some(Distinct::On(keys)))
            }
        }
    }
}
