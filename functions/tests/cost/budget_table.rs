//! The table in `docs/budgets.md`.

use std::{collections::BTreeMap, env, fmt::Write, fs};

use crate::measurement::Cost;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/budgets.md");
/// The head of the table.
const HEAD: &str = "\
| Route | Status | Requests | Read units | Write units | Bytes sent | Bytes received \
| Allocations | Bytes allocated |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
";
/// Relative tolerances for bytes sent, bytes received, allocations and bytes allocated.
///
/// Buffers grow with the chunks in which a response arrives.
const TOLERANCES: [f64; 4] = [0.03, 0.03, 0.03, 0.15];

/// Measured costs with the names of their cases.
pub(crate) struct Table(Vec<(String, Cost)>);

impl Table {
    pub(crate) fn of(costs: Vec<(String, Cost)>) -> Self {
        Self(costs)
    }

    /// Compares the costs with the page and fails the test if they differ. Rewrites the page on
    /// request.
    pub(crate) fn check(&self) {
        let page = fs::read_to_string(PAGE).unwrap();
        let (text, rows) = page.split_once(HEAD).unwrap();
        if env::var_os("BUDGETS").is_some_and(|value| value == "write") {
            return fs::write(PAGE, format!("{text}{HEAD}{}", self.rows())).unwrap();
        }
        let budgets: BTreeMap<&str, Vec<f64>> = rows.lines().map(row).collect();
        let exceeded: Vec<_> = self
            .0
            .iter()
            .filter(|(name, cost)| !is_within(*cost, budgets.get(name.as_str())))
            .collect();
        assert!(
            exceeded.is_empty() && budgets.len() == self.0.len(),
            "docs/budgets.md differs for these costs (BUDGETS=write updates it):\n{}",
            Self(exceeded.into_iter().cloned().collect()).rows()
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

/// Whether counts are equal and sizes are within their tolerances.
fn is_within(cost: Cost, budget: Option<&Vec<f64>>) -> bool {
    let Some(budget) = budget else { return false };
    let near = |((actual, expected), tolerance): ((f64, f64), f64)| {
        (actual - expected).abs() <= expected * tolerance
    };
    let cells = cost.cells();
    let (counted, measured) = cells.split_at(4);
    let pairs = measured.iter().copied().zip(budget.iter().skip(4).copied());
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
