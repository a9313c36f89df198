//! Takes a full name apart.
//!
//! By position and by the words that the dictionaries know, not by statistics: the same text always comes apart in the same
//! way. A comma tells family name from given names ("Yang, Jon") or sets off a suffix ("Jon Yang, Jr"); without one, the
//! last word is the family name, with the particles before it. "YANG Jon" is not turned round: capitals are no order.
//!
//! - A word that is a title and also a name (Kumari, Babu, Begum, Major, Prince) is a title only where at least two more words
//!   follow: Kumari Anita Sharma, but Kumari Sharma.
//! - A word that is a suffix and also a name or a single letter (Ma, Do, V) is a suffix only behind a comma.

use std::borrow::Cow;

use crate::Dictionaries;
use crate::casing::{is_particle, name_words};
use crate::text::with_key;

/// A full name's parts, each in proper case and absent where the name has none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FullName {
    pub(crate) honorific: Option<String>,
    pub(crate) given: Option<String>,
    pub(crate) family: Option<String>,
    pub(crate) suffix: Option<String>,
    /// Whether the suffix would be taken for a name without a comma before it.
    set_off: bool,
}

impl FullName {
    /// Given name, family name and suffix in this order; none where there is neither name. A suffix that could be a name
    /// keeps its comma ("John Smith, V"), so that the whole comes apart in the same way again.
    pub(crate) fn whole(&self) -> Option<String> {
        if self.given.is_none() && self.family.is_none() {
            return None;
        }
        let names: Vec<&str> = [&self.given, &self.family].into_iter().flatten().map(String::as_str).collect();
        let comma = if self.set_off { "," } else { "" };
        let suffix = self.suffix.as_ref().map_or_else(String::new, |suffix| format!("{comma} {suffix}"));
        Some(format!("{}{suffix}", names.join(" ")))
    }
}

/// Spanish names of girls that go on behind a particle: María del Carmen, María de los Ángeles.
const GIVEN_BEHIND_PARTICLE: [&str; 10] =
    ["carmen", "pilar", "rosario", "angeles", "ángeles", "jesus", "jesús", "socorro", "refugio", "fatima"];

/// Takes a tidy name apart.
pub(crate) fn parse(text: &str, dictionaries: &Dictionaries) -> FullName {
    let text = without_asides(text);
    let mut parser = Parser { dictionaries, honorifics: Vec::new(), suffixes: Vec::new() };
    let mut segments: Vec<Vec<String>> = text.split(',').map(|s| parser.words(s)).filter(|s| !s.is_empty()).collect();
    parser.take_suffix_segments(&mut segments);
    let (given, family) = match segments.as_slice() {
        [] => (Vec::new(), Vec::new()),
        [one] => parser.one_segment(one.clone()),
        [family, given @ ..] => parser.family_first(family.clone(), given.concat()),
    };
    parser.cased(&given, &family)
}

/// A name without what is quoted or in brackets: Robert "Bob" Smith, Robert (Bob) Smith.
fn without_asides(text: &str) -> Cow<'_, str> {
    if !text.contains(['"', '(', ')']) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find(['"', '(']) {
        let close = if rest[open..].starts_with('"') { '"' } else { ')' };
        let Some(length) = rest[open + 1..].find(close) else { break };
        out.push_str(&rest[..open]);
        out.push(' ');
        rest = &rest[open + 1 + length + 1..];
    }
    out.push_str(rest);
    // A name that is all aside is no aside.
    let name = if out.chars().any(char::is_alphabetic) { &out } else { text };
    Cow::Owned(name.replace(['"', '(', ')'], " "))
}

struct Parser<'d> {
    dictionaries: &'d Dictionaries,
    honorifics: Vec<String>,
    suffixes: Vec<String>,
}

