#!/usr/bin/env python3
"""Builds name-dictionaries/seed/ from public lists of names and from our own lists of words.

    scripts/build_name_dictionaries.py [SOURCES [TARGET]]

SOURCES is the folder that holds the lists (default: $ONEFOLD_SHARED/data/name-sources), TARGET the folder that gets
seed/ and LICENSES/ (default: name-dictionaries/). Python 3.11 or later, standard library only. Nothing of the clock
or the machine enters the files: running it twice gives the same bytes.
"""

import csv
import io
import os
import shutil
import sys
import unicodedata
from decimal import Decimal
from pathlib import Path

sys.dont_write_bytecode = True
import name_dictionary_words as words  # noqa: E402

# The day the seed's content was settled. Not the day of the build: that would change the bytes.
SINCE = "2026-11-01"
COLUMNS = "name kind canonical variants script culture gender frequency source licence status since".split()

# A census family name of a smaller share, in percent, is left out: 18,839 names cover three quarters of the people.
SMALLEST_SHARE = Decimal("0.001")
# A given name borne by one sex so many times as often as by the other belongs to that sex.
ONE_SEX = 3
# A nickname borne this many times as often as the full name it is said to stand for is a name of its own.
OWN_NAME = 4

SCRIPTS = {
    "LATIN": "Latn", "DEVANAGARI": "Deva", "BENGALI": "Beng", "GUJARATI": "Gujr", "ORIYA": "Orya", "TAMIL": "Taml",
    "ARABIC": "Arab", "CYRILLIC": "Cyrl", "CJK": "Hani", "TELUGU": "Telu", "MALAYALAM": "Mlym",
}


class Source:
    """Where rows come from: what the header of their file says, and what their columns `source` and `licence` say."""

    def __init__(self, name, licence, origin):
        self.name, self.licence, self.origin = name, licence, origin


CENSUS = Source("us-census-1990", "public domain", "US Census Bureau, Frequently Occurring Surnames and First Names, 1990 census")
OUTKAST = Source("outkast", "MIT", "outkast, surnames of the Indian Socio Economic and Caste Census with counts; (c) 2020 Suriyan Laohaprapanon and Gaurav Sood")
INDIAN = Source("indian-names", "BSD-3-Clause", "indian-names; (c) 2021 Shraddha Kishan Tripathi")
FAKER = Source("faker", "MIT", "Faker, person providers of India, Nepal, Bangladesh and Pakistan; (c) 2012 Daniele Faraglia")
NICKNAMES = Source("nicknames", "Apache-2.0", "nicknames 1.0.1, Carlton Northern's list of English nicknames and diminutives")
OWN = Source("onefold", "Apache-2.0", "listed by hand in scripts/name_dictionary_words.py")

LICENCE_FILES = {
    "outkast.MIT.txt": "outkast_secc/LICENSE",
    "indian-names.BSD-3-Clause.txt": "indian/LICENSE.indian_names",
    "faker.MIT.txt": "indian/LICENSE.faker.txt",
    "nicknames.Apache-2.0.txt": "nicknames/LICENSE.carltonnorthern.txt",
}


def script_of(name):
    for letter in name:
        if letter.isalpha():
            return SCRIPTS.get(unicodedata.name(letter, "").split(" ")[0].split("-")[0], "")
    return ""


def row(source, kind, name, **more):
    values = dict.fromkeys(COLUMNS, "")
    values |= {"name": name, "kind": kind, "script": script_of(name), "source": source.name, "licence": source.licence}
    return values | {"status": "seed", "since": SINCE} | more


