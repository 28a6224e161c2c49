//! What branches, loops, raises and catches.

use super::parser::{Parser, select_of, without_position};
use super::{Condition, Handler, Level, Over, Raise, Statement};
use crate::ast;
use crate::lexer::Kind;
use sqlstate::{DatabaseError, Result, SYNTAX_ERROR, SqlState};

impl Parser<'_> {
    /// A statement of this kind; `None` for another, and for those that are named and not run.
    pub(super) fn control_statement(&mut self) -> Result<Option<Statement>> {
        if self.accept("if") {
            return self.branches().map(Some);
        }
        if ["loop", "while", "for", "foreach"].iter().any(|word| self.is(word)) {
            return self.labelled_loop(None).map(Some);
        }
        if self.is("exit") || self.is("continue") {
            return self.leave().map(Some);
        }
        if self.accept("raise") {
            return self.raise().map(Some);
        }
        if self.accept("execute") {
            return self.execute().map(Some);
        }
        if self.is("return") && self.is_at(1, "next") {
            self.at += 2;
            let nothing = self.accept_kind(Kind::Char(b';'));
            let value = if nothing { None } else { Some(Box::new(self.expression()?)) };
            return Ok(Some(Statement::ReturnNext(value)));
        }
        if self.is("return") && self.is_at(1, "query") {
            self.at += 2;
            return self.return_query().map(Some);
        }
        if self.is("get") && (self.is_at(1, "diagnostics") || self.is_at(2, "diagnostics")) {
            return self.diagnostics().map(Some);
        }
        Ok(None)
    }

    /// Statements up to one of these words.
    fn statements_to(&mut self, ends: &[&str]) -> Result<Vec<Statement>> {
        let mut statements = Vec::new();
        self.deeper()?;
        while !self.stopped && !ends.iter().any(|end| self.is(end)) {
            self.statement(&mut statements)?;
        }
        self.depth -= 1;
        Ok(statements)
    }

    /// An expression up to one of these words, which is not taken.
    fn expression_to(&mut self, ends: &[&str]) -> Result<ast::Select> {
        let from = self.at;
        let to = self
            .skip_to(|parser| parser.kind() == Kind::Char(b';') || ends.iter().any(|end| parser.is(end)))?;
        if from == to || self.kind() == Kind::Char(b';') && !ends.contains(&";") {
            return Err(self.unexpected());
        }
        select_of(self.text(from, to))
    }

    fn branches(&mut self) -> Result<Statement> {
        let mut arms = Vec::new();
        let mut otherwise = Vec::new();
        loop {
            // A CASE in the condition has THENs of its own: they stand before its END.
            let condition = self.condition_to_then()?;
            self.expect("then")?;
            let statements = self.statements_to(&["elsif", "elseif", "else", "end"])?;
            arms.push((condition, statements));
            if self.stopped {
                return Ok(Statement::If { arms, otherwise });
            }
            if self.accept("elsif") || self.accept("elseif") {
                continue;
            }
            if self.accept("else") {
                otherwise = self.statements_to(&["end"])?;
                if self.stopped {
                    return Ok(Statement::If { arms, otherwise });
                }
            }
            self.expect("end")?;
            self.expect("if")?;
            self.expect_kind(Kind::Char(b';'))?;
            return Ok(Statement::If { arms, otherwise });
        }
    }

    fn condition_to_then(&mut self) -> Result<ast::Select> {
        let from = self.at;
        let mut cases = 0_u32;
        let mut depth = 0_u32;
        loop {
            match self.kind() {
                Kind::End | Kind::Error | Kind::Char(b';') => return Err(self.unexpected()),
                Kind::Char(b'(' | b'[') => depth += 1,
                Kind::Char(b')' | b']') => depth = depth.saturating_sub(1),
                _ if depth > 0 => {}
                _ if self.is("case") => cases += 1,
                _ if self.is("end") && cases > 0 => cases -= 1,
                _ if self.is("then") && cases == 0 => break,
                _ => {}
            }
            self.at += 1;
        }
        if from == self.at {
            return Err(self.unexpected());
        }
        select_of(self.text(from, self.at))
    }

    /// A loop behind its label.
    pub(super) fn labelled_loop(&mut self, label: Option<String>) -> Result<Statement> {
        let over = if self.accept("while") {
            Over::While(self.expression_to(&["loop"])?)
        } else if self.accept("foreach") {
            let targets = self.targets()?;
            if self.is("slice") {
                self.stopped = true;
                return Ok(Statement::Unsupported("FOREACH … SLICE".to_owned()));
            }
            self.expect("in")?;
            self.expect("array")?;
            let from = self.at;
            let array = self.expression_to(&["loop"])?;
            let elements = select_of(&format!("unnest({})", self.text(from, self.at)))?;
            Over::Elements { targets, array, elements }
        } else if self.accept("for") {
            match self.for_loop()? {
                Some(over) => over,
                None => {
                    self.stopped = true;
                    return Ok(Statement::Unsupported("FOR over a cursor".to_owned()));
                }
            }
        } else {
            Over::Forever
        };
        self.expect("loop")?;
        let body = self.statements_to(&["end"])?;
        if !self.stopped {
            self.expect("end")?;
            self.expect("loop")?;
            if self.kind() != Kind::Char(b';') {
                self.identifier()?;
            }
            self.expect_kind(Kind::Char(b';'))?;
        }
        Ok(Statement::Loop { label, over: Box::new(over), body })
    }

    fn targets(&mut self) -> Result<Vec<Vec<String>>> {
        let mut targets = vec![self.dotted()?];
        while self.accept_kind(Kind::Char(b',')) {
            targets.push(self.dotted()?);
        }
        Ok(targets)
    }

    fn for_loop(&mut self) -> Result<Option<Over>> {
        let targets = self.targets()?;
        self.expect("in")?;
        if self.accept("execute") {
            let text = self.expression_to(&["loop", "using"])?;
            let using = self.using(&["loop"])?;
            return Ok(Some(Over::Dynamic { targets, text, using }));
        }
        let reverse = self.accept("reverse");
        let from = self.at;
        // `a .. b`, unless LOOP comes first.
        let to = self.skip_to(|parser| parser.is("loop") || parser.kind() == Kind::DotDot)?;
        if self.kind() == Kind::DotDot {
            let first = select_of(self.text(from, to))?;
            self.at += 1;
            let last = self.expression_to(&["loop", "by"])?;
            let by = if self.accept("by") { Some(self.expression_to(&["loop"])?) } else { None };
            let [target] = targets.as_slice() else { return Err(self.unexpected()) };
            let [variable] = target.as_slice() else { return Err(self.unexpected()) };
            let variable = variable.clone();
            return Ok(Some(Over::Integers { variable, reverse, from: first, to: last, by }));
        }
        let mut text = self.text(from, to).trim();
        while let Some(inner) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
            text = inner.trim();
        }
        let query = ["select", "with", "values", "insert", "update", "delete", "table"];
        let first: String =
            text.chars().take_while(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase();
        if !query.contains(&first.as_str()) {
            return Ok(None);
        }
        let statement = Box::new(without_position(crate::parse_statement(text))?);
        Ok(Some(Over::Query { targets, statement }))
    }

    fn leave(&mut self) -> Result<Statement> {
        let exit = self.accept("exit");
        if !exit {
            self.expect("continue")?;
        }
        let label =
            if self.kind() == Kind::Char(b';') || self.is("when") { None } else { Some(self.identifier()?) };
        let when = if self.accept("when") { Some(Box::new(self.expression()?)) } else { None };
        if when.is_none() {
            self.expect_kind(Kind::Char(b';'))?;
        }
        Ok(Statement::Leave { exit, label, when })
    }

    /// Expressions behind USING up to one of these words or the semicolon, which are not taken.
    fn using(&mut self, ends: &[&str]) -> Result<Vec<ast::Select>> {
        let mut found = Vec::new();
        if !self.accept("using") {
            return Ok(found);
        }
        loop {
            found.push(self.list_item(ends)?);
            if !self.accept_kind(Kind::Char(b',')) {
                return Ok(found);
            }
        }
    }

    /// An expression up to a comma, one of these words or the semicolon, which are not taken.
    fn list_item(&mut self, ends: &[&str]) -> Result<ast::Select> {
        let from = self.at;
        let to = self.skip_to(|parser| {
            matches!(parser.kind(), Kind::Char(b',' | b';')) || ends.iter().any(|end| parser.is(end))
        })?;
        if from == to {
            return Err(self.unexpected());
        }
        select_of(self.text(from, to))
    }

    fn execute(&mut self) -> Result<Statement> {
        let text = Box::new(self.list_item(&["into", "using"])?);
        let mut into = None;
        let mut using = Vec::new();
        loop {
            if into.is_none() && self.accept("into") {
                into = Some(self.into()?);
            } else if using.is_empty() && self.is("using") {
                using = self.using(&["into"])?;
            } else {
                self.expect_kind(Kind::Char(b';'))?;
                return Ok(Statement::Execute { text, into, using });
            }
        }
    }

    fn return_query(&mut self) -> Result<Statement> {
        if !self.accept("execute") {
            return match self.sql()? {
                Statement::Sql { statement, into: None, .. } => Ok(Statement::ReturnQuery(statement)),
                _ => Err(DatabaseError::new(SYNTAX_ERROR, "syntax error at or near \"INTO\"")),
            };
        }
        let text = Box::new(self.list_item(&["using"])?);
        let using = if self.is("using") { self.using(&[])? } else { Vec::new() };
        self.expect_kind(Kind::Char(b';'))?;
        Ok(Statement::ReturnExecute { text, using })
    }

    fn diagnostics(&mut self) -> Result<Statement> {
        self.expect("get")?;
        let stacked = self.accept("stacked");
        if !stacked {
            self.accept("current");
        }
        self.expect("diagnostics")?;
        let mut items = Vec::new();
        loop {
            let target = self.dotted()?;
            if !self.accept_kind(Kind::ColonEquals) {
                self.expect_kind(Kind::Char(b'='))?;
            }
            items.push((target, self.identifier()?));
            if !self.accept_kind(Kind::Char(b',')) {
                break;
            }
        }
        self.expect_kind(Kind::Char(b';'))?;
        Ok(Statement::Diagnostics { stacked, items })
    }

    fn string(&mut self) -> Option<String> {
        let token = self.token(0);
        if token.kind != Kind::String {
            return None;
        }
        self.at += 1;
        Some(self.scan.value(token).to_owned())
    }

    fn raise(&mut self) -> Result<Statement> {
        const LEVELS: [(&str, Level); 6] = [
            ("debug", Level::Quiet),
            ("log", Level::Quiet),
            ("info", Level::Notice),
            ("notice", Level::Notice),
            ("warning", Level::Warning),
            ("exception", Level::Exception),
        ];
        let mut raise = Raise {
            level: Level::Exception,
            format: None,
            args: Vec::new(),
            condition: None,
            options: Vec::new(),
            again: false,
        };
        if self.accept_kind(Kind::Char(b';')) {
            raise.again = true;
            return Ok(Statement::Raise(Box::new(raise)));
        }
        for (word, level) in LEVELS {
            if self.accept(word) {
                raise.level = level;
                break;
            }
        }
        if let Some(format) = self.string() {
            while self.accept_kind(Kind::Char(b',')) {
                raise.args.push(self.list_item(&["using"])?);
            }
            let places = format.replace("%%", "").matches('%').count();
            let fault = match raise.args.len().cmp(&places) {
                std::cmp::Ordering::Less => Some("too few parameters specified for RAISE"),
                std::cmp::Ordering::Greater => Some("too many parameters specified for RAISE"),
                std::cmp::Ordering::Equal => None,
            };
            if let Some(message) = fault {
                return Err(DatabaseError::new(SYNTAX_ERROR, message));
            }
            raise.format = Some(format);
        } else if !self.is("using") {
            raise.condition = Some(self.condition()?);
        }
        if self.accept("using") {
            loop {
                let name = self.identifier()?;
                if !self.accept_kind(Kind::ColonEquals) {
                    self.expect_kind(Kind::Char(b'='))?;
                }
                raise.options.push((name, self.list_item(&[])?));
                if !self.accept_kind(Kind::Char(b',')) {
                    break;
                }
            }
        }
        self.expect_kind(Kind::Char(b';'))?;
        Ok(Statement::Raise(Box::new(raise)))
    }

    /// A condition by its name or code.
    fn condition(&mut self) -> Result<Condition> {
        if self.accept("sqlstate") {
            let code = self.string().ok_or_else(|| self.unexpected())?;
            let code = SqlState::parse(&code)
                .ok_or_else(|| DatabaseError::new(SYNTAX_ERROR, "invalid SQLSTATE code"))?;
            return Ok(Condition::Code(code));
        }
        let name = self.identifier()?;
        if name == "others" {
            return Ok(Condition::Others);
        }
        if sqlstate::condition(&name).next().is_none() {
            return Err(DatabaseError::new(
                sqlstate::UNDEFINED_OBJECT,
                format!("unrecognized exception condition \"{name}\""),
            ));
        }
        Ok(Condition::Named(name))
    }

    /// The handlers behind EXCEPTION.
    pub(super) fn handlers(&mut self) -> Result<Vec<Handler>> {
        let mut handlers = Vec::new();
        while self.accept("when") {
            let mut conditions = vec![self.condition()?];
            while self.accept("or") {
                conditions.push(self.condition()?);
            }
            self.expect("then")?;
            let statements = self.statements_to(&["when", "end"])?;
            handlers.push(Handler { conditions, statements });
            if self.stopped {
                break;
            }
        }
        if handlers.is_empty() {
            return Err(self.unexpected());
        }
        Ok(handlers)
    }
}
