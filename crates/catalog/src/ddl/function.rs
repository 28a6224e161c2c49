//! CREATE, ALTER FUNCTION and PROCEDURE; finding functions by their arguments.

use super::context::{Ddl, unplaced};
use super::{ExpressionKind, PhysicalChange, Scope};
use crate::builtin::{Unsupported, builtins};
use crate::lookup::{FunctionEntry, quote_identifier, split_name, type_name_text};
use crate::{
    BodyForm, DefaultObject, Function, FunctionKind, ObjectRef, Oid, Parameter, TypeRef, Volatility,
};
use datum::oid;
use sqlstate::{
    AMBIGUOUS_FUNCTION, DUPLICATE_FUNCTION, DatabaseError, INSUFFICIENT_PRIVILEGE,
    INVALID_FUNCTION_DEFINITION, Result, SYNTAX_ERROR, UNDEFINED_FUNCTION, UNDEFINED_OBJECT,
    WRONG_OBJECT_TYPE,
};
use std::sync::Arc;
use syntax::ast::{
    CreateFunction, FunctionOption, FunctionParameter, Name, ObjectKind, ObjectName, ParameterMode, Position,
    SetStatement, SetValue,
};

fn invalid(message: impl Into<String>) -> DatabaseError {
    DatabaseError::new(INVALID_FUNCTION_DEFINITION, message)
}

/// What the options of CREATE and ALTER FUNCTION say.
#[derive(Default)]
struct Options {
    language: Option<String>,
    body: Option<String>,
    volatility: Option<Volatility>,
    strict: Option<bool>,
    security_definer: Option<bool>,
    leakproof: Option<bool>,
    rows: Option<f32>,
    settings: Vec<SetStatement>,
}