impl Parser<'_> {
    /// The words of a segment. Dots end initials and abbreviations, except where the dictionaries know the word with them
    /// (Ph.D.); a suffix spread over words (Ph. D.) is joined.
    fn words(&self, segment: &str) -> Vec<String> {
        let mut words = Vec::new();
        for word in segment.split_whitespace() {
            if self.is_known(word) {
                words.push(word.trim_matches('.').to_owned());
            } else {
                words.extend(word.split('.').filter(|part| !part.is_empty()).map(str::to_owned));
            }
        }
        words.retain(|word| word.chars().any(|c| c.is_alphanumeric() || c == '&'));
        if let [.., ph, d] = words.as_slice()
            && ph.eq_ignore_ascii_case("ph")
            && d.eq_ignore_ascii_case("d")
        {
            words.truncate(words.len() - 2);
            words.push("PhD".to_owned());
        }
        words
    }

    fn is_known(&self, word: &str) -> bool {
        self.dictionaries.honorific(word).is_some() || self.dictionaries.name_suffix(word).is_some()
    }

    fn is_also_a_name(&self, word: &str) -> bool {
        self.dictionaries.given_frequency(word).is_some() || self.dictionaries.family_frequency(word).is_some()
    }

    /// Takes segments behind the first that are all suffixes, or a rank.
    fn take_suffix_segments(&mut self, segments: &mut Vec<Vec<String>>) {
        let mut place = 1;
        while place < segments.len() {
            let suffixes: Option<Vec<&str>> =
                segments[place].iter().map(|w| self.dictionaries.name_suffix(w)).collect();
            match suffixes {
                Some(suffixes) => {
                    self.suffixes.extend(suffixes.into_iter().map(str::to_owned));
                    segments.remove(place);
                }
                None if is_rank(&segments[place]) => self.suffixes.push(segments.remove(place).join(" ")),
                None => place += 1,
            }
        }
    }

    /// "Jon Yang": titles, given names, family name, suffixes.
    fn one_segment(&mut self, mut words: Vec<String>) -> (Vec<String>, Vec<String>) {
        self.take_suffixes(&mut words);
        self.take_honorifics(&mut words);
        if let [only] = words.as_slice() {
            return if self.is_given_rather(only) { (words, Vec::new()) } else { (Vec::new(), words) };
        }
        let family = words.split_off(family_begin(&words));
        (words, family)
    }

    /// "Yang, Jon": titles and suffixes may stand on either side.
    fn family_first(&mut self, mut family: Vec<String>, mut given: Vec<String>) -> (Vec<String>, Vec<String>) {
        self.take_suffixes(&mut family);
        self.take_honorifics(&mut family);
        while given.len() > 1 && given.last().is_some_and(|w| self.is_plain_suffix(w)) {
            self.take_last_suffix(&mut given);
        }
        let trailing = given.last().and_then(|w| self.plain_honorific(w));
        if let Some(trailing) = trailing.filter(|_| given.len() > 1) {
            self.honorifics.push(trailing);
            given.pop();
        }
        self.take_honorifics(&mut given);
        if let [only] = given.as_slice()
            && let Some(honorific) = self.plain_honorific(only)
        {
            self.honorifics.push(honorific);
            given.clear();
        }
        // "Berg, Jan van der": the particles go back to the name they belong to.
        let particles = given.iter().rev().take_while(|w| is_particle(w)).count().min(given.len().saturating_sub(1));
        let mut whole = given.split_off(given.len() - particles);
        whole.extend(family);
        (given, whole)
    }

    fn is_plain_suffix(&self, word: &str) -> bool {
        self.dictionaries.name_suffix(word).is_some()
            && with_key(word, |key| key.chars().count() > 1)
            && !self.is_also_a_name(word)
    }

    fn plain_honorific(&self, word: &str) -> Option<String> {
        let honorific = self.dictionaries.honorific(word)?;
        (!self.is_also_a_name(word)).then(|| honorific.canonical.clone())
    }

    /// Takes suffixes off the end, the first word always left.
    fn take_suffixes(&mut self, words: &mut Vec<String>) {
        let mut taken = Vec::new();
        while words.len() > 1 && words.last().is_some_and(|word| self.is_plain_suffix(word)) {
            taken.extend(words.pop().and_then(|word| self.dictionaries.name_suffix(&word).map(str::to_owned)));
        }
        self.suffixes.splice(0..0, taken.into_iter().rev());
    }

    fn take_last_suffix(&mut self, words: &mut Vec<String>) {
        self.suffixes.extend(words.pop().and_then(|word| self.dictionaries.name_suffix(&word).map(str::to_owned)));
    }

    /// Takes titles off the front: one that is also a name needs two more words behind it. Two words may be one title (Lt Col).
    fn take_honorifics(&mut self, words: &mut Vec<String>) {
        while words.len() > 1 {
            let two = self.dictionaries.honorific(&words[..2].concat()).filter(|_| words.len() > 2);
            let needed = if self.is_also_a_name(&words[0]) { 2 } else { 1 };
            let one = || self.dictionaries.honorific(&words[0]).filter(|_| words.len() > needed);
            let Some((honorific, length)) = two.map(|h| (h, 2)).or_else(|| one().map(|h| (h, 1))) else { break };
            self.honorifics.push(honorific.canonical.clone());
            words.drain(..length);
        }
        // A title alone is a title, not a name.
        if let [only] = words.as_slice()
            && let Some(honorific) = self.plain_honorific(only)
        {
            self.honorifics.push(honorific);
            words.clear();
        }
    }

    /// A single word: a family name behind a title; else what the dictionaries see more often, a family name if in doubt.
    fn is_given_rather(&self, word: &str) -> bool {
        let (given, family) = (self.dictionaries.given_frequency(word), self.dictionaries.family_frequency(word));
        self.honorifics.is_empty() && given > family
    }

    fn cased(self, given: &[String], family: &[String]) -> FullName {
        let all: Vec<&str> = given.iter().chain(family).map(String::as_str).collect();
        let cased = name_words(&all);
        let (given, family) = cased.split_at(given.len());
        let joined = |words: &[String]| (!words.is_empty()).then(|| words.join(" "));
        FullName {
            honorific: joined(&self.honorifics),
            given: joined(given),
            family: joined(family),
            suffix: joined(&self.suffixes),
            set_off: !self.suffixes.iter().all(|suffix| self.is_plain_suffix(suffix)),
        }
    }
}

/// "1st Baronet", "3rd Earl of Essex".
fn is_rank(words: &[String]) -> bool {
    let Some(number) = words.first().filter(|_| words.len() > 1) else { return false };
    let ending = number.trim_start_matches(|c: char| c.is_ascii_digit());
    ending.len() < number.len() && matches!(ending.to_ascii_lowercase().as_str(), "st" | "nd" | "rd" | "th")
}

/// Where the family name begins: at the first particle behind the first word, else at the last word; with Spanish "y" one
/// word earlier.
fn family_begin(words: &[String]) -> usize {
    let last = words.len().saturating_sub(1);
    let mut begin = 1;
    while begin < last {
        let phrase = words[begin..last].iter().take_while(|word| is_particle(word)).count();
        if phrase == 0 {
            begin += 1;
            continue;
        }
        let behind = begin + phrase;
        let goes_on = GIVEN_BEHIND_PARTICLE.contains(&words[behind].to_lowercase().as_str());
        if !(goes_on && behind < last) {
            let with_y = words[begin].eq_ignore_ascii_case("y") && begin > 1;
            return begin - usize::from(with_y);
        }
        begin = behind + 1;
    }
    last
}
