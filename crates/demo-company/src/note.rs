//! How a system comes to know a person: which name, which address, which number, and what goes wrong on the way.
//!
//! Each system has a [`Habit`], a list of rates; what it noted it then writes in its own way. The rejected alternative, code
//! of its own for each system, made the hardness of seven systems seven things.

use chrono::NaiveDate;

use crate::contact::{Address, Phone};
use crate::draw::{Draw, Topic};
use crate::employer;
use crate::hardness::{Hardness, Rate};
use crate::lists::Lists;
use crate::night::{History, after, as_of, before};
use crate::observe::{self, StreetType, slip, slip_date};
use crate::person::{Person, System, Trouble};

/// The habits of one system, as rates in a thousand.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Habit {
    pub(crate) system: System,
    /// The short form, of those who go by one.
    pub(crate) nickname: Rate,
    /// Only the first letter of the given name.
    pub(crate) initial: Rate,
    /// A middle initial behind the given name.
    pub(crate) middle: Rate,
    /// Given and family name in each other's place.
    pub(crate) swapped: Rate,
    /// The name before the marriage, of those who married before the first night.
    pub(crate) former_family: Rate,
    /// The address before the move, of those who moved before the first night.
    pub(crate) former_home: Rate,
    /// The name in another script, of those who write so.
    pub(crate) native: Rate,
    pub(crate) no_birth: Rate,
    /// A day that stands for none.
    pub(crate) forced_birth: Rate,
    pub(crate) no_email: Rate,
    /// The other mail address, of those who have two.
    pub(crate) other_email: Rate,
    pub(crate) junk_email: Rate,
    pub(crate) junk_emails: &'static [&'static str],
    pub(crate) no_phone: Rate,
    /// The landline, of those who have one.
    pub(crate) landline: Rate,
    pub(crate) junk_phone: Rate,
    pub(crate) junk_phones: &'static [&'static str],
    pub(crate) no_address: Rate,
    /// The employer's number, of those who give it.
    pub(crate) switchboard: Rate,
    /// A slip of the finger in the records of persons who are not often mistyped.
    pub(crate) slip: Rate,
}

/// The habits that most systems have; each changes some.
pub(crate) const ORDINARY: Habit = Habit {
    system: System::Crm,
    nickname: Rate(250, 550),
    initial: Rate(2, 22),
    middle: Rate(10, 90),
    swapped: Rate(0, 12),
    former_family: Rate(300, 500),
    former_home: Rate(250, 450),
    native: Rate(0, 0),
    no_birth: Rate(950, 950),
    forced_birth: Rate(0, 0),
    no_email: Rate(100, 300),
    other_email: Rate(150, 350),
    junk_email: Rate(0, 12),
    junk_emails: &["noreply@example.com", "none@none.com", "na"],
    no_phone: Rate(100, 300),
    landline: Rate(200, 300),
    junk_phone: Rate(0, 16),
    junk_phones: &["0000000000", "5555555555", "1234567890"],
    no_address: Rate(60, 260),
    switchboard: Rate(300, 500),
    slip: Rate(0, 30),
};

/// What was noted of a birth date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Birth {
    Absent,
    /// The field was forced; the system has a day for that.
    Forced,
    Day(NaiveDate),
}

/// What a system noted of a person; absent where it did not learn it.
#[derive(Debug, Clone)]
pub(crate) struct Noted<'a> {
    pub(crate) given: String,
    pub(crate) middle: Option<char>,
    pub(crate) family: String,
    pub(crate) birth: Birth,
    pub(crate) address: Option<&'a Address>,
    /// Whether somebody mistyped the street.
    pub(crate) street_slips: bool,
    pub(crate) phone: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) company: Option<String>,
    /// What went wrong, by kind.
    pub(crate) defects: Vec<&'static str>,
    /// Further lots of the same record, for what the system adds of its own.
    pub(crate) draw: Draw,
}

impl Noted<'_> {
    /// The given name with the middle initial.
    pub(crate) fn given_names(&self) -> String {
        match self.middle {
            Some(middle) => format!("{} {middle}", self.given),
            None => self.given.clone(),
        }
    }

    /// The first line of the address, as the system writes it.
    pub(crate) fn street(&mut self, short: u64) -> Option<String> {
        let kind = if self.draw.chance(short) { StreetType::Short } else { StreetType::Whole };
        let mut draw = self.draw.fork();
        let street = observe::street(self.address?, kind);
        Some(if self.street_slips { slip(&mut draw, &street) } else { street })
    }
}

/// Where notes are taken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Desk<'a> {
    pub(crate) lists: &'a Lists,
    pub(crate) seed: u64,
    pub(crate) hardness: Hardness,
}

