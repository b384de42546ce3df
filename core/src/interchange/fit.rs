//! Texts of other programs, made to fit the fields here; what had to give way is noted.

use super::Losses;
use crate::error::{FieldError, Problem};
use crate::text::{DESCRIPTION_MAX, Description, Project, TAGS_MAX, TITLE_MAX, Tag, Tags, Title};

/// One record on its way in.
pub(super) struct Fit<'l, 't> {
    /// Where what gives way is noted.
    pub(super) losses: &'l mut Losses,
    /// The record's text, by which it is named.
    pub(super) title: &'t str,
}

impl Fit<'_, '_> {
    /// Notes something that gave way.
    pub(super) fn lose(&mut self, field: &str, fate: &'static str) {
        self.losses.add(field, fate, self.title);
    }

    /// The title on one line, and the whole text if it is more than a title holds. `field` is what
    /// the other format calls it.
    pub(super) fn title(&mut self, field: &str) -> Result<(Title, Option<String>), FieldError> {
        let line = self.title.split_whitespace().collect::<Vec<_>>().join(" ");
        match Title::new(&line) {
            Ok(title) => Ok((title, None)),
            Err(FieldError { problem: Problem::TooLong { .. }, .. }) => {
                self.lose(field, "longer than a title; the whole of it is in the description");
                let short: String = line.chars().take(TITLE_MAX - 1).chain(['…']).collect();
                Ok((Title::new(&short)?, Some(self.title.to_owned())))
            }
            Err(error) => Err(error),
        }
    }

    /// The title as it is written, if it can be one.
    pub(super) fn exact_title(
        &mut self,
        field: &str,
    ) -> Result<(Title, Option<String>), FieldError> {
        Title::new(self.title).map(|title| (title, None)).or_else(|_| self.title(field))
    }

    /// The project as it is written, if it can be one.
    pub(super) fn exact_project(&mut self, path: &str) -> Result<Option<Project>, FieldError> {
        Project::new(path).map(Some).or_else(|_| self.project(path.split('/')))
    }

    /// The tags as they are written, if they can be.
    pub(super) fn exact_tags(&mut self, texts: &[&str]) -> Result<Tags, FieldError> {
        Tags::parse(texts).or_else(|_| self.tags(texts.iter().copied()))
    }

    /// A project of these levels; none if they are empty.
    pub(super) fn project<'p>(
        &mut self,
        levels: impl Iterator<Item = &'p str>,
    ) -> Result<Option<Project>, FieldError> {
        let levels: Vec<_> = levels.map(str::trim).filter(|level| !level.is_empty()).collect();
        let path = levels.join("/");
        match Project::new(&path) {
            Err(FieldError { problem: Problem::Blank, .. }) => Ok(None),
            Err(FieldError { problem: Problem::TooLong { max, .. }, .. }) => {
                self.lose("project", "the end of a very long one is cut");
                let short: String = path.chars().take(max).collect();
                Project::new(short.trim_matches('/')).map(Some)
            }
            other => other.map(Some),
        }
    }

    /// Labels without the signs that they cannot hold here.
    pub(super) fn tags<'p>(
        &mut self,
        texts: impl Iterator<Item = &'p str>,
    ) -> Result<Tags, FieldError> {
        let mut tags = Vec::new();
        for text in texts {
            let clean = text.trim().trim_start_matches(['#', '@', '+']);
            let foreign = |c: char| c.is_whitespace() || matches!(c, ',' | '#' | '@');
            let clean = clean.replace(foreign, "-");
            if clean.is_empty() {
                self.lose("tags", "one of nothing but such signs is left out");
                continue;
            }
            if clean != text.trim() {
                self.lose("tags", "signs that a tag here cannot hold are taken out");
            }
            match Tag::new(&clean) {
                Err(FieldError { problem: Problem::TooLong { max, .. }, .. }) => {
                    self.lose("tags", "the end of a very long one is cut");
                    tags.push(Tag::new(&clean.chars().take(max).collect::<String>())?);
                }
                tag => tags.push(tag?),
            }
        }
        if tags.len() > TAGS_MAX {
            self.lose("tags", "only the first 50 are kept");
            tags.truncate(TAGS_MAX);
        }
        Tags::new(tags)
    }
    /// A description of these paragraphs, cut where it is longer than one may be; none of nothing.
    /// `field` is what the other format calls it.
    pub(super) fn description(
        &mut self,
        field: &str,
        paragraphs: &[&str],
    ) -> Result<Option<Description>, FieldError> {
        let mut whole = joined(paragraphs);
        if whole.is_empty() {
            return Ok(None);
        }
        if whole.chars().count() > DESCRIPTION_MAX {
            self.lose(field, "the end of a very long one is cut");
            whole = whole.chars().take(DESCRIPTION_MAX).collect();
        }
        Description::new(&whole).map(Some)
    }
}

/// Paragraphs as one text, without those that say nothing.
pub(super) fn joined(paragraphs: &[&str]) -> String {
    let said = paragraphs.iter().copied().filter(|text| !text.trim().is_empty());
    said.collect::<Vec<_>>().join("\n\n")
}

/// The heading under which remarks stand in a description.
pub(super) const NOTES: &str = "## Notes";

/// Adds a remark to the list of them, which begins with its heading.
pub(super) fn note(list: &mut String, remark: &str) {
    if list.is_empty() {
        list.extend([NOTES, "\n"]);
    }
    list.extend(["\n- ", remark]);
}
