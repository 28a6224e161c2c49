//! Values into variables: `:=` and INTO.

use super::{Compiler, register, register_of};
use crate::analysis::{Unknowns, Variable, no_field, unassigned};
use crate::bound::{Body, Expr, ExprKind};
use crate::mutant::{self, Mutant};
use crate::program::{Assignment, Instruction, ResultColumn, Rows, Slot};
use crate::{query_program, render};
use catalog::TypeRef;
use datum::{StoredValue, oid};
use sqlstate::{DatabaseError, ERROR_IN_ASSIGNMENT, Result, SYNTAX_ERROR};
use syntax::ast;
use syntax::plpgsql::Into;

/// A row count.
pub(super) fn int8(value: i64) -> Expr {
    let ty = TypeRef { oid: oid::INT8, modifier: -1 };
    Expr::new(ExprKind::Constant(StoredValue::Integer(value)), ty)
}

/// What is assigned to.
enum Goal {
    /// One value.
    Value(Expr),
    /// A row.
    Row(Vec<Expr>),
    /// A record that takes any shape: by its name.
    Record(String),
}

impl Compiler<'_> {
    /// `target := value`
    pub(super) fn assign(&mut self, target: &[String], value: &ast::Select) -> Result<()> {
        match self.goal(target)? {
            Goal::Value(field) => self.assign_value(value, &field),
            Goal::Row(_) | Goal::Record(_) => {
                Err(DatabaseError::unsupported(format_args!("assigning a whole row to {}", target.join("."))))
            }
        }
    }

    /// Assigns the value of a SELECT of one expression.
    pub(super) fn assign_value(&mut self, select: &ast::Select, target: &Expr) -> Result<()> {
        let mut analysis = self.analysis();
        let mut query = analysis.query_with(None, select, Unknowns::Keep)?;
        let columns = query.columns.len();
        if columns != 1 {
            let message = format!("assignment source returned {columns} columns");
            return Err(DatabaseError::new(SYNTAX_ERROR, message));
        }
        let in_place = query.order_by.is_empty()
            && matches!(&query.body, Body::Core(core) if core.distinct.is_none() && core.targets.len() == 1);
        let assignment = match &mut query.body {
            Body::Core(core) if in_place => {
                let value = std::mem::replace(&mut core.targets[0].expr, Expr::null(target.ty));
                core.targets[0].expr = analysis.coerce_plpgsql(value, target.ty)?;
                query.columns[0].ty = target.ty;
                let slot = self.slot(target)?;
                Assignment { raw: vec![slot.register], convert: None, targets: vec![slot] }
            }
            _ => {
                analysis = self.analysis();
                query = analysis.query(None, select)?;
                let columns = [query.columns[0].ty];
                self.convert(&columns, std::slice::from_ref(target))?
            }
        };
        let program = Box::new(query_program(&mut analysis, query, 0)?);
        let lost = mutant::is(Mutant::TriggerAssignmentLost)
            && assignment.targets.iter().all(|slot| slot.register < self.found / 2);
        let rows = if lost { Rows::Discard } else { Rows::Value(assignment) };
        self.body.push(Instruction::Run { program, rows, sets_found: false });
        Ok(())
    }

    /// INTO's targets take these columns.
    pub(super) fn assignment_into(&mut self, columns: &[ResultColumn], into: &Into) -> Result<Assignment> {
        let types: Vec<TypeRef> = columns.iter().map(|column| column.type_ref).collect();
        if let [target] = into.targets.as_slice() {
            match self.goal(target)? {
                Goal::Value(field) => return self.convert(&types, &[field]),
                Goal::Row(fields) => {
                    self.refuse_rows(&types)?;
                    return self.convert(&types, &fields);
                }
                Goal::Record(name) => {
                    self.refuse_rows(&types)?;
                    let names = columns.iter().map(|column| column.name.clone()).collect();
                    let mut record = self.record(names, &types);
                    record.takes_any_shape = true;
                    let fields = record.fields.clone();
                    self.set_variable(&name, Variable::Record(record));
                    return self.convert(&types, &fields);
                }
            }
        }
        let mut fields = Vec::new();
        for target in &into.targets {
            match self.goal(target)? {
                Goal::Value(field) => fields.push(field),
                Goal::Row(_) | Goal::Record(_) => {
                    let message = format!("\"{}\" is not a scalar variable", target.join("."));
                    return Err(DatabaseError::new(SYNTAX_ERROR, message));
                }
            }
        }
        self.convert(&types, &fields)
    }

    /// A column that is a row by itself would be taken apart.
    fn refuse_rows(&self, types: &[TypeRef]) -> Result<()> {
        match types {
            [ty] if ty.oid == oid::RECORD || self.analysis().is_composite(ty.oid) => {
                Err(DatabaseError::unsupported("INTO a row variable from a value that is a row"))
            }
            _ => Ok(()),
        }
    }

    /// The innermost variable of this name becomes another.
    fn set_variable(&mut self, name: &str, variable: Variable) {
        for space in self.variables.namespaces.iter_mut().rev() {
            if let Some((_, place)) = space.variables.iter_mut().find(|(other, _)| other == name) {
                *place = variable;
                return;
            }
        }
    }

    fn goal(&self, target: &[String]) -> Result<Goal> {
        let unknown =
            || DatabaseError::new(SYNTAX_ERROR, format!("\"{}\" is not a known variable", target.join(".")));
        if let Some(variable) = self.variables.variable(target) {
            return match variable {
                Variable::Scalar(value) => Ok(Goal::Value(value.clone())),
                Variable::Record(record) if record.takes_any_shape => {
                    Ok(Goal::Record(target.last().cloned().unwrap_or_default()))
                }
                Variable::Record(record) => Ok(Goal::Row(record.fields.clone())),
                Variable::Unassigned => Ok(Goal::Record(target.last().cloned().unwrap_or_default())),
                Variable::Arguments(_) => Err(DatabaseError::unsupported("assigning to TG_ARGV")),
            };
        }
        let Some((field, record)) = target.split_last().filter(|(_, rest)| !rest.is_empty()) else {
            return Err(unknown());
        };
        let name = record.last().map_or("", String::as_str);
        match self.variables.variable(record) {
            Some(Variable::Record(row)) => match row.names.iter().position(|other| other == field) {
                Some(at) => Ok(Goal::Value(row.fields[at].clone())),
                None => Err(no_field(name, field)),
            },
            Some(Variable::Unassigned) => Err(unassigned(name)),
            Some(Variable::Scalar(_) | Variable::Arguments(_)) | None => Err(unknown()),
        }
    }

    /// The place of a variable, if it may be assigned to.
    fn slot(&self, target: &Expr) -> Result<Slot> {
        let Some(register) = register_of(target) else {
            return Err(DatabaseError::unsupported("assigning to a variable of the trigger's own"));
        };
        let rules = self.rules.get(&register);
        if let Some(rules) = rules.filter(|rules| rules.constant) {
            let message = format!("variable \"{}\" is declared CONSTANT", rules.name);
            return Err(DatabaseError::new(ERROR_IN_ASSIGNMENT, message));
        }
        let not_null = rules.filter(|rules| rules.not_null).map(|rules| rules.name.clone());
        Ok(Slot { register, not_null })
    }

    /// Columns of these types into variables, one by one; variables without a column become NULL.
    fn convert(&mut self, columns: &[TypeRef], targets: &[Expr]) -> Result<Assignment> {
        let slots = targets.iter().map(|target| self.slot(target)).collect::<Result<Vec<Slot>>>()?;
        let same = |(column, target): (&TypeRef, &Expr)| {
            column.oid == target.ty.oid && [column.modifier, -1].contains(&target.ty.modifier)
        };
        if targets.len() <= columns.len() && columns.iter().zip(targets).all(same) {
            return Ok(Assignment {
                raw: slots.iter().map(|slot| slot.register).collect(),
                convert: None,
                targets: slots,
            });
        }
        let mut raw = Vec::new();
        let mut values = Vec::new();
        let mut analysis = self.analysis();
        for (at, target) in targets.iter().enumerate() {
            let value = match columns.get(at) {
                Some(column) => {
                    let at = self.new_register();
                    raw.push(at);
                    analysis.coerce_plpgsql(register(at, *column), target.ty)?
                }
                None => Expr::null(target.ty),
            };
            values.push(value);
        }
        let convert = Some(render::render_row(self.catalog, &values)?);
        Ok(Assignment { raw, convert, targets: slots })
    }
}
