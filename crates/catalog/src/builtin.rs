//! The types, functions, operators and casts that PostgreSQL 15 and the extensions we know come with.
//!
//! Drawn from PostgreSQL's system catalogs (`data/dump.py`), read once. Numbers and names are PostgreSQL's; only objects
//! of extensions have numbers of ours, below [`crate::FIRST_USER_OID`]. Not everything here is implemented: a function is when
//! `datum` has code under its [`BuiltinFunction::source`]. What PostgreSQL has and these tables leave out is in
//! [`Builtins::is_unsupported`], so that its use is refused (0A000) and not called unknown.

use crate::objects::{Oid, Volatility};
use std::sync::OnceLock;

/// `pg_catalog`'s own OID.
pub const PG_CATALOG: Oid = 11;
/// `public`'s OID in a fresh database.
pub const PUBLIC_SCHEMA: Oid = 2200;
/// `information_schema`: it has no fixed OID in PostgreSQL, this one is free there.
pub const INFORMATION_SCHEMA: Oid = 9003;

/// A row of pg_type.
#[derive(Debug)]
pub struct BuiltinType {
    /// oid
    pub oid: Oid,
    /// typname
    pub name: &'static str,
    /// typlen
    pub length: i16,
    /// typtype: `b` base, `p` pseudo.
    pub kind: char,
    /// typcategory
    pub category: char,
    /// typispreferred
    pub preferred: bool,
    /// typelem; of arrays and of subscriptable fixed-length types (`name`).
    pub element: Oid,
    /// typarray, 0 when there is none.
    pub array: Oid,
    /// typcollation is set.
    pub collatable: bool,
    /// typsubscript is set.
    pub subscriptable: bool,
    /// The extension it belongs to.
    pub extension: Option<&'static str>,
    /// provolatile of its typinput.
    pub input_volatility: Volatility,
    /// provolatile of its typoutput.
    pub output_volatility: Volatility,
}

impl BuiltinType {
    /// A true array type, as `typsubscript = array_subscript_handler` tells: varlena with an element.
    pub fn is_array(&self) -> bool {
        // record[] is a pseudo-type by its category.
        (self.category == 'A' && self.element != 0) || self.oid == datum::oid::RECORD_ARRAY
    }

    /// typtype `p`.
    pub fn is_pseudo(&self) -> bool {
        self.kind == 'p'
    }
}

/// A table or view of pg_catalog or information_schema.
#[derive(Debug, PartialEq, Eq)]
pub struct SystemRelation {
    /// The schema's name.
    pub schema: &'static str,
    /// relname
    pub name: &'static str,
    /// oid; of views one of ours.
    pub oid: Oid,
    /// relkind: `r` or `v`.
    pub kind: char,
    /// Its columns in order.
    pub columns: Vec<SystemColumn>,
}

/// A column of a [`SystemRelation`].
#[derive(Debug, PartialEq, Eq)]
pub struct SystemColumn {
    /// attname
    pub name: &'static str,
    /// atttypid; a domain's base type, text where the type is not known here.
    pub type_oid: Oid,
    /// attnotnull
    pub not_null: bool,
    /// atttypmod
    pub modifier: i32,
}

/// prokind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BuiltinKind {
    /// A plain function.
    Function,
    /// An aggregate.
    Aggregate(AggregateKind),
    /// A window function.
    Window,
    /// A procedure.
    Procedure,
}

/// aggkind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AggregateKind {
    /// Called with its arguments.
    Normal,
    /// WITHIN GROUP, with this many direct arguments (aggnumdirectargs).
    OrderedSet(u16),
    /// WITHIN GROUP of hypothetical rows.
    HypotheticalSet(u16),
}

