//! The Lambda for [`functions::documentation::docs`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::documentation::docs::handler).await
}
