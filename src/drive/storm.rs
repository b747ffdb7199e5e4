//! A storm: phones that connect at once, all of them.

use std::sync::Arc;

use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::line::{Line, LineError};
use super::login::Login;
use super::run::Run;
use super::summary::{Ledger, StormCame};

/// Connects and subscribes every phone at once, waits until the last one is in or has failed, and lets
/// all go together.
pub(super) async fn all(logins: Vec<Login>, run: &Run) -> Ledger {
    let phones = logins.len();
    let all_in = Arc::new(Barrier::new(phones));
    let begin_us = run.clock.now_us();
    let mut storm = JoinSet::new();
    for (number, login) in (0..).zip(logins) {
        let (run, all_in) = (run.clone(), Arc::clone(&all_in));
        storm.spawn(async move {
            let opening = Line::open(&run.route, number, &login, Arc::clone(&run.tally));
            let opening = tokio::time::timeout(run.patience_to_connect, opening).await;
            let line = opening.unwrap_or(Err(LineError::Silent));
            let now_us = run.clock.now_us();
            let on_air = match &line {
                Ok(_) => {
                    run.tally.connect.add(now_us - begin_us);
                    Some(run.on_air())
                }
                Err(error) => {
                    run.tally.trouble(&error.kind());
                    None
                }
            };
            all_in.wait().await;
            on_air.map(|_| now_us - begin_us)
        });
    }
    let mut came = StormCame {
        phones: phones as u64,
        ..StormCame::default()
    };
    while let Some(ended) = storm.join_next().await {
        if let Ok(Some(took_us)) = ended {
            came.connected += 1;
            came.all_in_ms = came.all_in_ms.max(took_us as f64 / 1e3);
        }
    }
    Ledger::of_storm(came)
}
