//! Bound queries as SQLite's text (embedded-semantics: comparisons carry their collation, NULLs are sorted as in PostgreSQL,
//! what SQLite answers otherwise is a call of a function of ours).
//!
//! Ranges are `r1`, `r2` … by their numbers, columns of sub-queries `c0`, `c1` … by their places.

mod aggregate;
mod call;
mod condition;
mod expr;
mod from;
mod native;

pub(crate) use call::signature;
pub(crate) use native::{SEQUENCE_FUNCTIONS, WRITING_FUNCTIONS};
mod query;
mod recursive;

use crate::bound::{CteId, Expr, Query, RangeColumn, RangeId, Window};
use crate::mutant::{self, Mutant};
use crate::program::{Access, Bind, SqliteStatement};
use crate::storage;
use catalog::{Catalog, Relation, TypeRef};
use sqlstate::{DatabaseError, Result};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// A query as one SQLite statement.
pub fn render_query(catalog: &Catalog, query: &Query) -> Result<SqliteStatement> {
    let mut renderer = Renderer::new(catalog);
    crate::walk::visit_query(query, &mut |part| renderer.survey(part));
    let sql = renderer.query(query)?;
    Ok(renderer.finish(sql))
}

/// A SELECT without FROM that yields these values.
pub fn render_row(catalog: &Catalog, exprs: &[Expr]) -> Result<SqliteStatement> {
    let mut renderer = Renderer::new(catalog);
    exprs.iter().for_each(|expr| crate::walk::visit(expr, &mut |part| renderer.survey(part)));
    let mut sql = String::from("SELECT ");
    for (at, expr) in exprs.iter().enumerate() {
        if at > 0 {
            sql.push_str(", ");
        }
        sql.push_str(&renderer.expr(expr)?);
    }
    if exprs.is_empty() {
        sql.push_str("NULL");
    }
    Ok(renderer.finish(sql))
}

/// An expression over one table's columns (of any range) as SQLite wants it in CREATE INDEX: columns by their bare names,
/// constants written out, deterministic functions only.
pub fn render_index_expression(catalog: &Catalog, table: &Arc<Relation>, expr: &Expr) -> Result<String> {
    let mut renderer = Renderer::new(catalog);
    renderer.bare = true;
    renderer.hoists = false;
    crate::walk::visit(expr, &mut |part| {
        if let crate::bound::ExprKind::Column { range, .. } = part.kind {
            renderer.sources.insert(range, Source::Table(table.clone()));
        }
        crate::walk::Descend::Into
    });
    let sql = renderer.expr(expr)?;
    if !renderer.binds.is_empty() {
        return Err(DatabaseError::unsupported("an index on what is not a function of the row"));
    }
    Ok(sql)
}

/// How a range's columns are named in SQLite's text.
#[derive(Clone)]
enum Source {
    /// A table: by its columns' names.
    Table(Arc<Relation>),
    /// Anything else: `c0`, `c1` …
    Numbered,
    /// A table-valued function: `c0`, `c1` …, and its rowid, which counts from 1, as the column of WITH ORDINALITY.
    Function { ordinality: Option<usize> },
}

/// What is known of a range's rows.
struct Shape {
    /// The columns.
    columns: Vec<RangeColumn>,
    /// An outer join may give NULLs for it.
    nullable: bool,
}

/// The state of rendering one statement.
struct Renderer<'a> {
    catalog: &'a Catalog,
    binds: Vec<Bind>,
    numbers: HashMap<Bind, usize>,
    reads: BTreeMap<String, BTreeSet<String>>,
    sources: HashMap<RangeId, Source>,
    shapes: HashMap<RangeId, Shape>,
    /// Common table expressions whose rows an earlier step kept.
    buffers: HashMap<CteId, u32>,
    /// The ranges beside the one that is being rendered.
    siblings: BTreeSet<RangeId>,
    /// The windows of the queries around, the innermost last.
    windows: Vec<Vec<Window>>,
    /// The operands of the CASEs and conversions around.
    operands: Vec<String>,
    /// The names of the output columns of the sub-query of the ANY around.
    subquery_columns: Vec<Vec<String>>,
    /// The ranges that are read as whole rows.
    whole_rows: BTreeSet<RangeId>,
    /// The columns that are read of each range, policies included.
    used: BTreeMap<RangeId, BTreeSet<usize>>,
    /// The output columns of the next query carry their collations.
    collates: bool,
    /// Columns by their bare names: CREATE INDEX.
    bare: bool,
    /// Whether expressions that are the same for all rows become sub-queries, so that they are evaluated once.
    hoists: bool,
}

