//! Statements that nobody wrote: those of the conformance scripts, and generated ones, with parts taken out, put in, exchanged and
//! nested. Whatever comes out, the embedded engine must answer or refuse it by name: no panic, no endless run, no statement
//! that SQLite does not take.

use crate::dice::Dice;
use crate::shrink::{closing, tokens};
use database::{Database, End, Session, Statement, Work};
use sqlstate::INTERNAL_ERROR;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a statement may take before it ends itself.
const TIMEOUT: Duration = Duration::from_secs(2);

/// How long it may take at most, on a machine that does other things too.
const PATIENCE: Duration = Duration::from_secs(40);

/// Values that are at the edge of something.
const EDGES: &[&str] = &[
    "0",
    "-1",
    "2147483647",
    "2147483648",
    "-9223372036854775808",
    "9223372036854775807",
    "1e400",
    "1e-400",
    "0.1",
    "'NaN'",
    "'infinity'",
    "'-infinity'",
    "''",
    "'a'",
    "'\u{1F600}'",
    "'\\'",
    "null",
    "true",
    "'{}'",
    "'[]'",
    "'{1,2}'",
    "'{\"a\":1}'",
    "'2024-02-30'",
    "'0001-01-01 BC'",
    "'294276-12-31'",
    "'1 mon'",
    "'178956970 years'",
    "'ffffffff-ffff-ffff-ffff-ffffffffffff'",
    "'\\x00'",
    "$1",
    "default",
    "*",
    "'%'",
    "'('",
    "'(?:a|b)*'",
    "array[1,2]",
    "row(1,2)",
    "(select 1)",
    "'$.a[*] ? (@ > 1)'",
    "'Europe/Berlin'",
    "'1.5'::numeric",
    "1.5::float4",
    "'a'::\"char\"",
    "interval '1 day'",
    "date '2024-01-01'",
    "current_date",
];

/// Operators and the like that stand between two values.
const BETWEEN: &[&str] = &[
    "+",
    "-",
    "*",
    "/",
    "%",
    "^",
    "||",
    "=",
    "<>",
    "<",
    ">",
    "<=",
    ">=",
    "and",
    "or",
    "is distinct from",
    "is not distinct from",
    "like",
    "ilike",
    "~",
    "~*",
    "!~",
    "similar to",
    "@>",
    "<@",
    "&&",
    "->",
    "->>",
    "#>",
    "#>>",
    "?",
    "?|",
    "-|-",
    "&",
    "|",
    "#",
    "<<",
    ">>",
    "at time zone",
    "in",
    "not in",
    "between symmetric 1 and",
    "collate",
    "::text",
    "::int",
    "::numeric(5,2)",
    "::jsonb",
    "::timestamptz",
    "::interval",
    "::text[]",
    "::mood",
    ",",
    "union",
    "except all",
    "intersect",
    "is null",
    "is not true",
];

/// Calls that something may be wrapped in.
const AROUND: &[(&str, &str)] = &[
    ("(", ")"),
    ("not (", ")"),
    ("-(", ")"),
    ("coalesce(", ", null)"),
    ("case when true then ", " end"),
    ("(select ", ")"),
    ("array[", "]"),
    ("(", ")[1]"),
    ("(", ")[1:2]"),
    ("row(", ", 1)"),
    ("exists (select ", ")"),
    ("sum(", ")"),
    ("max(", ") over ()"),
    ("count(distinct ", ")"),
    ("array_agg(", " order by 1)"),
    ("lower(", ")"),
    ("to_jsonb(", ")"),
    ("unnest(", ")"),
    ("length(", ")"),
    ("cast(", " as numeric)"),
    ("generate_series(1, ", ")"),
    ("nullif(", ", 1)"),
    ("greatest(", ", 2)"),
    ("format('%s', ", ")"),
    ("date_trunc('day', ", ")"),
    ("extract(epoch from ", ")"),
    ("round(", ", 2)"),
    ("jsonb_build_object('a', ", ")"),
    ("string_agg(", ", ',')"),
    ("(", ") filter (where true)"),
    ("row_number() over (order by ", ")"),
    ("grouping(", ")"),
    ("percentile_cont(0.5) within group (order by ", ")"),
    ("regexp_replace(", ", 'a', 'b')"),
    ("any (", ")"),
    ("all (array[", "])"),
    ("to_char(", ", 'YYYY')"),
    ("lag(", ") over (partition by 1)"),
    ("substring(", " from 1 for 2)"),
    ("trim(both 'a' from ", ")"),
    ("position('a' in ", ")"),
    ("jsonb_path_query(", ", '$.*')"),
    ("to_timestamp(", ")"),
    ("encode(", ", 'hex')"),
];

