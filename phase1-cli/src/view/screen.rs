//! The terminal: how wide it is, whether it has colours, and what must never reach it.

use std::borrow::Cow;
use std::io::{self, BufWriter, IsTerminal, Stdout, Write};

use todo_core::text::is_printable_ascii;
use unicode_width::UnicodeWidthStr;

use super::palette::Palette;
use crate::args::{Color, Format, Global};
use crate::settings::Settings;

const BUFFER: usize = 1 << 16;

/// Standard output.
pub(crate) struct Screen {
    out: BufWriter<Stdout>,
    /// Characters a line holds; `None` where lines have no end (a file, a pipe).
    pub(crate) width: Option<usize>,
    pub(crate) format: Format,
    colour: Option<Color>,
    /// What is set in the file, where no flag says otherwise.
    set: Option<Color>,
    /// The colours that are set, and those in use: none where there are to be none.
    chosen: Palette,
    palette: Palette,
}

impl Screen {
    pub(crate) fn new(global: &Global) -> Self {
        let mut screen = Self {
            out: BufWriter::with_capacity(BUFFER, io::stdout()),
            width: width(),
            format: if global.json { Format::Json } else { global.format },
            colour: global.color,
            set: None,
            chosen: Palette::PLAIN,
            palette: Palette::PLAIN,
        };
        screen.apply(&Settings::default());
        screen
    }

    /// Takes over what is set in the file, once that has been read.
    pub(crate) fn apply(&mut self, settings: &Settings) {
        let set = settings.value("color");
        let set = set.and_then(|word| clap::ValueEnum::from_str(&word, true).ok());
        self.set = set;
        self.chosen = Palette::of(settings);
        self.palette = self.palette_on(io::stdout().is_terminal());
    }

    pub(crate) fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    pub(crate) fn is_table(&self) -> bool {
        self.format == Format::Table
    }

    pub(crate) fn palette(&self) -> Palette {
        self.palette
    }

    /// What each colour means on standard error, which may be another terminal or none.
    pub(crate) fn error_palette(&self) -> Palette {
        self.palette_on(io::stderr().is_terminal())
    }

    fn palette_on(&self, terminal: bool) -> Palette {
        if coloured(self.colour, self.set, terminal) { self.chosen } else { Palette::PLAIN }
    }

    pub(crate) fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The flag comes first, then `NO_COLOR` (no-color.org: any value but an empty one), then what
/// is set, then whether it is a terminal that can.
fn coloured(flag: Option<Color>, set: Option<Color>, terminal: bool) -> bool {
    let environment = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let chosen = flag
        .or_else(|| environment("NO_COLOR").map(|_| Color::Never))
        .or(set)
        .unwrap_or(Color::Auto);
    match chosen {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => terminal && environment("TERM").is_none_or(|term| term != "dumb"),
    }
}

/// `COLUMNS` where it is set, else the terminal's width.
fn width() -> Option<usize> {
    const NARROWEST: usize = 20;
    let set = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    let terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let width: Option<usize> = if io::stdout().is_terminal() { set.or_else(terminal) } else { set };
    width.filter(|width| *width > 0).map(|width| width.max(NARROWEST))
}

/// Text that may be printed: a title from elsewhere must not move the cursor, change colours or
/// reorder what stands around it. Controls become �, line ends and tabs spaces; direction marks
/// that reach beyond their text (U+202A–202E, U+2066–2069) are taken out.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if is_printable_ascii(text) {
        return Cow::Borrowed(text);
    }
    let reorders = |c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let breaks = |c| matches!(c, '\t' | '\n' | '\u{2028}' | '\u{2029}');
    if !text.contains(|c: char| c.is_control() || reorders(c) || breaks(c)) {
        return Cow::Borrowed(text);
    }
    let shown = text.chars().filter(|c| !reorders(*c)).map(|c| match c {
        c if breaks(c) => ' ',
        c if c.is_control() => '\u{fffd}',
        c => c,
    });
    Cow::Owned(shown.collect())
}

/// `1 task`, `7 tasks`.
pub(crate) fn tasks(count: u64) -> String {
    if count == 1 { "1 task".to_owned() } else { format!("{count} tasks") }
}

/// How many columns a text takes.
pub(crate) fn columns(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.width() }
}

/// A text cut to a number of columns, with an ellipsis if something is missing.
pub(crate) fn fit(text: &str, width: usize) -> Cow<'_, str> {
    if columns(text) <= width {
        return Cow::Borrowed(text);
    }
    // Measured as a whole up to each place: a selector or a joiner changes what stands before it.
    let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
    let fits = |end: &usize| columns(&text[..*end]) < width;
    let end = ends.take_while(fits).last().unwrap_or(0);
    Cow::Owned([&text[..end], "…"].concat())
}
