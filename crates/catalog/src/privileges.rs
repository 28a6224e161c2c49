//! Who may do what: PostgreSQL's acl.c. Superusers may all; owners have what the access control list says, which by default
//! is everything; members have what their roles have, as far as they inherit.

use crate::initial::{PG_READ_ALL_DATA, PG_WRITE_ALL_DATA};
use crate::{
    Acl, AclItem, Catalog, Column, DefaultObject, Function, Oid, Privileges, Relation, RelationKind, Schema,
    Type,
};
use std::collections::BTreeSet;

/// PUBLIC as a grantee.
pub const PUBLIC: Oid = 0;

/// The classes of object that have access control lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AclClass {
    /// Tables and views.
    Table,
    /// One column: nothing by default, not even for the owner, who has the table.
    Column,
    /// Sequences.
    Sequence,
    /// Functions and procedures: EXECUTE to PUBLIC by default.
    Function,
    /// Types: USAGE to PUBLIC by default.
    Type,
    /// Schemas.
    Schema,
}

impl AclClass {
    /// All privileges of the class.
    pub fn all(self) -> Privileges {
        match self {
            AclClass::Table => Privileges::TABLE,
            AclClass::Column => Privileges::INSERT
                .union(Privileges::SELECT)
                .union(Privileges::UPDATE)
                .union(Privileges::REFERENCES),
            AclClass::Sequence => Privileges::SEQUENCE,
            AclClass::Function => Privileges::EXECUTE,
            AclClass::Type => Privileges::USAGE,
            AclClass::Schema => Privileges::SCHEMA,
        }
    }

    /// What PUBLIC has when nobody said otherwise.
    pub fn public_default(self) -> Privileges {
        match self {
            AclClass::Function => Privileges::EXECUTE,
            AclClass::Type => Privileges::USAGE,
            AclClass::Table | AclClass::Column | AclClass::Sequence | AclClass::Schema => Privileges::NONE,
        }
    }

    /// The list that stands for `None`: acldefault().
    pub fn default_items(self, owner: Oid) -> Vec<AclItem> {
        let mut items = Vec::new();
        let public = self.public_default();
        if !public.is_empty() {
            let grantable = Privileges::NONE;
            items.push(AclItem { grantee: PUBLIC, grantor: owner, privileges: public, grantable });
        }
        if self != AclClass::Column {
            let grantable = Privileges::NONE;
            items.push(AclItem { grantee: owner, grantor: owner, privileges: self.all(), grantable });
        }
        items
    }
}

impl From<DefaultObject> for AclClass {
    fn from(object: DefaultObject) -> AclClass {
        match object {
            DefaultObject::Tables => AclClass::Table,
            DefaultObject::Sequences => AclClass::Sequence,
            DefaultObject::Functions => AclClass::Function,
            DefaultObject::Types => AclClass::Type,
            DefaultObject::Schemas => AclClass::Schema,
        }
    }
}

impl Relation {
    /// Whether its list is a table's or a sequence's.
    pub fn acl_class(&self) -> AclClass {
        match self.kind {
            RelationKind::Sequence => AclClass::Sequence,
            RelationKind::Table
            | RelationKind::View
            | RelationKind::MaterializedView
            | RelationKind::ForeignTable
            | RelationKind::PartitionedTable
            | RelationKind::Composite => AclClass::Table,
        }
    }
}

impl Catalog {
    /// Whether the role is a superuser.
    pub fn is_superuser(&self, role: Oid) -> bool {
        self.roles.get(&role).is_some_and(|role| role.superuser)
    }

    /// Whether row security is off for the role.
    pub fn bypasses_row_security(&self, role: Oid) -> bool {
        self.roles.get(&role).is_some_and(|role| role.superuser || role.bypass_rls)
    }

    /// The roles whose privileges a role has: itself and, as far as it and those between inherit, those that it is in.
    pub fn privilege_roles(&self, role: Oid) -> BTreeSet<Oid> {
        self.reachable(role, |member| self.roles.get(&member).is_some_and(|row| row.inherit))
    }

    /// The roles that a role is in, itself among them, whether it inherits or not: what it may SET ROLE to.
    pub fn member_roles(&self, role: Oid) -> BTreeSet<Oid> {
        self.reachable(role, |_| true)
    }

    fn reachable(&self, role: Oid, follows: impl Fn(Oid) -> bool) -> BTreeSet<Oid> {
        let mut found = BTreeSet::from([role]);
        let mut queue = vec![role];
        while let Some(member) = queue.pop() {
            if !follows(member) {
                continue;
            }
            for membership in self.memberships.iter().filter(|row| row.member == member) {
                if found.insert(membership.role) {
                    queue.push(membership.role);
                }
            }
        }
        found
    }

    /// Whether `role` has the privileges of `other`: has_privs_of_role. Ownership is asked with this.
    pub fn has_privileges_of(&self, role: Oid, other: Oid) -> bool {
        role == other || self.is_superuser(role) || self.privilege_roles(role).contains(&other)
    }

    /// Whether `role` is in `other`, directly or not: is_member_of_role, what SET ROLE asks.
    pub fn is_member_of(&self, role: Oid, other: Oid) -> bool {
        role == other || self.is_superuser(role) || self.member_roles(role).contains(&other)
    }

