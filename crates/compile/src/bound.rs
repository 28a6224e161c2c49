//! A statement after analysis: every name resolved, every expression typed, every conversion written out.
//!
//! Ranges (what FROM ranges over) and common table expressions have numbers that are unique in the statement, so a reference
//! to an outer query needs no level. Functions and operators are OIDs: below [`catalog::FIRST_USER_OID`] rows of
//! `catalog::builtin`, above it functions of the catalog.

#![expect(missing_docs, reason = "fields are named after the grammar's own words")]

use crate::program::Bind;
use catalog::{Oid, Relation, TypeRef};
use datum::StoredValue;
use std::collections::BTreeSet;
use std::sync::Arc;
use syntax::ast::Position;

/// A range's number, unique in the statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RangeId(pub u32);

/// A common table expression's number, unique in the statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CteId(pub u32);

// -------------------------------------------------------------------------------------- expressions

/// A typed expression.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// The type of its value. A literal or parameter that has no type yet has `unknown`.
    pub ty: TypeRef,
    /// Where it stood in the statement, for errors; 0 when it did not stand there.
    pub position: Position,
}

/// Two expressions are equal when they mean the same, wherever they stood.
impl PartialEq for Expr {
    fn eq(&self, other: &Expr) -> bool {
        self.ty == other.ty && self.kind == other.kind
    }
}

/// The kinds of expression.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A value in its stored form. Of type `unknown`: an untyped literal's text.
    Constant(StoredValue),
    /// `$n`.
    Parameter(u32),
    /// A value that the engine binds: session values, the row to be written, an argument of a function.
    Bind(Bind),
    /// A column of a range (index in [`Range::columns`]).
    Column { range: RangeId, column: usize },
    /// A whole row of a range, as a value of its row type (`record` for sub-queries).
    WholeRow(RangeId),
    /// The rowid of a table's row, as int8.
    RowId(RangeId),
    /// A function call; arguments are converted, defaults filled in, and VARIADIC ones gathered into one array (but for VARIADIC "any").
    Call { function: Oid, args: Vec<Expr> },
    /// An operator of one or two operands.
    Operator { operator: Oid, args: Vec<Expr> },
    /// AND of two or more.
    And(Vec<Expr>),
    /// OR of two or more.
    Or(Vec<Expr>),
    /// NOT.
    Not(Box<Expr>),
    /// IS [NOT] NULL; of a row (`Row`, `WholeRow`, composite): of each field.
    IsNull { expr: Box<Expr>, not: bool },
    /// IS [NOT] TRUE, FALSE, UNKNOWN.
    IsBoolean { expr: Box<Expr>, value: Option<bool>, not: bool },
    /// IS [NOT] DISTINCT FROM, by this equality operator.
    IsDistinct { operator: Oid, left: Box<Expr>, right: Box<Expr>, not: bool },
    /// CASE. With an operand each condition reads it as [`ExprKind::CaseOperand`].
    Case { operand: Option<Box<Expr>>, arms: Vec<(Expr, Expr)>, otherwise: Box<Expr> },
    /// The operand of the CASE around.
    CaseOperand,
    /// COALESCE.
    Coalesce(Vec<Expr>),
    /// GREATEST and LEAST.
    Extreme { greatest: bool, args: Vec<Expr> },
    /// NULLIF, by this equality operator.
    NullIf { operator: Oid, left: Box<Expr>, right: Box<Expr> },
    /// `left op ANY/ALL (array)`.
    AnyArray { operator: Oid, all: bool, left: Box<Expr>, array: Box<Expr> },
    /// `(a, b) op (c, d)` with `<`, `<=`, `>`, `>=`; equality of rows is an AND.
    RowCompare { operators: Vec<Oid>, left: Vec<Expr>, right: Vec<Expr> },
    /// EXISTS.
    Exists(Box<Query>),
    /// A sub-query as a value: its only row, or NULL.
    Subquery(Box<Query>),
    /// ARRAY(SELECT …).
    ArraySubquery(Box<Query>),
    /// `row op ANY/ALL (SELECT …)`, IN and NOT IN among them; for more than one column ANY is all equal, ALL is `<>` in any.
    AnySubquery { all: bool, tests: Vec<SubqueryTest>, query: Box<Query> },
    /// Output column of the sub-query of the [`ExprKind::AnySubquery`] around.
    SubqueryColumn(usize),
    /// ARRAY[…]; the elements are arrays themselves when it has more dimensions.
    Array(Vec<Expr>),
    /// ROW(…).
    Row { fields: Vec<Expr>, names: Vec<String> },
    /// A field of a composite value, from 0.
    Field { expr: Box<Expr>, field: usize },
    /// `a[i][j]`, `a[l:u]`.
    Subscript { expr: Box<Expr>, subscripts: Vec<Subscript> },
    /// The array with `value` at these subscripts: `SET a[i] = …`.
    AssignSubscript { expr: Box<Expr>, subscripts: Vec<Subscript>, value: Box<Expr> },
    /// A conversion that is not a function call.
    Convert { expr: Box<Expr>, by: Conversion },
    /// COLLATE; the collations that there are all sort alike, so it only says where it was written.
    Collate { expr: Box<Expr>, collation: String },
    /// An aggregate of the query it stands in.
    Aggregate(Box<Aggregate>),
    /// A window function, or an aggregate over a window.
    Window { aggregate: Box<Aggregate>, window: usize },
    /// GROUPING(…): expressions of [`Core::group_by`].
    Grouping(Vec<Expr>),
    /// A set-returning function in a select list.
    SetCall { function: Oid, args: Vec<Expr> },
    /// DEFAULT, in INSERT and UPDATE.
    Default,
}

