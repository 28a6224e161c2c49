//! PostgreSQL's parse analysis: a tree of names becomes a tree of OIDs, numbers and types.
//!
//! [`Analysis`] is the state of one statement, [`Scope`] what names mean at one place of it. Errors are PostgreSQL's, with its
//! positions.

mod aggregate;
mod below;
mod call;
mod coerce;
mod column;
mod cte;
mod expression;
mod fold;
pub(crate) use fold::Folding;
pub(crate) use target::column_name;
mod from;
mod generic;
mod grouping;
pub(crate) mod grouping_sets;
mod hint;
mod locking;
mod operation;
mod postponed;
mod prefold;
mod query;
mod range_frames;
mod recursion;
mod resolve;
mod scope;
mod search_cycle;
mod set_calls;
mod set_operation;
mod sorting;
mod sublink;
mod table_function;
mod target;
mod variables;
mod window;

pub(crate) use cte::visible;
pub use query::Unknowns;
pub(crate) use scope::KnownRange;
pub use scope::{Argument, Item, ItemColumn, Place, Scope, VisibleCte};
pub use variables::{Namespace, Record, Variable, Variables};
pub(crate) use variables::{no_field, unassigned};

use crate::Asker;
use crate::bound::{CteId, DomainChecks, Expr, ExprKind, RangeId, RelationRange};
use crate::types::plain;
use catalog::lookup::SearchPath;
use catalog::{Catalog, Oid, Relation, TypeKind, TypeRef};
use sqlstate::{DatabaseError, INDETERMINATE_DATATYPE, Result};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use syntax::ast::Position;

/// The state of one statement's analysis.
#[derive(Debug)]
pub struct Analysis<'a> {
    /// What the database contains.
    pub catalog: &'a Catalog,
    /// The role whose privileges count for what is met now: who asks, or the owner of the view or function being expanded.
    pub role: Oid,
    /// `session_user`.
    pub session_user: Oid,
    /// Where unqualified names are looked for.
    pub path: SearchPath,
    /// The asker's path, while text from the catalog is read.
    shown_path: Option<SearchPath>,
    /// The primary keys that make columns outside of GROUP BY right.
    pub(crate) determining: RefCell<BTreeSet<Oid>>,
    /// Definitions have no parameters.
    pub(crate) without_parameters: bool,
    /// The text comes from the catalog: names in it were looked up when it was made, so schemas need no privilege, and positions in
    /// it mean nothing to the caller.
    pub stored: bool,
    /// What `$n` and names of arguments mean in a SQL function's body; `None` outside.
    pub arguments: Option<Arc<FunctionArguments>>,
    /// The variables that a statement of a PL/pgSQL body sees; `None` outside.
    pub variables: Option<Arc<Variables>>,
    /// The transition tables of the trigger whose function is analysed.
    pub(crate) transitions: Arc<[TransitionTable]>,
    /// How the statement locks what it names: FOR this.
    pub(crate) locking: Option<&'static str>,
    /// What is needed of each relation met so far, by range.
    pub required: BTreeMap<RangeId, RelationRange>,
    /// What of it who asks may not, found before the statement was rewritten: whatever becomes of it, it is refused.
    pub(crate) denied: Option<DatabaseError>,
    /// The functions called so far and the role that must have EXECUTE on them.
    pub functions: BTreeSet<(Oid, Oid)>,
    /// What names turned out to mean, by where they stand: for writing the statement down with qualified names.
    pub resolved: Vec<(Position, Resolved)>,
    /// The types of `$n`, as far as they are known.
    parameters: Vec<Option<TypeRef>>,
    /// EXPLAIN: what the statement itself calls its ranges and items of WITH.
    pub(crate) explaining: Option<Vec<(String, String)>>,
    /// The recursive items of WITH whose recursive terms are being analysed.
    pub(crate) recursing: Vec<CteId>,
    /// The statement is to be run: its constant expressions are computed now.
    pub(crate) planned: bool,
    /// The tables that the bodies of VOLATILE functions read, by range.
    pub(crate) live: BTreeMap<RangeId, Oid>,
    /// How often each common table expression is read.
    pub(crate) cte_references: BTreeMap<CteId, usize>,
    /// The row types of the ranges that have one, and the columns of all.
    rows: BTreeMap<RangeId, RowShape>,
    /// What must run for the common table expressions of a WITH that changes rows.
    pub(crate) pending: Vec<crate::modify::Pending>,
    /// The common table expressions around the one that is analysed, which changes rows.
    pub(crate) around: Vec<crate::bound::Cte>,
    /// A statement of WITH that changes rows is analysed: there is none within it.
    pub(crate) in_modifying_cte: bool,
    next_buffer: u32,
    next_range: u32,
    next_cte: u32,
    depth: usize,
    stack_base: usize,
}

