//! The Lambda for [`functions::instance::setup`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::instance::setup::handler).await
}
