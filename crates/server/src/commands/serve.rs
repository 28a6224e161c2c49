//! `bedplate serve`

use super::{flags, print, read, refuse_password};
use crate::app::App;
use crate::cli::Serve;
use crate::configuration::Settings;
use crate::events::{Event, Events, milliseconds};
use crate::open::engine_name;
use crate::project::Project;
use crate::serve::{Failure, Server, Stop, engine_label, signal};
use std::fmt::Write as _;
use std::io::{self, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

pub(super) async fn serve(arguments: Serve, begun: Instant) -> Result<ExitCode, Failure> {
    let Serve { dir, engine, database, listen, data, dev, ephemeral, log, metrics } = arguments;
    let dir = dir.unwrap_or_else(|| PathBuf::from("."));
    if !dir.is_dir() {
        return Err(format!(
            "{} is no folder; `bedplate init {}` makes a project there",
            dir.display(),
            dir.display()
        )
        .into());
    }
    refuse_password(database.as_deref())?;
    let project = Project::find(&dir);
    let given = flags([
        ("bedplate.engine", engine),
        ("bedplate.database", database),
        ("bedplate.listen", listen),
        ("bedplate.data", data.map(|path| path.display().to_string())),
        ("bedplate.dev", dev.then(|| "true".into())),
        ("bedplate.ephemeral", ephemeral.then(|| "true".into())),
        ("bedplate.log", log),
        ("bedplate.metrics", metrics),
    ]);
    let configuration = read(&project, given)?;
    let settings = &configuration.settings;
    let events = Arc::new(Events::new(settings.log, engine_label(settings)));
    // Signals first, so that one that comes while migrations run is not lost.
    let asked = tokio::spawn(signal());
    let server = Server::start(project, configuration, Arc::clone(&events)).await?;
    events.flush();
    let app = server.app().clone();
    print(&banner(&app, &server, begun, &dir).await)?;
    let engine = engine_name(app.database.engine());
    events.emit(&Event::Serving { url: &app.url, engine, took: begun.elapsed() });
    drop(app);
    let (stop, stopped) = Stop::new();
    let running = tokio::spawn(server.run(stopped));
    let name = asked.await??;
    events.emit(&Event::Stopping(name));
    stop.stop();
    let ended = running.await?;
    events.flush();
    ended.map(|()| ExitCode::SUCCESS)
}

/// What a newcomer should see: where it is, with which keys, and what to try next.
async fn banner(app: &App, server: &Server, begun: Instant, dir: &Path) -> String {
    let App { settings, keys, url, database, .. } = app;
    // Asked first, so that the time below has it.
    let table = first_table(app).await;
    let mut text = String::new();
    let engine = engine_name(database.engine());
    let _ = writeln!(text, "Bedplate {} serves {} on {engine}.\n", env!("CARGO_PKG_VERSION"), dir.display());
    let _ = writeln!(text, "  URL               {url}");
    let _ = writeln!(text, "  REST              {url}/rest/v1");
    let _ = writeln!(text, "  Publishable key   {}", keys.publishable_key);
    if shows_secrets(settings) {
        let _ = writeln!(text, "  Secret key        {}", keys.secret_key.expose());
        let _ = writeln!(text, "  anon key          {}", keys.anon_key);
        let _ = writeln!(text, "  service_role key  {}", keys.service_role_key.expose());
    } else {
        let _ = writeln!(text, "  Secret key        `bedplate keys` prints it");
        let _ = writeln!(text, "  anon key          {}", keys.anon_key);
    }
    let (applied, seeded) = (server.applied.len(), server.seeded.len());
    if applied + seeded > 0 {
        let noun = if applied == 1 { "migration" } else { "migrations" };
        let seeds = if seeded > 0 { ", database seeded" } else { "" };
        let _ = writeln!(text, "\n{applied} {noun} applied{seeds}.");
    }
    let _ = writeln!(text, "Ready after {}.", milliseconds(begun.elapsed()));
    let _ = writeln!(text, "\nTry:");
    let _ = writeln!(text, "  {url}   in a browser: tables, rows as any role, a request to copy");
    if settings.dev {
        let _ = writeln!(text, "  {url}/_bedplate/inbox   the mail that would have been sent");
    }
    let path = table.as_deref().unwrap_or("");
    let _ = writeln!(text, "  curl '{url}/rest/v1/{path}' -H 'apikey: {}'", keys.publishable_key);
    if !settings.ephemeral {
        let _ = writeln!(
            text,
            "  bedplate token --role authenticated --sub 00000000-0000-0000-0000-000000000001"
        );
    }
    text
}

/// Secrets are shown where a person looks on, or where they end with the process or are public anyway; standard output
/// that goes elsewhere may be kept.
fn shows_secrets(settings: &Settings) -> bool {
    settings.dev || settings.ephemeral || io::stdout().is_terminal()
}

/// The first table of the first served schema that has one.
async fn first_table(app: &App) -> Option<String> {
    let catalog = app.database.catalog().await.ok()?;
    app.settings.api_schemas.iter().find_map(|name| {
        let schema = catalog.schema(name)?.oid;
        let relation = catalog.relations.values().find(|relation| relation.schema == schema)?;
        Some(format!("{}?limit=5", relation.name))
    })
}
