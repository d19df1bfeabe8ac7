//! The Lambda for [`functions::clear_group`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::clear_group::handler).await
}
