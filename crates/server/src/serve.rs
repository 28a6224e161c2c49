//! `bedplate serve`: from the configuration to a server that answers, and back to a closed database.

use crate::address::Range;
use crate::app::{self, App, accounts};
use crate::configuration::{Configuration, EngineChoice, Settings, Span};
use crate::events::{Event, Events};
use crate::keys::{Keyring, ProjectKeys, load_or_make};
use crate::listen;
use crate::migrations::{self, Done};
use crate::open::{Home, Owned, engine_name};
use crate::owner::{Door, Owner, OwnerFacts};
use crate::post;
use crate::project::Project;
use crate::system;
use axum::Router;
use axum::extract::State;
use axum::routing::get;
use database::Database;
use std::error::Error;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// What ends `serve` before it serves: a sentence for the operator.
pub type Failure = Box<dyn Error + Send + Sync>;

/// A server that is about to answer.
pub struct Server {
    listeners: Vec<TcpListener>,
    metrics: Option<TcpListener>,
    app: App,
    door: Option<Door>,
    home: Home,
    runner: jobs::Runner,
    /// What was applied at start.
    pub applied: Vec<Done>,
    /// What seeded the database at start.
    pub seeded: Vec<Done>,
}

/// Where a server is told to stop.
#[derive(Clone, Debug)]
pub struct Stop(watch::Sender<bool>);

impl Stop {
    /// A way to stop, and what listens to it.
    pub fn new() -> (Stop, watch::Receiver<bool>) {
        let (sender, receiver) = watch::channel(false);
        (Stop(sender), receiver)
    }

    /// Stop.
    pub fn stop(&self) {
        // Nobody listens any more when all has ended already.
        let _ = self.0.send(true);
    }
}

/// Whether the well-known keys may be used: with `--dev`, and only where no other machine can reach the server.
fn may_use_well_known(settings: &Settings, address: SocketAddr) -> bool {
    settings.dev && address.ip().to_canonical().is_loopback()
}

