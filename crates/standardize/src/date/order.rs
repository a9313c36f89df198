//! The order of day, month and year in a column.

use arrow::array::StringArray;
use onefold_contract::standardizer::{ColumnDecision, ColumnSettings, DateOrder};

use super::text::{DateText, split_time};
use crate::text::{tidy_name, western_digits};
use crate::value_wise::Distinct;

/// All orders; of two that fit a column equally well and that no convention chooses between, the first holds.
const ORDERS: [DateOrder; 3] = [DateOrder::DayMonthYear, DateOrder::MonthDayYear, DateOrder::YearMonthDay];

/// Regions that write the month first, and those that write the year first; all others write the day first. (Unicode
/// CLDR's short date formats.)
const MONTH_FIRST: [&str; 10] = ["AS", "FM", "GU", "MH", "MP", "PH", "PR", "PW", "US", "VI"];
const YEAR_FIRST: [&str; 8] = ["CN", "HU", "JP", "KR", "LT", "MN", "TW", "ZA"];

/// An order in a user's words.
pub(crate) fn words(order: DateOrder) -> &'static str {
    match order {
        DateOrder::DayMonthYear => "day/month/year",
        DateOrder::MonthDayYear => "month/day/year",
        DateOrder::YearMonthDay => "year/month/day",
    }
}

/// The order that holds for a column: the declared one, else the decided one, else the region's.
pub(crate) fn in_force(settings: &ColumnSettings, decision: &ColumnDecision) -> DateOrder {
    settings.date_order.or(decision.date_order).unwrap_or_else(|| convention(settings))
}

fn convention(settings: &ColumnSettings) -> DateOrder {
    match settings.region.as_deref() {
        Some(region) if MONTH_FIRST.contains(&region) => DateOrder::MonthDayYear,
        Some(region) if YEAR_FIRST.contains(&region) => DateOrder::YearMonthDay,
        _ => DateOrder::DayMonthYear,
    }
}

/// What a column's dates say about the order of their parts.
#[derive(Debug, Default)]
struct Votes {
    /// Dates written in numbers whose order the text does not tell.
    asked: u64,
    /// How many of them are dates in each of [`ORDERS`].
    fits: [u64; 3],
    /// How many are dates in no other order, and the first such text.
    only: [(u64, Option<String>); 3],
}

impl Votes {
    fn count(column: &StringArray) -> Self {
        let mut votes = Self::default();
        let distinct = Distinct::of(column, |_| true);
        for (text, count) in distinct.values.iter().flatten().zip(distinct.counts()) {
            let plain = tidy_name(text);
            let plain = western_digits(&plain).to_lowercase();
            let Ok(read @ DateText::Parts(..)) = DateText::read(split_time(&plain).0) else { continue };
            let fits = ORDERS.map(|order| read.in_order(order));
            let dates: Vec<_> = fits.iter().flatten().collect();
            if dates.is_empty() {
                continue;
            }
            votes.asked += count;
            // 05/05/1965 is the same date in either order and speaks for none.
            let tells = dates.len() == 1;
            for (place, _) in fits.iter().enumerate().filter(|(_, date)| date.is_some()) {
                votes.fits[place] += count;
                if tells {
                    votes.only[place].0 += count;
                    votes.only[place].1.get_or_insert_with(|| text.trim().to_owned());
                }
            }
        }
        votes
    }

    fn evidence(&self, chosen: usize, why: &str) -> String {
        let (only, example) = &self.only[chosen];
        let example = example.as_ref().map_or(String::new(), |text| format!(" (such as {text})"));
        let others: Vec<String> = (0..ORDERS.len())
            .filter(|place| *place != chosen && self.only[*place].0 > 0)
            .map(|place| format!(", {} only as {}", self.only[place].0, words(ORDERS[place])))
            .collect();
        let told: u64 = self.only.iter().map(|(count, _)| count).sum();
        format!(
            "{}: of {} dates {only} read only so{example}, {} read either way{}{why}",
            words(ORDERS[chosen]),
            self.asked,
            self.asked - told,
            others.concat()
        )
    }
}

/// Decides the order by what fits most of the column's dates. Where none fits better, the region's convention holds.
pub(crate) fn decide(column: &StringArray, settings: &ColumnSettings) -> ColumnDecision {
    let votes = Votes::count(column);
    if let Some(order) = settings.date_order {
        return ColumnDecision {
            date_order: Some(order),
            evidence: format!("{}: declared in the source's file", words(order)),
            ..ColumnDecision::default()
        };
    }
    if votes.asked == 0 {
        return ColumnDecision::default();
    }
    let best = votes.fits.iter().copied().max().unwrap_or_default();
    let fit_best: Vec<usize> = (0..ORDERS.len()).filter(|place| votes.fits[*place] == best).collect();
    let usual = fit_best.iter().copied().find(|place| ORDERS[*place] == convention(settings));
    let chosen = usual.or_else(|| fit_best.first().copied()).unwrap_or_default();
    let why = match (&fit_best[..], &settings.region) {
        ([_], _) => String::new(),
        (_, Some(region)) if usual.is_some() => format!("; none tells, so the convention of region {region} holds"),
        _ => "; none tells, so this is assumed: declare date_order to be sure".to_owned(),
    };
    ColumnDecision {
        date_order: Some(ORDERS[chosen]),
        evidence: votes.evidence(chosen, &why),
        ..ColumnDecision::default()
    }
}
