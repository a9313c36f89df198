//! The user's environment, where no option of the command line stands for it.

use std::ffi::OsString;

/// A variable's value, where it is set and not empty.
pub(crate) fn set(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}
