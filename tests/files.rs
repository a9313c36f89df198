//! Files without a pipeline: dedupe, link, profile and evaluate on files as people have them.

use std::collections::BTreeMap;

use super::support::Workshop;

/// Some people, a few of whom stand there twice: `id`, then what is known of them.
const PEOPLE: [[&str; 7]; 12] = [
    ["1", "Robert", "Smith", "1980-12-31", "bob@smith.example", "(212) 555-0141", "12 Main Street"],
    ["2", "Bob", "Smith", "1980-12-31", "bob@smith.example", "212-555-0141", "12 Main St"],
    ["3", "Anna", "Jones", "1975-02-14", "anna@jones.example", "(212) 555-0142", "7 Oak Avenue"],
    ["4", "Ana", "Jones", "1975-02-14", "anna@jones.example", "", "7 Oak Ave"],
    ["5", "Cidney", "Moor", "1990-05-05", "cid@moor.example", "(212) 555-0143", "99 Elm Road"],
    ["6", "Dora", "Lake", "1969-07-20", "dora@lake.example", "(212) 555-0144", "1 High Street"],
    ["7", "Dora", "Lake", "1969-07-20", "", "(212) 555-0144", "1 High St"],
    ["8", "Edward", "Hill", "1958-01-30", "ed@hill.example", "(212) 555-0145", "3 Lake Drive"],
    ["9", "Frances", "West", "2001-11-02", "fw@west.example", "(212) 555-0146", "8 Park Lane"],
    ["10", "George", "Park", "1985-08-17", "gp@park.example", "(212) 555-0147", "21 Mill Road"],
    ["11", "Helen", "Wood", "1949-03-09", "helen@wood.example", "(212) 555-0148", "5 Church Street"],
    ["12", "Ivan", "Brook", "1993-06-25", "ivan@brook.example", "(212) 555-0149", "14 Bridge Street"],
];
const HEADER: &str = "id,first_name,last_name,dob,email,phone,street";
/// Who is one, as ids.
const TWICE: [(&str, &str); 3] = [("1", "2"), ("3", "4"), ("6", "7")];

fn people(rows: &[[&str; 7]]) -> String {
    let lines = rows.iter().map(|row| row.join(",") + "\n");
    format!("{HEADER}\n{}", lines.collect::<String>())
}

fn workshop() -> Workshop {
    let shop = Workshop::empty();
    shop.write("people.csv", people(&PEOPLE));
    shop
}

/// The clusters in a CSV file: for each id its cluster.
fn clusters(shop: &Workshop, file: &str) -> BTreeMap<String, String> {
    let text = shop.read(file);
    text.lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            (cells[..cells.len() - 1].join("/"), cells[cells.len() - 1].to_string())
        })
        .collect()
}

fn hold_those_twice(clusters: &BTreeMap<String, String>) {
    let mut sizes: BTreeMap<&String, usize> = BTreeMap::new();
    for cluster in clusters.values() {
        *sizes.entry(cluster).or_default() += 1;
    }
    for (one, other) in TWICE {
        assert_eq!(clusters[one], clusters[other], "{one} and {other} are one");
    }
    assert_eq!(sizes.len(), PEOPLE.len() - TWICE.len(), "{clusters:?}");
}

#[test]
fn duplicates_are_found_without_a_model() {
    let shop = workshop();
    let said = shop.onefold(&["dedupe", "people.csv", "--id", "id", "--out", "clusters.csv"]);
    insta::assert_snapshot!("dedupe", said.clone().ok());
    hold_those_twice(&clusters(&shop, "clusters.csv"));
    insta::assert_snapshot!("dedupe_model", shop.read("clusters.model.toml"));
}

#[test]
fn a_model_that_was_made_does_the_same_again() {
    let shop = workshop();
    shop.onefold(&["dedupe", "people.csv", "--id", "id", "--out", "a.csv"]).ok();
    let again = ["dedupe", "people.csv", "--id", "id", "--model", "a.model.toml", "--out", "b.csv"];
    shop.onefold(&again).ok();
    assert_eq!(shop.read("a.csv"), shop.read("b.csv"));
    assert!(!shop.path("b.model.toml").exists(), "a model that was given is not written again");
}

