//! Pieces to a tree; in HTML, with the place of each value.

use super::context::{Context, join};
use super::lexer::{Piece, Token, pieces};
use super::{Expression, Form, Function, Node, TemplateError};
use serde_json::Value;

type Result<T> = std::result::Result<T, TemplateError>;

/// Constructs may be nested so deep.
const DEPTH: usize = 50;

pub(super) fn parse(source: &str, form: Form, names: &[&str]) -> Result<Vec<Node>> {
    let pieces = pieces(source)?;
    let context = (form == Form::Html).then(Context::default);
    let mut parser = Parser { pieces: pieces.into_iter(), names, context, depth: 0, line: 1 };
    let (nodes, end) = parser.block(true)?;
    if let Some(end) = end {
        return Err(TemplateError::new(
            parser.line,
            format!("{{{{ {} }}}} without its beginning", end.word()),
        ));
    }
    if let Some(context) = &parser.context
        && let Some(what) = context.unfinished()
    {
        return Err(TemplateError::new(parser.line, format!("the template ends inside {what}")));
    }
    Ok(nodes)
}

struct Parser<'a> {
    pieces: std::vec::IntoIter<Piece>,
    names: &'a [&'a str],
    /// Where in the HTML the next piece stands; `None` in plain text.
    context: Option<Context>,
    depth: usize,
    /// The line of the last action.
    line: usize,
}

/// What ends a block.
enum End {
    Whole,
    Else,
    ElseIf(Vec<Token>),
}

impl End {
    fn word(&self) -> &'static str {
        match self {
            End::Whole => "end",
            End::Else | End::ElseIf(_) => "else",
        }
    }
}

#[derive(Clone, Copy)]
enum Opening {
    If,
    With,
    Range,
}

