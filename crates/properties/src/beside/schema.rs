//! Generates schemas of every shape that requests are resolved against: keys of several types, links of every cardinality,
//! views, functions of every way of calling.

use crate::dice::Dice;

/// A type of columns: its name, values, and whether JSON has it as it is.
pub(super) struct Kind {
    pub(super) sql: &'static str,
    pub(super) values: &'static [&'static str],
    pub(super) bare: bool,
}

const fn kind(sql: &'static str, bare: bool, values: &'static [&'static str]) -> Kind {
    Kind { sql, values, bare }
}

pub(super) static INTEGER: Kind = kind("integer", true, &["1", "2", "3", "4", "5", "7", "-3", "0"]);
static TEXT: Kind =
    kind("text", false, &["a", "b", "ab c", "É", "", "x,y", "(p)", "q\"uote", "back\\slash", "null", "1"]);

/// The types of columns that are no keys.
pub(super) static KINDS: &[Kind] = &[
    kind("integer", true, &["1", "2", "3", "4", "5", "7", "-3", "0"]),
    kind("text", false, &["a", "b", "ab c", "É", "", "x,y", "(p)", "q\"uote", "back\\slash", "null", "1"]),
    kind("bigint", true, &["1", "9007199254740993", "-5", "0"]),
    kind("smallint", true, &["1", "2", "-7", "300"]),
    kind("numeric", true, &["1.50", "0", "-12.345", "100000000000000000000.1"]),
    kind("numeric(8,2)", true, &["1.50", "0.00", "-12.34", "99.99"]),
    kind("double precision", true, &["1.5", "0", "-0.1", "1e20"]),
    kind("varchar(10)", false, &["a", "Ab", "ten chars!", "z_z", "50%"]),
    kind("boolean", true, &["true", "false"]),
    kind("date", false, &["2024-01-31", "1999-12-31", "2024-02-29"]),
    kind("timestamptz", false, &["2024-01-31T10:00:00+00:00", "1999-12-31T23:59:59.5+00:00"]),
    kind("timestamp", false, &["2024-01-31T10:00:00", "1999-12-31T23:59:59.25"]),
    kind("time", false, &["10:00:00", "23:59:59.5"]),
    kind("interval", false, &["1 day", "02:03:04", "1 mon"]),
    kind("uuid", false, &["00000000-0000-0000-0000-000000000001", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"]),
    kind("json", true, &["{\"a\":1,\"b\":{\"c\":[1,2]}}", "[1,\"x\",null]", "\"s\"", "null", "{}"]),
    kind(
        "jsonb",
        true,
        &[
            "{\"a\": 1, \"b\": {\"c\": [1, 2]}}",
            "[1, \"x\", null]",
            "\"s\"",
            "{\"a\": \"1\", \"k-e y\": true}",
        ],
    ),
    kind("integer[]", false, &["{1,2}", "{}", "{3,NULL}", "{1}"]),
    kind("text[]", false, &["{a,b}", "{}", "{\"x,y\",NULL}"]),
    kind("api.mood", false, &["sad", "ok", "happy"]),
    kind("bytea", false, &["\\x00ff", "\\x"]),
    kind("int4range", false, &["[1,5)", "empty", "[3,)"]),
    kind("tsvector", false, &["'cat' 'fat'", "'rat'"]),
];

/// A column.
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: &'static Kind,
    /// Whether it may be left out of a new row.
    pub(super) optional: bool,
    /// Whether no value may be given.
    pub(super) generated: bool,
}

/// A foreign key.
pub(super) struct Link {
    pub(super) name: String,
    pub(super) columns: Vec<usize>,
    pub(super) target: usize,
}

/// A table or a view.
pub(super) struct Relation {
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
    /// The primary key.
    pub(super) key: Vec<usize>,
    pub(super) links: Vec<Link>,
    pub(super) is_view: bool,
    /// The rows' keys, as texts.
    keys: Vec<Vec<String>>,
}

/// A schema: the statements that make it, and what requests are made of.
pub(super) struct Schema {
    pub(super) statements: Vec<String>,
    pub(super) relations: Vec<Relation>,
    /// Statements that set every sequence, so that both databases go on from the same number.
    pub(super) sequences: Vec<String>,
    /// Names of functions of rows, by relation.
    pub(super) computed: Vec<(usize, String)>,
    /// The greatest number of rows, of both servers.
    pub(super) max_rows: Option<i64>,
    /// Whether aggregates are allowed, of both servers.
    pub(super) aggregates: bool,
    /// Whether the default schema's functions stand in it too.
    pub(super) table_functions: Vec<(String, usize)>,
}

/// An identifier.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

const TABLES: &[&str] = &["users", "posts", "tags", "orders", "lines", "Big Ones", "tasks", "über"];
const COLUMNS: &[&str] =
    &["name", "n", "Mixed Case", "state", "data", "value", "at", "note", "a_b", "size", "count"];

/// The schema of a seed.
pub(super) fn generate(dice: &mut Dice) -> Schema {
    let mut schema = Schema {
        statements: OPENING.iter().map(|text| (*text).to_owned()).collect(),
        relations: Vec::new(),
        sequences: Vec::new(),
        computed: Vec::new(),
        max_rows: dice.chance(20).then_some(4),
        aggregates: dice.chance(50),
        table_functions: Vec::new(),
    };
    let names = dice.some(TABLES, 5);
    let names = if names.len() < 3 { TABLES[..3].to_vec() } else { names };
    for name in &names {
        table(&mut schema, dice, name);
    }
    junction(&mut schema, dice);
    guard(&mut schema, dice);
    views(&mut schema, dice);
    functions(&mut schema, dice);
    schema.statements.extend(CLOSING.iter().map(|text| (*text).to_owned()));
    schema
}

const OPENING: &[&str] = &[
    "create schema api",
    "create schema other",
    "create schema hidden",
    "grant usage on schema api, other to anon, authenticated, service_role",
    "create type api.mood as enum ('sad', 'ok', 'happy')",
    "create table other.things (id integer primary key, name text)",
    "insert into other.things values (1, 'one'), (2, null)",
    "grant all on other.things to anon, authenticated",
    "create table hidden.secrets (id integer primary key)",
];

const CLOSING: &[&str] = &[
    "grant usage on all sequences in schema api to anon, authenticated",
    "grant execute on all functions in schema api to anon, authenticated",
];

fn key_columns(dice: &mut Dice) -> (Vec<Column>, Vec<usize>, &'static str) {
    let column = |name: &str, kind, optional| Column { name: name.into(), kind, optional, generated: false };
    match dice.below(10) {
        0..4 => (vec![column("id", &INTEGER, true)], vec![0], " generated by default as identity"),
        4 => (vec![column("id", &INTEGER, false)], vec![0], ""),
        5 => (
            vec![Column { generated: true, ..column("id", &INTEGER, true) }],
            vec![0],
            " generated always as identity",
        ),
        6 => (vec![column("code", &TEXT, false)], vec![0], ""),
        7 => (vec![column("id", &KINDS[2], false)], vec![0], ""),
        8 => (vec![column("k1", &INTEGER, false), column("k2", &TEXT, false)], vec![0, 1], ""),
        _ => (vec![column("id", &INTEGER, false)], Vec::new(), ""),
    }
}

fn table(schema: &mut Schema, dice: &mut Dice, name: &str) {
    let at = schema.relations.len();
    let (mut columns, key, identity) = key_columns(dice);
    let mut defined: Vec<String> = columns
        .iter()
        .map(|column| format!("{} {}{identity} not null", quoted(&column.name), column.kind.sql))
        .collect();
    for name in dice.some(COLUMNS, 6) {
        let kind = &KINDS[dice.below(KINDS.len())];
        let ending = match dice.below(8) {
            0 => format!(" default {}", literal(dice.word(kind.values))),
            1 => " not null".to_owned(),
            _ => String::new(),
        };
        defined.push(format!("{} {}{ending}", quoted(name), kind.sql));
        columns.push(Column { name: name.into(), kind, optional: ending != " not null", generated: false });
    }
    let number = columns.iter().skip(key.len()).find(|column| column.kind.sql == "integer");
    if let Some(number) = number.filter(|_| dice.chance(40)) {
        defined.push(format!("twice integer generated always as ({} * 2) stored", quoted(&number.name)));
        columns.push(Column { name: "twice".into(), kind: &INTEGER, optional: true, generated: true });
    }
    let mut links = Vec::new();
    let targets: Vec<usize> = (0..=at)
        .filter(|target| schema.relations.get(*target).map_or(!key.is_empty(), |other| !other.key.is_empty()))
        .collect();
    for number in 0..dice.below(4) {
        let Some(&target) = targets.get(dice.below(targets.len().max(1))) else { continue };
        let (their_name, their_columns): (&str, Vec<(&str, &'static Kind)>) =
            match schema.relations.get(target) {
                Some(other) => (
                    &other.name,
                    other.key.iter().map(|&k| (&*other.columns[k].name, other.columns[k].kind)).collect(),
                ),
                None => (name, key.iter().map(|&k| (&*columns[k].name, columns[k].kind)).collect()),
            };
        let link = format!("{}_fk{number}", name.to_lowercase().replace(' ', "_"));
        let own: Vec<(String, &'static Kind)> = their_columns
            .iter()
            .map(|(column, kind)| {
                (format!("{}_{column}{number}", their_name.to_lowercase().replace(' ', "_")), *kind)
            })
            .collect();
        let list = |names: Vec<&str>| names.into_iter().map(quoted).collect::<Vec<_>>().join(", ");
        let unique = if dice.chance(25) {
            format!(", unique ({})", list(own.iter().map(|(name, _)| &**name).collect()))
        } else {
            String::new()
        };
        let constraint = format!(
            "constraint {link} foreign key ({}) references api.{} ({}){unique}",
            list(own.iter().map(|(name, _)| &**name).collect()),
            quoted(their_name),
            list(their_columns.iter().map(|(name, _)| *name).collect()),
        );
        let first = columns.len();
        for (name, kind) in own {
            defined.push(format!("{} {}", quoted(&name), kind.sql));
            columns.push(Column { name, kind, optional: true, generated: false });
        }
        defined.push(constraint);
        links.push(Link { name: link, columns: (first..columns.len()).collect(), target });
    }
    if !key.is_empty() {
        let names: Vec<String> = key.iter().map(|&k| quoted(&columns[k].name)).collect();
        defined.push(format!("primary key ({})", names.join(", ")));
    }
    schema.statements.push(format!("create table api.{} ({})", quoted(name), defined.join(", ")));
    if !identity.is_empty() {
        schema
            .sequences
            .push(format!("select setval(pg_get_serial_sequence('api.{}', 'id'), 100)", quoted(name)));
    }
    let relation = Relation { name: name.into(), columns, key, links, is_view: false, keys: Vec::new() };
    schema.relations.push(relation);
    rows(schema, dice, at, identity.contains("always"));
}

/// Rows, whose links lead to rows that are there.
fn rows(schema: &mut Schema, dice: &mut Dice, at: usize, overriding: bool) {
    let mut keys: Vec<Vec<String>> = Vec::new();
    for number in 1..=dice.within(2, 6) {
        let relation = &schema.relations[at];
        let mut values: Vec<Option<String>> = relation
            .columns
            .iter()
            .map(|column| {
                let may_miss = column.optional && dice.chance(25);
                (!may_miss).then(|| (*dice.pick(column.kind.values)).to_owned())
            })
            .collect();
        for (position, &column) in relation.key.iter().enumerate() {
            let is_text = relation.columns[column].kind.sql == "text";
            values[column] = Some(match (is_text, position) {
                (true, 0) => format!("code {number}"),
                (true, _) => (*dice.pick(&["x", "y"])).to_owned(),
                (false, _) => number.to_string(),
            });
        }
        for link in &relation.links {
            let their = if link.target == at { &keys } else { &schema.relations[link.target].keys };
            let chosen = if their.is_empty() || dice.chance(20) { None } else { Some(dice.pick(their)) };
            for (position, &column) in link.columns.iter().enumerate() {
                values[column] = chosen.map(|key| key[position].clone());
            }
        }
        let given: Vec<usize> = (0..values.len())
            .filter(|&column| !relation.columns[column].generated || relation.key.contains(&column))
            .collect();
        let names: Vec<String> = given.iter().map(|&column| quoted(&relation.columns[column].name)).collect();
        let texts: Vec<String> = given
            .iter()
            .map(|&column| values[column].as_deref().map_or("null".to_owned(), literal))
            .collect();
        let overriding = if overriding { " overriding system value" } else { "" };
        schema.statements.push(format!(
            "insert into api.{} ({}){overriding} values ({}) on conflict do nothing",
            quoted(&relation.name),
            names.join(", "),
            texts.join(", ")
        ));
        // A row that a unique constraint kept out is a key that nothing leads to: links to it fail alike everywhere.
        if relation.links.iter().all(|link| !link.columns.is_empty()) {
            keys.push(
                relation.key.iter().map(|&column| values[column].clone().unwrap_or_default()).collect(),
            );
        }
    }
    schema.relations[at].keys = keys;
}

fn junction(schema: &mut Schema, dice: &mut Dice) {
    let keyed: Vec<usize> =
        (0..schema.relations.len()).filter(|&at| schema.relations[at].key.len() == 1).collect();
    if keyed.len() < 2 || dice.chance(15) {
        return;
    }
    let (left, right) = (keyed[0], keyed[keyed.len() - 1]);
    let side = |at: usize| {
        let relation = &schema.relations[at];
        let key = &relation.columns[relation.key[0]];
        (relation.name.clone(), key.name.clone(), key.kind)
    };
    let ((one, one_key, one_kind), (two, two_key, two_kind)) = (side(left), side(right));
    schema.statements.push(format!(
        "create table api.joined (one {} not null constraint joined_one references api.{} ({}), two {} not null constraint joined_two references api.{} ({}), note text default 'n', primary key (one, two))",
        one_kind.sql, quoted(&one), quoted(&one_key), two_kind.sql, quoted(&two), quoted(&two_key),
    ));
    let column = |name: &str, kind, optional| Column { name: name.into(), kind, optional, generated: false };
    schema.relations.push(Relation {
        name: "joined".into(),
        columns: vec![
            column("one", one_kind, false),
            column("two", two_kind, false),
            column("note", &TEXT, true),
        ],
        key: vec![0, 1],
        links: vec![
            Link { name: "joined_one".into(), columns: vec![0], target: left },
            Link { name: "joined_two".into(), columns: vec![1], target: right },
        ],
        is_view: false,
        keys: Vec::new(),
    });
    schema.statements.push(format!(
        "insert into api.joined (one, two) select a.{}, b.{} from api.{} a, api.{} b order by 1, 2 limit 5",
        quoted(&one_key),
        quoted(&two_key),
        quoted(&one),
        quoted(&two)
    ));
}

/// Privileges and policies.
fn guard(schema: &mut Schema, dice: &mut Dice) {
    for relation in &schema.relations {
        let name = quoted(&relation.name);
        let grant = match dice.below(12) {
            0 => format!("grant select on api.{name} to anon, authenticated"),
            1 => format!("grant all on api.{name} to authenticated"),
            2 => format!(
                "grant select ({0}), update ({0}) on api.{name} to anon, authenticated",
                quoted(&relation.columns[0].name)
            ),
            _ => format!("grant all on api.{name} to anon, authenticated"),
        };
        // The foundation grants by default; here all is said.
        schema.statements.push(format!("revoke all on api.{name} from anon, authenticated, service_role"));
        schema.statements.push(grant);
        if dice.chance(20) {
            schema.statements.push(format!("alter table api.{name} enable row level security"));
            let condition = match relation.columns[0].kind.sql {
                "integer" => format!("{} < 4", quoted(&relation.columns[0].name)),
                _ => "true".to_owned(),
            };
            let check = *dice.pick(&["", " with check (true)", " with check (false)"]);
            schema.statements.push(format!(
                "create policy p on api.{name} to anon, authenticated using ({condition}){check}"
            ));
        }
    }
}

fn views(schema: &mut Schema, dice: &mut Dice) {
    for number in 0..dice.below(3) {
        let at = dice.below(schema.relations.len());
        let relation = &schema.relations[at];
        let kept: Vec<usize> =
            (0..relation.columns.len()).filter(|c| relation.key.contains(c) || dice.chance(75)).collect();
        let renamed = dice.chance(25);
        let name = format!("v{number}");
        let mut columns = Vec::new();
        let mut items = Vec::new();
        for &column in &kept {
            let own = &relation.columns[column];
            let new = if renamed { format!("{}_v", own.name) } else { own.name.clone() };
            items.push(format!("{} as {}", quoted(&own.name), quoted(&new)));
            columns.push(Column {
                name: new,
                kind: own.kind,
                optional: own.optional,
                generated: own.generated,
            });
        }
        let place = |column: &usize| kept.iter().position(|kept| kept == column);
        let links = relation
            .links
            .iter()
            .filter_map(|link| {
                let columns: Option<Vec<usize>> = link.columns.iter().map(place).collect();
                Some(Link { name: link.name.clone(), columns: columns?, target: link.target })
            })
            .collect();
        let key = relation.key.iter().filter_map(place).collect();
        let invoker = if dice.chance(40) { " with (security_invoker = true)" } else { "" };
        schema.statements.push(format!(
            "create view api.{name}{invoker} as select {} from api.{}",
            items.join(", "),
            quoted(&relation.name)
        ));
        schema.statements.push(format!("revoke all on api.{name} from anon, authenticated, service_role"));
        schema.statements.push(format!("grant all on api.{name} to anon, authenticated"));
        schema.relations.push(Relation { name, columns, key, links, is_view: true, keys: Vec::new() });
    }
}

const FUNCTIONS: &[&str] = &[
    "create function api.add(a integer, b integer default 1) returns integer language sql immutable as $$ select a + b $$",
    "create function api.join_all(variadic parts text[]) returns text language sql immutable as $$ select array_to_string(parts, '-') $$",
    "create function api.echo(json) returns json language sql immutable as $$ select $1 $$",
    "create function api.echo_text(text) returns text language sql immutable as $$ select $1 $$",
    "create function api.nothing() returns void language sql as $$ select $$",
    "create function api.pairs(n integer default 2) returns table (x integer, y text) language sql stable as $$ select g, 'y' || g from generate_series(1, n) g $$",
    "create function api.numbers() returns setof integer language sql stable as $$ select * from (values (3), (1), (2)) v(n) $$",
    "create function api.over(a integer) returns text language sql immutable as $$ select 'one' $$",
    "create function api.over(a integer, b integer) returns text language sql immutable as $$ select 'two' $$",
    "create function api.amb(a integer) returns text language sql immutable as $$ select 'integer' $$",
    "create function api.amb(a text) returns text language sql immutable as $$ select 'text' $$",
    "create function api.feel(m api.mood default 'ok') returns api.mood language sql immutable as $$ select m $$",
    "create function api.fail(state text, words text default 'no') returns integer language plpgsql as $$ begin raise exception using errcode = state, message = words, detail = 'a detail', hint = 'a hint'; return 1; end $$",
    "create function api.lists(n integer[], t text[] default '{}') returns integer[] language sql immutable as $$ select n || coalesce(array_length(t, 1), 0) $$",
    "create function api.who() returns text language sql stable as $$ select current_user::text $$",
    "create function api.claim(name text) returns text language sql stable as $$ select current_setting('request.jwt.claims', true)::json ->> name $$",
    "create function api.status(code text) returns void language sql as $$ select set_config('response.status', code, true) $$",
    "create function api.header(name text, value text) returns integer language sql as $$ select set_config('response.headers', json_build_array(json_build_object(name, value))::text, true); select 1 $$",
    "create function api.out_two(a integer, out b integer, out c text) returns record language sql immutable as $$ select a, 'c' $$",
    "create function api.same(j jsonb) returns jsonb language sql immutable as $$ select j $$",
    "create function api.path() returns text language sql stable as $$ select current_setting('request.method', true) || current_setting('request.path', true) $$",
    "create function api.zone() returns text language sql stable as $$ select current_setting('timezone') $$",
    "create function api.is_it(b boolean) returns boolean language sql immutable as $$ select b $$",
];

fn functions(schema: &mut Schema, dice: &mut Dice) {
    schema.statements.extend(FUNCTIONS.iter().map(|text| (*text).to_owned()));
    for (number, at) in (0..2).map(|number| (number, dice.below(schema.relations.len()))).collect::<Vec<_>>()
    {
        let relation = &schema.relations[at];
        let name = quoted(&relation.name);
        let key =
            relation.key.first().map_or("1".to_owned(), |&column| quoted(&relation.columns[column].name));
        schema.statements.push(format!(
            "create function api.rows_{number}(n integer default 3) returns setof api.{name} language sql stable as $$ select * from api.{name} order by {key} limit $1 $$"
        ));
        schema.table_functions.push((format!("rows_{number}"), at));
        schema.statements.push(format!(
            "create function api.one_{number}() returns api.{name} language sql stable as $$ select * from api.{name} order by {key} limit 1 $$"
        ));
        schema.table_functions.push((format!("one_{number}"), at));
        let first = quoted(&relation.columns[0].name);
        schema.statements.push(format!(
            "create function api.shown_{number}(api.{name}) returns text language sql stable as $$ select 's' || $1.{first} $$"
        ));
        schema.computed.push((at, format!("shown_{number}")));
    }
}
