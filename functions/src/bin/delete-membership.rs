//! The Lambda for [`functions::memberships::delete_membership`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::memberships::delete_membership::handler).await
}
