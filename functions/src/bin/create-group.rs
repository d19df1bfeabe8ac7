//! The Lambda for [`functions::groups::create_group`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::groups::create_group::handler).await
}
