//! Random sequences of requests by several people, against a plain model of the contract's rules.
//!
//! A failure names its seed; [`SEEDS`] repeats it.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use serde_json::{Value, json};
use testkit::{ADMIN_EMAIL, Answer, PASSWORD, TestApp};

const STEPS: usize = 400;
const SEEDS: std::ops::Range<u64> = 0..6;
const NAMES: [&str; 4] = ["Ann", "bob", "Éva", "zoë"];

#[derive(Debug, Clone, PartialEq, Eq)]
struct Account {
    email: String,
    first_name: Option<String>,
    groups: BTreeSet<u64>,
    active: bool,
    newcomer: bool,
    password: String,
}

/// Who a session is of, and whether it counts.
#[derive(Debug)]
struct Session {
    token: String,
    user: u64,
    live: bool,
}

/// What the service should know.
#[derive(Debug, Default)]
struct Model {
    accounts: BTreeMap<u64, Account>,
    sessions: Vec<Session>,
}

impl Model {
    fn is_admin(&self, id: u64) -> bool {
        self.accounts[&id].active && self.accounts[&id].groups.contains(&2)
    }

    fn is_last_admin(&self, id: u64) -> bool {
        self.is_admin(id)
            && !self.accounts.keys().any(|other| *other != id && self.is_admin(*other))
    }

    fn is_taken(&self, email: &str, by_other_than: Option<u64>) -> bool {
        let email = email.to_lowercase();
        self.accounts.iter().any(|(id, user)| Some(*id) != by_other_than && user.email == email)
    }

    fn end_sessions(&mut self, user: u64) {
        self.sessions
            .iter_mut()
            .filter(|session| session.user == user)
            .for_each(|one| one.live = false);
    }

    /// What a caller of a route for `target` may expect before anything happens.
    fn access(&self, caller: &Session, target: u64, own_too: bool) -> Result<(), u16> {
        let is_admin = self.is_admin(caller.user);
        match self.accounts.get(&target) {
            _ if !caller.live => Err(401),
            _ if !(is_admin || own_too && caller.user == target) => Err(403),
            None => Err(404),
            Some(_) => Ok(()),
        }
    }

    fn view(&self, id: u64) -> Value {
        let user = &self.accounts[&id];
        json!({
            "id": id,
            "email": user.email,
            "first_name": user.first_name,
            "is_active": user.active,
            "is_qbnewb": user.newcomer,
            "is_superuser": user.groups.contains(&2),
            "user_group_memberships": user.groups.iter().map(|id| json!({ "id": id })).collect::<Vec<_>>(),
        })
    }
}

/// A service, its model, and the dice.
struct Run {
    app: TestApp,
    model: Model,
    dice: Rng,
}

impl Run {
    async fn new(seed: u64) -> Self {
        let app = TestApp::new().await;
        let ada = Account {
            email: ADMIN_EMAIL.to_owned(),
            first_name: Some("Ada".to_owned()),
            groups: [1, 2].into(),
            active: true,
            newcomer: true,
            password: PASSWORD.to_owned(),
        };
        let session = Session { token: app.admin.session.clone(), user: 1, live: true };
        let model = Model { accounts: [(1, ada)].into(), sessions: vec![session] };
        Self { app, model, dice: Rng::with_seed(seed) }
    }

    /// Some session, the more recent the likelier.
    fn caller(&mut self) -> usize {
        let count = self.model.sessions.len();
        count - 1 - self.dice.usize(0..count).min(self.dice.usize(0..count))
    }

    /// An account, or a number that none has.
    fn target(&mut self) -> u64 {
        let most = *self.model.accounts.keys().last().unwrap();
        self.dice.u64(1..=most + 1)
    }

    fn email(&mut self) -> String {
        let email =
            format!("{}{}@example.com", self.dice.choice(["a", "b"]).unwrap(), self.dice.u8(0..5));
        if self.dice.bool() { email.to_uppercase() } else { email }
    }

    /// Sends a request, as in `PUT /api/user/1`, with the session of a caller.
    async fn send(&self, caller: usize, line: &str, body: &Value) -> Answer {
        let (method, path) = line.split_once(' ').unwrap();
        let token = &self.model.sessions[caller].token;
        self.app.request(method, path).session(token).json(body).send().await
    }

    async fn step(&mut self) {
        match self.dice.u8(0..12) {
            0..=2 => self.create().await,
            3..=5 => self.update().await,
            6 => self.deactivate().await,
            7 => self.reactivate().await,
            8 => self.dismiss().await,
            9 => self.log_in().await,
            10 => self.log_out().await,
            _ => self.reset().await,
        }
    }

