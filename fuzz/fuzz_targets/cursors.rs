//! Page cursors (Q7): what was not signed here is refused; and if a key were lost, what is signed
//! still cannot do more than show a part of the list.
#![no_main]

use std::sync::LazyLock;

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use libfuzzer_sys::fuzz_target;
use sha2::Sha256;
use todo_core::memory::MemoryStore;
use todo_core::query::{Cursor, CursorKey};
use todo_core::service::execute;
use todo_core::text::Title;
use todo_core::{
    Actor, ActorKind, Command, Ctx, Due, Item, Limit, NewTask, Order, Owner, Preferences, TaskId,
    TaskQuery, TaskStore,
};
use uuid::Uuid;

const SECRET: [u8; 32] = [7; 32];
/// Of the signature.
const TAG_LEN: usize = 16;
const ORDERS: [&str; 6] = ["due", "-due,title", "priority,-updated", "-title", "urgency", "created"];

fuzz_target!(|data: &[u8]| {
    let Some((asking, text)) = todo_fuzz::asked(data) else { return };
    let key = CursorKey::new(SECRET);
    if let Ok(cursor) = Cursor::open(text, &key) {
        assert_eq!(cursor.seal(&key), text, "two cursors say the same");
    }
    let sealed = signed(text.as_bytes());
    assert!(Cursor::open(&sealed, &CursorKey::new([8; 32])).is_err(), "another's key is taken");
    let Ok(cursor) = Cursor::open(&sealed, &key) else { return };
    let again = Cursor::open(&cursor.seal(&key), &key);
    assert_eq!(again.as_ref().ok(), Some(&cursor), "{text}");
    for order in ORDERS {
        let order: Order = order.parse().expect("an order");
        let mut query = TaskQuery { order, ..TaskQuery::new(asking.moment) };
        assert!(
            cursor.query == Cursor::digest(&query) || query.clone().resume(&sealed, &key).is_err(),
            "a cursor of another query is taken"
        );
        // As if it were this one's.
        query.moment.zone = cursor.zone;
        query.moment.now = cursor.now;
        let all = STORE.find(Owner::LOCAL, &TaskQuery { limit: Limit::All, ..query.clone() });
        let all = all.expect("all tasks").tasks;
        query.after = Some(cursor.after.clone());
        let page = STORE.find(Owner::LOCAL, &query).expect("a page").tasks;
        // Values of another kind than the order's are no place in it; but a list it stays.
        let mut rest = all.iter();
        let is_part = page.iter().all(|task| rest.any(|other| other == task));
        assert!(is_part, "{text}: not a part of the list");
    }
});

/// As a cursor is, whatever is in it.
fn signed(bytes: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(&SECRET).expect("a key");
    mac.update(bytes);
    let tag = mac.finalize().into_bytes();
    BASE64URL_NOPAD.encode(&[bytes, &tag[..TAG_LEN]].concat())
}

/// With and without dates, equal titles among them.
static STORE: LazyLock<MemoryStore> = LazyLock::new(|| {
    let (asking, _) = todo_fuzz::asked(&[0]).expect("an empty text");
    let moment = asking.moment;
    let ctx = Ctx {
        owner: Owner::LOCAL,
        actor: Actor { kind: ActorKind::User, id: Owner::LOCAL.0 },
        now: moment.now,
        zone: moment.zone,
        week_start: moment.week_start,
        preferences: Preferences::default(),
        correlation: Uuid::nil(),
        causation: None,
    };
    let mut store = MemoryStore::default();
    for (at, (title, due)) in
        [("a", None), ("b", Some("2026-03-11")), ("ß", Some("2026-03-11T12:00")), ("b", None)]
            .into_iter()
            .enumerate()
    {
        let uid = TaskId(Uuid::from_u128(7 << 76 | 2 << 62 | at as u128));
        let due_date = due.map(|text| Due::parse(text, None, moment.zone).expect("a date"));
        let new = NewTask { due_date, ..NewTask::new(uid, Title::new(title).expect("a title")) };
        let command = Command::One(Item::Create(Box::new(new)));
        execute(&mut store, &command, &ctx).expect("a new task");
    }
    store
});
