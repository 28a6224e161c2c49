//! The data API: PostgREST's protocol over the database port.
//!
//! A request passes four stages, each a type of its own: as [asked](asked::Asked) over HTTP, as
//! [resolved](resolved::Resolved) against the catalog, as [statements](sql::Script), as the answer. [`life`] is that
//! path; at each stage it can end in a [refusal](error::Refusal). A request that must look at something within its transaction
//! before it goes on, and the requests of a batch, take the same stages in [`transaction`].

mod answer;
mod asked;
mod batch;
mod csv;
mod error;
mod idempotency;
mod media;
mod model;
mod openapi;
mod payload;
mod plan;
mod precondition;
mod preferences;
mod query;
mod reference;
mod resolved;
mod session;
mod settings;
mod sql;
mod timing;
mod transaction;
mod types;

pub use idempotency::{CallerSecret, TABLES};
pub use settings::{
    ErrorVerbosity, OpenApi, Settings, TransactionEndPolicy, function_name, is_system_schema,
};
pub use types::{Language, types};

use crate::asked::Asked;
use crate::error::Refusal;
use crate::idempotency::{Key, Keyring};
use crate::media::MediaType;
use crate::model::{Door, Model};
use crate::precondition::Precondition;
use crate::resolved::{Against, Resolved};
use crate::settings::{AUTHENTICATOR, IN_DATABASE};
use crate::timing::{Stage, Timing};
use crate::transaction::{Item, needs_course, with_validators};
use axum::body::{Body, Bytes};
use axum::extract::State as Extract;
use axum::response::{IntoResponse, Response};
use axum::{Router, body};
use catalog::Catalog;
use database::{Database, DatabaseError, End, Session, Value, Work};
use http::{HeaderMap, Method, Request, StatusCode, header, request};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::SystemTime;
use web::{ApiError, Caller, Keys};

/// What the data API needs.
#[derive(Clone)]
pub struct State(Arc<Inner>);

struct Inner {
    database: Arc<dyn Database>,
    settings: Settings,
    keys: Keys,
    caller_secret: CallerSecret,
    /// The model of the newest catalog that was seen.
    model: Mutex<Option<Arc<Model>>>,
    /// The idempotency keys whose requests run.
    keyring: Keyring,
}

impl State {
    /// The data API of a database.
    pub fn new(
        database: Arc<dyn Database>,
        settings: Settings,
        keys: Keys,
        caller_secret: CallerSecret,
    ) -> State {
        State(Arc::new(Inner {
            database,
            settings,
            keys,
            caller_secret,
            model: Mutex::new(None),
            keyring: Keyring::default(),
        }))
    }
}

/// The routes, relative to where they are mounted (`/rest/v1`).
pub fn routes(state: State) -> Router {
    Router::new().fallback(handle).with_state(state)
}

/// The routes of batches, relative to where they are mounted (`/batch/v1`).
pub fn batch_routes(state: State) -> Router {
    Router::new().fallback(handle_batch).with_state(state)
}

async fn handle_batch(Extract(state): Extract<State>, request: Request<Body>) -> Response {
    let inner = &state.0;
    let (head, body) = request.into_parts();
    let Ok(body) = body::to_bytes(body, inner.keys.limits().body_bytes).await else {
        return too_large("The body is too large");
    };
    let caller = inner.keys.identify(&head.headers, SystemTime::now());
    match (inner.model().await, caller) {
        (Ok(model), Ok(caller)) => batch::answer(inner, model, &caller, &head, &body).await,
        (Err(refusal), _) => refusal.into_answer(true).into_response(),
        (Ok(model), Err(error)) => told(&model, Refusal::from(error), true),
    }
}

async fn handle(Extract(state): Extract<State>, request: Request<Body>) -> Response {
    let inner = &state.0;
    let (head, body) = request.into_parts();
    match body::to_bytes(body, inner.keys.limits().body_bytes).await {
        Ok(body) => answer_or_refusal(inner, &head, &body).await,
        Err(_) => too_large("The body is too large"),
    }
}

fn too_large(message: &str) -> Response {
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "54000", message).into_response()
}

async fn answer_or_refusal(inner: &Arc<Inner>, head: &request::Parts, body: &Bytes) -> Response {
    if head
        .uri
        .path_and_query()
        .is_some_and(|target| target.as_str().len() > inner.keys.limits().target_bytes)
    {
        return too_large("The request's path and query are too long");
    }
    let mut timing = Timing::start(true);
    let caller = inner.keys.identify(&head.headers, SystemTime::now());
    timing.end(Stage::Token);
    let (model, caller) = match (inner.model().await, caller) {
        (Ok(model), Ok(caller)) => (model, caller),
        (Err(refusal), _) => return refusal.into_answer(true).into_response(),
        (Ok(model), Err(error)) => return told(&model, Refusal::from(error), true),
    };
    match life(inner, &model, &caller, head, body, &mut timing).await {
        Ok(response) if model.settings().server_timing => timing.tell(response),
        Ok(response) => response,
        Err(refusal) => told(&model, refusal, caller.is_anonymous()),
    }
}

