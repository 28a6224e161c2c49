//! Statements as trees: PostgreSQL's grammar (gram.y, version 15), what was written and nothing resolved.
//!
//! Every node that an error may point at carries its position. Names are stored after PostgreSQL's folding
//! (unquoted lower-cased, cut at 63 bytes); whether a name was quoted does not survive, as in PostgreSQL.

#![expect(missing_docs, reason = "fields and keyword variants are named after the grammar's own words")]

/// A character position in the statement's text, from 1; 0 when there is none.
pub type Position = u32;

/// An identifier, already folded.
pub type Ident = String;

/// A possibly qualified name: `table`, `schema.table`, `schema.table.column`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Name {
    /// The parts, first is outermost; never empty.
    pub parts: Vec<Ident>,
    /// Where it stands.
    pub position: Position,
}

/// One statement of a script.
#[derive(Clone, Debug, PartialEq)]
pub enum Statement {
    /// SELECT, VALUES, TABLE, WITH … SELECT.
    Select(Box<Select>),
    /// INSERT.
    Insert(Box<Insert>),
    /// UPDATE.
    Update(Box<Update>),
    /// DELETE.
    Delete(Box<Delete>),
    /// MERGE.
    Merge(Box<Merge>),
    /// EXPLAIN [(options)] statement.
    Explain { options: Vec<(Ident, Option<String>)>, statement: Box<Statement> },

    /// CREATE TABLE.
    CreateTable(Box<CreateTable>),
    /// CREATE TABLE … AS and CREATE MATERIALIZED VIEW.
    CreateTableAs {
        name: Name,
        if_not_exists: bool,
        columns: Vec<Ident>,
        query: Box<Select>,
        with_data: bool,
        /// "TEMPORARY", "UNLOGGED".
        persistence: Option<&'static str>,
        on_commit: Option<OnCommit>,
        storage: Vec<(Ident, Option<String>)>,
        materialized: bool,
    },
    /// REFRESH MATERIALIZED VIEW.
    RefreshMaterializedView { name: Name, concurrently: bool, with_data: bool },
    /// ALTER TABLE (and ALTER VIEW/SEQUENCE/INDEX forms that PostgreSQL treats alike).
    AlterTable(Box<AlterTable>),
    /// ALTER … RENAME of anything.
    Rename(Box<Rename>),
    /// ALTER … SET SCHEMA.
    SetSchema { kind: ObjectKind, name: ObjectName, if_exists: bool, schema: Ident },
    /// ALTER … OWNER TO.
    OwnerTo { kind: ObjectKind, name: ObjectName, if_exists: bool, owner: RoleSpec },
    /// CREATE INDEX.
    CreateIndex(Box<CreateIndex>),
    /// CREATE [OR REPLACE] VIEW.
    CreateView(Box<CreateView>),
    /// CREATE SEQUENCE.
    CreateSequence { name: Name, if_not_exists: bool, temporary: bool, options: Vec<SequenceOption> },
    /// ALTER SEQUENCE.
    AlterSequence { name: Name, if_exists: bool, options: Vec<SequenceOption> },
    /// CREATE TYPE … AS ENUM.
    CreateEnum { name: Name, labels: Vec<String> },
    /// CREATE TYPE … AS (columns).
    CreateComposite { name: Name, columns: Vec<(Ident, TypeName)> },
    /// ALTER TYPE … ADD VALUE.
    AlterEnumAdd { name: Name, label: String, if_not_exists: bool, place: EnumPlace },
    /// ALTER TYPE … RENAME VALUE.
    AlterEnumRename { name: Name, from: String, to: String },
    /// CREATE DOMAIN.
    CreateDomain {
        name: Name,
        type_name: TypeName,
        collation: Option<Name>,
        default: Option<Expr>,
        constraints: Vec<DomainConstraint>,
    },
    /// ALTER DOMAIN.
    AlterDomain { name: Name, action: AlterDomainAction },
    /// CREATE SCHEMA.
    CreateSchema {
        name: Option<Ident>,
        if_not_exists: bool,
        owner: Option<RoleSpec>,
        elements: Vec<Statement>,
    },
    /// CREATE EXTENSION.
    CreateExtension { name: Ident, if_not_exists: bool, schema: Option<Ident>, position: Position },
    /// CREATE [OR REPLACE] FUNCTION or PROCEDURE.
    CreateFunction(Box<CreateFunction>),
    /// ALTER FUNCTION … action.
    AlterFunction { kind: ObjectKind, name: ObjectName, options: Vec<FunctionOption> },
    /// CREATE [OR REPLACE] [CONSTRAINT] TRIGGER.
    CreateTrigger(Box<CreateTrigger>),
    /// CREATE POLICY.
    CreatePolicy(Box<CreatePolicy>),
    /// ALTER POLICY (not RENAME).
    AlterPolicy {
        name: Ident,
        table: Name,
        roles: Option<Vec<RoleSpec>>,
        using: Option<Expr>,
        check: Option<Expr>,
    },
    /// CREATE ROLE, USER, GROUP.
    CreateRole { name: Ident, options: Vec<RoleOption>, login: bool },
    /// ALTER ROLE options.
    AlterRole { role: RoleSpec, options: Vec<RoleOption> },
    /// ALTER ROLE … [IN DATABASE d] SET/RESET.
    AlterRoleSet { role: Option<RoleSpec>, database: Option<Ident>, setting: SetStatement },
    /// ALTER DATABASE … SET.
    AlterDatabaseSet { database: Ident, setting: SetStatement },
    /// GRANT privileges ON objects TO roles, or REVOKE.
    Grant(Box<Grant>),
    /// GRANT role TO role, or REVOKE.
    GrantRole {
        grant: bool,
        roles: Vec<Ident>,
        members: Vec<RoleSpec>,
        admin_option: bool,
        cascade: bool,
        /// It was written as ALTER GROUP … ADD or DROP USER.
        group: bool,
    },
    /// ALTER DEFAULT PRIVILEGES.
    AlterDefaultPrivileges { roles: Vec<RoleSpec>, schemas: Vec<Ident>, grant: Box<Grant> },
    /// COMMENT ON.
    Comment { kind: ObjectKind, name: ObjectName, text: Option<String> },
    /// DROP of anything.
    Drop(Box<Drop>),
    /// TRUNCATE.
    Truncate { tables: Vec<RelationName>, restart_identity: bool, cascade: bool },
    /// CREATE, ALTER or DROP PUBLICATION.
    Publication(Publication),
    /// DO.
    Do { body: String, language: Option<Ident>, position: Position },

