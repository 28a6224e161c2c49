//! The engine's own statements that read and write rows of a table by rowid.

use compile::program::TablePlan;
use compile::storage::stored_name;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};

/// A table's statements, made once for each catalog.
#[derive(Debug)]
pub(crate) struct TableWrites {
    table: String,
    rowid: String,
    columns: Vec<String>,
    /// `SELECT` all columns by rowid.
    pub(crate) select: Arc<str>,
    /// `INSERT` of all columns.
    pub(crate) insert: Arc<str>,
    /// `DELETE` by rowid.
    pub(crate) delete: Arc<str>,
    /// A row if the table has more than so many.
    pub(crate) has_more: Arc<str>,
    /// Puts the row of a rowid behind all others.
    pub(crate) put_last: Arc<str>,
    /// Whether it had more rows than changed ones are put last in, when that was looked at: it is not looked at again.
    pub(crate) is_large: AtomicBool,
    updates: Mutex<HashMap<Box<[usize]>, Arc<str>>>,
    /// Keys by which rows refer to rows of the same table: the columns that refer, and those that they refer to.
    own_keys: Vec<(Vec<usize>, Vec<usize>)>,
    /// The tables that SQLite looks into for the table's foreign keys, itself among them.
    pub(crate) related: HashSet<String>,
}

/// An identifier as SQLite reads it.
pub(crate) fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

impl TableWrites {
    pub(crate) fn new(plan: &TablePlan) -> TableWrites {
        let table = quote(&plan.sqlite_name);
        let rowid = plan.rowid.to_owned();
        let columns: Vec<String> = plan.columns.iter().map(|column| quote(&column.name)).collect();
        let insert = if columns.is_empty() {
            format!("INSERT INTO {table} DEFAULT VALUES")
        } else {
            let places: Vec<String> = (1..=columns.len()).map(|number| format!("?{number}")).collect();
            format!("INSERT INTO {table}({}) VALUES({})", columns.join(","), places.join(","))
        };
        let list = if columns.is_empty() { "1".to_owned() } else { columns.join(",") };
        let mut related = HashSet::from([plan.sqlite_name.clone()]);
        for key in plan.foreign_keys.iter().chain(&plan.references) {
            related.insert(stored_name(&key.table.1, &key.table.2));
            related.insert(stored_name(&key.referenced.1, &key.referenced.2));
        }
        let places = |columns: &[(usize, String)]| columns.iter().map(|(at, _)| *at).collect::<Vec<_>>();
        let own_keys = plan.foreign_keys.iter().filter(|key| key.referenced.0 == plan.oid);
        TableWrites {
            own_keys: own_keys.map(|key| (places(&key.columns), places(&key.referenced_columns))).collect(),
            select: format!("SELECT {list} FROM {table} WHERE {rowid}=?1").into(),
            insert: insert.into(),
            delete: format!("DELETE FROM {table} WHERE {rowid}=?1").into(),
            has_more: format!("SELECT 1 FROM {table} LIMIT 1 OFFSET ?1").into(),
            put_last: format!(
                "UPDATE {table} SET {rowid}=(SELECT max({rowid}) FROM {table})+1 \
                 WHERE {rowid}=?1 AND {rowid}<(SELECT max({rowid}) FROM {table})"
            )
            .into(),
            is_large: AtomicBool::new(false),
            updates: Mutex::default(),
            table,
            rowid,
            columns,
            related,
        }
    }

    /// The columns that an UPDATE of these has to set. With a key that rows of the same table refer to it sets the columns that refer, to
    /// what they are in the new row: else SQLite (3.54) leaves the old row in the table while it counts the rows that refer to the new key,
    /// and a row that refers to itself is counted twice, so that the transaction cannot be committed.
    pub(crate) fn set<'c>(&self, assigned: &'c [usize]) -> Cow<'c, [usize]> {
        let mut columns = Cow::Borrowed(assigned);
        for (referring, _) in
            self.own_keys.iter().filter(|(_, key)| key.iter().any(|column| assigned.contains(column)))
        {
            for column in referring {
                if !columns.contains(column) {
                    columns.to_mut().push(*column);
                }
            }
        }
        columns
    }

    /// `UPDATE` of these columns by rowid, which comes last.
    pub(crate) fn update(&self, assigned: &[usize]) -> Arc<str> {
        let mut updates = self.updates.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(text) = updates.get(assigned) {
            return Arc::clone(text);
        }
        let mut text = format!("UPDATE {} SET ", self.table);
        for (at, column) in assigned.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            let name = self.columns.get(*column).map_or("", String::as_str);
            // Writing to a String does not fail.
            let _ = write!(text, "{comma}{name}=?{}", at + 1);
        }
        let _ = write!(text, " WHERE {}=?{}", self.rowid, assigned.len() + 1);
        let text: Arc<str> = text.into();
        updates.insert(assigned.into(), Arc::clone(&text));
        text
    }
}