/// A refusal as an answer, as far as it may be told.
fn told(model: &Model, refusal: Refusal, anonymous: bool) -> Response {
    let mut answer = refusal.into_answer(anonymous);
    answer.brief = model.settings().error_verbosity == ErrorVerbosity::Minimal;
    answer.into_response()
}

/// The life of a request.
async fn life(
    inner: &Arc<Inner>,
    model: &Arc<Model>,
    caller: &Caller,
    head: &request::Parts,
    body: &Bytes,
    timing: &mut Timing,
) -> Result<Response, Refusal> {
    let (method, headers): (&Method, &HeaderMap) = (&head.method, &head.headers);
    let settings = model.settings();
    let asked = Asked::read(settings, method, head.uri.path(), head.uri.query(), headers, body)?;
    let precondition = Precondition::read(headers)?;
    timing.end(Stage::Parse);
    let key = Key::of(head, (caller, &inner.caller_secret), "rest", body)?;
    if key.is_some() || needs_course(&asked, &precondition)? {
        let item = Item { head: head.clone(), body: body.clone(), may_refer: false, precondition };
        let reply = transaction::single(inner, caller, Arc::clone(model), item, &asked, key).await?;
        timing.end(Stage::Transaction);
        return Ok(reply.response());
    }
    let door = model.door(caller.role());
    let against = inner.against(model, &door, settings);
    let resolved = Resolved::of(&asked, against)?;
    timing.end(Stage::Plan);
    match resolved {
        Resolved::Methods(allowed) => Ok(answer::methods(&allowed)),
        Resolved::Document { head: without_body, media } => {
            let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
            let version = match media {
                MediaType::OpenApi3 { .. } => openapi::Version::Three,
                _ => openapi::Version::Two,
            };
            let document = openapi::document(against, &asked.schema, caller.role(), host, version);
            Ok(answer::document(&asked, &media, &document, without_body))
        }
        Resolved::Statements { script, answer, read_only, settings: function_settings } => {
            let session = session::session(settings, caller, head, &asked, read_only, &function_settings);
            let (work, skipped) = session::work(settings, &asked, &script);
            let mut outcomes = inner.database.run(&session, work).await?;
            timing.end(Stage::Transaction);
            outcomes.drain(..skipped.min(outcomes.len()));
            let reply = answer::answer(&asked, &script, &answer, outcomes)?;
            Ok(with_validators(method, &asked, &precondition, reply)?.response())
        }
    }
}

impl Inner {
    /// What requests are resolved against.
    fn against<'a>(&self, model: &'a Model, door: &'a Door, settings: &'a Settings) -> Against<'a> {
        Against { model, door, settings, estimates: self.database.estimates_rows() }
    }

    /// The catalog as the data API sees it, made again when it changed.
    async fn model(&self) -> Result<Arc<Model>, Refusal> {
        let catalog = self.database.catalog().await?;
        if let Some(model) = self.slot().as_ref().filter(|model| Arc::ptr_eq(model.catalog(), &catalog)) {
            return Ok(Arc::clone(model));
        }
        let configured = self.configured(&catalog).await?;
        let settings = self.settings.of_database(&catalog, &configured);
        let model = Arc::new(Model::new(Arc::clone(&catalog), settings));
        *self.slot() = Some(Arc::clone(&model));
        Ok(model)
    }

    fn slot(&self) -> MutexGuard<'_, Option<Arc<Model>>> {
        // A poisoned lock means that making a model panicked; the slot itself is whole.
        self.model.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// What the function of `pre_config` sets. It runs as the role whose settings are the API's, in a transaction of its own of which
    /// nothing stays.
    async fn configured(&self, catalog: &Catalog) -> Result<Vec<(&'static str, String)>, Refusal> {
        let Some(function) = self.settings.pre_config.as_ref().filter(|_| self.settings.in_database) else {
            return Ok(Vec::new());
        };
        if catalog.role(AUTHENTICATOR).is_none() {
            return Err(
                DatabaseError::internal("there is no role authenticator to configure the data API").into()
            );
        }
        let (call, settings) = sql::configuration(function, &IN_DATABASE);
        let work = Work { end: End::Rollback, ..Work::all([call, settings]) };
        let outcomes = self.database.run(&Session::new(AUTHENTICATOR), work).await?;
        let row = outcomes.get(1).and_then(|outcome| outcome.result.rows.first());
        let values = row.into_iter().flatten().map(Value::as_str);
        let set = IN_DATABASE.into_iter().zip(values);
        Ok(set.filter_map(|(name, value)| Some((name, value?.to_owned()))).collect())
    }
}
