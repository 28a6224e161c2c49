//! UNION, INTERSECT, EXCEPT: transformSetOperationStmt.

use super::{Analysis, Place, Scope, Unknowns};
use crate::bound::{
    Body, Core, Expr, ExprKind, From, OutputColumn, Query, RangeColumn, RangeKind, Sort, Target,
};
use crate::types::{BOOL, INT8, TEXT, plain};
use datum::oid;
use sqlstate::{AMBIGUOUS_COLUMN, DatabaseError, INVALID_COLUMN_REFERENCE, Result, SYNTAX_ERROR};
use syntax::ast::{self, ExprKind as Ast, QueryBody, SetOperator};

/// row_number()
const ROW_NUMBER: catalog::Oid = 3100;
/// rank()
const RANK: catalog::Oid = 3101;

/// A bound of FETCH … WITH TIES, whose sign must be known.
fn fixed_bound(expr: Expr, code: sqlstate::SqlState, word: &str) -> Result<Expr> {
    match &expr.kind {
        ExprKind::Constant(datum::StoredValue::Integer(number)) if *number < 0 => {
            Err(DatabaseError::new(code, format!("{word} must not be negative")))
        }
        ExprKind::Constant(datum::StoredValue::Null) if word == "OFFSET" => {
            Ok(Expr::new(ExprKind::Constant(datum::StoredValue::Integer(0)), INT8))
        }
        ExprKind::Constant(_) => Ok(expr),
        _ => Err(DatabaseError::unsupported("FETCH … WITH TIES with a number that is no constant")
            .at(expr.position)),
    }
}

fn core_filter(query: &mut Query, filter: Expr) {
    if let Body::Core(core) = &mut query.body {
        core.filter = Some(filter);
    }
}

