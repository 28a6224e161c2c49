//! What of the data API is set.

/// How transactions end, and whether the client may choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum TransactionEndPolicy {
    /// COMMIT.
    #[default]
    Commit,
    /// COMMIT, unless the client prefers otherwise.
    CommitUnlessAsked,
    /// ROLLBACK.
    Rollback,
    /// ROLLBACK, unless the client prefers otherwise.
    RollbackUnlessAsked,
}

impl TransactionEndPolicy {
    /// Whether `Prefer: tx=…` is heard.
    pub fn client_may_choose(self) -> bool {
        matches!(self, TransactionEndPolicy::CommitUnlessAsked | TransactionEndPolicy::RollbackUnlessAsked)
    }

    /// Whether nothing stays when nobody chooses.
    pub fn rolls_back(self) -> bool {
        matches!(self, TransactionEndPolicy::Rollback | TransactionEndPolicy::RollbackUnlessAsked)
    }
}

/// The settings.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The schemas that requests may name, the default one first.
    pub schemas: Vec<String>,
    /// Schemas that are searched for functions and types after the request's.
    pub extra_search_path: Vec<String>,
    /// Rows that a read gives at most, at each level.
    pub max_rows: Option<i64>,
    /// Whether `select` may aggregate.
    pub aggregates_enabled: bool,
    /// Whether the database's plan of a request may be asked for.
    pub plan_enabled: bool,
    /// Whether the root answers with the document of all that a role may do.
    pub root_enabled: bool,
    /// How transactions end.
    pub transaction_end: TransactionEndPolicy,
    /// A function that runs first in each request, as schema and name.
    pub pre_request: Option<(String, String)>,
    /// Settings of every request's transaction, as `app.settings.…`.
    pub app_settings: Vec<(String, String)>,
    /// Relations, as `schema.name` or `name`, that are open although only default grants open them; `*` is all.
    pub open_tables: Vec<String>,
    /// Whether the answer is only there for relations that are open (rule 10 of the design).
    pub exposure_enforced: bool,
    /// Embedded resources in one request.
    pub embeds_max: usize,
    /// Conditions and sort keys in one request.
    pub conditions_max: usize,
    /// Requests in one batch.
    pub batch_max: usize,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            schemas: vec!["public".to_owned()],
            extra_search_path: vec!["public".to_owned(), "extensions".to_owned()],
            max_rows: Some(1000),
            aggregates_enabled: false,
            plan_enabled: false,
            root_enabled: true,
            transaction_end: TransactionEndPolicy::default(),
            pre_request: None,
            app_settings: Vec::new(),
            open_tables: Vec::new(),
            exposure_enforced: true,
            embeds_max: 64,
            conditions_max: 512,
            batch_max: 100,
        }
    }
}
