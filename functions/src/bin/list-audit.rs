//! The Lambda for [`functions::instance::list_audit`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::instance::list_audit::handler).await
}
