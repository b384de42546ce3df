//! Every setting there is, under its one name.

/// A setting as it is named. The environment has it in capitals, the file as it is here, and the
/// command line with dashes.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    /// Another name that the environment may have it under.
    pub(super) alias: Option<&'static str>,
    /// What it is when nobody says; empty, it is not set.
    pub(super) default: &'static str,
    pub(super) help: &'static str,
    /// Everybody on a machine can read the command lines of its processes: no flag for these.
    pub(super) secret: bool,
}

impl Key {
    const fn new(name: &'static str, default: &'static str, help: &'static str) -> Self {
        Self { name, alias: None, default, help, secret: false }
    }

    /// The name in the environment.
    pub(super) fn variable(&self) -> String {
        self.name.to_ascii_uppercase()
    }

    /// The name on the command line.
    pub(super) fn flag(&self) -> String {
        self.name.replace('_', "-")
    }
}

pub(super) const KEYS: &[Key] = &[
    Key::new(
        "database_url",
        "sqlite://todo.db",
        "Where everything is kept: sqlite://FILE or postgres://USER:PASSWORD@HOST/DATABASE",
    ),
    Key::new(
        "database_direct_url",
        "",
        "Where the same database is reached past a pooler of transactions, if there is one",
    ),
    Key::new("host", "127.0.0.1", "The address to listen at; 0.0.0.0 is every one"),
    Key::new("port", "8000", "The port to listen at; 0 takes a free one"),
    Key::new("public_url", "", "Where users reach the server, as https://todo.example.org"),
    Key {
        alias: Some("BETTER_AUTH_SECRET"),
        secret: true,
        ..Key::new(
            "jwt_secret",
            "",
            "What tokens are signed with: 32 bytes or more; SQLite makes and keeps its own",
        )
    },
    Key {
        secret: true,
        ..Key::new(
            "jwt_accepted_secret",
            "",
            "Another secret whose tokens count: the one before, or the next",
        )
    },
    Key {
        secret: true,
        ..Key::new(
            "jwt_private_key",
            "",
            "An Ed25519 key (PEM, or its file) that signs access tokens; others check them by \
             /.well-known/jwks.json",
        )
    },
    Key::new(
        "jwt_accepted_keys",
        "",
        "Public Ed25519 keys (PEM, or their file) whose tokens count, too",
    ),
    Key::new(
        "registration",
        "open",
        "Who may make an account: open (anybody), invite (whoever is invited) or closed (nobody)",
    ),
    Key {
        secret: true,
        ..Key::new(
            "smtp_url",
            "",
            "The server that takes mail: smtp://HOST:PORT, smtps://USER:PASSWORD@HOST; unset, no mail",
        )
    },
    Key::new("mail_from", "", "In whose name mail goes: Todo <todo@example.org>"),
    Key::new(
        "trusted_proxies",
        "",
        "Proxies whose X-Forwarded-For is believed, with commas between: 127.0.0.1,10.0.0.0/8",
    ),
    Key::new(
        "cors_origins",
        "",
        "Origins whose pages may ask, with commas between: https://a.example",
    ),
    Key::new("rate_limit", "600/min", "Requests a user or address may make: N/min, or off"),
    Key::new(
        "metrics_addr",
        "127.0.0.1:9000",
        "The address and port to serve metrics at, or off; a default that is taken is gone without",
    ),
    Key::new(
        "backup_every",
        "1d",
        "How often a SQLite file is backed up while it is served: 1d, 6h, 30m, or off",
    ),
    Key::new("backup_keep", "7", "How many of these backups are kept"),
    Key::new("backup_dir", "", "The folder they lie in; unset, that of the database"),
    Key::new(
        "otel_exporter_otlp_endpoint",
        "",
        "The collector that traces are sent to, as http://127.0.0.1:4318; unset, nowhere",
    ),
    Key::new(
        "otel_traces_sampler_arg",
        "1",
        "How much of the requests is traced of which nobody decided before: from 0 to 1",
    ),
    Key::new("log", "info", "What is logged: a level, or a filter such as info,sqlx=debug"),
    Key::new("log_format", "", "json or pretty; unset, pretty on a terminal and json elsewhere"),
];
