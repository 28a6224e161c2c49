//! Queries.

use super::{Renderer, call, native};
use crate::bound::{Body, Core, CteBody, Distinct, Expr, ExprKind, From, Query, RangeKind, Sort};
use crate::walk;
use catalog::{IndexKey, TypeRef};
use datum::StoredValue;
use sqlstate::{DatabaseError, Result};
use std::collections::BTreeSet;
use syntax::ast::SetOperator;

impl Renderer<'_> {
    /// A query within another.
    pub(super) fn subquery(&mut self, query: &Query) -> Result<String> {
        let hoists = std::mem::replace(&mut self.hoists, false);
        let siblings = std::mem::take(&mut self.siblings);
        let sql = self.query(query);
        self.siblings = siblings;
        self.hoists = hoists;
        sql
    }

    /// A query.
    pub(super) fn query(&mut self, query: &Query) -> Result<String> {
        let mut sql = self.ctes(query)?;
        if query.with_ties {
            return Err(DatabaseError::unsupported("FETCH … WITH TIES"));
        }
        match &query.body {
            Body::Core(core) => sql.push_str(&self.core(query, core)?),
            Body::Values(rows) => {
                if query.order_by.is_empty() {
                    sql.push_str(&self.values(rows)?);
                } else {
                    let inner = self.values(rows)?;
                    sql.push_str(&self.sorted(query, &inner)?);
                }
            }
            Body::SetOperation { operator, all, left, right } => {
                let inner = self.set_operation(query, *operator, *all, left, right)?;
                if query.order_by.is_empty() && query.limit.is_none() && query.offset.is_none() {
                    sql.push_str(&inner);
                } else {
                    sql.push_str(&self.sorted(query, &inner)?);
                }
            }
        }
        if [&query.limit, &query.offset].into_iter().flatten().any(reads_around) {
            return self.numbered(query, &sql);
        }
        sql.push_str(&self.limits(query)?);
        Ok(sql)
    }

    /// The rows within LIMIT and OFFSET that read a query around, which SQLite does not let them: by their numbers. Both are
    /// looked at even when there is no row.
    fn numbered(&mut self, query: &Query, inner: &str) -> Result<String> {
        let mut value = |expr: &Option<Expr>, word, code, none: &str| match expr {
            Some(expr) => self.bound(expr, word, code, none),
            None => Ok(none.to_owned()),
        };
        let limit = value(&query.limit, "LIMIT", "2201W", "-1")?;
        let offset = value(&query.offset, "OFFSET", "2201X", "0")?;
        let columns: Vec<_> = (0..query.columns.len().max(1)).map(|at| format!("c{at}")).collect();
        let columns = columns.join(", ");
        Ok(format!(
            "SELECT {columns} FROM (SELECT {limit} AS most, {offset} AS before) LEFT JOIN \
             (SELECT {columns}, row_number() OVER () AS n FROM ({inner})) \
             WHERE (most < 0 OR coalesce(n, 0) <= before + most) AND coalesce(n, 0) > before ORDER BY n"
        ))
    }

    fn ctes(&mut self, query: &Query) -> Result<String> {
        let mut texts = Vec::new();
        let mut recursive = false;
        for cte in &query.ctes {
            match &cte.body {
                CteBody::Buffer(buffer) => {
                    self.buffers.insert(cte.id, *buffer);
                }
                CteBody::Query(inner) => {
                    recursive |= cte.recursive;
                    let columns: Vec<_> = (0..cte.columns.len()).map(|at| format!("c{at}")).collect();
                    let columns = if columns.is_empty() { vec!["c0".to_owned()] } else { columns };
                    let body =
                        if cte.recursive { self.recursive(cte.id, inner)? } else { self.subquery(inner)? };
                    let mut volatile = false;
                    walk::visit_query(inner, &mut |expr| {
                        if let ExprKind::Call { function, .. } = expr.kind {
                            volatile |= call::builtin(function)
                                .is_ok_and(|row| row.volatility == catalog::Volatility::Volatile);
                        }
                        walk::Descend::Into
                    });
                    let once = cte.materialized == Some(true)
                        || volatile
                        || (cte.references > 1 && cte.materialized != Some(false));
                    let word = if once && !cte.recursive { "MATERIALIZED " } else { "" };
                    texts.push(format!("cte{}({}) AS {word}({body})", cte.id.0, columns.join(", ")));
                }
            }
        }
        if texts.is_empty() {
            return Ok(String::new());
        }
        Ok(format!("WITH {}{} ", if recursive { "RECURSIVE " } else { "" }, texts.join(", ")))
    }

    fn core(&mut self, query: &Query, core: &Core) -> Result<String> {
        if !core.grouping_sets.is_empty() {
            return Err(DatabaseError::unsupported("GROUPING SETS"));
        }
        core.from.iter().for_each(|from| self.declare(from));
        let mut ranges = BTreeSet::new();
        core.from.iter().for_each(|from| declared(from, &mut ranges));
        let outer_siblings = std::mem::replace(&mut self.siblings, ranges);
        let hoists = std::mem::replace(&mut self.hoists, !core.from.is_empty() && !self.bare);
        self.windows.push(core.windows.clone());
        let sql = self.core_body(query, core);
        self.windows.pop();
        self.hoists = hoists;
        self.siblings = outer_siblings;
        sql
    }

    fn core_body(&mut self, query: &Query, core: &Core) -> Result<String> {
        let collates = std::mem::take(&mut self.collates);
        let (from, mut conditions) = self.items(&core.from)?;
        if let Some(filter) = &core.filter {
            match &filter.kind {
                ExprKind::And(terms) => {
                    for term in terms {
                        let sql = self.condition(term)?;
                        conditions.push(sql);
                    }
                }
                _ => conditions.push(self.condition(filter)?),
            }
        }
        if reads_ordered_rows(core) {
            conditions.iter_mut().for_each(|condition| *condition = format!("({condition}) IS TRUE"));
        }
        let mut tail = String::new();
        if !from.is_empty() {
            tail.push_str(&format!(" FROM {from}"));
        }
        if !conditions.is_empty() {
            tail.push_str(&format!(" WHERE {}", conditions.join(" AND ")));
        }
        tail.push_str(&self.grouping(core)?);
        match &core.distinct {
            Some(Distinct::On(keys)) => self.distinct_on(query, core, keys, &tail),
            distinct => {
                let is_distinct = distinct.is_some();
                let width = query.columns.len();
                let mut targets = Vec::new();
                for (at, target) in core.targets.iter().take(width).enumerate() {
                    let sql = self.expr(&target.expr)?;
                    let sorted = is_distinct || collates || sql.contains(" COLLATE ");
                    let sql = if sorted { self.collated(sql, target.expr.ty) } else { sql };
                    let sql = if at == 0 && hides_grouping(query, core) {
                        format!("CASE WHEN count(*) >= 0 THEN {sql} END")
                    } else {
                        sql
                    };
                    targets.push(format!("{sql} AS c{at}"));
                }
                if targets.is_empty() {
                    targets.push("NULL AS c0".to_owned());
                }
                let word = if is_distinct { "DISTINCT " } else { "" };
                let order = self.order_by(query, core, width)?;
                Ok(format!("SELECT {word}{}{tail}{order}", targets.join(", ")))
            }
        }
    }

    fn grouping(&mut self, core: &Core) -> Result<String> {
        let mut sql = String::new();
        let mut keys = Vec::new();
        for key in &core.group_by {
            // A constant groups nothing, and SQLite would take a number for a place in the list.
            if matches!(key.kind, ExprKind::Constant(_)) {
                continue;
            }
            let sql = self.expr(key)?;
            keys.push(self.collated(sql, key.ty));
        }
        if !core.group_by.is_empty() && keys.is_empty() {
            return Err(DatabaseError::unsupported("GROUP BY constants only"));
        }
        if !keys.is_empty() {
            sql.push_str(&format!(" GROUP BY {}", keys.join(", ")));
        }
        if let Some(having) = &core.having {
            let condition = self.condition(having)?;
            sql.push_str(&format!(" HAVING {condition}"));
        }
        Ok(sql)
    }

    /// ORDER BY: output columns by their names, others as expressions.
    fn order_by(&mut self, query: &Query, core: &Core, width: usize) -> Result<String> {
        let mut keys = Vec::new();
        for Sort { target, descending, nulls_first } in &query.order_by {
            let expr = &core.targets[*target].expr;
            if matches!(expr.kind, ExprKind::Constant(_) | ExprKind::Parameter(_)) {
                continue;
            }
            let sql = if *target < width { format!("c{target}") } else { self.expr(expr)? };
            keys.push(self.order(sql, expr, *descending, *nulls_first));
        }
        Ok(if keys.is_empty() { String::new() } else { format!(" ORDER BY {}", keys.join(", ")) })
    }

    /// DISTINCT ON: the first row of each group, by the order that ORDER BY gives.
    fn distinct_on(&mut self, query: &Query, core: &Core, keys: &[usize], tail: &str) -> Result<String> {
        let mut targets = Vec::new();
        for (at, target) in core.targets.iter().enumerate() {
            let sql = self.expr(&target.expr)?;
            let sql = if sql.contains(" COLLATE ") { self.collated(sql, target.expr.ty) } else { sql };
            targets.push(format!("{sql} AS c{at}"));
        }
        // A window cannot stand in another: what has some is computed below.
        let below = !core.windows.is_empty();
        let mut partition = Vec::new();
        for key in keys {
            let expr = &core.targets[*key].expr;
            let sql = if below { format!("c{key}") } else { self.expr(expr)? };
            partition.push(self.collated(sql, expr.ty));
        }
        let mut inner_order = Vec::new();
        let mut outer_order = Vec::new();
        for Sort { target, descending, nulls_first } in &query.order_by {
            let expr = &core.targets[*target].expr;
            let sql = if below { format!("c{target}") } else { self.expr(expr)? };
            inner_order.push(self.order(sql, expr, *descending, *nulls_first));
            outer_order.push(self.order(format!("c{target}"), expr, *descending, *nulls_first));
        }
        let order = |keys: &[String]| {
            if keys.is_empty() { String::new() } else { format!(" ORDER BY {}", keys.join(", ")) }
        };
        let columns: Vec<_> = (0..query.columns.len()).map(|at| format!("c{at}")).collect();
        let (targets, tail) = match below {
            true => {
                let all: Vec<_> = (0..targets.len()).map(|at| format!("c{at}")).collect();
                (all, format!(" FROM (SELECT {}{tail})", targets.join(", ")))
            }
            false => (targets, tail.to_owned()),
        };
        Ok(format!(
            "SELECT {} FROM (SELECT {}, row_number() OVER (PARTITION BY {}{}) AS n{tail}) WHERE n = 1{}",
            columns.join(", "),
            targets.join(", "),
            partition.join(", "),
            order(&inner_order),
            order(&outer_order)
        ))
    }

    fn set_operation(
        &mut self,
        query: &Query,
        operator: SetOperator,
        all: bool,
        left: &Query,
        right: &Query,
    ) -> Result<String> {
        let word = match (operator, all) {
            (SetOperator::Union, true) => "UNION ALL",
            (SetOperator::Union, false) => "UNION",
            (SetOperator::Intersect, false) => "INTERSECT",
            (SetOperator::Except, false) => "EXCEPT",
            (SetOperator::Intersect, true) => {
                let (left, right) = smaller_first(left, right);
                return self.counted(query, "INTERSECT", left, right);
            }
            (SetOperator::Except, true) => return self.counted(query, "EXCEPT", left, right),
        };
        let (left, right) =
            if operator == SetOperator::Intersect { smaller_first(left, right) } else { (left, right) };
        let left = self.arm(query, left)?;
        let right = self.arm(query, right)?;
        // Of rows that are equal and print apart (1, 1.0) PostgreSQL keeps the first; so does DISTINCT in SQLite, its set
        // operations keep the last.
        if !all && query.columns.iter().any(|column| self.collation(column.ty).is_some()) {
            let columns = query.columns.iter().enumerate();
            let columns: Vec<_> =
                columns.map(|(at, column)| format!("c{at}{} AS c{at}", self.collate(column.ty))).collect();
            let columns = columns.join(", ");
            return Ok(match operator {
                SetOperator::Union => format!("SELECT DISTINCT {columns} FROM ({left} UNION ALL {right})"),
                _ => format!("SELECT DISTINCT {columns} FROM ({left}) {word} {right}"),
            });
        }
        Ok(format!("{left} {word} {right}"))
    }

    /// INTERSECT ALL and EXCEPT ALL: equal rows are told apart by counting them.
    fn counted(&mut self, query: &Query, word: &str, left: &Query, right: &Query) -> Result<String> {
        let columns: Vec<_> = (0..query.columns.len().max(1)).map(|at| format!("c{at}")).collect();
        let collated = query.columns.iter().zip(&columns);
        let mut keys: Vec<_> =
            collated.map(|(column, name)| format!("{name}{}", self.collate(column.ty))).collect();
        if keys.is_empty() {
            keys.push("c0".to_owned());
        }
        // Of equal rows that print apart the first stands for all.
        let targets = keys.iter().zip(&columns).map(|(key, name)| match key.strip_prefix(name.as_str()) {
            Some(collate) if !collate.is_empty() => {
                format!("first_value({name}) OVER w{collate} AS {name}")
            }
            _ => format!("{key} AS {name}"),
        });
        let (targets, keys) = (targets.collect::<Vec<_>>().join(", "), keys.join(", "));
        let mut arms = Vec::with_capacity(2);
        for arm in [left, right] {
            let inner = self.subquery(arm)?;
            arms.push(format!(
                "SELECT {targets}, row_number() OVER w AS n FROM ({inner}) WINDOW w AS (PARTITION BY {keys})"
            ));
        }
        Ok(format!("SELECT {} FROM ({})", columns.join(", "), arms.join(&format!(" {word} "))))
    }

    /// An arm of a set operation, with the collations that equality needs. SQLite has no brackets there, and a recursive
    /// reference must stand in the arm itself.
    pub(super) fn arm(&mut self, query: &Query, arm: &Query) -> Result<String> {
        let collated = query.columns.iter().any(|column| self.collation(column.ty).is_some());
        let plain = match &arm.body {
            Body::Core(core) => core.distinct.is_none(),
            Body::Values(_) | Body::SetOperation { .. } => false,
        };
        let ends = !arm.order_by.is_empty() || arm.limit.is_some() || arm.offset.is_some();
        if plain && !collated && !ends && arm.ctes.is_empty() {
            return self.subquery(arm);
        }
        let inner = self.subquery(arm)?;
        let columns = query.columns.iter().enumerate();
        let mut columns: Vec<_> =
            columns.map(|(at, column)| format!("c{at}{} AS c{at}", self.collate(column.ty))).collect();
        if columns.is_empty() {
            columns.push("c0".to_owned());
        }
        Ok(format!("SELECT {} FROM ({inner})", columns.join(", ")))
    }

    /// Sorts what is no plain SELECT.
    fn sorted(&mut self, query: &Query, inner: &str) -> Result<String> {
        let columns: Vec<_> = (0..query.columns.len().max(1)).map(|at| format!("c{at}")).collect();
        let mut sql = format!("SELECT {} FROM ({inner})", columns.join(", "));
        let mut keys = Vec::new();
        for Sort { target, descending, nulls_first } in &query.order_by {
            let column =
                query.columns.get(*target).ok_or_else(|| DatabaseError::internal("no such output column"))?;
            let expr = Expr::new(ExprKind::Default, column.ty);
            keys.push(self.order(format!("c{target}"), &expr, *descending, *nulls_first));
        }
        if !keys.is_empty() {
            sql.push_str(&format!(" ORDER BY {}", keys.join(", ")));
        }
        Ok(sql)
    }

    fn limits(&mut self, query: &Query) -> Result<String> {
        let mut sql = String::new();
        if let Some(limit) = &query.limit {
            sql.push_str(&format!(" LIMIT {}", self.bound(limit, "LIMIT", "2201W", "-1")?));
        }
        if let Some(offset) = &query.offset {
            if query.limit.is_none() {
                sql.push_str(" LIMIT -1");
            }
            sql.push_str(&format!(" OFFSET {}", self.bound(offset, "OFFSET", "2201X", "0")?));
        }
        Ok(sql)
    }

    /// LIMIT or OFFSET: negative is an error, NULL is none.
    fn bound(&mut self, expr: &Expr, word: &str, code: &str, none: &str) -> Result<String> {
        match &expr.kind {
            ExprKind::Constant(StoredValue::Integer(number)) if *number >= 0 => return Ok(number.to_string()),
            ExprKind::Constant(StoredValue::Null) => return Ok(none.to_owned()),
            _ => {}
        }
        let sql = self.expr(expr)?;
        Ok(format!(
            "coalesce(CASE WHEN {sql} < 0 THEN pg_fail('{code}', '{word} must not be negative') ELSE {sql} END, {none})"
        ))
    }

    /// A sub-query as a value. PostgreSQL refuses a second row (21000).
    pub(super) fn scalar_subquery(&mut self, query: &Query) -> Result<String> {
        let sql = self.subquery(query)?;
        if self.gives_one_row_at_most(query) {
            return Ok(format!("({sql})"));
        }
        let message = "more than one row returned by a subquery used as an expression";
        let limited = if query.limit.is_none() && query.offset.is_none() { " LIMIT 2" } else { "" };
        Ok(format!(
            "(SELECT CASE WHEN count(*) > 1 THEN pg_fail('21000', '{message}') ELSE max(c0) END FROM ({sql}{limited}))"
        ))
    }

    /// Whether it is plain that a query gives no second row.
    fn gives_one_row_at_most(&self, query: &Query) -> bool {
        if let Some(ExprKind::Constant(StoredValue::Integer(0 | 1))) =
            query.limit.as_ref().map(|limit| &limit.kind)
        {
            return true;
        }
        let Body::Core(core) = &query.body else { return false };
        if core.grouped && core.group_by.is_empty() && core.grouping_sets.is_empty() {
            return true;
        }
        let [from] = core.from.as_slice() else { return core.from.is_empty() };
        let From::Range(range) = from else { return false };
        match &range.kind {
            RangeKind::Relation(relation) => {
                let mut fixed = BTreeSet::new();
                let terms = core.filter.iter().chain(&relation.filters);
                for term in terms {
                    fixed_columns(term, range.id, &mut fixed);
                }
                let numbers: BTreeSet<_> = fixed
                    .into_iter()
                    .filter_map(|at: usize| relation.relation.columns.get(at))
                    .map(|column| column.number)
                    .collect();
                self.catalog.indexes_of(relation.relation.oid).any(|index| {
                    index.unique
                        && index.filter.is_none()
                        && index.elements.iter().all(|element| match &element.key {
                            IndexKey::Column(number) => numbers.contains(number),
                            IndexKey::Expression(_) => false,
                        })
                })
            }
            _ => false,
        }
    }

    /// ARRAY(SELECT …).
    pub(super) fn array_subquery(&mut self, query: &Query, ty: TypeRef) -> Result<String> {
        let Some(column) = query.columns.first() else {
            return Err(DatabaseError::internal("a sub-query without columns"));
        };
        let arrays = self.catalog.element_type(self.catalog.base_type(column.ty).oid).is_some();
        let name = if arrays { "array_agg_anyarray" } else { "array_agg_anynonarray" };
        if datum::aggregate_named(name).is_none() {
            return Err(DatabaseError::unsupported("ARRAY(SELECT …) of this type"));
        }
        let sql = self.subquery(query)?;
        Ok(format!("(SELECT coalesce(pg_{name}('{},{}', c0), '[]') FROM ({sql}))", column.ty.oid, ty.oid))
    }
}