    async fn create(&mut self) {
        let (caller, email) = (self.caller(), self.email());
        let first = (*self.dice.choice(NAMES).unwrap()).to_owned();
        let group = self.dice.choice([1, 1, 2, 77]).unwrap();
        let body = json!({
            "email": email, "first_name": first, "last_name": "L", "password": PASSWORD, "group_ids": [group],
        });
        let session = &self.model.sessions[caller];
        let expected = match () {
            () if !session.live => 401,
            () if !self.model.is_admin(session.user) => 403,
            () if self.model.is_taken(&email, None) => 409,
            () if group == 77 => 400,
            () => 200,
        };
        let answer = self.send(caller, "POST /api/user", &body).await.expect(expected);
        if let Some(id) = answer["id"].as_u64() {
            let account = Account {
                email: email.to_lowercase(),
                first_name: Some(first),
                groups: [1, group].into(),
                active: true,
                newcomer: true,
                password: PASSWORD.to_owned(),
            };
            assert!(self.model.accounts.keys().all(|known| *known < id));
            self.model.accounts.insert(id, account);
        }
    }

    async fn update(&mut self) {
        let (caller, target) = (self.caller(), self.target());
        let mut body = json!({});
        if self.dice.bool() {
            body["first_name"] = self.dice.choice(NAMES).map_or(Value::Null, |name| json!(name));
        }
        if self.dice.u8(0..3) == 0 {
            body["email"] = json!(self.email());
        }
        if self.dice.u8(0..3) == 0 {
            body["is_superuser"] = json!(self.dice.bool());
        }
        if self.dice.u8(0..4) == 0 {
            body["group_ids"] = self.dice.choice([json!([1]), json!([2]), json!([1, 77])]).unwrap();
        }
        let expected = self.expect_update(caller, target, &body);
        let answer = self.send(caller, &format!("PUT /api/user/{target}"), &body).await;
        let status = answer.status;
        assert_eq!(
            answer.status,
            *expected.as_ref().map_or_else(|status| status, |_| &200),
            "{body}"
        );
        if let Ok(after) = expected {
            self.model.accounts.insert(target, after);
            assert_eq!(status, 200);
        }
    }

    /// The account after an update, or why there is none.
    fn expect_update(&self, caller: usize, target: u64, body: &Value) -> Result<Account, u16> {
        let caller = &self.model.sessions[caller];
        self.model.access(caller, target, true)?;
        let mut after = self.model.accounts[&target].clone();
        let listed: Option<BTreeSet<u64>> = body["group_ids"]
            .as_array()
            .map(|ids| ids.iter().filter_map(Value::as_u64).chain([1]).collect());
        let is_admin = self.model.is_admin(caller.user);
        let superuser = body["is_superuser"].as_bool().filter(|_| is_admin);
        if !after.active {
            return Err(404);
        }
        if !is_admin && listed.as_ref().is_some_and(|groups| *groups != after.groups) {
            return Err(403);
        }
        if let (Some(groups), Some(admin)) = (&listed, superuser)
            && groups.contains(&2) != admin
        {
            return Err(400);
        }
        after.groups = listed.unwrap_or(after.groups);
        match superuser {
            Some(true) => drop(after.groups.insert(2)),
            Some(false) => drop(after.groups.remove(&2)),
            None => {}
        }
        if let Some(email) = body["email"].as_str() {
            after.email = email.to_lowercase();
        }
        if let Some(name) = body["first_name"].as_str() {
            after.first_name = Some(name.to_owned());
        }
        self.expect_rules(target, after)
    }

    /// Which rule is told when several are broken is not the contract's to say: an address first.
    fn expect_rules(&self, target: u64, after: Account) -> Result<Account, u16> {
        if self.model.is_taken(&after.email, Some(target)) {
            return Err(409);
        }
        let demoted = self.model.is_last_admin(target) && !after.groups.contains(&2);
        if after.groups.contains(&77) || demoted {
            return Err(400);
        }
        Ok(after)
    }

    async fn deactivate(&mut self) {
        let (caller, target) = (self.caller(), self.target());
        let access = self.model.access(&self.model.sessions[caller], target, false);
        let expected = match access {
            Err(status) => status,
            Ok(()) if self.model.is_last_admin(target) => 400,
            Ok(()) => 200,
        };
        self.send(caller, &format!("DELETE /api/user/{target}"), &json!({})).await.expect(expected);
        if expected == 200 {
            self.model.accounts.get_mut(&target).unwrap().active = false;
            self.model.end_sessions(target);
        }
    }

    async fn reactivate(&mut self) {
        let (caller, target) = (self.caller(), self.target());
        let access = self.model.access(&self.model.sessions[caller], target, false);
        let expected = match access {
            Err(status) => status,
            Ok(()) if self.model.accounts[&target].active => 400,
            Ok(()) => 200,
        };
        let line = format!("PUT /api/user/{target}/reactivate");
        self.send(caller, &line, &json!({})).await.expect(expected);
        if expected == 200 {
            let account = self.model.accounts.get_mut(&target).unwrap();
            account.active = true;
            account.groups.remove(&2);
        }
    }

