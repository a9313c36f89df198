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
                  4 the state root is locked, unreadable or full, 130 stopped by Ctrl-C, 255 a bug of ours.",
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
    /// Tell nothing but results and errors: no progress, no notes
    #[arg(long, short = 'q', global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Tell each step as it ends, also where no terminal shows progress
    #[arg(long, short = 'v', global = true)]
    pub(crate) verbose: bool,
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
                            onefold sql --format csv -c \"SELECT * FROM fact_sales LIMIT 5\"\n  \
                            onefold sql                                # a shell, with history and completion\n  \
                            onefold sql < questions.sql\n\n\
                            Queries see the mart and its catalogue (information_schema) and cannot write.")]
    Sql(SqlArguments),
    /// Find the records of one file that are one person, organisation or thing
    #[command(
        after_help = "Without a model the columns are looked at, a model is made and trained, and what was assumed is told; the model \
                      is written beside the output, to be read, changed and given with --model the next time.\n\n\
                      Examples:\n  onefold dedupe customers.csv --id customer_no --out clusters.csv\n  \
                      onefold dedupe leads.xlsx --sheet North --out clusters.parquet --golden golden.xlsx\n  \
                      onefold dedupe customers.csv --kind ref=identifier --ignore created --out clusters.csv\n  \
                      onefold dedupe customers.csv --model clusters.model.toml --out again.csv\n\n\
                      The output has one row a record: its id, or the number of its row, and cluster_id."
    )]
    Dedupe(DedupeArguments),
    /// Find the records that two files, or the sources in one file, have in common
    #[command(
        after_help = "Only records of different sources are linked. Columns of two files belong together when they have the same name, \
                      or are the only ones of one kind.\n\n\
                      Examples:\n  onefold link crm.csv shop.xlsx --id number --out links.csv\n  \
                      onefold link all.parquet --source-column source --id rec_id --out links.parquet"
    )]
    Link(LinkArguments),
    /// Look at a file: what its columns mean, what is missing, what repeats, what stands out
    #[command(
        after_help = "Examples:\n  onefold profile customers.csv\n  onefold profile leads.xlsx --sheet North --html leads.html\n  \
                      onefold profile customers.parquet --json"
    )]
    Profile(ProfileArguments),
    /// Hold clusters against a known truth
    #[command(
        after_help = "Of a release, FILE is a CSV with the columns source, source_key and true_id. Of any file with clusters (--clusters), \
                      FILE is any CSV, Parquet or Excel file with the id and the true entity of each record. A column `trouble` of the \
                      truth, words separated by `;`, gives figures by kind of trouble. Records of the truth that are in no cluster are \
                      counted as apart from all others.\n\n\
                      Examples:\n  onefold evaluate --truth demo/data/truth.csv\n  \
                      onefold evaluate --clusters clusters.csv --truth truth.csv --id rec_id --truth-column true_id"
    )]
    Evaluate(EvaluateArguments),
    /// A demonstration company
    #[command(subcommand)]
    Demo(DemoCommand),
    /// Make a pipeline from a look at its sources
    #[command(
        after_help = "Writes pipelines/PIPELINE with one file a source, a model where the rows are records of customers, a mart \
                            and a first question; every guess stands there with its reason. Without sources it asks for them.\n\n\
                            Example:\n  onefold new mine customers.csv leads.xlsx orders.csv && onefold run mine"
    )]
    New(NewArguments),
    /// Look whether everything that Onefold needs is there, reachable and whole
    #[command(
        after_help = "Without a pipeline, this looks at the environment and the state root; with one, also at its files and \
                            whether its sources can be reached. Nothing is changed."
    )]
    Doctor(DoctorArguments),
    /// JSON Schemas of the configuration, for editors
    #[command(
        after_help = "An editor that knows TOML (Taplo, Even Better TOML) completes and checks a file that begins with\n  \
                            #:schema ../../schemas/source.schema.json"
    )]
    Schema(SchemaArguments),
    /// Completions for a shell
    #[command(after_help = "Examples:\n  onefold completions bash > /etc/bash_completion.d/onefold\n  \
                            onefold completions zsh > ~/.zfunc/_onefold\n  \
                            onefold completions fish > ~/.config/fish/completions/onefold.fish")]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Manual pages, one a command
    Man {
        /// The folder to write them into
        #[arg(long, value_name = "FOLDER")]
        out: PathBuf,
    },
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

fn day(text: &str) -> Result<chrono::NaiveDate, String> {
    text.parse().map_err(|_| "expected a date that exists, as YYYY-MM-DD".to_string())
}

#[derive(Debug, Args)]
pub(crate) struct RunArguments {
    #[command(flatten)]
    pub(crate) pipeline: PipelineArguments,
    /// The date that new versions of dimension rows are valid from [default: today, UTC]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
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
    /// The query; where absent, a shell opens, or standard input is read
    #[arg(short = 'c', long = "command", value_name = "QUERY", allow_hyphen_values = true)]
    pub(crate) query: Option<String>,
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
pub(crate) struct NewArguments {
    /// The pipeline's name, which will be its folder's in `pipelines/`
    pub(crate) pipeline: String,
    /// The files to read; asked for where absent
    #[arg(value_name = "FILE")]
    pub(crate) sources: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct DoctorArguments {
    /// The pipeline: a folder's name in `pipelines/`, or the path of a folder
    pub(crate) pipeline: Option<String>,
    /// Fill a place of the pipeline's files
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parameter, requires = "pipeline")]
    pub(crate) parameters: Vec<(String, String)>,
}

#[derive(Debug, Args)]
pub(crate) struct SchemaArguments {
    /// The kind of file; all of them where absent
    #[arg(value_enum)]
    pub(crate) kind: Option<FileKind>,
    /// The folder to write them into, one file a kind; printed where absent
    #[arg(long, value_name = "FOLDER")]
    pub(crate) out: Option<PathBuf>,
}

