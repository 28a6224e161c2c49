//! Queries: SELECT, VALUES, TABLE, WITH, set operations.

use super::{Mode, Parser};
use crate::ast::{
    Cte, CycleClause, Distinct, Expr, ExprKind, GroupBy, Ident, LockWait, Locking, Position, QueryBody,
    SearchClause, Select, SelectCore, SetOperator, TableRef, Target, WindowSpec, With,
};
use crate::lexer::{Keyword, Kind};
use sqlstate::{DatabaseError, Result, SYNTAX_ERROR};

/// What may follow the body of a query.
#[derive(Default)]
struct Tail {
    limit: Option<Expr>,
    with_ties: bool,
    offset: Option<Expr>,
    locking: Vec<Locking>,
}

impl Parser<'_> {
    /// gram.y's `SelectStmt`: a query with or without parentheses.
    pub(super) fn select(&mut self) -> Result<Select> {
        // A query's own frames on the stack are large: it counts for more.
        self.enter(3)?;
        let before = self.begin_tree();
        let select = self.select_at_level()?;
        self.end_tree(before);
        self.leave(3);
        Ok(select)
    }

    #[inline(never)]
    fn select_at_level(&mut self) -> Result<Select> {
        let position = self.position();
        let with = self.with()?;
        let mut select = self.set_operations(0)?;
        if let Some(with) = with {
            if select.with.is_some() {
                return self.fail("multiple WITH clauses not allowed", position);
            }
            select.with = Some(with);
            select.position = position;
        }
        self.tail(select)
    }

    /// `( query )`
    pub(super) fn select_with_parentheses(&mut self) -> Result<Select> {
        self.expect_char(b'(')?;
        let select = self.query()?;
        self.expect_char(b')')?;
        Ok(select)
    }

    /// The rest of a query whose first operand was in parentheses and has been parsed.
    pub(super) fn select_behind(&mut self, first: Select) -> Result<Select> {
        let select = self.set_operations_behind(first, 0)?;
        self.tail(select)
    }

    /// Whether the next token continues a query in parentheses.
    pub(super) fn continues_select(&self) -> bool {
        use Keyword as K;
        matches!(
            self.keyword(),
            Some(K::Union | K::Intersect | K::Except | K::Order | K::Limit | K::Offset | K::Fetch | K::For)
        )
    }

    fn set_operations(&mut self, least: u8) -> Result<Select> {
        let first = self.query_operand()?;
        self.set_operations_behind(first, least)
    }

    fn set_operations_behind(&mut self, mut left: Select, least: u8) -> Result<Select> {
        loop {
            let (operator, binding) = match self.keyword() {
                Some(Keyword::Union) => (SetOperator::Union, 1),
                Some(Keyword::Except) => (SetOperator::Except, 1),
                Some(Keyword::Intersect) => (SetOperator::Intersect, 2),
                _ => return Ok(left),
            };
            if binding < least {
                return Ok(left);
            }
            self.advance();
            let all = self.accept(Keyword::All);
            if !all {
                self.accept(Keyword::Distinct);
            }
            let right = Box::new(self.link(|p| p.nested(|p| p.set_operations(binding + 1)))?);
            let position = left.position;
            let body = QueryBody::SetOperation { operator, all, left: Box::new(left), right };
            left = plain_select(body, position);
        }
    }

    /// A simple query, or one in parentheses.
    #[inline(never)]
    fn query_operand(&mut self) -> Result<Select> {
        let position = self.position();
        let body = match self.keyword() {
            Some(Keyword::Select) => {
                self.advance();
                QueryBody::Select(Box::new(self.select_core()?))
            }
            Some(Keyword::Values) => {
                self.advance();
                QueryBody::Values(self.list(|p| p.parenthesized(Self::expression))?)
            }
            Some(Keyword::Table) => {
                self.advance();
                let star = Expr { kind: ExprKind::Star(Vec::new()), position };
                let from =
                    vec![TableRef::Relation { name: self.relation_name()?, alias: None, sample: false }];
                let targets = vec![Target { expr: star, alias: None }];
                QueryBody::Select(Box::new(SelectCore { from, targets, ..empty_core() }))
            }
            _ if self.is_char(b'(') => return self.nested(Self::select_with_parentheses),
            _ => return Err(self.unexpected()),
        };
        Ok(plain_select(body, position))
    }

    #[inline(never)]
    fn select_core(&mut self) -> Result<SelectCore> {
        let mut core = empty_core();
        let mut targets_needed = false;
        if self.accept(Keyword::Distinct) {
            targets_needed = true;
            core.distinct = Some(if self.accept(Keyword::On) {
                Distinct::On(self.parenthesized(Self::expression)?)
            } else {
                Distinct::All
            });
        } else {
            self.accept(Keyword::All);
        }
        if targets_needed || !self.at_query_clause() {
            core.targets = self.targets()?;
        }
        if self.accept(Keyword::Into) {
            core.into = Some(self.target_of_into()?);
        }
        if self.accept(Keyword::From) {
            core.from = self.sources()?;
        }
        core.filter = self.filter()?;
        if self.accept(Keyword::Group) {
            self.expect(Keyword::By)?;
            core.group_distinct = self.accept(Keyword::Distinct);
            if !core.group_distinct {
                self.accept(Keyword::All);
            }
            core.group_by = self.list(Self::group_by_item)?;
        }
        if self.accept(Keyword::Having) {
            core.having = Some(self.expression()?);
        }
        if self.accept(Keyword::Window) {
            core.windows = self.list(Self::named_window)?;
        }
        Ok(core)
    }

    /// Whether the output list is empty: what comes next can only follow one.
    fn at_query_clause(&self) -> bool {
        use Keyword as K;
        match self.kind() {
            Kind::End | Kind::Char(b')' | b';') => true,
            Kind::Keyword(keyword) => matches!(
                keyword,
                K::Into
                    | K::From
                    | K::Where
                    | K::Group
                    | K::Having
                    | K::Window
                    | K::Union
                    | K::Intersect
                    | K::Except
                    | K::Order
                    | K::Limit
                    | K::Offset
                    | K::Fetch
                    | K::For
                    | K::On
                    | K::Returning
                    | K::With
            ),
            _ => false,
        }
    }

    fn target_of_into(&mut self) -> Result<crate::ast::IntoTable> {
        use Keyword as K;
        if let Some(K::Local | K::Global) = self.keyword()
            && let Some(K::Temp | K::Temporary) = self.keyword_at(1)
        {
            self.advance();
        }
        // TEMP, UNLOGGED and TABLE are words of INTO unless nothing that could be a name follows them.
        let mut persistence = None;
        if let Some(word @ (K::Temp | K::Temporary | K::Unlogged)) = self.keyword()
            && (self.is_at(1, K::Table) || self.is_column_id(1))
        {
            persistence = Some(if word == K::Unlogged { "UNLOGGED" } else { "TEMPORARY" });
            self.advance();
        }
        self.accept(K::Table);
        Ok(crate::ast::IntoTable { name: self.qualified_name()?, persistence })
    }

    pub(super) fn filter(&mut self) -> Result<Option<Expr>> {
        if self.accept(Keyword::Where) { Ok(Some(self.expression()?)) } else { Ok(None) }
    }

    pub(super) fn targets(&mut self) -> Result<Vec<Target>> {
        self.list(Self::target)
    }

    fn target(&mut self) -> Result<Target> {
        let position = self.position();
        if self.accept_char(b'*') {
            let expr = Expr { kind: ExprKind::Star(Vec::new()), position };
            return Ok(Target { expr, alias: None });
        }
        let expr = self.operand(super::expression::level::LOWEST, Mode::Target)?;
        let alias = if self.accept(Keyword::As) {
            Some(self.label()?)
        } else {
            match self.kind() {
                Kind::Identifier | Kind::QuotedIdentifier => Some(self.label()?),
                Kind::Keyword(keyword) if keyword.is_bare_label() && self.is_label(0) => Some(self.label()?),
                _ => None,
            }
        };
        Ok(Target { expr, alias })
    }

    fn group_by_item(&mut self) -> Result<GroupBy> {
        self.nested(|p| {
            if p.is_char(b'(') && p.is_char_at(1, b')') {
                p.advance();
                p.advance();
                return Ok(GroupBy::Empty);
            }
            match p.keyword() {
                Some(Keyword::Cube) if p.is_char_at(1, b'(') => {
                    p.advance();
                    Ok(GroupBy::Cube(p.parenthesized(Self::expression)?))
                }
                Some(Keyword::Rollup) if p.is_char_at(1, b'(') => {
                    p.advance();
                    Ok(GroupBy::Rollup(p.parenthesized(Self::expression)?))
                }
                Some(Keyword::Grouping) if p.is_at(1, Keyword::Sets) => {
                    p.advance();
                    p.advance();
                    Ok(GroupBy::Sets(p.parenthesized(Self::group_by_item)?))
                }
                _ => Ok(GroupBy::Expr(p.expression()?)),
            }
        })
    }

    fn named_window(&mut self) -> Result<(Ident, WindowSpec)> {
        let name = self.column_id()?;
        self.expect(Keyword::As)?;
        Ok((name, self.window_spec()?))
    }

    // ------------------------------------------------------------------------------ WITH and tail

    /// `WITH [RECURSIVE] …` or nothing.
    pub(super) fn with(&mut self) -> Result<Option<With>> {
        if !self.accept(Keyword::With) {
            return Ok(None);
        }
        // RECURSIVE may be the name itself.
        let named = self.is_at(1, Keyword::As) || self.is_char_at(1, b'(');
        let recursive = !named && self.accept(Keyword::Recursive);
        let ctes = self.list(Self::cte)?;
        Ok(Some(With { recursive, ctes }))
    }

    fn cte(&mut self) -> Result<Cte> {
        let position = self.position();
        let name = self.column_id()?;
        let columns = self.optional_column_names()?;
        self.expect(Keyword::As)?;
        let materialized = if self.accept(Keyword::Not) {
            self.expect(Keyword::Materialized)?;
            Some(false)
        } else {
            self.accept(Keyword::Materialized).then_some(true)
        };
        self.expect_char(b'(')?;
        self.enter(3)?;
        let statement = self.preparable_statement()?;
        self.leave(3);
        self.expect_char(b')')?;
        let search = self.search_clause()?;
        let cycle = self.cycle_clause()?;
        Ok(Cte { name, columns, materialized, statement, search, cycle, position })
    }

    fn search_clause(&mut self) -> Result<Option<SearchClause>> {
        let position = self.position();
        if !self.accept(Keyword::Search) {
            return Ok(None);
        }
        let breadth = !self.accept(Keyword::Depth);
        if breadth {
            self.expect(Keyword::Breadth)?;
        }
        self.expect_all(&[Keyword::First, Keyword::By])?;
        let columns = self.list(Self::column_id)?;
        self.expect(Keyword::Set)?;
        let sequence = self.column_id()?;
        Ok(Some(SearchClause { breadth, columns, sequence, position }))
    }

    fn cycle_clause(&mut self) -> Result<Option<CycleClause>> {
        let position = self.position();
        if !self.accept(Keyword::Cycle) {
            return Ok(None);
        }
        let columns = self.list(Self::column_id)?;
        self.expect(Keyword::Set)?;
        let mark = self.column_id()?;
        let values = if self.accept(Keyword::To) {
            let value = self.expression()?;
            self.expect(Keyword::Default)?;
            Some((value, self.expression()?))
        } else {
            None
        };
        self.expect(Keyword::Using)?;
        let path = self.column_id()?;
        Ok(Some(CycleClause { columns, mark, values, path, position }))
    }

    /// ORDER BY, LIMIT, OFFSET, FOR UPDATE: PostgreSQL hangs them on the query itself, so that one in parentheses may not have
    /// the same twice.
    #[inline(never)]
    fn tail(&mut self, mut select: Select) -> Result<Select> {
        let order_by = self.order_by()?;
        let mut tail = Tail::default();
        let (mut limited, mut locked) = (false, false);
        loop {
            match self.keyword() {
                Some(Keyword::Limit | Keyword::Fetch | Keyword::Offset) if !limited => {
                    self.limits(&mut tail)?;
                    limited = true;
                }
                Some(Keyword::For) if !locked => {
                    tail.locking = self.locking()?;
                    locked = true;
                }
                _ => break,
            }
        }
        if !order_by.is_empty() {
            if !select.order_by.is_empty() {
                let position = order_by.first().map_or(0, |item| item.expr.start());
                return self.fail("multiple ORDER BY clauses not allowed", position);
            }
            select.order_by = order_by;
        }
        select.locking.append(&mut tail.locking);
        if let Some(offset) = tail.offset {
            if select.offset.is_some() {
                return self.fail("multiple OFFSET clauses not allowed", offset.start());
            }
            select.offset = Some(offset);
        }
        if let Some(limit) = tail.limit {
            if select.limit.is_some() {
                return self.fail("multiple LIMIT clauses not allowed", limit.start());
            }
            select.limit = Some(limit);
        }
        if tail.with_ties {
            if select.order_by.is_empty() {
                let message = "WITH TIES cannot be specified without ORDER BY clause";
                return Err(DatabaseError::new(SYNTAX_ERROR, message));
            }
            if select.locking.iter().any(|locking| locking.wait == LockWait::Skip) {
                let message = "SKIP LOCKED and WITH TIES options cannot be used together";
                return Err(DatabaseError::new(SYNTAX_ERROR, message));
            }
            select.with_ties = true;
        }
        Ok(select)
    }

    /// LIMIT and OFFSET in any order, each once.
    fn limits(&mut self, tail: &mut Tail) -> Result<()> {
        let mut offset = false;
        let mut limit = false;
        loop {
            match self.keyword() {
                Some(Keyword::Limit) if !limit => {
                    limit = true;
                    let position = self.position();
                    self.advance();
                    tail.limit = Some(self.limit_value()?);
                    if self.is_char(b',') {
                        self.advance();
                        self.expression()?;
                        return super::call::hinted(
                            "LIMIT #,# syntax is not supported",
                            "Use separate LIMIT and OFFSET clauses.",
                            position,
                        );
                    }
                }
                Some(Keyword::Fetch) if !limit => {
                    limit = true;
                    self.fetch_first(tail)?;
                }
                Some(Keyword::Offset) if !offset => {
                    offset = true;
                    self.advance();
                    tail.offset = Some(self.offset_value()?);
                }
                _ => return Ok(()),
            }
        }
    }

    fn limit_value(&mut self) -> Result<Expr> {
        let position = self.position();
        if self.accept(Keyword::All) {
            return Ok(Expr { kind: ExprKind::Null, position });
        }
        self.expression()
    }

    /// The value of OFFSET; one before ROWS may be no operation.
    fn offset_value(&mut self) -> Result<Expr> {
        let start = self.at;
        let value = self.expression()?;
        if matches!(self.keyword(), Some(Keyword::Row | Keyword::Rows)) {
            let end = std::mem::replace(&mut self.at, start);
            if self.is_char(b'-') || self.is_char(b'+') {
                self.signed_number()?;
            } else {
                self.nested(|p| p.primary(Mode::Any))?;
            }
            if self.at != end {
                self.at = end;
                return Err(self.unexpected());
            }
            self.advance();
        }
        Ok(value)
    }

    /// `FETCH FIRST [n] ROWS ONLY` or `WITH TIES`.
    fn fetch_first(&mut self, tail: &mut Tail) -> Result<()> {
        self.advance();
        if !self.accept(Keyword::First) {
            self.expect(Keyword::Next)?;
        }
        let position = self.position();
        let mut count = Expr { kind: ExprKind::Number("1".to_owned()), position: 0 };
        let rows = |keyword| matches!(keyword, Some(Keyword::Row | Keyword::Rows));
        // `FIRST row ROWS`: the first is a column.
        if !rows(self.keyword()) || rows(self.keyword_at(1)) {
            count = if self.is_char(b'-') || self.is_char(b'+') {
                Expr { kind: ExprKind::Number(self.signed_number()?), position }
            } else {
                self.nested(|p| p.primary(Mode::Any))?
            };
        }
        if !self.accept(Keyword::Row) {
            self.expect(Keyword::Rows)?;
        }
        if self.accept(Keyword::With) {
            self.expect(Keyword::Ties)?;
            tail.with_ties = true;
        } else {
            self.expect(Keyword::Only)?;
        }
        tail.limit = Some(count);
        Ok(())
    }

    fn locking(&mut self) -> Result<Vec<Locking>> {
        if self.is_at(1, Keyword::Read) {
            self.expect_all(&[Keyword::For, Keyword::Read, Keyword::Only])?;
            return Ok(Vec::new());
        }
        let mut items = Vec::new();
        while self.accept(Keyword::For) {
            let strength = match self.keyword() {
                Some(Keyword::Update) => "UPDATE",
                Some(Keyword::Share) => "SHARE",
                Some(Keyword::No) => {
                    self.expect_all(&[Keyword::No, Keyword::Key])?;
                    "NO KEY UPDATE"
                }
                Some(Keyword::Key) => {
                    self.advance();
                    "KEY SHARE"
                }
                _ => return Err(self.unexpected()),
            };
            self.expect(if strength.ends_with("UPDATE") { Keyword::Update } else { Keyword::Share })?;
            let of = if self.accept(Keyword::Of) { self.list(Self::qualified_name)? } else { Vec::new() };
            let wait = if self.accept(Keyword::Nowait) {
                LockWait::Error
            } else if self.accept(Keyword::Skip) {
                self.expect(Keyword::Locked)?;
                LockWait::Skip
            } else {
                LockWait::Block
            };
            items.push(Locking { strength, of, wait });
        }
        Ok(items)
    }
}

fn plain_select(body: QueryBody, position: Position) -> Select {
    Select {
        with: None,
        body,
        order_by: Vec::new(),
        limit: None,
        with_ties: false,
        offset: None,
        locking: Vec::new(),
        position,
    }
}

fn empty_core() -> SelectCore {
    SelectCore {
        distinct: None,
        targets: Vec::new(),
        into: None,
        from: Vec::new(),
        filter: None,
        group_by: Vec::new(),
        group_distinct: false,
        having: None,
        windows: Vec::new(),
    }
}