impl Ddl<'_> {
    pub(super) fn create_function(&mut self, statement: &CreateFunction) -> Result<()> {
        let CreateFunction {
            or_replace,
            procedure,
            name,
            parameters,
            returns,
            returns_table,
            options,
            sql_body,
        } = statement;
        let (schema, function_name) = self.creation_schema(name)?;
        let options = read_options(options)?;
        let language = match (&options.language, sql_body) {
            (Some(language), _) => language.to_lowercase(),
            (None, Some(_)) => "sql".to_owned(),
            (None, None) => return Err(invalid("no language specified")),
        };
        self.require_language(&language)?;
        if options.leakproof == Some(true) {
            self.require_superuser("only superuser can define a leakproof function")?;
        }
        let body = match (&options.body, sql_body) {
            (Some(body), None) => body.clone(),
            (None, Some(_)) if language != "sql" => {
                return Err(invalid("inline SQL function body only valid for language SQL"));
            }
            (None, Some(statements)) => {
                let texts: Vec<String> = statements.iter().map(syntax::deparse::statement).collect();
                texts.join(";\n")
            }
            (Some(_), Some(_)) => return Err(invalid("duplicate function body specified")),
            (None, None) => return Err(invalid("no function body specified")),
        };
        let mut read = Vec::new();
        for parameter in parameters {
            let row = self.parameter(parameter, &language)?;
            read.push(row);
        }
        self.check_parameters(parameters, &read, &language)?;
        let required = result_of_parameters(&read, *procedure);
        let returns_set = *returns_table || returns.as_ref().is_some_and(|written| written.setof);
        let result = match (returns, required) {
            (Some(written), required) => {
                let type_ref = self.catalog.resolve_type(self.path(), written).map_err(unplaced)?;
                self.require_type_usage(type_ref.oid)?;
                if let Some(required) = required
                    && required != type_ref.oid
                {
                    let type_name = self.catalog.format_type_oid(self.path(), required);
                    let message =
                        format!("function result type must be {type_name} because of OUT parameters");
                    return Err(invalid(message));
                }
                TypeRef { oid: type_ref.oid, modifier: -1 }
            }
            (None, Some(required)) => TypeRef { oid: required, modifier: -1 },
            (None, None) if *procedure => TypeRef { oid: oid::VOID, modifier: -1 },
            (None, None) => return Err(invalid("function result type must be specified")),
        };
        self.check_result(&language, result.oid, &read)?;
        let mut settings = apply_settings(Vec::new(), &options.settings)?;
        let mut form = if sql_body.is_some() { BodyForm::Statements } else { BodyForm::Text };
        if sql_body.is_some() && !settings.iter().any(|(name, _)| name == "search_path") {
            form = BodyForm::Pinned;
            // Its names mean what they mean now, whatever path a caller has.
            let schemas = self.path().schemas().filter_map(|schema| self.catalog.schemas.get(&schema));
            let names: Vec<_> =
                schemas.map(|schema| syntax::quote_identifier(&schema.name).into_owned()).collect();
            settings.push(("search_path".to_owned(), names.join(", ")));
        }
        let function = Function {
            oid: 0,
            schema,
            name: function_name.to_owned(),
            owner: self.role(),
            kind: if *procedure { FunctionKind::Procedure } else { FunctionKind::Function },
            parameters: read,
            returns: result,
            returns_set,
            language,
            body,
            volatility: options.volatility.unwrap_or(Volatility::Volatile),
            strict: options.strict.unwrap_or(false),
            security_definer: options.security_definer.unwrap_or(false),
            leakproof: options.leakproof.unwrap_or(false),
            rows: options.rows.unwrap_or(if returns_set { 1000.0 } else { 0.0 }),
            settings,
            form,
            acl: None,
            comment: None,
            extension: self.extension.map(str::to_owned),
        };
        let start = statement.options.iter().find_map(|option| match option {
            FunctionOption::As { position, .. } => Some(*position),
            _ => None,
        });
        let body = function.body.clone();
        let placed = |error: DatabaseError| place_in_body(error, &body, start);
        self.put_defined_function(function, parameters, *or_replace, &placed)
    }

    fn require_language(&self, language: &str) -> Result<()> {
        match language {
            "sql" | "plpgsql" => Ok(()),
            "c" if self.extension.is_some() => Ok(()),
            "c" | "internal" => Err(DatabaseError::unsupported(format_args!("LANGUAGE {language}"))),
            _ => Err(DatabaseError::new(UNDEFINED_OBJECT, format!("language \"{language}\" does not exist"))),
        }
    }

    fn parameter(&self, written: &FunctionParameter, language: &str) -> Result<Parameter> {
        let FunctionParameter { mode, name, type_name, default: _ } = written;
        let type_ref = self.catalog.resolve_type(self.path(), type_name).map_err(|error| {
            match error.code() == UNDEFINED_OBJECT {
                true => {
                    let message = format!("type {} does not exist", type_name_text(type_name));
                    DatabaseError::new(UNDEFINED_OBJECT, message)
                }
                false => unplaced(error),
            }
        })?;
        self.require_type_usage(type_ref.oid)?;
        if type_name.setof {
            return Err(invalid("functions cannot accept set arguments"));
        }
        if *mode == ParameterMode::Variadic
            && !matches!(type_ref.oid, oid::ANY | oid::ANYARRAY | oid::ANYCOMPATIBLEARRAY)
            && self.catalog.element_type(type_ref.oid).is_none()
        {
            return Err(invalid("VARIADIC parameter must be an array"));
        }
        let pseudo = builtins().type_by_oid(type_ref.oid).filter(|row| row.is_pseudo());
        if let Some(row) = pseudo
            && !is_polymorphic(row.oid)
            && matches!(mode, ParameterMode::In | ParameterMode::InOut | ParameterMode::Variadic)
            && !(row.oid == oid::RECORD && language == "plpgsql")
        {
            let type_name = self.catalog.format_type_oid(self.path(), row.oid);
            return Err(invalid(match language {
                "plpgsql" => {
                    return Err(DatabaseError::new(
                        sqlstate::FEATURE_NOT_SUPPORTED,
                        format!("PL/pgSQL functions cannot accept type {type_name}"),
                    ));
                }
                _ => format!("SQL function cannot accept type {type_name}"),
            }));
        }
        // A parameter's modifier is dropped, as PostgreSQL does.
        let type_ref = TypeRef { oid: type_ref.oid, modifier: -1 };
        Ok(Parameter { name: name.clone(), mode: *mode, type_ref, default: None })
    }

    fn check_parameters(
        &self,
        written: &[FunctionParameter],
        read: &[Parameter],
        language: &str,
    ) -> Result<()> {
        let is_input =
            |mode| matches!(mode, ParameterMode::In | ParameterMode::InOut | ParameterMode::Variadic);
        let is_output =
            |mode| matches!(mode, ParameterMode::Out | ParameterMode::InOut | ParameterMode::Table);
        let mut defaults = false;
        let mut variadic = false;
        for (at, parameter) in written.iter().enumerate() {
            if is_input(parameter.mode) {
                if variadic {
                    return Err(invalid("VARIADIC parameter must be the last input parameter"));
                }
                variadic = parameter.mode == ParameterMode::Variadic;
            }
            if let Some(name) = &parameter.name {
                // Input and output parameters may share a name; PL/pgSQL has its own word on them.
                let clash = read.iter().take(at).any(|other| {
                    other.name.as_ref() == Some(name)
                        && ((is_input(other.mode) && is_input(parameter.mode))
                            || (is_output(other.mode) && is_output(parameter.mode))
                            || language == "plpgsql")
                });
                if clash {
                    return Err(invalid(format!("parameter name \"{name}\" used more than once")));
                }
            }
            match &parameter.default {
                Some(_) if !is_input(parameter.mode) => {
                    return Err(invalid("only input parameters can have default values"));
                }
                Some(_) => defaults = true,
                None if is_input(parameter.mode) && defaults => {
                    let message = "input parameters after one with a default value must also have defaults";
                    return Err(invalid(message));
                }
                None => {}
            }
        }
        Ok(())
    }

    fn check_result(&self, language: &str, result: Oid, parameters: &[Parameter]) -> Result<()> {
        let inputs = || {
            parameters.iter().filter(|row| {
                matches!(row.mode, ParameterMode::In | ParameterMode::InOut | ParameterMode::Variadic)
            })
        };
        let outputs = parameters
            .iter()
            .filter(|row| matches!(row.mode, ParameterMode::Out | ParameterMode::Table))
            .map(|row| row.type_ref.oid);
        for oid in std::iter::once(result).chain(outputs) {
            if is_polymorphic(oid) && !inputs().any(|row| is_polymorphic(row.type_ref.oid)) {
                let type_name = self.catalog.format_type_oid(self.path(), oid);
                let family = match type_name.starts_with("anycompatible") {
                    true => {
                        "anycompatible, anycompatiblearray, anycompatiblenonarray, anycompatiblerange, or \
                             anycompatiblemultirange"
                    }
                    false => "anyelement, anyarray, anynonarray, anyenum, anyrange, or anymultirange",
                };
                return Err(invalid("cannot determine result data type").with_detail(format!(
                    "A result of type {type_name} requires at least one input of type {family}."
                )));
            }
        }
        let pseudo = builtins().type_by_oid(result).is_some_and(|row| row.is_pseudo());
        let allowed = matches!(result, oid::VOID | oid::RECORD) || is_polymorphic(result);
        if pseudo && !allowed && !(language == "plpgsql" && matches!(result, oid::TRIGGER | EVENT_TRIGGER)) {
            let type_name = self.catalog.format_type_oid(self.path(), result);
            return Err(match language {
                "plpgsql" => DatabaseError::new(
                    sqlstate::FEATURE_NOT_SUPPORTED,
                    format!("PL/pgSQL functions cannot return type {type_name}"),
                ),
                _ => invalid(format!("SQL functions cannot return type {type_name}")),
            });
        }
        Ok(())
    }

    fn put_defined_function(
        &mut self,
        mut function: Function,
        written: &[FunctionParameter],
        or_replace: bool,
        placed: &dyn Fn(DatabaseError) -> DatabaseError,
    ) -> Result<()> {
        let mut depends = Vec::new();
        for (parameter, written) in function.parameters.iter_mut().zip(written) {
            let Some(expr) = &written.default else { continue };
            let name = parameter.name.as_deref().unwrap_or("");
            let target = Some((name, parameter.type_ref));
            let analyzed = self.analyze(expr, ExpressionKind::FunctionDefault, Scope::Nothing, target)?;
            parameter.default = Some(analyzed.sql);
            depends.extend(analyzed.depends);
        }
        let inputs: Vec<Oid> = function.input_types().collect();
        let old = self
            .catalog
            .functions_in(function.schema, &function.name)
            .find(|other| other.input_types().eq(inputs.iter().copied()))
            .cloned();
        match old {
            None => {
                function.oid = self.catalog.allocate();
                let schema = Some(function.schema);
                function.acl = self.catalog.default_acl(DefaultObject::Functions, function.owner, schema);
            }
            Some(old) => {
                if !or_replace {
                    let message =
                        format!("function \"{}\" already exists with same argument types", function.name);
                    return Err(DatabaseError::new(DUPLICATE_FUNCTION, message));
                }
                self.check_replacement(&old, &function)?;
                function.oid = old.oid;
                function.owner = old.owner;
                function.acl.clone_from(&old.acl);
                function.comment.clone_from(&old.comment);
                self.change(PhysicalChange::FunctionReplaced { old });
            }
        }
        self.depend(ObjectRef::Function(function.oid), depends);
        self.catalog.put_function(function.clone());
        if function.language == "sql" && self.session.check_function_bodies {
            if function.inputs().any(|parameter| is_polymorphic(parameter.type_ref.oid)) {
                // What a polymorphic body means is known only when it is called.
                return syntax::parse_script(&function.body).map(|_| ()).map_err(placed);
            }
            let checked = self.session.analyzer.function_body(&self.catalog, &self.session, &function);
            checked.map_err(placed)?;
        }
        Ok(())
    }

    fn check_replacement(&self, old: &Function, new: &Function) -> Result<()> {
        self.require_owner(old.owner, function_word(old.kind), &old.name)?;
        let signature = self.catalog.function_signature(self.path(), old);
        let word = function_word(old.kind);
        let hint = format!("Use DROP {} {signature} first.", word.to_uppercase());
        if old.kind != new.kind {
            let error = DatabaseError::new(WRONG_OBJECT_TYPE, "cannot change routine kind");
            return Err(error.with_detail(format!("\"{}\" is a {word}.", old.name)));
        }
        if old.returns.oid != new.returns.oid || old.returns_set != new.returns_set {
            return Err(invalid(match new.kind {
                FunctionKind::Procedure => "cannot change whether a procedure has output parameters",
                _ => "cannot change return type of existing function",
            })
            .with_hint(hint));
        }
        let outputs = |row: &Function| -> Vec<(Option<String>, Oid)> {
            let output =
                |mode| matches!(mode, ParameterMode::Out | ParameterMode::InOut | ParameterMode::Table);
            let outputs = row.parameters.iter().filter(|parameter| output(parameter.mode));
            outputs.map(|parameter| (parameter.name.clone(), parameter.type_ref.oid)).collect()
        };
        if new.returns.oid == oid::RECORD && outputs(old) != outputs(new) {
            return Err(invalid("cannot change return type of existing function")
                .with_detail("Row type defined by OUT parameters is different.")
                .with_hint(hint));
        }
        for (before, after) in old.inputs().zip(new.inputs()) {
            if let Some(name) = &before.name
                && after.name.as_ref() != Some(name)
            {
                let message = format!("cannot change name of input parameter \"{name}\"");
                return Err(invalid(message).with_hint(hint));
            }
        }
        let defaults = |row: &Function| row.inputs().filter(|parameter| parameter.default.is_some()).count();
        if defaults(new) < defaults(old) {
            let message = "cannot remove parameter defaults from existing function";
            return Err(invalid(message).with_hint(hint));
        }
        Ok(())
    }

    // ---------------------------------------------------------------------------------------- finding

    /// The user's function that DDL names: LookupFuncWithArgs. A function of PostgreSQL's own is nobody's to change.
    pub(super) fn find_function(&self, kind: ObjectKind, name: &ObjectName) -> Result<Arc<Function>> {
        let (name, args) = match name {
            ObjectName::Function { name, args } => (name, args.as_deref()),
            ObjectName::Plain(name) => (name, None),
            ObjectName::On { .. } | ObjectName::Other(_) => {
                return Err(DatabaseError::internal("a function's name is none"));
            }
        };
        let word = match kind {
            ObjectKind::Procedure => "procedure",
            ObjectKind::Aggregate => "aggregate",
            ObjectKind::Routine => "routine",
            _ => "function",
        };
        let (schema, plain) = split_name(name)?;
        let Some(args) = args else {
            return self.only_function(kind, word, name, schema, plain);
        };
        let wanted = self.argument_types(args)?;
        let candidates = self.catalog.find_functions(self.path(), schema, plain)?;
        for entry in &candidates {
            let found = match entry {
                FunctionEntry::Builtin(row) => *row.args == *wanted,
                FunctionEntry::User(row) => row.input_types().eq(wanted.iter().copied()),
            };
            if !found {
                continue;
            }
            return match entry {
                FunctionEntry::Builtin(row) => Err(DatabaseError::new(
                    INSUFFICIENT_PRIVILEGE,
                    format!("must be owner of function {}", row.name),
                )),
                FunctionEntry::User(row) => {
                    self.require_routine_kind(kind, word, row, &self.signature(name, &wanted))?;
                    Ok(Arc::clone(row))
                }
            };
        }
        Err(DatabaseError::new(
            UNDEFINED_FUNCTION,
            format!("{word} {} does not exist", self.signature(name, &wanted)),
        ))
    }

    fn only_function(
        &self,
        kind: ObjectKind,
        word: &str,
        name: &Name,
        schema: Option<&str>,
        plain: &str,
    ) -> Result<Arc<Function>> {
        let text = name.parts.join(".");
        let candidates = self.catalog.find_functions(self.path(), schema, plain)?;
        match candidates.as_slice() {
            [FunctionEntry::User(row)] => {
                self.require_routine_kind(kind, word, row, &text)?;
                Ok(Arc::clone(row))
            }
            [FunctionEntry::Builtin(row)] => Err(DatabaseError::new(
                INSUFFICIENT_PRIVILEGE,
                format!("must be owner of function {}", row.name),
            )),
            [] => Err(DatabaseError::new(
                UNDEFINED_FUNCTION,
                format!("could not find a {word} named \"{text}\""),
            )),
            _ => Err(DatabaseError::new(AMBIGUOUS_FUNCTION, format!("{word} name \"{text}\" is not unique"))
                .with_hint(format!("Specify the argument list to select the {word} unambiguously."))),
        }
    }

    fn require_routine_kind(&self, kind: ObjectKind, word: &str, row: &Function, text: &str) -> Result<()> {
        let fits = match kind {
            ObjectKind::Procedure => row.kind == FunctionKind::Procedure,
            ObjectKind::Aggregate => row.kind == FunctionKind::Aggregate,
            ObjectKind::Routine => true,
            _ => row.kind != FunctionKind::Procedure,
        };
        match fits {
            true => Ok(()),
            false => Err(DatabaseError::new(WRONG_OBJECT_TYPE, format!("{text} is not a {word}"))),
        }
    }

    /// The types of the input arguments as DDL lists them.
    pub(super) fn argument_types(&self, args: &[FunctionParameter]) -> Result<Vec<Oid>> {
        let input = |mode| matches!(mode, ParameterMode::In | ParameterMode::InOut | ParameterMode::Variadic);
        let args = args.iter().filter(|parameter| input(parameter.mode));
        args.map(|parameter| Ok(self.catalog.resolve_type(self.path(), &parameter.type_name)?.oid)).collect()
    }

    fn signature(&self, name: &Name, args: &[Oid]) -> String {
        let types: Vec<String> =
            args.iter().map(|oid| self.catalog.format_type_oid(self.path(), *oid)).collect();
        format!("{}({})", name.parts.join("."), types.join(", "))
    }

    /// The function of these argument types that a trigger or a call in a definition names, PostgreSQL's own too.
    pub(super) fn find_exact(&self, name: &Name, args: &[Oid]) -> Result<FunctionEntry<'_>> {
        let (schema, plain) = split_name(name)?;
        let candidates = self.catalog.find_functions(self.path(), schema, plain)?;
        let found = candidates.into_iter().find(|entry| match entry {
            FunctionEntry::Builtin(row) => *row.args == *args,
            FunctionEntry::User(row) => row.input_types().eq(args.iter().copied()),
        });
        if let Some(found) = found {
            return Ok(found);
        }
        if builtins().is_unsupported(Unsupported::Function, plain) {
            return Err(DatabaseError::unsupported(format_args!("function {plain}")));
        }
        let message = format!("function {} does not exist", self.signature(name, args));
        Err(DatabaseError::new(UNDEFINED_FUNCTION, message))
    }

    // ------------------------------------------------------------------------------------------ ALTER

    pub(super) fn alter_function(
        &mut self,
        kind: ObjectKind,
        name: &ObjectName,
        options: &[FunctionOption],
    ) -> Result<()> {
        let old = self.find_function(kind, name)?;
        self.require_owner(old.owner, function_word(old.kind), &old.name)?;
        let options = read_options(options)?;
        if options.leakproof == Some(true) {
            self.require_superuser("only superuser can define a leakproof function")?;
        }
        let mut new = (*old).clone();
        new.volatility = options.volatility.unwrap_or(old.volatility);
        new.strict = options.strict.unwrap_or(old.strict);
        new.security_definer = options.security_definer.unwrap_or(old.security_definer);
        new.leakproof = options.leakproof.unwrap_or(old.leakproof);
        new.rows = options.rows.unwrap_or(old.rows);
        new.settings = apply_settings(new.settings, &options.settings)?;
        self.catalog.put_function(new);
        self.change(PhysicalChange::FunctionReplaced { old });
        Ok(())
    }
}

