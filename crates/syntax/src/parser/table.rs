//! CREATE TABLE, CREATE TABLE AS, CREATE INDEX.

use super::Parser;
use super::call::not_implemented;
use crate::ast::{
    ColumnDefinition, CreateIndex, CreateTable, ExprKind, Ident, Name, OnCommit, Statement, TableElement,
};
use crate::lexer::{Keyword, Kind};
use sqlstate::Result;

/// What LIKE can copy, in PostgreSQL's order.
const LIKE_OPTIONS: [(Keyword, &str); 9] = [
    (Keyword::Comments, "COMMENTS"),
    (Keyword::Compression, "COMPRESSION"),
    (Keyword::Constraints, "CONSTRAINTS"),
    (Keyword::Defaults, "DEFAULTS"),
    (Keyword::Identity, "IDENTITY"),
    (Keyword::Generated, "GENERATED"),
    (Keyword::Indexes, "INDEXES"),
    (Keyword::Statistics, "STATISTICS"),
    (Keyword::Storage, "STORAGE"),
];

impl Parser<'_> {
    /// `[LOCAL|GLOBAL] TEMP`, UNLOGGED or nothing.
    pub(super) fn persistence(&mut self) -> Result<Option<&'static str>> {
        if matches!(self.keyword(), Some(Keyword::Local | Keyword::Global)) {
            self.advance();
            if !matches!(self.keyword(), Some(Keyword::Temp | Keyword::Temporary)) {
                return Err(self.unexpected());
            }
        }
        Ok(match self.keyword() {
            Some(Keyword::Temp | Keyword::Temporary) => {
                self.advance();
                Some("TEMPORARY")
            }
            Some(Keyword::Unlogged) => {
                self.advance();
                Some("UNLOGGED")
            }
            _ => None,
        })
    }

    /// From TABLE on.
    pub(super) fn create_table(&mut self, persistence: Option<&'static str>) -> Result<Statement> {
        self.expect(Keyword::Table)?;
        let if_not_exists = self.if_not_exists()?;
        let name = self.qualified_name()?;
        let mut table = CreateTable {
            name,
            if_not_exists,
            persistence,
            elements: Vec::new(),
            inherits: Vec::new(),
            partition: None,
            storage: Vec::new(),
            on_commit: None,
            other: Vec::new(),
        };
        match self.keyword() {
            Some(Keyword::Of) => {
                self.advance();
                self.any_name()?;
                table.other.push("OF type".to_owned());
                if self.is_char(b'(') {
                    self.skip_parentheses()?;
                }
            }
            Some(Keyword::Partition) => {
                self.expect_all(&[Keyword::Partition, Keyword::Of])?;
                self.qualified_name()?;
                table.partition = Some("PARTITION OF".to_owned());
                if self.is_char(b'(') {
                    self.skip_parentheses()?;
                }
                if !self.accept(Keyword::Default) {
                    self.expect_all(&[Keyword::For, Keyword::Values])?;
                    self.partition_bound()?;
                }
            }
            _ if self.is_char(b'(') && !self.at_name_list() => table.elements = self.table_elements()?,
            _ => return self.create_table_as(table),
        }
        if self.accept(Keyword::Inherits) {
            table.inherits = self.parenthesized(Self::qualified_name)?;
        }
        if self.accept(Keyword::Partition) {
            self.expect(Keyword::By)?;
            self.column_id()?;
            self.parenthesized(Self::index_element)?;
            table.partition = Some("PARTITION BY".to_owned());
        }
        self.table_tail(&mut table)?;
        Ok(Statement::CreateTable(Box::new(table)))
    }

    /// Whether a parenthesis holds names only: the columns of CREATE TABLE AS.
    fn at_name_list(&self) -> bool {
        self.is_column_id(1) && matches!(self.kind_at(2), Kind::Char(b',' | b')'))
    }

    fn partition_bound(&mut self) -> Result<()> {
        if self.accept(Keyword::In) {
            return self.skip_parentheses();
        }
        if self.accept(Keyword::From) {
            self.skip_parentheses()?;
            self.expect(Keyword::To)?;
            return self.skip_parentheses();
        }
        self.expect(Keyword::With)?;
        self.skip_parentheses()
    }

    /// USING, WITH, ON COMMIT, TABLESPACE.
    fn table_tail(&mut self, table: &mut CreateTable) -> Result<()> {
        if self.accept(Keyword::Using) {
            let method = self.column_id()?;
            table.other.push(format!("USING {method}"));
        }
        if self.is(Keyword::With) && !self.is_at(1, Keyword::Time) {
            self.advance();
            table.storage = self.storage_parameters()?;
        } else if self.accept(Keyword::Without) {
            self.expect(Keyword::Oids)?;
        }
        if self.accept(Keyword::On) {
            self.expect(Keyword::Commit)?;
            let action = match self.keyword() {
                Some(Keyword::Drop) => OnCommit::Drop,
                Some(Keyword::Delete) => OnCommit::DeleteRows,
                Some(Keyword::Preserve) => OnCommit::PreserveRows,
                _ => return Err(self.unexpected()),
            };
            self.advance();
            if action != OnCommit::Drop {
                self.expect(Keyword::Rows)?;
            }
            table.on_commit = Some(action);
        }
        if self.accept(Keyword::Tablespace) {
            let name = self.column_id()?;
            table.other.push(format!("TABLESPACE {name}"));
        }
        Ok(())
    }

    fn create_table_as(&mut self, mut table: CreateTable) -> Result<Statement> {
        let columns = self.optional_column_names()?;
        self.table_tail(&mut table)?;
        self.expect(Keyword::As)?;
        if self.is(Keyword::Execute) {
            return self.unsupported("CREATE TABLE AS EXECUTE");
        }
        let query = Box::new(self.query()?);
        Ok(Statement::CreateTableAs {
            name: table.name,
            if_not_exists: table.if_not_exists,
            columns,
            query,
            with_data: self.with_data()?,
            persistence: table.persistence,
            on_commit: table.on_commit,
            storage: table.storage,
            materialized: false,
        })
    }

    /// A query that must begin here.
    pub(super) fn query(&mut self) -> Result<crate::ast::Select> {
        let begins = self.starts_select(0) || self.is_char(b'(') || self.is(Keyword::Values);
        if begins { self.select() } else { Err(self.unexpected()) }
    }

    /// `WITH [NO] DATA`
    pub(super) fn with_data(&mut self) -> Result<bool> {
        if !self.accept(Keyword::With) {
            return Ok(true);
        }
        let no = self.accept(Keyword::No);
        self.expect(Keyword::Data)?;
        Ok(!no)
    }

    fn table_elements(&mut self) -> Result<Vec<TableElement>> {
        self.expect_char(b'(')?;
        if self.accept_char(b')') {
            return Ok(Vec::new());
        }
        let elements = self.list(|p| {
            if p.starts_table_constraint() {
                Ok(TableElement::Constraint(p.table_constraint()?))
            } else if p.is(Keyword::Like) {
                p.like_table()
            } else {
                Ok(TableElement::Column(p.column_definition()?))
            }
        })?;
        self.expect_char(b')')?;
        Ok(elements)
    }

    fn like_table(&mut self) -> Result<TableElement> {
        self.expect(Keyword::Like)?;
        let table = self.qualified_name()?;
        let mut chosen = [false; LIKE_OPTIONS.len()];
        while let Some(word @ (Keyword::Including | Keyword::Excluding)) = self.keyword() {
            self.advance();
            let on = word == Keyword::Including;
            match self.keyword() {
                Some(Keyword::All) => chosen = [on; LIKE_OPTIONS.len()],
                other => match LIKE_OPTIONS.iter().position(|(keyword, _)| Some(*keyword) == other) {
                    Some(index) => chosen[index] = on,
                    None => return Err(self.unexpected()),
                },
            }
            self.advance();
        }
        let including = LIKE_OPTIONS
            .iter()
            .zip(chosen)
            .filter(|(_, on)| *on)
            .map(|((_, name), _)| (*name).to_owned())
            .collect();
        Ok(TableElement::Like { table, including })
    }

    /// gram.y's `columnDef`.
    pub(super) fn column_definition(&mut self) -> Result<ColumnDefinition> {
        let position = self.position();
        let name = self.column_id()?;
        let type_name = self.type_name()?;
        let mut storage = None;
        if self.accept(Keyword::Compression) {
            let method = if self.accept(Keyword::Default) { "default".to_owned() } else { self.column_id()? };
            storage = Some(format!("COMPRESSION {method}"));
        }
        if self.is(Keyword::Options) && self.is_char_at(1, b'(') {
            let at = self.position();
            return self.refuse("OPTIONS of a column", at);
        }
        let (constraints, collation) = self.column_constraints()?;
        Ok(ColumnDefinition { name, type_name, collation, constraints, storage, position })
    }

    // --------------------------------------------------------------------------------- CREATE INDEX

    /// From INDEX on.
    pub(super) fn create_index(&mut self, unique: bool) -> Result<Statement> {
        self.expect(Keyword::Index)?;
        let concurrently = self.accept(Keyword::Concurrently);
        let if_not_exists = self.if_not_exists()?;
        let name = if self.is(Keyword::On) && !if_not_exists { None } else { Some(self.column_id()?) };
        self.expect(Keyword::On)?;
        let table = self.relation_name()?;
        let method = if self.accept(Keyword::Using) { self.column_id()? } else { "btree".to_owned() };
        let elements = self.parenthesized(Self::index_element)?;
        let include = if self.accept(Keyword::Include) { self.included_columns()? } else { Vec::new() };
        let nulls_not_distinct = self.nulls_not_distinct()?;
        let mut storage = Vec::new();
        if self.accept(Keyword::With) {
            storage = self.storage_parameters()?;
        }
        if self.accept(Keyword::Tablespace) {
            self.column_id()?;
        }
        let filter = self.filter()?;
        Ok(Statement::CreateIndex(Box::new(CreateIndex {
            name,
            unique,
            concurrently,
            if_not_exists,
            table,
            method,
            elements,
            include,
            nulls_not_distinct,
            storage,
            filter,
        })))
    }

    fn included_columns(&mut self) -> Result<Vec<Ident>> {
        let elements = self.parenthesized(Self::index_element)?;
        let mut columns = Vec::with_capacity(elements.len());
        for element in elements {
            match element.expr.kind {
                ExprKind::Column(mut parts) if parts.len() == 1 => columns.append(&mut parts),
                _ => return not_implemented("expressions are not supported in included columns", 0),
            }
        }
        Ok(columns)
    }

    /// A name for objects that have no schema.
    pub(super) fn simple_name(&mut self) -> Result<Name> {
        let position = self.position();
        Ok(Name { parts: vec![self.column_id()?], position })
    }
}
