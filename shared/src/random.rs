//! Random bytes of the operating system.

/// The operating system returned no random bytes.
#[derive(Debug, thiserror::Error)]
#[error("no random bytes from the operating system: {0}")]
pub struct NoEntropy(getrandom::Error);

/// Returns `N` unpredictable bytes.
///
/// # Errors
///
/// Returns an error if the operating system has no random bytes.
pub fn bytes<const N: usize>() -> Result<[u8; N], NoEntropy> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(NoEntropy)?;
    Ok(bytes)
}
