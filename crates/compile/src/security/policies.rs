//! The policies of a relation for a command and a role, as expressions.

use crate::analysis::{Analysis, Place};
use crate::bound::Expr;
use crate::mutant::{self, Mutant};
use crate::stored::{self, Row};
use catalog::{Catalog, Oid, Policy, PolicyCommand, Relation, RelationKind};
use sqlstate::Result;

/// The command that a policy is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Reading.
    Select,
    /// A new row.
    Insert,
    /// A changed row.
    Update,
    /// A row that goes.
    Delete,
}

/// A check of a row that is to be written.
#[derive(Debug)]
pub(crate) struct PolicyCheck {
    /// The restrictive policy's name; `None` for the permissive ones together.
    pub(crate) name: Option<String>,
    /// What must be true.
    pub(crate) expr: Expr,
}

/// Whether row security is active on the relation for the role (check_enable_rls).
pub(crate) fn applies(catalog: &Catalog, relation: &Relation, role: Oid) -> bool {
    if mutant::is(Mutant::RowSecurityOff) {
        return false;
    }
    let active = relation.row_security || mutant::is(Mutant::RowSecurityEverywhere);
    let bypassed = catalog.bypasses_row_security(role) && !mutant::is(Mutant::BypassIgnored);
    let forced = relation.force_row_security && !mutant::is(Mutant::ForceIgnored);
    let owned = catalog.has_privileges_of(role, relation.owner) && !mutant::is(Mutant::OwnerSubject);
    relation.kind == RelationKind::Table && active && !bypassed && (forced || !owned)
}

/// The permissive and the restrictive policies for a command and a role, by name.
fn policies<'r>(
    catalog: &Catalog,
    relation: &'r Relation,
    role: Oid,
    command: Command,
) -> (Vec<&'r Policy>, Vec<&'r Policy>) {
    let wanted = match command {
        Command::Select => PolicyCommand::Select,
        Command::Insert => PolicyCommand::Insert,
        Command::Update => PolicyCommand::Update,
        Command::Delete => PolicyCommand::Delete,
    };
    let concerns = |policy: &&Policy| {
        (policy.command == PolicyCommand::All
            || policy.command == wanted
            || mutant::is(Mutant::PolicyCommandIgnored))
            && (policy.roles.iter().any(|other| *other == 0 || catalog.has_privileges_of(role, *other))
                || mutant::is(Mutant::PolicyRoleIgnored))
    };
    let mut found: Vec<&Policy> = relation.policies.iter().filter(concerns).collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found.into_iter().partition(|policy| policy.permissive)
}

/// What must be true of a row that is there for the command to see it: each restrictive policy, then the permissive
/// ones together. Without a permissive policy nothing is seen. What the policies read is read as `role`, which is
/// the owner of the view around.
pub(crate) fn using(
    analysis: &mut Analysis<'_>,
    relation: &Relation,
    row: Row,
    role: Oid,
    command: Command,
) -> Result<Vec<Expr>> {
    let reader = if mutant::is(Mutant::ViewPolicyAsAsker) { analysis.role } else { role };
    let asker = std::mem::replace(&mut analysis.role, reader);
    let conditions = conditions(analysis, relation, row, role, command);
    analysis.role = asker;
    conditions
}

fn conditions(
    analysis: &mut Analysis<'_>,
    relation: &Relation,
    row: Row,
    role: Oid,
    command: Command,
) -> Result<Vec<Expr>> {
    let (permissive, restrictive) = policies(analysis.catalog, relation, role, command);
    let mut arms = Vec::new();
    for policy in permissive.iter().filter_map(|policy| policy.using.as_deref()) {
        arms.push(stored::condition(analysis, relation, row, Place::Policy, policy)?);
    }
    if arms.is_empty() && !mutant::is(Mutant::WithoutPermissiveSeen) {
        return Ok(vec![Expr::boolean(false)]);
    }
    let mut all = Vec::new();
    for policy in restrictive.iter().filter_map(|policy| policy.using.as_deref()) {
        if !mutant::is(Mutant::RestrictiveUsingIgnored) {
            all.push(stored::condition(analysis, relation, row, Place::Policy, policy)?);
        }
    }
    if !arms.is_empty() {
        all.push(one_of(arms));
    }
    Ok(all)
}

/// What must be true of a row that is to be written (add_with_check_options): WITH CHECK, or USING where there is none or
/// `force_using` asks for it.
pub(crate) fn checks(
    analysis: &mut Analysis<'_>,
    relation: &Relation,
    row: Row,
    role: Oid,
    command: Command,
    force_using: bool,
) -> Result<Vec<PolicyCheck>> {
    // What the policies read is read as the role that they hold for: the owner of the view around.
    let reader = if mutant::is(Mutant::ViewPolicyAsAsker) { analysis.role } else { role };
    let asker = std::mem::replace(&mut analysis.role, reader);
    let checks = written(analysis, relation, row, role, command, force_using);
    analysis.role = asker;
    checks
}

fn written(
    analysis: &mut Analysis<'_>,
    relation: &Relation,
    row: Row,
    role: Oid,
    command: Command,
    force_using: bool,
) -> Result<Vec<PolicyCheck>> {
    let (permissive, restrictive) = policies(analysis.catalog, relation, role, command);
    let text = |policy: &Policy| match (&policy.check, &policy.using) {
        (Some(check), _) if !force_using && !mutant::is(Mutant::CheckNotOwn) => Some(check.clone()),
        (None, _) if !force_using && mutant::is(Mutant::UsingNoCheck) => Some("true".to_owned()),
        (_, using) => using.clone(),
    };
    let mut arms = Vec::new();
    for sql in permissive.iter().filter_map(|policy| text(policy)) {
        arms.push(stored::condition(analysis, relation, row, Place::Policy, &sql)?);
    }
    if arms.is_empty() && !mutant::is(Mutant::WithoutPermissiveWritten) {
        return Ok(vec![PolicyCheck { name: None, expr: Expr::boolean(false) }]);
    }
    let mut all = Vec::new();
    if !arms.is_empty() {
        all.push(PolicyCheck { name: None, expr: one_of(arms) });
    }
    for policy in restrictive {
        if let Some(sql) = text(policy).filter(|_| !mutant::is(Mutant::RestrictiveCheckIgnored)) {
            let expr = stored::condition(analysis, relation, row, Place::Policy, &sql)?;
            all.push(PolicyCheck { name: Some(policy.name.clone()), expr });
        }
    }
    Ok(all)
}

/// One of the permissive policies must hold.
fn one_of(arms: Vec<Expr>) -> Expr {
    if mutant::is(Mutant::PermissiveAnd) { Expr::all(arms) } else { Expr::any(arms) }
}
