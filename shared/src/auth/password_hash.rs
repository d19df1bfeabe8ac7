//! Password hashes: argon2id, with the parameters in the stored text, and hashes of Metabase until
//! their users sign in.

#[cfg(feature = "operator")]
mod transfer;

use std::{
    borrow::Cow,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::{
        self,
        phc::{self, Output, ParamsString, Salt},
    },
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use tokio::{sync::Semaphore, task};

use super::{
    metabase_hash::{BcryptCost, BcryptHash, BcryptMatch, InvalidMetabaseHash, MetabaseHash},
    password_policy::{NewPassword, nfc},
};
use crate::random::{self, NoEntropy};

#[cfg(feature = "operator")]
pub use transfer::{
    InvalidHash, MetabaseReset, UNUSABLE_SALT, metabase_reset, unusable_for_metabase,
};

/// The parameters of OWASP's password storage cheat sheet: argon2id with 19 MiB, two passes, one
/// lane. They are the default of the library; a test fails if the default changes.
const PARAMS: Params = Params::DEFAULT;

/// The slots for concurrent hashes, one for each core. A hash occupies a core and 19 MiB.
static HASH_SLOTS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| {
    Arc::new(Semaphore::new(std::thread::available_parallelism().map_or(1, Into::into)))
});

/// The memory of finished hashes, for reuse. With a new allocation for each hash, the memory of a
/// process exceeds the size of a small Lambda.
static BLOCK_POOL: Mutex<Vec<Vec<Block>>> = Mutex::new(Vec::new());

/// A stored hash: in the PHC string format, or imported from Metabase.
#[derive(Debug, Clone)]
pub struct PasswordHash(SecretString);

impl PasswordHash {
    /// Wraps a hash read from the table.
    #[must_use]
    pub fn from_stored(text: String) -> Self {
        Self(text.into())
    }

    /// Takes over a hash of Metabase with its salt.
    ///
    /// # Errors
    ///
    /// Returns the reason why the hash cannot be checked here.
    pub fn from_metabase(bcrypt: &str, salt: &str) -> Result<Self, InvalidMetabaseHash> {
        Ok(Self::from_stored(MetabaseHash::parse(bcrypt, salt)?.kept()))
    }

    /// Whether the hash is imported from Metabase.
    #[must_use]
    pub fn is_imported(&self) -> bool {
        MetabaseHash::from_stored(self.expose()).is_some()
    }

    /// The bcrypt cost of a hash of Metabase.
    #[must_use]
    pub fn imported_cost(&self) -> Option<BcryptCost> {
        Some(MetabaseHash::from_stored(self.expose())?.ok()?.cost())
    }

    /// Hash and salt for Metabase; `None` unless both were kept at the import.
    #[must_use]
    pub fn to_metabase(&self) -> Option<(SecretString, SecretString)> {
        let hash = MetabaseHash::from_stored(self.expose())?.ok()?;
        hash.expose_kept().map(|(hash, salt)| (hash.into(), salt.into()))
    }

    /// The text to store.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// The result of comparing a password with a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordMatch {
    /// The password does not match.
    No,
    /// The password matches.
    Yes,
    /// The password matches a hash with outdated parameters.
    YesNeedsRehash,
}

