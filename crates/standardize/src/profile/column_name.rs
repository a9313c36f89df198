//! What the name of a column says about its kind.
//!
//! Names are taken apart into words (`dateOfBirth`, `DATE_OF_BIRTH` and "date of birth" are one) and looked up in a table
//! of how such columns are called in the languages of the files that companies keep. The table gives a strength, not a
//! verdict: the values have the last word.

use onefold_contract::AttributeKind::{
    self, BirthDate, Category, City, CompanyName, Consent, Country, Date, Decimal, Email, FamilyName, Flag, FreeText,
    FullName, Gender, GivenName, Honorific, Identifier, Integer, Money, NameSuffix, Phone, Postcode, Region, Street,
    Timestamp,
};

/// How columns are called, by kind, with how sure such a name makes: the whole name, in words.
// One name a line, as the formatter would have it, makes a list that nobody reads.
#[rustfmt::skip]
const NAMES: &[(AttributeKind, f64, &[&str])] = &[
    (
        GivenName,
        0.9,
        &[
            "first name", "firstname", "given name", "given names", "givenname", "fname", "f name", "forename", "forenames",
            "first names", "christian name", "vorname", "vornamen", "prenom", "prenoms", "nombre de pila", "primer nombre",
            "voornaam", "fornamn", "fornavn", "imie", "nome proprio", "primeiro nome", "etunimi", "keresztnev", "jmeno",
            "first", "given", "preferred name", "nickname",
        ],
    ),
    (GivenName, 0.5, &[
            "middle name", "middle names", "second name", "middle initial", "nombre",
        ]),
    (
        FamilyName,
        0.9,
        &[
            "last name", "lastname", "surname", "family name", "familyname", "lname", "l name", "nachname", "familienname",
            "nom de famille", "apellido", "apellidos", "achternaam", "efternamn", "efternavn", "etternavn", "nazwisko",
            "cognome", "sobrenome", "sukunimi", "vezeteknev", "prijmeni", "last", "family", "maiden name", "geburtsname",
        ],
    ),
    (FamilyName, 0.5, &[
            "nom", "second surname", "segundo apellido",
        ]),
    (
        FullName,
        0.85,
        &[
            "full name", "fullname", "whole name", "person name", "customer name", "contact name", "client name",
            "contact person", "first and surname", "first and last name", "first last", "name full", "nombre completo",
            "nom complet", "vor und nachname", "ansprechpartner", "display name", "patient name", "member name",
            "employee name", "nombre y apellidos",
        ],
    ),
    (
        FullName,
        0.5,
        &[
            "name", "names", "navn", "naam", "namn", "naziv", "contact", "customer", "client", "kunde", "person",
        ],
    ),
    (
        CompanyName,
        0.9,
        &[
            "company", "company name", "companyname", "organisation", "organization", "organisation name",
            "organization name", "org", "org name", "business name", "firm", "firma", "firmenname", "societe",
            "raison sociale", "empresa", "razon social", "bedrijf", "bedrijfsnaam", "azienda", "ragione sociale",
            "employer", "account name", "legal name", "trading name", "unternehmen", "vendor", "vendor name", "supplier",
            "supplier name", "restaurant", "restaurant name", "shop name", "store name", "hotel name", "institution",
        ],
    ),
    (CompanyName, 0.45, &[
            "name", "account", "manufacturer", "brand", "publisher", "business",
        ]),
    (
        Honorific,
        0.85,
        &[
            "title", "salutation", "honorific", "anrede", "prefix", "name prefix", "civilite", "tratamiento", "mr mrs",
        ],
    ),
    (NameSuffix, 0.85, &[
            "suffix", "name suffix", "generation",
        ]),
    (
        Gender,
        0.95,
        &[
            "sex", "gender", "geschlecht", "sexe", "sexo", "genero", "sesso", "kon", "geslacht", "kjonn", "m f",
        ],
    ),
    (
        BirthDate,
        0.95,
        &[
            "dob", "birth date", "birthdate", "date of birth", "birthday", "birth day", "born", "born on", "date birth",
            "bdate", "geburtsdatum", "geburtstag", "geb datum", "gebdat", "geboren", "date de naissance", "naissance",
            "fecha de nacimiento", "fecha nacimiento", "nacimiento", "geboortedatum", "data di nascita", "data nascita",
            "data de nascimento", "data urodzenia", "fodelsedatum", "fodselsdato", "fodt",
        ],
    ),
    (BirthDate, 0.8, &[
            "birth", "geb", "nacimiento", "nascita",
        ]),
    (
        Email,
        0.95,
        &[
            "email", "e mail", "mail", "email address", "e mail address", "emailaddress", "mail address", "mailadresse",
            "emailadresse", "courriel", "correo", "correo electronico", "adresse mail", "e post", "epost", "eposta",
        ],
    ),
    (
        Phone,
        0.95,
        &[
            "phone", "phone number", "phonenumber", "telephone", "telephone number", "tel", "tel no", "tel number",
            "mobile", "mobile number", "mobile phone", "mob", "mob no", "cell", "cellphone", "cell phone", "landline",
            "fax", "fax number", "telefon", "telefonnummer", "handy", "mobil", "mobiltelefon", "rufnummer", "festnetz",
            "portable", "movil", "telefono", "celular", "telefoon", "gsm", "msisdn", "contact number", "contact no",
            "whatsapp", "home phone", "work phone", "phone no", "telefone", "puhelin", "cellulare",
        ],
    ),
    (
        Street,
        0.9,
        &[
            "street", "street address", "address", "addr", "address line", "address line 1", "address 1", "address1",
            "addr 1", "addr1", "addr line 1", "line 1", "street name", "streetname", "strasse", "anschrift", "adresse",
            "rue", "voie", "direccion", "calle", "domicilio", "straat", "adres", "indirizzo", "via", "endereco", "rua",
            "ulica", "gata", "gateadresse", "home address", "postal address", "mailing address", "billing address",
            "shipping address", "delivery address",
        ],
    ),
    (Street, 0.6, &[
            "address 2", "address2", "address line 2", "addr 2", "line 2", "address 3", "address line 3",
        ]),
    (
        City,
        0.9,
        &[
            "city", "town", "suburb", "village", "locality", "place", "municipality", "post town", "ort", "stadt",
            "wohnort", "gemeinde", "ville", "commune", "localite", "ciudad", "poblacion", "localidad", "plaats",
            "woonplaats", "stad", "citta", "comune", "cidade", "miasto", "kommune", "birth place", "birthplace",
            "place of birth", "geburtsort", "lieu de naissance",
        ],
    ),
    (
        Region,
        0.85,
        &[
            "state", "province", "county", "region", "prov", "territory", "state code", "state province", "bundesland",
            "land kreis", "kanton", "canton", "departement", "provincia", "estado", "comunidad autonoma", "regione",
            "provincie", "wojewodztwo", "district", "lan", "fylke",
        ],
    ),
    (
        Postcode,
        0.95,
        &[
            "postcode", "post code", "zip", "zip code", "zipcode", "postal code", "postalcode", "pin code", "pincode",
            "postleitzahl", "plz", "code postal", "cp", "codigo postal", "postnummer", "postnr", "cap", "cep",
            "kod pocztowy", "eircode", "postal",
        ],
    ),
    (
        Country,
        0.9,
        &[
            "country", "country code", "country name", "nation", "land", "pays", "pais", "paese", "kraj", "nationality",
            "country region",
        ],
    ),
    (
        Identifier,
        0.85,
        &[
            "id", "identifier", "key", "code", "number", "no", "nr", "num", "nummer", "numero", "uuid", "guid", "ssn",
            "social security number", "soc sec id", "national id", "nino", "tax id", "vat", "vat id", "vat number",
            "ust id", "steuernummer", "siret", "siren", "iban", "account number", "customer number", "customer no",
            "kundennummer", "kundennr", "passport", "licence number", "license number", "aadhaar", "pan", "gstin", "duns",
            "isin", "lei", "ean", "sku", "reference", "ref", "record id", "rec id", "recid", "row id", "member number",
            "policy number", "abn",
        ],
    ),
    (
        Identifier,
        0.7,
        &[
            "street number", "house number", "house no", "hausnummer", "street no", "unit number", "apartment", "flat",
            "building number", "po box",
        ],
    ),
    (
        Category,
        0.7,
        &[
            "type", "category", "class", "status", "segment", "group", "kind", "source", "source system", "system",
            "channel", "occupation", "profession", "job", "job title", "role", "department", "industry", "sector", "beruf",
            "branche", "cuisine", "colour", "color", "size", "marital status", "language", "currency", "level", "tier",
            "origin",
        ],
    ),
    (
        FreeText,
        0.7,
        &[
            "note", "notes", "comment", "comments", "remark", "remarks", "description", "memo", "bemerkung", "text",
            "details", "message", "abstract",
        ],
    ),
    (
        Date,
        0.7,
        &[
            "date", "datum", "fecha", "data", "day", "since", "valid from", "valid to", "start", "end", "expiry",
        ],
    ),
    (
        Timestamp,
        0.75,
        &[
            "timestamp", "created", "created at", "created on", "updated", "updated at", "modified", "modified at",
            "last modified", "last updated", "datetime", "date time", "inserted at", "loaded at", "changed", "changed at",
            "last changed", "registered at", "last login", "time",
        ],
    ),
    (
        Money,
        0.75,
        &[
            "price", "amount", "income", "salary", "revenue", "total", "cost", "betrag", "preis", "umsatz", "montant",
            "prix", "importe", "precio", "annual income", "balance", "credit limit", "turnover",
        ],
    ),
    (
        Integer,
        0.6,
        &[
            "count", "quantity", "qty", "age", "year", "children", "visits", "orders", "points", "rank", "alter", "anzahl",
        ],
    ),
    (
        Decimal,
        0.6,
        &[
            "rate", "ratio", "share", "score", "latitude", "longitude", "lat", "lon", "lng", "weight", "height", "percent",
            "discount",
        ],
    ),
    (Flag, 0.7, &[
            "active", "enabled", "flag", "is", "has", "home owner", "homeowner", "deleted", "verified", "vip",
        ]),
    (
        Consent,
        0.8,
        &[
            "consent", "opt in", "optin", "opt out", "newsletter", "marketing consent", "email consent", "gdpr",
            "permission", "einwilligung",
        ],
    ),
];

