//! Operators: gram.y's `a_expr` and `b_expr` by precedence climbing.

use super::{Mode, Parser};
use crate::ast::{Expr, ExprKind, OperatorName, Position};
use crate::lexer::{Keyword, Kind};
use sqlstate::Result;

/// gram.y's precedences, lowest first.
pub(super) mod level {
    pub(in crate::parser) const LOWEST: u8 = 0;
    pub(in crate::parser) const OR: u8 = 1;
    pub(in crate::parser) const AND: u8 = 2;
    pub(in crate::parser) const NOT: u8 = 3;
    pub(in crate::parser) const IS: u8 = 4;
    pub(in crate::parser) const COMPARISON: u8 = 5;
    pub(in crate::parser) const LIKE: u8 = 6;
    pub(in crate::parser) const ESCAPE: u8 = 7;
    pub(in crate::parser) const OPERATOR: u8 = 8;
    pub(in crate::parser) const SUM: u8 = 9;
    pub(in crate::parser) const PRODUCT: u8 = 10;
    pub(in crate::parser) const POWER: u8 = 11;
    pub(in crate::parser) const AT: u8 = 12;
    pub(in crate::parser) const COLLATE: u8 = 13;
    pub(in crate::parser) const CAST: u8 = 14;
}

/// What the next token does behind an operand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Infix {
    Or,
    And,
    Is,
    IsNull,
    Comparison,
    /// LIKE, ILIKE, SIMILAR, IN, BETWEEN, with NOT before it or not.
    Predicate,
    Operator,
    Sum,
    Product,
    Power,
    AtTimeZone,
    Collate,
    Cast,
}