    /// Of these privileges, those that the role has under an access control list.
    pub fn acl_mask(
        &self,
        role: Oid,
        owner: Oid,
        class: AclClass,
        acl: &Acl,
        wanted: Privileges,
    ) -> Privileges {
        if self.is_superuser(role) {
            return wanted;
        }
        let roles = self.privilege_roles(role);
        let mut held = Privileges::NONE;
        let granted = |items: &[AclItem], held: &mut Privileges| {
            for item in items {
                if item.grantee == PUBLIC || roles.contains(&item.grantee) {
                    *held = held.union(item.privileges);
                }
            }
        };
        match acl {
            Some(items) => granted(items, &mut held),
            None => granted(&class.default_items(owner), &mut held),
        }
        if roles.contains(&PG_READ_ALL_DATA) {
            held = held.union(match class {
                AclClass::Table | AclClass::Column | AclClass::Sequence => Privileges::SELECT,
                AclClass::Schema => Privileges::USAGE,
                AclClass::Function | AclClass::Type => Privileges::NONE,
            });
        }
        if roles.contains(&PG_WRITE_ALL_DATA) {
            let write = Privileges::INSERT.union(Privileges::UPDATE).union(Privileges::DELETE);
            held = held.union(match class {
                AclClass::Table | AclClass::Column => write,
                AclClass::Sequence => Privileges::UPDATE,
                AclClass::Schema => Privileges::USAGE,
                AclClass::Function | AclClass::Type => Privileges::NONE,
            });
        }
        Privileges(held.0 & wanted.0)
    }

    /// Whether the role has all of these privileges on a table, view or sequence.
    pub fn has_relation_privilege(&self, role: Oid, relation: &Relation, wanted: Privileges) -> bool {
        let class = relation.acl_class();
        self.acl_mask(role, relation.owner, class, &relation.acl, wanted).contains(wanted)
    }

    /// Whether the role has these privileges on a column, by itself or through the table.
    pub fn has_column_privilege(
        &self,
        role: Oid,
        relation: &Relation,
        column: &Column,
        wanted: Privileges,
    ) -> bool {
        if self.has_relation_privilege(role, relation, wanted) {
            return true;
        }
        let class = AclClass::Column;
        column.acl.is_some()
            && self.acl_mask(role, relation.owner, class, &column.acl, wanted).contains(wanted)
    }

    /// Whether the role has this privilege on the relation or on any column of it.
    pub fn has_any_column_privilege(&self, role: Oid, relation: &Relation, wanted: Privileges) -> bool {
        self.has_relation_privilege(role, relation, wanted)
            || relation.columns.iter().any(|column| self.has_column_privilege(role, relation, column, wanted))
    }

    /// Whether the role has all of these privileges on a schema.
    pub fn has_schema_privilege(&self, role: Oid, schema: &Schema, wanted: Privileges) -> bool {
        self.acl_mask(role, schema.owner, AclClass::Schema, &schema.acl, wanted).contains(wanted)
    }

    /// Whether the role may execute a function.
    pub fn may_execute(&self, role: Oid, function: &Function) -> bool {
        let wanted = Privileges::EXECUTE;
        self.acl_mask(role, function.owner, AclClass::Function, &function.acl, wanted).contains(wanted)
    }

    /// Whether the role may use a type in definitions.
    pub fn may_use_type(&self, role: Oid, value: &Type) -> bool {
        let wanted = Privileges::USAGE;
        self.acl_mask(role, value.owner, AclClass::Type, &value.acl, wanted).contains(wanted)
    }

    /// The list that a new object gets: get_user_default_acl. `None` when no default privileges apply.
    pub fn default_acl(&self, object: DefaultObject, owner: Oid, schema: Option<Oid>) -> Acl {
        let rows = || self.default_privileges.iter().filter(|row| row.role == owner && row.object == object);
        let global = rows().find(|row| row.schema.is_none());
        let local = schema.and_then(|schema| rows().find(|row| row.schema == Some(schema)));
        if global.is_none() && local.is_none() {
            return None;
        }
        let default = AclClass::from(object).default_items(owner);
        let mut items = global.map_or_else(|| default.clone(), |row| row.acl.clone());
        for item in local.into_iter().flat_map(|row| &row.acl) {
            merge(&mut items, *item);
        }
        let mut sorted = items.clone();
        sorted.sort_by_key(|item| (item.grantee, item.grantor));
        let mut plain = default;
        plain.sort_by_key(|item| (item.grantee, item.grantor));
        (sorted != plain).then_some(items)
    }
}

/// Adds an item to a list: to the item of the same grantee and grantor where there is one.
pub(crate) fn merge(items: &mut Vec<AclItem>, new: AclItem) {
    let same = |item: &&mut AclItem| item.grantee == new.grantee && item.grantor == new.grantor;
    match items.iter_mut().find(same) {
        Some(item) => {
            item.privileges = item.privileges.union(new.privileges);
            item.grantable = item.grantable.union(new.grantable);
        }
        None => items.push(new),
    }
}
