//! Reads a path: the grammar of the SQL/JSON path language.

use super::scan::{Keyword, Lexeme, Token, error, words};
use super::{Binary, Kind, Method, Node, Path, RegexFlags};
use crate::numeric::Numeric;
use crate::regexp;
use sqlstate::{
    DatabaseError, FEATURE_NOT_SUPPORTED, INVALID_TEXT_REPRESENTATION, Result, STATEMENT_TOO_COMPLEX,
    SYNTAX_ERROR,
};

/// How deep a path may nest.
const MAX_DEPTH: usize = 200;

/// Whether a node says yes or no, or gives items.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Expression,
    /// In brackets.
    DelimitedPredicate,
    Predicate,
}

type Sorted = (Node, Sort);

/// Parses a path.
pub(super) fn parse(text: &str) -> Result<Path> {
    let (words, broken) = words(text);
    let mut parser = Parser { words, broken, at: 0, depth: 0 };
    if parser.peek() == Some(&Token::End) {
        return Err(DatabaseError::new(
            INVALID_TEXT_REPRESENTATION,
            format!("invalid input syntax for type jsonpath: \"{text}\""),
        ));
    }
    let lax = !parser.is_keyword(Keyword::Strict);
    if !lax || parser.is_keyword(Keyword::Lax) {
        parser.at += 1;
    }
    let (expression, _) = parser.either()?;
    if parser.peek() != Some(&Token::End) {
        return Err(parser.unexpected());
    }
    check(&expression, 0, false)?;
    Ok(Path { lax, expression })
}

/// `@` stands in filters only, `last` in subscripts.
fn check(node: &Node, filters: usize, in_subscript: bool) -> Result<()> {
    let misplaced = |message: &str| Err(DatabaseError::new(SYNTAX_ERROR, message));
    match &node.kind {
        Kind::Current if filters == 0 => return misplaced("@ is not allowed in root expressions"),
        Kind::Last if !in_subscript => return misplaced("LAST is allowed only in array subscripts"),
        Kind::Binary(_, left, right) => {
            check(left, filters, in_subscript)?;
            check(right, filters, in_subscript)?;
        }
        Kind::LikeRegex { expression, .. } => check(expression, filters, in_subscript)?,
        Kind::Filter(inner) => check(inner, filters + 1, in_subscript)?,
        Kind::IsUnknown(inner)
        | Kind::Not(inner)
        | Kind::Plus(inner)
        | Kind::Minus(inner)
        | Kind::Exists(inner) => check(inner, filters, in_subscript)?,
        Kind::Subscripts(subscripts) => {
            for (from, to) in subscripts {
                check(from, filters, true)?;
                if let Some(to) = to {
                    check(to, filters, true)?;
                }
            }
        }
        _ => {}
    }
    match &node.next {
        Some(next) => check(next, filters, in_subscript),
        None => Ok(()),
    }
}

