//! `todo doctor`.

use std::io::Write;
use std::path::Path;

use serde_json::json;
use todo_file::{Backup, Report, Severity};

use super::Done;
use crate::args::DoctorArgs;
use crate::error::CliError;
use crate::session::Session;
use crate::view::json as view;
use crate::view::screen::{self, Screen, visible};

pub(super) fn run(session: &Session, screen: &mut Screen, args: &DoctorArgs) -> Done {
    if session.is_on_server() {
        let instead =
            "`todo-web doctor` examines a server's database; --server none means the file";
        return Err(CliError::NotOnServer { what: "a server keeps no file to examine", instead });
    }
    let path = session.path().to_owned();
    let mut kept = None;
    if args.restore_backup && !session.global.dry_run {
        kept = todo_file::restore_backup(&path, session.zone, session.now)?;
    }
    let report = todo_file::doctor(&path, session.zone)?;
    if screen.is_json() {
        print_json(screen, &report, kept.as_deref())?;
    } else {
        if let Some(kept) = kept {
            writeln!(screen, "The file before is kept as {}", kept.display())?;
        }
        print(screen, &report)?;
    }
    Ok(report.is_damaged())
}

fn print(screen: &mut Screen, report: &Report) -> std::io::Result<()> {
    let palette = screen.palette();
    writeln!(screen, "{}", report.path.display())?;
    for finding in &report.findings {
        let (word, style) = match finding.severity {
            Severity::Note => ("note", palette.dim),
            Severity::Warning => ("warning", palette.soon),
            Severity::Error => ("error", palette.alarm),
        };
        writeln!(screen, "  {style}{word}:{style:#} {}", visible(&finding.text))?;
    }
    if let Some(tasks) = report.tasks {
        let verdict = if report.is_damaged() { "" } else { ", all of them readable" };
        writeln!(screen, "  {}{verdict}", screen::tasks(tasks as u64))?;
    }
    match &report.backup {
        Backup::None => writeln!(screen, "  no backup yet: it is made by the second change"),
        Backup::Good { tasks } => {
            let count = screen::tasks(*tasks as u64);
            writeln!(screen, "  the backup is good and has {count}")?;
            if report.is_damaged() {
                writeln!(screen, "To put it back: todo doctor --restore-backup")?;
            }
            Ok(())
        }
        Backup::Bad { why } => writeln!(screen, "  the backup cannot be used: {}", visible(why)),
    }
}

fn print_json(screen: &mut Screen, report: &Report, kept: Option<&Path>) -> std::io::Result<()> {
    let severity = |severity| match severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    let findings = report
        .findings
        .iter()
        .map(|finding| json!({ "severity": severity(finding.severity), "message": finding.text }));
    let backup = match &report.backup {
        Backup::None => json!({ "state": "none" }),
        Backup::Good { tasks } => json!({ "state": "good", "tasks": tasks }),
        Backup::Bad { why } => json!({ "state": "bad", "message": why }),
    };
    let body = json!({
        "file": report.path.display().to_string(),
        "damaged": report.is_damaged(),
        "tasks": report.tasks,
        "findings": findings.collect::<Vec<_>>(),
        "backup": backup,
        "kept": kept.map(|kept| kept.display().to_string()),
    });
    view::print(screen, "doctor", body)
}
