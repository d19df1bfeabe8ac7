//! `apply` that ends in the middle, and runs again.

use std::{fmt::Write, sync::atomic::Ordering, time::Duration};

use rustix::process::{Pid, Signal, kill_process};
use testkit::{ADMIN_EMAIL, PASSWORD};
use tokio::{process::Child, sync::Semaphore, time::timeout};

use crate::program::{Run, World};

const PEOPLE: usize = 24;

fn people() -> String {
    let mut people = "email,first_name,last_name\n".to_owned();
    for number in 0..PEOPLE {
        writeln!(people, "user{number}@example.com,User,{number}").unwrap();
    }
    people
}

/// Lets no creation pass, but for this number.
fn close(gate: &Semaphore, passing: usize) {
    gate.forget_permits(Semaphore::MAX_PERMITS);
    gate.add_permits(passing);
}

fn signal(child: &Child, signal: Signal) {
    let pid = child.id().and_then(|id| Pid::from_raw(id.try_into().unwrap()));
    kill_process(pid.unwrap(), signal).unwrap();
}

/// Waits until some creations have passed, and a further one waits.
async fn until_blocked(world: &World, passing: usize) {
    let blocked = async {
        while world.gate.arrivals.load(Ordering::SeqCst) <= passing {
            world.gate.waiting.notified().await;
        }
    };
    timeout(Duration::from_mins(1), blocked).await.unwrap();
}

async fn assert_complete(world: &World, file: &str) {
    world.run(&["apply", file]).await.expect(0);
    let active = world.active().await;
    assert_eq!(active.len(), PEOPLE + 1, "{active:?}");
    let run = world.run(&["apply", file, "--json"]).await.expect(0);
    assert_eq!(run.json_lines().pop().unwrap()["summary"]["unchanged"], PEOPLE);
}

#[tokio::test]
async fn a_killed_run_is_completed_by_the_next_one() {
    let world = World::new().await;
    let file = world.file("people.csv", people());
    close(&world.gate.permits, 7);
    let mut child = world.command(&["apply", &file]).spawn().unwrap();
    until_blocked(&world, 7).await;
    signal(&child, Signal::KILL);
    child.wait().await.unwrap();
    // Creations at the gate were sent before the end, and take effect after it.
    world.gate.permits.add_permits(Semaphore::MAX_PERMITS / 2);
    assert_complete(&world, &file).await;
}

#[tokio::test]
async fn an_interrupted_run_reports_its_rows_and_is_completed_by_the_next_one() {
    let world = World::new().await;
    let file = world.file("people.csv", people());
    close(&world.gate.permits, 3);
    let child = world.command(&["apply", &file, "--json"]).spawn().unwrap();
    until_blocked(&world, 3).await;
    signal(&child, Signal::INT);
    world.gate.permits.add_permits(Semaphore::MAX_PERMITS / 2);
    let run = Run::new(child.wait_with_output().await.unwrap()).expect(130);
    assert_eq!(run.json_error()["code"], "interrupted");
    let summary = run.json_lines().pop().unwrap()["summary"].clone();
    let (created, left_out) =
        (summary["created"].as_u64().unwrap(), summary["left_out"].as_u64().unwrap());
    assert!(created >= 3 && left_out > 0, "{summary}");
    assert_eq!(created + left_out, PEOPLE as u64);
    assert_complete(&world, &file).await;
}

#[tokio::test]
async fn a_run_without_a_session_stops_and_is_completed_with_a_new_one() {
    let world = World::new().await;
    let file = world.file("people.csv", people());
    close(&world.gate.permits, 5);
    let child = world.command(&["apply", &file, "--json"]).spawn().unwrap();
    until_blocked(&world, 5).await;
    let end = ["user", "sessions", "end", "1"];
    world.run(&end).await.expect(0);
    world.gate.permits.add_permits(Semaphore::MAX_PERMITS / 2);
    let run = Run::new(child.wait_with_output().await.unwrap()).expect(3);
    let summary = run.json_lines().pop().unwrap()["summary"].clone();
    let count = |name: &str| summary[name].as_u64().unwrap();
    assert!(count("created") >= 5 && count("failed") >= 1 && count("left_out") >= 10, "{summary}");
    let session = world.app.log_in(ADMIN_EMAIL, PASSWORD).await;
    world.set_credentials(&[("USERCTL_SESSION", &session)]);
    assert_complete(&world, &file).await;
}
