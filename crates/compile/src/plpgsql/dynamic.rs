//! Blocks that run statement by statement: each is compiled when it is reached, under the catalog as it is by then.

use super::{Compiler, Rules, register};
use crate::analysis::{Argument, FunctionArguments, Namespace, Unknowns, Variable, Variables};
use crate::program::{Assignment, CallParameter, CallPlan, Instruction, Program, ResultColumn, Rows};
use crate::stored::BOOLEAN;
use crate::{Asker, compile_statement, query_program};
use catalog::lookup::SearchPath;
use catalog::{Catalog, Function, FunctionKind, TypeRef, Volatility};
use datum::oid;
use sqlstate::{DatabaseError, Result, SYNTAX_ERROR};
use std::collections::BTreeMap;
use std::sync::Arc;
use syntax::ast;
use syntax::plpgsql::{Conflict, Declaration, Into, Statement};

/// The variables of a running block.
#[derive(Debug)]
pub struct BlockState {
    function: Arc<Function>,
    variables: Variables,
    rules: BTreeMap<usize, Rules>,
    registers: usize,
    found: usize,
    /// What `$n` means.
    arguments: Option<Arc<FunctionArguments>>,
}

impl BlockState {
    /// Before the outermost block; its only variable is FOUND.
    pub fn new(conflict: Conflict) -> BlockState {
        let function = Function {
            oid: 0,
            schema: 0,
            name: "inline_code_block".to_owned(),
            owner: 0,
            kind: FunctionKind::Function,
            parameters: Vec::new(),
            returns: TypeRef { oid: oid::VOID, modifier: -1 },
            returns_set: false,
            language: "plpgsql".to_owned(),
            body: String::new(),
            volatility: Volatility::Volatile,
            strict: false,
            security_definer: false,
            leakproof: false,
            rows: 0.0,
            settings: Vec::new(),
            form: catalog::BodyForm::Text,
            acl: None,
            comment: None,
            extension: None,
        };
        let found = vec![("found".to_owned(), Variable::Scalar(register(0, BOOLEAN)))];
        let namespaces = vec![Namespace { label: None, variables: found }];
        BlockState {
            function: Arc::new(function),
            variables: Variables { namespaces, conflict },
            rules: BTreeMap::new(),
            registers: 1,
            found: 0,
            arguments: None,
        }
    }

    /// Before the outermost block of a function: its parameters are variables, in the registers from 1 on.
    pub fn of_call(plan: &CallPlan) -> BlockState {
        let mut state = BlockState::new(plan.body.conflict);
        let mut arguments = Vec::new();
        for CallParameter { name, ty, is_output: _ } in &plan.parameters {
            let at = state.declare_value(name.as_deref().unwrap_or_default(), *ty);
            arguments.push(Argument { name: None, ty: *ty, value: register(at, *ty) });
        }
        if let Some(space) = state.variables.namespaces.last_mut() {
            space.label = Some(plan.name.clone());
            space.variables.retain(|(name, _)| !name.is_empty());
        }
        state.arguments = Some(Arc::new(FunctionArguments { function: plan.name.clone(), arguments }));
        state
    }

    /// How many registers there are by now.
    pub fn registers(&self) -> usize {
        self.registers
    }

    /// The register of FOUND.
    pub fn found(&self) -> usize {
        self.found
    }

    /// A block or loop begins.
    pub fn open(&mut self, label: Option<String>) {
        self.variables.namespaces.push(Namespace { label, variables: Vec::new() });
    }

    /// It ends: its variables are gone.
    pub fn close(&mut self) {
        self.variables.namespaces.pop();
    }

    /// Declares a variable of one value in the innermost block; gives its register.
    pub fn declare_value(&mut self, name: &str, ty: TypeRef) -> usize {
        let at = self.registers;
        self.registers += 1;
        self.rules.remove(&at);
        if let Some(space) = self.variables.namespaces.last_mut() {
            space.variables.push((name.to_owned(), Variable::Scalar(register(at, ty))));
        }
        at
    }

    /// Declares a variable: what gives it its first value.
    ///
    /// # Errors
    /// What is wrong with its type or its default.
    pub fn declare(
        &mut self,
        catalog: &Catalog,
        asker: &Asker<'_>,
        declaration: &Declaration,
    ) -> Result<Vec<Instruction>> {
        self.with(catalog, asker, |compiler| compiler.declare(declaration)).map(|(_, body)| body)
    }

