//! The Lambda for [`functions::send_invite`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::send_invite::handler).await
}
