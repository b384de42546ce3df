//! Files of other programs, as typed.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueHint};
use todo_core::Problem;
use todo_core::interchange::Format as Interchange;

use super::FilterArgs;

/// Reads the name of a format, and lists them all in help and completions.
fn format() -> impl TypedValueParser<Value = Interchange> {
    PossibleValuesParser::new(Interchange::WORDS)
        .try_map(|word| word.parse().map_err(|problem: Problem| problem.to_string()))
}

#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// The file to read; - for standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) source: PathBuf,
    /// Its format [default: what its name ends with, else json]
    #[arg(long, value_parser = format(), ignore_case = true, value_name = "FORMAT")]
    pub(crate) from: Option<Interchange>,
}

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    /// The format to write [default: what the file's name ends with, else json]
    #[arg(long, value_parser = format(), ignore_case = true, value_name = "FORMAT")]
    pub(crate) to: Option<Interchange>,
    /// The file to write, which must not exist yet [default: standard output]
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
}
