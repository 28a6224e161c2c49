//! Statements with parts taken out, put in, exchanged and nested, piece by piece and without regard for the grammar: most of
//! them mean nothing, and that has to be said well.

use crate::dice::Dice;
use crate::shrink::{closing, tokens};

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
pub(super) struct Corpus {
    statements: Vec<String>,
    /// Words and literals that occur.
    words: Vec<String>,
}

impl Corpus {
    /// Of statements.
    pub(super) fn new<'s>(statements: impl Iterator<Item = &'s str>) -> Corpus {
        let statements: Vec<String> =
            statements.map(str::to_owned).filter(|text| text.len() < 1500).collect();
        let mut words: Vec<String> =
            statements.iter().flat_map(|text| tokens(text)).map(str::to_owned).collect();
        words.sort();
        words.dedup();
        Corpus { statements, words }
    }

    /// A statement that somebody wrote, changed.
    pub(super) fn changed(&self, dice: &mut Dice, text: &str) -> String {
        let mut parts: Vec<String> = tokens(text).into_iter().map(str::to_owned).collect();
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