/// What a name means.
#[derive(Clone, Debug, PartialEq)]
pub enum Resolved {
    /// A relation.
    Relation(Oid),
    /// A function.
    Function(Oid),
    /// A column.
    Column {
        /// The name of the item of FROM that has it.
        table: String,
        /// Its range, when it is of one.
        range: Option<RangeId>,
    },
}

/// The arguments of the SQL function whose body is analysed.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionArguments {
    /// The function's name: `f.x` is its argument `x`.
    pub function: String,
    /// They, in order.
    pub arguments: Vec<Argument>,
}

/// A table of the rows that a statement changed, as its triggers may name it.
#[derive(Clone, Debug)]
pub(crate) struct TransitionTable {
    pub(crate) name: String,
    pub(crate) columns: Vec<crate::bound::RangeColumn>,
    /// The buffer that holds its rows.
    pub(crate) buffer: u32,
}

/// The columns of a range as a row.
#[derive(Clone, Debug)]
pub(crate) struct RowShape {
    pub(crate) row_type: Oid,
    /// It is of one function whose result is no row: its row is that result (makeWholeRowVar).
    pub(crate) is_scalar: bool,
    pub(crate) names: Vec<String>,
    pub(crate) types: Vec<TypeRef>,
    /// The fields of columns that are records, by column.
    pub(crate) records: BTreeMap<usize, (Vec<String>, Vec<TypeRef>)>,
}

/// How deep expressions and queries may nest: what comes after analysis walks the same tree.
const DEPTH_LIMIT: usize = 400;

/// How much of the stack analysis may take: half of what a thread of the runtime has.
const STACK_LIMIT: usize = 1 << 20;

/// About where the stack is now.
fn stack_address() -> usize {
    let here = 0_u8;
    std::ptr::from_ref(&here).addr()
}

