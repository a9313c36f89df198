use arrow::array::*;
use arrow::datatypes::*;
use onefold_contract::{AttributeKind as K, change::*};
use onefold_standardize::*;
use std::{collections::BTreeMap, sync::Arc, time::Instant};
#[test]
fn speed() {
    let dir = "../../name-dictionaries/seed";
    let t = Instant::now();
    let files: Vec<(String, String)> = std::fs::read_dir(dir)
        .unwrap()
        .map(|e| {
            let p = e.unwrap().path();
            (p.display().to_string(), std::fs::read_to_string(p).unwrap())
        })
        .collect();
    let d = Dictionaries::parse(&files).unwrap();
    println!("dict {:?} {} {}", t.elapsed(), d.len(), d.version());
    let n = 1_000_000usize;
    let given: Vec<&str> = vec!["JOHN", "Mary-Ann", "bob", "WILLIAM", "peggy", "José"];
    let kinds = [
        K::GivenName,
        K::FamilyName,
        K::FullName,
        K::Email,
        K::Phone,
        K::BirthDate,
        K::Street,
        K::City,
        K::Postcode,
        K::Money,
        K::CompanyName,
        K::Timestamp,
    ];
    for k in kinds {
        let vals: Vec<String> = (0..n)
            .map(|i| match k {
                K::GivenName => format!("{}", given[i % 6]).to_string() + if i % 50 == 0 { " X" } else { "" },
                K::FamilyName => format!("Name{}", i % 50_000),
                K::FullName => format!("MR. {} J. SMITH{} JR", given[i % 6], i),
                K::Email => format!("user{}@Example.com ", i),
                K::Phone => format!("(212) {:03}-{:04}", 200 + (i / 10000) % 800, i % 10000),
                K::BirthDate => format!("{}/{}/{}", i % 12 + 1, i % 31 + 1, 1930 + i % 70),
                K::Street => format!("{} NORTH MAIN{} STREET APT 4B", i % 1000, i),
                K::City => format!("CITY{}", i % 20000),
                K::Postcode => format!("{:05}", i % 100_000),
                K::Money => format!("${},{:03} ", i % 1000 + 1, i % 1000),
                K::CompanyName => format!("ACME {} PRIVATE LIMITED", i),
                _ => format!("2024-05-{:02} 13:{:02}:{:02}", i % 28 + 1, i % 60, (i / 60) % 60),
            })
            .collect();
        let plan = StandardizePlan {
            source: "s".into(),
            columns: vec![ColumnPlan {
                name: "c".into(),
                kind: k,
                settings: onefold_contract::standardizer::ColumnSettings {
                    region: Some("US".into()),
                    ..Default::default()
                },
                strict: false,
            }],
        };
        let text = |v: &str| Arc::new(StringArray::from_iter_values(std::iter::repeat_n(v, n))) as ArrayRef;
        let mut cols: Vec<ArrayRef> =
            LINEAGE.iter().map(|l| text(if *l == OPERATION { "insert" } else { "x" })).collect();
        cols.push(Arc::new(StringArray::from(vals)));
        let schema = change_schema(&Schema::new(vec![Field::new("c", DataType::Utf8, true)]));
        let b = RecordBatch::try_new(schema, cols).unwrap();
        let t = Instant::now();
        let dec = decide(&plan, &b, &d);
        let td = t.elapsed();
        let t = Instant::now();
        let out = standardize(&plan, &b, &BTreeMap::new(), &d).unwrap();
        println!(
            "{:12} standardize {:?} decide {:?} rejects {} {:?}",
            k.name(),
            t.elapsed(),
            td,
            out.rejects.len(),
            dec.get("c").map(|d| &d.evidence)
        );
    }
}
