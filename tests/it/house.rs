//! The house's own rules (ARCHITECTURE 2 and 8), read from what cargo and the files say.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_metadata::{CargoOpt, DependencyKind, Metadata, MetadataCommand, PackageId};
use todo_tests::built::workspace;

/// Every crate there is or is to be, its room, and the crates of ours that it may lean on. A crate
/// that is not here fails the test: put it in, and `ARCHITECTURE.md` with it.
const HOUSE: &[(&str, &str, &[&str])] = &[
    ("todo-core", "core", &[]),
    ("todo-file", "phase1-cli/file", &["todo-core"]),
    ("todo-client", "phase1-cli/client", &["todo-core", "todo-file"]),
    ("todo-cli", "phase1-cli", &["todo-core", "todo-file", "todo-client"]),
    ("todo-store", "phase2-web/store", &["todo-core"]),
    ("todo-web", "phase2-web", &["todo-core", "todo-store"]),
    (
        "todo-mcp",
        "phase3-mcp",
        &["todo-core", "todo-file", "todo-client", "todo-store", "todo-web"],
    ),
    ("todo-events", "phase4-events", &["todo-core", "todo-store", "todo-web", "todo-mcp"]),
    ("todo-cloud", "phase5-cloud", &[]),
    (
        "todo-tests",
        "tests",
        &[
            "todo-core",
            "todo-file",
            "todo-client",
            "todo-store",
            "todo-web",
            "todo-mcp",
            "todo-events",
        ],
    ),
];

/// What the core never sees: it knows no waiting, no network, no database, no command line.
const NOT_IN_THE_CORE: &[&str] = &["tokio", "axum", "sqlx", "clap", "reqwest", "hyper"];
/// Runtimes that `todo` on its file goes without.
const RUNTIMES: &[&str] =
    &["tokio", "async-std", "async-executor", "smol", "futures-executor", "actix-rt"];
/// Crates that only one of ours may name.
const RESERVED: &[(&str, &str)] = &[("rdkafka", "todo-events")];

/// Longest source file without a reason.
const LINES_MAX: usize = 400;
/// How the header of a longer one begins its reason.
const REASON: &str = "//! Long because";

