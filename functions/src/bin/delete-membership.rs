//! The Lambda for [`functions::delete_membership`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::delete_membership::handler).await
}
