//! pl_gram.y, as far as [`super`] goes.

use super::{Block, Body, Conflict, Declaration, DeclaredType, Into, Statement};
use crate::ast;
use crate::lexer::{Kind, Scan, Token, cut_identifier, scan};
use sqlstate::{DatabaseError, Result, STATEMENT_TOO_COMPLEX, SYNTAX_ERROR};

/// How deep blocks may nest.
const DEPTH: usize = 50;

/// The statements that are not run one after another, by their first words, and what they are called.
const CONTROL: &[(&str, &str)] = &[
    ("if", "IF"),
    ("case", "CASE"),
    ("loop", "LOOP"),
    ("while", "WHILE"),
    ("for", "FOR"),
    ("foreach", "FOREACH"),
    ("exit", "EXIT"),
    ("continue", "CONTINUE"),
    ("raise", "RAISE"),
    ("assert", "ASSERT"),
    ("execute", "EXECUTE"),
    ("get", "GET DIAGNOSTICS"),
    ("open", "OPEN"),
    ("fetch", "FETCH"),
    ("move", "MOVE"),
    ("close", "CLOSE"),
    ("call", "CALL"),
    ("do", "DO"),
    ("commit", "COMMIT"),
    ("rollback", "ROLLBACK"),
    ("exception", "EXCEPTION"),
];

