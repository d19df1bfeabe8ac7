//! The Lambda for [`functions::password_check`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::password_check::handler).await
}
