//! Reads: a node and all that it embeds as one SELECT.

mod condition;
mod embed;

pub(super) use condition::parsed;
use embed::{junction_alias, pairs};

use super::{
    Estimate, Layout, ROWS, Script, Sql, expecting, json_body, settings_columns, settings_statement,
};
use crate::media::{Format, ValueKind};
use crate::model::{Cardinality, Relationship};
use crate::plan::{Base, Condition, EmbedKind, Expression, Node, Output, Sort, Source};
use crate::query::Key;
use database::Expectation;

/// How the number of all rows is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CountWanted {
    /// It is not.
    No,
    /// All are counted.
    Exact,
    /// As the planner thinks.
    Planned,
    /// Counted up to one more than this, above that as the planner thinks if it thinks of more; without a limit always.
    Estimated(Option<i64>),
}

/// A read of a relation. `format` is none where only the number of rows is wanted.
pub(crate) fn read(node: &Node, format: Option<&Format>, count: CountWanted) -> Script {
    let writer = Writer::default();
    let total = |sql: &mut Sql| match count {
        CountWanted::No | CountWanted::Planned => {
            sql.raw("NULL");
        }
        CountWanted::Exact => writer.count(sql, node, None),
        CountWanted::Estimated(most) => writer.count(sql, node, most.map(|most| most.saturating_add(1))),
    };
    let mut script = if format == Some(&Format::Csv) {
        read_lines(&writer, node, total)
    } else {
        let mut sql = Sql::default();
        summary(&mut sql, format, None, &writer, node, total);
        Script {
            statements: vec![sql.into_statement(expecting(single_row(format)))],
            main: vec![0],
            layout: Layout::Summary,
            ..Script::default()
        }
    };
    let counted_to = match count {
        CountWanted::No | CountWanted::Exact => return script,
        CountWanted::Planned => None,
        CountWanted::Estimated(most) => most,
    };
    script.estimate = Some(Estimate { at: script.statements.len(), counted_to });
    let mut sql = Sql::default();
    sql.raw("EXPLAIN (FORMAT JSON) ");
    writer.ones(&mut sql, node);
    script.statements.push(sql.into_statement(Expectation::Any));
    script
}

/// The bounds of a format that has room for one row only.
pub(super) fn single_row(format: Option<&Format>) -> Option<(i64, i64)> {
    format.is_some_and(Format::is_single).then_some((1, 1))
}

/// `SELECT body, page_total, total, … FROM (node) "_t"`
pub(super) fn summary(
    sql: &mut Sql,
    format: Option<&Format>,
    column: Option<&str>,
    writer: &Writer,
    node: &Node,
    total: impl Fn(&mut Sql),
) {
    let rows = source_name(node, ROWS);
    sql.raw("SELECT ");
    total(sql);
    sql.raw(" AS total, count(*) AS page_total, ");
    match format {
        Some(Format::GeoJson) => {
            sql.raw(
                "json_build_object('type', 'FeatureCollection', 'features', coalesce(json_agg(ST_AsGeoJSON(",
            )
            .name(&rows)
            .raw(")::json), '[]'))");
        }
        Some(Format::Value(kind)) => {
            // There is one row; an aggregate makes it the summary's.
            sql.raw("string_agg(");
            as_value(sql, *kind, |sql| {
                sql.qualified(&rows, column.unwrap_or(""));
            });
            sql.raw(", NULL)");
        }
        Some(Format::Handled(handler)) => {
            // Bytes and xml come out of it as they are.
            let cast = handler.kind == ValueKind::Text;
            sql.raw(if cast { "CAST(" } else { "" });
            sql.qualified(&handler.schema, &handler.name).raw("(").name(&rows);
            match (column, &handler.row) {
                (Some(column), _) => {
                    sql.raw(".").name(column);
                }
                (None, Some((schema, relation))) => {
                    sql.raw("::").qualified(schema, relation);
                }
                (None, None) => {}
            }
            sql.raw(if cast { ") AS text)" } else { ")" });
        }
        Some(format) => json_body(sql, format, &rows, column),
        None => {
            sql.raw("NULL");
        }
    }
    sql.raw(" AS body, ");
    settings_columns(sql);
    sql.raw(" FROM (");
    writer.select(sql, node, None);
    sql.raw(") ").name(&rows);
}

