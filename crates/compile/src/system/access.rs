//! Access lists as texts, and what a viewer may see.

use super::{Cell, NULL, Viewer, texts};
use catalog::privileges::AclClass;
use catalog::{Acl, AclItem, Privileges, Relation};

const LETTERS: [(Privileges, char); 10] = [
    (Privileges::INSERT, 'a'),
    (Privileges::SELECT, 'r'),
    (Privileges::UPDATE, 'w'),
    (Privileges::DELETE, 'd'),
    (Privileges::TRUNCATE, 'D'),
    (Privileges::REFERENCES, 'x'),
    (Privileges::TRIGGER, 't'),
    (Privileges::EXECUTE, 'X'),
    (Privileges::USAGE, 'U'),
    (Privileges::CREATE, 'C'),
];

/// The privileges of tables by their names, in the order in which aclexplode gives them.
pub(super) const TABLE_PRIVILEGES: [(Privileges, &str); 7] = [
    (Privileges::INSERT, "INSERT"),
    (Privileges::SELECT, "SELECT"),
    (Privileges::UPDATE, "UPDATE"),
    (Privileges::DELETE, "DELETE"),
    (Privileges::TRUNCATE, "TRUNCATE"),
    (Privileges::REFERENCES, "REFERENCES"),
    (Privileges::TRIGGER, "TRIGGER"),
];

impl Viewer<'_> {
    /// An aclitem[].
    pub(super) fn acl(&self, acl: &Acl) -> Cell {
        match acl {
            None => NULL,
            Some(items) => texts(items.iter().map(|item| self.acl_item(item))),
        }
    }

    fn acl_item(&self, item: &AclItem) -> String {
        let mut text = acl_name(self.role_name(item.grantee));
        text.push('=');
        for (privilege, letter) in LETTERS {
            if item.privileges.contains(privilege) {
                text.push(letter);
                if item.grantable.contains(privilege) {
                    text.push('*');
                }
            }
        }
        text.push('/');
        text.push_str(&acl_name(self.role_name(item.grantor)));
        text
    }

    /// The list, or the one that stands for none.
    pub(super) fn acl_items(&self, relation: &Relation) -> Vec<AclItem> {
        match &relation.acl {
            Some(items) => items.clone(),
            None => relation.acl_class().default_items(relation.owner),
        }
    }

    /// Whether the viewer has any privilege on the relation or a column of it, or owns it.
    pub(super) fn may_see(&self, relation: &Relation) -> bool {
        let columns = AclClass::Column.all();
        let any = |wanted: Privileges, class: AclClass, acl: &Acl| {
            !self.catalog.acl_mask(self.role, relation.owner, class, acl, wanted).is_empty()
        };
        self.has_role(relation.owner)
            || any(relation.acl_class().all(), relation.acl_class(), &relation.acl)
            || relation
                .columns
                .iter()
                .any(|column| column.acl.is_some() && any(columns, AclClass::Column, &column.acl))
    }

    /// Whether the viewer may see a column: it owns the table or has any privilege on the column.
    pub(super) fn may_see_column(&self, relation: &Relation, column: &catalog::Column) -> bool {
        let wanted = AclClass::Column.all();
        self.has_role(relation.owner)
            || !self
                .catalog
                .acl_mask(self.role, relation.owner, relation.acl_class(), &relation.acl, wanted)
                .is_empty()
            || (column.acl.is_some()
                && !self
                    .catalog
                    .acl_mask(self.role, relation.owner, AclClass::Column, &column.acl, wanted)
                    .is_empty())
    }
}

/// A role's name in an access list: quoted when it has other than letters, digits and underscores.
fn acl_name(name: &str) -> String {
    if name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_') {
        return name.to_owned();
    }
    format!("\"{}\"", name.replace('"', "\"\""))
}
