//! Password hashes: argon2id, its parameters in the stored text.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::{
        self,
        phc::{self, Output, ParamsString, Salt},
    },
};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;
use tokio::{sync::Semaphore, task};

use super::password_policy::NewPassword;
use crate::random::{self, NoEntropy};

/// OWASP's password storage cheat sheet: argon2id with 19 MiB, two passes, one lane. The library's
/// default is the same; a test fails when it moves.
const PARAMS: Params = Params::DEFAULT;

/// A hash occupies a core and 19 MiB: there are as many at a time as there are cores.
static HASH_SLOTS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| {
    Arc::new(Semaphore::new(std::thread::available_parallelism().map_or(1, Into::into)))
});

/// The memory of finished hashes, for the next ones. Freed and allocated anew for each hash, the
/// memory of a process grows past what a small function has.
static BLOCK_POOL: Mutex<Vec<Vec<Block>>> = Mutex::new(Vec::new());

/// A stored hash in the PHC string format.
#[derive(Debug, Clone)]
pub struct PasswordHash(SecretString);

impl PasswordHash {
    /// A hash that was computed before it was stored.
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

/// What a password turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordMatch {
    /// Not the password.
    No,
    /// The password.
    Yes,
    /// The password, but hashed with parameters that are no longer ours.
    YesNeedsRehash,
}

/// A hash could not be computed.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// The stored text is not a hash.
    #[error("the stored hash is malformed: {0}")]
    Format(#[from] phc::Error),
    /// The stored text names parameters that argon2 cannot have.
    #[error("the stored hash has impossible parameters: {0}")]
    Parameters(#[from] password_hash::Error),
    /// argon2 refused its input.
    #[error("argon2: {0}")]
    Argon2(#[from] argon2::Error),
    /// There is no salt.
    #[error(transparent)]
    Entropy(#[from] NoEntropy),
    /// The thread of the hash, or the semaphore before it, is gone.
    #[error("the hash was interrupted")]
    Interrupted,
}

/// Hashes a new password with today's parameters and a fresh salt.
///
/// # Errors
///
/// When the machine cannot: no entropy, no memory.
pub async fn hash(password: &NewPassword) -> Result<PasswordHash, HashError> {
    hash_text(password.expose().into()).await
}

/// Hashes a password that was just verified against an outdated hash.
///
/// # Errors
///
/// As [`hash`].
pub async fn rehash(verified: &SecretString) -> Result<PasswordHash, HashError> {
    hash_text(verified.clone()).await
}

/// Compares a password with the stored hash.
///
/// Without one, as for an address that nobody has, the same work is done and the answer is
/// [`Verdict::Wrong`]: the time tells nothing.
///
/// # Errors
///
/// When the stored hash is malformed or the machine cannot compute.
pub async fn verify(
    password: &SecretString,
    stored: Option<&PasswordHash>,
) -> Result<PasswordMatch, HashError> {
    let password = password.clone();
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
    let outdated = cost_params(&params) != cost_params(&PARAMS);
    let argon2 = Argon2::new(Algorithm::new(stored.algorithm)?, version, params);
    let actual = digest(&argon2, password, salt, memory)?;
    let right = bool::from(actual.ct_eq(expected.as_bytes()));
    Ok(match (right, outdated) {
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

/// Runs `work` beside the executor, when a core is free for it. The core stays taken until the work is
/// done, also when nobody waits for it any more.
async fn with_hash_slot<T: Send + 'static>(
    work: impl FnOnce(&mut Vec<Block>) -> Result<T, HashError> + Send + 'static,
) -> Result<T, HashError> {
    let core = Arc::clone(&HASH_SLOTS).acquire_owned().await.map_err(|_| HashError::Interrupted)?;
    task::spawn_blocking(move || {
        let _core = core;
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
        let verdict = |text: &str| {
            let text = SecretString::from(text);
            let stored = stored.clone();
            async move { verify(&text, Some(&stored)).await.unwrap() }
        };
        assert!(stored.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_eq!(verdict("unc0mmonpw").await, PasswordMatch::Yes);
        assert_eq!(verdict("unc0mmonpW").await, PasswordMatch::No);
    }

    #[tokio::test]
    async fn the_same_password_is_never_hashed_the_same() {
        let (one, two) = (hash(&password()).await.unwrap(), hash(&password()).await.unwrap());
        assert_ne!(one.expose(), two.expose());
    }

    #[tokio::test]
    async fn knows_outdated_parameters() {
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
        let verdict = verify(&"old".into(), Some(&old)).await.unwrap();
        assert_eq!(verdict, PasswordMatch::YesNeedsRehash);
    }

    #[tokio::test]
    async fn without_a_hash_every_password_is_wrong() {
        assert_eq!(verify(&"x".into(), None).await.unwrap(), PasswordMatch::No);
    }

    #[tokio::test]
    async fn an_address_that_nobody_has_costs_as_much_as_a_wrong_password() {
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
    async fn a_malformed_hash_is_an_error_not_a_refusal() {
        let stored = PasswordHash::from_stored("plain".to_owned());
        assert!(verify(&"plain".into(), Some(&stored)).await.is_err());
        assert!(!format!("{stored:?}").contains("plain"));
    }
}
