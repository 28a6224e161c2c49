//! Generates a schema: its types, tables, rows, functions and views as statements, and its [`Model`].

use crate::dice::Dice;
use crate::expression::{Generator, Known};
use crate::extras;
use crate::kind::{KINDS, Kind, quoted};
use crate::model::{Column, Function, Model, ROLES, Relation, Rights, User};
use std::collections::BTreeSet;

/// A generated schema.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    /// What is in it.
    pub model: Model,
    /// Makes types, tables, functions, views and grants.
    pub definitions: Vec<String>,
    /// Fills the tables.
    pub rows: Vec<String>,
}

/// The users' ids.
pub const SUBJECTS: &[&str] = &[
    "00000000-0000-0000-0000-00000000000a",
    "00000000-0000-0000-0000-00000000000b",
    "00000000-0000-0000-0000-00000000000c",
];

/// The schema of a seed.
pub fn schema(dice: &mut Dice) -> Schema {
    let mut schema = Schema::default();
    users(&mut schema.model, dice);
    let labels = ["low", "Mid", "high", "á la", "zero"];
    schema.model.labels = dice.some(&labels, 5).into_iter().map(str::to_owned).collect();
    if dice.chance(50) {
        schema.model.labels.reverse();
    }
    schema.definitions.push("grant usage, create on schema public to clerk".to_owned());
    let shown: Vec<_> = schema.model.labels.iter().map(|label| quoted(label)).collect();
    schema.definitions.push(format!("create type mood as enum ({})", shown.join(", ")));
    pure_functions(&mut schema);
    members(&mut schema, dice);
    extras::log(&mut schema);
    team_functions(&mut schema, dice);
    for number in 0..dice.within(2, 4) {
        table(&mut schema, dice, number);
    }
    functions(&mut schema, dice);
    for number in 0..dice.within(1, 3) {
        view(&mut schema, dice, number);
    }
    extras::routines(&mut schema, dice);
    privileges(&mut schema, dice);
    extras::triggers(&mut schema, dice);
    schema
}

fn users(model: &mut Model, dice: &mut Dice) {
    let claims = |role: &str, subject: &str, team: usize| {
        Some(format!(
            "{{\"role\": \"{role}\", \"sub\": \"{subject}\", \"team\": {team}, \"app_metadata\": {{\"level\": \"{}\"}}}}",
            ["low", "high"][team % 2]
        ))
    };
    model.users.push(User { role: "anon", claims: Some("{\"role\": \"anon\"}".to_owned()) });
    for (at, subject) in SUBJECTS.iter().enumerate() {
        let claims = claims("authenticated", subject, at + 1);
        model.users.push(User { role: "authenticated", claims });
    }
    model.users.push(User { role: "service_role", claims: Some("{\"role\": \"service_role\"}".to_owned()) });
    let team = dice.within(1, 3);
    model.users.push(User { role: "clerk", claims: claims("clerk", SUBJECTS[0], team) });
    model.users.push(User { role: "postgres", claims: None });
}

fn plain(name: &str, kind: Kind, not_null: bool) -> Column {
    Column { name: name.to_owned(), kind, not_null, generated: false, references: None, default: false }
}

fn everything(columns: usize) -> Rights {
    let all: BTreeSet<usize> = (0..columns).collect();
    Rights { select: all.clone(), insert: all.clone(), update: all, delete: true }
}

fn relation(name: String, columns: Vec<Column>, key: Vec<usize>) -> Relation {
    let mut rights = vec![everything(columns.len()); ROLES.len()];
    rights[3] = Rights::default();
    Relation {
        name,
        columns,
        key,
        unique: Vec::new(),
        arbiters: Vec::new(),
        triggered: false,
        view: false,
        writable: true,
        rights,
        guarded: false,
    }
}

/// The table that says who is in which team.
fn members(schema: &mut Schema, dice: &mut Dice) {
    schema.definitions.push(
        "create table members (team integer not null, who uuid not null, level integer not null default 1, primary key (team, who))"
            .to_owned(),
    );
    let columns = vec![
        plain("team", Kind::Int4, true),
        plain("who", Kind::Uuid, true),
        plain("level", Kind::Int4, true),
    ];
    let mut relation = relation("members".to_owned(), columns, vec![0, 1]);
    relation.columns[2].default = true;
    schema.model.relations.push(relation);
    let mut rows = Vec::new();
    for team in 1..=3 {
        for subject in SUBJECTS {
            if dice.chance(45) {
                rows.push(format!("({team}, '{subject}', {})", dice.below(4)));
            }
        }
    }
    rows.push(format!("(4, '{}', 2)", SUBJECTS[1]));
    schema.rows.push(format!("insert into members values {}", rows.join(", ")));
}

