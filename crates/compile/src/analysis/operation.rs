//! Operators and the predicates that are written with words: parse_oper.c's make_op and its users.

use super::{Analysis, Place, Scope};
use crate::bound::{Expr, ExprKind};
use crate::mutant::{self, Canary};
use crate::types::{BOOL, plain};
use crate::walk::any;
use catalog::builtin::{BuiltinOperator, CastContext, builtins};
use datum::{StoredValue, oid};
use sqlstate::{DATATYPE_MISMATCH, DatabaseError, Result, SYNTAX_ERROR, WRONG_OBJECT_TYPE};
use syntax::ast::{self, ExprKind as Ast, LikeKind, OperatorName, Position};

/// An operator of pg_catalog, or whatever the path leads to.
pub(crate) fn operator_name(symbol: &str) -> OperatorName {
    OperatorName { schema: None, symbol: symbol.to_owned() }
}

/// 0A000 for rows and an operator that no btree family has.
pub(crate) fn no_row_comparison(symbol: &str, position: Position) -> DatabaseError {
    DatabaseError::new(
        sqlstate::FEATURE_NOT_SUPPORTED,
        format!("could not determine interpretation of row comparison operator {symbol}"),
    )
    .with_hint("Row comparison operators must be associated with btree operator families.")
    .at(position)
}