/// A row of pg_proc (with pg_aggregate's).
#[derive(Debug)]
pub struct BuiltinFunction {
    /// oid
    pub oid: Oid,
    /// proname
    pub name: &'static str,
    /// prokind
    pub kind: BuiltinKind,
    /// proargtypes: the input arguments.
    pub args: Box<[Oid]>,
    /// proallargtypes: with OUT arguments; empty when there are none of these.
    pub all_args: Box<[Oid]>,
    /// proargmodes: a letter of `iobvt` for each of `all_args` (of `args` when that is empty and this is not).
    pub modes: &'static str,
    /// proargnames, comma-separated; empty when no argument has a name.
    arg_names: &'static str,
    /// provariadic: the element type (`any` for VARIADIC "any"), 0 when not variadic. The last of `args` is the array.
    pub variadic: Oid,
    /// prorettype
    pub result: Oid,
    /// proretset
    pub returns_set: bool,
    /// proisstrict
    pub strict: bool,
    /// provolatile
    pub volatility: Volatility,
    /// proleakproof
    pub leakproof: bool,
    /// pronargdefaults: how many of the last arguments may be left out.
    pub default_count: u16,
    /// The defaults' expressions as pg_get_expr prints them, comma-separated.
    pub defaults: &'static str,
    /// What `datum` knows its code by: prosrc; for SQL functions and aggregates, proname and argument types joined by `_`.
    pub source: &'static str,
    /// The extension it belongs to.
    pub extension: Option<&'static str>,
}

impl BuiltinFunction {
    /// The name of the argument at this place of `all_args` (of `args` when that is empty).
    pub fn arg_name(&self, at: usize) -> Option<&'static str> {
        self.arg_names.split(',').nth(at).filter(|name| !name.is_empty())
    }

    /// The columns of the result when OUT (or TABLE) arguments make it a record, else empty.
    pub fn out_columns(&self) -> Vec<(&'static str, Oid)> {
        let modes = self.modes.bytes().zip(self.all_args.iter()).enumerate();
        modes
            .filter(|(_, (mode, _))| matches!(mode, b'o' | b'b' | b't'))
            .map(|(at, (_, oid))| (self.arg_name(at).unwrap_or(""), *oid))
            .collect()
    }

    /// The direct arguments of an ordered-set aggregate.
    pub fn aggregate(&self) -> Option<AggregateKind> {
        match self.kind {
            BuiltinKind::Aggregate(kind) => Some(kind),
            BuiltinKind::Function | BuiltinKind::Window | BuiltinKind::Procedure => None,
        }
    }
}

/// A row of pg_operator.
#[derive(Debug)]
pub struct BuiltinOperator {
    /// oid
    pub oid: Oid,
    /// oprname
    pub symbol: &'static str,
    /// oprleft; 0 for a prefix operator.
    pub left: Oid,
    /// oprright
    pub right: Oid,
    /// oprresult
    pub result: Oid,
    /// oprcode
    pub function: Oid,
    /// oprcom, 0 when there is none (here).
    pub commutator: Oid,
    /// oprnegate, 0 when there is none (here).
    pub negator: Oid,
    /// oprcanhash
    pub hashes: bool,
    /// oprcanmerge
    pub merges: bool,
    /// The extension it belongs to.
    pub extension: Option<&'static str>,
}

/// castcontext, in rising order of what it takes to be applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CastContext {
    /// Applied by itself.
    Implicit,
    /// Applied in INSERT and UPDATE.
    Assignment,
    /// Applied when written.
    Explicit,
}

/// castmethod.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CastMethod {
    /// By `function`.
    Function,
    /// By output and input.
    InOut,
    /// The same bytes.
    Binary,
}

/// A row of pg_cast.
#[derive(Debug)]
pub struct BuiltinCast {
    /// castsource
    pub source: Oid,
    /// casttarget
    pub target: Oid,
    /// castfunc, 0 when the method is another. Its arguments: the value [, typmod int4 [, explicit bool]].
    pub function: Oid,
    /// castcontext
    pub context: CastContext,
    /// castmethod
    pub method: CastMethod,
}

/// What PostgreSQL has that the tables leave out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsupported {
    /// A type of this name.
    Type,
    /// A function, no overload of which is here.
    Function,
    /// An operator symbol.
    Operator,
}

