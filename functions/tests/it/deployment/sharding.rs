//! Sharded user lists and reserved blocks of IDs.

use shared::{config::Settings, domain::Sharding};
use testkit::TestApp;

use crate::routes::cursor_pagination::{get, ids, list_all_pages, sixteen_users_with};

fn settings(shards: u64, block: u64) -> Settings {
    let sharding =
        Sharding::default().with_list_shards(shards).unwrap().with_id_block(block).unwrap();
    Settings { sharding, ..Settings::default() }
}

const FILTERS: [&str; 5] =
    ["status=active", "status=deactivated", "status=all", "query=n0", "group_id=2"];

/// Checks that the pages of each list join to the complete list. Returns the lists.
async fn assert_pages_join(app: &TestApp) -> Vec<Vec<u64>> {
    let mut lists = Vec::new();
    for filter_query in FILTERS {
        let complete = ids(&get(app, filter_query).await);
        for limit in [2, 5, 100] {
            let (listed_ids, _) =
                list_all_pages(app, &format!("{filter_query}&limit={limit}")).await;
            assert_eq!(listed_ids, complete, "{filter_query} by {limit}");
            let mut pages = Vec::new();
            for offset in (0..complete.len()).step_by(limit) {
                let page = get(app, &format!("{filter_query}&limit={limit}&offset={offset}")).await;
                assert_eq!(page["total"], complete.len(), "{filter_query}");
                pages.extend(ids(&page["data"]));
            }
            assert_eq!(pages, complete, "{filter_query} by {limit}");
        }
        lists.push(complete);
    }
    lists
}

#[tokio::test]
async fn lists_are_the_same_in_any_number_of_partitions() {
    let one = assert_pages_join(&sixteen_users_with(settings(1, 1)).await).await;
    for shards in [2, 5, 32] {
        let app = sixteen_users_with(settings(shards, 1)).await;
        assert_eq!(assert_pages_join(&app).await, one, "{shards}");
        app.assert_invariants().await;
    }
}

#[tokio::test]
async fn more_partitions_find_items_written_with_fewer() {
    let app = sixteen_users_with(settings(1, 1)).await;
    let before = assert_pages_join(&app).await;
    let more = app.second_instance(settings(6, 1)).await;
    assert_eq!(assert_pages_join(&more).await, before);
    let id = more.sso_user("N07", "Newcomer").await;
    for number in [3, 4] {
        let path = format!("/api/user/{number}");
        let change = serde_json::json!({ "email": format!("moved{number}@example.com") });
        more.put(&path).session(&app.admin.session).json(&change).send().await.expect_status(200);
    }
    let lists = assert_pages_join(&more).await;
    assert!(lists.iter().flatten().any(|listed| *listed == id));
    assert_eq!(
        lists.iter().map(Vec::len).sum::<usize>(),
        before.iter().map(Vec::len).sum::<usize>() + 3
    );
    more.assert_invariants().await;
}

#[tokio::test]
async fn a_page_queries_each_partition_once() {
    let app = sixteen_users_with(settings(4, 1)).await;
    for (query, queries) in [("limit=3", 4), ("cursor=&limit=3", 4), ("status=all&limit=3", 8)] {
        app.meter.take();
        get(&app, query).await;
        let operations = app.meter.take();
        assert_eq!(operations.iter().filter(|operation| *operation == "Query").count(), queries);
        assert_eq!(operations.len(), queries + 1, "{query}");
    }
}

#[tokio::test]
async fn a_process_reserves_ids_in_blocks_without_duplicates() {
    let app = TestApp::with(settings(1, 3)).await;
    let other = app.second_instance(settings(1, 2)).await;
    let mut issued = Vec::new();
    app.meter.take();
    for number in 0..4 {
        issued.push(app.sso_user(&format!("A{number}"), "Doe").await);
        issued.push(other.sso_user(&format!("B{number}"), "Doe").await);
    }
    assert_eq!(issued, [2, 5, 3, 6, 4, 7, 9, 8]);
    let counted = app.meter.take().into_iter().filter(|operation| operation == "UpdateItem");
    assert_eq!(counted.count(), 2);
    app.assert_invariants().await;
}
