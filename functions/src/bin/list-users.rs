//! The Lambda for [`functions::users::list_users`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::users::list_users::handler).await
}
