//! The Lambda for [`functions::instance::health`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::instance::health::handler).await
}
