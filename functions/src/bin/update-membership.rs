//! The Lambda for [`functions::memberships::update_membership`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::memberships::update_membership::handler).await
}
