//! What a definition does to storage.

use super::super::Run;
use super::super::rows::StoredRow;
use crate::error::is_unique_violation;
use crate::sequences::Position;
use crate::writes::quote;
use catalog::ddl::PhysicalChange;
use catalog::{Catalog, Column, ColumnNumber, Index, Oid, Relation, Sql};
use compile::existing;
use compile::program::TablePlan;
use compile::storage;
use datum::{Stored, StoredValue};
use sqlstate::{DatabaseError, Result, UNIQUE_VIOLATION};
use std::collections::HashSet;
use std::sync::Arc;

impl Run<'_> {
    /// Makes one change, under the new catalog. `before` is the catalog before the statement.
    pub(in super::super) fn change(&mut self, before: &Catalog, change: &PhysicalChange) -> Result<()> {
        self.work.check_deadline()?;
        if let PhysicalChange::Redeclare { table, .. } | PhysicalChange::DropColumn { table, .. } = change
            && !self.state.catalog.relations.contains_key(table)
        {
            // CASCADE took the table as well.
            return Ok(());
        }
        match change {
            PhysicalChange::CreateTable { table } => {
                let relation = self.relation(*table)?;
                let name = self.storage_name(&relation)?;
                self.storage(&storage::create_table(&self.state.catalog, &relation, &name)?)
            }
            PhysicalChange::DropTable { old, schema } => {
                self.drop_table(&storage::stored_name(schema, &old.name))
            }
            PhysicalChange::RenameTable { table, old_schema, old_name } => {
                let name = self.storage_name(&*self.relation(*table)?)?;
                let old = storage::stored_name(old_schema, old_name);
                self.storage(&format!("ALTER TABLE {} RENAME TO {}", quote(&old), quote(&name)))
            }
            PhysicalChange::AddColumn { table, column, value, per_row } => {
                self.add_column(*table, *column, value.as_ref(), *per_row)
            }
            PhysicalChange::DropColumn { table, column: _, name } => self.drop_column(*table, name),
            PhysicalChange::RenameColumn { table, column, old_name } => {
                let relation = self.relation(*table)?;
                storage::refuse_alike_columns(&relation)?;
                let column = column_of(&relation, *column)?;
                let table = quote(&self.storage_name(&relation)?);
                let (old, new) = (quote(old_name), quote(&column.name));
                self.storage(&format!("ALTER TABLE {table} RENAME COLUMN {old} TO {new}"))
            }
            PhysicalChange::RebuildTable { old, table, columns } => self.rebuild(old, *table, columns),
            PhysicalChange::Redeclare { table, old } => {
                let relation = self.relation(*table)?;
                let declared = storage::create_table(before, old, "t")?;
                if declared == storage::create_table(&self.state.catalog, &relation, "t")? {
                    return Ok(());
                }
                self.rebuild(old, *table, &[])
            }
            PhysicalChange::CreateIndex { index } => self.create_index(*index),
            PhysicalChange::DropIndex { old, schema } => self.storage(&format!(
                "DROP INDEX IF EXISTS {}",
                quote(&storage::stored_name(schema, &old.name))
            )),
            PhysicalChange::RenameIndex { index, old_schema, old_name } => {
                let old = storage::stored_name(old_schema, old_name);
                let row = self.index(*index)?;
                if storage::sqlite_name(&self.state.catalog, row.schema, &row.name)? == old {
                    return Ok(());
                }
                self.storage(&format!("DROP INDEX IF EXISTS {}", quote(&old)))?;
                self.create_index(*index)
            }
            PhysicalChange::ValidateCheck { table, constraint } => self.validate_check(*table, *constraint),
            PhysicalChange::ValidateForeignKey { table, constraint } => {
                self.validate_foreign_key(*table, *constraint)
            }
            PhysicalChange::ValidateNotNull { table, column } => self.validate_not_null(*table, *column),
            PhysicalChange::ValidateDomain { domain, check } => {
                self.validate_domain(*domain, check.as_deref())
            }
            PhysicalChange::CreateSequence { sequence } => self.restart_sequence(*sequence, None),
            PhysicalChange::DropSequence { sequence } => self.forget_sequence(*sequence),
            PhysicalChange::AlterSequence { sequence, old: _, restart } => match restart {
                Some(value) => self.restart_sequence(*sequence, Some(*value)),
                None => match &self.relation(*sequence)?.sequence {
                    Some(definition) => self.work.sequences.check(*sequence, definition),
                    None => Ok(()),
                },
            },
            PhysicalChange::EnumRenumbered { enum_type, ordinals } => {
                self.renumber_enum(*enum_type, ordinals)
            }
            PhysicalChange::Truncate { tables, restart } => {
                let plans: Result<Vec<Arc<TablePlan>>> =
                    tables.iter().map(|table| self.state.table(*table)).collect();
                self.truncate(&plans?, restart)
            }
            PhysicalChange::RefreshMaterializedView { view, with_data } => {
                self.refresh_view(*view, *with_data)
            }
            PhysicalChange::FunctionReplaced { old: _ } => Ok(()),
        }
    }

    pub(super) fn relation(&self, oid: Oid) -> Result<Arc<Relation>> {
        let found = self.state.catalog.relations.get(&oid).cloned();
        found.ok_or_else(|| DatabaseError::internal(format_args!("no relation {oid} to change")))
    }

    fn index(&self, oid: Oid) -> Result<Arc<Index>> {
        let found = self.state.catalog.indexes.get(&oid).cloned();
        found.ok_or_else(|| DatabaseError::internal(format_args!("no index {oid} to change")))
    }

    pub(super) fn storage_name(&self, relation: &Relation) -> Result<String> {
        storage::sqlite_name(&self.state.catalog, relation.schema, &relation.name)
    }

    /// The columns that a table has in storage.
    pub(super) fn stored_columns(&self, table: &str) -> Result<HashSet<String>> {
        self.connection.with_engine(|raw| {
            let mut read = raw.prepare("SELECT name FROM pragma_table_info(?1)")?;
            read.query_map([table], |row| row.get(0))?.collect()
        })
    }

    /// Drops a table without touching rows that refer to it: their keys went before.
    pub(super) fn drop_table(&self, name: &str) -> Result<()> {
        self.without_keys(|run| run.storage(&format!("DROP TABLE {}", quote(name))))
    }

    /// Runs something with SQLite's own foreign keys off, which works inside a transaction too.
    pub(super) fn without_keys<T>(&self, run: impl FnOnce(&Self) -> Result<T>) -> Result<T> {
        let switch =
            |on| self.connection.set_foreign_keys(on).map_err(|error| self.connection.failure(&error));
        switch(false)?;
        let done = run(self);
        switch(true)?;
        done
    }

    fn add_column(
        &mut self,
        table: Oid,
        column: ColumnNumber,
        value: Option<&Sql>,
        per_row: bool,
    ) -> Result<()> {
        let relation = self.relation(table)?;
        storage::refuse_alike_columns(&relation)?;
        let added = column_of(&relation, column)?;
        let name = self.storage_name(&relation)?;
        let there = self.stored_columns(&name)?.contains(&added.name);
        let expression = match value {
            Some(sql) => Some(existing::row_expression(&self.state.catalog, &relation, added, sql)?),
            None => None,
        };
        let missing = match &expression {
            Some(statement) if !per_row => {
                let row = self.one_row(statement, &self.bindings(&[], &[]))?;
                row.into_iter().next().unwrap_or_default()
            }
            _ => StoredValue::Null,
        };
        if !there {
            self.storage(&storage::add_column(&self.state.catalog, &relation, added, &missing)?)?;
        }
        match expression {
            Some(statement) if per_row || there => {
                let at = position_of(&relation, column)?;
                let plan = self.state.table(table)?;
                self.each_row(&plan, |run, rowid, row| {
                    let bindings = run.bindings(&[], &[]).rows(Some(row), None);
                    let value = run.one_row(&statement, &bindings)?.into_iter().next().unwrap_or_default();
                    let mut new = row.to_vec();
                    if let Some(place) = new.get_mut(at) {
                        *place = value;
                    }
                    run.update(&plan, rowid, &new, &[at], None)
                })
            }
            _ => Ok(()),
        }
    }

    fn drop_column(&mut self, table: Oid, name: &str) -> Result<()> {
        let relation = self.relation(table)?;
        let table_name = self.storage_name(&relation)?;
        let there = self.stored_columns(&table_name)?;
        if !there.contains(name) {
            return Ok(());
        }
        if there.len() == 1 {
            // SQLite keeps at least one column; the declaration of a table without columns has one of ours.
            return self.rebuild(&relation, table, &[]);
        }
        self.storage(&format!("ALTER TABLE {} DROP COLUMN {}", quote(&table_name), quote(name)))
    }

    /// Hands each row of a table over. What it does to the table it does not meet again; the rows keep their order.
    pub(super) fn each_row(
        &mut self,
        table: &TablePlan,
        each: impl FnMut(&mut Self, i64, &[StoredValue]) -> Result<()>,
    ) -> Result<()> {
        let order = self.events.order.clone();
        let done = self.each_row_there(table, each);
        self.events.order = order;
        done
    }

    fn each_row_there(
        &mut self,
        table: &TablePlan,
        mut each: impl FnMut(&mut Self, i64, &[StoredValue]) -> Result<()>,
    ) -> Result<()> {
        let text = format!(
            "SELECT {rowid} FROM {table} WHERE {rowid} > ?1 ORDER BY {rowid} LIMIT 1000",
            rowid = table.rowid,
            table = quote(&table.sqlite_name)
        );
        let mut last = i64::MIN;
        loop {
            let mut rowids: Vec<i64> = Vec::new();
            self.connection.query_table(&text, &table.sqlite_name, &[Stored::Integer(last)], |row| {
                rowids.push(row.get(0).map_err(|error| self.connection.failure(&error))?);
                Ok(())
            })?;
            let Some(end) = rowids.last() else { return Ok(()) };
            last = *end;
            self.work.check_deadline()?;
            for rowid in rowids {
                if let Some(row) = self.fetch(table, rowid)? {
                    each(self, rowid, &row)?;
                }
            }
        }
    }

    /// Makes an index as the catalog has it.
    pub(super) fn create_index(&mut self, oid: Oid) -> Result<()> {
        let index = self.index(oid)?;
        let made = storage::create_index(&self.state.catalog, &index);
        let made = made.map_err(|error| match error.code() {
            sqlstate::INTERNAL_ERROR => DatabaseError::unsupported("an index on this expression"),
            _ => error,
        });
        let Some(text) = made? else { return Ok(()) };
        match self.connection.engine(&text) {
            Ok(()) => Ok(()),
            Err(error) if is_unique_violation(&error) => Err(self.explain_duplicates(&index)?),
            Err(error) => {
                let mut failure = self.connection.failure(&error);
                if let Some(internal) = &mut failure.fields_mut().internal {
                    internal.push_str(": ");
                    internal.push_str(&text);
                }
                Err(failure)
            }
        }
    }

    /// 23505 with the first key that is there twice.
    fn explain_duplicates(&mut self, index: &Index) -> Result<DatabaseError> {
        let table = self.state.table(index.table)?;
        let error =
            DatabaseError::new(UNIQUE_VIOLATION, format!("could not create unique index \"{}\"", index.name))
                .on_table(&table.schema, &table.name)
                .on_constraint(&index.name);
        let Some(unique) = table.uniques.iter().find(|unique| unique.name == index.name).cloned() else {
            return Ok(error);
        };
        let mut duplicate: Option<StoredRow> = None;
        self.each_row(&table, |run, rowid, row| {
            if duplicate.is_none() {
                duplicate = run.other_with_key(&unique, row, Some(rowid))?.map(|(_, key)| key);
            }
            Ok(())
        })?;
        let Some(key) = duplicate else { return Ok(error) };
        let names: Vec<&str> = unique.key.iter().map(|(name, _)| name.as_str()).collect();
        let types: Vec<_> = unique.key.iter().map(|(_, type_ref)| *type_ref).collect();
        let key = super::super::describe::key(&names, &types, &key, &*self.frame)?;
        Ok(error.with_detail(format!("Key {key} is duplicated.")))
    }

    /// Puts a sequence at its start or at a value, undone when the work is rolled back.
    pub(crate) fn restart_sequence(&mut self, oid: Oid, value: Option<i64>) -> Result<()> {
        let relation = self.relation(oid)?;
        let Some(definition) = &relation.sequence else {
            return Err(DatabaseError::internal(format_args!("relation {oid} is no sequence")));
        };
        let position = Position { last: value.unwrap_or(definition.start), called: false };
        self.work.restart_sequence(oid, position);
        Ok(())
    }

    fn forget_sequence(&self, oid: Oid) -> Result<()> {
        self.connection.with_engine(|raw| {
            raw.execute("DELETE FROM bedplate_sequences WHERE oid = ?1", [oid]).map(|_| ())
        })
    }
}

pub(super) fn column_of(relation: &Relation, number: ColumnNumber) -> Result<&Column> {
    relation
        .column_number(number)
        .ok_or_else(|| DatabaseError::internal(format_args!("no column {number} to change")))
}

pub(super) fn position_of(relation: &Relation, number: ColumnNumber) -> Result<usize> {
    relation
        .columns
        .iter()
        .position(|column| column.number == number)
        .ok_or_else(|| DatabaseError::internal(format_args!("no column {number} to change")))
}
