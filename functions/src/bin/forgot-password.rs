//! The Lambda for [`functions::passwords::forgot_password`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::passwords::forgot_password::handler).await
}