impl Analysis<'_> {
    /// A set operation with its ORDER BY and LIMIT.
    pub(crate) fn set_operation(&mut self, mut scope: Scope<'_>, select: &ast::Select) -> Result<Query> {
        let scope = &mut scope;
        if let Some(locking) = select.locking.first() {
            return Err(DatabaseError::new(
                sqlstate::FEATURE_NOT_SUPPORTED,
                format!("FOR {} is not allowed with UNION/INTERSECT/EXCEPT", locking.strength),
            ));
        }
        let mut query = self.operation_tree(scope, select)?;
        for at in 0..query.columns.len() {
            if query.columns[at].ty.oid == oid::UNKNOWN {
                self.convert_column(&mut query, at, TEXT.oid)?;
            }
        }
        query.order_by = self.order_by_output(&query, &select.order_by)?;
        let (limit, offset) = self.limits(scope, select)?;
        query.limit = limit;
        query.offset = offset;
        query.with_ties = select.with_ties;
        self.settle_ties(&mut query)?;
        Ok(query)
    }

    /// The operation alone. `scope` has the common table expressions that the arms see.
    fn operation_tree(&mut self, scope: &mut Scope<'_>, select: &ast::Select) -> Result<Query> {
        let QueryBody::SetOperation { operator, all, left, right } = &select.body else {
            return Err(DatabaseError::internal("a set operation that is none"));
        };
        let left = self.arm(scope, left)?;
        let right = self.arm(scope, right)?;
        self.combine(*operator, *all, left, right)
    }

    /// One side of a set operation.
    pub(crate) fn arm(&mut self, scope: &Scope<'_>, select: &ast::Select) -> Result<Query> {
        self.query_with(Some(scope), select, Unknowns::Keep)
    }

    /// Both sides with their columns made alike.
    pub(crate) fn combine(
        &mut self,
        operator: SetOperator,
        all: bool,
        mut left: Query,
        mut right: Query,
    ) -> Result<Query> {
        let context = match operator {
            SetOperator::Union => "UNION",
            SetOperator::Intersect => "INTERSECT",
            SetOperator::Except => "EXCEPT",
        };
        if left.columns.len() != right.columns.len() {
            let position = first_position(&right);
            return Err(DatabaseError::new(
                SYNTAX_ERROR,
                format!("each {context} query must have the same number of columns"),
            )
            .at(position));
        }
        let mut columns = Vec::with_capacity(left.columns.len());
        for at in 0..left.columns.len() {
            let (first, second) = (column_value(&left, at), column_value(&right, at));
            let common = self.common_type(&[&first, &second], Some(context))?.unwrap_or(oid::TEXT);
            if first.ty.oid != common {
                self.coerce_to_common(first.clone(), common, context)?;
                self.convert_column(&mut left, at, common)?;
            }
            if second.ty.oid != common {
                self.coerce_to_common(second.clone(), common, context)?;
                self.convert_column(&mut right, at, common)?;
            }
            if !all {
                let position =
                    if second.ty.oid == common && first.ty.oid != common { &second } else { &first };
                let position = position.location();
                self.equality_operator(common).map_err(|error| self.located(error, position))?;
            }
            let (a, b) = (left.columns[at].ty.modifier, right.columns[at].ty.modifier);
            let ty = catalog::TypeRef { oid: common, modifier: if a == b { a } else { -1 } };
            columns.push(OutputColumn { name: left.columns[at].name.clone(), ty });
        }
        Ok(Query {
            ctes: Vec::new(),
            body: Body::SetOperation { operator, all, left: Box::new(left), right: Box::new(right) },
            columns,
            order_by: Vec::new(),
            limit: None,
            with_ties: false,
            offset: None,
        })
    }

    /// An output column of a query as another type.
    pub fn convert_column(&mut self, query: &mut Query, at: usize, target: u32) -> Result<()> {
        let simple = match &query.body {
            Body::Core(core) => {
                core.distinct.is_none() && query.order_by.iter().all(|sort| sort.target != at)
            }
            Body::Values(_) | Body::SetOperation { .. } => false,
        };
        if !simple {
            self.wrap(query)?;
        }
        if let Body::Core(core) = &mut query.body {
            let value = std::mem::replace(&mut core.targets[at].expr, Expr::null(TEXT));
            core.targets[at].expr =
                self.coerce_type(value, plain(target), catalog::builtin::CastContext::Implicit)?;
            query.columns[at].ty = core.targets[at].expr.ty;
        }
        Ok(())
    }

    /// FETCH … WITH TIES: the rows are numbered and ranked by what they are sorted by.
    pub(crate) fn settle_ties(&mut self, query: &mut Query) -> Result<()> {
        if !query.with_ties {
            return Ok(());
        }
        query.with_ties = false;
        let Some(limit) = query.limit.take() else { return Ok(()) };
        let offset = query.offset.take();
        let order_by = std::mem::take(&mut query.order_by);
        let simple = match &query.body {
            Body::Core(core) => core.distinct.is_none() && core.windows.is_empty(),
            Body::Values(_) | Body::SetOperation { .. } => false,
        };
        if !simple {
            let hidden = match &query.body {
                Body::Core(core) => core.targets.len() > query.columns.len(),
                _ => false,
            };
            if hidden {
                return Err(DatabaseError::unsupported(
                    "FETCH … WITH TIES beside windows or DISTINCT ON, sorted by what is not shown",
                ));
            }
            self.wrap(query)?;
        }
        let Body::Core(core) = &mut query.body else {
            return Err(DatabaseError::internal("a wrapped query that is none"));
        };
        // The keys go along as columns of their own.
        let window = crate::bound::Window {
            partition_by: Vec::new(),
            order_by: order_by
                .iter()
                .map(|sort| crate::bound::SortExpr {
                    expr: core.targets[sort.target].expr.clone(),
                    descending: sort.descending,
                    nulls_first: sort.nulls_first,
                })
                .collect(),
            frame: None,
        };
        core.windows.push(window);
        let place = core.targets.len();
        for function in [ROW_NUMBER, RANK] {
            let aggregate = crate::bound::Aggregate {
                function,
                direct: Vec::new(),
                args: Vec::new(),
                distinct: false,
                order_by: Vec::new(),
                filter: None,
            };
            let kind = ExprKind::Window { aggregate: Box::new(aggregate), window: 0 };
            core.targets.push(Target { expr: Expr::new(kind, INT8), name: "place".to_owned() });
        }
        let shown = query.columns.len();
        query.columns = core
            .targets
            .iter()
            .map(|target| OutputColumn { name: target.name.clone(), ty: target.expr.ty })
            .collect();
        self.wrap(query)?;
        query.columns.truncate(shown);
        query.order_by = order_by;
        let Body::Core(core) = &mut query.body else {
            return Err(DatabaseError::internal("a wrapped query that is none"));
        };
        let number = |at: usize| {
            let target = core.targets.get(at).map(|target| target.expr.clone());
            target.ok_or_else(|| DatabaseError::internal("ranks that are not there"))
        };
        let (row, rank) = (number(place)?, number(place + 1)?);
        let zero = Expr::new(ExprKind::Constant(datum::StoredValue::Integer(0)), INT8);
        let limit = fixed_bound(limit, sqlstate::INVALID_ROW_COUNT_IN_LIMIT_CLAUSE, "LIMIT")?;
        let offset = match offset {
            Some(offset) => {
                fixed_bound(offset, sqlstate::INVALID_ROW_COUNT_IN_RESULT_OFFSET_CLAUSE, "OFFSET")?
            }
            None => zero.clone(),
        };
        let equal = super::operation::operator_name;
        let after = self.operation(&equal(">"), row, offset.clone(), 0)?;
        let some = self.operation(&equal(">"), limit.clone(), zero, 0)?;
        let last = self.operation(&equal("+"), offset, limit.clone(), 0)?;
        let within = self.operation(&equal("<="), rank, last, 0)?;
        let unlimited = Expr::new(ExprKind::IsNull { expr: Box::new(limit), not: false }, BOOL);
        let within = Expr::any(vec![unlimited, Expr::all(vec![some, within])]);
        core_filter(query, Expr::all(vec![after, within]));
        Ok(())
    }

    /// The query becomes a sub-query of a plain SELECT of the same columns.
    fn wrap(&mut self, query: &mut Query) -> Result<()> {
        let columns = query.columns.iter();
        let columns: Vec<RangeColumn> = columns
            .map(|column| RangeColumn { name: column.name.clone(), ty: column.ty, not_null: false })
            .collect();
        let outputs = query.columns.clone();
        let blank = Query {
            ctes: Vec::new(),
            body: Body::Values(Vec::new()),
            columns: outputs,
            order_by: Vec::new(),
            limit: None,
            with_ties: false,
            offset: None,
        };
        let inner = std::mem::replace(query, blank);
        let kind = RangeKind::Subquery { query: Box::new(inner), lateral: false };
        let range = self.anonymous_range("arm".to_owned(), columns, None, kind)?;
        let targets = range.columns.iter().enumerate().map(|(column, named)| Target {
            expr: Expr::new(ExprKind::Column { range: range.id, column }, named.ty),
            name: named.name.clone(),
        });
        query.body = Body::Core(Box::new(Core {
            targets: targets.collect(),
            from: vec![From::Range(Box::new(range))],
            filter: None,
            group_by: Vec::new(),
            grouping_sets: Vec::new(),
            having: None,
            windows: Vec::new(),
            distinct: None,
            grouped: false,
        }));
        Ok(())
    }

    /// ORDER BY of a set operation: output names and ordinals only.
    fn order_by_output(&self, query: &Query, keys: &[ast::OrderBy]) -> Result<Vec<Sort>> {
        let columns = &query.columns;
        let clause = Place::OrderBy.name();
        let mut sorted = Vec::with_capacity(keys.len());
        for key in keys {
            let position = key.expr.position;
            let target = match &key.expr.kind {
                Ast::Column(parts) if parts.len() == 1 => {
                    let mut found = columns.iter().enumerate().filter(|(_, column)| column.name == parts[0]);
                    let first = found.next().map(|(at, _)| at);
                    if first.is_some() && found.next().is_some() {
                        return Err(DatabaseError::new(
                            AMBIGUOUS_COLUMN,
                            format!("{clause} \"{}\" is ambiguous", parts[0]),
                        )
                        .at(position));
                    }
                    match first {
                        Some(at) => at,
                        None => {
                            let mut scope = Scope::default();
                            self.know_arms(&mut scope, query);
                            return Err(self.no_column(&scope, None, &parts[0], position));
                        }
                    }
                }
                Ast::Number(text) => {
                    let ordinal = text.parse::<usize>().unwrap_or(0);
                    if ordinal == 0 || ordinal > columns.len() {
                        return Err(DatabaseError::new(
                            INVALID_COLUMN_REFERENCE,
                            format!("{clause} position {text} is not in select list"),
                        )
                        .at(position));
                    }
                    ordinal - 1
                }
                _ => {
                    return Err(DatabaseError::new(
                        sqlstate::FEATURE_NOT_SUPPORTED,
                        "invalid UNION/INTERSECT/EXCEPT ORDER BY clause",
                    )
                    .with_detail("Only result column names can be used, not expressions or functions.")
                    .with_hint(
                        "Add the expression/function to every SELECT, or move the UNION into a FROM clause.",
                    )
                    .at(key.expr.start()));
                }
            };
            self.check_sortable(&Expr::null(columns[target].ty).at(position))?;
            let descending = self.sort_direction(columns[target].ty.oid, key, position)?;
            sorted.push(Sort { target, descending, nulls_first: key.nulls_first.unwrap_or(descending) });
        }
        Ok(sorted)
    }
}

