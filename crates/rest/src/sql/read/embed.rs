//! Embedded nodes: what is joined, tested and put into a column.

use super::super::{EMBEDDED, Sql};
use super::{Conjunction, Inner, Rows, Writer, source_name};
use crate::model::{Cardinality, Relationship};
use crate::plan::{EmbedKind, Embedded, Node};

impl Writer {
    /// The value of an object or array.
    pub(super) fn embedded(&self, sql: &mut Sql, embed: &Embedded, parent: &str) {
        let rows = source_name(&embed.node, EMBEDDED);
        let to_one = embed.kind == EmbedKind::Object;
        sql.raw(if to_one { "(SELECT row_to_json(" } else { "(SELECT coalesce(json_agg(" });
        sql.name(&rows).raw(if to_one { ") FROM (" } else { "), '[]') FROM (" });
        self.select(sql, &embed.node, Some((&embed.relationship, parent)));
        sql.raw(") ").name(&rows).raw(")");
    }

    pub(super) fn spread_one(
        &self,
        sql: &mut Sql,
        node: &Node,
        grouped: bool,
        separate: &mut impl FnMut(&mut Sql, bool),
    ) {
        for output in &node.columns {
            separate(sql, output.is_aggregate());
            self.output(sql, output, node, Rows::Joined);
        }
        for embed in node.embeds.iter().filter(|embed| !embed.is_empty) {
            match embed.kind {
                EmbedKind::Object | EmbedKind::Array => {
                    separate(sql, false);
                    self.embedded(sql, embed, &node.alias);
                    sql.raw(if grouped { "::jsonb AS " } else { " AS " }).name(&embed.key);
                }
                EmbedKind::SpreadOne => self.spread_nested(sql, &embed.node, grouped, separate),
                EmbedKind::SpreadMany => self.spread_many(sql, embed, &node.alias, grouped, separate),
            }
        }
    }

    /// A spread within a spread; apart, since a generic function cannot call itself with itself borrowed.
    fn spread_nested(
        &self,
        sql: &mut Sql,
        node: &Node,
        grouped: bool,
        separate: &mut dyn FnMut(&mut Sql, bool),
    ) {
        self.spread_one(sql, node, grouped, &mut |sql: &mut Sql, aggregate| separate(sql, aggregate));
    }

    /// Each column of the related rows as an array; all arrays have the same order.
    pub(super) fn spread_many(
        &self,
        sql: &mut Sql,
        embed: &Embedded,
        parent: &str,
        grouped: bool,
        separate: &mut impl FnMut(&mut Sql, bool),
    ) {
        let rows = source_name(&embed.node, EMBEDDED);
        for label in embed.node.labels().unwrap_or_default() {
            separate(sql, false);
            sql.raw("(SELECT coalesce(json_agg(").qualified(&rows, &label).raw("), '[]') FROM (");
            self.select(sql, &embed.node, Some((&embed.relationship, parent)));
            sql.raw(") ").name(&rows).raw(if grouped { ")::jsonb AS " } else { ") AS " }).name(&label);
        }
    }

    /// A spread of one row as a join, so that its columns can be used like the parent's.
    pub(super) fn join(&self, sql: &mut Sql, embed: &Embedded, parent: &str) {
        let link = Some((&*embed.relationship, parent));
        let computed = matches!(embed.relationship.cardinality, Cardinality::Computed { .. });
        let nested: Vec<&Embedded> =
            embed.node.embeds.iter().filter(|embed| embed.kind == EmbedKind::SpreadOne).collect();
        sql.raw(if embed.inner { " INNER JOIN " } else { " LEFT JOIN " });
        sql.raw(if computed { "LATERAL " } else { "" });
        sql.raw(if nested.is_empty() { "" } else { "(" });
        self.from(sql, &embed.node, link);
        for inner in &nested {
            self.join(sql, inner, &embed.node.alias);
        }
        sql.raw(if nested.is_empty() { "" } else { ")" });
        sql.raw(" ON ");
        let mut conditions = Conjunction::default();
        self.conditions(sql, &mut conditions, &embed.node, link, Inner::Joined);
        if conditions.is_empty {
            sql.raw("true");
        }
    }

    pub(super) fn link(
        &self,
        sql: &mut Sql,
        all: &mut Conjunction,
        relationship: &Relationship,
        node: &Node,
        parent: &str,
    ) {
        match &relationship.cardinality {
            Cardinality::ManyToOne { columns, .. }
            | Cardinality::OneToMany { columns, .. }
            | Cardinality::OneToOne { columns, .. } => {
                all.next(sql);
                pairs(sql, columns, parent, &node.alias);
            }
            Cardinality::ManyToMany(junction) => {
                all.next(sql);
                pairs(sql, &junction.origin_columns, parent, &junction_alias(node));
            }
            Cardinality::Computed { .. } => {}
        }
    }

    pub(super) fn exists(&self, sql: &mut Sql, embed: &Embedded, parent: &str) {
        let link = Some((&*embed.relationship, parent));
        let node = Node { alias: embed.tested.clone(), ..embed.node.clone() };
        sql.raw("EXISTS (SELECT 1 FROM ");
        self.from(sql, &node, link);
        self.filtered(sql, &node, link, Inner::Tested);
        sql.raw(")");
    }
}

pub(super) fn junction_alias(node: &Node) -> String {
    format!("{}_via", node.alias)
}

pub(super) fn pairs(sql: &mut Sql, columns: &[(String, String)], own: &str, other: &str) {
    for (at, (column, equal)) in columns.iter().enumerate() {
        sql.raw(if at > 0 { " AND " } else { "" });
        sql.qualified(other, equal).raw(" = ").qualified(own, column);
    }
}
