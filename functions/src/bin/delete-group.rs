//! The Lambda for [`functions::groups::delete_group`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::groups::delete_group::handler).await
}
