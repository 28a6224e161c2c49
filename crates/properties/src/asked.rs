//! What is asked of both engines, and how their answers are compared.

/// How it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// A statement as the role.
    Sql(String),
    /// A request to the data API.
    Http {
        /// GET, POST …
        method: &'static str,
        /// Path and query.
        target: String,
        /// `Prefer`, when there is one.
        prefer: Option<String>,
        /// The body, empty for none.
        body: String,
    },
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The user's number.
    pub user: usize,
    /// How.
    pub way: Way,
    /// Whether rows come in one order only.
    pub ordered: bool,
    /// Whether several rows may be the first that an error names: DETAIL and quoted values are not compared then.
    pub several_culprits: bool,
    /// Whether it may change rows.
    pub writes: bool,
}

impl Asked {
    /// On one line.
    pub fn shown(&self) -> String {
        match &self.way {
            Way::Sql(text) => text.clone(),
            Way::Http { method, target, prefer, body } => {
                let prefer = prefer.as_ref().map(|prefer| format!("  Prefer: {prefer}")).unwrap_or_default();
                format!("{method} {target}{prefer}  {body}").trim_end().to_owned()
            }
        }
    }
}
