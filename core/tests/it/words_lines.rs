//! Whole lines (W1), on Wednesday 2026-03-11 at 10:30.

use todo_core::reminder::Trigger;
use todo_core::words::{PartKind, quick_add};

use crate::words::{refusal, shown, wednesday};

/// A line as the tables write what was understood of it.
fn understood(text: &str) -> String {
    let add = match quick_add(text, &wednesday()) {
        Ok(add) => add,
        Err(error) => return refusal(&error),
    };
    let mut said = vec![add.title.to_string()];
    said.extend(add.tags.iter().map(|tag| format!("#{tag}")));
    said.extend(add.project.iter().map(|project| format!("@{project}")));
    said.extend(add.priority.iter().map(|priority| format!("!{priority}")));
    said.extend(add.due.iter().map(|due| shown(*due)));
    said.extend(add.recurrence.iter().map(|every| every.rule.sentence(every.from)));
    said.extend(add.reminders.iter().map(|trigger| match trigger {
        Trigger::Offset(offset) => offset.to_string(),
        Trigger::At(at) => at.to_string(),
    }));
    said.join(" | ")
}

pub(crate) fn check(table: &[(&str, &str)]) {
    let answers: Vec<_> = table.iter().map(|(text, _)| understood(text)).collect();
    let rows = table.iter().zip(&answers).filter(|((_, wanted), answer)| *wanted != **answer);
    let wrong: Vec<_> = rows
        .map(|((text, wanted), answer)| format!("{text:?}: {answer}\n  not {wanted}"))
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), table.len(), wrong.join("\n"));
}

