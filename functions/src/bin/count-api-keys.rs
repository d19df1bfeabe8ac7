//! The Lambda for [`functions::api_keys::count_api_keys`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::api_keys::count_api_keys::handler).await
}