/// A comparison of [`ExprKind::AnySubquery`]: `left` operator `right`, where `right` reads [`ExprKind::SubqueryColumn`].
#[derive(Clone, Debug, PartialEq)]
pub struct SubqueryTest {
    /// The operator.
    pub operator: Oid,
    /// Outside the sub-query.
    pub left: Expr,
    /// The sub-query's column, converted.
    pub right: Expr,
}

/// An index or slice.
#[derive(Clone, Debug, PartialEq)]
pub enum Subscript {
    /// `[i]`
    Index(Expr),
    /// `[l:u]`
    Slice(Option<Expr>, Option<Expr>),
}

/// How a value becomes one of another type.
#[derive(Clone, Debug, PartialEq)]
pub enum Conversion {
    /// The same stored form.
    Relabel,
    /// By output and input.
    Text,
    /// The elements of an array one by one: the last argument of a function with VARIADIC "any".
    Spread,
    /// Each element of an array; of the elements' conversion the operand is [`ExprKind::CaseOperand`].
    Array(Box<Expr>),
    /// To a domain: its NOT NULL and CHECKs are tested. The operand has its base type already.
    Domain(DomainChecks),
}

/// What a domain demands of its values.
#[derive(Clone, Debug, PartialEq)]
pub struct DomainChecks {
    /// The domain, as errors name it.
    pub name: String,
    /// Its schema and its name without it, for the fields of errors.
    pub object: (String, String),
    /// NOT NULL.
    pub not_null: bool,
    /// The CHECKs' names and conditions, in the order in which they are tested; the value is [`ExprKind::CaseOperand`].
    pub checks: Vec<(String, Expr)>,
}

/// An aggregate's call.
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregate {
    /// The aggregate, or window function.
    pub function: Oid,
    /// The direct arguments of WITHIN GROUP.
    pub direct: Vec<Expr>,
    /// The arguments; empty for `count(*)`.
    pub args: Vec<Expr>,
    /// DISTINCT.
    pub distinct: bool,
    /// ORDER BY inside, or of WITHIN GROUP.
    pub order_by: Vec<SortExpr>,
    /// FILTER.
    pub filter: Option<Expr>,
}

/// A sort key that is an expression of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct SortExpr {
    /// What to sort by.
    pub expr: Expr,
    /// DESC.
    pub descending: bool,
    /// Where NULLs come.
    pub nulls_first: bool,
}

// ------------------------------------------------------------------------------------------ queries

/// A query.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// WITH.
    pub ctes: Vec<Cte>,
    /// What it selects.
    pub body: Body,
    /// What comes out.
    pub columns: Vec<OutputColumn>,
    /// ORDER BY.
    pub order_by: Vec<Sort>,
    /// LIMIT, as int8.
    pub limit: Option<Expr>,
    /// FETCH … WITH TIES.
    pub with_ties: bool,
    /// OFFSET, as int8.
    pub offset: Option<Expr>,
}

/// An output column.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputColumn {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: TypeRef,
}

/// Where a query's rows come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// SELECT … FROM …
    Core(Box<Core>),
    /// VALUES, each column converted to its type.
    Values(Vec<Vec<Expr>>),
    /// UNION, INTERSECT, EXCEPT. The arms' columns are converted to the common types.
    SetOperation { operator: syntax::ast::SetOperator, all: bool, left: Box<Query>, right: Box<Query> },
}

/// A plain SELECT.
#[derive(Clone, Debug, PartialEq)]
pub struct Core {
    /// FROM; items beside each other are joined by a comma.
    pub from: Vec<From>,
    /// WHERE.
    pub filter: Option<Expr>,
    /// GROUP BY.
    pub group_by: Vec<Expr>,
    /// GROUPING SETS: each set by indexes in `group_by`; empty when there is only one, all of them. None come out of analysis.
    pub grouping_sets: Vec<Vec<usize>>,
    /// HAVING.
    pub having: Option<Expr>,
    /// The windows that window functions refer to.
    pub windows: Vec<Window>,
    /// The output list: first what comes out ([`Query::columns`]), behind it what is only sorted by.
    pub targets: Vec<Target>,
    /// DISTINCT.
    pub distinct: Option<Distinct>,
    /// Whether it is grouped: GROUP BY, HAVING, or an aggregate.
    pub grouped: bool,
}

