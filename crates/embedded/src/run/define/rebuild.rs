//! A table written anew: for what SQLite cannot alter in place.

use super::super::Run;
use super::change::position_of;
use crate::connection::owned_row;
use crate::writes::quote;
use catalog::{ColumnNumber, Oid, Relation, Sql};
use compile::existing;
use compile::storage;
use datum::{Stored, StoredValue};
use sqlstate::Result;
use std::collections::HashSet;

/// The name under which the new table is made; no table of a user's is named so.
const NEW: &str = "bedplate rebuild";

impl Run<'_> {
    /// Makes the table as the catalog has it by now and moves its rows, each under its rowid. `columns` are computed from the
    /// old row, all others are copied.
    pub(super) fn rebuild(
        &mut self,
        old: &Relation,
        table: Oid,
        columns: &[(ColumnNumber, Sql)],
    ) -> Result<()> {
        let relation = self.relation(table)?;
        let name = self.storage_name(&relation)?;
        let there = self.stored_columns(&name)?;
        let indexes = self.stored_indexes(&name)?;
        self.storage(&storage::create_table(&self.state.catalog, &relation, NEW)?)?;
        let computed: HashSet<ColumnNumber> = columns.iter().map(|(number, _)| *number).collect();
        let copied: Vec<String> = relation
            .columns
            .iter()
            .filter(|column| !computed.contains(&column.number) && there.contains(&column.name))
            .map(|column| quote(&column.name))
            .collect();
        let rowid = storage::rowid_name(&relation)?;
        let list: String = copied.iter().map(|column| format!(",{column}")).collect();
        self.without_keys(|run| {
            run.storage(&format!(
                "INSERT INTO {new}({rowid}{list}) SELECT {rowid}{list} FROM {table}",
                new = quote(NEW),
                table = quote(&name)
            ))
        })?;
        self.compute_columns(old, &relation, &name, columns)?;
        self.without_keys(|run| {
            run.storage("PRAGMA legacy_alter_table=ON")?;
            let moved = run.storage(&format!("DROP TABLE {}", quote(&name))).and_then(|()| {
                run.storage(&format!("ALTER TABLE {} RENAME TO {}", quote(NEW), quote(&name)))
            });
            run.storage("PRAGMA legacy_alter_table=OFF")?;
            moved
        })?;
        let own: Vec<Oid> = self
            .state
            .catalog
            .indexes_of(table)
            .filter(|index| {
                storage::sqlite_name(&self.state.catalog, index.schema, &index.name)
                    .is_ok_and(|name| indexes.contains(&name))
            })
            .map(|index| index.oid)
            .collect();
        own.into_iter().try_for_each(|index| self.create_index(index))
    }

    /// The indexes that a table has in storage.
    pub(super) fn stored_indexes(&self, table: &str) -> Result<HashSet<String>> {
        self.connection.with_engine(|raw| {
            let mut read = raw.prepare("SELECT name FROM pragma_index_list(?1)")?;
            read.query_map([table], |row| row.get(0))?.collect()
        })
    }

    fn compute_columns(
        &mut self,
        old: &Relation,
        relation: &Relation,
        name: &str,
        columns: &[(ColumnNumber, Sql)],
    ) -> Result<()> {
        if columns.is_empty() {
            return Ok(());
        }
        let mut statements = Vec::new();
        let mut assigned = Vec::new();
        for (number, sql) in columns {
            let column = super::change::column_of(relation, *number)?;
            statements.push(existing::row_expression(&self.state.catalog, old, column, sql)?);
            assigned.push(quote(&relation.columns[position_of(relation, *number)?].name));
        }
        let rowid = storage::rowid_name(relation)?;
        let listed: Vec<String> = old.columns.iter().map(|column| quote(&column.name)).collect();
        let old_rowid = storage::rowid_name(old)?;
        let select = format!(
            "SELECT {old_rowid},{} FROM {} WHERE {old_rowid} > ?1 ORDER BY {old_rowid} LIMIT 1000",
            listed.join(","),
            quote(name)
        );
        let set: Vec<String> =
            assigned.iter().enumerate().map(|(at, column)| format!("{column}=?{}", at + 1)).collect();
        let update =
            format!("UPDATE {} SET {} WHERE {rowid}=?{}", quote(NEW), set.join(","), assigned.len() + 1);
        // The table is not the one that others refer to yet: its keys are looked at when they are validated.
        let related = HashSet::from([name.to_owned()]);
        let mut last = i64::MIN;
        loop {
            let mut rows: Vec<(i64, Vec<StoredValue>)> = Vec::new();
            self.connection.query_table(&select, name, &[Stored::Integer(last)], |row| {
                let rowid = row.get(0).map_err(|error| self.connection.failure(&error))?;
                rows.push((rowid, owned_row(row, 1, old.columns.len())?));
                Ok(())
            })?;
            let Some((end, _)) = rows.last() else { return Ok(()) };
            last = *end;
            self.work.check_deadline()?;
            for (rowid, row) in rows {
                let bindings = self.bindings(&[], &[]).rows(Some(&row), None);
                let mut values = Vec::with_capacity(statements.len() + 1);
                for statement in &statements {
                    values.extend(self.one_row(statement, &bindings)?);
                }
                values.push(StoredValue::Integer(rowid));
                self.without_keys(|run| {
                    let values: Vec<Stored<'_>> = values.iter().map(StoredValue::borrow).collect();
                    let done = run.connection.write(&update, NEW, &related, &values)?;
                    done.map(|_| ()).map_err(|error| run.connection.failure(&error))
                })?;
            }
        }
    }
}
