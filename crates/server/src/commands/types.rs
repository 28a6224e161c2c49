//! `bedplate types`

use super::{at, print};
use crate::cli::{Place, TypesLanguage};
use crate::open::Access;
use crate::serve::Failure;
use crate::system;
use std::process::ExitCode;

pub(super) async fn types(
    language: TypesLanguage,
    schemas: Vec<String>,
    place: &Place,
) -> Result<ExitCode, Failure> {
    let (_, configuration, folder) = at(place)?;
    let schemas = if schemas.is_empty() { configuration.settings.api_schemas.clone() } else { schemas };
    let language = match language {
        TypesLanguage::Typescript => rest::Language::TypeScript,
        TypesLanguage::Python => rest::Language::Python,
    };
    let access = Access::open(&configuration, &folder).await?;
    if let Access::Owned(owned) = &access {
        system::upgrade(&*owned.database).await?;
    }
    let text = access.operator().types(&schemas, language).await;
    access.close().await?;
    print(&text?)?;
    Ok(ExitCode::SUCCESS)
}
