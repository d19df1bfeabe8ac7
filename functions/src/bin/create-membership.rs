//! The Lambda for [`functions::memberships::create_membership`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::memberships::create_membership::handler).await
}
