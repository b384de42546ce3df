//! `remind:-PT1H`, `remind:2026-11-21T090000.000Z`: a reminder in a word. Its number, its channel and
//! its message follow where they are not what goes without saying.

use std::fmt::Write as _;

use super::keys::{compact, many_words, one_word, spread};
use crate::reminder::{Channel, Reminder, ReminderId, Trigger};
use crate::text::Title;

/// The number of a reminder in this place, unless said otherwise.
fn number(place: usize) -> ReminderId {
    ReminderId(u32::try_from(place).unwrap_or(u32::MAX).saturating_add(1))
}

/// A reminder as the value of its key.
pub(super) fn written(reminder: &Reminder, place: usize) -> String {
    let mut text = match reminder.trigger {
        Trigger::Offset(offset) => offset.to_string(),
        Trigger::At(at) => compact(at),
    };
    if reminder.id != number(place) {
        let _ = write!(text, ",n={}", reminder.id);
    }
    if reminder.channel != Channel::InApp {
        let _ = write!(text, ",by={}", reminder.channel);
    }
    if let Some(message) = &reminder.message {
        let _ = write!(text, ",say={}", one_word(message.as_str()));
    }
    text
}

/// The reminder that a value says; nothing if it says none.
pub(super) fn read(text: &str, place: usize) -> Option<Reminder> {
    // The message is the last, and may hold what separates the others.
    let (text, message) = match text.split_once(",say=") {
        Some((text, message)) => (text, Some(Title::new(&many_words(message)).ok()?)),
        None => (text, None),
    };
    let mut parts = text.split(',');
    let trigger = parts.next()?;
    let trigger = match trigger.parse() {
        Ok(offset) => Trigger::Offset(offset),
        Err(_) => Trigger::At(spread(trigger).parse().ok()?),
    };
    let (mut id, mut channel) = (number(place), Channel::InApp);
    for part in parts {
        match part.split_once('=')? {
            ("n", number) => id = ReminderId(number.parse().ok()?),
            ("by", way) => channel = way.parse().ok()?,
            _ => return None,
        }
    }
    Some(Reminder { id, trigger, message, channel })
}
