//! ALTER TABLE, and what ALTER VIEW, INDEX and SEQUENCE share with it.

mod columns;
mod constraints;

use super::PhysicalChange;
use super::alter_type::Transform;
use super::context::{Ddl, relation_word, wrong_kind};
use crate::lookup::split_name;
use crate::{ColumnNumber, ConstraintKind, Identity, Oid, Persistence, Relation, RelationKind, Sql};
use sqlstate::{
    DatabaseError, FEATURE_NOT_SUPPORTED, INVALID_TABLE_DEFINITION, Result, UNDEFINED_OBJECT,
    UNDEFINED_TABLE, WRONG_OBJECT_TYPE,
};
use std::sync::Arc;
use syntax::ast::{AlterTable, AlterTableAction, ObjectKind};

/// Columns that every row gets anew in this statement.
pub(super) type Rebuild = Vec<(ColumnNumber, Sql)>;

impl Ddl<'_> {
    pub(super) fn alter_table(&mut self, statement: &AlterTable) -> Result<()> {
        let AlterTable { kind, if_exists, table, actions } = statement;
        if *kind == ObjectKind::Index {
            return self.alter_index(statement);
        }
        let relation = match self.relation(&table.name) {
            Ok(relation) => relation,
            Err(error) if *if_exists && error.code() == UNDEFINED_TABLE => {
                let name = split_name(&table.name)?.1;
                self.notice(format!("relation \"{name}\" does not exist, skipping"));
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        self.require_altered_kind(*kind, &relation)?;
        self.require_relation_owner(&relation)?;
        let first = self.changes.len();
        self.altering = true;
        let mut rebuild = Rebuild::new();
        // What USING means is found out before anything is altered.
        let mut transforms = Vec::new();
        for action in actions {
            if let AlterTableAction::AlterType { column, type_name, using, position, .. } = action {
                self.require_action(&relation, action)?;
                let using = using.as_ref();
                let prepared =
                    self.prepare_column_type(&relation, column, type_name, using, *position, &transforms)?;
                transforms.push(prepared);
            }
        }
        let mut ordered: Vec<&AlterTableAction> = actions.iter().collect();
        ordered.sort_by_key(|action| pass(action));
        for action in ordered {
            self.require_action(&relation, action)?;
            self.alter_action(relation.oid, action, &transforms, &mut rebuild)?;
        }
        self.altering = false;
        self.fold_rebuild(&relation, first, rebuild);
        Ok(())
    }

    fn require_altered_kind(&self, kind: ObjectKind, relation: &Relation) -> Result<()> {
        let (fits, what) = match kind {
            ObjectKind::View => (relation.kind == RelationKind::View, "a view"),
            ObjectKind::Sequence => (relation.kind == RelationKind::Sequence, "a sequence"),
            ObjectKind::MaterializedView => {
                (relation.kind == RelationKind::MaterializedView, "a materialized view")
            }
            ObjectKind::Type => (relation.kind == RelationKind::Composite, "a composite type"),
            _ => (relation.kind != RelationKind::Composite, "a table"),
        };
        match fits {
            true => Ok(()),
            false if kind == ObjectKind::Table => Err(DatabaseError::new(
                WRONG_OBJECT_TYPE,
                format!("\"{}\" is a composite type", relation.name),
            )
            .with_hint("Use ALTER TYPE instead.")),
            false => Err(wrong_kind(&relation.name, what)),
        }
    }

    /// What can be done to a table can mostly not be done to views and sequences.
    fn require_action(&self, relation: &Relation, action: &AlterTableAction) -> Result<()> {
        let allowed = match relation.kind {
            RelationKind::Table | RelationKind::PartitionedTable => true,
            RelationKind::MaterializedView => matches!(
                action,
                AlterTableAction::Owner(_)
                    | AlterTableAction::Storage(_)
                    | AlterTableAction::ColumnStorage { .. }
            ),
            RelationKind::View => matches!(
                action,
                AlterTableAction::Owner(_)
                    | AlterTableAction::Storage(_)
                    | AlterTableAction::ResetStorage(_)
                    | AlterTableAction::ColumnDefault { .. }
            ),
            RelationKind::Composite => matches!(
                action,
                AlterTableAction::AddColumn { .. }
                    | AlterTableAction::DropColumn { .. }
                    | AlterTableAction::AlterType { .. }
                    | AlterTableAction::Owner(_)
            ),
            RelationKind::Sequence => {
                matches!(action, AlterTableAction::Owner(_) | AlterTableAction::Logged(_))
            }
            RelationKind::ForeignTable => {
                matches!(action, AlterTableAction::Owner(_))
            }
        };
        if allowed {
            return Ok(());
        }
        let message = format!(
            "ALTER action {} cannot be performed on relation \"{}\"",
            action_words(action),
            relation.name
        );
        Err(DatabaseError::new(WRONG_OBJECT_TYPE, message)
            .with_detail(format!("This operation is not supported for {}s.", relation_word(relation.kind))))
    }

    fn alter_action(
        &mut self,
        table: Oid,
        action: &AlterTableAction,
        transforms: &[Transform],
        rebuild: &mut Rebuild,
    ) -> Result<()> {
        match action {
            AlterTableAction::AddColumn { column, if_not_exists } => {
                self.add_column(table, column, *if_not_exists)
            }
            AlterTableAction::DropColumn { name, if_exists, cascade } => {
                self.drop_column(table, name, *if_exists, *cascade)
            }
            AlterTableAction::AlterType { column, collation, .. } => {
                let transform = transforms.iter().find(|transform| transform.column == *column);
                let transform = transform.ok_or_else(|| DatabaseError::internal("no type was prepared"))?;
                self.alter_column_type(table, transform, collation.as_ref(), rebuild)
            }
            AlterTableAction::ColumnDefault { column, default } => {
                self.alter_default(table, column, default.as_ref())
            }
            AlterTableAction::NotNull { column, not_null } => self.alter_not_null(table, column, *not_null),
            AlterTableAction::DropExpression { column, if_exists } => {
                self.drop_expression(table, column, *if_exists)
            }
            AlterTableAction::AddIdentity { column, always, options } => {
                let column = self.existing_column(table, column)?;
                self.add_identity(table, &column, *always, options)
            }
            AlterTableAction::SetIdentity { column, always, options } => {
                let column = self.existing_column(table, column)?;
                let Some(identity) = column.identity else { return self.no_identity(table, &column.name) };
                if let Some(always) = always {
                    self.update_column(table, column.number, |column| {
                        column.identity = Some(Identity { always: *always, ..identity });
                    })?;
                }
                if options.is_empty() {
                    return Ok(());
                }
                let sequence = self.relation_by_oid(identity.sequence)?;
                self.alter_sequence_row(&sequence, options)
            }
            AlterTableAction::DropIdentity { column, if_exists } => {
                let column = self.existing_column(table, column)?;
                if column.identity.is_some() {
                    return self.drop_identity(table, column.number);
                }
                match *if_exists {
                    true => {
                        let relation = self.relation_by_oid(table)?;
                        self.notice(format!(
                            "column \"{}\" of relation \"{}\" is not an identity column, skipping",
                            column.name, relation.name
                        ));
                        Ok(())
                    }
                    false => self.no_identity(table, &column.name),
                }
            }
            AlterTableAction::ColumnStorage { column } => {
                self.existing_column(table, column)?;
                self.without_effect(format!("storage of column {column}"));
                Ok(())
            }
            AlterTableAction::AddConstraint(constraint) => self.add_constraint(table, constraint),
            AlterTableAction::DropConstraint { name, if_exists, cascade } => {
                self.drop_constraint(table, name, *if_exists, *cascade)
            }
            AlterTableAction::ValidateConstraint(name) => self.validate_constraint(table, name),
            AlterTableAction::AlterConstraint { name, deferrable, initially_deferred } => {
                self.alter_constraint(table, name, *deferrable, *initially_deferred)
            }
            AlterTableAction::RowSecurity(on) => self.update_relation(table, |row| row.row_security = *on),
            AlterTableAction::ForceRowSecurity(on) => {
                self.update_relation(table, |row| row.force_row_security = *on)
            }
            AlterTableAction::Trigger { mode, name } => self.enable_trigger(table, mode, name),
            AlterTableAction::Owner(owner) => {
                let owner = self.role_oid(owner)?;
                self.change_relation_owner(table, owner)
            }
            AlterTableAction::ReplicaIdentity(words) => {
                self.without_effect("REPLICA IDENTITY");
                if let Some(index) = words.strip_prefix("USING INDEX ") {
                    self.require_identity_index(table, index)?;
                }
                self.update_relation(table, |row| row.replica_identity = Some(words.clone()))
            }
            AlterTableAction::ResetStorage(names) => {
                let relation = self.relation_by_oid(table)?;
                if relation.kind == RelationKind::View {
                    return self.reset_view_options(&relation, names);
                }
                self.without_effect("storage parameters");
                self.update_relation(table, |row| row.options.retain(|(other, _)| !names.contains(other)))
            }
            AlterTableAction::Storage(options) => {
                let relation = self.relation_by_oid(table)?;
                if relation.kind == RelationKind::View {
                    return self.set_view_options(&relation, options);
                }
                super::storage_parameter::check(options)?;
                self.without_effect("storage parameters");
                self.update_relation(table, |row| {
                    for (name, value) in options {
                        row.options.retain(|(other, _)| other != name);
                        row.options.push((name.clone(), value.clone()));
                    }
                })
            }
            AlterTableAction::Logged(logged) => self.set_logged(table, *logged),
            AlterTableAction::Unsupported(words) => {
                Err(DatabaseError::unsupported(format_args!("ALTER TABLE {words}")))
            }
        }
    }

    /// REPLICA IDENTITY USING INDEX: a key that every row has.
    fn require_identity_index(&self, table: Oid, name: &str) -> Result<()> {
        let relation = self.relation_by_oid(table)?;
        let Some(index) = self.catalog.index(relation.schema, name) else {
            let message = format!("index \"{name}\" for table \"{}\" does not exist", relation.name);
            return Err(DatabaseError::new(UNDEFINED_OBJECT, message));
        };
        if index.table != table {
            let message = format!("\"{name}\" is not an index for table \"{}\"", relation.name);
            return Err(DatabaseError::new(WRONG_OBJECT_TYPE, message));
        }
        let refuse = |code, what: &str| {
            let message = format!("cannot use {what} index \"{name}\" as replica identity");
            Err(DatabaseError::new(code, message))
        };
        if !index.unique {
            return refuse(WRONG_OBJECT_TYPE, "non-unique");
        }
        let constraint = index.constraint.and_then(|oid| self.catalog.constraint_by_oid(oid));
        if constraint.is_some_and(|(_, row)| row.deferrable) {
            return refuse(FEATURE_NOT_SUPPORTED, "non-immediate");
        }
        let column = |element: &crate::IndexElement| match element.key {
            crate::IndexKey::Column(number) => relation.column_number(number),
            crate::IndexKey::Expression(_) => None,
        };
        if index.elements.iter().any(|element| column(element).is_none()) {
            return refuse(FEATURE_NOT_SUPPORTED, "expression");
        }
        if index.filter.is_some() {
            return refuse(FEATURE_NOT_SUPPORTED, "partial");
        }
        match index.elements.iter().filter_map(column).find(|column| !column.not_null) {
            Some(column) => {
                let message = format!(
                    "index \"{name}\" cannot be used as replica identity because column \"{}\" is nullable",
                    column.name
                );
                Err(DatabaseError::new(WRONG_OBJECT_TYPE, message))
            }
            None => Ok(()),
        }
    }

    /// SET LOGGED and UNLOGGED: a permanent table's key may not point to one that a crash empties.
    fn set_logged(&mut self, table: Oid, logged: bool) -> Result<()> {
        let relation = self.relation_by_oid(table)?;
        if relation.persistence.is_temporary() {
            let message =
                format!("cannot change logged status of table \"{}\" because it is temporary", relation.name);
            return Err(DatabaseError::new(INVALID_TABLE_DEFINITION, message)
                .on_table(self.schema_name(relation.schema), relation.name.clone()));
        }
        let wanted = if logged { Persistence::Permanent } else { Persistence::Unlogged };
        if relation.persistence == wanted {
            return Ok(());
        }
        let mut others: Vec<(String, Oid)> = Vec::new();
        if logged {
            for constraint in &relation.constraints {
                if let ConstraintKind::ForeignKey(key) = &constraint.kind {
                    others.push((constraint.name.clone(), key.referenced));
                }
            }
        } else {
            let keys = self.catalog.references_to(table);
            others.extend(keys.map(|(other, constraint, _)| (constraint.name.clone(), other.oid)));
        }
        for (constraint, other) in others {
            let other = self.relation_by_oid(other)?;
            if other.oid != table && other.persistence != wanted {
                let (own, its) = if logged { ("logged", "unlogged") } else { ("unlogged", "logged") };
                let message = format!(
                    "could not change table \"{}\" to {own} because it references {its} table \"{}\"",
                    relation.name, other.name
                );
                return Err(DatabaseError::new(INVALID_TABLE_DEFINITION, message)
                    .on_table(self.schema_name(relation.schema), relation.name.clone())
                    .on_constraint(constraint));
            }
        }
        self.without_effect("LOGGED and UNLOGGED");
        self.update_relation(table, |row| row.persistence = wanted)
    }

    /// One rebuild does for a table all that its rows need.
    fn fold_rebuild(&mut self, old: &Arc<Relation>, first: usize, mut rebuild: Rebuild) {
        if rebuild.is_empty() {
            return;
        }
        let table = old.oid;
        let (mut before, mut after) = (Vec::new(), Vec::new());
        for change in self.changes.split_off(first) {
            match change {
                PhysicalChange::AddColumn { table: of, column, value, .. } if of == table => {
                    rebuild.push((column, value.unwrap_or_else(|| "NULL".to_owned())));
                }
                PhysicalChange::DropColumn { table: of, .. }
                | PhysicalChange::Redeclare { table: of, .. }
                    if of == table => {}
                PhysicalChange::DropIndex { .. } => before.push(change),
                _ => after.push(change),
            }
        }
        self.changes.append(&mut before);
        self.change(PhysicalChange::RebuildTable { old: Arc::clone(old), table, columns: rebuild });
        self.changes.append(&mut after);
    }

    fn enable_trigger(&mut self, table: Oid, mode: &str, name: &str) -> Result<()> {
        let relation = self.relation_by_oid(table)?;
        let all = matches!(name, "all" | "user" | "ALL" | "USER");
        if !all && !relation.triggers.iter().any(|trigger| trigger.name == name) {
            let message = format!("trigger \"{name}\" for table \"{}\" does not exist", relation.name);
            return Err(DatabaseError::new(UNDEFINED_OBJECT, message));
        }
        // A trigger that fires on replicas only does not fire here.
        let enabled = matches!(mode, "ENABLE" | "ENABLE ALWAYS");
        self.update_relation(table, |relation| {
            for trigger in relation.triggers.iter_mut().filter(|trigger| all || trigger.name == name) {
                trigger.enabled = enabled;
            }
        })
    }

    /// ALTER INDEX … SET (…): without effect.
    fn alter_index(&mut self, statement: &AlterTable) -> Result<()> {
        let Some(index) = self.find_index(&statement.table.name)? else {
            let name = statement.table.name.parts.join(".");
            if statement.if_exists {
                self.notice(format!("relation \"{name}\" does not exist, skipping"));
                return Ok(());
            }
            let message = format!("relation \"{name}\" does not exist");
            return Err(DatabaseError::new(UNDEFINED_TABLE, message));
        };
        let table = self.relation_by_oid(index.table)?;
        self.require_owner(table.owner, "index", &index.name)?;
        for action in &statement.actions {
            match action {
                AlterTableAction::Storage(_)
                | AlterTableAction::ResetStorage(_)
                | AlterTableAction::ColumnStorage { .. } => {
                    self.without_effect("storage parameters");
                }
                other => {
                    let words = action_words(other);
                    return Err(DatabaseError::unsupported(format_args!("ALTER INDEX … {words}")));
                }
            }
        }
        Ok(())
    }
}

/// PostgreSQL's order of work: what is dropped goes first, constraints come after columns.
fn pass(action: &AlterTableAction) -> u8 {
    match action {
        AlterTableAction::DropColumn { .. } | AlterTableAction::DropConstraint { .. } => 0,
        AlterTableAction::AlterType { .. } => 1,
        AlterTableAction::AddColumn { .. } => 4,
        AlterTableAction::ColumnDefault { default, .. } => match default {
            Some(_) => 9,
            None => 0,
        },
        AlterTableAction::NotNull { not_null, .. } => match not_null {
            true => 6,
            false => 0,
        },
        AlterTableAction::DropExpression { .. } | AlterTableAction::DropIdentity { .. } => 0,
        AlterTableAction::AddIdentity { .. } => 9,
        // Behind ADD GENERATED.
        AlterTableAction::SetIdentity { .. } => 10,
        AlterTableAction::AddConstraint(constraint) => match constraint.kind {
            syntax::ast::ConstraintKind::PrimaryKey { .. } | syntax::ast::ConstraintKind::Unique { .. } => 7,
            _ => 9,
        },
        AlterTableAction::ColumnStorage { .. }
        | AlterTableAction::ValidateConstraint(_)
        | AlterTableAction::AlterConstraint { .. }
        | AlterTableAction::RowSecurity(_)
        | AlterTableAction::ForceRowSecurity(_)
        | AlterTableAction::Trigger { .. }
        | AlterTableAction::Owner(_)
        | AlterTableAction::ReplicaIdentity(_)
        | AlterTableAction::Storage(_)
        | AlterTableAction::ResetStorage(_)
        | AlterTableAction::Logged(_)
        | AlterTableAction::Unsupported(_) => 10,
    }
}

/// What PostgreSQL calls an action in messages: alter_table_type_to_string.
fn action_words(action: &AlterTableAction) -> String {
    match action {
        AlterTableAction::AddColumn { .. } => "ADD COLUMN".to_owned(),
        AlterTableAction::DropColumn { .. } => "DROP COLUMN".to_owned(),
        AlterTableAction::AlterType { .. } => "ALTER COLUMN ... SET DATA TYPE".to_owned(),
        AlterTableAction::ColumnDefault { .. } => "ALTER COLUMN ... SET DEFAULT".to_owned(),
        AlterTableAction::NotNull { not_null: true, .. } => "ALTER COLUMN ... SET NOT NULL".to_owned(),
        AlterTableAction::NotNull { not_null: false, .. } => "ALTER COLUMN ... DROP NOT NULL".to_owned(),
        AlterTableAction::DropExpression { .. } => "ALTER COLUMN ... DROP EXPRESSION".to_owned(),
        AlterTableAction::AddIdentity { .. } => "ALTER COLUMN ... ADD IDENTITY".to_owned(),
        AlterTableAction::SetIdentity { .. } => "ALTER COLUMN ... SET".to_owned(),
        AlterTableAction::DropIdentity { .. } => "ALTER COLUMN ... DROP IDENTITY".to_owned(),
        AlterTableAction::ColumnStorage { .. } => "ALTER COLUMN ... SET STORAGE".to_owned(),
        AlterTableAction::AddConstraint(_) => "ADD CONSTRAINT".to_owned(),
        AlterTableAction::DropConstraint { .. } => "DROP CONSTRAINT".to_owned(),
        AlterTableAction::ValidateConstraint(_) => "VALIDATE CONSTRAINT".to_owned(),
        AlterTableAction::AlterConstraint { .. } => "ALTER CONSTRAINT".to_owned(),
        AlterTableAction::RowSecurity(true) => "ENABLE ROW SECURITY".to_owned(),
        AlterTableAction::RowSecurity(false) => "DISABLE ROW SECURITY".to_owned(),
        AlterTableAction::ForceRowSecurity(true) => "FORCE ROW SECURITY".to_owned(),
        AlterTableAction::ForceRowSecurity(false) => "NO FORCE ROW SECURITY".to_owned(),
        AlterTableAction::Trigger { mode, .. } => format!("{mode} TRIGGER"),
        AlterTableAction::Owner(_) => "OWNER TO".to_owned(),
        AlterTableAction::ReplicaIdentity(_) => "REPLICA IDENTITY".to_owned(),
        AlterTableAction::Storage(_) => "SET".to_owned(),
        AlterTableAction::ResetStorage(_) => "RESET".to_owned(),
        AlterTableAction::Logged(true) => "SET LOGGED".to_owned(),
        AlterTableAction::Logged(false) => "SET UNLOGGED".to_owned(),
        AlterTableAction::Unsupported(words) => words.clone(),
    }
}
