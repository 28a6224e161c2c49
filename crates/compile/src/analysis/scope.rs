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
#[derive(Clone, Debug)]
pub struct Argument {
    /// Its name.
    pub name: Option<String>,
    /// Its type.
    pub ty: TypeRef,
    /// What it stands for: `Bind::Argument`, or the caller's expression when the function is inlined.
    pub value: Expr,
}
