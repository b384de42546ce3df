//! What a surface made of others has one of them do.

/// Methods of a [`Surface`](super::Surface) that a field answers: `passed_on!(rest: add edit)`. Where
/// it stands, `asked` and `told` are in scope.
macro_rules! passed_on {
    ($field:ident: $($method:ident)+) => {
        $(passed_on!(@ $method $field);)+
    };
    (@ add $to:ident) => { passed_on!(@@ $to add(draft: &asked::Draft, how: &asked::How) -> told::Done); };
    (@ edit $to:ident) => {
        passed_on!(@@ $to edit(tasks: &asked::Which, edits: &asked::Edits, how: &asked::How) -> told::Done);
    };
    (@ act $to:ident) => {
        passed_on!(@@ $to act(verb: asked::Verb, tasks: &asked::Which, how: &asked::How) -> told::Done);
    };
    (@ say $to:ident) => { passed_on!(@@ $to say(text: &str, how: &asked::How) -> told::Done); };
    (@ remind $to:ident) => {
        passed_on!(@@ $to remind(
            tasks: &[asked::Ref],
            add: Option<&asked::Remind>,
            remove: &[u32],
            how: &asked::How
        ) -> told::Done);
    };
    (@ snooze $to:ident) => {
        passed_on!(@@ $to snooze(tasks: &[asked::Ref], until: &str, how: &asked::How) -> told::Done);
    };
    (@ remind_now $to:ident) => { passed_on!(@@ $to remind_now() -> Vec<told::Fired>); };
    (@ prefer $to:ident) => { passed_on!(@@ $to prefer(name: &str, value: &str) -> ()); };
    (@ undo $to:ident) => { passed_on!(@@ $to undo(step: Option<u64>, how: &asked::How) -> told::Done); };
    (@ redo $to:ident) => { passed_on!(@@ $to redo(how: &asked::How) -> told::Done); };
    (@ show $to:ident) => { passed_on!(@@ $to show(task: &asked::Ref) -> told::Seen); };
    (@ list $to:ident) => { passed_on!(@@ $to list(question: &asked::Question) -> Vec<told::Seen>); };
    (@ page $to:ident) => {
        passed_on!(@@ $to page(
            question: &asked::Question,
            after: Option<&str>,
            count: bool
        ) -> told::Page);
    };
    (@ urgency $to:ident) => { passed_on!(@@ $to urgency(task: &asked::Ref) -> told::Urgency); };
    (@ stats $to:ident) => {
        passed_on!(@@ $to stats(question: &asked::Question) -> serde_json::Value);
    };
    (@ save_filter $to:ident) => {
        passed_on!(@@ $to save_filter(name: &str, filter: &str, how: &asked::How) -> told::Filters);
    };
    (@ remove_filter $to:ident) => {
        passed_on!(@@ $to remove_filter(name: &str, how: &asked::How) -> ());
    };
    (@ filters $to:ident) => { passed_on!(@@ $to filters() -> told::Filters); };
    (@ today $to:ident) => { passed_on!(@@ $to today() -> Vec<told::Seen>); };
    (@ coming $to:ident) => {
        passed_on!(@@ $to coming(task: &asked::Ref, count: usize) -> Vec<String>);
    };
    (@ import $to:ident) => { passed_on!(@@ $to import(text: &str, how: &asked::How) -> told::Taken); };
    (@ export $to:ident) => { passed_on!(@@ $to export() -> String); };
    (@@ $to:ident $method:ident($($name:ident: $given:ty),*) -> $told:ty) => {
        fn $method(&mut self, $($name: $given),*) -> $crate::surfaces::Told<$told> {
            self.$to.$method($($name),*)
        }
    };
}
pub(super) use passed_on;
