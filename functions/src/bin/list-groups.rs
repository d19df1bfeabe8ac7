//! The Lambda for [`functions::groups::list_groups`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::groups::list_groups::handler).await
}
