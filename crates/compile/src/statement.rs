//! One statement to one program.

use crate::analysis::Analysis;
use crate::bound::Query;
use crate::program::{Command, Program, ResultColumn, SqliteStatement, Step, Target};
use crate::{iterate, modify, render, rewrite, security};
use catalog::{Catalog, Oid, Privileges, RelationKind, TypeRef};
use sqlstate::{DatabaseError, Result};
use syntax::ast::{self, Statement};

/// For whom a statement is compiled.
#[derive(Clone, Copy, Debug)]
pub struct Asker<'a> {
    /// The role in effect (`current_user`): its privileges and policies count.
    pub role: Oid,
    /// `session_user`.
    pub session_user: Oid,
    /// The schemas of the search path, without `pg_catalog`, in order; unknown ones are skipped.
    pub search_path: &'a [String],
}

/// Compiles a statement. `parameter_types` are those that the caller knows; the others are found out.
///
/// # Errors
/// PostgreSQL's own for what is wrong, 0A000 for what the embedded engine cannot do.
pub fn compile(
    catalog: &Catalog,
    asker: &Asker<'_>,
    statement: &Statement,
    parameter_types: &[Option<TypeRef>],
) -> Result<Program> {
    let mut analysis = Analysis::new(catalog, asker, parameter_types);
    analysis.planned = true;
    compile_statement(&mut analysis, statement, 0).map_err(|error| {
        if error.code() != sqlstate::INTERNAL_ERROR {
            return error;
        }
        // Nothing ran yet: what the compiler did not think of is refused, and the log says what it was.
        let mut refused = DatabaseError::unsupported("this statement");
        refused.fields_mut().internal.clone_from(&error.fields().internal);
        refused
    })
}

/// Compiles a statement in an analysis that was made for it; `depth` counts the functions around.
pub(crate) fn compile_statement(
    analysis: &mut Analysis<'_>,
    statement: &Statement,
    depth: usize,
) -> Result<Program> {
    match statement {
        Statement::Select(select) => match table_of_into(select) {
            Some(definition) => {
                Ok(utility(Command::Other(String::new()), Step::Ddl(Box::new(definition)), true))
            }
            None => select_program(analysis, select, depth),
        },
        Statement::Insert(_) | Statement::Update(_) | Statement::Delete(_) => {
            modify_program(analysis, statement, depth)
        }
        Statement::Merge(merge) => merge_program(analysis, merge, depth),
        Statement::Set(setting) => set_program(setting),
        Statement::Show(name) => Ok(Program {
            columns: vec![text_column(shown_name(name))],
            ..utility(Command::Other("SHOW".to_owned()), Step::Show(name.to_lowercase()), false)
        }),
        Statement::SetConstraints { constraints, deferred } => {
            let constraints = match constraints {
                Some(names) => Some(named_constraints(analysis, names)?),
                None => None,
            };
            let step = Step::SetConstraints { constraints, deferred: *deferred };
            Ok(utility(Command::Other("SET CONSTRAINTS".to_owned()), step, true))
        }
        Statement::Transaction(_) => Err(DatabaseError::unsupported("transaction control in a statement")),
        Statement::Explain { options, statement } => {
            crate::explain::program(analysis, options, statement, depth)
        }
        Statement::Copy(copy) => crate::copy::compile(analysis, copy),
        Statement::Session(_) => {
            Err(DatabaseError::unsupported("a prepared statement or cursor in a function"))
        }
        Statement::Call(_) => Err(DatabaseError::unsupported("CALL")),
        Statement::Do { body, language, position } => {
            do_program(body, language.as_deref()).map_err(|error| error.at(*position))
        }
        Statement::Notify { .. } | Statement::Listen { .. } => {
            Err(DatabaseError::unsupported("LISTEN and NOTIFY"))
        }
        Statement::Lock { tables, mode } => {
            for table in tables {
                named_table(analysis, &table.name, &[], false)?;
                may_lock(analysis, &table.name, mode)?;
            }
            Ok(without_effect("LOCK TABLE", "there is one writer, it holds every lock"))
        }
        Statement::Maintenance { verb, tables, index } => {
            for (name, columns) in tables {
                named_table(analysis, name, columns, *index)?;
            }
            Ok(without_effect(verb, "maintenance has no effect on answers"))
        }
        Statement::Unsupported { what, position } => Err(DatabaseError::unsupported(what).at(*position)),
        definition => {
            Ok(utility(Command::Other(String::new()), Step::Ddl(Box::new(definition.clone())), true))
        }
    }
}

