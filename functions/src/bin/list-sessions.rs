//! The Lambda for [`functions::list_sessions`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::list_sessions::handler).await
}
