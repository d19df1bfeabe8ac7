//! The Lambda for [`functions::documentation::openapi`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::documentation::openapi::handler).await
}