/// Notes a person down for a record of a system: the first or the second of that person.
pub(crate) fn note<'a>(
    desk: Desk<'_>,
    person: &'a Person,
    history: &'a History,
    slot: u64,
    habit: &'a Habit,
) -> Noted<'a> {
    let stream = ((habit.system as u64) << 56) | (person.ordinal * 2 + slot);
    let mut draw = Draw::new(desk.seed, Topic::Record, stream);
    let mut taker =
        Taker { desk, person, history, habit, slot, slips: [false; 6], defects: Vec::new(), draw: draw.fork() };
    taker.draw_slips();
    let [given, family] = taker.names();
    let middle = taker.middle(&given);
    let birth = taker.birth();
    let address = taker.address();
    let phone = taker.phone();
    let email = taker.email();
    let company = taker.company();
    let street_slips = taker.slips[3] && address.is_some();
    Noted { given, middle, family, birth, address, street_slips, phone, email, company, defects: taker.defects, draw }
}

struct Taker<'a, 'd> {
    desk: Desk<'d>,
    person: &'a Person,
    history: &'a History,
    habit: &'a Habit,
    slot: u64,
    /// Given name, family name, birth date, street, mail address, telephone.
    slips: [bool; 6],
    defects: Vec<&'static str>,
    draw: Draw,
}

impl<'a> Taker<'a, '_> {
    /// Whether something goes wrong in this record; if so, it is counted.
    fn wrong(&mut self, draw: &mut Draw, rate: Rate, defect: &'static str) -> bool {
        let wrong = draw.chance(self.desk.hardness.rate(rate));
        if wrong {
            self.defects.push(defect);
        }
        wrong
    }

    fn draw_slips(&mut self) {
        let draw = &mut self.draw.fork();
        let often = if self.person.has(Trouble::Typo) { Rate(500, 600) } else { self.habit.slip };
        if self.wrong(draw, often, "slip") {
            self.slips[draw.below(6) as usize] = true;
            if self.wrong(draw, Rate(0, 250), "slip") {
                self.slips[draw.below(6) as usize] = true;
            }
        }
    }

    fn names(&mut self) -> [String; 2] {
        let draw = &mut self.draw.fork();
        let (person, habit) = (self.person, self.habit);
        let junk = person.has(Trouble::Junk);
        let former = self.wrong_of(draw, habit.former_family, "former-name", person.former_family.is_some());
        let mut family = match (&self.history.married, &person.former_family) {
            (Some(married), _) if married.is_known_to(habit.system) => married.now.clone(),
            (_, Some(name)) if former => name.clone(),
            _ => person.family.clone(),
        };
        let short = self.wrong_of(draw, habit.nickname, "short-name", person.nickname.is_some());
        let mut given = person.nickname.filter(|_| short).unwrap_or(person.given).to_string();
        if self.wrong_of(draw, habit.initial, "initial", !junk) {
            given = given.chars().take(1).collect();
        }
        if self.slips[0] {
            given = slip(draw, &given);
        }
        if self.slips[1] {
            family = slip(draw, &family);
        }
        let native = [person.given, &family].map(|name| self.desk.lists.native(name));
        let native = <[Option<String>; 2]>::map(native, Option::unwrap_or_default);
        let writes = person.has(Trouble::Script) && native.iter().all(|name| !name.is_empty());
        if self.wrong_of(draw, habit.native, "script", writes) {
            return native;
        }
        if self.wrong_of(draw, habit.swapped, "swapped-names", !junk) { [family, given] } else { [given, family] }
    }

    /// The same as [`Self::wrong`] where it can go wrong at all; the lots are the same either way.
    fn wrong_of(&mut self, draw: &mut Draw, rate: Rate, defect: &'static str, can: bool) -> bool {
        let wrong = draw.chance(self.desk.hardness.rate(rate)) && can;
        if wrong {
            self.defects.push(defect);
        }
        wrong
    }

    fn middle(&mut self, given: &str) -> Option<char> {
        let draw = &mut self.draw.fork();
        let can = given.len() > 1 && given.is_ascii() && !self.person.has(Trouble::Junk);
        let middle = (b'A' + draw.below(23) as u8) as char;
        self.wrong_of(draw, self.habit.middle, "middle-initial", can).then_some(middle)
    }

    fn birth(&mut self) -> Birth {
        let draw = &mut self.draw.fork();
        let born = self.person.birth;
        if self.person.has(Trouble::Junk) || self.wrong(draw, self.habit.no_birth, "no-birth-date") {
            return Birth::Absent;
        }
        if self.wrong(draw, self.habit.forced_birth, "forced-birth-date") {
            return Birth::Forced;
        }
        Birth::Day(if self.slips[2] { slip_date(draw, born) } else { born })
    }

    fn address(&mut self) -> Option<&'a Address> {
        let draw = &mut self.draw.fork();
        let (person, system) = (self.person, self.habit.system);
        let former = self.wrong_of(draw, self.habit.former_home, "former-address", person.former_home.is_some());
        if self.wrong(draw, self.habit.no_address, "no-address") || person.has(Trouble::Junk) {
            return None;
        }
        if let Some(moved) = self.history.moved.as_ref().filter(|moved| moved.is_known_to(system)) {
            return Some(&moved.now);
        }
        Some(person.former_home.as_ref().filter(|_| former).unwrap_or(&person.home))
    }

    fn phone(&mut self) -> Option<String> {
        let draw = &mut self.draw.fork();
        let (person, habit) = (self.person, self.habit);
        if self.wrong(draw, habit.no_phone, "no-telephone") {
            return None;
        }
        if self.wrong(draw, habit.junk_phone, "junk-telephone") || person.has(Trouble::Junk) {
            return Some(draw.pick(habit.junk_phones).to_string());
        }
        let switched = self.wrong_of(draw, habit.switchboard, "switchboard", person.has(Trouble::Switchboard));
        let at_home = draw.chance(self.desk.hardness.rate(habit.landline));
        let number = self.number(switched, at_home);
        let written = observe::phone(draw, &number);
        Some(if self.slips[5] { slip_digit(draw, &written) } else { written })
    }

    fn number(&self, switched: bool, at_home: bool) -> Phone {
        let person = self.person;
        match (&person.employer, &person.landline, &self.history.new_mobile) {
            (Some(employer), _, _) if switched => employer.switchboard.clone(),
            (_, Some(landline), _) if at_home => landline.clone(),
            (_, _, Some(news)) if news.is_known_to(self.habit.system) => news.now.clone(),
            _ => person.mobile.clone(),
        }
    }

    fn email(&mut self) -> Option<String> {
        let draw = &mut self.draw.fork();
        let (person, habit) = (self.person, self.habit);
        if self.wrong(draw, habit.no_email, "no-mail-address") {
            return None;
        }
        if self.wrong(draw, habit.junk_email, "junk-mail-address") || person.has(Trouble::Junk) {
            return Some(draw.pick(habit.junk_emails).to_string());
        }
        let news = self.history.new_email.as_ref();
        if let Some(news) = news.filter(|news| self.slot == 0 && news.is_known_to(habit.system)) {
            return Some(news.now.clone());
        }
        let other = self.wrong_of(draw, habit.other_email, "other-mail-address", person.other_email.is_some());
        let email = match (&person.other_email, &person.employer) {
            (Some(address), _) if other || self.slot == 1 => address.clone(),
            (_, Some(employer)) if draw.chance(200) => {
                let [given, family] = [person.given, &person.family].map(crate::contact::letters);
                format!("{given}.{family}@{}", employer.domain)
            }
            _ => person.email.clone(),
        };
        Some(if self.slips[4] { slip(draw, &email) } else { email })
    }

    fn company(&mut self) -> Option<String> {
        let draw = &mut self.draw.fork();
        let employer = self.person.employer.as_ref()?;
        let firm = employer::written(draw, employer);
        draw.chance(700).then_some(firm)
    }
}

