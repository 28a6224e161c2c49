//! RETURN of a trigger's function: a row that is known by its variable, or none.

use super::{Compiler, register, register_of};
use crate::analysis::Variable;
use crate::mutant::{self, Mutant};
use crate::program::{Instruction, Returned};
use datum::oid;
use sqlstate::{DatabaseError, Result, SYNTAX_ERROR};
use syntax::ast::{self, ExprKind as Ast};

impl Compiler<'_> {
    pub(super) fn returning(&mut self, value: Option<&ast::Select>) -> Result<()> {
        let Some(select) = value else {
            return Err(DatabaseError::new(SYNTAX_ERROR, "missing expression at or near \";\""));
        };
        let returned = match plain(select) {
            Some(expr) => self.returned(expr)?,
            None => None,
        };
        let returned = match returned {
            Some(returned) => returned,
            None => self.scalar(select)?,
        };
        let returned = match returned {
            Returned::Null if mutant::is(Mutant::TriggerSkipIgnored) && self.has_new => Returned::New,
            Returned::Null if mutant::is(Mutant::TriggerSkipIgnored) && self.has_old => Returned::Old,
            returned => returned,
        };
        self.body.push(Instruction::Return(returned));
        self.ended = true;
        Ok(())
    }

    /// The row that an expression is, if that can be told from how it is written.
    fn returned(&self, expr: &ast::Expr) -> Result<Option<Returned>> {
        match &expr.kind {
            Ast::Null => Ok(Some(Returned::Null)),
            Ast::Column(parts) => match self.variables.variable(parts) {
                Some(Variable::Record(record)) => match record.fields.first().and_then(register_of) {
                    Some(0) => Ok(Some(if self.has_new { Returned::New } else { Returned::Null })),
                    Some(at) if at == self.found / 2 => {
                        Ok(Some(if self.has_old { Returned::Old } else { Returned::Null }))
                    }
                    _ => Err(DatabaseError::unsupported("RETURN of a row variable of its own")),
                },
                Some(Variable::Scalar(value)) => Ok(register_of(value).map(Returned::Scalar)),
                Some(Variable::Unassigned) => {
                    Err(DatabaseError::unsupported("RETURN of a row variable of its own"))
                }
                Some(Variable::Arguments(_)) | None => Ok(None),
            },
            Ast::Coalesce(args) => {
                for arg in args {
                    match self.returned(arg)? {
                        Some(Returned::Null) => {}
                        found => return Ok(found.filter(|found| !matches!(found, Returned::Scalar(_)))),
                    }
                }
                Ok(Some(Returned::Null))
            }
            _ => Ok(None),
        }
    }

    /// Any other value is no row, unless it is NULL.
    fn scalar(&mut self, select: &ast::Select) -> Result<Returned> {
        let ty = match self.analysis().query(None, select)?.columns.as_slice() {
            [column] => column.ty,
            _ => return Err(DatabaseError::unsupported("RETURN of more than one value")),
        };
        if ty.oid == oid::RECORD || self.analysis().is_composite(ty.oid) {
            return Err(DatabaseError::unsupported("RETURN of a row that is no variable's"));
        }
        let at = self.new_register();
        self.assign_value(select, &register(at, ty))?;
        Ok(Returned::Scalar(at))
    }
}

/// The expression of a SELECT that is nothing but one.
fn plain(select: &ast::Select) -> Option<&ast::Expr> {
    let ast::QueryBody::Select(core) = &select.body else { return None };
    match core.targets.as_slice() {
        [target] if core.from.is_empty() && core.filter.is_none() => Some(&target.expr),
        _ => None,
    }
}