impl Parser<'_> {
    /// An `a_expr`.
    pub(super) fn expression(&mut self) -> Result<Expr> {
        self.operand(level::LOWEST, Mode::Any)
    }

    /// A `b_expr`.
    pub(super) fn restricted_expression(&mut self) -> Result<Expr> {
        self.operand(level::LOWEST, Mode::Restricted)
    }

    pub(super) fn expression_list(&mut self) -> Result<Vec<Expr>> {
        self.list(Self::expression)
    }

    /// An expression whose operators bind at least as tightly as `least`.
    pub(super) fn operand(&mut self, least: u8, mode: Mode) -> Result<Expr> {
        self.enter(2)?;
        let before = self.begin_tree();
        let first = self.prefix(mode)?;
        let result = self.operators(first, least, mode)?;
        self.end_tree(before);
        self.leave(2);
        Ok(result)
    }

    /// The prefix operators, and what has none.
    #[inline(never)]
    fn prefix(&mut self, mode: Mode) -> Result<Expr> {
        let position = self.position();
        let mode = mode.inner();
        match self.kind() {
            Kind::Char(b'-') => {
                self.advance();
                let operand = self.operand(level::CAST, mode)?;
                Ok(negate(operand, position))
            }
            Kind::Char(b'+') => {
                self.advance();
                let operand = Box::new(self.operand(level::CAST, mode)?);
                Ok(Expr { kind: ExprKind::Unary { operator: symbol("+"), operand }, position })
            }
            Kind::Operator => self.prefix_operator(mode, position),
            Kind::Keyword(Keyword::Operator) if self.is_char_at(1, b'(') => {
                self.prefix_operator(mode, position)
            }
            Kind::Keyword(Keyword::Not) if mode != Mode::Restricted => {
                self.advance();
                let operand = self.operand(level::NOT, mode)?;
                Ok(Expr { kind: ExprKind::Not(Box::new(operand)), position })
            }
            _ => self.primary(mode),
        }
    }

    fn prefix_operator(&mut self, mode: Mode, position: Position) -> Result<Expr> {
        let operator = self.operator_name()?;
        let operand = Box::new(self.operand(level::SUM, mode)?);
        Ok(Expr { kind: ExprKind::Unary { operator, operand }, position })
    }

    /// The operators behind `left`, as long as they bind at least as tightly as `least`.
    pub(super) fn operators(&mut self, mut left: Expr, least: u8, mode: Mode) -> Result<Expr> {
        while let Some((infix, binding)) = self.infix(mode) {
            if binding < least || mode == Mode::Target && self.is_trailing_label() {
                break;
            }
            left = self.infix_operation(left, infix, binding, mode)?;
        }
        Ok(left)
    }

    /// What the next token is behind an operand, and how tightly it binds.
    fn infix(&self, mode: Mode) -> Option<(Infix, u8)> {
        let any = mode != Mode::Restricted;
        Some(match self.kind() {
            Kind::Typecast => (Infix::Cast, level::CAST),
            Kind::Char(b'+' | b'-') => (Infix::Sum, level::SUM),
            Kind::Char(b'*' | b'/' | b'%') => (Infix::Product, level::PRODUCT),
            Kind::Char(b'^') => (Infix::Power, level::POWER),
            Kind::Char(b'<' | b'>' | b'=') | Kind::LessEquals | Kind::GreaterEquals | Kind::NotEquals => {
                (Infix::Comparison, level::COMPARISON)
            }
            Kind::Operator => (Infix::Operator, level::OPERATOR),
            Kind::Keyword(keyword) => match keyword {
                Keyword::Operator if self.is_char_at(1, b'(') || mode != Mode::Target => {
                    (Infix::Operator, level::OPERATOR)
                }
                Keyword::Is => (Infix::Is, level::IS),
                Keyword::Or if any => (Infix::Or, level::OR),
                Keyword::And if any => (Infix::And, level::AND),
                Keyword::Isnull | Keyword::Notnull if any => (Infix::IsNull, level::IS),
                Keyword::Similar if self.similar_ends && !self.is_at(1, Keyword::To) => return None,
                Keyword::Like | Keyword::Ilike | Keyword::Similar | Keyword::In | Keyword::Between if any => {
                    (Infix::Predicate, level::LIKE)
                }
                Keyword::Not if any && self.is_negatable(1) => (Infix::Predicate, level::LIKE),
                Keyword::At if any && (mode != Mode::Target || self.is_at(1, Keyword::Time)) => {
                    (Infix::AtTimeZone, level::AT)
                }
                Keyword::Collate if any => (Infix::Collate, level::COLLATE),
                _ => return None,
            },
            _ => return None,
        })
    }

    /// Whether the token is one before which NOT belongs to it.
    fn is_negatable(&self, ahead: usize) -> bool {
        use Keyword::{Between, Ilike, In, Like, Similar};
        matches!(self.keyword_at(ahead), Some(Between | In | Like | Ilike | Similar))
    }

    /// `SELECT 1 and FROM t`: an operator's word that nothing follows which could be an operand names the column.
    fn is_trailing_label(&self) -> bool {
        let Some(keyword) = self.keyword() else { return false };
        keyword.is_bare_label()
            && match self.kind_at(1) {
                Kind::End | Kind::Char(b',' | b')' | b';') => true,
                Kind::Keyword(next) => matches!(
                    next,
                    Keyword::From
                        | Keyword::Into
                        | Keyword::Where
                        | Keyword::Group
                        | Keyword::Having
                        | Keyword::Window
                        | Keyword::Union
                        | Keyword::Intersect
                        | Keyword::Except
                        | Keyword::Order
                        | Keyword::Limit
                        | Keyword::Offset
                        | Keyword::Fetch
                        | Keyword::For
                        | Keyword::On
                        | Keyword::Returning
                ),
                _ => false,
            }
    }

    #[inline(never)]
    fn infix_operation(&mut self, left: Expr, infix: Infix, binding: u8, mode: Mode) -> Result<Expr> {
        let position = self.position();
        let mode = mode.inner();
        match infix {
            Infix::Or | Infix::And => {
                self.advance();
                let right = self.link(|p| p.operand(binding + 1, mode))?;
                Ok(if infix == Infix::Or {
                    disjunction(left, right, position)
                } else {
                    conjunction(left, right, position)
                })
            }
            Infix::Is => self.is_test(left, mode),
            Infix::IsNull => {
                let not = self.advance().kind == Kind::Keyword(Keyword::Notnull);
                self.link_alone()?;
                Ok(Expr { kind: ExprKind::IsNull { expr: Box::new(left), not }, position })
            }
            Infix::Predicate => self.predicate(left, mode),
            Infix::Cast => {
                self.advance();
                let type_name = self.link(Self::type_name)?;
                Ok(Expr { kind: ExprKind::Cast { expr: Box::new(left), type_name }, position })
            }
            Infix::Collate => {
                self.advance();
                let collation = self.link(Self::any_name)?;
                Ok(Expr { kind: ExprKind::Collate { expr: Box::new(left), collation }, position })
            }
            Infix::AtTimeZone => {
                self.expect_all(&[Keyword::At, Keyword::Time, Keyword::Zone])?;
                let zone = self.link(|p| p.operand(level::AT + 1, mode))?;
                Ok(Expr {
                    kind: ExprKind::AtTimeZone { expr: Box::new(left), zone: Box::new(zone) },
                    position,
                })
            }
            Infix::Comparison | Infix::Operator | Infix::Sum | Infix::Product | Infix::Power => {
                let operator = self.operator_name()?;
                if mode != Mode::Restricted
                    && matches!(self.keyword(), Some(Keyword::Any | Keyword::Some | Keyword::All))
                {
                    return self.quantified(left, operator, position);
                }
                let right = self.link(|p| p.operand(binding + 1, mode))?;
                if infix == Infix::Comparison {
                    self.refuse_chain(level::COMPARISON, mode)?;
                }
                let (left, right) = (Box::new(left), Box::new(right));
                Ok(Expr { kind: ExprKind::Binary { operator, left, right }, position })
            }
        }
    }

    /// Behind an operation of a class that does not associate, another of the class is an error.
    pub(super) fn refuse_chain(&self, binding: u8, mode: Mode) -> Result<()> {
        match self.infix(mode) {
            Some((_, next)) if next == binding => Err(self.unexpected()),
            _ => Ok(()),
        }
    }

    /// gram.y's `qual_all_Op` and the operators that have rules of their own.
    pub(super) fn operator_name(&mut self) -> Result<OperatorName> {
        if self.accept(Keyword::Operator) {
            self.expect_char(b'(')?;
            let operator = self.any_operator()?;
            self.expect_char(b')')?;
            return Ok(operator);
        }
        Ok(OperatorName { schema: None, symbol: self.operator_symbol()? })
    }

    /// gram.y's `any_operator`: `schema.op`.
    pub(super) fn any_operator(&mut self) -> Result<OperatorName> {
        let mut schema: Option<String> = None;
        while self.is_column_id(0) {
            let part = self.column_id()?;
            self.expect_char(b'.')?;
            schema = Some(match schema {
                Some(outer) => format!("{outer}.{part}"),
                None => part,
            });
        }
        Ok(OperatorName { schema, symbol: self.operator_symbol()? })
    }

    /// gram.y's `all_Op`.
    fn operator_symbol(&mut self) -> Result<String> {
        let token = self.peek();
        let symbol = match token.kind {
            Kind::Operator => self.scan.source(token),
            Kind::LessEquals => "<=",
            Kind::GreaterEquals => ">=",
            Kind::NotEquals => "<>",
            Kind::Char(b'+') => "+",
            Kind::Char(b'-') => "-",
            Kind::Char(b'*') => "*",
            Kind::Char(b'/') => "/",
            Kind::Char(b'%') => "%",
            Kind::Char(b'^') => "^",
            Kind::Char(b'<') => "<",
            Kind::Char(b'>') => ">",
            Kind::Char(b'=') => "=",
            _ => return Err(self.unexpected()),
        };
        self.advance();
        Ok(symbol.to_owned())
    }
}

