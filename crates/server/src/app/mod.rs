//! The server on one page: every route, and every layer in the order in which a request meets it.

mod access;
pub(crate) mod accounts;
mod entrance;
mod health;
mod inbox;
mod overview;
mod page;
mod passwords;
mod problem;
mod rates;
mod users;

use crate::address::Range;
use crate::configuration::{ErrorVerbosity, OpenApiMode, Settings, TransactionEnd};
use crate::events::Events;
use crate::keys::{Keyring, ProjectKeys};
use crate::project::Project;
use axum::Router;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, delete, get, post};
use database::Database;
use http::Method;
use rest::TransactionEndPolicy;
use std::net::SocketAddr;
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::predicate::{DefaultPredicate, Predicate, SizeAbove};
use tower_http::compression::{CompressionLayer, CompressionLevel};

/// What our own routes and layers need. Features have states of their own.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub database: Arc<dyn Database>,
    /// The settings in effect.
    pub settings: Arc<Settings>,
    /// The project's keys.
    pub keys: Arc<ProjectKeys>,
    /// What keeps the signing keys up to date.
    pub keyring: Arc<Keyring>,
    /// All keys, as doors check them.
    pub doors: web::Keys,
    /// The accounts.
    pub accounts: auth::State,
    /// Where events go.
    pub events: Arc<Events>,
    /// The project.
    pub project: Arc<Project>,
    /// Where the API is.
    pub url: Arc<str>,
    /// Proxies whose word about the caller is believed.
    pub trusted_proxies: Arc<[Range]>,
}

/// The address from which a request came, in its extensions.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// Who may ask one of our own routes. Tests go through every route by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnAccess {
    /// Anybody; the listed reason says why that is right.
    Public(&'static str),
    /// The operator: who shows the secret key or a token of the service role, or sits at this machine while `--dev` runs.
    Operator,
}

/// A route of our own, beside those of the features.
pub struct OwnRoute {
    /// Its method.
    pub method: Method,
    /// Its path.
    pub path: &'static str,
    /// Who may.
    pub access: OwnAccess,
    handler: MethodRouter<App>,
}

/// Every route of our own.
pub fn own_routes() -> Vec<OwnRoute> {
    const NOTHING: OwnAccess = OwnAccess::Public("it says nothing of the project");
    const INBOX: OwnAccess = OwnAccess::Public("its page says nothing; the mail is for the operator");
    let route = |method, path, access, handler| OwnRoute { method, path, access, handler };
    vec![
        route(Method::GET, "/", NOTHING, get(page::page)),
        route(Method::GET, "/health", NOTHING, get(health::health)),
        route(Method::GET, "/ready", NOTHING, get(health::ready)),
        route(Method::GET, "/_bedplate/overview", OwnAccess::Operator, get(overview::overview)),
        route(Method::POST, "/_bedplate/token", OwnAccess::Operator, post(overview::token)),
        route(Method::POST, "/_bedplate/check", OwnAccess::Operator, post(overview::check)),
        route(Method::POST, "/_bedplate/users", OwnAccess::Operator, post(users::users)),
        route(Method::GET, "/_bedplate/inbox", INBOX, get(inbox::page_or_messages)),
        route(Method::DELETE, "/_bedplate/inbox", OwnAccess::Operator, delete(inbox::empty)),
        route(Method::GET, "/_bedplate/inbox.json", OwnAccess::Operator, get(inbox::messages)),
    ]
}

/// Every route and layer.
pub fn router(app: App) -> Router {
    let mut routes = Router::new();
    for route in own_routes() {
        routes = routes.route(route.path, route.handler);
    }
    if app.settings.api_enabled {
        // Other origins' pages may read the API's answers; nobody else's.
        let cors = middleware::from_fn_with_state(Arc::new(cors_policy(&app.settings)), cors);
        let state = rest_state(&app);
        routes = routes.nest_service("/batch/v1", rest::batch_routes(state.clone()).layer(cors.clone()));
        routes = routes.nest_service("/rest/v1", rest::routes(state).layer(cors));
    }
    if app.settings.auth_enabled {
        let exposed = HeaderValue::from_static(auth::EXPOSED_HEADERS);
        let policy = web::Cors { exposed, ..cors_policy(&app.settings) };
        let cors = middleware::from_fn_with_state(Arc::new(policy), cors);
        routes = routes.nest_service("/auth/v1", auth::routes(app.accounts.clone()).layer(cors));
    }
    // From the inside out: the last one meets a request first. Each layer costs every request a copy of all that is inside, so they are few.
    routes
        .fallback(problem::no_such_route)
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(middleware::from_fn_with_state(app.clone(), entrance::limit))
        .layer(compression())
        .layer(middleware::from_fn_with_state(app.clone(), entrance::enter))
        .with_state(app)
}

