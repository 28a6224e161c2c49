//! A run: seeds, each a schema and requests to it, and the report of what was answered.

use super::Asked;
use super::answer::{Answer, Aspects, Difference, difference, text};
use super::ask::{Tokens, ask};
use super::ours::{Ours, SECRET, execute, keys, look};
use super::peer::Peer;
use super::schema::{Schema, generate, quoted};
use super::shrink::candidates;
use super::versions::{Rule, explain, rules};
use crate::dice::Dice;
use database::Database;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use testkit::TestPostgres;

/// feature_not_supported
const REFUSED: &str = "0A000";

/// Two answers that differ for no known reason.
#[derive(Clone, Debug)]
pub struct Found {
    /// The seed of the schema.
    pub seed: u64,
    /// Whose answers: `PostgREST` against ours, or PostgreSQL against embedded.
    pub pair: &'static str,
    /// The request, made as small as it stays different.
    pub asked: Asked,
    /// The parts, with both texts.
    pub parts: BTreeMap<String, (String, String)>,
}

/// The report.
#[derive(Debug, Default)]
pub struct Report {
    /// Requests that both answered.
    pub requests: usize,
    /// Equal ones.
    pub equal: usize,
    /// Of those, equal but for the order of rows where nothing says which.
    pub reordered: usize,
    /// Of the equal ones, how many were no errors.
    pub succeeded: usize,
    /// Equal but for a difference of versions.
    pub by_version: usize,
    /// How often each rule was used.
    pub rules: BTreeMap<usize, usize>,
    /// Wrong in several places, each refused alike when it is alone, of which another is named first.
    pub several_faults: usize,
    /// Different ones.
    pub different: Vec<Found>,
    /// Requests that the embedded engine was asked, too.
    pub embedded: usize,
    /// Of those, what it refused.
    pub refused: usize,
    /// Of those, equal ones.
    pub embedded_equal: usize,
    /// Of those, different ones.
    pub embedded_different: Vec<Found>,
    /// Tables that held other rows on both sides at the end.
    pub states: Vec<String>,
}

/// Runs seeds of so many requests each.
///
/// # Errors
/// What keeps it from asking.
pub async fn run(
    program: &Path,
    server: &TestPostgres,
    seeds: impl Iterator<Item = u64>,
    requests: usize,
) -> Result<Report, String> {
    let rules = rules()?;
    let mut report = Report::default();
    for seed in seeds {
        one(program, server, seed, requests, &rules, &mut report).await?;
    }
    Ok(report)
}

fn tokens() -> Result<Tokens, String> {
    let sign = |secret: &str, claims: serde_json::Value| {
        let claims = claims.as_object().cloned().unwrap_or_default();
        keys(secret).sign(&claims, SystemTime::now()).map_err(|error| format!("{error:?}"))
    };
    Ok(Tokens {
        user: sign(SECRET, json!({"role": "authenticated", "sub": "ann"}))?,
        expired: sign(SECRET, json!({"role": "authenticated", "exp": 1}))?,
        stranger: sign("another secret that is long enough", json!({"role": "authenticated"}))?,
    })
}

/// Makes the schema; the texts of what the engine refuses where the other did not.
async fn make(database: &Arc<dyn Database>, schema: &Schema) -> Vec<(usize, String)> {
    let mut failed = Vec::new();
    for (number, statement) in schema.statements.iter().enumerate() {
        if let Err(error) = execute(database, statement).await {
            failed.push((number, format!("{} {}", error.code(), error.message())));
        }
    }
    failed
}

/// The sides of a schema.
struct Sides {
    peer: Peer,
    postgres: Ours,
    theirs: Arc<dyn Database>,
    embedded: Option<Ours>,
    /// Functions that the embedded engine did not take.
    missing: Vec<String>,
}

