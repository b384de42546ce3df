//! Tails of a line that look whole and are not (W1), on Wednesday 2026-03-11 at 10:30: a shorter
//! one would be a wrong date.

use crate::words_lines::check;

#[test]
fn w1_a_tail_is_not_cut_short() {
    check(&[
        (
            "Gym every monday wednesday and friday at 7pm",
            "Gym | 2026-03-11T19:00 | every Monday, Wednesday and Friday",
        ),
        (
            "Gym mondays and fridays 7am",
            "16..23 \"fridays\" can be many days, not one; write every friday",
        ),
        (
            "Party saturday midnight",
            "15..23 midnight can be the beginning or the end of that day; write 2026-03-14 00:00 or 2026-03-15 00:00",
        ),
        ("Flight 24.12. 6:00", "Flight | 2026-12-24T06:00"),
        ("Flight 24.12. at 6pm", "Flight | 2026-12-24T18:00"),
        (
            "Flight 24.12 6:00",
            "7..12 \"24.12\" can be a date, or only a number; write a date as by friday 5pm or 21 nov, and put what belongs to the title in quotes",
        ),
        ("Install python 3.12 5pm", "Install python 3.12 | 2026-03-11T17:00"),
        ("Bins tuesdays 7am", "5..13 \"tuesdays\" can be many days, not one; write every tuesday"),
        ("Bins on tuesdays", "8..16 \"tuesdays\" can be many days, not one; write every tuesday"),
        (
            "Bins on tuesdays 7am",
            "8..16 \"tuesdays\" can be many days, not one; write every tuesday",
        ),
        ("Bins every tuesdays 7am", "Bins | 2026-03-17T07:00 | every Tuesday"),
        ("Watch mondays with Bob", "Watch mondays with Bob"),
        ("Gym weekdays 7am", "4..12 \"weekdays\" can be many days, not one; write every weekday"),
        ("Gym on weekdays", "7..15 \"weekdays\" can be many days, not one; write every weekday"),
        ("Gym weekends 9am", "4..12 \"weekends\" can be many days, not one; write every weekend"),
        ("Gym every weekends 9am", "Gym | 2026-03-14T09:00 | every Saturday"),
        ("Run 5 weekdays from now", "Run | 2026-03-18"),
        ("Review weekday plan tomorrow", "Review weekday plan | 2026-03-12"),
        ("Gym every 1st and 15 5pm", "18..20 \"15\" is not understood here"),
        ("Gym every monday and 12 eggs tomorrow", "Gym every monday and 12 eggs | 2026-03-12"),
        ("Vote on 3 nov. 2027", "Vote | 2027-11-03"),
        ("Vote by nov. 21", "Vote | 2026-11-21"),
        ("Vote nov. 21", "Vote | 2026-11-21"),
        ("Vote on 3 nov. Then rest", "Vote. Then rest | 2026-11-03"),
        ("Call Bob friday 13th", "Call Bob | 2026-03-13"),
        ("Call Bob friday 14th", "9..20 14 March 2026 is a Saturday"),
        ("Call Bob friday the 14th", "9..24 14 March 2026 is a Saturday"),
        ("Call Bob fri 21 nov", "9..19 21 November 2026 is a Saturday"),
        ("Call Bob sat 21 nov", "Call Bob | 2026-11-21"),
        ("Call Bob fri 13/3", "Call Bob | 2026-03-13"),
        ("Call at 5pm on friday about rent", "Call about rent | 2026-03-13T17:00"),
        ("Call 5pm on friday about rent", "Call about rent | 2026-03-13T17:00"),
        (
            "Call at 5 on friday about rent",
            "8..9 5 can be the morning or the afternoon; write 5am or 5pm",
        ),
        (
            "Meeting on tue and thu",
            "19..22 \"thu\" is a second date; put what belongs to the title in quotes",
        ),
        (
            "Meeting on tue and thu about rent",
            "19..22 \"thu\" is a second date; put what belongs to the title in quotes",
        ),
        (
            "Meeting on tue - thu",
            "17..20 \"thu\" is a second date; put what belongs to the title in quotes",
        ),
        (
            "Meeting on tue, thu",
            "16..19 \"thu\" is a second date; put what belongs to the title in quotes",
        ),
        (
            "Party on friday 8pm - 10pm",
            "22..26 \"10pm\" is a second date; put what belongs to the title in quotes",
        ),
        ("Talk on friday and 3d printing", "Talk and 3d printing | 2026-03-13"),
        (
            "Water until friday every day",
            "6..18 \"until friday\" stands before what repeats, not behind it; write for example every day until friday",
        ),
        ("Water every day until friday", "Water | 2026-03-11 | every day, until 13 Mar 2026"),
        (
            "Water starting friday every day",
            "6..21 \"starting friday\" stands before what repeats, not behind it; write for example every day until friday",
        ),
        ("Water 5 times every day", "Water 5 times | 2026-03-11 | every day"),
        ("Ratio 16/9 tomorrow", "Ratio 16/9 | 2026-03-12"),
        (
            "Movie 16/9 5pm",
            "6..10 \"16/9\" can be a date, or only a number; write a date as by friday 5pm or 21 nov, and put what belongs to the title in quotes",
        ),
        ("Part 1/2 tomorrow", "Part 1/2 | 2026-03-12"),
        ("Run 10m tomorrow", "Run 10m | 2026-03-12"),
        ("Run +1m", "Run | 2026-04-11"),
        ("Run 1y 2m", "Run 1y 2m"),
        ("Run 400m tomorrow", "Run 400m | 2026-03-12"),
        ("Buy milk due:2m", "Buy milk | 2026-05-11"),
        ("Log in tomorrow", "Log in tomorrow"),
        ("Do this tomorrow", "Do this tomorrow"),
        ("Review every document tomorrow", "Review every document | 2026-03-12"),
        ("Watch the end of it tomorrow", "Watch the end of it | 2026-03-12"),
        ("Read John 3:16 tomorrow", "Read John | 2026-03-12T03:16"),
        (
            "Clean the house at 12 tomorrow",
            "19..21 12 can be the morning or the afternoon; write 12am or 12pm",
        ),
        ("Visit 42nd tomorrow", "Visit 42nd | 2026-03-12"),
        (
            "Call Bob first monday 5pm",
            "22..25 \"5pm\" stands where \"of\" and a month or year has to follow",
        ),
        ("Camp mon-fri 5pm", "5..12 \"mon-fri\" is not understood here"),
        ("Camp monday/tuesday 5pm", "5..19 \"monday/tuesday\" is not understood here"),
        ("Plan my sunday tomorrow", "Plan my sunday | 2026-03-12"),
        (
            "Move the meeting to friday 5pm",
            "20..30 \"friday 5pm\" can be a date, or belong to the title; write a date as by friday 5pm or 21 nov, and put what belongs to the title in quotes",
        ),
        ("Move the meeting to friday tomorrow", "Move the meeting to friday | 2026-03-12"),
        (
            "Sit in the sun 5pm",
            "11..18 \"sun 5pm\" can be a date, or belong to the title; write a date as by friday 5pm or 21 nov, and put what belongs to the title in quotes",
        ),
        ("Join the daily 9am", "Join the daily | 2026-03-12T09:00"),
        ("Ask bob to remind me tomorrow", "Ask bob to remind me | 2026-03-12"),
        ("Drink every 2 hours tomorrow", "12..19 tasks repeat by the day, not more often"),
        (
            "Gym every 3rd day",
            "10..17 \"3rd day\" can be every 3 days, or the 3rd of every month; write every 3 days, or every 3rd",
        ),
        (
            "Gym every second tuesday",
            "10..24 \"second tuesday\" can be every other tuesday, or the 2nd tuesday of every month; write every other tuesday, or every 2nd tuesday of the month",
        ),
        ("Check oven in 10m", "14..17 10m can be minutes or months; write 10min or 10 months"),
        (
            "Read Dune this monday 5pm",
            "10..21 \"this monday\" has passed; write monday for the coming one, or last monday",
        ),
        ("Gym every monday banana 5pm", "Gym every monday banana | 2026-03-11T17:00"),
        (
            "Fix 25:99 tomorrow",
            "4..9 \"25:99\" is no time: a time is from 00:00 to 23:59; write 17:00 or 5pm",
        ),
        ("Pay 30 feb tomorrow", "4..10 there is no day 30: February has at most 29 days"),
    ]);
}