/// Answers that are larger than a packet or so: below, packing costs more than it saves.
fn compression() -> CompressionLayer<impl Predicate> {
    let worth_it = DefaultPredicate::new().and(SizeAbove::new(1024));
    CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(worth_it)
}

fn rest_state(app: &App) -> rest::State {
    let settings = &app.settings;
    let settings = rest::Settings {
        schemas: settings.api_schemas.clone(),
        extra_search_path: settings.api_extra_search_path.clone(),
        max_rows: (settings.api_max_rows > 0).then(|| i64::from(settings.api_max_rows)),
        aggregates_enabled: settings.api_aggregates_enabled,
        transaction_end: match settings.api_tx_end {
            TransactionEnd::Commit => TransactionEndPolicy::Commit,
            TransactionEnd::CommitAllowOverride => TransactionEndPolicy::CommitUnlessAsked,
            TransactionEnd::Rollback => TransactionEndPolicy::Rollback,
            TransactionEnd::RollbackAllowOverride => TransactionEndPolicy::RollbackUnlessAsked,
        },
        plan_enabled: settings.api_plan_enabled,
        pre_request: settings.api_pre_request.as_deref().and_then(rest::function_name),
        pre_config: settings.api_pre_config.as_deref().and_then(rest::function_name),
        app_settings: app_settings(&settings.api_app_settings),
        hoisted_settings: settings.api_hoisted_settings.clone(),
        openapi: match settings.api_openapi_mode {
            OpenApiMode::FollowPrivileges => rest::OpenApi::FollowPrivileges,
            OpenApiMode::IgnorePrivileges => rest::OpenApi::IgnorePrivileges,
            OpenApiMode::Disabled => rest::OpenApi::Disabled,
        },
        openapi_security: settings.api_openapi_security,
        openapi_server: settings.api_openapi_server.clone(),
        server_timing: settings.api_server_timing,
        error_verbosity: match settings.api_error_verbosity {
            ErrorVerbosity::Verbose => rest::ErrorVerbosity::Verbose,
            ErrorVerbosity::Minimal => rest::ErrorVerbosity::Minimal,
        },
        legacy_target_names: settings.api_legacy_target_names,
        in_database: settings.api_database_config,
        open_tables: settings.api_open_tables.clone(),
        ..rest::Settings::default()
    };
    let secret = rest::CallerSecret::new(app.keys.derived("callers of idempotency keys"));
    rest::State::new(Arc::clone(&app.database), settings, app.doors.clone(), secret)
}

/// `NAME=value` as settings of SQL's.
fn app_settings(pairs: &[String]) -> Vec<(String, String)> {
    let named = |pair: &String| {
        let (name, value) = pair.split_once('=')?;
        Some((format!("app.settings.{}", name.trim()), value.to_owned()))
    };
    pairs.iter().filter_map(named).collect()
}

fn cors_policy(settings: &Settings) -> web::Cors {
    let any = settings.api_cors_origins.iter().any(|origin| origin == "*");
    let origins = if any { Vec::new() } else { settings.api_cors_origins.clone() };
    web::Cors { origins, ..web::Cors::default() }
}

async fn cors(State(policy): State<Arc<web::Cors>>, request: axum::extract::Request, next: Next) -> Response {
    if let Some(headers) = policy.preflight(request.method(), request.headers()) {
        return headers.into_response();
    }
    let asked = request.headers().clone();
    let mut response = next.run(request).await;
    policy.decorate(&asked, response.headers_mut());
    response
}
