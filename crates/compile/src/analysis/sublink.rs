//! Sub-queries in expressions: transformSubLink.

use super::operation::operator_name;
use super::{Analysis, Place, Scope};
use crate::bound::{
    Body, Core, Expr, ExprKind, From, OutputColumn, Query, RangeColumn, RangeKind, SubqueryTest, Target,
};
use crate::types::BOOL;
use datum::oid;
use sqlstate::{DATATYPE_MISMATCH, DatabaseError, FEATURE_NOT_SUPPORTED, Result, SYNTAX_ERROR};
use syntax::ast::{self, ExprKind as Ast, OperatorName, Position};

impl Analysis<'_> {
    fn sub_query(
        &mut self,
        scope: &Scope<'_>,
        place: Place,
        query: &ast::Select,
        position: Position,
    ) -> Result<Query> {
        if let Some(message) = place.refuses_subqueries() {
            return Err(DatabaseError::new(FEATURE_NOT_SUPPORTED, message).at(position));
        }
        let around = scope.subquery_place.replace(Some(place));
        let query = self.query(Some(scope), query);
        scope.subquery_place.set(around);
        query
    }

    /// EXISTS
    pub(crate) fn exists(
        &mut self,
        scope: &Scope<'_>,
        place: Place,
        query: &ast::Select,
        position: Position,
    ) -> Result<Expr> {
        let query = self.sub_query(scope, place, query, position)?;
        Ok(Expr::new(ExprKind::Exists(Box::new(query)), BOOL).at(position))
    }

    /// (SELECT …)
    pub(crate) fn scalar_subquery(
        &mut self,
        scope: &Scope<'_>,
        place: Place,
        query: &ast::Select,
        position: Position,
    ) -> Result<Expr> {
        let query = self.sub_query(scope, place, query, position)?;
        let ty = only_column(&query, position)?;
        Ok(Expr::new(ExprKind::Subquery(Box::new(query)), ty).at(position))
    }

    /// ARRAY(SELECT …)
    pub(crate) fn array_subquery(
        &mut self,
        scope: &Scope<'_>,
        place: Place,
        query: &ast::Select,
        position: Position,
    ) -> Result<Expr> {
        let query = self.sub_query(scope, place, query, position)?;
        let element = only_column(&query, position)?;
        super::expression::refuse_vectors(element.oid, position)?;
        let array = match self.catalog.element_type(element.oid) {
            Some(_) => element.oid,
            None => self.catalog.array_type(element.oid).ok_or_else(|| {
                DatabaseError::new(
                    sqlstate::UNDEFINED_OBJECT,
                    format!("could not find array type for data type {}", self.type_name(element.oid)),
                )
                .at(position)
            })?,
        };
        let ty = catalog::TypeRef { oid: array, modifier: element.modifier };
        Ok(Expr::new(ExprKind::ArraySubquery(Box::new(query)), ty).at(position))
    }

    /// IN and NOT IN
    pub(crate) fn in_subquery(
        &mut self,
        scope: &mut Scope<'_>,
        place: Place,
        not: bool,
        left: &ast::Expr,
        query: &ast::Select,
        position: Position,
    ) -> Result<Expr> {
        let test = self.any_subquery(scope, place, &operator_name("="), false, left, query, position)?;
        Ok(match not {
            true => Expr::new(ExprKind::Not(Box::new(test)), BOOL).at(position),
            false => test,
        })
    }

    /// `left op ANY/ALL (SELECT …)`
    #[expect(clippy::too_many_arguments, reason = "the construct has as many parts")]
    pub(crate) fn any_subquery(
        &mut self,
        scope: &mut Scope<'_>,
        place: Place,
        operator: &OperatorName,
        all: bool,
        left: &ast::Expr,
        query: &ast::Select,
        position: Position,
    ) -> Result<Expr> {
        let query = self.sub_query(scope, place, query, position)?;
        let left = match &left.kind {
            Ast::Row { fields, .. } => match self.row(scope, place, fields, left.position)?.kind {
                ExprKind::Row { fields, .. } => fields,
                _ => return Err(DatabaseError::internal("a row that is no row")),
            },
            _ => vec![self.expression(scope, place, left)?],
        };
        let tests = self.subquery_tests(operator, left, &query, position)?;
        if tests.len() > 1 && !matches!(operator.symbol.as_str(), "=" | "<>" | "<" | "<=" | ">" | ">=") {
            return Err(super::operation::no_row_comparison(&operator.symbol, position));
        }
        let kind = ExprKind::AnySubquery { all, tests, query: Box::new(query) };
        Ok(Expr::new(kind, BOOL).at(position))
    }

    fn subquery_tests(
        &mut self,
        operator: &OperatorName,
        left: Vec<Expr>,
        query: &Query,
        position: Position,
    ) -> Result<Vec<SubqueryTest>> {
        if left.len() < query.columns.len() {
            return Err(DatabaseError::new(SYNTAX_ERROR, "subquery has too many columns").at(position));
        }
        if left.len() > query.columns.len() {
            return Err(DatabaseError::new(SYNTAX_ERROR, "subquery has too few columns").at(position));
        }
        let mut tests = Vec::with_capacity(left.len());
        for (at, (left, column)) in left.into_iter().zip(&query.columns).enumerate() {
            let right = Expr::new(ExprKind::SubqueryColumn(at), column.ty).at(position);
            let test = self.operation(operator, left, right, position)?;
            if test.ty.oid != oid::BOOL {
                return Err(DatabaseError::new(
                    DATATYPE_MISMATCH,
                    format!(
                        "row comparison operator must yield type boolean, not type {}",
                        self.type_name(test.ty.oid)
                    ),
                )
                .at(position));
            }
            if let ExprKind::Operator { operator, mut args } = test.kind
                && let (Some(right), Some(left)) = (args.pop(), args.pop())
            {
                tests.push(SubqueryTest { operator, left, right });
            }
        }
        Ok(tests)
    }

    /// `(a, b) = (SELECT …)`
    pub(crate) fn row_subquery(
        &mut self,
        scope: &mut Scope<'_>,
        place: Place,
        operator: &OperatorName,
        fields: &[ast::Expr],
        query: &ast::Select,
        position: Position,
    ) -> Result<Expr> {
        let left = match self.row(scope, place, fields, position)?.kind {
            ExprKind::Row { fields, .. } => fields,
            _ => return Err(DatabaseError::internal("a row that is no row")),
        };
        let query = self.sub_query(scope, place, query, position)?;
        if left.len() < query.columns.len() {
            return Err(DatabaseError::new(SYNTAX_ERROR, "subquery has too many columns").at(position));
        }
        if left.len() > query.columns.len() {
            return Err(DatabaseError::new(SYNTAX_ERROR, "subquery has too few columns").at(position));
        }
        // The comparison goes within the sub-query, where no aggregate of the query around may go.
        let foreign = |kind: &ExprKind| {
            matches!(kind, ExprKind::Aggregate(_) | ExprKind::Window { .. } | ExprKind::SetCall { .. })
        };
        if left.iter().any(|expr| super::aggregate::first_of(expr, foreign).is_some()) {
            return Err(DatabaseError::unsupported("a row of aggregates beside a sub-query").at(position));
        }
        let columns = query.columns.iter();
        let columns: Vec<RangeColumn> = columns
            .map(|column| RangeColumn { name: column.name.clone(), ty: column.ty, not_null: false })
            .collect();
        let kind = RangeKind::Subquery { query: Box::new(query), lateral: false };
        let range = self.anonymous_range("compared".to_owned(), columns, None, kind)?;
        let right = range.columns.iter().enumerate();
        let right = right.map(|(column, named)| {
            Expr::new(ExprKind::Column { range: range.id, column }, named.ty).at(position)
        });
        let test = self.compare_rows(operator, left, right.collect(), position)?;
        let ty = test.ty;
        let core = Core {
            from: vec![From::Range(Box::new(range))],
            targets: vec![Target { expr: test, name: "compared".to_owned() }],
            ..super::grouping_sets::blank_core()
        };
        let columns = vec![OutputColumn { name: "compared".to_owned(), ty }];
        let query = super::grouping_sets::blank_query(Body::Core(Box::new(core)), columns);
        Ok(Expr::new(ExprKind::Subquery(Box::new(query)), ty).at(position))
    }
}

fn only_column(query: &Query, position: Position) -> Result<catalog::TypeRef> {
    match query.columns.as_slice() {
        [column] => Ok(column.ty),
        _ => Err(DatabaseError::new(SYNTAX_ERROR, "subquery must return only one column").at(position)),
    }
}
