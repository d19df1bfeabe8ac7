//! The Lambda for [`functions::users::reactivate_user`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::users::reactivate_user::handler).await
}
