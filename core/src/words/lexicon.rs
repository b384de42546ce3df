//! The vocabulary, as data: which words there are and what each means.
//!
//! The grammar never names a word, only a [`Sense`]; another language is another table.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::Weekday;

/// A length of time that people name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Fortnight,
    Month,
    Quarter,
    Year,
    /// `m`: a month among dates, a minute after hours, among reminders and when putting off.
    MinuteOrMonth,
}

/// An end of a week, month, quarter or year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edge {
    Start,
    End,
}

/// What a word means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sense {
    /// So many days from today.
    Relative(i8),
    Tonight,
    Now,
    Noon,
    Midnight,
    /// A part of the day, which stands for this hour.
    Part(u32),
    Weekday(Weekday),
    /// "mondays".
    Weekdays(Weekday),
    Weekend,
    /// "weekends".
    Weekends,
    /// A day from Monday to Friday.
    Workday,
    /// Before "day": the same.
    Business,
    Month(u32),
    Unit(Unit),
    /// A number in words.
    Count(u32),
    /// "a", "an".
    A,
    The,
    Half,
    /// "first" to "fifth".
    Ordinal(i8),
    /// What follows a number to make it an ordinal: "st", "nd", "rd", "th".
    Suffix,
    Last,
    Next,
    This,
    Coming,
    Edge(Edge),
    /// "eom" and the like.
    EdgeOf(Edge, Unit),
    Am,
    Pm,
    Of,
    In,
    On,
    By,
    At,
    To,
    From,
    After,
    Before,
    Ago,
    And,
    Or,
    Every,
    Other,
    /// "weekly" and the like: every so many units.
    Often(u16, Unit),
    Until,
    For,
    Times,
    Starting,
    Completion,
    Remind,
    Me,
    When,
    Where,
    There,
    It,
    Is,
    Due,
    Time,
    Date,
}

use Sense::{
    A, After, Ago, Am, And, At, Before, Business, By, Coming, Completion, Count, Date, Due, EdgeOf,
    Every, For, From, Half, In, Is, It, Last, Me, Midnight, Month, Next, Noon, Now, Of, Often, On,
    Or, Ordinal, Other, Part, Pm, Relative, Remind, Starting, Suffix, The, There, This, Time,
    Times, To, Tonight, Until, Weekend, When, Where, Workday,
};

const fn unit(unit: Unit) -> Sense {
    Sense::Unit(unit)
}

const fn day(day: Weekday) -> Sense {
    Sense::Weekday(day)
}

const fn days(day: Weekday) -> Sense {
    Sense::Weekdays(day)
}

