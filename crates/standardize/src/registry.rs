//! The one place where standardizers are registered.

use onefold_contract::AttributeKind;
use onefold_contract::standardizer::Standardizer;

use crate::Dictionaries;
use crate::code::Code;
use crate::company::Companies;
use crate::country::Countries;
use crate::date::Dates;
use crate::email::Emails;
use crate::gender::Gender;
use crate::money::Money;
use crate::number::Numbers;
use crate::person_name::{FullNames, NameParts};
use crate::phone::Phones;
use crate::place::Places;
use crate::postcode::Postcodes;
use crate::street::Streets;
use crate::timestamp::Timestamps;
use crate::yes_no::YesNo;

/// The standardizer of every kind.
pub struct Registry<'d> {
    all: Vec<Box<dyn Standardizer + 'd>>,
    plain: Code<'d>,
}

impl<'d> Registry<'d> {
    /// All standardizers, over the dictionaries that they look words up in. A new one is one more line here.
    pub fn new(dictionaries: &'d Dictionaries) -> Self {
        let all: Vec<Box<dyn Standardizer + 'd>> = vec![
            Box::new(NameParts::new(dictionaries)),
            Box::new(FullNames::new(dictionaries)),
            Box::new(Companies::new(dictionaries)),
            Box::new(Gender::new(dictionaries)),
            Box::new(Dates::new(dictionaries)),
            Box::new(Timestamps::new(dictionaries)),
            Box::new(Emails::new(dictionaries)),
            Box::new(Phones::new(dictionaries)),
            Box::new(Streets::new(dictionaries)),
            Box::new(Places::new(dictionaries)),
            Box::new(Postcodes::new(dictionaries)),
            Box::new(Countries::new(dictionaries)),
            Box::new(Numbers::new(dictionaries)),
            Box::new(Money::new(dictionaries)),
            Box::new(YesNo::new(dictionaries)),
        ];
        Self { all, plain: Code::new(dictionaries) }
    }

    /// The standardizer of a kind; that of plain codes for a kind that no other one names.
    pub fn of(&self, kind: AttributeKind) -> &(dyn Standardizer + 'd) {
        self.all.iter().find(|one| one.kinds().contains(&kind)).map_or(&self.plain, |one| one.as_ref())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_one_standardizer() {
        let dictionaries = Dictionaries::default();
        let registry = Registry::new(&dictionaries);
        for kind in AttributeKind::ALL {
            let named = registry.all.iter().filter(|one| one.kinds().contains(&kind)).count();
            let plain = usize::from(registry.plain.kinds().contains(&kind));
            assert_eq!(named + plain, 1, "{}", kind.name());
        }
    }
}
