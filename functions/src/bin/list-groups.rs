//! The Lambda for [`functions::list_groups`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::list_groups::handler).await
}