/// The reason why a hash could not be computed.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// The stored text is not a hash in the PHC string format.
    #[error("the stored hash is malformed")]
    Format(#[from] phc::Error),
    /// The stored text contains parameters that argon2 does not support.
    #[error("the stored hash has unsupported parameters")]
    Parameters(#[from] password_hash::Error),
    /// argon2 rejected its input.
    #[error("argon2 failed")]
    Argon2(#[from] argon2::Error),
    /// The stored text is a malformed hash of Metabase.
    #[error("the stored hash of Metabase is malformed")]
    Metabase(#[from] InvalidMetabaseHash),
    /// The operating system has no random bytes for the salt.
    #[error(transparent)]
    Entropy(#[from] NoEntropy),
    /// The thread of the hash, or the semaphore of the slots, no longer exists.
    #[error("the hash was interrupted")]
    Interrupted,
}

/// Hashes a new password with the current parameters and a new salt.
///
/// # Errors
///
/// Returns an error if the machine lacks random bytes or memory.
pub async fn hash(password: &NewPassword) -> Result<PasswordHash, HashError> {
    hash_text(password.expose().into()).await
}

/// Hashes a verified password again, in its normalized form, because its stored hash has outdated
/// parameters.
///
/// # Errors
///
/// Returns the errors of [`hash`].
pub async fn rehash(verified: &SecretString) -> Result<PasswordHash, HashError> {
    hash_text(normalized(verified).unwrap_or_else(|| verified.clone())).await
}

/// Hashes a random password, so that no one can log in until another one is set.
///
/// # Errors
///
/// Returns the errors of [`hash`].
pub async fn of_random() -> Result<PasswordHash, HashError> {
    hash_text(BASE64_URL_SAFE_NO_PAD.encode(random::bytes::<32>()?).into()).await
}

/// Replaces a hash of Metabase by a hash of argon2id over it. Metabase can never use it again.
///
/// # Errors
///
/// Returns an error if the hash is not one that was kept, and the errors of [`hash`].
pub async fn wrap(kept: &PasswordHash) -> Result<PasswordHash, HashError> {
    let malformed = InvalidMetabaseHash::Format;
    let hash = MetabaseHash::from_stored(kept.expose()).ok_or(malformed)??;
    let digest = hash.digest().clone();
    let salt: [u8; 16] = random::bytes()?;
    let wrapped = with_hash_slot(move |memory| argon2id(&digest, &salt, memory)).await?;
    Ok(PasswordHash::from_stored(hash.wrapped(&wrapped).ok_or(malformed)?))
}

/// The normalized form of a password, if it differs.
fn normalized(password: &SecretString) -> Option<SecretString> {
    match nfc(password.expose_secret()) {
        Cow::Borrowed(_) => None,
        Cow::Owned(text) => Some(text.into()),
    }
}

/// Compares a password with the stored hash: as sent, and if that fails, in its normalized form.
/// Passwords of earlier releases are stored as sent.
///
/// Without a hash, as for an unregistered email address, it does the same work and returns
/// [`PasswordMatch::No`]. So the duration does not reveal whether a user exists.
///
/// # Errors
///
/// Returns an error if the stored hash is malformed or the machine cannot compute.
pub async fn verify(
    password: &SecretString,
    stored: Option<&PasswordHash>,
) -> Result<PasswordMatch, HashError> {
    verify_like(password, stored, None).await
}

/// Compares a password with the stored hash like [`verify`], and does the work of bcrypt with the
/// cost `imported` and of argon2id in any case.
///
/// While the instance has hashes of Metabase, the duration therefore does not reveal which user has
/// one.
///
/// # Errors
///
/// Returns the errors of [`verify`].
pub async fn verify_like(
    password: &SecretString,
    stored: Option<&PasswordHash>,
    imported: Option<BcryptCost>,
) -> Result<PasswordMatch, HashError> {
    match (verify_form(password.clone(), stored, imported).await?, normalized(password)) {
        (PasswordMatch::No, Some(normalized)) => verify_form(normalized, stored, imported).await,
        (matched, _) => Ok(matched),
    }
}

/// Compares a secret of Metabase with its hash. It occupies a core like a password.
///
/// # Errors
///
/// Returns [`HashError::Interrupted`] if the thread of the hash ends.
pub async fn matches_bcrypt(secret: SecretString, hash: BcryptHash) -> Result<bool, HashError> {
    with_hash_slot(move |_| Ok(hash.matches(secret.expose_secret()))).await
}

/// Compares a new password with the stored hash.
///
/// # Errors
///
/// Returns the errors of [`verify`].
pub async fn verify_new(
    password: &NewPassword,
    stored: Option<&PasswordHash>,
) -> Result<PasswordMatch, HashError> {
    verify_form(password.expose().into(), stored, None).await
}

async fn verify_form(
    password: SecretString,
    stored: Option<&PasswordHash>,
    imported: Option<BcryptCost>,
) -> Result<PasswordMatch, HashError> {
    let stored = stored.cloned();
    with_hash_slot(move |memory| {
        let metabase = stored.as_ref().and_then(|hash| MetabaseHash::from_stored(hash.expose()));
        if let Some(hash) = metabase {
            return compare_imported(&password, &hash?, imported, memory);
        }
        if let Some(cost) = imported {
            cost.work();
        }
        match stored {
            Some(stored) => compare(&password, &stored, memory),
            None => without_match(&password, memory),
        }
    })
    .await
}

/// Compares a password with a hash of Metabase. A match is to be hashed again, which does the work
/// of argon2id for it.
fn compare_imported(
    password: &SecretString,
    hash: &MetabaseHash,
    imported: Option<BcryptCost>,
    memory: &mut Vec<Block>,
) -> Result<PasswordMatch, HashError> {
    match hash.compare(password, imported).ok_or(InvalidMetabaseHash::Format)? {
        BcryptMatch::Known(true) => Ok(PasswordMatch::YesNeedsRehash),
        BcryptMatch::Known(false) => without_match(password, memory),
        BcryptMatch::Wrapped { digest, expected } => {
            let expected = PasswordHash(expected);
            Ok(match compare(&digest, &expected, memory)? {
                PasswordMatch::No => PasswordMatch::No,
                PasswordMatch::Yes | PasswordMatch::YesNeedsRehash => PasswordMatch::YesNeedsRehash,
            })
        }
    }
}

/// Does the work of a comparison that fails.
fn without_match(
    password: &SecretString,
    memory: &mut Vec<Block>,
) -> Result<PasswordMatch, HashError> {
    digest(&current_argon2(), password, &[0; 16], memory).map(|_| PasswordMatch::No)
}

async fn hash_text(password: SecretString) -> Result<PasswordHash, HashError> {
    let salt: [u8; 16] = random::bytes()?;
    with_hash_slot(move |memory| {
        Ok(PasswordHash::from_stored(argon2id(&password, &salt, memory)?.to_string()))
    })
    .await
}

fn argon2id(
    text: &SecretString,
    salt: &[u8; 16],
    memory: &mut Vec<Block>,
) -> Result<phc::PasswordHash, HashError> {
    let output = digest(&current_argon2(), text, salt, memory)?;
    Ok(phc::PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&PARAMS)?,
        salt: Some(Salt::new(salt)?),
        hash: Some(Output::new(&output)?),
    })
}

fn current_argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, PARAMS)
}

