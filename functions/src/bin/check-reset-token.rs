//! The Lambda for [`functions::passwords::check_reset_token`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::passwords::check_reset_token::handler).await
}