/// A document as text or bytes.
fn as_value(sql: &mut Sql, kind: ValueKind, value: impl Fn(&mut Sql)) {
    // Of the ways to make text of xml only its output function drops an empty first line.
    sql.raw(if kind == ValueKind::Xml { "format('%s', " } else { "CAST(" });
    value(sql);
    sql.raw(match kind {
        ValueKind::Text => " AS text)",
        ValueKind::Bytes => " AS bytea)",
        ValueKind::Xml => ")",
    });
}

/// The rows, then the count and settings.
fn read_lines(writer: &Writer, node: &Node, total: impl Fn(&mut Sql)) -> Script {
    let mut sql = Sql::default();
    lines(&mut sql, writer, node);
    let mut counting = Sql::default();
    counting.raw("SELECT ");
    total(&mut counting);
    counting.raw(" AS total, ");
    settings_columns(&mut counting);
    Script {
        statements: vec![sql.into_statement(Expectation::Any), counting.into_statement(Expectation::Any)],
        main: vec![0],
        layout: Layout::Rows,
        answer_settings: Some(1),
        ..Script::default()
    }
}

/// The rows themselves.
pub(super) fn lines(sql: &mut Sql, writer: &Writer, node: &Node) {
    writer.select(sql, node, None);
}

/// The statement that follows lines of a call or write.
pub(super) fn lines_settings(script: &mut Script) {
    script.answer_settings = Some(script.statements.len());
    script.statements.push(settings_statement());
}

/// A name for a row source that none of its columns has: such a name alone means the whole row.
fn source_name(node: &Node, name: &'static str) -> String {
    let taken = |candidate: &str| {
        node.columns.iter().any(|output| output.label() == Some(candidate))
            || node.embeds.iter().any(|embed| {
                embed.key == candidate
                    || embed.node.columns.iter().any(|output| output.label() == Some(candidate))
            })
            || node.source.table().is_some_and(|table| table.column(candidate).is_some())
    };
    let mut candidate = name.to_owned();
    while taken(&candidate) {
        candidate.push('_');
    }
    candidate
}

/// Writes nodes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Writer {
    /// The root's rows are of this CTE.
    pub(super) source: Option<&'static str>,
}

/// How a node hangs on another.
type Link<'a> = Option<(&'a Relationship, &'a str)>;

impl Writer {
    /// The node's rows.
    pub(super) fn select(&self, sql: &mut Sql, node: &Node, link: Link<'_>) {
        let grouped = node.aggregates();
        sql.raw("SELECT ");
        let flags = self.items(sql, node, grouped);
        sql.raw(" FROM ");
        self.from(sql, node, link);
        for embed in node.embeds.iter().filter(|embed| embed.kind == EmbedKind::SpreadOne) {
            self.join(sql, embed, &node.alias);
        }
        self.filtered(sql, node, link, Inner::Joined);
        if grouped && flags.contains(&false) {
            sql.raw(" GROUP BY ");
            let places = flags.iter().enumerate().filter(|(_, aggregate)| !**aggregate);
            for (at, (place, _)) in places.enumerate() {
                sql.raw(if at > 0 { ", " } else { "" });
                match node.columns.get(place).filter(|output| output.is_cast_only()) {
                    // A cast shapes what is shown, not what is one group.
                    Some(output) => self.expression(sql, &output.expression, node),
                    None => {
                        sql.number(i64::try_from(place + 1).unwrap_or(i64::MAX));
                    }
                }
            }
        }
        self.order(sql, node);
        limit(sql, node, link);
    }

    /// The select list of a row's own columns.
    pub(super) fn list(&self, sql: &mut Sql, node: &Node) {
        self.items(sql, node, false);
    }

    /// WHERE all of these.
    pub(super) fn all(&self, sql: &mut Sql, conditions: &[Condition], node: &Node) {
        let mut conjunction = Conjunction { start: " WHERE ", is_empty: true };
        for condition in conditions {
            conjunction.next(sql);
            self.condition(sql, condition, node);
        }
    }

    /// How many rows the node has without its limit, counted up to `most`.
    pub(super) fn count(&self, sql: &mut Sql, node: &Node, most: Option<i64>) {
        sql.raw("(SELECT count(*) FROM ");
        match most {
            None => {
                self.from(sql, node, None);
                self.filtered(sql, node, None, Inner::Tested);
            }
            Some(most) => {
                sql.raw("(");
                self.ones(sql, node);
                sql.raw(" LIMIT ").number(most).raw(") AS _n");
            }
        }
        sql.raw(")");
    }

    /// A row for each of the node's, without its limit.
    fn ones(&self, sql: &mut Sql, node: &Node) {
        sql.raw("SELECT 1 FROM ");
        self.from(sql, node, None);
        self.filtered(sql, node, None, Inner::Tested);
    }