/// All tables. Objects of an extension are among them: ask the catalog whether it is there.
#[derive(Debug)]
pub struct Builtins {
    types: Vec<BuiltinType>,
    types_by_name: Vec<u16>,
    functions: Vec<BuiltinFunction>,
    functions_by_oid: Vec<(Oid, u16)>,
    operators: Vec<BuiltinOperator>,
    operators_by_oid: Vec<(Oid, u16)>,
    casts: Vec<BuiltinCast>,
    relations: Vec<SystemRelation>,
    unsupported: Vec<(&'static str, &'static str)>,
}

/// The tables, read at the first call.
pub fn builtins() -> &'static Builtins {
    static BUILTINS: OnceLock<Builtins> = OnceLock::new();
    BUILTINS.get_or_init(Builtins::read)
}

impl Builtins {
    /// All types, by OID.
    pub fn types(&self) -> &[BuiltinType] {
        &self.types
    }

    /// The type of this OID.
    pub fn type_by_oid(&self, oid: Oid) -> Option<&BuiltinType> {
        self.types.binary_search_by_key(&oid, |row| row.oid).ok().and_then(|at| self.types.get(at))
    }

    /// The type of this name (typname: `int4`, `_int4`).
    pub fn type_by_name(&self, name: &str) -> Option<&BuiltinType> {
        let found =
            self.types_by_name.binary_search_by(|at| self.types[usize::from(*at)].name.cmp(name)).ok()?;
        self.types.get(usize::from(self.types_by_name[found]))
    }

    /// All functions, by name.
    pub fn functions(&self) -> &[BuiltinFunction] {
        &self.functions
    }

    /// All functions of this name.
    pub fn functions_named(&self, name: &str) -> &[BuiltinFunction] {
        named(&self.functions, name, |row| row.name)
    }

    /// The function of this OID.
    pub fn function_by_oid(&self, oid: Oid) -> Option<&BuiltinFunction> {
        let at = self.functions_by_oid.binary_search_by_key(&oid, |row| row.0).ok()?;
        self.functions.get(usize::from(self.functions_by_oid[at].1))
    }

    /// All operators, by symbol.
    pub fn operators(&self) -> &[BuiltinOperator] {
        &self.operators
    }

    /// All operators of this symbol, prefix ones (`left` 0) first.
    pub fn operators_named(&self, symbol: &str) -> &[BuiltinOperator] {
        named(&self.operators, symbol, |row| row.symbol)
    }

    /// The operator of this OID.
    pub fn operator_by_oid(&self, oid: Oid) -> Option<&BuiltinOperator> {
        let at = self.operators_by_oid.binary_search_by_key(&oid, |row| row.0).ok()?;
        self.operators.get(usize::from(self.operators_by_oid[at].1))
    }

    /// All casts, by source and target.
    pub fn casts(&self) -> &[BuiltinCast] {
        &self.casts
    }

    /// The cast between two types. Source and target may be equal: the cast that applies a type modifier.
    pub fn cast(&self, source: Oid, target: Oid) -> Option<&BuiltinCast> {
        let at = self.casts.binary_search_by_key(&(source, target), |row| (row.source, row.target)).ok()?;
        self.casts.get(at)
    }

    /// The casts from a type.
    pub fn casts_from(&self, source: Oid) -> &[BuiltinCast] {
        let start = self.casts.partition_point(|row| row.source < source);
        let end = self.casts.partition_point(|row| row.source <= source);
        &self.casts[start..end]
    }

    /// Whether PostgreSQL has such an object in pg_catalog that is left out here.
    pub fn is_unsupported(&self, what: Unsupported, name: &str) -> bool {
        let class = match what {
            Unsupported::Type => "type",
            Unsupported::Function => "function",
            Unsupported::Operator => "operator",
        };
        self.listed(class, name)
    }