def plain(number):
    """A decimal without exponent and trailing zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def is_name(name):
    return bool(name) and name not in words.NEVER_A_NAME


def census_shares(path):
    """Names in small letters with their share of the population in percent."""
    for line in path.read_text(encoding="ascii").splitlines():
        name, share, _cumulative, _rank = line.split()
        yield name.lower(), Decimal(share)


def given_us(sources):
    for gender in ("female", "male"):
        for name, share in census_shares(sources / "us_census_1990" / f"dist.{gender}.first"):
            if is_name(name):
                yield row(CENSUS, "given", name, culture="us", gender=gender, frequency=plain(share * 10_000))


def family_us(sources):
    for name, share in census_shares(sources / "us_census_1990" / "dist.all.last"):
        if share >= SMALLEST_SHARE and is_name(name):
            yield row(CENSUS, "family", name, culture="us", frequency=plain(share * 10_000))


def family_outkast(sources):
    with open(sources / "outkast_secc" / "surname_support.csv", encoding="utf-8", newline="") as file:
        counts = [(line["last_name"].strip(), int(line["frequency"])) for line in csv.DictReader(file)]
    total = sum(count for _, count in counts)
    for name, count in counts:
        if is_name(name):
            share = (Decimal(count) * 1_000_000 / total).quantize(Decimal("0.01"))
            yield row(OUTKAST, "family", name, culture="in", frequency=plain(share))


def plain_names(path):
    """One name a line below a line with their number."""
    return [line.strip() for line in path.read_text(encoding="utf-8").splitlines()[1:] if line.strip()]


def given_indian(sources):
    for gender in ("female", "male"):
        for name in plain_names(sources / "indian" / f"first.{gender}.names"):
            yield row(INDIAN, "given", name, culture="in", gender=gender)


def family_indian(sources):
    for name in plain_names(sources / "indian" / "last.names"):
        yield row(INDIAN, "family", name, culture="in")


def faker_names(text):
    """The names of one entry: some hold two, some a stray bracket or comma."""
    text = unicodedata.normalize("NFC", text.replace("’", "'"))
    for part in text.replace(";", ",").split(","):
        name = part.strip(" ()").lower()
        if len(name) > 1 and all(letter.isalpha() or unicodedata.category(letter)[0] in "MC" or letter in " .'-" for letter in name):
            yield name


def faker(kind, sources):
    with open(sources / "indian" / "faker_south_asia.csv", encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            listed = line["list"].split("_")
            if listed[1:2] != ["names"] or {"first": "given", "last": "family"}.get(listed[0]) != kind:
                continue
            gender = next((word for word in listed if word in ("female", "male")), "")
            culture = line["locale"].split("_")[1].lower()
            for name in faker_names(line["name"]):
                yield row(FAKER, kind, name, culture=culture, gender=gender)


def longest_common_run(one, other):
    runs = {one[a:b] for a in range(len(one)) for b in range(a + 1, len(one) + 1)}
    return max((len(run) for run in runs if run in other), default=0)


def nicknames(sources):
    """Nicknames with how likely each stands for each of its full names: the full name's bearers in a million, times the
    square of how much of the nickname it holds in one run (so that Bill is William, who is rarer than Robert). Zero, which
    is "never as its canonical form", where the nickname is a full name itself or far more common than the full name, is borne by
    the other sex, or is longer (a diminutive in -y may be: Johnny is John)."""
    shares = {}
    for entry in given_us(sources):
        shares.setdefault(entry["name"], {"female": Decimal(0), "male": Decimal(0)})[entry["gender"]] = Decimal(entry["frequency"])
    nobody = {"female": Decimal(0), "male": Decimal(0)}

    def sex(name):
        female, male = shares.get(name, nobody).values()
        return "female" if female > ONE_SEX * male else "male" if male > ONE_SEX * female else ""

    def bearers(name):
        return max(shares.get(name, nobody).values())

    with open(sources / "nicknames" / "names.csv", encoding="utf-8", newline="") as file:
        pairs = {(line["name2"].strip(), line["name1"].strip()) for line in csv.DictReader(file)}
    for nickname, full in pairs:
        alike = Decimal(longest_common_run(nickname, full)) / len(nickname)
        likely = (max(bearers(full), Decimal("0.1")) * alike * alike).quantize(Decimal("0.001"))
        other_sex = {sex(nickname), sex(full)} == {"female", "male"}
        own_name = nickname in words.FULL_NAMES or bearers(nickname) > OWN_NAME * max(bearers(full), Decimal("0.1"))
        longer = len(nickname) - (3 if nickname.endswith(("y", "ie", "i")) else 0) > len(full)
        if other_sex or own_name or longer:
            likely = Decimal(0)
        yield row(NICKNAMES, "nickname", nickname, canonical=full, culture="en", gender=sex(full), frequency=plain(likely))


def table(text):
    """The lines of a table of words as pairs of a canonical form and its other spellings."""
    for line in text.strip().splitlines():
        canonical, _, spellings = line.strip().partition(":")
        yield canonical, [word.strip() for word in spellings.split("|") if word.strip()]


def own_rows(kind, text, **more):
    for canonical, spellings in table(text):
        name = canonical.lower()
        variants = "|".join(dict.fromkeys(word for word in spellings if word != name))
        yield row(OWN, kind, name, canonical=canonical, variants=variants, **more)


def honorifics(_sources):
    for gender, text in words.HONORIFICS.items():
        yield from own_rows("honorific", text, gender=gender)


def suffixes(_sources):
    return own_rows("suffix", words.SUFFIXES)


def legal_forms(_sources):
    return own_rows("legal_form", words.LEGAL_FORMS)


def street_types(_sources):
    return own_rows("street_type", words.STREET_TYPES)


def null_words(_sources):
    for canonical, text in (("null", words.NEVER_A_VALUE), ("unknown", words.NOT_KNOWN)):
        for line in text.strip().splitlines():
            for word in line.split("|"):
                yield row(OWN, "null_word", word.strip(), canonical=canonical)


# The files: name, what it holds, where it comes from, and what reads it.
FILES = [
    ("given_us", "Given names of the United States by sex, with bearers in a million of that sex.", CENSUS, given_us),
    ("given_indian", "Indian given names in Latin letters by sex.", INDIAN, given_indian),
    ("given_south_asia", "Given names of India, Nepal, Bangladesh and Pakistan in their own scripts and in Latin letters.", FAKER, lambda sources: faker("given", sources)),
    ("family_us", "Family names of the United States with bearers in a million; those of at least ten in a million.", CENSUS, family_us),
    ("family_india", "Indian family names with bearers in a million of the people counted.", OUTKAST, family_outkast),
    ("family_indian", "Indian family names in Latin letters.", INDIAN, family_indian),
    ("family_south_asia", "Family names of India, Nepal, Bangladesh and Pakistan in their own scripts and in Latin letters.", FAKER, lambda sources: faker("family", sources)),
    ("nicknames", "English nicknames and the names they stand for; frequency is how likely, against the same nickname's other names, 0 is never as its canonical form.", NICKNAMES, nicknames),
    ("honorifics", "Titles before a name.", OWN, honorifics),
    ("suffixes", "What follows a name.", OWN, suffixes),
    ("legal_forms", "Legal forms of organisations.", OWN, legal_forms),
    ("street_types", "Types of street and other words of an address.", OWN, street_types),
    ("null_words", "Words for no value: canonical form null is never a value of anything, unknown may be a category's.", OWN, null_words),
]


def file_text(about, source, rows):
    lines = {tuple(entry[column] for column in COLUMNS) for entry in rows}
    text = io.StringIO()
    for comment in (about, f"origin: {source.origin}", f"licence: {source.licence}", "built by scripts/build_name_dictionaries.py; corrections belong in ../approved/"):
        text.write(f"# {comment}\n")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(sorted(lines))
    return text.getvalue(), len(lines)


def main(arguments):
    repository = Path(__file__).resolve().parent.parent
    shared = os.environ.get("ONEFOLD_SHARED", "")
    if len(arguments) > 2 or not (arguments or shared):
        sys.exit(__doc__)
    sources = Path(arguments[0]) if arguments else Path(shared) / "data" / "name-sources"
    target = Path(arguments[1]) if len(arguments) > 1 else repository / "name-dictionaries"
    if not sources.is_dir():
        sys.exit(f"{sources} is no folder; name the folder with the lists of names")
    for folder in ("seed", "LICENSES"):
        (target / folder).mkdir(parents=True, exist_ok=True)
    for name, about, source, rows in FILES:
        text, count = file_text(about, source, rows(sources))
        (target / "seed" / f"{name}.csv").write_bytes(text.encode("utf-8"))
        print(f"seed/{name}.csv: {count} rows, {len(text.encode('utf-8'))} bytes")
    for name, origin in LICENCE_FILES.items():
        shutil.copyfile(sources / origin, target / "LICENSES" / name)


if __name__ == "__main__":
    main(sys.argv[1:])