const EVENT_TRIGGER: Oid = 3838;

pub(super) fn function_word(kind: FunctionKind) -> &'static str {
    match kind {
        FunctionKind::Procedure => "procedure",
        FunctionKind::Aggregate => "aggregate",
        FunctionKind::Function | FunctionKind::Window => "function",
    }
}

/// An error's place in a body as one in the statement. A quote before it may have been written as two: then there is none.
fn place_in_body(error: DatabaseError, body: &str, start: Option<Position>) -> DatabaseError {
    let Some(inner) = error.fields().position else { return error };
    let error = unplaced(error);
    let quoted = body.chars().take(inner as usize).any(|character| matches!(character, '\'' | '\\'));
    match start {
        Some(start) if !quoted && start > 0 => error.at(start + inner - 1),
        _ => error,
    }
}

/// Whether a pseudo-type stands for the type of an argument.
fn is_polymorphic(type_oid: Oid) -> bool {
    builtins()
        .type_by_oid(type_oid)
        .is_some_and(|row| row.is_pseudo() && row.name.starts_with("any") && row.name != "any")
}

/// The result type that output parameters make, if there are any.
fn result_of_parameters(parameters: &[Parameter], procedure: bool) -> Option<Oid> {
    let outputs: Vec<Oid> = parameters
        .iter()
        .filter(|row| matches!(row.mode, ParameterMode::Out | ParameterMode::InOut | ParameterMode::Table))
        .map(|row| row.type_ref.oid)
        .collect();
    match outputs.as_slice() {
        [] => None,
        [only] if !procedure => Some(*only),
        _ => Some(oid::RECORD),
    }
}

