//! Development only: the service as tests use it.
//!
//! A [`TestApp`] is the local gateway and every handler over an embedded engine of its own, behind
//! the real SDK, with a clock that stands still. Requests are counted, faults can be put between the
//! SDK and the engine, and the table can be read and changed behind the service's back.
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
mod fault_client;
mod faults;
mod iam;
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
pub use clock::{TestClock, moment};
pub use comparable::comparable;
pub use conformance::{Document, ExtraKeys, description};
pub use faults::{Fault, Faults};
pub use iam::{Grant, IamEnforcer, IamRequest, POLICIES};
pub use invariants::assert_sound;
pub use kill_proxy::KillPoint;
pub use mail::SentEmails;
pub use meter::{Bytes, SdkRecorder};
pub use request::{Request, TestResponse};
pub use ses::{Ses, SesBehavior};
pub use table::{Item, Items, Snapshot, items, texts};
pub use template::{Template, template};
pub use users::{ADMIN_EMAIL, PASSWORD, SETUP_TOKEN, TestUser};