#[test]
fn w1_what_is_marked_and_what_stands_at_the_end() {
    check(&[
        (
            "Pay rent tomorrow 5pm #finance @home/bills !high every month remind 1h before",
            "Pay rent | #finance | @home/bills | !high | 2026-03-12T17:00 | every month | -PT1H",
        ),
        ("Buy milk", "Buy milk"),
        ("Buy milk tomorrow", "Buy milk | 2026-03-12"),
        ("Buy milk tom", "Buy milk | 2026-03-12"),
        ("Buy milk Tomorrow", "Buy milk | 2026-03-12"),
        ("  Buy   milk   tomorrow  ", "Buy   milk | 2026-03-12"),
        ("Buy milk TOMORROW AT 5PM", "Buy milk | 2026-03-12T17:00"),
        ("Buy milk 5pm tomorrow", "Buy milk | 2026-03-12T17:00"),
        ("Buy milk\u{a0}tomorrow\u{2003}5\u{202f}pm", "Buy milk | 2026-03-12T17:00"),
        // Marks may stand anywhere, also within what they interrupt.
        ("#shop Buy milk", "Buy milk | #shop"),
        ("Buy #shop milk", "Buy milk | #shop"),
        ("Buy milk tomorrow #shop 5pm", "Buy milk | #shop | 2026-03-12T17:00"),
        ("Buy milk #shop, eggs and bread", "Buy milk, eggs and bread | #shop"),
        ("Buy milk #shop.", "Buy milk. | #shop"),
        ("#shop, buy milk", "buy milk | #shop"),
        ("Buy milk #shop #food", "Buy milk | #shop | #food"),
        ("Buy milk #shop#food", "Buy milk | #shop | #food"),
        ("Buy milk #shop,#food!", "Buy milk! | #shop | #food"),
        ("Buy milk +errands", "Buy milk | @errands"),
        ("Milch kaufen #Bücher @Öl", "Milch kaufen | #Bücher | @Öl"),
        ("牛乳を買う #買い物 tomorrow", "牛乳を買う | #買い物 | 2026-03-12"),
        ("Buy milk !1", "Buy milk | !high"),
        ("Buy milk !2 now please", "Buy milk now please | !medium"),
        ("Buy milk !LOW", "Buy milk | !low"),
        ("Buy milk !3.", "Buy milk. | !low"),
        // Several clauses, in any order.
        ("Gym every monday 7am", "Gym | 2026-03-16T07:00 | every Monday"),
        ("Gym tomorrow every monday", "Gym | 2026-03-16 | every Monday"),
        ("Gym every monday tomorrow 5pm", "Gym | 2026-03-16T17:00 | every Monday"),
        ("Gym 7am every weekday", "Gym | 2026-03-12T07:00 | every weekday"),
        ("Gym daily", "Gym | 2026-03-11 | every day"),
        (
            "Report weekly 9am until june",
            "Report | 2026-03-18T09:00 | every week, until 1 Jun 2026",
        ),
        (
            "Meds every day at 9am 5 times remind 10 min before remind at the due time",
            "Meds | 2026-03-12T09:00 | every day, 5 times | -PT10M | PT0S",
        ),
        ("Call mom remind tomorrow 9am", "Call mom | 2026-03-12T09:00:00.000Z"),
        ("Call mom remind me in 10 minutes", "Call mom | 2026-03-11T10:40:00.000Z"),
        ("Call mom friday, remind 1 day before", "Call mom | 2026-03-13 | -P1D"),
        ("Call mom remind 1h before tomorrow 5pm", "Call mom | 2026-03-12T17:00 | -PT1H"),
        ("Water plants every! 3 days", "Water plants | 2026-03-11 | 3 days after completion"),
        ("due: daily, - 3d x", "- 3d x | 2026-03-11 | every day"),
        ("Log on tomorrow", "Log on | 2026-03-12"),
        // What only separates is not kept.
        ("Call mom, tomorrow", "Call mom | 2026-03-12"),
        ("Call mom - tomorrow 5pm", "Call mom | 2026-03-12T17:00"),
        ("Call mom tomorrow!", "Call mom! | 2026-03-12"),
        ("Call mom tomorrow at 5 p.m.", "Call mom. | 2026-03-12T17:00"),
        // Led by a word, a date may stand anywhere.
        ("Meeting on monday with Bob", "Meeting with Bob | 2026-03-16"),
        ("Meeting on monday at 3pm with Bob", "Meeting with Bob | 2026-03-16T15:00"),
        ("Meet Bob on the 15th for lunch", "Meet Bob for lunch | 2026-03-15"),
        ("Finish by friday 5pm", "Finish | 2026-03-13T17:00"),
        ("Finish by the end of the month", "Finish | 2026-03-31"),
        ("Finish by may", "Finish | 2026-05-01"),
        ("due:tomorrow Buy milk", "Buy milk | 2026-03-12"),
        ("Buy due: next friday milk", "Buy milk | 2026-03-20"),
        ("Buy milk due:3d", "Buy milk | 2026-03-14"),
        ("Buy milk due:20260401", "Buy milk | 2026-04-01"),
        ("Buy milk due:2026-04-01T09:30 #x", "Buy milk | #x | 2026-04-01T09:30"),
        ("Pay due:every monday rent", "Pay rent | 2026-03-16 | every Monday"),
        ("Buy milk in 2 hours", "Buy milk | 2026-03-11T12:30"),
        ("Buy milk +3d", "Buy milk | 2026-03-14"),
        ("Buy milk 3d", "Buy milk | 2026-03-14"),
        ("Buy milk 2 weeks from now", "Buy milk | 2026-03-25"),
        ("Buy milk the 15th", "Buy milk | 2026-03-15"),
        ("Buy milk by 21/11", "Buy milk | 2026-11-21"),
        ("Buy milk jan 27", "Buy milk | 2027-01-27"),
        ("Buy milk 2026-04-01", "Buy milk | 2026-04-01"),
        ("Pack this evening", "Pack | 2026-03-11T18:00"),
    ]);
}

