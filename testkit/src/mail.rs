//! Letters that the service has written.

use std::{
    fs,
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};

use local::mail_directory::MailDirectory;
use shared::config::Settings;

use crate::{TestApp, secret_leaks::SecretLeakDetector};

/// A folder of its own for the letters of each test, removed at the end.
#[derive(Debug)]
pub struct SentEmails {
    folder: PathBuf,
    watch: SecretLeakDetector,
}

impl Default for SentEmails {
    fn default() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("user-service-letters-{}-{number}", std::process::id());
        Self { folder: std::env::temp_dir().join(name), watch: SecretLeakDetector::default() }
    }
}

impl SentEmails {
    /// Takes the letters since the last time, in no order.
    #[must_use]
    pub fn drain(&self) -> Vec<String> {
        let Ok(files) = fs::read_dir(&self.folder) else { return Vec::new() };
        let paths = files.map(|file| file.expect("a folder").path());
        let take = |path: PathBuf| {
            let text = fs::read_to_string(&path).expect("a letter");
            fs::remove_file(path).expect("a letter");
            self.watch.record_email(&text);
            text
        };
        paths.map(take).collect()
    }
}

impl SentEmails {
    /// Takes no letters from now on: a file is where the folder was.
    pub fn fail(&self) {
        drop(fs::remove_dir_all(&self.folder));
        fs::write(&self.folder, "").expect("a file");
    }

    /// Takes letters again.
    pub fn recover(&self) {
        fs::remove_file(&self.folder).expect("a file");
    }
}

impl Drop for SentEmails {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.folder));
    }
}

impl TestApp {
    /// A service that is set up and writes letters.
    pub async fn with_mail(settings: Settings) -> Self {
        let mut letters = SentEmails::default();
        let mail = MailDirectory::mailer(letters.folder.clone());
        let mut app = Self::with(Settings { mail, ..settings }).await;
        letters.watch = app.watch.clone();
        app.letters = letters;
        app
    }
}
