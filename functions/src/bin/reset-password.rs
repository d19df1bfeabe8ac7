//! The Lambda for [`functions::passwords::reset_password`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::passwords::reset_password::handler).await
}
