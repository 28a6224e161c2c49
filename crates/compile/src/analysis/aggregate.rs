//! Aggregates and what may follow a call: parse_agg.c's transformAggregateCall.

use super::resolve::Candidate;
use super::{Analysis, Place, Scope};
use crate::bound::{Aggregate, Conversion, Expr, ExprKind, RangeId, SortExpr};
use crate::walk::{Descend, any_here, visit};
use catalog::TypeRef;
use catalog::builtin::AggregateKind;
use sqlstate::{
    DatabaseError, FEATURE_NOT_SUPPORTED, GROUPING_ERROR, INVALID_COLUMN_REFERENCE, Result, WRONG_OBJECT_TYPE,
};
use std::collections::BTreeSet;
use syntax::ast::{self, FunctionCall, Name, OrderBy, Over, Position};

/// What may follow a call's arguments.
#[derive(Debug)]
pub(crate) struct CallClauses<'a> {
    pub(crate) star: bool,
    pub(crate) variadic: bool,
    pub(crate) distinct: bool,
    pub(crate) order_by: &'a [OrderBy],
    pub(crate) within_group: &'a [OrderBy],
    pub(crate) filter: Option<&'a ast::Expr>,
    pub(crate) over: Option<&'a Over>,
}

impl<'a> CallClauses<'a> {
    pub(crate) fn of(call: &'a FunctionCall) -> CallClauses<'a> {
        CallClauses {
            star: call.star,
            variadic: call.variadic,
            distinct: call.distinct,
            order_by: &call.order_by,
            within_group: &call.within_group,
            filter: call.filter.as_deref(),
            over: call.over.as_ref(),
        }
    }

    pub(crate) fn none() -> CallClauses<'static> {
        CallClauses {
            star: false,
            variadic: false,
            distinct: false,
            order_by: &[],
            within_group: &[],
            filter: None,
            over: None,
        }
    }

    pub(crate) fn is_plain(&self) -> bool {
        !self.star
            && !self.variadic
            && !self.distinct
            && self.order_by.is_empty()
            && self.within_group.is_empty()
            && self.filter.is_none()
            && self.over.is_none()
    }

    /// A plain function takes none of them.
    pub(crate) fn refuse_for_plain(&self, name: &Name, position: Position) -> Result<()> {
        let name = name.parts.join(".");
        let refuse = |message: String| Err(DatabaseError::new(WRONG_OBJECT_TYPE, message).at(position));
        if self.star {
            return refuse(format!("{name}(*) specified, but {name} is not an aggregate function"));
        }
        if self.distinct {
            return refuse(format!("DISTINCT specified, but {name} is not an aggregate function"));
        }
        if !self.within_group.is_empty() {
            return refuse(format!("WITHIN GROUP specified, but {name} is not an aggregate function"));
        }
        if !self.order_by.is_empty() {
            return refuse(format!("ORDER BY specified, but {name} is not an aggregate function"));
        }
        if self.filter.is_some() {
            return refuse(format!("FILTER specified, but {name} is not an aggregate function"));
        }
        if self.over.is_some() {
            return refuse(format!(
                "OVER specified, but {name} is not a window function nor an aggregate function"
            ));
        }
        Ok(())
    }

    pub(crate) fn check_aggregate(&self, name: &Name, position: Position) -> Result<()> {
        if !self.within_group.is_empty() {
            return Err(DatabaseError::new(
                WRONG_OBJECT_TYPE,
                format!(
                    "{} is not an ordered-set aggregate, so it cannot have WITHIN GROUP",
                    name.parts.join(".")
                ),
            )
            .at(position));
        }
        Ok(())
    }

    pub(crate) fn check_ordered_set(&self, name: &Name, position: Position) -> Result<()> {
        let name = name.parts.join(".");
        if self.within_group.is_empty() {
            return Err(DatabaseError::new(
                WRONG_OBJECT_TYPE,
                format!("WITHIN GROUP is required for ordered-set aggregate {name}"),
            )
            .at(position));
        }
        if self.over.is_some() {
            return Err(DatabaseError::new(
                FEATURE_NOT_SUPPORTED,
                format!("OVER is not supported for ordered-set aggregate {name}"),
            )
            .at(position));
        }
        Ok(())
    }

