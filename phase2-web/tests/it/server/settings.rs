//! Settings: which source counts, and what is refused (SPEC 13).

use std::ffi::OsString;
use std::fs;
use std::num::NonZeroU32;

use tempfile::TempDir;
use todo_store::DatabaseUrl;
use todo_web::settings::{Act, Invocation, Usage, read};
use todo_web::telemetry::Traces;
use todo_web::{Rate, Registration, TrustedProxies};

/// Reads settings in a folder of its own, with a file, variables and words.
pub(super) fn given(
    file: Option<&str>,
    variables: &[(&str, &str)],
    words: &[&str],
) -> Result<Invocation, Usage> {
    let folder = TempDir::new().unwrap();
    if let Some(text) = file {
        fs::write(folder.path().join("todo.toml"), text).unwrap();
    }
    let variable = |name: &str| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, text)| OsString::from(text))
    };
    let words = ["todo-web"].iter().chain(words).map(OsString::from);
    read(words, variable, folder.path())
}

#[track_caller]
pub(super) fn refused(file: Option<&str>, variables: &[(&str, &str)], words: &[&str]) -> String {
    given(file, variables, words).unwrap_err().to_string()
}

#[test]
fn without_a_word_there_is_a_server_on_a_file() {
    let Invocation { act, settings } = given(None, &[], &[]).unwrap();
    assert_eq!(act, Act::Serve { migrate: false });
    assert_eq!(settings.database, DatabaseUrl::Sqlite("todo.db".into()));
    assert_eq!((settings.host.as_str(), settings.port), ("127.0.0.1", 8000));
    assert_eq!(settings.rate, Rate::PerMinute(NonZeroU32::new(600).unwrap()));
    assert_eq!(settings.registration, Registration::Open);
    assert_eq!(settings.proxies, TrustedProxies::default());
    assert_eq!(settings.metrics, Some(([127, 0, 0, 1], 9000).into()));
    assert!(!settings.metrics_asked && settings.traces.is_none());
    // SPEC 7, Operations: 7 daily backups beside the database, without asking.
    let plan = settings.backup_plan().unwrap();
    assert_eq!((plan.folder, plan.every.as_secs(), plan.keep), (".".into(), 24 * 3600, 7));
    assert!(settings.origins.is_empty() && settings.secret.is_none() && !settings.https());
}

#[test]
fn each_source_counts_over_the_one_before() {
    let file = Some("port = 1\n");
    let environment = &[("PORT", "2")][..];
    let flags = &["--port", "3"][..];
    for (file, environment, flags, port, source) in [
        (None, &[][..], &[][..], 8000, "default"),
        (file, &[], &[], 1, "todo.toml"),
        (file, environment, &[], 2, "environment PORT"),
        (file, environment, flags, 3, "--port"),
        (None, environment, flags, 3, "--port"),
        (file, &[], flags, 3, "--port"),
        // An empty variable is an unset one.
        (file, &[("PORT", "")], &[], 1, "todo.toml"),
    ] {
        let settings = given(file, environment, flags).unwrap().settings;
        assert_eq!(settings.port, port);
        assert!(settings.to_string().contains(&format!("port = \"{port}\" # {source}\n")));
    }
}