/// English. A word has one meaning; where people use it in two ways, the grammar knows from what
/// stands beside it.
#[rustfmt::skip]
const ENGLISH: &[(&str, Sense)] = &[
    ("today", Relative(0)), ("tod", Relative(0)),
    ("tomorrow", Relative(1)), ("tom", Relative(1)), ("tmr", Relative(1)), ("tmrw", Relative(1)),
    ("yesterday", Relative(-1)),
    ("tonight", Tonight), ("now", Now), ("noon", Noon), ("midday", Noon), ("midnight", Midnight),
    ("morning", Part(9)), ("afternoon", Part(15)), ("evening", Part(18)), ("night", Part(20)),

    ("monday", day(Weekday::Mon)), ("mon", day(Weekday::Mon)),
    ("tuesday", day(Weekday::Tue)), ("tue", day(Weekday::Tue)), ("tues", day(Weekday::Tue)),
    ("wednesday", day(Weekday::Wed)), ("wed", day(Weekday::Wed)), ("weds", day(Weekday::Wed)),
    ("thursday", day(Weekday::Thu)), ("thu", day(Weekday::Thu)), ("thur", day(Weekday::Thu)),
    ("thurs", day(Weekday::Thu)),
    ("friday", day(Weekday::Fri)), ("fri", day(Weekday::Fri)),
    ("saturday", day(Weekday::Sat)), ("sat", day(Weekday::Sat)),
    ("sunday", day(Weekday::Sun)), ("sun", day(Weekday::Sun)),
    ("mondays", days(Weekday::Mon)), ("tuesdays", days(Weekday::Tue)),
    ("wednesdays", days(Weekday::Wed)), ("thursdays", days(Weekday::Thu)),
    ("fridays", days(Weekday::Fri)), ("saturdays", days(Weekday::Sat)),
    ("sundays", days(Weekday::Sun)),
    ("weekend", Weekend), ("weekends", Sense::Weekends), ("weekday", Workday), ("weekdays", Workday), ("workday", Workday),
    ("workdays", Workday), ("business", Business), ("working", Business),

    ("january", Month(1)), ("jan", Month(1)), ("february", Month(2)), ("feb", Month(2)),
    ("march", Month(3)), ("mar", Month(3)), ("april", Month(4)), ("apr", Month(4)),
    ("may", Month(5)), ("june", Month(6)), ("jun", Month(6)), ("july", Month(7)), ("jul", Month(7)),
    ("august", Month(8)), ("aug", Month(8)), ("september", Month(9)), ("sep", Month(9)),
    ("sept", Month(9)), ("october", Month(10)), ("oct", Month(10)), ("november", Month(11)),
    ("nov", Month(11)), ("december", Month(12)), ("dec", Month(12)),

    ("sec", unit(Unit::Second)), ("secs", unit(Unit::Second)), ("seconds", unit(Unit::Second)),
    ("min", unit(Unit::Minute)), ("mins", unit(Unit::Minute)), ("minute", unit(Unit::Minute)),
    ("minutes", unit(Unit::Minute)),
    ("h", unit(Unit::Hour)), ("hr", unit(Unit::Hour)), ("hrs", unit(Unit::Hour)),
    ("hour", unit(Unit::Hour)), ("hours", unit(Unit::Hour)),
    ("d", unit(Unit::Day)), ("day", unit(Unit::Day)), ("days", unit(Unit::Day)),
    ("w", unit(Unit::Week)), ("wk", unit(Unit::Week)), ("wks", unit(Unit::Week)),
    ("week", unit(Unit::Week)), ("weeks", unit(Unit::Week)),
    ("fortnight", unit(Unit::Fortnight)), ("fortnights", unit(Unit::Fortnight)),
    ("m", unit(Unit::MinuteOrMonth)), ("mo", unit(Unit::Month)), ("mos", unit(Unit::Month)),
    ("mth", unit(Unit::Month)), ("mths", unit(Unit::Month)),
    ("month", unit(Unit::Month)), ("months", unit(Unit::Month)),
    ("q", unit(Unit::Quarter)), ("quarter", unit(Unit::Quarter)), ("quarters", unit(Unit::Quarter)),
    ("y", unit(Unit::Year)), ("yr", unit(Unit::Year)), ("yrs", unit(Unit::Year)),
    ("year", unit(Unit::Year)), ("years", unit(Unit::Year)),

    ("a", A), ("an", A), ("the", The), ("half", Half),
    ("one", Count(1)), ("two", Count(2)), ("three", Count(3)), ("four", Count(4)),
    ("five", Count(5)), ("six", Count(6)), ("seven", Count(7)), ("eight", Count(8)),
    ("nine", Count(9)), ("ten", Count(10)), ("eleven", Count(11)), ("twelve", Count(12)),
    ("first", Ordinal(1)), ("second", Ordinal(2)), ("third", Ordinal(3)), ("fourth", Ordinal(4)),
    ("fifth", Ordinal(5)),
    ("st", Suffix), ("nd", Suffix), ("rd", Suffix), ("th", Suffix),
    ("last", Last), ("next", Next), ("this", This), ("coming", Coming),

    ("end", Sense::Edge(Edge::End)), ("start", Sense::Edge(Edge::Start)),
    ("beginning", Sense::Edge(Edge::Start)),
    ("eod", EdgeOf(Edge::End, Unit::Day)), ("eow", EdgeOf(Edge::End, Unit::Week)),
    ("eom", EdgeOf(Edge::End, Unit::Month)), ("eoq", EdgeOf(Edge::End, Unit::Quarter)),
    ("eoy", EdgeOf(Edge::End, Unit::Year)),
    ("sow", EdgeOf(Edge::Start, Unit::Week)), ("som", EdgeOf(Edge::Start, Unit::Month)),
    ("soq", EdgeOf(Edge::Start, Unit::Quarter)), ("soy", EdgeOf(Edge::Start, Unit::Year)),

    ("am", Am), ("pm", Pm),
    ("of", Of), ("in", In), ("on", On), ("by", By), ("at", At), ("to", To), ("from", From),
    ("after", After), ("before", Before), ("ago", Ago), ("and", And), ("or", Or),

    ("every", Every), ("each", Every), ("other", Other),
    ("daily", Often(1, Unit::Day)), ("weekly", Often(1, Unit::Week)),
    ("biweekly", Often(2, Unit::Week)), ("fortnightly", Often(2, Unit::Week)),
    ("monthly", Often(1, Unit::Month)), ("quarterly", Often(1, Unit::Quarter)),
    ("yearly", Often(1, Unit::Year)), ("annually", Often(1, Unit::Year)),
    ("until", Until), ("till", Until), ("for", For), ("times", Times), ("starting", Starting),
    ("completion", Completion),

    ("remind", Remind), ("me", Me), ("when", When), ("where", Where),
    ("there", There), ("it", It), ("it's", It), ("it’s", It), ("is", Is), ("due", Due),
    ("time", Time), ("date", Date),
];

