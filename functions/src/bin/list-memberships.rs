//! The Lambda for [`functions::memberships::list_memberships`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::memberships::list_memberships::handler).await
}
