//! The catalog as records, one for each object: how the embedded engine keeps it. The format is frozen
//! (docs/storage-format.md): fields may be added with a default, none may change its meaning.

use crate::{
    Catalog, DefaultPrivileges, Extension, Function, Index, Membership, ObjectRef, Oid, Publication,
    Relation, Role, Schema, Type,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlstate::{DatabaseError, Result};
use std::collections::BTreeMap;
use std::sync::Arc;

/// An object as it is stored. Kind and OID together are its key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Record {
    /// The class of object.
    pub kind: Kind,
    /// Its OID; 0 for the kinds of which there is one record.
    pub oid: Oid,
    /// The object as JSON.
    pub json: String,
}

/// The classes of object. The words are part of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// The next OID to give.
    NextOid,
    /// A role.
    Role,
    /// All memberships.
    Memberships,
    /// A schema.
    Schema,
    /// A relation.
    Relation,
    /// An index.
    Index,
    /// A type.
    Type,
    /// A function.
    Function,
    /// An extension.
    Extension,
    /// A publication.
    Publication,
    /// All default privileges.
    DefaultPrivileges,
    /// All settings of the database.
    Settings,
    /// What the expressions in the object of this OID, and in its columns, depend on.
    Dependencies,
}

const KINDS: [(Kind, &str); 13] = [
    (Kind::NextOid, "next_oid"),
    (Kind::Role, "role"),
    (Kind::Memberships, "memberships"),
    (Kind::Schema, "schema"),
    (Kind::Relation, "relation"),
    (Kind::Index, "index"),
    (Kind::Type, "type"),
    (Kind::Function, "function"),
    (Kind::Extension, "extension"),
    (Kind::Publication, "publication"),
    (Kind::DefaultPrivileges, "default_privileges"),
    (Kind::Settings, "settings"),
    (Kind::Dependencies, "dependencies"),
];

impl Kind {
    /// Its word in storage.
    pub fn word(self) -> &'static str {
        KINDS.iter().find(|(kind, _)| *kind == self).map_or("", |(_, word)| word)
    }

    /// The kind of this word.
    pub fn from_word(word: &str) -> Option<Kind> {
        KINDS.iter().find(|(_, other)| *other == word).map(|(kind, _)| *kind)
    }
}

/// What changed between two catalogs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Difference {
    /// Records to write, over what has the same key.
    pub upserts: Vec<Record>,
    /// Keys to delete.
    pub deletes: Vec<(Kind, Oid)>,
}

fn record(kind: Kind, oid: Oid, value: &impl Serialize) -> Result<Record> {
    let json = serde_json::to_string(value)
        .map_err(|error| DatabaseError::internal(format_args!("{} {oid}: {error}", kind.word())))?;
    Ok(Record { kind, oid, json })
}

/// The catalog as records, in order of their keys.
pub fn records(catalog: &Catalog) -> Result<Vec<Record>> {
    let difference = difference(&Catalog::default(), catalog)?;
    let mut records = difference.upserts;
    records.sort_by_key(|record| (record.kind, record.oid));
    Ok(records)
}

/// What has to be written and deleted to make the old catalog's records the new one's.
pub fn difference(old: &Catalog, new: &Catalog) -> Result<Difference> {
    let Catalog {
        next_oid,
        roles,
        memberships,
        schemas,
        relations,
        indexes,
        types,
        functions,
        extensions,
        publications,
        default_privileges,
        settings,
        // Only read from PostgreSQL, which keeps them.
        casts: _,
        dependencies,
        names: _,
    } = new;
    let mut out = Difference::default();
    if old.next_oid != *next_oid {
        out.upserts.push(record(Kind::NextOid, 0, next_oid)?);
    }
    objects(Kind::Role, &old.roles, roles, &mut out)?;
    objects(Kind::Schema, &old.schemas, schemas, &mut out)?;
    objects(Kind::Relation, &old.relations, relations, &mut out)?;
    objects(Kind::Index, &old.indexes, indexes, &mut out)?;
    objects(Kind::Type, &old.types, types, &mut out)?;
    objects(Kind::Function, &old.functions, functions, &mut out)?;
    objects(Kind::Extension, &old.extensions, extensions, &mut out)?;
    objects(Kind::Publication, &old.publications, publications, &mut out)?;
    if old.memberships != *memberships {
        out.upserts.push(record(Kind::Memberships, 0, memberships)?);
    }
    if old.default_privileges != *default_privileges {
        out.upserts.push(record(Kind::DefaultPrivileges, 0, default_privileges)?);
    }
    if old.settings != *settings {
        out.upserts.push(record(Kind::Settings, 0, settings)?);
    }
    if old.dependencies != *dependencies {
        objects(Kind::Dependencies, &grouped(&old.dependencies), &grouped(dependencies), &mut out)?;
    }
    Ok(out)
}

