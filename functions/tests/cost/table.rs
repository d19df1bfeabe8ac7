//! The table of budgets.

use std::{collections::BTreeMap, env, fmt::Write, fs};

use crate::cost::Cost;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/budgets.md");
/// Where the rows begin.
const HEAD: &str = "\
| Route | Status | Requests | Read units | Write units | Bytes sent | Bytes received | Allocations | Bytes allocated |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
";
/// How far bytes on the wire, allocations, and their bytes may be from the table: buffers grow as answers happen to
/// arrive.
const TOLERANCES: [f64; 4] = [0.03, 0.03, 0.03, 0.15];

/// The costs of cases by their names.
pub(crate) struct Table(Vec<(String, Cost)>);

impl Table {
    pub(crate) fn of(costs: Vec<(String, Cost)>) -> Self {
        Self(costs)
    }

    /// Stops the test when a cost is not what the page says, or writes the page if that is asked for.
    pub(crate) fn hold(&self) {
        let page = fs::read_to_string(PAGE).unwrap();
        let (text, rows) = page.split_once(HEAD).unwrap();
        if env::var_os("BUDGETS").is_some_and(|wish| wish == "write") {
            return fs::write(PAGE, format!("{text}{HEAD}{}", self.rows())).unwrap();
        }
        let budgets: BTreeMap<&str, Vec<f64>> = rows.lines().map(row).collect();
        let wrong: Vec<_> = self
            .0
            .iter()
            .filter(|(name, cost)| !keeps(*cost, budgets.get(name.as_str())))
            .collect();
        assert!(
            wrong.is_empty() && budgets.len() == self.0.len(),
            "docs/budgets.md does not have these costs, or has others (BUDGETS=write writes it anew):\n{}",
            Self(wrong.into_iter().cloned().collect()).rows()
        );
    }

    fn rows(&self) -> String {
        let mut rows = String::new();
        for (name, cost) in &self.0 {
            let cells = cost.cells().map(|cell| cell.to_string()).join(" | ");
            writeln!(rows, "| {name} | {cells} |").unwrap();
        }
        rows
    }
}

fn row(line: &str) -> (&str, Vec<f64>) {
    let mut cells = line.trim_matches(['|', ' ']).split(" | ");
    let name = cells.next().unwrap();
    (name, cells.map(|cell| cell.parse().unwrap()).collect())
}

/// What is counted must be the same, what is weighed about the same.
fn keeps(cost: Cost, budget: Option<&Vec<f64>>) -> bool {
    let Some(budget) = budget else { return false };
    let near =
        |((is, should), tolerance): ((f64, f64), f64)| (is - should).abs() <= should * tolerance;
    let cells = cost.cells();
    let (counted, weighed) = cells.split_at(4);
    let pairs = weighed.iter().copied().zip(budget.iter().skip(4).copied());
    counted == &budget[..4] && pairs.zip(TOLERANCES).all(near)
}

impl Cost {
    #[expect(clippy::cast_precision_loss, reason = "costs are small")]
    fn cells(self) -> [f64; 8] {
        [
            self.status as f64,
            self.requests as f64,
            self.read_units,
            self.write_units,
            self.sent as f64,
            self.received as f64,
            self.allocations as f64,
            self.allocated as f64,
        ]
    }
}
