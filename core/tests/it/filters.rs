//! Q9: saved filters, the owner's own.

use todo_core::query::{FILTERS_MAX, Filters, NAME_MAX, SavedFilters as _};
use todo_core::{ErrorCode, Problem, TaskError};

use todo_core::conformance::asked::asking;

fn save(filters: &mut Filters, name: &str, text: &str) {
    filters.save(name, text, &asking()).unwrap_or_else(|error| panic!("{name}: {error:?}"));
}

fn refused(filters: &mut Filters, name: &str, text: &str) -> TaskError {
    let before = filters.clone();
    let error = filters.save(name, text, &asking()).expect_err(text);
    assert_eq!(*filters, before, "what is refused changes nothing");
    error
}

/// The problem of an expression, and the part of it where that lies.
fn trouble<'t>(error: &TaskError, text: &'t str) -> (String, &'t str) {
    let TaskError::Words { field: "filter", error } = error else { panic!("{error:?}") };
    (error.problem.clone(), &text[error.at.clone()])
}

fn saved(filters: &Filters) -> Vec<(&str, &str)> {
    filters.iter().collect()
}

#[test]
fn q9_names_are_the_same_in_any_case() {
    let mut filters = Filters::default();
    save(&mut filters, " Home-2 ", "#home");
    save(&mut filters, "HOME-2", "@home");
    save(&mut filters, "Über_5", "filter:Home-2 not filter!=HOME-2");
    let both = "filter:home-2 and not not filter:home-2";
    assert_eq!(saved(&filters), [("home-2", "project:home"), ("über_5", both)]);
    let one = filters.expression("ÜBER_5", &asking()).expect("it is there");
    assert_eq!(Some(one), filters.expression("über_5", &asking()).ok());
    assert_eq!(filters.text("ÜBER_5"), Some(both));
    filters.remove("Über_5", &asking()).expect("it is there");
    assert_eq!(saved(&filters), [("home-2", "project:home")]);
}

#[test]
fn q9_what_is_no_name() {
    let mut filters = Filters::default();
    for name in ["", " ", "none", "NONE", "two words", "a/b", "a:b", "#a", "a\u{1b}", "👩", "a\""]
    {
        let error = refused(&mut filters, name, "a");
        assert_eq!(error.code(), ErrorCode::ValidationError, "{name:?}");
    }
    let longest = "é".repeat(NAME_MAX);
    save(&mut filters, &longest, "a");
    refused(&mut filters, &format!("{longest}é"), "a");
    // A word that means something elsewhere is a name like any other.
    for name in ["and", "any", "not", "due", "-", "7"] {
        save(&mut filters, name, "a");
        save(&mut filters, "naming", &format!("filter:\"{name}\""));
        filters.expression("naming", &asking()).expect(name);
    }
}