/// An item of the output list.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// Its value.
    pub expr: Expr,
    /// Its name.
    pub name: String,
}

/// DISTINCT.
#[derive(Clone, Debug, PartialEq)]
pub enum Distinct {
    /// All output columns.
    All,
    /// ON: indexes in [`Core::targets`].
    On(Vec<usize>),
}

/// A sort key: an output column, or for a plain SELECT any item of [`Core::targets`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// Its index.
    pub target: usize,
    /// DESC.
    pub descending: bool,
    /// Where NULLs come.
    pub nulls_first: bool,
}

/// A window.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// PARTITION BY.
    pub partition_by: Vec<Expr>,
    /// ORDER BY.
    pub order_by: Vec<SortExpr>,
    /// The frame; `None` is the default.
    pub frame: Option<Frame>,
}

/// A window's frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// "ROWS", "RANGE", "GROUPS".
    pub unit: &'static str,
    /// The start.
    pub start: FrameBound,
    /// The end.
    pub end: FrameBound,
    /// EXCLUDE: "CURRENT ROW", "GROUP", "TIES", "NO OTHERS".
    pub exclude: Option<&'static str>,
}

/// A frame's bound.
#[derive(Clone, Debug, PartialEq)]
pub enum FrameBound {
    /// UNBOUNDED PRECEDING
    UnboundedPreceding,
    /// n PRECEDING
    Preceding(Expr),
    /// CURRENT ROW
    CurrentRow,
    /// n FOLLOWING
    Following(Expr),
    /// UNBOUNDED FOLLOWING
    UnboundedFollowing,
}

/// A common table expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Cte {
    /// Its number.
    pub id: CteId,
    /// Its name.
    pub name: String,
    /// Its columns.
    pub columns: Vec<OutputColumn>,
    /// RECURSIVE, and it does refer to itself.
    pub recursive: bool,
    /// MATERIALIZED, NOT MATERIALIZED.
    pub materialized: Option<bool>,
    /// How often it is read.
    pub references: usize,
    /// Its rows.
    pub body: CteBody,
}

/// Where a common table expression's rows come from.
#[derive(Clone, Debug, PartialEq)]
pub enum CteBody {
    /// A query.
    Query(Box<Query>),
    /// A data-modifying statement that ran before; its RETURNING rows are in this buffer.
    Buffer(u32),
}

// ------------------------------------------------------------------------------------------- ranges

/// An item of FROM.
#[derive(Clone, Debug, PartialEq)]
pub enum From {
    /// A range.
    Range(Box<Range>),
    /// A join. USING and NATURAL are written out in the condition.
    Join { kind: syntax::ast::JoinKind, left: Box<From>, right: Box<From>, condition: Option<Expr> },
}

/// What FROM ranges over.
#[derive(Clone, Debug, PartialEq)]
pub struct Range {
    /// Its number.
    pub id: RangeId,
    /// How the statement calls it.
    pub alias: String,
    /// Its columns (of a relation: in the order of `Relation::columns`).
    pub columns: Vec<RangeColumn>,
    /// Whether an outer join may give a row of NULLs for it.
    pub nullable: bool,
    /// What it is.
    pub kind: RangeKind,
}

/// A column of a range.
#[derive(Clone, Debug, PartialEq)]
pub struct RangeColumn {
    /// Its name here (an alias may have renamed it).
    pub name: String,
    /// Its type.
    pub ty: TypeRef,
    /// Whether it is never NULL in a row of the range.
    pub not_null: bool,
}