fn objects<T: Serialize + PartialEq>(
    kind: Kind,
    old: &BTreeMap<Oid, Arc<T>>,
    new: &BTreeMap<Oid, Arc<T>>,
    out: &mut Difference,
) -> Result<()> {
    for (oid, value) in new {
        let same = old.get(oid).is_some_and(|before| Arc::ptr_eq(before, value) || before == value);
        if !same {
            out.upserts.push(record(kind, *oid, &**value)?);
        }
    }
    out.deletes.extend(old.keys().filter(|oid| !new.contains_key(oid)).map(|oid| (kind, *oid)));
    Ok(())
}

type Group = Vec<(ObjectRef, Arc<[ObjectRef]>)>;

/// Dependencies by the OID of the object that has them.
fn grouped(dependencies: &crate::Dependencies) -> BTreeMap<Oid, Arc<Group>> {
    let mut groups: BTreeMap<Oid, Group> = BTreeMap::new();
    for (object, on) in dependencies {
        groups.entry(object_oid(*object)).or_default().push((*object, Arc::clone(on)));
    }
    groups.into_iter().map(|(oid, group)| (oid, Arc::new(group))).collect()
}

fn object_oid(object: ObjectRef) -> Oid {
    match object {
        ObjectRef::Relation(oid)
        | ObjectRef::Column(oid, _)
        | ObjectRef::Default(oid, _)
        | ObjectRef::Constraint(oid)
        | ObjectRef::Policy(oid)
        | ObjectRef::Trigger(oid)
        | ObjectRef::Index(oid)
        | ObjectRef::Type(oid)
        | ObjectRef::Function(oid) => oid,
    }
}

/// The catalog that records make, in any order.
pub fn from_records<'r>(records: impl IntoIterator<Item = (Kind, Oid, &'r str)>) -> Result<Catalog> {
    let mut catalog = Catalog::new();
    for (kind, oid, json) in records {
        match kind {
            Kind::NextOid => catalog.next_oid = read(kind, oid, json)?,
            Kind::Role => catalog.put_role(read::<Role>(kind, oid, json)?),
            Kind::Memberships => {
                catalog.memberships = Arc::new(read::<Vec<Membership>>(kind, oid, json)?);
            }
            Kind::Schema => catalog.put_schema(read::<Schema>(kind, oid, json)?),
            Kind::Relation => catalog.put_relation(read::<Relation>(kind, oid, json)?),
            Kind::Index => catalog.put_index(read::<Index>(kind, oid, json)?),
            Kind::Type => catalog.put_type(read::<Type>(kind, oid, json)?),
            Kind::Function => catalog.put_function(read::<Function>(kind, oid, json)?),
            Kind::Extension => {
                catalog.extensions.insert(oid, Arc::new(read::<Extension>(kind, oid, json)?));
            }
            Kind::Publication => {
                catalog.publications.insert(oid, Arc::new(read::<Publication>(kind, oid, json)?));
            }
            Kind::DefaultPrivileges => {
                catalog.default_privileges = Arc::new(read::<Vec<DefaultPrivileges>>(kind, oid, json)?);
            }
            Kind::Settings => {
                catalog.settings = Arc::new(read::<Vec<(String, String)>>(kind, oid, json)?);
            }
            Kind::Dependencies => {
                for (object, on) in read::<Group>(kind, oid, json)? {
                    catalog.dependencies.insert(object, on);
                }
            }
        }
    }
    Ok(catalog)
}

fn read<T: DeserializeOwned>(kind: Kind, oid: Oid, json: &str) -> Result<T> {
    serde_json::from_str(json)
        .map_err(|error| DatabaseError::internal(format_args!("stored {} {oid}: {error}", kind.word())))
}
