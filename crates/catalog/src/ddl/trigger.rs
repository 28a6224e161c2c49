//! CREATE TRIGGER.

use super::context::{Ddl, denied, relation_word};
use super::{ExpressionKind, Scope};
use crate::lookup::FunctionEntry;
use crate::{ObjectRef, Oid, Privileges, Relation, RelationKind, Trigger};
use datum::oid;
use sqlstate::{
    DUPLICATE_COLUMN, DUPLICATE_OBJECT, DatabaseError, FEATURE_NOT_SUPPORTED, INVALID_OBJECT_DEFINITION,
    Result, UNDEFINED_COLUMN, WRONG_OBJECT_TYPE,
};
use syntax::ast::{self, CreateTrigger, TriggerEvent};

fn invalid(message: impl Into<String>) -> DatabaseError {
    DatabaseError::new(INVALID_OBJECT_DEFINITION, message)
}

fn unsupported(message: impl Into<String>) -> DatabaseError {
    DatabaseError::new(FEATURE_NOT_SUPPORTED, message)
}

impl Ddl<'_> {
    pub(super) fn create_trigger(&mut self, statement: &CreateTrigger) -> Result<()> {
        let relation = self.relation(&statement.table)?;
        self.check_trigger_target(&relation, statement)?;
        if !self.catalog.has_relation_privilege(self.role(), &relation, Privileges::TRIGGER) {
            return Err(denied(relation_word(relation.kind), &relation.name));
        }
        let mut trigger = Trigger {
            oid: 0,
            name: statement.name.clone(),
            timing: statement.timing.to_owned(),
            on_insert: false,
            on_update: false,
            on_delete: false,
            on_truncate: false,
            update_columns: Vec::new(),
            for_each_row: statement.for_each_row,
            when: None,
            function: 0,
            args: statement.args.clone(),
            constraint: statement.constraint,
            deferrable: statement.deferrable,
            initially_deferred: statement.initially_deferred,
            old_table: None,
            new_table: None,
            enabled: true,
            comment: None,
        };
        let mut column_list = false;
        for event in &statement.events {
            match event {
                TriggerEvent::Insert => trigger.on_insert = true,
                TriggerEvent::Delete => trigger.on_delete = true,
                TriggerEvent::Truncate => trigger.on_truncate = true,
                TriggerEvent::Update(columns) => {
                    trigger.on_update = true;
                    column_list |= !columns.is_empty();
                    for name in columns {
                        let number = update_column(&relation, name, &trigger)?;
                        trigger.update_columns.push(number);
                    }
                }
            }
        }
        if trigger.on_truncate && trigger.for_each_row {
            return Err(unsupported("TRUNCATE FOR EACH ROW triggers are not supported"));
        }
        if statement.timing == "INSTEAD OF" {
            if !trigger.for_each_row {
                return Err(unsupported("INSTEAD OF triggers must be FOR EACH ROW"));
            }
            if statement.when.is_some() {
                return Err(unsupported("INSTEAD OF triggers cannot have WHEN conditions"));
            }
            if column_list {
                return Err(unsupported("INSTEAD OF triggers cannot have column lists"));
            }
        }
        transition_tables(&mut trigger, statement, column_list)?;
        let mut depends = Vec::new();
        if let Some(when) = &statement.when {
            let scope = Scope::Trigger {
                relation: &relation,
                old: trigger.for_each_row && !trigger.on_insert,
                new: trigger.for_each_row && !trigger.on_delete,
            };
            let analyzed = self.analyze(when, ExpressionKind::TriggerWhen, scope, None)?;
            if trigger.timing == "BEFORE" {
                refuse_new_generated(&relation, when)?;
            }
            depends = analyzed.depends_with_columns(relation.oid);
            trigger.when = Some(analyzed.sql);
        }
        trigger.function = self.trigger_function(statement)?;
        let old = relation.triggers.iter().find(|row| row.name == trigger.name);
        trigger.oid = match old {
            Some(old) if statement.or_replace && !old.constraint && !trigger.constraint => old.oid,
            Some(old) if statement.or_replace => {
                let message = format!(
                    "trigger \"{}\" for relation \"{}\" is a constraint trigger",
                    old.name, relation.name
                );
                return Err(DatabaseError::new(DUPLICATE_OBJECT, message));
            }
            Some(_) => {
                let message =
                    format!("trigger \"{}\" for relation \"{}\" already exists", trigger.name, relation.name);
                return Err(DatabaseError::new(DUPLICATE_OBJECT, message));
            }
            None => self.catalog.allocate(),
        };
        self.depend(ObjectRef::Trigger(trigger.oid), depends);
        self.update_relation(relation.oid, |relation| {
            relation.triggers.retain(|row| row.oid != trigger.oid);
            relation.triggers.push(trigger);
            relation.triggers.sort_by(|left, right| left.name.cmp(&right.name));
        })
    }

    fn check_trigger_target(&self, relation: &Relation, statement: &CreateTrigger) -> Result<()> {
        let refuse = |kind: &str, detail: &str| {
            let message = format!("\"{}\" is a {kind}", relation.name);
            Err(DatabaseError::new(WRONG_OBJECT_TYPE, message).with_detail(detail))
        };
        match relation.kind {
            RelationKind::Table | RelationKind::PartitionedTable if statement.timing == "INSTEAD OF" => {
                refuse("table", "Tables cannot have INSTEAD OF triggers.")
            }
            RelationKind::Table | RelationKind::PartitionedTable => Ok(()),
            RelationKind::View => {
                let truncate = statement.events.contains(&TriggerEvent::Truncate);
                if statement.timing != "INSTEAD OF" && statement.for_each_row {
                    refuse("view", "Views cannot have row-level BEFORE or AFTER triggers.")
                } else if truncate {
                    refuse("view", "Views cannot have TRUNCATE triggers.")
                } else if !statement.referencing.is_empty() {
                    refuse("view", "Triggers on views cannot have transition tables.")
                } else {
                    Ok(())
                }
            }
            RelationKind::MaterializedView
            | RelationKind::Sequence
            | RelationKind::ForeignTable
            | RelationKind::Composite => {
                let message = format!("relation \"{}\" cannot have triggers", relation.name);
                let kind = relation_word(relation.kind);
                Err(DatabaseError::new(WRONG_OBJECT_TYPE, message)
                    .with_detail(format!("This operation is not supported for {kind}s.")))
            }
        }
    }

    fn trigger_function(&self, statement: &CreateTrigger) -> Result<Oid> {
        let entry = self.find_exact(&statement.function, &[])?;
        let (result, allowed, name) = match entry {
            FunctionEntry::Builtin(row) => (row.result, true, row.name),
            FunctionEntry::User(row) => {
                (row.returns.oid, self.catalog.may_execute(self.role(), row), row.name.as_str())
            }
        };
        if !allowed {
            return Err(denied("function", name));
        }
        if result != oid::TRIGGER {
            let name = statement.function.parts.join(".");
            return Err(invalid(format!("function {name} must return type trigger")));
        }
        Ok(entry.oid())
    }
}

