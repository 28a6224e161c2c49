//! Compiled statements, kept by text, role, search path and catalog.
//!
//! EXECUTE in PL/pgSQL keeps what it compiles apart: its texts often have values in them, and would drive out the others.

use crate::run::{Leaving, Trigger};
use crate::state::CatalogState;
use catalog::{Catalog, Oid, Privileges, TypeRef};
use compile::Asker;
use compile::plpgsql::trigger_routine;
use compile::program::{ModifyKind, Program, Reveal, RoutinePlan, SqliteStatement, TablePlan};
use compile::triggers::condition;
use database::Column;
use foldhash::quality::RandomState;
use sqlstate::Result;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use syntax::ast;

/// How many statements are kept compiled.
const CAPACITY: usize = 4096;
/// How many texts of EXECUTE are.
const DYNAMIC_CAPACITY: usize = 256;
/// Longer texts are compiled each time: they are scripts, not requests.
const LONGEST_TEXT: usize = 64 * 1024;

/// A program with what is the same whenever it runs.
pub(crate) struct Plan {
    pub(crate) program: Program,
    /// What its result is described by.
    pub(crate) columns: Arc<[Column]>,
    /// How the values of its result leave.
    pub(crate) leaving: Arc<[Leaving]>,
}

impl Plan {
    pub(crate) fn new(program: Program, state: &CatalogState) -> Plan {
        // PostgreSQL describes a domain as the type below it.
        let types: Vec<_> =
            program.columns.iter().map(|column| state.catalog.base_type(column.type_ref)).collect();
        let columns = program.columns.iter().zip(&types).map(|(column, type_ref)| Column {
            name: column.name.as_str().into(),
            type_oid: type_ref.oid,
            type_name: state.type_name(*type_ref),
        });
        let columns = columns.collect();
        Plan { program, columns, leaving: types.iter().map(|type_ref| Leaving::of(*type_ref)).collect() }
    }
}

/// What a statement compiled to.
#[derive(Clone)]
pub(crate) enum Compiled {
    Plan(Arc<Plan>),
    /// BEGIN, COMMIT, SAVEPOINT …
    Transaction(Arc<ast::TransactionStatement>),
    /// PREPARE, EXECUTE, DECLARE, FETCH …
    Session(Arc<ast::SessionStatement>),
}

/// For whom and under which names a statement is compiled.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    text: Arc<str>,
    role: Oid,
    session_user: Oid,
    search_path: Arc<[String]>,
    version: u64,
}

/// A trigger, its event, and for whom and under which names it is compiled.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct TriggerKey {
    trigger: Oid,
    kind: ModifyKind,
    role: Oid,
    session_user: Oid,
    search_path: Vec<String>,
    version: u64,
}

/// A text that EXECUTE runs, with the types of what follows USING, and for whom and under which names it is compiled.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct DynamicKey {
    pub(crate) text: String,
    pub(crate) using: Vec<Option<TypeRef>>,
    role: Oid,
    session_user: Oid,
    search_path: Vec<String>,
    version: u64,
}

/// What a key says of the catalog.
trait OfCatalog {
    /// The version of the catalog that it is about.
    fn version(&self) -> u64;
}

impl OfCatalog for Key {
    fn version(&self) -> u64 {
        self.version
    }
}

impl OfCatalog for TriggerKey {
    fn version(&self) -> u64 {
        self.version
    }
}

impl OfCatalog for DynamicKey {
    fn version(&self) -> u64 {
        self.version
    }
}

impl DynamicKey {
    pub(crate) fn new(
        state: &CatalogState,
        asker: &Asker<'_>,
        text: String,
        using: Vec<Option<TypeRef>>,
    ) -> DynamicKey {
        DynamicKey {
            text,
            using,
            role: asker.role,
            session_user: asker.session_user,
            search_path: asker.search_path.to_vec(),
            version: state.version,
        }
    }
}

impl TriggerKey {
    fn new(state: &CatalogState, asker: &Asker<'_>, trigger: &Trigger) -> TriggerKey {
        TriggerKey {
            trigger: trigger.trigger.oid,
            kind: trigger.kind,
            role: asker.role,
            session_user: asker.session_user,
            search_path: asker.search_path.to_vec(),
            version: state.version,
        }
    }
}

type Kept<K, T> = Mutex<HashMap<K, T, RandomState>>;

/// The cache.
#[derive(Default)]
pub(crate) struct Plans {
    statements: Kept<Key, Compiled>,
    routines: Kept<TriggerKey, Arc<RoutinePlan>>,
    conditions: Kept<TriggerKey, Option<Arc<SqliteStatement>>>,
    dynamic: Kept<DynamicKey, Arc<Program>>,
}

fn find<K: Eq + Hash, T: Clone>(cache: &Kept<K, T>, key: &K) -> Option<T> {
    cache.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
}