#[test]
fn threads_and_runs_make_no_difference() {
    let shop = workshop();
    shop.write("one.toml", "threads = 1\n");
    shop.write("two.toml", "threads = 2\n");
    let mut said = Vec::new();
    for (config, out) in [("one.toml", "a"), ("two.toml", "b"), ("two.toml", "c")] {
        let csv = format!("{out}.csv");
        let golden = format!("{out}.xlsx");
        let arguments =
            ["--config", config, "dedupe", "people.csv", "--id", "id", "--out", &csv, "--golden", &golden, "--json"];
        let mut told = shop.onefold(&arguments).json();
        told.as_object_mut().unwrap().remove("written");
        said.push((told, shop.read(&csv), std::fs::read(shop.path(&golden)).unwrap()));
    }
    assert!(said.iter().all(|one| *one == said[0]));
}

#[test]
fn without_an_id_rows_have_their_number_and_parquet_reads_back() {
    let shop = workshop();
    shop.onefold(&["dedupe", "people.csv", "--ignore", "id", "--out", "clusters.parquet"]).ok();
    let told = shop.onefold(&["profile", "clusters.parquet", "--json"]).json();
    let names: Vec<&str> =
        told["profile"]["columns"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["row", "cluster_id"]);
    assert_eq!(told["profile"]["rows"], PEOPLE.len());
}

#[test]
fn a_workbook_goes_in_and_golden_records_come_out() {
    let shop = workshop();
    // A workbook of our own making: what --out writes can be read.
    shop.onefold(&["dedupe", "people.csv", "--id", "id", "--out", "c.csv", "--golden", "golden.xlsx"]).ok();
    let golden = shop.onefold(&["profile", "golden.xlsx", "--json"]).json();
    assert_eq!(golden["format"], "excel");
    assert_eq!(golden["profile"]["rows"], PEOPLE.len() - TWICE.len());
    let names: Vec<&str> =
        golden["profile"]["columns"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["cluster_id", "records", "first_name", "last_name", "dob", "email", "phone", "street"]);
    let told = shop
        .onefold(&[
            "dedupe",
            "golden.xlsx",
            "--id",
            "cluster_id",
            "--ignore",
            "records",
            "--out",
            "again.csv",
            "--json",
        ])
        .json();
    assert_eq!((told["format"].as_str(), told["records"].as_u64()), (Some("excel"), Some(9)));
    assert_eq!(told["clusters"], 9, "golden records are no duplicates of one another");
}

#[test]
fn golden_records_as_csv_have_the_pairs_to_review_beside_them() {
    let shop = workshop();
    let arguments = ["dedupe", "people.csv", "--id", "id", "--out", "c.csv", "--golden", "golden.csv", "--json"];
    let told = shop.onefold(&arguments).json();
    let golden = shop.read("golden.csv");
    assert_eq!(golden.lines().count(), 1 + PEOPLE.len() - TWICE.len());
    assert!(golden.starts_with("cluster_id,records,first_name,last_name,dob,email,phone,street\n"));
    assert!(golden.contains("1,2,"), "two records of the first entity:\n{golden}");
    let review = shop.read("golden.review.csv");
    assert!(review.starts_with("id_1,id_2,probability,first_name_1,first_name_2"), "{review}");
    assert_eq!(review.lines().count() as u64 - 1, told["pairs_to_review"].as_u64().unwrap());
}

