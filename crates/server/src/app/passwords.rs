//! Passwords as the configuration wants them: what hashes them, and which are taken.

use crate::configuration::Settings;
use crate::project::Project;
use auth::password::{BlockList, Cost, CostError, Hasher, HasherOptions, Policy};

/// What hashes them.
///
/// # Errors
/// A cost that is none, in words.
pub(super) fn hasher(settings: &Settings) -> Result<Hasher, String> {
    let defaults = HasherOptions::default();
    let threads = usize::try_from(settings.password_hash_threads).unwrap_or(0);
    let threads = if threads == 0 { defaults.threads } else { threads };
    let memory_kib = u32::try_from(settings.password_hash_memory.0 / 1024).unwrap_or(u32::MAX);
    let cost = Cost { memory_kib, passes: settings.password_hash_passes, ..Cost::default() };
    let options = HasherOptions { cost, threads, queue: threads * 128 };
    Hasher::new(options).map_err(|error: CostError| {
        format!("bedplate.password_hash_memory and bedplate.password_hash_passes: {error}")
    })
}

/// Which are taken.
///
/// # Errors
/// A file that cannot be read, in words.
pub(super) fn policy(settings: &Settings, project: &Project) -> Result<Policy, String> {
    let is_common_blocked = settings.password_block_list.unwrap_or(!settings.dev);
    let blocked = if is_common_blocked { BlockList::common() } else { BlockList::nothing() };
    let blocked = match &settings.password_block_file {
        None => blocked,
        Some(path) => {
            let path = project.folder.join(path);
            let text = std::fs::read_to_string(&path)
                .map_err(|error| format!("bedplate.password_block_file: {}: {error}", path.display()))?;
            blocked.with(text.lines())
        }
    };
    Ok(Policy {
        minimum_length: usize::try_from(settings.auth_minimum_password_length).unwrap_or(usize::MAX),
        required: settings.auth_password_requirements.required().clone(),
        blocked,
    })
}
