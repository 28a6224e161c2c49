//! What the server is: whether it can be worked with, and in what it differs from the databases that we make.

use crate::connection::Connection;
use database::{DatabaseError, Result};

/// The oldest major version that works.
pub(crate) const OLDEST_MAJOR: u32 = 14;

/// What a server says of itself when a session begins.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Greeting {
    /// `15.13 (Debian …)`
    pub(crate) version: String,
    /// `UTF8`
    pub(crate) encoding: String,
}

impl Greeting {
    /// Takes one of the parameters that the server reports.
    pub(crate) fn take(&mut self, name: &str, value: &str) {
        match name {
            "server_version" => value.clone_into(&mut self.version),
            "server_encoding" => value.clone_into(&mut self.encoding),
            _ => {}
        }
    }

    /// Refuses what cannot be worked with.
    pub(crate) fn check(&self) -> Result<()> {
        let digits =
            self.version.split(|character: char| !character.is_ascii_digit()).next().unwrap_or_default();
        // A server that is not PostgreSQL but speaks its protocol may say anything, or nothing.
        if digits.parse().is_ok_and(|major: u32| major < OLDEST_MAJOR) {
            return Err(refusal(format!(
                "PostgreSQL {} is too old: {OLDEST_MAJOR} or newer is needed",
                self.version
            )));
        }
        if !self.encoding.is_empty() && self.encoding != "UTF8" {
            return Err(refusal(format!(
                "the database is encoded in {}, and must be in UTF8",
                self.encoding
            )));
        }
        Ok(())
    }
}

fn refusal(message: String) -> DatabaseError {
    DatabaseError::new(sqlstate::FEATURE_NOT_SUPPORTED, message)
}

/// Ours are C.UTF-8 (rule 3): text sorts by code point, and upper and lower know all letters.
const LOCALE: &str = "SELECT d.datname, coalesce(to_jsonb(d) ->> 'datlocprovider', 'c'), \
    coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale', ''), d.datcollate::text, d.datctype::text \
    FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()";

/// In what the database's locale differs from ours, a sentence each.
pub(crate) async fn locale_warnings(connection: &mut Connection) -> Result<Vec<String>> {
    connection.push(&LOCALE.into(), &[], None)?;
    connection.end_group();
    let group = connection.read_group().await?;
    if let Some(error) = group.error {
        return Err(error);
    }
    let row: Vec<String> = group
        .answers
        .into_iter()
        .flat_map(|answer| answer.rows)
        .flatten()
        .map(|value| value.as_str().unwrap_or_default().to_owned())
        .collect();
    let [name, provider, locale, collate, ctype] = row.as_slice() else { return Ok(Vec::new()) };
    Ok(warnings(name, provider, locale, collate, ctype))
}

fn warnings(name: &str, provider: &str, locale: &str, collate: &str, ctype: &str) -> Vec<String> {
    let (sorting, letters) = if provider == "c" { (collate, ctype) } else { (locale, locale) };
    let mut warnings = Vec::new();
    if !matches!(sorting, "C" | "POSIX" | "C.UTF-8" | "C.UTF8" | "C.utf8") {
        warnings.push(format!(
            "database \"{name}\" sorts text by {sorting}, not by code point (C.UTF-8) as the databases that Bedplate makes: \
             ORDER BY and comparisons of text may answer in another order"
        ));
    }
    if matches!(letters, "C" | "POSIX") {
        warnings.push(format!(
            "database \"{name}\" has LC_CTYPE {letters}: upper, lower and ILIKE know no letters but A to Z"
        ));
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::{Greeting, warnings};

    fn refusal(version: &str, encoding: &str) -> Option<String> {
        let greeting = Greeting { version: version.into(), encoding: encoding.into() };
        greeting.check().err().map(|error| error.message().to_owned())
    }

    #[test]
    fn old_servers_and_other_encodings_are_refused() {
        assert_eq!(refusal("14.0", "UTF8"), None);
        assert_eq!(refusal("18beta1", "UTF8"), None);
        assert_eq!(refusal("", ""), None);
        assert_eq!(
            refusal("13.4 (Debian)", "UTF8").as_deref(),
            Some("PostgreSQL 13.4 (Debian) is too old: 14 or newer is needed")
        );
        assert_eq!(
            refusal("15.1", "SQL_ASCII").as_deref(),
            Some("the database is encoded in SQL_ASCII, and must be in UTF8")
        );
    }

    #[test]
    fn other_locales_are_told() {
        assert!(warnings("d", "c", "", "C.UTF-8", "C.UTF-8").is_empty());
        assert!(warnings("d", "b", "C.UTF-8", "C", "C").is_empty());
        assert_eq!(warnings("d", "c", "", "C", "C").len(), 1);
        assert!(warnings("d", "i", "de-DE", "C", "C")[0].contains("sorts text by de-DE"));
        assert!(warnings("d", "c", "", "en_US.UTF-8", "en_US.UTF-8")[0].contains("en_US.UTF-8"));
    }
}