    /// SET, RESET.
    Set(SetStatement),
    /// SHOW.
    Show(Ident),
    /// BEGIN, COMMIT, ROLLBACK, SAVEPOINT …
    Transaction(TransactionStatement),
    /// SET CONSTRAINTS.
    SetConstraints { constraints: Option<Vec<Name>>, deferred: bool },
    /// LOCK TABLE.
    Lock { tables: Vec<RelationName>, mode: String },
    /// ANALYZE, VACUUM, REINDEX, CLUSTER, CHECKPOINT: maintenance without effect on answers.
    Maintenance {
        verb: &'static str,
        /// The tables that it names, and the columns of each.
        tables: Vec<(Name, Vec<Ident>)>,
        /// REINDEX INDEX: the name is an index's.
        index: bool,
    },
    /// DROP OWNED BY.
    DropOwned { roles: Vec<RoleSpec>, cascade: bool },
    /// REASSIGN OWNED BY … TO.
    ReassignOwned { roles: Vec<RoleSpec>, to: RoleSpec },
    /// NOTIFY channel, payload.
    Notify { channel: Ident, payload: Option<String> },
    /// LISTEN, UNLISTEN.
    Listen { channel: Option<Ident>, listen: bool },
    /// COPY.
    Copy(Box<Copy>),
    /// CALL.
    Call(Box<FunctionCall>),
    /// PREPARE, EXECUTE, DECLARE, FETCH …: what works on what a session keeps.
    Session(Box<SessionStatement>),
    /// What PostgreSQL's grammar has and this tree does not: its leading words ("CREATE OPERATOR"), refused 0A000.
    Unsupported { what: String, position: Position },
}

// ------------------------------------------------------------------------------------------ queries

/// A query expression: `[WITH] body [ORDER BY] [LIMIT] [OFFSET] [FOR UPDATE]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Select {
    /// WITH.
    pub with: Option<With>,
    /// What is selected.
    pub body: QueryBody,
    /// ORDER BY.
    pub order_by: Vec<OrderBy>,
    /// LIMIT or FETCH FIRST; `LIMIT ALL` and `LIMIT NULL` are kept as a NULL constant.
    pub limit: Option<Expr>,
    /// FETCH FIRST … WITH TIES.
    pub with_ties: bool,
    /// OFFSET.
    pub offset: Option<Expr>,
    /// FOR UPDATE and kin.
    pub locking: Vec<Locking>,
    /// Where it begins.
    pub position: Position,
}

/// What a query expression selects from.
#[derive(Clone, Debug, PartialEq)]
pub enum QueryBody {
    /// A plain SELECT.
    Select(Box<SelectCore>),
    /// VALUES (…), (…).
    Values(Vec<Vec<Expr>>),
    /// UNION, INTERSECT, EXCEPT.
    SetOperation { operator: SetOperator, all: bool, left: Box<Select>, right: Box<Select> },
}

/// `SELECT … FROM … WHERE … GROUP BY … HAVING … WINDOW`.
#[derive(Clone, Debug, PartialEq)]
pub struct SelectCore {
    /// DISTINCT: none, all, or ON these.
    pub distinct: Option<Distinct>,
    /// The output list.
    pub targets: Vec<Target>,
    /// SELECT … INTO name.
    pub into: Option<IntoTable>,
    /// FROM.
    pub from: Vec<TableRef>,
    /// WHERE.
    pub filter: Option<Expr>,
    /// GROUP BY.
    pub group_by: Vec<GroupBy>,
    /// GROUP BY DISTINCT.
    pub group_distinct: bool,
    /// HAVING.
    pub having: Option<Expr>,
    /// WINDOW name AS (…).
    pub windows: Vec<(Ident, WindowSpec)>,
}

/// The table that SELECT … INTO makes.
#[derive(Clone, Debug, PartialEq)]
pub struct IntoTable {
    /// Its name.
    pub name: Name,
    /// "TEMPORARY", "UNLOGGED".
    pub persistence: Option<&'static str>,
}

/// What becomes of a temporary table's rows at the end of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnCommit {
    /// They stay.
    PreserveRows,
    /// They go.
    DeleteRows,
    /// The table goes.
    Drop,
}

/// SELECT DISTINCT.
#[derive(Clone, Debug, PartialEq)]
pub enum Distinct {
    /// DISTINCT.
    All,
    /// DISTINCT ON (…).
    On(Vec<Expr>),
}

/// An item of GROUP BY.
#[derive(Clone, Debug, PartialEq)]
pub enum GroupBy {
    /// An expression.
    Expr(Expr),
    /// ()
    Empty,
    /// ROLLUP (…)
    Rollup(Vec<Expr>),
    /// CUBE (…)
    Cube(Vec<Expr>),
    /// GROUPING SETS (…)
    Sets(Vec<GroupBy>),
}

/// UNION, INTERSECT or EXCEPT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetOperator {
    /// UNION
    Union,
    /// INTERSECT
    Intersect,
    /// EXCEPT
    Except,
}

/// An output item: `expr [AS name]`. `*` and `t.*` are `Expr::Star`.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// The value.
    pub expr: Expr,
    /// The name, when given.
    pub alias: Option<Ident>,
}

/// ORDER BY item.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderBy {
    /// What to sort by.
    pub expr: Expr,
    /// DESC.
    pub descending: bool,
    /// NULLS FIRST (true), NULLS LAST (false), or PostgreSQL's default.
    pub nulls_first: Option<bool>,
    /// ORDER BY … USING operator: refused.
    pub using: Option<String>,
}

/// FOR UPDATE, FOR SHARE …
#[derive(Clone, Debug, PartialEq)]
pub struct Locking {
    /// "UPDATE", "NO KEY UPDATE", "SHARE", "KEY SHARE".
    pub strength: &'static str,
    /// OF tables.
    pub of: Vec<Name>,
    /// NOWAIT / SKIP LOCKED.
    pub wait: LockWait,
}

/// What to do when a row is locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockWait {
    /// Wait.
    Block,
    /// NOWAIT.
    Error,
    /// SKIP LOCKED.
    Skip,
}

/// WITH [RECURSIVE].
#[derive(Clone, Debug, PartialEq)]
pub struct With {
    /// RECURSIVE.
    pub recursive: bool,
    /// The common table expressions.
    pub ctes: Vec<Cte>,
}

