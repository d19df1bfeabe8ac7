//! The Lambda for [`functions::sessions::list_sessions`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::sessions::list_sessions::handler).await
}