/// The ranges of an item of FROM.
fn declared(from: &From, ranges: &mut BTreeSet<crate::bound::RangeId>) {
    match from {
        From::Range(range) => {
            ranges.insert(range.id);
        }
        From::Join { left, right, .. } => {
            declared(left, ranges);
            declared(right, ranges);
        }
    }
}

/// The columns of a range that a condition holds equal to something outside of it.
fn fixed_columns(term: &Expr, range: crate::bound::RangeId, found: &mut BTreeSet<usize>) {
    match &term.kind {
        ExprKind::And(terms) => terms.iter().for_each(|term| fixed_columns(term, range, found)),
        ExprKind::Operator { operator, args } => {
            let equal = call::operator_function(*operator)
                .is_ok_and(|row| native::comparison(row.source) == Some("="));
            let [left, right] = args.as_slice() else { return };
            if !equal {
                return;
            }
            for (side, other) in [(left, right), (right, left)] {
                let reads = walk::any(
                    other,
                    &mut |part| matches!(part.kind, ExprKind::Column { range: of, .. } | ExprKind::WholeRow(of) if of == range),
                );
                if let ExprKind::Column { range: of, column } = side.kind
                    && of == range
                    && !reads
                {
                    found.insert(column);
                }
            }
        }
        _ => {}
    }
}

