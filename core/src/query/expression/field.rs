//! The fields that can be asked about, and their names.

use super::DateField;

/// Every field, as it is written and as it may be.
const FIELDS: &[(&str, Field)] = &[
    ("status", Field::Status),
    ("priority", Field::Priority),
    ("project", Field::Project),
    ("tag", Field::Tag),
    ("due", Field::Date(DateField::Due)),
    ("start", Field::Date(DateField::Start)),
    ("created", Field::Date(DateField::Created)),
    ("updated", Field::Date(DateField::Updated)),
    ("completed", Field::Date(DateField::Completed)),
    ("cancelled", Field::Date(DateField::Cancelled)),
    ("title", Field::Title),
    ("description", Field::Description),
    ("urgency", Field::Urgency),
    ("id", Field::Id),
    ("parent", Field::Parent),
    ("repeat", Field::Repeat),
    ("reminder", Field::Reminder),
    ("filter", Field::Filter),
];

/// Other names of fields: those of the JSON, and plurals.
const ALIASES: &[(&str, &str)] = &[
    ("tags", "tag"),
    ("due_date", "due"),
    ("start_date", "start"),
    ("created_at", "created"),
    ("updated_at", "updated"),
    ("completed_at", "completed"),
    ("cancelled_at", "cancelled"),
    ("recurrence", "repeat"),
    ("reminders", "reminder"),
];

/// What a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Status,
    Priority,
    Project,
    Tag,
    Date(DateField),
    Title,
    Description,
    Urgency,
    Id,
    Parent,
    Repeat,
    Reminder,
    Filter,
}

/// Every name, as it is printed.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    FIELDS.iter().map(|(name, _)| *name)
}

/// The field of a name, and the name that is printed.
pub(super) fn field(name: &str) -> Option<(&'static str, Field)> {
    let name = name.to_ascii_lowercase();
    let alias = ALIASES.iter().find(|(alias, _)| *alias == name).map(|(_, name)| *name);
    FIELDS.iter().find(|(known, _)| *known == alias.unwrap_or(&name)).copied()
}
