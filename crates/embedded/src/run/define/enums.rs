//! An enum whose labels were numbered anew: stored ordinals follow.

use super::super::Run;
use super::change::{column_of, position_of};
use crate::writes::quote;
use catalog::{Oid, TypeKind};
use datum::StoredValue;
use sqlstate::{DatabaseError, Result};
use std::collections::BTreeSet;
use std::fmt::Write as _;

impl Run<'_> {
    pub(super) fn renumber_enum(&mut self, enum_type: Oid, ordinals: &[(i64, i64)]) -> Result<()> {
        if ordinals.is_empty() {
            return Ok(());
        }
        self.refuse_nested(enum_type)?;
        let columns = self.columns_of_type(enum_type);
        let tables: BTreeSet<Oid> = columns.iter().map(|(table, _)| *table).collect();
        for (table, column) in columns {
            let relation = self.relation(table)?;
            let name = self.storage_name(&relation)?;
            let column = quote(&column_of(&relation, column)?.name);
            let mut cases = String::new();
            for (old, new) in ordinals {
                // Writing to a String does not fail.
                let _ = write!(cases, " WHEN {old} THEN -{new}-1");
            }
            // By way of negative numbers, so that no unique index meets an old and a new number at once.
            let table = quote(&name);
            self.storage(&format!(
                "UPDATE {table} SET {column} = CASE {column}{cases} ELSE -{column}-1 END WHERE {column} IS NOT NULL"
            ))?;
            self.storage(&format!("UPDATE {table} SET {column} = -({column}+1) WHERE {column} < 0"))?;
        }
        if let Some(array) = self.state.catalog.types.get(&enum_type).map(|row| row.array) {
            self.renumber_arrays(array, ordinals)?;
        }
        tables.into_iter().try_for_each(|table| self.recreate_indexes(table))
    }

    /// Values of the enum inside domains and composite values are not found.
    fn refuse_nested(&self, enum_type: Oid) -> Result<()> {
        let array = self.state.catalog.types.get(&enum_type).map_or(0, |row| row.array);
        for row in self.state.catalog.types.values() {
            let nested = match &row.kind {
                TypeKind::Domain { base, .. } => base.oid == enum_type || base.oid == array,
                TypeKind::Composite { relation } => {
                    let columns =
                        self.state.catalog.relations.get(relation).map(|row| row.columns.as_slice());
                    let holds = columns
                        .unwrap_or_default()
                        .iter()
                        .any(|column| column.type_ref.oid == enum_type || column.type_ref.oid == array);
                    holds && !self.columns_of_type(row.oid).is_empty()
                }
                TypeKind::Enum { .. } | TypeKind::Array { .. } | TypeKind::Other { .. } => false,
            };
            if nested && !self.columns_of_type(row.oid).is_empty() {
                return Err(DatabaseError::unsupported(
                    "a label between two neighbours in an enum that a domain or composite column uses",
                ));
            }
        }
        Ok(())
    }

    fn renumber_arrays(&mut self, array: Oid, ordinals: &[(i64, i64)]) -> Result<()> {
        for (table, column) in self.columns_of_type(array) {
            let relation = self.relation(table)?;
            let at = position_of(&relation, column)?;
            let plan = self.state.table(table)?;
            self.each_row(&plan, |run, rowid, row| {
                let Some(StoredValue::Text(text)) = row.get(at) else { return Ok(()) };
                let mut new = row.to_vec();
                new[at] = StoredValue::Text(renumber_text(text, ordinals));
                run.update(&plan, rowid, &new, &[at], None)
            })?;
        }
        Ok(())
    }

    /// Ordinals stand in predicates and expressions of indexes too.
    fn recreate_indexes(&mut self, table: Oid) -> Result<()> {
        let indexes: Vec<(Oid, String)> = self
            .state
            .catalog
            .indexes_of(table)
            .map(|index| {
                let name = compile::storage::sqlite_name(&self.state.catalog, index.schema, &index.name)?;
                Ok((index.oid, name))
            })
            .collect::<Result<_>>()?;
        for (oid, name) in indexes {
            self.storage(&format!("DROP INDEX IF EXISTS {}", quote(&name)))?;
            self.create_index(oid)?;
        }
        Ok(())
    }
}

/// A stored array of ordinals (`[65536,null]`) under their new numbers.
fn renumber_text(text: &str, ordinals: &[(i64, i64)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut number = String::new();
    let flush = |number: &mut String, out: &mut String| {
        if let Ok(old) = number.parse::<i64>() {
            let new = ordinals.iter().find(|(from, _)| *from == old).map_or(old, |(_, to)| *to);
            // Writing to a String does not fail.
            let _ = write!(out, "{new}");
        }
        number.clear();
    };
    for character in text.chars() {
        if character.is_ascii_digit() || character == '-' {
            number.push(character);
        } else {
            flush(&mut number, &mut out);
            out.push(character);
        }
    }
    flush(&mut number, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::renumber_text;

    #[test]
    fn arrays_of_ordinals_are_rewritten() {
        let ordinals = [(1, 65_536), (2, 131_072)];
        assert_eq!(renumber_text("[1,null,[2,7]]", &ordinals), "[65536,null,[131072,7]]");
        assert_eq!(renumber_text("[]", &ordinals), "[]");
    }
}
