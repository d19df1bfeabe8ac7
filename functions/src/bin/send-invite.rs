//! The Lambda for [`functions::users::send_invite`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::users::send_invite::handler).await
}