async fn one(
    program: &Path,
    server: &TestPostgres,
    seed: u64,
    requests: usize,
    rules: &[Rule],
    report: &mut Report,
) -> Result<(), String> {
    let mut dice = Dice::new(seed);
    let schema = generate(&mut dice);
    let said = |error: database::DatabaseError| format!("seed {seed}: {error:?}");
    let (their_name, theirs) = server.named().await.map_err(said)?;
    let (our_name, ours) = server.named().await.map_err(said)?;
    let failed = make(&theirs, &schema).await;
    for (number, error) in &failed {
        if !schema.statements[*number].starts_with("insert") {
            return Err(format!("seed {seed}: {}: {error}", schema.statements[*number]));
        }
    }
    make(&ours, &schema).await;
    let folder = std::env::temp_dir();
    let peer = Peer::start(program, &server.url_of(&their_name), &folder, &schema).await?;
    let embedded = testkit::embedded().await.map_err(said)?;
    let lacking: Vec<&str> = make(&embedded, &schema)
        .await
        .into_iter()
        .filter(|(number, _)| !failed.iter().any(|(other, _)| other == number))
        .map(|(number, _)| schema.statements[number].as_str())
        .collect();
    let function = |statement: &&str| {
        statement
            .strip_prefix("create function api.")
            .map(|rest| rest.split('(').next().unwrap_or_default().to_owned())
    };
    let missing: Vec<String> = lacking.iter().filter_map(function).collect();
    let takes = missing.len() == lacking.len();
    let mut sides = Sides {
        peer,
        postgres: Ours::over(Arc::clone(&ours), &schema),
        theirs: Arc::clone(&theirs),
        embedded: takes.then(|| Ours::over(embedded, &schema)),
        missing,
    };
    settle(&ours, &schema).await?;
    let tokens = tokens()?;
    let mut committed = false;
    for _ in 0..requests {
        let asked = ask(&schema, &tokens, &mut dice);
        if http::Uri::try_from(asked.target.as_str()).is_err() {
            continue;
        }
        committed |= asked.commits();
        compare(&mut sides, &schema, seed, &asked, rules, report).await?;
    }
    if committed {
        states(&sides, &schema, seed, report).await;
    }
    drop(sides);
    for (name, database) in [(their_name, theirs), (our_name, ours)] {
        let _ = database.close().await;
        let _ = server.discard(&name).await;
    }
    Ok(())
}

