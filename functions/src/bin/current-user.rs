//! The Lambda for [`functions::users::current_user`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::users::current_user::handler).await
}