    /// The select list; tells which of its items are aggregates.
    fn items(&self, sql: &mut Sql, node: &Node, grouped: bool) -> Vec<bool> {
        let mut flags = Vec::new();
        let mut separate = |sql: &mut Sql, aggregate: bool| {
            sql.raw(if flags.is_empty() { "" } else { ", " });
            flags.push(aggregate);
        };
        for output in &node.columns {
            separate(sql, output.is_aggregate());
            self.output(sql, output, node, Rows::All);
        }
        for embed in node.embeds.iter().filter(|embed| !embed.is_empty) {
            match embed.kind {
                EmbedKind::Object | EmbedKind::Array => {
                    separate(sql, false);
                    self.embedded(sql, embed, &node.alias);
                    // Groups are compared, and json has no equality.
                    sql.raw(if grouped { "::jsonb AS " } else { " AS " }).name(&embed.key);
                }
                EmbedKind::SpreadOne => self.spread_one(sql, &embed.node, grouped, &mut separate),
                EmbedKind::SpreadMany => self.spread_many(sql, embed, &node.alias, grouped, &mut separate),
            }
        }
        flags
    }

    fn output(&self, sql: &mut Sql, output: &Output, node: &Node, rows: Rows) {
        if output.is_plain() {
            self.expression(sql, &output.expression, node);
            return;
        }
        let cast = |sql: &mut Sql, given: bool| {
            sql.raw(if given { "CAST(" } else { "" });
        };
        cast(sql, output.aggregate_cast.is_some());
        match (output.aggregate, &output.expression.base) {
            (Some(aggregate), Base::Star) => {
                sql.raw(aggregate.name()).raw("(");
                match rows {
                    Rows::All => sql.raw("*)"),
                    // Of rows that are joined, a missing one does not count.
                    Rows::Joined => sql.name(&node.alias).raw(".*)"),
                };
            }
            (Some(aggregate), _) => {
                sql.raw(aggregate.name()).raw("(");
                self.cast_expression(sql, output, node);
                sql.raw(")");
            }
            (None, _) => self.cast_expression(sql, output, node),
        }
        if let Some(target) = &output.aggregate_cast {
            sql.raw(" AS ").cast_target(target).raw(")");
        }
        if let Some(label) = output.label() {
            sql.raw(" AS ").name(label);
        }
    }

    fn cast_expression(&self, sql: &mut Sql, output: &Output, node: &Node) {
        sql.raw(if output.cast.is_some() { "CAST(" } else { "" });
        if let Some(format) = &output.format {
            sql.qualified(&format.schema, &format.name).raw("(");
        }
        self.expression(sql, &output.expression, node);
        sql.raw(if output.format.is_some() { ")" } else { "" });
        if let Some(target) = &output.cast {
            sql.raw(" AS ").cast_target(target).raw(")");
        }
    }

    fn expression(&self, sql: &mut Sql, expression: &Expression, node: &Node) {
        sql.raw(if expression.to_json { "to_jsonb(" } else { "" });
        match &expression.base {
            Base::Star => {
                sql.name(&node.alias).raw(".*");
            }
            Base::RowCount => {
                sql.raw("count(*)");
            }
            Base::Column(name) => {
                sql.qualified(&node.alias, name);
            }
            Base::Computed { schema, function } => self.computed(sql, schema, function, node),
        }
        sql.raw(if expression.to_json { ")" } else { "" });
        for step in &expression.path {
            sql.raw(if step.as_text { "->>" } else { "->" });
            match &step.key {
                Key::Name(name) => sql.bind_once(name),
                Key::Index(digits) => sql.raw("(").number(digits.parse().unwrap_or(0)).raw(")"),
            };
        }
    }

    fn computed(&self, sql: &mut Sql, schema: &str, function: &str, node: &Node) {
        match &node.source {
            // The statement that wrote the row has computed it.
            Source::Written(_) => {
                sql.qualified(&node.alias, function);
            }
            Source::Table(_) | Source::Called(None) => {
                sql.qualified(schema, function).raw("(").name(&node.alias).raw(")");
            }
            Source::Called(Some(table)) => {
                sql.qualified(schema, function).raw("(").name(&node.alias).raw("::");
                sql.qualified(&table.schema, &table.name).raw(")");
            }
        }
    }