#[test]
fn q9_kept_in_the_one_written_form() {
    let mut filters = Filters::default();
    let kept = filters.save("x", "!high | (OVERDUE)", &asking()).map(|(_, text)| text);
    assert_eq!(kept, Ok("priority:high or overdue".to_owned()));
    let json = serde_json::to_string(&filters).expect("JSON");
    assert_eq!(json, r#"{"x":"priority:high or overdue"}"#);
    assert_eq!(serde_json::from_str::<Filters>(&json).expect("its own JSON"), filters);
}

/// What is kept can be read again, though it may be longer than what was typed.
#[test]
fn q9_a_written_form_that_is_too_long_is_refused() {
    let mut filters = Filters::default();
    save(&mut filters, "x", &"a ".repeat(334));
    assert!(filters.expression("x", &asking()).is_ok());
    let error = refused(&mut filters, "x", &"a ".repeat(335));
    assert_eq!(error.to_string(), "too many bytes in the written form of a filter: at most 2000");
}

#[test]
fn q9_two_hundred_are_enough() {
    let mut filters = Filters::default();
    for k in 0..FILTERS_MAX {
        save(&mut filters, &format!("f{k}"), "a");
    }
    let error = refused(&mut filters, "one-more", "a");
    assert_eq!(error, TaskError::LimitExceeded { what: "saved filters", limit: 200 });
    save(&mut filters, "F7", "b");
    filters.remove("f8", &asking()).expect("it is there");
    save(&mut filters, "one-more", "a");
    assert_eq!(filters.iter().count(), FILTERS_MAX);
}

#[test]
fn q9_circles_are_refused() {
    let mut filters = Filters::default();
    let text = "b or filter:A";
    save(&mut filters, "a", "c");
    let itself = refused(&mut filters, "a", text);
    assert_eq!(trouble(&itself, text), ("the saved filter \"a\" names itself".to_owned(), "A"));
    save(&mut filters, "b", "x filter:a");
    save(&mut filters, "c", "not filter:b");
    let circle = refused(&mut filters, "A", "y (filter:c)");
    assert_eq!(
        trouble(&circle, "y (filter:c)"),
        ("the saved filter \"a\" names itself".to_owned(), "c")
    );
    // Twice is no circle.
    save(&mut filters, "d", "filter:a filter:a filter:b");
}

/// Eight in a row: what could be saved can be named.
#[test]
fn q9_a_chain_is_no_circle() {
    let mut filters = Filters::default();
    save(&mut filters, "f1", "a");
    for k in 2..=8 {
        save(&mut filters, &format!("f{k}"), &format!("filter:f{}", k - 1));
    }
    let error = refused(&mut filters, "f9", "filter:f8");
    let problem = "at most 8 saved filters can name each other in a row".to_owned();
    assert_eq!(trouble(&error, "filter:f8"), (problem, "f8"));
    let named = todo_core::query::Expression::read("filter:f8", &asking(), &filters);
    assert!(named.is_ok(), "{named:?}");
}

#[test]
fn q9_one_that_is_gone_is_named_when_it_is_missed() {
    let mut filters = Filters::default();
    save(&mut filters, "garden", "@home/garden");
    save(&mut filters, "outside", "filter:garden or #car");
    let used = filters.remove("garden", &asking()).expect_err("another names it");
    let by = Problem::FilterInUse("outside".to_owned());
    assert_eq!(used, TaskError::field("name", by));
    // By hand, in the file.
    let mut filters: Filters = filters
        .iter()
        .filter(|(name, _)| *name != "garden")
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .collect();
    let error = filters.expression("outside", &asking()).expect_err("one is gone");
    let text = "filter:garden or tag:car";
    assert_eq!(trouble(&error, text), ("there is no saved filter \"garden\"".to_owned(), "garden"));
    let typed = "#x filter:outside";
    let error = todo_core::query::Expression::read(typed, &asking(), &filters);
    let problem =
        "the saved filter \"outside\" is not understood: there is no saved filter \"garden\"";
    let error = error.expect_err("one is gone");
    assert_eq!(trouble(&error, typed), (problem.to_owned(), "outside"));
    let missing = filters.remove("outsid", &asking()).expect_err("it is not there");
    let like = Some("outside".to_owned());
    assert_eq!(missing, TaskError::NoSuchFilter { name: "outsid".to_owned(), like });
    assert_eq!(missing.code(), ErrorCode::NotFound);
}

/// What is saved is what was meant: another day each day.
#[test]
fn q9_a_date_is_kept_in_its_words() {
    let mut filters = Filters::default();
    save(&mut filters, "soon", "due<next friday");
    assert_eq!(saved(&filters), [("soon", "due<\"next friday\"")]);
    let error = refused(&mut filters, "soon", "due<4/1");
    let (problem, place) = trouble(&error, "due<4/1");
    assert_eq!(place, "4/1", "{problem}");
    let order = Some(todo_core::words::DateOrder::DayFirst);
    let day_first = todo_core::words::Asking { date_order: order, ..asking() };
    assert!(filters.save("soon", "due<4/1", &day_first).is_ok());
}
