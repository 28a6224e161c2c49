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
use crate::configuration::{Settings, TransactionEnd};
use crate::events::Events;
use crate::keys::{Keyring, ProjectKeys};
use crate::project::Project;
use axum::Router;
use axum::extract::State;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use database::Database;
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

/// Every route and layer.
pub fn router(app: App) -> Router {
    let mut routes = Router::new()
        .route("/", get(page::page))
        .route("/health", get(health::health))
        .route("/ready", get(health::ready))
        .route("/_bedplate/overview", get(overview::overview))
        .route("/_bedplate/token", post(overview::token))
        .route("/_bedplate/check", post(overview::check))
        .route("/_bedplate/users", post(users::users))
        .route("/_bedplate/inbox", get(inbox::page_or_messages).delete(inbox::empty))
        .route("/_bedplate/inbox.json", get(inbox::messages));
    if app.settings.api_enabled {
        // Other origins' pages may read the API's answers; nobody else's.
        let cors = middleware::from_fn_with_state(Arc::new(cors_policy(&app.settings)), cors);
        routes = routes.nest_service("/rest/v1", rest::routes(rest_state(&app)).layer(cors));
    }
    if app.settings.auth_enabled {
        let cors = middleware::from_fn_with_state(Arc::new(cors_policy(&app.settings)), cors);
        routes = routes.nest_service("/auth/v1", auth::routes(app.accounts.clone()).layer(cors));
    }
    // From the inside out: the last one meets a request first.
    routes
        .fallback(problem::no_such_route)
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(middleware::from_fn_with_state(app.clone(), entrance::limit_body))
        .layer(middleware::from_fn_with_state(app.clone(), entrance::limit_time))
        .layer(compression())
        .layer(middleware::from_fn_with_state(app.clone(), entrance::guard))
        .layer(middleware::from_fn_with_state(app.clone(), entrance::follow_keys))
        .layer(middleware::from_fn_with_state(app.clone(), entrance::identify_and_log))
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
        open_tables: settings.api_open_tables.clone(),
        ..rest::Settings::default()
    };
    rest::State::new(Arc::clone(&app.database), settings, app.doors.clone())
}

fn cors_policy(settings: &Settings) -> web::Cors {
    let any = settings.api_cors_origins.iter().any(|origin| origin == "*");
    web::Cors { origins: if any { Vec::new() } else { settings.api_cors_origins.clone() } }
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
