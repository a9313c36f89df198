//! `onefold demo generate`: the made-up company.

use onefold_contract::Result;
use onefold_demo_company::Options;
use serde_json::json;

use crate::bind::Context;
use crate::cli::DemoCommand;
use crate::output::{self, Table};

/// Writes the demonstration company's source files.
pub(crate) fn demo(context: &Context, command: &DemoCommand) -> Result<()> {
    let DemoCommand::Generate { customers, seed, hardness, night, out } = command;
    let options = Options { customers: *customers, seed: *seed, hardness: *hardness, night: *night, out: out.clone() };
    let _step = context.progress.step("making up the company", "", None);
    let summary = onefold_demo_company::generate(&options)?;
    if context.json {
        let files = summary.files.iter().map(|file| json!({ "name": file.name, "rows": file.rows }));
        let files = files.collect::<Vec<_>>();
        return output::json(&json!({ "out": summary.out, "as_of": summary.as_of, "files": files }));
    }
    let mut table = Table::new(["file", "rows"]);
    for file in &summary.files {
        table.row([file.name.to_string(), file.rows.to_string()]);
    }
    output::line(&format!(
        "night {night} of {} is written to {}",
        customers_in_words(*customers),
        summary.out.display()
    ))?;
    table.print("no file")
}

fn customers_in_words(customers: u64) -> String {
    if customers == 1 { "1 customer".to_string() } else { format!("{customers} customers") }
}
