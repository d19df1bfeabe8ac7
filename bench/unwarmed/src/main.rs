//! `get-user` without its first request: the way to the first poll that is the function's own.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::run(shared::lambda::begin()?, functions::get_user::handler).await
}
