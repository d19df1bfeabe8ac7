//! The Lambda for [`functions::create_api_key`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::create_api_key::handler).await
}
