//! Configuration shared by all AWS clients.

use aws_sdk_dynamodb::config::{Credentials, SharedHttpClient};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use secrecy::{ExposeSecret, SecretString};

/// The five root certificates of Amazon Trust Services. A typical system has about 140. Source:
/// <https://www.amazontrust.com/repository/>.
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
    /// Whether `SSL_CERT_FILE` or `SSL_CERT_DIR` selects the operator's own root certificates.
    pub has_custom_ca: bool,
}

/// The location of the table and the credentials to access it.
#[derive(Debug, Clone)]
pub struct DynamoDbConfig {
    /// `TABLE_NAME`.
    pub table: String,
    /// `AWS_ENDPOINT_URL_DYNAMODB` or `AWS_ENDPOINT_URL`. The default is the region's endpoint.
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

/// Creates an HTTP client with rustls and ring (`docs/adr/0005`). The default endpoint is AWS.
pub(crate) fn http_client(
    credentials: &AwsCredentials,
    endpoint: Option<&str>,
) -> SharedHttpClient {
    let trust_store = TrustRoots::for_endpoint(credentials, endpoint).store();
    let context = TlsContext::builder().with_trust_store(trust_store).build();
    Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .tls_context(context.unwrap_or_default())
        .build_https()
}

/// The root certificates that a client trusts. With those of the system, reading them is most of
/// the cost of a new client (`docs/adr/0021`).
#[derive(Debug, PartialEq, Eq)]
enum TrustRoots {
    /// No certificates: the endpoint has no TLS.
    None,
    /// Amazon's root certificates.
    Amazon,
    /// The root certificates of the system, or those chosen by the operator.
    System,
}

impl TrustRoots {
    fn for_endpoint(credentials: &AwsCredentials, endpoint: Option<&str>) -> Self {
        let AwsCredentials { region, has_custom_ca, .. } = credentials;
        match endpoint {
            Some(url) if url.starts_with("http://") => Self::None,
            None if !has_custom_ca && is_public_partition(region) => Self::Amazon,
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

/// Whether a region belongs to the partition `aws`. The certificate authorities of the Chinese,
/// government and sovereign partitions were not checked.
fn is_public_partition(region: &str) -> bool {
    const AREAS: [&str; 9] = ["af", "ap", "ca", "eu", "il", "me", "mx", "sa", "us"];
    let mut words = region.split('-');
    let (area, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    AREAS.contains(&area) && !second.starts_with("iso") && second != "gov"
}

/// Converts the credentials for the SDK, which needs no chain of providers.
pub(crate) fn credentials(credentials: &AwsCredentials) -> Credentials {
    Credentials::new(
        &credentials.access_key_id,
        credentials.secret_access_key.expose_secret(),
        credentials.session_token.as_ref().map(|token| token.expose_secret().to_owned()),
        None,
        "environment",
    )
}

#[cfg(test)]
mod tests {
    use base64::{Engine, prelude::BASE64_STANDARD};
    use sha2::{Digest, Sha256};

    use super::*;

    fn credentials_for(region: &str, has_custom_ca: bool) -> AwsCredentials {
        AwsCredentials {
            region: region.to_owned(),
            access_key_id: "id".to_owned(),
            secret_access_key: "secret".into(),
            session_token: None,
            has_custom_ca,
        }
    }

    #[test]
    fn amazon_roots_have_the_published_fingerprints() {
        let published = [
            "8ecde6884f3d87b1125ba31ac3fcb13d7016de7f57cc904fe1cb97c6ae98196e",
            "1ba5b2aa8c65401a82960118f80bec4f62304d83cec4713a19c39c011ea46db4",
            "18ce6cfe7bf14e60b2e347b8dfe868cb31d02ebb3ada271569f50343b46db3a4",
            "e35d28419ed02025cfa69038cd623962458da5c695fbdea3c22b0bfb25897092",
            "568d6905a2c88708a4b3025190edcfedb1974a606a13c6e5290fcb2ae63edab5",
        ];
        let text = std::str::from_utf8(AMAZON_ROOTS).unwrap();
        let blocks = text.split("-----BEGIN CERTIFICATE-----").skip(1);
        let fingerprints: Vec<String> = blocks
            .map(|block| {
                let body = block.split("-----END CERTIFICATE-----").next().unwrap();
                let der = BASE64_STANDARD.decode(body.replace('\n', "")).unwrap();
                Sha256::digest(der)
                    .iter()
                    .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
            })
            .collect();
        assert_eq!(fingerprints, published);
        // A new client parses the certificates and panics on an invalid one.
        http_client(&credentials_for("eu-central-1", false), None);
    }

    #[test]
    fn only_endpoints_of_aws_trust_the_amazon_roots() {
        let roots = |url| TrustRoots::for_endpoint(&credentials_for("us-east-1", false), url);
        assert_eq!(roots(None), TrustRoots::Amazon);
        assert_eq!(roots(Some("http://127.0.0.1:8000")), TrustRoots::None);
        assert_eq!(roots(Some("https://dynamodb.example.com")), TrustRoots::System);
        let with_custom_ca = credentials_for("us-east-1", true);
        assert_eq!(TrustRoots::for_endpoint(&with_custom_ca, None), TrustRoots::System);
        for region in ["cn-north-1", "us-gov-west-1", "us-iso-east-1", "eusc-de-east-1", "local"] {
            assert_eq!(
                TrustRoots::for_endpoint(&credentials_for(region, false), None),
                TrustRoots::System,
                "{region}"
            );
        }
    }
}
