//! What operators connect: gram.y's `c_expr`.

use super::{Mode, Parser};
use crate::ast::{
    Argument, Expr, ExprKind, FunctionCall, Ident, Name, Position, Select, Subscript, TypeName,
};
use crate::lexer::{Keyword, KeywordClass, Kind, Token};
use sqlstate::Result;

/// What stands in parentheses.
pub(super) enum Parenthesis {
    /// A query.
    Select(Box<Select>),
    /// Expressions, one or more.
    List(Vec<Expr>),
}

/// One step of gram.y's `indirection`.
enum Step {
    Attribute(Ident),
    Star,
    Subscript(Box<Subscript>),
}

impl Parser<'_> {
    pub(super) fn primary(&mut self, mode: Mode) -> Result<Expr> {
        let token = self.peek();
        let position = token.position;
        let kind = match token.kind {
            Kind::Integer | Kind::Float => {
                self.advance();
                ExprKind::Number(self.scan.source(token).to_owned())
            }
            Kind::String => ExprKind::String(self.string()?),
            Kind::BinaryString | Kind::HexadecimalString => {
                self.advance();
                let prefix = if token.kind == Kind::BinaryString { "b" } else { "x" };
                ExprKind::BitString(format!("{prefix}{}", self.scan.value(token)))
            }
            Kind::Parameter => {
                self.advance();
                // PostgreSQL reads the digits as a C integer; beyond it no parameter exists anyway.
                let number = self.scan.source(token)[1..].parse().unwrap_or(u32::MAX);
                let base = Expr { kind: ExprKind::Parameter(number), position };
                return self.with_indirection(base);
            }
            Kind::Char(b'(') => return self.parenthesized_operand(mode),
            Kind::Keyword(keyword) => return self.keyword_operand(keyword, mode),
            Kind::Identifier | Kind::QuotedIdentifier => return self.name_operand(),
            _ => return Err(self.unexpected()),
        };
        Ok(Expr { kind, position })
    }

    /// `( … )` as an operand: a sub-query, an expression, a row.
    #[inline(never)]
    fn parenthesized_operand(&mut self, mode: Mode) -> Result<Expr> {
        let position = self.position();
        match self.nested(|p| p.parenthesis(true))? {
            Parenthesis::Select(query) => {
                let base = Expr { kind: ExprKind::Subquery(query), position };
                self.with_indirection(base)
            }
            Parenthesis::List(mut list) if list.len() == 1 => {
                let Some(inner) = list.pop() else { return Err(self.unexpected()) };
                self.with_indirection(inner)
            }
            Parenthesis::List(fields) => self.row(fields, false, position, mode),
        }
    }

    /// A row, or `row OVERLAPS row`.
    #[inline(never)]
    fn row(&mut self, fields: Vec<Expr>, explicit: bool, position: Position, mode: Mode) -> Result<Expr> {
        if mode == Mode::Restricted || !self.is(Keyword::Overlaps) {
            return Ok(Expr { kind: ExprKind::Row { fields, explicit }, position });
        }
        let operator = self.position();
        self.advance();
        let right_position = self.position();
        let right = if self.accept(Keyword::Row) {
            self.row_fields()?
        } else {
            match self.parenthesis(true)? {
                Parenthesis::List(list) if list.len() > 1 => list,
                _ => return Err(self.unexpected()),
            }
        };
        for (side, count, position) in
            [("left", fields.len(), position), ("right", right.len(), right_position)]
        {
            if count != 2 {
                let message = format!("wrong number of parameters on {side} side of OVERLAPS expression");
                return self.fail(&message, position);
            }
        }
        let args = fields.into_iter().chain(right).collect();
        Ok(standard_call("overlaps", args, operator))
    }

    /// `( [fields] )` behind ROW.
    fn row_fields(&mut self) -> Result<Vec<Expr>> {
        self.expect_char(b'(')?;
        let fields = if self.is_char(b')') { Vec::new() } else { self.expression_list()? };
        self.expect_char(b')')?;
        Ok(fields)
    }

    /// `( query )` or `( expression, … )`, more than one only with `list`.
    pub(super) fn parenthesis(&mut self, list: bool) -> Result<Parenthesis> {
        self.nested(|p| {
            p.expect_char(b'(')?;
            let found = p.parenthesis_content(list)?;
            p.expect_char(b')')?;
            Ok(found)
        })
    }

    fn parenthesis_content(&mut self, list: bool) -> Result<Parenthesis> {
        if self.starts_select(0) {
            return self.query_in_parentheses();
        }
        let first = if self.is_char(b'(') && self.parentheses_lead_to_select() {
            match self.query_or_operand()? {
                Ok(query) => return Ok(Parenthesis::Select(query)),
                Err(operand) => operand,
            }
        } else {
            self.expression()?
        };
        let mut items = vec![first];
        while list && self.accept_char(b',') {
            items.push(self.expression()?);
        }
        Ok(Parenthesis::List(items))
    }

    #[inline(never)]
    fn query_in_parentheses(&mut self) -> Result<Parenthesis> {
        Ok(Parenthesis::Select(Box::new(self.select()?)))
    }

    /// Behind further parentheses stands a query, which is one that this continues, or an operand of an expression.
    #[inline(never)]
    fn query_or_operand(&mut self) -> Result<std::result::Result<Box<Select>, Expr>> {
        let position = self.position();
        let inner = match self.parenthesis(true)? {
            Parenthesis::Select(query) if self.is_char(b')') || self.continues_select() => {
                return Ok(Ok(Box::new(self.select_behind(*query)?)));
            }
            Parenthesis::Select(query) => {
                let base = Expr { kind: ExprKind::Subquery(query), position };
                self.with_indirection(base)?
            }
            Parenthesis::List(mut fields) if fields.len() == 1 => {
                let Some(inner) = fields.pop() else { return Err(self.unexpected()) };
                self.with_indirection(inner)?
            }
            Parenthesis::List(fields) => self.row(fields, false, position, Mode::Any)?,
        };
        self.enter(2)?;
        let operand = self.operators(inner, super::expression::level::LOWEST, Mode::Any)?;
        self.leave(2);
        Ok(Err(operand))
    }

    /// Whether a query begins `ahead` tokens later.
    pub(super) fn starts_select(&self, ahead: usize) -> bool {
        match self.keyword_at(ahead) {
            Some(Keyword::Select | Keyword::With | Keyword::Table) => true,
            // VALUES is a column's name too.
            Some(Keyword::Values) => self.is_char_at(ahead + 1, b'('),
            _ => false,
        }
    }

    /// Whether a query begins behind the opening parentheses that come next.
    pub(super) fn parentheses_lead_to_select(&self) -> bool {
        let mut ahead = 0;
        while self.is_char_at(ahead, b'(') {
            ahead += 1;
        }
        self.starts_select(ahead)
    }

    // ------------------------------------------------------------------------------------- words

    #[inline(never)]
    fn keyword_operand(&mut self, keyword: Keyword, mode: Mode) -> Result<Expr> {
        let position = self.position();
        let kind = match keyword {
            Keyword::True | Keyword::False => {
                self.advance();
                ExprKind::Boolean(keyword == Keyword::True)
            }
            Keyword::Null => {
                self.advance();
                ExprKind::Null
            }
            Keyword::Default if mode != Mode::Restricted => {
                self.advance();
                ExprKind::Default
            }
            Keyword::Case => return self.case(),
            Keyword::Exists if self.is_char_at(1, b'(') => {
                self.advance();
                ExprKind::Exists(Box::new(self.select_with_parentheses()?))
            }
            Keyword::Array => {
                self.advance();
                if self.is_char(b'(') {
                    ExprKind::ArraySubquery(Box::new(self.select_with_parentheses()?))
                } else {
                    return self.array(position);
                }
            }
            Keyword::Row if self.is_char_at(1, b'(') => {
                self.advance();
                let fields = self.row_fields()?;
                return self.row(fields, true, position, mode);
            }
            Keyword::Grouping if self.is_char_at(1, b'(') => {
                self.advance();
                ExprKind::Grouping(self.parenthesized(Self::expression)?)
            }
            Keyword::Unique if mode != Mode::Restricted => {
                self.advance();
                if self.accept(Keyword::Nulls) {
                    self.accept(Keyword::Not);
                    self.expect(Keyword::Distinct)?;
                }
                self.select_with_parentheses()?;
                return super::call::not_implemented("UNIQUE predicate is not yet implemented", position);
            }
            _ => {
                if let Some(expr) = self.special_function(keyword)? {
                    return Ok(expr);
                }
                if let Some(expr) = self.standard_literal(keyword)? {
                    return Ok(expr);
                }
                if keyword.class() == KeywordClass::Reserved {
                    return Err(self.unexpected());
                }
                return self.name_operand();
            }
        };
        Ok(Expr { kind, position })
    }

    /// A literal of a type that the grammar names: `date` is none of those, `timestamp`, `int` and `interval` are.
    #[inline(never)]
    fn standard_literal(&mut self, keyword: Keyword) -> Result<Option<Expr>> {
        // All of these words but DOUBLE name columns too, unless what follows can only belong to a type.
        let type_follows = match self.kind_at(1) {
            Kind::String | Kind::Char(b'(') => true,
            Kind::Keyword(Keyword::Varying | Keyword::Precision) => true,
            Kind::Keyword(Keyword::Without) => matches!(keyword, Keyword::Time | Keyword::Timestamp),
            Kind::Keyword(Keyword::With) => {
                matches!(keyword, Keyword::Time | Keyword::Timestamp) && self.is_at(2, Keyword::Time)
            }
            Kind::Keyword(Keyword::Character | Keyword::Char) => keyword == Keyword::National,
            _ => false,
        };
        if !type_follows {
            return Ok(None);
        }
        let position = self.position();
        let Some(mut type_name) = self.standard_type(true)? else { return Ok(None) };
        let text_position = self.position();
        let text = self.string()?;
        if keyword == Keyword::Interval && type_name.modifiers.is_empty() {
            self.interval_fields(&mut type_name)?;
        }
        Ok(Some(Expr { kind: ExprKind::TypedLiteral { type_name, text, text_position }, position }))
    }

    /// `[ … ]` behind ARRAY, elements being expressions or further brackets.
    #[inline(never)]
    fn array(&mut self, position: Position) -> Result<Expr> {
        self.expect_char(b'[')?;
        let mut elements = Vec::new();
        if self.is_char(b'[') {
            elements = self.list(|p| {
                let position = p.position();
                if !p.is_char(b'[') {
                    return Err(p.unexpected());
                }
                p.nested(|p| p.array(position))
            })?;
        } else if !self.is_char(b']') {
            elements = self.expression_list()?;
        }
        self.expect_char(b']')?;
        Ok(Expr { kind: ExprKind::Array(elements), position })
    }

    #[inline(never)]
    fn case(&mut self) -> Result<Expr> {
        let position = self.position();
        self.expect(Keyword::Case)?;
        let operand = if self.is(Keyword::When) { None } else { Some(Box::new(self.expression()?)) };
        let mut arms = Vec::new();
        self.expect(Keyword::When)?;
        loop {
            let condition = self.expression()?;
            self.expect(Keyword::Then)?;
            arms.push((condition, self.expression()?));
            if !self.accept(Keyword::When) {
                break;
            }
        }
        let otherwise = if self.accept(Keyword::Else) { Some(Box::new(self.expression()?)) } else { None };
        self.expect(Keyword::End)?;
        Ok(Expr { kind: ExprKind::Case { operand, arms, otherwise }, position })
    }

    // ------------------------------------------------------------------------------------- names

    /// A column, a function call or a literal of a named type: what the words and what follows them decide.
    #[inline(never)]
    fn name_operand(&mut self) -> Result<Expr> {
        let position = self.position();
        let (column, function) = (self.is_column_id(0), self.is_function_word(0));
        if !column && !function {
            return Err(self.unexpected());
        }
        let word = self.advance();
        let first = self.ident_of(word);
        if !column || function && matches!(self.kind(), Kind::Char(b'(') | Kind::String) {
            let name = Name { parts: vec![first], position };
            return match self.kind() {
                Kind::Char(b'(') => self.call_or_literal(name),
                Kind::String => self.typed_literal(name),
                _ => Err(self.unexpected()),
            };
        }
        let mut parts = vec![first];
        while self.is_char(b'.') && self.is_label(1) {
            self.advance();
            parts.push(self.label()?);
        }
        if parts.len() > 1 {
            let name = Name { parts, position };
            return match self.kind() {
                Kind::Char(b'(') => self.call_or_literal(name),
                Kind::String => self.typed_literal(name),
                _ => self.column(name),
            };
        }
        self.column(Name { parts, position })
    }

    /// A literal of a named type.
    #[inline(never)]
    fn typed_literal(&mut self, name: Name) -> Result<Expr> {
        let position = name.position;
        let text_position = self.position();
        let text = self.string()?;
        let type_name = super::types::plain(name);
        Ok(Expr { kind: ExprKind::TypedLiteral { type_name, text, text_position }, position })
    }

    /// A call, or `type(modifiers) 'text'`, which looks like one until the text comes.
    #[inline(never)]
    fn call_or_literal(&mut self, name: Name) -> Result<Expr> {
        let position = name.position;
        let start = self.at;
        let call = self.call_arguments(name)?;
        let modifiers_only = !call.star && !call.variadic && !call.distinct && !call.args.is_empty();
        if self.kind() == Kind::String && modifiers_only {
            return self.modified_literal(call, start);
        }
        let call = self.call_suffixes(call)?;
        Ok(Expr { kind: ExprKind::Call(Box::new(call)), position })
    }

    #[inline(never)]
    fn modified_literal(&mut self, call: FunctionCall, start: usize) -> Result<Expr> {
        let FunctionCall { name, args, order_by, .. } = call;
        let position = name.position;
        let text_position = self.position();
        let text = self.string()?;
        if args.iter().any(|argument| argument.name.is_some()) {
            let named = |token: &&Token| matches!(token.kind, Kind::EqualsGreater | Kind::ColonEquals);
            let tokens = &self.scan.tokens[start..self.at];
            let at = tokens.iter().position(|token| named(&token)).map_or(start, |found| start + found - 1);
            return self.fail("type modifier cannot have parameter name", self.scan.tokens[at].position);
        }
        if !order_by.is_empty() {
            return self.fail("type modifier cannot have ORDER BY", position);
        }
        let modifiers = args.into_iter().map(|argument| argument.value).collect();
        let type_name = TypeName { modifiers, ..super::types::plain(name) };
        Ok(Expr { kind: ExprKind::TypedLiteral { type_name, text, text_position }, position })
    }

    /// A column reference: attributes up to a star or the first subscript belong to the name.
    #[inline(never)]
    fn column(&mut self, name: Name) -> Result<Expr> {
        let Name { parts, position } = name;
        let steps = self.indirection()?;
        let mut steps = steps.into_iter().peekable();
        if matches!(steps.peek(), Some(Step::Star)) {
            steps.next();
            if steps.peek().is_some() {
                return Err(self.error_at(self.peek(), "improper use of \"*\""));
            }
            return Ok(Expr { kind: ExprKind::Star(parts), position });
        }
        let base = Expr { kind: ExprKind::Column(parts), position };
        self.apply(base, steps)
    }

    /// What follows a parameter or a parenthesis.
    pub(super) fn with_indirection(&mut self, base: Expr) -> Result<Expr> {
        if !matches!(self.kind(), Kind::Char(b'.' | b'[')) {
            return Ok(base);
        }
        let steps = self.indirection()?;
        self.apply(base, steps.into_iter())
    }

    fn apply(&mut self, mut base: Expr, steps: impl Iterator<Item = Step>) -> Result<Expr> {
        let (mut starred, mut subscripted) = (false, false);
        for step in steps {
            if starred {
                return Err(self.error_at(self.peek(), "improper use of \"*\""));
            }
            let position = base.position;
            let previous = std::mem::take(&mut subscripted);
            let kind = match (step, base.kind) {
                // `a[1][2]` is one subscript of two dimensions, `(a[1])[2]` is not.
                (Step::Subscript(subscript), ExprKind::Subscript(inner, mut subscripts)) if previous => {
                    subscripted = true;
                    subscripts.push(*subscript);
                    base = Expr { kind: ExprKind::Subscript(inner, subscripts), position };
                    continue;
                }
                (Step::Attribute(name), kind) => ExprKind::Field(Box::new(Expr { kind, position }), name),
                (Step::Star, kind) => {
                    starred = true;
                    ExprKind::FieldStar(Box::new(Expr { kind, position }))
                }
                (Step::Subscript(subscript), kind) => {
                    subscripted = true;
                    ExprKind::Subscript(Box::new(Expr { kind, position }), vec![*subscript])
                }
            };
            self.link_alone()?;
            base = Expr { kind, position };
        }
        Ok(base)
    }

    /// gram.y's `indirection`.
    fn indirection(&mut self) -> Result<Vec<Step>> {
        let mut steps = Vec::new();
        loop {
            if self.is_char(b'.') {
                self.advance();
                steps.push(if self.accept_char(b'*') { Step::Star } else { Step::Attribute(self.label()?) });
            } else if self.is_char(b'[') {
                steps.push(Step::Subscript(Box::new(self.subscript()?)));
            } else {
                return Ok(steps);
            }
        }
    }

    /// `[i]` or `[a:b]`
    pub(super) fn subscript(&mut self) -> Result<Subscript> {
        self.expect_char(b'[')?;
        let low = if self.is_char(b':') { None } else { Some(self.expression()?) };
        if low.is_some() && self.accept_char(b']') {
            return match low {
                Some(index) => Ok(Subscript::Index(index)),
                None => Err(self.unexpected()),
            };
        }
        self.expect_char(b':')?;
        let high = if self.is_char(b']') { None } else { Some(self.expression()?) };
        self.expect_char(b']')?;
        Ok(Subscript::Slice(low, high))
    }
}

/// A call of one of PostgreSQL's own functions that the SQL standard gives a syntax of its own.
pub(super) fn standard_call(function: &str, args: Vec<Expr>, position: Position) -> Expr {
    let name = Name { parts: vec![Ident::from("pg_catalog"), function.to_owned()], position };
    let args = args.into_iter().map(|value| Argument { name: None, value }).collect();
    let call = FunctionCall { args, ..empty_call(name) };
    Expr { kind: ExprKind::Call(Box::new(call)), position }
}

pub(super) fn empty_call(name: Name) -> FunctionCall {
    FunctionCall {
        name,
        args: Vec::new(),
        star: false,
        variadic: false,
        distinct: false,
        order_by: Vec::new(),
        within_group: Vec::new(),
        filter: None,
        over: None,
    }
}
