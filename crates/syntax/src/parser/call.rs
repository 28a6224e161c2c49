//! Function calls with all that may follow them, and windows.

use super::Parser;
use super::primary::empty_call;
use crate::ast::{
    Argument, Expr, ExprKind, FrameBound, FunctionCall, Name, OrderBy, Over, WindowFrame, WindowSpec,
};
use crate::lexer::{Keyword, Kind};
use sqlstate::{DatabaseError, FEATURE_NOT_SUPPORTED, Result, SYNTAX_ERROR, WINDOWING_ERROR};

impl Parser<'_> {
    /// gram.y's `func_application`, from the parenthesis on.
    pub(super) fn call_arguments(&mut self, name: Name) -> Result<FunctionCall> {
        let mut call = empty_call(name);
        self.nested(|p| {
            p.expect_char(b'(')?;
            if p.accept_char(b')') {
                return Ok(call);
            }
            if p.accept_char(b'*') {
                call.star = true;
                p.expect_char(b')')?;
                return Ok(call);
            }
            call.distinct = p.accept(Keyword::Distinct);
            let plain = call.distinct || p.accept(Keyword::All);
            loop {
                if !plain && p.accept(Keyword::Variadic) {
                    call.variadic = true;
                    call.args.push(p.argument()?);
                    break;
                }
                call.args.push(p.argument()?);
                if !p.accept_char(b',') {
                    break;
                }
            }
            call.order_by = p.order_by()?;
            p.expect_char(b')')?;
            Ok(call)
        })
    }

    /// gram.y's `func_arg_expr`.
    pub(super) fn argument(&mut self) -> Result<Argument> {
        let named =
            self.is_function_word(0) && matches!(self.kind_at(1), Kind::EqualsGreater | Kind::ColonEquals);
        let name = if named {
            let name = self.function_word()?;
            self.advance();
            Some(name)
        } else {
            None
        };
        Ok(Argument { name, value: self.expression()? })
    }

    /// WITHIN GROUP, FILTER and OVER.
    pub(super) fn call_suffixes(&mut self, mut call: FunctionCall) -> Result<FunctionCall> {
        let position = self.position();
        if self.accept(Keyword::Within) {
            self.expect(Keyword::Group)?;
            self.expect_char(b'(')?;
            if !self.is(Keyword::Order) {
                return Err(self.unexpected());
            }
            call.within_group = self.order_by()?;
            self.expect_char(b')')?;
        }
        if self.accept(Keyword::Filter) {
            self.expect_char(b'(')?;
            self.expect(Keyword::Where)?;
            call.filter = Some(Box::new(self.expression()?));
            self.expect_char(b')')?;
        }
        if self.accept(Keyword::Over) {
            call.over = Some(if self.is_char(b'(') {
                Over::Spec(self.window_spec()?)
            } else {
                Over::Named(self.column_id()?)
            });
        }
        if !call.within_group.is_empty() {
            let complaint = if !call.order_by.is_empty() {
                "cannot use multiple ORDER BY clauses with WITHIN GROUP"
            } else if call.distinct {
                "cannot use DISTINCT with WITHIN GROUP"
            } else if call.variadic {
                "cannot use VARIADIC with WITHIN GROUP"
            } else {
                return Ok(call);
            };
            return self.fail(complaint, position);
        }
        Ok(call)
    }

    /// `ORDER BY …` or nothing.
    pub(super) fn order_by(&mut self) -> Result<Vec<OrderBy>> {
        if !self.accept(Keyword::Order) {
            return Ok(Vec::new());
        }
        self.expect(Keyword::By)?;
        self.list(|p| {
            let expr = p.expression()?;
            let mut item = OrderBy { expr, descending: false, nulls_first: None, using: None };
            if p.accept(Keyword::Using) {
                let operator = p.operator_name()?;
                item.using = Some(match operator.schema {
                    Some(schema) => format!("OPERATOR({schema}.{})", operator.symbol),
                    None => operator.symbol,
                });
            } else {
                item.descending = p.descending();
            }
            item.nulls_first = p.nulls_order()?;
            Ok(item)
        })
    }

    /// ASC or DESC.
    pub(super) fn descending(&mut self) -> bool {
        let descending = self.accept(Keyword::Desc);
        if !descending {
            self.accept(Keyword::Asc);
        }
        descending
    }

    /// NULLS FIRST or NULLS LAST.
    pub(super) fn nulls_order(&mut self) -> Result<Option<bool>> {
        if !self.is(Keyword::Nulls) || !matches!(self.keyword_at(1), Some(Keyword::First | Keyword::Last)) {
            return Ok(None);
        }
        self.advance();
        Ok(Some(self.advance().kind == Kind::Keyword(Keyword::First)))
    }

    /// gram.y's `window_specification`.
    pub(super) fn window_spec(&mut self) -> Result<WindowSpec> {
        self.nested(|p| {
            let mut spec = WindowSpec::default();
            p.expect_char(b'(')?;
            let begins = matches!(
                p.keyword(),
                Some(Keyword::Partition | Keyword::Range | Keyword::Rows | Keyword::Groups)
            );
            if p.is_column_id(0) && !begins {
                spec.base = Some(p.column_id()?);
            }
            if p.accept(Keyword::Partition) {
                p.expect(Keyword::By)?;
                spec.partition_by = p.expression_list()?;
            }
            spec.order_by = p.order_by()?;
            spec.frame = p.frame()?;
            p.expect_char(b')')?;
            Ok(spec)
        })
    }

    fn frame(&mut self) -> Result<Option<WindowFrame>> {
        let unit = match self.keyword() {
            Some(Keyword::Rows) => "ROWS",
            Some(Keyword::Range) => "RANGE",
            Some(Keyword::Groups) => "GROUPS",
            _ => return Ok(None),
        };
        self.advance();
        let between = self.accept(Keyword::Between);
        let position = self.position();
        let start = self.frame_bound()?;
        let mut end = None;
        let mut end_position = position;
        if between {
            self.expect(Keyword::And)?;
            end_position = self.position();
            end = Some(self.frame_bound()?);
        }
        check_frame(&start, end.as_ref(), position, end_position)?;
        let exclude = if self.accept(Keyword::Exclude) { self.frame_exclusion()? } else { None };
        Ok(Some(WindowFrame { unit, start, end, exclude }))
    }

    fn frame_bound(&mut self) -> Result<FrameBound> {
        if self.is(Keyword::Unbounded)
            && matches!(self.keyword_at(1), Some(Keyword::Preceding | Keyword::Following))
        {
            self.advance();
            let preceding = self.advance().kind == Kind::Keyword(Keyword::Preceding);
            return Ok(if preceding {
                FrameBound::UnboundedPreceding
            } else {
                FrameBound::UnboundedFollowing
            });
        }
        if self.accept_pair(Keyword::Current, Keyword::Row) {
            return Ok(FrameBound::CurrentRow);
        }
        let distance = Box::new(self.expression()?);
        if self.accept(Keyword::Preceding) {
            return Ok(FrameBound::Preceding(distance));
        }
        self.expect(Keyword::Following)?;
        Ok(FrameBound::Following(distance))
    }

    fn frame_exclusion(&mut self) -> Result<Option<&'static str>> {
        let words = match self.keyword() {
            Some(Keyword::Current) => {
                self.advance();
                if !self.is(Keyword::Row) {
                    return Err(self.unexpected());
                }
                Some("CURRENT ROW")
            }
            Some(Keyword::Group) => Some("GROUP"),
            Some(Keyword::Ties) => Some("TIES"),
            Some(Keyword::No) => {
                self.advance();
                if !self.is(Keyword::Others) {
                    return Err(self.unexpected());
                }
                Some("NO OTHERS")
            }
            _ => return Err(self.unexpected()),
        };
        self.advance();
        Ok(words)
    }

    /// A call in FROM or in an index: without OVER and its kin.
    pub(super) fn windowless_function(&mut self) -> Result<Expr> {
        if let Some(keyword) = self.keyword()
            && let Some(expr) = self.special_function(keyword)?
        {
            return Ok(expr);
        }
        let position = self.position();
        let function = self.is_function_word(0);
        if !function && !self.is_column_id(0) {
            return Err(self.unexpected());
        }
        let word = self.advance();
        let mut parts = vec![self.ident_of(word)];
        while self.accept_char(b'.') {
            parts.push(self.label()?);
        }
        if !self.is_char(b'(') || !function && parts.len() == 1 {
            return Err(self.unexpected());
        }
        let call = self.call_arguments(Name { parts, position })?;
        Ok(Expr { kind: ExprKind::Call(Box::new(call)), position })
    }

    /// Whether a call begins here: a name and a parenthesis, or one of the functions that the grammar names.
    pub(super) fn starts_function(&self) -> bool {
        if self.keyword().is_some_and(|keyword| self.is_special_function(keyword)) {
            return true;
        }
        if !self.is_column_id(0) {
            return self.is_function_word(0);
        }
        let mut ahead = 1;
        while self.is_char_at(ahead, b'.') && self.is_label(ahead + 1) {
            ahead += 2;
        }
        self.is_char_at(ahead, b'(') && (ahead > 1 || self.is_function_word(0))
    }
}