struct Parser {
    words: Vec<Lexeme>,
    /// What is wrong behind the last word.
    broken: Option<DatabaseError>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.words.get(self.at).map(|word| &word.token)
    }

    fn unexpected(&mut self) -> DatabaseError {
        match self.words.get(self.at) {
            Some(word) => error("syntax error", &word.shown),
            None => self.broken.take().unwrap_or_else(|| error("syntax error", "")),
        }
    }

    fn is_sign(&self, sign: &str) -> bool {
        matches!(self.peek(), Some(Token::Sign(found)) if *found == sign)
    }

    fn accept(&mut self, sign: &str) -> bool {
        let found = self.is_sign(sign);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &str) -> Result<()> {
        if self.accept(sign) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn is_keyword(&self, wanted: Keyword) -> bool {
        matches!(self.peek(), Some(Token::Word(Some(keyword), _)) if *keyword == wanted)
    }

    fn expect_keyword(&mut self, wanted: Keyword) -> Result<()> {
        if self.is_keyword(wanted) {
            self.at += 1;
            return Ok(());
        }
        Err(self.unexpected())
    }

    fn string(&mut self) -> Result<String> {
        match self.peek() {
            Some(Token::String(text)) => {
                let text = text.clone();
                self.at += 1;
                Ok(text)
            }
            _ => Err(self.unexpected()),
        }
    }

    /// An expression or a predicate: `||` binds weakest.
    fn either(&mut self) -> Result<Sorted> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(DatabaseError::new(STATEMENT_TOO_COMPLEX, "stack depth limit exceeded"));
        }
        let mut left = self.conjunction()?;
        while self.is_sign("||") && left.1 != Sort::Expression {
            self.at += 1;
            let right = self.conjunction()?;
            let right = self.predicate_of(right)?;
            left = (binary(Binary::Or, left.0, right), Sort::Predicate);
        }
        self.depth -= 1;
        Ok(left)
    }

    fn conjunction(&mut self) -> Result<Sorted> {
        let mut left = self.negation()?;
        while self.is_sign("&&") && left.1 != Sort::Expression {
            self.at += 1;
            let right = self.negation()?;
            let right = self.predicate_of(right)?;
            left = (binary(Binary::And, left.0, right), Sort::Predicate);
        }
        Ok(left)
    }

    fn predicate_of(&mut self, (node, sort): Sorted) -> Result<Node> {
        if sort == Sort::Expression { Err(self.unexpected()) } else { Ok(node) }
    }

    fn expression_of(&mut self, (node, sort): Sorted) -> Result<Node> {
        if sort == Sort::Expression { Ok(node) } else { Err(self.unexpected()) }
    }

    fn negation(&mut self) -> Result<Sorted> {
        if !self.accept("!") {
            return self.comparison();
        }
        if !self.is_sign("(") && !self.is_keyword(Keyword::Exists) {
            return Err(self.unexpected());
        }
        let node = if self.accept("(") {
            let inner = self.either()?;
            let node = self.predicate_of(inner)?;
            self.expect(")")?;
            node
        } else {
            self.exists()?
        };
        Ok((Node::of(Kind::Not(Box::new(node))), Sort::Predicate))
    }

    fn exists(&mut self) -> Result<Node> {
        self.expect_keyword(Keyword::Exists)?;
        self.expect("(")?;
        let inner = self.either()?;
        let node = self.expression_of(inner)?;
        self.expect(")")?;
        Ok(Node::of(Kind::Exists(Box::new(node))))
    }

    fn comparison(&mut self) -> Result<Sorted> {
        let (left, sort) = self.sum()?;
        if sort != Sort::Expression {
            return Ok((left, sort));
        }
        let operator = match self.peek() {
            Some(Token::Sign("==")) => Binary::Equal,
            Some(Token::Sign("!=" | "<>")) => Binary::NotEqual,
            Some(Token::Sign("<")) => Binary::Less,
            Some(Token::Sign(">")) => Binary::Greater,
            Some(Token::Sign("<=")) => Binary::LessOrEqual,
            Some(Token::Sign(">=")) => Binary::GreaterOrEqual,
            Some(Token::Word(Some(Keyword::Starts), _)) => {
                self.at += 1;
                self.expect_keyword(Keyword::With)?;
                let initial = match self.peek() {
                    Some(Token::String(text)) => Kind::String(text.clone()),
                    Some(Token::Variable(name)) => Kind::Variable(name.clone()),
                    _ => return Err(self.unexpected()),
                };
                self.at += 1;
                return Ok((binary(Binary::StartsWith, left, Node::of(initial)), Sort::Predicate));
            }
            Some(Token::Word(Some(Keyword::LikeRegex), _)) => {
                self.at += 1;
                return Ok((self.like_regex(left)?, Sort::Predicate));
            }
            _ => return Ok((left, sort)),
        };
        self.at += 1;
        let right = self.sum()?;
        let right = self.expression_of(right)?;
        Ok((binary(operator, left, right), Sort::Predicate))
    }

    fn like_regex(&mut self, left: Node) -> Result<Node> {
        let pattern = self.string()?;
        let mut flags = RegexFlags::default();
        if self.is_keyword(Keyword::Flag) {
            self.at += 1;
            let mut expanded = false;
            for letter in self.string()?.chars() {
                match letter {
                    'i' => flags.ignore_case = true,
                    's' => flags.dot_all = true,
                    'm' => flags.multi_line = true,
                    'x' => expanded = true,
                    'q' => flags.quote = true,
                    other => {
                        return Err(DatabaseError::new(
                            SYNTAX_ERROR,
                            "invalid input syntax for type jsonpath",
                        )
                        .with_detail(format!(
                            "Unrecognized flag character \"{other}\" in LIKE_REGEX predicate."
                        )));
                    }
                }
            }
            if expanded && !flags.quote {
                return Err(DatabaseError::new(
                    FEATURE_NOT_SUPPORTED,
                    "XQuery \"x\" flag (expanded regular expressions) is not implemented",
                ));
            }
            if expanded {
                return Err(DatabaseError::unsupported("flag \"x\" beside \"q\" of like_regex"));
            }
        }
        regexp::compile(&pattern, flags.options())?;
        Ok(Node::of(Kind::LikeRegex { expression: Box::new(left), pattern, flags }))
    }

    fn sum(&mut self) -> Result<Sorted> {
        let mut left = self.product()?;
        while left.1 == Sort::Expression {
            let operator = match self.peek() {
                Some(Token::Sign("+")) => Binary::Add,
                Some(Token::Sign("-")) => Binary::Subtract,
                _ => break,
            };
            self.at += 1;
            let right = self.product()?;
            let right = self.expression_of(right)?;
            left = (binary(operator, left.0, right), Sort::Expression);
        }
        Ok(left)
    }

    fn product(&mut self) -> Result<Sorted> {
        let mut left = self.signed()?;
        while left.1 == Sort::Expression {
            let operator = match self.peek() {
                Some(Token::Sign("*")) => Binary::Multiply,
                Some(Token::Sign("/")) => Binary::Divide,
                Some(Token::Sign("%")) => Binary::Modulo,
                _ => break,
            };
            self.at += 1;
            let right = self.signed()?;
            let right = self.expression_of(right)?;
            left = (binary(operator, left.0, right), Sort::Expression);
        }
        Ok(left)
    }

    fn signed(&mut self) -> Result<Sorted> {
        let minus = self.is_sign("-");
        if !minus && !self.is_sign("+") {
            return self.accessors();
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(DatabaseError::new(STATEMENT_TOO_COMPLEX, "stack depth limit exceeded"));
        }
        self.at += 1;
        let operand = self.signed()?;
        let operand = self.expression_of(operand)?;
        self.depth -= 1;
        let node = match operand {
            // A sign is a number's own.
            Node { kind: Kind::Number(number), next: None } => {
                Node::of(Kind::Number(if minus { number.negated() } else { number }))
            }
            operand if minus => Node::of(Kind::Minus(Box::new(operand))),
            operand => Node::of(Kind::Plus(Box::new(operand))),
        };
        Ok((node, Sort::Expression))
    }

    fn accessors(&mut self) -> Result<Sorted> {
        let (mut node, mut sort) = self.primary()?;
        // What is a predicate without brackets of its own has no steps.
        if sort == Sort::Predicate {
            return Ok((node, sort));
        }
        while let Some(step) = self.accessor()? {
            node.push(step);
            sort = Sort::Expression;
        }
        Ok((node, sort))
    }

    fn primary(&mut self) -> Result<Sorted> {
        let kind = match self.peek() {
            Some(Token::Sign("(")) => {
                self.at += 1;
                let (node, sort) = self.either()?;
                self.expect(")")?;
                if sort == Sort::Expression {
                    return Ok((node, sort));
                }
                if self.is_keyword(Keyword::Is) {
                    self.at += 1;
                    self.expect_keyword(Keyword::Unknown)?;
                    return Ok((Node::of(Kind::IsUnknown(Box::new(node))), Sort::Predicate));
                }
                return Ok((node, Sort::DelimitedPredicate));
            }
            Some(Token::Word(Some(Keyword::Exists), _)) => return Ok((self.exists()?, Sort::Predicate)),
            Some(Token::String(text)) => Kind::String(text.clone()),
            Some(Token::Word(Some(Keyword::Null), _)) => Kind::Null,
            Some(Token::Word(Some(Keyword::True), _)) => Kind::Bool(true),
            Some(Token::Word(Some(Keyword::False), _)) => Kind::Bool(false),
            Some(Token::Word(Some(Keyword::Last), _)) => Kind::Last,
            Some(Token::Number(text) | Token::Integer(text)) => Kind::Number(Numeric::input(text)?),
            Some(Token::Variable(name)) => Kind::Variable(name.clone()),
            Some(Token::Sign("$")) => Kind::Root,
            Some(Token::Sign("@")) => Kind::Current,
            _ => return Err(self.unexpected()),
        };
        self.at += 1;
        Ok((Node::of(kind), Sort::Expression))
    }

    fn accessor(&mut self) -> Result<Option<Node>> {
        let kind = match self.peek() {
            Some(Token::Sign("[")) => {
                self.at += 1;
                self.subscripts()?
            }
            Some(Token::Sign("?")) => {
                self.at += 1;
                self.expect("(")?;
                let inner = self.either()?;
                let node = self.predicate_of(inner)?;
                self.expect(")")?;
                Kind::Filter(Box::new(node))
            }
            Some(Token::Sign(".")) => {
                self.at += 1;
                self.member()?
            }
            _ => return Ok(None),
        };
        Ok(Some(Node::of(kind)))
    }

    fn subscripts(&mut self) -> Result<Kind> {
        if self.accept("*") {
            self.expect("]")?;
            return Ok(Kind::AnyArray);
        }
        let mut subscripts = Vec::new();
        loop {
            let from = self.either()?;
            let from = self.expression_of(from)?;
            let to = if self.is_keyword(Keyword::To) {
                self.at += 1;
                let to = self.either()?;
                Some(self.expression_of(to)?)
            } else {
                None
            };
            subscripts.push((from, to));
            if !self.accept(",") {
                break;
            }
        }
        self.expect("]")?;
        Ok(Kind::Subscripts(subscripts))
    }

    /// Behind a point: a key, `*`, `**` or a method.
    fn member(&mut self) -> Result<Kind> {
        match self.peek() {
            Some(Token::Sign("*")) => {
                self.at += 1;
                Ok(Kind::AnyKey)
            }
            Some(Token::Sign("**")) => {
                self.at += 1;
                self.levels()
            }
            Some(Token::String(text)) => {
                let key = text.clone();
                self.at += 1;
                Ok(Kind::Key(key))
            }
            Some(Token::Word(keyword, word)) => {
                let (keyword, key) = (*keyword, word.clone());
                self.at += 1;
                let method = match keyword {
                    Some(Keyword::Abs) => Method::Abs,
                    Some(Keyword::Size) => Method::Size,
                    Some(Keyword::Type) => Method::Type,
                    Some(Keyword::Floor) => Method::Floor,
                    Some(Keyword::Double) => Method::Double,
                    Some(Keyword::Ceiling) => Method::Ceiling,
                    Some(Keyword::KeyValue) => Method::KeyValue,
                    Some(Keyword::DateTime) if self.accept("(") => {
                        let template = if let Some(Token::String(_)) = self.peek() {
                            Some(self.string()?)
                        } else {
                            None
                        };
                        self.expect(")")?;
                        return Ok(Kind::DateTime(template));
                    }
                    _ => return Ok(Kind::Key(key)),
                };
                if !self.accept("(") {
                    return Ok(Kind::Key(key));
                }
                self.expect(")")?;
                Ok(Kind::Method(method))
            }
            _ => Err(self.unexpected()),
        }
    }

    fn levels(&mut self) -> Result<Kind> {
        if !self.accept("{") {
            return Ok(Kind::Any { first: 0, last: u32::MAX });
        }
        let first = self.level()?;
        let last = if self.is_keyword(Keyword::To) {
            self.at += 1;
            self.level()?
        } else {
            first
        };
        self.expect("}")?;
        Ok(Kind::Any { first, last })
    }

    fn level(&mut self) -> Result<u32> {
        match self.peek() {
            Some(Token::Integer(text)) => {
                let level = text.parse::<i32>().map_err(|_| {
                    DatabaseError::new(
                        sqlstate::NUMERIC_VALUE_OUT_OF_RANGE,
                        format!("value \"{text}\" is out of range for type integer"),
                    )
                })?;
                self.at += 1;
                Ok(level.unsigned_abs())
            }
            Some(Token::Word(Some(Keyword::Last), _)) => {
                self.at += 1;
                Ok(u32::MAX)
            }
            _ => Err(self.unexpected()),
        }
    }
}

fn binary(operator: Binary, left: Node, right: Node) -> Node {
    Node::of(Kind::Binary(operator, Box::new(left), Box::new(right)))
}

impl RegexFlags {
    /// The same as our regular expressions take them.
    pub(super) fn options(self) -> regexp::Options {
        regexp::Options::of_path(self.ignore_case, self.dot_all, self.multi_line, self.quote)
    }
}
