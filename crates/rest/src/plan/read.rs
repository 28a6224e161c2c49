//! What rows are wanted and how they are shaped, resolved against the catalog.

use super::draft::{Draft, Shaping};
use super::{Base, Cast, Condition, EmbedKind, Embedded, Expression, Node, Output, Sort, Source, embed};
use crate::error::Refusal;
use crate::model::{Column, Door, Model, Named, Returns, Routine, Shape, Table, column_suggestion};
use crate::query::{Field, Filter, Join, Key, Logic, Operation, OrderTerm, Query, Range, SelectField, Truth};
use crate::settings::Settings;
use database::DatabaseError;
use std::collections::HashSet;
use std::sync::Arc;

/// Longer names are cut, so that what is added to them stays.
const ALIAS_MAX: usize = 48;

/// Resolves a tree of resources.
pub(crate) struct ReadPlanner<'a> {
    model: &'a Model,
    door: &'a Door,
    schema: &'a str,
    settings: &'a Settings,
    max_rows: Option<i64>,
    aliases: HashSet<String>,
    /// Embeds that the request calls by the target's name although they have another.
    renamed: Vec<(String, String)>,
    /// The first column that is not there. PostgreSQL would say so last, after all that needs no database.
    missing: Option<DatabaseError>,
}

/// The plan, and what the database would refuse in it.
pub(crate) struct ReadPlan {
    pub(crate) node: Node,
    pub(crate) missing: Option<DatabaseError>,
    /// Embeds that the request calls by the target's name, and the name that they have.
    pub(crate) renamed: Vec<(String, String)>,
}

