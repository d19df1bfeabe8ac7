//! The Lambda for [`functions::session_properties`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::session_properties::handler).await
}
