//! The built-in functions by name, and how one is called.

use crate::context::Context;
use crate::oid;
use crate::value::{Oid, Stored, StoredValue};
use sqlstate::{DatabaseError, Result};
use std::cell::Cell;
use std::collections::HashMap;
use std::sync::LazyLock;

/// How far the result of a function depends on its arguments alone; `pg_proc.provolatile`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Volatility {
    /// On nothing else.
    Immutable,
    /// On the session too; constant within a statement.
    Stable,
    /// On anything; each call may differ.
    Volatile,
}

/// The code of a function.
pub(crate) type Code = fn(&mut Call<'_>) -> Result<StoredValue>;

/// A scalar function.
#[derive(Debug)]
pub struct Function {
    /// The name: `prosrc`.
    pub name: &'static str,
    /// NULL for any NULL argument, without a call; `pg_proc.proisstrict`.
    pub strict: bool,
    /// The type OIDs of arguments and result come first, as a text constant.
    pub typed: bool,
    /// What the result depends on.
    pub volatility: Volatility,
    code: Code,
}

impl Function {
    /// Called for NULL arguments too.
    pub(crate) const fn lenient(mut self) -> Function {
        self.strict = false;
        self
    }

    /// Wants the type OIDs.
    pub(crate) const fn typed(mut self) -> Function {
        self.typed = true;
        self
    }

    /// Calls the function with the arguments as SQLite hands them over, a signature first if `typed`.
    pub fn invoke(&self, arguments: &[Stored<'_>], context: &dyn Context) -> Result<StoredValue> {
        let mut call = Call::new(arguments, self.typed, context)?;
        if self.strict && call.arguments.iter().any(Stored::is_null) {
            return Ok(StoredValue::Null);
        }
        (self.code)(&mut call)
    }
}

/// The rows of a set-returning function, each with all its columns.
pub type Rows = Box<dyn Iterator<Item = Result<Vec<StoredValue>>>>;

/// A set-returning function. A strict one yields no row for a NULL argument.
#[derive(Debug)]
pub struct SetFunction {
    /// The name: `prosrc`.
    pub name: &'static str,
    /// No rows for any NULL argument.
    pub strict: bool,
    /// The type OIDs of arguments and result come first, as a text constant.
    pub typed: bool,
    /// What the rows depend on.
    pub volatility: Volatility,
    /// How many columns each row has; [`SetFunction::is_open`] for those whose arguments tell.
    pub columns: usize,
    code: fn(&mut Call<'_>) -> Result<Rows>,
}

impl SetFunction {
    pub(crate) const fn immutable(
        name: &'static str,
        columns: usize,
        code: fn(&mut Call<'_>) -> Result<Rows>,
    ) -> SetFunction {
        SetFunction { name, strict: true, typed: false, volatility: Volatility::Immutable, columns, code }
    }

    /// Called for NULL arguments too.
    pub(crate) const fn lenient(mut self) -> SetFunction {
        self.strict = false;
        self
    }

    /// Wants the type OIDs.
    pub(crate) const fn typed(mut self) -> SetFunction {
        self.typed = true;
        self
    }

    /// Depends on the session.
    pub(crate) const fn stable(mut self) -> SetFunction {
        self.volatility = Volatility::Stable;
        self
    }

    /// Whether rows may have fewer columns than `columns`.
    pub fn is_open(&self) -> bool {
        self.columns == crate::json::populate::MANY_COLUMNS
    }

    /// Calls the function with the arguments as SQLite hands them over, a signature first if `typed`.
    pub fn invoke(&self, arguments: &[Stored<'_>], context: &dyn Context) -> Result<Rows> {
        let mut call = Call::new(arguments, self.typed, context)?;
        if self.strict && call.arguments.iter().any(Stored::is_null) {
            return Ok(Box::new(std::iter::empty()));
        }
        (self.code)(&mut call)
    }
}

/// One call: arguments, their types where the function asked for them, and the context.
pub struct Call<'a> {
    /// The arguments, without the signature.
    pub arguments: &'a [Stored<'a>],
    signature: &'a str,
    /// Which type of the signature was read last, and where it begins: they are asked for in their order.
    read: Cell<(usize, usize)>,
    /// Clock, session, types.
    pub context: &'a dyn Context,
}

impl<'a> Call<'a> {
    pub(crate) fn new(
        arguments: &'a [Stored<'a>],
        typed: bool,
        context: &'a dyn Context,
    ) -> Result<Call<'a>> {
        if !typed {
            return Ok(Call { arguments, signature: "", read: Cell::default(), context });
        }
        match arguments.split_first() {
            Some((Stored::Text(signature), rest)) => {
                Ok(Call { arguments: rest, signature, read: Cell::default(), context })
            }
            _ => Err(DatabaseError::internal("a typed function was called without its signature")),
        }
    }

    /// How many arguments there are.
    pub(crate) fn count(&self) -> usize {
        self.arguments.len()
    }

    /// The argument, NULL beyond the last.
    pub(crate) fn stored(&self, at: usize) -> Stored<'a> {
        self.arguments.get(at).copied().unwrap_or(Stored::Null)
    }

    /// Whether the argument is NULL or absent.
    pub(crate) fn is_null(&self, at: usize) -> bool {
        self.stored(at).is_null()
    }

    /// An integer argument: int, bool, date, time, timestamp, enum.
    pub(crate) fn int(&self, at: usize) -> Result<i64> {
        match self.stored(at) {
            Stored::Integer(value) => Ok(value),
            other => Err(unexpected(at, "INTEGER", other)),
        }
    }

    /// A bool argument.
    pub(crate) fn bool(&self, at: usize) -> Result<bool> {
        Ok(self.int(at)? != 0)
    }

    /// A float argument.
    pub(crate) fn real(&self, at: usize) -> Result<f64> {
        let value = self.stored(at);
        value.real().ok_or_else(|| unexpected(at, "REAL", value))
    }

    /// A text argument.
    pub(crate) fn text(&self, at: usize) -> Result<&'a str> {
        match self.stored(at) {
            Stored::Text(value) => Ok(value),
            other => Err(unexpected(at, "TEXT", other)),
        }
    }

    /// A bytes argument.
    pub(crate) fn blob(&self, at: usize) -> Result<&'a [u8]> {
        match self.stored(at) {
            Stored::Blob(value) => Ok(value),
            other => Err(unexpected(at, "BLOB", other)),
        }
    }

    /// The type of an argument; the one after the last is the result's.
    pub(crate) fn type_of(&self, at: usize) -> Result<Oid> {
        let missing =
            || DatabaseError::internal(format_args!("signature '{}' has no type {at}", self.signature));
        let (mut index, mut begin) = match self.read.get() {
            read if read.0 <= at => read,
            _ => (0, 0),
        };
        let mut rest = self.signature.get(begin..).ok_or_else(missing)?;
        loop {
            let comma = rest.bytes().position(|byte| byte == b',');
            if index == at {
                self.read.set((index, begin));
                return rest[..comma.unwrap_or(rest.len())].trim().parse().map_err(|_| missing());
            }
            let next = comma.ok_or_else(missing)? + 1;
            (index, begin, rest) = (index + 1, begin + next, &rest[next..]);
        }
    }

    /// The type of the result.
    pub(crate) fn result_type(&self) -> Result<Oid> {
        self.signature.rsplit(',').next().and_then(|part| part.trim().parse().ok()).ok_or_else(|| {
            DatabaseError::internal(format_args!("signature '{}' has no result", self.signature))
        })
    }
}

