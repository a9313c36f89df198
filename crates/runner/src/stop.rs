//! Ctrl-C: the first asks the work to stop at the next place where nothing is half done, the second ends the process.
//!
//! Ending the process at once would lose nothing either, but it would leave the run listed as at work until the next one
//! finds it dead. Commands that do not listen here end at the first, as every program does.

use std::sync::atomic::{AtomicBool, Ordering};

use onefold_contract::{Failure, FailureKind, Result};
use tokio::sync::Notify;

use crate::output;

static ASKED: AtomicBool = AtomicBool::new(false);
static WOKEN: Notify = Notify::const_new();

/// Listens from now on; `told` is what the first Ctrl-C is answered with.
///
/// # Errors
/// The operating system refuses to hand the signal over.
pub(crate) fn listen(told: &'static str) -> Result<()> {
    // A process that is asked twice to end has no time for destructors.
    #[allow(clippy::disallowed_methods)]
    let heard = move || {
        if ASKED.swap(true, Ordering::SeqCst) {
            std::process::exit(i32::from(FailureKind::Stopped.exit_code()));
        }
        output::note(told);
        WOKEN.notify_one();
    };
    ctrlc::set_handler(heard).map_err(|error| Failure::bug(format!("Ctrl-C cannot be listened for: {error}")))
}

/// Waits until somebody asks.
pub(crate) async fn asked() {
    while !ASKED.load(Ordering::SeqCst) {
        WOKEN.notified().await;
    }
}

/// Takes the next Ctrl-C for the first.
pub(crate) fn forget() {
    ASKED.store(false, Ordering::SeqCst);
}

/// Stops here, where somebody asked for it.
///
/// # Errors
/// Somebody asked.
pub(crate) fn check() -> Result<()> {
    if ASKED.load(Ordering::SeqCst) {
        return Err(Failure::new(FailureKind::Stopped, "stopped by Ctrl-C; nothing was published")
            .hint("start the run again: it finds what it landed and goes on from there"));
    }
    Ok(())
}
