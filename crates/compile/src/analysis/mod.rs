//! PostgreSQL's parse analysis: a tree of names becomes a tree of OIDs, numbers and types.
//!
//! [`Analysis`] is the state of one statement, [`Scope`] what names mean at one place of it. Errors are PostgreSQL's, with its
//! positions.

mod scope;

pub use scope::{Argument, Item, ItemColumn, Place, Scope};

use crate::Asker;
use crate::bound::{CteId, Expr, From, Query, Range, RangeId, RelationRange, Required, Target};
use catalog::{Catalog, Oid, Privileges, TypeRef};
use sqlstate::{DatabaseError, Result};
use std::collections::BTreeMap;
use std::sync::Arc;
use syntax::ast;

/// The state of one statement's analysis.
#[derive(Debug)]
pub struct Analysis<'a> {
    /// What the database contains.
    pub catalog: &'a Arc<Catalog>,
    /// The role whose privileges count for the relations that are met now: who asks, or the owner of the view or function being expanded.
    pub role: Oid,
    /// `session_user`.
    pub session_user: Oid,
    /// The schemas searched for unqualified names, in order; `pg_catalog` comes first.
    pub search_path: Vec<Oid>,
    /// What `$n` and names of arguments mean in a SQL function's body; `None` outside.
    pub arguments: Option<Arc<Vec<Argument>>>,
    /// What is needed of each relation met so far, by range.
    pub required: BTreeMap<RangeId, RelationRange>,
    /// The types of `$n`, as far as they are known.
    parameters: Vec<Option<TypeRef>>,
    next_range: u32,
    next_cte: u32,
}

impl<'a> Analysis<'a> {
    /// The state at a statement's beginning.
    pub fn new(
        catalog: &'a Arc<Catalog>,
        asker: &Asker<'_>,
        parameter_types: &[Option<TypeRef>],
    ) -> Analysis<'a> {
        let path = asker.search_path.iter();
        Analysis {
            catalog,
            role: asker.role,
            session_user: asker.session_user,
            search_path: path.filter_map(|name| catalog.schema(name)).map(|schema| schema.oid).collect(),
            arguments: None,
            required: BTreeMap::new(),
            parameters: parameter_types.to_vec(),
            next_range: 0,
            next_cte: 0,
        }
    }

    /// A fresh range number.
    pub fn new_range(&mut self) -> RangeId {
        self.next_range += 1;
        RangeId(self.next_range)
    }

    /// A fresh common table expression number.
    pub fn new_cte(&mut self) -> CteId {
        self.next_cte += 1;
        CteId(self.next_cte)
    }

    /// Analyses an expression as it stands: its type may still be `unknown`.
    pub fn expression(&mut self, scope: &mut Scope<'_>, place: Place, expr: &ast::Expr) -> Result<Expr> {
        let _ = (scope, place, expr);
        Err(DatabaseError::unsupported("this expression"))
    }

    /// Converts a value for assignment to a column (assignment casts, length enforced); 42804 `column "c" is of type t but expression is of type u`.
    pub fn coerce_assignment(&mut self, expr: Expr, target: TypeRef, column: &str) -> Result<Expr> {
        let _ = (expr, target, column);
        Err(DatabaseError::unsupported("this assignment"))
    }

    /// Converts to boolean; 42804 `argument of WHERE must be type boolean, not type integer`.
    pub fn coerce_to_boolean(&mut self, expr: Expr, construct: &str) -> Result<Expr> {
        let _ = (expr, construct);
        Err(DatabaseError::unsupported("this condition"))
    }

    /// Analyses a query; `parent` is the scope around it.
    pub fn query(&mut self, parent: Option<&Scope<'_>>, select: &ast::Select) -> Result<Query> {
        let _ = (parent, select);
        Err(DatabaseError::unsupported("this query"))
    }

    /// Analyses FROM (or USING) items and makes them visible in the scope.
    pub fn from_items(&mut self, scope: &mut Scope<'_>, items: &[ast::TableRef]) -> Result<Vec<From>> {
        let _ = (scope, items);
        Err(DatabaseError::unsupported("this FROM"))
    }

    /// Analyses an output list (a select list, RETURNING): stars expanded, columns named, literals text.
    pub fn output_list(
        &mut self,
        scope: &mut Scope<'_>,
        place: Place,
        targets: &[ast::Target],
    ) -> Result<Vec<Target>> {
        let _ = (scope, place, targets);
        Err(DatabaseError::unsupported("this output list"))
    }

    /// A range over a relation for `role`; nothing is read of it yet. [`Scope::show`] makes it visible.
    pub fn relation_range(
        &mut self,
        relation: &Arc<catalog::Relation>,
        alias: Option<&ast::Alias>,
        privileges: Privileges,
    ) -> Result<Range> {
        let _ = (relation, alias, privileges, Required::default());
        Err(DatabaseError::unsupported("this relation"))
    }

    /// The relation of this name: 42P01 when there is none, 42501 when its schema may not be used.
    pub fn find_relation(&self, name: &ast::Name) -> Result<Arc<catalog::Relation>> {
        let _ = name;
        Err(DatabaseError::unsupported("this relation"))
    }

    /// The types of all parameters, when analysis is over; 42P18 for one that nothing gave a type.
    pub fn finish_parameters(&self) -> Result<Vec<TypeRef>> {
        Err(DatabaseError::unsupported("parameters"))
    }
}
