//! The Lambda for [`functions::users::get_user`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::users::get_user::handler).await
}