fn update_column(relation: &Relation, name: &str, trigger: &Trigger) -> Result<crate::ColumnNumber> {
    let Some(column) = relation.column(name) else {
        let message = format!("column \"{name}\" of relation \"{}\" does not exist", relation.name);
        return Err(DatabaseError::new(UNDEFINED_COLUMN, message));
    };
    if trigger.update_columns.contains(&column.number) {
        let message = format!("column \"{name}\" specified more than once");
        return Err(DatabaseError::new(DUPLICATE_COLUMN, message));
    }
    Ok(column.number)
}

fn transition_tables(trigger: &mut Trigger, statement: &CreateTrigger, column_list: bool) -> Result<()> {
    for (old, is_table, name) in &statement.referencing {
        if !is_table {
            return Err(unsupported("ROW variable naming in the REFERENCING clause is not supported")
                .with_hint("Use OLD TABLE or NEW TABLE for naming transition tables."));
        }
        if statement.timing != "AFTER" {
            return Err(invalid("transition table name can only be specified for an AFTER trigger"));
        }
        if trigger.on_truncate {
            return Err(invalid("TRUNCATE triggers with transition tables are not supported"));
        }
        let events = [trigger.on_insert, trigger.on_update, trigger.on_delete];
        if events.iter().filter(|on| **on).count() != 1 {
            return Err(unsupported(
                "transition tables cannot be specified for triggers with more than one event",
            ));
        }
        if column_list {
            return Err(unsupported("transition tables cannot be specified for triggers with column lists"));
        }
        let slot = match old {
            true if !(trigger.on_delete || trigger.on_update) => {
                return Err(invalid("OLD TABLE can only be specified for a DELETE or UPDATE trigger"));
            }
            true => &mut trigger.old_table,
            false if !(trigger.on_insert || trigger.on_update) => {
                return Err(invalid("NEW TABLE can only be specified for an INSERT or UPDATE trigger"));
            }
            false => &mut trigger.new_table,
        };
        if slot.replace(name.clone()).is_some() {
            let which = if *old { "OLD" } else { "NEW" };
            return Err(invalid(format!("{which} TABLE cannot be specified multiple times")));
        }
    }
    if trigger.old_table.is_some() && trigger.old_table == trigger.new_table {
        return Err(invalid("OLD TABLE name and NEW TABLE name cannot be the same"));
    }
    Ok(())
}

/// 42P17 for what a BEFORE trigger cannot know yet: generated columns of the new row.
fn refuse_new_generated(relation: &Relation, when: &ast::Expr) -> Result<()> {
    let whole = |parts: &[String]| matches!(parts, [row] if row == "new");
    let generated = |name: &str| relation.column(name).is_some_and(|column| column.generated);
    let detail = match &when.kind {
        ast::ExprKind::Column(parts) | ast::ExprKind::Star(parts) if whole(parts) => relation
            .columns
            .iter()
            .any(|column| column.generated)
            .then(|| "A whole-row reference is used and the table contains generated columns.".to_owned()),
        ast::ExprKind::Column(parts) => match parts.as_slice() {
            [row, column] if row == "new" && generated(column) => {
                Some(format!("Column \"{column}\" is a generated column."))
            }
            _ => None,
        },
        _ => None,
    };
    if let Some(detail) = detail {
        let message = "BEFORE trigger's WHEN condition cannot reference NEW generated columns";
        return Err(DatabaseError::new(INVALID_OBJECT_DEFINITION, message)
            .with_detail(detail)
            .at(when.position));
    }
    super::walk::children(when).into_iter().try_for_each(|child| refuse_new_generated(relation, child))
}
