//! The Lambda for [`functions::reset_password`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::reset_password::handler).await
}