#[test]
fn w1_near_misses() {
    check(&[
        (
            "Call mum on sunday at 3",
            "22..23 3 can be the morning or the afternoon; write 3am or 3pm",
        ),
        ("Party tonight at 8", "Party | 2026-03-11T20:00"),
        (
            "Party tonight at 12",
            "17..19 12 can be the morning or the afternoon; write 12am or 12pm",
        ),
        ("Party tonight at 3", "17..18 3 can be the morning or the afternoon; write 3am or 3pm"),
        (
            "Pay bill every friday at 5",
            "25..26 5 can be the morning or the afternoon; write 5am or 5pm",
        ),
        ("Call Bob tomorrow at 9 in the morning", "Call Bob | 2026-03-12T09:00"),
        ("Call Bob tomorrow at 5 in the afternoon", "Call Bob | 2026-03-12T17:00"),
        ("Call Bob tomorrow at 7 in the evening", "Call Bob | 2026-03-12T19:00"),
        ("Call Bob tomorrow at 9:30 in the evening", "Call Bob | 2026-03-12T21:30"),
        ("Call Bob tomorrow at 10 at night", "Call Bob | 2026-03-12T22:00"),
        (
            "Call Bob tomorrow at 3 in the evening",
            "21..37 \"3 in the evening\" is no time: a time is from 00:00 to 23:59; write 17:00 or 5pm",
        ),
        ("Call Bob tomorrow evening at 7", "Call Bob | 2026-03-12T19:00"),
        ("Call Bob this evening at 7", "Call Bob | 2026-03-11T19:00"),
        ("Call Bob friday night at 11", "Call Bob | 2026-03-13T23:00"),
        (
            "Call mom tomorrow at 5",
            "21..22 5 can be the morning or the afternoon; write 5am or 5pm",
        ),
        (
            "Call mom at 5 tomorrow",
            "12..13 5 can be the morning or the afternoon; write 5am or 5pm",
        ),
        (
            "Call mom tomorrow at 5!",
            "21..22 5 can be the morning or the afternoon; write 5am or 5pm",
        ),
        ("Gym every morning at 7", "Gym | 2026-03-12T07:00 | every day"),
        ("Gym every monday at 7 in the morning", "Gym | 2026-03-16T07:00 | every Monday"),
        ("Look at 5", "Look at 5"),
        ("Meet at 12", "Meet at 12"),
        (
            "Call Bob friday remind 15 minutes before, 1 hour before",
            "Call Bob | 2026-03-13 | -PT15M | -PT1H",
        ),
        (
            "Call Bob friday 5pm remind 1 day before and 1h before",
            "Call Bob | 2026-03-13T17:00 | -P1D | -PT1H",
        ),
        ("Call Bob remind 1h before, 3d", "Call Bob | 2026-03-14 | -PT1H"),
        (
            "Call Bob friday remind 1 hour, 15 minutes before",
            "Call Bob | 2026-03-13 | -PT1H | -PT15M",
        ),
        (
            "Gym every tuesday from 1 dec to 15 dec",
            "Gym | 2026-12-01 | every Tuesday, until 15 Dec 2026",
        ),
        (
            "Gym every tuesday from 1 dec to 15 dec at 7pm",
            "Gym | 2026-12-01T19:00 | every Tuesday, until 15 Dec 2026",
        ),
        ("Gym every tuesday from 1 dec to banana", "Gym every tuesday from 1 dec to banana"),
        (
            "Gym every tuesday until 15 dec from 1 dec to 3 dec",
            "42..50 \"to 3 dec\" is a second end; leave one of them out",
        ),
        ("Commute every day to work", "Commute every day to work"),
    ]);
}

