//! The Lambda for [`functions::sessions::revoke_sessions`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::sessions::revoke_sessions::handler).await
}
