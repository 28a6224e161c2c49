//! Compiled statements, kept by text, role, search path and catalog.

use crate::run::{Leaving, Trigger};
use crate::state::CatalogState;
use catalog::{Catalog, Oid, Privileges};
use compile::Asker;
use compile::plpgsql::trigger_routine;
use compile::program::{ModifyKind, Program, Reveal, RoutinePlan, SqliteStatement, TablePlan};
use compile::triggers::condition;
use database::Column;
use foldhash::quality::RandomState;
use sqlstate::Result;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use syntax::ast;

/// How many statements are kept compiled.
const CAPACITY: usize = 4096;
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

type Kept<T> = Mutex<HashMap<TriggerKey, T, RandomState>>;

/// The cache.
#[derive(Default)]
pub(crate) struct Plans {
    statements: Mutex<HashMap<Key, Compiled, RandomState>>,
    routines: Kept<Arc<RoutinePlan>>,
    conditions: Kept<Option<Arc<SqliteStatement>>>,
}

/// What is kept under a key, or made now and kept.
fn kept<T: Clone>(cache: &Kept<T>, key: TriggerKey, make: impl FnOnce() -> Result<T>) -> Result<T> {
    if let Some(found) = cache.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
        return Ok(found.clone());
    }
    let made = make()?;
    let mut cache = cache.lock().unwrap_or_else(PoisonError::into_inner);
    if cache.len() >= CAPACITY {
        cache.retain(|old, _| old.version == key.version);
        if cache.len() >= CAPACITY {
            cache.clear();
        }
    }
    cache.insert(key, made.clone());
    Ok(made)
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
        if let Some(found) = self.statements.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Ok(found.clone());
        }
        let compiled = compile(state, text, role, session_user, search_path)?;
        let is_definition = matches!(&compiled, Compiled::Plan(plan)
            if plan.program.steps.iter().any(|step| matches!(step, compile::program::Step::Ddl(_))));
        if text.len() <= LONGEST_TEXT && !is_definition {
            let mut cache = self.statements.lock().unwrap_or_else(PoisonError::into_inner);
            if cache.len() >= CAPACITY {
                cache.retain(|kept, _| kept.version == state.version);
                if cache.len() >= CAPACITY {
                    cache.clear();
                }
            }
            cache.insert(key, compiled.clone());
        }
        Ok(compiled)
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
        return Reveal { rows: false, columns: vec![false; table.columns.len()] };
    };
    let exempt = catalog.bypasses_row_security(role)
        || (!relation.force_row_security && catalog.has_privileges_of(role, relation.owner));
    let columns = relation
        .columns
        .iter()
        .map(|column| catalog.has_column_privilege(role, relation, column, Privileges::SELECT));
    Reveal { rows: !relation.row_security || exempt, columns: columns.collect() }
}