impl Parser<'_> {
    /// Nodes up to what ends them; `at_root` while the dot is the outermost one.
    fn block(&mut self, at_root: bool) -> Result<(Vec<Node>, Option<End>)> {
        let mut nodes = Vec::new();
        while let Some(piece) = self.pieces.next() {
            let (tokens, line) = match piece {
                Piece::Literal(text) => {
                    let text = match &mut self.context {
                        Some(context) => {
                            context.advance(&text).map_err(|what| TemplateError::new(self.line, what))?
                        }
                        None => text,
                    };
                    nodes.push(Node::Literal(text));
                    continue;
                }
                Piece::Action(tokens, line) => (tokens, line),
            };
            self.line = line;
            let keyword = match tokens.first() {
                Some(Token::Word(word)) => word.as_str(),
                _ => "",
            };
            match keyword {
                "if" => nodes.push(self.construct(Opening::If, &tokens[1..], at_root)?),
                "with" => nodes.push(self.construct(Opening::With, &tokens[1..], at_root)?),
                "range" => nodes.push(self.construct(Opening::Range, &tokens[1..], at_root)?),
                "end" if tokens.len() == 1 => return Ok((nodes, Some(End::Whole))),
                "else" if tokens.len() == 1 => return Ok((nodes, Some(End::Else))),
                "else" if tokens.get(1) == Some(&Token::Word("if".into())) => {
                    return Ok((nodes, Some(End::ElseIf(tokens[2..].to_vec()))));
                }
                "define" | "template" | "block" | "break" | "continue" | "end" | "else" => {
                    return Err(self.error(format!("{{{{ {keyword} … }}}} is not supported")));
                }
                _ => {
                    let expression = self.expression(&tokens, at_root)?;
                    let place = match &mut self.context {
                        Some(context) => {
                            Some(context.value().map_err(|what| TemplateError::new(line, what))?)
                        }
                        None => None,
                    };
                    nodes.push(Node::Value(expression, place));
                }
            }
        }
        Ok((nodes, None))
    }

    fn construct(&mut self, opening: Opening, tokens: &[Token], at_root: bool) -> Result<Node> {
        let line = self.line;
        let open = || TemplateError::new(line, "a construct is not closed with {{ end }}");
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(self.error(format!("more than {DEPTH} constructs within each other")));
        }
        let before = self.context.clone();
        let mut condition = self.expression(tokens, at_root)?;
        let (mut branches, mut ends) = (Vec::new(), Vec::new());
        let otherwise = loop {
            self.context = before.clone();
            let (nodes, end) = self.block(at_root && matches!(opening, Opening::If))?;
            branches.push((condition, nodes));
            ends.push(self.context.clone());
            match end.ok_or_else(open)? {
                End::Whole => {
                    ends.push(before.clone());
                    break Vec::new();
                }
                End::Else => {
                    self.context = before.clone();
                    let (nodes, end) = self.block(at_root)?;
                    ends.push(self.context.clone());
                    match end.ok_or_else(open)? {
                        End::Whole => break nodes,
                        End::Else | End::ElseIf(_) => {
                            return Err(self.error("a second {{ else }}".into()));
                        }
                    }
                }
                End::ElseIf(tokens) if matches!(opening, Opening::If) => {
                    condition = self.expression(&tokens, at_root)?;
                }
                End::ElseIf(_) => return Err(self.error("{{ else if }} belongs to {{ if }}".into())),
            }
        };
        if matches!(opening, Opening::Range) {
            // What comes again must find the place where it began.
            ends.push(before);
        }
        self.context = joined(ends)
            .ok_or_else(|| TemplateError::new(line, "its branches end in different places of the HTML"))?;
        self.depth -= 1;
        let mut branches = branches.into_iter();
        Ok(match (opening, branches.next()) {
            (Opening::With, Some((value, nodes))) => Node::With(value, nodes, otherwise),
            (Opening::Range, Some((value, nodes))) => Node::Range(value, nodes, otherwise),
            (_, first) => Node::If(first.into_iter().chain(branches).collect(), otherwise),
        })
    }

    /// A pipeline: each command's value is the last argument of the next one.
    fn expression(&self, tokens: &[Token], at_root: bool) -> Result<Expression> {
        let mut tokens = tokens.iter().peekable();
        let expression = self.pipeline(&mut tokens, at_root, 0)?;
        match tokens.next() {
            None => Ok(expression),
            Some(_) => Err(self.error("a ) without its (".into())),
        }
    }

    fn pipeline(&self, tokens: &mut Tokens<'_>, at_root: bool, depth: usize) -> Result<Expression> {
        if depth > DEPTH {
            return Err(self.error(format!("more than {DEPTH} parentheses within each other")));
        }
        let mut piped = None;
        loop {
            let mut operands: Vec<Operand> = Vec::new();
            while let Some(token) = tokens.next_if(|token| !matches!(token, Token::Pipe | Token::Close)) {
                operands.push(self.operand(token, tokens, at_root, depth)?);
            }
            piped = Some(self.command(operands, piped)?);
            if tokens.next_if(|token| matches!(token, Token::Pipe)).is_none() {
                break;
            }
        }
        piped.ok_or_else(|| self.error("an action without a value".into()))
    }

    fn operand(
        &self,
        token: &Token,
        tokens: &mut Tokens<'_>,
        at_root: bool,
        depth: usize,
    ) -> Result<Operand> {
        let value = match token {
            Token::Field(of_root, path) => {
                if (*of_root || at_root)
                    && let Some(first) = path.first()
                {
                    self.must_be_known(first)?;
                }
                Expression::Field { of_root: *of_root, path: path.clone() }
            }
            Token::Text(text) => Expression::Literal(Value::String(text.clone())),
            Token::Number(number) => Expression::Literal(Value::from(*number)),
            Token::Open => {
                let inner = self.pipeline(tokens, at_root, depth + 1)?;
                if tokens.next() != Some(&Token::Close) {
                    return Err(self.error("a ( is not closed".into()));
                }
                inner
            }
            Token::Word(word) => match word.as_str() {
                "true" => Expression::Literal(Value::Bool(true)),
                "false" => Expression::Literal(Value::Bool(false)),
                "nil" => Expression::Literal(Value::Null),
                _ => {
                    return match function(word) {
                        Some(function) => Ok(Operand::Function(function)),
                        None => Err(self.error(format!("{word} is not supported"))),
                    };
                }
            },
            Token::Pipe | Token::Close => return Err(self.error("an action without a value".into())),
        };
        Ok(Operand::Value(value))
    }

    fn command(&self, operands: Vec<Operand>, piped: Option<Expression>) -> Result<Expression> {
        let mut operands = operands.into_iter();
        let first = operands.next().ok_or_else(|| self.error("an action without a value".into()))?;
        let mut arguments = Vec::new();
        for operand in operands {
            match operand {
                Operand::Value(value) => arguments.push(value),
                Operand::Function(_) => {
                    return Err(self.error("a function as an argument needs parentheses".into()));
                }
            }
        }
        match first {
            Operand::Value(value) if arguments.is_empty() && piped.is_none() => Ok(value),
            Operand::Value(_) => Err(self.error("a value takes no arguments".into())),
            Operand::Function(function) => {
                arguments.extend(piped);
                let (least, most) = arity(function);
                if arguments.len() < least || arguments.len() > most {
                    return Err(self.error(format!("{function:?} has {} arguments", arguments.len())));
                }
                Ok(Expression::Call(function, arguments))
            }
        }
    }

    fn must_be_known(&self, name: &str) -> Result<()> {
        if self.names.contains(&name) {
            return Ok(());
        }
        let alike = self.names.iter().find(|known| known.eq_ignore_ascii_case(name));
        let hint = alike.map_or_else(
            || format!("there are .{}", self.names.join(", .")),
            |known| format!("did you mean .{known}?"),
        );
        Err(self.error(format!("no variable .{name}: {hint}")))
    }

    fn error(&self, what: String) -> TemplateError {
        TemplateError::new(self.line, what)
    }
}

type Tokens<'t> = std::iter::Peekable<std::slice::Iter<'t, Token>>;

enum Operand {
    Function(Function),
    Value(Expression),
}

/// The place where all branches end; `None` when it is not one.
fn joined(ends: Vec<Option<Context>>) -> Option<Option<Context>> {
    let mut ends = ends.into_iter();
    let first = ends.next()?;
    ends.try_fold(first, |left, right| match (left, right) {
        (Some(left), Some(right)) => join(left, right).map(Some),
        _ => Some(None),
    })
}

fn function(word: &str) -> Option<Function> {
    Some(match word {
        "and" => Function::And,
        "or" => Function::Or,
        "not" => Function::Not,
        "eq" => Function::Eq,
        "ne" => Function::Ne,
        "lt" => Function::Lt,
        "le" => Function::Le,
        "gt" => Function::Gt,
        "ge" => Function::Ge,
        "len" => Function::Len,
        "index" => Function::Index,
        "print" => Function::Print,
        "urlquery" => Function::UrlQuery,
        _ => return None,
    })
}

/// The least and the most arguments.
fn arity(function: Function) -> (usize, usize) {
    match function {
        Function::And | Function::Or => (1, usize::MAX),
        Function::Not | Function::Len => (1, 1),
        Function::Eq => (2, usize::MAX),
        Function::Ne | Function::Lt | Function::Le | Function::Gt | Function::Ge => (2, 2),
        Function::Index | Function::Print | Function::UrlQuery => (1, usize::MAX),
    }
}