    /// A statement that runs from top to bottom.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn statement(
        &mut self,
        catalog: &Catalog,
        asker: &Asker<'_>,
        statement: &Statement,
    ) -> Result<Vec<Instruction>> {
        let compiled = self.with(catalog, asker, |compiler| match statement {
            Statement::Sql { statement, into: None, .. } if !is_query(statement) => {
                let mut program = compile_statement(&mut compiler.analysis(), statement, 0)?;
                program.parameters.clear();
                let program = Box::new(program);
                compiler.body.push(Instruction::Run { program, rows: Rows::Discard, sets_found: false });
                Ok(())
            }
            statement => compiler.statement(statement),
        });
        compiled.map(|(_, body)| body)
    }

    /// The value of an expression as this type, in a register behind all others; [`BlockState::release`] takes it back.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn value(
        &mut self,
        catalog: &Catalog,
        asker: &Asker<'_>,
        expression: &ast::Select,
        ty: TypeRef,
    ) -> Result<(usize, Vec<Instruction>)> {
        self.with(catalog, asker, |compiler| {
            let at = compiler.new_register();
            compiler.rules.remove(&at);
            compiler.assign_value(expression, &register(at, ty))?;
            Ok(at)
        })
    }

    /// The registers behind this number are free again.
    pub fn release(&mut self, registers: usize) {
        self.registers = registers;
    }

    /// The type of an expression.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn type_of(
        &mut self,
        catalog: &Catalog,
        asker: &Asker<'_>,
        expression: &ast::Select,
    ) -> Result<TypeRef> {
        let (ty, _) = self.with(catalog, asker, |compiler| {
            let query = compiler.analysis().query_with(None, expression, Unknowns::Text)?;
            match query.columns.as_slice() {
                [column] => Ok(column.ty),
                columns => {
                    Err(DatabaseError::new(SYNTAX_ERROR, format!("query returned {} columns", columns.len())))
                }
            }
        })?;
        Ok(ty)
    }

    /// A statement whose rows a loop goes through.
    ///
    /// # Errors
    /// What is wrong with it, and 42601 when it gives no rows.
    pub fn rows(
        &mut self,
        catalog: &Catalog,
        asker: &Asker<'_>,
        statement: &ast::Statement,
    ) -> Result<Program> {
        let (mut program, _) = self.with(catalog, asker, |compiler| {
            let mut analysis = compiler.analysis();
            match statement {
                ast::Statement::Select(select) => {
                    let query = analysis.query(None, select)?;
                    query_program(&mut analysis, query, 0)
                }
                statement => compile_statement(&mut analysis, statement, 0),
            }
        })?;
        program.parameters.clear();
        Ok(program)
    }

    /// Where the columns of rows go.
    ///
    /// # Errors
    /// What is wrong with the variables.
    pub fn assignment(
        &mut self,
        catalog: &Catalog,
        asker: &Asker<'_>,
        columns: &[ResultColumn],
        into: &Into,
    ) -> Result<Assignment> {
        self.with(catalog, asker, |compiler| compiler.assignment_into(columns, into)).map(|(done, _)| done)
    }

    /// The assignment of one value of this type to a variable.
    ///
    /// # Errors
    /// What is wrong with the variable.
    pub fn assignment_of(
        &mut self,
        catalog: &Catalog,
        asker: &Asker<'_>,
        ty: TypeRef,
        target: &[String],
    ) -> Result<Assignment> {
        let column = ResultColumn { name: "value".to_owned(), type_ref: ty };
        let into = Into { strict: false, targets: vec![target.to_vec()] };
        self.assignment(catalog, asker, &[column], &into)
    }

    /// Lends the variables to a compiler.
    fn with<T>(
        &mut self,
        catalog: &Catalog,
        asker: &Asker<'_>,
        compile: impl FnOnce(&mut Compiler<'_>) -> Result<T>,
    ) -> Result<(T, Vec<Instruction>)> {
        let function = Arc::clone(&self.function);
        let conflict = self.variables.conflict;
        let empty = Variables { namespaces: Vec::new(), conflict };
        let mut compiler = Compiler {
            catalog,
            function: &function,
            role: asker.role,
            session_user: asker.session_user,
            path: SearchPath::new(catalog, asker.search_path, asker.role),
            variables: std::mem::replace(&mut self.variables, empty),
            rules: std::mem::take(&mut self.rules),
            registers: self.registers,
            found: self.found,
            body: Vec::new(),
            ended: false,
            has_new: false,
            has_old: false,
            transitions: Arc::default(),
            arguments: self.arguments.clone(),
        };
        let done = compile(&mut compiler);
        let Compiler { variables, rules, registers, body, .. } = compiler;
        self.variables = variables;
        self.rules = rules;
        self.registers = registers;
        done.map(|done| (done, body)).map_err(|mut error| {
            error.fields_mut().position = None;
            error
        })
    }
}

fn is_query(statement: &ast::Statement) -> bool {
    matches!(
        statement,
        ast::Statement::Select(_)
            | ast::Statement::Insert(_)
            | ast::Statement::Update(_)
            | ast::Statement::Delete(_)
            | ast::Statement::Merge(_)
    )
}
