//! Test harness for the service. Development only.
//!
//! A [`TestApp`] runs the local gateway and every handler on its own embedded engine, through the
//! real AWS SDK and with a manual clock. It records the requests to DynamoDB, enforces the IAM
//! policies of `template.yaml`, and checks each response against the OpenAPI document. Tests can
//! inject faults between the SDK and the engine. They can also read and change the table directly.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a test that cannot go on must stop, and says where"
)]

mod app;
mod clock;
mod comparable;
mod conformance;
mod email_links;
mod fault_client;
mod faults;
mod iam;
mod imported;
mod invariants;
mod kill_proxy;
mod lambda;
mod lambda_event;
mod mail;
mod meter;
mod request;
mod secret_leaks;
mod ses;
mod table;
mod template;
mod users;

pub use app::TestApp;
pub use clock::{TestClock, timestamp};
pub use comparable::comparable;
pub use conformance::{Document, ExtraKeys, description};
pub use faults::{Fault, Faults};
pub use iam::{IamEnforcer, IamRequest, POLICIES, Permission};
pub use imported::ImportedForm;
pub use invariants::assert_invariants;
pub use kill_proxy::KillPoint;
pub use mail::SentEmails;
pub use meter::{Bytes, SdkRecorder};
pub use request::{Request, TestResponse};
pub use ses::{Ses, SesBehavior};
pub use table::{Item, Items, Snapshot, items, key_strings};
pub use template::{Template, rest_api_template, template};
pub use users::{ADMIN_EMAIL, PASSWORD, SETUP_TOKEN, TestUser};
