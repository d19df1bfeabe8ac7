//! The Lambda for [`functions::users::anonymize_user`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::users::anonymize_user::handler).await
}
