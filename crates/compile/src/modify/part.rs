//! Assignments to a part of a column: `SET a[1] = …`, `SET pair.x = …` (transformAssignmentIndirection).

use crate::analysis::{Analysis, Place, Scope};
use crate::bound::{Expr, ExprKind, Subscript};
use crate::types::plain;
use catalog::builtin::CastContext;
use catalog::{Column, TypeRef};
use datum::oid;
use sqlstate::{DATATYPE_MISMATCH, DatabaseError, FEATURE_NOT_SUPPORTED, Result, UNDEFINED_COLUMN};
use syntax::ast::{self, Indirection};

/// The whole new value of a column of which `target` names a part; `current` is the value that it has.
pub(super) fn assign(
    analysis: &mut Analysis<'_>,
    scope: &mut Scope<'_>,
    place: Place,
    column: &Column,
    target: &ast::ColumnTarget,
    current: Expr,
    value: Expr,
) -> Result<Expr> {
    if matches!(value.kind, ExprKind::Default) {
        let what = match target.indirection.first() {
            Some(Indirection::Field(_)) => "cannot set a subfield to DEFAULT",
            _ => "cannot set an array element to DEFAULT",
        };
        return Err(DatabaseError::new(FEATURE_NOT_SUPPORTED, what).at(target.position));
    }
    let mut part = Part { analysis, scope, place, column: &column.name, position: target.position };
    let whole = part.step(current, column.type_ref, &target.indirection, value)?;
    analysis.coerce_assignment(whole, column.type_ref, &column.name)
}

/// An assignment to a part, where it stands.
struct Part<'p, 'a, 's> {
    analysis: &'p mut Analysis<'a>,
    scope: &'p mut Scope<'s>,
    place: Place,
    column: &'p str,
    position: ast::Position,
}

impl Part<'_, '_, '_> {
    fn step(&mut self, current: Expr, ty: TypeRef, steps: &[Indirection], value: Expr) -> Result<Expr> {
        match steps.first() {
            None => Ok(value),
            Some(Indirection::Field(name)) => self.field(current, ty, name, &steps[1..], value),
            Some(Indirection::Subscript(_)) => self.element(current, ty, steps, value),
        }
    }

    fn field(
        &mut self,
        current: Expr,
        ty: TypeRef,
        name: &str,
        rest: &[Indirection],
        value: Expr,
    ) -> Result<Expr> {
        let base = self.analysis.base_oid(ty.oid);
        let type_name = self.analysis.type_name(ty.oid);
        let column = self.column;
        let Some(composite) = self.analysis.composite(base).cloned() else {
            let message = format!(
                "cannot assign to field \"{name}\" of column \"{column}\" because its type {type_name} is not a composite type"
            );
            return Err(DatabaseError::new(DATATYPE_MISMATCH, message).at(self.position));
        };
        let Some(at) = composite.columns.iter().position(|field| field.name == name) else {
            let message = format!(
                "cannot assign to field \"{name}\" of column \"{column}\" because there is no such column in data type {type_name}"
            );
            return Err(DatabaseError::new(UNDEFINED_COLUMN, message).at(self.position));
        };
        let (mut fields, mut names) = (Vec::new(), Vec::new());
        for (field, column) in composite.columns.iter().enumerate() {
            let kind = ExprKind::Field { expr: Box::new(current.clone()), field };
            fields.push(Expr::new(kind, column.type_ref));
            names.push(column.name.clone());
        }
        let wanted = composite.columns[at].type_ref;
        let before = fields[at].clone();
        let value = self.step(before, wanted, rest, value)?;
        fields[at] = self.converted(value, wanted, |wanted, found| {
            format!("subfield \"{name}\" is of type {wanted} but expression is of type {found}")
        })?;
        Ok(Expr::new(ExprKind::Row { fields, names }, plain(base)))
    }

    fn element(&mut self, current: Expr, ty: TypeRef, steps: &[Indirection], value: Expr) -> Result<Expr> {
        let base = self.analysis.base_oid(ty.oid);
        if base == oid::JSONB {
            return self.jsonb(current, steps, value);
        }
        let Some(element) = self.analysis.catalog.element_type(base) else {
            let message = format!(
                "cannot subscript type {} because it does not support subscripting",
                self.analysis.type_name(ty.oid)
            );
            return Err(DatabaseError::new(DATATYPE_MISMATCH, message).at(self.position));
        };
        let written: Vec<&ast::Subscript> = steps
            .iter()
            .map_while(|step| match step {
                Indirection::Subscript(subscript) => Some(&**subscript),
                Indirection::Field(_) => None,
            })
            .collect();
        let rest = &steps[written.len()..];
        let subscripts = self.analysis.array_subscripts(self.scope, self.place, written.into_iter())?;
        let sliced = subscripts.iter().any(|subscript| matches!(subscript, Subscript::Slice(..)));
        let wanted = TypeRef { oid: if sliced { base } else { element }, modifier: ty.modifier };
        let kind = ExprKind::Subscript { expr: Box::new(current.clone()), subscripts: subscripts.clone() };
        let before = Expr::new(kind, wanted);
        let value = self.step(before, wanted, rest, value)?;
        let column = self.column;
        let value = self.converted(value, wanted, |wanted, found| {
            format!(
                "subscripted assignment to \"{column}\" requires type {wanted} but expression is of type {found}"
            )
        })?;
        let kind = ExprKind::AssignSubscript { expr: Box::new(current), subscripts, value: Box::new(value) };
        Ok(Expr::new(kind, TypeRef { oid: base, modifier: ty.modifier }))
    }

    /// A value within a document: `SET j['a'][0] = …`.
    fn jsonb(&mut self, current: Expr, steps: &[Indirection], value: Expr) -> Result<Expr> {
        let column = self.column;
        let mut subscripts = Vec::with_capacity(steps.len());
        for step in steps {
            match step {
                Indirection::Subscript(subscript) => {
                    let key = self.analysis.jsonb_key(self.scope, self.place, subscript, self.position)?;
                    subscripts.push(Subscript::Index(key));
                }
                Indirection::Field(name) => {
                    let message = format!(
                        "cannot assign to field \"{name}\" of column \"{column}\" because its type jsonb is not a composite type"
                    );
                    return Err(DatabaseError::new(DATATYPE_MISMATCH, message).at(self.position));
                }
            }
        }
        let wanted = plain(oid::JSONB);
        let value = self.converted(value, wanted, |wanted, found| {
            format!(
                "subscripted assignment to \"{column}\" requires type {wanted} but expression is of type {found}"
            )
        })?;
        let kind = ExprKind::AssignSubscript { expr: Box::new(current), subscripts, value: Box::new(value) };
        Ok(Expr::new(kind, wanted))
    }

    fn converted(
        &mut self,
        value: Expr,
        wanted: TypeRef,
        message: impl FnOnce(String, String) -> String,
    ) -> Result<Expr> {
        let (position, found) = (value.location(), value.ty.oid);
        self.analysis.coerce_to_target(value, wanted, CastContext::Assignment)?.ok_or_else(|| {
            let message = message(self.analysis.type_name(wanted.oid), self.analysis.type_name(found));
            DatabaseError::new(DATATYPE_MISMATCH, message)
                .with_hint("You will need to rewrite or cast the expression.")
                .at(position)
        })
    }
}