/// A kind of configuration file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FileKind {
    /// pipeline.toml
    Pipeline,
    /// sources/*.toml
    Source,
    /// models/*.toml
    Model,
    /// mart/*.toml
    Mart,
    /// needs.toml
    Needs,
    /// config/onefold.toml
    Environment,
}

#[derive(Debug, Args)]
pub(crate) struct EvaluateArguments {
    /// A file that says which records are one in truth
    #[arg(long, value_name = "FILE")]
    pub(crate) truth: PathBuf,
    /// Judge an older release
    #[arg(long, value_name = "NUMBER", conflicts_with = "clusters")]
    pub(crate) release: Option<u64>,
    /// Judge the clusters in a file, and no release
    #[arg(long, value_name = "FILE", requires_all = ["id", "truth_column"])]
    pub(crate) clusters: Option<PathBuf>,
    /// The column of both files that names a record
    #[arg(long, value_name = "COLUMN", requires = "clusters")]
    pub(crate) id: Option<String>,
    /// The column of the truth that names the entity
    #[arg(long, value_name = "COLUMN", requires = "clusters")]
    pub(crate) truth_column: Option<String>,
    /// The column of the clusters that names the cluster
    #[arg(long, value_name = "COLUMN", default_value = "cluster_id", requires = "clusters")]
    pub(crate) cluster_column: String,
    /// The column of the truth that names a record's source; then only pairs across sources count
    #[arg(long, value_name = "COLUMN", requires = "clusters")]
    pub(crate) source_column: Option<String>,
}

/// How a file is read; what is not said is found from the file.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Reading")]
pub(crate) struct ReadArguments {
    /// The sheet of a workbook [default: the first with a table]
    #[arg(long, value_name = "NAME")]
    pub(crate) sheet: Option<String>,
    /// The row of a worksheet's header, from 1 [default: found]
    #[arg(long, value_name = "ROW")]
    pub(crate) header_row: Option<u32>,
    /// The delimiter of a text file [default: found]
    #[arg(long, value_name = "CHARACTER")]
    pub(crate) delimiter: Option<String>,
    /// The encoding of a text file, such as windows-1252 [default: found]
    #[arg(long, value_name = "NAME")]
    pub(crate) encoding: Option<String>,
}

/// What is known about the columns; what is not said is guessed.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Columns")]
pub(crate) struct AssumeArguments {
    /// Say what a column is, such as phone=identifier; may be given several times
    #[arg(long = "kind", value_name = "COLUMN=KIND", value_parser = kind)]
    pub(crate) kinds: Vec<(String, String)>,
    /// The country whose telephone numbers, postcodes and dates these are, such as US [default: guessed]
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// A folder of name dictionaries; may be given several times [default: name-dictionaries/ here, else those that ship]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) dictionaries: Vec<PathBuf>,
}

fn kind(text: &str) -> Result<(String, String), String> {
    match text.rsplit_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_string(), value.to_string())),
        _ => Err("expected COLUMN=KIND, such as ref=identifier".to_string()),
    }
}

/// What `dedupe` and `link` have in common.
#[derive(Debug, Args)]
pub(crate) struct MatchArguments {
    /// The column that names a record [default: its row, counted from 1 below the header]
    #[arg(long, value_name = "COLUMN")]
    pub(crate) id: Option<String>,
    /// A column that is not to be compared; may be given several times
    #[arg(long, value_name = "COLUMN")]
    pub(crate) ignore: Vec<String>,
    /// A model to match by, instead of one that is made
    #[arg(long, value_name = "FILE")]
    pub(crate) model: Option<PathBuf>,
    /// Where to write the clusters: .parquet, .csv or .xlsx
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Also write one row a cluster, and the pairs to review: .xlsx, .csv or .parquet
    #[arg(long, value_name = "FILE")]
    pub(crate) golden: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) assume: AssumeArguments,
    #[command(flatten)]
    pub(crate) read: ReadArguments,
}

#[derive(Debug, Args)]
pub(crate) struct DedupeArguments {
    /// A CSV, Parquet or Excel file
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) matching: MatchArguments,
}

#[derive(Debug, Args)]
pub(crate) struct LinkArguments {
    /// A CSV, Parquet or Excel file
    pub(crate) file: PathBuf,
    /// Another, unless the first holds all sources
    #[arg(required_unless_present = "source_column", conflicts_with = "source_column")]
    pub(crate) other: Option<PathBuf>,
    /// The column that names a record's source, where one file holds all of them
    #[arg(long, value_name = "COLUMN")]
    pub(crate) source_column: Option<String>,
    #[command(flatten)]
    pub(crate) matching: MatchArguments,
}

#[derive(Debug, Args)]
pub(crate) struct ProfileArguments {
    /// A CSV, Parquet or Excel file
    pub(crate) file: PathBuf,
    /// Also write a page with plots, which needs nothing but a browser
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) assume: AssumeArguments,
    #[command(flatten)]
    pub(crate) read: ReadArguments,
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
        /// How hard the records are to resolve, from 0 to 2: 1 is as hard as public benchmarks of customers
        #[arg(long, default_value_t = 0.5)]
        hardness: f64,
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

/// The command line as clap knows it, for completions and manual pages.
pub(crate) fn command() -> clap::Command {
    <Arguments as clap::CommandFactory>::command()
}

impl FileKind {
    /// Every kind.
    pub(crate) fn all() -> &'static [Self] {
        Self::value_variants()
    }

    /// The kind as it is typed.
    pub(crate) fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_string()).unwrap_or_default()
    }
}

impl Format {
    /// The format of a name as it is typed.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::from_str(name, true).ok()
    }
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
