//! The Lambda for [`functions::users::update_user`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::users::update_user::handler).await
}
