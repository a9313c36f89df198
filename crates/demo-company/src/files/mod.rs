//! Every file that the company consists of, said once: how it is delivered, its columns, what they mean, what is wrong with
//! them. What writes a file takes its header from here, and `docs/demo-company.md` is this list.

mod crm;
mod marketing;
mod offices;
mod shop;
mod truth;

use crate::person::System;

/// A table: a CSV file, a table of a database, or a sheet of a workbook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Table {
    Customer,
    AccountOwner,
    Territory,
    Assignment,
    MergedNumber,
    ShopCustomer,
    Order,
    Payment,
    Return,
    Event,
    Product,
    Price,
    Geography,
    LeadAmericas,
    LeadEurope,
    LeadIndia,
    Profitability,
    Caller,
    Case,
    Interaction,
    Campaign,
    Contact,
    Message,
    Click,
    Response,
    Consent,
    OptOut,
    Member,
    Reward,
    Contract,
    Subscription,
    Truth,
    Relation,
}

impl Table {
    /// Its description.
    pub(crate) fn spec(self) -> &'static Spec {
        &SPECS[self as usize]
    }
}

/// How a table is delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// Text with a delimiter; perhaps with a byte order mark, perhaps in Windows-1252 instead of UTF-8.
    Csv { delimiter: u8, mark: bool, windows: bool },
    /// A table of a SQLite database, all columns text.
    Sqlite,
    /// A sheet of an XLSX workbook.
    Sheet,
}

/// What a control total counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Pieces,
    Dollars,
}

/// A table, described.
#[derive(Debug)]
pub(crate) struct Spec {
    pub(crate) table: Table,
    pub(crate) file: &'static str,
    /// The table of the database or the sheet of the workbook; empty for a CSV file.
    pub(crate) part: &'static str,
    pub(crate) format: Format,
    pub(crate) grain: &'static str,
    pub(crate) key: &'static [&'static str],
    /// Name and meaning.
    pub(crate) columns: &'static [(&'static str, &'static str)],
    pub(crate) defects: &'static [&'static str],
    /// Whose records of customers these are; `None` where the rows are none.
    pub(crate) system: Option<System>,
    /// Column and unit.
    pub(crate) totals: &'static [(&'static str, Unit)],
}

impl Spec {
    /// The name in the summary and in the books: the file, with the table or sheet where it has several.
    pub(crate) fn label(&self) -> &'static str {
        LABELS[self.table as usize]
    }

    /// The header.
    pub(crate) fn header(&self) -> Vec<&'static str> {
        self.columns.iter().map(|(name, _)| *name).collect()
    }
}

/// The generator's own books, which only tests read.
pub(crate) const BOOKS: &str = "books.json";

/// The labels, in the order of [`Table`].
const LABELS: [&str; 33] = [
    "crm.sqlite",
    "crm.sqlite/account_owner",
    "crm.sqlite/territory",
    "crm.sqlite/account_assignment",
    "crm.sqlite/merged_number",
    "webshop_customers.csv",
    "webshop_orders.csv",
    "webshop_payments.csv",
    "webshop_returns.csv",
    "webshop_events.csv",
    "products.csv",
    "product_prices.csv",
    "geography.csv",
    "sales_leads.xlsx/Americas",
    "sales_leads.xlsx/Europe",
    "sales_leads.xlsx/India",
    "finance_profitability.xlsx",
    "callcentre_callers.csv",
    "callcentre_cases.csv",
    "callcentre_interactions.csv",
    "campaign_campaigns.csv",
    "campaign_contacts.csv",
    "campaign_messages.csv",
    "campaign_clicks.csv",
    "campaign_responses.csv",
    "campaign_consents.csv",
    "campaign_optouts.csv",
    "loyalty_members.csv",
    "loyalty_rewards.csv",
    "contracts.csv",
    "subscriptions.csv",
    "truth.csv",
    "truth_relations.csv",
];

/// All tables, in the order of [`Table`].
pub(crate) static SPECS: [Spec; 33] = [
    crm::CUSTOMER,
    crm::ACCOUNT_OWNER,
    crm::TERRITORY,
    crm::ASSIGNMENT,
    crm::MERGED_NUMBER,
    shop::SHOP_CUSTOMER,
    shop::ORDER,
    shop::PAYMENT,
    shop::RETURN,
    shop::EVENT,
    shop::PRODUCT,
    shop::PRICE,
    shop::GEOGRAPHY,
    offices::LEAD_AMERICAS,
    offices::LEAD_EUROPE,
    offices::LEAD_INDIA,
    offices::PROFITABILITY,
    offices::CALLER,
    offices::CASE,
    offices::INTERACTION,
    marketing::CAMPAIGN,
    marketing::CONTACT,
    marketing::MESSAGE,
    marketing::CLICK,
    marketing::RESPONSE,
    marketing::CONSENT,
    marketing::OPT_OUT,
    marketing::MEMBER,
    marketing::REWARD,
    offices::CONTRACT,
    offices::SUBSCRIPTION,
    truth::TRUTH,
    truth::RELATION,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_described_in_its_place() {
        for (place, spec) in SPECS.iter().enumerate() {
            assert_eq!(spec.table as usize, place);
            assert!(spec.label().starts_with(spec.file));
            let header = spec.header();
            assert!(spec.key.iter().all(|key| header.contains(key)), "{}", spec.label());
            assert!(spec.totals.iter().all(|(column, _)| header.contains(column)), "{}", spec.label());
        }
    }
}
