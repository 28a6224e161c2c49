//! Single rows: read, written and removed by rowid, and the small SELECTs that compute something of a row.

use super::Run;
use super::describe;
use super::redo::Written;
use crate::bindings::Bindings;
use crate::connection::owned_row;
use crate::error::is_unique_violation;
use compile::program::{Probe, Reveal, SqliteStatement, TablePlan, UniquePlan};
use datum::{Stored, StoredValue};
use sqlstate::{DatabaseError, Result, UNIQUE_VIOLATION};

/// A row of stored values.
pub(crate) type StoredRow = Vec<StoredValue>;

impl Run<'_> {
    /// The row as it is now, or none.
    pub(crate) fn fetch(&self, table: &TablePlan, rowid: i64) -> Result<Option<StoredRow>> {
        let writes = self.state.writes(table);
        let mut found = None;
        self.connection.query_table(
            &writes.select,
            &table.sqlite_name,
            &[Stored::Integer(rowid)],
            |row| {
                found = Some(owned_row(row, 0, table.columns.len())?);
                Ok(())
            },
        )?;
        Ok(found)
    }

    /// Inserts a row and gives its rowid.
    pub(crate) fn insert(
        &self,
        table: &TablePlan,
        row: &[StoredValue],
        reveal: Option<&Reveal>,
    ) -> Result<i64> {
        let writes = self.state.writes(table);
        let values: Vec<Stored<'_>> = row.iter().map(StoredValue::borrow).collect();
        let done = self.connection.write(&writes.insert, &table.sqlite_name, &writes.related, &values)?;
        match done {
            Ok(_) => {
                let rowid = self.connection.last_rowid();
                self.note_write(table, rowid);
                self.note_inserted(table, rowid);
                self.keep_written(|| Written::Insert {
                    table: table.oid,
                    row: row.to_vec(),
                    rowid,
                    reveal: reveal.cloned(),
                });
                Ok(rowid)
            }
            Err(error) => Err(self.explain(&error, table, row, None, reveal)),
        }
    }

    /// Updates columns of a row.
    pub(crate) fn update(
        &self,
        table: &TablePlan,
        rowid: i64,
        row: &[StoredValue],
        columns: &[usize],
        reveal: Option<&Reveal>,
    ) -> Result<()> {
        if columns.is_empty() {
            return Ok(());
        }
        let writes = self.state.writes(table);
        let columns = writes.set(columns);
        let values: Vec<Stored<'_>> = columns
            .iter()
            .map(|at| row.get(*at).map_or(Stored::Null, StoredValue::borrow))
            .chain(std::iter::once(Stored::Integer(rowid)))
            .collect();
        let text = writes.update(&columns);
        let done = self.connection.write(&text, &table.sqlite_name, &writes.related, &values)?;
        self.note_write(table, rowid);
        self.keep_written(|| Written::Update {
            table: table.oid,
            rowid,
            row: row.to_vec(),
            columns: columns.to_vec(),
            reveal: reveal.cloned(),
        });
        done.map(|_| self.note_updated(table, rowid))
            .map_err(|error| self.explain(&error, table, row, Some(rowid), reveal))
    }

    /// Removes a row. False when it was not there any more.
    pub(crate) fn delete(&self, table: &TablePlan, rowid: i64) -> Result<bool> {
        let writes = self.state.writes(table);
        let values = [Stored::Integer(rowid)];
        let done = self.connection.write(&writes.delete, &table.sqlite_name, &writes.related, &values)?;
        self.note_write(table, rowid);
        self.keep_written(|| Written::Delete { table: table.oid, rowid });
        done.map(|count| count > 0).map_err(|error| self.connection.failure(&error))
    }

    /// A broken unique index, told as PostgreSQL does: the first one in order of creation that the row breaks.
    fn explain(
        &self,
        error: &rusqlite::Error,
        table: &TablePlan,
        row: &[StoredValue],
        rowid: Option<i64>,
        reveal: Option<&Reveal>,
    ) -> DatabaseError {
        if !is_unique_violation(error) {
            return self.connection.failure(error);
        }
        let _ = self.connection.slot.take_error();
        for unique in &table.uniques {
            if unique.deferrable {
                continue;
            }
            match self.other_with_key(unique, row, rowid) {
                Ok(Some((_, key))) => return self.unique_violation(table, unique, &key, reveal),
                Ok(None) => {}
                Err(error) => return error,
            }
        }
        DatabaseError::internal(format_args!("a unique index refused a row that breaks none: {error}"))
    }

    /// Another row with the same key in this index, and the key.
    pub(crate) fn other_with_key(
        &self,
        unique: &UniquePlan,
        row: &[StoredValue],
        rowid: Option<i64>,
    ) -> Result<Option<(i64, StoredRow)>> {
        let Some(key) = self.entry(unique, row)? else { return Ok(None) };
        let mut other = None;
        self.connection.query(&unique.find, &self.bindings(&[], &[]).key(&key), |found| {
            let found: i64 = found.get(0).map_err(|error| self.connection.failure(&error))?;
            if Some(found) != rowid {
                other = Some(found);
            }
            Ok(())
        })?;
        Ok(other.map(|other| (other, key)))
    }

    /// The key under which the row is in this index, if it is in it at all.
    fn entry(&self, unique: &UniquePlan, row: &[StoredValue]) -> Result<Option<StoredRow>> {
        let bindings = self.bindings(&[], &[]).rows(Some(row), None);
        let values = self.one_row(&unique.entry, &bindings)?;
        match values.split_first() {
            Some((StoredValue::Integer(present), key)) if *present != 0 => Ok(Some(key.to_vec())),
            _ => Ok(None),
        }
    }

    /// 23505
    pub(crate) fn unique_violation(
        &self,
        table: &TablePlan,
        unique: &UniquePlan,
        key: &[StoredValue],
        reveal: Option<&Reveal>,
    ) -> DatabaseError {
        let error = DatabaseError::new(
            UNIQUE_VIOLATION,
            format!("duplicate key value violates unique constraint \"{}\"", unique.name),
        )
        .on_table(&table.schema, &table.name)
        .on_constraint(&unique.name);
        let all_columns = unique.columns.len() == unique.key.len();
        let visible = reveal.is_some_and(|reveal| {
            let may = |at: &usize| reveal.columns.get(*at).is_some_and(|may| *may);
            reveal.rows && (reveal.table || (all_columns && unique.columns.iter().all(may)))
        });
        if !visible {
            return error;
        }
        let names: Vec<&str> = unique.key.iter().map(|(name, _)| name.as_str()).collect();
        let types: Vec<_> = unique.key.iter().map(|(_, type_ref)| *type_ref).collect();
        match describe::key(&names, &types, key, &*self.frame) {
            Ok(key) => error.with_detail(format!("Key {key} already exists.")),
            Err(error) => error,
        }
    }

    /// The only row of a SELECT.
    pub(crate) fn one_row(&self, statement: &SqliteStatement, bindings: &Bindings<'_>) -> Result<StoredRow> {
        let mut found = None;
        self.connection.query(statement, bindings, |row| {
            found = Some(owned_row(row, 0, row.as_ref().column_count())?);
            Ok(())
        })?;
        found.ok_or_else(|| DatabaseError::internal("a statement that yields one row yielded none"))
    }

    /// Computes the generated columns of a row.
    pub(crate) fn generate(&self, table: &TablePlan, row: &mut StoredRow) -> Result<()> {
        let Some(statement) = &table.generated else { return Ok(()) };
        let values = self.one_row(statement, &self.bindings(&[], &[]).rows(Some(row), None))?;
        let places = table.columns.iter().enumerate().filter(|(_, column)| column.generated);
        for ((at, _), value) in places.zip(values) {
            if let Some(place) = row.get_mut(at) {
                *place = value;
            }
        }
        Ok(())
    }

    /// The answers of a probe: for each check true, false or NULL.
    pub(crate) fn probe(&self, probe: &Probe, bindings: &Bindings<'_>) -> Result<Vec<Option<bool>>> {
        let values = self.one_row(&probe.statement, bindings)?;
        values
            .iter()
            .map(|value| match value {
                StoredValue::Null => Ok(None),
                StoredValue::Integer(truth) => Ok(Some(*truth != 0)),
                other => Err(DatabaseError::internal(format_args!("a check answered {other:?}"))),
            })
            .collect()
    }
}
