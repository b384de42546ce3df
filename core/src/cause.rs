//! What set an event off, where that is another event of the same command (SPEC 9, `causation_id`).

use std::collections::HashMap;

use uuid::Uuid;

use crate::event::{EventData, EventEnvelope, EventType as Type};
use crate::task::TaskId;

/// Names the cause of what a series does: who finished, gave up or deleted an occurrence set off the next
/// one, or the end. What the clock brings has no event before it.
pub(crate) fn link(events: &mut [EventEnvelope]) {
    let series = |event: &EventEnvelope| {
        matches!(event.data, EventData::Spawned { .. } | EventData::SeriesEnded { .. })
    };
    // As a rule there is none.
    if !events.iter().any(series) {
        return;
    }
    let (mut changed, mut finished) = (HashMap::<TaskId, Uuid>::new(), HashMap::new());
    for event in events.iter().filter(|event| matches!(event.data, EventData::Changed { .. })) {
        changed.entry(event.aggregate_id).or_insert(event.event_id);
        if matches!(event.event_type, Type::Completed | Type::Cancelled | Type::Deleted) {
            finished.entry(event.aggregate_id).or_insert(event.event_id);
        }
    }
    let mut made = HashMap::<TaskId, Uuid>::new();
    for event in events.iter_mut() {
        let (cause, next) = match &event.data {
            // Where the clock makes the next one, the rule leaves the one before as well: no cause.
            EventData::Spawned { after, .. } => (finished.get(after), Some(event.aggregate_id)),
            EventData::SeriesEnded { .. } => (changed.get(&event.aggregate_id), None),
            _ => continue,
        };
        let Some(cause) = cause else { continue };
        event.causation_id.get_or_insert(*cause);
        made.extend(next.map(|task| (task, *cause)));
    }
    for event in events {
        if matches!(event.data, EventData::Created { .. })
            && let Some(cause) = made.get(&event.aggregate_id)
        {
            event.causation_id.get_or_insert(*cause);
        }
    }
}
