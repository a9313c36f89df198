//! What a column means, which decides how its values are cleaned and compared.

use arrow::datatypes::{DataType, TimeUnit};
use serde::{Deserialize, Serialize};

/// Digits after the point of every clean amount of money and every clean decimal number.
pub const DECIMAL_SCALE: i8 = 4;
/// Digits in all of every clean amount of money and every clean decimal number.
pub const DECIMAL_PRECISION: u8 = 28;

/// The meaning of a column. In configuration a kind is written in `snake_case`: `kind = "given_name"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AttributeKind {
    /// A person's first or given name.
    GivenName,
    /// A person's last or family name.
    FamilyName,
    /// A person's whole name in one value.
    FullName,
    /// The name of an organisation.
    CompanyName,
    /// A title before a name: Mr, Dr, Shri.
    Honorific,
    /// What follows a name: Jr, III, Esq.
    NameSuffix,
    /// Sex or gender as the source states it.
    Gender,
    /// A birth date.
    BirthDate,
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// A street with its house number.
    Street,
    /// A city, town or village.
    City,
    /// A state, province or county.
    Region,
    /// A postcode, PIN code or ZIP code.
    Postcode,
    /// A country.
    Country,
    /// A key or number that names something; never calculated with.
    Identifier,
    /// One of a few codes: a colour, a status, a segment.
    Category,
    /// Text that is kept as it is.
    FreeText,
    /// A whole number.
    Integer,
    /// A number with a fraction, exact to [`DECIMAL_SCALE`] digits.
    Decimal,
    /// An amount with its currency.
    Money,
    /// Yes or no.
    Flag,
    /// A calendar date.
    Date,
    /// A moment with its time zone, kept in UTC.
    Timestamp,
    /// Consent for one channel and purpose, which the column's contract names.
    Consent,
}

impl AttributeKind {
    /// Every kind, in the order of this list.
    pub const ALL: [Self; 25] = [
        Self::GivenName,
        Self::FamilyName,
        Self::FullName,
        Self::CompanyName,
        Self::Honorific,
        Self::NameSuffix,
        Self::Gender,
        Self::BirthDate,
        Self::Email,
        Self::Phone,
        Self::Street,
        Self::City,
        Self::Region,
        Self::Postcode,
        Self::Country,
        Self::Identifier,
        Self::Category,
        Self::FreeText,
        Self::Integer,
        Self::Decimal,
        Self::Money,
        Self::Flag,
        Self::Date,
        Self::Timestamp,
        Self::Consent,
    ];

    /// The name of the kind as configuration writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::GivenName => "given_name",
            Self::FamilyName => "family_name",
            Self::FullName => "full_name",
            Self::CompanyName => "company_name",
            Self::Honorific => "honorific",
            Self::NameSuffix => "name_suffix",
            Self::Gender => "gender",
            Self::BirthDate => "birth_date",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Street => "street",
            Self::City => "city",
            Self::Region => "region",
            Self::Postcode => "postcode",
            Self::Country => "country",
            Self::Identifier => "identifier",
            Self::Category => "category",
            Self::FreeText => "free_text",
            Self::Integer => "integer",
            Self::Decimal => "decimal",
            Self::Money => "money",
            Self::Flag => "flag",
            Self::Date => "date",
            Self::Timestamp => "timestamp",
            Self::Consent => "consent",
        }
    }

    /// The Arrow type of the clean value.
    pub fn clean_type(self) -> DataType {
        match self {
            Self::BirthDate | Self::Date => DataType::Date32,
            Self::Timestamp => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Self::Integer => DataType::Int64,
            Self::Decimal | Self::Money => DataType::Decimal128(DECIMAL_PRECISION, DECIMAL_SCALE),
            Self::Flag | Self::Consent => DataType::Boolean,
            _ => DataType::Utf8,
        }
    }

    /// The further columns that cleaning a column of this kind yields, as suffixes to the column's name with their
    /// types. The original (`_original`) comes last, for every kind whose clean value may differ from what came.
    pub fn derived(self) -> Vec<(&'static str, DataType)> {
        let text = DataType::Utf8;
        let mut columns = match self {
            Self::GivenName => vec![("_canonical", text.clone())],
            Self::FullName => ["_honorific", "_given", "_given_canonical", "_family", "_suffix"]
                .map(|suffix| (suffix, text.clone()))
                .to_vec(),
            Self::Money => vec![("_currency", text.clone())],
            _ => Vec::new(),
        };
        if self.keeps_original() {
            columns.push(("_original", text));
        }
        columns
    }

    /// Whether the value as received stands beside the clean one.
    pub fn keeps_original(self) -> bool {
        !matches!(self, Self::Identifier | Self::Category | Self::FreeText | Self::Integer | Self::Flag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_what_serde_writes() {
        for kind in AttributeKind::ALL {
            let written = serde_json::to_string(&kind).unwrap_or_default();
            assert_eq!(written, format!("\"{}\"", kind.name()));
        }
    }
}