#[test]
fn every_setting_can_come_from_every_source() {
    let file = "database_url = \"sqlite://a.db\"\nhost = \"::1\"\nport = 80\n\
        public_url = \"https://todo.example\"\njwt_secret = \"0123456789abcdef0123456789abcdef\"\n\
        smtp_url = \"smtps://u:p@mail.example\"\nmail_from = \"Todo <todo@example.org>\"\n\
        registration = \"closed\"\ncors_origins = [\"https://a.example\", \"http://b.example:81\"]\n\
        trusted_proxies = [\"127.0.0.1\", \"10.0.0.0/8\"]\n\
        rate_limit = \"off\"\nmetrics_addr = \"127.0.0.1:9000\"\n\
        otel_exporter_otlp_endpoint = \"http://otel.example:4318\"\n\
        otel_traces_sampler_arg = 0.25\n\
        backup_every = \"6h\"\nbackup_keep = 3\nbackup_dir = \"b\"\n\
        log = \"debug\"\nlog_format = \"json\"\n";
    let variables = &[
        ("DATABASE_URL", "sqlite://a.db"),
        ("HOST", "::1"),
        ("PORT", "80"),
        ("PUBLIC_URL", "https://todo.example"),
        ("BETTER_AUTH_SECRET", "0123456789abcdef0123456789abcdef"),
        ("REGISTRATION", "closed"),
        ("SMTP_URL", "smtps://u:p@mail.example"),
        ("MAIL_FROM", "Todo <todo@example.org>"),
        ("CORS_ORIGINS", "https://a.example, http://b.example:81"),
        ("TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8"),
        ("RATE_LIMIT", "off"),
        ("METRICS_ADDR", "127.0.0.1:9000"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://otel.example:4318"),
        ("OTEL_TRACES_SAMPLER_ARG", "0.25"),
        ("BACKUP_EVERY", "6h"),
        ("BACKUP_KEEP", "3"),
        ("BACKUP_DIR", "b"),
        ("LOG", "debug"),
        ("LOG_FORMAT", "json"),
    ];
    let words: Vec<_> = variables
        .iter()
        .filter(|(name, _)| !["BETTER_AUTH_SECRET", "SMTP_URL"].contains(name))
        .map(|(name, text)| format!("--{}={text}", name.to_lowercase().replace('_', "-")))
        .collect();
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    for (file, variables, words, secret) in [
        (Some(file), &[][..], &[][..], true),
        (None, &variables[..], &[], true),
        (None, &[], &words[..], false),
    ] {
        let settings = given(file, variables, words).unwrap().settings;
        assert_eq!(settings.database, DatabaseUrl::Sqlite("a.db".into()));
        assert_eq!((settings.host.as_str(), settings.port), ("::1", 80));
        assert_eq!((settings.rate, settings.registration), (Rate::Off, Registration::Closed));
        assert_eq!(settings.origins, ["https://a.example", "http://b.example:81"]);
        assert_eq!(settings.proxies, "127.0.0.1,10.0.0.0/8".parse().unwrap());
        assert_eq!(settings.metrics, Some(([127, 0, 0, 1], 9000).into()));
        assert!(settings.metrics_asked);
        let endpoint = "http://otel.example:4318".to_owned();
        assert_eq!(settings.traces, Some(Traces { endpoint, ratio: 0.25 }));
        assert_eq!((settings.https(), settings.secret.is_some()), (true, secret));
        assert_eq!(settings.mail.is_some(), secret, "it may hold a password: no flag");
        let plan = settings.backup_plan().unwrap();
        assert_eq!((plan.folder, plan.every.as_secs(), plan.keep), ("b".into(), 6 * 3600, 3));
    }
}

#[test]
fn what_is_not_known_is_refused_with_what_was_meant() {
    for (file, message) in [
        ("prot = 80", "todo.toml: there is no setting \"prot\"; did you mean port?"),
        ("x = 1", "todo.toml: there is no setting \"x\""),
        ("port = true", "todo.toml: port must be a text, not boolean"),
        ("[port]\nx = 1", "todo.toml: port must be a text, not table"),
        ("port = 80\nport = 81", "todo.toml, line 2: duplicate key"),
        ("\n\nport", "todo.toml, line 3: "),
    ] {
        let told = refused(Some(file), &[], &[]);
        assert!(told.starts_with(message), "{told}");
    }
    assert!(refused(None, &[], &["--prot", "80"]).contains("'--port'"));
    assert!(refused(None, &[], &["--config", "none.toml"]).starts_with("none.toml: "));
    // Everybody could read it in the list of processes.
    for flag in ["--jwt-secret", "--jwt-accepted-secret", "--jwt-private-key"] {
        assert!(refused(None, &[], &[flag, "x"]).contains("unexpected argument"));
    }
}

#[test]
fn a_wrong_value_is_refused_with_who_gave_it() {
    for (variable, text, message) in [
        ("DATABASE_URL", "mysql://x", "database_url (environment DATABASE_URL) is not a database"),
        ("PORT", "70000", "port (environment PORT) must be a number from 0 to 65535"),
        (
            "PUBLIC_URL",
            "todo.example",
            "public_url (environment PUBLIC_URL) holds \"todo.example\"",
        ),
        ("REGISTRATION", "maybe", "registration (environment REGISTRATION) is not one of"),
        ("SMTP_URL", "smtp://mail.example", "smtp_url (environment SMTP_URL) needs mail_from"),
        ("MAIL_FROM", "todo", "mail_from (environment MAIL_FROM) must be like todo@example.org"),
        ("CORS_ORIGINS", "*", "cors_origins (environment CORS_ORIGINS) holds \"*\""),
        ("CORS_ORIGINS", "https://a.example/x", "cors_origins (environment CORS_ORIGINS) holds"),
        (
            "TRUSTED_PROXIES",
            "proxy.example",
            "trusted_proxies (environment TRUSTED_PROXIES) is not an",
        ),
        (
            "TRUSTED_PROXIES",
            "10.1.2.3/8",
            "trusted_proxies (environment TRUSTED_PROXIES) is not an",
        ),
        ("RATE_LIMIT", "0/min", "rate_limit (environment RATE_LIMIT) must be off or like"),
        ("RATE_LIMIT", "9/s", "rate_limit (environment RATE_LIMIT) must be off or like"),
        ("METRICS_ADDR", "9000", "metrics_addr (environment METRICS_ADDR) must be off, or an"),
        ("OTEL_TRACES_SAMPLER_ARG", "1.5", "otel_traces_sampler_arg (environment OTEL_TRACES_SA"),
        ("OTEL_TRACES_SAMPLER_ARG", "NaN", "otel_traces_sampler_arg (environment OTEL_TRACES_SA"),
        ("BACKUP_EVERY", "0d", "backup_every (environment BACKUP_EVERY) must be off or like 1d"),
        ("BACKUP_EVERY", "daily", "backup_every (environment BACKUP_EVERY) must be off or like"),
        ("BACKUP_KEEP", "0", "backup_keep (environment BACKUP_KEEP) must be 1 or more"),
        ("LOG", "todo_web=loud", "log (environment LOG) must be a level or a filter"),
        ("LOG_FORMAT", "xml", "log_format (environment LOG_FORMAT) must be json or pretty"),
        ("JWT_SECRET", "short", "jwt_secret (environment JWT_SECRET) is shorter than 32 bytes"),
        (
            "JWT_ACCEPTED_SECRET",
            "short",
            "jwt_accepted_secret (environment JWT_ACCEPTED_SECRET) is shorter than 32 bytes",
        ),
        (
            "JWT_PRIVATE_KEY",
            "-----BEGIN PUBLIC KEY-----",
            "jwt_private_key (environment JWT_PRIVATE_KEY) must be an Ed25519 key in PEM",
        ),
        (
            "JWT_PRIVATE_KEY",
            "\"-----BEGIN PRIVATE KEY-----",
            "jwt_private_key (environment JWT_PRIVATE_KEY) must be an Ed25519 key in PEM",
        ),
        (
            "JWT_ACCEPTED_KEYS",
            "-----BEGIN PRIVATE KEY-----",
            "jwt_accepted_keys (environment JWT_ACCEPTED_KEYS) must be up to 16 public Ed25519",
        ),
    ] {
        let told = refused(None, &[(variable, text)], &[]);
        assert!(told.starts_with(message), "{told}");
    }
}

/// SPEC 13: both are of PostgreSQL, and of neither a password is shown.
#[test]
fn a_database_has_a_second_address_past_its_pooler() {
    let pooled = ("DATABASE_URL", "postgres://ann:hunter2@pooler.example/todo");
    let direct = ("DATABASE_DIRECT_URL", "postgres://ann:hunter2@db.example/todo");
    let settings = given(None, &[pooled, direct], &[]).unwrap().settings;
    assert_eq!(settings.direct, Some(DatabaseUrl::Postgres(direct.1.to_owned())));
    let shown = settings.to_string();
    assert!(shown.contains("\"postgres://ann:…@db.example/todo\"") && !shown.contains("hunter"));
    for (variables, told) in [
        (&[direct][..], "is for PostgreSQL alone"),
        (&[pooled, ("DATABASE_DIRECT_URL", "sqlite://todo.db")], "is for PostgreSQL alone"),
        (&[pooled, ("DATABASE_DIRECT_URL", "hunter2")], "is not a database URL"),
    ] {
        let message = refused(None, variables, &[]);
        let begin = "database_direct_url (environment DATABASE_DIRECT_URL) ";
        assert!(message.starts_with(&format!("{begin}{told}")), "{message}");
    }
}

/// SPEC 13: a place that spans go to, and nothing that must be hidden.
#[test]
fn a_collector_is_named_by_its_place_alone() {
    let off = given(None, &[("METRICS_ADDR", "off")], &[]).unwrap().settings;
    assert_eq!(off.metrics, None);
    for place in ["https://otel.example", "http://[::1]:4318/", "http://otel.example/tenant"] {
        let read = given(None, &[("OTEL_EXPORTER_OTLP_ENDPOINT", place)], &[]);
        assert_eq!(read.unwrap().settings.traces.unwrap().endpoint, place);
    }
    for place in [
        "otel.example:4318",
        "grpc://otel.example",
        "http://",
        "http://ann:hunter2@otel.example",
        "http://otel.example?key=hunter2",
    ] {
        let told = refused(None, &[("OTEL_EXPORTER_OTLP_ENDPOINT", place)], &[]);
        let begin = "otel_exporter_otlp_endpoint (environment OTEL_EXPORTER_OTLP_ENDPOINT) must be";
        assert!(told.starts_with(begin) && !told.contains("hunter2"), "{told}");
    }
}

#[test]
fn secrets_are_shown_nowhere() {
    let secret = "0123456789abcdef0123456789abcdef";
    let key = "MC4CAQAwBQYDK2VwBCIEIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH";
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----\n");
    let variables = [
        ("JWT_SECRET", secret),
        ("JWT_ACCEPTED_SECRET", secret),
        ("JWT_PRIVATE_KEY", &pem),
        ("DATABASE_URL", "postgres://ann:hunter2@db.example/todo?password=hunter2"),
    ];
    let settings = given(None, &variables, &["--print-config"]).unwrap().settings;
    for shown in [settings.to_string(), format!("{settings:?}")] {
        assert!(!shown.contains(secret) && !shown.contains("hunter2"), "{shown}");
        assert!(!shown.contains(key), "{shown}");
    }
    let shown = settings.to_string();
    assert!(shown.contains("# jwt_secret is set (environment JWT_SECRET)\n"), "{shown}");
    assert!(shown.contains("\"postgres://ann:…@db.example/todo?…\""), "{shown}");
    // Nor in what is said of a broken file.
    let told = refused(Some(&format!("jwt_secret = \"{secret}\" x")), &[], &[]);
    assert!(!told.contains(secret), "{told}");
}

/// Mail needs a server, a sender and where its links begin; what is wrong shows no password.
#[test]
fn mail_is_sent_as_a_whole_or_not_at_all() {
    let from = ("MAIL_FROM", "todo@example.org");
    let site = ("PUBLIC_URL", "https://todo.example");
    for (url, more, message) in [
        ("smtp://u:hunter2@mail.example", vec![from], "needs public_url"),
        ("smtp://u:hunter2@mail.example", vec![site], "needs mail_from"),
        ("smtp://u:hunter2@mail.example/x", vec![from, site], "must be like smtp://"),
        ("smtp://u:hunter2@mail.example?tls=no", vec![from, site], "takes one parameter"),
        ("imap://u:hunter2@mail.example", vec![from, site], "must be like smtp://"),
        ("smtp://hunter2@mail.example", vec![from, site], "must have a user and a password"),
    ] {
        let variables: Vec<_> = more.into_iter().chain([("SMTP_URL", url)]).collect();
        let told = refused(None, &variables, &[]);
        assert!(told.starts_with("smtp_url (environment SMTP_URL) "), "{told}");
        assert!(told.contains(message) && !told.contains("hunter2"), "{told}");
    }
    let variables = [from, site, ("SMTP_URL", "smtps://u:hunter2@mail.example")];
    let settings = given(None, &variables, &[]).unwrap().settings;
    let shown = settings.to_string();
    assert!(shown.contains("# smtp_url is set (environment SMTP_URL)\n"), "{shown}");
    assert!(!shown.contains("hunter2") && !format!("{settings:?}").contains("hunter2"));
    assert!(refused(None, &[], &["--smtp-url", "x"]).contains("unexpected argument"));
    assert!(given(None, &[from], &[]).unwrap().settings.mail.is_none());
}

#[test]
fn what_was_printed_is_a_settings_file() {
    let printed = given(None, &[("HOST", "a\"b")], &[]).unwrap().settings.to_string();
    let again = given(Some(&printed), &[], &[]).unwrap().settings;
    assert_eq!(again.host, "a\"b");
}

/// SPEC 13: of a URL that is written wrongly nobody can say which part of it is the password.
#[test]
fn a_password_is_hidden_wherever_a_url_holds_it() {
    for (url, shown) in [
        ("postgres://u:hunter?part@127.0.0.1/db", "postgres://…"),
        ("postgres://u:hun/ter@127.0.0.1/db", "postgres://u:…@127.0.0.1/db"),
        ("postgres://u:hun@ter@127.0.0.1/db", "postgres://u:…@127.0.0.1/db"),
        ("postgres://127.0.0.1/db?password=hun@ter", "postgres://…"),
        ("postgres://127.0.0.1/db?password=hunter", "postgres://127.0.0.1/db?…"),
        ("postgres://u@127.0.0.1/db", "postgres://u@127.0.0.1/db"),
    ] {
        let printed =
            given(None, &[("DATABASE_URL", url)], &[]).map(|read| read.settings.to_string());
        let printed = printed.unwrap_or_else(|usage| usage.to_string());
        assert!(!printed.contains("hunter") && !printed.contains("ter@"), "{printed}");
        let line = format!("database_url = \"{shown}\"");
        assert!(printed.contains(&line) || !printed.contains("database_url ="), "{printed}");
    }
}

/// A password has no place there, and a slip in writing it must not show it.
#[test]
fn a_collector_with_a_password_is_refused_without_it() {
    for text in [
        "user:hunter2@otel.example:4318",
        "http://user:hunter2@otel.example:4318",
        "//user:hunter2@otel.example",
        "http://user:hun@ter2@otel.example/%zz",
    ] {
        let told = refused(None, &[("OTEL_EXPORTER_OTLP_ENDPOINT", text)], &[]);
        assert!(told.contains("must be like http://127.0.0.1:4318"), "{told}");
        assert!(!told.contains("hun") && !told.contains("ter2"), "{told}");
    }
}
