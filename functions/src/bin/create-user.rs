//! The Lambda for [`functions::users::create_user`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::users::create_user::handler).await
}
