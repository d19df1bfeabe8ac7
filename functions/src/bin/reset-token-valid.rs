//! The Lambda for [`functions::reset_token_valid`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::reset_token_valid::handler).await
}
