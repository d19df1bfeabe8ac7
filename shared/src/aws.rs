//! What the clients of AWS have in common.

use aws_sdk_dynamodb::config::{Credentials, SharedHttpClient};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use secrecy::{ExposeSecret, SecretString};

/// The authorities that Amazon's own certificates are from, five of the hundred and forty that a system
/// knows: <https://www.amazontrust.com/repository/>.
const AMAZON_ROOTS: &[u8] = include_bytes!("../data/amazon-roots.pem");

/// The region and the credentials of AWS clients.
#[derive(Debug, Clone)]
pub struct AwsCredentials {
    /// `AWS_REGION`.
    pub region: String,
    /// `AWS_ACCESS_KEY_ID`.
    pub access_key_id: String,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub secret_access_key: SecretString,
    /// `AWS_SESSION_TOKEN`.
    pub session_token: Option<SecretString>,
    /// Whether `SSL_CERT_FILE` or `SSL_CERT_DIR` is set. Then the operator's root certificates apply.
    pub has_custom_ca: bool,
}

/// The location of the table and the credentials to access it.
#[derive(Debug, Clone)]
pub struct DynamoDbConfig {
    /// `TABLE_NAME`.
    pub table: String,
    /// `AWS_ENDPOINT_URL_DYNAMODB`, or `AWS_ENDPOINT_URL`; without either the endpoint of the region.
    pub endpoint: Option<String>,
    /// The credentials.
    pub credentials: AwsCredentials,
}

impl DynamoDbConfig {
    /// Returns the configuration for a local DynamoDB engine, which accepts any credentials.
    #[must_use]
    pub fn local(endpoint: String, table: &str) -> Self {
        let credentials = AwsCredentials {
            region: "local".to_owned(),
            access_key_id: "local".to_owned(),
            secret_access_key: "local".into(),
            session_token: None,
            has_custom_ca: false,
        };
        Self { table: table.to_owned(), endpoint: Some(endpoint), credentials }
    }
}

/// TLS is rustls with ring (`docs/adr/0005`). Without an endpoint it is AWS's own.
pub(crate) fn http_client(account: &AwsCredentials, endpoint: Option<&str>) -> SharedHttpClient {
    let trusted = TrustRoots::for_endpoint(account, endpoint).store();
    let context = TlsContext::builder().with_trust_store(trusted).build();
    Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .tls_context(context.unwrap_or_default())
        .build_https()
}

/// Who may say that AWS is AWS. Reading certificates is most of what a client costs that is made
/// (`docs/adr/0021`).
#[derive(Debug, PartialEq, Eq)]
enum TrustRoots {
    /// Nobody: the endpoint has no TLS.
    None,
    /// Amazon's authorities.
    Amazon,
    /// Whomever the machine trusts, or the operator.
    System,
}

impl TrustRoots {
    fn for_endpoint(account: &AwsCredentials, endpoint: Option<&str>) -> Self {
        match endpoint {
            Some(url) if url.starts_with("http://") => Self::None,
            None if !account.has_custom_ca && is_public_partition(&account.region) => Self::Amazon,
            _ => Self::System,
        }
    }

    fn store(&self) -> TrustStore {
        match self {
            Self::None => TrustStore::empty(),
            Self::Amazon => TrustStore::empty().with_pem_certificate(AMAZON_ROOTS),
            Self::System => TrustStore::default(),
        }
    }
}

/// Whether a region is of the partition `aws`. China, the governments' and the sovereign ones are run apart,
/// and what authorities they use is not known here.
fn is_public_partition(region: &str) -> bool {
    const PARTS: [&str; 9] = ["af", "ap", "ca", "eu", "il", "me", "mx", "sa", "us"];
    let mut words = region.split('-');
    let (part, place) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    PARTS.contains(&part) && !place.starts_with("iso") && place != "gov"
}

/// What Lambda puts into the environment: no chain of providers is asked.
pub(crate) fn credentials(account: &AwsCredentials) -> Credentials {
    Credentials::new(
        &account.access_key_id,
        account.secret_access_key.expose_secret(),
        account.session_token.as_ref().map(|token| token.expose_secret().to_owned()),
        None,
        "environment",
    )
}

#[cfg(test)]
mod tests {
    use base64::{Engine, prelude::BASE64_STANDARD};
    use sha2::{Digest, Sha256};

    use super::*;

    fn account(region: &str, names_authorities: bool) -> AwsCredentials {
        AwsCredentials {
            region: region.to_owned(),
            access_key_id: "id".to_owned(),
            secret_access_key: "secret".into(),
            session_token: None,
            has_custom_ca: names_authorities,
        }
    }

    #[test]
    fn amazons_authorities_are_those_that_amazon_publishes() {
        let published = [
            "8ecde6884f3d87b1125ba31ac3fcb13d7016de7f57cc904fe1cb97c6ae98196e",
            "1ba5b2aa8c65401a82960118f80bec4f62304d83cec4713a19c39c011ea46db4",
            "18ce6cfe7bf14e60b2e347b8dfe868cb31d02ebb3ada271569f50343b46db3a4",
            "e35d28419ed02025cfa69038cd623962458da5c695fbdea3c22b0bfb25897092",
            "568d6905a2c88708a4b3025190edcfedb1974a606a13c6e5290fcb2ae63edab5",
        ];
        let text = std::str::from_utf8(AMAZON_ROOTS).unwrap();
        let blocks = text.split("-----BEGIN CERTIFICATE-----").skip(1);
        let prints: Vec<String> = blocks
            .map(|block| {
                let body = block.split("-----END CERTIFICATE-----").next().unwrap();
                let der = BASE64_STANDARD.decode(body.replace('\n', "")).unwrap();
                Sha256::digest(der)
                    .iter()
                    .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
            })
            .collect();
        assert_eq!(prints, published);
        // Making a client reads them, and would stop at one that cannot be read.
        http_client(&account("eu-central-1", false), None);
    }

    #[test]
    fn only_awss_own_endpoints_are_taken_for_amazons() {
        let endpoint = |url| TrustRoots::for_endpoint(&account("us-east-1", false), url);
        assert_eq!(endpoint(None), TrustRoots::Amazon);
        assert_eq!(endpoint(Some("http://127.0.0.1:8000")), TrustRoots::None);
        assert_eq!(endpoint(Some("https://dynamodb.example.com")), TrustRoots::System);
        assert_eq!(TrustRoots::for_endpoint(&account("us-east-1", true), None), TrustRoots::System);
        for region in ["cn-north-1", "us-gov-west-1", "us-iso-east-1", "eusc-de-east-1", "local"] {
            assert_eq!(
                TrustRoots::for_endpoint(&account(region, false), None),
                TrustRoots::System,
                "{region}"
            );
        }
    }
}
