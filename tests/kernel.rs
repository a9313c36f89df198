//! The kernel over 1, 7 and 64 partitions, each in a process of its own.

use super::support::Workshop;

#[test]
fn partitions_in_processes_of_their_own_give_equal_results() {
    let shop = Workshop::with_pipeline("demo");
    shop.onefold(&["demo", "generate", "--customers", "300", "--seed", "7", "--out", "demo/data"]).ok();
    shop.onefold(&["run", "demo"]).ok();
    shop.onefold(&["kernel", "prepare", "demo", "--out", "kernel"]).ok();
    let merged = [1, 7, 64].map(|of| {
        let parts: Vec<String> = (0..of).map(|part| format!("kernel/{of}-{part}.json")).collect();
        let (of_text, target) = (of.to_string(), format!("kernel/{of}.json"));
        for (part, file) in parts.iter().enumerate() {
            let part = part.to_string();
            shop.onefold(&["kernel", "run", "--from", "kernel", "--part", &part, "--of", &of_text, "--out", file]).ok();
        }
        let mut merge = vec!["kernel", "merge", "--out", &target];
        // The order in which parts arrive must not matter.
        merge.extend(parts.iter().rev().map(String::as_str));
        shop.onefold(&merge).ok();
        serde_json::from_str::<serde_json::Value>(&shop.read(&target)).unwrap()
    });
    assert!(merged[0]["pairs"].as_u64().unwrap() > 100, "{}", merged[0]["pairs"]);
    assert_eq!(merged[0], merged[1]);
    assert_eq!(merged[0], merged[2]);
}
