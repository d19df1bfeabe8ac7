//! The Lambda for [`functions::users::deactivate_user`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::users::deactivate_user::handler).await
}
