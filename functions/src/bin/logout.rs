//! The Lambda for [`functions::sessions::logout`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::sessions::logout::handler).await
}