/// One table with its rows and indexes.
fn table(schema: &mut Schema, dice: &mut Dice, number: usize) {
    let name = format!("t{number}");
    let mut columns = Vec::new();
    let mut parts = Vec::new();
    let key_kind = *dice.pick(&[Kind::Int4, Kind::Int4, Kind::Int8, Kind::Text, Kind::Uuid]);
    let identity = key_kind.is_integer() && dice.chance(40);
    columns.push(plain("id", key_kind, true));
    columns[0].default = identity;
    let how = match dice.below(3) {
        _ if !identity => "",
        0 => " generated by default as identity (start with 1000)",
        1 => " generated by default as identity (start with 500 increment by 5)",
        _ => " generated by default as identity (start 2000)",
    };
    parts.push(format!("id {}{how} primary key", key_kind.name()));
    columns.push(plain("owner", Kind::Uuid, false));
    let with_default = dice.chance(40);
    columns[1].default = with_default;
    parts.push(format!("owner uuid{}", if with_default { " default auth.uid()" } else { "" }));
    columns.push(plain("team", Kind::Int4, false));
    parts.push("team integer".to_owned());
    for at in 0..dice.within(2, 6) {
        let kind = *dice.pick(KINDS);
        let mut column = plain(&format!("c{at}"), kind, dice.chance(25));
        let mut part = format!("{} {}", column.name, kind.name());
        if dice.chance(25) {
            column.default = true;
            let called = if dice.chance(35) { extras::default(dice, kind) } else { None };
            let value = match called {
                Some(called) => called.to_owned(),
                None => kind.literal(dice, &schema.model.labels),
            };
            part += &format!(" default {value}");
        }
        if column.not_null {
            part += " not null";
        }
        parts.push(part);
        columns.push(column);
    }
    // To an earlier table, or to itself.
    let earlier: Vec<usize> = (1..schema.model.relations.len()).collect();
    for at in 0..dice.below(3) {
        let own = earlier.is_empty() || dice.chance(20);
        let target = if own { schema.model.relations.len() } else { *dice.pick(&earlier) };
        let (target_name, kind) = if own {
            (name.clone(), key_kind)
        } else {
            (schema.model.relations[target].name.clone(), schema.model.relations[target].columns[0].kind)
        };
        let mut column = plain(&format!("r{at}"), kind, false);
        column.references = Some(target);
        let action = dice.pick(&[
            "",
            " on delete cascade",
            " on delete set null",
            " on delete restrict",
            " on update cascade",
        ]);
        let when = dice.pick(&["", "", "", " deferrable", " deferrable initially deferred"]);
        parts.push(format!("r{at} {} references {target_name} (id){action}{when}", kind.name()));
        columns.push(column);
    }
    if dice.chance(30) {
        let (kind, expression) = extras::generated(dice);
        let mut column = plain("g", kind, false);
        column.generated = true;
        parts.push(format!("g {} generated always as ({expression}) stored", kind.name()));
        columns.push(column);
    }
    if dice.chance(40) {
        parts.push(format!("check (team < {})", dice.within(8, 12)));
    }
    let mut relation = relation(name.clone(), columns, vec![0]);
    if dice.chance(25) {
        relation.unique.push(vec![1, 2]);
        parts.push("unique (owner, team)".to_owned());
    }
    schema.definitions.push(format!("create table {name} ({})", parts.join(", ")));
    indexes(schema, dice, &relation);
    extras::arbiters(schema, dice, &mut relation);
    rows(schema, dice, &relation);
    schema.model.relations.push(relation);
}

fn indexes(schema: &mut Schema, dice: &mut Dice, relation: &Relation) {
    for (at, column) in relation.columns.iter().enumerate() {
        if at > 0 && dice.chance(35) {
            let order = dice.pick(&["", " desc", " desc nulls last", " nulls first"]);
            let filter =
                if dice.chance(20) { format!(" where {} is not null", column.name) } else { String::new() };
            schema
                .definitions
                .push(format!("create index on {} ({}{order}){filter}", relation.name, column.name));
        }
        if column.kind == Kind::Text && dice.chance(30) {
            schema.definitions.push(format!("create index on {} (lower({}))", relation.name, column.name));
        }
    }
}