/// Words before which the tail of a line is no date: it belongs to what is said ("my Sunday",
/// "Saturday and Sunday", "after midnight", "move it to Friday").
pub(super) const CLINGING: &[&str] = &[
    "the", "a", "an", "my", "our", "your", "his", "her", "their", "its", "of", "to", "in", "and",
    "or", "after", "before", "until", "till", "since", "from", "through", "between", "than", "vs",
    "not", "no", "every", "each", "this", "next", "last", "first", "second", "third", "fourth",
    "fifth", "per", "&",
];

/// Short forms that are somebody's name when they begin with a capital: "Call Tom".
pub(super) const NAMES: &[&str] = &["tom", "tod"];

/// Words that may follow "on the 15th" in the middle of a line; before others it counts something
/// else ("on the 1st floor").
pub(super) const LINKING: &[&str] = &[
    "with", "for", "at", "in", "to", "about", "by", "and", "or", "before", "after", "near", "via",
];

/// Longest word of the table, in bytes.
const LONGEST: usize = 12;

static INDEX: LazyLock<HashMap<&'static str, Sense>> =
    LazyLock::new(|| ENGLISH.iter().copied().collect());

/// What a word means, in any case.
pub(super) fn sense(word: &str) -> Option<Sense> {
    let mut lower = [0; LONGEST];
    let lower = lower.get_mut(..word.len())?;
    lower.copy_from_slice(word.as_bytes());
    lower.make_ascii_lowercase();
    INDEX.get(std::str::from_utf8(lower).ok()?).copied()
}

/// The word that was probably meant.
pub(super) fn nearest(word: &str) -> Option<&'static str> {
    let length = word.chars().count();
    // Between short words everything is near everything.
    let far = match length {
        3..=4 => 1,
        5..=20 => 2,
        _ => return None,
    };
    if !word.chars().all(char::is_alphabetic) {
        return None;
    }
    let lower = word.to_lowercase();
    ENGLISH
        .iter()
        .filter(|(known, _)| known.len() > 3 || length <= 3)
        .map(|(known, _)| (strsim::osa_distance(&lower, known), *known))
        // The first letter is rarely the wrong one.
        .filter(|(distance, known)| {
            *distance <= 1.min(far)
                || (*distance <= far && lower.as_bytes()[0] == known.as_bytes()[0])
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// Whether a word is one of a list, in any case.
pub(super) fn is_among(word: &str, list: &[&str]) -> bool {
    list.iter().any(|other| other.eq_ignore_ascii_case(word))
}
