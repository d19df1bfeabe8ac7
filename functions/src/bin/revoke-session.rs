//! The Lambda for [`functions::sessions::revoke_session`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::sessions::revoke_session::handler).await
}