    pub(crate) fn check_window(&self, name: &Name, position: Position) -> Result<()> {
        let name = name.parts.join(".");
        if self.over.is_none() {
            return Err(DatabaseError::new(
                WRONG_OBJECT_TYPE,
                format!("window function {name} requires an OVER clause"),
            )
            .at(position));
        }
        if !self.within_group.is_empty() {
            return Err(DatabaseError::new(
                WRONG_OBJECT_TYPE,
                format!("window function {name} cannot have WITHIN GROUP"),
            )
            .at(position));
        }
        Ok(())
    }
}

impl Analysis<'_> {
    #[expect(clippy::too_many_arguments, reason = "an aggregate's call has this many parts")]
    pub(crate) fn aggregate_call(
        &mut self,
        scope: &mut Scope<'_>,
        place: Place,
        candidate: &Candidate,
        kind: AggregateKind,
        args: Vec<Expr>,
        ty: TypeRef,
        clauses: &CallClauses<'_>,
        name: &Name,
        position: Position,
    ) -> Result<Expr> {
        let named = name.parts.join(".");
        let wrong = |message: String| DatabaseError::new(WRONG_OBJECT_TYPE, message).at(position);
        if args.is_empty() && !clauses.star && kind == AggregateKind::Normal {
            return Err(wrong(format!("{named}(*) must be used to call a parameterless aggregate function")));
        }
        if candidate.function >= catalog::FIRST_USER_OID {
            return Err(DatabaseError::unsupported(format_args!("aggregate {named}")).at(position));
        }
        if let Some(set) = args.iter().find(|arg| contains_set_call(arg)) {
            return Err(DatabaseError::new(
                FEATURE_NOT_SUPPORTED,
                "aggregate function calls cannot contain set-returning function calls",
            )
            .with_hint("You might be able to move the set-returning function into a LATERAL FROM item.")
            .at(set.position));
        }
        let mut aggregate = Aggregate {
            function: candidate.function,
            direct: Vec::new(),
            args,
            distinct: clauses.distinct,
            order_by: Vec::new(),
            filter: None,
        };
        match kind {
            AggregateKind::Normal => {
                aggregate.order_by = self.sort_keys(scope, place, clauses.order_by)?;
                // An argument that was only relabelled is the same thing to sort by.
                for key in &mut aggregate.order_by {
                    let same = aggregate.args.iter().find(|arg| match &arg.kind {
                        ExprKind::Convert { expr, by: Conversion::Relabel } => **expr == key.expr,
                        _ => false,
                    });
                    if let Some(same) = same {
                        key.expr = same.clone();
                    }
                }
            }
            AggregateKind::OrderedSet(direct) => {
                let sorted = aggregate.args.split_off(usize::from(direct).min(aggregate.args.len()));
                aggregate.direct = std::mem::take(&mut aggregate.args);
                for (expr, key) in sorted.into_iter().zip(clauses.within_group) {
                    aggregate.order_by.push(self.sort_key(expr, key)?);
                }
            }
            AggregateKind::HypotheticalSet(_) => {
                let keys = clauses.within_group.len();
                let given = aggregate.args.len().saturating_sub(keys);
                if given != keys {
                    let types: Vec<_> = aggregate.args.iter().map(|arg| arg.ty.oid).collect();
                    let signature = self.call_signature(name, &types, &[]);
                    return Err(DatabaseError::new(
                        sqlstate::UNDEFINED_FUNCTION,
                        format!("function {signature} does not exist"),
                    )
                    .with_hint(format!(
                        "To use the hypothetical-set aggregate {named}, the number of hypothetical direct arguments (here {given}) must match the number of ordering columns (here {keys})."
                    ))
                    .at(position));
                }
                let sorted = aggregate.args.split_off(given);
                let direct = std::mem::take(&mut aggregate.args);
                for ((direct, expr), key) in direct.into_iter().zip(sorted).zip(clauses.within_group) {
                    let (_, mut pair) = self.coerce_all_to_common(vec![expr, direct], "WITHIN GROUP")?;
                    let (Some(direct), Some(expr)) = (pair.pop(), pair.pop()) else {
                        return Err(DatabaseError::internal("a pair of one"));
                    };
                    aggregate.direct.push(direct);
                    aggregate.order_by.push(self.sort_key(expr, key)?);
                }
            }
        }
        if clauses.distinct {
            // An untyped literal that "any" took is sorted as text.
            for arg in &mut aggregate.args {
                let untyped = std::mem::replace(arg, Expr::null(crate::types::TEXT));
                *arg = self.resolve_unknown(untyped)?;
            }
            self.check_distinct_aggregate(&aggregate, position)?;
        }
        if let Some(filter) = clauses.filter {
            let filter = self.expression(scope, Place::Filter, filter)?;
            aggregate.filter = Some(self.coerce_to_boolean(filter, "FILTER")?);
        }
        if let Some(over) = clauses.over {
            if aggregate.distinct {
                return Err(DatabaseError::new(
                    FEATURE_NOT_SUPPORTED,
                    "DISTINCT is not implemented for window functions",
                )
                .at(position));
            }
            if !aggregate.order_by.is_empty() {
                return Err(DatabaseError::new(
                    FEATURE_NOT_SUPPORTED,
                    "aggregate ORDER BY is not implemented for window functions",
                )
                .at(position));
            }
            return self.over(scope, place, aggregate, over, ty, position);
        }
        self.place_aggregate(scope, place, &aggregate_parts(&aggregate), position)?;
        Ok(Expr::new(ExprKind::Aggregate(Box::new(aggregate)), ty).at(position))
    }

    fn check_distinct_aggregate(&self, aggregate: &Aggregate, position: Position) -> Result<()> {
        for arg in &aggregate.args {
            self.equality_operator(arg.ty.oid).map_err(|error| self.located(error, arg.position))?;
        }
        for key in &aggregate.order_by {
            if !aggregate.args.contains(&key.expr) {
                return Err(DatabaseError::new(
                    INVALID_COLUMN_REFERENCE,
                    "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list",
                )
                .at(if key.expr.position == 0 { position } else { key.expr.position }));
            }
        }
        Ok(())
    }

    /// check_agglevels_and_constraints
    fn place_aggregate(
        &mut self,
        scope: &mut Scope<'_>,
        place: Place,
        parts: &[&Expr],
        position: Position,
    ) -> Result<()> {
        for part in parts {
            if let Some(inner) = first_of(part, |kind| matches!(kind, ExprKind::Aggregate(_))) {
                return Err(
                    DatabaseError::new(GROUPING_ERROR, "aggregate function calls cannot be nested").at(inner)
                );
            }
            if let Some(inner) = first_of(part, |kind| matches!(kind, ExprKind::Window { .. })) {
                return Err(DatabaseError::new(
                    GROUPING_ERROR,
                    "aggregate function calls cannot contain window function calls",
                )
                .at(inner));
            }
        }
        let mut ranges = BTreeSet::new();
        for part in parts {
            outer_ranges(part, &mut ranges);
        }
        let own = |range: &RangeId| scope.known.iter().any(|known| known.id == *range);
        let mut inner = None;
        let known: BTreeSet<RangeId> = scope.known.iter().map(|known| known.id).collect();
        for part in parts {
            // One in a sub-query that reads only what is here is one of here.
            crate::walk::any(part, &mut |part| {
                let nested = match &part.kind {
                    ExprKind::Aggregate(aggregate) => belongs_to(aggregate, &known),
                    ExprKind::Grouping(args) => groups_by(args, &known),
                    _ => false,
                };
                if nested {
                    inner = inner.or(Some(part.position));
                }
                inner.is_some()
            });
        }
        if let Some(inner) = inner {
            return Err(
                DatabaseError::new(GROUPING_ERROR, "aggregate function calls cannot be nested").at(inner)
            );
        }
        if ranges.is_empty() && parts.iter().any(|part| reads_row(part)) {
            // It is one of the outermost place, whose row it reads.
            let mut level = scope.parent;
            while let Some(outer) = level {
                let refused = outer.subquery_place.get().and_then(Place::refuses_aggregates);
                if let (None, Some(message)) = (outer.parent, refused) {
                    return Err(DatabaseError::new(GROUPING_ERROR, message).at(position));
                }
                level = outer.parent;
            }
        }
        if !ranges.is_empty() && !ranges.iter().any(own) {
            // It is one of the query around that it reads.
            let mut level = scope.parent;
            while let Some(outer) = level {
                let reads = |range: &RangeId| outer.known.iter().any(|known| known.id == *range);
                if ranges.iter().any(reads) {
                    let refused = outer.subquery_place.get().and_then(Place::refuses_aggregates);
                    if let Some(message) = refused {
                        return Err(DatabaseError::new(GROUPING_ERROR, message).at(position));
                    }
                    outer.has_aggregates.set(true);
                    return Ok(());
                }
                level = outer.parent;
            }
        }
        if let Some(message) = place.refuses_aggregates() {
            return Err(DatabaseError::new(GROUPING_ERROR, message).at(position));
        }
        scope.has_aggregates.set(true);
        Ok(())
    }

    /// GROUPING(a, b)
    pub(crate) fn grouping_call(
        &mut self,
        scope: &mut Scope<'_>,
        place: Place,
        args: &[ast::Expr],
        position: Position,
    ) -> Result<Expr> {
        if args.len() > 31 {
            return Err(DatabaseError::new(
                sqlstate::TOO_MANY_ARGUMENTS,
                "GROUPING must have fewer than 32 arguments",
            )
            .at(position));
        }
        let args = self.expressions(scope, place, args)?;
        let refused = |place: Option<Place>| {
            let message = place.and_then(Place::refuses_aggregates)?;
            let message = message.replace("aggregate functions", "grouping operations");
            Some(DatabaseError::new(GROUPING_ERROR, message).at(position))
        };
        let grouping = Expr::new(ExprKind::Grouping(args), crate::types::INT4).at(position);
        let mut ranges = BTreeSet::new();
        outer_ranges(&grouping, &mut ranges);
        // It is one of the innermost query that it reads.
        let mut level = (!ranges.is_empty()).then_some(&*scope);
        while let Some(query) = level {
            if query.known.iter().any(|known| ranges.contains(&known.id)) {
                break;
            }
            level = query.parent;
        }
        let (query, place) = match level {
            Some(outer) if !std::ptr::eq(outer, &*scope) => (outer, outer.subquery_place.get()),
            _ => (&*scope, Some(place)),
        };
        if let Some(error) = refused(place) {
            return Err(error);
        }
        query.has_aggregates.set(true);
        Ok(grouping)
    }

    /// ORDER BY within an aggregate or a window.
    pub(crate) fn sort_keys(
        &mut self,
        scope: &mut Scope<'_>,
        place: Place,
        keys: &[OrderBy],
    ) -> Result<Vec<SortExpr>> {
        let mut sorted = Vec::with_capacity(keys.len());
        for key in keys {
            let expr = self.expression(scope, place, &key.expr)?;
            sorted.push(self.sort_key(expr, key)?);
        }
        Ok(sorted)
    }

    pub(crate) fn sort_key(&mut self, expr: Expr, key: &OrderBy) -> Result<SortExpr> {
        let expr = self.resolve_unknown(expr)?;
        self.check_sortable(&expr)?;
        let descending = self.sort_direction(expr.ty.oid, key, expr.position)?;
        let nulls_first = key.nulls_first.unwrap_or(descending);
        Ok(SortExpr { expr, descending, nulls_first })
    }

    /// Whether a key sorts downwards; ORDER BY … USING says it by the operator.
    pub(crate) fn sort_direction(&self, ty: catalog::Oid, key: &OrderBy, position: Position) -> Result<bool> {
        let Some(operator) = &key.using else { return Ok(key.descending) };
        let row = self.binary_operator(&super::operation::operator_name(operator), ty, ty, position)?;
        let is =
            |symbol: &str| self.comparison_operator(ty, symbol).is_some_and(|known| known.oid == row.oid);
        if is(">") || is("<") {
            return Ok(is(">"));
        }
        Err(DatabaseError::new(
            WRONG_OBJECT_TYPE,
            format!("operator {operator} is not a valid ordering operator"),
        )
        .with_hint("Ordering operators must be \"<\" or \">\" members of btree operator families.")
        .at(position))
    }

    /// 42883 `could not identify an ordering operator for type json`
    pub(crate) fn check_sortable(&self, expr: &Expr) -> Result<()> {
        if self.comparison_operator(expr.ty.oid, "<").is_some() {
            return Ok(());
        }
        let error = DatabaseError::new(
            sqlstate::UNDEFINED_FUNCTION,
            format!("could not identify an ordering operator for type {}", self.type_name(expr.ty.oid)),
        )
        .with_hint("Use an explicit ordering operator or modify the query.");
        Err(self.located(error, expr.position))
    }
}