/// `name [(columns)] AS [[NOT] MATERIALIZED] (statement)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Cte {
    /// Its name.
    pub name: Ident,
    /// Its columns' names, when given.
    pub columns: Vec<Ident>,
    /// MATERIALIZED (true), NOT MATERIALIZED (false).
    pub materialized: Option<bool>,
    /// SELECT, or a data-modifying statement.
    pub statement: Statement,
    /// SEARCH.
    pub search: Option<SearchClause>,
    /// CYCLE.
    pub cycle: Option<CycleClause>,
    /// Where it stands.
    pub position: Position,
}

/// `SEARCH DEPTH FIRST BY columns SET sequence`.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchClause {
    /// BREADTH.
    pub breadth: bool,
    /// BY.
    pub columns: Vec<Ident>,
    /// SET.
    pub sequence: Ident,
    /// Where it begins.
    pub position: Position,
}

/// `CYCLE columns SET mark TO value DEFAULT value USING path`.
#[derive(Clone, Debug, PartialEq)]
pub struct CycleClause {
    /// The columns by which rows are known again.
    pub columns: Vec<Ident>,
    /// SET.
    pub mark: Ident,
    /// TO … DEFAULT …; TRUE and FALSE when they are left out.
    pub values: Option<(Expr, Expr)>,
    /// USING.
    pub path: Ident,
    /// Where it begins.
    pub position: Position,
}

/// An item of FROM.
#[derive(Clone, Debug, PartialEq)]
pub enum TableRef {
    /// A table, view or CTE.
    Relation { name: RelationName, alias: Option<Alias>, sample: bool },
    /// A sub-query.
    Subquery { lateral: bool, query: Box<Select>, alias: Option<Alias>, position: Position },
    /// Function(s) in FROM, `ROWS FROM (…)` when several.
    Function {
        lateral: bool,
        functions: Vec<TableFunction>,
        rows_from: bool,
        ordinality: bool,
        alias: Option<Alias>,
        position: Position,
    },
    /// A join.
    Join {
        kind: JoinKind,
        left: Box<TableRef>,
        right: Box<TableRef>,
        condition: JoinCondition,
        alias: Option<Alias>,
        position: Position,
    },
}

/// A function in FROM with its column definition list.
#[derive(Clone, Debug, PartialEq)]
pub struct TableFunction {
    /// The call (any expression that PostgreSQL takes there: calls, `current_date` …).
    pub call: Expr,
    /// AS (name type, …).
    pub columns: Vec<(Ident, TypeName)>,
}

/// `[ONLY] name [*]`.
#[derive(Clone, Debug, PartialEq)]
pub struct RelationName {
    /// The name.
    pub name: Name,
    /// ONLY.
    pub only: bool,
}

/// `AS alias [(columns)]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Alias {
    /// The alias.
    pub name: Ident,
    /// The columns' aliases.
    pub columns: Vec<Ident>,
}

/// The kinds of join.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinKind {
    /// [INNER] JOIN and CROSS JOIN.
    Inner,
    /// LEFT.
    Left,
    /// RIGHT.
    Right,
    /// FULL.
    Full,
}

/// The condition of a join.
#[derive(Clone, Debug, PartialEq)]
pub enum JoinCondition {
    /// CROSS JOIN.
    None,
    /// ON.
    On(Expr),
    /// USING (columns) [AS alias].
    Using(Vec<Ident>, Option<Ident>),
    /// NATURAL.
    Natural,
}

// -------------------------------------------------------------------------------------- expressions

/// An expression with its position.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where PostgreSQL's errors point to: the operator of an operation, the first token of the rest.
    pub position: Position,
}

/// The kinds of expression.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A number: its digits as written, after a `-` when it was negated (PostgreSQL folds `-1` into the constant; its
    /// position is then the sign's). PostgreSQL types it int4 or int8 when it is an integer that fits, else numeric.
    Number(String),
    /// 'text': an unknown literal. Also E'', U&'', $$…$$.
    String(String),
    /// B'0101' as `b0101`, X'1F' as `x1F`.
    BitString(String),
    /// TRUE, FALSE.
    Boolean(bool),
    /// NULL.
    Null,
    /// $1.
    Parameter(u32),
    /// A column, possibly qualified: `a`, `t.a`, `s.t.a`. Field selections of composites parse as this too.
    Column(Vec<Ident>),
    /// `*` (empty) or `t.*`.
    Star(Vec<Ident>),
    /// `(expr).*`
    FieldStar(Box<Expr>),
    /// `(expr).field`.
    Field(Box<Expr>, Ident),
    /// `expr[i]`, `expr[a:b]`.
    Subscript(Box<Expr>, Vec<Subscript>),
    /// Prefix operator: `-`, `+`, `~`, `@`, `|/` …
    Unary { operator: OperatorName, operand: Box<Expr> },
    /// Infix operator, also `LIKE`-free ones like `||`, `->>`, `@>`.
    Binary { operator: OperatorName, left: Box<Expr>, right: Box<Expr> },
    /// AND of two or more, flattened.
    And(Vec<Expr>),
    /// OR of two or more, flattened.
    Or(Vec<Expr>),
    /// NOT.
    Not(Box<Expr>),
    /// `expr IS [NOT] NULL`, ISNULL, NOTNULL.
    IsNull { expr: Box<Expr>, not: bool },
    /// `expr IS [NOT] TRUE/FALSE/UNKNOWN`; `None` is UNKNOWN.
    IsBoolean { expr: Box<Expr>, value: Option<bool>, not: bool },
    /// `a IS [NOT] DISTINCT FROM b`.
    IsDistinct { left: Box<Expr>, right: Box<Expr>, not: bool },
    /// `expr IS [NOT] DOCUMENT/NORMALIZED/OF`: refused; the words.
    IsOther { expr: Box<Expr>, words: String },
    /// `[NOT] LIKE/ILIKE/SIMILAR TO … [ESCAPE …]`.
    Like { kind: LikeKind, not: bool, expr: Box<Expr>, pattern: Box<Expr>, escape: Option<Box<Expr>> },
    /// `expr [NOT] BETWEEN [SYMMETRIC] low AND high`.
    Between { not: bool, symmetric: bool, expr: Box<Expr>, low: Box<Expr>, high: Box<Expr> },
    /// `expr [NOT] IN (a, b)`.
    InList { not: bool, expr: Box<Expr>, list: Vec<Expr> },
    /// `expr [NOT] IN (SELECT …)`.
    InSubquery { not: bool, expr: Box<Expr>, query: Box<Select> },
    /// `expr op ANY/ALL (array)`. LIKE forms use operators `~~`, `~~*`, `!~~`, `!~~*`.
    AnyArray { operator: OperatorName, all: bool, left: Box<Expr>, array: Box<Expr> },
    /// `expr op ANY/ALL (SELECT …)`.
    AnySubquery { operator: OperatorName, all: bool, left: Box<Expr>, query: Box<Select> },
    /// EXISTS (SELECT …).
    Exists(Box<Select>),
    /// (SELECT …) as a value.
    Subquery(Box<Select>),
    /// ARRAY(SELECT …).
    ArraySubquery(Box<Select>),
    /// ARRAY[…], nested ones too.
    Array(Vec<Expr>),
    /// ROW(…) or (a, b).
    Row { fields: Vec<Expr>, explicit: bool },
    /// A function call.
    Call(Box<FunctionCall>),
    /// CAST(x AS t), x::t.
    Cast { expr: Box<Expr>, type_name: TypeName },
    /// `type 'text'` such as `date '2024-01-01'`, `interval '1 day'`.
    TypedLiteral { type_name: TypeName, text: String, text_position: Position },
    /// CASE.
    Case { operand: Option<Box<Expr>>, arms: Vec<(Expr, Expr)>, otherwise: Option<Box<Expr>> },
    /// COALESCE.
    Coalesce(Vec<Expr>),
    /// GREATEST.
    Greatest(Vec<Expr>),
    /// LEAST.
    Least(Vec<Expr>),
    /// NULLIF.
    NullIf(Box<Expr>, Box<Expr>),
    /// CURRENT_DATE, CURRENT_TIMESTAMP(p), CURRENT_USER, SESSION_USER …
    ValueFunction { name: ValueFunction, precision: Option<i32> },
    /// EXTRACT(field FROM x): the field as written, lower-cased.
    Extract { field: String, from: Box<Expr> },
    /// `x AT TIME ZONE z`.
    AtTimeZone { expr: Box<Expr>, zone: Box<Expr> },
    /// `x COLLATE c`.
    Collate { expr: Box<Expr>, collation: Name },
    /// GROUPING(…).
    Grouping(Vec<Expr>),
    /// DEFAULT, in VALUES of INSERT and in SET.
    Default,
    /// CURRENT OF cursor, XML expressions …: refused; the words.
    Unsupported(String),
}

