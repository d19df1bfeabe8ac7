//! The Lambda for [`functions::end_sessions`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::end_sessions::handler).await
}
