//! The Lambda for [`functions::list_recipients`].

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::serve(functions::list_recipients::handler).await
}
