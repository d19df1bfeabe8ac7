//! Tables whose hottest keys are spread, and processes that take more numbers than one.

use shared::{config::Settings, domain::Sharding};
use testkit::TestApp;

use crate::routes::cursor_pagination::{get, ids, sixteen_in, walk};

fn settings(shards: u64, block: u64) -> Settings {
    let layout =
        Sharding::default().with_list_shards(shards).unwrap().with_id_block(block).unwrap();
    Settings { sharding: layout, ..Settings::default() }
}

const LISTS: [&str; 5] =
    ["status=active", "status=deactivated", "status=all", "query=n0", "group_id=2"];

/// A list as a whole, and the pages that it is made of.
async fn assert_whole(app: &TestApp) -> Vec<Vec<u64>> {
    let mut lists = Vec::new();
    for narrowed in LISTS {
        let whole = ids(&get(app, narrowed).await);
        for limit in [2, 5, 100] {
            let (met, _) = walk(app, &format!("{narrowed}&limit={limit}")).await;
            assert_eq!(met, whole, "{narrowed} by {limit}");
            let mut pages = Vec::new();
            for offset in (0..whole.len()).step_by(limit) {
                let page = get(app, &format!("{narrowed}&limit={limit}&offset={offset}")).await;
                assert_eq!(page["total"], whole.len(), "{narrowed}");
                pages.extend(ids(&page["data"]));
            }
            assert_eq!(pages, whole, "{narrowed} by {limit}");
        }
        lists.push(whole);
    }
    lists
}

#[tokio::test]
async fn lists_are_the_same_in_any_number_of_partitions() {
    let one = assert_whole(&sixteen_in(settings(1, 1)).await).await;
    for shards in [2, 5, 32] {
        let app = sixteen_in(settings(shards, 1)).await;
        assert_eq!(assert_whole(&app).await, one, "{shards}");
        app.assert_invariants().await;
    }
}

#[tokio::test]
async fn more_partitions_find_items_written_with_fewer() {
    let app = sixteen_in(settings(1, 1)).await;
    let before = assert_whole(&app).await;
    let more = app.second_instance(settings(6, 1)).await;
    assert_eq!(assert_whole(&more).await, before);
    let id = more.sso_user("N07", "Newcomer").await;
    for number in [3, 4] {
        let path = format!("/api/user/{number}");
        let change = serde_json::json!({ "email": format!("moved{number}@example.com") });
        more.put(&path).session(&app.admin.session).json(&change).send().await.expect_status(200);
    }
    let lists = assert_whole(&more).await;
    assert!(lists.iter().flatten().any(|listed| *listed == id));
    assert_eq!(
        lists.iter().map(Vec::len).sum::<usize>(),
        before.iter().map(Vec::len).sum::<usize>() + 3
    );
    more.assert_invariants().await;
}

#[tokio::test]
async fn a_page_queries_each_partition_once() {
    let app = sixteen_in(settings(4, 1)).await;
    for (query, queries) in [("limit=3", 4), ("cursor=&limit=3", 4), ("status=all&limit=3", 8)] {
        app.meter.take();
        get(&app, query).await;
        let asked = app.meter.take();
        assert_eq!(asked.iter().filter(|operation| *operation == "Query").count(), queries);
        assert_eq!(asked.len(), queries + 1, "{query}");
    }
}

#[tokio::test]
async fn a_process_reserves_ids_in_blocks_without_duplicates() {
    let app = TestApp::with(settings(1, 3)).await;
    let other = app.second_instance(settings(1, 2)).await;
    let mut given = Vec::new();
    app.meter.take();
    for number in 0..4 {
        given.push(app.sso_user(&format!("A{number}"), "Doe").await);
        given.push(other.sso_user(&format!("B{number}"), "Doe").await);
    }
    assert_eq!(given, [2, 5, 3, 6, 4, 7, 9, 8]);
    let counted = app.meter.take().into_iter().filter(|operation| operation == "UpdateItem");
    assert_eq!(counted.count(), 2);
    app.assert_invariants().await;
}
