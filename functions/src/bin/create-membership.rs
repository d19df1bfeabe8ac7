//! The Lambda for [`functions::create_membership`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::create_membership::handler).await
}
