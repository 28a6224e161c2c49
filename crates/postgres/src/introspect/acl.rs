//! Access control lists, and what of them nobody granted by name.

use super::rows;
use catalog::{Acl, AclItem, Column, DefaultObject, DefaultPrivileges, Oid, Privileges};

/// The rows of one grantee and grantor together, in order.
pub(super) fn acl(rows: Option<Vec<rows::AclRow>>) -> Acl {
    let rows = rows?;
    let mut items: Vec<AclItem> = Vec::new();
    for (grantee, grantor, privilege, grantable) in rows {
        let Some(privilege) = privilege_named(&privilege) else { continue };
        let at = items
            .iter()
            .position(|item| item.grantee == grantee && item.grantor == grantor)
            .unwrap_or_else(|| {
                items.push(AclItem {
                    grantee,
                    grantor,
                    privileges: Privileges::NONE,
                    grantable: Privileges::NONE,
                });
                items.len() - 1
            });
        items[at].privileges = items[at].privileges.union(privilege);
        if grantable {
            items[at].grantable = items[at].grantable.union(privilege);
        }
    }
    Some(items)
}

/// Those that later versions add (MAINTAIN) no statement of ours asks for.
fn privilege_named(name: &str) -> Option<Privileges> {
    Some(match name {
        "INSERT" => Privileges::INSERT,
        "SELECT" => Privileges::SELECT,
        "UPDATE" => Privileges::UPDATE,
        "DELETE" => Privileges::DELETE,
        "TRUNCATE" => Privileges::TRUNCATE,
        "REFERENCES" => Privileges::REFERENCES,
        "TRIGGER" => Privileges::TRIGGER,
        "EXECUTE" => Privileges::EXECUTE,
        "USAGE" => Privileges::USAGE,
        "CREATE" => Privileges::CREATE,
        _ => return None,
    })
}

/// Whether somebody holds a privilege that no default privileges give, on the relation or on a column of it.
///
/// PostgreSQL keeps no record of GRANT statements, only the resulting list: a GRANT of what the defaults gave already
/// leaves no trace, and then this is false, which keeps the relation closed (in private clusters an event trigger of ours
/// writes such statements down). The defaults of every role count, in the
/// relation's schema and anywhere: the owner may have been another when the relation was made.
pub(super) fn is_granted_explicitly(
    acl: &Acl,
    columns: &[Column],
    schema: Oid,
    owner: Oid,
    defaults: &[DefaultPrivileges],
) -> bool {
    let given_by_default = |grantee: Oid| {
        defaults
            .iter()
            .filter(|entry| {
                entry.object == DefaultObject::Tables && entry.schema.is_none_or(|other| other == schema)
            })
            .flat_map(|entry| &entry.acl)
            .filter(|item| item.grantee == grantee)
            .fold((Privileges::NONE, Privileges::NONE), |(privileges, grantable), item| {
                (privileges.union(item.privileges), grantable.union(item.grantable))
            })
    };
    let beyond_defaults = |item: &AclItem| {
        let (privileges, grantable) = given_by_default(item.grantee);
        let beyond = item.privileges.minus(privileges).union(item.grantable.minus(grantable));
        item.grantee != owner && !beyond.is_empty()
    };
    let columns = columns.iter().flat_map(|column| column.acl.iter().flatten());
    acl.iter().flatten().chain(columns).any(beyond_defaults)
}
