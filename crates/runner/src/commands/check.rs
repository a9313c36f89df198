//! `onefold check`: every mistake of every file of a pipeline, at once.

use onefold_contract::Result;
use serde_json::json;

use crate::bind::{self, Context};
use crate::cli::PipelineArguments;
use crate::output;

/// Checks a pipeline's files; reads no source.
pub(crate) async fn check(context: &Context, arguments: &PipelineArguments) -> Result<()> {
    match bind::pipeline(arguments).await {
        Ok(bound) => {
            let pipeline = &bound.pipeline;
            let gaps: Vec<_> = pipeline.needs.needs.iter().filter(|need| need.gap.is_some()).collect();
            if context.json {
                return output::json(&json!({
                    "pipeline": pipeline.spec.name, "mistakes": [], "sources": pipeline.sources.len(),
                    "mart_tables": pipeline.mart.len(), "needs": pipeline.needs.needs.len(), "gaps": gaps.len(),
                }));
            }
            output::line(&format!(
                "{}: {}, {}, no mistake in the files; `onefold doctor {}` looks whether the sources can be reached",
                pipeline.spec.name,
                output::counted(pipeline.sources.len(), "source"),
                output::counted(pipeline.mart.len(), "mart table"),
                arguments.pipeline
            ))?;
            for need in gaps {
                let gap = need.gap.as_deref().unwrap_or_default();
                output::line(&format!("gap: {} ({gap})", need.question))?;
            }
            Ok(())
        }
        Err(mistakes) => {
            if context.json {
                output::json(&json!({ "mistakes": mistakes }))?;
            }
            Err(bind::mistakes_failure(&mistakes))
        }
    }
}