#[test]
fn crates_lean_only_on_whom_they_may() {
    let metadata = metadata();
    let house: BTreeMap<_, _> = HOUSE.iter().map(|(name, _, on)| (*name, *on)).collect();
    let mut faults = Vec::new();
    for package in metadata.workspace_packages() {
        let Some(allowed) = house.get(package.name.as_str()) else {
            faults.push(format!("{} is not in the table HOUSE of this test", package.name));
            continue;
        };
        for dependency in &package.dependencies {
            let name = dependency.name.as_str();
            // Tests may switch on features of the crate they belong to.
            let own = name == package.name.as_str();
            if house.contains_key(name) && !own && !allowed.contains(&name) {
                faults.push(format!("{} must not depend on {name}", package.name));
            }
            let owner = RESERVED.iter().find(|(reserved, _)| *reserved == name);
            if let Some((_, owner)) = owner.filter(|(_, owner)| *owner != package.name.as_str()) {
                faults.push(format!("only {owner} may depend on {name}, not {}", package.name));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn crates_are_in_their_rooms() {
    let metadata = metadata();
    let rooms: BTreeMap<_, _> = HOUSE.iter().map(|(name, room, _)| (*name, *room)).collect();
    let mut faults = Vec::new();
    for package in metadata.workspace_packages() {
        let room = rooms.get(package.name.as_str()).map(|room| workspace().join(room));
        let place = package.manifest_path.as_std_path().parent();
        if room.as_deref() != place {
            faults.push(format!("{} lies in {}", package.name, package.manifest_path));
        }
        if package.edition.as_str() != "2024" {
            faults.push(format!("{} is of edition {}", package.name, package.edition));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn the_core_sees_nothing_of_the_world() {
    assert_eq!(among(NOT_IN_THE_CORE, &closure(&metadata(), "todo-core")), [""; 0]);
}

#[test]
fn the_terminal_carries_no_runtime() {
    let without = metadata_with(CargoOpt::NoDefaultFeatures);
    assert_eq!(among(RUNTIMES, &closure(&without, "todo-cli")), [""; 0]);
    // On a server one connection stays; for that there is one.
    let metadata = metadata();
    let closure = closure(&metadata, "todo-cli");
    assert_eq!(among(RUNTIMES, &closure), ["tokio"]);
    let ours = metadata.workspace_packages().into_iter().filter(|package| {
        let names = |name: &str| package.dependencies.iter().any(|on| on.name == name);
        closure.contains(package.name.as_str()) && names("tokio")
    });
    assert_eq!(ours.map(|package| package.name.as_str()).collect::<Vec<_>>(), ["todo-client"]);
}

/// The walk itself: an empty closure would pass every test above.
#[test]
fn a_closure_holds_what_is_known_to_be_there() {
    let closure = closure(&metadata(), "todo-cli");
    for known in ["todo-core", "todo-file", "clap", "clap_builder", "serde_json", "chrono-tz"] {
        assert!(closure.contains(known), "{known} is missing in {closure:?}");
    }
}

#[test]
fn manifests_inherit_from_the_workspace() {
    let metadata = metadata();
    let mut faults = Vec::new();
    for package in metadata.workspace_packages() {
        let text = fs::read_to_string(&package.manifest_path).expect("a manifest");
        faults.extend(
            not_inherited(&package.name, &text).map(|line| format!("{}: {line}", package.name)),
        );
        let lints = text.split("[lints]").nth(1).and_then(|rest| rest.trim_start().lines().next());
        if lints != Some("workspace = true") {
            faults.push(format!("{}: [lints] workspace = true is missing", package.name));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

/// The reading itself: each way to name a version of one's own is seen.
#[test]
fn what_is_not_inherited_is_seen() {
    let good = "[dependencies]\nserde.workspace = true\nuuid = { workspace = true }\n\
                # rand = \"1\"\n\n[dev-dependencies]\nme = { path = \".\", features = [\"x\"] }\n\
                [lints]\nworkspace = true\n[features]\nx = []\n";
    assert_eq!(not_inherited("me", good).collect::<Vec<_>>(), [""; 0]);
    let bad = "[dependencies]\nserde = \"1\"\n[build-dependencies]\ncc = { version = \"1\" }\n\
               [target.'cfg(unix)'.dependencies]\nlibc = \"0.2\"\n[dependencies.rand]\nversion = \"1\"\n";
    assert_eq!(not_inherited("me", bad).count(), 4);
}

#[test]
fn no_source_is_long_without_a_reason() {
    let long = sources().into_iter().filter(|path| {
        let text = fs::read_to_string(path).expect("a source file");
        let mut header = text.lines().take_while(|line| line.starts_with("//!"));
        text.lines().count() > LINES_MAX && !header.any(|line| line.starts_with(REASON))
    });
    let long: Vec<_> = long.collect();
    assert!(long.is_empty(), "over {LINES_MAX} lines without a line {REASON:?}: {long:#?}");
}

#[test]
fn nothing_is_left_unfinished() {
    // Put together here, or this file would find itself.
    let marks = ["todo", "unimplemented", "dbg"].map(|name| format!("{name}!("));
    let mut faults = Vec::new();
    for path in sources() {
        let text = fs::read_to_string(&path).expect("a source file");
        for (at, line) in text.lines().enumerate() {
            if marks.iter().any(|mark| line.contains(mark)) {
                faults.push(format!("{}:{}: {}", path.display(), at + 1, line.trim()));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

/// What cargo knows. Offline, and for this machine's platform only: what other platforms need was
/// never downloaded in a fresh clone.
fn metadata() -> Metadata {
    metadata_with(CargoOpt::SomeFeatures(Vec::new()))
}

fn metadata_with(features: CargoOpt) -> Metadata {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("-vV").output().expect("rustc can be run");
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).expect("a host");
    let options = ["--offline", "--locked", "--filter-platform", host];
    MetadataCommand::new()
        .manifest_path(workspace().join("Cargo.toml"))
        .features(features)
        .other_options(options.map(str::to_owned))
        .exec()
        .expect("cargo metadata")
}

/// The names of everything that a crate of ours is built with.
fn closure(metadata: &Metadata, name: &str) -> BTreeSet<String> {
    let resolve = metadata.resolve.as_ref().expect("a resolved graph");
    let nodes: BTreeMap<_, _> = resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let names: BTreeMap<&PackageId, _> =
        metadata.packages.iter().map(|package| (&package.id, package.name.as_str())).collect();
    let root = metadata.workspace_packages().into_iter().find(|p| p.name.as_str() == name);
    let mut queue = vec![&root.expect("a crate of the workspace").id];
    let mut seen = BTreeSet::new();
    while let Some(id) = queue.pop() {
        if !seen.insert(id) {
            continue;
        }
        for dependency in nodes.get(id).into_iter().flat_map(|node| &node.deps) {
            if dependency.dep_kinds.iter().any(|kind| kind.kind != DependencyKind::Development) {
                queue.push(&dependency.pkg);
            }
        }
    }
    seen.into_iter().filter_map(|id| names.get(id)).map(|name| (*name).to_owned()).collect()
}

fn among<'n>(names: &[&'n str], closure: &BTreeSet<String>) -> Vec<&'n str> {
    names.iter().copied().filter(|name| closure.contains(*name)).collect()
}

/// The lines of a manifest that name a dependency without inheriting it. A crate may name itself,
/// to switch on its own features in tests.
fn not_inherited(name: &str, text: &str) -> impl Iterator<Item = String> {
    let own = format!("{name} = {{ path = \".\"");
    let mut section = String::new();
    text.lines()
        .map(str::trim)
        .filter(move |line| {
            if line.starts_with('[') {
                (*line).clone_into(&mut section);
                return section.contains("dependencies.");
            }
            let entry = section.ends_with("dependencies]") && line.contains('=');
            entry && !line.starts_with('#') && !line.contains("workspace = true")
        })
        .filter(move |line| !line.starts_with(&own))
        .map(str::to_owned)
        .collect::<Vec<_>>()
        .into_iter()
}

/// Every Rust file of ours.
fn sources() -> Vec<PathBuf> {
    let rooms = fs::read_dir(workspace()).expect("the workspace").flatten().map(|e| e.path());
    let ours = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        path.is_dir() && (name == "core" || name == "tests" || name.starts_with("phase"))
    };
    let mut queue: Vec<_> = rooms.filter(ours).collect();
    let mut found = Vec::new();
    while let Some(path) = queue.pop() {
        if path.is_dir() {
            queue.extend(fs::read_dir(&path).expect("a folder").flatten().map(|e| e.path()));
        } else if path.extension() == Some("rs".as_ref()) {
            found.push(path);
        }
    }
    let known = Path::new(file!()).file_name().expect("a name");
    assert!(found.iter().any(|path| path.ends_with(known)), "the walk missed this very file");
    found
}
