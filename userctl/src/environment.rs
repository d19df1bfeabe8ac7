//! The environment variables of the program. No other module reads the environment.

use std::path::PathBuf;

use secrecy::SecretString;

/// The session for the API.
pub const SESSION: &str = "USERCTL_SESSION";
/// The API key for the API.
pub const API_KEY: &str = "USERCTL_API_KEY";

/// The value of a variable with a secret, if it is set and not empty.
#[must_use]
pub fn secret(name: &str) -> Option<SecretString> {
    text(name).map(|secret| secret.trim().into())
}

/// Whether colors are disabled, see <https://no-color.org>.
#[must_use]
pub fn no_color() -> bool {
    text("NO_COLOR").is_some()
}

/// The URL of the service.
#[must_use]
pub fn url() -> Option<String> {
    text("USERCTL_URL")
}

/// The directory of the configuration: `userctl` in `XDG_CONFIG_HOME`, or in `.config` of the home
/// directory.
#[must_use]
pub fn config_directory() -> Option<PathBuf> {
    let base = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from);
    let base = base.filter(|path| path.is_absolute());
    let base = base.or_else(|| Some(std::env::home_dir()?.join(".config")));
    base.map(|base| base.join("userctl"))
}

fn text(name: &str) -> Option<String> {
    let value = std::env::var_os(name)?.into_string().ok()?;
    (!value.is_empty()).then_some(value)
}
