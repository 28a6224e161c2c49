//! Schemas, roles, policies, extensions, publications, sequences and comments.

use super::{Cell, DATABASE, Definition, NULL, Rows, Viewer, n, node, numbers, o, relations, texts, v};
use catalog::builtin::PG_CATALOG;
use catalog::{BOOTSTRAP_ROLE, DefaultObject, Oid, PolicyCommand, RelationKind};

pub(super) fn namespace(viewer: &Viewer<'_>, rows: &mut Rows) {
    for schema in viewer.catalog.schemas.values() {
        rows.add([
            ("oid", o(schema.oid)),
            ("nspname", v(&*schema.name)),
            ("nspowner", o(schema.owner)),
            ("nspacl", viewer.acl(&schema.acl)),
        ]);
    }
}

pub(super) fn am(viewer: &Viewer<'_>, rows: &mut Rows) {
    for (oid, name, kind) in [
        (2, "heap", "t"),
        (403, "btree", "i"),
        (405, "hash", "i"),
        (783, "gist", "i"),
        (2742, "gin", "i"),
        (3580, "brin", "i"),
        (4000, "spgist", "i"),
    ] {
        rows.add([("oid", o(oid)), ("amname", v(name)), ("amtype", v(kind))]);
    }
    if viewer.catalog.extension_schema("vector").is_some() {
        for (oid, name) in [(relations::IVFFLAT, "ivfflat"), (relations::HNSW, "hnsw")] {
            rows.add([("oid", o(oid)), ("amname", v(name)), ("amtype", v("i"))]);
        }
    }
}

pub(super) fn collation(_: &Viewer<'_>, rows: &mut Rows) {
    for (oid, name, provider) in [(100, "default", "d"), (950, "C", "c"), (951, "POSIX", "c")] {
        rows.add([
            ("oid", o(oid)),
            ("collname", v(name)),
            ("collnamespace", o(PG_CATALOG)),
            ("collowner", o(BOOTSTRAP_ROLE)),
            ("collprovider", v(provider)),
            ("collisdeterministic", v(true)),
            ("collencoding", n(-1)),
        ]);
    }
}

pub(super) fn database(viewer: &Viewer<'_>, rows: &mut Rows) {
    let owner = viewer.catalog.role("postgres").map_or(BOOTSTRAP_ROLE, |role| role.oid);
    rows.add([
        ("oid", o(5)),
        ("datname", v(DATABASE)),
        ("datdba", o(owner)),
        ("encoding", n(6)),
        ("datlocprovider", v("c")),
        ("datistemplate", v(false)),
        ("datallowconn", v(true)),
        ("datconnlimit", n(-1)),
        ("datcollate", v("C.UTF-8")),
        ("datctype", v("C.UTF-8")),
    ]);
}

pub(super) fn auth_members(viewer: &Viewer<'_>, rows: &mut Rows) {
    for membership in viewer.catalog.memberships.iter() {
        rows.add([
            ("roleid", o(membership.role)),
            ("member", o(membership.member)),
            ("grantor", o(BOOTSTRAP_ROLE)),
            ("admin_option", v(membership.admin)),
        ]);
    }
}

pub(super) fn default_acl(viewer: &Viewer<'_>, rows: &mut Rows) {
    for row in viewer.catalog.default_privileges.iter() {
        let kind = match row.object {
            DefaultObject::Tables => "r",
            DefaultObject::Sequences => "S",
            DefaultObject::Functions => "f",
            DefaultObject::Types => "T",
            DefaultObject::Schemas => "n",
        };
        rows.add([
            ("defaclrole", o(row.role)),
            ("defaclnamespace", o(row.schema.unwrap_or(0))),
            ("defaclobjtype", v(kind)),
            ("defaclacl", viewer.acl(&Some(row.acl.clone()))),
        ]);
    }
}

/// The letter of a policy's command.
pub(super) fn command_letter(command: PolicyCommand) -> &'static str {
    match command {
        PolicyCommand::All => "*",
        PolicyCommand::Select => "r",
        PolicyCommand::Insert => "a",
        PolicyCommand::Update => "w",
        PolicyCommand::Delete => "d",
    }
}

pub(super) fn policy(viewer: &Viewer<'_>, rows: &mut Rows) {
    for relation in viewer.catalog.relations.values() {
        for policy in &relation.policies {
            let using = policy.using.as_ref().map(|_| Definition::Using(relation.oid, policy.oid));
            let check = policy.check.as_ref().map(|_| Definition::WithCheck(relation.oid, policy.oid));
            rows.add([
                ("oid", o(policy.oid)),
                ("polname", v(&*policy.name)),
                ("polrelid", o(relation.oid)),
                ("polcmd", v(command_letter(policy.command))),
                ("polpermissive", v(policy.permissive)),
                ("polroles", numbers(&policy.roles)),
                ("polqual", node(using)),
                ("polwithcheck", node(check)),
            ]);
        }
    }
}

