//! Queries: transformSelectStmt and transformValuesClause.

use super::locking::Lock;
use super::{Analysis, Place, Scope};
use crate::bound::{
    Body, Core, CteBody, Expr, ExprKind, From, OutputColumn, Query, RangeColumn, RangeKind, Sort, Target,
};
use crate::mutant::{self, Mutant};
use crate::types::INT8;
use crate::walk::any;
use sqlstate::{
    DatabaseError, GROUPING_ERROR, INVALID_COLUMN_REFERENCE, INVALID_ROW_COUNT_IN_LIMIT_CLAUSE, Result,
    SYNTAX_ERROR,
};
use std::collections::BTreeSet;
use syntax::ast::{self, QueryBody, SelectCore};

/// What becomes of untyped literals in an output list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknowns {
    /// They are text.
    Text,
    /// They stay, for whoever gives them a type (INSERT … SELECT, the arms of UNION).
    Keep,
}

impl Analysis<'_> {
    /// Analyses a query; `parent` is the scope around it.
    pub fn query(&mut self, parent: Option<&Scope<'_>>, select: &ast::Select) -> Result<Query> {
        self.query_with(parent, select, Unknowns::Text)
    }

    /// Analyses a query, and says what becomes of untyped literals in its output.
    pub fn query_with(
        &mut self,
        parent: Option<&Scope<'_>>,
        select: &ast::Select,
        unknowns: Unknowns,
    ) -> Result<Query> {
        self.nested(|analysis| {
            let mut scope = Scope::within(parent);
            let ctes = match &select.with {
                Some(with) => analysis.with(&mut scope, with)?,
                None => Vec::new(),
            };
            let mut query = match &select.body {
                QueryBody::Select(core) => analysis.core(scope, select, core, unknowns)?,
                QueryBody::Values(rows) => analysis.values(scope, select, rows)?,
                QueryBody::SetOperation { .. } => analysis.set_operation(scope, select)?,
            };
            query.ctes.splice(0..0, ctes);
            analysis.count_references(&mut query);
            Ok(query)
        })
    }

    pub(crate) fn count_references(&self, query: &mut Query) {
        for cte in &mut query.ctes {
            cte.references = self.references(cte.id);
            if let CteBody::Query(_) = cte.body
                && cte.recursive
            {
                // Its own reference does not count.
                cte.references = cte.references.saturating_sub(1);
            }
        }
    }

    fn core(
        &mut self,
        mut scope: Scope<'_>,
        select: &ast::Select,
        core: &SelectCore,
        unknowns: Unknowns,
    ) -> Result<Query> {
        if let Some(into) = &core.into {
            let message = "SELECT ... INTO is not allowed here";
            return Err(DatabaseError::new(SYNTAX_ERROR, message).at(into.name.position));
        }
        let scope = &mut scope;
        scope.window_definitions.clone_from(&core.windows);
        self.check_window_names(&core.windows)?;
        let from = self.from_items(scope, &core.from)?;
        let mut targets = self.output_list(scope, Place::Select, &core.targets)?;
        let visible = targets.len();
        let filter = self.condition(scope, Place::Where, core.filter.as_ref())?;
        let having = self.condition(scope, Place::Having, core.having.as_ref())?;
        let order_by = self.order_by(scope, &select.order_by, &mut targets, visible)?;
        let (group_by, grouping_sets) = self.group_by(scope, core, &mut targets, visible)?;
        let distinct = self.distinct(scope, core.distinct.as_ref(), &order_by, &mut targets, visible)?;
        let (limit, offset) = self.limits(scope, select)?;
        self.refuse_locking(select, core, scope)?;
        self.lock(scope, select, &from, filter.as_ref())?;
        if unknowns == Unknowns::Text {
            for target in &mut targets {
                let expr = std::mem::replace(&mut target.expr, Expr::null(INT8));
                target.expr = self.resolve_unknown(expr)?;
            }
        }
        let grouped = !core.group_by.is_empty() || having.is_some() || scope.has_aggregates.get();
        let windows = std::mem::take(&mut scope.windows);
        let mut bound =
            Core { from, filter, group_by, grouping_sets, having, windows, targets, distinct, grouped };
        self.unused_windows(scope, &core.windows)?;
        bound.grouped |= scope.has_aggregates.get();
        self.refuse_recursive_aggregates(&bound)?;
        if bound.grouped {
            self.check_grouping(scope, &bound)?;
        }
        self.prefold(&bound)?;
        if scope.has_set_calls && bound.group_by.iter().any(super::aggregate::contains_set_call) {
            self.sets_to_from(&mut bound)?;
        }
        if self.needs_spreading(scope, &bound) {
            self.spread_groups(scope, &mut bound)?;
        } else if bound.grouped {
            self.settle_groupings(scope, &mut bound);
        }
        let rows = self.spread_frames(scope, &mut bound)?;
        if scope.has_set_calls {
            self.sets_to_from(&mut bound)?;
        }
        let columns = bound.targets[..visible].iter();
        let columns =
            columns.map(|target| OutputColumn { name: target.name.clone(), ty: target.expr.ty }).collect();
        let mut query = Query {
            ctes: rows.into_iter().collect(),
            body: Body::Core(Box::new(bound)),
            columns,
            order_by,
            limit,
            with_ties: select.with_ties,
            offset,
        };
        self.settle_ties(&mut query)?;
        self.postpone(&mut query)?;
        Ok(query)
    }

    /// 42P19 for an aggregate beside a recursive reference.
    fn refuse_recursive_aggregates(&self, core: &Core) -> Result<()> {
        let recursive = |range: &crate::bound::Range| match range.kind {
            RangeKind::Cte(id) => self.recursing.contains(&id),
            _ => false,
        };
        fn any_range(from: &From, test: &dyn Fn(&crate::bound::Range) -> bool) -> bool {
            match from {
                From::Range(range) => test(range),
                From::Join { left, right, .. } => any_range(left, test) || any_range(right, test),
            }
        }
        if self.recursing.is_empty() || !core.from.iter().any(|from| any_range(from, &recursive)) {
            return Ok(());
        }
        let is_aggregate = |kind: &ExprKind| matches!(kind, ExprKind::Aggregate(_));
        let exprs = core.targets.iter().map(|target| &target.expr).chain(&core.having);
        match exprs.into_iter().find_map(|expr| super::aggregate::first_of(expr, is_aggregate)) {
            Some(position) => Err(DatabaseError::new(
                sqlstate::INVALID_RECURSION,
                "aggregate functions are not allowed in a recursive query's recursive term",
            )
            .at(position)),
            None => Ok(()),
        }
    }

    /// WHERE, HAVING: converted to boolean.
    pub fn condition(
        &mut self,
        scope: &mut Scope<'_>,
        place: Place,
        expr: Option<&ast::Expr>,
    ) -> Result<Option<Expr>> {
        let Some(expr) = expr else { return Ok(None) };
        let bound = self.expression(scope, place, expr)?;
        self.coerce_to_boolean(bound, place.name()).map(Some)
    }

    /// LIMIT and OFFSET, as int8.
    pub(crate) fn limits(
        &mut self,
        scope: &mut Scope<'_>,
        select: &ast::Select,
    ) -> Result<(Option<Expr>, Option<Expr>)> {
        let offset = self.limit(scope, Place::Offset, select.offset.as_ref())?;
        if select.with_ties && select.order_by.is_empty() {
            return Err(DatabaseError::new(
                SYNTAX_ERROR,
                "WITH TIES cannot be specified without ORDER BY clause",
            ));
        }
        if select.with_ties && matches!(&select.limit, Some(limit) if limit.kind == ast::ExprKind::Null) {
            return Err(DatabaseError::new(
                INVALID_ROW_COUNT_IN_LIMIT_CLAUSE,
                "row count cannot be null in FETCH FIRST ... WITH TIES clause",
            ));
        }
        Ok((self.limit(scope, Place::Limit, select.limit.as_ref())?, offset))
    }

    fn limit(
        &mut self,
        scope: &mut Scope<'_>,
        place: Place,
        expr: Option<&ast::Expr>,
    ) -> Result<Option<Expr>> {
        let Some(expr) = expr else { return Ok(None) };
        let bound = self.expression(scope, place, expr)?;
        let bound = self.coerce_to_specific(bound, INT8, place.name())?;
        let own = |range| scope.known.iter().any(|known| known.id == range);
        let mut position = None;
        any(&bound, &mut |part| match part.kind {
            ExprKind::Column { range, .. } | ExprKind::WholeRow(range) if own(range) => {
                position = Some(part.position);
                true
            }
            _ => false,
        });
        match position {
            Some(position) => Err(DatabaseError::new(
                INVALID_COLUMN_REFERENCE,
                format!("argument of {} must not contain variables", place.name()),
            )
            .at(position)),
            None => Ok(Some(bound)),
        }
    }

    /// FOR UPDATE has no effect under one writer; PostgreSQL's own refusals stay.
    fn refuse_locking(&self, select: &ast::Select, core: &SelectCore, scope: &Scope<'_>) -> Result<()> {
        let Some(locking) = select.locking.first() else { return Ok(()) };
        let what = if core.distinct.is_some() {
            "DISTINCT clause"
        } else if !core.group_by.is_empty() {
            "GROUP BY clause"
        } else if core.having.is_some() {
            "HAVING clause"
        } else if scope.has_aggregates.get() {
            "aggregate functions"
        } else if !scope.windows.is_empty() {
            "window functions"
        } else if scope.has_set_calls {
            "set-returning functions in the target list"
        } else {
            return Ok(());
        };
        Err(DatabaseError::new(
            sqlstate::FEATURE_NOT_SUPPORTED,
            format!("FOR {} is not allowed with {what}", locking.strength),
        ))
    }

    /// FOR UPDATE and its kin ask for the right to update what they name, or all that FROM names.
    fn lock(
        &mut self,
        scope: &Scope<'_>,
        select: &ast::Select,
        from: &[From],
        filter: Option<&Expr>,
    ) -> Result<()> {
        for locking in &select.locking {
            let of: Vec<&str> =
                locking.of.iter().filter_map(|name| name.parts.last().map(String::as_str)).collect();
            let mut found = BTreeSet::new();
            from.iter().for_each(|from| self.lock_ranges(from, &of, &mut found));
            let join = of.iter().any(|&name| {
                let named =
                    |item: &super::Item| item.range.is_none() && item.relation_visible && item.name == *name;
                !found.contains(name) && scope.items.iter().any(named)
            });
            if join {
                return Err(DatabaseError::new(
                    sqlstate::FEATURE_NOT_SUPPORTED,
                    format!("FOR {} cannot be applied to a join", locking.strength),
                ));
            }
            if let Some(name) = of.iter().find(|name| !found.contains(**name)) {
                let message = format!(
                    "relation \"{name}\" in FOR {} clause not found in FROM clause",
                    locking.strength
                );
                return Err(DatabaseError::new(sqlstate::UNDEFINED_TABLE, message));
            }
            self.refuse_nullable_locks(from, filter, &Lock { strength: locking.strength, of: &of })?;
            self.locking = Some(locking.strength);
        }
        Ok(())
    }

    fn lock_ranges(&mut self, from: &From, of: &[&str], found: &mut BTreeSet<String>) {
        match from {
            From::Join { left, right, .. } => {
                self.lock_ranges(left, of, found);
                self.lock_ranges(right, of, found);
            }
            From::Range(range) => {
                if !of.is_empty() && !of.contains(&range.alias.as_str()) {
                    return;
                }
                found.insert(range.alias.clone());
                match &range.kind {
                    RangeKind::Relation(_) => {
                        if let Some(entry) = self.required.get_mut(&range.id)
                            && !mutant::is(Mutant::LockWithoutPrivilege)
                        {
                            entry.required.privileges =
                                entry.required.privileges.union(catalog::Privileges::UPDATE);
                        }
                    }
                    RangeKind::Subquery { query, .. } => self.lock_query(query),
                    _ => {}
                }
            }
        }
    }

    /// Everything that the FROM of a query names is locked with it.
    pub(crate) fn lock_query(&mut self, query: &Query) {
        if let Body::Core(core) = &query.body {
            core.from.iter().for_each(|from| self.lock_ranges(from, &[], &mut BTreeSet::new()));
        }
    }

    /// VALUES as a query of its own.
    fn values(
        &mut self,
        mut scope: Scope<'_>,
        select: &ast::Select,
        rows: &[Vec<ast::Expr>],
    ) -> Result<Query> {
        let scope = &mut scope;
        let width = rows.first().map_or(0, Vec::len);
        let mut bound: Vec<Vec<Expr>> = Vec::with_capacity(rows.len());
        for row in rows {
            if row.len() != width {
                let position = row.first().map_or(0, |expr| expr.position);
                return Err(
                    DatabaseError::new(SYNTAX_ERROR, "VALUES lists must all be the same length").at(position)
                );
            }
            for expr in row {
                if expr.kind == ast::ExprKind::Default {
                    return Err(DatabaseError::new(SYNTAX_ERROR, "DEFAULT is not allowed in this context")
                        .at(expr.position));
                }
            }
            bound.push(self.expressions(scope, Place::Values, row)?);
        }
        let mut columns = Vec::with_capacity(width);
        for at in 0..width {
            let column: Vec<Expr> = bound.iter_mut().map(|row| row[at].clone()).collect();
            let (ty, column) = self.coerce_all_to_common(column, "VALUES")?;
            let modifier = super::coerce::common_modifier(&column.iter().collect::<Vec<_>>(), ty);
            for (row, value) in bound.iter_mut().zip(column) {
                row[at] = value;
            }
            let ty = catalog::TypeRef { oid: ty, modifier };
            columns.push(RangeColumn { name: format!("column{}", at + 1), ty, not_null: false });
        }
        let kind = RangeKind::Values(bound);
        let range = self.anonymous_range("*VALUES*".to_owned(), columns, None, kind)?;
        let item = self.show(scope, &range, None);
        let targets = item.columns.into_iter();
        let mut targets: Vec<Target> =
            targets.map(|column| Target { expr: column.expr, name: column.name }).collect();
        let visible = targets.len();
        let order_by = self.order_by(scope, &select.order_by, &mut targets, visible)?;
        let (limit, offset) = self.limits(scope, select)?;
        let columns = targets[..visible].iter();
        let columns =
            columns.map(|target| OutputColumn { name: target.name.clone(), ty: target.expr.ty }).collect();
        let core = Core {
            from: vec![From::Range(Box::new(range))],
            filter: None,
            group_by: Vec::new(),
            grouping_sets: Vec::new(),
            having: None,
            windows: Vec::new(),
            targets,
            distinct: None,
            grouped: false,
        };
        let mut query = Query {
            ctes: Vec::new(),
            body: Body::Core(Box::new(core)),
            columns,
            order_by,
            limit,
            with_ties: select.with_ties,
            offset,
        };
        self.settle_ties(&mut query)?;
        Ok(query)
    }

    /// ORDER BY: the keys as items of the output list, new ones behind it.
    pub(crate) fn order_by(
        &mut self,
        scope: &mut Scope<'_>,
        keys: &[ast::OrderBy],
        targets: &mut Vec<Target>,
        visible: usize,
    ) -> Result<Vec<Sort>> {
        let mut sorted: Vec<Sort> = Vec::with_capacity(keys.len());
        for key in keys {
            let target = self.find_target(scope, Place::OrderBy, &key.expr, targets, visible)?;
            let expr = std::mem::replace(&mut targets[target].expr, Expr::null(INT8));
            targets[target].expr = self.resolve_unknown(expr)?;
            let position = key.expr.position;
            let ty = targets[target].expr.ty;
            self.check_sortable(&Expr::null(ty).at(key.expr.start()))?;
            let descending = self.sort_direction(ty.oid, key, position)?;
            if sorted.iter().any(|sort| sort.target == target) {
                continue;
            }
            sorted.push(Sort { target, descending, nulls_first: key.nulls_first.unwrap_or(descending) });
        }
        Ok(sorted)
    }

    /// 42803 for what PostgreSQL calls ungrouped.
    pub(crate) fn grouping_error(message: String, position: u32) -> DatabaseError {
        DatabaseError::new(GROUPING_ERROR, message).at(position)
    }
}