/// An operator, possibly `OPERATOR(schema.op)`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OperatorName {
    /// The schema, when written.
    pub schema: Option<Ident>,
    /// The symbol.
    pub symbol: String,
}

/// LIKE and its kin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LikeKind {
    /// LIKE
    Like,
    /// ILIKE
    ILike,
    /// SIMILAR TO
    Similar,
}

/// An index or slice.
#[derive(Clone, Debug, PartialEq)]
pub enum Subscript {
    /// `[i]`
    Index(Expr),
    /// `[low:high]`
    Slice(Option<Expr>, Option<Expr>),
}

/// `name(args)` with everything that may follow.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionCall {
    /// The function's name. SQL-standard forms are normalised as PostgreSQL does: `SUBSTRING(a FROM b)` is
    /// `pg_catalog.substring(a, b)`, `POSITION(a IN b)` is `pg_catalog.position(b, a)`, `TRIM(…)` is `pg_catalog.btrim` …
    pub name: Name,
    /// The arguments.
    pub args: Vec<Argument>,
    /// `f(*)`.
    pub star: bool,
    /// VARIADIC before the last argument.
    pub variadic: bool,
    /// DISTINCT.
    pub distinct: bool,
    /// ORDER BY inside.
    pub order_by: Vec<OrderBy>,
    /// WITHIN GROUP (ORDER BY …).
    pub within_group: Vec<OrderBy>,
    /// FILTER (WHERE …).
    pub filter: Option<Box<Expr>>,
    /// OVER.
    pub over: Option<Over>,
}

/// An argument, named or not.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// `name => value`.
    pub name: Option<Ident>,
    /// The value.
    pub value: Expr,
}

/// OVER name or OVER (…).
#[derive(Clone, Debug, PartialEq)]
pub enum Over {
    /// OVER w
    Named(Ident),
    /// OVER (…)
    Spec(WindowSpec),
}

/// A window.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct WindowSpec {
    /// The window it builds on.
    pub base: Option<Ident>,
    /// PARTITION BY.
    pub partition_by: Vec<Expr>,
    /// ORDER BY.
    pub order_by: Vec<OrderBy>,
    /// The frame.
    pub frame: Option<WindowFrame>,
}

/// ROWS, RANGE or GROUPS BETWEEN … AND …
#[derive(Clone, Debug, PartialEq)]
pub struct WindowFrame {
    /// "ROWS", "RANGE", "GROUPS".
    pub unit: &'static str,
    /// The start.
    pub start: FrameBound,
    /// The end; absent means CURRENT ROW.
    pub end: Option<FrameBound>,
    /// "CURRENT ROW", "GROUP", "TIES", "NO OTHERS".
    pub exclude: Option<&'static str>,
}

/// A frame's bound.
#[derive(Clone, Debug, PartialEq)]
pub enum FrameBound {
    /// UNBOUNDED PRECEDING
    UnboundedPreceding,
    /// n PRECEDING
    Preceding(Box<Expr>),
    /// CURRENT ROW
    CurrentRow,
    /// n FOLLOWING
    Following(Box<Expr>),
    /// UNBOUNDED FOLLOWING
    UnboundedFollowing,
}

/// The parameterless functions of the SQL standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueFunction {
    CurrentDate,
    CurrentTime,
    CurrentTimestamp,
    LocalTime,
    LocalTimestamp,
    CurrentRole,
    CurrentUser,
    SessionUser,
    User,
    CurrentCatalog,
    CurrentSchema,
}

/// A type as written.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeName {
    /// The name. SQL spellings are normalised to `pg_catalog` names (`integer` → `pg_catalog.int4`, `double precision` →
    /// `pg_catalog.float8`, `timestamp with time zone` → `pg_catalog.timestamptz`, `char(n)` → `pg_catalog.bpchar` …).
    pub name: Name,
    /// Modifiers: `(10, 2)`.
    pub modifiers: Vec<Expr>,
    /// Interval fields ("YEAR TO MONTH"), when given.
    pub interval_fields: Option<String>,
    /// Array dimensions, each with its (ignored) size.
    pub array: Vec<Option<i32>>,
    /// SETOF.
    pub setof: bool,
    /// `table.column%TYPE`.
    pub percent_type: bool,
}

// --------------------------------------------------------------------------------- data modification

