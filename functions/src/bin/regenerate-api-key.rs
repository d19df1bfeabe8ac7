//! The Lambda for [`functions::regenerate_api_key`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::regenerate_api_key::handler).await
}
