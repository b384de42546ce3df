//! The texts of a task (SPEC 1).

use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};
use todo_core::conformance::cases;
use todo_core::fold::fold;
use todo_core::text::TAGS_MAX;
use todo_core::{Description, Problem, Project, Tag, Tags, Title};

fn title(text: &str) -> Result<String, Problem> {
    Title::new(text).map(String::from).map_err(|error| error.problem)
}

fn description(text: &str) -> Result<String, Problem> {
    Description::new(text).map(String::from).map_err(|error| error.problem)
}

fn project(text: &str) -> Result<String, Problem> {
    Project::new(text).map(String::from).map_err(|error| error.problem)
}

fn tag(text: &str) -> Result<String, Problem> {
    Tag::new(text).map(String::from).map_err(|error| error.problem)
}

/// Bounds count characters as people see code points, not bytes.
#[test]
fn bounds_are_exact() {
    for unit in ["a", "é", "ہ", "👩"] {
        let too_long = |max| Err(Problem::TooLong { max, got: max + 1 });
        assert_eq!(title(&unit.repeat(500)), Ok(unit.repeat(500)));
        assert_eq!(title(&unit.repeat(501)), too_long(500));
        assert_eq!(description(&unit.repeat(10_000)), Ok(unit.repeat(10_000)));
        assert_eq!(description(&unit.repeat(10_001)), too_long(10_000));
        assert_eq!(project(&unit.repeat(100)), Ok(unit.repeat(100)));
        assert_eq!(project(&unit.repeat(101)), too_long(100));
        assert_eq!(tag(&unit.repeat(50)), Ok(unit.repeat(50)));
        assert_eq!(tag(&unit.repeat(51)), too_long(50));
    }
    // What is trimmed does not count; what NFC joins counts once, in a huge text too.
    assert_eq!(title(&format!("  {}\n", "a".repeat(500))), Ok("a".repeat(500)));
    assert_eq!(title(&"e\u{301}".repeat(500)), Ok("é".repeat(500)));
    let huge = "a".repeat(10_000_000);
    assert_eq!(title(&huge), Err(Problem::TooLong { max: 500, got: 10_000_000 }));
}

#[test]
fn blank_is_refused() {
    for blank in ["", " ", "\t\n ", "\u{3000}", "\u{a0}"] {
        assert_eq!(title(blank), Err(Problem::Blank), "{blank:?}");
        assert_eq!(description(blank), Err(Problem::Blank), "{blank:?}");
        assert_eq!(project(blank), Err(Problem::Blank), "{blank:?}");
        assert_eq!(tag(blank), Err(Problem::Blank), "{blank:?}");
    }
}

/// C0 controls other than TAB and LF are refused in every text.
#[test]
fn controls_are_refused() {
    for code in (0..0x20).filter(|code| !matches!(code, 0x09 | 0x0a)) {
        let c = char::from_u32(code).expect("a control");
        let text = format!("a{c}b");
        let refused = Err(Problem::Control { code, position: 2 });
        assert_eq!(title(&text), refused);
        assert_eq!(description(&text), refused);
        assert_eq!(project(&text), refused);
        assert_eq!(tag(&text), refused);
    }
    assert_eq!(title("a\tb"), Ok("a\tb".to_owned()));
    assert_eq!(description("a\tb\n\n\tc"), Ok("a\tb\n\n\tc".to_owned()));
}

#[test]
fn titles_are_one_line() {
    for broken in ["a\nb", "a\u{85}b", "a\u{2028}b", "a\u{2029}b"] {
        assert_eq!(title(broken), Err(Problem::LineBreak), "{broken:?}");
        assert_eq!(project(broken), Err(Problem::LineBreak), "{broken:?}");
        assert_eq!(tag(broken), Err(Problem::LineBreak), "{broken:?}");
        assert!(description(broken).is_ok(), "{broken:?}");
    }
}

/// What is pasted from Windows keeps its lines.
#[test]
fn crlf_becomes_lf() {
    assert_eq!(description("a\r\nb\r\n"), Ok("a\nb\n".to_owned()));
    assert_eq!(description("a\rb"), Err(Problem::Control { code: 0x0d, position: 2 }));
}

