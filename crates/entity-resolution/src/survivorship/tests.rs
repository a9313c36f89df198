use proptest::prelude::*;

use super::*;

fn rules() -> Vec<Box<dyn SurvivorshipRule>> {
    vec![
        Box::new(MostFrequent),
        Box::new(MostRecent),
        Box::new(SourcePriority::new(vec!["b".into(), "a".into()])),
        Box::new(Longest),
        Box::new(StricterConsent),
    ]
}

fn candidate<'a>(source: &'a str, source_key: &'a str, value: &'a str, updated_at: Option<&'a str>) -> Candidate<'a> {
    Candidate { source, source_key, value, updated_at }
}

proptest! {
    #[test]
    fn every_rule_chooses_the_same_in_any_order(
        rows in proptest::collection::vec(("[abc]", "[x-z]{1,3}|true|false", proptest::option::of("[0-3]")), 1..8),
        rotate in 0usize..8,
    ) {
        let keys: Vec<String> = (0..rows.len()).map(|key| key.to_string()).collect();
        let candidates: Vec<Candidate<'_>> =
            rows.iter().zip(&keys).map(|((s, v, t), key)| candidate(s, key, v, t.as_deref())).collect();
        let mut turned = candidates.clone();
        turned.rotate_left(rotate % rows.len());
        turned.reverse();
        for rule in rules() {
            let (one, other) = (rule.choose(&candidates).unwrap(), rule.choose(&turned).unwrap());
            prop_assert_eq!(candidates[one], turned[other], "{}", rule.name());
        }
    }
}

#[test]
fn each_rule_does_what_its_name_says() {
    let candidates = [
        candidate("a", "1", "Bo", Some("2024-01-01")),
        candidate("b", "2", "Robert", Some("2022-01-01")),
        candidate("a", "3", "Rob", Some("2020-01-01")),
        candidate("c", "4", "Rob", None),
    ];
    let chosen: Vec<&str> = rules()[..4].iter().map(|r| candidates[r.choose(&candidates).unwrap()].value).collect();
    assert_eq!(chosen, ["Rob", "Bo", "Robert", "Robert"]);
    assert!(rules().iter().all(|rule| rule.choose(&[]).is_none()));
}

#[test]
fn one_no_outweighs_every_yes() {
    let said = |values: &[&'static str]| {
        let candidates: Vec<Candidate<'_>> = values.iter().map(|v| candidate("s", "1", v, None)).collect();
        StricterConsent.choose(&candidates).map(|place| values[place])
    };
    assert_eq!(said(&["true", "false", "true"]), Some("false"));
    assert_eq!(said(&["true", "true"]), Some("true"));
    assert_eq!(said(&[]), None);
}
