//! PL/pgSQL functions of triggers: each statement becomes a program over the registers of a [`RoutinePlan`].
//!
//! Only what runs from top to bottom is compiled. Names are looked up as of the statement, so that what is wrong with one shows
//! when it is its turn, as in PostgreSQL, which plans a statement when it is first reached.

mod assignment;
mod block;
mod builtin;
pub mod dynamic;
mod returning;

use crate::Asker;
use crate::analysis::{Analysis, FunctionArguments, Namespace, Record, TransitionTable, Variable, Variables};
use crate::bound::{Expr, ExprKind, RangeColumn};
use crate::functions;
use crate::program::{Bind, Instruction, ModifyKind, NEW_TABLE, OLD_TABLE, Program, RoutinePlan, Step};
use crate::stored::BOOLEAN;
use catalog::lookup::SearchPath;
use catalog::{Catalog, Function, FunctionKind, Oid, Relation, Trigger, TypeRef};
use datum::{StoredValue, oid};
use sqlstate::{DatabaseError, INTERNAL_ERROR, Result};
use std::collections::BTreeMap;
use std::sync::Arc;
use syntax::plpgsql::{Body, Statement};

/// Compiles the function of a trigger for one event.
///
/// # Errors
/// 0A000 for a function in another language, and for the construct that cannot be run; 42601 for a body that is none.
pub fn trigger_routine(
    catalog: &Catalog,
    asker: &Asker<'_>,
    relation: &Relation,
    trigger: &Trigger,
    kind: ModifyKind,
) -> Result<RoutinePlan> {
    let event = Event { relation, trigger, kind };
    let Some(function) = catalog.functions.get(&trigger.function) else {
        return builtin::trigger_routine(catalog, asker, &event);
    };
    if function.kind != FunctionKind::Function || !function.language.eq_ignore_ascii_case("plpgsql") {
        let what = format_args!("trigger function {} (LANGUAGE {})", function.name, function.language);
        return Err(DatabaseError::unsupported(what));
    }
    let body = syntax::plpgsql::parse(&function.body)?;
    Compiler::new(catalog, asker, function, &event, &body).compile(&event, &body)
}

/// What a trigger fires for.
struct Event<'e> {
    relation: &'e Relation,
    trigger: &'e Trigger,
    kind: ModifyKind,
}

impl Event<'_> {
    fn has_new(&self) -> bool {
        self.trigger.for_each_row && self.kind != ModifyKind::Delete
    }

    fn has_old(&self) -> bool {
        self.trigger.for_each_row && self.kind != ModifyKind::Insert
    }

    /// REFERENCING OLD TABLE, NEW TABLE.
    fn transitions(&self) -> Arc<[TransitionTable]> {
        let columns = self.relation.columns.iter().map(|column| RangeColumn {
            name: column.name.clone(),
            ty: column.type_ref,
            not_null: false,
        });
        let columns: Vec<RangeColumn> = columns.collect();
        let tables = [(&self.trigger.old_table, OLD_TABLE), (&self.trigger.new_table, NEW_TABLE)];
        let tables = tables.into_iter().filter_map(|(name, buffer)| {
            let name = name.clone()?;
            Some(TransitionTable { name, columns: columns.clone(), buffer })
        });
        tables.collect()
    }
}

/// What may be done to a variable.
#[derive(Clone, Debug, Default)]
struct Rules {
    name: String,
    constant: bool,
    not_null: bool,
}

/// The compilation of one body.
struct Compiler<'c> {
    catalog: &'c Catalog,
    function: &'c Function,
    role: Oid,
    session_user: Oid,
    path: SearchPath,
    variables: Variables,
    /// By register.
    rules: BTreeMap<usize, Rules>,
    registers: usize,
    found: usize,
    body: Vec<Instruction>,
    /// The function has returned or failed: what follows is never reached.
    ended: bool,
    has_new: bool,
    has_old: bool,
    transitions: Arc<[TransitionTable]>,
    /// What `$n` means.
    arguments: Option<Arc<FunctionArguments>>,
}

