//! The Lambda for [`functions::api_keys::delete_api_key`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::api_keys::delete_api_key::handler).await
}