#[test]
fn two_files_are_linked_across_only() {
    let shop = Workshop::empty();
    // The second file calls its columns otherwise; it has two records alike, which are not linked by themselves.
    shop.write("crm.csv", people(&PEOPLE[..6]));
    let second = people(&[PEOPLE[1], PEOPLE[3], PEOPLE[6], PEOPLE[8], PEOPLE[9], PEOPLE[10], PEOPLE[11]]);
    shop.write("shop.csv", second.replace(HEADER, "id,vorname,nachname,geburtsdatum,mail,telefon,strasse"));
    let said = shop.onefold(&["link", "crm.csv", "shop.csv", "--id", "id", "--out", "links.csv"]);
    insta::assert_snapshot!("link", format!("{}--- stderr\n{}", said.clone().ok(), said.err));
    let found = clusters(&shop, "links.csv");
    assert_eq!(found["crm/1"], found["shop/2"]);
    // With so few records to learn from, 3 and 4 are a pair for a person to look at, and stay apart.
    assert_ne!(found["crm/3"], found["shop/4"]);
    assert!(said.out.contains("1 stay for a person to review"), "{}", said.out);
    assert_eq!(found["crm/6"], found["shop/7"]);
    assert_ne!(found["crm/5"], found["shop/9"]);

    let source = |row: &[&str]| if row[0].len().is_multiple_of(2) { "b" } else { "a" };
    let rows: Vec<String> = PEOPLE.iter().map(|row| format!("{},{}\n", source(row), row.join(","))).collect();
    let all = format!("source,{HEADER}\n{}", rows.concat());
    shop.write("all.csv", all);
    let told = shop
        .onefold(&["link", "all.csv", "--source-column", "source", "--id", "id", "--out", "l.csv", "--json"])
        .json();
    assert_eq!(told["clusters"], PEOPLE.len(), "duplicates of one source are not linked");
}

#[test]
fn figures_are_those_counted_by_hand() {
    let shop = Workshop::empty();
    // a, b and c are one, of which a and b were found; d and e are two that were taken for one; f stands alone.
    shop.write("clusters.csv", "rec,cluster_id\na,1\nb,1\nc,2\nd,3\ne,3\n");
    shop.write(
        "truth.csv",
        "rec,person,side,trouble\na,x,1,move\nb,x,1,move\nc,x,2,move\nd,y,1,household;twin\ne,z,2,household\nf,w,2,\n",
    );
    let arguments =
        ["evaluate", "--clusters", "clusters.csv", "--truth", "truth.csv", "--id", "rec", "--truth-column", "person"];
    insta::assert_snapshot!("evaluate", shop.onefold(&arguments).ok());
    let mut as_json = arguments.to_vec();
    as_json.push("--json");
    let told = shop.onefold(&as_json).json();
    let figures = &told["evaluation"];
    let near = |value: &serde_json::Value, expected: f64| {
        let found = value.as_f64().unwrap();
        assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
    };
    near(&figures["precision"], 1.0 / 2.0);
    near(&figures["recall"], 1.0 / 3.0);
    near(&figures["f1"], 0.4);
    near(&figures["b_cubed_precision"], (4.0 + 0.5 + 0.5) / 6.0);
    near(&figures["b_cubed_recall"], (2.0 / 3.0 + 2.0 / 3.0 + 1.0 / 3.0 + 3.0) / 6.0);
    near(&figures["by_trouble"]["move"]["recall"], 1.0 / 3.0);
    near(&figures["by_trouble"]["twin"]["precision"], 0.0);
    assert_eq!(told["records_not_in_clusters"], 1);

    as_json.extend(["--source-column", "side"]);
    let across = shop.onefold(&as_json).json();
    let counts =
        ["true_pairs", "predicted_pairs", "correct_pairs"].map(|name| across["evaluation"][name].as_u64().unwrap());
    assert_eq!(counts, [2, 1, 0], "a-c and b-c are across, and so is d-e, which was found");
}

#[test]
fn profiles_read_as_tables_json_and_pages() {
    let shop = workshop();
    insta::assert_snapshot!("profile", shop.onefold(&["profile", "people.csv", "--html", "p.html"]).ok());
    let page = shop.read("p.html");
    for outside in ["http:", "https:", "<script", "<link", "@import", "url("] {
        assert!(!page.contains(outside), "a page needs nothing from outside, but has {outside}");
    }
    assert!(page.contains("<svg") && page.contains("prefers-color-scheme") && page.contains("birth date"));
    let told = shop.onefold(&["profile", "people.csv", "--json"]).json();
    assert_eq!(told["profile"]["columns"][3]["guess"]["kind"], "birth_date");
    shop.write("odd.csv", "name,<b>x</b>\n\"<script>alert(1)</script>\",\"a & b\"\nAnn,c\n");
    shop.onefold(&["profile", "odd.csv", "--html", "odd.html"]).ok();
    assert!(!shop.read("odd.html").contains("<script") && !shop.read("odd.html").contains("<b>x"));
}

