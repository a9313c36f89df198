//! The company's files as a page of Markdown: `docs/demo-company.md`.

use std::fmt::Write as _;

use crate::LAST_NIGHT;
use crate::files::{Format, SPECS, Spec};
use crate::hardness::{Hardness, MOST_HARDNESS, Rate};
use crate::household as rates;
use crate::person::{System, Trouble};

/// The page: what the company is, every file with its grain, key, columns and defects, and the rates of trouble. The
/// example `describe` prints it.
pub fn description() -> String {
    let mut page =
        INTRODUCTION.replace("{night}", &LAST_NIGHT.to_string()).replace("{most}", &MOST_HARDNESS.to_string());
    page.push_str("\n## Troubles\n\n");
    page.push_str(TROUBLES);
    troubles(&mut page);
    page.push_str("\n## Files at a glance\n\n| file | one row is | key | customers |\n|---|---|---|---|\n");
    for spec in &SPECS {
        let source = spec.system.map_or(String::new(), |system| format!("source `{}`", system.source()));
        let grain = spec.grain.strip_prefix("one row ").unwrap_or(spec.grain);
        let _ = writeln!(page, "| {} | {grain} | {} | {source} |", title(spec), keys(spec));
    }
    page.push_str("| `books.json` | the generator's own totals; only tests read it | | |\n");
    for spec in &SPECS {
        section(&mut page, spec);
    }
    page
}

const INTRODUCTION: &str = "# The demo company

`onefold demo generate --customers N --seed S --hardness H --night K --out DIR` writes the source systems of Harbour & Pine, a
made-up company that sells homewares and outdoor goods in America, Europe and India. Its customers are made up too: names come
from lists in the program, mail addresses stand at domains that exist nowhere, but for placeholders.

The same options give the same bytes. Every file holds the whole state of its night, as such systems export it; none sends
increments. Night 1 is 31 December 2025, and each further night, up to {night}, is the day after: new rows, changed rows, rows that
are gone, and rows that come late, dated on an earlier day than the night in which they first appear. From one night to the next a
file differs only where something happened. Amounts are US dollars.

`--hardness`, from 0 to {most}, says how hard the records are to resolve: every rate of trouble and defect lies on a straight line
through its values at hardness 0 and 1. At 1 an ordinary configuration of Splink 5 reaches about F1 .84 on 100,000 records of all
seven sources that keep customers; the default is 0.5.

This page is made from the generator (`cargo run -p onefold-demo-company --example describe`), and a test holds it against it.
";

const TROUBLES: &str =
    "What makes a person's records hard to resolve stands in `truth.csv`, in the column `trouble`: words in the
order of this table, joined by semicolons, or `plain`. Moves and marriages of later nights add to a person's troubles.

| trouble | what it is | in a thousand | at 0 | at 0.5 | at 1 | at 2 |
|---|---|---|---|---|---|---|
";

/// The trouble, what it is, of what, and the rate.
fn stated(trouble: Trouble) -> (&'static str, &'static str, Rate) {
    match trouble {
        Trouble::Junk => ("a row that stands for nobody: a test, a till", "households", rates::JUNK),
        Trouble::Twin => ("born on the same day, at the same address", "households", rates::TWINS),
        Trouble::Junior => ("father and son of one name", "households", rates::JUNIORS),
        Trouble::Namesake => {
            ("two who are not related have one name in one town", "every second household", rates::NAMESAKES)
        }
        Trouble::Marriage => ("some systems know the name before", "couples of one name", rates::MARRIAGES),
        Trouble::Move => ("some systems know the address before", "households", rates::MOVES),
        Trouble::Script => (
            "writes in Devanagari, Greek or Cyrillic letters where it is possible",
            "persons with such a name",
            rates::SCRIPTS,
        ),
        Trouble::Switchboard => {
            ("gives the employer's number, as colleagues do", "persons whose employer is known", rates::SWITCHBOARDS)
        }
        Trouble::Household => {
            let shared = [rates::JUNIORS, rates::TWINS, rates::FLATMATES, rates::FAMILIES, rates::COUPLES];
            let rate = Rate(shared.iter().map(|rate| rate.0).sum(), shared.iter().map(|rate| rate.1).sum());
            (
                "others who live there are customers too: surname, address, landline, perhaps the mailbox",
                "households",
                rate,
            )
        }
        Trouble::Nickname => ("goes by a short form of the given name", "persons whose name has one", rates::NICKNAMES),
        Trouble::Typo => ("what is written down of the person is often mistyped", "persons", rates::TYPOS),
    }
}

fn troubles(page: &mut String) {
    for trouble in Trouble::ALL {
        let (what, of, rate) = stated(trouble);
        let _ = write!(page, "| `{}` | {what} | {of} |", trouble.word());
        for hardness in [0.0, 0.5, 1.0, 2.0] {
            let rate = Hardness::new(hardness).map_or(0, |hardness| hardness.rate(rate));
            let _ = write!(page, " {rate} |");
        }
        page.push('\n');
    }
}

fn title(spec: &Spec) -> String {
    match spec.format {
        Format::Csv { .. } => format!("`{}`", spec.file),
        Format::Sqlite => format!("`{}`, table `{}`", spec.file, spec.part),
        Format::Sheet => format!("`{}`, sheet `{}`", spec.file, spec.part),
    }
}

fn keys(spec: &Spec) -> String {
    spec.key.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ")
}

fn section(page: &mut String, spec: &Spec) {
    let _ = writeln!(page, "\n## {}\n", title(spec));
    let form = match spec.format {
        Format::Csv { delimiter: b';', windows: true, .. } => "CSV with semicolons, in Windows-1252",
        Format::Csv { delimiter: b';', .. } => "CSV with semicolons, in UTF-8",
        Format::Csv { mark: true, .. } => "CSV in UTF-8 with a byte order mark",
        Format::Csv { .. } => "CSV in UTF-8",
        Format::Sqlite => "all columns are text",
        Format::Sheet => "the header stands in row 5, below a title and group headers with merged cells",
    };
    let _ = writeln!(page, "{}; {form}.", capital(spec.grain));
    if spec.system == Some(System::Leads) {
        page.push_str("The last row holds `Total`, the number of leads and their value.\n");
    }
    if !spec.defects.is_empty() {
        page.push_str("What is wrong with it:\n\n");
        spec.defects.iter().for_each(|defect| {
            let _ = writeln!(page, "- {defect}");
        });
    }
    page.push_str("\n| column | meaning |\n|---|---|\n");
    for (name, meaning) in spec.columns {
        let _ = writeln!(page, "| `{name}` | {meaning} |");
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}
