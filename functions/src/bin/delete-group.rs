//! The Lambda for [`functions::delete_group`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::delete_group::handler).await
}
