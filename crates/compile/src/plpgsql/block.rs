//! Blocks: declarations, then the statements in their order.

use super::{Compiler, Rules, register};
use crate::analysis::{Namespace, Record, Variable, Variables};
use crate::bound::Expr;
use crate::program::{Instruction, Rows};
use crate::{compile_statement, query_program};
use catalog::TypeRef;
use sqlstate::{DatabaseError, NULL_VALUE_NOT_ALLOWED, Result, SYNTAX_ERROR, UNDEFINED_OBJECT};
use syntax::ast;
use syntax::plpgsql::{Block, Declaration, DeclaredType, Into, Statement};

impl Compiler<'_> {
    /// Compiles a block; an error in it becomes an instruction that fails.
    pub(super) fn block(&mut self, block: &Block) {
        self.variables.namespaces.push(Namespace { label: block.label.clone(), variables: Vec::new() });
        for declaration in &block.declarations {
            if let Err(error) = self.declare(declaration) {
                self.fail(error);
                return;
            }
        }
        for statement in &block.statements {
            if self.ended {
                break;
            }
            if let Err(error) = self.statement(statement) {
                self.fail(error);
            }
        }
        self.variables.namespaces.pop();
    }

    pub(super) fn declare(&mut self, declaration: &Declaration) -> Result<()> {
        let Declaration { name, ty, constant, not_null, default } = declaration;
        let space = self.variables.namespaces.last();
        if space.is_some_and(|space| space.variables.iter().any(|(other, _)| other == name)) {
            return Err(DatabaseError::new(SYNTAX_ERROR, "duplicate declaration"));
        }
        let rules = Rules { name: name.clone(), constant: *constant, not_null: *not_null };
        let variable = self.variable(ty, &rules)?;
        if let Some(default) = default {
            match &variable {
                Variable::Scalar(value) => self.assign_value(default, &value.clone())?,
                Variable::Record(_) | Variable::Unassigned | Variable::Arguments(_) => {
                    return Err(DatabaseError::unsupported("a default of a row variable"));
                }
            }
        } else if *not_null {
            return Err(DatabaseError::new(
                NULL_VALUE_NOT_ALLOWED,
                format!("variable \"{name}\" must have a default value, since it's declared NOT NULL"),
            ));
        }
        if let Some(space) = self.variables.namespaces.last_mut() {
            space.variables.push((name.clone(), variable));
        }
        if let (Some(at), true) = (self.last_register(), *constant) {
            self.rules.entry(at).or_default().constant = true;
        }
        Ok(())
    }

    /// The register of the variable that was declared last, when it has one.
    fn last_register(&self) -> Option<usize> {
        match self.variables.namespaces.last()?.variables.last()? {
            (_, Variable::Scalar(value)) => super::register_of(value),
            _ => None,
        }
    }

    fn variable(&mut self, ty: &DeclaredType, rules: &Rules) -> Result<Variable> {
        let ty = match ty {
            DeclaredType::Record => return Ok(Variable::Unassigned),
            DeclaredType::RowOf(table) => {
                let relation = self.analysis().find_relation(table)?;
                return Ok(self.row(&relation));
            }
            DeclaredType::OfVariable(name) => match self.variables.variable(std::slice::from_ref(name)) {
                Some(Variable::Scalar(value)) => value.ty,
                _ => {
                    let message = format!("syntax error at or near \"{name}\"");
                    return Err(DatabaseError::new(SYNTAX_ERROR, message));
                }
            },
            DeclaredType::Named(name) => {
                let mut analysis = self.analysis();
                if let Some(ty) = field_type(&self.variables, name) {
                    ty
                } else {
                    let ty = analysis.resolve_type(name)?;
                    if let Some(relation) = analysis.composite(ty.oid).cloned() {
                        return Ok(self.row(&relation));
                    }
                    ty
                }
            }
        };
        if self.catalog.type_entry(ty.oid).is_none() {
            return Err(DatabaseError::new(UNDEFINED_OBJECT, "a type that does not exist"));
        }
        let at = self.new_register();
        self.rules.insert(at, Rules { constant: false, ..rules.clone() });
        Ok(Variable::Scalar(register(at, ty)))
    }

    /// A variable with the columns of a relation.
    fn row(&mut self, relation: &catalog::Relation) -> Variable {
        let columns = relation.columns.iter();
        let (names, types): (Vec<String>, Vec<TypeRef>) =
            columns.map(|column| (column.name.clone(), column.type_ref)).unzip();
        Variable::Record(self.record(names, &types))
    }

    pub(super) fn record(&mut self, names: Vec<String>, types: &[TypeRef]) -> Record {
        let fields: Vec<Expr> = types.iter().map(|ty| register(self.new_register(), *ty)).collect();
        Record { names, fields, whole: None, takes_any_shape: false }
    }

    pub(super) fn statement(&mut self, statement: &Statement) -> Result<()> {
        match statement {
            Statement::Block(block) => self.block(block),
            Statement::Assign { target, value } => self.assign(target, value)?,
            Statement::Sql { verb, statement, into } => self.sql(verb, statement, into.as_ref())?,
            Statement::Perform(select) => {
                let mut analysis = self.analysis();
                let query = analysis.query(None, select)?;
                let program = Box::new(query_program(&mut analysis, query, 0)?);
                self.body.push(Instruction::Run { program, rows: Rows::Discard, sets_found: true });
            }
            Statement::Return(value) => self.returning(value.as_deref())?,
            Statement::Null => {}
            Statement::Unsupported(what) => return Err(DatabaseError::unsupported(what)),
            Statement::If { .. }
            | Statement::Loop { .. }
            | Statement::Leave { .. }
            | Statement::Raise(_)
            | Statement::ReturnNext(_)
            | Statement::ReturnQuery(_)
            | Statement::ReturnExecute { .. }
            | Statement::Execute { .. }
            | Statement::Diagnostics { .. } => {
                return Err(DatabaseError::unsupported("a statement that branches, in a function"));
            }
        }
        Ok(())
    }

    pub(super) fn sql(&mut self, verb: &str, statement: &ast::Statement, into: Option<&Into>) -> Result<()> {
        let mut analysis = self.analysis();
        let mut program = match (statement, into) {
            (ast::Statement::Select(select), Some(into)) => {
                let mut query = analysis.query(None, select)?;
                if query.limit.is_none() {
                    // No more rows are looked at than count.
                    let rows = if into.strict { 2 } else { 1 };
                    query.limit = Some(super::assignment::int8(rows));
                }
                query_program(&mut analysis, query, 0)?
            }
            (
                ast::Statement::Select(_)
                | ast::Statement::Insert(_)
                | ast::Statement::Update(_)
                | ast::Statement::Delete(_)
                | ast::Statement::Merge(_),
                _,
            ) => compile_statement(&mut analysis, statement, 0)?,
            _ => return Err(DatabaseError::unsupported(format_args!("{verb} in a function"))),
        };
        program.parameters.clear();
        let program = Box::new(program);
        let is_select = matches!(statement, ast::Statement::Select(_));
        let gives_rows = is_select || !program.columns.is_empty();
        match into {
            Some(into) if gives_rows => {
                let assignment = self.assignment_into(&program.columns, into)?;
                let single = into.strict || !is_select;
                let rows = Rows::Into { assignment, strict: into.strict, single };
                self.body.push(Instruction::Run { program, rows, sets_found: true });
                Ok(())
            }
            Some(_) => {
                self.body.push(Instruction::Run { program, rows: Rows::Discard, sets_found: true });
                let message = "INTO used with a command that cannot return data";
                Err(DatabaseError::new(SYNTAX_ERROR, message))
            }
            None => {
                self.body.push(Instruction::Run { program, rows: Rows::Discard, sets_found: true });
                if !gives_rows {
                    return Ok(());
                }
                let error = DatabaseError::new(SYNTAX_ERROR, "query has no destination for result data");
                let hint = "If you want to discard the results of a SELECT, use PERFORM instead.";
                Err(if is_select { error.with_hint(hint) } else { error })
            }
        }
    }
}

/// The type of `record.field%TYPE`.
fn field_type(variables: &Variables, name: &ast::TypeName) -> Option<TypeRef> {
    let [record, field] = name.name.parts.as_slice() else { return None };
    if !name.percent_type {
        return None;
    }
    match variables.variable(std::slice::from_ref(record))? {
        Variable::Record(record) => {
            let at = record.names.iter().position(|other| other == field)?;
            Some(record.fields[at].ty)
        }
        _ => None,
    }
}