impl Analysis<'_> {
    /// `left op right`
    pub(crate) fn operation(
        &mut self,
        operator: &OperatorName,
        left: Expr,
        right: Expr,
        position: Position,
    ) -> Result<Expr> {
        let row = self.binary_operator(operator, left.ty.oid, right.ty.oid, position)?;
        self.apply(row, vec![left, right], position)
    }

    /// `op operand`
    pub(crate) fn prefix(
        &mut self,
        operator: &OperatorName,
        operand: Expr,
        position: Position,
    ) -> Result<Expr> {
        let row = self.prefix_operator(operator, operand.ty.oid, position)?;
        self.apply(row, vec![operand], position)
    }

    /// make_op's second half: the operands converted.
    pub(crate) fn apply(
        &mut self,
        row: &'static BuiltinOperator,
        operands: Vec<Expr>,
        position: Position,
    ) -> Result<Expr> {
        let actual: Vec<u32> = operands.iter().map(|operand| operand.ty.oid).collect();
        let mut declared = match operands.len() {
            1 => vec![row.right],
            _ => vec![row.left, row.right],
        };
        let result = self.enforce_generics(&actual, &mut declared, row.result)?;
        let mut args = Vec::with_capacity(operands.len());
        for (operand, declared) in operands.into_iter().zip(declared) {
            args.push(self.coerce_type(operand, plain(declared), CastContext::Implicit)?);
        }
        Ok(Expr::new(ExprKind::Operator { operator: row.oid, args }, plain(result)).at(position))
    }

    /// transformAExprOp: rows compare field by field, a row with a sub-query by its columns.
    pub(crate) fn binary(
        &mut self,
        scope: &mut Scope<'_>,
        place: Place,
        operator: &OperatorName,
        left: &ast::Expr,
        right: &ast::Expr,
        position: Position,
    ) -> Result<Expr> {
        if let (Ast::Row { fields, .. }, Ast::Subquery(query)) = (&left.kind, &right.kind) {
            return self.row_subquery(scope, place, operator, fields, query, position);
        }
        if let (Ast::Row { .. }, Ast::Row { .. }) = (&left.kind, &right.kind) {
            let left = self.expression(scope, place, left)?;
            let right = self.expression(scope, place, right)?;
            let (ExprKind::Row { fields: left, .. }, ExprKind::Row { fields: right, .. }) =
                (left.kind, right.kind)
            else {
                return Err(DatabaseError::internal("a row that is no row"));
            };
            return self.compare_rows(operator, left, right, position);
        }
        let left = self.expression(scope, place, left)?;
        let right = self.expression(scope, place, right)?;
        if let (ExprKind::Row { .. }, ExprKind::Row { .. }) = (&left.kind, &right.kind) {
            // Whole rows: they are equal when all fields are, NULLs among them.
            let row = self.binary_operator(operator, left.ty.oid, right.ty.oid, position)?;
            let source = builtins().function_by_oid(row.function).map_or("", |row| row.source);
            if matches!(source, "record_eq" | "record_ne") {
                return self.is_distinct(left, right, source == "record_eq", position);
            }
        }
        self.operation(operator, left, right, position)
    }

    /// make_row_comparison_op
    pub(crate) fn compare_rows(
        &mut self,
        operator: &OperatorName,
        left: Vec<Expr>,
        right: Vec<Expr>,
        position: Position,
    ) -> Result<Expr> {
        if left.len() != right.len() {
            return Err(
                DatabaseError::new(SYNTAX_ERROR, "unequal number of entries in row expressions").at(position)
            );
        }
        if left.is_empty() {
            return Err(DatabaseError::new(
                sqlstate::FEATURE_NOT_SUPPORTED,
                "cannot compare rows of zero length",
            )
            .at(position));
        }
        let mut pairs = Vec::with_capacity(left.len());
        for (left, right) in left.into_iter().zip(right) {
            let pair = self.operation(operator, left, right, position)?;
            if pair.ty.oid != oid::BOOL {
                return Err(DatabaseError::new(
                    DATATYPE_MISMATCH,
                    format!(
                        "row comparison operator must yield type boolean, not type {}",
                        self.type_name(pair.ty.oid)
                    ),
                )
                .at(position));
            }
            pairs.push(pair);
        }
        if pairs.len() == 1 {
            return Ok(pairs.remove(0));
        }
        match operator.symbol.as_str() {
            "=" => Ok(Expr::all(pairs).at(position)),
            "<>" => Ok(Expr::any(pairs).at(position)),
            "<" | "<=" | ">" | ">=" => {
                let (mut operators, mut left, mut right) = (Vec::new(), Vec::new(), Vec::new());
                for pair in pairs {
                    if let ExprKind::Operator { operator, mut args } = pair.kind
                        && let (Some(second), Some(first)) = (args.pop(), args.pop())
                    {
                        operators.push(operator);
                        left.push(first);
                        right.push(second);
                    }
                }
                Ok(Expr::new(ExprKind::RowCompare { operators, left, right }, BOOL).at(position))
            }
            other => Err(no_row_comparison(other, position)),
        }
    }

    /// make_distinct_op; beside a literal NULL it is a test for NULL.
    pub(crate) fn is_distinct(
        &mut self,
        left: Expr,
        right: Expr,
        not: bool,
        position: Position,
    ) -> Result<Expr> {
        let is_null =
            |expr: &Expr| expr.ty.oid == oid::UNKNOWN && expr.kind == ExprKind::Constant(StoredValue::Null);
        if is_null(&right) {
            return Ok(Expr::new(ExprKind::IsNull { expr: Box::new(left), not: !not }, BOOL).at(position));
        }
        if is_null(&left) {
            return Ok(Expr::new(ExprKind::IsNull { expr: Box::new(right), not: !not }, BOOL).at(position));
        }
        if let (ExprKind::Row { fields: first, .. }, ExprKind::Row { fields: second, .. }) =
            (&left.kind, &right.kind)
        {
            if first.len() != second.len() {
                return Err(DatabaseError::new(SYNTAX_ERROR, "unequal number of entries in row expressions")
                    .at(position));
            }
            let mut pairs = Vec::with_capacity(first.len());
            for (first, second) in first.clone().into_iter().zip(second.clone()) {
                pairs.push(self.is_distinct(first, second, not, position)?);
            }
            let joined = if not { Expr::all(pairs) } else { Expr::any(pairs) };
            return Ok(joined.at(position));
        }
        let (operator, left, right) = self.equality(left, right, "IS DISTINCT FROM", position)?;
        let kind = ExprKind::IsDistinct { operator, left: Box::new(left), right: Box::new(right), not };
        Ok(Expr::new(kind, BOOL).at(position))
    }

    pub(crate) fn null_if(&mut self, left: Expr, right: Expr, position: Position) -> Result<Expr> {
        if self.is_composite(left.ty.oid) {
            // Rows compare as records; what comes out is the row.
            let (whole, ty) = (left.clone(), left.ty);
            let equals = operator_name("=");
            let equal = self.operation(&equals, left, right, position)?;
            let arms = vec![(equal, Expr::null(ty))];
            let kind = ExprKind::Case { operand: None, arms, otherwise: Box::new(whole) };
            return Ok(Expr::new(kind, ty).at(position));
        }
        let (operator, left, right) = self.equality(left, right, "NULLIF", position)?;
        let ty = left.ty;
        if mutant::is_planted(Canary::Panic) && ty.oid == oid::NUMERIC {
            panic!("planted");
        }
        let kind = ExprKind::NullIf { operator, left: Box::new(left), right: Box::new(right) };
        Ok(Expr::new(kind, ty).at(position))
    }

    fn equality(
        &mut self,
        left: Expr,
        right: Expr,
        construct: &str,
        position: Position,
    ) -> Result<(u32, Expr, Expr)> {
        let compared = self.operation(&operator_name("="), left, right, position)?;
        if compared.ty.oid != oid::BOOL {
            return Err(DatabaseError::new(
                DATATYPE_MISMATCH,
                format!("{construct} requires = operator to yield boolean"),
            )
            .at(position));
        }
        match compared.kind {
            ExprKind::Operator { operator, mut args } => match (args.pop(), args.pop()) {
                (Some(right), Some(left)) => Ok((operator, left, right)),
                _ => Err(DatabaseError::internal("= without operands")),
            },
            _ => Err(DatabaseError::internal("= that is no operator")),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "LIKE has as many parts")]
    pub(crate) fn like(
        &mut self,
        scope: &mut Scope<'_>,
        place: Place,
        kind: LikeKind,
        not: bool,
        expr: &ast::Expr,
        pattern: &ast::Expr,
        escape: Option<&ast::Expr>,
        position: Position,
    ) -> Result<Expr> {
        let value = self.expression(scope, place, expr)?;
        let mut pattern = self.expression(scope, place, pattern)?;
        let escape = escape.map(|escape| self.expression(scope, place, escape)).transpose()?;
        let symbol = match (kind, not) {
            (LikeKind::Like, false) => "~~",
            (LikeKind::Like, true) => "!~~",
            (LikeKind::ILike, false) => "~~*",
            (LikeKind::ILike, true) => "!~~*",
            (LikeKind::Similar, false) => "~",
            (LikeKind::Similar, true) => "!~",
        };
        if kind == LikeKind::Similar {
            let args = match escape {
                Some(escape) => vec![pattern, escape],
                None => vec![pattern],
            };
            pattern = self.catalog_call(scope, "similar_to_escape", args, position)?;
        } else if let Some(escape) = escape {
            pattern = self.catalog_call(scope, "like_escape", vec![pattern, escape], position)?;
        }
        self.operation(&operator_name(symbol), value, pattern, position)
    }

    #[expect(clippy::too_many_arguments, reason = "BETWEEN has as many parts")]
    pub(crate) fn between(
        &mut self,
        scope: &mut Scope<'_>,
        place: Place,
        not: bool,
        symmetric: bool,
        expr: &ast::Expr,
        low: &ast::Expr,
        high: &ast::Expr,
        position: Position,
    ) -> Result<Expr> {
        let mut compare = |analysis: &mut Self, symbol: &str, bound: &ast::Expr| {
            let rows = matches!((&expr.kind, &bound.kind), (Ast::Row { .. }, Ast::Row { .. }));
            let value = analysis.expression(scope, place, expr)?;
            let bound = analysis.expression(scope, place, bound)?;
            match (value.kind, bound.kind) {
                // Rows that are written out compare field by field.
                (ExprKind::Row { fields: left, .. }, ExprKind::Row { fields: right, .. }) if rows => {
                    analysis.compare_rows(&operator_name(symbol), left, right, position)
                }
                (left, right) => {
                    let (left, right) = (Expr { kind: left, ..value }, Expr { kind: right, ..bound });
                    analysis.operation(&operator_name(symbol), left, right, position)
                }
            }
        };
        let (above, below) = if not { ("<", ">") } else { (">=", "<=") };
        let join = |parts: Vec<Expr>, and: bool| {
            (if and { Expr::all(parts) } else { Expr::any(parts) }).at(position)
        };
        let first = vec![compare(self, above, low)?, compare(self, below, high)?];
        let first = join(first, !not);
        if !symmetric {
            return Ok(first);
        }
        let second = vec![compare(self, above, high)?, compare(self, below, low)?];
        let second = join(second, !not);
        Ok(join(vec![first, second], not))
    }

    /// transformAExprIn
    pub(crate) fn in_list(
        &mut self,
        scope: &mut Scope<'_>,
        place: Place,
        not: bool,
        expr: &ast::Expr,
        list: &[ast::Expr],
        position: Position,
    ) -> Result<Expr> {
        let operator = operator_name(if not { "<>" } else { "=" });
        let value = self.expression(scope, place, expr)?;
        let is_row = matches!(value.kind, ExprKind::Row { .. });
        let (mut varying, mut fixed) = (Vec::new(), Vec::new());
        for item in list {
            let item = self.expression(scope, place, item)?;
            if any(&item, &mut |part| matches!(part.kind, ExprKind::Column { .. } | ExprKind::WholeRow(_))) {
                varying.push(item);
            } else {
                fixed.push(item);
            }
        }
        let mut tests = Vec::new();
        if fixed.len() > 1 && !is_row {
            let mut all = vec![&value];
            all.extend(&fixed);
            let common = self.common_type(&all, None)?.filter(|common| *common != oid::RECORD);
            let array = common.and_then(|common| Some((common, self.catalog.array_type(common)?)));
            if let Some((common, array)) = array
                && fixed.iter().all(|item| self.can_coerce(&[item.ty.oid], &[common], CastContext::Implicit))
            {
                let mut elements = Vec::with_capacity(fixed.len());
                for item in std::mem::take(&mut fixed) {
                    elements.push(self.coerce_to_common(item, common, "IN")?);
                }
                let array = Expr::new(ExprKind::Array(elements), plain(array)).at(0);
                tests.push(self.any_array(&operator, not, value.clone(), array, position)?);
            }
        }
        for item in fixed.into_iter().chain(varying) {
            let test = match (&value.kind, item.kind) {
                (ExprKind::Row { fields: left, .. }, ExprKind::Row { fields: right, .. }) => {
                    self.compare_rows(&operator, left.clone(), right, position)?
                }
                (_, kind) => {
                    let item = Expr { kind, ..item };
                    self.operation(&operator, value.clone(), item, position)?
                }
            };
            tests.push(self.coerce_to_boolean(test, if not { "AND" } else { "OR" })?);
        }
        Ok(if not { Expr::all(tests) } else { Expr::any(tests) }.at(position))
    }

    /// make_scalar_array_op
    pub(crate) fn any_array(
        &mut self,
        operator: &OperatorName,
        all: bool,
        left: Expr,
        array: Expr,
        position: Position,
    ) -> Result<Expr> {
        let right_type = if array.ty.oid == oid::UNKNOWN {
            oid::UNKNOWN
        } else {
            let base = self.base_oid(array.ty.oid);
            self.catalog.element_type(base).ok_or_else(|| {
                DatabaseError::new(WRONG_OBJECT_TYPE, "op ANY/ALL (array) requires array on right side")
                    .at(position)
            })?
        };
        let row = self.binary_operator(operator, left.ty.oid, right_type, position)?;
        let actual = [left.ty.oid, right_type];
        let mut declared = [row.left, row.right];
        let result = self.enforce_generics(&actual, &mut declared, row.result)?;
        if result != oid::BOOL {
            return Err(DatabaseError::new(
                WRONG_OBJECT_TYPE,
                "op ANY/ALL (array) requires operator to yield boolean",
            )
            .at(position));
        }
        if declared[1] == oid::RECORD && self.is_composite(right_type) {
            if self.base_oid(left.ty.oid) != self.base_oid(right_type) {
                let what = "comparing a record with the elements of an array of another type";
                return Err(DatabaseError::unsupported(what).at(position));
            }
            // Values of one composite type compare as they are.
            let kind =
                ExprKind::AnyArray { operator: row.oid, all, left: Box::new(left), array: Box::new(array) };
            return Ok(Expr::new(kind, BOOL).at(position));
        }
        let target = if crate::types::is_polymorphic(declared[1]) {
            array.ty.oid
        } else {
            self.catalog.array_type(declared[1]).ok_or_else(|| {
                DatabaseError::new(
                    sqlstate::UNDEFINED_OBJECT,
                    format!("could not find array type for data type {}", self.type_name(declared[1])),
                )
                .at(position)
            })?
        };
        let left = self.coerce_type(left, plain(declared[0]), CastContext::Implicit)?;
        let array = self.coerce_type(array, plain(target), CastContext::Implicit)?;
        let kind =
            ExprKind::AnyArray { operator: row.oid, all, left: Box::new(left), array: Box::new(array) };
        Ok(Expr::new(kind, BOOL).at(position))
    }

    /// A call of a function by its name with analysed arguments.
    pub(crate) fn call_analysed(
        &mut self,
        scope: &mut Scope<'_>,
        name: &ast::Name,
        args: Vec<Expr>,
        position: Position,
    ) -> Result<Expr> {
        let clauses = super::aggregate::CallClauses::none();
        self.resolve_call(scope, Place::Select, name, args, &[], &clauses, position)
    }
}