/// The constraints that SET CONSTRAINTS names (AfterTriggerSetState): all of a name in the first schema that has one.
fn named_constraints(analysis: &Analysis<'_>, names: &[ast::Name]) -> Result<Vec<Oid>> {
    let catalog = analysis.catalog;
    let mut found = Vec::new();
    for name in names {
        let (schema, constraint) = catalog::lookup::split_name(name)?;
        let schemas: Vec<Oid> = match schema {
            Some(schema) => match catalog.schema(schema) {
                Some(schema) => vec![schema.oid],
                None => {
                    let message = format!("schema \"{schema}\" does not exist");
                    return Err(DatabaseError::new(sqlstate::INVALID_SCHEMA_NAME, message));
                }
            },
            None => analysis.path.schemas().collect(),
        };
        let of_schema = |schema: &Oid| -> Vec<(Oid, bool)> {
            let relations = catalog.relations.values().filter(|relation| relation.schema == *schema);
            let rows = relations.flat_map(|relation| {
                let constraints = relation.constraints.iter().filter(|row| row.name == constraint);
                let triggers =
                    relation.triggers.iter().filter(|row| row.constraint && row.name == constraint);
                let constraints = constraints.map(|row| (row.oid, row.deferrable));
                constraints.chain(triggers.map(|row| (row.oid, row.deferrable)))
            });
            rows.collect()
        };
        let Some(rows) = schemas.iter().map(of_schema).find(|rows| !rows.is_empty()) else {
            let message = format!("constraint \"{constraint}\" does not exist");
            return Err(DatabaseError::new(sqlstate::UNDEFINED_OBJECT, message));
        };
        for (oid, deferrable) in rows {
            if !deferrable {
                let message = format!("constraint \"{constraint}\" is not deferrable");
                return Err(DatabaseError::new(sqlstate::WRONG_OBJECT_TYPE, message));
            }
            found.push(oid);
        }
    }
    Ok(found)
}

/// LockTableAclCheck: 42501 for who may neither read what is locked against little, nor change what is locked against more.
fn may_lock(analysis: &mut Analysis<'_>, name: &ast::Name, mode: &str) -> Result<()> {
    // PostgreSQL's own relations, which are not looked up here, are for all to read.
    let Ok(relation) = analysis.find_relation(name) else { return Ok(()) };
    let changes = Privileges::UPDATE.union(Privileges::DELETE).union(Privileges::TRUNCATE);
    let one_of = match mode {
        "ACCESS SHARE" => Privileges::SELECT,
        "ROW EXCLUSIVE" => changes.union(Privileges::INSERT),
        _ => changes,
    };
    let held =
        analysis.catalog.acl_mask(analysis.role, relation.owner, relation.acl_class(), &relation.acl, one_of);
    if held != Privileges::NONE {
        return Ok(());
    }
    let kind = if relation.kind == RelationKind::View { "view" } else { "table" };
    let message = format!("permission denied for {kind} {}", relation.name);
    Err(DatabaseError::new(sqlstate::INSUFFICIENT_PRIVILEGE, message))
}

/// What a statement without effect names must be there all the same.
fn named_table(
    analysis: &mut Analysis<'_>,
    name: &ast::Name,
    columns: &[ast::Ident],
    index: bool,
) -> Result<()> {
    let (schema, plain) = catalog::lookup::split_name(name)?;
    let catalog = analysis.catalog;
    let is_index = match schema {
        Some(schema) => {
            let schema = catalog.schema_on(&analysis.path, schema);
            schema.is_some_and(|schema| catalog.index(schema.oid, plain).is_some())
        }
        None => analysis.path.schemas().any(|schema| catalog.index(schema, plain).is_some()),
    };
    if is_index && index {
        return Ok(());
    }
    let system = catalog::builtin::builtins().is_system_relation(schema.unwrap_or_default(), plain);
    if system && matches!(schema, None | Some("pg_catalog" | "information_schema")) {
        return Ok(());
    }
    let relation = analysis.find_relation(name).map_err(|mut error| {
        error.fields_mut().position = None;
        error
    })?;
    if index {
        let message = format!("\"{}\" is not an index", relation.name);
        return Err(DatabaseError::new(sqlstate::WRONG_OBJECT_TYPE, message));
    }
    match columns.iter().find(|column| relation.column(column).is_none()) {
        Some(column) => {
            let message = format!("column \"{column}\" of relation \"{}\" does not exist", relation.name);
            Err(DatabaseError::new(sqlstate::UNDEFINED_COLUMN, message))
        }
        None => Ok(()),
    }
}

