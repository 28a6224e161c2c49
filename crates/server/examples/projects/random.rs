//! Random reads and writes of a project's tables as three users: the same statements on both engines.

use database::{Database, DatabaseError, Outcome, Session, Statement, SystemPrivilege, Value, Work};
use std::collections::BTreeMap;

/// How many statements that the embedded engine answers each project gets.
const STATEMENTS: usize = 200;
/// How many are tried for each of them, where many are refused.
const TRIES: usize = 5;
/// The two users that are signed in.
const USERS: [&str; 2] = ["aaaaaaaa-0000-4000-8000-000000000001", "bbbbbbbb-0000-4000-8000-000000000002"];

/// What came of the statements.
#[derive(Default)]
pub(crate) struct Compared {
    pub(crate) equal: usize,
    /// Refused by the embedded engine: PL/pgSQL that branches, mostly.
    pub(crate) refused: Vec<String>,
    pub(crate) different: Vec<String>,
}

/// A column that rows may be given for.
struct Column {
    name: String,
    data_type: String,
    udt: String,
    nullable: bool,
    has_default: bool,
    length: Option<i64>,
    /// The texts that CHECK constraints or the enum name.
    words: Vec<String>,
    /// The table and column that it refers to.
    refers: Option<(String, String)>,
}

struct Table {
    name: String,
    columns: Vec<Column>,
    key: Vec<String>,
}

/// Numbers that a seed determines (splitmix64).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound.max(1)).unwrap_or(1)).unwrap_or(0)
    }

    fn pick<'l, T>(&mut self, list: &'l [T]) -> Option<&'l T> {
        if list.is_empty() { None } else { list.get(self.below(list.len())) }
    }
}

/// Runs the statements on both and compares.
pub(crate) async fn compare(embedded: &dyn Database, postgres: &dyn Database, seed: u64) -> Compared {
    let mut compared = Compared::default();
    let tables = match tables(postgres).await {
        Ok(tables) => tables,
        Err(error) => {
            compared.different.push(format!("the tables cannot be read: {error}"));
            return compared;
        }
    };
    if tables.is_empty() {
        return compared;
    }
    let mut random = Random(seed);
    let mut keys: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for user in USERS {
        let insert = format!(
            "insert into auth.users (id, email, raw_user_meta_data) values ('{user}', '{}@example.com', '{{}}')",
            &user[..4]
        );
        let ours = operator(embedded, &insert).await;
        if let Some(refusal) = refusal(&ours) {
            // A trigger on it that the embedded engine does not run: neither engine has the user.
            compared.refused.push(format!("{refusal}: {insert}"));
            continue;
        }
        let theirs = operator(postgres, &insert).await;
        if !note(&mut compared, &insert, &ours, &theirs) {
            return compared;
        }
        keys.entry(("auth.users".to_owned(), "id".to_owned())).or_default().push(user.to_owned());
    }
    let users = compared.equal;
    for _ in 0..STATEMENTS * TRIES {
        if compared.equal + compared.different.len() - users >= STATEMENTS {
            break;
        }
        let Some(table) = random.pick(&tables) else { break };
        let who = random.below(4);
        let mut given = Vec::new();
        let text = match random.below(10) {
            0..4 => insert(&mut random, table, &keys, &mut given),
            4..6 => update(&mut random, table, &keys),
            6 => delete(&mut random, table, &keys),
            7 => format!("select count(*) from {}", table.name),
            _ => read(table),
        };
        let ours = run(embedded, who, &text).await;
        if let Some(refusal) = refusal(&ours) {
            // Not asked of PostgreSQL, so that both hold the same from here on; another takes its place.
            compared.refused.push(format!("{refusal}: as {}: {text}", name_of(who)));
            continue;
        }
        let theirs = run(postgres, who, &text).await;
        let same = note(&mut compared, &format!("as {}: {text}", name_of(who)), &ours, &theirs);
        if same && theirs.is_ok() {
            for (column, value) in given {
                keys.entry((table.name.clone(), column)).or_default().push(value);
            }
        } else if ours.is_ok() != theirs.is_ok() {
            // What the two hold differs from here on.
            break;
        }
    }
    compared
}

