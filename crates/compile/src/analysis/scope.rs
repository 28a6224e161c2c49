//! What names mean at one place of a statement.

use crate::bound::{CteId, Expr, OutputColumn, RangeId};
use catalog::{ColumnNumber, TypeRef};

/// Where an expression stands (PostgreSQL's ParseExprKind): what is allowed there, and what errors call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A select list.
    Select,
    /// WHERE.
    Where,
    /// HAVING.
    Having,
    /// FILTER.
    Filter,
    /// JOIN … ON.
    JoinOn,
    /// JOIN … USING.
    JoinUsing,
    /// A sub-query in FROM.
    FromSubquery,
    /// A function in FROM.
    FromFunction,
    /// GROUP BY.
    GroupBy,
    /// ORDER BY.
    OrderBy,
    /// DISTINCT ON.
    DistinctOn,
    /// LIMIT.
    Limit,
    /// OFFSET.
    Offset,
    /// RETURNING.
    Returning,
    /// VALUES.
    Values,
    /// The single row of INSERT … VALUES.
    InsertTarget,
    /// SET a = …
    UpdateSource,
    /// A condition of WHEN in MERGE.
    MergeWhen,
    /// WHERE of COPY FROM.
    CopyWhere,
    /// PARTITION BY.
    WindowPartition,
    /// A window's ORDER BY.
    WindowOrder,
    /// A frame of RANGE.
    WindowFrameRange,
    /// A frame of ROWS.
    WindowFrameRows,
    /// A frame of GROUPS.
    WindowFrameGroups,
    /// A CHECK constraint.
    CheckConstraint,
    /// A domain's CHECK.
    DomainCheck,
    /// DEFAULT of a column.
    ColumnDefault,
    /// DEFAULT of a function's parameter.
    FunctionDefault,
    /// An index's expression.
    IndexExpression,
    /// An index's WHERE.
    IndexPredicate,
    /// ALTER COLUMN TYPE … USING.
    AlterColumnTransform,
    /// A trigger's WHEN.
    TriggerWhen,
    /// A policy's USING or WITH CHECK.
    Policy,
    /// A generated column.
    GeneratedColumn,
}

/// What names mean at one place. A sub-query's scope has the one around it as parent.
#[derive(Debug, Default)]
pub struct Scope<'p> {
    /// The scope around.
    pub parent: Option<&'p Scope<'p>>,
    /// What FROM made visible, in order.
    pub items: Vec<Item>,
    /// The common table expressions of this query.
    pub ctes: Vec<VisibleCte>,
    /// All ranges of this query, visible or not, for hints.
    pub(crate) known: Vec<KnownRange>,
    /// The names of WITH's expressions that come after the one being analysed.
    pub(crate) future_ctes: Vec<String>,
    /// The items belong to FROM items beside a sub-query that is not LATERAL: not to be seen from there.
    pub(crate) items_hidden: bool,
    /// WINDOW's definitions, as written.
    pub(crate) window_definitions: Vec<(String, syntax::ast::WindowSpec)>,
    /// The windows that OVER made so far.
    pub(crate) windows: Vec<crate::bound::Window>,
    /// An aggregate was met, here or in a sub-query that reads of it nothing but what is here.
    pub(crate) has_aggregates: std::cell::Cell<bool>,
    /// Where the sub-query stands that is being analysed.
    pub(crate) subquery_place: std::cell::Cell<Option<Place>>,
    /// For each item of the output the key that it is, of GROUP BY with several grouping sets.
    pub(crate) shown_keys: Vec<Option<usize>>,
    /// A set-returning function was met where it counts.
    pub(crate) has_set_calls: bool,
}

/// A range of a query, as hints name it.
#[derive(Clone, Debug)]
pub(crate) struct KnownRange {
    pub(crate) id: RangeId,
    pub(crate) alias: String,
    pub(crate) relation: Option<String>,
    pub(crate) columns: Vec<String>,
}

impl<'p> Scope<'p> {
    /// An empty scope within another.
    pub fn within(parent: Option<&'p Scope<'p>>) -> Scope<'p> {
        Scope { parent, ..Scope::default() }
    }
}

/// A common table expression that may be named.
#[derive(Clone, Debug)]
pub struct VisibleCte {
    /// Its number.
    pub id: CteId,
    /// Its name.
    pub name: String,
    /// Its columns.
    pub columns: Vec<OutputColumn>,
    /// It changes rows and has no RETURNING: it may not be read.
    pub silent: bool,
}

