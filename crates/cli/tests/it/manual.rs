//! The manual, `tests/cmd/*.md`, is run as it is written: each file against a fake of its own.
//!
//! `TRYCMD=overwrite` writes what the program prints; `MANUAL=message` runs one file.

use crate::seeded::{self, Home, PROGRAM};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_manual_is_true() {
    let only = std::env::var("MANUAL").ok();
    let mut pages: Vec<_> =
        std::fs::read_dir("tests/cmd").unwrap().map(|page| page.unwrap().path()).collect();
    pages.sort();
    for page in pages {
        let name = page.file_stem().unwrap().to_string_lossy().into_owned();
        if only.as_ref().is_some_and(|only| *only != name) || page.extension().is_none_or(|kind| kind != "md")
        {
            continue;
        }
        let (home, fake) = (Home::new(&format!("manual-{name}")), seeded::start().await);
        let cases = trycmd::TestCases::new();
        cases.register_bin("switchboard", std::path::Path::new(PROGRAM));
        for (variable, value) in seeded::environment(&fake, home.path()) {
            cases.env(variable, value);
        }
        cases.insert_var("[URL]", fake.url()).unwrap();
        cases.insert_var("[HOME]", home.path().display().to_string()).unwrap();
        cases.case(&page);
        tokio::task::spawn_blocking(move || cases.run()).await.unwrap();
    }
}