/// The kinds of range.
#[derive(Clone, Debug, PartialEq)]
pub enum RangeKind {
    /// A table, view or sequence.
    Relation(RelationRange),
    /// A sub-query, or a view after expansion.
    Subquery { query: Box<Query>, lateral: bool },
    /// A common table expression.
    Cte(CteId),
    /// Functions in FROM.
    Function { functions: Vec<RangeFunction>, ordinality: bool, lateral: bool },
    /// VALUES.
    Values(Vec<Vec<Expr>>),
    /// The rows that an earlier step of the program kept.
    Buffer(u32),
    /// A table or view of pg_catalog or information_schema.
    System(&'static catalog::builtin::SystemRelation),
}

/// A relation in FROM.
#[derive(Clone, Debug)]
pub struct RelationRange {
    /// It.
    pub relation: Arc<Relation>,
    /// Row security: each must be true for a row to be seen. Put there by the rewrite.
    pub filters: Vec<Expr>,
    /// The role whose privileges and policies count: who asks, or a view's owner.
    pub check_as: Oid,
    /// What the statement does with it: decides which policies apply.
    pub required: Required,
}

impl PartialEq for RelationRange {
    fn eq(&self, other: &RelationRange) -> bool {
        self.relation.oid == other.relation.oid
            && self.filters == other.filters
            && self.check_as == other.check_as
    }
}

/// What a statement needs of a relation (PostgreSQL's requiredPerms, selectedCols, insertedCols, updatedCols). Columns are
/// numbers of the catalog.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Required {
    /// Privileges on the relation or all of its concerned columns.
    pub privileges: catalog::Privileges,
    /// Columns read; a whole-row reference reads all.
    pub selected: BTreeSet<catalog::ColumnNumber>,
    /// Whether the row as a whole was read, so that all columns are.
    pub whole_row: bool,
    /// Columns given by INSERT.
    pub inserted: BTreeSet<catalog::ColumnNumber>,
    /// Columns assigned by UPDATE.
    pub updated: BTreeSet<catalog::ColumnNumber>,
}

/// A function in FROM.
#[derive(Clone, Debug, PartialEq)]
pub struct RangeFunction {
    /// The call: `Call` or `SetCall`, or any expression that gives one row.
    pub call: Expr,
    /// How many columns of the range are its.
    pub columns: usize,
    /// The rows of a function of the user's own, once the rewrite has put its body in the call's place.
    pub query: Option<Box<Query>>,
}

impl Expr {
    /// An expression without a place in the statement.
    pub fn new(kind: ExprKind, ty: TypeRef) -> Expr {
        Expr { kind, ty, position: 0 }
    }

    /// The same, standing here.
    pub fn at(mut self, position: Position) -> Expr {
        self.position = position;
        self
    }

    /// The same, standing here unless it stood somewhere already.
    pub(crate) fn at_if_absent(mut self, position: Position) -> Expr {
        if self.position == 0 {
            self.position = position;
        }
        self
    }

    /// exprLocation: where the text of the whole expression begins, as far as PostgreSQL knows.
    pub fn location(&self) -> Position {
        let leftmost = |parts: &[&Expr]| {
            let parts = parts.iter().map(|part| part.location());
            parts.chain([self.position]).filter(|at| *at > 0).min().unwrap_or(0)
        };
        match &self.kind {
            ExprKind::Operator { args, .. }
            | ExprKind::Call { args, .. }
            | ExprKind::SetCall { args, .. } => leftmost(&args.iter().collect::<Vec<_>>()),
            ExprKind::And(parts) | ExprKind::Or(parts) => leftmost(&parts.iter().collect::<Vec<_>>()),
            ExprKind::Not(part)
            | ExprKind::IsNull { expr: part, .. }
            | ExprKind::IsBoolean { expr: part, .. }
            | ExprKind::Convert { expr: part, .. } => leftmost(&[part]),
            ExprKind::IsDistinct { left, right, .. } | ExprKind::NullIf { left, right, .. } => {
                leftmost(&[left, right])
            }
            ExprKind::AnyArray { left, array, .. } => leftmost(&[left, array]),
            ExprKind::AnySubquery { tests, .. } => {
                leftmost(&tests.iter().map(|test| &test.left).collect::<Vec<_>>())
            }
            ExprKind::Field { expr, .. }
            | ExprKind::Subscript { expr, .. }
            | ExprKind::Collate { expr, .. } => expr.location(),
            _ => self.position,
        }
    }

    /// NULL of a type.
    pub fn null(ty: TypeRef) -> Expr {
        Expr::new(ExprKind::Constant(StoredValue::Null), ty)
    }

    /// A boolean constant.
    pub fn boolean(value: bool) -> Expr {
        Expr::new(
            ExprKind::Constant(StoredValue::from(value)),
            TypeRef { oid: datum::oid::BOOL, modifier: -1 },
        )
    }

    /// AND of these; TRUE of none.
    pub fn all(mut exprs: Vec<Expr>) -> Expr {
        match exprs.len() {
            0 => Expr::boolean(true),
            1 => exprs.remove(0),
            _ => Expr::new(ExprKind::And(exprs), TypeRef { oid: datum::oid::BOOL, modifier: -1 }),
        }
    }

    /// OR of these; FALSE of none.
    pub fn any(mut exprs: Vec<Expr>) -> Expr {
        match exprs.len() {
            0 => Expr::boolean(false),
            1 => exprs.remove(0),
            _ => Expr::new(ExprKind::Or(exprs), TypeRef { oid: datum::oid::BOOL, modifier: -1 }),
        }
    }
}