/// Why the embedded engine does not do it, if that is so.
fn refusal(answer: &Result<Outcome, DatabaseError>) -> Option<&str> {
    let error = answer.as_ref().err().filter(|error| error.code() == sqlstate::FEATURE_NOT_SUPPORTED);
    error.map(DatabaseError::message)
}

/// Whether both said the same; notes which.
fn note(
    compared: &mut Compared,
    text: &str,
    ours: &Result<Outcome, DatabaseError>,
    theirs: &Result<Outcome, DatabaseError>,
) -> bool {
    let same = match (ours, theirs) {
        (Ok(ours), Ok(theirs)) => ours.affected == theirs.affected && shown(ours) == shown(theirs),
        (Err(ours), Err(theirs)) => {
            ours.code() == theirs.code() && masked(ours.message()) == masked(theirs.message())
        }
        _ => false,
    };
    if same {
        compared.equal += 1;
        return true;
    }
    let told = |outcome: &Result<Outcome, DatabaseError>| match outcome {
        Ok(outcome) => format!("{} {:?}", outcome.tag, shown(outcome)),
        Err(error) => format!("{} {}", error.code(), error.message()),
    };
    compared.different.push(format!("{text}\n  embedded: {}\n  PostgreSQL: {}", told(ours), told(theirs)));
    false
}

/// The rows, sorted; what each engine makes up by itself (moments of now, random uuids) is not compared.
fn shown(outcome: &Outcome) -> Vec<String> {
    let mut rows: Vec<String> =
        outcome.result.rows.iter().map(|row| row.iter().map(value).collect::<Vec<_>>().join("|")).collect();
    rows.sort();
    rows
}

fn value(value: &Value) -> String {
    match value {
        Value::Text(text) => masked(text),
        other => format!("{other:?}"),
    }
}

/// A text without what an engine made up: uuids that were not given, moments that are no fixed ones.
fn masked(text: &str) -> String {
    let is_uuid = |word: &str| {
        word.len() == 36
            && word.bytes().enumerate().all(|(at, byte)| match at {
                8 | 13 | 18 | 23 => byte == b'-',
                _ => byte.is_ascii_hexdigit(),
            })
    };
    let given = |word: &str| {
        word.starts_with("aaaaaaaa-") || word.starts_with("bbbbbbbb-") || word.starts_with("cccccccc-")
    };
    let bytes = text.as_bytes();
    let is_moment = bytes.len() > 18
        && bytes.get(4) == Some(&b'-')
        && bytes.get(13) == Some(&b':')
        && !(text.starts_with("2024-") && text.contains(" 10:20:30"));
    if is_moment {
        return "a moment".to_owned();
    }
    let mut out = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(word) = rest.get(..36)
            && is_uuid(word)
        {
            out.push_str(if given(word) { word } else { "a uuid" });
            rest = &rest[36..];
            continue;
        }
        let end = rest.chars().next().map_or(1, char::len_utf8);
        out.push_str(&rest[..end]);
        rest = &rest[end..];
    }
    out
}

fn name_of(who: usize) -> &'static str {
    match who {
        0 => "anon",
        1 => "A",
        2 => "B",
        _ => "service_role",
    }
}

async fn operator(database: &dyn Database, text: &str) -> Result<Outcome, DatabaseError> {
    one(database, &Session::operator(SystemPrivilege::i_am_the_operator()), text).await
}