fn unexpected(at: usize, wanted: &str, found: Stored<'_>) -> DatabaseError {
    DatabaseError::internal(format_args!("argument {at} should be {wanted} and is {found:?}"))
}

/// A strict function whose result depends on its arguments alone.
pub(crate) const fn immutable(name: &'static str, code: Code) -> Function {
    Function { name, strict: true, typed: false, volatility: Volatility::Immutable, code }
}

/// A strict function whose result depends on the session too.
pub(crate) const fn stable(name: &'static str, code: Code) -> Function {
    Function { name, strict: true, typed: false, volatility: Volatility::Stable, code }
}

/// A strict function whose every call may differ.
pub(crate) const fn volatile(name: &'static str, code: Code) -> Function {
    Function { name, strict: true, typed: false, volatility: Volatility::Volatile, code }
}

static FUNCTIONS: LazyLock<HashMap<&'static str, &'static Function>> =
    LazyLock::new(|| functions().map(|function| (function.name, function)).collect());
static SET_FUNCTIONS: LazyLock<HashMap<&'static str, &'static SetFunction>> =
    LazyLock::new(|| set_functions().map(|function| (function.name, function)).collect());

/// The scalar function of this name.
pub fn function(name: &str) -> Option<&'static Function> {
    FUNCTIONS.get(name).copied()
}

/// The set-returning function of this name.
pub fn set_function(name: &str) -> Option<&'static SetFunction> {
    SET_FUNCTIONS.get(name).copied()
}

/// All scalar functions, for the engine to register.
pub fn functions() -> impl Iterator<Item = &'static Function> {
    crate::functions::TABLES.iter().chain(crate::formatting::TABLES).flat_map(|table| table.iter())
}

/// All set-returning functions, for the engine to register.
pub fn set_functions() -> impl Iterator<Item = &'static SetFunction> {
    crate::functions::SET_TABLES.iter().flat_map(|table| table.iter())
}

/// The name of a built-in function that PostgreSQL writes in SQL and that therefore has no usable `prosrc`:
/// proname and the names of its argument types, joined by `_`.
pub fn name_of(proname: &str, arguments: &[Oid]) -> String {
    let mut name = proname.to_owned();
    for argument in arguments {
        name.push('_');
        name.push_str(oid::name_of(*argument).unwrap_or("unknown"));
    }
    name
}
