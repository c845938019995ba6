//! The same statements on both databases.

use super::*;
use crate::Migration;
use crate::test_site::{Kind, Site};

static THINGS: Migrations = Migrations {
    room: "things",
    list: &[Migration {
        number: 1,
        name: "things",
        sql: "CREATE TABLE {p}thing (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, note TEXT, data BLOB) STRICT;",
        postgres: "CREATE TABLE {s}.thing (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, \
                   name text NOT NULL UNIQUE, note text, data bytea);",
    }],
};

fn insert(name: &str) -> SqlStatement {
    let text = "INSERT INTO {t}thing (name, note, data) VALUES (?1, ?2, ?3) ON CONFLICT (name) DO NOTHING RETURNING id";
    SqlStatement::new(text).value(name).value(None::<&str>).value(vec![0_u8, 255])
}

async fn check(database: Database) {
    let sql = PortableSql::open(database, &THINGS).await.unwrap();
    let ids = sql.write(vec![insert("a"), insert("a"), insert("ü?")]).await.unwrap();
    assert_eq!(ids.iter().map(Vec::len).collect::<Vec<_>>(), [1, 0, 1]);
    let all = "SELECT id, name, note, data, count(*) OVER () FROM {t}thing WHERE (id, name) > (?1, ?2) ORDER BY id LIMIT ?3";
    let all = || SqlStatement::new(all).value(0_i64).value("").value(10_i64);
    let rows = sql.read(all()).await.unwrap();
    let second = &rows[1];
    assert_eq!((second.text(1).unwrap(), second.opt_text(2).unwrap()), ("ü?", None));
    assert_eq!((second.bytes(3).unwrap(), second.int(4).unwrap()), (&[0, 255][..], 2));
    assert!(matches!(second.int(1), Err(StoreError::WrongType { column: 1 })));
    assert!(matches!(second.text(2), Err(StoreError::WrongType { column: 2 })));

    // A statement that fails takes the ones before it along.
    let twice = SqlStatement::new("INSERT INTO {t}thing (name) VALUES ('c'), ('c')");
    assert!(sql.write(vec![insert("b"), twice]).await.is_err());
    assert_eq!(sql.read(all()).await.unwrap().len(), 2);

    sql.execute(vec![insert("d"), insert("e")]).await.unwrap();
    assert_eq!(sql.read(all()).await.unwrap().len(), 4);
    let twice = SqlStatement::new("INSERT INTO {t}thing (name) VALUES ('f'), ('f')");
    assert!(sql.execute(vec![insert("g"), twice, insert("h")]).await.is_err());
    assert_eq!(sql.read(all()).await.unwrap().len(), 4);
    assert!(!format!("{:?}", insert("secret")).contains("secret"));
}

async fn check_on(kind: Kind) {
    let site = Site::new(kind);
    check(site.database().await).await;
    site.end().await;
}

#[tokio::test]
async fn statements_run_on_sqlite() {
    check_on(Kind::Memory).await;
    check_on(Kind::File).await;
}

#[tokio::test]
#[ignore = "needs PostgreSQL"]
async fn statements_run_on_postgres() {
    check_on(Kind::Postgres).await;
}