#[test]
fn what_a_person_says_of_columns_holds() {
    let shop = workshop();
    let told =
        shop.onefold(&["profile", "people.csv", "--kind", "phone=identifier", "--region", "gb", "--json"]).json();
    assert_eq!(told["profile"]["columns"][5]["guess"]["kind"], "identifier");
    assert_eq!(told["profile"]["region"], "GB");
}

/// Breaks something, runs a command, and holds what it printed against a snapshot.
fn broken(name: &str, code: i32, break_it: impl Fn(&Workshop), command: &[&str]) {
    let shop = workshop();
    break_it(&shop);
    let answer = shop.onefold(command);
    let said = format!(
        "onefold {}\nexit code {}\n--- stdout\n{}--- stderr\n{}",
        command.join(" "),
        answer.code.unwrap_or(-1),
        answer.out,
        answer.err
    );
    let said = said.replace(shop.path("").display().to_string().trim_end_matches('/'), "PLACE");
    assert_eq!(answer.code, Some(code), "{said}");
    for leak in ["panicked", "RUST_BACKTRACE", "Some(", "Err(", "::"] {
        assert!(!said.contains(leak), "a user must not read {leak}:\n{said}");
    }
    insta::assert_snapshot!(name, said);
}

#[test]
fn broken_files_and_wrong_words() {
    let out = ["--out", "c.csv"];
    let with = |more: &[&'static str]| -> Vec<&'static str> {
        ["dedupe", "people.csv"].iter().chain(more).chain(&out).copied().collect()
    };
    let nothing = |_: &Workshop| {};
    broken("a_file_that_is_not_there", 3, nothing, &["dedupe", "peple.csv", "--out", "c.csv"]);
    broken("an_id_column_that_is_not_there", 2, nothing, &with(&["--id", "idd"]));
    broken("an_id_that_is_not_unique", 2, nothing, &with(&["--id", "last_name"]));
    broken("an_id_that_is_missing", 2, nothing, &with(&["--id", "phone"]));
    broken("an_ignored_column_that_is_not_there", 2, nothing, &with(&["--ignore", "colour"]));
    broken("a_kind_that_is_none", 2, nothing, &with(&["--kind", "phone=telephone"]));
    broken("a_file_that_is_empty", 3, |s| s.write("people.csv", ""), &with(&[]));
    broken("a_file_of_a_header_only", 3, |s| s.write("people.csv", "id,name\n"), &with(&[]));
    broken("a_file_of_one_column", 2, |s| s.write("people.csv", "id\n1\n2\n3\n"), &with(&[]));
    broken("an_output_without_a_folder", 2, nothing, &["dedupe", "people.csv", "--out", "no/such/c.csv"]);
    broken("an_output_of_no_format", 2, nothing, &["dedupe", "people.csv", "--out", "c.txt"]);
    broken(
        "a_model_that_does_not_fit",
        2,
        |s| {
            s.onefold(&["dedupe", "people.csv", "--id", "id", "--out", "m.csv"]).ok();
            let model = s.read("m.model.toml").replace("\"dob\"", "\"birthdat\"");
            s.write("m.model.toml", model);
        },
        &with(&["--id", "id", "--model", "m.model.toml"]),
    );
    broken(
        "a_link_of_one_source",
        2,
        nothing,
        &["link", "people.csv", "--source-column", "id", "--id", "nope", "--out", "c.csv"],
    );
    broken(
        "a_truth_without_its_column",
        2,
        |s| s.write("c.csv", "id,cluster_id\n1,1\n"),
        &["evaluate", "--clusters", "c.csv", "--truth", "people.csv", "--id", "id", "--truth-column", "person"],
    );
    broken(
        "clusters_that_name_a_record_twice",
        3,
        |s| s.write("c.csv", "id,cluster_id\n1,1\n1,2\n"),
        &["evaluate", "--clusters", "c.csv", "--truth", "people.csv", "--id", "id", "--truth-column", "last_name"],
    );
    broken("a_page_of_no_page", 2, nothing, &["profile", "people.csv", "--html", "p.pdf"]);
}
