//! What is told of the projects: names and shares, nothing of what stands in them.

use crate::Examined;
use server::check::{Finding, Verdict};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// How a statement fared.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Accepted.
    Accepted,
    /// Refused as PostgreSQL refuses it: the statement is wrong.
    Wrong,
    /// Refused though PostgreSQL takes it, or for another reason.
    Refused,
}

fn fates(one: &Examined) -> Vec<(Fate, &Finding, &Finding)> {
    let pairs = one.embedded.iter().zip(&one.postgres);
    pairs
        .map(|(ours, theirs)| {
            let fate = match (&ours.verdict, &theirs.verdict) {
                (Verdict::Ok | Verdict::NoEffect(_), _) => Fate::Accepted,
                (Verdict::Refused(ours), Verdict::Refused(theirs)) if ours.code() == theirs.code() => {
                    Fate::Wrong
                }
                (Verdict::Refused(_), _) => Fate::Refused,
            };
            (fate, ours, theirs)
        })
        .collect()
}

fn counts(one: &Examined) -> (usize, usize, usize) {
    let fates = fates(one);
    let count = |wanted: Fate| fates.iter().filter(|(fate, ..)| *fate == wanted).count();
    (count(Fate::Accepted), count(Fate::Wrong), count(Fate::Refused))
}

/// Accepted by the embedded engine, refused by PostgreSQL.
fn taken(one: &Examined) -> impl Iterator<Item = (&Finding, &Finding)> {
    one.embedded.iter().zip(&one.postgres).filter(|(ours, theirs)| {
        !matches!(ours.verdict, Verdict::Refused(_)) && matches!(theirs.verdict, Verdict::Refused(_))
    })
}

pub(crate) fn line(one: &Examined) -> String {
    let (accepted, wrong, refused) = counts(one);
    let mut text = format!("{}: {accepted} accepted, {wrong} wrong on both, {refused} refused", one.name);
    if let Some(catalogs) = &one.catalogs {
        let _ = write!(
            text,
            "; catalogs {} equal, {} different, {} refused",
            catalogs.equal,
            catalogs.different.len(),
            catalogs.refused.len()
        );
    }
    if let Some(random) = &one.random {
        let _ = write!(
            text,
            "; random {} equal, {} refused, {} different",
            random.equal,
            random.refused.len(),
            random.different.len()
        );
    }
    text
}

/// For who works on it: kept outside of the repository.
pub(crate) fn details(one: &Examined) -> String {
    let mut text = line(one);
    text.push('\n');
    for (fate, ours, theirs) in fates(one) {
        if fate == Fate::Refused
            && let Verdict::Refused(error) = &ours.verdict
        {
            let internal = error.fields().internal.clone().unwrap_or_default();
            let other = match &theirs.verdict {
                Verdict::Refused(error) => format!("{} {}", error.code(), error.message()),
                Verdict::Ok | Verdict::NoEffect(_) => "accepted".to_owned(),
            };
            let _ = writeln!(
                text,
                "refused {}:{} {} {} {internal} | PostgreSQL: {other} | {}",
                ours.file,
                ours.line,
                error.code(),
                error.message(),
                ours.statement.split_whitespace().collect::<Vec<_>>().join(" ")
            );
        }
    }
    for (ours, theirs) in taken(one) {
        if let Verdict::Refused(error) = &theirs.verdict {
            let _ = writeln!(
                text,
                "taken {}:{} {} {} | {}",
                ours.file,
                ours.line,
                error.code(),
                error.message(),
                ours.statement.split_whitespace().collect::<Vec<_>>().join(" ")
            );
        }
    }
    if let Some(catalogs) = &one.catalogs {
        for difference in catalogs.different.iter().chain(&catalogs.refused) {
            let _ = writeln!(text, "catalog {difference}");
        }
    }
    if let Some(random) = &one.random {
        for difference in &random.different {
            let _ = writeln!(text, "random {difference}");
        }
        for refusal in &random.refused {
            let _ = writeln!(text, "random refused {refusal}");
        }
    }
    text
}

/// A refusal without names.
fn kind(error: &database::DatabaseError) -> String {
    let mut quoted = false;
    let mut message = String::new();
    for character in error.message().chars() {
        if character == '"' {
            quoted = !quoted;
            if quoted {
                message.push_str("\"…\"");
            }
        } else if !quoted {
            message.push(character);
        }
    }
    let calling =
        |message: &str| message.strip_prefix("calling ").map(|_| "calling a function in PL/pgSQL".to_owned());
    let branching = |message: &str| {
        let (what, _) = message.split_once(" in function ")?;
        Some(format!("{what} in a function that is called"))
    };
    let message = calling(&message).or_else(|| branching(&message)).unwrap_or(message);
    let message =
        message.strip_suffix(" is not supported by the embedded engine").unwrap_or(&message).to_owned();
    // What comes from a project's own names stays out.
    match error.code().as_str() {
        "0A000" => format!("0A000 {message}"),
        code => format!("{code} {}", general(code)),
    }
}

