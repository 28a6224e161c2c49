//! Names of PL/pgSQL variables in SQL: plpgsql_ns_lookup and the column reference hooks of pl_comp.c.

use super::Analysis;
use super::scope::Scope;
use crate::bound::{Expr, ExprKind};
use catalog::TypeRef;
use datum::StoredValue;
use datum::oid;
use sqlstate::{
    AMBIGUOUS_COLUMN, DatabaseError, OBJECT_NOT_IN_PREREQUISITE_STATE, Result, UNDEFINED_COLUMN,
    UNDEFINED_TABLE,
};
use syntax::ast::{self, Position};
use syntax::plpgsql::Conflict;

/// The variables that a statement of a body sees.
#[derive(Clone, Debug)]
pub struct Variables {
    /// Block by block, the innermost last.
    pub namespaces: Vec<Namespace>,
    /// What a name means that is a column's as well.
    pub conflict: Conflict,
}

/// The variables of a block.
#[derive(Clone, Debug, Default)]
pub struct Namespace {
    /// The block's label; the outermost has the function's name.
    pub label: Option<String>,
    /// They, in order.
    pub variables: Vec<(String, Variable)>,
}

/// A variable.
#[derive(Clone, Debug, PartialEq)]
pub enum Variable {
    /// Of one value.
    Scalar(Expr),
    /// Of a row.
    Record(Record),
    /// A record that nothing was assigned to.
    Unassigned,
    /// `TG_ARGV`: its elements count from 0.
    Arguments(Vec<String>),
}

/// A variable of a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The fields' names.
    pub names: Vec<String>,
    /// Their values.
    pub fields: Vec<Expr>,
    /// The row as one value, when it may be used so.
    pub whole: Option<Expr>,
    /// Declared `record`: it takes the shape of what is assigned.
    pub takes_any_shape: bool,
}

