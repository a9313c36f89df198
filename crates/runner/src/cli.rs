//! The command line, as typed.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use onefold_contract::FailureKind;

/// Many records fold into one customer.
#[derive(Debug, Parser)]
#[command(
    name = "onefold",
    version,
    about = "Turns scattered customer data into one trusted mart, every night",
    long_about = "Onefold extracts from databases and files, cleans every value, folds records into durable customer \
                  identities, and publishes a star schema that you query with SQL.",
    after_help = "Start here:\n  onefold demo generate --customers 1000 --out demo/data\n  onefold check demo --param data=demo/data\n  \
                  onefold run demo --param data=demo/data\n  onefold sql -c 'SELECT count(*) FROM dim_customer'\n\n\
                  Exit codes: 0 done, 1 a gate refused to publish, 2 usage or configuration, 3 a source could not be read,\n\
                  4 the state root is locked, unreadable or full, 255 a bug of ours.",
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command understands.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// The folder that holds all state; overrides `state_root` of the configuration
    #[arg(long, global = true, env = "ONEFOLD_STATE_ROOT", value_name = "FOLDER")]
    pub(crate) state_root: Option<PathBuf>,
    /// The configuration of this environment [default: config/onefold.toml, where there is one]
    #[arg(long, global = true, env = "ONEFOLD_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Print JSON, for programs
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// The moment taken for now, for tests
    #[arg(long, global = true, hide = true, value_name = "MOMENT")]
    pub(crate) now: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check a pipeline's files and report every mistake at once
    Check(PipelineArguments),
    /// Run a pipeline: extract, clean, resolve, build the mart, publish one release
    #[command(
        after_help = "A run that finds nothing new publishes nothing and says so. A run whose balance does not close, or \
                            that loses more rows than the pipeline allows, is refused: the previous release stays."
    )]
    Run(RunArguments),
    /// The runs and their ledgers
    #[command(subcommand)]
    Runs(RunsCommand),
    /// Rows and values that did not go through, with their reasons
    #[command(subcommand)]
    Rejects(RejectsCommand),
    /// The releases: what readers see, whole
    #[command(subcommand)]
    Release(ReleaseCommand),
    /// The epochs: what was learned and pinned
    #[command(subcommand)]
    Epoch(EpochCommand),
    /// Ask the mart in SQL
    #[command(after_help = "Examples:\n  onefold sql -c 'SELECT count(*) FROM dim_customer WHERE is_current'\n  \
                            onefold sql --format csv -c \"SELECT * FROM fact_sales LIMIT 5\"\n\n\
                            Queries see the mart and its catalogue (information_schema) and cannot write.")]
    Sql(SqlArguments),
    /// Hold the clusters against a known truth
    #[command(
        after_help = "FILE is a CSV with the columns source, source_key and true_id; other columns are ignored. Records of the \
                            truth that the release does not know are counted as apart from all others."
    )]
    Evaluate(EvaluateArguments),
    /// A demonstration company
    #[command(subcommand)]
    Demo(DemoCommand),
    /// Parts of the matcher, one process each
    #[command(subcommand, hide = true)]
    Kernel(KernelCommand),
}

#[derive(Debug, Args)]
pub(crate) struct PipelineArguments {
    /// The pipeline: a folder's name in `pipelines/`, or the path of a folder
    pub(crate) pipeline: String,
    /// Fill a place of the pipeline's files
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parameter)]
    pub(crate) parameters: Vec<(String, String)>,
}

fn parameter(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_string(), value.to_string())),
        _ => Err("expected NAME=VALUE".to_string()),
    }
}