/// All expressions of an aggregate's call.
pub(crate) fn aggregate_parts(aggregate: &Aggregate) -> Vec<&Expr> {
    let direct = aggregate.direct.iter().chain(&aggregate.args);
    direct.chain(aggregate.order_by.iter().map(|key| &key.expr)).chain(&aggregate.filter).collect()
}

/// Where the first such part stands, sub-queries left out.
pub(crate) fn first_of(expr: &Expr, test: impl Fn(&ExprKind) -> bool) -> Option<Position> {
    let mut found = None;
    any_here(expr, &mut |part| {
        if test(&part.kind) {
            found = Some(part.position);
            return true;
        }
        false
    });
    found
}

pub(crate) fn contains_set_call(expr: &Expr) -> bool {
    any_here(expr, &mut |part| matches!(part.kind, ExprKind::SetCall { .. }))
}

/// The ranges that an expression reads, but for those of sub-queries within it.
pub(crate) fn outer_ranges(expr: &Expr, ranges: &mut BTreeSet<RangeId>) {
    let mut inner = BTreeSet::new();
    visit(expr, &mut |part| {
        if let Some(query) = crate::walk::subquery(part) {
            ranges_of(query, &mut inner);
        }
        match part.kind {
            ExprKind::Column { range, .. } | ExprKind::WholeRow(range) | ExprKind::RowId(range)
                if !inner.contains(&range) =>
            {
                ranges.insert(range);
            }
            _ => {}
        }
        Descend::Into
    });
}