/// What a dotted name leads to.
enum Found<'v, 'p> {
    Variable(&'v Variable),
    Field(&'v str, &'v Variable, &'p str),
}

impl Variables {
    /// plpgsql_ns_lookup
    fn find<'v, 'p>(&'v self, parts: &'p [String]) -> Option<(Found<'v, 'p>, usize)> {
        for space in self.namespaces.iter().rev() {
            let named = |name: &String| space.variables.iter().find(|(other, _)| other == name);
            let is_scalar =
                |variable: &Variable| matches!(variable, Variable::Scalar(_) | Variable::Arguments(_));
            let (first, rest) = parts.split_first()?;
            if let Some((name, variable)) = named(first)
                && (rest.is_empty() || !is_scalar(variable))
            {
                return Some((found(name, variable, rest), rest.len()));
            }
            if let ([second, rest @ ..], Some(label)) = (rest, &space.label)
                && label == first
                && let Some((name, variable)) = named(second)
                && (rest.is_empty() || !is_scalar(variable))
            {
                return Some((found(name, variable, rest), rest.len()));
            }
        }
        None
    }

    /// The variable of this name, whole.
    pub(crate) fn variable(&self, parts: &[String]) -> Option<&Variable> {
        match self.find(parts)? {
            (Found::Variable(variable), 0) => Some(variable),
            _ => None,
        }
    }

    /// The value of a name; `None` when no variable has it. A missing field is an error, or with `lenient` none either.
    fn value(&self, parts: &[String], lenient: bool) -> Result<Option<Expr>> {
        let Some((found, depth)) = self.find(parts) else { return Ok(None) };
        if depth > 1 {
            return Ok(None);
        }
        match found {
            Found::Variable(Variable::Scalar(expr)) => Ok(Some(expr.clone())),
            Found::Variable(Variable::Arguments(_)) => {
                Err(DatabaseError::unsupported("TG_ARGV other than as TG_ARGV[n]"))
            }
            Found::Variable(Variable::Record(record)) => match &record.whole {
                Some(whole) => Ok(Some(whole.clone())),
                None if lenient => Ok(None),
                None => Err(DatabaseError::unsupported("a row variable as one value")),
            },
            Found::Field(name, Variable::Record(record), field) => {
                match record.names.iter().position(|other| other == field) {
                    Some(at) => Ok(Some(record.fields[at].clone())),
                    None if lenient => Ok(None),
                    None => Err(no_field(name, field)),
                }
            }
            Found::Variable(Variable::Unassigned) | Found::Field(_, Variable::Unassigned, _) => {
                let name = if depth == 0 { parts.last() } else { parts.iter().rev().nth(1) };
                Err(unassigned(name.map_or("", String::as_str)))
            }
            Found::Field(..) => Ok(None),
        }
    }

    /// The row of this name, for `name.*`.
    fn record(&self, parts: &[String]) -> Result<Option<&Record>> {
        match self.variable(parts) {
            Some(Variable::Record(record)) => Ok(Some(record)),
            Some(Variable::Unassigned) => Err(unassigned(parts.last().map_or("", String::as_str))),
            Some(Variable::Scalar(_) | Variable::Arguments(_)) | None => Ok(None),
        }
    }
}

fn found<'v, 'p>(name: &'v str, variable: &'v Variable, rest: &'p [String]) -> Found<'v, 'p> {
    match rest {
        [] => Found::Variable(variable),
        [field, ..] => Found::Field(name, variable, field),
    }
}

/// 42703
pub(crate) fn no_field(record: &str, field: &str) -> DatabaseError {
    DatabaseError::new(UNDEFINED_COLUMN, format!("record \"{record}\" has no field \"{field}\""))
}

/// 55000
pub(crate) fn unassigned(record: &str) -> DatabaseError {
    DatabaseError::new(OBJECT_NOT_IN_PREREQUISITE_STATE, format!("record \"{record}\" is not assigned yet"))
        .with_detail("The tuple structure of a not-yet-assigned record is indeterminate.")
}

fn ambiguous(parts: &[String], position: Position) -> DatabaseError {
    DatabaseError::new(AMBIGUOUS_COLUMN, format!("column reference \"{}\" is ambiguous", parts.join(".")))
        .with_detail("It could refer to either a PL/pgSQL variable or a table column.")
        .at(position)
}

/// Whether an error only says that there is no such column.
fn is_missing(error: &DatabaseError) -> bool {
    [UNDEFINED_COLUMN, UNDEFINED_TABLE].contains(&error.code())
}

impl Analysis<'_> {
    /// A name that may be a variable's as well as a column's.
    pub(crate) fn variable_or(
        &mut self,
        parts: &[String],
        position: Position,
        column: impl FnOnce(&mut Self) -> Result<Expr>,
    ) -> Result<Expr> {
        let Some(variables) = self.variables.clone() else { return column(self) };
        if variables.conflict == Conflict::UseVariable
            && let Some(value) = variables.value(parts, true)?
        {
            return Ok(value.at(position));
        }
        match column(self) {
            Ok(found) => {
                if variables.conflict == Conflict::Error
                    && variables.value(parts, true).is_ok_and(|value| value.is_some())
                {
                    return Err(ambiguous(parts, position));
                }
                Ok(found)
            }
            Err(missing) if is_missing(&missing) => match variables.value(parts, false)? {
                Some(value) => Ok(value.at(position)),
                None => Err(missing),
            },
            Err(error) => Err(error),
        }
    }

    /// `variable.*`: names and values.
    pub(crate) fn variable_star(&self, qualifier: &[String]) -> Result<Option<Vec<(String, Expr)>>> {
        let Some(variables) = &self.variables else { return Ok(None) };
        let record = variables.record(qualifier)?;
        Ok(record.map(|record| record.names.iter().cloned().zip(record.fields.iter().cloned()).collect()))
    }

    /// `variable.*` as one value.
    pub(crate) fn variable_row(&self, qualifier: &[String]) -> Result<Option<Expr>> {
        let Some(variables) = &self.variables else { return Ok(None) };
        match variables.record(qualifier)? {
            Some(_) => variables.value(qualifier, false),
            None => Ok(None),
        }
    }

    /// `TG_ARGV[n]`; `None` when the name is not its.
    pub(crate) fn trigger_argument(
        &self,
        scope: &Scope<'_>,
        array: &ast::Expr,
        subscripts: &[ast::Subscript],
        position: Position,
    ) -> Result<Option<Expr>> {
        let (Some(variables), ast::ExprKind::Column(parts)) = (&self.variables, &array.kind) else {
            return Ok(None);
        };
        let Some(Variable::Arguments(arguments)) = variables.variable(parts) else { return Ok(None) };
        let column = matches!(parts.as_slice(), [name] if self.column_here(scope, name, position)?.is_some());
        let refused = || DatabaseError::unsupported("TG_ARGV other than as TG_ARGV[n]").at(position);
        let [ast::Subscript::Index(index)] = subscripts else { return Err(refused()) };
        let ast::ExprKind::Number(number) = &index.kind else { return Err(refused()) };
        if column {
            return Err(ambiguous(parts, position));
        }
        let at: Option<usize> = number.parse().ok();
        let text = TypeRef { oid: oid::TEXT, modifier: -1 };
        Ok(Some(match at.and_then(|at| arguments.get(at)) {
            Some(argument) => {
                Expr::new(ExprKind::Constant(StoredValue::Text(argument.clone())), text).at(position)
            }
            None => Expr::null(text),
        }))
    }
}
