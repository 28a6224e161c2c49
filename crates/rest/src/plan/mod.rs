//! A request as resolved: every name is an object of the catalog, every embed a relationship.

mod call;
mod draft;
mod embed;
mod read;
mod write;

pub(crate) use call::{ArgumentValue, CallPlan, choose_function};
pub(crate) use embed::find as find_relationship;
pub(crate) use read::{ReadPlanner, result_table};
pub(crate) use write::{WriteKind, WritePlan, plan_write};

use crate::model::{Column, FunctionName, Relationship, Table};
use crate::query::{Aggregate, Operation, Range, Step};
use std::sync::Arc;

/// Rows of something, shaped.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) source: Source,
    /// Its name within the statement; no other node of the statement has it.
    pub(crate) alias: String,
    pub(crate) columns: Vec<Output>,
    pub(crate) embeds: Vec<Embedded>,
    /// All must hold.
    pub(crate) conditions: Vec<Condition>,
    pub(crate) order: Vec<Sort>,
    pub(crate) range: Range,
}

/// Where a node's rows come from.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// A relation.
    Table(Arc<Table>),
    /// What the statement wrote: these columns of a relation, computed ones among them.
    Written(Arc<Table>),
    /// What a function gave; the relation whose rows it gives, or a made-up one of its columns.
    Called(Option<Arc<Table>>),
}

impl Source {
    /// The relation whose columns the rows have.
    pub(crate) fn table(&self) -> Option<&Arc<Table>> {
        match self {
            Source::Table(table) | Source::Written(table) => Some(table),
            Source::Called(table) => table.as_ref(),
        }
    }
}

/// A value of the answer.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    pub(crate) expression: Expression,
    /// What writes a domain's value in its own way.
    pub(crate) format: Option<FunctionName>,
    pub(crate) cast: Option<Cast>,
    pub(crate) aggregate: Option<Aggregate>,
    pub(crate) aggregate_cast: Option<Cast>,
    /// Its key, where it is not the column's name.
    pub(crate) label: Option<String>,
}

/// A column, or a way into one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Expression {
    pub(crate) base: Base,
    pub(crate) path: Vec<Step>,
    /// The column is no JSON and must be made such before the path.
    pub(crate) to_json: bool,
}

/// What a node's row has.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Base {
    /// All its columns.
    Star,
    /// One.
    Column(String),
    /// How many rows there are: `select=count` on a relation without such a column, from before there was `count()`.
    RowCount,
    /// What a function makes of the row.
    Computed { schema: String, function: String },
}

/// A type that a client casts to.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cast {
    /// A name of the SQL standard.
    Standard(&'static str),
    /// Any other, found by the search path.
    Named(String),
}

/// A condition.
#[derive(Clone, Debug)]
pub(crate) enum Condition {
    /// Of a value.
    Filter {
        expression: Expression,
        negated: bool,
        operation: Operation,
        search_vector: bool,
        /// What reads a domain's value in its own way.
        parser: Option<FunctionName>,
    },
    /// Of others.
    Group { negated: bool, any: bool, members: Vec<Condition> },
    /// Whether an embed, by its place, has rows.
    Embed { at: usize, present: bool },
}

/// A sort key.
#[derive(Clone, Debug)]
pub(crate) struct Sort {
    /// The embed, by its place, that has the value.
    pub(crate) embed: Option<usize>,
    pub(crate) expression: Expression,
    pub(crate) descending: Option<bool>,
    pub(crate) nulls_first: Option<bool>,
}

/// A related node.
#[derive(Clone, Debug)]
pub(crate) struct Embedded {
    pub(crate) node: Node,
    pub(crate) relationship: Arc<Relationship>,
    /// Its key.
    pub(crate) key: String,
    pub(crate) kind: EmbedKind,
    /// Rows without a match are dropped.
    pub(crate) inner: bool,
    /// It holds nothing and adds no key.
    pub(crate) is_empty: bool,
    /// The node's name where only its presence is asked for, so that no name stands for two ranges: a plan shows the embedded rows under their own.
    pub(crate) tested: String,
}

