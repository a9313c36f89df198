//! Examples of every kind: what comes in, what goes out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use onefold_contract::AttributeKind as Kind;
use onefold_contract::standardizer::{ColumnSettings, DateOrder};

use crate::testing::{SEED, check, derived, outcome, settings};

fn none() -> ColumnSettings {
    ColumnSettings::default()
}

#[test]
fn given_names() {
    check(
        Kind::GivenName,
        &none(),
        &[
            ("JON", "Jon"),
            ("  mary-ann ", "Mary-Ann"),
            ("DeShawn", "DeShawn"),
            ("5onia", "5onia"),
            ("Mr. JON", "Jon"),
            ("j.r.r.", "J R R"),
            ("ANDRÉS", "Andrés"),
            ("Jose\u{0301}", "José"),
            ("ＡＮＮ", "Ann"),
            ("Kumari", "Kumari"),
            ("राम", "राम"),
            ("NULL", "-"),
            ("n/a", "-"),
            ("Unknown", "Unknown"),
            ("UNKNOWN", "-"),
            ("NA", "Na"),
            ("Nan", "Nan"),
            ("-", "-"),
            ("12345", "!not-a-name"),
        ],
    );
}

#[test]
fn family_names() {
    check(
        Kind::FamilyName,
        &none(),
        &[
            ("O'BRIEN", "O'Brien"),
            ("o’brien", "O'Brien"),
            ("MCDONALD", "McDonald"),
            ("MACHADO", "Machado"),
            ("VAN DER BERG", "van der Berg"),
            ("Van Dyke", "Van Dyke"),
            ("SMITH JR.", "Smith Jr"),
            ("García–López", "García-López"),
            ("MA", "Ma"),
            ("Null", "Null"),
            ("null", "-"),
            ("?", "-"),
        ],
    );
}

#[test]
fn nicknames_lead_to_their_canonical_form() {
    let canonical = |text| derived(Kind::GivenName, "_canonical", text, &none()).unwrap();
    for (nickname, expected) in [
        ("Bob", "robert"),
        ("BILL", "william"),
        ("Peggy", "margaret"),
        ("Liz", "elizabeth"),
        ("Jim", "james"),
        ("Tony", "anthony"),
        ("Robert", "robert"),
        ("José", "jose"),
        ("Bob J.", "robert"),
        ("J. Robert", "robert"),
        ("J.", "j"),
        ("Erin", "erin"),
        ("Aadhya", "aadhya"),
    ] {
        assert_eq!(canonical(nickname), expected, "{nickname}");
    }
    assert!(SEED.nickname("peg").contains(&"margaret".to_owned()));
}

