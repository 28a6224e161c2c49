//! The settings as people read them: the page of the manual, and the help of the program.

use super::{Source, descriptions, external, foreign};
use std::fmt::Write as _;

/// `docs/reference/configuration.md`.
pub fn reference() -> String {
    let mut page = String::from(
        "# Configuration\n\n\
         <!-- Made from the table in crates/server/src/configuration/settings.rs by its test; do not edit. -->\n\n\
         A setting is given by its flag, else by its environment variable, else in `config.toml`, else it has its default.\n\
         In `config.toml` a value `\"env(NAME)\"` stands for the environment variable `NAME`. Lists are written with commas in the\n\
         environment. Secrets have no flag: the command line of a process is no secret.\n",
    );
    let mut section = "";
    for setting in descriptions() {
        let (head, name) = setting.key.rsplit_once('.').unwrap_or(("", setting.key));
        if head != section {
            section = head;
            let _ = write!(page, "\n## `[{section}]`\n");
        }
        let _ = write!(page, "\n### `{name}`\n\n{}\n\n", setting.documentation);
        let _ = writeln!(page, "- Type: {}", setting.kind);
        let _ = writeln!(
            page,
            "- Default: {}",
            if setting.default == "not set" { "not set".into() } else { format!("`{}`", setting.default) }
        );
        let _ = writeln!(
            page,
            "- Environment: `{}`{}",
            setting.environment(),
            match setting.source {
                Source::EnvironmentOnly => " (only there)",
                Source::FileAndEnvironment => "",
            }
        );
        if let Some(flag) = setting.flag {
            let _ = writeln!(page, "- Flag: `{flag}`");
        }
    }
    page.push_str(
        "\n## `[auth.external.NAME]`\n\n\
         Sign-in with providers ([providers.md](../providers.md)). `NAME` is a known provider's, or one of your own for any OpenID provider.\n\
         In the environment a field is `BEDPLATE_AUTH_EXTERNAL_NAME_FIELD`, both in capitals.\n",
    );
    for field in external::FIELDS {
        let _ = write!(page, "\n### `{}`\n\n{}\n\n- Type: {}\n", field.name, field.documentation, field.kind);
    }
    page.push_str(
        "\n## Known and not applied\n\n\
         These keys of the Supabase CLI's `config.toml` are recognised; this release does nothing with them and says so at start.\n\n",
    );
    for pattern in foreign::known() {
        let _ = writeln!(page, "- `{pattern}`");
    }
    page.push_str("\nAny other key is warned of by name and ignored.\n");
    page
}

/// The settings for `--help`: a line each.
pub fn help() -> String {
    let mut text = String::from("Settings (config.toml key, environment variable, default):\n");
    for setting in descriptions() {
        let key = match setting.source {
            Source::FileAndEnvironment => setting.key,
            Source::EnvironmentOnly => "(environment only)",
        };
        let _ = writeln!(text, "  {key:<24} {:<32} {}", setting.environment(), setting.default);
    }
    text
}
