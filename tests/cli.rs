//! What the command line says of itself.

use super::support::Workshop;

#[test]
fn help_teaches() {
    let shop = Workshop::empty();
    let commands: [&[&str]; 19] = [
        &[],
        &["check"],
        &["run"],
        &["runs"],
        &["runs", "show"],
        &["rejects"],
        &["rejects", "show"],
        &["release"],
        &["release", "show"],
        &["epoch"],
        &["epoch", "train"],
        &["epoch", "adopt"],
        &["sql"],
        &["dedupe"],
        &["link"],
        &["profile"],
        &["evaluate"],
        &["demo"],
        &["demo", "generate"],
    ];
    for command in commands {
        let mut arguments = command.to_vec();
        arguments.push("--help");
        let said = shop.onefold(&arguments).ok();
        let name = if command.is_empty() { "help".to_string() } else { format!("help_{}", command.join("_")) };
        insta::assert_snapshot!(name, said);
    }
}

#[test]
fn every_listing_speaks_json() {
    let shop = Workshop::tiny();
    shop.run_tiny(&["--json"]).json();
    for command in [
        &["check", "tiny"][..],
        &["runs", "list"],
        &["runs", "show"],
        &["rejects", "list"],
        &["rejects", "show"],
        &["release", "list"],
        &["release", "show"],
        &["epoch", "list"],
        &["epoch", "show"],
        &["sql", "-c", "SELECT 1 AS one"],
    ] {
        let mut arguments = command.to_vec();
        arguments.push("--json");
        let value = shop.onefold(&arguments).json();
        assert!(value.is_object() || value.is_array(), "{command:?}");
    }
}

#[test]
fn an_epoch_is_trained_and_adopted_on_purpose() {
    let shop = Workshop::tiny();
    shop.run_tiny(&[]).ok();
    let model = shop.read("pipelines/tiny/models/person.toml").replace("link = 0.95", "link = 0.96");
    shop.write("pipelines/tiny/models/person.toml", model);
    // The model that the epoch pins is in force, whatever the file says now.
    assert!(shop.onefold(&["run", "tiny"]).ok().contains("found nothing new"));
    let said = shop.onefold(&["epoch", "train", "tiny", "--json"]).json();
    assert_eq!((said["epoch"].as_str(), said["records_that_move"].as_u64()), (Some("E0002"), Some(0)));
    assert_eq!(shop.onefold(&["epoch", "list", "--json"]).json()["adopted"], "E0001");
    shop.onefold(&["epoch", "adopt", "E0002"]).ok();
    shop.onefold(&["run", "tiny"]).ok();
    assert_eq!(shop.onefold(&["release", "show", "--json"]).json()["pins"]["epoch"], "E0002");
}