#[test]
fn w1_what_is_no_date_stays_in_the_title() {
    let whole = [
        "Buy 3d printer",
        "q on 2026-minute-",
        "q on 2026-",
        "Call Tom",
        "Movie friday 8pm - 10pm",
        "Trip 1 may - 5 may",
        "Run 400m",
        "Read the book by Tom",
        "Watch Avatar 3D",
        "Print in 3D",
        "Earn 1M",
        "Listen to Beethoven's 5th",
        "Review every document",
        "Back up every file",
        "Remind bob about cake",
        "Stand by me",
        "Mail bob@x.com",
        "Fix issue #12",
        "C# course",
        "Ask !important question",
        "Add 1+1",
        "Learn c++ and +1 it",
        "Study 2 hours",
        "Fast 3 days",
        "Wait 10min",
        "Sleep 8h",
        "Sing in may",
        "Do it now",
        "Call 20260401",
        "Sit in the sun",
        "Plan my sunday",
        "Enjoy the weekend",
        "Work saturday and sunday",
        "Pick monday or tuesday",
        "Move the meeting to friday",
        "Walk after midnight",
        "Not before monday",
        "Read monday's paper",
        "Camp mon-fri",
        "Install python 3.12",
        "Install python 3.12.",
        "Work on 3d model",
        "Report on march sales",
        "Meet on the 1st floor",
        "Turn on now",
        "Summarise last friday",
        "What happened 3 days ago",
        "Drink 1/2",
        "Buy milk tomorrow and eggs",
        "Buy milk 21/11",
        "Ratio 16/9",
        "Run 10m",
        "Buy cable 2m",
        "I hate mondays",
        "Call mom 25:99",
        "Pay by card",
        "Ask bob to remind me tomorrow please",
        "Find the first monday",
        "Read the daily",
        "Buy 12 eggs",
        "Read 1984",
        "monday meeting notes",
        "Weekly report",
        "Daily standup notes",
        "Score 4/1 points",
        "Visit https://example.com/a#b",
        "Open C:\\new\\today",
        "Sort \\server files",
        "5pm tea",
        "Say \"call me tomorrow\"",
        "Say “every monday”",
        "Film \"Tomorrow\"",
    ];
    check(&whole.map(|line| (line, line)));
}

#[test]
fn w1_backslashes_and_quotes() {
    check(&[
        ("Fix \\#12 and \\#tag", "Fix #12 and #tag"),
        ("Ask #bob, \\#no", "Ask, #no | #bob"),
        ("Write \\@home", "Write @home"),
        ("Write \\+more \\!high", "Write +more !high"),
        ("Watch \\tomorrow", "Watch tomorrow"),
        ("Print \\3d", "Print 3d"),
        ("Read \\due:tomorrow", "Read due:tomorrow"),
        ("Say \"tomorrow\" tomorrow", "Say \"tomorrow\" | 2026-03-12"),
        ("Tag it \"#no @no !high\" #yes", "Tag it \"#no @no !high\" | #yes"),
        // Nothing is understood across a quote.
        ("Read tomorrow \"x\" 5pm", "Read tomorrow \"x\" | 2026-03-11T17:00"),
        // A quotation mark that nothing closes, and inches.
        ("Buy 24\" screen tomorrow", "Buy 24\" screen | 2026-03-12"),
        ("Say \"hello tomorrow", "Say \"hello | 2026-03-12"),
        ("Don't forget Bob's cake tomorrow", "Don't forget Bob's cake | 2026-03-12"),
    ]);
}

