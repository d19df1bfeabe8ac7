//! The configuration that all AWS clients of a process share.
//!
//! `aws-config` reads region, credentials and endpoints as every AWS SDK does. This module adds an
//! HTTP client with rustls and ring (`docs/adr/0024`).

use std::sync::{Arc, OnceLock};

use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_sdk_dynamodb::config::{
    Credentials, HttpClient, RuntimeComponents, SharedCredentialsProvider, SharedHttpClient,
};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
    orchestrator::HttpRequest,
};

/// The five root certificates of Amazon Trust Services. A typical system has about 140. Source:
/// <https://www.amazontrust.com/repository/>.
const AMAZON_ROOTS: &[u8] = include_bytes!("../data/amazon-roots.pem");

/// Whether the operator selects root certificates, with `SSL_CERT_FILE` or `SSL_CERT_DIR`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RootCertificates {
    /// Amazon's for endpoints of AWS, and those of the system for other endpoints.
    Default,
    /// Those of the operator, for all endpoints.
    Custom,
}

/// Prepares the configuration from the environment and from profiles.
#[must_use]
pub fn loader(certificates: RootCertificates) -> ConfigLoader {
    aws_config::defaults(BehaviorVersion::latest()).http_client(http_client(certificates))
}

/// Returns the configuration for a local DynamoDB engine, which accepts any credentials.
#[must_use]
pub fn local(endpoint: &str) -> SdkConfig {
    let credentials = Credentials::new("local", "local", None, None, "local");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .http_client(http_client(RootCertificates::Default))
        .region(Region::from_static("local"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(endpoint)
        .build()
}

fn http_client(certificates: RootCertificates) -> SharedHttpClient {
    SharedHttpClient::new(TrustByHost { certificates, clients: Arc::default() })
}

/// An HTTP client that selects the trusted root certificates by the host of each request.
#[derive(Debug, Clone)]
struct TrustByHost {
    certificates: RootCertificates,
    clients: Arc<Clients>,
}

/// A client for each selection of root certificates, created for its first request.
#[derive(Debug, Default)]
struct Clients {
    without_tls: OnceLock<SharedHttpClient>,
    amazon: OnceLock<SharedHttpClient>,
    system: OnceLock<SharedHttpClient>,
}

impl Clients {
    fn get(&self, trust: Trust) -> &SharedHttpClient {
        let client = match trust {
            Trust::Nothing => &self.without_tls,
            Trust::Amazon => &self.amazon,
            Trust::System => &self.system,
        };
        client.get_or_init(|| {
            let context = TlsContext::builder().with_trust_store(trust.store()).build();
            Builder::new()
                .tls_provider(Provider::Rustls(CryptoMode::Ring))
                .tls_context(context.unwrap_or_default())
                .build_https()
        })
    }
}

impl HttpClient for TrustByHost {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(ConnectorByHost {
            client: self.clone(),
            settings: settings.clone(),
            components: components.clone(),
        })
    }
}

/// The connector of one request.
#[derive(Debug)]
struct ConnectorByHost {
    client: TrustByHost,
    settings: HttpConnectorSettings,
    components: RuntimeComponents,
}

impl HttpConnector for ConnectorByHost {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let TrustByHost { certificates, clients } = &self.client;
        let client = clients.get(Trust::in_server(request.uri(), *certificates));
        client.http_connector(&self.settings, &self.components).call(request)
    }
}

/// The root certificates that a client trusts. Reading those of the system would be most of the
/// work of a cold start (`docs/adr/0021`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trust {
    /// No certificates: the endpoint has no TLS.
    Nothing,
    /// Amazon's root certificates.
    Amazon,
    /// The root certificates of the system, or those chosen by the operator.
    System,
}

impl Trust {
    fn in_server(url: &str, certificates: RootCertificates) -> Self {
        if url.starts_with("http://") {
            Self::Nothing
        } else if certificates == RootCertificates::Default && is_public_aws(url) {
            Self::Amazon
        } else {
            Self::System
        }
    }

    fn store(self) -> TrustStore {
        match self {
            Self::Nothing => TrustStore::empty(),
            Self::Amazon => TrustStore::empty().with_pem_certificate(AMAZON_ROOTS),
            Self::System => TrustStore::default(),
        }
    }
}

/// Whether a URL belongs to a regional endpoint of AWS in the partition `aws`, for example
/// `https://dynamodb.eu-central-1.amazonaws.com/`.
///
/// The certificate authorities of the Chinese, government and sovereign partitions were not
/// checked.
fn is_public_aws(url: &str) -> bool {
    const AREAS: [&str; 9] = ["af", "ap", "ca", "eu", "il", "me", "mx", "sa", "us"];
    let authority = url.trim_start_matches("https://").split(['/', '?', ':']).next();
    let service = authority.unwrap_or_default().strip_suffix(".amazonaws.com");
    let region = service.and_then(|name| name.rsplit('.').next()).unwrap_or_default();
    let mut words = region.split('-');
    let (area, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    AREAS.contains(&area) && !second.is_empty() && !second.starts_with("iso") && second != "gov"
}

#[cfg(test)]
mod tests {
    use base64::{Engine, prelude::BASE64_STANDARD};
    use sha2::{Digest, Sha256};

    use super::*;

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
        Clients::default().get(Trust::Amazon);
    }

    #[test]
    fn only_endpoints_of_aws_trust_the_amazon_roots() {
        let trust = |url: &str| Trust::in_server(url, RootCertificates::Default);
        assert_eq!(trust("http://127.0.0.1:8000/"), Trust::Nothing);
        for host in [
            "dynamodb.us-east-1.amazonaws.com",
            "dynamodb-fips.ca-central-1.amazonaws.com:443",
            "123456789012.ddb.eu-central-1.amazonaws.com",
            "email.ap-southeast-2.amazonaws.com",
        ] {
            let url = format!("https://{host}/?x=y");
            assert_eq!(trust(&url), Trust::Amazon, "{host}");
            assert_eq!(Trust::in_server(&url, RootCertificates::Custom), Trust::System, "{host}");
        }
        for host in [
            "dynamodb.example.com",
            "dynamodb.us-east-1.amazonaws.com.example.com",
            "example.com/dynamodb.us-east-1.amazonaws.com",
            "amazonaws.com",
            "us.amazonaws.com",
            "dynamodb.cn-north-1.amazonaws.com.cn",
            "dynamodb.us-gov-west-1.amazonaws.com",
            "dynamodb.us-iso-east-1.c2s.ic.gov",
            "dynamodb.eusc-de-east-1.amazonaws.eu",
        ] {
            assert_eq!(trust(&format!("https://{host}/")), Trust::System, "{host}");
        }
    }
}