impl<'a> Renderer<'a> {
    fn new(catalog: &'a Catalog) -> Renderer<'a> {
        Renderer {
            catalog,
            binds: Vec::new(),
            numbers: HashMap::new(),
            reads: BTreeMap::new(),
            sources: HashMap::new(),
            shapes: HashMap::new(),
            buffers: HashMap::new(),
            siblings: BTreeSet::new(),
            windows: Vec::new(),
            operands: Vec::new(),
            subquery_columns: Vec::new(),
            whole_rows: BTreeSet::new(),
            used: BTreeMap::new(),
            collates: false,
            bare: false,
            hoists: false,
        }
    }

    /// Takes note of what must be known before rendering.
    fn survey(&mut self, part: &Expr) -> crate::walk::Descend {
        match part.kind {
            crate::bound::ExprKind::WholeRow(range) => {
                self.whole_rows.insert(range);
            }
            crate::bound::ExprKind::Column { range, column } => {
                self.used.entry(range).or_default().insert(column);
            }
            _ => {}
        }
        crate::walk::Descend::Into
    }

    fn finish(self, sql: String) -> SqliteStatement {
        let reads = self.reads.into_iter().map(|(table, columns)| (table, columns.into_iter().collect()));
        SqliteStatement {
            sql,
            binds: self.binds,
            access: Access { reads: reads.collect(), writes: Vec::new() },
        }
    }

    /// `?n` of a bind; the same bind has one number.
    fn bind(&mut self, bind: &Bind) -> String {
        if let Some(number) = self.numbers.get(bind) {
            return format!("?{number}");
        }
        self.binds.push(bind.clone());
        let number = self.binds.len();
        self.numbers.insert(bind.clone(), number);
        format!("?{number}")
    }

    /// The collation that comparisons of a type need.
    fn collation(&self, ty: TypeRef) -> Option<Cow<'static, str>> {
        let ignored = match self.catalog.base_type(ty).oid {
            datum::oid::NUMERIC => mutant::is(Mutant::NumericAsText),
            datum::oid::INTERVAL => mutant::is(Mutant::IntervalAsText),
            datum::oid::JSONB => mutant::is(Mutant::JsonbAsText),
            datum::oid::BPCHAR => mutant::is(Mutant::PadsKept),
            _ => false,
        };
        if ignored { Some(Cow::Borrowed("BINARY")) } else { storage::collation(self.catalog, ty) }
    }

    /// A text under the collation of its type. A COLLATE anywhere within an expression is also that expression's in SQLite
    /// (a CASE whose condition compares numerics would sort its texts as numerics), so that where the type has none it is BINARY.
    fn collated(&self, sql: String, ty: TypeRef) -> String {
        match self.collation(ty) {
            Some(name) => format!("{sql} COLLATE {name}"),
            None if sql.contains(" COLLATE ") && !self.bare && !mutant::is(Mutant::CollationCarriedOver) => {
                format!("{sql} COLLATE BINARY")
            }
            None => sql,
        }
    }

    /// ` COLLATE x`, or nothing.
    fn collate(&self, ty: TypeRef) -> String {
        self.collation(ty).map_or_else(String::new, |name| format!(" COLLATE {name}"))
    }

    /// Notes that a table's column is read.
    fn note_read(&mut self, relation: &Relation, column: Option<&str>) -> Result<()> {
        let table = storage::sqlite_name(self.catalog, relation.schema, &relation.name)?;
        let columns = self.reads.entry(table).or_default();
        if let Some(column) = column {
            columns.insert(column.to_owned());
        }
        Ok(())
    }
}
