//! The Lambda for [`functions::deactivate_user`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::deactivate_user::handler).await
}