fn compare(
    password: &SecretString,
    stored: &PasswordHash,
    memory: &mut Vec<Block>,
) -> Result<PasswordMatch, HashError> {
    let stored = phc::PasswordHash::new(stored.expose())?;
    let (Some(salt), Some(expected)) = (&stored.salt, &stored.hash) else {
        return Err(HashError::Format(phc::Error::MissingField));
    };
    let params = Params::try_from(&stored)?;
    let version = stored.version.map_or(Ok(Version::V0x13), Version::try_from)?;
    let is_outdated = cost_params(&params) != cost_params(&PARAMS);
    let argon2 = Argon2::new(Algorithm::new(stored.algorithm)?, version, params);
    let actual = digest(&argon2, password, salt, memory)?;
    let is_match = bool::from(actual.ct_eq(expected.as_bytes()));
    Ok(match (is_match, is_outdated) {
        (false, _) => PasswordMatch::No,
        (true, false) => PasswordMatch::Yes,
        (true, true) => PasswordMatch::YesNeedsRehash,
    })
}

const fn cost_params(params: &Params) -> (u32, u32, u32) {
    (params.m_cost(), params.t_cost(), params.p_cost())
}

fn digest(
    argon2: &Argon2<'_>,
    password: &SecretString,
    salt: &[u8],
    memory: &mut Vec<Block>,
) -> Result<Vec<u8>, HashError> {
    memory.resize(argon2.params().block_count(), Block::new());
    let mut output = vec![0; argon2.params().output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN)];
    let password = password.expose_secret().as_bytes();
    argon2.hash_password_into_with_memory(password, salt, &mut output, memory)?;
    Ok(output)
}

/// Runs `work` on a blocking thread, as soon as a slot is free. The slot stays occupied until the
/// work is done, even if the caller stops waiting.
async fn with_hash_slot<T: Send + 'static>(
    work: impl FnOnce(&mut Vec<Block>) -> Result<T, HashError> + Send + 'static,
) -> Result<T, HashError> {
    let slot = Arc::clone(&HASH_SLOTS).acquire_owned().await.map_err(|_| HashError::Interrupted)?;
    task::spawn_blocking(move || {
        let _slot = slot;
        let mut memory = with_block_pool(Vec::pop).unwrap_or_default();
        let result = work(&mut memory);
        with_block_pool(|pool| pool.push(memory));
        result
    })
    .await
    .map_err(|_| HashError::Interrupted)?
}

fn with_block_pool<T>(access: impl FnOnce(&mut Vec<Vec<Block>>) -> T) -> T {
    access(&mut BLOCK_POOL.lock().unwrap_or_else(PoisonError::into_inner))
}

#[cfg(test)]
mod tests;
