//! The Lambda for [`functions::reactivate_user`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::reactivate_user::handler).await
}
