//! CREATE and ALTER FUNCTION and PROCEDURE, signatures, DO, CALL.

use super::Parser;
use crate::ast::{
    CreateFunction, FunctionOption, FunctionParameter, Name, ObjectKind, ObjectName, ParameterMode, Position,
    QueryBody, Select, SelectCore, Statement, Target,
};
use crate::lexer::{Keyword, KeywordClass, Kind, Token};
use sqlstate::Result;

impl Parser<'_> {
    /// From FUNCTION or PROCEDURE on.
    pub(super) fn create_function(&mut self, or_replace: bool) -> Result<Statement> {
        let procedure = self.advance().kind == Kind::Keyword(Keyword::Procedure);
        let name = self.function_name()?;
        let mut parameters = self.parameters(true)?;
        let mut returns = None;
        let mut returns_table = false;
        if !procedure && self.is(Keyword::Returns) && !self.is_at(1, Keyword::Null) {
            self.advance();
            if self.accept(Keyword::Table) {
                returns_table = true;
                self.table_columns(&mut parameters)?;
            } else {
                returns = Some(self.function_type()?);
            }
        }
        let mut options = Vec::new();
        while let Some(option) = self.create_function_option()? {
            options.push(option);
        }
        let sql_body = self.routine_body()?;
        Ok(Statement::CreateFunction(Box::new(CreateFunction {
            or_replace,
            procedure,
            name,
            parameters,
            returns,
            returns_table,
            options,
            sql_body,
        })))
    }

    /// The columns of RETURNS TABLE, as parameters behind the others.
    fn table_columns(&mut self, parameters: &mut Vec<FunctionParameter>) -> Result<()> {
        let columns = self.parenthesized(|p| {
            let name = Some(p.function_word()?);
            let type_name = p.function_type()?;
            Ok(FunctionParameter { mode: ParameterMode::Table, name, type_name, default: None })
        })?;
        if parameters.iter().any(|p| !matches!(p.mode, ParameterMode::In | ParameterMode::Variadic)) {
            self.defer_without_position("OUT and INOUT arguments aren't allowed in TABLE functions");
        }
        parameters.extend(columns);
        Ok(())
    }

    /// gram.y's `func_name`.
    pub(super) fn function_name(&mut self) -> Result<Name> {
        let position = self.position();
        if self.is_column_id(0) && self.is_char_at(1, b'.') {
            return self.qualified_name();
        }
        // A column's word here could only be the schema of the name.
        if self.is_column_id(0) && !self.is_function_word(0) {
            self.advance();
            return Err(self.unexpected());
        }
        Ok(Name { parts: vec![self.function_word()?], position })
    }

    /// `( parameters )`, with defaults or not.
    pub(super) fn parameters(&mut self, defaults: bool) -> Result<Vec<FunctionParameter>> {
        self.expect_char(b'(')?;
        if self.accept_char(b')') {
            return Ok(Vec::new());
        }
        let parameters = self.list(|p| {
            let mut parameter = p.parameter()?;
            if defaults && (p.accept(Keyword::Default) || p.accept_char(b'=')) {
                parameter.default = Some(p.expression()?);
            }
            Ok(parameter)
        })?;
        self.expect_char(b')')?;
        Ok(parameters)
    }

    /// gram.y's `func_arg`.
    fn parameter(&mut self) -> Result<FunctionParameter> {
        let mut mode = self.parameter_mode();
        let mut name = None;
        if self.is_function_word(0) && (self.starts_type(1) || mode.is_none() && self.is_parameter_mode(1)) {
            name = Some(self.function_word()?);
            if mode.is_none() {
                mode = self.parameter_mode();
            }
        }
        let type_name = self.function_type()?;
        Ok(FunctionParameter { mode: mode.unwrap_or(ParameterMode::In), name, type_name, default: None })
    }

    fn is_parameter_mode(&self, ahead: usize) -> bool {
        matches!(
            self.keyword_at(ahead),
            Some(Keyword::In | Keyword::Out | Keyword::Inout | Keyword::Variadic)
        )
    }

    fn parameter_mode(&mut self) -> Option<ParameterMode> {
        let mode = match self.keyword()? {
            Keyword::In if self.is_at(1, Keyword::Out) => {
                self.advance();
                ParameterMode::InOut
            }
            Keyword::In => ParameterMode::In,
            Keyword::Out => ParameterMode::Out,
            Keyword::Inout => ParameterMode::InOut,
            Keyword::Variadic => ParameterMode::Variadic,
            _ => return None,
        };
        self.advance();
        Some(mode)
    }

    /// Whether a type may begin `ahead` tokens later.
    fn starts_type(&self, ahead: usize) -> bool {
        use Keyword as K;
        if self.is_function_word(ahead) {
            return true;
        }
        matches!(
            self.keyword_at(ahead),
            Some(
                K::Int
                    | K::Integer
                    | K::Smallint
                    | K::Bigint
                    | K::Real
                    | K::Float
                    | K::Decimal
                    | K::Dec
                    | K::Numeric
                    | K::Boolean
                    | K::Bit
                    | K::Character
                    | K::Char
                    | K::Varchar
                    | K::National
                    | K::Nchar
                    | K::Timestamp
                    | K::Time
                    | K::Interval
                    | K::Setof
            )
        )
    }

    fn create_function_option(&mut self) -> Result<Option<FunctionOption>> {
        use Keyword as K;
        Ok(Some(match self.keyword() {
            Some(K::As) => {
                self.advance();
                let position = self.body_position(self.peek());
                let body = self.string()?;
                let symbol = if self.accept_char(b',') { Some(self.string()?) } else { None };
                FunctionOption::As { body, symbol, position }
            }
            Some(K::Language) => {
                self.advance();
                FunctionOption::Language(self.word_or_string()?)
            }
            Some(K::Transform) => {
                self.advance();
                self.list(|p| {
                    p.expect_all(&[K::For, K::Type])?;
                    p.type_name()
                })?;
                FunctionOption::Other("TRANSFORM".to_owned())
            }
            Some(K::Window) => {
                self.advance();
                FunctionOption::Other("WINDOW".to_owned())
            }
            _ => return self.common_function_option(),
        }))
    }

    /// Where the content of a string begins.
    pub(super) fn body_position(&self, token: Token) -> Position {
        let source = self.scan.source(token);
        let prefix = match source.as_bytes().first() {
            Some(b'$') => source[1..].find('$').map_or(1, |end| source[..end + 2].chars().count()),
            Some(b'\'') => 1,
            _ => source.find('\'').map_or(1, |at| at + 1),
        };
        token.position + prefix as u32
    }

    /// gram.y's `common_func_opt_item`.
    fn common_function_option(&mut self) -> Result<Option<FunctionOption>> {
        use Keyword as K;
        let Some(keyword) = self.keyword() else { return Ok(None) };
        let simple = match keyword {
            K::Strict => FunctionOption::Strict(true),
            K::Immutable => FunctionOption::Volatility("IMMUTABLE"),
            K::Stable => FunctionOption::Volatility("STABLE"),
            K::Volatile => FunctionOption::Volatility("VOLATILE"),
            K::Leakproof => FunctionOption::Leakproof(true),
            K::Called => {
                self.expect_all(&[K::Called, K::On, K::Null, K::Input])?;
                return Ok(Some(FunctionOption::Strict(false)));
            }
            K::Returns => {
                self.expect_all(&[K::Returns, K::Null, K::On, K::Null, K::Input])?;
                return Ok(Some(FunctionOption::Strict(true)));
            }
            K::External | K::Security => {
                self.accept(K::External);
                self.expect(K::Security)?;
                let definer = self.accept(K::Definer);
                if !definer {
                    self.expect(K::Invoker)?;
                }
                return Ok(Some(FunctionOption::SecurityDefiner(definer)));
            }
            K::Not => {
                self.expect_all(&[K::Not, K::Leakproof])?;
                return Ok(Some(FunctionOption::Leakproof(false)));
            }
            K::Cost => {
                self.advance();
                return Ok(Some(FunctionOption::Other(format!("COST {}", self.signed_number()?))));
            }
            K::Rows => {
                self.advance();
                return Ok(Some(FunctionOption::Rows(self.signed_number()?)));
            }
            K::Support => {
                self.advance();
                let name = self.any_name()?;
                return Ok(Some(FunctionOption::Other(format!("SUPPORT {}", name.parts.join(".")))));
            }
            K::Parallel => {
                self.advance();
                return Ok(Some(FunctionOption::Parallel(self.column_id()?)));
            }
            K::Set => {
                self.advance();
                return Ok(Some(FunctionOption::Set(self.set_rest(false, false)?)));
            }
            K::Reset => {
                self.advance();
                return Ok(Some(FunctionOption::Set(self.reset_rest()?)));
            }
            _ => return Ok(None),
        };
        self.advance();
        Ok(Some(simple))
    }

    /// `RETURN expression` or `BEGIN ATOMIC … END`.
    fn routine_body(&mut self) -> Result<Option<Vec<Statement>>> {
        if self.is(Keyword::Return) {
            return Ok(Some(vec![self.return_statement()?]));
        }
        if !self.is(Keyword::Begin) {
            return Ok(None);
        }
        self.expect_all(&[Keyword::Begin, Keyword::Atomic])?;
        let mut statements = Vec::new();
        while !self.accept(Keyword::End) {
            if self.accept_char(b';') {
                continue;
            }
            let statement =
                if self.is(Keyword::Return) { self.return_statement()? } else { self.statement()? };
            statements.push(statement);
            self.expect_char(b';')?;
        }
        Ok(Some(statements))
    }

    /// `RETURN expression` is a query of one column.
    fn return_statement(&mut self) -> Result<Statement> {
        let position = self.position();
        self.expect(Keyword::Return)?;
        let expr = self.expression()?;
        let core = SelectCore {
            distinct: None,
            targets: vec![Target { expr, alias: None }],
            into: None,
            from: Vec::new(),
            filter: None,
            group_by: Vec::new(),
            group_distinct: false,
            having: None,
            windows: Vec::new(),
        };
        Ok(Statement::Select(Box::new(Select {
            with: None,
            body: QueryBody::Select(Box::new(core)),
            order_by: Vec::new(),
            limit: None,
            with_ties: false,
            offset: None,
            locking: Vec::new(),
            position,
        })))
    }

    // ----------------------------------------------------------------------------------- signatures

    /// gram.y's `function_with_argtypes`: the argument list may be absent.
    pub(super) fn function_signature(&mut self) -> Result<ObjectName> {
        let position = self.position();
        let plain = match self.keyword() {
            Some(keyword) if keyword.class() == KeywordClass::TypeOrFunction => {
                self.advance();
                Some(Name { parts: vec![keyword.word().to_owned()], position })
            }
            _ => None,
        };
        let column_word = !self.is_function_word(0);
        let name = match plain {
            Some(name) => name,
            None => {
                let name = self.qualified_name()?;
                if column_word && name.parts.len() == 1 && self.is_char(b'(') {
                    return Err(self.unexpected());
                }
                name
            }
        };
        let args = if self.is_char(b'(') { Some(self.parameters(false)?) } else { None };
        Ok(ObjectName::Function { name, args })
    }

    /// gram.y's `aggregate_with_argtypes`.
    pub(super) fn aggregate_signature(&mut self) -> Result<ObjectName> {
        let name = self.function_name()?;
        if self.is_char(b'(') && self.is_char_at(1, b'*') {
            self.advance();
            self.advance();
            self.expect_char(b')')?;
            return Ok(ObjectName::Function { name, args: Some(Vec::new()) });
        }
        self.expect_char(b'(')?;
        let mut args = Vec::new();
        if !self.is(Keyword::Order) {
            args = self.list(Self::parameter)?;
        }
        if self.accept(Keyword::Order) {
            self.expect(Keyword::By)?;
            args.extend(self.list(Self::parameter)?);
        }
        self.expect_char(b')')?;
        Ok(ObjectName::Function { name, args: Some(args) })
    }

    /// The options of ALTER FUNCTION.
    pub(super) fn alter_function(&mut self, kind: ObjectKind, name: ObjectName) -> Result<Statement> {
        let mut options = Vec::new();
        while let Some(option) = self.common_function_option()? {
            options.push(option);
        }
        if options.is_empty() {
            return Err(self.unexpected());
        }
        self.accept(Keyword::Restrict);
        Ok(Statement::AlterFunction { kind, name, options })
    }

    // ------------------------------------------------------------------------------------ DO, CALL

    pub(super) fn do_block(&mut self) -> Result<Statement> {
        self.expect(Keyword::Do)?;
        let mut found: Option<(String, Position)> = None;
        let mut language = None;
        loop {
            let start = self.position();
            let repeated = if self.is_string() {
                let position = self.body_position(self.peek());
                found.replace((self.string()?, position)).is_some()
            } else if self.accept(Keyword::Language) {
                language.replace(self.word_or_string()?).is_some()
            } else {
                break;
            };
            // PostgreSQL finds this and the next when it runs the block.
            if repeated {
                self.defer("conflicting or redundant options", start);
            }
        }
        if found.is_none() {
            if language.is_none() {
                return Err(self.unexpected());
            }
            self.defer_without_position("no inline code specified");
        }
        let (body, position) = found.unwrap_or_default();
        Ok(Statement::Do { body, language, position })
    }

    pub(super) fn call_statement(&mut self) -> Result<Statement> {
        self.expect(Keyword::Call)?;
        let name = self.function_name()?;
        if !self.is_char(b'(') {
            return Err(self.unexpected());
        }
        Ok(Statement::Call(Box::new(self.call_arguments(name)?)))
    }
}