/// Whether it reads the row that a definition is about, or that is written.
fn reads_row(expr: &Expr) -> bool {
    use crate::program::Bind;
    crate::walk::any(expr, &mut |part| {
        matches!(part.kind, ExprKind::Bind(Bind::New(_) | Bind::Old(_) | Bind::Excluded(_) | Bind::Extra(_)))
    })
}

/// The ranges of a query's own FROM, and of those within it.
pub(crate) fn ranges_of(query: &crate::bound::Query, ranges: &mut BTreeSet<RangeId>) {
    use crate::bound::{Body, CteBody, From, RangeKind};
    fn from(item: &From, ranges: &mut BTreeSet<RangeId>) {
        match item {
            From::Range(range) => {
                ranges.insert(range.id);
                if let RangeKind::Subquery { query, .. } = &range.kind {
                    ranges_of(query, ranges);
                }
            }
            From::Join { left, right, .. } => {
                from(left, ranges);
                from(right, ranges);
            }
        }
    }
    for cte in &query.ctes {
        if let CteBody::Query(query) = &cte.body {
            ranges_of(query, ranges);
        }
    }
    match &query.body {
        Body::Core(core) => core.from.iter().for_each(|item| from(item, ranges)),
        Body::Values(_) => {}
        Body::SetOperation { left, right, .. } => {
            ranges_of(left, ranges);
            ranges_of(right, ranges);
        }
    }
}

/// Whether GROUPING with these arguments is one of the query that has these ranges.
pub(crate) fn groups_by(args: &[Expr], own: &BTreeSet<RangeId>) -> bool {
    let mut ranges = BTreeSet::new();
    args.iter().for_each(|arg| outer_ranges(arg, &mut ranges));
    ranges.is_empty() || !ranges.is_disjoint(own)
}

/// Whether an aggregate within a sub-query is one of the query that has these ranges.
pub(crate) fn belongs_to(aggregate: &Aggregate, own: &BTreeSet<RangeId>) -> bool {
    let mut ranges = BTreeSet::new();
    for part in aggregate_parts(aggregate) {
        outer_ranges(part, &mut ranges);
    }
    !ranges.is_empty() && ranges.is_subset(own)
}
