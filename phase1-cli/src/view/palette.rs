//! Colours: what each means, the themes that come with the program, and git's words for them.

use anstyle::{Ansi256Color, AnsiColor, Color, Style};
use todo_core::Problem;
use todo_core::error::excerpt;

use crate::settings::Settings;

/// Most characters that describe a colour.
const LENGTH_MAX: usize = 80;

/// The themes, by name.
pub(crate) const THEMES: &[&str] = &["default", "bright", "colorblind", "mono"];

/// What a colour can be made of.
const WORDS: &[&str] = &[
    "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white", "normal", "0 to 255",
    "#ff8700", "bold", "dim", "italic", "ul", "reverse", "strike", "blink",
];
/// What is left once there are two colours, of the text and behind it.
const EFFECTS: &[&str] = &["bold", "dim", "italic", "ul", "reverse", "strike", "blink"];

/// What each colour means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Palette {
    /// Overdue, high priority, and errors.
    pub(crate) alarm: Style,
    /// Due today, and warnings.
    pub(crate) soon: Style,
    /// In progress.
    pub(crate) active: Style,
    /// Done.
    pub(crate) done: Style,
    /// Less important than what it stands beside.
    pub(crate) dim: Style,
    /// What it is about.
    pub(crate) strong: Style,
    /// Labels.
    pub(crate) label: Style,
}

/// Gives one of a palette's colours.
type Place = fn(&mut Palette) -> &mut Style;

/// The setting of each colour.
const SETTINGS: [(&str, Place); 7] = [
    ("color_active", |palette| &mut palette.active),
    ("color_alarm", |palette| &mut palette.alarm),
    ("color_dim", |palette| &mut palette.dim),
    ("color_done", |palette| &mut palette.done),
    ("color_label", |palette| &mut palette.label),
    ("color_soon", |palette| &mut palette.soon),
    ("color_strong", |palette| &mut palette.strong),
];

const fn ansi(colour: AnsiColor) -> Style {
    Style::new().fg_color(Some(Color::Ansi(colour)))
}

const fn indexed(colour: u8) -> Style {
    Style::new().fg_color(Some(Color::Ansi256(Ansi256Color(colour))))
}

impl Palette {
    /// No colours at all.
    pub(crate) const PLAIN: Self = {
        let plain = Style::new();
        Self {
            alarm: plain,
            soon: plain,
            active: plain,
            done: plain,
            dim: plain,
            strong: plain,
            label: plain,
        }
    };

    const DEFAULT: Self = Self {
        alarm: ansi(AnsiColor::Red),
        soon: ansi(AnsiColor::Yellow),
        active: ansi(AnsiColor::Cyan),
        done: ansi(AnsiColor::Green),
        dim: Style::new().dimmed(),
        strong: Style::new().bold(),
        label: ansi(AnsiColor::Blue),
    };

    /// For dark screens on which the usual colours are too dark, and what is dim is not seen.
    const BRIGHT: Self = Self {
        alarm: ansi(AnsiColor::BrightRed).bold(),
        soon: ansi(AnsiColor::BrightYellow).bold(),
        active: ansi(AnsiColor::BrightCyan).bold(),
        done: ansi(AnsiColor::BrightGreen),
        dim: ansi(AnsiColor::White),
        strong: Style::new().bold(),
        label: ansi(AnsiColor::BrightBlue),
    };

    /// Nothing depends on telling red from green: orange, yellow and blues, told apart by how
    /// light they are as well.
    const COLORBLIND: Self = Self {
        alarm: indexed(208).bold(),
        soon: indexed(221),
        active: indexed(117).bold(),
        done: indexed(33),
        dim: Style::new().dimmed(),
        strong: Style::new().bold(),
        label: indexed(146),
    };

    /// Without colours.
    const MONO: Self = Self {
        alarm: Style::new().bold().underline(),
        soon: Style::new().underline(),
        active: Style::new().bold(),
        done: Style::new().dimmed(),
        dim: Style::new().dimmed(),
        strong: Style::new().bold(),
        label: Style::new(),
    };

    /// What is set: a theme, and single colours that win over it.
    pub(crate) fn of(settings: &Settings) -> Self {
        let mut palette = match settings.value("theme").as_deref() {
            Some("bright") => Self::BRIGHT,
            Some("colorblind") => Self::COLORBLIND,
            Some("mono") => Self::MONO,
            _ => Self::DEFAULT,
        };
        for (name, place) in SETTINGS {
            if let Some(style) = settings.value(name).and_then(|text| style(&text).ok()) {
                *place(&mut palette) = style;
            }
        }
        palette
    }

    /// The colour that a setting is about.
    pub(crate) fn named(mut self, setting: &str) -> Option<Style> {
        let (_, place) = SETTINGS.into_iter().find(|(name, _)| *name == setting)?;
        Some(*place(&mut self))
    }
}

/// Reads a colour in git's words: `bold red`, `#ff8700`, `ul`.
fn style(text: &str) -> Result<Style, Problem> {
    if text.trim().is_empty() {
        return Err(Problem::Blank);
    }
    let got = text.chars().count();
    if got > LENGTH_MAX {
        return Err(Problem::TooLong { max: LENGTH_MAX, got });
    }
    // Seen here because the crate counts the bytes behind a # as if each were a digit.
    let is_hex = |word: &str| word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let odd = |word: &&str| word.strip_prefix('#').is_some_and(|digits| !is_hex(digits));
    if let Some(word) = text.split_whitespace().find(odd) {
        return Err(Problem::NotOneOf { given: excerpt(word), allowed: WORDS });
    }
    anstyle_git::parse(text).map_err(|error| {
        let (given, allowed) = match &error {
            anstyle_git::Error::ExtraColor { word, .. } => (excerpt(word), EFFECTS),
            anstyle_git::Error::UnknownWord { word, .. } => (excerpt(word), WORDS),
            _ => (excerpt(text), WORDS),
        };
        Problem::NotOneOf { given, allowed }
    })
}

/// A colour as it is kept: its words in lower case, with a space between.
pub(crate) fn written(text: &str) -> Result<String, Problem> {
    style(text)?;
    Ok(text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase())
}