#[test]
fn w1_ends_of_days_and_reminders() {
    check(&[
        ("Finish by EOD friday", "Finish | 2026-03-13"),
        ("Finish eod tomorrow", "Finish | 2026-03-12"),
        ("Finish by end of day friday 5pm", "Finish | 2026-03-13T17:00"),
        ("Finish friday eod", "Finish | 2026-03-13"),
        ("Finish by friday EOD", "Finish | 2026-03-13"),
        ("Finish by eod", "Finish | 2026-03-11"),
        ("Finish by eod 21 nov", "Finish | 2026-11-21"),
        ("Finish eod 5pm", "Finish | 2026-03-11T17:00"),
        ("Finish by eod next friday", "Finish | 2026-03-20"),
        (
            "Call Bob friday remind me 1 day before at 9am",
            "26..45 a reminder comes so long before the due date, or at a time; write 1 day before, or tomorrow 9am",
        ),
        (
            "Call Bob friday remind me 1 day before at 9",
            "26..43 a reminder comes so long before the due date, or at a time; write 1 day before, or tomorrow 9am",
        ),
        ("Call Bob remind 1 day before at 5pm tomorrow", "Call Bob | 2026-03-12T17:00 | -P1D"),
        ("Call Bob remind 1h before at 5pm", "Call Bob | 2026-03-11T17:00 | -PT1H"),
        ("Call Bob remind 1 day before 5pm tomorrow", "Call Bob | 2026-03-12T17:00 | -P1D"),
        ("Blink in 1 second", "Blink | 2026-03-11T10:30"),
        ("Blink in 10 seconds", "Blink | 2026-03-11T10:30"),
        ("Take a second tuesday of april", "Take a second tuesday of april"),
    ]);
}
