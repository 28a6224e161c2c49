//! Signing keys from a file, as the Supabase CLI has them (`auth.signing_keys_path`): a JSON array of private JWKs.

use crate::configuration::Secret;
use serde_json::Value;
use std::fmt;
use std::path::Path;
use std::time::{Duration, SystemTime};
use web::{HeldKey, SigningKey};

/// What is wrong with the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileProblem {
    path: String,
    problem: String,
}

impl fmt::Display for FileProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (auth.signing_keys_path): {}", self.path, self.problem)
    }
}

impl std::error::Error for FileProblem {}

/// The file's keys. The first that says it is for signing signs (the first of all when none says so); the others are
/// accepted.
///
/// # Errors
/// The file cannot be read, or does not hold an array of private keys with names of their own.
pub(crate) fn read(path: &Path) -> Result<Vec<HeldKey>, FileProblem> {
    let wrong = |problem: String| FileProblem { path: path.display().to_string(), problem };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    parse(&Secret::new(text)).map_err(wrong)
}

fn parse(text: &Secret) -> Result<Vec<HeldKey>, String> {
    // The parser's own words would quote the file.
    let Ok(Value::Array(jwks)) = serde_json::from_str(text.expose()) else {
        return Err(
            "expected a JSON array of private keys (JWKs), as `supabase gen signing-key` writes it".into()
        );
    };
    if jwks.is_empty() {
        return Err("the array of keys is empty".into());
    }
    let signs =
        |jwk: &Value| jwk["key_ops"].as_array().is_some_and(|list| list.contains(&Value::from("sign")));
    let signer = jwks.iter().position(signs).unwrap_or(0);
    let mut keys: Vec<HeldKey> = Vec::new();
    for (index, jwk) in jwks.iter().enumerate() {
        let key = SigningKey::from_jwk(jwk).map_err(|problem| format!("key {}: {problem}", index + 1))?;
        if keys.iter().any(|held| held.key.kid() == key.kid()) {
            return Err(format!("key {}: another one has its kid", index + 1));
        }
        let begun = Duration::from_secs(u64::from(index == signer));
        keys.push(HeldKey { signs_from: SystemTime::UNIX_EPOCH + begun, ..HeldKey::current(key) });
    }
    Ok(keys)
}

#[cfg(test)]
mod tests;