fn read_options(written: &[FunctionOption]) -> Result<Options> {
    let mut options = Options::default();
    let conflict = || DatabaseError::new(SYNTAX_ERROR, "conflicting or redundant options");
    fn once<T>(slot: &mut Option<T>, value: T, conflict: impl Fn() -> DatabaseError) -> Result<()> {
        match slot.replace(value) {
            None => Ok(()),
            Some(_) => Err(conflict()),
        }
    }
    for option in written {
        match option {
            FunctionOption::Language(name) => once(&mut options.language, name.clone(), conflict)?,
            FunctionOption::As { body, symbol: _, position: _ } => {
                once(&mut options.body, body.clone(), conflict)?;
            }
            FunctionOption::Volatility(word) => {
                let volatility = match *word {
                    "IMMUTABLE" => Volatility::Immutable,
                    "STABLE" => Volatility::Stable,
                    _ => Volatility::Volatile,
                };
                once(&mut options.volatility, volatility, conflict)?;
            }
            FunctionOption::Strict(strict) => once(&mut options.strict, *strict, conflict)?,
            FunctionOption::SecurityDefiner(definer) => {
                once(&mut options.security_definer, *definer, conflict)?;
            }
            FunctionOption::Leakproof(leakproof) => once(&mut options.leakproof, *leakproof, conflict)?,
            FunctionOption::Rows(rows) => {
                let rows = rows.parse().map_err(|_| invalid("ROWS must be positive"))?;
                once(&mut options.rows, rows, conflict)?;
            }
            FunctionOption::Set(setting) => options.settings.push(setting.clone()),
            // Parallel safety, cost and support functions guide a planner that is not ours.
            FunctionOption::Parallel(_) => {}
            FunctionOption::Other(words) => {
                if let Some("WINDOW" | "TRANSFORM") = words.split_whitespace().next() {
                    return Err(DatabaseError::unsupported(words));
                }
            }
        }
    }
    Ok(options)
}