/// INSERT.
#[derive(Clone, Debug, PartialEq)]
pub struct Insert {
    /// WITH.
    pub with: Option<With>,
    /// INTO.
    pub table: Name,
    /// AS alias.
    pub alias: Option<Ident>,
    /// The columns, when listed.
    pub columns: Vec<ColumnTarget>,
    /// OVERRIDING SYSTEM (true) or USER (false) VALUE.
    pub overriding_system: Option<bool>,
    /// The rows; `None` is DEFAULT VALUES.
    pub source: Option<Select>,
    /// ON CONFLICT.
    pub on_conflict: Option<OnConflict>,
    /// RETURNING.
    pub returning: Vec<Target>,
}

/// A column that is assigned, `c` or `c.field`, `c[1]`.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnTarget {
    /// The column.
    pub name: Ident,
    /// Fields and subscripts behind it.
    pub indirection: Vec<Indirection>,
    /// Where it stands.
    pub position: Position,
}

/// A step into the column that is assigned.
#[derive(Clone, Debug, PartialEq)]
pub enum Indirection {
    /// `.field`
    Field(Ident),
    /// `[i]`, `[a:b]`
    Subscript(Box<Subscript>),
}

/// ON CONFLICT.
#[derive(Clone, Debug, PartialEq)]
pub struct OnConflict {
    /// What conflicts.
    pub target: Option<ConflictTarget>,
    /// DO UPDATE; `None` is DO NOTHING.
    pub update: Option<ConflictUpdate>,
    /// Where it stands.
    pub position: Position,
}

/// The target of ON CONFLICT.
#[derive(Clone, Debug, PartialEq)]
pub enum ConflictTarget {
    /// (columns or expressions) [WHERE predicate].
    Index { elements: Vec<IndexElement>, filter: Option<Expr> },
    /// ON CONSTRAINT name.
    Constraint(Ident),
}

/// DO UPDATE SET … WHERE …
#[derive(Clone, Debug, PartialEq)]
pub struct ConflictUpdate {
    /// The assignments.
    pub assignments: Vec<Assignment>,
    /// WHERE.
    pub filter: Option<Expr>,
}

/// `c = value`, or `(a, b) = …`.
#[derive(Clone, Debug, PartialEq)]
pub enum Assignment {
    /// One column.
    Column(ColumnTarget, Expr),
    /// Several columns from a row or a sub-query.
    Row(Vec<ColumnTarget>, Expr),
}

/// UPDATE.
#[derive(Clone, Debug, PartialEq)]
pub struct Update {
    /// WITH.
    pub with: Option<With>,
    /// The table.
    pub table: RelationName,
    /// AS alias.
    pub alias: Option<Ident>,
    /// SET.
    pub assignments: Vec<Assignment>,
    /// FROM.
    pub from: Vec<TableRef>,
    /// WHERE.
    pub filter: Option<Expr>,
    /// RETURNING.
    pub returning: Vec<Target>,
}

/// MERGE.
#[derive(Clone, Debug, PartialEq)]
pub struct Merge {
    /// WITH.
    pub with: Option<With>,
    /// INTO: the table.
    pub table: RelationName,
    /// AS alias.
    pub alias: Option<Ident>,
    /// USING.
    pub source: TableRef,
    /// ON.
    pub condition: Expr,
    /// WHEN …, in order.
    pub clauses: Vec<MergeClause>,
}

/// `WHEN [NOT] MATCHED [AND condition] THEN action`.
#[derive(Clone, Debug, PartialEq)]
pub struct MergeClause {
    /// MATCHED.
    pub matched: bool,
    /// AND.
    pub condition: Option<Expr>,
    /// THEN.
    pub action: MergeAction,
}

/// What a clause of MERGE does.
#[derive(Clone, Debug, PartialEq)]
pub enum MergeAction {
    /// DO NOTHING.
    Nothing,
    /// DELETE.
    Delete,
    /// UPDATE SET.
    Update(Vec<Assignment>),
    /// INSERT.
    Insert {
        /// The columns, when listed.
        columns: Vec<ColumnTarget>,
        /// OVERRIDING SYSTEM (true) or USER (false) VALUE.
        overriding_system: Option<bool>,
        /// The row; `None` is DEFAULT VALUES.
        values: Option<Vec<Expr>>,
    },
}

/// DELETE.
#[derive(Clone, Debug, PartialEq)]
pub struct Delete {
    /// WITH.
    pub with: Option<With>,
    /// The table.
    pub table: RelationName,
    /// AS alias.
    pub alias: Option<Ident>,
    /// USING.
    pub using: Vec<TableRef>,
    /// WHERE.
    pub filter: Option<Expr>,
    /// RETURNING.
    pub returning: Vec<Target>,
}

/// COPY.
#[derive(Clone, Debug, PartialEq)]
pub struct Copy {
    /// The table, or `None` for a query.
    pub table: Option<Name>,
    /// Its columns.
    pub columns: Vec<Ident>,
    /// COPY (query) TO.
    pub query: Option<Box<Select>>,
    /// FROM (true) or TO (false).
    pub from: bool,
    /// STDIN/STDOUT (true) or a file or program, which is refused.
    pub standard: bool,
    /// Options by name.
    pub options: Vec<(Ident, Option<String>)>,
    /// WHERE, of FROM.
    pub filter: Option<Expr>,
}

// ---------------------------------------------------------------------------------- data definition

/// CREATE TABLE.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateTable {
    /// Its name.
    pub name: Name,
    /// IF NOT EXISTS.
    pub if_not_exists: bool,
    /// "TEMPORARY", "UNLOGGED".
    pub persistence: Option<&'static str>,
    /// Columns, constraints and LIKE clauses in order.
    pub elements: Vec<TableElement>,
    /// INHERITS: refused unless empty.
    pub inherits: Vec<Name>,
    /// PARTITION BY or PARTITION OF: refused.
    pub partition: Option<String>,
    /// WITH (storage parameters).
    pub storage: Vec<(Ident, Option<String>)>,
    /// ON COMMIT.
    pub on_commit: Option<OnCommit>,
    /// TABLESPACE, USING, OF: the words, judged by the catalog.
    pub other: Vec<String>,
}

/// A part of CREATE TABLE.
#[derive(Clone, Debug, PartialEq)]
pub enum TableElement {
    /// A column.
    Column(ColumnDefinition),
    /// A table constraint.
    Constraint(Constraint),
    /// LIKE table [INCLUDING …].
    Like { table: Name, including: Vec<String> },
}