/// How related rows become part of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EmbedKind {
    /// An object or null.
    Object,
    /// An array of objects.
    Array,
    /// The one related row's columns, as the row's own.
    SpreadOne,
    /// The related rows' columns, each an array.
    SpreadMany,
}

impl Node {
    /// Whether it, or what is spread into it, aggregates.
    pub(crate) fn aggregates(&self) -> bool {
        self.columns.iter().any(Output::is_aggregate)
            || self.embeds.iter().any(|embed| embed.kind == EmbedKind::SpreadOne && embed.node.aggregates())
    }

    /// The keys of its rows; `None` when only a run can tell them.
    pub(crate) fn labels(&self) -> Option<Vec<String>> {
        let mut labels = Vec::new();
        for output in &self.columns {
            match (output.label(), self.source.table()) {
                (Some(label), _) => labels.push(label.to_owned()),
                (None, Some(table)) => labels.extend(table.columns.iter().map(|column| column.name.clone())),
                (None, None) => return None,
            }
        }
        for embed in self.embeds.iter().filter(|embed| !embed.is_empty) {
            match embed.kind {
                EmbedKind::Object | EmbedKind::Array => labels.push(embed.key.clone()),
                EmbedKind::SpreadOne | EmbedKind::SpreadMany => labels.extend(embed.node.labels()?),
            }
        }
        Some(labels)
    }
}

impl Output {
    /// A column, as its domain wants it to be written.
    pub(crate) fn represented(column: &Column) -> Output {
        Output { format: column.json_writer().cloned(), ..Output::column(&column.name) }
    }

    /// A column as it is.
    pub(crate) fn column(name: &str) -> Output {
        Output {
            expression: Expression { base: Base::Column(name.to_owned()), path: Vec::new(), to_json: false },
            format: None,
            cast: None,
            aggregate: None,
            aggregate_cast: None,
            label: None,
        }
    }

    /// Its key; `None` for all columns.
    pub(crate) fn label(&self) -> Option<&str> {
        if let Some(label) = &self.label {
            return Some(label);
        }
        if let Some(aggregate) = self.aggregate {
            return Some(aggregate.name());
        }
        match &self.expression.base {
            Base::Star => None,
            Base::RowCount => Some("count"),
            Base::Column(name) => Some(name),
            Base::Computed { function, .. } => Some(function),
        }
    }

    /// Whether it is one value for many rows.
    pub(crate) fn is_aggregate(&self) -> bool {
        self.aggregate.is_some() || self.expression.base == Base::RowCount
    }

    /// Whether it is a column with a cast, under its own name.
    pub(crate) fn is_cast_only(&self) -> bool {
        let without = Output { cast: None, ..self.clone() };
        self.cast.is_some() && without.is_plain()
    }

    /// Whether it is nothing but a column under its own name.
    pub(crate) fn is_plain(&self) -> bool {
        self.label.is_none()
            && self.format.is_none()
            && self.cast.is_none()
            && self.aggregate.is_none()
            && self.expression.path.is_empty()
            && matches!(self.expression.base, Base::Star | Base::Column(_))
    }
}

impl Cast {
    /// Reads a type's name as a client writes it: the words of the standard, else one identifier.
    pub(crate) fn read(text: &str) -> Cast {
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        let joined = words.join(" ");
        match STANDARD_TYPES.iter().find(|name| **name == joined) {
            Some(name) => Cast::Standard(name),
            None => Cast::Named(joined),
        }
    }
}

/// The type names of the grammar: no identifier stands for them.
const STANDARD_TYPES: [&str; 29] = [
    "bigint",
    "bit",
    "bit varying",
    "boolean",
    "char",
    "char varying",
    "character",
    "character varying",
    "dec",
    "decimal",
    "double precision",
    "float",
    "int",
    "integer",
    "interval",
    "national character",
    "national character varying",
    "nchar",
    "numeric",
    "real",
    "smallint",
    "time",
    "time with time zone",
    "time without time zone",
    "timestamp",
    "timestamp with time zone",
    "timestamp without time zone",
    "timetz",
    "varchar",
];