    /// The tables and views of pg_catalog and information_schema, by schema and name.
    pub fn system_relations(&self) -> &[SystemRelation] {
        &self.relations
    }

    /// The table or view `schema.name` of pg_catalog or information_schema.
    pub fn system_relation(&self, schema: &str, name: &str) -> Option<&SystemRelation> {
        let at = self.relations.binary_search_by(|row| (row.schema, row.name).cmp(&(schema, name))).ok()?;
        self.relations.get(at)
    }

    /// The table or view of pg_catalog or information_schema with this OID.
    pub fn system_relation_by_oid(&self, oid: Oid) -> Option<&SystemRelation> {
        self.relations.iter().find(|row| row.oid == oid)
    }

    /// Whether PostgreSQL has a table or view `schema.name` in pg_catalog or information_schema.
    pub fn is_system_relation(&self, schema: &str, name: &str) -> bool {
        self.listed("relation", &format!("{schema}.{name}"))
    }

    /// Whether PostgreSQL has this operator class for this index method.
    pub fn is_operator_class(&self, name: &str, method: &str) -> bool {
        self.listed("class", &format!("{name} {method}"))
    }

    fn listed(&self, class: &str, name: &str) -> bool {
        self.unsupported.binary_search(&(class, name)).is_ok()
    }

    fn read() -> Builtins {
        let types: Vec<BuiltinType> = rows(include_str!("../data/types.tsv")).map(read_type).collect();
        let functions: Vec<BuiltinFunction> =
            rows(include_str!("../data/functions.tsv")).map(read_function).collect();
        let operators: Vec<BuiltinOperator> =
            rows(include_str!("../data/operators.tsv")).map(read_operator).collect();
        let casts = rows(include_str!("../data/casts.tsv")).map(read_cast).collect();
        let mut relations: Vec<SystemRelation> =
            rows(include_str!("../data/relations.tsv")).map(read_relation).collect();
        relations.sort_by_key(|row| (row.schema, row.name));
        let unsupported =
            include_str!("../data/unsupported.tsv").lines().filter_map(|line| line.split_once('\t'));
        let mut types_by_name: Vec<u16> = numbers(types.len()).collect();
        types_by_name.sort_by_key(|at| types[usize::from(*at)].name);
        let mut functions_by_oid: Vec<(Oid, u16)> =
            functions.iter().map(|row| row.oid).zip(numbers(functions.len())).collect();
        functions_by_oid.sort_unstable();
        let mut operators_by_oid: Vec<(Oid, u16)> =
            operators.iter().map(|row| row.oid).zip(numbers(operators.len())).collect();
        operators_by_oid.sort_unstable();
        Builtins {
            types,
            types_by_name,
            functions,
            functions_by_oid,
            operators,
            operators_by_oid,
            casts,
            relations,
            unsupported: unsupported.collect(),
        }
    }
}

fn named<'a, T>(rows: &'a [T], name: &str, name_of: impl Fn(&T) -> &'static str) -> &'a [T] {
    let start = rows.partition_point(|row| name_of(row) < name);
    let end = rows.partition_point(|row| name_of(row) <= name);
    &rows[start..end]
}

fn numbers(count: usize) -> impl Iterator<Item = u16> {
    0..u16::try_from(count).unwrap_or(u16::MAX)
}

type Fields = std::str::Split<'static, char>;

fn rows(text: &'static str) -> impl Iterator<Item = Fields> {
    text.lines().map(|line| line.split('\t'))
}

fn text(fields: &mut Fields) -> &'static str {
    fields.next().unwrap_or("")
}

fn number<T: std::str::FromStr + Default>(fields: &mut Fields) -> T {
    text(fields).parse().unwrap_or_default()
}

fn flag(fields: &mut Fields) -> bool {
    text(fields) == "t"
}

fn letter(fields: &mut Fields) -> char {
    text(fields).chars().next().unwrap_or(' ')
}

