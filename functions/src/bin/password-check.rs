//! The Lambda for [`functions::passwords::password_check`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::passwords::password_check::handler).await
}