/// Waits until our side over the server knows all relations.
async fn settle(database: &Arc<dyn Database>, schema: &Schema) -> Result<(), String> {
    for _ in 0..200 {
        let catalog = database.catalog().await.map_err(|error| format!("{error:?}"))?;
        let known = catalog
            .relations
            .values()
            .filter(|relation| schema.relations.iter().any(|own| own.name == relation.name));
        if known.count() >= schema.relations.len()
            && catalog.relations.values().any(|relation| relation.name == "things")
        {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Err("the catalog does not show the schema".into())
}

async fn pair(sides: &mut Sides, schema: &Schema, asked: &Asked) -> Result<(Answer, Answer), String> {
    if asked.writes() {
        for text in &schema.sequences {
            let _ = look(&sides.theirs, text).await;
            let _ = look(&sides.postgres.database, text).await;
        }
    }
    let (theirs, ours) = tokio::join!(sides.peer.ask(asked), sides.postgres.ask(asked));
    Ok((theirs?, ours?))
}

async fn compare(
    sides: &mut Sides,
    schema: &Schema,
    seed: u64,
    asked: &Asked,
    rules: &[Rule],
    report: &mut Report,
) -> Result<(), String> {
    let (theirs, ours) = pair(sides, schema, asked).await?;
    report.requests += 1;
    let (their_parts, our_parts) = (theirs.aspects(), ours.aspects());
    let differs = difference(&their_parts, &our_parts);
    let (used, left) = explain(rules, &asked.shown(), &their_parts, &our_parts, &differs.parts);
    for rule in &used {
        *report.rules.entry(*rule).or_default() += 1;
    }
    let headers_only = used.iter().all(|rule| rules[*rule].is_of_headers());
    if left.is_empty() && headers_only {
        report.equal += 1;
        report.reordered += usize::from(differs.reordered);
        report.succeeded += usize::from(ours.status < 300);
    } else if left.is_empty() {
        report.by_version += 1;
    } else {
        // Of an error only GET tells the code.
        let asked = if follows_get(sides, schema, asked, &left).await? {
            Asked { method: "GET", ..asked.clone() }
        } else {
            asked.clone()
        };
        let asked = shrink(sides, schema, &asked, rules).await?;
        let judged = judge(sides, schema, &asked, rules).await?;
        if judged.left.is_empty() {
            report.by_version += 1;
        } else if names_another_fault(sides, schema, &asked, rules).await? {
            report.several_faults += 1;
        } else {
            report.different.push(found(
                seed,
                "PostgREST",
                asked,
                &judged.theirs,
                &judged.ours,
                &judged.left,
            ));
        }
    }
    // What the planner thinks is nobody's promise, and the embedded engine counts instead.
    if asked
        .headers
        .iter()
        .any(|(_, value)| value.contains("count=planned") || value.contains("count=estimated"))
    {
        return Ok(());
    }
    let Some(embedded) = sides.embedded.as_ref() else { return Ok(()) };
    if sides.missing.iter().any(|missing| asked.target.contains(missing.as_str())) {
        return Ok(());
    }
    if asked.writes() {
        for text in &schema.sequences {
            let _ = look(&embedded.database, text).await;
        }
    }
    let answer = embedded.ask(asked).await?;
    report.embedded += 1;
    let parts = answer.aspects();
    let Difference { parts: differing, .. } = difference(&our_parts, &parts);
    if answer.code().as_deref() == Some(REFUSED) {
        report.refused += 1;
    } else if differing.is_empty() {
        report.embedded_equal += 1;
    } else {
        report.embedded_different.push(found(
            seed,
            "embedded",
            asked.clone(),
            &our_parts,
            &parts,
            &differing,
        ));
    }
    Ok(())
}

fn found(
    seed: u64,
    pair: &'static str,
    asked: Asked,
    theirs: &Aspects,
    ours: &Aspects,
    left: &BTreeSet<String>,
) -> Found {
    let both = |name: &String| (name.clone(), (text(theirs, name).to_owned(), text(ours, name).to_owned()));
    let mut parts: BTreeMap<_, _> = left.iter().map(both).collect();
    if theirs.contains_key("code") || ours.contains_key("code") {
        for name in ["status", "code", "message"] {
            let (name, texts) = both(&name.to_owned());
            parts.insert(name, texts);
        }
    }
    Found { seed, pair, asked, parts }
}

/// Two answers, and what of their difference no rule explains.
struct Judged {
    theirs: Aspects,
    ours: Aspects,
    left: BTreeSet<String>,
}

async fn judge(sides: &mut Sides, schema: &Schema, asked: &Asked, rules: &[Rule]) -> Result<Judged, String> {
    let (theirs, ours) = pair(sides, schema, asked).await?;
    let (theirs, ours) = (theirs.aspects(), ours.aspects());
    let differs = difference(&theirs, &ours);
    let (_, left) = explain(rules, &asked.shown(), &theirs, &ours, &differs.parts);
    Ok(Judged { theirs, ours, left })
}

/// Whether a HEAD is answered as GET is by both, as far as these parts go.
async fn follows_get(
    sides: &mut Sides,
    schema: &Schema,
    asked: &Asked,
    parts: &BTreeSet<String>,
) -> Result<bool, String> {
    if asked.method != "HEAD" {
        return Ok(false);
    }
    let (their_head, our_head) = pair(sides, schema, asked).await?;
    let (theirs, ours) = pair(sides, schema, &Asked { method: "GET", ..asked.clone() }).await?;
    let same = |one: &Answer, other: &Answer| {
        let (one, other) = (one.aspects(), other.aspects());
        parts.iter().all(|part| text(&one, part) == text(&other, part))
    };
    Ok(same(&their_head, &theirs) && same(&our_head, &ours))
}

/// Whether the request is wrong in several places, each of which both refuse alike when it is alone, and they name different ones
/// first.
async fn names_another_fault(
    sides: &mut Sides,
    schema: &Schema,
    asked: &Asked,
    rules: &[Rule],
) -> Result<bool, String> {
    let both = judge(sides, schema, asked, rules).await?;
    let faults = both.theirs.get("message").zip(both.ours.get("message"));
    let Some((theirs, ours)) = faults.filter(|(theirs, ours)| theirs != ours) else { return Ok(false) };
    let (mut theirs_alone, mut ours_alone) = (false, false);
    for candidate in candidates(asked) {
        let alone = judge(sides, schema, &candidate, rules).await?;
        if alone.left.is_empty() {
            theirs_alone |= alone.theirs.get("message") == Some(theirs);
            ours_alone |= alone.ours.get("message") == Some(ours);
        }
    }
    Ok(theirs_alone && ours_alone)
}

/// The same with less, as long as something differs for no known reason. Nothing of it stays.
async fn shrink(sides: &mut Sides, schema: &Schema, asked: &Asked, rules: &[Rule]) -> Result<Asked, String> {
    let mut best = asked.clone();
    if asked.commits() {
        for (_, value) in best.headers.iter_mut().filter(|(name, _)| *name == "prefer") {
            *value = value.replace("tx=commit", "tx=rollback");
        }
        if judge(sides, schema, &best, rules).await?.left.is_empty() {
            return Ok(asked.clone());
        }
    }
    loop {
        let mut smaller = None;
        for candidate in candidates(&best).into_iter().filter(|candidate| !candidate.commits()) {
            if !judge(sides, schema, &candidate, rules).await?.left.is_empty() {
                smaller = Some(candidate);
                break;
            }
        }
        match smaller {
            Some(candidate) => best = candidate,
            None => return Ok(best),
        }
    }
}

/// Compares what the tables hold at the end.
async fn states(sides: &Sides, schema: &Schema, seed: u64, report: &mut Report) {
    for relation in schema.relations.iter().filter(|relation| !relation.is_view) {
        let text = format!(
            "select coalesce(json_agg(t order by t::text), '[]')::text from api.{} t",
            quoted(&relation.name)
        );
        let (theirs, ours) = (look(&sides.theirs, &text).await, look(&sides.postgres.database, &text).await);
        let shown = |outcome: Result<Vec<database::Outcome>, _>| {
            outcome.map(|outcomes| outcomes.first().map(|outcome| format!("{:?}", outcome.result.rows)))
        };
        let (theirs, ours) = (shown(theirs), shown(ours));
        if theirs != ours {
            report.states.push(format!("seed {seed}: {}: {theirs:?} {ours:?}", relation.name));
        }
    }
}

/// The statements of a seed's schema.
pub fn script(seed: u64) -> Vec<String> {
    generate(&mut Dice::new(seed)).statements
}

impl Report {
    /// As text, for people.
    ///
    /// # Errors
    /// The list of versions cannot be read.
    pub fn shown(&self) -> Result<String, String> {
        let rules = rules()?;
        let mut text = String::new();
        for found in self.different.iter().chain(&self.embedded_different) {
            let _ = writeln!(text, "=== seed {} ({}): {}", found.seed, found.pair, found.asked.shown());
            for (name, (theirs, ours)) in &found.parts {
                let _ = writeln!(text, "    {name}\n      - {theirs}\n      + {ours}");
            }
        }
        for state in &self.states {
            let _ = writeln!(text, "=== rows at the end: {state}");
        }
        let _ = writeln!(
            text,
            "{} requests: {} equal ({} of them answers without an error, {} in another order where none was asked), {} by version, {} wrong in several places, {} different",
            self.requests,
            self.equal,
            self.succeeded,
            self.reordered,
            self.by_version,
            self.several_faults,
            self.different.len()
        );
        let _ = writeln!(
            text,
            "embedded: {} requests: {} equal, {} refused, {} different",
            self.embedded,
            self.embedded_equal,
            self.refused,
            self.embedded_different.len()
        );
        for (number, times) in &self.rules {
            let rule = &rules[*number];
            let _ = writeln!(text, "{times:>7}  {}: {}", rule.since, rule.reason);
        }
        Ok(text)
    }
}
