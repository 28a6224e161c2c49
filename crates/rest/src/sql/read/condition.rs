//! Conditions.

use super::super::Sql;
use super::Writer;
use crate::model::FunctionName;
use crate::plan::{Condition, Expression, Node};
use crate::query::{Operation, Operator, Quantifier, SearchFunction, Truth};
use database::Value;

impl Writer {
    pub(super) fn condition(&self, sql: &mut Sql, condition: &Condition, node: &Node) {
        match condition {
            Condition::Embed { at, present } => {
                sql.raw(if *present { "" } else { "NOT " });
                if let Some(embed) = node.embeds.get(*at) {
                    self.exists(sql, embed, &node.alias);
                }
            }
            Condition::Group { negated, any, members } => {
                sql.raw(if *negated { "NOT (" } else { "(" });
                for (at, member) in members.iter().enumerate() {
                    let word = if *any { " OR " } else { " AND " };
                    sql.raw(if at > 0 { word } else { "" });
                    self.condition(sql, member, node);
                }
                sql.raw(")");
            }
            Condition::Filter { expression, negated, operation, search_vector, parser } => {
                sql.raw(if *negated { "NOT (" } else { "" });
                self.operation(sql, expression, operation, (*search_vector, parser.as_ref()), node);
                sql.raw(if *negated { ")" } else { "" });
            }
        }
    }

    fn operation(
        &self,
        sql: &mut Sql,
        expression: &Expression,
        operation: &Operation,
        (search_vector, parser): (bool, Option<&FunctionName>),
        node: &Node,
    ) {
        match operation {
            Operation::Compare { operator, quantifier, value } => {
                self.expression(sql, expression, node);
                let (value, parser) = match operator {
                    Operator::Like | Operator::ILike => (value.replace('*', "%"), None),
                    _ => (value.clone(), parser),
                };
                sql.raw(" ").raw(operator.symbol()).raw(match quantifier {
                    None => " ",
                    Some(Quantifier::Any) => " ANY (",
                    Some(Quantifier::All) => " ALL (",
                });
                match (quantifier, parser) {
                    (None, _) => parsed(sql, &value, parser),
                    (Some(_), None) => {
                        sql.bind(Value::from(value));
                    }
                    (Some(_), Some(parser)) => {
                        sql.raw("SELECT ")
                            .qualified(&parser.schema, &parser.name)
                            .raw("(_v) FROM unnest(CAST(");
                        sql.bind(Value::from(value)).raw(" AS text[])) AS _v");
                    }
                }
                sql.raw(if quantifier.is_some() { ")" } else { "" });
            }
            // Nothing is in an empty list.
            Operation::In(values)
                if values.iter().all(|value| value.trim().is_empty()) && values.len() == 1 =>
            {
                sql.raw("false");
            }
            Operation::In(values) => {
                self.expression(sql, expression, node);
                sql.raw(" IN (");
                for (at, value) in values.iter().enumerate() {
                    sql.raw(if at > 0 { ", " } else { "" });
                    parsed(sql, value, parser);
                }
                sql.raw(")");
            }
            Operation::Is(truth) => {
                self.expression(sql, expression, node);
                sql.raw(match truth {
                    Truth::Null => " IS NULL",
                    Truth::NotNull => " IS NOT NULL",
                    Truth::True => " IS TRUE",
                    Truth::False => " IS FALSE",
                    Truth::Unknown => " IS UNKNOWN",
                });
            }
            Operation::IsDistinctFrom(value) => {
                self.expression(sql, expression, node);
                sql.raw(" IS DISTINCT FROM ").bind(Value::from(value.as_str()));
            }
            Operation::Search { function, language, value } => {
                let language = |sql: &mut Sql| {
                    if let Some(language) = language {
                        sql.bind(Value::from(language.as_str())).raw("::regconfig, ");
                    }
                };
                sql.raw(if search_vector { "" } else { "to_tsvector(" });
                if !search_vector {
                    language(sql);
                }
                self.expression(sql, expression, node);
                sql.raw(if search_vector { " @@ " } else { ") @@ " }).raw(match function {
                    SearchFunction::To => "to_tsquery(",
                    SearchFunction::Plain => "plainto_tsquery(",
                    SearchFunction::Phrase => "phraseto_tsquery(",
                    SearchFunction::Websearch => "websearch_to_tsquery(",
                });
                language(sql);
                sql.bind(Value::from(value.as_str())).raw(")");
            }
        }
    }
}

/// A value of a condition, as its column's domain wants it to be read.
pub(in crate::sql) fn parsed(sql: &mut Sql, value: &str, parser: Option<&FunctionName>) {
    match parser {
        None => {
            sql.bind(Value::from(value));
        }
        Some(parser) => {
            sql.qualified(&parser.schema, &parser.name).raw("(CAST(");
            sql.bind(Value::from(value)).raw(" AS text))");
        }
    }
}
