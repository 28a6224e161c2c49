//! Requests made of pieces of valid ones, bent and broken: each is answered, none by a failure of ours, none with anything of the
//! inside in it. `FUZZ_SEED` and `FUZZ_REQUESTS` choose the run; the seed is printed.

use crate::app::{Answer, App, encoded};
use axum::body::Body;
use http::{HeaderMap, HeaderValue, Request};

crate::on_each_engine!(requests_are_answered);

/// How many requests a run makes.
const REQUESTS: u64 = 600;

pub(crate) const PATHS: &[&str] = &[
    "/posts",
    "/users",
    "/comments",
    "/labels",
    "/posts_labels",
    "/notes",
    "/published_posts",
    "/forgotten",
    "/",
    "/rpc/add_them",
    "/rpc/posts_of",
    "/nothing",
    "/rpc/",
    "/rpc",
];

pub(crate) const PARTS: &[&str] = &[
    "select=*",
    "select=id,title",
    "select=id,author:users!author_id(name,settings->>theme)",
    "select=id,comments(*)",
    "select=id,...users!author_id(name)",
    "select=count(),score.sum()",
    "select=score::text,x:id::bigint",
    "select=id,comments!inner(id,posts(title))",
    "select=settings->a->>0,tags",
    "select=",
    "select=id,labels(count())",
    "id=eq.1",
    "id=gt.1",
    "id=in.(1,2,3)",
    "id=not.is.null",
    "title=like.*i*",
    "title=ilike(any).{a*,b*}",
    "title=match.^F",
    "title=fts.first",
    "title=plfts(english).first",
    "tags=cs.{a,b}",
    "tags=ov.{}",
    "settings=cs.{}",
    "settings->>theme=eq.dark",
    "or=(id.eq.1,and(score.gt.2,title.is.null))",
    "not.and=(id.eq.1,not.or(id.eq.2))",
    "published=is.true",
    "created_at=gte.2024-01-01",
    "score=isdistinct.2.5",
    "order=id.desc.nullslast,title",
    "order=users(name)",
    "comments.order=id",
    "comments.limit=1",
    "comments.id=eq.1",
    "limit=1",
    "offset=1",
    "limit=-1",
    "offset=9999999999999999999",
    "columns=id,title",
    "on_conflict=id",
    "a=1",
    "b=2",
    "author=1",
    "id=eq(all).{1}",
    "%22id%22=eq.1",
    "id=eq.%00",
    "id=eq.\u{1F600}",
    "or=()",
    "select=id,comments()",
    "comments=is.null",
];

pub(crate) const HEADERS: &[(&str, &str)] = &[
    ("prefer", "return=representation"),
    ("prefer", "return=headers-only, count=exact"),
    ("prefer", "count=planned"),
    ("prefer", "resolution=merge-duplicates"),
    ("prefer", "resolution=ignore-duplicates, missing=default"),
    ("prefer", "tx=rollback"),
    ("prefer", "handling=strict, max-affected=1"),
    ("prefer", "timezone=Mars/Olympus"),
    ("prefer", "params=single-object"),
    ("range", "0-1"),
    ("range", "5-2"),
    ("range", "-"),
    ("range-unit", "items"),
    ("accept", "application/json"),
    ("accept", "text/csv"),
    ("accept", "application/vnd.pgrst.object+json"),
    ("accept", "application/vnd.pgrst.array+json;nulls=stripped"),
    ("accept", "application/openapi+json"),
    ("accept", "*/*;q=0.1, text/*"),
    ("accept", ";;;"),
    ("accept-profile", "public"),
    ("accept-profile", "auth"),
    ("content-profile", "public"),
    ("content-type", "application/json"),
    ("content-type", "text/csv"),
    ("content-type", "application/x-www-form-urlencoded"),
    ("content-type", "text/plain; charset=\u{0}"),
    ("authorization", "Bearer a.b.c"),
    ("apikey", "sb_secret_key"),
    ("cookie", "a=b; c"),
    ("if-none-match", "*"),
];

const BODIES: &[&str] = &[
    "",
    "{}",
    "[]",
    "null",
    "1",
    "\"x\"",
    "{\"id\": 90, \"author_id\": 1, \"title\": \"x\"}",
    "[{\"id\": 91, \"name\": \"a\"}, {\"id\": 92}]",
    "{\"id\": 1e400}",
    "{\"title\": \"\\u0000\"}",
    "{\"title\": \"\\ud800\"}",
    "id,name\n93,x\n94,\"y\n",
    "id,name\n95",
    "\u{FEFF}{}",
    "a=1&b=2",
    "a=%zz",
    "{\"a\": 1, \"a\": 2}",
    "{\"settings\": {\"a\": [1, {\"b\": null}]}, \"tags\": [\"x\", null]}",
    "[1, 2]",
    "[{}, {\"id\": 5}]",
];

const METHODS: &[&str] = &["GET", "GET", "GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS", "TRACE"];

/// What is cut into text.
const SPLINTERS: &[&str] = &[
    "(",
    ")",
    ",",
    ".",
    "\"",
    "'",
    "*",
    ":",
    "::",
    "!",
    "->",
    "->>",
    "{",
    "}",
    "&",
    "=",
    "%",
    "%ff",
    "%00",
    "\u{FFFD}",
    "$1",
    ";",
    "\\",
    "..",
    "null",
    "is",
    "not.",
    "and",
    "999999999999999999999",
    "-1",
    "\u{202E}",
    " ",
    "\t",
];