/// A name that FROM made visible (PostgreSQL's ParseNamespaceItem).
#[derive(Clone, Debug)]
pub struct Item {
    /// The alias, or the relation's name.
    pub name: String,
    /// The schema of a relation without alias: `schema.table.column` finds it.
    pub schema: Option<String>,
    /// Its range; `None` for a join's.
    pub range: Option<RangeId>,
    /// Its columns.
    pub columns: Vec<ItemColumn>,
    /// `name.column` finds it.
    pub relation_visible: bool,
    /// `column` finds it.
    pub columns_visible: bool,
    /// It is the left side of a RIGHT or FULL join, of which the right side may read nothing.
    pub beyond: bool,
}

/// A column of an [`Item`].
#[derive(Clone, Debug)]
pub struct ItemColumn {
    /// Its name.
    pub name: String,
    /// What it stands for: a column of a range, or what USING merged.
    pub expr: Expr,
    /// The relation's column, for privileges.
    pub number: Option<ColumnNumber>,
}

/// An argument of the SQL function whose body is analysed.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// Its name.
    pub name: Option<String>,
    /// Its type.
    pub ty: TypeRef,
    /// What it stands for: `Bind::Argument`, or the caller's expression when the function is inlined.
    pub value: Expr,
}

impl Place {
    /// What errors call it (ParseExprKindName).
    pub(crate) fn name(self) -> &'static str {
        match self {
            Place::Select => "SELECT",
            Place::Where | Place::CopyWhere => "WHERE",
            Place::Having => "HAVING",
            Place::Filter => "FILTER",
            Place::JoinOn => "JOIN/ON",
            Place::JoinUsing => "JOIN/USING",
            Place::FromSubquery => "sub-SELECT in FROM",
            Place::FromFunction => "function in FROM",
            Place::GroupBy => "GROUP BY",
            Place::OrderBy => "ORDER BY",
            Place::DistinctOn => "DISTINCT ON",
            Place::Limit => "LIMIT",
            Place::Offset => "OFFSET",
            Place::Returning => "RETURNING",
            Place::Values | Place::InsertTarget => "VALUES",
            Place::UpdateSource => "UPDATE",
            Place::WindowPartition => "window PARTITION BY",
            Place::WindowOrder => "window ORDER BY",
            Place::WindowFrameRange => "window RANGE",
            Place::WindowFrameRows => "window ROWS",
            Place::WindowFrameGroups => "window GROUPS",
            Place::CheckConstraint | Place::DomainCheck => "CHECK",
            Place::ColumnDefault | Place::FunctionDefault => "DEFAULT",
            Place::IndexExpression => "index expression",
            Place::IndexPredicate => "index predicate",
            Place::AlterColumnTransform => "USING",
            Place::TriggerWhen | Place::MergeWhen => "WHEN",
            Place::Policy => "POLICY",
            Place::GeneratedColumn => "GENERATED AS",
        }
    }

    /// Why no aggregate may stand here.
    pub(crate) fn refuses_aggregates(self) -> Option<String> {
        let what = match self {
            Place::Select
            | Place::Having
            | Place::OrderBy
            | Place::DistinctOn
            | Place::WindowPartition
            | Place::WindowOrder => return None,
            Place::JoinOn | Place::JoinUsing => "aggregate functions are not allowed in JOIN conditions",
            Place::FromSubquery => {
                "aggregate functions are not allowed in FROM clause of their own query level"
            }
            Place::FromFunction => "aggregate functions are not allowed in functions in FROM",
            Place::WindowFrameRange => "aggregate functions are not allowed in window RANGE",
            Place::WindowFrameRows => "aggregate functions are not allowed in window ROWS",
            Place::WindowFrameGroups => "aggregate functions are not allowed in window GROUPS",
            Place::CheckConstraint | Place::DomainCheck => {
                "aggregate functions are not allowed in check constraints"
            }
            Place::ColumnDefault | Place::FunctionDefault => {
                "aggregate functions are not allowed in DEFAULT expressions"
            }
            Place::IndexExpression => "aggregate functions are not allowed in index expressions",
            Place::IndexPredicate => "aggregate functions are not allowed in index predicates",
            Place::AlterColumnTransform => "aggregate functions are not allowed in transform expressions",
            Place::TriggerWhen => "aggregate functions are not allowed in trigger WHEN conditions",
            Place::MergeWhen => "aggregate functions are not allowed in MERGE WHEN conditions",
            Place::CopyWhere => "aggregate functions are not allowed in COPY FROM WHERE conditions",
            Place::Policy => "aggregate functions are not allowed in policy expressions",
            Place::GeneratedColumn => "aggregate functions are not allowed in column generation expressions",
            Place::Where
            | Place::Filter
            | Place::GroupBy
            | Place::Limit
            | Place::Offset
            | Place::Returning
            | Place::Values
            | Place::InsertTarget
            | Place::UpdateSource => {
                return Some(format!("aggregate functions are not allowed in {}", self.name()));
            }
        };
        Some(what.to_owned())
    }

    /// Why no window function may stand here.
    pub(crate) fn refuses_windows(self) -> Option<String> {
        let what = match self {
            Place::Select | Place::OrderBy | Place::DistinctOn => return None,
            Place::JoinOn | Place::JoinUsing => "window functions are not allowed in JOIN conditions",
            Place::FromFunction => "window functions are not allowed in functions in FROM",
            Place::WindowPartition
            | Place::WindowOrder
            | Place::WindowFrameRange
            | Place::WindowFrameRows
            | Place::WindowFrameGroups => "window functions are not allowed in window definitions",
            Place::CheckConstraint | Place::DomainCheck => {
                "window functions are not allowed in check constraints"
            }
            Place::ColumnDefault | Place::FunctionDefault => {
                "window functions are not allowed in DEFAULT expressions"
            }
            Place::IndexExpression => "window functions are not allowed in index expressions",
            Place::IndexPredicate => "window functions are not allowed in index predicates",
            Place::AlterColumnTransform => "window functions are not allowed in transform expressions",
            Place::TriggerWhen => "window functions are not allowed in trigger WHEN conditions",
            Place::MergeWhen => "window functions are not allowed in MERGE WHEN conditions",
            Place::CopyWhere => "window functions are not allowed in COPY FROM WHERE conditions",
            Place::Policy => "window functions are not allowed in policy expressions",
            Place::GeneratedColumn => "window functions are not allowed in column generation expressions",
            Place::Where
            | Place::Having
            | Place::Filter
            | Place::FromSubquery
            | Place::GroupBy
            | Place::Limit
            | Place::Offset
            | Place::Returning
            | Place::Values
            | Place::InsertTarget
            | Place::UpdateSource => {
                return Some(format!("window functions are not allowed in {}", self.name()));
            }
        };
        Some(what.to_owned())
    }

    /// Why no set-returning function may stand here.
    pub(crate) fn refuses_sets(self) -> Option<String> {
        let what = match self {
            Place::Select
            | Place::OrderBy
            | Place::DistinctOn
            | Place::GroupBy
            | Place::InsertTarget
            | Place::FromFunction => return None,
            Place::JoinOn | Place::JoinUsing => "set-returning functions are not allowed in JOIN conditions",
            Place::WindowPartition
            | Place::WindowOrder
            | Place::WindowFrameRange
            | Place::WindowFrameRows
            | Place::WindowFrameGroups => "set-returning functions are not allowed in window definitions",
            Place::CheckConstraint | Place::DomainCheck => {
                "set-returning functions are not allowed in check constraints"
            }
            Place::ColumnDefault | Place::FunctionDefault => {
                "set-returning functions are not allowed in DEFAULT expressions"
            }
            Place::IndexExpression => "set-returning functions are not allowed in index expressions",
            Place::IndexPredicate => "set-returning functions are not allowed in index predicates",
            Place::AlterColumnTransform => "set-returning functions are not allowed in transform expressions",
            Place::TriggerWhen => "set-returning functions are not allowed in trigger WHEN conditions",
            Place::MergeWhen => "set-returning functions are not allowed in MERGE WHEN conditions",
            Place::CopyWhere => "set-returning functions are not allowed in COPY FROM WHERE conditions",
            Place::Policy => "set-returning functions are not allowed in policy expressions",
            Place::GeneratedColumn => {
                "set-returning functions are not allowed in column generation expressions"
            }
            Place::Where
            | Place::Having
            | Place::Filter
            | Place::FromSubquery
            | Place::Limit
            | Place::Offset
            | Place::Returning
            | Place::Values
            | Place::UpdateSource => {
                return Some(format!("set-returning functions are not allowed in {}", self.name()));
            }
        };
        Some(what.to_owned())
    }

    /// Why no sub-query may stand here.
    pub(crate) fn refuses_subqueries(self) -> Option<&'static str> {
        Some(match self {
            Place::CheckConstraint | Place::DomainCheck => "cannot use subquery in check constraint",
            Place::ColumnDefault | Place::FunctionDefault => "cannot use subquery in DEFAULT expression",
            Place::IndexExpression => "cannot use subquery in index expression",
            Place::IndexPredicate => "cannot use subquery in index predicate",
            Place::AlterColumnTransform => "cannot use subquery in transform expression",
            Place::TriggerWhen => "cannot use subquery in trigger WHEN condition",
            Place::GeneratedColumn => "cannot use subquery in column generation expression",
            Place::CopyWhere => "cannot use subquery in COPY FROM WHERE condition",
            _ => return None,
        })
    }
}