impl<'a> ReadPlanner<'a> {
    /// A planner for requests to a schema. `max_rows` bounds each level.
    pub(crate) fn new(
        model: &'a Model,
        door: &'a Door,
        settings: &'a Settings,
        schema: &'a str,
        max_rows: Option<i64>,
    ) -> ReadPlanner<'a> {
        ReadPlanner {
            model,
            door,
            settings,
            schema,
            max_rows,
            renamed: Vec::new(),
            aliases: HashSet::new(),
            missing: None,
        }
    }

    /// Resolves a query over rows of `source`; `name` is what they are called.
    pub(crate) fn plan(
        mut self,
        query: &Query,
        top: Range,
        source: Source,
        name: &str,
    ) -> Result<ReadPlan, Refusal> {
        let shaping = if matches!(source, Source::Written(_)) { Shaping::Written } else { Shaping::All };
        let mut draft = Draft::new(query, shaping, self.settings.legacy_target_names)?;
        draft.range = if shaping == Shaping::All { top } else { Range::ALL };
        let alias = self.alias(name, 0);
        let mut node = self.node(&draft, source, alias, 0, false)?;
        self.check_aggregates(&node)?;
        if shaping == Shaping::Written {
            clear_limits(&mut node);
        }
        Ok(ReadPlan { node, missing: self.missing, renamed: self.renamed })
    }

    fn alias(&mut self, name: &str, depth: usize) -> String {
        let base: String = name.chars().take(ALIAS_MAX).collect();
        let mut alias = if depth == 0 { base.clone() } else { format!("{base}_{depth}") };
        let mut number = 1;
        while !self.aliases.insert(alias.clone()) {
            number += 1;
            alias = format!("{base}_{depth}_{number}");
        }
        alias
    }

    fn node(
        &mut self,
        draft: &Draft<'_>,
        source: Source,
        alias: String,
        depth: usize,
        within_aggregate: bool,
    ) -> Result<Node, Refusal> {
        let aggregates = within_aggregate || draft.fields.iter().any(|field| field.aggregate.is_some());
        let many = draft.embed.is_some_and(|embed| embed.spread);
        let mut node = Node {
            source,
            alias,
            columns: Vec::new(),
            embeds: Vec::new(),
            conditions: Vec::new(),
            order: Vec::new(),
            range: draft.range.restrict(self.max_rows),
        };
        if let (Some(embed), true) = (draft.embed, draft.called_by_target)
            && let Some(alias) = &embed.alias
        {
            self.renamed.push((embed.target.clone(), alias.clone()));
        }
        let represented = node.source.table().is_some_and(|table| table.is_represented());
        let expand = aggregates || many || represented || has_aggregates(draft);
        node.columns = self.columns(draft, &node, expand);
        for child in &draft.children {
            let embedded = self.embedded(child, &node, depth + 1, aggregates)?;
            if node.embeds.iter().any(|other| other.key == embedded.key) {
                self.double(&node, &embedded.key, depth + 1);
            }
            node.embeds.push(embedded);
        }
        for filter in &draft.filters {
            let condition = self.filter(filter, &node)?;
            node.conditions.push(condition);
        }
        for tree in &draft.logic {
            let condition = self.logic(tree, &node)?;
            node.conditions.push(condition);
        }
        for term in draft.order {
            let sort = self.sort(term, &node)?;
            node.order.push(sort);
        }
        Ok(node)
    }

    fn columns(&mut self, draft: &Draft<'_>, node: &Node, expand: bool) -> Vec<Output> {
        let mut columns = Vec::new();
        if draft.fields.is_empty() && draft.children.is_empty() && draft.embed.is_none() {
            return match node.source.table().filter(|table| table.is_represented()) {
                Some(table) => table.columns.iter().map(Output::represented).collect(),
                None => vec![Output { expression: star(), ..Output::column("") }],
            };
        }
        for field in &draft.fields {
            match (node.source.table(), field.aggregate) {
                (Some(table), None) if expand && field.field.name == "*" => {
                    columns.extend(table.columns.iter().map(Output::represented));
                }
                _ => columns.push(self.output(field, node)),
            }
        }
        columns
    }

    fn output(&mut self, field: &SelectField, node: &Node) -> Output {
        let is_old_count = field.field.name == "count"
            && field.field.path.is_empty()
            && node.source.table().is_some_and(|table| self.model.named(table, "count").is_none());
        let mut output = Output {
            expression: if is_old_count {
                Expression { base: Base::RowCount, path: Vec::new(), to_json: false }
            } else {
                self.expression(&field.field, node)
            },
            format: self.column(&field.field, node).and_then(Column::json_writer).cloned(),
            cast: field.cast.as_deref().map(Cast::read),
            aggregate: field.aggregate,
            aggregate_cast: field.aggregate_cast.as_deref().map(Cast::read),
            label: field.alias.clone(),
        };
        if output.aggregate.is_some() {
            output.format = None;
        }
        if output.label.is_none() && output.aggregate.is_none() {
            output.label = field.field.implied_alias().map(str::to_owned);
        }
        output
    }

    /// The column that a field is, whole.
    fn column<'n>(&self, field: &Field, node: &'n Node) -> Option<&'n Column> {
        node.source.table()?.column(&field.name).filter(|_| field.path.is_empty())
    }

    fn expression(&mut self, field: &Field, node: &Node) -> Expression {
        if field.name == "*" {
            return star();
        }
        let (base, json) = match node.source.table() {
            Some(table) => match self.model.named(table, &field.name) {
                Some(named) => {
                    let json = matches!(named.shape(), Shape::Json | Shape::Jsonb);
                    (base_of(named), json)
                }
                None => {
                    self.miss(&field.name, &node.alias, table);
                    (Base::Column(field.name.clone()), false)
                }
            },
            // Only a run can tell the columns of a record: the name is the client's, quoted.
            None => (Base::Column(field.name.clone()), false),
        };
        for step in &field.path {
            if let Key::Index(digits) = &step.key
                && digits.parse::<i32>().is_err()
            {
                {
                    let error = DatabaseError::new(
                        sqlstate::NUMERIC_VALUE_OUT_OF_RANGE,
                        format!("value \"{digits}\" is out of range for type integer"),
                    );
                    self.missing.get_or_insert(error);
                }
            }
        }
        Expression { base, path: field.path.clone(), to_json: !json && !field.path.is_empty() }
    }

    fn miss(&mut self, name: &str, alias: &str, table: &Table) {
        if self.missing.is_some() {
            return;
        }
        let mut error =
            DatabaseError::new(sqlstate::UNDEFINED_COLUMN, format!("column {alias}.{name} does not exist"));
        let columns = table.columns.iter().map(|column| column.name.as_str());
        match column_suggestion(name, columns).as_slice() {
            [one] => {
                let hint = format!("Perhaps you meant to reference the column \"{alias}.{one}\".");
                error = error.with_hint(hint);
            }
            [one, two] => {
                let hint = format!(
                    "Perhaps you meant to reference the column \"{alias}.{one}\" or the column \"{alias}.{two}\"."
                );
                error = error.with_hint(hint);
            }
            _ => {}
        }
        self.missing = Some(error);
    }

    /// Of two embeds under one key nobody could tell which is which.
    fn double(&mut self, node: &Node, key: &str, depth: usize) {
        let origin = node.source.table().map_or(node.alias.as_str(), |table| table.name.as_str());
        let message = format!("table name \"{origin}_{key}_{depth}\" specified more than once");
        self.missing.get_or_insert(DatabaseError::new(sqlstate::DUPLICATE_ALIAS, message));
    }

    fn embedded(
        &mut self,
        draft: &Draft<'_>,
        parent: &Node,
        depth: usize,
        within_aggregate: bool,
    ) -> Result<Embedded, Refusal> {
        let Some(asked) = draft.embed else {
            return Err(Refusal::Database(DatabaseError::internal("an embed without a name")));
        };
        let origin = match parent.source.table() {
            Some(table) => (table.oid, table.name.as_str()),
            None => (0, parent.alias.as_str()),
        };
        let relationship = embed::find(self.model, self.door, self.schema, origin, asked)?;
        let kind = match (asked.spread, relationship.is_to_one()) {
            (false, true) => EmbedKind::Object,
            (false, false) => EmbedKind::Array,
            (true, true) => EmbedKind::SpreadOne,
            (true, false) => EmbedKind::SpreadMany,
        };
        let alias = self.alias(&relationship.target.name, depth);
        let source = Source::Table(Arc::clone(&relationship.target));
        let within = within_aggregate && kind == EmbedKind::SpreadOne;
        let node = self.node(draft, source, alias, depth, within)?;
        let tested = self.alias(&format!("{}_tested", node.alias), depth);
        let is_empty = node.columns.is_empty() && node.embeds.iter().all(|embed| embed.is_empty);
        Ok(Embedded {
            key: asked.alias.clone().unwrap_or_else(|| asked.target.clone()),
            inner: asked.join == Some(Join::Inner),
            is_empty,
            node,
            relationship,
            kind,
            tested,
        })
    }

    fn filter(&mut self, filter: &Filter, node: &Node) -> Result<Condition, Refusal> {
        if let Some(at) = embed_named(node, &filter.field) {
            // Of other tests it is no subject: such a column is missing, if there is none.
            match filter.operation {
                Operation::Is(Truth::Null) => {
                    return Ok(Condition::Embed { at, present: filter.negated });
                }
                Operation::Is(Truth::NotNull) => {
                    return Ok(Condition::Embed { at, present: !filter.negated });
                }
                _ => {}
            }
        }
        let expression = self.expression(&filter.field, node);
        let shape = node.source.table().and_then(|table| self.model.named(table, &filter.field.name));
        let search_vector =
            filter.field.path.is_empty() && shape.is_some_and(|named| *named.shape() == Shape::SearchVector);
        Ok(Condition::Filter {
            expression,
            parser: self.column(&filter.field, node).and_then(Column::text_reader).cloned(),
            negated: filter.negated,
            operation: filter.operation.clone(),
            search_vector,
        })
    }

    fn logic(&mut self, tree: &Logic, node: &Node) -> Result<Condition, Refusal> {
        match tree {
            Logic::Filter(filter) => self.filter(filter, node),
            Logic::Group { negated, any, members } => {
                let members =
                    members.iter().map(|member| self.logic(member, node)).collect::<Result<_, _>>()?;
                Ok(Condition::Group { negated: *negated, any: *any, members })
            }
        }
    }

    fn sort(&mut self, term: &OrderTerm, node: &Node) -> Result<Sort, Refusal> {
        let (embed, expression) = match &term.relation {
            None => (None, self.expression(&term.field, node)),
            Some(name) => {
                let Some(at) = node.embeds.iter().position(|embed| embed.key == *name) else {
                    return Err(Refusal::NotEmbedded { name: name.clone(), alias: None });
                };
                if !node.embeds[at].relationship.is_to_one() {
                    let origin = node.source.table().map_or(&node.alias, |table| &table.name).clone();
                    return Err(Refusal::RelatedOrder { origin, target: name.clone() });
                }
                (Some(at), self.related(&term.field, &node.embeds[at].node))
            }
        };
        Ok(Sort { embed, expression, descending: term.descending, nulls_first: term.nulls_first })
    }

    /// A value of an embed, by the key that it has there, or else by its column.
    fn related(&mut self, field: &Field, node: &Node) -> Expression {
        let labelled = node.columns.iter().find(|output| {
            output.label.as_ref() == Some(&field.name) && output.cast.is_none() && !output.is_aggregate()
        });
        match labelled {
            Some(output) if field.path.is_empty() => output.expression.clone(),
            _ => self.expression(field, node),
        }
    }

    /// Resolves conditions on a relation's own rows, for a write.
    pub(crate) fn conditions(
        mut self,
        query: &Query,
        table: &Arc<Table>,
    ) -> Result<(Vec<Condition>, Option<DatabaseError>), Refusal> {
        let node = Node {
            source: Source::Table(Arc::clone(table)),
            alias: table.name.clone(),
            columns: Vec::new(),
            embeds: Vec::new(),
            conditions: Vec::new(),
            order: Vec::new(),
            range: Range::ALL,
        };
        let mut conditions = Vec::new();
        for (_, filter) in query.filters.iter().filter(|(path, _)| path.is_empty()) {
            conditions.push(self.filter(filter, &node)?);
        }
        for (_, tree) in query.logic.iter().filter(|(path, _)| path.is_empty()) {
            conditions.push(self.logic(tree, &node)?);
        }
        Ok((conditions, self.missing))
    }

    fn check_aggregates(&self, node: &Node) -> Result<(), Refusal> {
        let asked = |output: &Output| output.aggregate.is_some();
        if !self.settings.aggregates_enabled && node.columns.iter().any(asked) {
            return Err(Refusal::Aggregates);
        }
        for embed in &node.embeds {
            if embed.kind == EmbedKind::SpreadMany && embed.node.aggregates() {
                if !self.settings.aggregates_enabled {
                    return Err(Refusal::Aggregates);
                }
                return Err(Refusal::NotImplemented(
                    "Aggregates are not implemented for one-to-many or many-to-many spreads.",
                ));
            }
            self.check_aggregates(&embed.node)?;
        }
        Ok(())
    }
}