/// A telephone number with one digit wrong, near its end.
fn slip_digit(draw: &mut Draw, number: &str) -> String {
    let back = 1 + draw.below(5) as usize;
    let mut letters: Vec<char> = number.chars().collect();
    let place = letters.len().saturating_sub(back);
    if let Some(letter) = letters.get_mut(place).filter(|letter| letter.is_ascii_digit()) {
        *letter = (b'0' + (*letter as u8 - b'0' + 1 + draw.below(8) as u8) % 10) as char;
    }
    letters.into_iter().collect()
}

/// When a record was opened and when it was last touched. In the first night records are up to `oldest` days old.
pub(crate) fn days(
    draw: &mut Draw,
    person: &Person,
    history: &History,
    system: System,
    since: u32,
    oldest: u64,
) -> [NaiveDate; 2] {
    let draw = &mut draw.fork();
    let touched = history.touched(system).filter(|night| *night >= since).map(as_of);
    if since > 1 {
        let opened = as_of(since);
        return [opened, touched.unwrap_or(opened)];
    }
    // Nobody under sixteen is a customer.
    let grown = (as_of(1) - person.birth).num_days() - 16 * 366;
    let age = 30 + draw.below((grown - 30).clamp(1, oldest as i64) as u64);
    let opened = before(as_of(1), age);
    [opened, touched.unwrap_or(after(opened, draw.below(age)))]
}
