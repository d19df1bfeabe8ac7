//! The Lambda for [`functions::passwords::password_reset_url`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::passwords::password_reset_url::handler).await
}
