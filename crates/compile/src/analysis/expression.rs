//! Expressions: transformExpr.

use super::coerce::{common_modifier, integer, unknown};
use super::{Analysis, Place, Scope};
use crate::bound::{Expr, ExprKind, Subscript};
use crate::mutant::{self, Mutant};
use crate::types::{self, BOOL, INT4, INT8, TEXT, UNKNOWN, plain};
use catalog::builtin::CastContext;
use catalog::{Oid, TypeRef};
use datum::{StoredValue, oid};
use sqlstate::{
    CANNOT_COERCE, DATATYPE_MISMATCH, DatabaseError, INDETERMINATE_DATATYPE, Result, SYNTAX_ERROR,
    UNDEFINED_COLUMN, UNDEFINED_PARAMETER, WRONG_OBJECT_TYPE,
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

/// The largest number of an array's dimensions.
const MAX_DIMENSIONS: usize = 6;

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

    fn subscript(
        &mut self,
        scope: &mut Scope<'_>,
        place: Place,
        expr: &ast::Expr,
        subscripts: &[ast::Subscript],
        position: Position,
    ) -> Result<Expr> {
        if let Some(argument) = self.trigger_argument(scope, expr, subscripts, position)? {
            return Ok(argument);
        }
        let container = self.expression(scope, place, expr)?;
        let base = self.base_oid(container.ty.oid);
        if base == oid::JSONB {
            return self.jsonb_subscript(scope, place, container, subscripts, position);
        }
        let Some(element) = self.catalog.element_type(base) else {
            return Err(DatabaseError::new(
                DATATYPE_MISMATCH,
                format!(
                    "cannot subscript type {} because it does not support subscripting",
                    self.type_name(container.ty.oid)
                ),
            )
            .at(container.position));
        };
        let bound = self.array_subscripts(scope, place, subscripts.iter())?;
        let sliced = bound.iter().any(|subscript| matches!(subscript, Subscript::Slice(..)));
        let oid = if sliced { base } else { element };
        let ty = TypeRef { oid, modifier: container.ty.modifier };
        let kind = ExprKind::Subscript { expr: Box::new(container), subscripts: bound };
        Ok(Expr::new(kind, ty).at(position))
    }

    /// The subscripts of an array; beside a slice a single index is the upper bound, from 1.
    pub(crate) fn array_subscripts<'s>(
        &mut self,
        scope: &mut Scope<'_>,
        place: Place,
        subscripts: impl Iterator<Item = &'s ast::Subscript> + Clone,
    ) -> Result<Vec<Subscript>> {
        let count = subscripts.clone().count();
        if count > MAX_DIMENSIONS {
            return Err(DatabaseError::new(
                sqlstate::PROGRAM_LIMIT_EXCEEDED,
                format!(
                    "number of array dimensions ({count}) exceeds the maximum allowed ({MAX_DIMENSIONS})"
                ),
            ));
        }
        let sliced = subscripts.clone().any(|subscript| matches!(subscript, ast::Subscript::Slice(..)));
        let mut bound = Vec::new();
        for subscript in subscripts {
            bound.push(match subscript {
                ast::Subscript::Index(at) => {
                    let at = self.array_index(scope, place, at)?;
                    if sliced { Subscript::Slice(Some(integer(1)), Some(at)) } else { Subscript::Index(at) }
                }
                ast::Subscript::Slice(lower, upper) => {
                    let lower = lower.as_ref().map(|at| self.array_index(scope, place, at)).transpose()?;
                    let upper = upper.as_ref().map(|at| self.array_index(scope, place, at)).transpose()?;
                    Subscript::Slice(lower, upper)
                }
            });
        }
        Ok(bound)
    }

    fn array_index(&mut self, scope: &mut Scope<'_>, place: Place, at: &ast::Expr) -> Result<Expr> {
        let at = self.expression(scope, place, at)?;
        let position = at.position;
        self.coerce_to_target(at, INT4, CastContext::Assignment)?.ok_or_else(|| {
            DatabaseError::new(DATATYPE_MISMATCH, "array subscript must have type integer").at(position)
        })
    }

    /// `j['a']['b']` is `j #> '{a,b}'` for reading.
    fn jsonb_subscript(
        &mut self,
        scope: &mut Scope<'_>,
        place: Place,
        container: Expr,
        subscripts: &[ast::Subscript],
        position: Position,
    ) -> Result<Expr> {
        let mut path = Vec::with_capacity(subscripts.len());
        for subscript in subscripts {
            let key = self.jsonb_key(scope, place, subscript, position)?;
            let position = key.position;
            let text = self.coerce_to_target(key, TEXT, CastContext::Explicit)?;
            path.push(text.ok_or_else(|| {
                DatabaseError::new(DATATYPE_MISMATCH, "jsonb subscript must have text type").at(position)
            })?);
        }
        let path = Expr::new(ExprKind::Array(path), plain(oid::TEXT_ARRAY)).at(position);
        let operator = ast::OperatorName { schema: Some("pg_catalog".to_owned()), symbol: "#>".to_owned() };
        self.operation(&operator, container, path, position)
    }

    /// A subscript of jsonb: an integer or a text, whichever its type becomes by itself.
    pub(crate) fn jsonb_key(
        &mut self,
        scope: &mut Scope<'_>,
        place: Place,
        subscript: &ast::Subscript,
        position: Position,
    ) -> Result<Expr> {
        let ast::Subscript::Index(at) = subscript else {
            return Err(
                DatabaseError::new(DATATYPE_MISMATCH, "jsonb subscript does not support slices").at(position)
            );
        };
        let key = self.expression(scope, place, at)?;
        let (ty, position) = (key.ty.oid, key.position);
        let text = self.coerce_to_target(key.clone(), TEXT, CastContext::Implicit)?;
        let number =
            if ty == oid::UNKNOWN { None } else { self.coerce_to_target(key, INT4, CastContext::Implicit)? };
        let unsupported = |analysis: &Self, hint: &str| {
            let message = format!("subscript type {} is not supported", analysis.type_name(ty));
            DatabaseError::new(DATATYPE_MISMATCH, message).with_hint(hint).at(position)
        };
        match (number, text) {
            (Some(key), None) | (None, Some(key)) => Ok(key),
            (Some(_), Some(_)) => {
                Err(unsupported(self, "jsonb subscript must be coercible to only one type, integer or text."))
            }
            (None, None) => {
                Err(unsupported(self, "jsonb subscript must be coercible to either integer or text."))
            }
        }
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

    /// ARRAY[…]; `target` is the array type that a cast around asks for.
    fn array(
        &mut self,
        scope: &mut Scope<'_>,
        place: Place,
        elements: &[ast::Expr],
        target: Option<TypeRef>,
        position: Position,
    ) -> Result<Expr> {
        let mut bound = Vec::with_capacity(elements.len());
        let mut nested = false;
        for element in elements {
            bound.push(match &element.kind {
                Ast::Array(inner) => {
                    nested = true;
                    let inner = self.array(scope, place, inner, target, element.position)?;
                    if let Some(target) = target {
                        self.coerce_to_array(inner, target, element.position)?
                    } else {
                        inner
                    }
                }
                _ => {
                    let element = self.expression(scope, place, element)?;
                    refuse_vectors(element.ty.oid, position)?;
                    nested |= self.catalog.element_type(self.base_oid(element.ty.oid)).is_some()
                        && target.is_none();
                    element
                }
            });
        }
        let (array, element) = match target {
            Some(target) if bound.is_empty() && is_vector(target.oid) => {
                let message = format!("array is not a valid {}", self.type_name(target.oid));
                return Err(DatabaseError::new(DATATYPE_MISMATCH, message));
            }
            Some(target) => {
                let element = self.catalog.element_type(target.oid).unwrap_or(oid::TEXT);
                (target.oid, if nested { target.oid } else { element })
            }
            None => {
                if bound.is_empty() {
                    return Err(DatabaseError::new(
                        INDETERMINATE_DATATYPE,
                        "cannot determine type of empty array",
                    )
                    .with_hint("Explicitly cast to the desired type, for example ARRAY[]::integer[].")
                    .at(position));
                }
                let refs: Vec<&Expr> = bound.iter().collect();
                let element = self.common_type(&refs, Some("ARRAY"))?.unwrap_or(oid::TEXT);
                if nested && self.catalog.element_type(element).is_some() {
                    (element, element)
                } else {
                    let array = self.catalog.array_type(element).ok_or_else(|| {
                        DatabaseError::new(
                            sqlstate::UNDEFINED_OBJECT,
                            format!("could not find array type for data type {}", self.type_name(element)),
                        )
                        .at(position)
                    })?;
                    (array, element)
                }
            }
        };
        let mut converted = Vec::with_capacity(bound.len());
        for item in bound {
            converted.push(match target {
                // A cast of the whole is a cast of each element.
                Some(target) => {
                    let (source, at) = (item.ty.oid, item.position);
                    let to = TypeRef { oid: element, modifier: target.modifier };
                    let item = self.coerce_to_target(item, to, CastContext::Explicit)?;
                    item.ok_or_else(|| self.cannot_cast(source, element).at(at))?
                }
                None => self.coerce_to_common(item, element, "ARRAY")?,
            });
        }
        let modifier = common_modifier(&converted.iter().collect::<Vec<_>>(), element);
        Ok(Expr::new(ExprKind::Array(converted), TypeRef { oid: array, modifier }).at(position))
    }

    fn coerce_to_array(&mut self, expr: Expr, target: TypeRef, position: Position) -> Result<Expr> {
        if expr.ty.oid == target.oid { Ok(expr) } else { self.explicit_cast(expr, target, position) }
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