fn volatility(fields: &mut Fields) -> Volatility {
    match letter(fields) {
        'i' => Volatility::Immutable,
        's' => Volatility::Stable,
        _ => Volatility::Volatile,
    }
}

fn list(fields: &mut Fields) -> Box<[Oid]> {
    text(fields).split(',').filter_map(|oid| oid.parse().ok()).collect()
}

fn optional(fields: &mut Fields) -> Option<&'static str> {
    Some(text(fields)).filter(|name| !name.is_empty())
}

fn read_type(mut fields: Fields) -> BuiltinType {
    let fields = &mut fields;
    let (oid, name, length) = (number(fields), text(fields), number(fields));
    let _by_value = flag(fields);
    BuiltinType {
        oid,
        name,
        length,
        kind: letter(fields),
        category: letter(fields),
        preferred: flag(fields),
        element: number(fields),
        array: number(fields),
        collatable: flag(fields),
        subscriptable: flag(fields),
        extension: optional(fields),
        input_volatility: volatility(fields),
        output_volatility: volatility(fields),
    }
}

fn read_function(mut fields: Fields) -> BuiltinFunction {
    let fields = &mut fields;
    let (oid, name, kind) = (number(fields), text(fields), letter(fields));
    let mut function = BuiltinFunction {
        oid,
        name,
        kind: BuiltinKind::Function,
        args: list(fields),
        all_args: list(fields),
        modes: text(fields),
        arg_names: text(fields),
        variadic: number(fields),
        result: number(fields),
        returns_set: flag(fields),
        strict: flag(fields),
        volatility: volatility(fields),
        leakproof: flag(fields),
        default_count: number(fields),
        defaults: text(fields),
        source: text(fields),
        extension: None,
    };
    let (aggregate, direct) = (letter(fields), number(fields));
    function.kind = match (kind, aggregate) {
        ('a', 'o') => BuiltinKind::Aggregate(AggregateKind::OrderedSet(direct)),
        ('a', 'h') => BuiltinKind::Aggregate(AggregateKind::HypotheticalSet(direct)),
        ('a', _) => BuiltinKind::Aggregate(AggregateKind::Normal),
        ('w', _) => BuiltinKind::Window,
        ('p', _) => BuiltinKind::Procedure,
        _ => BuiltinKind::Function,
    };
    function.extension = optional(fields);
    function
}

fn read_operator(mut fields: Fields) -> BuiltinOperator {
    let fields = &mut fields;
    BuiltinOperator {
        oid: number(fields),
        symbol: text(fields),
        left: number(fields),
        right: number(fields),
        result: number(fields),
        function: number(fields),
        commutator: number(fields),
        negator: number(fields),
        hashes: flag(fields),
        merges: flag(fields),
        extension: optional(fields),
    }
}

fn read_relation(mut fields: Fields) -> SystemRelation {
    let fields = &mut fields;
    SystemRelation {
        schema: text(fields),
        name: text(fields),
        oid: number(fields),
        kind: letter(fields),
        columns: text(fields).split(',').filter_map(read_column).collect(),
    }
}

fn read_column(text: &'static str) -> Option<SystemColumn> {
    let mut words = text.split(' ');
    let (name, type_oid) = (words.next()?, words.next()?.parse().ok()?);
    let not_null = words.next() == Some("t");
    let modifier = words.next().and_then(|modifier| modifier.parse().ok()).unwrap_or(-1);
    Some(SystemColumn { name, type_oid, not_null, modifier })
}

fn read_cast(mut fields: Fields) -> BuiltinCast {
    let fields = &mut fields;
    BuiltinCast {
        source: number(fields),
        target: number(fields),
        function: number(fields),
        context: match letter(fields) {
            'i' => CastContext::Implicit,
            'a' => CastContext::Assignment,
            _ => CastContext::Explicit,
        },
        method: match letter(fields) {
            'f' => CastMethod::Function,
            'i' => CastMethod::InOut,
            _ => CastMethod::Binary,
        },
    }
}

#[cfg(test)]
mod tests;
