//! Secrets in bodies.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serializer};

/// Serializes a secret into the body of a request.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature of serde")]
pub(crate) fn serialize<S: Serializer>(
    secret: &&SecretString,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}

/// Serializes an optional secret into the body of a request.
#[expect(clippy::ref_option, reason = "the signature of serde")]
pub(crate) fn serialize_option<S: Serializer>(
    secret: &Option<SecretString>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match secret {
        Some(secret) => serializer.serialize_str(secret.expose_secret()),
        None => serializer.serialize_none(),
    }
}

/// Deserializes a secret from the body of a response.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<SecretString, D::Error> {
    String::deserialize(deserializer).map(SecretString::from)
}

/// Deserializes an optional secret from the body of a response.
pub(crate) fn deserialize_option<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<SecretString>, D::Error> {
    Option::<String>::deserialize(deserializer).map(|secret| secret.map(SecretString::from))
}