/// A sequence that its seed decides (SplitMix64).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    pub(crate) fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((z ^ (z >> 31)) >> 33).unwrap_or(0) % sides.max(1)
    }

    pub(crate) fn pick<'t, T>(&mut self, list: &'t [T]) -> &'t T {
        &list[self.roll(list.len())]
    }

    /// The text as it is, or with something cut out, put in, doubled or cut off.
    pub(crate) fn bend(&mut self, text: &str) -> String {
        let mut characters: Vec<char> = text.chars().collect();
        for _ in 0..[0, 0, 1, 1, 2, 4][self.roll(6)] {
            let at = self.roll(characters.len() + 1);
            match self.roll(5) {
                0 if !characters.is_empty() => drop(characters.remove(at.min(characters.len() - 1))),
                1 => characters.truncate(at),
                2 => {
                    let end = (at + self.roll(12)).min(characters.len());
                    let copied: Vec<char> = characters[at.min(end)..end].to_vec();
                    characters.splice(at..at, copied);
                }
                _ => {
                    let splinter = *self.pick(SPLINTERS);
                    characters.splice(at..at, splinter.chars());
                }
            }
        }
        characters.into_iter().collect()
    }
}

/// A request, as text to show and to send.
#[derive(Debug)]
struct Asked {
    method: &'static str,
    target: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

fn ask(dice: &mut Dice) -> Asked {
    let mut target = (*dice.pick(PATHS)).to_owned();
    if dice.roll(8) == 0 {
        target = format!("/{}", dice.bend(&target[1..]));
    }
    let parts = (0..dice.roll(5)).map(|_| {
        let part = *dice.pick(PARTS);
        dice.bend(part)
    });
    let query = parts.collect::<Vec<String>>().join("&");
    if !query.is_empty() {
        target = format!("{}?{query}", target.replace('?', "%3F"));
    }
    let headers = (0..dice.roll(4)).map(|_| {
        let (name, value) = *dice.pick(HEADERS);
        (name, dice.bend(value))
    });
    let headers = headers.collect();
    let text = *dice.pick(BODIES);
    let mut body = dice.bend(text).into_bytes();
    if dice.roll(12) == 0 {
        body.push(0xFF);
    }
    let method = *dice.pick(METHODS);
    Asked { method, target, headers, body }
}

/// The request, if HTTP can carry it.
fn request(asked: &Asked) -> Option<Request<Body>> {
    let target = encoded(&asked.target.replace('#', "%23"));
    let mut request = Request::builder().method(asked.method).uri(target);
    for (name, value) in &asked.headers {
        request = request.header(*name, HeaderValue::from_bytes(value.as_bytes()).ok()?);
    }
    request.body(Body::from(asked.body.clone())).ok()
}

/// What of the inside stands in a text.
pub(crate) fn leak(text: &str) -> Option<&'static str> {
    const INSIDE: &[&str] = &[
        "pgrst_source",
        "pgrst_payload",
        "sqlite",
        "SQLite",
        "WITH ",
        "SELECT ",
        "INSERT INTO",
        ".rs:",
        "panicked",
        "/crates/",
        "backtrace",
        "internal error",
        "row_to_json",
        "json_agg(",
    ];
    INSIDE.iter().find(|word| text.contains(**word)).copied()
}

/// What is wrong with an answer.
fn fault(answer: &Answer) -> Option<String> {
    let is_error = answer.status >= 400;
    let body: Option<serde_json::Value> = serde_json::from_str(&answer.text).ok();
    let code = body.as_ref().and_then(|body| body["code"].as_str()).unwrap_or_default();
    if answer.status >= 500 && !code.starts_with("54") {
        return Some(format!("status {}", answer.status));
    }
    if is_error && !answer.text.is_empty() && code.is_empty() {
        return Some("an error without a code".to_owned());
    }
    if is_error { leak(&answer.text).map(|word| format!("shows {word}")) } else { None }
}

/// A number from the environment.
pub(crate) fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// The first request of a run that is answered as none should be.
async fn search<F: Future<Output = Option<Answer>>>(
    seed: u64,
    answer: impl Fn(Request<Body>) -> F,
) -> Option<String> {
    let mut dice = Dice::new(seed);
    for _ in 0..number("FUZZ_REQUESTS", REQUESTS) {
        let asked = ask(&mut dice);
        let Some(request) = request(&asked) else { continue };
        let found = answer(request).await.and_then(|answer| Some(format!("{}: {answer:?}", fault(&answer)?)));
        if let Some(fault) = found {
            return Some(format!("seed {seed}: {asked:?}: {fault}"));
        }
    }
    None
}

async fn requests_are_answered(app: App) {
    let seed = number("FUZZ_SEED", 1);
    let app = &app;
    let found = search(seed, |request| async move { Some(app.answer(request).await) }).await;
    assert_eq!(found, None);
    // Nothing of it reached a table that nobody opened, nor broke what is there.
    assert_eq!(app.rows("select count(*) from public.forgotten").await, 0);
    assert!(app.rows("select count(*) from public.users").await >= 3);
}

/// A failure that only some requests meet is found.
#[tokio::test]
async fn canary_is_found() {
    let broken = |answer: fn() -> Answer| {
        search(1, move |request| async move {
            let meets =
                request.uri().query().is_some_and(|query| query.contains("plfts") && query.contains("limit"));
            meets.then(answer)
        })
    };
    assert!(
        broken(|| Answer { status: 500, headers: HeaderMap::new(), text: String::new() }).await.is_some()
    );
    let shown = "{\"code\": \"42601\", \"message\": \"syntax error in WITH pgrst_source\"}";
    assert_eq!(leak(shown), Some("pgrst_source"));
    assert!(
        broken(|| Answer { status: 400, headers: HeaderMap::new(), text: "{\"message\": \"x\"}".to_owned() })
            .await
            .is_some()
    );
    assert!(
        broken(|| Answer { status: 200, headers: HeaderMap::new(), text: "[]".to_owned() }).await.is_none()
    );
}