fn general(code: &str) -> &'static str {
    match code {
        "42P01" => "a relation that is not there",
        "42703" => "a column that is not there",
        "42883" => "a function or operator that is not there",
        "42704" => "an object that is not there",
        "42710" | "42P07" | "42723" => "an object that is there already",
        "42601" => "a syntax error",
        "23505" | "23503" | "23502" | "23514" => "a row that violates a constraint",
        _ => "other",
    }
}

fn share(part: usize, whole: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts of statements")]
    let share = if whole == 0 { 100.0 } else { part as f64 * 100.0 / whole as f64 };
    share
}

pub(crate) fn summary(all: &[Examined]) -> String {
    let (mut accepted, mut wrong, mut refused) = (0, 0, 0);
    for one in all {
        let counts = counts(one);
        accepted += counts.0;
        wrong += counts.1;
        refused += counts.2;
    }
    let statements = accepted + wrong + refused;
    format!(
        "{} projects, {statements} statements: {:.2} % accepted; {:.2} % with those that PostgreSQL refuses alike; {} \
         projects apply whole on both engines",
        all.len(),
        share(accepted, statements),
        share(accepted + wrong, statements),
        all.iter().filter(|one| one.is_whole()).count(),
    )
}

/// The share of what PostgreSQL takes: of single statements, and of the histories that it applies to the end.
fn of_what_applies(all: &[Examined]) -> String {
    let taken_by_postgres = |finding: &Finding| !matches!(finding.verdict, Verdict::Refused(_));
    let (mut statements, mut accepted) = (0, 0);
    let (mut projects, mut of_whole, mut accepted_of_whole) = (0, 0, 0);
    for one in all {
        let pairs = fates(one).into_iter().filter(|(.., theirs)| taken_by_postgres(theirs));
        let fates: Vec<Fate> = pairs.map(|(fate, ..)| fate).collect();
        let ours = fates.iter().filter(|fate| **fate == Fate::Accepted).count();
        statements += fates.len();
        accepted += ours;
        if one.postgres.iter().all(taken_by_postgres) {
            projects += 1;
            of_whole += fates.len();
            accepted_of_whole += ours;
        }
    }
    format!(
        "PostgreSQL itself takes {statements} of them; of these the embedded engine accepts {accepted}, {:.2} %. {projects} projects \
         apply whole\non PostgreSQL: the embedded engine accepts {accepted_of_whole} of their {of_whole} statements, {:.2} %.",
        share(accepted, statements),
        share(accepted_of_whole, of_whole),
    )
}

/// The page for the record.
pub(crate) fn page(all: &[Examined], seed: u64) -> String {
    let mut text = String::from(
        "# Public projects on both engines\n\n\
         Made by `cargo xtask projects`. Each project's migrations and seed run statement by statement on the embedded engine and\n\
         on PostgreSQL 15; nothing of a project is kept here but its name. *Accepted*: by the embedded engine. *Wrong*: refused with\n\
         the same SQLSTATE by PostgreSQL (what a migration needs is missing, or came twice). *Refused*: the rest.\n\n",
    );
    let _ = writeln!(text, "{}.\n\n{}\n", summary(all), of_what_applies(all));
    text.push_str("| project | statements | accepted | wrong | refused | read back: rows equal, refused, different | random statements: equal, refused, different |\n|---|---|---|---|---|---|---|\n");
    for one in all {
        let (accepted, wrong, refused) = counts(one);
        let catalogs = one.catalogs.as_ref().map_or_else(String::new, |compared| {
            format!("{}, {}, {}", compared.equal, compared.refused.len(), compared.different.len())
        });
        let random = one.random.as_ref().map_or_else(String::new, |compared| {
            format!("{}, {}, {}", compared.equal, compared.refused.len(), compared.different.len())
        });
        let _ = writeln!(
            text,
            "| {} | {} | {accepted} | {wrong} | {refused} | {catalogs} | {random} |",
            one.name,
            accepted + wrong + refused
        );
    }
    let _ = writeln!(text, "\nSeed of the random statements: {seed}.\n\n## What was refused\n");
    let mut kinds: BTreeMap<String, (usize, BTreeSet<&str>)> = BTreeMap::new();
    for one in all {
        for (fate, ours, _) in fates(one) {
            if let (Fate::Refused, Verdict::Refused(error)) = (fate, &ours.verdict) {
                let entry = kinds.entry(kind(error)).or_default();
                entry.0 += 1;
                entry.1.insert(&one.name);
            }
        }
    }
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by_key(|(name, (count, _))| (std::cmp::Reverse(*count), name.clone()));
    text.push_str("| kind | statements | projects |\n|---|---|---|\n");
    for (name, (count, projects)) in kinds {
        let _ = writeln!(text, "| {} | {count} | {} |", name.replace('|', "\\|"), projects.len());
    }
    text
}
