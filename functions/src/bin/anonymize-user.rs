//! The Lambda for [`functions::anonymize_user`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::anonymize_user::handler).await
}
