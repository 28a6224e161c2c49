//! A catalog in the lines that state.sql prints.

use catalog::lookup::{SearchPath, quote_identifier};
use catalog::privileges::{AclClass, PUBLIC};
use catalog::{
    Acl, AclItem, Catalog, ColumnNumber, ConstraintKind, DefaultObject, FunctionKind, IndexKey, ObjectRef,
    Oid, PolicyCommand, Privileges, ReferentialAction, Relation, RelationKind, TypeKind, TypeRef, Volatility,
};
use std::collections::BTreeMap;

pub(crate) struct State<'c> {
    pub(crate) catalog: &'c Catalog,
    pub(crate) path: SearchPath,
    lines: Vec<(u8, String)>,
}

fn kind_letter(kind: RelationKind) -> char {
    match kind {
        RelationKind::Table => 'r',
        RelationKind::View => 'v',
        RelationKind::MaterializedView => 'm',
        RelationKind::Sequence => 'S',
        RelationKind::ForeignTable => 'f',
        RelationKind::PartitionedTable => 'p',
        RelationKind::Composite => 'c',
    }
}

fn action_letter(action: ReferentialAction) -> char {
    match action {
        ReferentialAction::NoAction => 'a',
        ReferentialAction::Restrict => 'r',
        ReferentialAction::Cascade => 'c',
        ReferentialAction::SetNull => 'n',
        ReferentialAction::SetDefault => 'd',
    }
}

const PRIVILEGES: [&str; 10] = [
    "insert",
    "select",
    "update",
    "delete",
    "truncate",
    "references",
    "trigger",
    "execute",
    "usage",
    "create",
];

