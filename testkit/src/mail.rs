//! Emails sent by the service.

mod parsed;

use std::{
    fs,
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};

use local::mail_directory::MailDirectory;
use shared::config::Settings;

use self::parsed::Parsed;
use crate::{TestApp, secret_leaks::SecretLeakDetector};

/// A temporary mail directory, removed on drop.
#[derive(Debug)]
pub struct SentEmails {
    directory: PathBuf,
    leak_detector: SecretLeakDetector,
}

impl Default for SentEmails {
    fn default() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("user-service-emails-{}-{number}", std::process::id());
        Self {
            directory: std::env::temp_dir().join(name),
            leak_detector: SecretLeakDetector::default(),
        }
    }
}

impl SentEmails {
    /// Removes and returns the emails since the last call, in no order: recipient, subject and
    /// plain text.
    #[must_use]
    pub fn drain(&self) -> Vec<String> {
        let Ok(files) = fs::read_dir(&self.directory) else { return Vec::new() };
        let paths = files.map(|file| file.expect("a directory entry").path());
        let read_and_remove = |path: PathBuf| {
            let file = fs::read_to_string(&path).expect("an email");
            fs::remove_file(path).expect("an email");
            let text = Parsed::new(&file).into_text();
            self.leak_detector.record_email(&text);
            text
        };
        paths.map(read_and_remove).collect()
    }
}

impl SentEmails {
    /// Makes sending fail: replaces the directory with a file.
    pub fn fail(&self) {
        drop(fs::remove_dir_all(&self.directory));
        fs::write(&self.directory, "").expect("a file");
    }

    /// Makes sending succeed again.
    pub fn recover(&self) {
        fs::remove_file(&self.directory).expect("a file");
    }
}

impl Drop for SentEmails {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.directory));
    }
}

impl TestApp {
    /// A service after setup, with mail enabled.
    pub async fn with_mail(settings: Settings) -> Self {
        let mut emails = SentEmails::default();
        let mail = MailDirectory::mailer(emails.directory.clone());
        let mut app = Self::with(Settings { mail, ..settings }).await;
        emails.leak_detector = app.leak_detector.clone();
        app.emails = emails;
        app
    }
}
