//! Enums, domains and composite types.

use super::context::Ddl;
use super::dependency::Root;
use super::{ExpressionKind, PhysicalChange, Scope};
use crate::builtin::builtins;
use crate::lookup::split_name;
use crate::{DefaultObject, DomainCheck, EnumLabel, ObjectRef, Oid, RelationKind, Type, TypeKind};
use sqlstate::{
    DATATYPE_MISMATCH, DUPLICATE_OBJECT, DatabaseError, INVALID_NAME, INVALID_PARAMETER_VALUE, Result,
    SYNTAX_ERROR, UNDEFINED_OBJECT, UNIQUE_VIOLATION, WRONG_OBJECT_TYPE,
};
use std::sync::Arc;
use syntax::ast::{AlterDomainAction, DomainConstraint, EnumPlace, Expr, Ident, Name, TypeName};

/// How far apart an enum's numbers are, so that labels fit between.
const GAP: i64 = 65_536;

impl Ddl<'_> {
    /// The user's type that a name means.
    pub(super) fn user_type(&self, name: &Name) -> Result<Arc<Type>> {
        let (schema, plain) = split_name(name)?;
        let oid = self.catalog.find_type(self.path(), schema, plain)?;
        match oid.and_then(|oid| self.catalog.types.get(&oid)) {
            Some(row) => Ok(Arc::clone(row)),
            None if oid.is_some() => {
                let type_name = self.catalog.format_type_oid(self.path(), oid.unwrap_or(0));
                self.require_superuser(&format!("must be owner of type {type_name}"))?;
                Err(DatabaseError::unsupported("changing a type of PostgreSQL's own"))
            }
            None => Err(DatabaseError::new(
                UNDEFINED_OBJECT,
                format!("type \"{}\" does not exist", name.parts.join(".")),
            )),
        }
    }

    fn new_type_name<'n>(&mut self, name: &'n Name) -> Result<(Oid, &'n str)> {
        let (schema, plain) = self.creation_schema(name)?;
        match self.catalog.type_in(schema, plain) {
            Some(row) if !matches!(row.kind, TypeKind::Array { .. }) => {
                Err(DatabaseError::new(DUPLICATE_OBJECT, format!("type \"{plain}\" already exists")))
            }
            _ => Ok((schema, plain)),
        }
    }

    pub(super) fn require_type_owner(&self, row: &Type) -> Result<()> {
        self.require_owner(row.owner, "type", &self.catalog.format_type_oid(self.path(), row.oid))
    }

    fn update_type(&mut self, oid: Oid, change: impl FnOnce(&mut Type)) -> Result<()> {
        let row = self.catalog.types.get(&oid).cloned();
        let mut row = (*row.ok_or_else(|| DatabaseError::internal("a type is gone"))?).clone();
        change(&mut row);
        self.catalog.put_type(row);
        Ok(())
    }

    // ------------------------------------------------------------------------------------------ enums

    pub(super) fn create_enum(&mut self, name: &Name, labels: &[String]) -> Result<()> {
        let (schema, plain) = self.new_type_name(name)?;
        let mut rows: Vec<EnumLabel> = Vec::new();
        for label in labels {
            check_label(label)?;
            if rows.iter().any(|row| row.label == *label) {
                let message = "duplicate key value violates unique constraint \"pg_enum_typid_label_index\"";
                return Err(DatabaseError::new(UNIQUE_VIOLATION, message));
            }
            let ordinal = rows.last().map_or(GAP, |row| row.ordinal + GAP);
            rows.push(EnumLabel { ordinal, label: label.clone(), uncommitted: false });
        }
        self.put_new_type(schema, plain, TypeKind::Enum { labels: rows }, self.role())?;
        Ok(())
    }

    fn enum_labels(&self, name: &Name) -> Result<(Arc<Type>, Vec<EnumLabel>)> {
        let row = self.user_type(name)?;
        self.require_type_owner(&row)?;
        match &row.kind {
            TypeKind::Enum { labels } => Ok((Arc::clone(&row), labels.clone())),
            TypeKind::Domain { .. }
            | TypeKind::Composite { .. }
            | TypeKind::Array { .. }
            | TypeKind::Other { .. } => {
                let type_name = self.catalog.format_type_oid(self.path(), row.oid);
                Err(DatabaseError::new(WRONG_OBJECT_TYPE, format!("{type_name} is not an enum")))
            }
        }
    }

    pub(super) fn add_enum_value(
        &mut self,
        name: &Name,
        label: &str,
        if_not_exists: bool,
        place: &EnumPlace,
    ) -> Result<()> {
        let (row, mut labels) = self.enum_labels(name)?;
        check_label(label)?;
        if labels.iter().any(|other| other.label == label) {
            let message = format!("enum label \"{label}\" already exists");
            if if_not_exists {
                self.coded_notice(DUPLICATE_OBJECT, format!("{message}, skipping"));
                return Ok(());
            }
            return Err(DatabaseError::new(DUPLICATE_OBJECT, message));
        }
        let find = |neighbour: &str| {
            labels.iter().position(|other| other.label == neighbour).ok_or_else(|| {
                let message = format!("\"{neighbour}\" is not an existing enum label");
                DatabaseError::new(INVALID_PARAMETER_VALUE, message)
            })
        };
        let at = match place {
            EnumPlace::End => labels.len(),
            EnumPlace::Before(neighbour) => find(neighbour)?,
            EnumPlace::After(neighbour) => find(neighbour)? + 1,
        };
        let ordinal = ordinal_between(
            at.checked_sub(1).map(|at| labels[at].ordinal),
            labels.get(at).map(|row| row.ordinal),
        );
        let added = EnumLabel { ordinal: ordinal.unwrap_or(0), label: label.to_owned(), uncommitted: true };
        labels.insert(at, added);
        if ordinal.is_none() {
            let mut moved = Vec::new();
            for (number, row) in (1..).zip(&mut labels) {
                let fresh = number * GAP;
                if row.label != label {
                    moved.push((row.ordinal, fresh));
                }
                row.ordinal = fresh;
            }
            self.change(PhysicalChange::EnumRenumbered { enum_type: row.oid, ordinals: moved });
        }
        self.update_type(row.oid, |row| row.kind = TypeKind::Enum { labels })
    }

    pub(super) fn rename_enum_value(&mut self, name: &Name, from: &str, to: &str) -> Result<()> {
        let (row, mut labels) = self.enum_labels(name)?;
        check_label(to)?;
        let Some(at) = labels.iter().position(|other| other.label == from) else {
            let message = format!("\"{from}\" is not an existing enum label");
            return Err(DatabaseError::new(INVALID_PARAMETER_VALUE, message));
        };
        if labels.iter().any(|other| other.label == to) {
            let message = format!("enum label \"{to}\" already exists");
            return Err(DatabaseError::new(DUPLICATE_OBJECT, message));
        }
        self.require_label_unused(row.oid, from)?;
        to.clone_into(&mut labels[at].label);
        self.update_type(row.oid, |row| row.kind = TypeKind::Enum { labels })
    }

    // ---------------------------------------------------------------------------------------- domains

    pub(super) fn create_domain(
        &mut self,
        name: &Name,
        type_name: &TypeName,
        collation: Option<&Name>,
        default: Option<&Expr>,
        constraints: &[DomainConstraint],
    ) -> Result<()> {
        let (schema, plain) = self.new_type_name(name)?;
        let base = self.catalog.resolve_type(self.path(), type_name)?;
        let pseudo = builtins().type_by_oid(base.oid).is_some_and(|row| row.is_pseudo());
        if pseudo || type_name.setof {
            let type_name = self.catalog.format_type_oid(self.path(), base.oid);
            let message = format!("\"{type_name}\" is not a valid base type for a domain");
            return Err(DatabaseError::new(DATATYPE_MISMATCH, message));
        }
        self.require_storable(plain, base.oid)?;
        self.require_type_usage(base.oid)?;
        if let Some(collation) = collation {
            self.known_collation(collation, base.oid)?;
        }
        let mut not_null: Option<bool> = None;
        for constraint in constraints.iter().filter(|constraint| constraint.check.is_none()) {
            if not_null.is_some_and(|known| known != constraint.not_null) {
                return Err(DatabaseError::new(SYNTAX_ERROR, "conflicting NULL/NOT NULL constraints"));
            }
            not_null = Some(constraint.not_null);
        }
        let mut depends = Vec::new();
        let default = match default {
            Some(expr) => {
                let target = Some((plain, base));
                self.refuse_columns(expr)?;
                let analyzed = self.analyze(expr, ExpressionKind::ColumnDefault, Scope::Nothing, target)?;
                depends.extend(analyzed.depends);
                (!analyzed.is_null).then_some(analyzed.sql)
            }
            // A domain over a domain has the default of that.
            None => match self.catalog.types.get(&base.oid).map(|row| &row.kind) {
                Some(TypeKind::Domain { default: Some(default), .. }) => {
                    let expr = syntax::parse_expression(default)?;
                    let target = Some((plain, base));
                    let analyzed =
                        self.analyze(&expr, ExpressionKind::ColumnDefault, Scope::Nothing, target)?;
                    depends.extend(analyzed.depends);
                    Some(analyzed.sql)
                }
                _ => None,
            },
        };
        let kind = TypeKind::Domain { base, not_null: not_null == Some(true), default, checks: Vec::new() };
        let oid = self.put_new_type(schema, plain, kind, self.role())?;
        self.depend(ObjectRef::Type(oid), depends);
        for constraint in constraints {
            self.add_domain_check(oid, constraint, true)?;
        }
        Ok(())
    }

    /// Adds a CHECK to a domain; a constraint that is none does nothing here.
    fn add_domain_check(
        &mut self,
        oid: Oid,
        constraint: &DomainConstraint,
        validated: bool,
    ) -> Result<Option<String>> {
        let Some(expr) = &constraint.check else { return Ok(None) };
        let row = self
            .catalog
            .types
            .get(&oid)
            .cloned()
            .ok_or_else(|| DatabaseError::internal("a domain is gone"))?;
        let TypeKind::Domain { base, checks, .. } = &row.kind else { return Ok(None) };
        let analyzed = self.analyze(expr, ExpressionKind::DomainCheck, Scope::Domain(*base), None)?;
        let name = match &constraint.name {
            Some(name) if checks.iter().any(|check| check.name == *name) => {
                let message = format!("constraint \"{name}\" for domain \"{}\" already exists", row.name);
                return Err(DatabaseError::new(DUPLICATE_OBJECT, message));
            }
            Some(name) => name.clone(),
            None => self.choose_constraint_name(row.schema, &row.name, None, "check", &[]),
        };
        let mut depends: Vec<ObjectRef> =
            self.catalog.dependencies.get(&ObjectRef::Type(oid)).map_or_else(Vec::new, |on| on.to_vec());
        depends.extend(analyzed.depends);
        self.depend(ObjectRef::Type(oid), depends);
        let check = DomainCheck { name: name.clone(), expression: analyzed.sql, validated };
        self.update_domain(oid, |_, _, checks| checks.push(check))?;
        Ok(Some(name))
    }

    fn update_domain(
        &mut self,
        oid: Oid,
        change: impl FnOnce(&mut bool, &mut Option<String>, &mut Vec<DomainCheck>),
    ) -> Result<()> {
        self.update_type(oid, |row| {
            if let TypeKind::Domain { not_null, default, checks, .. } = &mut row.kind {
                change(not_null, default, checks);
            }
        })
    }

    pub(super) fn alter_domain(&mut self, name: &Name, action: &AlterDomainAction) -> Result<()> {
        let row = self.user_type(name)?;
        let TypeKind::Domain { base, checks, not_null, .. } = &row.kind else {
            let type_name = self.catalog.format_type_oid(self.path(), row.oid);
            return Err(DatabaseError::new(WRONG_OBJECT_TYPE, format!("{type_name} is not a domain")));
        };
        self.require_type_owner(&row)?;
        let oid = row.oid;
        let missing = |name: &str| {
            let message = format!("constraint \"{name}\" of domain \"{}\" does not exist", row.name);
            DatabaseError::new(UNDEFINED_OBJECT, message)
        };
        match action {
            AlterDomainAction::Default(None) => self.update_domain(oid, |_, default, _| *default = None),
            AlterDomainAction::Default(Some(expr)) => {
                let target = Some((row.name.as_str(), *base));
                let analyzed = self.analyze(expr, ExpressionKind::ColumnDefault, Scope::Nothing, target)?;
                let mut depends: Vec<ObjectRef> = self
                    .catalog
                    .dependencies
                    .get(&ObjectRef::Type(oid))
                    .map_or_else(Vec::new, |on| on.to_vec());
                depends.extend(analyzed.depends);
                self.depend(ObjectRef::Type(oid), depends);
                let sql = (!analyzed.is_null).then_some(analyzed.sql);
                self.update_domain(oid, |_, default, _| *default = sql)
            }
            AlterDomainAction::NotNull(wanted) => {
                if *wanted && !not_null {
                    self.require_not_contained(oid)?;
                    self.change(PhysicalChange::ValidateDomain { domain: oid, check: None });
                }
                self.update_domain(oid, |not_null, _, _| *not_null = *wanted)
            }
            AlterDomainAction::Add { constraint, not_valid } => {
                let name = self.add_domain_check(oid, constraint, !not_valid)?;
                if name.is_some() && !not_valid {
                    self.require_not_contained(oid)?;
                    self.change(PhysicalChange::ValidateDomain { domain: oid, check: name });
                }
                Ok(())
            }
            AlterDomainAction::Drop { name, if_exists, cascade: _ } => {
                if !checks.iter().any(|check| check.name == *name) {
                    if *if_exists {
                        let message = missing(name).message().to_owned();
                        self.notice(format!("{message}, skipping"));
                        return Ok(());
                    }
                    return Err(missing(name));
                }
                self.update_domain(oid, |_, _, checks| checks.retain(|check| check.name != *name))
            }
            AlterDomainAction::Validate(name) => {
                match checks.iter().find(|check| check.name == *name) {
                    None => return Err(missing(name)),
                    Some(check) if check.validated => return Ok(()),
                    Some(_) => {}
                }
                self.require_not_contained(oid)?;
                self.change(PhysicalChange::ValidateDomain { domain: oid, check: Some(name.clone()) });
                self.update_domain(oid, |_, _, checks| {
                    for check in checks.iter_mut().filter(|check| check.name == *name) {
                        check.validated = true;
                    }
                })
            }
        }
    }

    /// Values within arrays and rows cannot be looked at: find_composite_type_dependencies.
    fn require_not_contained(&self, domain: Oid) -> Result<()> {
        let name = self.catalog.format_type_oid(self.path(), domain);
        let mut containers: Vec<Oid> = Vec::new();
        let mut waiting = vec![domain];
        while let Some(used) = waiting.pop() {
            for row in self.catalog.types.values() {
                let contains = match &row.kind {
                    TypeKind::Array { element } => *element == used,
                    TypeKind::Domain { base, .. } => base.oid == used,
                    TypeKind::Composite { relation } => {
                        self.catalog.relations.get(relation).is_some_and(|relation| {
                            relation.kind == RelationKind::Composite
                                && relation.columns.iter().any(|column| column.type_ref.oid == used)
                        })
                    }
                    TypeKind::Enum { .. } | TypeKind::Other { .. } => false,
                };
                // A domain over the domain is looked at itself.
                let looked_at = matches!(row.kind, TypeKind::Domain { .. }) && !containers.contains(&used);
                if contains && looked_at {
                    waiting.push(row.oid);
                } else if contains && !containers.contains(&row.oid) {
                    containers.push(row.oid);
                    waiting.push(row.oid);
                }
            }
        }
        for relation in self.catalog.relations.values().filter(|relation| relation.kind.has_rows()) {
            for column in &relation.columns {
                if containers.contains(&column.type_ref.oid) {
                    let message = format!(
                        "cannot alter type \"{name}\" because column \"{}.{}\" uses it",
                        relation.name, column.name
                    );
                    return Err(DatabaseError::new(sqlstate::FEATURE_NOT_SUPPORTED, message));
                }
            }
        }
        Ok(())
    }

    // ------------------------------------------------------------------------------------- composites

    pub(super) fn create_composite(&mut self, name: &Name, columns: &[(Ident, TypeName)]) -> Result<()> {
        let (schema, plain) = self.new_type_name(name)?;
        self.require_free_relation(schema, plain)?;
        let mut relation = self.blank_relation(schema, plain, RelationKind::Composite);
        for (column, type_name) in columns {
            let type_ref = self.column_type(column, type_name)?;
            self.add_plain_column(&mut relation, column, type_ref)?;
        }
        self.put_new_relation(relation, DefaultObject::Types)?;
        Ok(())
    }

    /// Whether DROP TYPE may take this type: not one that a relation or an element type made.
    pub(super) fn droppable_type(&self, row: &Type) -> Result<Root> {
        match row.kind {
            TypeKind::Composite { relation } => {
                let Some(relation) = self.catalog.relations.get(&relation) else {
                    return Ok(Root::Object(ObjectRef::Type(row.oid)));
                };
                if relation.kind == RelationKind::Composite {
                    return Ok(Root::Object(ObjectRef::Type(row.oid)));
                }
                let owner = self.catalog.describe(self.path(), ObjectRef::Relation(relation.oid));
                Err(required(&format!("type {}", row.name), &owner))
            }
            TypeKind::Array { element } => {
                let own = self.catalog.format_type_oid(self.path(), row.oid);
                let element = self.catalog.format_type_oid(self.path(), element);
                Err(required(&format!("type {own}"), &format!("type {element}")))
            }
            TypeKind::Enum { .. } | TypeKind::Domain { .. } | TypeKind::Other { .. } => {
                Ok(Root::Object(ObjectRef::Type(row.oid)))
            }
        }
    }
}

/// cannot drop type t because table t requires it
pub(super) fn required(object: &str, owner: &str) -> DatabaseError {
    let message = format!("cannot drop {object} because {owner} requires it");
    DatabaseError::new(sqlstate::DEPENDENT_OBJECTS_STILL_EXIST, message)
        .with_hint(format!("You can drop {owner} instead."))
}

fn check_label(label: &str) -> Result<()> {
    match label.len() > 63 {
        true => Err(DatabaseError::new(INVALID_NAME, format!("invalid enum label \"{label}\""))
            .with_detail("Labels must be 63 bytes or less.")),
        false => Ok(()),
    }
}

/// A number between two neighbours; `None` when there is no room.
fn ordinal_between(before: Option<i64>, after: Option<i64>) -> Option<i64> {
    match (before, after) {
        (None, None) => Some(GAP),
        (Some(before), None) => before.checked_add(GAP),
        (None, Some(after)) => after.checked_sub(GAP),
        (Some(before), Some(after)) => {
            let middle = before + (after - before) / 2;
            (middle > before).then_some(middle)
        }
    }
}