/// Full name, then honorific, given, canonical given, family and suffix.
type Parts = (&'static str, &'static str, [&'static str; 5]);

#[test]
fn full_names_come_apart() {
    let table: &[Parts] = &[
        ("MR. JON V YANG", "Jon V Yang", ["Mr", "Jon V", "john", "Yang", ""]),
        ("Yang, Jon", "Jon Yang", ["", "Jon", "john", "Yang", ""]),
        ("SMITH, Robert Jr.", "Robert Smith Jr", ["", "Robert", "robert", "Smith", "Jr"]),
        ("Smith Jr., Bob", "Bob Smith Jr", ["", "Bob", "robert", "Smith", "Jr"]),
        ("Smith, Jr., John", "John Smith Jr", ["", "John", "john", "Smith", "Jr"]),
        ("John Smith, Ph.D.", "John Smith PhD", ["", "John", "john", "Smith", "PhD"]),
        ("John Smith Ph. D.", "John Smith PhD", ["", "John", "john", "Smith", "PhD"]),
        ("Dr. med. Anna Schmidt", "Anna Schmidt", ["Dr", "Anna", "anna", "Schmidt", ""]),
        ("Prof. Dr. Anna Schmidt", "Anna Schmidt", ["Prof Dr", "Anna", "anna", "Schmidt", ""]),
        ("Ludwig van Beethoven", "Ludwig van Beethoven", ["", "Ludwig", "ludwig", "van Beethoven", ""]),
        ("JUAN DE LA CRUZ", "Juan de la Cruz", ["", "Juan", "juan", "de la Cruz", ""]),
        ("Berg, Jan van der", "Jan van der Berg", ["", "Jan", "janet", "van der Berg", ""]),
        ("Van Morrison", "Van Morrison", ["", "Van", "van", "Morrison", ""]),
        ("Osama bin Laden", "Osama bin Laden", ["", "Osama", "osama", "bin Laden", ""]),
        ("MARIA DEL CARMEN LOPEZ", "Maria del Carmen Lopez", ["", "Maria del Carmen", "maria", "Lopez", ""]),
        ("José Ortega y Gasset", "José Ortega y Gasset", ["", "José", "jose", "Ortega y Gasset", ""]),
        ("J.R.R. Tolkien", "J R R Tolkien", ["", "J R R", "j", "Tolkien", ""]),
        ("Shri Ram Kumar", "Ram Kumar", ["Shri", "Ram", "ram", "Kumar", ""]),
        ("Smt. Anita Sharma", "Anita Sharma", ["Smt", "Anita", "anita", "Sharma", ""]),
        ("Kumari Anita Sharma", "Anita Sharma", ["Kumari", "Anita", "anita", "Sharma", ""]),
        ("Kumari Sharma", "Kumari Sharma", ["", "Kumari", "kumari", "Sharma", ""]),
        ("Rehana Begum", "Rehana Begum", ["", "Rehana", "rehana", "Begum", ""]),
        ("Jack Ma", "Jack Ma", ["", "Jack", "john", "Ma", ""]),
        ("Ramesh Kumar V", "Ramesh Kumar V", ["", "Ramesh Kumar", "ramesh", "V", ""]),
        ("John Smith, V", "John Smith, V", ["", "John", "john", "Smith", "V"]),
        ("JOHN SMITH III", "John Smith III", ["", "John", "john", "Smith", "III"]),
        (
            "Sir Charles Hamilton, 1st Baronet",
            "Charles Hamilton, 1st Baronet",
            ["Sir", "Charles", "charles", "Hamilton", "1st Baronet"],
        ),
        ("William \"Bill\" Clinton", "William Clinton", ["", "William", "william", "Clinton", ""]),
        ("Robert (Bob) O'BRIEN", "Robert O'Brien", ["", "Robert", "robert", "O'Brien", ""]),
        ("Mr Smith", "Smith", ["Mr", "", "", "Smith", ""]),
        ("Smith, Mr.", "Smith", ["Mr", "", "", "Smith", ""]),
        ("YANG, JON MR.", "Jon Yang", ["Mr", "Jon", "john", "Yang", ""]),
        ("Jennifer", "Jennifer", ["", "Jennifer", "jennifer", "", ""]),
        ("Mrs.", "-", ["Mrs", "", "", "", ""]),
        ("n/a", "-", ["", "", "", "", ""]),
        ("श्री राम कुमार", "राम कुमार", ["Shri", "राम", "राम", "कुमार", ""]),
    ];
    for (text, whole, parts) in table {
        assert_eq!(outcome(Kind::FullName, text, &none()), *whole, "{text}");
        let suffixes = ["_honorific", "_given", "_given_canonical", "_family", "_suffix"];
        let got = suffixes.map(|suffix| derived(Kind::FullName, suffix, text, &none()).unwrap_or_default());
        assert_eq!(got, parts.map(str::to_owned), "{text}");
    }
    check(Kind::FullName, &none(), &[("12345", "!not-a-name"), ("Null, Ann", "Ann Null")]);
}

#[test]
fn titles_and_suffixes() {
    let titles = [
        ("MR.", "Mr"),
        ("mrs", "Mrs"),
        ("Doctor", "Dr"),
        ("Prof. Dr.", "Prof Dr"),
        ("Shrimati", "Smt"),
        ("GROUP CAPT", "Group Capt"),
    ];
    check(Kind::Honorific, &none(), &titles);
    let suffixes = [("jr.", "Jr"), ("Junior", "Jr"), ("3rd", "III"), ("Ph.D., M.D.", "PhD MD"), ("n/a", "-")];
    check(Kind::NameSuffix, &none(), &suffixes);
}

#[test]
fn companies() {
    check(
        Kind::CompanyName,
        &none(),
        &[
            ("ACME LIMITED", "Acme Ltd"),
            ("Acme, Inc.", "Acme Inc"),
            ("tata consultancy services private limited", "Tata Consultancy Services Pvt Ltd"),
            ("Infosys (P) Ltd.", "Infosys Pvt Ltd"),
            ("Bauer G.m.b.H.", "Bauer GmbH"),
            ("Bauer GmbH & Co. KG", "Bauer GmbH & Co KG"),
            ("Smith & Co", "Smith & Co"),
            ("IBM CORP", "IBM Corp"),
            ("BANK OF AMERICA", "Bank of America"),
            ("eBay", "eBay"),
            ("Limited", "Limited"),
            ("Null Ltd", "Null Ltd"),
            ("unknown", "-"),
            ("--", "-"),
        ],
    );
}

#[test]
fn genders() {
    let table = [
        ("M", "male"),
        ("female", "female"),
        ("F.", "female"),
        ("1", "male"),
        ("2", "female"),
        ("9", "-"),
        ("NA", "-"),
        ("Männlich", "male"),
        ("Non-Binary", "non-binary"),
    ];
    check(Kind::Gender, &none(), &table);
}

#[test]
fn dates_with_the_day_first() {
    check(
        Kind::BirthDate,
        &none(),
        &[
            ("04/08/1966", "1966-08-04"),
            ("4.8.66", "1966-08-04"),
            ("4-8-29", "2029-08-04"),
            ("4-8-30", "1930-08-04"),
            ("1965-05-14", "1965-05-14"),
            ("1965/5/14", "1965-05-14"),
            ("19650514", "1965-05-14"),
            ("14051965", "1965-05-14"),
            ("19027803", "!impossible-date"),
            ("14 May 1965", "1965-05-14"),
            ("14-May-65", "1965-05-14"),
            ("May 14, 1965", "1965-05-14"),
            ("MAY 14TH 1965", "1965-05-14"),
            ("Friday, 14th of May 1965", "1965-05-14"),
            ("1965 May 14", "1965-05-14"),
            ("14. März 1965", "1965-03-14"),
            ("14 août 1965", "1965-08-14"),
            ("14 de mayo de 1965", "1965-05-14"),
            ("1965年5月14日", "1965-05-14"),
            ("१४/०५/१९६५", "1965-05-14"),
            ("1965-05-14T00:00:00", "1965-05-14"),
            ("14/05/1965 12:30 PM", "1965-05-14"),
            ("1965-05-14 00:00:00.000+02:00", "1965-05-14"),
            ("31/04/1965", "!impossible-date"),
            ("5/14/1965", "!impossible-date"),
            ("1965-02-30", "!impossible-date"),
            ("31 June 1965", "!impossible-date"),
            ("May 1965", "!incomplete-date"),
            ("1965", "!incomplete-date"),
            ("14/05/1749", "!implausible-date"),
            ("0001-01-01", "!implausible-date"),
            ("36526", "!not-a-date"),
            ("yesterday", "!not-a-date"),
            ("12:30", "!not-a-date"),
            ("00/00/0000", "!impossible-date"),
            ("N/A", "-"),
            ("unknown", "-"),
        ],
    );
    check(Kind::Date, &none(), &[("9999-12-31", "9999-12-31"), ("14/05/1749", "1749-05-14")]);
}

#[test]
fn dates_in_the_order_that_is_declared_or_usual() {
    let us = settings("US", "");
    check(Kind::Date, &us, &[("5/14/1965", "1965-05-14"), ("04/08/1966", "1966-04-08"), ("051465", "1965-05-14")]);
    let declared = ColumnSettings { date_order: Some(DateOrder::YearMonthDay), ..settings("US", "") };
    check(Kind::Date, &declared, &[("65-05-14", "1965-05-14"), ("5/14/1965", "!impossible-date")]);
}

#[test]
fn moments() {
    check(
        Kind::Timestamp,
        &settings("US", ""),
        &[
            ("2024-05-14T13:45:00Z", "2024-05-14T13:45:00Z"),
            ("2024-05-14T13:45:00+02:00", "2024-05-14T11:45:00Z"),
            ("2024-05-14 13:45:00.123456789 -0530", "2024-05-14T19:15:00.123456Z"),
            ("2024-05-14 13:45", "2024-05-14T13:45:00Z"),
            ("5/14/2024 1:45:30 PM", "2024-05-14T13:45:30Z"),
            ("5/14/2024 12:05 a.m.", "2024-05-14T00:05:00Z"),
            ("Tue, 14 May 2024 13:45:00 GMT", "2024-05-14T13:45:00Z"),
            ("20240514T134500Z", "2024-05-14T13:45:00Z"),
            ("2024-05-14T13:45:00+02:00[Europe/Berlin]", "2024-05-14T11:45:00Z"),
            ("2024-05-14", "2024-05-14T00:00:00Z"),
            ("1715694300", "2024-05-14T13:45:00Z"),
            ("1715694300123", "2024-05-14T13:45:00.123Z"),
            ("2024-05-14 13:45 CST", "!unknown-time-zone"),
            ("2024-05-14 25:00", "!not-a-time"),
            ("2024-05-14 13:61", "!not-a-time"),
            ("2024-02-30 13:00", "!impossible-date"),
            ("null", "-"),
        ],
    );
}

#[test]
fn emails() {
    check(
        Kind::Email,
        &none(),
        &[
            ("Jon24@Adventure-Works.com ", "jon24@adventure-works.com"),
            ("mailto:jon@example.com?subject=x", "jon@example.com"),
            ("Jon Yang <Jon@Example.com>", "jon@example.com"),
            ("jon@example.com.", "jon@example.com"),
            ("jon@example.com; jon@example.org", "jon@example.com"),
            ("j.o.n+news@gmail.com", "j.o.n+news@gmail.com"),
            ("josé54@adventure-works.com", "josé54@adventure-works.com"),
            ("info@BÜCHER.example", "info@bücher.example"),
            ("noreply@example.com", "noreply@example.com"),
            ("jon.example.com", "!no-at-sign"),
            ("jon@@example..com", "jon@example.com"),
            ("jon@work@example.com", "!several-at-signs"),
            ("jon yang@example.com", "!space-in-address"),
            ("@example.com", "!bad-user"),
            ("jon.@example.com", "!bad-user"),
            ("jon@example", "!bad-domain"),
            ("jon@-example.com", "!bad-domain"),
            ("jon@127.0.0.1", "!bad-domain"),
            ("none", "-"),
            ("no email", "-"),
        ],
    );
}

#[test]
fn phones() {
    check(
        Kind::Phone,
        &settings("US", ""),
        &[
            ("(212) 555-0123", "+12125550123"),
            ("1-212-555-0123", "+12125550123"),
            ("212.555.0123 x45", "+12125550123;ext=45"),
            ("212-555-0123 ext. 45", "+12125550123;ext=45"),
            ("tel: 212 555 0123 (home)", "+12125550123"),
            ("212-555-0123 / 212-555-0199", "+12125550123"),
            ("2125550123.0", "+12125550123"),
            ("1-800-FLOWERS", "+18003569377"),
            ("+44 20 7946 0018", "+442079460018"),
            ("011 44 20 7946 0018", "+442079460018"),
            ("0044 20 7946 0018", "+442079460018"),
            ("２１２ ５５５ ０１２３", "+12125550123"),
            ("555-0123", "!impossible-phone-number"),
            ("9.19877E+11", "!not-a-phone-number"),
            ("call me", "!not-a-phone-number"),
            ("0000000000", "!impossible-phone-number"),
            ("2222222222", "!placeholder"),
            ("1234567890", "!impossible-phone-number"),
            ("+44 405 338 2217", "+444053382217"),
            ("+44 405 338 2217 99", "!impossible-phone-number"),
            ("212m5550123", "!not-a-phone-number"),
            ("(m) 212-555-0123", "+12125550123"),
            ("unknown", "-"),
        ],
    );
    check(
        Kind::Phone,
        &settings("IN", ""),
        &[
            ("98765 43210", "+919876543210"),
            ("098765 43210", "+919876543210"),
            ("919876543210", "+919876543210"),
            ("+91-98765-43210", "+919876543210"),
            ("022-2282 1234", "+912222821234"),
            ("9999999999", "!placeholder"),
        ],
    );
    check(
        Kind::Phone,
        &settings("DE", ""),
        &[("030/12345678", "+493012345678"), ("+39 02 3661 8300", "+390236618300")],
    );
    check(Kind::Phone, &none(), &[("212 555 0123", "!no-region"), ("+1 212 555 0123", "+12125550123")]);
}

#[test]
fn streets() {
    check(
        Kind::Street,
        &settings("US", ""),
        &[
            ("123 MAIN STREET", "123 Main St"),
            ("123 main st.", "123 Main St"),
            ("123 North Main Street Apartment 4b", "123 N Main St Apt 4b"),
            ("123 N. MAIN ST., APT. 4B", "123 N Main St, Apt 4B"),
            ("1 North Street", "1 North St"),
            ("1 Court Street", "1 Court St"),
            ("12 Avenue Foch", "12 Avenue Foch"),
            ("5 St John Avenue", "5 St John Ave"),
            ("221B BAKER STREET", "221B Baker St"),
            ("350 5TH AVENUE", "350 5th Ave"),
            ("PO BOX 12", "Po Box 12"),
            ("n/a", "-"),
        ],
    );
    check(Kind::Street, &settings("DE", ""), &[("Hauptstr. 5", "Hauptstraße 5"), ("HAUPTSTRASSE 5", "Hauptstraße 5")]);
    check(Kind::Street, &settings("CH", ""), &[("Bahnhofstrasse 1", "Bahnhofstrasse 1")]);
    check(Kind::Street, &settings("IN", ""), &[("12, M.G. ROAD, Shanti Ngr", "12, M.G. Rd, Shanti Nagar")]);
}

#[test]
fn places() {
    check(
        Kind::City,
        &none(),
        &[
            ("NEW YORK", "New York"),
            ("st. louis", "St Louis"),
            ("STOKE-ON-TRENT", "Stoke-on-Trent"),
            ("KING'S LYNN", "King's Lynn"),
            ("São Paulo", "São Paulo"),
            ("unknown", "-"),
        ],
    );
    let regions = [
        ("California", "CA"),
        ("ca", "CA"),
        ("N.Y.", "NY"),
        ("new york", "NY"),
        ("WEST VIRGINIA", "WV"),
        ("BAVARIA", "Bavaria"),
    ];
    check(Kind::Region, &settings("US", ""), &regions);
    check(Kind::Region, &settings("IN", ""), &[("MAHARASHTRA", "Maharashtra"), ("California", "California")]);
}

#[test]
fn postcodes() {
    check(
        Kind::Postcode,
        &settings("US", ""),
        &[
            ("12345", "12345"),
            ("2138", "02138"),
            ("2138.0", "02138"),
            ("601", "00601"),
            ("123456789", "12345-6789"),
            ("12345-6789", "12345-6789"),
            ("k1a0b1", "K1A 0B1"),
            ("sw1a1aa", "SW1A 1AA"),
            ("1234567", "!not-a-postcode"),
            ("none", "-"),
        ],
    );
    check(
        Kind::Postcode,
        &settings("GB", ""),
        &[("sw1a 1aa", "SW1A 1AA"), ("m11ae", "M1 1AE"), ("12345", "!not-a-postcode")],
    );
    check(Kind::Postcode, &settings("CA", ""), &[("k1a-0b1", "K1A 0B1")]);
    check(Kind::Postcode, &settings("IN", ""), &[("400 001", "400001"), ("012345", "!not-a-postcode")]);
    check(Kind::Postcode, &settings("DE", ""), &[("D-10115", "10115"), ("1067", "01067")]);
    check(Kind::Postcode, &none(), &[("ab 12", "AB 12"), ("12345", "12345")]);
}

#[test]
fn countries() {
    check(
        Kind::Country,
        &none(),
        &[
            ("United States", "US"),
            ("U.S.A.", "US"),
            ("usa", "US"),
            ("UK", "GB"),
            ("england", "GB"),
            ("Deutschland", "DE"),
            ("IND", "IN"),
            ("in", "IN"),
            ("The Netherlands", "NL"),
            ("Trinidad & Tobago", "TT"),
            ("Côte d’Ivoire", "CI"),
            ("NA", "NA"),
            ("Deutshland", "!unknown-country"),
            ("n.a", "-"),
        ],
    );
}

#[test]
fn codes_categories_and_texts_stay_as_they_are() {
    check(Kind::Identifier, &none(), &[(" AW-0001 ", "AW-0001"), ("007", "007"), ("NULL", "-"), ("NA", "NA")]);
    check(Kind::Category, &none(), &[("None", "None"), ("unknown", "unknown"), ("#N/A", "-"), ("", "-")]);
    check(Kind::FreeText, &none(), &[("two  spaces", "two  spaces"), ("   ", "-")]);
    let own = ColumnSettings { null_words: vec!["Unknown".into()], ..none() };
    check(Kind::Category, &own, &[("UNKNOWN", "-")]);
}

#[test]
fn money() {
    check(
        Kind::Money,
        &settings("US", "USD"),
        &[
            ("$90,000 ", "90000.0000"),
            ("90000", "90000.0000"),
            ("1,234", "1234.0000"),
            ("1.234", "1.2340"),
            ("0,123", "0.1230"),
            ("€1.234,56", "1234.5600"),
            ("1 234,50 kr", "1234.5000"),
            ("1'234.50 CHF", "1234.5000"),
            ("(12.50)", "-12.5000"),
            ("($12.50)", "-12.5000"),
            ("-12", "-12.0000"),
            ("12-", "-12.0000"),
            ("−$12.50", "-12.5000"),
            ("USD 5", "5.0000"),
            ("₹1,00,000.50", "100000.5000"),
            ("Rs. 500/-", "500.0000"),
            ("Rs.500", "500.0000"),
            (".50", "0.5000"),
            ("12.", "12.0000"),
            ("12,- €", "12.0000"),
            ("$90k", "90000.0000"),
            ("₹1.5 lakh", "150000.0000"),
            ("1.23456", "1.2346"),
            ("1.234.567", "1234567.0000"),
            ("1,23,4", "!not-a-number"),
            ("1.2.3,4", "!not-a-number"),
            ("1-2", "!not-a-number"),
            ("12%", "!unknown-currency"),
            ("5 galleons", "!unknown-currency"),
            ("5 USD EUR", "!two-currencies"),
            ("1.5m", "!unknown-currency"),
            ("free", "!not-an-amount"),
            ("1234567890123456789012345", "!too-large"),
            ("n/a", "-"),
            ("-", "-"),
        ],
    );
    check(Kind::Money, &settings("DE", "EUR"), &[("1.234", "1234.0000"), ("1,5", "1.5000"), ("1.234,5", "1234.5000")]);
}

#[test]
fn currencies() {
    let currency =
        |text, settings: &ColumnSettings| derived(Kind::Money, "_currency", text, settings).unwrap_or_default();
    let us = settings("US", "USD");
    for (text, expected) in [
        ("5", "USD"),
        ("€5", "EUR"),
        ("5 kr", "SEK"),
        ("US$5", "USD"),
        ("A$5", "AUD"),
        ("$5 CAD", "CAD"),
        ("5 eur", "EUR"),
        ("Rs.500", "INR"),
        ("£5", "GBP"),
        ("n/a", ""),
    ] {
        assert_eq!(currency(text, &us), expected, "{text}");
    }
    assert_eq!(currency("$5", &settings("CA", "CAD")), "CAD");
    assert_eq!(currency("5 kr", &settings("DK", "DKK")), "DKK");
    assert_eq!(currency("Rs 5", &settings("PK", "PKR")), "PKR");
    assert_eq!(currency("5", &none()), "");
}

#[test]
fn numbers_as_text() {
    check(
        Kind::Integer,
        &none(),
        &[
            ("1,234", "1234"),
            ("-5", "-5"),
            ("5.0", "5"),
            ("5.5", "!not-whole"),
            ("five", "!not-a-number"),
            ("NaN", "-"),
        ],
    );
    check(Kind::Decimal, &none(), &[("1234.5", "1234.5000"), ("(1.25)", "-1.2500"), ("1e5", "!not-a-number")]);
}

#[test]
fn yes_and_no() {
    let table = [
        ("Y", "true"),
        ("yes", "true"),
        ("Opt-In", "true"),
        ("unsubscribed", "false"),
        ("0", "false"),
        ("nein", "false"),
        ("unknown", "-"),
        ("", "-"),
        ("perhaps", "!not-yes-or-no"),
    ];
    check(Kind::Consent, &none(), &table);
    check(Kind::Flag, &none(), &[("✓", "true"), ("x", "true"), ("F", "false")]);
}
