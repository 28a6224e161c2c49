//! Expressions: transformExpr.

mod array;

use super::coerce::{common_modifier, integer, unknown};
use super::{Analysis, Place, Scope};
use crate::bound::{Expr, ExprKind};
use crate::mutant::{self, Mutant};
use crate::types::{self, BOOL, INT8, TEXT, UNKNOWN, plain};
use catalog::builtin::CastContext;
use catalog::{Oid, TypeRef};
use datum::{StoredValue, oid};
use sqlstate::{
    CANNOT_COERCE, DATATYPE_MISMATCH, DatabaseError, Result, SYNTAX_ERROR, UNDEFINED_COLUMN,
    UNDEFINED_PARAMETER, WRONG_OBJECT_TYPE,
};
use syntax::ast::{self, ExprKind as Ast, Position, TypeName, ValueFunction};

/// pg_proc.oid of now().
const NOW: Oid = 1299;
/// current_user, of type name.
const CURRENT_USER: Oid = 745;
/// session_user
const SESSION_USER: Oid = 746;
/// current_database()
const CURRENT_DATABASE: Oid = 861;
/// current_schema()
pub(crate) const CURRENT_SCHEMA: Oid = 1402;

impl Analysis<'_> {
    /// Analyses an expression as it stands: its type may still be `unknown`.
    pub fn expression(&mut self, scope: &mut Scope<'_>, place: Place, expr: &ast::Expr) -> Result<Expr> {
        self.nested(|analysis| analysis.expression_kind(scope, place, expr))
    }

    fn expression_kind(&mut self, scope: &mut Scope<'_>, place: Place, expr: &ast::Expr) -> Result<Expr> {
        let position = expr.position;
        match &expr.kind {
            Ast::Number(text) => self.number(text, position),
            Ast::String(text) => Ok(unknown(text).at(position)),
            Ast::BitString(text) => self.fold(plain(oid::BIT), text, position),
            Ast::Boolean(value) => Ok(Expr::boolean(*value).at(position)),
            Ast::Null => Ok(Expr::null(UNKNOWN).at(position)),
            Ast::Parameter(number) => self.parameter(*number, position),
            Ast::Column(parts) => self.column_reference(scope, parts, position),
            Ast::Star(qualifier) if !qualifier.is_empty() => self.row_reference(scope, qualifier, position),
            Ast::Star(_) | Ast::FieldStar(_) => {
                Err(DatabaseError::new(SYNTAX_ERROR, "row expansion via \"*\" is not supported here")
                    .at(position))
            }
            Ast::Field(expr, field) => self.field(scope, place, expr, field, position),
            Ast::Subscript(expr, subscripts) => self.subscript(scope, place, expr, subscripts, position),
            Ast::Unary { operator, operand } => {
                let operand = self.expression(scope, place, operand)?;
                self.prefix(operator, operand, position)
            }
            Ast::Binary { operator, left, right } => {
                self.binary(scope, place, operator, left, right, position)
            }
            Ast::And(parts) => self.junction(scope, place, parts, true, position),
            Ast::Or(parts) => self.junction(scope, place, parts, false, position),
            Ast::Not(inner) => {
                let inner = self.expression(scope, place, inner)?;
                let inner = self.coerce_to_boolean(inner, "NOT")?;
                Ok(Expr::new(ExprKind::Not(Box::new(inner)), BOOL).at(position))
            }
            Ast::IsNull { expr, not } => {
                let expr = self.expression(scope, place, expr)?;
                let kind = ExprKind::IsNull { expr: Box::new(self.untyped_as_text(expr)), not: *not };
                Ok(Expr::new(kind, BOOL).at(position))
            }
            Ast::IsBoolean { expr, value, not } => {
                let expr = self.expression(scope, place, expr)?;
                let construct = match (value, not) {
                    (Some(true), false) => "IS TRUE",
                    (Some(true), true) => "IS NOT TRUE",
                    (Some(false), false) => "IS FALSE",
                    (Some(false), true) => "IS NOT FALSE",
                    (None, false) => "IS UNKNOWN",
                    (None, true) => "IS NOT UNKNOWN",
                };
                let expr = Box::new(self.coerce_to_boolean(expr, construct)?);
                Ok(Expr::new(ExprKind::IsBoolean { expr, value: *value, not: *not }, BOOL).at(position))
            }
            Ast::IsDistinct { left, right, not } => {
                let left = self.expression(scope, place, left)?;
                let right = self.expression(scope, place, right)?;
                self.is_distinct(left, right, *not, position)
            }
            Ast::IsOther { words, .. } => Err(DatabaseError::unsupported(words).at(position)),
            Ast::Like { kind, not, expr, pattern, escape } => {
                self.like(scope, place, *kind, *not, expr, pattern, escape.as_deref(), position)
            }
            Ast::Between { not, symmetric, expr, low, high } => {
                self.between(scope, place, *not, *symmetric, expr, low, high, position)
            }
            Ast::InList { not, expr, list } => self.in_list(scope, place, *not, expr, list, position),
            Ast::InSubquery { not, expr, query } => {
                self.in_subquery(scope, place, *not, expr, query, position)
            }
            Ast::AnyArray { operator, all, left, array } => {
                let left = self.expression(scope, place, left)?;
                let array = self.expression(scope, place, array)?;
                self.any_array(operator, *all, left, array, position)
            }
            Ast::AnySubquery { operator, all, left, query } => {
                self.any_subquery(scope, place, operator, *all, left, query, position)
            }
            Ast::Exists(query) => self.exists(scope, place, query, position),
            Ast::Subquery(query) => self.scalar_subquery(scope, place, query, position),
            Ast::ArraySubquery(query) => self.array_subquery(scope, place, query, position),
            Ast::Array(elements) => self.array(scope, place, elements, None, position),
            Ast::Row { fields, .. } => self.row(scope, place, fields, position),
            Ast::Call(call) => self.call(scope, place, call, position),
            Ast::Cast { expr, type_name } => self.cast(scope, place, expr, type_name, position),
            Ast::TypedLiteral { type_name, text, text_position } => {
                let ty = self.resolve_type(type_name)?;
                let literal = unknown(text).at(*text_position);
                self.explicit_cast(literal, ty, position)
            }
            Ast::Case { operand, arms, otherwise } => {
                self.case(scope, place, operand.as_deref(), arms, otherwise.as_deref(), position)
            }
            Ast::Coalesce(args) => {
                let args = self.expressions(scope, place, args)?;
                self.refuse_sets_within(&args, "COALESCE")?;
                let (ty, args) = self.coerce_all_to_common(args, "COALESCE")?;
                let modifier = common_modifier(&args.iter().collect::<Vec<_>>(), ty);
                Ok(Expr::new(ExprKind::Coalesce(args), TypeRef { oid: ty, modifier }).at(position))
            }
            Ast::Greatest(args) => self.extreme(scope, place, args, true, position),
            Ast::Least(args) => self.extreme(scope, place, args, false, position),
            Ast::NullIf(left, right) => {
                let left = self.expression(scope, place, left)?;
                let right = self.expression(scope, place, right)?;
                self.null_if(left, right, position)
            }
            Ast::ValueFunction { name, precision } => self.value_function(*name, *precision, position),
            Ast::Extract { field, from } => {
                let field = unknown(field).at(position);
                let from = self.expression(scope, place, from)?;
                self.catalog_call(scope, "extract", vec![field, from], position)
            }
            Ast::AtTimeZone { expr, zone } => {
                let expr = self.expression(scope, place, expr)?;
                let zone = self.expression(scope, place, zone)?;
                self.catalog_call(scope, "timezone", vec![zone, expr], position)
            }
            Ast::Collate { expr, collation } => self.collate(scope, place, expr, collation, position),
            Ast::Grouping(args) => self.grouping_call(scope, place, args, position),
            Ast::Default => {
                if matches!(place, Place::InsertTarget | Place::UpdateSource | Place::Values) {
                    return Ok(Expr::new(ExprKind::Default, UNKNOWN).at(position));
                }
                Err(DatabaseError::new(SYNTAX_ERROR, "DEFAULT is not allowed in this context").at(position))
            }
            Ast::Unsupported(words) => Err(DatabaseError::unsupported(words).at(position)),
        }
    }

    pub(crate) fn expressions(
        &mut self,
        scope: &mut Scope<'_>,
        place: Place,
        exprs: &[ast::Expr],
    ) -> Result<Vec<Expr>> {
        exprs.iter().map(|expr| self.expression(scope, place, expr)).collect()
    }

    /// A call of a pg_catalog function with analysed arguments.
    pub(crate) fn catalog_call(
        &mut self,
        scope: &mut Scope<'_>,
        name: &str,
        args: Vec<Expr>,
        position: Position,
    ) -> Result<Expr> {
        let name = ast::Name { parts: vec!["pg_catalog".to_owned(), name.to_owned()], position };
        self.call_analysed(scope, &name, args, position)
    }

    fn number(&mut self, text: &str, position: Position) -> Result<Expr> {
        if let Ok(value) = text.parse::<i32>()
            && !mutant::is(Mutant::NumbersAreBigint)
        {
            return Ok(integer(value).at(position));
        }
        if let Ok(value) = text.parse::<i64>() {
            return Ok(Expr::new(ExprKind::Constant(StoredValue::from(value)), INT8).at(position));
        }
        self.fold(plain(oid::NUMERIC), text, position)
    }

    fn parameter(&mut self, number: u32, position: Position) -> Result<Expr> {
        let at = usize::try_from(number).unwrap_or(0).wrapping_sub(1);
        let missing = || {
            DatabaseError::new(UNDEFINED_PARAMETER, format!("there is no parameter ${number}")).at(position)
        };
        if let Some(known) = &self.arguments {
            let argument = known.arguments.get(at).ok_or_else(missing)?;
            return Ok(argument.value.clone().at(position));
        }
        if self.stored || self.without_parameters || number == 0 || number > 65535 {
            return Err(missing());
        }
        if self.parameters.len() <= at {
            self.parameters.resize(at + 1, None);
        }
        let ty = self.parameters[at].unwrap_or(UNKNOWN);
        Ok(Expr::new(ExprKind::Parameter(number), ty).at(position))
    }

    fn field(
        &mut self,
        scope: &mut Scope<'_>,
        place: Place,
        expr: &ast::Expr,
        field: &str,
        position: Position,
    ) -> Result<Expr> {
        let row = self.expression(scope, place, expr)?;
        if let Some(found) = self.field_named(&row, field) {
            self.mark_read(&found);
            return Ok(found.at(position));
        }
        let row_type = row.ty.oid;
        let range = match row.kind {
            ExprKind::WholeRow(range) => scope.known.iter().find(|known| known.id == range),
            _ => None,
        };
        let alias = range.map(|range| range.alias.clone());
        if let Some(call) = self.projection_call(scope, field, row, position)? {
            return Ok(call);
        }
        let name = self.type_name(row_type);
        Err(if let Some(alias) = alias {
            DatabaseError::new(UNDEFINED_COLUMN, format!("column {alias}.{field} does not exist"))
        } else if self.is_composite(row_type) {
            DatabaseError::new(UNDEFINED_COLUMN, format!("column \"{field}\" not found in data type {name}"))
        } else if row_type == oid::RECORD {
            DatabaseError::new(
                UNDEFINED_COLUMN,
                format!("could not identify column \"{field}\" in record data type"),
            )
        } else {
            DatabaseError::new(
                WRONG_OBJECT_TYPE,
                format!("column notation .{field} applied to type {name}, which is not a composite type"),
            )
        }
        .at(position))
    }

    fn junction(
        &mut self,
        scope: &mut Scope<'_>,
        place: Place,
        parts: &[ast::Expr],
        and: bool,
        position: Position,
    ) -> Result<Expr> {
        let name = if and { "AND" } else { "OR" };
        let mut bound = Vec::with_capacity(parts.len());
        for part in parts {
            let part = self.expression(scope, place, part)?;
            bound.push(self.coerce_to_boolean(part, name)?);
        }
        let kind = if and { ExprKind::And(bound) } else { ExprKind::Or(bound) };
        Ok(Expr::new(kind, BOOL).at(position))
    }

    /// An operand whose type does not matter.
    fn untyped_as_text(&mut self, expr: Expr) -> Expr {
        match expr.kind {
            ExprKind::Constant(_) if expr.ty.oid == oid::UNKNOWN => Expr { ty: TEXT, ..expr },
            _ => expr,
        }
    }

    pub(crate) fn row(
        &mut self,
        scope: &mut Scope<'_>,
        place: Place,
        fields: &[ast::Expr],
        position: Position,
    ) -> Result<Expr> {
        let mut bound = Vec::with_capacity(fields.len());
        for field in fields {
            match &field.kind {
                Ast::Star(qualifier) => {
                    bound.extend(
                        self.star(scope, qualifier, field.position)?.into_iter().map(|(_, expr)| expr),
                    );
                }
                _ => bound.push(self.expression(scope, place, field)?),
            }
        }
        let names = (1..=bound.len()).map(|at| format!("f{at}")).collect();
        Ok(Expr::new(ExprKind::Row { fields: bound, names }, plain(oid::RECORD)).at(position))
    }

    fn cast(
        &mut self,
        scope: &mut Scope<'_>,
        place: Place,
        expr: &ast::Expr,
        type_name: &TypeName,
        position: Position,
    ) -> Result<Expr> {
        let ty = self.resolve_type(type_name)?;
        if let Ast::Array(elements) = &expr.kind {
            let base = self.catalog.base_type(ty);
            let base = if base.oid == ty.oid { ty } else { base };
            if self.catalog.element_type(base.oid).is_some() {
                let array = self.array(scope, place, elements, Some(base), expr.position)?;
                return self.explicit_cast(array, ty, position);
            }
        }
        let value = self.expression(scope, place, expr)?;
        // The position of a bad literal is the literal's; of a cast that is not there, the cast's.
        self.explicit_cast(value, ty, position)
    }

    /// The type that is written; SETOF is refused.
    pub(crate) fn resolve_type(&mut self, name: &TypeName) -> Result<TypeRef> {
        if name.setof {
            return Err(
                DatabaseError::new(DATATYPE_MISMATCH, "cannot cast to a set type").at(name.name.position)
            );
        }
        if let [schema, _] = name.name.parts.as_slice()
            && !name.percent_type
            && self.catalog.schema(schema).is_some()
        {
            self.check_schema(schema)?;
        }
        self.catalog.resolve_type(&self.path, name)
    }

    pub(crate) fn explicit_cast(&mut self, expr: Expr, ty: TypeRef, position: Position) -> Result<Expr> {
        let source = expr.ty.oid;
        match self.coerce_to_target(expr, ty, CastContext::Explicit)? {
            Some(cast) => Ok(Expr { position, ..cast }),
            None => {
                let (from, to) = (self.type_name(source), self.type_name(ty.oid));
                Err(DatabaseError::new(CANNOT_COERCE, format!("cannot cast type {from} to {to}"))
                    .at(position))
            }
        }
    }

    fn case(
        &mut self,
        scope: &mut Scope<'_>,
        place: Place,
        operand: Option<&ast::Expr>,
        arms: &[(ast::Expr, ast::Expr)],
        otherwise: Option<&ast::Expr>,
        position: Position,
    ) -> Result<Expr> {
        let operand = match operand {
            Some(operand) => {
                let operand = self.expression(scope, place, operand)?;
                Some(self.resolve_unknown(operand)?)
            }
            None => None,
        };
        let mut conditions = Vec::with_capacity(arms.len());
        let mut results = Vec::with_capacity(arms.len() + 1);
        for (condition, result) in arms {
            let bound = self.expression(scope, place, condition)?;
            let bound = match &operand {
                Some(operand) => {
                    let test = Expr::new(ExprKind::CaseOperand, operand.ty).at(operand.position);
                    let equals = ast::OperatorName { schema: None, symbol: "=".to_owned() };
                    self.operation(&equals, test, bound, condition.position)?
                }
                None => bound,
            };
            conditions.push(self.coerce_to_boolean(bound, "CASE/WHEN")?);
            results.push(self.expression(scope, place, result)?);
        }
        let otherwise = match otherwise {
            Some(otherwise) => self.expression(scope, place, otherwise)?,
            None => Expr::null(UNKNOWN),
        };
        // The ELSE result is looked at first.
        results.insert(0, otherwise);
        self.refuse_sets_within(&results, "CASE")?;
        let common = self.common_type(&results.iter().collect::<Vec<_>>(), Some("CASE"))?;
        let ty = common.unwrap_or(oid::TEXT);
        let results = results.into_iter().enumerate();
        let results = results.map(|(at, result)| {
            self.coerce_to_common(result, ty, if at == 0 { "CASE/ELSE" } else { "CASE/WHEN" })
        });
        let results = results.collect::<Result<Vec<_>>>()?;
        let modifier = common_modifier(&results.iter().collect::<Vec<_>>(), ty);
        let mut results = results.into_iter();
        let otherwise = Box::new(results.next().unwrap_or_else(|| Expr::null(plain(ty))));
        let arms = conditions.into_iter().zip(results).collect();
        let kind = ExprKind::Case { operand: operand.map(Box::new), arms, otherwise };
        Ok(Expr::new(kind, TypeRef { oid: ty, modifier }).at(position))
    }

    fn refuse_sets_within(&self, exprs: &[Expr], construct: &str) -> Result<()> {
        match exprs.iter().find_map(|expr| {
            super::aggregate::first_of(expr, |kind| matches!(kind, ExprKind::SetCall { .. }))
        }) {
            Some(position) => Err(DatabaseError::new(
                sqlstate::FEATURE_NOT_SUPPORTED,
                format!("set-returning functions are not allowed in {construct}"),
            )
            .with_hint("You might be able to move the set-returning function into a LATERAL FROM item.")
            .at(position)),
            None => Ok(()),
        }
    }

    fn extreme(
        &mut self,
        scope: &mut Scope<'_>,
        place: Place,
        args: &[ast::Expr],
        greatest: bool,
        position: Position,
    ) -> Result<Expr> {
        let args = self.expressions(scope, place, args)?;
        let (ty, args) = self.coerce_all_to_common(args, if greatest { "GREATEST" } else { "LEAST" })?;
        if self.comparison_operator(ty, "<").is_none() {
            return Err(DatabaseError::new(
                sqlstate::UNDEFINED_FUNCTION,
                format!("could not identify a comparison function for type {}", self.type_name(ty)),
            ));
        }
        let modifier = common_modifier(&args.iter().collect::<Vec<_>>(), ty);
        let kind = ExprKind::Extreme { greatest, args };
        Ok(Expr::new(kind, TypeRef { oid: ty, modifier }).at(position))
    }

    fn value_function(
        &mut self,
        name: ValueFunction,
        precision: Option<i32>,
        position: Position,
    ) -> Result<Expr> {
        let call =
            |function, ty| Expr::new(ExprKind::Call { function, args: Vec::new() }, plain(ty)).at(position);
        let (ty, value) = match name {
            ValueFunction::CurrentUser | ValueFunction::CurrentRole | ValueFunction::User => {
                return Ok(call(CURRENT_USER, oid::NAME));
            }
            ValueFunction::SessionUser => return Ok(call(SESSION_USER, oid::NAME)),
            ValueFunction::CurrentCatalog => return Ok(call(CURRENT_DATABASE, oid::NAME)),
            ValueFunction::CurrentSchema => return Ok(self.current_schema().at(position)),
            ValueFunction::CurrentDate => (oid::DATE, None),
            ValueFunction::CurrentTime => (oid::TIMETZ, precision),
            ValueFunction::CurrentTimestamp => (oid::TIMESTAMPTZ, precision),
            ValueFunction::LocalTime => (oid::TIME, precision),
            ValueFunction::LocalTimestamp => (oid::TIMESTAMP, precision),
        };
        let target = TypeRef { oid: ty, modifier: value.unwrap_or(-1) };
        self.explicit_cast(call(NOW, oid::TIMESTAMPTZ), target, position)
    }

    /// The first schema of the path: a statement is compiled for one path.
    pub(crate) fn current_schema(&self) -> Expr {
        let schema = self.path.creation().and_then(|oid| self.catalog.schemas.get(&oid));
        let name = schema.map_or(StoredValue::Null, |schema| StoredValue::from(schema.name.as_str()));
        Expr::new(ExprKind::Constant(name), plain(oid::NAME))
    }

    fn collate(
        &mut self,
        scope: &mut Scope<'_>,
        place: Place,
        expr: &ast::Expr,
        collation: &ast::Name,
        position: Position,
    ) -> Result<Expr> {
        let expr = self.expression(scope, place, expr)?;
        let ty = expr.ty;
        if ty.oid != oid::UNKNOWN && !types::is_collatable(self.catalog, ty.oid) {
            return Err(DatabaseError::new(
                DATATYPE_MISMATCH,
                format!("collations are not supported by type {}", self.type_name(ty.oid)),
            )
            .at(position));
        }
        let name = collation.parts.last().map_or("", String::as_str);
        match name {
            "C" | "POSIX" | "default" | "C.utf8" | "C.UTF-8" | "ucs_basic" => {
                let kind = ExprKind::Collate { expr: Box::new(expr), collation: name.to_owned() };
                Ok(Expr::new(kind, ty).at(position))
            }
            _ => Err(DatabaseError::unsupported(format_args!("collation \"{name}\"")).at(position)),
        }
    }
}

/// int2vector and oidvector: arrays by what they hold, but elements of arrays like any other value.
fn is_vector(ty: Oid) -> bool {
    matches!(ty, oid::INT2VECTOR | oid::OIDVECTOR)
}

/// 0A000 for arrays whose elements are of such a type.
pub(super) fn refuse_vectors(element: Oid, position: Position) -> Result<()> {
    if is_vector(element) {
        return Err(DatabaseError::unsupported("an array of int2vector or oidvector").at(position));
    }
    Ok(())
}