async fn run(database: &dyn Database, who: usize, text: &str) -> Result<Outcome, DatabaseError> {
    let session = match who {
        0 => Session::new("anon").with_setting("request.jwt.claims", r#"{"role":"anon"}"#),
        1 | 2 => {
            let claims = format!(r#"{{"role":"authenticated","sub":"{}"}}"#, USERS[who - 1]);
            Session::new("authenticated").with_setting("request.jwt.claims", claims)
        }
        _ => Session::new("service_role").with_setting("request.jwt.claims", r#"{"role":"service_role"}"#),
    };
    one(database, &session, text).await
}

async fn one(database: &dyn Database, session: &Session, text: &str) -> Result<Outcome, DatabaseError> {
    let outcomes = database.run(session, Work::one(Statement::new(text))).await?;
    Ok(outcomes.into_iter().next().unwrap_or_default())
}

// ----------------------------------------------------------------------------------------- statements

fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn read(table: &Table) -> String {
    let columns: Vec<String> = table.columns.iter().map(|column| quote(&column.name)).collect();
    format!("select {} from {}", columns.join(", "), table.name)
}

type Keys = BTreeMap<(String, String), Vec<String>>;

fn insert(random: &mut Random, table: &Table, keys: &Keys, given: &mut Vec<(String, String)>) -> String {
    let (mut names, mut values) = (Vec::new(), Vec::new());
    for column in &table.columns {
        let is_key = table.key.contains(&column.name);
        // What has a default is given when it is a key, so that later statements know it.
        if column.has_default && !(is_key && column.udt == "uuid") && random.below(3) > 0 {
            continue;
        }
        let value = generated(random, column, keys);
        names.push(quote(&column.name));
        if let Some(plain) = value.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''))
            && is_key
        {
            given.push((column.name.clone(), plain.to_owned()));
        }
        values.push(value);
    }
    if names.is_empty() {
        return format!("insert into {} default values", table.name);
    }
    format!("insert into {} ({}) values ({})", table.name, names.join(", "), values.join(", "))
}

fn update(random: &mut Random, table: &Table, keys: &Keys) -> String {
    let free: Vec<&Column> =
        table.columns.iter().filter(|column| !table.key.contains(&column.name)).collect();
    let Some(column) = random.pick(&free) else { return read(table) };
    let value = generated(random, column, keys);
    format!("update {} set {} = {value}{}", table.name, quote(&column.name), condition(random, table, keys))
}

fn delete(random: &mut Random, table: &Table, keys: &Keys) -> String {
    format!("delete from {}{}", table.name, condition(random, table, keys))
}

/// One row by its key, where one is known.
fn condition(random: &mut Random, table: &Table, keys: &Keys) -> String {
    if let [key] = table.key.as_slice()
        && let Some(known) = keys.get(&(table.name.clone(), key.clone()))
        && let Some(value) = random.pick(known)
    {
        return format!(" where {} = {}", quote(key), literal(value));
    }
    " where false".to_owned()
}

/// A value for a column: often one that its constraints take, sometimes not.
fn generated(random: &mut Random, column: &Column, keys: &Keys) -> String {
    if column.nullable && random.below(5) == 0 {
        return "null".to_owned();
    }
    if let Some(target) = &column.refers
        && let Some(known) = keys.get(target)
        && random.below(10) > 0
        && let Some(value) = random.pick(known)
    {
        return literal(value);
    }
    if random.below(10) > 0
        && let Some(word) = random.pick(&column.words)
    {
        return literal(word);
    }
    let number = random.below(1000);
    match column.udt.as_str() {
        "uuid" => literal(&format!("cccccccc-0000-4000-8000-{:012x}", random.next() & 0xffff_ffff)),
        "bool" => if random.below(2) == 0 { "true" } else { "false" }.to_owned(),
        "int2" | "int4" | "int8" => random.below(100).to_string(),
        "numeric" | "float4" | "float8" => format!("{}.{}", random.below(90), random.below(10)),
        "timestamptz" | "timestamp" => {
            literal(&format!("2024-0{}-1{} 10:20:30", random.below(9) + 1, random.below(9)))
        }
        "date" => literal(&format!("2024-0{}-1{}", random.below(9) + 1, random.below(9))),
        "time" => literal(&format!("1{}:30:00", random.below(9))),
        "interval" => literal(&format!("{number} minutes")),
        "json" | "jsonb" => literal(&format!("{{\"a\": {number}, \"b\": [1, \"x\"]}}")),
        "inet" => literal(&format!("10.0.0.{}", random.below(250))),
        "bytea" => literal("\\x00ff"),
        "_text" | "_varchar" => literal("{one,\"two words\"}"),
        "_int4" | "_int8" => literal("{1,2}"),
        "_uuid" => literal("{}"),
        _ if column.data_type == "ARRAY" => literal("{}"),
        _ => {
            const TEXTS: [&str; 6] = ["alpha", "Beta gamma", "x@example.com", "Ünï", "", "it''s"];
            let text = random.pick(&TEXTS).copied().unwrap_or_default().replace("''", "'");
            let text = format!("{text}{number}");
            let cut = column.length.and_then(|length| usize::try_from(length).ok()).unwrap_or(usize::MAX);
            literal(&text.chars().take(cut).collect::<String>())
        }
    }
}

// --------------------------------------------------------------------------------------------- tables

async fn rows(database: &dyn Database, text: &str) -> Result<Vec<Vec<Value>>, DatabaseError> {
    Ok(operator(database, text).await?.result.rows)
}

fn text(value: Option<&Value>) -> String {
    value.and_then(Value::as_str).unwrap_or_default().to_owned()
}

async fn tables(database: &dyn Database) -> Result<Vec<Table>, DatabaseError> {
    let own = format!("c.table_schema not in {}", crate::catalogs::OTHERS);
    let question = format!(
        "select quote_ident(c.table_schema) || '.' || quote_ident(c.table_name), c.column_name, c.data_type, \
         c.udt_name, c.is_nullable, c.column_default, c.character_maximum_length, \
         coalesce((select string_agg(pg_get_constraintdef(k.oid), ' ') from pg_constraint k \
           join pg_class t on t.oid = k.conrelid join pg_namespace n on n.oid = t.relnamespace \
           join pg_attribute a on a.attrelid = t.oid and a.attnum = any (k.conkey) \
           where k.contype = 'c' and n.nspname = c.table_schema and t.relname = c.table_name \
             and a.attname = c.column_name and array_length(k.conkey, 1) = 1), ''), \
         coalesce((select string_agg(quote_literal(e.enumlabel), ' ' order by e.enumsortorder) from pg_enum e \
           join pg_type y on y.oid = e.enumtypid where y.typname = c.udt_name), ''), \
         (select quote_ident(fn.nspname) || '.' || quote_ident(ft.relname) || ' ' || fa.attname from pg_constraint k \
           join pg_class t on t.oid = k.conrelid join pg_namespace n on n.oid = t.relnamespace \
           join pg_attribute a on a.attrelid = t.oid and a.attnum = k.conkey[1] \
           join pg_class ft on ft.oid = k.confrelid join pg_namespace fn on fn.oid = ft.relnamespace \
           join pg_attribute fa on fa.attrelid = ft.oid and fa.attnum = k.confkey[1] \
           where k.contype = 'f' and array_length(k.conkey, 1) = 1 and n.nspname = c.table_schema \
             and t.relname = c.table_name and a.attname = c.column_name order by k.conname limit 1), \
         exists (select 1 from pg_constraint k join pg_class t on t.oid = k.conrelid \
           join pg_namespace n on n.oid = t.relnamespace \
           join pg_attribute a on a.attrelid = t.oid and a.attnum = any (k.conkey) \
           where k.contype = 'p' and n.nspname = c.table_schema and t.relname = c.table_name \
             and a.attname = c.column_name) \
         from information_schema.columns c join information_schema.tables t using (table_schema, table_name) \
         where {own} and t.table_type = 'BASE TABLE' and c.is_generated = 'NEVER' \
           and c.identity_generation is distinct from 'ALWAYS' \
         order by 1, c.ordinal_position"
    );
    let columns = rows(database, &question).await?;
    let mut tables: Vec<Table> = Vec::new();
    for row in columns {
        let name = text(row.first());
        if tables.last().is_none_or(|table| table.name != name) {
            tables.push(Table { name, columns: Vec::new(), key: Vec::new() });
        }
        let Some(table) = tables.last_mut() else { continue };
        let refers = text(row.get(9));
        let column = Column {
            name: text(row.get(1)),
            data_type: text(row.get(2)),
            udt: text(row.get(3)),
            nullable: text(row.get(4)) == "YES",
            has_default: !matches!(row.get(5), None | Some(Value::Null)),
            length: match row.get(6) {
                Some(Value::Int(length)) => Some(*length),
                _ => None,
            },
            words: words(&format!("{} {}", text(row.get(7)), text(row.get(8)))),
            refers: refers.split_once(' ').map(|(table, column)| (table.to_owned(), column.to_owned())),
        };
        if row.get(10) == Some(&Value::Bool(true)) {
            table.key.push(column.name.clone());
        }
        table.columns.push(column);
    }
    Ok(tables)
}

/// The quoted texts in a definition.
fn words(definition: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = definition;
    while let Some(start) = rest.find('\'') {
        let Some(end) = rest[start + 1..].find('\'') else { break };
        found.push(rest[start + 1..start + 1 + end].to_owned());
        rest = &rest[start + 1 + end + 1..];
    }
    found
}
