//! Arrays: made, and subscripted; and jsonb as far as it is subscripted.

use super::super::coerce::{common_modifier, integer};
use super::super::{Analysis, Place, Scope};
use super::{is_vector, refuse_vectors};
use crate::bound::{Expr, ExprKind, Subscript};
use crate::types::{INT4, TEXT, plain};
use catalog::TypeRef;
use catalog::builtin::CastContext;
use datum::oid;
use sqlstate::{DATATYPE_MISMATCH, DatabaseError, INDETERMINATE_DATATYPE, Result};
use syntax::ast::{self, ExprKind as Ast, Position};

impl Analysis<'_> {
    pub(super) fn subscript(
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

    /// ARRAY[…]; `target` is the array type that a cast around asks for.
    pub(super) fn array(
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
}

/// The largest number of an array's dimensions.
const MAX_DIMENSIONS: usize = 6;