    fn from(&self, sql: &mut Sql, node: &Node, link: Link<'_>) {
        match (link, &node.source) {
            (
                Some((
                    Relationship {
                        cardinality: Cardinality::Computed { schema, function, .. }, origin, ..
                    },
                    parent,
                )),
                _,
            ) => {
                sql.qualified(schema, function).raw("(").name(parent).raw("::");
                sql.qualified(&origin.schema, &origin.name).raw(")");
            }
            (_, Source::Table(table)) => {
                sql.qualified(&table.schema, &table.name);
            }
            (_, Source::Written(_) | Source::Called(_)) => {
                sql.name(self.source.unwrap_or(super::SOURCE));
            }
        }
        sql.raw(" AS ").name(&node.alias);
        if let Some((Relationship { cardinality: Cardinality::ManyToMany(junction), .. }, _)) = link {
            sql.raw(" INNER JOIN ").qualified(&junction.table.schema, &junction.table.name);
            let alias = junction_alias(node);
            sql.raw(" AS ").name(&alias).raw(" ON ");
            pairs(sql, &junction.target_columns, &node.alias, &alias);
        }
    }

    fn filtered(&self, sql: &mut Sql, node: &Node, link: Link<'_>, inner: Inner) {
        let mut conjunction = Conjunction { start: " WHERE ", is_empty: true };
        self.conditions(sql, &mut conjunction, node, link, inner);
    }

    fn conditions(&self, sql: &mut Sql, all: &mut Conjunction, node: &Node, link: Link<'_>, inner: Inner) {
        if let Some((relationship, parent)) = link {
            self.link(sql, all, relationship, node, parent);
        }
        for condition in &node.conditions {
            all.next(sql);
            self.condition(sql, condition, node);
        }
        for embed in node.embeds.iter().filter(|embed| embed.inner) {
            if embed.kind == EmbedKind::SpreadOne && inner == Inner::Joined {
                continue;
            }
            all.next(sql);
            self.exists(sql, embed, &node.alias);
        }
    }

    fn order(&self, sql: &mut Sql, node: &Node) {
        for (at, sort) in node.order.iter().enumerate() {
            sql.raw(if at == 0 { " ORDER BY " } else { ", " });
            self.sort(sql, sort, node);
            sql.raw(match sort.descending {
                None => "",
                Some(false) => " ASC",
                Some(true) => " DESC",
            });
            sql.raw(match sort.nulls_first {
                None => "",
                Some(true) => " NULLS FIRST",
                Some(false) => " NULLS LAST",
            });
        }
    }

    fn sort(&self, sql: &mut Sql, sort: &Sort, node: &Node) {
        let embed = sort.embed.and_then(|at| node.embeds.get(at));
        match embed {
            None => self.expression(sql, &sort.expression, node),
            Some(embed) if embed.kind == EmbedKind::SpreadOne => {
                self.expression(sql, &sort.expression, &embed.node);
            }
            Some(embed) => {
                let link = Some((&*embed.relationship, node.alias.as_str()));
                sql.raw("(SELECT ");
                self.expression(sql, &sort.expression, &embed.node);
                sql.raw(" FROM ");
                self.from(sql, &embed.node, link);
                self.filtered(sql, &embed.node, link, Inner::Tested);
                sql.raw(")");
            }
        }
    }
}

/// Whether spreads that must match are joined already, or must be tested like other embeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Inner {
    Joined,
    Tested,
}

/// Whether a node's rows are all there are, or may be missing beside the parent's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rows {
    All,
    Joined,
}

/// Conditions with AND between them.
struct Conjunction {
    start: &'static str,
    is_empty: bool,
}

impl Default for Conjunction {
    fn default() -> Conjunction {
        Conjunction { start: "", is_empty: true }
    }
}

impl Conjunction {
    fn next(&mut self, sql: &mut Sql) {
        sql.raw(if self.is_empty { self.start } else { " AND " });
        self.is_empty = false;
    }
}

fn limit(sql: &mut Sql, node: &Node, link: Link<'_>) {
    let limit = match link.map(|(relationship, _)| &relationship.cardinality) {
        // A function that was declared to give one row may give more.
        Some(Cardinality::Computed { single: true, .. }) => {
            Some(node.range.limit().map_or(1, |limit| limit.min(1)))
        }
        // A key has one row at most.
        Some(Cardinality::ManyToOne { .. } | Cardinality::OneToOne { .. }) => {
            node.range.limit().filter(|limit| *limit < 1)
        }
        _ => node.range.limit(),
    };
    if let Some(limit) = limit {
        sql.raw(" LIMIT ").number(limit);
    }
    if node.range.lower > 0 {
        sql.raw(" OFFSET ").number(node.range.lower);
    }
}
