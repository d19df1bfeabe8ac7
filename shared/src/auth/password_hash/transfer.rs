//! Hashes that leave this service or come back: checks of a backup, and hashes for Metabase.

use argon2::{
    Algorithm, Params,
    password_hash::phc::{self},
};
use base64::{
    Engine, alphabet,
    engine::{GeneralPurpose, general_purpose::NO_PAD},
};
use bcrypt::Version;
use secrecy::{ExposeSecret, SecretString};

use super::{HashError, InvalidMetabaseHash, MetabaseHash, PasswordHash, with_hash_slot};
use crate::{
    domain::UserId,
    random::{self, NoEntropy},
};

/// The cost of bcrypt in Metabase.
const METABASE_COST: u32 = 10;

/// The maximum memory of a foreign hash in KiB.
const MAX_MEMORY: u32 = 64 * 1_024;

/// The maximum work of a foreign hash: memory in KiB times passes. It is four times our own.
const MAX_WORK: u64 = 4 * Params::DEFAULT_M_COST as u64 * Params::DEFAULT_T_COST as u64;

/// The maximum number of lanes of a foreign hash.
const MAX_LANES: u32 = 4;

/// The maximum length of a foreign hash in bytes.
const MAX_OUTPUT: usize = 64;

/// The salt beside a hash in Metabase's form that no password matches. An import leaves such a hash
/// out.
pub const UNUSABLE_SALT: &str = "no password";

/// The alphabet of bcrypt.
const BCRYPT: GeneralPurpose = GeneralPurpose::new(&alphabet::BCRYPT, NO_PAD);

/// The reason why the hash of a backup cannot be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidHash {
    /// The text is not a hash that this service writes.
    #[error("it is not a hash of argon2id or of Metabase")]
    Format,
    /// A login with the hash would take too much memory or time.
    #[error("it takes too much memory or time")]
    TooExpensive,
    /// The hash is one of Metabase and is invalid.
    #[error(transparent)]
    Metabase(#[from] InvalidMetabaseHash),
}

impl PasswordHash {
    /// Takes over a hash from a backup of this service. It bounds the work of a login.
    ///
    /// # Errors
    ///
    /// Returns the reason why the hash cannot be checked here.
    pub fn from_backup(text: String) -> Result<Self, InvalidHash> {
        match MetabaseHash::from_stored(&text) {
            Some(hash) => {
                if let Some(argon2) = hash?.expose_wrapped() {
                    check_argon2(argon2)?;
                }
            }
            None => check_argon2(&text)?,
        }
        Ok(Self::from_stored(text))
    }
}

fn check_argon2(text: &str) -> Result<(), InvalidHash> {
    let hash = phc::PasswordHash::new(text).map_err(|_| InvalidHash::Format)?;
    let output = hash.hash.as_ref().filter(|_| hash.salt.is_some());
    let output = output.ok_or(InvalidHash::Format)?;
    if Algorithm::new(hash.algorithm) != Ok(Algorithm::Argon2id) {
        return Err(InvalidHash::Format);
    }
    let params = Params::try_from(&hash).map_err(|_| InvalidHash::Format)?;
    let work = u64::from(params.m_cost()) * u64::from(params.t_cost());
    let is_cheap = params.m_cost() <= MAX_MEMORY
        && work <= MAX_WORK
        && params.p_cost() <= MAX_LANES
        && output.as_bytes().len() <= MAX_OUTPUT;
    if is_cheap { Ok(()) } else { Err(InvalidHash::TooExpensive) }
}

/// A hash in Metabase's form that no password matches: salt and digest are random.
///
/// # Errors
///
/// Returns an error if the operating system has no random bytes.
pub fn unusable_for_metabase() -> Result<SecretString, NoEntropy> {
    let (salt, digest) = (random::bytes::<16>()?, random::bytes::<23>()?);
    let [salt, digest] = [BCRYPT.encode(salt), BCRYPT.encode(digest)];
    Ok(format!("$2a${METABASE_COST}${salt}{digest}").into())
}

