//! The Lambda for [`functions::groups::get_group`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::groups::get_group::handler).await
}