#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    #[command(flatten)]
    pub(crate) pipeline: PipelineArguments,
    /// The date that new versions of dimension rows are valid from [default: today, UTC]
    #[arg(long, value_name = "DATE")]
    pub(crate) as_of: Option<chrono::NaiveDate>,
    /// Stop at a file operation: NUMBER:error or NUMBER:kill
    #[arg(long, hide = true, value_name = "FAILPOINT")]
    pub(crate) failpoint: Option<String>,
    /// Write the list of file operations to a file
    #[arg(long, hide = true, value_name = "FILE")]
    pub(crate) record_failpoints: Option<PathBuf>,
    /// Lose one row inside a stage
    #[arg(long, hide = true, value_enum, value_name = "STAGE")]
    pub(crate) lose_row: Option<crate::run::Stage>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RunsCommand {
    /// List the runs
    List,
    /// Show one run with its balance
    Show {
        /// The run, R000001; the last where absent
        run: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum RejectsCommand {
    /// Count the rejects of a run by source, column and rule
    List {
        /// The run, R000001; the last where absent
        #[arg(long)]
        run: Option<String>,
    },
    /// Show the rejects of a run, one by one
    Show {
        /// The run, R000001; the last where absent
        #[arg(long)]
        run: Option<String>,
        /// Only this source
        #[arg(long)]
        source: Option<String>,
        /// Only this rule
        #[arg(long)]
        rule: Option<String>,
        /// The most to show
        #[arg(long, default_value_t = 100)]
        limit: usize,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ReleaseCommand {
    /// List the releases
    List,
    /// Show one release: its tables and what is pinned with it
    Show {
        /// The release's number; the newest where absent
        release: Option<u64>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum EpochCommand {
    /// List the epochs
    List,
    /// Show one epoch: the trained model, dictionary and column decisions
    Show {
        /// The epoch, E0001; the adopted one where absent
        epoch: Option<String>,
    },
    /// Train a new epoch from the published records, without adopting it
    Train(PipelineArguments),
    /// Adopt an epoch: from the next run on it is in force
    Adopt {
        /// The epoch, E0001
        epoch: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct SqlArguments {
    /// The query
    #[arg(short = 'c', long = "command", value_name = "QUERY", allow_hyphen_values = true)]
    pub(crate) query: String,
    /// How to print the rows
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
    /// Ask an older release
    #[arg(long, value_name = "NUMBER")]
    pub(crate) release: Option<u64>,
}

/// How rows are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Boxes and columns
    Table,
    /// Comma-separated, with a header
    Csv,
    /// An array of objects
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct EvaluateArguments {
    /// A CSV that says which records are one in truth
    #[arg(long, value_name = "FILE")]
    pub(crate) truth: PathBuf,
    /// Judge an older release
    #[arg(long, value_name = "NUMBER")]
    pub(crate) release: Option<u64>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DemoCommand {
    /// Write the source files of a made-up company, with its known truth beside them
    Generate {
        /// How many customers
        #[arg(long, default_value_t = 1000)]
        customers: u64,
        /// The seed; the same seed gives the same company
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// The night, from 1; later nights carry changes
        #[arg(long, default_value_t = 1)]
        night: u32,
        /// The folder to write into
        #[arg(long, value_name = "FOLDER")]
        out: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum KernelCommand {
    /// Write the records, the model and the block plan of the newest release
    Prepare {
        #[command(flatten)]
        pipeline: PipelineArguments,
        /// The folder to write into
        #[arg(long)]
        out: PathBuf,
    },
    /// Work one part of the block plan
    Run {
        /// The folder that `prepare` wrote
        #[arg(long)]
        from: PathBuf,
        /// The part, from 0
        #[arg(long)]
        part: usize,
        /// Of how many
        #[arg(long)]
        of: usize,
        /// The file to write
        #[arg(long)]
        out: PathBuf,
    },
    /// Merge the parts
    Merge {
        /// The parts
        parts: Vec<PathBuf>,
        /// The file to write
        #[arg(long)]
        out: PathBuf,
    },
}

/// Prints what clap has to say; help and version are no errors.
pub(crate) fn explain(error: &clap::Error) -> ExitCode {
    // Printing fails only where the terminal is gone, and then there is nobody to tell.
    let _ = error.print();
    match error.kind() {
        clap::error::ErrorKind::DisplayHelp | clap::error::ErrorKind::DisplayVersion => ExitCode::SUCCESS,
        _ => ExitCode::from(FailureKind::Usage.exit_code()),
    }
}
