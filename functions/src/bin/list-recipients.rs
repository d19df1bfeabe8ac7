//! The Lambda for [`functions::users::list_recipients`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::users::list_recipients::handler).await
}