/// A column's definition.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnDefinition {
    /// Its name.
    pub name: Ident,
    /// Its type.
    pub type_name: TypeName,
    /// COLLATE.
    pub collation: Option<Name>,
    /// Its constraints in order.
    pub constraints: Vec<Constraint>,
    /// STORAGE or COMPRESSION: without effect.
    pub storage: Option<String>,
    /// Where it stands.
    pub position: Position,
}

/// A constraint of a column or table.
#[derive(Clone, Debug, PartialEq)]
pub struct Constraint {
    /// CONSTRAINT name.
    pub name: Option<Ident>,
    /// What it demands.
    pub kind: ConstraintKind,
    /// DEFERRABLE.
    pub deferrable: bool,
    /// INITIALLY DEFERRED.
    pub initially_deferred: bool,
    /// NOT VALID.
    pub not_valid: bool,
    /// NO INHERIT.
    pub no_inherit: bool,
    /// Where it stands.
    pub position: Position,
}

/// The kinds of constraint; NULL, NOT NULL, DEFAULT, GENERATED only on columns.
#[derive(Clone, Debug, PartialEq)]
pub enum ConstraintKind {
    /// NULL
    Null,
    /// NOT NULL
    NotNull,
    /// DEFAULT expression
    Default(Expr),
    /// GENERATED ALWAYS (true) or BY DEFAULT (false) AS IDENTITY (options)
    Identity { always: bool, options: Vec<SequenceOption> },
    /// GENERATED ALWAYS AS (expression) STORED
    Generated(Expr),
    /// CHECK
    Check(Expr),
    /// PRIMARY KEY [(columns)] | USING INDEX
    PrimaryKey { columns: Vec<Ident>, include: Vec<Ident>, using_index: Option<Ident> },
    /// UNIQUE [NULLS NOT DISTINCT] [(columns)] | USING INDEX
    Unique { columns: Vec<Ident>, include: Vec<Ident>, nulls_not_distinct: bool, using_index: Option<Ident> },
    /// REFERENCES / FOREIGN KEY
    ForeignKey {
        columns: Vec<Ident>,
        table: Name,
        referenced: Vec<Ident>,
        match_full: bool,
        on_delete: ReferentialAction,
        on_update: ReferentialAction,
        set_columns: Vec<Ident>,
    },
    /// EXCLUDE: refused.
    Exclude,
}

/// ON DELETE / ON UPDATE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReferentialAction {
    /// NO ACTION
    NoAction,
    /// RESTRICT
    Restrict,
    /// CASCADE
    Cascade,
    /// SET NULL
    SetNull,
    /// SET DEFAULT
    SetDefault,
}

/// ALTER TABLE.
#[derive(Clone, Debug, PartialEq)]
pub struct AlterTable {
    /// Table, View, MaterializedView, Index or Sequence, as written.
    pub kind: ObjectKind,
    /// IF EXISTS.
    pub if_exists: bool,
    /// The table.
    pub table: RelationName,
    /// What to do, in order.
    pub actions: Vec<AlterTableAction>,
}

/// An action of ALTER TABLE.
#[derive(Clone, Debug, PartialEq)]
pub enum AlterTableAction {
    /// ADD COLUMN
    AddColumn { column: ColumnDefinition, if_not_exists: bool },
    /// DROP COLUMN
    DropColumn { name: Ident, if_exists: bool, cascade: bool },
    /// ALTER COLUMN TYPE
    AlterType {
        column: Ident,
        type_name: TypeName,
        collation: Option<Name>,
        using: Option<Expr>,
        position: Position,
    },
    /// SET DEFAULT, or DROP DEFAULT when `None`
    ColumnDefault { column: Ident, default: Option<Expr> },
    /// SET (true) or DROP (false) NOT NULL
    NotNull { column: Ident, not_null: bool },
    /// DROP EXPRESSION
    DropExpression { column: Ident, if_exists: bool },
    /// ADD GENERATED AS IDENTITY
    AddIdentity { column: Ident, always: bool, options: Vec<SequenceOption> },
    /// SET GENERATED …, or sequence options
    SetIdentity { column: Ident, always: Option<bool>, options: Vec<SequenceOption> },
    /// DROP IDENTITY
    DropIdentity { column: Ident, if_exists: bool },
    /// SET STATISTICS, SET STORAGE, SET (options): without effect on answers
    ColumnStorage { column: Ident },
    /// ADD constraint
    AddConstraint(Constraint),
    /// DROP CONSTRAINT
    DropConstraint { name: Ident, if_exists: bool, cascade: bool },
    /// VALIDATE CONSTRAINT
    ValidateConstraint(Ident),
    /// ALTER CONSTRAINT … DEFERRABLE
    AlterConstraint { name: Ident, deferrable: bool, initially_deferred: bool },
    /// ENABLE/DISABLE ROW LEVEL SECURITY
    RowSecurity(bool),
    /// FORCE/NO FORCE ROW LEVEL SECURITY
    ForceRowSecurity(bool),
    /// ENABLE/DISABLE TRIGGER name (or ALL/USER); the mode in capitals: "ENABLE", "DISABLE", "ENABLE REPLICA", "ENABLE ALWAYS"
    Trigger { mode: &'static str, name: Ident },
    /// OWNER TO
    Owner(RoleSpec),
    /// REPLICA IDENTITY …
    ReplicaIdentity(String),
    /// SET (storage parameters) and RESET
    Storage(Vec<(Ident, Option<String>)>),
    /// SET LOGGED (true), SET UNLOGGED.
    Logged(bool),
    /// RESET (…).
    ResetStorage(Vec<Ident>),
    /// Anything else: the words.
    Unsupported(String),
}

/// ALTER … RENAME.
#[derive(Clone, Debug, PartialEq)]
pub struct Rename {
    /// What is renamed; `Column` and `Constraint` are parts of `name`.
    pub kind: ObjectKind,
    /// What `name` was said to be: the kind itself unless a part is renamed.
    pub of: ObjectKind,
    /// The object (for columns, constraints, policies and triggers: their table).
    pub name: ObjectName,
    /// The old name of the part, when a part is renamed.
    pub part: Option<Ident>,
    /// IF EXISTS.
    pub if_exists: bool,
    /// The new name.
    pub to: Ident,
}

/// The kinds of object that DDL names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ObjectKind {
    Table,
    Column,
    Index,
    Sequence,
    View,
    MaterializedView,
    Type,
    Domain,
    Schema,
    Function,
    Procedure,
    Routine,
    Aggregate,
    Trigger,
    Policy,
    Constraint,
    DomainConstraint,
    Role,
    Extension,
    Publication,
    Database,
    Operator,
    Cast,
    Collation,
    Rule,
    EventTrigger,
    Language,
    Other,
}