/// SELECT … INTO is CREATE TABLE AS; in a set operation INTO stands in the first arm.
fn table_of_into(select: &ast::Select) -> Option<Statement> {
    fn first_core(select: &mut ast::Select) -> Option<&mut ast::SelectCore> {
        match &mut select.body {
            ast::QueryBody::Select(core) => Some(core),
            ast::QueryBody::SetOperation { left, .. } => first_core(left),
            ast::QueryBody::Values(_) => None,
        }
    }
    let names_table = |select: &ast::Select| {
        let mut select = select;
        loop {
            match &select.body {
                ast::QueryBody::Select(core) => return core.into.is_some(),
                ast::QueryBody::SetOperation { left, .. } => select = left,
                ast::QueryBody::Values(_) => return false,
            }
        }
    };
    if !names_table(select) {
        return None;
    }
    let mut query = Box::new(select.clone());
    let into = first_core(&mut query)?.into.take()?;
    Some(Statement::CreateTableAs {
        name: into.name,
        if_not_exists: false,
        columns: Vec::new(),
        query,
        with_data: true,
        persistence: into.persistence,
        on_commit: None,
        storage: Vec::new(),
        materialized: false,
    })
}

pub(crate) fn utility(command: Command, step: Step, writes: bool) -> Program {
    Program {
        command,
        parameters: Vec::new(),
        columns: Vec::new(),
        steps: vec![step],
        writes,
        no_effect: None,
    }
}

/// DO: the block is read now, and each statement of it compiled when it is its turn.
fn do_program(body: &str, language: Option<&str>) -> Result<Program> {
    match language {
        None | Some("plpgsql") => {}
        Some(language) => {
            return Err(DatabaseError::unsupported(format_args!("DO in language {language}")));
        }
    }
    let body = syntax::plpgsql::parse_block(body)?;
    if let Some(what) = crate::plpgsql::unsupported(&body.block.statements) {
        return Err(DatabaseError::unsupported(format_args!("{what} in DO")));
    }
    Ok(utility(Command::Other("DO".to_owned()), Step::Block(body.into()), true))
}

fn without_effect(tag: &str, why: &str) -> Program {
    Program {
        command: Command::Other(tag.to_owned()),
        parameters: Vec::new(),
        columns: Vec::new(),
        steps: Vec::new(),
        writes: false,
        no_effect: Some(why.to_owned()),
    }
}

/// The name of a parameter as SHOW prints it: some have capitals.
fn shown_name(name: &str) -> &str {
    const CAPITALS: [&str; 3] = ["TimeZone", "DateStyle", "IntervalStyle"];
    CAPITALS.into_iter().find(|known| known.eq_ignore_ascii_case(name)).unwrap_or(name)
}

fn text_column(name: &str) -> ResultColumn {
    ResultColumn { name: name.to_owned(), type_ref: TypeRef { oid: datum::oid::TEXT, modifier: -1 } }
}

fn set_program(setting: &ast::SetStatement) -> Result<Program> {
    let value = match &setting.value {
        // The names of a path are identifiers, kept as such.
        ast::SetValue::Values(values) if setting.name.eq_ignore_ascii_case("search_path") => {
            let names: Vec<_> = values.iter().map(|name| syntax::quote_identifier(name)).collect();
            Some(names.join(", "))
        }
        ast::SetValue::Values(values) => Some(values.join(", ")),
        ast::SetValue::Default | ast::SetValue::Reset => None,
        ast::SetValue::Current => return Err(DatabaseError::unsupported("SET … FROM CURRENT")),
    };
    let tag = if setting.value == ast::SetValue::Reset { "RESET" } else { "SET" };
    let step = Step::Set { name: setting.name.to_lowercase(), value, local: setting.local };
    Ok(utility(Command::Other(tag.to_owned()), step, false))
}

