//! The Lambda for [`functions::sessions::login`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::sessions::login::handler).await
}
