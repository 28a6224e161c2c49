//! The catalog as it stands at some commit, with what was made of it.

use crate::run::role_settings;
use crate::settings::Settings;
use crate::system_tables::SystemRows;
use crate::types::CatalogTypes;
use crate::writes::TableWrites;
use catalog::{Catalog, Oid, TypeRef};
use compile::program::TablePlan;
use foldhash::fast::RandomState;
use sqlstate::Result;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

static NEXT_VERSION: AtomicU64 = AtomicU64::new(1);

/// A catalog and its derived values. Compiled statements are cached under its version.
pub(crate) struct CatalogState {
    pub(crate) catalog: Arc<Catalog>,
    /// Never given twice in a process.
    pub(crate) version: u64,
    pub(crate) types: Arc<CatalogTypes>,
    tables: Mutex<HashMap<Oid, Arc<TablePlan>, RandomState>>,
    writes: Mutex<HashMap<Oid, Arc<TableWrites>, RandomState>>,
    names: Mutex<HashMap<TypeRef, Arc<str>>>,
    /// The settings that a role begins with.
    settings: Mutex<HashMap<Box<str>, Settings, RandomState>>,
    system: Mutex<HashMap<(Oid, Oid), Arc<SystemRows>>>,
}

impl CatalogState {
    pub(crate) fn new(catalog: Arc<Catalog>) -> CatalogState {
        CatalogState {
            types: Arc::new(CatalogTypes::new(Arc::clone(&catalog))),
            catalog,
            version: NEXT_VERSION.fetch_add(1, Ordering::Relaxed),
            tables: Mutex::default(),
            writes: Mutex::default(),
            names: Mutex::default(),
            settings: Mutex::default(),
            system: Mutex::default(),
        }
    }

    /// The plan of a table, by its OID.
    pub(crate) fn table(&self, oid: Oid) -> Result<Arc<TablePlan>> {
        let mut tables = self.tables.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(plan) = tables.get(&oid) {
            return Ok(Arc::clone(plan));
        }
        let plan = crate::plan::table_plan(&self.catalog, oid)?;
        tables.insert(oid, Arc::clone(&plan));
        Ok(plan)
    }

    /// The engine's own statements for a table.
    pub(crate) fn writes(&self, plan: &TablePlan) -> Arc<TableWrites> {
        let mut writes = self.writes.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(writes.entry(plan.oid).or_insert_with(|| Arc::new(TableWrites::new(plan))))
    }

    /// The settings that a role begins with, those of the database and its own.
    ///
    /// # Errors
    /// 22023 when there is no such role; what a setting refuses.
    pub(crate) fn role_settings(&self, role: &str) -> Result<Settings> {
        let mut kept = self.settings.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(settings) = kept.get(role) {
            return Ok(settings.clone());
        }
        let settings = role_settings(&self.catalog, role)?;
        kept.insert(role.into(), settings.clone());
        Ok(settings)
    }

    /// The rows of a system relation as a role sees them.
    pub(crate) fn system_rows(
        &self,
        relation: Oid,
        role: Oid,
        make: impl FnOnce() -> Result<SystemRows>,
    ) -> Result<Arc<SystemRows>> {
        let mut system = self.system.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(rows) = system.get(&(relation, role)) {
            return Ok(Arc::clone(rows));
        }
        let rows = Arc::new(make()?);
        system.insert((relation, role), Arc::clone(&rows));
        Ok(rows)
    }

    /// A type's name as results tell it: qualified unless it is PostgreSQL's own.
    pub(crate) fn type_name(&self, type_ref: TypeRef) -> Arc<str> {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let name =
            names.entry(type_ref).or_insert_with(|| self.catalog.format_type_qualified(type_ref).into());
        Arc::clone(name)
    }
}

#[cfg(test)]
impl CatalogState {
    /// Puts a plan in, for tests without a compiler.
    pub(crate) fn put_table(&self, plan: &Arc<TablePlan>) {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner).insert(plan.oid, Arc::clone(plan));
    }
}