impl<'a> Analysis<'a> {
    /// The state at a statement's beginning.
    pub fn new(catalog: &'a Catalog, asker: &Asker<'_>, parameter_types: &[Option<TypeRef>]) -> Analysis<'a> {
        Analysis {
            catalog,
            role: asker.role,
            session_user: asker.session_user,
            path: SearchPath::new(catalog, asker.search_path, asker.role),
            shown_path: None,
            determining: RefCell::default(),
            without_parameters: false,
            stored: false,
            arguments: None,
            variables: None,
            transitions: Arc::default(),
            locking: None,
            required: BTreeMap::new(),
            denied: None,
            functions: BTreeSet::new(),
            resolved: Vec::new(),
            parameters: parameter_types.to_vec(),
            explaining: None,
            recursing: Vec::new(),
            planned: false,
            live: BTreeMap::new(),
            cte_references: BTreeMap::new(),
            rows: BTreeMap::new(),
            pending: Vec::new(),
            around: Vec::new(),
            in_modifying_cte: false,
            next_buffer: 0,
            next_range: 0,
            next_cte: 0,
            depth: 0,
            stack_base: stack_address(),
        }
    }

    /// Runs a part of the analysis on text from the catalog, for `role`: only `pg_catalog` and the schemas of extensions are
    /// searched, arguments are hidden, errors lose their positions.
    pub fn stored<T>(&mut self, role: Oid, part: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let mut names = vec!["pg_catalog".to_owned()];
        let extensions = self.catalog.extensions.values();
        let schemas = extensions.filter_map(|extension| self.catalog.schemas.get(&extension.schema));
        names.extend(schemas.map(|schema| schema.name.clone()));
        let superuser = self.catalog.roles.values().find(|role| role.superuser).map_or(role, |role| role.oid);
        let path = SearchPath::new(self.catalog, &names, superuser);
        let outermost = self.shown_path.is_none();
        if outermost {
            self.shown_path = Some(self.path.clone());
        }
        let before = (
            std::mem::replace(&mut self.role, role),
            std::mem::replace(&mut self.path, path),
            std::mem::replace(&mut self.stored, true),
            self.arguments.take(),
            self.variables.take(),
        );
        let result = part(self);
        (self.role, self.path, self.stored, self.arguments, self.variables) = before;
        if outermost {
            self.shown_path = None;
        }
        result.map_err(without_position)
    }

    /// Sets the path along which messages show types, whatever text is read.
    pub(crate) fn show_types_along(&mut self, schemas: &[&str]) {
        self.shown_path = Some(SearchPath::new(self.catalog, schemas, catalog::BOOTSTRAP_ROLE));
    }

    /// A type's name as a message of the running statement shows it: along the asker's path, in stored text too.
    fn shown_type_name(&self, ty: Oid) -> String {
        self.catalog.format_type_oid(self.shown_path.as_ref().unwrap_or(&self.path), ty)
    }

    /// Notes for EXPLAIN what the statement itself names.
    pub(crate) fn tell(&mut self, number: String, name: impl FnOnce() -> String) {
        if !self.stored
            && self.arguments.is_none()
            && let Some(names) = &mut self.explaining
        {
            names.push((number, name()));
        }
    }

    /// A fresh range number.
    pub fn new_range(&mut self) -> RangeId {
        self.next_range += 1;
        RangeId(self.next_range)
    }

    /// A fresh buffer number.
    pub(crate) fn new_buffer(&mut self) -> u32 {
        self.next_buffer += 1;
        self.next_buffer
    }

    /// A fresh common table expression number.
    pub fn new_cte(&mut self) -> CteId {
        self.next_cte += 1;
        CteId(self.next_cte)
    }

    /// How often a common table expression is read by what was analysed so far.
    pub fn references(&self, cte: CteId) -> usize {
        self.cte_references.get(&cte).copied().unwrap_or(0)
    }

    /// The types of all parameters, when analysis is over; 42P18 for one that nothing gave a type.
    pub fn finish_parameters(&self) -> Result<Vec<TypeRef>> {
        let types = self.parameters.iter().enumerate();
        types
            .map(|(at, known)| {
                known.ok_or_else(|| {
                    DatabaseError::new(
                        INDETERMINATE_DATATYPE,
                        format!("could not determine data type of parameter ${}", at + 1),
                    )
                })
            })
            .collect()
    }

    /// The relation of this name: 42P01 when there is none, 42501 when its schema may not be used.
    pub fn find_relation(&self, name: &syntax::ast::Name) -> Result<Arc<Relation>> {
        let at = |error: DatabaseError| error.at(name.position);
        let (schema, _) = catalog::lookup::split_name(name).map_err(at)?;
        if let Some(schema) = schema
            && self.catalog.schema(schema).is_some()
        {
            self.check_schema(schema)?;
        }
        match self.catalog.find_relation(&self.path, name).map_err(at)? {
            Some(relation) => Ok(relation.clone()),
            None => Err(self.no_relation(name)),
        }
    }

    fn no_relation(&self, name: &syntax::ast::Name) -> DatabaseError {
        let (schema, table) = match name.parts.as_slice() {
            [table] => ("pg_catalog", table),
            [schema, table] => (schema.as_str(), table),
            _ => ("", &name.parts[0]),
        };
        if catalog::builtin::builtins().is_system_relation(schema, table) {
            return DatabaseError::unsupported(format_args!("{schema}.{table}")).at(name.position);
        }
        DatabaseError::new(
            sqlstate::UNDEFINED_TABLE,
            format!("relation \"{}\" does not exist", name.parts.join(".")),
        )
        .at(name.position)
    }

    /// Goes one level deeper; 54001 before the stack ends, which PostgreSQL looks at in the same way.
    pub(crate) fn nested<T>(&mut self, part: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth >= DEPTH_LIMIT || self.stack_base.abs_diff(stack_address()) > STACK_LIMIT {
            return Err(DatabaseError::new(sqlstate::STATEMENT_TOO_COMPLEX, "stack depth limit exceeded"));
        }
        self.depth += 1;
        let result = part(self);
        self.depth -= 1;
        result
    }

    /// NOT NULL and the CHECKs of a domain and of the domains below it, PostgreSQL's order: from the base up, by name.
    pub(crate) fn domain_checks(&mut self, domain: Oid) -> Result<DomainChecks> {
        let row = self.catalog.types.get(&domain);
        let schema = row.and_then(|row| self.catalog.schemas.get(&row.schema));
        let object = (
            schema.map_or_else(String::new, |schema| schema.name.clone()),
            row.map_or_else(String::new, |row| row.name.clone()),
        );
        let mut checks =
            DomainChecks { name: self.shown_type_name(domain), object, not_null: false, checks: Vec::new() };
        let mut levels = Vec::new();
        let mut at = domain;
        while let Some(row) = self.catalog.types.get(&at)
            && let TypeKind::Domain { base, not_null, checks, .. } = &row.kind
        {
            levels.push((row.clone(), *not_null, checks.clone()));
            at = base.oid;
        }
        let base = plain(at);
        for (row, not_null, mut conditions) in levels.into_iter().rev() {
            checks.not_null |= not_null;
            conditions.sort_by(|a, b| a.name.cmp(&b.name));
            for check in conditions {
                let mut scope = Scope::default();
                let value = Expr::new(ExprKind::CaseOperand, base);
                scope.items.push(Item {
                    name: String::new(),
                    schema: None,
                    range: None,
                    columns: vec![ItemColumn { name: "value".to_owned(), expr: value, number: None }],
                    relation_visible: false,
                    columns_visible: true,
                    beyond: false,
                });
                let parsed = syntax::parse_expression(&check.expression)?;
                let condition = self.stored(row.owner, |analysis| {
                    let condition = analysis.expression(&mut scope, Place::DomainCheck, &parsed)?;
                    analysis.coerce_to_boolean(condition, "CHECK")
                })?;
                checks.checks.push((check.name.clone(), condition));
            }
        }
        Ok(checks)
    }
}

fn without_position(mut error: DatabaseError) -> DatabaseError {
    error.fields_mut().position = None;
    error
}