/// Words of columns that tell of the record and not of whom it is about.
const OF_RECORD: &[&str] = &[
    "source",
    "system",
    "origin",
    "created",
    "updated",
    "modified",
    "changed",
    "inserted",
    "loaded",
    "imported",
    "load",
    "batch",
    "import",
    "etl",
    "sync",
    "timestamp",
    "version",
    "file",
    "sheet",
    "row",
    "line",
    "rowid",
    "revision",
    "registered",
    "signup",
    "quelle",
    "crawl",
];

/// Words that are part of a name and say nothing about its kind.
const EMPTY: &[&str] = &[
    "the", "of", "cust", "cst", "fld", "col", "txt", "str", "tbl", "x", "orig", "clean", "fake", "raw", "main",
    "primary", "billing", "shipping", "home", "work", "business", "private",
];

/// A name taken apart into words in lower case without accents: at signs, at humps, and between letters and digits.
pub(super) fn words_of(name: &str) -> Vec<String> {
    let plain = deunicode::deunicode(name);
    let mut words = vec![String::new()];
    let mut before = ' ';
    let letters: Vec<char> = plain.chars().collect();
    for (place, c) in letters.iter().copied().enumerate() {
        let next = letters.get(place + 1).copied().unwrap_or(' ');
        let hump = c.is_uppercase() && (before.is_lowercase() || (before.is_uppercase() && next.is_lowercase()));
        let digits = c.is_ascii_digit() != before.is_ascii_digit() && before.is_alphanumeric();
        if !c.is_alphanumeric() || hump || digits {
            words.push(String::new());
        }
        if let (true, Some(word)) = (c.is_alphanumeric(), words.last_mut()) {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// What a name says: each kind that it speaks for with its strength and the words that do, strongest first.
pub(super) fn kinds_of(name: &str) -> Vec<(AttributeKind, f64, &'static str)> {
    let words = words_of(name);
    let all: Vec<&str> = words.iter().map(String::as_str).collect();
    let told: Vec<&str> = all.iter().copied().filter(|word| !EMPTY.contains(word)).collect();
    let mut found: Vec<(AttributeKind, f64, &'static str)> = Vec::new();
    for (kind, strength, phrases) in NAMES {
        for phrase in *phrases {
            let score = strength * fit(phrase, &all).max(fit(phrase, &told));
            match found.iter_mut().find(|(known, _, _)| known == kind) {
                _ if score <= 0.0 => {}
                Some(best) if best.1 < score => *best = (*kind, score, phrase),
                Some(_) => {}
                None => found.push((*kind, score, phrase)),
            }
        }
    }
    found.sort_by(|a, b| b.1.total_cmp(&a.1));
    found
}

/// How well a phrase fits a name: 1 where it is all of it; less where it is its end, its beginning, or its middle, and
/// the less the more words it leaves unexplained.
fn fit(phrase: &str, words: &[&str]) -> f64 {
    let parts: Vec<&str> = phrase.split(' ').collect();
    if parts.concat() == words.concat() {
        return 1.0;
    }
    let Some(place) = words.windows(parts.len()).position(|window| window == parts) else { return 0.0 };
    let left = (words.len() - parts.len()) as f64;
    let share = parts.len() as f64 / words.len() as f64;
    // Numbers behind a name count columns ("address_2", "phone2") and leave nothing unexplained.
    let numbered = place == 0 && words[parts.len()..].iter().all(|word| word.bytes().all(|b| b.is_ascii_digit()));
    if numbered {
        return 0.95;
    }
    let at_end = place + parts.len() == words.len();
    (if at_end { 0.9 } else { 0.7 }) * (0.6 + 0.4 * share) / (1.0 + 0.05 * left)
}

/// Whether a column tells of the record and not of whom it is about: where it came from, when it was written.
pub(super) fn is_of_record(name: &str) -> bool {
    words_of(name).iter().any(|word| OF_RECORD.contains(&word.as_str()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_are_taken_apart() {
        for (name, expected) in [
            ("dateOfBirth", "date of birth"),
            ("DATE_OF_BIRTH", "date of birth"),
            ("Straße Nr.", "strasse nr"),
            ("address_1", "address 1"),
            ("addr2", "addr 2"),
            ("CustomerID", "customer id"),
            ("HTMLName", "html name"),
            ("E-Mail", "e mail"),
            ("", ""),
        ] {
            assert_eq!(words_of(name).join(" "), expected, "{name}");
        }
    }

    #[test]
    fn names_in_several_spellings_and_languages_speak_for_their_kind() {
        for (kind, names) in [
            (
                GivenName,
                &["first_name", "fname", "Forename", "given", "VORNAME", "Prénom", "First Name", "customer_first_name"]
                    [..],
            ),
            (FamilyName, &["surname", "last", "LastName", "Nachname", "apellidos", "lname"]),
            (FullName, &["full_name", "first_and_surname", "Contact Name"]),
            (CompanyName, &["company", "org", "Organisation", "Firma", "account_name"]),
            (BirthDate, &["dob", "birth", "date_of_birth", "Geburtsdatum", "BirthDate", "born"]),
            (Email, &["e-mail", "mail", "EMAIL", "EmailAddress", "email_2", "work e-mail"]),
            (Phone, &["phone", "mobile", "tel", "Telefon", "phone_number", "home_phone", "mobile2"]),
            (Street, &["street", "address1", "address_1", "addr", "Straße", "billing_address"]),
            (City, &["city", "suburb", "Ort", "birth_place", "ville"]),
            (Region, &["state", "province", "Bundesland"]),
            (Postcode, &["zip", "postcode", "postal", "PLZ", "postcode_fake", "Zip Code"]),
            (Country, &["country", "Land", "country_code"]),
            (Identifier, &["rec_id", "soc_sec_id", "CustomerID", "street_number", "tax_id", "kundennr"]),
            (Gender, &["sex", "gender"]),
            (Category, &["type", "occupation", "source"]),
            (Consent, &["email_consent", "opt_in"]),
        ] {
            for name in names {
                let found = kinds_of(name);
                assert_eq!(found.first().map(|(kind, _, _)| *kind), Some(kind), "{name}: {found:?}");
            }
        }
        assert_eq!(kinds_of("zzz"), []);
    }

    #[test]
    fn columns_about_the_record_are_known() {
        for (name, expected) in
            [("source", true), ("created_at", true), ("lastModified", true), ("resource", false), ("first_name", false)]
        {
            assert_eq!(is_of_record(name), expected, "{name}");
        }
    }

    proptest! {
        #[test]
        fn any_name_can_be_read(name in "\\PC{0,20}") {
            for (_, strength, _) in kinds_of(&name) {
                prop_assert!(0.0 < strength && strength <= 1.0);
            }
        }
    }
}
