//! Q9: the filter language.

use chrono_tz::Tz;
use todo_core::conformance::given::record;
use todo_core::query::{Expression, Filters, Moment};
use todo_core::words::{Asking, WordsError};
use todo_core::{Filter, TaskQuery};

fn asking() -> Asking {
    let now = "2026-11-21T12:00:00Z".parse().expect("an instant");
    let moment =
        Moment { now, zone: Tz::UTC, owner_zone: Tz::UTC, week_start: chrono::Weekday::Mon };
    Asking { moment, date_order: None }
}

fn read(text: &str) -> Result<Expression, WordsError> {
    Expression::parse(text, &asking(), &Filters::default())
}

#[test]
fn q9_one_written_form() {
    for (typed, written) in [
        (
            "priority:high and due<tomorrow and not tag:work",
            "priority:high and due<tomorrow and not tag:work",
        ),
        ("today | overdue", "today or overdue"),
        ("#home", "tag:home"),
        ("@work", "project:work"),
        ("+work/office", "project:work/office"),
        ("\"exact words\"", "\"exact words\""),
        ("\"today\"", "\"today\""),
        ("milk bread", "milk and bread"),
        ("a or b c", "a or b and c"),
        ("(a or b) c", "(a or b) and c"),
        ("not a b", "not a and b"),
        ("not (a b)", "not (a and b)"),
        ("NOT a OR B And c", "not a or B and c"),
        ("!high", "priority:high"),
        ("priority>=medium", "priority>=medium"),
        ("priority!=low", "not priority:low"),
        ("due<next friday", "due<\"next friday\""),
        ("due<next friday #work", "due<\"next friday\" and tag:work"),
        ("due<=2026-12-01T17:00", "due<=2026-12-01T17:00"),
        ("due:overdue", "overdue"),
        ("due:none", "due:none"),
        ("due:eow", "due:eow"),
        ("overdue or (tag:finance and due<eow)", "overdue or tag:finance and due<eow"),
        ("tag:a,b", "tag:a,b"),
        ("project:\"my home\",work", "project:\"my home\",work"),
        ("status:open", "status:pending,in_progress"),
        ("id:3,5-8", "id:3,5-8"),
        ("urgency>60", "urgency>60"),
        ("repeat:none", "repeat:none"),
        ("repeat:any", "repeating"),
        ("parent:3", "parent:3"),
        ("a&b||c", "a and b or c"),
        ("title:rent description:any", "title:rent and description:any"),
        ("17:00", "\"17:00\""),
        ("due<1h and 30min", "due<1h and 30min"),
        ("due<\"1h and 30min\"", "due<\"1h and 30min\""),
        ("“two words”", "\"two words\""),
        ("title:\"say “hi” twice\"", "title:\"say “hi” twice\""),
        ("tag:\"none\",work", "tag:\"none\",work"),
        ("id:12-34-56", "id:123456-"),
        ("parent:01987200-70", "parent:0198720070-"),
    ] {
        let expression = read(typed).unwrap_or_else(|error| panic!("{typed}: {error:?}"));
        assert_eq!(expression.to_string(), written, "{typed}");
        assert_eq!(read(written).expect(written), expression, "{typed}");
    }
}

#[test]
fn q9_refused_with_place_and_suggestion() {
    for (typed, at, problem, suggestion) in [
        (
            "",
            0..0,
            "there is nothing to look for",
            Some("write for example #work and due<tomorrow"),
        ),
        ("a\u{0}b", 1..2, "it holds the control character U+0000", Some("take it out")),
        ("#x or \"\u{1b}[2J\"", 7..8, "it holds the control character U+001B", Some("take it out")),
        ("prioriy:high", 0..7, "there is no field \"prioriy\"", Some("did you mean priority:?")),
        (
            "priority:hihg",
            9..13,
            "\"hihg\" is no value of priority; it takes high, medium, low",
            Some("did you mean high?"),
        ),
        (
            "due<tomorow",
            4..11,
            "\"tomorow\" is not understood here",
            Some("did you mean tomorrow?"),
        ),
        ("due<", 4..4, "a value has to stand here", Some("write due: and the value")),
        (
            "due: tomorrow",
            4..4,
            "a value has to stand here",
            Some("write due: and the value without a space between"),
        ),
        ("(a or b", 0..1, "this bracket is not closed", Some("close it with )")),
        ("a)", 1..2, "this bracket closes nothing", Some("put \")\" in quotes to look for it")),
        ("a and", 5..5, "a condition has to stand here", None),
        (
            "or b",
            0..2,
            "a condition has to stand here",
            Some("put it in quotes to look for the word"),
        ),
        ("\"abc", 0..4, "a quote is not closed", Some("close it with \"")),
        ("tag<work", 3..4, "tag does not take \"<\"", Some("write tag: and a value")),
        (
            "tag:none,work",
            4..8,
            "another value has to stand here",
            Some("\"none\" stands alone: write tag:none or tag:…"),
        ),
        (
            "due<and",
            4..7,
            "\"and\" is not understood here",
            Some("write for example tomorrow 5pm, next monday, 21 nov or 2026-11-21"),
        ),
        (
            "-work",
            0..5,
            "a minus says nothing here",
            Some("write not work, or put it in quotes to look for it"),
        ),
        (
            "!work",
            0..5,
            "\"!\" marks a priority, and \"work\" is none",
            Some("write !high, !medium or !low, or not work"),
        ),
        (
            "milk!  !",
            7..8,
            "\"!\" marks a priority, and \"\" is none",
            Some("write !high, !medium or !low, or put it in quotes"),
        ),
        (
            "http://x.org",
            0..4,
            "there is no field \"http\"",
            Some("put it in quotes to look for the text \"http\""),
        ),
        (
            "due:tomorrow 5pm",
            4..16,
            "a day has to stand here, without a time",
            Some("for a moment use due< or due>="),
        ),
        (
            "filter:x",
            7..8,
            "there is no saved filter \"x\"",
            Some("save one first; `filter` lists them"),
        ),
        (
            "urgency:5",
            7..8,
            "urgency does not take \":\"",
            Some("write urgency with <, <=, > or >= and a number"),
        ),
    ] {
        let error = read(typed).expect_err(typed);
        let said = (error.at, error.problem.as_str(), error.suggestion.as_deref());
        assert_eq!(said, (at, problem, suggestion), "{typed}");
    }
}

