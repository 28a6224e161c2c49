//! FROM: tables, sub-queries, functions, joins.

use super::Parser;
use crate::ast::{
    Alias, Ident, JoinCondition, JoinKind, RelationName, Select, TableFunction, TableRef, TypeName,
};
use crate::lexer::{Keyword, Kind};
use sqlstate::Result;

/// What stands in parentheses in FROM.
enum Source {
    Query(Box<Select>),
    Table(Box<TableRef>),
}

/// gram.y's `func_alias_clause`: an alias with columns by name, or with definitions.
struct FunctionAlias {
    alias: Option<Alias>,
    definitions: Vec<(Ident, TypeName)>,
}

impl Parser<'_> {
    pub(super) fn sources(&mut self) -> Result<Vec<TableRef>> {
        self.list(Self::table_ref)
    }

    /// gram.y's `table_ref`: a source and the joins behind it.
    pub(super) fn table_ref(&mut self) -> Result<TableRef> {
        self.enter(2)?;
        let before = self.begin_tree();
        let first = self.table_source()?;
        let table = self.joins(first)?;
        self.end_tree(before);
        self.leave(2);
        Ok(table)
    }

    #[inline(never)]
    fn table_source(&mut self) -> Result<TableRef> {
        let position = self.position();
        let lateral = self.accept(Keyword::Lateral);
        if self.is_char(b'(') {
            if lateral {
                let position = self.position();
                let query = Box::new(self.select_with_parentheses()?);
                let alias = self.alias()?;
                return self.subquery(true, query, alias, position);
            }
            return match self.parenthesized_source()? {
                Source::Table(table) => Ok(*table),
                Source::Query(query) => {
                    let alias = self.alias()?;
                    self.subquery(false, query, alias, position)
                }
            };
        }
        if self.is(Keyword::Xmltable) && self.is_char_at(1, b'(') {
            return self.refuse("XMLTABLE", position);
        }
        if self.is(Keyword::Rows) && self.is_at(1, Keyword::From) {
            return self.rows_from(lateral);
        }
        if lateral || self.starts_function() && !self.is(Keyword::Only) {
            let call = self.windowless_function()?;
            let ordinality = self.ordinality()?;
            let FunctionAlias { alias, definitions } = self.function_alias()?;
            let functions = vec![TableFunction { call, columns: definitions }];
            return Ok(TableRef::Function {
                lateral,
                functions,
                rows_from: false,
                ordinality,
                alias,
                position,
            });
        }
        let name = self.relation_name()?;
        let alias = self.alias()?;
        let sample = self.accept(Keyword::Tablesample);
        if sample {
            self.function_name()?;
            self.parenthesized(Self::expression)?;
            if self.accept(Keyword::Repeatable) {
                self.parenthesized(Self::expression)?;
            }
        }
        Ok(TableRef::Relation { name, alias, sample })
    }

    fn subquery(
        &mut self,
        lateral: bool,
        query: Box<Select>,
        alias: Option<Alias>,
        position: u32,
    ) -> Result<TableRef> {
        if alias.is_none() {
            let values = matches!(query.body, crate::ast::QueryBody::Values(_));
            let (what, example) =
                if values { ("VALUES", "(VALUES ...)") } else { ("subquery", "(SELECT ...)") };
            let hint = format!("For example, FROM {example} [AS] foo.");
            return super::call::hinted(&format!("{what} in FROM must have an alias"), &hint, position);
        }
        Ok(TableRef::Subquery { lateral, query, alias, position })
    }

    /// `( query )` or `( joined tables )`, whose alias may follow.
    fn parenthesized_source(&mut self) -> Result<Source> {
        let inner = self.nested(|p| {
            p.expect_char(b'(')?;
            if p.starts_select(0) {
                return Ok(Source::Query(Box::new(p.select()?)));
            }
            let position = p.position();
            if !p.is_char(b'(') {
                let first = p.table_source()?;
                return p.joined_source(first).map(|table| Source::Table(Box::new(table)));
            }
            match p.parenthesized_source()? {
                Source::Query(query) if p.is_char(b')') || p.continues_select() => {
                    Ok(Source::Query(Box::new(p.select_behind(*query)?)))
                }
                Source::Query(query) => {
                    let alias = p.alias()?;
                    if !p.at_join() {
                        return Err(p.unexpected());
                    }
                    let first = p.subquery(false, query, alias, position)?;
                    p.joined_source(first).map(|table| Source::Table(Box::new(table)))
                }
                // `((a JOIN b ON …))` is the join itself; one with an alias may not stand in parentheses alone.
                Source::Table(table)
                    if p.is_char(b')') && matches!(*table, TableRef::Join { alias: None, .. }) =>
                {
                    Ok(Source::Table(table))
                }
                Source::Table(table) => p.joined_source(*table).map(|table| Source::Table(Box::new(table))),
            }
        })?;
        self.expect_char(b')')?;
        match inner {
            Source::Table(mut table) => {
                if let Some(found) = self.alias()?
                    && let TableRef::Join { alias, .. } = &mut *table
                {
                    *alias = Some(found);
                }
                Ok(Source::Table(table))
            }
            query => Ok(query),
        }
    }

    /// At least one join behind `first`: what alone may stand in parentheses.
    fn joined_source(&mut self, first: TableRef) -> Result<TableRef> {
        if !self.at_join() {
            return Err(self.unexpected());
        }
        self.joins(first)
    }

    fn at_join(&self) -> bool {
        use Keyword as K;
        matches!(
            self.keyword(),
            Some(K::Cross | K::Natural | K::Join | K::Inner | K::Left | K::Right | K::Full)
        )
    }

    fn joins(&mut self, mut left: TableRef) -> Result<TableRef> {
        while self.at_join() {
            let position = self.position();
            if self.accept(Keyword::Cross) {
                self.expect(Keyword::Join)?;
                let right = Box::new(self.link(|p| p.nested(Self::table_source))?);
                let (kind, condition) = (JoinKind::Inner, JoinCondition::None);
                left = TableRef::Join { kind, left: Box::new(left), right, condition, alias: None, position };
                continue;
            }
            let natural = self.accept(Keyword::Natural);
            let kind = self.join_kind()?;
            // Without a condition of its own before it, the right side takes further joins first: `a JOIN b JOIN c ON … ON …`.
            let right = self.link(|p| {
                p.nested(|p| {
                    let right = p.table_source()?;
                    if natural { Ok(right) } else { p.joins(right) }
                })
            })?;
            let condition = if natural { JoinCondition::Natural } else { self.join_condition()? };
            left = TableRef::Join {
                kind,
                left: Box::new(left),
                right: Box::new(right),
                condition,
                alias: None,
                position,
            };
        }
        Ok(left)
    }

    fn join_kind(&mut self) -> Result<JoinKind> {
        let kind = match self.keyword() {
            Some(Keyword::Left) => JoinKind::Left,
            Some(Keyword::Right) => JoinKind::Right,
            Some(Keyword::Full) => JoinKind::Full,
            Some(Keyword::Inner) => {
                self.advance();
                self.expect(Keyword::Join)?;
                return Ok(JoinKind::Inner);
            }
            _ => {
                self.expect(Keyword::Join)?;
                return Ok(JoinKind::Inner);
            }
        };
        self.advance();
        self.accept(Keyword::Outer);
        self.expect(Keyword::Join)?;
        Ok(kind)
    }

    fn join_condition(&mut self) -> Result<JoinCondition> {
        if self.accept(Keyword::Using) {
            let columns = self.column_names()?;
            let alias = if self.accept(Keyword::As) { Some(self.column_id()?) } else { None };
            return Ok(JoinCondition::Using(columns, alias));
        }
        self.expect(Keyword::On)?;
        Ok(JoinCondition::On(self.expression()?))
    }

    /// gram.y's `relation_expr`.
    pub(super) fn relation_name(&mut self) -> Result<RelationName> {
        if self.accept(Keyword::Only) {
            if self.accept_char(b'(') {
                let name = self.qualified_name()?;
                self.expect_char(b')')?;
                return Ok(RelationName { name, only: true });
            }
            return Ok(RelationName { name: self.qualified_name()?, only: true });
        }
        let name = self.qualified_name()?;
        self.accept_char(b'*');
        Ok(RelationName { name, only: false })
    }

    /// gram.y's `opt_alias_clause`.
    fn alias(&mut self) -> Result<Option<Alias>> {
        if !self.accept(Keyword::As) && !self.is_column_id(0) {
            return Ok(None);
        }
        let name = self.column_id()?;
        Ok(Some(Alias { name, columns: self.optional_column_names()? }))
    }

    fn function_alias(&mut self) -> Result<FunctionAlias> {
        let explicit = self.accept(Keyword::As);
        if explicit && self.is_char(b'(') {
            let definitions = self.parenthesized(Self::column_definition_item)?;
            return Ok(FunctionAlias { alias: None, definitions });
        }
        if !explicit && !self.is_column_id(0) {
            return Ok(FunctionAlias { alias: None, definitions: Vec::new() });
        }
        let name = self.column_id()?;
        let mut alias = Alias { name, columns: Vec::new() };
        let mut definitions = Vec::new();
        if self.is_char(b'(') {
            let untyped = self.is_column_id(1) && matches!(self.kind_at(2), Kind::Char(b',' | b')'));
            if untyped {
                alias.columns = self.column_names()?;
            } else {
                definitions = self.parenthesized(Self::column_definition_item)?;
            }
        }
        Ok(FunctionAlias { alias: Some(alias), definitions })
    }

    /// gram.y's `TableFuncElement`.
    pub(super) fn column_definition_item(&mut self) -> Result<(Ident, TypeName)> {
        let name = self.column_id()?;
        let type_name = self.type_name()?;
        let position = self.position();
        if self.accept(Keyword::Collate) {
            self.any_name()?;
            return self.refuse("COLLATE in a column definition list", position);
        }
        Ok((name, type_name))
    }

    fn ordinality(&mut self) -> Result<bool> {
        Ok(self.accept_pair(Keyword::With, Keyword::Ordinality))
    }

    fn rows_from(&mut self, lateral: bool) -> Result<TableRef> {
        let position = self.position();
        self.expect_all(&[Keyword::Rows, Keyword::From])?;
        let functions = self.parenthesized(|p| {
            let call = p.windowless_function()?;
            let columns = if p.accept(Keyword::As) {
                p.parenthesized(Self::column_definition_item)?
            } else {
                Vec::new()
            };
            Ok(TableFunction { call, columns })
        })?;
        let ordinality = self.ordinality()?;
        let FunctionAlias { alias, definitions } = self.function_alias()?;
        if !definitions.is_empty() {
            return self.refuse("a column definition list behind ROWS FROM", position);
        }
        Ok(TableRef::Function { lateral, functions, rows_from: true, ordinality, alias, position })
    }
}
