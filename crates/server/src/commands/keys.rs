//! `bedplate keys` and `bedplate token`

use super::{at, print};
use crate::cli::{Place, Token};
use crate::configuration::{Secret, SettingValue as _, Span};
use crate::identifier::{is_uuid, unix_milliseconds};
use crate::keys::{ProjectKeys, TokenRequest, load_or_make};
use crate::open::Access;
use crate::serve::Failure;
use crate::system;
use serde_json::{Map, Value, json};
use std::process::ExitCode;
use std::time::Duration;

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
    print(&format!("{}\n", request.sign(&keys, unix_milliseconds() / 1000)))?;
    Ok(ExitCode::SUCCESS)
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