/// A date that says nothing any more means no task, and not of it means none either: a command on
/// all of them must not come of it.
#[test]
fn q9_a_date_that_says_nothing_any_more_means_nothing() {
    let task = record(1, "Call Ann", asking().moment.now);
    let at = |text: &str, now: &str| {
        let expression = Some(read(text).unwrap_or_else(|error| panic!("{text}: {error:?}")));
        let moment = Moment { now: now.parse().expect("an instant"), ..asking().moment };
        let filter = Filter { expression, ..Filter::default() };
        TaskQuery { filter, ..TaskQuery::new(moment) }.matches(&task)
    };
    for (text, now, means) in [
        ("not due:\"sat 21 nov\"", "2026-11-21T12:00:00Z", true),
        // A Sunday.
        ("not due:\"sat 21 nov\"", "2027-11-20T12:00:00Z", false),
        ("due:\"sat 21 nov\"", "2027-11-20T12:00:00Z", false),
        ("call or due:\"sat 21 nov\"", "2027-11-20T12:00:00Z", false),
        ("not due<\"in 70 years\"", "2026-11-21T12:00:00Z", true),
        ("not due<\"in 70 years\"", "2036-11-21T12:00:00Z", false),
    ] {
        assert_eq!(at(text, now), means, "{text} at {now}");
    }
}

#[test]
fn q9_a_title_is_always_there() {
    assert_eq!(read("title:any").map(|e| e.to_string()), Ok("title:\"any\"".to_owned()));
    assert_eq!(
        read("title:none,b").expect_err("one text").problem,
        "one value and no more has to stand here"
    );
}

/// What is refused must not be a search for text: `not` of it would be every task.
#[test]
fn q9_what_looks_like_a_question_and_is_none_is_refused() {
    for (typed, at) in [
        ("not due.before:eow", 4..14),
        ("not project.is:home", 4..14),
        ("due-date:today", 0..8),
        ("not tag1:a", 4..8),
        ("prioriy: high", 0..8),
        ("Re: offer", 0..3),
    ] {
        let error = read(typed).expect_err(typed);
        assert_eq!(error.at, at, "{typed}");
        assert!(error.problem.starts_with("there is no field"), "{typed}: {error}");
    }
    for typed in ["17:00", "\"Re: offer\"", "3:1"] {
        read(typed).unwrap_or_else(|error| panic!("{typed}: {error}"));
    }
}

/// A date without a year is the one that is nearer, or asked for; one to come says nothing of what
/// has happened.
#[test]
fn q9_a_date_that_could_as_well_have_passed_is_refused() {
    for typed in ["due<\"20 nov\"", "due:\"nov 1\"", "start>=1 oct"] {
        let error = read(typed).expect_err(typed);
        assert!(error.problem.starts_with("it has passed this year"), "{typed}: {error}");
        assert_eq!(error.suggestion.as_deref(), Some("write it with the year"), "{typed}");
    }
    for typed in ["completed>=monday", "not completed:tuesday", "created<friday 5pm"] {
        let error = read(typed).expect_err(typed);
        assert!(error.problem.starts_with("it is to come"), "{typed}: {error}");
    }
    for typed in [
        "due<\"21 nov\"",
        "due<\"25 nov\"",
        "due<\"1 mar\"",
        "due<\"20 nov 2026\"",
        "due<monday",
        "completed>=last monday",
        "completed>=3 days ago",
        "completed<=today",
        "completed:week",
        "updated<eow",
        "created<tomorrow",
        "created<2027-01-01",
    ] {
        read(typed).unwrap_or_else(|error| panic!("{typed}: {error}"));
    }
}
