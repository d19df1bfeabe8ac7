//! The Lambda for [`functions::forgot_password`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::forgot_password::handler).await
}
