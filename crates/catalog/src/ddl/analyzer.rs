//! What the catalog asks of the compiler: types, names and meaning of expressions and queries in definitions.

use super::DdlSession;
use crate::{Catalog, ColumnNumber, Function, ObjectRef, Oid, Relation, Sql, TypeRef, Volatility};
use sqlstate::Result;
use syntax::ast::{Expr, Select};

/// The compiler, as the catalog sees it. Names resolve along `session.search_path`, for `session.role`.
pub trait Analyzer {
    /// The meaning of an expression in a definition: PostgreSQL's parse analysis for this kind of expression, with its
    /// checks (no sub-query in CHECK, no column in DEFAULT, no aggregate …) and the coercion that it asks for.
    fn expression(
        &self,
        catalog: &Catalog,
        session: &DdlSession<'_>,
        request: &ExpressionRequest<'_>,
    ) -> Result<Analyzed>;

    /// The meaning of a view's query. `*` is expanded and unknown literals are text.
    fn query(&self, catalog: &Catalog, session: &DdlSession<'_>, query: &Select) -> Result<AnalyzedQuery>;

    /// Checks the body of a LANGUAGE sql function (`fmgr_sql_validator`): it parses, its names are there, its last
    /// statement gives what the function returns (42P13). An error's position is one in the body.
    fn function_body(&self, catalog: &Catalog, session: &DdlSession<'_>, function: &Function) -> Result<()>;
}

/// An expression and where it stands.
#[derive(Clone, Copy, Debug)]
pub struct ExpressionRequest<'a> {
    /// The expression as written.
    pub expr: &'a Expr,
    /// What kind of definition it is part of.
    pub kind: ExpressionKind,
    /// Which columns it sees.
    pub scope: Scope<'a>,
    /// The type that it must become, by assignment; for the kinds that are conditions the analyzer knows it to be boolean.
    pub target: Option<Target<'a>>,
}

/// Whose value an expression gives.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The column, parameter or domain, for messages.
    pub name: &'a str,
    /// Its type.
    pub type_ref: TypeRef,
}

/// PostgreSQL's ParseExprKind, as far as definitions go. The comments are what a type mismatch says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpressionKind {
    /// CHECK of a table: "argument of CHECK must be type boolean, not type …".
    Check,
    /// CHECK of a domain: likewise.
    DomainCheck,
    /// DEFAULT of a column or domain: "column "c" is of type … but default expression is of type …", with a hint.
    ColumnDefault,
    /// GENERATED ALWAYS AS: "column "c" is of type … but default expression is of type …"; must be immutable (the caller asks).
    GeneratedColumn,
    /// DEFAULT of a parameter: "argument of DEFAULT must be type …, not type …".
    FunctionDefault,
    /// An index's expression; any type.
    IndexExpression,
    /// An index's WHERE: "argument of WHERE must be type boolean, not type …".
    IndexPredicate,
    /// ALTER COLUMN TYPE … USING: coerced by assignment; the caller words the error when it cannot be.
    AlterColumnTransform,
    /// A policy's USING or WITH CHECK: "argument of POLICY must be type boolean, not type …".
    Policy,
    /// A trigger's WHEN: "argument of WHEN must be type boolean, not type …".
    TriggerWhen,
}

/// Which columns an expression sees.
#[derive(Clone, Copy, Debug)]
pub enum Scope<'a> {
    /// None.
    Nothing,
    /// Those of this relation, also qualified with its name. It need not be in the catalog yet.
    Relation(&'a Relation),
    /// VALUE, of this type.
    Domain(TypeRef),
    /// OLD and NEW, rows of this relation, as far as the trigger has them.
    Trigger {
        /// The table.
        relation: &'a Relation,
        /// OLD is there.
        old: bool,
        /// NEW is there.
        new: bool,
    },
}

/// What an expression means.
#[derive(Clone, Debug, PartialEq)]
pub struct Analyzed {
    /// Its type, after coercion to the target.
    pub type_ref: TypeRef,
    /// Its text: names of relations, functions and types outside pg_catalog qualified, the coercion to the target *not* written
    /// out unless the user wrote it. In an expression with sub-queries every column is qualified by its table or alias.
    pub sql: Sql,
    /// The columns of the scope's relation that it names, in order of number.
    pub columns: Vec<ColumnNumber>,
    /// The worst of its functions.
    pub volatility: Volatility,
    /// Whether it is NULL as a constant.
    pub is_null: bool,
    /// The constant's value when it is one after folding, else `None`; engines use it as the missing value of a new column.
    pub constant: bool,
    /// What it names beyond PostgreSQL's own: relations, columns (of other relations too), functions, types, sequences in
    /// `'s'::regclass` constants.
    pub depends: Vec<ObjectRef>,
}

/// What a query means.
#[derive(Clone, Debug, PartialEq)]
pub struct AnalyzedQuery {
    /// Its output columns in order.
    pub columns: Vec<QueryColumn>,
    /// Its text, `*` expanded; qualified as [`Analyzed::sql`].
    pub sql: Sql,
    /// PostgreSQL's rules for simple views say that INSERT may be passed on to the base relation.
    pub insertable: bool,
    /// Likewise UPDATE.
    pub updatable: bool,
    /// Likewise DELETE.
    pub deletable: bool,
    /// Why WITH CHECK OPTION is refused, as PostgreSQL's DETAIL says it ("Views containing DISTINCT are not automatically updatable.").
    pub not_updatable: Option<&'static str>,
    /// What it names, as [`Analyzed::depends`].
    pub depends: Vec<ObjectRef>,
}

/// An output column of a query.
#[derive(Clone, Debug, PartialEq)]
pub struct QueryColumn {
    /// Its name.
    pub name: String,
    /// Its type.
    pub type_ref: TypeRef,
    /// The relation's column that it shows unchanged.
    pub origin: Option<(Oid, ColumnNumber)>,
}
