//! CREATE and ALTER POLICY.

use super::context::{Ddl, wrong_kind};
use super::{ExpressionKind, Scope};
use crate::privileges::PUBLIC;
use crate::{ObjectRef, Oid, Policy, PolicyCommand, Relation, RelationKind};
use sqlstate::{
    DUPLICATE_OBJECT, DatabaseError, INVALID_PARAMETER_VALUE, Result, SYNTAX_ERROR, UNDEFINED_OBJECT,
};
use std::sync::Arc;
use syntax::ast::{CreatePolicy, Expr, Name, RoleSpec};

impl Ddl<'_> {
    pub(super) fn create_policy(&mut self, statement: &CreatePolicy) -> Result<()> {
        let CreatePolicy { name, table, permissive, command, roles, using, check } = statement;
        check_clauses(*command, using.is_some(), check.is_some())?;
        let relation = self.policy_table(table)?;
        let roles = self.policy_roles(roles)?;
        let mut depends = Vec::new();
        let using = self.policy_expression(&relation, using.as_ref(), &mut depends)?;
        let check = self.policy_expression(&relation, check.as_ref(), &mut depends)?;
        if relation.policies.iter().any(|policy| policy.name == *name) {
            let message = format!("policy \"{name}\" for table \"{}\" already exists", relation.name);
            return Err(DatabaseError::new(DUPLICATE_OBJECT, message));
        }
        let oid = self.catalog.allocate();
        let policy = Policy {
            oid,
            name: name.clone(),
            permissive: *permissive,
            command: *command,
            roles,
            using,
            check,
            comment: None,
        };
        self.depend(ObjectRef::Policy(oid), depends);
        self.update_relation(relation.oid, |relation| {
            relation.policies.push(policy);
            relation.policies.sort_by(|left, right| left.name.cmp(&right.name));
        })
    }

    pub(super) fn alter_policy(
        &mut self,
        name: &str,
        table: &Name,
        roles: Option<&[RoleSpec]>,
        using: Option<&Expr>,
        check: Option<&Expr>,
    ) -> Result<()> {
        let relation = self.policy_table(table)?;
        let roles = roles.map(|roles| self.policy_roles(roles)).transpose()?;
        let (mut used, mut checked) = (Vec::new(), Vec::new());
        let using = self.policy_expression(&relation, using, &mut used)?;
        let check = self.policy_expression(&relation, check, &mut checked)?;
        let policy = existing_policy(&relation, name)?.clone();
        check_clauses(policy.command, using.is_some(), check.is_some()).map_err(|error| {
            match policy.command {
                PolicyCommand::Select | PolicyCommand::Delete => {
                    DatabaseError::new(SYNTAX_ERROR, "only USING expression allowed for SELECT, DELETE")
                }
                _ => error,
            }
        })?;
        // What an expression that stays named, stays named.
        let kept = [(&using, &policy.using), (&check, &policy.check)];
        let mut depends = used;
        depends.extend(checked);
        for (new, old) in kept {
            if let (None, Some(old)) = (new, old) {
                let expr = syntax::parse_expression(old)?;
                self.policy_expression(&relation, Some(&expr), &mut depends)?;
            }
        }
        self.depend(ObjectRef::Policy(policy.oid), depends);
        self.update_relation(relation.oid, |relation| {
            if let Some(row) = relation.policies.iter_mut().find(|row| row.oid == policy.oid) {
                if let Some(roles) = roles {
                    row.roles = roles;
                }
                row.using = using.or(row.using.take());
                row.check = check.or(row.check.take());
            }
        })
    }

    /// The table of a policy, which the role owns.
    pub(super) fn policy_table(&self, name: &Name) -> Result<Arc<Relation>> {
        let relation = self.relation(name)?;
        self.require_relation_owner(&relation)?;
        match relation.kind {
            RelationKind::Table | RelationKind::PartitionedTable => Ok(relation),
            RelationKind::View
            | RelationKind::MaterializedView
            | RelationKind::Sequence
            | RelationKind::ForeignTable
            | RelationKind::Composite => Err(wrong_kind(&relation.name, "a table")),
        }
    }

    fn policy_roles(&mut self, roles: &[RoleSpec]) -> Result<Vec<Oid>> {
        if roles.is_empty() {
            return Ok(vec![PUBLIC]);
        }
        if roles.contains(&RoleSpec::Public) {
            if roles.len() > 1 {
                self.warning(INVALID_PARAMETER_VALUE, "ignoring specified roles other than PUBLIC");
                if let Some(notice) = self.notices.last_mut() {
                    notice.text = notice.text.clone().with_hint("All roles are members of the PUBLIC role.");
                }
            }
            return Ok(vec![PUBLIC]);
        }
        roles.iter().map(|role| self.role_oid(role)).collect()
    }

    fn policy_expression(
        &self,
        relation: &Relation,
        expr: Option<&Expr>,
        depends: &mut Vec<ObjectRef>,
    ) -> Result<Option<String>> {
        let Some(expr) = expr else { return Ok(None) };
        let scope = Scope::Relation(relation);
        let analyzed = self.analyze(expr, ExpressionKind::Policy, scope, None)?;
        depends.extend(analyzed.depends_with_columns(relation.oid));
        Ok(Some(analyzed.sql))
    }
}

pub(super) fn existing_policy<'r>(relation: &'r Relation, name: &str) -> Result<&'r Policy> {
    relation.policies.iter().find(|policy| policy.name == name).ok_or_else(|| {
        let message = format!("policy \"{name}\" for table \"{}\" does not exist", relation.name);
        DatabaseError::new(UNDEFINED_OBJECT, message)
    })
}

fn check_clauses(command: PolicyCommand, using: bool, check: bool) -> Result<()> {
    let message = match command {
        PolicyCommand::Select | PolicyCommand::Delete if check => {
            "WITH CHECK cannot be applied to SELECT or DELETE"
        }
        PolicyCommand::Insert if using => "only WITH CHECK expression allowed for INSERT",
        PolicyCommand::Select
        | PolicyCommand::Delete
        | PolicyCommand::Insert
        | PolicyCommand::Update
        | PolicyCommand::All => return Ok(()),
    };
    Err(DatabaseError::new(SYNTAX_ERROR, message))
}
