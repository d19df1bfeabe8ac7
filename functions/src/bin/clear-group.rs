//! The Lambda for [`functions::groups::clear_group`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::groups::clear_group::handler).await
}
