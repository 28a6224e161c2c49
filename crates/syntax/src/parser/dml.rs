//! INSERT, UPDATE, DELETE, MERGE.

use super::Parser;
use crate::ast::{
    Assignment, ColumnTarget, ConflictTarget, ConflictUpdate, Delete, Expr, ExprKind, IndexElement,
    Indirection, Insert, Merge, MergeAction, MergeClause, OnConflict, Statement, Target, Update, With,
};
use crate::lexer::{Keyword, Kind};
use sqlstate::{DatabaseError, FEATURE_NOT_SUPPORTED, Result};

impl Parser<'_> {
    /// gram.y's `PreparableStmt`: a query or a modification, with its WITH.
    pub(super) fn preparable_statement(&mut self) -> Result<Statement> {
        match self.keyword() {
            Some(Keyword::With) => self.statement_behind_with(),
            Some(Keyword::Insert) => Ok(Statement::Insert(Box::new(self.insert(None)?))),
            Some(Keyword::Update) => Ok(Statement::Update(Box::new(self.update(None)?))),
            Some(Keyword::Delete) => Ok(Statement::Delete(Box::new(self.delete(None)?))),
            Some(Keyword::Merge) => Ok(Statement::Merge(Box::new(self.merge(None)?))),
            _ => Ok(Statement::Select(Box::new(self.select()?))),
        }
    }

    /// What the statement is shows only behind WITH, which is then parsed twice for a query; so that this stays cheap in
    /// nested ones, the keyword is looked up first.
    #[inline(never)]
    fn statement_behind_with(&mut self) -> Result<Statement> {
        match self.keyword_behind_with() {
            Some(Keyword::Insert) => {
                let with = self.with()?;
                Ok(Statement::Insert(Box::new(self.insert(with)?)))
            }
            Some(Keyword::Update) => {
                let with = self.with()?;
                Ok(Statement::Update(Box::new(self.update(with)?)))
            }
            Some(Keyword::Delete) => {
                let with = self.with()?;
                Ok(Statement::Delete(Box::new(self.delete(with)?)))
            }
            Some(Keyword::Merge) => {
                let with = self.with()?;
                Ok(Statement::Merge(Box::new(self.merge(with)?)))
            }
            _ => Ok(Statement::Select(Box::new(self.select()?))),
        }
    }

    /// The first keyword outside parentheses, behind WITH, that begins a statement.
    fn keyword_behind_with(&self) -> Option<Keyword> {
        let mut depth = 0u32;
        let mut ahead = 1;
        loop {
            match self.kind_at(ahead) {
                Kind::End | Kind::Error | Kind::Char(b';') => return None,
                Kind::Char(b'(') => depth += 1,
                Kind::Char(b')') => {
                    // The statement stands behind `AS (…)`, not behind `name (columns)`.
                    depth = depth.checked_sub(1)?;
                    if depth == 0
                        && let Some(keyword) = self.keyword_at(ahead + 1)
                        && matches!(
                            keyword,
                            Keyword::Select
                                | Keyword::Values
                                | Keyword::Table
                                | Keyword::Insert
                                | Keyword::Update
                                | Keyword::Delete
                                | Keyword::Merge
                        )
                    {
                        return Some(keyword);
                    }
                }
                _ => {}
            }
            ahead += 1;
        }
    }

    #[inline(never)]
    fn insert(&mut self, with: Option<With>) -> Result<Insert> {
        self.expect(Keyword::Insert)?;
        self.expect(Keyword::Into)?;
        let table = self.qualified_name()?;
        let alias = if self.accept(Keyword::As) { Some(self.column_id()?) } else { None };
        let mut columns = Vec::new();
        if self.is_char(b'(') && !self.is_char_at(1, b'(') && !self.parentheses_lead_to_select() {
            columns = self.parenthesized(Self::column_target)?;
        }
        let mut overriding_system = None;
        let mut source = None;
        if columns.is_empty() && self.accept(Keyword::Default) {
            self.expect(Keyword::Values)?;
        } else {
            overriding_system = self.overriding()?;
            source = Some(self.query()?);
        }
        let on_conflict = self.on_conflict()?;
        let returning = self.returning()?;
        Ok(Insert { with, table, alias, columns, overriding_system, source, on_conflict, returning })
    }

    /// `OVERRIDING SYSTEM VALUE` (true) and `OVERRIDING USER VALUE`.
    fn overriding(&mut self) -> Result<Option<bool>> {
        if !self.accept(Keyword::Overriding) {
            return Ok(None);
        }
        let system = self.accept(Keyword::System);
        if !system {
            self.expect(Keyword::User)?;
        }
        self.expect(Keyword::Value)?;
        Ok(Some(system))
    }

    #[inline(never)]
    fn merge(&mut self, with: Option<With>) -> Result<Merge> {
        self.expect(Keyword::Merge)?;
        self.expect(Keyword::Into)?;
        let table = self.relation_name()?;
        let alias = self.target_alias()?;
        self.expect(Keyword::Using)?;
        let source = self.table_ref()?;
        self.expect(Keyword::On)?;
        let condition = self.expression()?;
        let mut clauses = vec![self.merge_clause()?];
        while self.is(Keyword::When) {
            clauses.push(self.merge_clause()?);
        }
        Ok(Merge { with, table, alias, source, condition, clauses })
    }

    /// gram.y's `merge_when_clause`.
    fn merge_clause(&mut self) -> Result<MergeClause> {
        self.expect(Keyword::When)?;
        let matched = !self.accept(Keyword::Not);
        self.expect(Keyword::Matched)?;
        let condition = if self.accept(Keyword::And) { Some(self.expression()?) } else { None };
        self.expect(Keyword::Then)?;
        let action = if self.accept(Keyword::Do) {
            self.expect(Keyword::Nothing)?;
            MergeAction::Nothing
        } else if matched && self.accept(Keyword::Update) {
            self.expect(Keyword::Set)?;
            MergeAction::Update(self.assignments()?)
        } else if matched {
            self.expect(Keyword::Delete)?;
            MergeAction::Delete
        } else {
            self.expect(Keyword::Insert)?;
            let columns =
                if self.is_char(b'(') { self.parenthesized(Self::column_target)? } else { Vec::new() };
            if columns.is_empty() && self.accept(Keyword::Default) {
                self.expect(Keyword::Values)?;
                MergeAction::Insert { columns, overriding_system: None, values: None }
            } else {
                let overriding_system = self.overriding()?;
                self.expect(Keyword::Values)?;
                let values = Some(self.parenthesized(Self::expression)?);
                MergeAction::Insert { columns, overriding_system, values }
            }
        };
        Ok(MergeClause { matched, condition, action })
    }

    #[inline(never)]
    fn update(&mut self, with: Option<With>) -> Result<Update> {
        self.expect(Keyword::Update)?;
        let table = self.relation_name()?;
        let alias = self.target_alias()?;
        self.expect(Keyword::Set)?;
        let assignments = self.assignments()?;
        let from = if self.accept(Keyword::From) { self.sources()? } else { Vec::new() };
        let filter = self.filter_or_cursor()?;
        let returning = self.returning()?;
        Ok(Update { with, table, alias, assignments, from, filter, returning })
    }

    #[inline(never)]
    fn delete(&mut self, with: Option<With>) -> Result<Delete> {
        self.expect(Keyword::Delete)?;
        self.expect(Keyword::From)?;
        let table = self.relation_name()?;
        let alias = self.target_alias()?;
        let using = if self.accept(Keyword::Using) { self.sources()? } else { Vec::new() };
        let filter = self.filter_or_cursor()?;
        let returning = self.returning()?;
        Ok(Delete { with, table, alias, using, filter, returning })
    }

    /// The alias of a modified table: without AS it may not be SET.
    fn target_alias(&mut self) -> Result<Option<String>> {
        if self.accept(Keyword::As) {
            return Ok(Some(self.column_id()?));
        }
        if self.is_column_id(0) && !self.is(Keyword::Set) {
            return Ok(Some(self.column_id()?));
        }
        Ok(None)
    }

    /// gram.y's `where_or_current_clause`.
    fn filter_or_cursor(&mut self) -> Result<Option<Expr>> {
        if self.is(Keyword::Where) && self.is_at(1, Keyword::Current) && self.is_at(2, Keyword::Of) {
            self.advance();
            let position = self.position();
            self.advance();
            self.advance();
            if self.kind() == Kind::Parameter {
                self.advance();
            } else {
                self.column_id()?;
            }
            return Ok(Some(Expr { kind: ExprKind::Unsupported("CURRENT OF".to_owned()), position }));
        }
        self.filter()
    }

    fn returning(&mut self) -> Result<Vec<Target>> {
        if self.accept(Keyword::Returning) { self.targets() } else { Ok(Vec::new()) }
    }

    fn assignments(&mut self) -> Result<Vec<Assignment>> {
        self.list(|p| {
            if p.is_char(b'(') {
                let targets = p.parenthesized(Self::column_target)?;
                p.expect_char(b'=')?;
                return Ok(Assignment::Row(targets, p.expression()?));
            }
            let target = p.column_target()?;
            p.expect_char(b'=')?;
            Ok(Assignment::Column(target, p.expression()?))
        })
    }

    fn column_target(&mut self) -> Result<ColumnTarget> {
        let position = self.position();
        let name = self.column_id()?;
        let mut indirection = Vec::new();
        let mut star = false;
        loop {
            if self.accept_char(b'.') {
                if self.accept_char(b'*') {
                    star = true;
                } else {
                    indirection.push(Indirection::Field(self.label()?));
                }
            } else if self.is_char(b'[') {
                indirection.push(Indirection::Subscript(Box::new(self.subscript()?)));
            } else {
                break;
            }
        }
        if star {
            // The grammar takes a star here; analysis does not.
            let message = "row expansion via \"*\" is not supported here";
            let error = DatabaseError::new(FEATURE_NOT_SUPPORTED, message).at(position);
            self.later.get_or_insert(error);
        }
        Ok(ColumnTarget { name, indirection, position })
    }

    #[inline(never)]
    fn on_conflict(&mut self) -> Result<Option<OnConflict>> {
        let position = self.position();
        if !self.accept(Keyword::On) {
            return Ok(None);
        }
        self.expect(Keyword::Conflict)?;
        let target = if self.is_char(b'(') {
            let elements = self.parenthesized(Self::index_element)?;
            Some(ConflictTarget::Index { elements, filter: self.filter()? })
        } else if self.accept(Keyword::On) {
            self.expect(Keyword::Constraint)?;
            Some(ConflictTarget::Constraint(self.column_id()?))
        } else {
            None
        };
        self.expect(Keyword::Do)?;
        if self.accept(Keyword::Nothing) {
            return Ok(Some(OnConflict { target, update: None, position }));
        }
        self.expect_all(&[Keyword::Update, Keyword::Set])?;
        let update = Some(ConflictUpdate { assignments: self.assignments()?, filter: self.filter()? });
        Ok(Some(OnConflict { target, update, position }))
    }

    /// gram.y's `index_elem`.
    pub(super) fn index_element(&mut self) -> Result<IndexElement> {
        let position = self.position();
        let expr = if self.accept_char(b'(') {
            let expr = self.expression()?;
            self.expect_char(b')')?;
            expr
        } else if self.starts_function() || self.is_column_id(0) && self.is_char_at(1, b'.') {
            self.windowless_function()?
        } else {
            Expr { kind: ExprKind::Column(vec![self.column_id()?]), position }
        };
        let collation = if self.accept(Keyword::Collate) { Some(self.any_name()?) } else { None };
        let mut operator_class = None;
        if self.is_column_id(0) {
            operator_class = Some(self.any_name()?);
        }
        if self.accept(Keyword::Using) {
            operator_class = Some(self.any_name()?);
        }
        if operator_class.is_some() && self.is_char(b'(') {
            let at = self.position();
            self.skip_parentheses()?;
            return self.refuse("an operator class with options", at);
        }
        let descending = self.descending();
        let nulls_first = self.nulls_order()?;
        Ok(IndexElement { expr, collation, operator_class, descending, nulls_first })
    }
}