/// Clauses that may follow.
const BEHIND: &[&str] = &[
    "where true",
    "where id = 1",
    "group by 1",
    "group by rollup (1)",
    "having count(*) > 0",
    "order by 1 desc nulls last",
    "limit 1",
    "offset 1",
    "limit null",
    "for update",
    "returning *",
    "on conflict do nothing",
    "on conflict (id) do update set id = excluded.id",
    "union all select 1",
    "window w as (order by 1)",
    "using (id)",
    "cross join todos",
    "natural join todos",
    "left join lateral (select 1) l on true",
    "with ordinality",
    "tablesample system (1)",
    "fetch first 1 row with ties",
    "as x(a, b)",
    "from todos",
    "set title = 'x'",
];

/// What statements are made of.
pub struct Corpus {
    statements: Vec<String>,
    /// Words and literals that occur.
    words: Vec<String>,
}

impl Corpus {
    /// Of scripts.
    pub fn new(scripts: &[String]) -> Corpus {
        let mut statements = Vec::new();
        for script in scripts {
            let pieces = syntax::split_script(script).unwrap_or_default();
            statements
                .extend(pieces.iter().map(|piece| piece.text.to_owned()).filter(|text| text.len() < 1500));
        }
        let mut words: Vec<String> =
            statements.iter().flat_map(|text| tokens(text)).map(str::to_owned).collect();
        words.sort();
        words.dedup();
        Corpus { statements, words }
    }

    /// How many statements it has.
    pub fn len(&self) -> usize {
        self.statements.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    /// A statement that nobody wrote.
    pub fn statement(&self, dice: &mut Dice) -> String {
        let text = dice.pick(&self.statements).clone();
        let mut parts: Vec<String> = tokens(&text).into_iter().map(str::to_owned).collect();
        for _ in 0..*dice.pick(&[1, 1, 1, 2, 2, 3]) {
            self.change(dice, &mut parts);
            if parts.len() > 400 {
                break;
            }
        }
        parts.join(" ")
    }

    fn change(&self, dice: &mut Dice, parts: &mut Vec<String>) {
        if parts.is_empty() {
            parts.push("select".to_owned());
        }
        let at = dice.below(parts.len());
        match dice.below(12) {
            0 => parts[at] = dice.pick(&self.words).clone(),
            // A word of the same statement: a column, most of the time.
            _ if dice.chance(25) => parts[at] = dice.pick(&parts.clone()).clone(),
            1 => parts[at] = (*dice.pick(EDGES)).to_owned(),
            2 => parts.insert(at, (*dice.pick(BETWEEN)).to_owned()),
            3 => parts.push((*dice.pick(BEHIND)).to_owned()),
            4 => {
                let end = (at + dice.within(1, 4)).min(parts.len());
                parts.drain(at..end);
            }
            5 => {
                let end = (at + dice.within(1, 6)).min(parts.len());
                let copy = parts[at..end].to_vec();
                parts.splice(at..at, copy);
            }
            6 | 7 => {
                let (open, close) = *dice.pick(AROUND);
                let end = span(parts, at);
                parts.insert(end, close.to_owned());
                parts.insert(at, open.to_owned());
            }
            // A bracket of another statement in the place of one here.
            8 | 9 => {
                let other = dice.pick(&self.statements).clone();
                let other: Vec<String> = tokens(&other).into_iter().map(str::to_owned).collect();
                let Some(piece) = bracket(dice, &other) else { return };
                let end = span(parts, at);
                parts.splice(at..end, other[piece.0..piece.1].iter().cloned());
            }
            10 => {
                let depth = *dice.pick(&[2, 3, 30, 300, 3000]);
                let (open, close) = *dice.pick(AROUND);
                let end = span(parts, at);
                parts.insert(end, close.repeat(depth));
                parts.insert(at, open.repeat(depth));
            }
            _ => {
                let list = vec![parts[at].clone(); *dice.pick(&[3, 40, 1200])];
                parts[at] = list.join(", ");
            }
        }
    }
}

/// Where the value that begins here ends.
fn span(parts: &[String], at: usize) -> usize {
    let texts: Vec<&str> = parts.iter().map(String::as_str).collect();
    match texts.get(at) {
        Some(&"(" | &"[") => closing(&texts, at).map_or(at + 1, |close| close + 1),
        Some(_) => at + 1,
        None => at,
    }
}

fn bracket(dice: &mut Dice, parts: &[String]) -> Option<(usize, usize)> {
    let texts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let opens: Vec<usize> = (0..texts.len()).filter(|at| texts[*at] == "(").collect();
    let open = *opens.get(dice.below(opens.len()))?;
    Some((open, closing(&texts, open)? + 1))
}

/// What must never be.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The statement.
    pub statement: String,
    /// What happened.
    pub what: String,
}

/// What a statement did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ran {
    /// Rows, or changes.
    Answered,
    /// 0A000.
    Refused,
    /// Another error.
    Failed,
}

