//! What is generated from the program: schemas, completions, manual pages; and the doctor.

use super::support::Workshop;

#[test]
fn schemas_are_schemas_and_accept_the_shipped_pipelines() {
    let shop = Workshop::tiny();
    let all = shop.onefold(&["schema"]).json();
    let kinds: Vec<&str> = all.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(kinds, ["pipeline", "source", "model", "mart", "needs", "environment"]);
    shop.onefold(&["schema", "--out", "schemas"]).ok();
    for kind in kinds {
        let written: serde_json::Value =
            serde_json::from_str(&shop.read(&format!("schemas/{kind}.schema.json"))).unwrap();
        assert_eq!(written, all[kind]);
        assert_eq!(written, shop.onefold(&["schema", kind]).json());
        assert!(written["$schema"].as_str().unwrap().contains("json-schema.org"));
        let described = written["properties"].as_object().unwrap().values().filter(|p| p["description"].is_string());
        assert_eq!(
            described.count(),
            written["properties"].as_object().unwrap().len(),
            "{kind}: every key is explained"
        );
    }
}

#[test]
fn completions_and_manual_pages_name_every_command() {
    let shop = Workshop::empty();
    let help = shop.onefold(&["--help"]).ok();
    let commands: Vec<&str> = help
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.strip_prefix("  ").filter(|line| !line.starts_with(' '))?.split(' ').next())
        .collect();
    assert!(commands.contains(&"run") && commands.contains(&"sql"), "{commands:?}");
    for shell in ["bash", "zsh", "fish"] {
        let script = shop.onefold(&["completions", shell]).ok();
        for command in &commands {
            assert!(script.contains(command), "{shell} does not complete {command}");
        }
    }
    shop.onefold(&["man", "--out", "man"]).ok();
    for command in commands {
        assert!(shop.read(&format!("man/onefold-{command}.1")).contains(".TH"), "{command}");
    }
}

#[test]
fn the_doctor_finds_a_healthy_house_and_what_is_broken() {
    let shop = Workshop::tiny();
    let said = shop.onefold(&["doctor", "tiny"]).ok();
    assert!(said.contains("the first run makes it") && said.contains("source desk"), "{said}");
    shop.run_tiny(&[]).ok();
    let said = shop.onefold(&["doctor", "tiny"]).ok();
    assert!(!said.contains("bad ") && !said.contains("note"), "{said}");

    std::fs::remove_file(shop.path("data/shop.csv")).unwrap();
    let file = walk(&shop.path("state/lake/data/mart/dim_customer"));
    std::fs::remove_file(file).unwrap();
    let ledger = shop.read("state/identity/ledger.jsonl");
    shop.write("state/identity/ledger.jsonl", ledger.replacen("\"run\":\"R000001\"", "\"run\":\"R000002\"", 1));
    let answer = shop.onefold(&["doctor", "tiny", "--json"]);
    assert_eq!(answer.code, Some(4), "{answer:?}");
    let findings: serde_json::Value = serde_json::from_str(&answer.out).unwrap();
    let bad = findings["findings"].as_array().unwrap().iter().filter(|finding| finding["health"] == "bad");
    let bad: Vec<&str> = bad.map(|finding| finding["what"].as_str().unwrap()).collect();
    assert_eq!(bad, ["releases", "identity ledger", "source shop"]);
}

fn walk(folder: &std::path::Path) -> std::path::PathBuf {
    std::fs::read_dir(folder).unwrap().next().unwrap().unwrap().path()
}
