//! A person as the company's systems could know them, and what makes that person's records hard to resolve.

use chrono::NaiveDate;

use crate::contact::{Address, Phone};
use crate::employer::Employer;
use crate::lists::Sex;

/// What makes a person's records hard to resolve; a person may have several troubles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// A row that stands for nobody.
    Junk,
    /// Born on the same day at the same address.
    Twin,
    /// Father and son of one name.
    Junior,
    /// Somebody else in the same town has the same name.
    Namesake,
    /// Some systems know the name before the marriage.
    Marriage,
    /// Some systems know the address before the move.
    Move,
    /// Writes in another script where a system allows it.
    Script,
    /// Gives the employer's number instead of one's own.
    Switchboard,
    /// Others of the household are customers too.
    Household,
    /// Goes by a short form of the given name.
    Nickname,
    /// Whatever is written down of this person is often mistyped.
    Typo,
}

impl Trouble {
    /// All of them, in the order in which `truth.csv` has them.
    pub(crate) const ALL: [Self; 11] = [
        Self::Junk,
        Self::Twin,
        Self::Junior,
        Self::Namesake,
        Self::Marriage,
        Self::Move,
        Self::Script,
        Self::Switchboard,
        Self::Household,
        Self::Nickname,
        Self::Typo,
    ];

    /// The word in `truth.csv`.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Junk => "junk",
            Self::Twin => "twin",
            Self::Junior => "junior",
            Self::Namesake => "namesake",
            Self::Marriage => "marriage",
            Self::Move => "move",
            Self::Script => "script",
            Self::Switchboard => "switchboard",
            Self::Household => "household",
            Self::Nickname => "nickname",
            Self::Typo => "typo",
        }
    }
}

/// The troubles of one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Troubles(u16);

impl Troubles {
    pub(crate) fn add(&mut self, trouble: Trouble) {
        self.0 |= 1 << trouble as u16;
    }

    pub(crate) fn remove(&mut self, trouble: Trouble) {
        self.0 &= !(1 << trouble as u16);
    }

    pub(crate) fn has(self, trouble: Trouble) -> bool {
        self.0 & (1 << trouble as u16) != 0
    }

    /// The words joined by semicolons; `plain` where there is none.
    pub(crate) fn words(self) -> String {
        let words: Vec<&str> = Trouble::ALL.into_iter().filter(|t| self.has(*t)).map(Trouble::word).collect();
        if words.is_empty() { "plain".to_string() } else { words.join(";") }
    }
}

/// A system that keeps records of customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum System {
    Crm,
    Shop,
    Leads,
    Callers,
    Campaign,
    Loyalty,
    Contracts,
}

impl System {
    /// All of them.
    pub(crate) const ALL: [Self; 7] =
        [Self::Crm, Self::Shop, Self::Leads, Self::Callers, Self::Campaign, Self::Loyalty, Self::Contracts];

    /// The source's name in the pipeline and in the truth.
    pub(crate) fn source(self) -> &'static str {
        ["crm", "web_customers", "leads", "callers", "campaign_contacts", "loyalty_members", "contract_holders"]
            [self as usize]
    }
}

/// How many records of a person each system has in the person's first night: 0, 1 or 2.
pub(crate) type Known = [u64; 7];

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    /// Counted from 0 through all nights; names the person in every stream and key.
    pub(crate) ordinal: u64,
    /// The night the person became a customer; 1 for the first state.
    pub(crate) since: u32,
    /// Names the household in the truth.
    pub(crate) household: u64,
    pub(crate) sex: Sex,
    pub(crate) title: &'static str,
    pub(crate) given: &'static str,
    pub(crate) nickname: Option<&'static str>,
    pub(crate) family: String,
    pub(crate) former_family: Option<String>,
    pub(crate) suffix: &'static str,
    pub(crate) birth: NaiveDate,
    pub(crate) home: Address,
    pub(crate) former_home: Option<Address>,
    pub(crate) mobile: Phone,
    pub(crate) landline: Option<Phone>,
    pub(crate) email: String,
    pub(crate) other_email: Option<String>,
    pub(crate) employer: Option<Box<Employer>>,
    pub(crate) known: Known,
    /// The troubles of the first state; a person's history may add to them.
    pub(crate) troubles: Troubles,
}

impl Person {
    /// The person's name in the truth.
    pub(crate) fn true_id(&self) -> String {
        format!("P{:08}", self.ordinal)
    }

    pub(crate) fn has(&self, trouble: Trouble) -> bool {
        self.troubles.has(trouble)
    }

    /// Whether the system has a record of the person from the first night on.
    pub(crate) fn is_known(&self, system: System) -> bool {
        self.known[system as usize] > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn troubles_are_words_in_a_fixed_order() {
        let mut troubles = Troubles::default();
        assert_eq!(troubles.words(), "plain");
        troubles.add(Trouble::Typo);
        troubles.add(Trouble::Twin);
        assert_eq!(troubles.words(), "twin;typo");
        assert!(troubles.has(Trouble::Twin) && !troubles.has(Trouble::Junk));
    }
}
