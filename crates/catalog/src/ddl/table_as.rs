//! Tables that begin with the rows of a query: CREATE TABLE AS, SELECT INTO, materialized views.

use super::context::Ddl;
use super::temporary::{Asked, with_on_commit};
use super::{PhysicalChange, storage_parameter};
use crate::{DefaultObject, ObjectRef, Relation, RelationKind};
use sqlstate::{
    DUPLICATE_TABLE, DatabaseError, FEATURE_NOT_SUPPORTED, OBJECT_NOT_IN_PREREQUISITE_STATE, Result,
    SYNTAX_ERROR,
};
use syntax::ast::{Name, Statement};

impl Ddl<'_> {
    /// Makes the table; the engine runs the query under the catalog before, and puts its rows in.
    pub(super) fn create_table_as(&mut self, statement: &Statement) -> Result<()> {
        let Statement::CreateTableAs {
            name,
            if_not_exists,
            columns,
            query,
            with_data,
            persistence,
            on_commit,
            storage,
            materialized,
        } = statement
        else {
            return Err(DatabaseError::internal("no CREATE TABLE AS"));
        };
        let asked = Asked::read(*persistence);
        if *materialized && asked == Asked::Unlogged {
            let message = "materialized views cannot be unlogged";
            return Err(DatabaseError::new(FEATURE_NOT_SUPPORTED, message));
        }
        let analyzed = self.session.analyzer.query(&self.catalog, &self.session, query)?;
        if *materialized && self.names_temporary(&analyzed.depends) {
            let message = "materialized views must not use temporary tables or views";
            return Err(DatabaseError::new(FEATURE_NOT_SUPPORTED, message));
        }
        let (schema, table_name, persistence) = self.relation_place(name, asked)?;
        if self.relation_exists(schema, table_name) {
            let message = format!("relation \"{table_name}\" already exists");
            if *if_not_exists {
                self.coded_notice(DUPLICATE_TABLE, format!("{message}, skipping"));
                return Ok(());
            }
            return Err(DatabaseError::new(DUPLICATE_TABLE, message));
        }
        if columns.len() > analyzed.columns.len() {
            return Err(DatabaseError::new(SYNTAX_ERROR, "too many column names were specified"));
        }
        let kind = if *materialized { RelationKind::MaterializedView } else { RelationKind::Table };
        let mut relation = self.blank_relation(schema, table_name, kind);
        relation.persistence = with_on_commit(persistence, *on_commit)?;
        if storage_parameter::check(storage)? {
            self.without_effect("storage parameters");
        }
        relation.options.clone_from(storage);
        let mut analyzed = analyzed;
        for (column, name) in analyzed.columns.iter_mut().zip(columns) {
            column.name.clone_from(name);
        }
        for column in &analyzed.columns {
            self.add_view_column(&mut relation, column)?;
            self.require_storable(&column.name, column.type_ref.oid)?;
        }
        if *materialized {
            relation.view = Some(self.view_row(&analyzed, None)?);
            relation.unpopulated = !with_data;
        }
        let table = self.put_new_relation(relation, DefaultObject::Tables)?;
        if *materialized {
            self.depend(ObjectRef::Relation(table), analyzed.depends);
        }
        self.change(PhysicalChange::CreateTable { table });
        Ok(())
    }

    /// REFRESH MATERIALIZED VIEW.
    pub(super) fn refresh_materialized_view(
        &mut self,
        name: &Name,
        concurrently: bool,
        with_data: bool,
    ) -> Result<()> {
        let relation = self.relation(name)?;
        if !self.owns(relation.owner) {
            self.require_relation_owner(&relation)?;
        }
        if relation.kind != RelationKind::MaterializedView {
            return Err(DatabaseError::new(
                FEATURE_NOT_SUPPORTED,
                format!("\"{}\" is not a materialized view", relation.name),
            ));
        }
        if concurrently {
            self.require_concurrent_refresh(&relation, with_data)?;
        }
        self.update_relation(relation.oid, |row| row.unpopulated = !with_data)?;
        self.change(PhysicalChange::RefreshMaterializedView { view: relation.oid, with_data });
        Ok(())
    }

    fn require_concurrent_refresh(&self, relation: &Relation, with_data: bool) -> Result<()> {
        let state = |message: String| DatabaseError::new(OBJECT_NOT_IN_PREREQUISITE_STATE, message);
        if relation.unpopulated {
            let message = "CONCURRENTLY cannot be used when the materialized view is not populated";
            return Err(DatabaseError::new(FEATURE_NOT_SUPPORTED, message));
        }
        if !with_data {
            let message = "CONCURRENTLY and WITH NO DATA options cannot be used together";
            return Err(DatabaseError::new(SYNTAX_ERROR, message));
        }
        let usable = self.catalog.indexes_of(relation.oid).any(|index| {
            let plain = |element: &crate::IndexElement| matches!(element.key, crate::IndexKey::Column(_));
            index.unique && index.filter.is_none() && index.elements.iter().all(plain)
        });
        match usable {
            true => Ok(()),
            false => {
                let schema = self.schema_name(relation.schema);
                let message =
                    format!("cannot refresh materialized view \"{}.{}\" concurrently", schema, relation.name);
                Err(state(message).with_hint(
                    "Create a unique index with no WHERE clause on one or more columns of the materialized view.",
                ))
            }
        }
    }
}
