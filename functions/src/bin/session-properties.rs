//! The Lambda for [`functions::instance::session_properties`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::instance::session_properties::handler).await
}
