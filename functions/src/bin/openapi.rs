//! The Lambda for [`functions::openapi`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::openapi::handler).await
}
