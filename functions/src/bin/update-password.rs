//! The Lambda for [`functions::update_password`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::update_password::handler).await
}