    async fn dismiss(&mut self) {
        let (caller, target) = (self.caller(), self.target());
        let access = self.model.access(&self.model.sessions[caller], target, true);
        let expected = match access {
            Err(status) => status,
            Ok(()) if !self.model.accounts[&target].active => 404,
            Ok(()) => 200,
        };
        let line = format!("PUT /api/user/{target}/modal/qbnewb");
        self.send(caller, &line, &json!({})).await.expect(expected);
        if expected == 200 {
            self.model.accounts.get_mut(&target).unwrap().newcomer = false;
        }
    }

    async fn log_in(&mut self) {
        let known: Vec<_> =
            self.model.accounts.iter().map(|(id, user)| (*id, user.clone())).collect();
        let (user, account) = self.dice.choice(known).unwrap();
        let body = json!({ "username": account.email, "password": account.password });
        let expected = if account.active { 200 } else { 401 };
        let answer = self.app.post("/api/session").json(&body).send().await.expect(expected);
        if let Some(token) = answer["id"].as_str() {
            self.model.sessions.push(Session { token: token.to_owned(), user, live: true });
        }
        self.app.clock.advance(3_600);
    }

    async fn log_out(&mut self) {
        let caller = self.caller();
        if self.model.sessions.iter().filter(|session| session.live).count() < 2 {
            return;
        }
        let expected = if self.model.sessions[caller].live { 204 } else { 404 };
        self.send(caller, "DELETE /api/session", &json!({})).await.expect(expected);
        self.model.sessions[caller].live = false;
    }

    async fn reset(&mut self) {
        let (caller, target) = (self.caller(), self.target());
        let session = &self.model.sessions[caller];
        let is_own = session.user == target;
        let access = self.model.access(session, target, true);
        let expected = match access {
            Err(status) => status,
            Ok(()) if !self.model.accounts[&target].active => 404,
            Ok(()) if is_own => 200,
            Ok(()) => 204,
        };
        let current = self.model.accounts.get(&target).map_or(PASSWORD, |user| &user.password);
        let new = format!("pa55word {}", self.dice.u32(..));
        let body = json!({ "password": current, "new_password": new });
        let line = format!("PUT /api/user/{target}/password");
        let answer = self.send(caller, &line, &body).await.expect(expected);
        if expected == 200 || expected == 204 {
            self.model.end_sessions(target);
            self.model.accounts.get_mut(&target).unwrap().password = new;
        }
        if let Some(token) = answer["session_id"].as_str() {
            self.model.sessions.push(Session { token: token.to_owned(), user: target, live: true });
        }
    }

    /// Whoever can see everything sees what the model knows, and nothing else.
    async fn compare(&self) {
        let watcher = self.watcher().await;
        let see = async |path: &str| self.app.get(path).session(&watcher).send().await.expect(200);
        for id in self.model.accounts.keys() {
            let seen = see(&format!("/api/user/{id}")).await;
            assert_eq!(crate::support::merged(seen.clone(), self.model.view(*id)), seen);
        }
        let (all, active) = (see("/api/user?limit=1000&status=all"), see("/api/user?limit=1"));
        let (all, active) = (all.await, active.await);
        let count = self.model.accounts.values().filter(|user| user.active).count();
        assert_eq!(
            (&all["total"], &active["total"]),
            (&json!(self.model.accounts.len()), &json!(count))
        );
        assert_eq!(all["data"].as_array().map(Vec::len), Some(self.model.accounts.len()));
        self.compare_sessions().await;
    }

    async fn compare_sessions(&self) {
        for session in &self.model.sessions {
            assert_eq!(self.app.is_live(&session.token).await, session.live, "{session:?}");
        }
    }

    /// A session of an administrator: the rules say that there always is one.
    async fn watcher(&self) -> String {
        let admin = self.model.accounts.keys().find(|id| self.model.is_admin(**id)).unwrap();
        let account = &self.model.accounts[admin];
        self.app.log_in(&account.email, &account.password).await
    }
}

async fn run(seed: u64) {
    let mut run = Run::new(seed).await;
    for step in 0..STEPS {
        run.step().await;
        if step % 100 == 99 {
            run.compare().await;
        }
        if !run.model.sessions.iter().any(|one| one.live && run.model.is_admin(one.user)) {
            run.log_in().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_does_what_the_model_does() {
    let sequences = SEEDS.map(|seed| (seed, tokio::spawn(run(seed))));
    for (seed, sequence) in sequences.collect::<Vec<_>>() {
        assert!(sequence.await.is_ok(), "the sequence of seed {seed}");
    }
}