/// The keys that rows are made with.
pub fn key_text(kind: Kind, number: usize) -> String {
    match kind {
        Kind::Text => quoted(&format!("k{number}")),
        Kind::Uuid => quoted(&format!("00000000-0000-0000-0001-{number:012}")),
        _ => number.to_string(),
    }
}

/// How many rows a table has at most.
pub const ROWS: usize = 30;

fn rows(schema: &mut Schema, dice: &mut Dice, relation: &Relation) {
    let given: Vec<&Column> = relation.columns.iter().filter(|column| !column.generated).collect();
    let names: Vec<&str> = given.iter().map(|column| column.name.as_str()).collect();
    let mut values = Vec::new();
    let mut taken = BTreeSet::new();
    for number in 1..=dice.within(12, ROWS) {
        let mut row: Vec<String> =
            given.iter().map(|column| row_value(schema, dice, column, number)).collect();
        // A row that a unique constraint would leave out could not be referred to.
        if !relation.unique.is_empty() && !taken.insert((row[1].clone(), row[2].clone())) {
            row[1] = "null".to_owned();
        }
        values.push(format!("({})", row.join(", ")));
    }
    schema.rows.push(format!(
        "insert into {} ({}) values {} on conflict do nothing",
        relation.name,
        names.join(", "),
        values.join(", ")
    ));
}

fn row_value(schema: &Schema, dice: &mut Dice, column: &Column, number: usize) -> String {
    if column.name == "id" {
        return key_text(column.kind, number);
    }
    if !column.not_null && dice.chance(12) {
        return "null".to_owned();
    }
    if column.name == "owner" {
        return quoted(dice.word(SUBJECTS));
    }
    if column.name == "team" {
        return dice.within(1, 5).to_string();
    }
    match column.references {
        // A row may refer to one before it, so that it is there.
        Some(target) if target == schema.model.relations.len() => match number {
            1 => "null".to_owned(),
            _ => key_text(column.kind, dice.within(1, number - 1).min(12)),
        },
        Some(_) => key_text(column.kind, dice.within(1, 12)),
        None => column.kind.bare(dice, &schema.model.labels),
    }
}

/// Functions of their arguments alone.
fn pure_functions(schema: &mut Schema) {
    schema.definitions.push(
        "create function twice(n integer) returns integer language sql immutable strict as 'select n * 2'"
            .to_owned(),
    );
    schema.definitions.push(
        "create function label(s text, n integer default 0) returns text language sql immutable as $$select coalesce(s, '-') || ':' || n$$"
            .to_owned(),
    );
}

/// Functions that look at who is in which team.
fn team_functions(schema: &mut Schema, dice: &mut Dice) {
    let definer = |dice: &mut Dice| if dice.chance(60) { " security definer" } else { "" };
    let guard = definer(dice);
    schema.definitions.push(format!(
        "create function in_team(team integer) returns boolean language sql stable{guard} as $$select exists (select 1 from members m where m.team = in_team.team and m.who = auth.uid())$$"
    ));
    let guard = definer(dice);
    schema.definitions.push(format!(
        "create function my_teams() returns setof integer language sql stable{guard} as 'select m.team from members m where m.who = auth.uid()'"
    ));
    let guard = definer(dice);
    schema.definitions.push(format!(
        "create function my_level(team integer, low integer default 1) returns integer language sql stable{guard} as $$select max(m.level) from members m where m.team = $1 and m.who = auth.uid() and m.level >= low$$"
    ));
}

/// Functions that policies, views and queries call.
fn functions(schema: &mut Schema, dice: &mut Dice) {
    let guard = if dice.chance(60) { " security definer" } else { "" };
    let function = |name: &str, names: &[&str], arguments: &[Kind], result| Function {
        name: name.to_owned(),
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        arguments: arguments.to_vec(),
        result,
        called: true,
    };
    schema.model.functions = vec![
        function("in_team", &["team"], &[Kind::Int4], Kind::Bool),
        function("my_level", &["team"], &[Kind::Int4], Kind::Int4),
        function("twice", &["n"], &[Kind::Int4], Kind::Int4),
        function("label", &["s", "n"], &[Kind::Text, Kind::Int4], Kind::Text),
        function("label", &["s"], &[Kind::Text], Kind::Text),
    ];
    let from = dice.within(1, schema.model.relations.len() - 1);
    let relation = &schema.model.relations[from];
    schema.definitions.push(format!(
        "create function rows_of(team integer) returns setof {} language sql stable{guard} as 'select * from {} x where x.team = $1'",
        relation.name, relation.name
    ));
}

