//! `bedplate version`

use super::print;
use crate::cli::NAME;
use crate::serve::Failure;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use std::process::ExitCode;

/// What is imitated, each in the version whose behaviour was taken (rule 21). One table: the program and the manual show it.
pub const IMITATED: &[(&str, &str)] = &[("PostgreSQL", "15"), ("PostgREST", "16"), ("GoTrue", auth::GOTRUE)];

pub(super) fn version(json: bool) -> Result<ExitCode, Failure> {
    let release = env!("CARGO_PKG_VERSION");
    if json {
        let imitates: Map<String, Value> =
            IMITATED.iter().map(|(name, version)| ((*name).into(), json!(version))).collect();
        print(&format!("{}\n", json!({"version": release, "behaves_as": imitates})))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut text = format!("{NAME} {release}\n\nBehaves as:\n");
    for (name, version) in IMITATED {
        let _ = writeln!(text, "  {name:<12} {version}");
    }
    text.push_str("\nWorks with Supabase's client libraries and the Supabase CLI's project layout; not affiliated with Supabase.\n");
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}