/// What a DDL statement names.
#[derive(Clone, Debug, PartialEq)]
pub enum ObjectName {
    /// A name.
    Plain(Name),
    /// A function with its argument types; `None` when no list was given.
    Function { name: Name, args: Option<Vec<FunctionParameter>> },
    /// A part of a table: trigger, policy, constraint.
    On { part: Ident, table: Name, position: Position },
    /// Anything else, as words.
    Other(String),
}

/// CREATE INDEX.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateIndex {
    /// Its name, when given.
    pub name: Option<Ident>,
    /// UNIQUE.
    pub unique: bool,
    /// CONCURRENTLY.
    pub concurrently: bool,
    /// IF NOT EXISTS.
    pub if_not_exists: bool,
    /// ON.
    pub table: RelationName,
    /// USING method; "btree" when not given.
    pub method: Ident,
    /// The key.
    pub elements: Vec<IndexElement>,
    /// INCLUDE.
    pub include: Vec<Ident>,
    /// NULLS NOT DISTINCT.
    pub nulls_not_distinct: bool,
    /// WITH (storage parameters).
    pub storage: Vec<(Ident, Option<String>)>,
    /// WHERE.
    pub filter: Option<Expr>,
}

/// An element of an index's key.
#[derive(Clone, Debug, PartialEq)]
pub struct IndexElement {
    /// A column or expression.
    pub expr: Expr,
    /// COLLATE.
    pub collation: Option<Name>,
    /// The operator class.
    pub operator_class: Option<Name>,
    /// DESC.
    pub descending: bool,
    /// NULLS FIRST / LAST.
    pub nulls_first: Option<bool>,
}

/// CREATE VIEW.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateView {
    /// OR REPLACE.
    pub or_replace: bool,
    /// TEMPORARY.
    pub temporary: bool,
    /// RECURSIVE.
    pub recursive: bool,
    /// Its name.
    pub name: Name,
    /// Its columns' names.
    pub columns: Vec<Ident>,
    /// WITH (security_invoker = …).
    pub options: Vec<(Ident, Option<String>)>,
    /// AS.
    pub query: Select,
    /// WITH CHECK OPTION: LOCAL is false, CASCADED true.
    pub check_option: Option<bool>,
}

/// Options of sequences and identity columns.
#[derive(Clone, Debug, PartialEq)]
pub enum SequenceOption {
    As(TypeName),
    Increment(i64),
    MinValue(Option<i64>),
    MaxValue(Option<i64>),
    Start(i64),
    Restart(Option<i64>),
    Cache(i64),
    Cycle(bool),
    OwnedBy(Option<Name>),
    SequenceName(Name),
}

/// Where ALTER TYPE ADD VALUE puts the label.
#[derive(Clone, Debug, PartialEq)]
pub enum EnumPlace {
    /// At the end.
    End,
    /// BEFORE label.
    Before(String),
    /// AFTER label.
    After(String),
}

/// A domain's constraint.
#[derive(Clone, Debug, PartialEq)]
pub struct DomainConstraint {
    /// Its name.
    pub name: Option<Ident>,
    /// CHECK expression; `None` is NOT NULL (`not_null`) or NULL.
    pub check: Option<Expr>,
    /// NOT NULL.
    pub not_null: bool,
}

/// ALTER DOMAIN's actions.
#[derive(Clone, Debug, PartialEq)]
pub enum AlterDomainAction {
    /// SET DEFAULT / DROP DEFAULT
    Default(Option<Expr>),
    /// SET / DROP NOT NULL
    NotNull(bool),
    /// ADD constraint
    Add { constraint: DomainConstraint, not_valid: bool },
    /// DROP CONSTRAINT
    Drop { name: Ident, if_exists: bool, cascade: bool },
    /// VALIDATE CONSTRAINT
    Validate(Ident),
}

/// CREATE FUNCTION.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateFunction {
    /// OR REPLACE.
    pub or_replace: bool,
    /// PROCEDURE.
    pub procedure: bool,
    /// Its name.
    pub name: Name,
    /// Its parameters, RETURNS TABLE columns (mode Table) behind them.
    pub parameters: Vec<FunctionParameter>,
    /// RETURNS; `None` with OUT parameters or for procedures. RETURNS TABLE gives `None` and Table parameters.
    pub returns: Option<TypeName>,
    /// RETURNS TABLE (…).
    pub returns_table: bool,
    /// The rest, in order.
    pub options: Vec<FunctionOption>,
    /// The body of `RETURN expr` or `BEGIN ATOMIC … END`: refused unless it is a single RETURN; else in options.
    pub sql_body: Option<Vec<Statement>>,
}

/// A parameter of a function.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionParameter {
    /// IN, OUT, INOUT, VARIADIC, TABLE.
    pub mode: ParameterMode,
    /// Its name.
    pub name: Option<Ident>,
    /// Its type.
    pub type_name: TypeName,
    /// DEFAULT.
    pub default: Option<Expr>,
}

/// The modes of parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParameterMode {
    In,
    Out,
    InOut,
    Variadic,
    Table,
}

/// Options of CREATE and ALTER FUNCTION.
#[derive(Clone, Debug, PartialEq)]
pub enum FunctionOption {
    /// LANGUAGE
    Language(Ident),
    /// AS 'body' [, 'symbol']; the position of the body's first character within the statement
    As { body: String, symbol: Option<String>, position: Position },
    /// "IMMUTABLE", "STABLE", "VOLATILE"
    Volatility(&'static str),
    /// STRICT / RETURNS NULL ON NULL INPUT (true), CALLED ON NULL INPUT (false)
    Strict(bool),
    /// SECURITY DEFINER (true) / INVOKER (false)
    SecurityDefiner(bool),
    /// [NOT] LEAKPROOF
    Leakproof(bool),
    /// PARALLEL …
    Parallel(Ident),
    /// COST, ROWS, SUPPORT, WINDOW, TRANSFORM: the words
    Other(String),
    /// ROWS n
    Rows(String),
    /// SET / RESET configuration
    Set(SetStatement),
}

/// CREATE TRIGGER.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateTrigger {
    /// OR REPLACE.
    pub or_replace: bool,
    /// CONSTRAINT.
    pub constraint: bool,
    /// Its name.
    pub name: Ident,
    /// "BEFORE", "AFTER", "INSTEAD OF".
    pub timing: &'static str,
    /// Its events.
    pub events: Vec<TriggerEvent>,
    /// ON.
    pub table: Name,
    /// FOR EACH ROW.
    pub for_each_row: bool,
    /// WHEN.
    pub when: Option<Expr>,
    /// REFERENCING: (old, is table, name).
    pub referencing: Vec<(bool, bool, Ident)>,
    /// The function.
    pub function: Name,
    /// Its arguments, all text.
    pub args: Vec<String>,
    /// DEFERRABLE.
    pub deferrable: bool,
    /// INITIALLY DEFERRED.
    pub initially_deferred: bool,
    /// Where it stands.
    pub position: Position,
}