impl<'c> Compiler<'c> {
    fn new(
        catalog: &'c Catalog,
        asker: &Asker<'_>,
        function: &'c Function,
        event: &Event<'_>,
        body: &Body,
    ) -> Compiler<'c> {
        let (role, path) = functions::surroundings(catalog, function, asker.role);
        let width = event.relation.columns.len();
        Compiler {
            catalog,
            function,
            role,
            session_user: asker.session_user,
            path: path.unwrap_or_else(|| SearchPath::new(catalog, asker.search_path, role)),
            variables: Variables { namespaces: Vec::new(), conflict: body.conflict },
            rules: BTreeMap::new(),
            registers: 2 * width + 1,
            found: 2 * width,
            body: Vec::new(),
            ended: false,
            has_new: event.has_new(),
            has_old: event.has_old(),
            transitions: event.transitions(),
            arguments: None,
        }
    }

    fn compile(mut self, event: &Event<'_>, body: &Body) -> Result<RoutinePlan> {
        if let Some(what) = unsupported(&body.block.statements) {
            let what = format_args!("{what} in function {}", self.function.name);
            return Err(DatabaseError::unsupported(what));
        }
        let width = event.relation.columns.len();
        let outermost = self.outermost(event);
        self.variables.namespaces.push(outermost);
        self.block(&body.block);
        if !self.ended {
            self.body.push(Instruction::Fail(DatabaseError::new(
                sqlstate::S_R_E_FUNCTION_EXECUTED_NO_RETURN_STATEMENT,
                "control reached end of trigger procedure without RETURN",
            )));
        }
        let owner = self.catalog.roles.get(&self.function.owner).map(|role| role.name.clone());
        let columns = event.relation.columns.iter().enumerate();
        let is_before = event.trigger.timing == "BEFORE";
        Ok(RoutinePlan {
            name: self.function.name.clone(),
            role: if self.role == self.function.owner && self.runs_as_owner() { owner } else { None },
            settings: self.function.settings.clone(),
            registers: self.registers,
            new: 0,
            old: width,
            found: self.found,
            blank: columns.filter(|(_, column)| column.generated && is_before).map(|(at, _)| at).collect(),
            touches_tables: self.body.iter().any(touches_tables),
            body: self.body,
        })
    }

    fn runs_as_owner(&self) -> bool {
        functions::runs_as_owner(self.function)
    }

    /// The variables that every trigger's function has.
    fn outermost(&self, event: &Event<'_>) -> Namespace {
        let Event { relation, trigger, kind } = event;
        let width = relation.columns.len();
        let row = |first: usize, is_there: bool| {
            let fields = relation.columns.iter().enumerate();
            let fields: Vec<Expr> =
                fields.map(|(at, column)| register(first + at, column.type_ref)).collect();
            let names: Vec<String> = relation.columns.iter().map(|column| column.name.clone()).collect();
            let ty = TypeRef { oid: relation.row_type, modifier: -1 };
            let whole = if is_there {
                Expr::new(ExprKind::Row { fields: fields.clone(), names: names.clone() }, ty)
            } else {
                Expr::null(ty)
            };
            Variable::Record(Record { names, fields, whole: Some(whole), takes_any_shape: false })
        };
        let constant = |value: StoredValue, ty: Oid| {
            Variable::Scalar(Expr::new(ExprKind::Constant(value), TypeRef { oid: ty, modifier: -1 }))
        };
        let text = |value: &str, ty: Oid| constant(StoredValue::Text(value.to_owned()), ty);
        let operation = match kind {
            ModifyKind::Insert => "INSERT",
            ModifyKind::Update => "UPDATE",
            ModifyKind::Delete => "DELETE",
            ModifyKind::Truncate => "TRUNCATE",
        };
        let schema = self.catalog.schemas.get(&relation.schema).map_or("", |schema| schema.name.as_str());
        let level = if trigger.for_each_row { "ROW" } else { "STATEMENT" };
        let arguments = i64::try_from(trigger.args.len()).unwrap_or(0);
        let list = [
            ("new", row(0, event.has_new())),
            ("old", row(width, event.has_old())),
            ("found", Variable::Scalar(register(self.found, BOOLEAN))),
            ("tg_op", text(operation, oid::TEXT)),
            ("tg_name", text(&trigger.name, oid::NAME)),
            ("tg_when", text(&trigger.timing, oid::TEXT)),
            ("tg_level", text(level, oid::TEXT)),
            ("tg_relid", constant(StoredValue::Integer(i64::from(relation.oid)), oid::OID)),
            ("tg_relname", text(&relation.name, oid::NAME)),
            ("tg_table_name", text(&relation.name, oid::NAME)),
            ("tg_table_schema", text(schema, oid::NAME)),
            ("tg_nargs", constant(StoredValue::Integer(arguments), oid::INT4)),
            ("tg_argv", Variable::Arguments(trigger.args.clone())),
        ];
        let variables = list.into_iter().map(|(name, variable)| (name.to_owned(), variable)).collect();
        Namespace { label: Some(self.function.name.clone()), variables }
    }

    /// The analysis of a statement of the body.
    fn analysis(&self) -> Analysis<'c> {
        let asker = Asker { role: self.role, session_user: self.session_user, search_path: &[] };
        let mut analysis = Analysis::new(self.catalog, &asker, &[]);
        analysis.path = self.path.clone();
        analysis.variables = Some(Arc::new(self.variables.clone()));
        analysis.transitions = Arc::clone(&self.transitions);
        analysis.arguments = self.arguments.clone();
        analysis
    }

    /// A new register.
    fn new_register(&mut self) -> usize {
        self.registers += 1;
        self.registers - 1
    }

    /// The function fails here, when it comes to it.
    fn fail(&mut self, error: DatabaseError) {
        let mut error = error;
        error.fields_mut().position = None;
        if error.code() == INTERNAL_ERROR {
            let internal = error.fields().internal.clone();
            error =
                DatabaseError::unsupported(format_args!("a statement in function {}", self.function.name));
            error.fields_mut().internal = internal;
        }
        self.body.push(Instruction::Fail(error));
        self.ended = true;
    }
}

