//! Q9: what is printed is read as the same, and any text is an answer or a place in it.

use std::cell::Cell;

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_assert_eq, prop_assume, prop_oneof, proptest};
use proptest::sample::{Index, select};
use todo_core::conformance::cases;
use todo_core::query::expression::{DEPTH_MAX, SavedFilters, TERMS_MAX, TEXT_MAX};
use todo_core::query::{Expression, Filters};
use todo_core::words::WordsError;

use todo_core::conformance::asked::{asking, expression, node, saved};

fn read(text: &str, saved: &dyn SavedFilters) -> Result<Expression, WordsError> {
    Expression::parse(text, &asking(), saved)
}

/// An expression that prints to itself, or a place in the text.
fn answered(text: &str, saved: &dyn SavedFilters) {
    match read(text, saved) {
        Ok(expression) => {
            let written = expression.to_string();
            // The written form may be longer than what was typed.
            if written.len() <= TEXT_MAX {
                assert_eq!(
                    read(&written, saved).as_ref(),
                    Ok(&expression),
                    "{text:?}: {written:?}"
                );
            }
        }
        Err(error) => {
            let length = text.chars().count();
            let at = &error.at;
            assert!(at.start <= at.end && at.end <= length, "{text:?}: {error:?}");
            assert!(!error.problem.is_empty() && error.text.chars().count() <= 41, "{error:?}");
        }
    }
}

/// What the grammar is made of.
const PIECES: &[&str] = &[
    "due",
    "due<",
    "due:",
    "start>=",
    "tag:",
    "status:",
    "priority",
    "id:",
    "id>",
    "urgency<",
    "parent:",
    "project!=",
    "title:",
    "repeat:",
    "filter:",
    "filter:mine",
    "nofield:",
    ":",
    "<",
    ">=",
    "!=",
    "=",
    "(",
    ")",
    "and",
    "or",
    "not",
    "|",
    "&&",
    ",",
    "\"",
    "“",
    "”",
    "\\",
    "none",
    "any",
    "today",
    "overdue",
    "tomorrow",
    "week",
    "5pm",
    "17:00",
    "4/1",
    "next friday",
    "in 3",
    "open",
    "high",
    "!high",
    "!",
    "#work",
    "#",
    "@",
    "+x",
    "-x",
    "-",
    "3-5",
    "5-3",
    "1234-5678",
    "12-34-5",
    "0",
    "99999999999999999999",
    "milk",
    "é",
    "👩‍👩‍👧",
    "\u{202e}",
    "\u{0}",
    "\n",
];

fn line() -> impl Strategy<Value = String> {
    let word = prop_oneof![12 => select(PIECES).prop_map(str::to_owned), 1 => "\\PC{0,4}"];
    let between = prop_oneof![2 => Just(" "), 2 => Just(""), 1 => Just("\u{3000}")];
    vec((word, between), 0..14)
        .prop_map(|words| words.into_iter().map(|(word, space)| word + space).collect())
}

proptest! {
    #![proptest_config(cases(2_000))]

    /// Whatever is meant, its written form says just that.
    #[test]
    fn q9_printed_is_read_as_the_same(root in node()) {
        let meant = expression(root);
        let written = meant.to_string();
        prop_assume!(written.len() <= TEXT_MAX);
        let again = read(&written, &saved());
        prop_assert_eq!(again.as_ref(), Ok(&meant), "{}", written);
        prop_assert_eq!(again.map(|again| again.to_string()), Ok(written));
    }

    #[test]
    fn q9_any_text_is_answered(text in prop_oneof![any::<String>(), "[ -~]{0,60}", line()]) {
        answered(&text, &saved());
    }

    /// A slip of the finger in something that was right.
    #[test]
    fn q9_a_slip_is_answered(
        root in node(),
        at in any::<Index>(),
        slip in prop_oneof![Just(String::new()), "\\PC", select(PIECES).prop_map(str::to_owned)],
        gone in 0..3_usize,
    ) {
        let mut chars: Vec<char> = expression(root).to_string().chars().collect();
        let from = at.index(chars.len() + 1);
        let to = (from + gone).min(chars.len());
        chars.splice(from..to, slip.chars());
        answered(&chars.into_iter().collect::<String>(), &saved());
    }
}

/// Texts of the greatest length that open, negate or begin something at every word.
#[test]
fn q9_what_goes_deep_is_refused() {
    let pieces =
        ["(", "not ", "\"", "\" ", "due<in ", "due<\"", "a|", "a:", ",", "!=", "a ", "#a ", "-"];
    for piece in pieces {
        let text: String = piece.chars().cycle().take(TEXT_MAX).collect();
        answered(&text, &());
    }
    let deep = |levels: usize| format!("{}a{}", "(".repeat(levels), ")".repeat(levels));
    assert!(read(&deep(DEPTH_MAX), &()).is_ok());
    let error = read(&deep(DEPTH_MAX + 1), &()).expect_err("too deep");
    assert_eq!(error.at, DEPTH_MAX..DEPTH_MAX + 1);
    assert!(error.problem.starts_with("it is nested too deep"), "{error}");
    assert!(read(&format!("{}a", "not ".repeat(DEPTH_MAX)), &()).is_ok());
    assert!(read(&format!("{}a", "not ".repeat(DEPTH_MAX + 1)), &()).is_err());
    let error = read(&"é".repeat(1_001), &()).expect_err("too long");
    assert_eq!(
        (error.at, error.problem.as_str()),
        (0..1_001, "it is too long: at most 2000 bytes are read")
    );
    assert!(read(&"a".repeat(TEXT_MAX), &()).is_ok());
}

/// Counts how often saved filters are asked for.
struct Counting(Filters, Cell<usize>);

impl SavedFilters for Counting {
    fn text(&self, name: &str) -> Option<&str> {
        self.1.set(self.1.get() + 1);
        self.0.text(name)
    }
    fn names(&self) -> Vec<&str> {
        self.0.names()
    }
}

/// Each names the next a hundred times. Each could be saved, for the next one was small then.
#[test]
fn q9_filters_that_fan_out_are_refused_before_they_cost() {
    let mut saved = Filters::default();
    let name = |k: usize| format!("f{k}");
    for k in 0..8 {
        saved.save(&name(k), "a", &asking()).expect("a filter");
    }
    for k in 0..7 {
        let fan = vec![format!("filter:{}", name(k + 1)); 100].join(" ");
        saved.save(&name(k), &fan, &asking()).expect("small enough alone");
    }
    let counting = Counting(saved, Cell::new(0));
    let error = read("b filter:f0", &counting).expect_err("10^14 conditions");
    assert_eq!(error.at, 9..11);
    assert!(error.problem.starts_with("it asks too much"), "{error}");
    // No more than each of the conditions allowed, through each of the filters in a row.
    assert!(counting.1.get() <= 8 * TERMS_MAX, "{}", counting.1.get());
}

/// The bound is on conditions, wherever they stand.
#[test]
fn q9_five_hundred_conditions_are_enough() {
    let mut saved = Filters::default();
    saved.save("hundred", &vec!["a"; 100].join("|"), &asking()).expect("a filter");
    let five = ["filter:hundred"; 5].join(" ");
    assert!(read(&five, &saved).is_ok());
    let error = read(&format!("{five} b"), &saved).expect_err("one more");
    assert_eq!((error.at.start, error.problem.starts_with("it asks too much")), (75, true));
}
