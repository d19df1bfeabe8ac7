//! The Lambda for [`functions::passwords::update_password`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::passwords::update_password::handler).await
}