/// Runs one statement and takes it back; a fault is an internal error, a panic, or no end.
///
/// # Errors
/// The fault.
pub async fn run(database: &Arc<dyn Database>, session: &Session, text: &str) -> Result<Ran, Fault> {
    let fault = |what: String| Fault { statement: text.to_owned(), what };
    let mut session = session.clone();
    session.statement_timeout = Some(TIMEOUT);
    let work = Work { statements: vec![Statement::new(text)], end: End::Rollback, ..Work::default() };
    let database = Arc::clone(database);
    let began = Instant::now();
    // A task of its own, so that a panic is seen and goes no further.
    let task = tokio::spawn(async move { database.run(&session, work).await });
    let ran = match tokio::time::timeout(PATIENCE, task).await {
        Err(_) => return Err(fault("no end".to_owned())),
        Ok(Err(panic)) => return Err(fault(format!("panic: {panic}"))),
        Ok(Ok(ran)) => ran,
    };
    match ran {
        _ if began.elapsed() > PATIENCE / 2 => Err(fault(format!("took {:?}", began.elapsed()))),
        Ok(_) => Ok(Ran::Answered),
        Err(error) if error.code() == INTERNAL_ERROR => Err(fault(format!("internal error: {error:?}"))),
        Err(error) if error.code() == sqlstate::FEATURE_NOT_SUPPORTED => Ok(Ran::Refused),
        Err(_) => Ok(Ran::Failed),
    }
}

/// Texts near those that types take.
pub fn value_text(dice: &mut Dice) -> String {
    const SEEDS: &[&str] = &[
        "0",
        "-12",
        "1.50",
        "1e10",
        "NaN",
        "infinity",
        "true",
        "off",
        "2024-01-02",
        "2024-01-02 03:04:05.678901+05:30",
        "03:04:05",
        "24:00:00",
        "1 year 2 mons -3 days 04:05:06.7",
        "P1Y2M3DT4H5M6S",
        "January 8, 1999 BC",
        "20240102T030405Z",
        "J2451187",
        "allballs",
        "epoch",
        "tomorrow",
        "now",
        "{1,2,NULL}",
        "{{a,b},{\"c d\",e}}",
        "[1:2]={a,b}",
        "{\"a\": [1, {\"b\": null}]}",
        "[1.0, -2e5, \"\\u00e9\\ud83d\\ude00\"]",
        "00000000-0000-0000-0000-00000000000a",
        "\\xdeadbeef",
        "\\000\\\\a",
        "10.0.0.1/8",
        "2001:db8::1",
        "(1,a)",
        "(,\"x \"\"y\")",
        "$.a[*] ? (@.b > 1)",
        "é",
        "\u{1F600}",
        "",
        " ",
        "America/New_York",
        "EST5EDT",
        "B101",
        "08:00:2b:01:02:03",
        "pg_class",
        "public.todos",
        "lower(text)",
    ];
    let mut text = (*dice.pick(SEEDS)).to_owned();
    for _ in 0..dice.below(5) {
        let mut signs: Vec<char> = text.chars().collect();
        let at = dice.below(signs.len() + 1);
        match dice.below(6) {
            0 if at < signs.len() => drop(signs.remove(at)),
            1 => signs.insert(
                at,
                *dice.pick(&[
                    '0',
                    '9',
                    '-',
                    '+',
                    '.',
                    ':',
                    '{',
                    '}',
                    '"',
                    '\\',
                    ',',
                    '(',
                    ' ',
                    'e',
                    'T',
                    'Z',
                    '/',
                    '\u{301}',
                    '\u{1F600}',
                ]),
            ),
            2 if at < signs.len() => {
                let copy = vec![signs[at]; *dice.pick(&[2, 20, 400])];
                signs.splice(at..=at, copy);
            }
            3 => {
                let other: Vec<char> = dice.pick(SEEDS).chars().collect();
                signs.splice(at..at, other);
            }
            4 if at < signs.len() => signs.swap(at, 0),
            _ => signs.truncate(at),
        }
        text = signs.into_iter().collect();
    }
    text
}

/// The types whose text forms are tried.
pub const TYPES: &[&str] = &[
    "boolean",
    "smallint",
    "integer",
    "bigint",
    "real",
    "double precision",
    "numeric",
    "numeric(7,3)",
    "text",
    "varchar(3)",
    "char(3)",
    "bytea",
    "uuid",
    "date",
    "time",
    "timestamp",
    "timestamptz",
    "interval",
    "json",
    "jsonb",
    "inet",
    "integer[]",
    "text[]",
    "timestamptz[]",
    "numeric[]",
    "jsonb[]",
    "mood",
    "posint",
    "name",
    "oid",
    "regclass",
    "\"char\"",
    "timestamp(2)",
    "interval(1)",
    "todos",
];