/// Text that joins, combines or runs the other way is kept as it is, in NFC.
#[test]
fn every_script_is_kept() {
    let texts = ["دودھ خریدو", "שלום עולם", "👩‍👩‍👧‍👦 🏳️‍🌈", "각", "ﬁne", "\u{202b}abc\u{202c}", "नमस्ते"];
    for text in texts {
        assert_eq!(title(text).as_deref(), Ok(text));
        assert_eq!(description(text).as_deref(), Ok(text));
    }
    assert_eq!(title("e\u{301}"), Ok("\u{e9}".to_owned()));
    assert_eq!(title("\u{212b}ngström"), Ok("\u{c5}ngström".to_owned()));
}

#[test]
fn tags_are_single_words() {
    for (text, c) in [("a b", ' '), ("a,b", ','), ("#a", '#'), ("a@b", '@'), ("a\tb", '\t')] {
        assert_eq!(tag(text), Err(Problem::TagCharacter(c)), "{text:?}");
    }
    assert_eq!(tag(" a-b/c.d "), Ok("a-b/c.d".to_owned()));
}

/// Tags compare folded; the first spelling stays.
#[test]
fn tags_are_unique_whatever_their_case() {
    let tags = Tags::parse(&["Work", "WORK", "straße", "STRASSE", "İ", "ＷＯＲＫ"]).expect("good");
    let kept: Vec<_> = tags.iter().map(Tag::as_str).collect();
    assert_eq!(kept, ["Work", "straße", "İ"]);
    let edited = tags.edited(
        &[Tag::new("new").expect("good"), Tag::new("WORK").expect("good")],
        &[Tag::new("strasse").expect("good"), Tag::new("absent").expect("good")],
    );
    let edited = edited.expect("good");
    assert_eq!(edited.iter().map(Tag::as_str).collect::<Vec<_>>(), ["Work", "İ", "new"]);
}

#[test]
fn fifty_tags_and_no_more() {
    let many = |count: usize| (0..count).map(|k| format!("tag{k}")).collect::<Vec<_>>();
    assert_eq!(Tags::parse(&many(TAGS_MAX)).map(|tags| tags.len()), Ok(50));
    let error = Tags::parse(&many(TAGS_MAX + 1)).expect_err("one too many");
    assert_eq!(error.problem, Problem::TooMany { max: 50, got: 51 });
    // Said twice is said once.
    let twice = [many(TAGS_MAX), many(TAGS_MAX)].concat();
    assert_eq!(Tags::parse(&twice).map(|tags| tags.len()), Ok(50));
}

/// Q2: levels are cut at `/`, trimmed, and compared folded.
#[test]
fn projects_have_levels() {
    assert_eq!(project(" home / garden "), Ok("home/garden".to_owned()));
    for empty in ["/home", "home/", "a//b", "/", "a/ /b"] {
        assert_eq!(project(empty), Err(Problem::EmptyLevel), "{empty:?}");
    }
    let within = |path: &str, other: &str| {
        Project::new(path).expect("good").is_within(&Project::new(other).expect("good"))
    };
    assert!(within("Home/Garden", "home") && within("HOME", "home") && within("a/b/c", "A/B"));
    assert!(!within("homework", "home") && !within("home", "home/garden"));
    assert!(within("Straße/x", "STRASSE"));
}

/// Q5: one fold for all: case, width, ligatures and composition do not count; accents do.
#[test]
fn q5_fold() {
    for (a, b) in [
        ("ABC", "abc"),
        ("Straße", "STRASSE"),
        ("ﬁ", "FI"),
        ("É", "e\u{301}"),
        ("Ｆｕｌｌ", "full"),
        ("Σ", "ς"),
        ("İ", "i\u{307}"),
    ] {
        assert_eq!(fold(a), fold(b), "{a} {b}");
    }
    assert_ne!(fold("é"), fold("e"));
}

proptest! {
    #![proptest_config(cases(512))]

    /// What has passed the rules passes them again, unchanged; folding leaves no upper case.
    #[test]
    fn texts_are_settled(text in any::<String>()) {
        if let Ok(once) = title(&text) { prop_assert_eq!(title(&once), Ok(once)); }
        if let Ok(once) = description(&text) { prop_assert_eq!(description(&once), Ok(once)); }
        if let Ok(once) = project(&text) { prop_assert_eq!(project(&once), Ok(once)); }
        if let Ok(once) = tag(&text) { prop_assert_eq!(tag(&once), Ok(once)); }
        let folded = fold(&text);
        prop_assert!(!folded.chars().any(|c| c.is_ascii_uppercase()));
        let upper = text.to_ascii_uppercase();
        prop_assert_eq!(fold(&upper), folded);
    }
}