pub(crate) fn select_program(
    analysis: &mut Analysis<'_>,
    select: &ast::Select,
    depth: usize,
) -> Result<Program> {
    let query = analysis.query(None, select)?;
    analysis.prefold_statement(&query)?;
    let mut program = query_program(analysis, query, depth)?;
    program.no_effect =
        (!select.locking.is_empty()).then(|| "rows are not locked: there is one writer".to_owned());
    Ok(program)
}

/// The program of a query that was analysed.
pub(crate) fn query_program(analysis: &mut Analysis<'_>, query: Query, depth: usize) -> Result<Program> {
    security::note_privileges(analysis);
    let program = permitted_program(analysis, query, depth);
    security::refuse_denied(analysis, program)
}

fn permitted_program(analysis: &mut Analysis<'_>, mut query: Query, depth: usize) -> Result<Program> {
    let (mut steps, after) = analysis.take_steps();
    steps.extend(rewrite::query_at(analysis, &mut query, depth)?);
    security::check_privileges_within(analysis)?;
    steps.extend(iterate::take(analysis, &mut query)?);
    let statement = render::render_query(analysis.catalog, &query)?;
    steps.push(Step::Query { statement, into: Target::Result });
    steps.extend(after);
    let writes = steps.iter().any(step_writes);
    let columns = query.columns.into_iter();
    Ok(Program {
        command: Command::Select,
        parameters: analysis.finish_parameters()?,
        columns: columns.map(|column| ResultColumn { name: column.name, type_ref: column.ty }).collect(),
        steps,
        writes,
        no_effect: None,
    })
}

fn modify_program(analysis: &mut Analysis<'_>, statement: &Statement, depth: usize) -> Result<Program> {
    let compiled = modify::compile(analysis, statement, depth);
    let modify::Compiled { before, modify, columns } = security::refuse_denied(analysis, compiled)?;
    let command = match modify.kind {
        crate::program::ModifyKind::Insert => Command::Insert,
        crate::program::ModifyKind::Update => Command::Update,
        crate::program::ModifyKind::Delete | crate::program::ModifyKind::Truncate => Command::Delete,
    };
    let (mut steps, after) = analysis.take_steps();
    steps.extend(before);
    let into = if columns.is_empty() { Target::Discard } else { Target::Result };
    steps.push(Step::Modify { modify: Box::new(modify), into });
    steps.extend(after);
    Ok(Program {
        command,
        parameters: analysis.finish_parameters()?,
        columns,
        steps,
        writes: true,
        no_effect: None,
    })
}

fn merge_program(analysis: &mut Analysis<'_>, merge: &ast::Merge, depth: usize) -> Result<Program> {
    let compiled = modify::merge(analysis, merge, depth);
    let (before, merge) = security::refuse_denied(analysis, compiled)?;
    let (mut steps, after) = analysis.take_steps();
    steps.extend(before);
    steps.push(Step::Merge(Box::new(merge)));
    steps.extend(after);
    Ok(Program {
        command: Command::Merge,
        parameters: analysis.finish_parameters()?,
        columns: Vec::new(),
        steps,
        writes: true,
        no_effect: None,
    })
}

/// Whether a SELECT moves a sequence.
pub fn writes_sequences(statement: &SqliteStatement) -> bool {
    render::WRITING_FUNCTIONS.iter().any(|name| statement.sql.contains(&format!("pg_{name}(")))
}

fn step_writes(step: &Step) -> bool {
    match step {
        Step::Query { statement, .. } | Step::CopyTo { statement, .. } => writes_sequences(statement),
        Step::Iterate { first, next, .. } => writes_sequences(first) || writes_sequences(next),
        Step::Explain { analyze, .. } => analyze.as_ref().is_some_and(|(program, _)| program.writes),
        Step::Modify { .. }
        | Step::Merge(_)
        | Step::CopyFrom { .. }
        | Step::Ddl(_)
        | Step::Truncate { .. }
        | Step::Block(_) => true,
        Step::Function { function, .. } => function.body.iter().any(|program| program.writes),
        // What its statements write is refused, or sent to the writer, when they are reached.
        Step::Call { .. } => false,
        Step::Set { .. } | Step::Show(_) | Step::SetConstraints { .. } => false,
    }
}
