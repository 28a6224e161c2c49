//! `cargo xtask dist`: a stripped release binary, packed.

use crate::run::{Result, cargo, output, root, run, target};
use std::fs;
use std::process::Command;

/// What a binary may weigh.
const LIMIT: u64 = 40 * 1024 * 1024;

/// Builds, weighs and packs.
pub(crate) fn dist() -> Result {
    run(cargo().args([
        "build",
        "--locked",
        "--profile",
        "dist",
        "--package",
        "server",
        "--bin",
        "bedplate",
    ]))?;
    let binary = target().join("dist/bedplate");
    let size = fs::metadata(&binary).map_err(|error| format!("{}: {error}", binary.display()))?.len();
    if size > LIMIT {
        return Err(format!("the binary has {size} bytes, more than {LIMIT}"));
    }
    let symbols = output(Command::new("objdump").arg("-T").arg(&binary))?;
    let glibc = newest_glibc(&symbols).ok_or("no GLIBC symbol found")?;
    let version = env!("CARGO_PKG_VERSION");
    let platform = format!("{}-{}", std::env::consts::OS, std::env::consts::ARCH);
    let name = format!("bedplate-{version}-{platform}");
    let folder = root().join("dist").join(&name);
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    let copy = |from: &std::path::Path, to: &str| {
        fs::copy(from, folder.join(to)).map(drop).map_err(|error| format!("{}: {error}", from.display()))
    };
    copy(&binary, "bedplate")?;
    for file in ["README.md", "LICENSE-MIT", "LICENSE-APACHE", "CHANGELOG.md", "Containerfile"] {
        copy(&root().join(file), file)?;
    }
    let needs =
        format!("bedplate {version} for {platform}\nneeds glibc {glibc} or newer\nbinary: {size} bytes\n");
    fs::write(folder.join("BUILD"), &needs).map_err(|error| error.to_string())?;
    run(Command::new("tar")
        .args(["-czf", &format!("{name}.tar.gz"), &name])
        .current_dir(root().join("dist")))?;
    println!("{needs}packed: dist/{name}.tar.gz");
    Ok(())
}

/// The newest symbol version of glibc that the binary asks for, so the oldest system on which it starts.
fn newest_glibc(symbols: &str) -> Option<String> {
    let versions = symbols.split("GLIBC_").skip(1).filter_map(|rest| {
        let digits: String = rest.chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
        let parts: Option<Vec<u32>> = digits.split('.').map(|part| part.parse().ok()).collect();
        parts
    });
    versions.max().map(|parts| parts.iter().map(u32::to_string).collect::<Vec<_>>().join("."))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_newest_glibc_is_found_by_number_not_by_text() {
        let symbols = " w DF *UND* (GLIBC_2.9) a\n DF *UND* (GLIBC_2.34) b\n DF *UND* (GLIBC_2.2.5) c";
        assert_eq!(super::newest_glibc(symbols).as_deref(), Some("2.34"));
        assert_eq!(super::newest_glibc("none"), None);
    }
}