/// What fires a trigger.
#[derive(Clone, Debug, PartialEq)]
pub enum TriggerEvent {
    /// INSERT
    Insert,
    /// DELETE
    Delete,
    /// UPDATE [OF columns]
    Update(Vec<Ident>),
    /// TRUNCATE
    Truncate,
}

/// CREATE POLICY.
#[derive(Clone, Debug, PartialEq)]
pub struct CreatePolicy {
    /// Its name.
    pub name: Ident,
    /// ON.
    pub table: Name,
    /// AS PERMISSIVE (true) / RESTRICTIVE (false).
    pub permissive: bool,
    /// FOR.
    pub command: PolicyCommand,
    /// TO; empty is PUBLIC.
    pub roles: Vec<RoleSpec>,
    /// USING.
    pub using: Option<Expr>,
    /// WITH CHECK.
    pub check: Option<Expr>,
}

/// The command of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PolicyCommand {
    All,
    Select,
    Insert,
    Update,
    Delete,
}

/// A role as written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RoleSpec {
    /// A name.
    Name(Ident, Position),
    /// PUBLIC.
    Public,
    /// CURRENT_USER, CURRENT_ROLE.
    CurrentUser,
    /// SESSION_USER.
    SessionUser,
}

/// Options of CREATE ROLE: the keyword in capitals and its value ("LOGIN", "NOLOGIN", "PASSWORD", "IN ROLE" …).
#[derive(Clone, Debug, PartialEq)]
pub struct RoleOption {
    /// The keyword(s).
    pub name: String,
    /// Its value(s).
    pub values: Vec<String>,
}

/// GRANT or REVOKE.
#[derive(Clone, Debug, PartialEq)]
pub struct Grant {
    /// GRANT (true) or REVOKE (false).
    pub grant: bool,
    /// GRANT OPTION FOR / WITH GRANT OPTION.
    pub grant_option: bool,
    /// The privileges in lower case ("select") with their columns; empty is ALL.
    pub privileges: Vec<(String, Vec<Ident>)>,
    /// ALL [PRIVILEGES] (columns).
    pub all_columns: Vec<Ident>,
    /// On what.
    pub objects: GrantObjects,
    /// To or from whom.
    pub roles: Vec<RoleSpec>,
    /// CASCADE.
    pub cascade: bool,
}

/// What is granted.
#[derive(Clone, Debug, PartialEq)]
pub enum GrantObjects {
    /// Objects by name.
    Named(ObjectKind, Vec<ObjectName>),
    /// ALL TABLES/SEQUENCES/FUNCTIONS IN SCHEMA.
    AllIn(ObjectKind, Vec<Ident>),
    /// The class only, in ALTER DEFAULT PRIVILEGES.
    Default(ObjectKind),
}

/// DROP.
#[derive(Clone, Debug, PartialEq)]
pub struct Drop {
    /// What.
    pub kind: ObjectKind,
    /// Which.
    pub names: Vec<ObjectName>,
    /// IF EXISTS.
    pub if_exists: bool,
    /// CASCADE.
    pub cascade: bool,
    /// DROP INDEX CONCURRENTLY.
    pub concurrently: bool,
}

/// Publications.
#[derive(Clone, Debug, PartialEq)]
pub enum Publication {
    /// CREATE PUBLICATION name [FOR TABLE … | FOR ALL TABLES]
    Create { name: Ident, all_tables: bool, tables: Vec<Name>, options: Vec<(Ident, Option<String>)> },
    /// ALTER PUBLICATION name ADD/DROP/SET TABLE: the verb in capitals
    Tables { name: Ident, verb: &'static str, tables: Vec<Name> },
    /// ALTER PUBLICATION name SET (options)
    Options { name: Ident, options: Vec<(Ident, Option<String>)> },
}

/// SET, RESET.
#[derive(Clone, Debug, PartialEq)]
pub struct SetStatement {
    /// "search_path", "role", "session authorization", "timezone", "transaction" …
    pub name: Ident,
    /// What to.
    pub value: SetValue,
    /// LOCAL.
    pub local: bool,
}

/// The value of SET.
#[derive(Clone, Debug, PartialEq)]
pub enum SetValue {
    /// A list of literals, as text.
    Values(Vec<String>),
    /// TO DEFAULT.
    Default,
    /// RESET.
    Reset,
    /// FROM CURRENT.
    Current,
}

/// A statement about prepared statements or cursors.
#[derive(Clone, Debug, PartialEq)]
pub enum SessionStatement {
    /// PREPARE name (types) AS statement.
    Prepare { name: Ident, types: Vec<TypeName>, statement: Statement },
    /// EXECUTE name (arguments).
    Execute { name: Ident, arguments: Vec<Expr>, position: Position },
    /// DEALLOCATE name, or all.
    Deallocate { name: Option<Ident> },
    /// DECLARE name CURSOR FOR query. `scroll` is SCROLL or NO SCROLL, when either is said.
    Declare { name: Ident, scroll: Option<bool>, hold: bool, query: Select },
    /// FETCH or MOVE.
    Fetch { name: Ident, direction: FetchDirection, moves: bool },
    /// CLOSE name, or all.
    Close { name: Option<Ident> },
    /// DISCARD SEQUENCES.
    DiscardSequences,
}

/// Where FETCH goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FetchDirection {
    /// So many rows on, or back when negative; `i64::MAX` and `-i64::MAX` are all.
    Forward(i64),
    /// To the row of this number, from the end when negative.
    Absolute(i64),
    /// To the row so far away.
    Relative(i64),
}

/// Transaction control.
#[derive(Clone, Debug, PartialEq)]
pub enum TransactionStatement {
    Begin { modes: Vec<String> },
    Commit { chain: bool },
    Rollback { chain: bool },
    Savepoint(Ident),
    Release(Ident),
    RollbackTo(Ident),
    Other(String),
}
