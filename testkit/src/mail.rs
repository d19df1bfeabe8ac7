//! Letters that the service has written.

use std::{
    fs,
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
};

use shared::{config::Settings, mail::Mail};

use crate::TestApp;

/// A folder of its own for the letters of each test, removed at the end.
#[derive(Debug)]
pub struct Letters(PathBuf);

impl Default for Letters {
    fn default() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("user-service-letters-{}-{number}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }
}

impl Letters {
    /// Takes the letters since the last time, in no order.
    #[must_use]
    pub fn take(&self) -> Vec<String> {
        let Ok(files) = fs::read_dir(&self.0) else { return Vec::new() };
        let paths = files.map(|file| file.expect("a folder").path());
        let take = |path: PathBuf| {
            let text = fs::read_to_string(&path).expect("a letter");
            fs::remove_file(path).expect("a letter");
            text
        };
        paths.map(take).collect()
    }
}

impl Letters {
    /// Takes no letters from now on: a file is where the folder was.
    pub fn refuse(&self) {
        drop(fs::remove_dir_all(&self.0));
        fs::write(&self.0, "").expect("a file");
    }

    /// Takes letters again.
    pub fn accept(&self) {
        fs::remove_file(&self.0).expect("a file");
    }
}

impl Drop for Letters {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

impl TestApp {
    /// A service that is set up and writes letters.
    pub async fn with_mail(settings: Settings) -> Self {
        let letters = Letters::default();
        let mail = Mail::Folder(letters.0.clone());
        let mut app = Self::with(Settings { mail, ..settings }).await;
        app.letters = letters;
        app
    }
}
