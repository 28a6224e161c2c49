//! IS tests, LIKE, BETWEEN, IN, and comparisons with ANY and ALL.

use super::expression::{level, symbol};
use super::primary::{Parenthesis, standard_call};
use super::{Mode, Parser};
use crate::ast::{Expr, ExprKind, LikeKind, OperatorName, Position};
use crate::lexer::{Keyword, Kind};
use sqlstate::Result;

impl Parser<'_> {
    /// What follows `left` from IS on.
    pub(super) fn is_test(&mut self, left: Expr, mode: Mode) -> Result<Expr> {
        let position = self.position();
        self.expect(Keyword::Is)?;
        let not = self.accept(Keyword::Not);
        let any = mode != Mode::Restricted;
        let expr = Box::new(left);
        let kind = match self.keyword() {
            Some(Keyword::Null) if any => ExprKind::IsNull { expr, not },
            Some(Keyword::True) if any => ExprKind::IsBoolean { expr, value: Some(true), not },
            Some(Keyword::False) if any => ExprKind::IsBoolean { expr, value: Some(false), not },
            Some(Keyword::Unknown) if any => ExprKind::IsBoolean { expr, value: None, not },
            Some(Keyword::Distinct) => {
                self.advance();
                self.expect(Keyword::From)?;
                let right = Box::new(self.link(|p| p.operand(level::IS + 1, mode))?);
                self.refuse_chain(level::IS, mode)?;
                return Ok(Expr { kind: ExprKind::IsDistinct { left: expr, right, not }, position });
            }
            Some(Keyword::Document) => ExprKind::IsOther { expr, words: negated(not, "DOCUMENT") },
            Some(Keyword::Normalized) if any => normalized(not, *expr, None, position),
            Some(form @ (Keyword::Nfc | Keyword::Nfd | Keyword::Nfkc | Keyword::Nfkd)) if any => {
                let form = Expr {
                    kind: ExprKind::String(form.word().to_ascii_uppercase()),
                    position: self.advance().position,
                };
                if !self.is(Keyword::Normalized) {
                    return Err(self.unexpected());
                }
                normalized(not, *expr, Some(form), position)
            }
            _ => return Err(self.unexpected()),
        };
        self.advance();
        self.link_alone()?;
        Ok(Expr { kind, position })
    }

    /// `[NOT] LIKE`, `ILIKE`, `SIMILAR TO`, `BETWEEN` or `IN` behind `left`.
    pub(super) fn predicate(&mut self, left: Expr, mode: Mode) -> Result<Expr> {
        let position = self.position();
        let not = self.accept(Keyword::Not);
        match self.keyword() {
            Some(Keyword::Like) => self.like(left, LikeKind::Like, not, position, mode),
            Some(Keyword::Ilike) => self.like(left, LikeKind::ILike, not, position, mode),
            Some(Keyword::Similar) => self.like(left, LikeKind::Similar, not, position, mode),
            Some(Keyword::Between) => self.between(left, not, position, mode),
            _ => self.membership(left, not, position),
        }
    }

    fn like(
        &mut self,
        left: Expr,
        kind: LikeKind,
        not: bool,
        position: Position,
        mode: Mode,
    ) -> Result<Expr> {
        self.advance();
        if kind == LikeKind::Similar {
            self.expect(Keyword::To)?;
        } else if matches!(self.keyword(), Some(Keyword::Any | Keyword::Some | Keyword::All)) {
            let operator = match (kind, not) {
                (LikeKind::Like, false) => "~~",
                (LikeKind::Like, true) => "!~~",
                (_, false) => "~~*",
                (_, true) => "!~~*",
            };
            return self.quantified(left, symbol(operator), position);
        }
        let pattern = self.link(|p| p.operand(level::LIKE + 1, mode))?;
        let escape = if self.accept(Keyword::Escape) {
            Some(Box::new(self.operand(level::ESCAPE + 1, mode)?))
        } else {
            None
        };
        self.refuse_chain(level::LIKE, mode)?;
        let (expr, pattern) = (Box::new(left), Box::new(pattern));
        Ok(Expr { kind: ExprKind::Like { kind, not, expr, pattern, escape }, position })
    }

    fn between(&mut self, left: Expr, not: bool, position: Position, mode: Mode) -> Result<Expr> {
        self.advance();
        let symmetric = self.accept(Keyword::Symmetric);
        if !symmetric {
            self.accept(Keyword::Asymmetric);
        }
        let (low, high) = self.link(|p| {
            let low = p.restricted_expression()?;
            p.expect(Keyword::And)?;
            Ok((low, p.operand(level::LIKE + 1, mode)?))
        })?;
        self.refuse_chain(level::LIKE, mode)?;
        let (expr, low, high) = (Box::new(left), Box::new(low), Box::new(high));
        Ok(Expr { kind: ExprKind::Between { not, symmetric, expr, low, high }, position })
    }

    fn membership(&mut self, left: Expr, not: bool, position: Position) -> Result<Expr> {
        self.expect(Keyword::In)?;
        let expr = Box::new(left);
        let kind = match self.link(|p| p.parenthesis(true))? {
            Parenthesis::Select(query) => ExprKind::InSubquery { not, expr, query },
            Parenthesis::List(list) => ExprKind::InList { not, expr, list },
        };
        Ok(Expr { kind, position })
    }

    /// `left operator ANY (…)`, with the next token ANY, SOME or ALL.
    pub(super) fn quantified(
        &mut self,
        left: Expr,
        operator: OperatorName,
        position: Position,
    ) -> Result<Expr> {
        let all = self.advance().kind == Kind::Keyword(Keyword::All);
        let left = Box::new(left);
        let kind = match self.link(|p| p.parenthesis(false))? {
            Parenthesis::Select(query) => ExprKind::AnySubquery { operator, all, left, query },
            Parenthesis::List(mut list) => {
                let Some(array) = list.pop() else { return Err(self.unexpected()) };
                ExprKind::AnyArray { operator, all, left, array: Box::new(array) }
            }
        };
        Ok(Expr { kind, position })
    }
}

/// IS [NOT] [form] NORMALIZED.
fn normalized(not: bool, value: Expr, form: Option<Expr>, position: Position) -> ExprKind {
    let args = std::iter::once(value).chain(form).collect();
    let call = standard_call("is_normalized", args, position);
    if not { ExprKind::Not(Box::new(call)) } else { call.kind }
}

fn negated(not: bool, words: &str) -> String {
    if not { format!("NOT {words}") } else { words.to_owned() }
}