/// The value of a register.
fn register(at: usize, ty: TypeRef) -> Expr {
    Expr::new(ExprKind::Bind(Bind::Argument(at)), ty)
}

/// The register that a variable's value is.
fn register_of(expr: &Expr) -> Option<usize> {
    match expr.kind {
        ExprKind::Bind(Bind::Argument(at)) => Some(at),
        _ => None,
    }
}

/// The construct that makes statements ones that cannot be run.
pub(crate) fn unsupported(statements: &[Statement]) -> Option<&str> {
    statements.iter().find_map(|statement| match statement {
        Statement::Unsupported(what) => Some(what.as_str()),
        Statement::Block(inner) => unsupported(&inner.statements)
            .or_else(|| inner.handlers.iter().find_map(|handler| unsupported(&handler.statements))),
        Statement::If { arms, otherwise } => {
            arms.iter().find_map(|(_, arm)| unsupported(arm)).or_else(|| unsupported(otherwise))
        }
        Statement::Loop { body, .. } => unsupported(body),
        Statement::Assign { .. }
        | Statement::Sql { .. }
        | Statement::Perform(_)
        | Statement::Return(_)
        | Statement::ReturnNext(_)
        | Statement::ReturnQuery(_)
        | Statement::ReturnExecute { .. }
        | Statement::Null
        | Statement::Leave { .. }
        | Statement::Raise(_)
        | Statement::Execute { .. }
        | Statement::Diagnostics { .. } => None,
    })
}

fn touches_tables(instruction: &Instruction) -> bool {
    match instruction {
        Instruction::Run { program, .. } => program_touches_tables(program),
        Instruction::Fail(_) | Instruction::Return(_) => false,
    }
}

fn program_touches_tables(program: &Program) -> bool {
    program.steps.iter().any(|step| match step {
        Step::Query { statement, .. } => !statement.access.reads.is_empty(),
        Step::Function { arguments, function, .. } => {
            !arguments.access.reads.is_empty() || function.body.iter().any(program_touches_tables)
        }
        _ => true,
    })
}