fn keep<K: OfCatalog + Eq + Hash, T>(cache: &Kept<K, T>, capacity: usize, key: K, made: T) {
    let mut cache = cache.lock().unwrap_or_else(PoisonError::into_inner);
    if cache.len() >= capacity {
        cache.retain(|old, _| old.version() == key.version());
        if cache.len() >= capacity {
            cache.clear();
        }
    }
    cache.insert(key, made);
}

/// What is kept under a key, or made now and kept.
fn kept<K: OfCatalog + Eq + Hash, T: Clone>(
    cache: &Kept<K, T>,
    key: K,
    make: impl FnOnce() -> Result<T>,
) -> Result<T> {
    if let Some(found) = find(cache, &key) {
        return Ok(found);
    }
    let made = make()?;
    keep(cache, CAPACITY, key, made.clone());
    Ok(made)
}

/// Whether a program changes the catalog: it will hardly run again under the same.
fn defines(program: &Program) -> bool {
    program.steps.iter().any(|step| matches!(step, compile::program::Step::Ddl(_)))
}

impl Plans {
    /// A trigger's function, compiled now or before.
    pub(crate) fn routine(
        &self,
        state: &CatalogState,
        asker: &Asker<'_>,
        trigger: &Trigger,
    ) -> Result<Arc<RoutinePlan>> {
        kept(&self.routines, TriggerKey::new(state, asker, trigger), || {
            let Trigger { relation, trigger, kind, .. } = trigger;
            trigger_routine(&state.catalog, asker, relation, trigger, *kind).map(Arc::new)
        })
    }

    /// A trigger's WHEN, compiled now or before.
    pub(crate) fn condition(
        &self,
        state: &CatalogState,
        asker: &Asker<'_>,
        trigger: &Trigger,
    ) -> Result<Option<Arc<SqliteStatement>>> {
        kept(&self.conditions, TriggerKey::new(state, asker, trigger), || {
            let Trigger { relation, trigger, kind, .. } = trigger;
            Ok(condition(&state.catalog, asker, relation, trigger, *kind)?.map(Arc::new))
        })
    }

    /// The statement, compiled now or before.
    pub(crate) fn get(
        &self,
        state: &CatalogState,
        text: &Arc<str>,
        role: Oid,
        session_user: Oid,
        search_path: &Arc<[String]>,
    ) -> Result<Compiled> {
        let key = Key {
            text: Arc::clone(text),
            role,
            session_user,
            search_path: Arc::clone(search_path),
            version: state.version,
        };
        if let Some(found) = find(&self.statements, &key) {
            return Ok(found);
        }
        let compiled = compile(state, text, role, session_user, search_path)?;
        let is_definition = matches!(&compiled, Compiled::Plan(plan) if defines(&plan.program));
        if text.len() <= LONGEST_TEXT && !is_definition {
            keep(&self.statements, CAPACITY, key, compiled.clone());
        }
        Ok(compiled)
    }

    /// The one statement of a text that EXECUTE ran before.
    pub(crate) fn dynamic(&self, key: &DynamicKey) -> Option<Arc<Program>> {
        find(&self.dynamic, key)
    }

    /// Keeps the one statement of a text that EXECUTE runs.
    pub(crate) fn keep_dynamic(&self, key: DynamicKey, program: &Arc<Program>) {
        if key.text.len() <= LONGEST_TEXT && !defines(program) {
            keep(&self.dynamic, DYNAMIC_CAPACITY, key, Arc::clone(program));
        }
    }
}

fn compile(
    state: &CatalogState,
    text: &str,
    role: Oid,
    session_user: Oid,
    search_path: &[String],
) -> Result<Compiled> {
    let statement = syntax::parse_statement(text)?;
    if let ast::Statement::Transaction(control) = statement {
        return Ok(Compiled::Transaction(Arc::new(control)));
    }
    if let ast::Statement::Session(statement) = statement {
        return Ok(Compiled::Session(Arc::new(*statement)));
    }
    let asker = Asker { role, session_user, search_path };
    let program = compile::compile(&state.catalog, &asker, &statement, &[])?;
    Ok(Compiled::Plan(Arc::new(Plan::new(program, state))))
}

/// The plan of a table.
pub(crate) fn table_plan(catalog: &Catalog, oid: Oid) -> Result<Arc<TablePlan>> {
    compile::tables::table_plan(catalog, oid).map(Arc::new)
}

/// What an error may show a role of a table's rows.
pub(crate) fn reveal(catalog: &Catalog, table: &TablePlan, role: Oid) -> Reveal {
    let Some(relation) = catalog.relations.get(&table.oid) else {
        return Reveal {
            rows: false,
            table: false,
            columns: vec![false; table.columns.len()],
            given: Vec::new(),
        };
    };
    let exempt = catalog.bypasses_row_security(role)
        || (!relation.force_row_security && catalog.has_privileges_of(role, relation.owner));
    let columns = relation
        .columns
        .iter()
        .map(|column| catalog.has_column_privilege(role, relation, column, Privileges::SELECT));
    Reveal {
        rows: !relation.row_security || exempt,
        table: catalog.has_relation_privilege(role, relation, Privileges::SELECT),
        columns: columns.collect(),
        given: Vec::new(),
    }
}
