//! Password hashes: argon2id, with the parameters in the stored text.

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

use super::password_policy::{NewPassword, nfc};
use crate::random::{self, NoEntropy};

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

/// A stored hash in the PHC string format.
#[derive(Debug, Clone)]
pub struct PasswordHash(SecretString);

impl PasswordHash {
    /// Wraps a hash read from the table.
    #[must_use]
    pub fn from_stored(text: String) -> Self {
        Self(text.into())
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
    match (verify_form(password.clone(), stored).await?, normalized(password)) {
        (PasswordMatch::No, Some(normalized)) => verify_form(normalized, stored).await,
        (matched, _) => Ok(matched),
    }
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
    verify_form(password.expose().into(), stored).await
}

async fn verify_form(
    password: SecretString,
    stored: Option<&PasswordHash>,
) -> Result<PasswordMatch, HashError> {
    let stored = stored.cloned();
    with_hash_slot(move |memory| match stored {
        Some(stored) => compare(&password, &stored, memory),
        None => digest(&current_argon2(), &password, &[0; 16], memory).map(|_| PasswordMatch::No),
    })
    .await
}

async fn hash_text(password: SecretString) -> Result<PasswordHash, HashError> {
    let salt: [u8; 16] = random::bytes()?;
    with_hash_slot(move |memory| {
        let output = digest(&current_argon2(), &password, &salt, memory)?;
        let hash = phc::PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&PARAMS)?,
            salt: Some(Salt::new(&salt)?),
            hash: Some(Output::new(&output)?),
        };
        Ok(PasswordHash::from_stored(hash.to_string()))
    })
    .await
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
mod tests {
    use std::{
        cell::Cell,
        time::{Duration, Instant},
    };

    use super::*;
    use crate::auth::password_policy::PasswordPolicy;

    fn password() -> NewPassword {
        NewPassword::parse("unc0mmonpw", PasswordPolicy::Normal).unwrap()
    }

    #[tokio::test]
    async fn verifies_what_it_hashed() {
        let stored = hash(&password()).await.unwrap();
        let result = |text: &str| {
            let text = SecretString::from(text);
            let stored = stored.clone();
            async move { verify(&text, Some(&stored)).await.unwrap() }
        };
        assert!(stored.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_eq!(result("unc0mmonpw").await, PasswordMatch::Yes);
        assert_eq!(result("unc0mmonpW").await, PasswordMatch::No);
    }

    #[tokio::test]
    async fn the_same_password_is_never_hashed_the_same() {
        let (one, two) = (hash(&password()).await.unwrap(), hash(&password()).await.unwrap());
        assert_ne!(one.expose(), two.expose());
    }

    #[tokio::test]
    async fn detects_outdated_parameters() {
        let mut memory = Vec::new();
        let params = Params::new(64, 1, 1, Some(32)).unwrap();
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
        let output = digest(&argon2, &"old".into(), &[7; 16], &mut memory).unwrap();
        let old = phc::PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&params).unwrap(),
            salt: Some(Salt::new(&[7; 16]).unwrap()),
            hash: Some(Output::new(&output).unwrap()),
        };
        let old = PasswordHash::from_stored(old.to_string());
        let result = verify(&"old".into(), Some(&old)).await.unwrap();
        assert_eq!(result, PasswordMatch::YesNeedsRehash);
    }

    #[tokio::test]
    async fn without_a_hash_every_password_is_wrong() {
        assert_eq!(verify(&"x".into(), None).await.unwrap(), PasswordMatch::No);
    }

    #[tokio::test]
    async fn an_unregistered_address_costs_as_much_as_a_wrong_password() {
        let stored = hash(&password()).await.unwrap();
        let time = async |stored: Option<&PasswordHash>| {
            let start = Instant::now();
            verify(&"wrong".into(), stored).await.unwrap();
            start.elapsed()
        };
        let (mut unknown, mut wrong) = (Duration::MAX, Duration::MAX);
        for _ in 0..5 {
            unknown = unknown.min(time(None).await);
            wrong = wrong.min(time(Some(&stored)).await);
        }
        assert!(unknown * 3 > wrong && wrong * 3 > unknown, "{unknown:?} {wrong:?}");
    }

    #[tokio::test]
    async fn others_are_served_during_a_hash() {
        let served = Cell::new(0);
        let hashed = async {
            hash(&password()).await.unwrap();
            served.get()
        };
        let others = async {
            loop {
                served.set(served.get() + 1);
                task::yield_now().await;
            }
        };
        tokio::select! {
            biased;
            meanwhile = hashed => assert!(meanwhile > 0),
            () = others => {}
        }
    }

    #[tokio::test]
    async fn a_malformed_hash_is_an_error_not_a_mismatch() {
        let stored = PasswordHash::from_stored("plain".to_owned());
        assert!(verify(&"plain".into(), Some(&stored)).await.is_err());
        assert!(!format!("{stored:?}").contains("plain"));
    }
}
