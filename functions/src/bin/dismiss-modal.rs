//! The Lambda for [`functions::dismiss_modal`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::dismiss_modal::handler).await
}
