//! `bedplate keys` and `bedplate token`

use super::{at, print};
use crate::cli::{Keys, Place, Token};
use crate::configuration::{Secret, SettingValue as _, Span};
use crate::events::write_utc;
use crate::identifier::unix_milliseconds;
use crate::keys::{
    self, KeyRequest, Keyring, ListedKey, ProjectKeys, SigningKeys, TokenRequest, load_or_make,
};
use crate::open::Access;
use crate::serve::Failure;
use crate::system;
use serde_json::{Map, Value, json};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use web::identifier::is_uuid;

pub(super) async fn keys(place: &Place, dev: bool, json: bool) -> Result<ExitCode, Failure> {
    let (keys, url) = find(place, dev).await?;
    let ProjectKeys { jwt_secret, publishable_key, secret_key, anon_key, service_role_key, well_known } =
        &keys;
    let secret = Secret::expose;
    if json {
        let object = json!({
            "url": url, "publishable_key": publishable_key, "secret_key": secret(secret_key), "anon_key": anon_key,
            "service_role_key": secret(service_role_key), "jwt_secret": secret(jwt_secret), "well_known": well_known
        });
        print(&format!("{object}\n"))?;
    } else {
        print(&format!(
            "URL               {url}\nPublishable key   {publishable_key}\nSecret key        {}\nanon key          {anon_key}\nservice_role key  {}\nJWT secret        {}\n",
            secret(secret_key),
            secret(service_role_key),
            secret(jwt_secret),
        ))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// `bedplate keys list|rotate|revoke`
pub(super) async fn signing(action: Keys) -> Result<ExitCode, Failure> {
    let (request, json, place) = match action {
        Keys::List { json, place } => (KeyRequest::List, json, place),
        Keys::Rotate { algorithm, now, json, place } => {
            (KeyRequest::Rotate { algorithm: Some(algorithm), urgent: now }, json, place)
        }
        Keys::Revoke { kid, json, place } => (KeyRequest::Revoke(kid), json, place),
    };
    let (project, configuration, folder) = at(&place)?;
    let settings = &configuration.settings;
    let access = Access::open(&configuration, &folder).await?;
    let answered = match &access {
        Access::Remote(client) => client.keys(&request).await.map_err(Failure::from),
        Access::Owned(owned) => {
            system::upgrade(&*owned.database).await?;
            let sealing_key = Arc::new(owned.sealing_key(settings)?);
            let store = SigningKeys::new(Arc::clone(&owned.database), sealing_key);
            keys::answer(&store, settings, &project.folder, &request).await.map_err(Failure::from)
        }
    };
    access.close().await?;
    let keys = answered?;
    print(&if json { json_of(&keys) } else { table_of(&keys) })?;
    Ok(ExitCode::SUCCESS)
}

fn json_of(keys: &[ListedKey]) -> String {
    let objects = keys.iter().map(|key| {
        let ListedKey { kid, algorithm, standing, signs_from, verifies_until } = key;
        json!({"kid": kid, "algorithm": algorithm.name(), "standing": standing.to_string(),
            "signs_from": utc(*signs_from), "accepted_until": verifies_until.map(utc)})
    });
    format!("{}\n", Value::Array(objects.collect()))
}

fn table_of(keys: &[ListedKey]) -> String {
    let mut text = format!(
        "{:<36}  {:<9}  {:<8}  {:<24}  {}\n",
        "KID", "ALGORITHM", "STANDING", "SIGNS FROM", "ACCEPTED UNTIL"
    );
    for key in keys {
        let ListedKey { kid, algorithm, standing, signs_from, verifies_until } = key;
        let until = verifies_until.map_or_else(String::new, utc);
        let line = format!(
            "{kid:<36}  {:<9}  {:<8}  {:<24}  {until}",
            algorithm.name(),
            standing.to_string(),
            utc(*signs_from)
        );
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// The time in the form of RFC 3339.
fn utc(time: SystemTime) -> String {
    let mut text = String::new();
    write_utc(&mut text, time);
    text
}

pub(super) async fn token(arguments: Token) -> Result<ExitCode, Failure> {
    let Token { role, sub, claims, expires, dev, place } = arguments;
    if let Some(sub) = &sub
        && !is_uuid(sub)
    {
        return Err(format!("--sub: {sub} is no UUID").into());
    }
    let claims: Map<String, Value> = match claims.as_deref().map(serde_json::from_str) {
        None => Map::new(),
        Some(Ok(Value::Object(claims))) => claims,
        Some(_) => return Err("--claims: expected a JSON object".into()),
    };
    let (_, configuration, _) = at(&place)?;
    let settings = &configuration.settings;
    let expires_in = match expires {
        Some(text) => Span::from_text(&text).map_err(|problem| format!("--expires: {problem}"))?.0,
        None => Duration::from_secs(settings.jwt_expiry.into()),
    };
    let (keys, url) = find(&place, dev).await?;
    let issuer = settings.jwt_issuer.clone().unwrap_or_else(|| format!("{url}/auth/v1"));
    let request = TokenRequest { role, subject: sub, claims, issuer, expires_in };
    let now = unix_milliseconds() / 1000;
    // The secret's tokens do not end with a key's turn, so that they may live longer than a session's.
    let token = match settings.jwt_secret_accepted {
        true => request.sign(&keys, now),
        false => signed_by_key(&place, &keys, request.claims_at(now)).await?,
    };
    print(&format!("{token}\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// The claims as a token of the current signing key.
async fn signed_by_key(
    place: &Place,
    keys: &ProjectKeys,
    claims: Map<String, Value>,
) -> Result<String, Failure> {
    let (project, configuration, folder) = at(place)?;
    let access = Access::open(&configuration, &folder).await?;
    let signed = match &access {
        Access::Remote(client) => client.sign(claims).await.map_err(Failure::from),
        Access::Owned(owned) => {
            system::upgrade(&*owned.database).await?;
            let settings = Arc::new(configuration.settings.clone());
            let (database, sealing_key) = (Arc::clone(&owned.database), owned.sealing_key(&settings)?);
            let limits = web::Limits::default();
            let keyring =
                Keyring::open(database, sealing_key, keys.clone(), settings, &project.folder, limits).await?;
            keyring.doors().sign(&claims, SystemTime::now()).map_err(|error| error.reason().into())
        }
    };
    access.close().await?;
    signed
}

/// The keys in effect: a running owner's, else the well-known ones where they are asked for, else those that are kept.
async fn find(place: &Place, dev: bool) -> Result<(ProjectKeys, String), Failure> {
    let (_, configuration, folder) = at(place)?;
    let settings = &configuration.settings;
    let url = format!("http://127.0.0.1:{}", settings.api_port);
    if dev || settings.dev {
        return Ok((ProjectKeys::well_known(settings), url));
    }
    let access = Access::open(&configuration, &folder).await?;
    let found = match &access {
        Access::Remote(client) => Ok((client.facts().keys.clone(), client.facts().url.clone())),
        Access::Owned(owned) => {
            system::upgrade(&*owned.database).await?;
            let sealing_key = owned.sealing_key(settings)?;
            load_or_make(&owned.database, &sealing_key, settings).await.map(|keys| (keys, url))
        }
    };
    access.close().await?;
    Ok(found?)
}
