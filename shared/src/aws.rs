//! What the clients of AWS have in common.

use aws_sdk_dynamodb::config::{Credentials, SharedHttpClient};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use secrecy::ExposeSecret;

use crate::config::Account;

/// TLS is rustls with ring (`docs/adr/0005`). Without an endpoint it is AWS's own.
pub(crate) fn http_client(endpoint: Option<&str>) -> SharedHttpClient {
    let context = TlsContext::builder().with_trust_store(trusted(endpoint)).build();
    Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .tls_context(context.unwrap_or_default())
        .build_https()
}

/// The machine's root certificates; none for an endpoint without TLS. Reading them is half of what a
/// client costs that is made.
fn trusted(endpoint: Option<&str>) -> TrustStore {
    match endpoint {
        Some(url) if url.starts_with("http://") => TrustStore::empty(),
        _ => TrustStore::default(),
    }
}

/// What Lambda puts into the environment: no chain of providers is asked.
pub(crate) fn credentials(account: &Account) -> Credentials {
    Credentials::new(
        &account.access_key_id,
        account.secret_access_key.expose_secret(),
        account.session_token.as_ref().map(|token| token.expose_secret().to_owned()),
        None,
        "environment",
    )
}
