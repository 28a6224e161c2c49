//! PostgreSQL's statements to programs for SQLite: names and types resolved by PostgreSQL's rules, row security and
//! privileges woven in, rendered.
//!
//! Pure, no driver. The stages: [`analysis`] (`ast` + catalog → [`bound`]), [`rewrite`] (views, policies),
//! [`render`] (→ [`program`]).

pub mod analysis;
pub mod bound;
pub mod program;
pub mod render;
pub mod rewrite;
mod types;
pub mod walk;

use analysis::Analysis;
use catalog::{Catalog, Oid, TypeRef};
use program::{Command, Program, ResultColumn, Step, Target};
use sqlstate::{DatabaseError, Result};
use std::sync::Arc;
use syntax::ast;

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
pub fn compile(
    catalog: &Arc<Catalog>,
    asker: &Asker<'_>,
    statement: &ast::Statement,
    parameter_types: &[Option<TypeRef>],
) -> Result<Program> {
    match statement {
        ast::Statement::Select(select) => compile_select(catalog, asker, select, parameter_types),
        _ => Err(DatabaseError::unsupported("this statement")),
    }
}

fn compile_select(
    catalog: &Arc<Catalog>,
    asker: &Asker<'_>,
    select: &ast::Select,
    parameter_types: &[Option<TypeRef>],
) -> Result<Program> {
    let mut analysis = Analysis::new(catalog, asker, parameter_types);
    let mut query = analysis.query(None, select)?;
    let parameters = analysis.finish_parameters()?;
    rewrite::query(&mut analysis, &mut query)?;
    let statement = render::render_query(catalog, &query)?;
    let columns = query.columns.iter();
    let columns =
        columns.map(|column| ResultColumn { name: column.name.clone(), type_ref: column.ty }).collect();
    Ok(Program {
        command: Command::Select,
        parameters,
        columns,
        steps: vec![Step::Query { statement, into: Target::Result }],
        writes: false,
        no_effect: None,
    })
}
