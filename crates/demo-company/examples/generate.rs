//! The generator by itself, for measuring: `generate CUSTOMERS SEED HARDNESS NIGHT FOLDER`.
#![allow(clippy::print_stdout)]

use onefold_demo_company::{Options, generate};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [customers, seed, hardness, night, out] = arguments.as_slice() else {
        return Err("CUSTOMERS SEED HARDNESS NIGHT FOLDER".into());
    };
    let options = Options {
        customers: customers.parse()?,
        seed: seed.parse()?,
        hardness: hardness.parse()?,
        night: night.parse()?,
        out: out.into(),
    };
    println!("{}", generate(&options)?);
    Ok(())
}