fn clear_limits(node: &mut Node) {
    node.range = Range::ALL;
    for embed in &mut node.embeds {
        clear_limits(&mut embed.node);
    }
}

fn has_aggregates(draft: &Draft<'_>) -> bool {
    let spread_one = |child: &&Draft<'_>| child.embed.is_some_and(|embed| embed.spread);
    draft.fields.iter().any(|field| field.aggregate.is_some())
        || draft.children.iter().filter(spread_one).any(has_aggregates)
}

fn embed_named(node: &Node, field: &Field) -> Option<usize> {
    if !field.path.is_empty() {
        return None;
    }
    node.embeds.iter().position(|embed| embed.key == field.name)
}

fn star() -> Expression {
    Expression { base: Base::Star, path: Vec::new(), to_json: false }
}

fn base_of(named: Named<'_>) -> Base {
    match named {
        Named::Column(column) => Base::Column(column.name.clone()),
        Named::Computed(field) => {
            Base::Computed { schema: field.schema.clone(), function: field.name.clone() }
        }
    }
}

/// The relation whose rows a function gives, or a made-up one of the columns that it declares.
pub(crate) fn result_table(model: &Model, routine: &Routine) -> Option<Arc<Table>> {
    match &routine.returns {
        Returns::Composite(oid) => {
            model.table_by_oid(*oid).cloned().or_else(|| model.composite(*oid).map(Arc::new))
        }
        Returns::Columns(columns) => Some(Arc::new(Table::of_columns(&routine.name, columns))),
        Returns::Void | Returns::Scalar | Returns::Record => None,
    }
}