impl<'c> State<'c> {
    pub(crate) fn new(catalog: &'c Catalog, path: SearchPath) -> State<'c> {
        State { catalog, path, lines: Vec::new() }
    }

    fn add(&mut self, class: u8, line: String) {
        self.lines.push((class, line));
    }

    fn role(&self, oid: Oid) -> String {
        match oid {
            PUBLIC => "public".to_owned(),
            _ => self.catalog.roles[&oid].name.clone(),
        }
    }

    fn schema(&self, oid: Oid) -> &str {
        &self.catalog.schemas[&oid].name
    }

    fn regclass(&self, oid: Oid) -> String {
        let row = &self.catalog.relations[&oid];
        let visible = self.path.schemas().find(|schema| self.catalog.relation(*schema, &row.name).is_some());
        let name = quote_identifier(&row.name);
        match visible == Some(row.schema) {
            true => name,
            false => format!("{}.{name}", self.schema(row.schema)),
        }
    }

    fn columns(&self, relation: &Relation, numbers: &[ColumnNumber]) -> String {
        let name = |number: &ColumnNumber| relation.column_number(*number).map_or("?", |column| &column.name);
        numbers.iter().map(name).collect::<Vec<_>>().join(",")
    }

    pub(crate) fn lines(mut self) -> Vec<String> {
        self.schemas();
        self.relations();
        self.indexes();
        self.functions();
        self.types();
        self.acls();
        self.roles();
        self.comments();
        self.permissions();
        let publications: Vec<_> = self.catalog.publications.values().cloned().collect();
        for row in publications {
            let mut tables: Vec<String> = row.tables.iter().map(|oid| self.regclass(*oid)).collect();
            tables.sort();
            let tables = if tables.is_empty() { String::new() } else { format!(" {}", tables.join(",")) };
            self.add(15, format!("publication {} {}{tables}", row.name, row.all_tables));
        }
        self.lines.sort();
        self.lines.into_iter().map(|(_, line)| line).collect()
    }

    fn schemas(&mut self) {
        for row in self.catalog.schemas.values() {
            if !matches!(row.name.as_str(), "public" | "pg_catalog" | "information_schema") {
                let line = format!("schema {} owner {}", row.name, self.role(row.owner));
                self.add(1, line);
            }
        }
    }

    fn relations(&mut self) {
        for relation in self.catalog.relations.values() {
            let name = format!("{}.{}", self.schema(relation.schema), relation.name);
            let security = if relation.row_security { " row security" } else { "" };
            let forced = if relation.force_row_security { " forced" } else { "" };
            let (letter, owner) = (kind_letter(relation.kind), self.role(relation.owner));
            self.add(2, format!("relation {name} {letter} owner {owner}{security}{forced}"));
            for column in &relation.columns {
                let type_name = self.catalog.format_type(&self.path, column.type_ref);
                let mut line = format!("column {name}.{} {type_name}", column.name);
                if column.not_null {
                    line.push_str(" not null");
                }
                if column.default.is_some() {
                    line.push_str(if column.generated { " generated" } else { " default" });
                }
                if let Some(identity) = column.identity {
                    line.push_str(if identity.always { " identity always" } else { " identity by default" });
                }
                self.add(3, line);
            }
            for constraint in &relation.constraints {
                let (letter, columns, mut tail) = match &constraint.kind {
                    ConstraintKind::Check { columns, .. } => ('c', columns, String::new()),
                    ConstraintKind::PrimaryKey { columns, .. } => ('p', columns, String::new()),
                    ConstraintKind::Unique { columns, .. } => ('u', columns, String::new()),
                    ConstraintKind::ForeignKey(key) => {
                        let target = &self.catalog.relations[&key.referenced];
                        let tail = format!(
                            " to {} ({}) {}{}{}",
                            self.regclass(key.referenced),
                            self.columns(target, &key.referenced_columns),
                            action_letter(key.on_delete),
                            action_letter(key.on_update),
                            if key.match_full { 'f' } else { 's' }
                        );
                        ('f', &key.columns, tail)
                    }
                };
                if constraint.deferrable {
                    tail.push_str(" deferrable");
                }
                if constraint.initially_deferred {
                    tail.push_str(" deferred");
                }
                if !constraint.validated {
                    tail.push_str(" not valid");
                }
                let columns = self.columns(relation, columns);
                self.add(4, format!("constraint {name}.{} {letter} ({columns}){tail}", constraint.name));
            }
            if let Some(sequence) = &relation.sequence {
                let type_name =
                    self.catalog.format_type(&self.path, TypeRef { oid: sequence.type_oid, modifier: -1 });
                let owner = match sequence.owned_by {
                    Some((table, number)) => {
                        let column = self.columns(&self.catalog.relations[&table], &[number]);
                        format!(" of {}.{column}", self.regclass(table))
                    }
                    None => String::new(),
                };
                self.add(
                    6,
                    format!(
                        "sequence {name} {type_name} {} {} {} {} {}{}{owner}",
                        sequence.start,
                        sequence.increment,
                        sequence.min,
                        sequence.max,
                        sequence.cache,
                        if sequence.cycle { " cycle" } else { "" }
                    ),
                );
            }
            self.policies_and_triggers(relation);
        }
    }

    fn policies_and_triggers(&mut self, relation: &Relation) {
        let table = self.regclass(relation.oid);
        for policy in &relation.policies {
            let letter = match policy.command {
                PolicyCommand::All => '*',
                PolicyCommand::Select => 'r',
                PolicyCommand::Insert => 'a',
                PolicyCommand::Update => 'w',
                PolicyCommand::Delete => 'd',
            };
            let roles: Vec<String> = policy.roles.iter().map(|role| self.role(*role)).collect();
            self.add(
                7,
                format!(
                    "policy {table}.{} {letter}{} to {}{}{}",
                    policy.name,
                    if policy.permissive { "" } else { " restrictive" },
                    roles.join(","),
                    if policy.using.is_some() { " using" } else { "" },
                    if policy.check.is_some() { " check" } else { "" }
                ),
            );
        }
        for trigger in &relation.triggers {
            let mut bits = u16::from(trigger.for_each_row);
            let flags = [
                (trigger.timing == "BEFORE", 2),
                (trigger.on_insert, 4),
                (trigger.on_delete, 8),
                (trigger.on_update, 16),
                (trigger.on_truncate, 32),
                (trigger.timing == "INSTEAD OF", 64),
            ];
            for (on, bit) in flags {
                bits |= if on { bit } else { 0 };
            }
            let columns: Vec<String> = trigger.update_columns.iter().map(ToString::to_string).collect();
            let function = &self.catalog.functions[&trigger.function];
            let mut line = format!(
                "trigger {table}.{} type {bits} enabled {} function {} columns ({})",
                trigger.name,
                trigger.enabled,
                function.name,
                columns.join(",")
            );
            if trigger.when.is_some() {
                line.push_str(" when");
            }
            if trigger.constraint {
                line.push_str(" constraint");
            }
            if let Some(old) = &trigger.old_table {
                line.push_str(&format!(" old {old}"));
            }
            if let Some(new) = &trigger.new_table {
                line.push_str(&format!(" new {new}"));
            }
            self.add(8, line);
        }
    }

    fn indexes(&mut self) {
        for index in self.catalog.indexes.values() {
            let key = |element: &catalog::IndexElement| match element.key {
                IndexKey::Column(number) => number.to_string(),
                IndexKey::Expression(_) => "0".to_owned(),
            };
            let mut keys: Vec<String> = index.elements.iter().map(key).collect();
            keys.extend(index.include.iter().map(ToString::to_string));
            let option = |element: &catalog::IndexElement| {
                let bits = u8::from(element.descending) | (u8::from(element.nulls_first) << 1);
                bits.to_string()
            };
            let options: Vec<String> = index.elements.iter().map(option).collect();
            let line = format!(
                "index {}.{} on {} {}{} ({}) {} options {}{}{}",
                self.schema(index.schema),
                index.name,
                self.regclass(index.table),
                index.method,
                if index.unique { " unique" } else { "" },
                keys.join(","),
                index.elements.len(),
                options.join(","),
                if index.filter.is_some() { " partial" } else { "" },
                if index.nulls_not_distinct { " nulls not distinct" } else { "" }
            );
            self.add(5, line);
        }
    }

    fn signature(&self, function: &catalog::Function) -> String {
        let types: Vec<String> =
            function.input_types().map(|oid| self.catalog.format_type_oid(&self.path, oid)).collect();
        let inputs: Vec<Oid> = function.input_types().collect();
        let found = self.path.schemas().find(|schema| {
            self.catalog
                .functions_in(*schema, &function.name)
                .any(|other| other.input_types().eq(inputs.iter().copied()))
        });
        let name = match found == Some(function.schema) {
            true => function.name.clone(),
            false => format!("{}.{}", self.schema(function.schema), function.name),
        };
        format!("{name}({})", types.join(","))
    }

    fn functions(&mut self) {
        for function in self.catalog.functions.values() {
            let defaults = function.inputs().filter(|parameter| parameter.default.is_some()).count();
            let settings: Vec<String> =
                function.settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let line = format!(
                "function {} {} returns {}{} {}{}{} defaults {defaults}{} owner {}",
                self.signature(function),
                match function.kind {
                    FunctionKind::Function => 'f',
                    FunctionKind::Procedure => 'p',
                    FunctionKind::Aggregate => 'a',
                    FunctionKind::Window => 'w',
                },
                if function.returns_set { "setof " } else { "" },
                self.catalog.format_type_oid(&self.path, function.returns.oid),
                match function.volatility {
                    Volatility::Immutable => 'i',
                    Volatility::Stable => 's',
                    Volatility::Volatile => 'v',
                },
                if function.strict { " strict" } else { "" },
                if function.security_definer { " definer" } else { "" },
                if settings.is_empty() { String::new() } else { format!(" set {}", settings.join(" ")) },
                self.role(function.owner)
            );
            self.add(9, line);
        }
    }

    fn types(&mut self) {
        for row in self.catalog.types.values() {
            let (letter, tail) = match &row.kind {
                TypeKind::Enum { labels } => {
                    let labels: Vec<&str> = labels.iter().map(|row| row.label.as_str()).collect();
                    let tail = if labels.is_empty() {
                        String::new()
                    } else {
                        format!(" labels {}", labels.join(","))
                    };
                    ('e', tail)
                }
                TypeKind::Domain { base, not_null, default, checks } => {
                    let mut tail = format!(" base {}", self.catalog.format_type(&self.path, *base));
                    if *not_null {
                        tail.push_str(" not null");
                    }
                    if default.is_some() {
                        tail.push_str(" default");
                    }
                    let mut names: Vec<String> = checks
                        .iter()
                        .map(|check| format!("{}{}", check.name, if check.validated { "" } else { "?" }))
                        .collect();
                    names.sort();
                    if !names.is_empty() {
                        tail.push_str(&format!(" checks {}", names.join(",")));
                    }
                    ('d', tail)
                }
                TypeKind::Composite { .. } => ('c', String::new()),
                TypeKind::Array { .. } | TypeKind::Other { .. } => continue,
            };
            let line = format!(
                "type {}.{} {letter} owner {}{tail}",
                self.schema(row.schema),
                row.name,
                self.role(row.owner)
            );
            self.add(10, line);
        }
    }

    fn acl(&mut self, object: &str, acl: &Acl) {
        let mut merged: BTreeMap<(Oid, Oid), AclItem> = BTreeMap::new();
        for item in acl.iter().flatten() {
            let slot = merged.entry((item.grantee, item.grantor)).or_insert(*item);
            slot.privileges = slot.privileges.union(item.privileges);
            slot.grantable = slot.grantable.union(item.grantable);
        }
        for item in merged.values() {
            let mut words: Vec<String> = PRIVILEGES
                .iter()
                .enumerate()
                .filter(|(bit, _)| item.privileges.0 & (1 << bit) != 0)
                .map(|(bit, word)| {
                    let star = if item.grantable.0 & (1 << bit) != 0 { "*" } else { "" };
                    format!("{word}{star}")
                })
                .collect();
            words.sort_by(|left, right| left.trim_end_matches('*').cmp(right.trim_end_matches('*')));
            let line = format!(
                "acl {object} {} {} by {}",
                self.role(item.grantee),
                words.join(","),
                self.role(item.grantor)
            );
            self.add(11, line);
        }
    }

    fn acls(&mut self) {
        for row in self.catalog.schemas.values() {
            if !matches!(row.name.as_str(), "public" | "pg_catalog" | "information_schema") {
                self.acl(&format!("schema {}", row.name), &row.acl);
            }
        }
        for row in self.catalog.relations.values() {
            let name = format!("{}.{}", self.schema(row.schema), row.name);
            self.acl(&format!("relation {name}"), &row.acl);
            for column in &row.columns {
                self.acl(&format!("column {name}.{}", column.name), &column.acl);
            }
        }
        for row in self.catalog.functions.values() {
            self.acl(&format!("function {}.{}", self.schema(row.schema), row.name), &row.acl);
        }
        for row in self.catalog.types.values() {
            self.acl(&format!("type {}.{}", self.schema(row.schema), row.name), &row.acl);
        }
        for row in self.catalog.default_privileges.iter() {
            let schema = row.schema.map_or("-", |schema| self.schema(schema)).to_owned();
            let letter = match row.object {
                DefaultObject::Tables => 'r',
                DefaultObject::Sequences => 'S',
                DefaultObject::Functions => 'f',
                DefaultObject::Types => 'T',
                DefaultObject::Schemas => 'n',
            };
            let object = format!("default {} {schema} {letter}", self.role(row.role));
            self.acl(&object, &Some(row.acl.clone()));
            assert_eq!(AclClass::from(row.object).all().0 & 1, u16::from(letter == 'r'));
        }
    }

    fn roles(&mut self) {
        for role in self.catalog.roles.values().filter(|role| role.name.starts_with("case_")) {
            let mut line = format!("role {}", role.name);
            let flags = [
                (role.superuser, " superuser"),
                (!role.inherit, " noinherit"),
                (role.create_role, " createrole"),
                (role.create_db, " createdb"),
                (role.login, " login"),
                (role.bypass_rls, " bypassrls"),
            ];
            for (on, word) in flags {
                line.push_str(if on { word } else { "" });
            }
            let settings: Vec<String> =
                role.settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
            if !settings.is_empty() {
                line.push_str(&format!(" set {}", settings.join(" ")));
            }
            self.add(12, line);
        }
        for row in self.catalog.memberships.iter() {
            if self.role(row.role).starts_with("case_") {
                let admin = if row.admin { " admin" } else { "" };
                let line = format!("member {} of {}{admin}", self.role(row.member), self.role(row.role));
                self.add(13, line);
            }
        }
    }

    fn permissions(&mut self) {
        let catalog = self.catalog;
        let words = |names: &[&str], held: &dyn Fn(Privileges) -> bool| -> String {
            let mut words: Vec<&str> = PRIVILEGES
                .iter()
                .enumerate()
                .filter(|(bit, word)| names.contains(word) && held(Privileges(1 << bit)))
                .map(|(_, word)| *word)
                .collect();
            words.sort_unstable();
            words.join(",")
        };
        let roles: Vec<_> = catalog.roles.values().filter(|role| role.name.starts_with("case_")).collect();
        for role in &roles {
            let name = &role.name;
            for row in catalog.relations.values() {
                if !matches!(row.kind, RelationKind::Table | RelationKind::View) {
                    continue;
                }
                let place = format!("{}.{}", self.schema(row.schema), row.name);
                let all = &PRIVILEGES[..7];
                let whole = words(all, &|one| catalog.has_relation_privilege(role.oid, row, one));
                let columns = ["select", "insert", "update", "references"];
                let any = words(&columns, &|one| catalog.has_any_column_privilege(role.oid, row, one));
                if !whole.is_empty() {
                    self.add(16, format!("may {name} {place} {whole}"));
                }
                if !any.is_empty() {
                    self.add(17, format!("may {name} column of {place} {any}"));
                }
            }
            for row in catalog.functions.values().filter(|row| catalog.may_execute(role.oid, row)) {
                let signature = self.signature(row);
                self.add(18, format!("may {name} execute {signature}"));
            }
            for row in catalog.schemas.values() {
                if matches!(row.name.as_str(), "pg_catalog" | "information_schema") {
                    continue;
                }
                let held =
                    words(&["create", "usage"], &|one| catalog.has_schema_privilege(role.oid, row, one));
                if !held.is_empty() {
                    self.add(19, format!("may {name} in {} {held}", row.name));
                }
            }
            for other in roles.iter().filter(|other| catalog.is_member_of(role.oid, other.oid)) {
                self.add(20, format!("set role {name} to {}", other.name));
            }
        }
    }

    fn comment(&mut self, object: ObjectRef, comment: &Option<String>) {
        if let Some(comment) = comment {
            let line = format!("comment {}: {comment}", self.catalog.describe(&self.path, object));
            self.add(14, line);
        }
    }

    fn comments(&mut self) {
        for row in self.catalog.schemas.values().filter(|row| row.oid >= catalog::FIRST_USER_OID) {
            if let Some(comment) = &row.comment {
                let line = format!("comment schema {}: {comment}", row.name);
                self.add(14, line);
            }
        }
        for row in self.catalog.relations.values() {
            self.comment(ObjectRef::Relation(row.oid), &row.comment);
            for column in &row.columns {
                self.comment(ObjectRef::Column(row.oid, column.number), &column.comment);
            }
            for part in &row.constraints {
                self.comment(ObjectRef::Constraint(part.oid), &part.comment);
            }
            for part in &row.policies {
                self.comment(ObjectRef::Policy(part.oid), &part.comment);
            }
            for part in &row.triggers {
                self.comment(ObjectRef::Trigger(part.oid), &part.comment);
            }
        }
        for row in self.catalog.indexes.values() {
            self.comment(ObjectRef::Index(row.oid), &row.comment);
        }
        for row in self.catalog.types.values() {
            self.comment(ObjectRef::Type(row.oid), &row.comment);
        }
        for row in self.catalog.functions.values() {
            self.comment(ObjectRef::Function(row.oid), &row.comment);
        }
    }
}
