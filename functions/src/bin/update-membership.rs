//! The Lambda for [`functions::update_membership`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::update_membership::handler).await
}
