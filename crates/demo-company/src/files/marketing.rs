//! The tables of the campaign tool and the loyalty scheme.

use super::{Format, Spec, Table, Unit};
use crate::person::System;

pub(super) const CAMPAIGN: Spec = Spec {
    table: Table::Campaign,
    file: "campaign_campaigns.csv",
    part: "",
    format: Format::Csv { delimiter: b',', mark: false, windows: false },
    grain: "one row a campaign",
    key: &["campaign_code"],
    columns: &[
        ("campaign_code", "code"),
        ("campaign_name", "name"),
        ("channel", "email, sms or post"),
        ("category", "category of products"),
        ("offer", "what is offered"),
        ("started_on", "from"),
        ("ended_on", "to"),
        ("cost", "cost of the campaign"),
        ("currency", "always USD"),
    ],
    defects: &["campaigns that have not ended"],
    system: None,
    totals: &[("cost", Unit::Dollars)],
};

pub(super) const CONTACT: Spec = Spec {
    table: Table::Contact,
    file: "campaign_contacts.csv",
    part: "",
    format: Format::Csv { delimiter: b',', mark: false, windows: false },
    grain: "one row a contact of the campaign tool",
    key: &["contact_no"],
    columns: &[
        ("contact_no", "number of the contact"),
        ("email", "mail address"),
        ("first_name", "given name, often absent"),
        ("last_name", "family name, often absent"),
        ("mobile", "telephone number"),
        ("birth_year", "year of birth"),
        ("city", "city"),
        ("postcode", "postcode"),
        ("country", "country, two letters"),
        ("language", "language, two letters"),
        ("list", "the list the contact came from"),
        ("created_on", "created on"),
        ("updated_on", "last changed on"),
    ],
    defects: &[
        "thin records: a mail address and little else",
        "names in Latin, Devanagari, Greek or Cyrillic letters",
        "the same person on two lists",
    ],
    system: Some(System::Campaign),
    totals: &[],
};

pub(super) const MESSAGE: Spec = Spec {
    table: Table::Message,
    file: "campaign_messages.csv",
    part: "",
    format: Format::Csv { delimiter: b',', mark: false, windows: false },
    grain: "one row a message sent to a contact",
    key: &["message_no"],
    columns: &[
        ("message_no", "number of the message"),
        ("campaign_code", "campaign"),
        ("contact_no", "contact"),
        ("channel", "email, sms or post"),
        ("sent_at", "sent at, ISO 8601 in UTC"),
        ("outcome", "delivered, bounced or undelivered"),
    ],
    defects: &["contacts that are gone since"],
    system: None,
    totals: &[],
};

pub(super) const CLICK: Spec = Spec {
    table: Table::Click,
    file: "campaign_clicks.csv",
    part: "",
    format: Format::Csv { delimiter: b',', mark: false, windows: false },
    grain: "one row a click in a message",
    key: &["click_no"],
    columns: &[
        ("click_no", "number of the click"),
        ("message_no", "message"),
        ("clicked_at", "at, ISO 8601 in UTC"),
        ("product_code", "product shown"),
        ("device", "phone, tablet or computer"),
    ],
    defects: &["clicks come in up to six days after the message"],
    system: None,
    totals: &[],
};

pub(super) const RESPONSE: Spec = Spec {
    table: Table::Response,
    file: "campaign_responses.csv",
    part: "",
    format: Format::Csv { delimiter: b',', mark: false, windows: false },
    grain: "one row a response to a campaign",
    key: &["response_no"],
    columns: &[
        ("response_no", "number of the response"),
        ("campaign_code", "campaign"),
        ("contact_no", "contact"),
        ("responded_on", "on"),
        ("response", "bought, asked or declined"),
        ("order_no", "order, of those who bought and gave the code"),
    ],
    defects: &["responses come in weeks after the message"],
    system: None,
    totals: &[],
};

pub(super) const CONSENT: Spec = Spec {
    table: Table::Consent,
    file: "campaign_consents.csv",
    part: "",
    format: Format::Csv { delimiter: b',', mark: false, windows: false },
    grain: "one row an answer of a contact for a channel and a purpose",
    key: &["contact_no", "channel", "purpose"],
    columns: &[
        ("contact_no", "contact"),
        ("channel", "email, phone, sms or post"),
        ("purpose", "marketing or analytics"),
        ("given", "yes or no"),
        ("stated_at", "stated at, ISO 8601 in UTC"),
        ("origin", "form, call, import or preference page"),
    ],
    defects: &["two contacts of one person may answer differently"],
    system: None,
    totals: &[],
};

pub(super) const OPT_OUT: Spec = Spec {
    table: Table::OptOut,
    file: "campaign_optouts.csv",
    part: "",
    format: Format::Csv { delimiter: b',', mark: false, windows: false },
    grain: "one row an address that must not be written to",
    key: &["optout_no"],
    columns: &[
        ("optout_no", "number of the opt-out"),
        ("channel", "email or phone"),
        ("address", "the mail address or number itself, not the contact"),
        ("purpose", "marketing or all"),
        ("opted_out_at", "at, ISO 8601 in UTC"),
        ("reason", "reason, where given"),
    ],
    defects: &["names an address, not a contact: it holds for every record that has it"],
    system: None,
    totals: &[],
};

pub(super) const MEMBER: Spec = Spec {
    table: Table::Member,
    file: "loyalty_members.csv",
    part: "",
    format: Format::Csv { delimiter: b';', mark: false, windows: true },
    grain: "one row a member of the loyalty scheme",
    key: &["member_no"],
    columns: &[
        ("member_no", "number of the member"),
        ("card_no", "card; the members of a household share one"),
        ("title", "title"),
        ("first_name", "given name"),
        ("last_name", "family name"),
        ("born", "birth date, DD.MM.YYYY"),
        ("street", "street and house number"),
        ("postcode", "postcode"),
        ("city", "city"),
        ("country", "country in English"),
        ("phone", "telephone number"),
        ("email", "mail address"),
        ("tier", "blue, silver or gold"),
        ("points_balance", "points today"),
        ("joined_on", "joined on, DD.MM.YYYY"),
        ("last_used_on", "card last used on, DD.MM.YYYY"),
    ],
    defects: &[
        "Windows-1252, which has no other script",
        "given and family name exchanged for some, 01.01.1900 where the field was forced",
        "one card for a household",
    ],
    system: Some(System::Loyalty),
    totals: &[("points_balance", Unit::Pieces)],
};

pub(super) const REWARD: Spec = Spec {
    table: Table::Reward,
    file: "loyalty_rewards.csv",
    part: "",
    format: Format::Csv { delimiter: b';', mark: false, windows: true },
    grain: "one row an entry of a member's account of points",
    key: &["entry_no"],
    columns: &[
        ("entry_no", "number of the entry"),
        ("member_no", "member"),
        ("posted_on", "on, DD.MM.YYYY"),
        ("kind", "earned, spent, expired or corrected"),
        ("points", "points; spent and expired ones are negative"),
        ("value_usd", "what the points are worth, \"1.234,50\""),
        ("order_no", "order, of points earned in the shop"),
        ("reward", "what they were spent on"),
    ],
    defects: &["decimal commas", "entries of members that are gone since", "\"?\" points for a few"],
    system: None,
    totals: &[("points", Unit::Pieces), ("value_usd", Unit::Dollars)],
};
