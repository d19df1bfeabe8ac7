//! The Lambda for [`functions::users::dismiss_modal`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::users::dismiss_modal::handler).await
}