/// A view: of one table, of a join, or of groups.
fn view(schema: &mut Schema, dice: &mut Dice, number: usize) {
    let name = format!("v{number}");
    let with_id = |at: &usize| schema.model.relations[*at].columns[0].name == "id";
    let tables: Vec<usize> = (1..schema.model.relations.len()).filter(with_id).collect();
    let base = schema.model.relations[*dice.pick(&tables)].clone();
    let invoker = if dice.chance(50) { " with (security_invoker = true)" } else { "" };
    let known: Vec<Known> =
        base.columns.iter().map(|column| Known::new(format!("x.{}", column.name), column.kind)).collect();
    let mut generator = Generator::new(&schema.model, dice, "postgres");
    generator.mentions_sets = false;
    let (sql, columns, writable) = match generator.dice.below(4) {
        0 | 1 => {
            let kept: Vec<usize> = {
                let rest: Vec<usize> = (3..base.columns.len()).collect();
                let mut kept = vec![0, 1, 2];
                kept.extend(generator.dice.some(&rest, 4));
                kept
            };
            let mut columns: Vec<Column> = kept.iter().map(|at| base.columns[*at].clone()).collect();
            let names: Vec<String> = columns.iter().map(|column| format!("x.{}", column.name)).collect();
            let filter = generator.predicate(&known, 1);
            let plain = base.writable;
            columns.iter_mut().for_each(|column| column.references = None);
            (format!("select {} from {} x where {filter}", names.join(", "), base.name), columns, plain)
        }
        2 => {
            let columns = vec![
                plain("id", base.columns[0].kind, false),
                plain("owner", Kind::Uuid, false),
                plain("team", Kind::Int4, false),
                plain("level", Kind::Int4, false),
            ];
            let join = generator.dice.pick(&["join", "left join"]);
            let sql = format!(
                "select x.id, x.owner, x.team, m.level from {} x {join} members m on m.team = x.team and m.who = x.owner",
                base.name
            );
            (sql, columns, false)
        }
        _ => {
            let columns = vec![
                plain("owner", Kind::Uuid, false),
                plain("team", Kind::Int4, false),
                plain("many", Kind::Int8, false),
            ];
            let filter = generator.predicate(&known, 1);
            let sql = format!(
                "select x.owner, max(x.team) as team, count(*) filter (where {filter}) as many from {} x group by x.owner",
                base.name
            );
            (sql, columns, false)
        }
    };
    let check = match dice.below(5) {
        0 if writable => " with check option",
        1 if writable => " with local check option",
        _ => "",
    };
    schema.definitions.push(format!("create view {name}{invoker} as {sql}{check}"));
    if dice.chance(20) {
        schema.definitions.push(format!("alter view {name} owner to clerk"));
    }
    let mut view = relation(name, columns, if writable { vec![0] } else { Vec::new() });
    view.view = true;
    view.writable = writable;
    schema.model.relations.push(view);
}

/// Grants: the default ones, some taken back, some by column, and what the role of our own gets.
fn privileges(schema: &mut Schema, dice: &mut Dice) {
    let mut statements = Vec::new();
    for relation in &mut schema.model.relations {
        let name = relation.name.clone();
        // What functions read must be readable: a privilege that is missing there is noticed by rows, not by statements.
        if dice.chance(80) || relation.name == "members" {
            statements.push(format!("grant select, insert, update, delete on {name} to clerk"));
            relation.rights[3] = everything(relation.columns.len());
        }
        if dice.chance(12) && relation.name != "members" {
            let role = dice.below(2);
            statements.push(format!("revoke all on {name} from {}", ROLES[role]));
            let all: Vec<usize> = relation.all().into_iter().collect();
            let read = dice.some(&all, 6);
            let write = dice.some(&all, 4);
            let list = |columns: &[usize]| {
                let names: Vec<&str> = columns.iter().map(|at| relation.columns[*at].name.as_str()).collect();
                names.join(", ")
            };
            statements.push(format!("grant select ({}) on {name} to {}", list(&read), ROLES[role]));
            statements.push(format!("grant insert, update ({}) on {name} to {}", list(&write), ROLES[role]));
            relation.rights[role] = Rights {
                select: read.into_iter().collect(),
                insert: relation.all(),
                update: write.into_iter().collect(),
                delete: false,
            };
        }
        if !relation.view && dice.chance(15) && relation.name != "members" {
            statements.push(format!("alter table {name} owner to clerk"));
            relation.rights[3] = everything(relation.columns.len());
        }
    }
    schema.definitions.extend(statements);
}
