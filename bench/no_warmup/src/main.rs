//! `get-user` without the warm-up request before the first poll.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), shared::lambda::Error> {
    shared::lambda::run(shared::lambda::init()?, functions::users::get_user::handler).await
}