pub(super) fn extension(viewer: &Viewer<'_>, rows: &mut Rows) {
    for row in viewer.catalog.extensions.values() {
        let version = match row.name.as_str() {
            "plpgsql" => v("1.0"),
            _ => Cell::Refused("the version of an extension".to_owned()),
        };
        rows.add([
            ("oid", o(row.oid)),
            ("extname", v(&*row.name)),
            ("extowner", o(row.owner)),
            ("extnamespace", o(row.schema)),
            ("extrelocatable", v(row.name != "plpgsql")),
            ("extversion", version),
            ("extconfig", NULL),
            ("extcondition", NULL),
        ]);
    }
}

pub(super) fn publication(viewer: &Viewer<'_>, rows: &mut Rows) {
    for row in viewer.catalog.publications.values() {
        rows.add([
            ("oid", o(row.oid)),
            ("pubname", v(&*row.name)),
            ("pubowner", o(row.owner)),
            ("puballtables", v(row.all_tables)),
            ("pubinsert", v(true)),
            ("pubupdate", v(true)),
            ("pubdelete", v(true)),
            ("pubtruncate", v(true)),
            ("pubviaroot", v(false)),
        ]);
    }
}

pub(super) fn publication_rel(viewer: &Viewer<'_>, rows: &mut Rows) {
    for row in viewer.catalog.publications.values() {
        for table in &row.tables {
            rows.add([("prpubid", o(row.oid)), ("prrelid", o(*table)), ("prqual", NULL), ("prattrs", NULL)]);
        }
    }
}

pub(super) fn sequence(viewer: &Viewer<'_>, rows: &mut Rows) {
    for relation in viewer.catalog.relations.values() {
        let Some(sequence) = &relation.sequence else { continue };
        rows.add([
            ("seqrelid", o(relation.oid)),
            ("seqtypid", o(sequence.type_oid)),
            ("seqstart", n(sequence.start)),
            ("seqincrement", n(sequence.increment)),
            ("seqmax", n(sequence.max)),
            ("seqmin", n(sequence.min)),
            ("seqcache", n(sequence.cache)),
            ("seqcycle", v(sequence.cycle)),
        ]);
    }
}

/// The OIDs of the catalogs that comments name.
pub(super) mod class {
    use catalog::Oid;
    pub(in crate::system) const TYPE: Oid = 1247;
    pub(in crate::system) const PROC: Oid = 1255;
    pub(in crate::system) const CLASS: Oid = 1259;
    pub(in crate::system) const CONSTRAINT: Oid = 2606;
    pub(in crate::system) const NAMESPACE: Oid = 2615;
    pub(in crate::system) const TRIGGER: Oid = 2620;
    pub(in crate::system) const EXTENSION: Oid = 3079;
    pub(in crate::system) const POLICY: Oid = 3256;
    pub(in crate::system) const PUBLICATION: Oid = 6104;
}

/// Every comment: object, catalog, column, text.
pub(super) fn comments<'a>(viewer: &Viewer<'a>) -> Vec<(Oid, Oid, i64, &'a str)> {
    let catalog = viewer.catalog;
    let mut found = Vec::new();
    let mut note = |oid: Oid, class: Oid, column: i64, text: &'a Option<String>| {
        if let Some(text) = text {
            found.push((oid, class, column, text.as_str()));
        }
    };
    for row in catalog.schemas.values() {
        note(row.oid, class::NAMESPACE, 0, &row.comment);
    }
    for row in catalog.relations.values() {
        match row.kind {
            RelationKind::Composite => note(row.row_type, class::TYPE, 0, &row.comment),
            _ => note(row.oid, class::CLASS, 0, &row.comment),
        }
        for column in &row.columns {
            note(row.oid, class::CLASS, i64::from(column.number), &column.comment);
        }
        for constraint in &row.constraints {
            note(constraint.oid, class::CONSTRAINT, 0, &constraint.comment);
        }
        for policy in &row.policies {
            note(policy.oid, class::POLICY, 0, &policy.comment);
        }
        for trigger in &row.triggers {
            note(trigger.oid, class::TRIGGER, 0, &trigger.comment);
        }
    }
    for row in catalog.indexes.values() {
        note(row.oid, class::CLASS, 0, &row.comment);
    }
    for row in catalog.types.values() {
        note(row.oid, class::TYPE, 0, &row.comment);
    }
    for row in catalog.functions.values() {
        note(row.oid, class::PROC, 0, &row.comment);
    }
    for row in catalog.extensions.values() {
        note(row.oid, class::EXTENSION, 0, &row.comment);
    }
    for row in catalog.publications.values() {
        note(row.oid, class::PUBLICATION, 0, &row.comment);
    }
    found
}

pub(super) fn description(viewer: &Viewer<'_>, rows: &mut Rows) {
    for (oid, class, column, text) in comments(viewer) {
        rows.add([
            ("objoid", o(oid)),
            ("classoid", o(class)),
            ("objsubid", n(column)),
            ("description", v(text)),
        ]);
    }
}

/// The names of the roles of a policy.
pub(super) fn role_names(viewer: &Viewer<'_>, roles: &[Oid]) -> Cell {
    let name = |role: &Oid| if *role == 0 { "public" } else { viewer.role_name(*role) };
    texts(roles.iter().map(name))
}