/// PostgreSQL's checks of a frame's bounds.
fn check_frame(start: &FrameBound, end: Option<&FrameBound>, position: u32, end_position: u32) -> Result<()> {
    use FrameBound::{CurrentRow, Following, Preceding, UnboundedFollowing, UnboundedPreceding};
    let fail = |message: &str, position| Err(DatabaseError::new(WINDOWING_ERROR, message).at(position));
    match (start, end) {
        (UnboundedFollowing, _) => fail("frame start cannot be UNBOUNDED FOLLOWING", position),
        (Following(_), None) => {
            fail("frame starting from following row cannot end with current row", position)
        }
        (_, Some(UnboundedPreceding)) => fail("frame end cannot be UNBOUNDED PRECEDING", end_position),
        (CurrentRow, Some(Preceding(_))) => {
            fail("frame starting from current row cannot have preceding rows", end_position)
        }
        (Following(_), Some(Preceding(_) | CurrentRow)) => {
            fail("frame starting from following row cannot have preceding rows", end_position)
        }
        _ => Ok(()),
    }
}

/// What PostgreSQL's own grammar refuses although it knows the words.
pub(super) fn not_implemented<T>(message: &str, position: u32) -> Result<T> {
    Err(DatabaseError::new(FEATURE_NOT_SUPPORTED, message).at(position))
}

/// A syntax error with a hint and a position.
pub(super) fn hinted<T>(message: &str, hint: &str, position: u32) -> Result<T> {
    Err(DatabaseError::new(SYNTAX_ERROR, message).with_hint(hint).at(position))
}