pub(super) struct Parser<'a> {
    pub(super) scan: Scan<'a>,
    pub(super) at: usize,
    pub(super) depth: usize,
    /// A construct was met that ends the parsing.
    pub(super) stopped: bool,
    /// What branches, loops, raises and catches is read.
    pub(super) control: bool,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str) -> Parser<'a> {
        Parser { scan: scan(text), at: 0, depth: 0, stopped: false, control: false }
    }

    pub(super) fn with_control(mut self) -> Parser<'a> {
        self.control = true;
        self
    }

    // ------------------------------------------------------------------------------------- tokens

    pub(super) fn token(&self, ahead: usize) -> Token {
        let tokens = &self.scan.tokens;
        tokens[(self.at + ahead).min(tokens.len() - 1)]
    }

    pub(super) fn kind(&self) -> Kind {
        self.token(0).kind
    }

    /// Whether the next token is this word, unquoted.
    pub(super) fn is(&self, word: &str) -> bool {
        self.is_at(0, word)
    }

    pub(super) fn is_at(&self, ahead: usize, word: &str) -> bool {
        let token = self.token(ahead);
        matches!(token.kind, Kind::Keyword(_) | Kind::Identifier)
            && self.scan.source(token).eq_ignore_ascii_case(word)
    }

    pub(super) fn accept(&mut self, word: &str) -> bool {
        let found = self.is(word);
        self.at += usize::from(found);
        found
    }

    pub(super) fn accept_kind(&mut self, kind: Kind) -> bool {
        let found = self.kind() == kind;
        self.at += usize::from(found);
        found
    }

    pub(super) fn expect(&mut self, word: &str) -> Result<()> {
        if self.accept(word) { Ok(()) } else { Err(self.unexpected()) }
    }

    pub(super) fn expect_kind(&mut self, kind: Kind) -> Result<()> {
        if self.accept_kind(kind) { Ok(()) } else { Err(self.unexpected()) }
    }

    pub(super) fn is_operator(&self, text: &str) -> bool {
        self.kind() == Kind::Operator && self.scan.source(self.token(0)) == text
    }

    pub(super) fn unexpected(&self) -> DatabaseError {
        let token = self.token(0);
        if let (Kind::Error, Some(error)) = (token.kind, &self.scan.error) {
            let mut error = error.clone();
            error.fields_mut().position = None;
            return error;
        }
        let message = match token.kind {
            Kind::End => "syntax error at end of input".to_owned(),
            _ => format!("syntax error at or near \"{}\"", self.scan.source(token)),
        };
        DatabaseError::new(SYNTAX_ERROR, message)
    }

    /// An identifier at this token, folded.
    pub(super) fn identifier_at(&self, ahead: usize) -> Option<String> {
        let token = self.token(ahead);
        let value = self.scan.value(token);
        match token.kind {
            Kind::QuotedIdentifier => Some(cut_identifier(value).to_owned()),
            Kind::Identifier | Kind::Keyword(_) => Some(cut_identifier(&value.to_lowercase()).to_owned()),
            _ => None,
        }
    }

    pub(super) fn identifier(&mut self) -> Result<String> {
        let name = self.identifier_at(0).ok_or_else(|| self.unexpected())?;
        self.at += 1;
        Ok(name)
    }

    /// `a.b.c`
    pub(super) fn dotted(&mut self) -> Result<Vec<String>> {
        let mut names = vec![self.identifier()?];
        while self.accept_kind(Kind::Char(b'.')) {
            names.push(self.identifier()?);
        }
        Ok(names)
    }

    /// The text between two tokens.
    pub(super) fn text(&self, from: usize, to: usize) -> &'a str {
        let tokens = &self.scan.tokens;
        if from >= to {
            return "";
        }
        &self.scan.text[tokens[from].start as usize..tokens[to - 1].end as usize]
    }

    /// Goes to the next of these tokens outside parentheses and brackets.
    pub(super) fn skip_to(&mut self, ends: impl Fn(&Self) -> bool) -> Result<usize> {
        let mut depth = 0_u32;
        loop {
            match self.kind() {
                Kind::End | Kind::Error => return Err(self.unexpected()),
                _ if depth == 0 && ends(self) => return Ok(self.at),
                Kind::Char(b'(' | b'[') => depth += 1,
                Kind::Char(b')' | b']') => {
                    depth = depth
                        .checked_sub(1)
                        .ok_or_else(|| DatabaseError::new(SYNTAX_ERROR, "mismatched parentheses"))?;
                }
                Kind::Char(b';') => {
                    return Err(DatabaseError::new(SYNTAX_ERROR, "mismatched parentheses"));
                }
                _ => {}
            }
            self.at += 1;
        }
    }

    /// An expression up to the semicolon behind it, which is taken.
    pub(super) fn expression(&mut self) -> Result<ast::Select> {
        let from = self.at;
        let to = self.skip_to(|parser| parser.kind() == Kind::Char(b';'))?;
        self.at += 1;
        if from == to {
            let message = "missing expression at or near \";\"";
            return Err(DatabaseError::new(SYNTAX_ERROR, message));
        }
        select_of(self.text(from, to))
    }

    // ------------------------------------------------------------------------------------- blocks

    pub(super) fn body(mut self) -> Result<Body> {
        let mut conflict = Conflict::Error;
        while self.is_operator("#") {
            self.at += 1;
            let option = self.identifier()?;
            let value = self.identifier()?;
            conflict = match (option.as_str(), value.as_str()) {
                ("variable_conflict", "error") => Conflict::Error,
                ("variable_conflict", "use_variable") => Conflict::UseVariable,
                ("variable_conflict", "use_column") => Conflict::UseColumn,
                ("option" | "print_strict_params", _) => conflict,
                _ => {
                    return Err(DatabaseError::new(
                        SYNTAX_ERROR,
                        format!("syntax error at or near \"{option}\""),
                    ));
                }
            };
        }
        let block = self.block()?;
        if !self.stopped {
            self.accept_kind(Kind::Char(b';'));
            if self.kind() != Kind::End {
                return Err(self.unexpected());
            }
        }
        Ok(Body { conflict, block })
    }

    fn label(&mut self) -> Result<Option<String>> {
        if !self.is_operator("<<") {
            return Ok(None);
        }
        self.at += 1;
        let label = self.identifier()?;
        if !self.is_operator(">>") {
            return Err(self.unexpected());
        }
        self.at += 1;
        Ok(Some(label))
    }

    fn block(&mut self) -> Result<Block> {
        let label = self.label()?;
        self.labelled_block(label)
    }

    fn labelled_block(&mut self, label: Option<String>) -> Result<Block> {
        self.deeper()?;
        let mut block =
            Block { label, declarations: Vec::new(), statements: Vec::new(), handlers: Vec::new() };
        while self.accept("declare") {
            while !self.is("begin") && !self.is("declare") {
                match self.declaration()? {
                    Some(declaration) => block.declarations.push(declaration),
                    None => {
                        self.stop(&mut block.statements, "a cursor or an ALIAS among its declarations");
                        return Ok(block);
                    }
                }
            }
        }
        self.expect("begin")?;
        while !(self.stopped || self.is("end") || self.control && self.is("exception")) {
            self.statement(&mut block.statements)?;
        }
        if self.stopped {
            return Ok(block);
        }
        if self.control && self.accept("exception") {
            block.handlers = self.handlers()?;
            if self.stopped {
                return Ok(block);
            }
        }
        self.expect("end")?;
        if let Some(name) = self.identifier_at(0)
            && self.kind() != Kind::Char(b';')
        {
            self.at += 1;
            let message = match &block.label {
                Some(label) if *label == name => None,
                Some(label) => Some(format!("end label \"{name}\" differs from block's label \"{label}\"")),
                None => Some(format!("end label \"{name}\" specified for unlabeled block")),
            };
            if let Some(message) = message {
                return Err(DatabaseError::new(SYNTAX_ERROR, message));
            }
        }
        self.depth -= 1;
        Ok(block)
    }

    /// Goes one level deeper.
    pub(super) fn deeper(&mut self) -> Result<()> {
        if self.depth >= DEPTH {
            return Err(DatabaseError::new(STATEMENT_TOO_COMPLEX, "stack depth limit exceeded"));
        }
        self.depth += 1;
        Ok(())
    }

    pub(super) fn stop(&mut self, statements: &mut Vec<Statement>, what: &str) {
        self.stopped = true;
        statements.push(Statement::Unsupported(what.to_owned()));
    }

    /// A variable; `None` for what is no plain variable.
    fn declaration(&mut self) -> Result<Option<Declaration>> {
        let name = self.identifier()?;
        if self.is("alias") || self.is("cursor") || self.is_at(1, "cursor") || self.is_at(1, "scroll") {
            return Ok(None);
        }
        let constant = self.accept("constant");
        let from = self.at;
        let ends = |parser: &Self| {
            matches!(parser.kind(), Kind::Char(b';' | b'=') | Kind::ColonEquals)
                || parser.is("not")
                || parser.is("default")
                || parser.is("collate")
        };
        let to = self.skip_to(ends)?;
        let ty = self.declared_type(from, to)?;
        if self.accept("collate") {
            self.dotted()?;
        }
        let not_null = self.accept("not");
        if not_null {
            self.expect("null")?;
        }
        let has_default = self.accept("default")
            || self.accept_kind(Kind::ColonEquals)
            || self.accept_kind(Kind::Char(b'='));
        let default = if has_default {
            Some(self.expression()?)
        } else {
            self.expect_kind(Kind::Char(b';'))?;
            None
        };
        Ok(Some(Declaration { name, ty, constant, not_null, default }))
    }

    /// The only word of a text as an identifier.
    fn identifier_in(&self, text: &str) -> Option<String> {
        let mut parsed = crate::parse_type_name(text).ok()?;
        if parsed.name.parts.len() == 1 { parsed.name.parts.pop() } else { None }
    }

    fn declared_type(&self, from: usize, to: usize) -> Result<DeclaredType> {
        let text = self.text(from, to);
        if text.is_empty() {
            return Err(DatabaseError::new(SYNTAX_ERROR, "missing data type declaration"));
        }
        if text.eq_ignore_ascii_case("record") {
            return Ok(DeclaredType::Record);
        }
        let lowered = text.to_ascii_lowercase();
        let before = |suffix: &str| {
            let rest = lowered.strip_suffix(suffix)?.trim_end().strip_suffix('%')?.trim_end();
            text.get(..rest.len())
        };
        if let Some(table) = before("rowtype") {
            return Ok(DeclaredType::RowOf(without_position(crate::parse_type_name(table))?.name));
        }
        if let Some(name) = before("type")
            && to - from == 3
            && let Some(name) = self.identifier_in(name)
        {
            return Ok(DeclaredType::OfVariable(name));
        }
        let parsed = crate::parser::Parser::new(text).whole_declared_type();
        Ok(DeclaredType::Named(without_position(parsed)?))
    }

    // --------------------------------------------------------------------------------- statements

    pub(super) fn statement(&mut self, statements: &mut Vec<Statement>) -> Result<()> {
        if let Some(label) = self.label()? {
            if self.is("declare") || self.is("begin") {
                statements.push(self.nested_block(Some(label))?);
                return Ok(());
            }
            if self.control {
                let statement = self.labelled_loop(Some(label))?;
                statements.push(statement);
                return Ok(());
            }
        } else if self.is("declare") || (self.is("begin") && self.token(1).kind != Kind::Char(b';')) {
            statements.push(self.nested_block(None)?);
            return Ok(());
        }
        if let Some(statement) = self.assignment()? {
            statements.push(statement);
            return Ok(());
        }
        if self.control
            && let Some(statement) = self.control_statement()?
        {
            statements.push(statement);
            return Ok(());
        }
        if let Some((_, name)) = CONTROL.iter().find(|(word, _)| self.is(word)) {
            self.stop(statements, name);
            return Ok(());
        }
        if self.is("return") && (self.is_at(1, "next") || self.is_at(1, "query")) {
            let what = if self.is_at(1, "next") { "RETURN NEXT" } else { "RETURN QUERY" };
            self.stop(statements, what);
            return Ok(());
        }
        let statement = if self.accept("return") {
            if self.accept_kind(Kind::Char(b';')) {
                Statement::Return(None)
            } else {
                Statement::Return(Some(Box::new(self.expression()?)))
            }
        } else if self.is("null") && self.token(1).kind == Kind::Char(b';') {
            self.at += 2;
            Statement::Null
        } else if self.accept("perform") {
            Statement::Perform(Box::new(self.expression()?))
        } else {
            self.sql()?
        };
        statements.push(statement);
        Ok(())
    }

    fn nested_block(&mut self, label: Option<String>) -> Result<Statement> {
        let block = self.labelled_block(label)?;
        if !self.stopped {
            self.expect_kind(Kind::Char(b';'))?;
        }
        Ok(Statement::Block(block))
    }

    /// `a.b := …`, `a = …`; an element of an array as target is no plain assignment.
    fn assignment(&mut self) -> Result<Option<Statement>> {
        let mut ahead = 0;
        let mut target = Vec::new();
        loop {
            let Some(name) = self.identifier_at(ahead) else { return Ok(None) };
            target.push(name);
            ahead += 1;
            if self.token(ahead).kind != Kind::Char(b'.') {
                break;
            }
            ahead += 1;
        }
        match self.token(ahead).kind {
            Kind::ColonEquals | Kind::Char(b'=') => {
                self.at += ahead + 1;
                let value = Box::new(self.expression()?);
                Ok(Some(Statement::Assign { target, value }))
            }
            Kind::Char(b'[') => {
                self.stopped = true;
                Ok(Some(Statement::Unsupported("assigning an element of an array".to_owned())))
            }
            _ => Ok(None),
        }
    }

    /// A statement of SQL up to its semicolon; INTO is taken out of it.
    pub(super) fn sql(&mut self) -> Result<Statement> {
        let from = self.at;
        let mut cut = None;
        let mut depth = 0_u32;
        loop {
            match self.kind() {
                Kind::End | Kind::Error => return Err(self.unexpected()),
                Kind::Char(b';') if depth == 0 => break,
                Kind::Char(b'(') => depth += 1,
                Kind::Char(b')') => depth = depth.saturating_sub(1),
                _ => {}
            }
            let follows = self.at > from && (self.was("insert") || self.was("merge"));
            if self.is("into") && !follows {
                if cut.is_some() {
                    return Err(DatabaseError::new(SYNTAX_ERROR, "INTO specified more than once"));
                }
                let start = self.token(0).start as usize;
                self.at += 1;
                let into = self.into()?;
                let end = self.scan.tokens[self.at - 1].end as usize;
                cut = Some((start, end, into));
                continue;
            }
            self.at += 1;
        }
        let text = self.text(from, self.at);
        self.at += 1;
        if text.is_empty() {
            return Err(DatabaseError::new(SYNTAX_ERROR, "syntax error at or near \";\""));
        }
        let base = self.scan.tokens[from].start as usize;
        let (text, into) = match cut {
            None => (text.to_owned(), None),
            Some((start, end, into)) => {
                (format!("{} {}", &text[..start - base], &text[end - base..]), Some(into))
            }
        };
        let statement = Box::new(without_position(crate::parse_statement(&text))?);
        let verb = self.scan.source(self.scan.tokens[from]).to_uppercase();
        Ok(Statement::Sql { verb, statement, into })
    }

    /// Whether the token before was this word.
    fn was(&self, word: &str) -> bool {
        let token = self.scan.tokens[self.at - 1];
        self.scan.source(token).eq_ignore_ascii_case(word)
    }

    pub(super) fn into(&mut self) -> Result<Into> {
        let strict = self.accept("strict");
        let mut targets = vec![self.dotted()?];
        while self.accept_kind(Kind::Char(b',')) {
            targets.push(self.dotted()?);
        }
        Ok(Into { strict, targets })
    }
}

/// `SELECT text`.
pub(super) fn select_of(text: &str) -> Result<ast::Select> {
    without_position(crate::parse_select(&format!("SELECT {text}")))
}

/// Positions count in a text that nobody sees.
pub(super) fn without_position<T>(result: Result<T>) -> Result<T> {
    result.map_err(|mut error| {
        error.fields_mut().position = None;
        error
    })
}