pub(super) fn symbol(text: &str) -> OperatorName {
    OperatorName { schema: None, symbol: text.to_owned() }
}

/// `-x`; a number takes the sign itself.
fn negate(operand: Expr, position: Position) -> Expr {
    match operand.kind {
        ExprKind::Number(digits) => {
            let digits = match digits.strip_prefix('-') {
                Some(positive) => positive.to_owned(),
                None => format!("-{digits}"),
            };
            Expr { kind: ExprKind::Number(digits), position }
        }
        kind => {
            let operand = Box::new(Expr { kind, position: operand.position });
            Expr { kind: ExprKind::Unary { operator: symbol("-"), operand }, position }
        }
    }
}

/// `left AND right`: a conjunction on the left grows.
fn conjunction(left: Expr, right: Expr, position: Position) -> Expr {
    match left {
        Expr { kind: ExprKind::And(mut parts), position } => {
            parts.push(right);
            Expr { kind: ExprKind::And(parts), position }
        }
        left => Expr { kind: ExprKind::And(vec![left, right]), position },
    }
}

fn disjunction(left: Expr, right: Expr, position: Position) -> Expr {
    match left {
        Expr { kind: ExprKind::Or(mut parts), position } => {
            parts.push(right);
            Expr { kind: ExprKind::Or(parts), position }
        }
        left => Expr { kind: ExprKind::Or(vec![left, right]), position },
    }
}
