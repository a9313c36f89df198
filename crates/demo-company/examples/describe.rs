//! Prints `docs/demo-company.md`.
#![allow(clippy::print_stdout)]

fn main() {
    print!("{}", onefold_demo_company::description());
}