impl Server {
    /// Opens the database, brings it to the project's state, and binds the sockets.
    ///
    /// # Errors
    /// What the operator must know.
    pub async fn start(
        project: Project,
        configuration: Configuration,
        events: Arc<Events>,
    ) -> Result<Server, Failure> {
        for warning in &configuration.warnings {
            events.emit(&Event::Warned(&warning.to_string()));
        }
        let settings = &configuration.settings;
        let address = settings
            .listen
            .unwrap_or_else(|| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), settings.api_port));
        let transport = post::transport(settings)?;
        if let Some(warning) = transport.warning(settings) {
            events.emit(&Event::Warned(warning));
        }
        // The port first: it is the likeliest thing to fail, and costs nothing.
        let listeners = listen::bind(address).await.map_err(|error| {
            format!("cannot listen on {address}: {error}; choose another with --listen, or stop what listens there")
        })?;
        let bound = listeners.first().map_or(Ok(address), TcpListener::local_addr)?;
        let metrics = match settings.metrics {
            Some(at) => {
                let bound = TcpListener::bind(at).await;
                Some(bound.map_err(|error| format!("cannot listen on {at} for metrics: {error}"))?)
            }
            None => None,
        };
        let owned = {
            let progress = |text: &str| events.emit(&Event::Progressed(text));
            Owned::open(&configuration, &data_folder(&project, settings), &progress).await?
        };
        let result = Server::bring_up(&project, &configuration, &events, &owned, bound).await;
        let (keyring, applied, seeded) = match result {
            Ok(brought) => brought,
            Err(failure) => {
                // The reason for the end is the failure; a close that also fails adds nothing to it.
                let _ = owned.database.close().await;
                return Err(failure);
            }
        };
        let url: Arc<str> = Arc::from(url_of(bound));
        let Owned { database, home } = owned;
        let facts = OwnerFacts {
            version: env!("CARGO_PKG_VERSION").into(),
            engine: database.engine(),
            url: url.to_string(),
            keys: keyring.project().clone(),
        };
        let proxies: Result<Vec<Range>, String> =
            settings.trusted_proxies.iter().map(|proxy| Range::parse(proxy)).collect();
        let doors = keyring.doors().clone();
        let waker = jobs::Waker::default();
        let runner = runner(&database, &transport, &events).woken_by(waker.clone());
        if matches!(home, Home::Folder(_)) && settings.database.is_none() {
            // Nobody else can have this database: what ran when its last owner ended runs no more.
            runner.take_up_abandoned().await?;
        }
        let accounts = accounts::state(
            settings,
            &project,
            Arc::clone(&database),
            keyring.project(),
            doors.clone(),
            waker,
            &url,
        )?;
        let door = match &home {
            Home::Folder(folder) => {
                let (database, keyring) = (Arc::clone(&database), Arc::clone(&keyring));
                let owner = Owner { database, keyring, accounts: accounts.clone(), facts };
                Some(Door::open(folder.path(), owner)?)
            }
            Home::Nowhere => None,
        };
        let app = App {
            database,
            doors,
            accounts,
            keys: Arc::new(keyring.project().clone()),
            keyring,
            events,
            project: Arc::new(project),
            url,
            trusted_proxies: proxies?.into(),
            settings: Arc::new(configuration.settings),
        };
        Ok(Server { listeners, metrics, app, door, home, runner, applied, seeded })
    }

    /// System tables, migrations, seed, keys.
    async fn bring_up(
        project: &Project,
        configuration: &Configuration,
        events: &Arc<Events>,
        owned: &Owned,
        address: SocketAddr,
    ) -> Result<(Arc<Keyring>, Vec<Done>, Vec<Done>), Failure> {
        let settings = &configuration.settings;
        let database = &owned.database;
        system::upgrade(&**database).await?;
        let mut applied = Vec::new();
        if settings.migrations_enabled {
            let (_, others) = project.migrations()?;
            for name in others {
                events.emit(&Event::Warned(&format!(
                    "migrations/{name} is no migration: a name is digits, _, words and .sql"
                )));
            }
            applied = migrations::up(project, database).await?;
            for Done { file, statements, took } in &applied {
                events.emit(&Event::MigrationApplied { file, statements: *statements, took: *took });
            }
        }
        let seeds = if settings.seed_enabled { project.seeds(&settings.seed_sql_paths)? } else { Vec::new() };
        let seeded = migrations::seed(project, &seeds, database).await?;
        for Done { file, statements, took } in &seeded {
            events.emit(&Event::Seeded { file, statements: *statements, took: *took });
        }
        let sealing_key = owned.sealing_key(settings)?;
        let keys = if may_use_well_known(settings, address) {
            ProjectKeys::well_known(settings)
        } else if settings.ephemeral {
            ProjectKeys::ephemeral(settings)?
        } else {
            load_or_make(database, &sealing_key, settings).await?
        };
        if keys.well_known && !address.ip().to_canonical().is_loopback() {
            return Err(
                "the well-known local keys are public: they cannot be used off loopback (auth.jwt_secret, \
                        auth.secret_key)"
                    .into(),
            );
        }
        let limits = web::Limits {
            body_bytes: usize::try_from(settings.body_limit.0).unwrap_or(usize::MAX),
            ..web::Limits::default()
        };
        let (database, settings) = (Arc::clone(database), Arc::new(settings.clone()));
        let keyring = Keyring::open(database, sealing_key, keys, settings, &project.folder, limits).await?;
        Ok((Arc::new(keyring.with_events(Arc::clone(events))), applied, seeded))
    }

    /// Where `/metrics` is, if anywhere.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics.as_ref().and_then(|listener| listener.local_addr().ok())
    }

    /// What its routes and layers stand on.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Answers until it is told to stop, then closes everything in order.
    ///
    /// # Errors
    /// When the database does not close in order.
    pub async fn run(self, stop: watch::Receiver<bool>) -> Result<(), Failure> {
        let Server { listeners, metrics, app, door, home, runner, .. } = self;
        let (events, database) = (Arc::clone(&app.events), Arc::clone(&app.database));
        let follower = app.keyring.is_shared().then(|| {
            let keyring = Arc::clone(&app.keyring);
            tokio::spawn(async move { keyring.follow().await })
        });
        let Span(patience) = app.settings.shutdown_timeout;
        let metrics = metrics.map(|listener| {
            let router = Router::new().route("/metrics", get(metrics_page)).with_state(Arc::clone(&events));
            tokio::spawn(listen::serve(vec![listener], router, Arc::clone(&events), stop.clone(), patience))
        });
        let (stop_jobs, jobs_stopped) = Stop::new();
        let running_jobs = tokio::spawn(runner.run(jobs_stopped));
        let cut_off = listen::serve(listeners, app::router(app), Arc::clone(&events), stop, patience).await;
        // The queue after the requests, which may still fill it. A panic of the runner's own was said by its thread.
        stop_jobs.stop();
        let _ = running_jobs.await;
        if let Some(metrics) = metrics {
            metrics.abort();
        }
        if let Some(follower) = follower {
            follower.abort();
        }
        drop(door);
        let closed = database.close().await;
        drop(home);
        match closed {
            Ok(()) => {
                events.emit(&Event::Stopped { cut_off });
                Ok(())
            }
            Err(error) => {
                events.emit(&Event::CloseFailed(&error.to_string()));
                Err(error.into())
            }
        }
    }
}

/// What runs the queue's jobs.
fn runner(database: &Arc<dyn Database>, transport: &post::Transport, events: &Arc<Events>) -> jobs::Runner {
    let observer = Arc::new(post::JobEvents(Arc::clone(events)));
    let mailer = transport.mailer(database);
    jobs::Runner::new(Arc::clone(database), observer, jobs::Settings::default())
        .handling(mail::JOB_KIND, Arc::new(post::Delivery(mailer)))
}

async fn metrics_page(State(events): State<Arc<Events>>) -> ([(http::HeaderName, &'static str); 1], String) {
    let kind = [(http::header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (kind, events.metrics().page())
}

/// The URL to use on this machine.
fn url_of(address: SocketAddr) -> String {
    match address.ip() {
        ip if ip.is_unspecified() => format!("http://127.0.0.1:{}", address.port()),
        IpAddr::V4(ip) => format!("http://{ip}:{}", address.port()),
        IpAddr::V6(ip) => format!("http://[{ip}]:{}", address.port()),
    }
}

/// The engine that the settings mean, for labels before the database is open.
pub fn engine_label(settings: &Settings) -> &'static str {
    match (&settings.database, settings.engine) {
        (Some(_), _) | (None, EngineChoice::Postgres) => engine_name(database::Engine::Postgres),
        (None, EngineChoice::Sqlite) => engine_name(database::Engine::Embedded),
    }
}

/// Where a project's data is kept under these settings.
pub fn data_folder(project: &Project, settings: &Settings) -> PathBuf {
    settings.data.clone().unwrap_or_else(|| project.data_folder())
}

/// Resolves when the process is asked to stop, with the signal's name.
///
/// # Errors
/// When signals cannot be listened to.
pub async fn signal() -> std::io::Result<&'static str> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(tokio::select! {
        _ = terminate.recv() => "SIGTERM",
        _ = interrupt.recv() => "SIGINT",
    })
}