impl Analysis<'_> {
    /// The arms by the names that PostgreSQL gives them, for hints.
    fn know_arms(&self, scope: &mut Scope<'_>, query: &Query) {
        if let Body::SetOperation { left, right, .. } = &query.body {
            self.know_arms(scope, left);
            self.know_arms(scope, right);
            return;
        }
        scope.known.push(super::scope::KnownRange {
            id: crate::bound::RangeId(0),
            alias: format!("*SELECT* {}", scope.known.len() + 1),
            relation: None,
            columns: query.columns.iter().map(|column| column.name.clone()).collect(),
        });
    }
}

/// The value that an output column has, for its type and position.
pub(crate) fn column_value(query: &Query, at: usize) -> Expr {
    match &query.body {
        Body::Core(core) => core.targets[at].expr.clone(),
        Body::Values(rows) => {
            rows.first().and_then(|row| row.get(at)).cloned().unwrap_or_else(|| Expr::null(TEXT))
        }
        Body::SetOperation { left, .. } => {
            let inner = column_value(left, at);
            Expr::new(ExprKind::SubqueryColumn(at), query.columns[at].ty).at(inner.position)
        }
    }
}

fn first_position(query: &Query) -> u32 {
    if query.columns.is_empty() { 0 } else { column_value(query, 0).position }
}