/// A list of settings after SET and RESET: update_proconfig_value.
pub(super) fn apply_settings(
    mut settings: Vec<(String, String)>,
    written: &[SetStatement],
) -> Result<Vec<(String, String)>> {
    for setting in written {
        let SetStatement { name, value, local: _ } = setting;
        let name = name.to_lowercase();
        match value {
            SetValue::Values(values) => {
                let text = setting_text(&name, values);
                match settings.iter_mut().find(|(other, _)| *other == name) {
                    Some((_, old)) => *old = text,
                    None => settings.push((name, text)),
                }
            }
            SetValue::Default | SetValue::Reset if name == "all" => settings.clear(),
            SetValue::Default | SetValue::Reset => settings.retain(|(other, _)| *other != name),
            SetValue::Current => return Err(DatabaseError::unsupported("SET … FROM CURRENT")),
        }
    }
    Ok(settings)
}

/// A setting's values in the one text that pg_proc.proconfig has.
fn setting_text(name: &str, values: &[String]) -> String {
    // The settings that are lists of names quote each of them.
    let quoted = matches!(name, "search_path" | "temp_tablespaces" | "session_preload_libraries");
    let parts: Vec<String> =
        values.iter().map(|value| if quoted { quote_identifier(value) } else { value.clone() }).collect();
    parts.join(", ")
}
