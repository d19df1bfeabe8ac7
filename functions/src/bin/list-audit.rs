//! The Lambda for [`functions::list_audit`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::list_audit::handler).await
}
