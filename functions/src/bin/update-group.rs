//! The Lambda for [`functions::groups::update_group`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::groups::update_group::handler).await
}
