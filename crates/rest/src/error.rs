//! What the data API refuses, each under its code; the one place where that becomes an answer.

use crate::model::{Cardinality, Door, FuzzySet, Model, Relationship, Routine};
use crate::query::ParseFailure;
use database::DatabaseError;
use http::{HeaderName, StatusCode, header};
use serde_json::{Value, json};
use std::sync::Arc;
use web::{ApiError, TokenError};

/// Why a request is not answered as asked.
#[derive(Clone, Debug)]
pub(crate) enum Refusal {
    /// PGRST100
    Query(ParseFailure),
    /// PGRST101
    FunctionMethod(String),
    /// PGRST102
    Body(String),
    /// PGRST103
    Range(RangeRefusal),
    /// PGRST105
    PutFilters,
    /// PGRST106
    Schema { asked: String, exposed: Vec<String> },
    /// PGRST107
    Media(Vec<String>),
    /// PGRST108
    NotEmbedded { name: String, alias: Option<String> },
    /// PGRST114
    PutRange,
    /// PGRST115
    PutKey,
    /// PGRST116
    NotSingle(i64),
    /// PGRST117
    Method(String),
    /// PGRST118
    RelatedOrder { origin: String, target: String },
    /// PGRST122
    Preferences(Vec<String>),
    /// PGRST123
    Aggregates,
    /// PGRST124
    TooManyAffected(i64),
    /// PGRST125
    Path,
    /// PGRST126
    RootDisabled,
    /// PGRST127
    NotImplemented(&'static str),
    /// PGRST128
    MaximumOfSingle,
    /// PGRST111
    HeadersSetting,
    /// PGRST112
    StatusSetting,
    /// PGRST200
    NoRelationship {
        origin: String,
        target: String,
        hint: Option<String>,
        schema: String,
        suggestion: Option<String>,
    },
    /// PGRST201
    AmbiguousRelationship { origin: String, target: String, candidates: Vec<Arc<Relationship>> },
    /// PGRST202
    NoFunction(Box<NoFunction>),
    /// PGRST203
    AmbiguousFunction(Vec<Arc<Routine>>),
    /// PGRST204
    NoColumn { table: String, column: String },
    /// PGRST205
    NoTable { schema: String, table: String, suggestion: Option<String>, may_be_hidden: bool },
    /// An array of the body holds something else than objects.
    NotObjects,
    /// More values than a statement can have.
    TooManyValues,
    /// The request asks for more than one request may.
    TooCostly(&'static str),
    /// BDP100
    IdempotencyKey,
    /// BDP101
    IdempotencyOther,
    /// BDP102
    IdempotencyRunning,
    /// BDP103
    IdempotencyKeysFull,
    /// BDP104
    IdempotencyAnswer,
    /// BDP110; with what the database said of what is there.
    Precondition(Option<Box<DatabaseError>>),
    /// BDP111
    Tags(HeaderName),
    /// BDP112
    PreconditionKind(&'static str),
    /// BDP120
    Batch(String),
    /// BDP121
    BatchItem(&'static str),
    /// BDP122
    BatchSize(String),
    /// BDP123
    Reference { pointer: String, why: String },
    /// BDP124
    BatchTime,
    /// BDP130
    Nested { message: String, hint: &'static str },
    /// The database's own.
    Database(DatabaseError),
    /// The caller's token.
    Token(TokenError),
}

/// What is wrong with a range.
#[derive(Clone, Debug)]
pub(crate) enum RangeRefusal {
    NegativeLimit,
    LowerAboveUpper,
    BeyondEnd { offset: i64, total: i64 },
}

/// A function that was not found, as it was called.
#[derive(Clone, Debug)]
pub(crate) struct NoFunction {
    pub(crate) schema: String,
    pub(crate) name: String,
    /// Sorted.
    pub(crate) arguments: Vec<String>,
    /// Named like the type of a nameless parameter that the body could have been for.
    pub(crate) nameless: Nameless,
    pub(crate) suggestion: Option<String>,
}

/// What the whole body of a call could have been given to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nameless {
    /// Nothing: not called by POST, or by a form.
    No,
    /// A json or jsonb parameter, beside arguments by name.
    Json,
    /// Only a parameter of this type.
    Only(&'static str),
}

impl From<ParseFailure> for Refusal {
    fn from(failure: ParseFailure) -> Refusal {
        Refusal::Query(failure)
    }
}

impl From<DatabaseError> for Refusal {
    fn from(error: DatabaseError) -> Refusal {
        Refusal::Database(error)
    }
}

impl From<TokenError> for Refusal {
    fn from(error: TokenError) -> Refusal {
        Refusal::Token(error)
    }
}

impl Refusal {
    /// The answer. `anonymous`: nobody signed in, so that a missing right asks to.
    pub(crate) fn into_answer(self, anonymous: bool) -> ApiError {
        let error = |status: u16, code: &'static str, message: String| {
            ApiError::new(StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST), code, message)
        };
        match self {
            Refusal::Query(failure) => error(400, "PGRST100", failure.message).with_details(failure.details),
            Refusal::FunctionMethod(method) => {
                error(405, "PGRST101", format!("Cannot use the {method} method on RPC"))
            }
            Refusal::Body(message) => error(400, "PGRST102", message),
            Refusal::Range(range) => error(416, "PGRST103", "Requested range not satisfiable".to_owned())
                .with_details(range.details()),
            Refusal::PutFilters => error(
                405,
                "PGRST105",
                "Filters must include all and only primary key columns with 'eq' operators".to_owned(),
            ),
            Refusal::Schema { asked, exposed } => error(406, "PGRST106", format!("Invalid schema: {asked}"))
                .with_hint(format!("Only the following schemas are exposed: {}", exposed.join(", "))),
            Refusal::Media(types) => {
                error(406, "PGRST107", format!("None of these media types are available: {}", types.join(", ")))
            }
            Refusal::NotEmbedded { name, alias } => {
                let answer =
                    error(400, "PGRST108", format!("'{name}' is not an embedded resource in this request"));
                match alias {
                    None => answer
                        .with_hint(format!("Verify that '{name}' is included in the 'select' query parameter.")),
                    Some(alias) => answer
                        .with_details("Target names are not allowed in filters if they have an alias")
                        .with_hint(format!("Change '{name}' to '{alias}' in filters, orders or limits.")),
                }
            }
            Refusal::PutRange => error(
                400,
                "PGRST114",
                "limit/offset querystring parameters are not allowed for PUT".to_owned(),
            ),
            Refusal::PutKey => {
                error(400, "PGRST115", "Payload values do not match URL in primary key column(s)".to_owned())
            }
            Refusal::NotSingle(rows) => {
                error(406, "PGRST116", "Cannot coerce the result to a single JSON object".to_owned())
                    .with_details(format!("The result contains {rows} rows"))
            }
            Refusal::Method(method) => error(405, "PGRST117", format!("Unsupported HTTP method: {method}")),
            Refusal::RelatedOrder { origin, target } => {
                error(400, "PGRST118", format!("A related order on '{target}' is not possible")).with_details(
                    format!("'{origin}' and '{target}' do not form a many-to-one or one-to-one relationship"),
                )
            }
            Refusal::Preferences(unknown) => {
                error(400, "PGRST122", "Invalid preferences given with handling=strict".to_owned())
                    .with_details(format!("Invalid preferences: {}", unknown.join(", ")))
            }
            Refusal::Aggregates => error(400, "PGRST123", "Use of aggregate functions is not allowed".to_owned()),
            Refusal::TooManyAffected(rows) => {
                error(400, "PGRST124", "Query result exceeds max-affected preference constraint".to_owned())
                    .with_details(format!("The query affects {rows} rows"))
            }
            Refusal::Path => error(404, "PGRST125", "Invalid path specified in request URL".to_owned()),
            Refusal::RootDisabled => error(404, "PGRST126", "Root endpoint metadata is disabled".to_owned()),
            Refusal::NotImplemented(what) => {
                error(400, "PGRST127", "Feature not implemented".to_owned()).with_details(what)
            }
            Refusal::MaximumOfSingle => error(
                400,
                "PGRST128",
                "Function must return SETOF or TABLE when max-affected preference is used with handling=strict"
                    .to_owned(),
            ),
            Refusal::HeadersSetting => error(
                500,
                "PGRST111",
                "response.headers guc must be a JSON array composed of objects with a single key and a string value"
                    .to_owned(),
            ),
            Refusal::StatusSetting => {
                error(500, "PGRST112", "response.status guc must be a valid status code".to_owned())
            }
            Refusal::NoRelationship { origin, target, hint, schema, suggestion } => {
                let using = hint.map(|hint| format!("' using the hint '{hint}")).unwrap_or_default();
                let mut answer = error(
                    400,
                    "PGRST200",
                    format!(
                        "Could not find a relationship between '{origin}' and '{target}' in the schema cache"
                    ),
                )
                .with_details(format!(
                    "Searched for a foreign key relationship between '{origin}' and '{target}{using}' in the schema '{schema}', but no matches were found."
                ));
                answer.hint = suggestion;
                answer
            }
            Refusal::AmbiguousRelationship { origin, target, candidates } => {
                ambiguous_relationship(&origin, &target, &candidates)
            }
            Refusal::NoFunction(call) => call.answer(),
            Refusal::AmbiguousFunction(routines) => {
                let listed: Vec<String> = routines.iter().map(|routine| signature(routine)).collect();
                error(
                    300,
                    "PGRST203",
                    format!("Could not choose the best candidate function between: {}", listed.join(", ")),
                )
                .with_hint("Try renaming the parameters or the function itself in the database so function overloading can be resolved")
            }
            Refusal::NoColumn { table, column } => error(
                400,
                "PGRST204",
                format!("Could not find the '{column}' column of '{table}' in the schema cache"),
            ),
            Refusal::NoTable { schema, table, suggestion, may_be_hidden } => {
                let mut answer = no_table(&schema, &table);
                answer.hint = match suggestion {
                    Some(near) => Some(format!("Perhaps you meant the table '{schema}.{near}'")),
                    None if may_be_hidden => Some(how_to_open(&schema, &table)),
                    None => None,
                };
                answer
            }
            Refusal::NotObjects => {
                error(400, "22023", "argument of json_populate_recordset must be an array of objects".to_owned())
            }
            Refusal::TooManyValues => {
                error(413, "54000", "The body has more values than one statement can take".to_owned())
                    .with_hint("Send the rows in several requests.")
            }
            Refusal::TooCostly(what) => error(400, "54001", format!("The request asks for too many {what}")),
            Refusal::IdempotencyKey => error(400, "BDP100", "The Idempotency-Key is none".to_owned())
                .with_hint("Send one key, in quotes: 1 to 255 printable ASCII characters, a random UUID best."),
            Refusal::IdempotencyOther => {
                error(422, "BDP101", "The Idempotency-Key was used for another request".to_owned())
                    .with_hint("Take a new key for each request, and the same only to send the same request again.")
            }
            Refusal::IdempotencyRunning => {
                error(409, "BDP102", "The request with this Idempotency-Key is still running".to_owned())
                    .with_hint("Try again in a moment: then its answer is there, or it left no trace.")
                    .with_header(header::RETRY_AFTER, "1")
            }
            Refusal::IdempotencyKeysFull => error(429, "BDP103", "Too many Idempotency-Keys are kept".to_owned())
                .with_hint("A key is kept for 24 hours. Nothing was done.")
                .with_header(header::RETRY_AFTER, "3600"),
            Refusal::IdempotencyAnswer => {
                error(413, "BDP104", "The answer is too large to be kept under an Idempotency-Key".to_owned())
                    .with_hint("Ask for less of it, as by Prefer: return=minimal. Nothing was done.")
            }
            Refusal::Precondition(found) => {
                let answer = error(412, "BDP110", "The precondition of the request does not hold".to_owned());
                match found.as_deref().and_then(|found| found.fields().detail.clone()) {
                    Some(detail) => answer.with_details(detail),
                    None => answer.with_hint("Read it again, and decide anew. Nothing was written."),
                }
            }
            Refusal::Tags(name) => error(400, "BDP111", format!("The header {name} holds no list of entity tags"))
                .with_hint("Send * or tags in quotes, as the ETag of an answer has them."),
            Refusal::PreconditionKind(message) => error(400, "BDP112", message.to_owned()),
            Refusal::Batch(message) => error(400, "BDP120", message)
                .with_hint("Send {\"requests\": [{\"method\", \"path\", \"headers\", \"body\"}, …]}."),
            Refusal::BatchItem(message) => error(400, "BDP121", message.to_owned()),
            Refusal::BatchSize(message) => error(413, "BDP122", message),
            Refusal::Reference { pointer, why } => {
                error(400, "BDP123", format!("The reference \"{pointer}\" means nothing")).with_details(why)
            }
            Refusal::BatchTime => error(504, "BDP124", "The batch took too long".to_owned())
                .with_hint("Nothing of it was done."),
            Refusal::Nested { message, hint } => error(400, "BDP130", message).with_hint(hint),
            Refusal::Database(error) => ApiError::from_database(&error, anonymous),
            Refusal::Token(error) => error.into(),
        }
    }
}

fn no_table(schema: &str, table: &str) -> ApiError {
    ApiError::new(
        StatusCode::NOT_FOUND,
        "PGRST205",
        format!("Could not find the table '{schema}.{table}' in the schema cache"),
    )
}

/// Said of what is hidden and of what is not there alike, so that nobody learns which it is.
fn how_to_open(schema: &str, table: &str) -> String {
    format!(
        "If it exists, it is not open: enable row security on it and write a policy, or GRANT a role a right to it, or name '{schema}.{table}' in open_tables of the section [api] in config.toml."
    )
}

impl RangeRefusal {
    fn details(&self) -> String {
        match self {
            RangeRefusal::NegativeLimit => "Limit should be greater than or equal to zero.".to_owned(),
            RangeRefusal::LowerAboveUpper => {
                "The lower boundary must be lower than or equal to the upper boundary in the Range header."
                    .to_owned()
            }
            RangeRefusal::BeyondEnd { offset, total } => {
                format!("An offset of {offset} was requested, but there are only {total} rows.")
            }
        }
    }
}

fn signature(routine: &Routine) -> String {
    let parameters: Vec<String> = routine
        .parameters
        .iter()
        .map(|parameter| format!("{} => {}", parameter.name, parameter.declared.as_sql()))
        .collect();
    format!("{}.{}({})", routine.schema, routine.name, parameters.join(", "))
}

fn ambiguous_relationship(origin: &str, target: &str, candidates: &[Arc<Relationship>]) -> ApiError {
    let hints: Vec<String> = candidates
        .iter()
        .filter_map(|one| Some(format!("'{}!{}'", one.target.name, hint_for(one)?)))
        .collect();
    ApiError::new(
        StatusCode::MULTIPLE_CHOICES,
        "PGRST201",
        format!("Could not embed because more than one relationship was found for '{origin}' and '{target}'"),
    )
    .with_details(Value::Array(candidates.iter().map(|one| described(one)).collect()))
    .with_hint(format!(
        "Try changing '{target}' to one of the following: {}. Find the desired relationship in the 'details' key.",
        hints.join(", ")
    ))
}

/// What tells a relationship from the others.
fn hint_for(relationship: &Relationship) -> Option<&str> {
    match &relationship.cardinality {
        Cardinality::ManyToOne { constraint, .. }
        | Cardinality::OneToMany { constraint, .. }
        | Cardinality::OneToOne { constraint, .. } => Some(constraint),
        Cardinality::ManyToMany(junction) => Some(&junction.table.name),
        Cardinality::Computed { .. } => None,
    }
}

fn described(one: &Relationship) -> Value {
    let list = |names: Vec<&str>| format!("({})", names.join(", "));
    let between = |constraint: &str, columns: &[(String, String)]| {
        let own = columns.iter().map(|(column, _)| column.as_str()).collect();
        let other = columns.iter().map(|(_, column)| column.as_str()).collect();
        format!("{constraint} using {}{} and {}{}", one.origin.name, list(own), one.target.name, list(other))
    };
    let (cardinality, relationship) = match &one.cardinality {
        Cardinality::ManyToOne { constraint, columns } => ("many-to-one", between(constraint, columns)),
        Cardinality::OneToMany { constraint, columns } => ("one-to-many", between(constraint, columns)),
        Cardinality::OneToOne { constraint, columns, .. } => ("one-to-one", between(constraint, columns)),
        Cardinality::ManyToMany(junction) => {
            let columns =
                |pairs: &[(String, String)]| list(pairs.iter().map(|(_, column)| column.as_str()).collect());
            (
                "many-to-many",
                format!(
                    "{} using {}{} and {}{}",
                    junction.table.name,
                    junction.origin_constraint,
                    columns(&junction.origin_columns),
                    junction.target_constraint,
                    columns(&junction.target_columns)
                ),
            )
        }
        Cardinality::Computed { .. } => return json!({}),
    };
    json!({
        "cardinality": cardinality,
        "embedding": format!("{} with {}", one.origin.name, one.target.name),
        "relationship": relationship,
    })
}

impl NoFunction {
    fn answer(&self) -> ApiError {
        let called = format!("{}.{}", self.schema, self.name);
        let listed = self.arguments.join(", ");
        let (message, details) = match (self.nameless, self.arguments.is_empty()) {
            (Nameless::Only(kind), _) => (String::new(), format!(" with a single unnamed {kind} parameter")),
            (nameless, empty) => {
                let message = if empty { " without parameters".to_owned() } else { format!("({listed})") };
                let mut details = match self.arguments.len() {
                    0 => " without parameters".to_owned(),
                    1 => format!(" with parameter {listed}"),
                    _ => format!(" with parameters {listed}"),
                };
                if nameless == Nameless::Json {
                    details.push_str(" or with a single unnamed json/jsonb parameter");
                }
                (message, details)
            }
        };
        let mut answer = ApiError::new(
            StatusCode::NOT_FOUND,
            "PGRST202",
            format!("Could not find the function {called}{message} in the schema cache"),
        )
        .with_details(format!(
            "Searched for the function {called}{details}, but no matches were found in the schema cache."
        ));
        answer.hint = self
            .suggestion
            .as_ref()
            .map(|near| format!("Perhaps you meant to call the function {}.{near}", self.schema));
        answer
    }
}

/// How alike a name must be to be suggested where it says what there is.
const CLOSE: f64 = 0.75;
/// How alike it must be where it says little.
const LOOSE: f64 = 0.33;

/// A relation with a near name.
pub(crate) fn near_table(model: &Model, schema: &str, name: &str, door: &Door) -> Option<String> {
    let open = model.tables_in(schema).filter(|table| door.shows(table)).map(|table| table.name.as_str());
    FuzzySet::new(open).nearest(name, CLOSE).map(str::to_owned)
}

/// A function with a near name, or the same function with near parameters.
pub(crate) fn near_function(model: &Model, schema: &str, name: &str, arguments: &[String]) -> Option<String> {
    let overloads = model.functions_named(schema, name);
    if overloads.is_empty() {
        return FuzzySet::new(model.function_names(schema)).nearest(name, CLOSE).map(str::to_owned);
    }
    let listed = |names: Vec<&str>| {
        let mut names = names;
        names.sort_unstable();
        format!("({})", names.join(", "))
    };
    let lists: Vec<String> = overloads
        .iter()
        .map(|one| listed(one.parameters.iter().map(|parameter| parameter.name.as_str()).collect()))
        .collect();
    let asked = listed(arguments.iter().map(String::as_str).collect());
    let near = FuzzySet::new(lists.iter().map(String::as_str)).nearest(&asked, LOOSE).map(str::to_owned)?;
    Some(format!("{name}{near}"))
}

/// What may have been meant where no relationship was found.
pub(crate) fn near_relationship(
    model: &Model,
    door: &Door,
    schema: &str,
    origin: &str,
    target: &str,
) -> Option<String> {
    let known = model.table(schema, origin).map(|table| model.relationships_of(table.oid));
    let related: Vec<&str> = known
        .into_iter()
        .flatten()
        .filter(|one| one.target.schema == schema && door.shows_all_of(one))
        .map(|one| one.target.name.as_str())
        .collect();
    if related.is_empty() {
        let near =
            FuzzySet::new(model.related_names(schema, door)).nearest(origin, LOOSE).map(str::to_owned)?;
        return Some(format!("Perhaps you meant '{near}' instead of '{origin}'."));
    }
    let set = FuzzySet::new(related);
    let near = set.matches(target, LOOSE).into_iter().find(|(likeness, _)| *likeness < 1.0)?.1;
    Some(format!("Perhaps you meant '{near}' instead of '{target}'."))
}