#[test]
fn w1_what_contradicts_itself_is_refused() {
    check(&[
        ("", "0..0 there is nothing to read; write for example Pay rent friday #home"),
        (" \u{a0} ", "0..0 there is nothing to read; write for example Pay rent friday #home"),
        (
            "tomorrow",
            "0..8 there is nothing left that could be the title; put words that belong to it in quotes",
        ),
        (
            "#tag",
            "0..4 there is nothing left that could be the title; put words that belong to it in quotes",
        ),
        (
            "Buy milk today tomorrow",
            "15..23 \"tomorrow\" is a second date; put what belongs to the title in quotes",
        ),
        (
            "Buy milk on monday by friday",
            "19..28 \"by friday\" is a second date; put what belongs to the title in quotes",
        ),
        (
            "Buy milk every monday every friday",
            "22..34 \"every friday\" is a second recurrence; put what belongs to the title in quotes",
        ),
        (
            "Buy @a milk @b",
            "12..14 \"@b\" is a second project; put what belongs to the title in quotes",
        ),
        (
            "Buy !high milk !1",
            "15..17 \"!1\" is a second priority; put what belongs to the title in quotes",
        ),
        (
            "Gym tomorrow 5pm every monday 9am",
            "17..33 \"every monday 9am\" is a second time; leave one of them out",
        ),
        (
            "Gym tomorrow every day from friday",
            "13..34 \"every day from friday\" is a second date; put what belongs to the title in quotes",
        ),
        (
            "Buy milk due:banana",
            "13..19 \"banana\" stands where a date, or a recurrence has to follow",
        ),
        ("Buy milk due:", "13..13 the text ends where a date, or a recurrence has to follow"),
        (
            "Buy milk due:tomorow",
            "13..20 \"tomorow\" stands where a date, or a recurrence has to follow; did you mean tomorrow?",
        ),
        (
            "Buy milk 4/1/2026",
            "9..17 \"4/1/2026\" can be 4 January 2026 or 1 April 2026; write 4 jan 2026 or 1 apr 2026",
        ),
        ("Check oven in 10m", "14..17 10m can be minutes or months; write 10min or 10 months"),
        ("Buy milk 2026-02-30", "9..19 there is no day 30: February 2026 has 28 days"),
        (
            "Meet friday remind 9am",
            "12..22 \"remind 9am\" does not say on which day; write tomorrow 9am, or 1h before",
        ),
        ("Buy @a//b milk", "4..9 the project has an empty level; write levels as home/garden"),
        (
            "Gym every monday until 1 jan 2026",
            "4..33 the rule ends before its first date, 16 March 2026",
        ),
    ]);
    let long = "x".repeat(2_001);
    assert_eq!(understood(&long), "0..0 the text is too long: at most 2000 bytes are read");
    let long = "x".repeat(501);
    assert_eq!(
        understood(&long),
        "0..501 the title is 501 characters long; at most 500 are allowed"
    );
    let tag = format!("Buy #{}", "x".repeat(51));
    assert_eq!(understood(&tag), "4..56 the tag is 51 characters long; at most 50 are allowed");
}

/// What the page marks while one types.
#[test]
fn w1_parts_say_where() {
    let line = "Pay “x” 牛 tomorrow #fin 5pm, every month !1 \\#no remind 1h";
    let add = quick_add(line, &wednesday()).expect("a good line");
    let chars: Vec<char> = line.chars().collect();
    let parts: Vec<_> = add
        .parts
        .iter()
        .map(|part| (part.kind, chars[part.at.clone()].iter().collect::<String>()))
        .collect();
    let wanted = [
        (PartKind::Tag, "#fin"),
        (PartKind::Priority, "!1"),
        (PartKind::Escape, "\\"),
        (PartKind::Reminder, "remind 1h"),
    ];
    // The escaped word ends the tail, so the date before it is a part of the title.
    assert_eq!(parts, wanted.map(|(kind, text)| (kind, text.to_owned())));
    let line = "Pay 牛 tomorrow #fin 5pm, every month !1 remind 1h";
    let add = quick_add(line, &wednesday()).expect("a good line");
    let chars: Vec<char> = line.chars().collect();
    let parts: Vec<_> = add
        .parts
        .iter()
        .map(|part| (part.kind, chars[part.at.clone()].iter().collect::<String>()))
        .collect();
    let wanted = [
        (PartKind::Due, "tomorrow"),
        (PartKind::Tag, "#fin"),
        (PartKind::Due, "5pm,"),
        (PartKind::Recurrence, "every month"),
        (PartKind::Priority, "!1"),
        (PartKind::Reminder, "remind 1h"),
    ];
    assert_eq!(parts, wanted.map(|(kind, text)| (kind, text.to_owned())));
}
