//! The data API beside a real PostgREST: generated schemas and requests, each request sent to both on databases of the same
//! contents, and to the data API over the embedded engine.
//!
//! PostgREST's published program is of an older version than the protocol we speak. What the versions between changed is
//! the list `versions.json`, read by [`versions`]; anything else that differs is a fault.
//!
//! `cargo xtask soak postgrest` fetches the program and runs this.

pub mod answer;
mod ask;
mod corrupt;
mod ours;
mod peer;
pub mod run;
mod schema;
mod shrink;
pub mod versions;

/// One request, as both are sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// GET, POST …
    pub method: &'static str,
    /// Path and query, percent-encoded.
    pub target: String,
    /// The headers, beside those that the body needs.
    pub headers: Vec<(&'static str, String)>,
    /// The body, empty for none.
    pub body: String,
}

impl Asked {
    /// On one line, as rules of versions see it: tokens are not shown.
    pub fn shown(&self) -> String {
        let mut shown = format!("{} {}", self.method, self.target);
        for (name, value) in &self.headers {
            let value = if *name == "authorization" { "(a token)" } else { value.as_str() };
            shown.push_str(&format!("  {name}: {value}"));
        }
        if !self.body.is_empty() {
            shown.push_str("  body: ");
            shown.push_str(&self.body);
        }
        shown
    }

    /// Whether something may stay of it.
    pub(crate) fn commits(&self) -> bool {
        self.headers.iter().any(|(name, value)| *name == "prefer" && value.contains("tx=commit"))
    }

    /// Whether it may change rows.
    pub(crate) fn writes(&self) -> bool {
        !matches!(self.method, "GET" | "HEAD" | "OPTIONS")
    }
}