/// Whether SQLite does not see that HAVING stands over one group: it looks at the list, but not into window functions.
fn hides_grouping(query: &Query, core: &Core) -> bool {
    fn aggregates(expr: &Expr) -> bool {
        match expr.kind {
            ExprKind::Aggregate(_) => true,
            ExprKind::Window { .. } => false,
            _ => {
                let mut found = false;
                walk::parts(expr, &mut |part| found = found || aggregates(part));
                found
            }
        }
    }
    let mut listed = core.targets.iter().take(query.columns.len());
    core.having.is_some() && core.group_by.is_empty() && !listed.any(|target| aggregates(&target.expr))
}

/// Whether LIMIT or OFFSET reads a column: it can only be one of a query around, but for those of its sub-queries.
fn reads_around(expr: &Expr) -> bool {
    let mut brought = BTreeSet::new();
    walk::visit(expr, &mut |part| {
        if let Some(query) = walk::subquery(part) {
            super::condition::brought_by_query(query, &mut brought);
        }
        walk::Descend::Into
    });
    walk::any(expr, &mut |part| match part.kind {
        ExprKind::Column { range, .. } | ExprKind::WholeRow(range) | ExprKind::RowId(range) => {
            !brought.contains(&range)
        }
        _ => false,
    })
}

/// Whether the rows come from one sub-query that gives so many of them in an order. SQLite would look for equal values in an automatic
/// index on them, from which they come in another; PostgreSQL reads them one after another.
fn reads_ordered_rows(core: &Core) -> bool {
    let [From::Range(range)] = core.from.as_slice() else { return false };
    let RangeKind::Subquery { query, .. } = &range.kind else { return false };
    query.limit.is_some() && !query.order_by.is_empty()
}

/// The sides of INTERSECT. PostgreSQL reads the smaller one first, and of rows that are equal and print apart it keeps those; how
/// many rows a table has is for its statistics to say, so only what is written out counts.
fn smaller_first<'q>(left: &'q Query, right: &'q Query) -> (&'q Query, &'q Query) {
    match (written_rows(left), written_rows(right)) {
        (Some(first), Some(second)) if second < first => (right, left),
        _ => (left, right),
    }
}

/// How many rows a query of nothing but written values has.
fn written_rows(query: &Query) -> Option<usize> {
    if query.limit.is_some() || query.offset.is_some() {
        return None;
    }
    match &query.body {
        Body::Values(rows) => Some(rows.len()),
        Body::SetOperation { .. } => None,
        Body::Core(core) => {
            let plain =
                core.filter.is_none() && !core.grouped && core.distinct.is_none() && core.having.is_none();
            match core.from.as_slice() {
                _ if !plain => None,
                [] => Some(1),
                [From::Range(range)] => match &range.kind {
                    RangeKind::Values(rows) => Some(rows.len()),
                    RangeKind::Subquery { query, .. } => written_rows(query),
                    _ => None,
                },
                _ => None,
            }
        }
    }
}