/// A token with which a user of Metabase chooses a new password, and its hash.
#[derive(Debug)]
pub struct MetabaseReset {
    /// The token in the link.
    pub token: SecretString,
    /// The hash in Metabase's table.
    pub hash: SecretString,
}

/// Generates a reset token in Metabase's form: `<id>_<uuid>`.
///
/// # Errors
///
/// Returns an error if the machine lacks random bytes.
pub async fn metabase_reset(user: UserId) -> Result<MetabaseReset, HashError> {
    let token = SecretString::from(format!("{user}_{}", random_uuid()?));
    let salt: [u8; 16] = random::bytes()?;
    let text = token.clone();
    let hash = with_hash_slot(move |_| {
        let hash = bcrypt::hash_with_salt(text.expose_secret(), METABASE_COST, salt);
        let hash = hash.map_err(|_| InvalidMetabaseHash::Format)?;
        Ok(SecretString::from(hash.format_for_version(Version::TwoA)))
    })
    .await?;
    Ok(MetabaseReset { token, hash })
}

/// A random UUID of version 4, as a text in lower case.
fn random_uuid() -> Result<String, NoEntropy> {
    let bits = u128::from_be_bytes(random::bytes()?);
    let version = (bits & !(0xf << 76)) | (4 << 76);
    let hex = format!("{:032x}", (version & !(0b11 << 62)) | (0b10 << 62));
    let groups = [0..8, 8..12, 12..16, 16..20, 20..32];
    Ok(groups.map(|group| hex.get(group).unwrap_or_default()).join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARGON2: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$\
        AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    fn error(text: &str) -> Option<InvalidHash> {
        PasswordHash::from_backup(text.to_owned()).err()
    }

    #[test]
    fn accepts_the_hashes_of_this_service() {
        assert_eq!(error(ARGON2), None);
        let bcrypt = unusable_for_metabase().unwrap();
        let kept = PasswordHash::from_metabase(bcrypt.expose_secret(), "salt").unwrap();
        assert_eq!(error(kept.expose()), None);
    }

    #[test]
    fn refuses_hashes_that_would_stop_a_login() {
        for (from, to) in [("m=19456", "m=4194304"), ("t=2", "t=9"), ("p=1", "p=5")] {
            let text = ARGON2.replacen(from, to, 1);
            assert_eq!(error(&text), Some(InvalidHash::TooExpensive), "{text}");
        }
        let wrapped = format!("$metabase-argon2id$c2FsdA$2a$10${}", ".".repeat(22));
        let expensive = format!("{wrapped}{}", ARGON2.replacen("m=19456", "m=4194304", 1));
        assert_eq!(error(&format!("{wrapped}{ARGON2}")), None);
        assert_eq!(error(&expensive), Some(InvalidHash::TooExpensive));
        let other = ARGON2.replacen("argon2id", "argon2d", 1);
        for text in ["", "plain", "$argon2id$", other.as_str(), "$2a$10$abc"] {
            assert_eq!(error(text), Some(InvalidHash::Format), "{text}");
        }
        let damaged = Some(InvalidHash::Metabase(InvalidMetabaseHash::Format));
        assert_eq!(error("$metabase-bcrypt$c2FsdA$2a$10$short"), damaged);
    }

    #[test]
    fn a_uuid_has_its_version_and_variant() {
        let uuid = random_uuid().unwrap();
        let lengths: Vec<_> = uuid.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
        assert_eq!(&uuid[14..15], "4");
        assert!(["8", "9", "a", "b"].contains(&&uuid[19..20]), "{uuid}");
    }

    #[tokio::test]
    async fn a_reset_token_of_metabase_matches_its_hash() {
        let reset = metabase_reset(UserId::INSTALLER).await.unwrap();
        assert!(reset.token.expose_secret().starts_with("1_"));
        let (token, hash) = (reset.token.expose_secret(), reset.hash.expose_secret());
        assert!(bcrypt::verify(token, hash).unwrap());
    }
}
