//! PL/pgSQL functions, as triggers and as calls.

use super::{Program, ResultColumn, SqliteStatement};
use catalog::{Oid, TypeRef};
use sqlstate::DatabaseError;
use std::sync::Arc;

/// A trigger's PL/pgSQL function, compiled for one trigger, one event and the role as which it runs.
///
/// It runs over registers, which its programs bind as `Argument`: first the fields of NEW and OLD, then its other variables.
#[derive(Clone, Debug)]
pub struct RoutinePlan {
    /// The function's name, for errors.
    pub name: String,
    /// SECURITY DEFINER: the owner's name; the programs were compiled for it.
    pub role: Option<String>,
    /// SET clauses.
    pub settings: Vec<(String, String)>,
    /// How many registers there are; all begin as NULL.
    pub registers: usize,
    /// Where NEW's fields begin.
    pub new: usize,
    /// Where OLD's fields begin.
    pub old: usize,
    /// The register of FOUND.
    pub found: usize,
    /// Columns that NEW has no value for yet: generated ones, in a BEFORE trigger.
    pub blank: Vec<usize>,
    /// In order.
    pub body: Vec<Instruction>,
    /// Whether it reads or writes any table: if not, it may run for all rows before the first of them is written.
    pub touches_tables: bool,
}

/// A statement of a [`RoutinePlan`].
#[derive(Clone, Debug)]
pub enum Instruction {
    /// Runs a program.
    Run {
        /// It.
        program: Box<Program>,
        /// What its rows are for.
        rows: Rows,
        /// Whether FOUND tells afterwards if it concerned any row.
        sets_found: bool,
    },
    /// Fails, once it is reached: what is wrong with a statement shows only when it is its turn.
    Fail(DatabaseError),
    /// Ends the function.
    Return(Returned),
}

/// What becomes of the rows of a program in a routine.
#[derive(Clone, Debug)]
pub enum Rows {
    /// Nothing.
    Discard,
    /// At most one row of one value, for a variable: 21000 when there are more.
    Value(Assignment),
    /// INTO: the first row, or NULLs.
    Into {
        /// Where its values go.
        assignment: Assignment,
        /// STRICT: P0002 without a row.
        strict: bool,
        /// STRICT, and all but SELECT: P0003 with more than one row.
        single: bool,
    },
}

/// Values for variables.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// Registers that take the row as it is; further columns are dropped, missing ones are NULL.
    pub raw: Vec<usize>,
    /// A SELECT over the registers that converts `raw` to the types of `targets`, when they differ.
    pub convert: Option<SqliteStatement>,
    /// Where the values go in the end.
    pub targets: Vec<Slot>,
}

/// A variable's register.
#[derive(Clone, Debug)]
pub struct Slot {
    /// The register.
    pub register: usize,
    /// NOT NULL: the variable's name, for the error.
    pub not_null: Option<String>,
}

/// What RETURN gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returned {
    /// No row.
    Null,
    /// NEW.
    New,
    /// OLD.
    Old,
    /// No row if this register is NULL; else 42804, since it is no row.
    Scalar(usize),
}

/// A PL/pgSQL function; each of its statements is compiled when it is reached.
#[derive(Clone, Debug)]
pub struct CallPlan {
    /// pg_proc.oid
    pub oid: Oid,
    /// Its name, for errors and as the label of its parameters.
    pub name: String,
    /// SECURITY DEFINER: the owner's name.
    pub role: Option<String>,
    /// SET clauses.
    pub settings: Vec<(String, String)>,
    /// Its parameters.
    pub parameters: Vec<CallParameter>,
    /// What it returns; `void` too.
    pub returns: TypeRef,
    /// SETOF, TABLE.
    pub returns_set: bool,
    /// The columns of the rows that it gives (one for a scalar).
    pub columns: Vec<ResultColumn>,
    /// VOLATILE: it may change rows.
    pub volatile: bool,
    /// The body.
    pub body: Arc<syntax::plpgsql::Body>,
}

/// A parameter of a PL/pgSQL function.
#[derive(Clone, Debug)]
pub struct CallParameter {
    /// Its name.
    pub name: Option<String>,
    /// The type that this call gives it.
    pub ty: TypeRef,
    /// OUT, TABLE: a variable for the result.
    pub is_output: bool,
}

/// A SQL function's body, compiled for its role.
#[derive(Clone, Debug)]
pub struct FunctionPlan {
    /// pg_proc.oid
    pub oid: Oid,
    /// Its name, for errors.
    pub name: String,
    /// SECURITY DEFINER: the owner's name; the body's programs were compiled for it.
    pub role: Option<String>,
    /// SET clauses.
    pub settings: Vec<(String, String)>,
    /// Its statements; they bind `Argument`.
    pub body: Vec<Program>,
    /// Whether all rows of the last statement count. If not: one row always, the first, or one of NULLs when there is none.
    pub returns_set: bool,
    /// The columns of the rows that it gives (one for a scalar).
    pub columns: Vec<ResultColumn>,
}
