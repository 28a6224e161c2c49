//! The command line.

use crate::configuration::help;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// The program's name, in one place.
pub const NAME: &str = "bedplate";

const EXIT_CODES: &str = "Exit codes: 0 done; 1 refused or failed (the last lines say why); 2 the command line was not understood.";

/// A whole app backend in one program: it serves a project in the Supabase CLI's layout.
#[derive(Debug, Parser)]
#[command(
    name = NAME,
    version,
    about,
    disable_help_subcommand = false,
    after_help = "Begin with:\n  bedplate init notes        a small project that works\n  bedplate serve notes --dev  serves it; the page at http://127.0.0.1:54321 shows what to try\n\nExit codes: 0 done; 1 refused or failed (the last lines say why); 2 the command line was not understood."
)]
pub struct CommandLine {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve a project: apply what is pending, then answer requests until told to stop
    #[command(after_help = serve_help(), after_long_help = serve_long_help())]
    Serve(Serve),
    /// Make a small project that works
    #[command(after_help = with_codes("Example:\n  bedplate init notes\n  bedplate serve notes --dev"))]
    Init {
        /// The project's folder
        #[arg(value_name = "DIR", default_value = ".")]
        dir: PathBuf,
    },
    /// Show migrations and apply them (alone: their status)
    #[command(after_help = with_codes(
        "Examples:\n  bedplate migrate                    how each migration stands\n  bedplate migrate new add_tags        an empty file with a timestamp\n  bedplate migrate up                  apply what is pending\n\nA migration is one transaction with its line in the history. One that was changed after it was applied, or is older\nthan the last applied one, is refused with what to do. A running server is asked over its data folder's socket."
    ))]
    Migrate {
        /// What to do with them
        #[command(subcommand)]
        action: Option<Migrate>,
        /// Where the project and its data are
        #[command(flatten)]
        place: Place,
    },
    /// Run SQL and print the answer as psql does
    #[command(after_help = with_codes(
        "Examples:\n  bedplate sql -c 'select * from todos'\n  bedplate sql -f fix.sql\n  echo 'select now()' | bedplate sql --json\n  bedplate sql --role authenticated --claims '{\"sub\":\"8d0fd2b3-9ca7-4d9e-a95f-9e13dded323e\"}' -c 'select * from todos'\n\nWithout --role it runs as postgres, the owner of everything. With -c all statements are one transaction; from a file each is\none of its own, and BEGIN … COMMIT makes several one. The first error ends it, unless\nit is to keep going."
    ))]
    Sql(Sql),
    /// Print the project's URL and keys, and replace the keys that sign tokens
    #[command(after_help = with_codes(
        "Examples:\n  bedplate keys\n  bedplate keys --json\n  bedplate keys list                   the keys that sign tokens\n  bedplate keys rotate                 a new one takes the current one's place\n  bedplate keys revoke KID             nothing that it signed is accepted any more\n\nThe secret key and the service key pass every policy: they belong on servers only. A running server is asked over its data folder's socket, and changes at once."
    ), args_conflicts_with_subcommands = true)]
    Keys {
        /// What to do with the keys that sign tokens
        #[command(subcommand)]
        action: Option<Keys>,
        /// Where the project and its data are
        #[command(flatten)]
        place: Place,
        /// Show the Supabase CLI's well-known local keys, which `serve --dev` uses on loopback
        #[arg(long)]
        dev: bool,
        /// Print a JSON object
        #[arg(long)]
        json: bool,
    },
    /// Sign a token for a role, for tests and scripts
    #[command(after_help = with_codes(
        "Examples:\n  bedplate token --role authenticated --sub 8d0fd2b3-9ca7-4d9e-a95f-9e13dded323e\n  bedplate token --role service_role --expires 5m\n  bedplate token --role authenticated --sub … --claims '{\"app_metadata\":{\"plan\":\"pro\"}}'"
    ))]
    Token(Token),
    /// Show users, make them, and do to them what an operator must
    #[command(after_help = with_codes(
        "Examples:\n  bedplate users list --filter ada\n  bedplate users create ada@example.com --confirm --password-stdin < password.txt\n  bedplate users set-password ada@example.com      asks for it; never an argument\n  bedplate users ban ada@example.com --for 24h\n  bedplate users link ada@example.com --type recovery\n  bedplate users delete ada@example.com\n\nUsers are named by address or id. The rules are those of the API: a new password, a ban and a deletion end every session, and each change is an entry of the audit log. A running server is asked over its data folder's socket."
    ))]
    Users {
        /// What to do
        #[command(subcommand)]
        action: Users,
    },
    /// Show the queue of jobs, and decide about those that failed for good
    #[command(after_help = with_codes(
        "Examples:\n  bedplate jobs                        what waits, runs or failed\n  bedplate jobs dead                   what failed for good, and why\n  bedplate jobs retry ID               let it run again, with all its attempts\n  bedplate jobs delete ID              give it up\n\nWhat a job holds is not shown: mails have links in them that sign people in. A running server is asked over its data folder's\nsocket."
    ), args_conflicts_with_subcommands = true)]
    Jobs {
        /// What to do
        #[command(subcommand)]
        action: Option<Jobs>,
        /// Print a JSON array
        #[arg(long)]
        json: bool,
        /// Where the project and its data are
        #[command(flatten)]
        place: Place,
    },
    /// Print the served schemas as types of a client's language
    #[command(after_help = with_codes(
        "Examples:\n  bedplate types typescript > database.types.ts     then createClient<Database>(…)\n  bedplate types python > database_types.py\n  bedplate types typescript --schema public --schema other\n\nThe database must have its migrations already. A running server is asked over its data folder's socket."
    ))]
    Types {
        /// The language
        #[arg(value_enum)]
        language: TypesLanguage,
        /// A schema; may be given several times. Without it those that the API serves
        #[arg(long = "schema", value_name = "NAME")]
        schemas: Vec<String>,
        /// Where the project and its data are
        #[command(flatten)]
        place: Place,
    },
    /// Apply a project to a throw-away embedded database and report every statement
    #[command(after_help = with_codes(
        "Examples:\n  bedplate check\n  bedplate check examples/todo --json\n\nWith --json each line is an object: file, line, statement, status (ok, no_effect, refused), sqlstate, message, hint; the\nlast one has the totals. Exit code 1 when any statement is refused."
    ))]
    Check {
        /// The project's folder
        #[arg(value_name = "DIR", default_value = ".")]
        dir: PathBuf,
        /// Print an object a line
        #[arg(long)]
        json: bool,
    },
    /// Print the release and the versions of what it imitates
    Version {
        /// Print a JSON object
        #[arg(long)]
        json: bool,
    },
}

/// A language of `bedplate types`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum TypesLanguage {
    /// For supabase-js
    Typescript,
    /// `TypedDict`s and literals
    Python,
}

/// Where a project and its data are.
#[derive(Args, Clone, Debug, Default)]
pub struct Place {
    /// The project: a folder with config.toml and migrations, or whose supabase/ folder has them
    #[arg(long = "project", value_name = "DIR")]
    pub project: Option<PathBuf>,
    /// The engine: sqlite (embedded) or postgres (a private cluster in the data folder)
    #[arg(long, value_name = "ENGINE")]
    pub engine: Option<String>,
    /// A PostgreSQL to use instead; a URL with a password belongs in BEDPLATE_DATABASE
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
    /// The data folder [default: DIR/.bedplate]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

/// `bedplate keys …`
#[derive(Clone, Debug, Subcommand)]
pub enum Keys {
    /// Show the keys that sign tokens and how each stands
    List {
        /// Print a JSON array
        #[arg(long)]
        json: bool,
        /// Where the project and its data are
        #[command(flatten)]
        place: Place,
    },
    /// Make a new key that takes the current one's place
    #[command(after_help = with_codes(
        "The new key is published for 20 minutes before it signs, so that whoever keeps a copy of the public keys has it in time. The old one is accepted until the last token that it signed has expired (auth.jwt_expiry)."
    ))]
    Rotate {
        /// ES256, RS256 or EdDSA
        #[arg(long, value_name = "NAME", default_value = "ES256", value_parser = signature_algorithm)]
        algorithm: web::SignatureAlgorithm,
        /// Let the new key (or the one that is published already) sign as soon as every node knows it
        #[arg(long)]
        now: bool,
        /// Print a JSON array of the keys as they are then
        #[arg(long)]
        json: bool,
        /// Where the project and its data are
        #[command(flatten)]
        place: Place,
    },
    /// Refuse a key and everything that it signed; sessions stay, their next refresh is signed by another key
    Revoke {
        /// The key's name, as `bedplate keys list` shows it
        kid: String,
        /// Print a JSON array of the keys as they are then
        #[arg(long)]
        json: bool,
        /// Where the project and its data are
        #[command(flatten)]
        place: Place,
    },
}

fn signature_algorithm(text: &str) -> Result<web::SignatureAlgorithm, String> {
    web::SignatureAlgorithm::of(text).ok_or_else(|| "expected ES256, RS256 or EdDSA".to_owned())
}

/// `bedplate jobs …`
#[derive(Clone, Debug, Subcommand)]
pub enum Jobs {
    /// Show the jobs that wait, run or failed for good, the newest first
    List {
        /// Print a JSON array
        #[arg(long)]
        json: bool,
        /// Where the project and its data are
        #[command(flatten)]
        place: Place,
    },
    /// Show the jobs that failed for good, and why
    Dead {
        /// Print a JSON array
        #[arg(long)]
        json: bool,
        /// Where the project and its data are
        #[command(flatten)]
        place: Place,
    },
    /// Let a job run at once, with all its attempts
    Retry {
        /// Its id
        id: String,
        /// Where the project and its data are
        #[command(flatten)]
        place: Place,
    },
    /// Remove a job that does not run
    Delete {
        /// Its id
        id: String,
        /// Where the project and its data are
        #[command(flatten)]
        place: Place,
    },
}

/// `bedplate serve`
#[derive(Args, Clone, Debug, Default)]
pub struct Serve {
    /// The project: a folder with config.toml, migrations/ and seed.sql, or whose supabase/ folder has them
    #[arg(value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// The engine: sqlite (embedded) or postgres (a private cluster in the data folder)
    #[arg(long, value_name = "ENGINE")]
    pub engine: Option<String>,
    /// A PostgreSQL to use instead; a URL with a password belongs in BEDPLATE_DATABASE
    #[arg(long, value_name = "URL")]
    pub database: Option<String>,
    /// Address and port [default: 127.0.0.1:54321, and ::1 with it]
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<String>,
    /// The data folder [default: DIR/.bedplate]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Use the Supabase CLI's well-known local keys (on loopback only) and show keys on the page at /
    #[arg(long)]
    pub dev: bool,
    /// Keep nothing: a fresh database that ends with the process
    #[arg(long)]
    pub ephemeral: bool,
    /// The log: text or json
    #[arg(long, value_name = "FORMAT")]
    pub log: Option<String>,
    /// Serve /metrics on this address and port
    #[arg(long, value_name = "ADDRESS")]
    pub metrics: Option<String>,
}

/// `bedplate users …`
#[derive(Clone, Debug, Subcommand)]
pub enum Users {
    /// Show users, the newest first
    #[command(after_help = with_codes("Examples:\n  bedplate users list\n  bedplate users list --filter @example.com --page 2\n  bedplate users list --json | jq -r '.users[].email'"))]
    List {
        /// Only those whose address or full name has this in it, or whose id it is
        #[arg(long, value_name = "TEXT")]
        filter: Option<String>,
        /// The page, from 1
        #[arg(long, value_name = "N", default_value_t = 1)]
        page: u64,
        /// How many users on a page
        #[arg(long, value_name = "N", default_value_t = 50)]
        per_page: u64,
        /// Print a JSON object: users, total
        #[arg(long)]
        json: bool,
        /// Where the project and its data are
        #[command(flatten)]
        place: Place,
    },
    /// Make a user; without a password they sign in by a link or a provider
    #[command(after_help = with_codes("Examples:\n  bedplate users create ada@example.com --confirm --password-stdin < password.txt\n  bedplate users create ada@example.com && bedplate users link ada@example.com --type signup\n  bedplate users create ada@example.com --invite"))]
    Create {
        /// The address
        email: String,
        /// Read the password from standard input: its first line
        #[arg(long, conflicts_with = "invite")]
        password_stdin: bool,
        /// Mail an invitation: who follows its link owns the address
        #[arg(long, conflicts_with = "confirm")]
        invite: bool,
        /// Take the address for confirmed
        #[arg(long)]
        confirm: bool,
        /// Where the project and its data are
        #[command(flatten)]
        place: Place,
    },
    /// Set a user's password and end every session
    #[command(after_help = with_codes("Examples:\n  bedplate users set-password ada@example.com\n  printf '%s\\n' \"$NEW_PASSWORD\" | bedplate users set-password ada@example.com\n\nThe password is asked for, or read from standard input when that is no terminal: its first line."))]
    SetPassword {
        /// The address or id
        user: String,
        /// Where the project and its data are
        #[command(flatten)]
        place: Place,
    },
    /// Refuse a user's sign-ins and end every session
    #[command(after_help = with_codes("Examples:\n  bedplate users ban ada@example.com            until it is lifted\n  bedplate users ban ada@example.com --for 24h"))]
    Ban {
        /// The address or id
        user: String,
        /// For how long: numbers with h, m or s, like 24h or 1h30m
        #[arg(long = "for", value_name = "DURATION")]
        duration: Option<String>,
        /// Where the project and its data are
        #[command(flatten)]
        place: Place,
    },
    /// Lift a ban
    #[command(after_help = with_codes("Example:\n  bedplate users unban ada@example.com"))]
    Unban {
        /// The address or id
        user: String,
        /// Where the project and its data are
        #[command(flatten)]
        place: Place,
    },
    /// Delete a user, their sessions, and the rows that go with them by foreign keys
    #[command(after_help = with_codes("Examples:\n  bedplate users delete ada@example.com\n  bedplate users delete ada@example.com --soft    the row and its id stay, and nothing in it tells who it was"))]
    Delete {
        /// The address or id
        user: String,
        /// Keep the row: address, number and identities become hashes, the rest goes
        #[arg(long)]
        soft: bool,
        /// Where the project and its data are
        #[command(flatten)]
        place: Place,
    },
    /// Print a link as it is mailed, without mailing it; an earlier one of its kind ends
    #[command(after_help = with_codes("Examples:\n  bedplate users link ada@example.com --type recovery\n  bedplate users link ada@example.com --type magiclink --redirect-to https://app.example.com/welcome\n  bedplate users link ada@example.com --type email_change_new --new-email ada@new.example\n\nWhoever has the link is the user: send it to nobody else. Unknown addresses become users with signup, invite and magiclink."))]
    Link {
        /// The address
        email: String,
        /// signup, invite, magiclink, recovery, email_change_current or email_change_new
        #[arg(long = "type", value_name = "TYPE", value_parser = link_type)]
        kind: auth::administration::LinkType,
        /// The address that is to be theirs, for a change of address
        #[arg(long, value_name = "EMAIL")]
        new_email: Option<String>,
        /// Where the link leads in the end [default: auth.site_url]
        #[arg(long, value_name = "URL")]
        redirect_to: Option<String>,
        /// Where the project and its data are
        #[command(flatten)]
        place: Place,
    },
}

fn link_type(text: &str) -> Result<auth::administration::LinkType, String> {
    use auth::administration::LinkType;
    LinkType::parse(text).ok_or_else(|| {
        let names: Vec<&str> = LinkType::ALL.into_iter().map(LinkType::as_str).collect();
        format!("expected one of {}", names.join(", "))
    })
}

/// `bedplate migrate …`
#[derive(Clone, Debug, Subcommand)]
pub enum Migrate {
    /// Show how each migration stands
    Status,
    /// Apply what is pending
    Up,
    /// Make an empty migration with a timestamp
    New {
        /// What it is about, in words or with _
        name: String,
    },
}

/// `bedplate sql`
#[derive(Args, Clone, Debug)]
pub struct Sql {
    /// The statements
    #[arg(short = 'c', long = "command", value_name = "SQL", conflicts_with = "file")]
    pub command: Option<String>,
    /// A file with the statements
    #[arg(short = 'f', long = "file", value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// The role to act as
    #[arg(long)]
    pub role: Option<String>,
    /// The token's claims that policies read (request.jwt.claims)
    #[arg(long, value_name = "JSON")]
    pub claims: Option<String>,
    /// Print results as JSON, an array a line
    #[arg(long)]
    pub json: bool,
    /// Go on behind a statement that fails; the exit status tells of it all the same
    #[arg(long)]
    pub keep_going: bool,
    /// Where the project and its data are
    #[command(flatten)]
    pub place: Place,
}

/// `bedplate token`
#[derive(Args, Clone, Debug)]
pub struct Token {
    /// The role that the token stands for: authenticated, anon, service_role, or one of the project's own
    #[arg(long)]
    pub role: String,
    /// The user's id, which auth.uid() returns
    #[arg(long, value_name = "UUID")]
    pub sub: Option<String>,
    /// Further claims; they win over ours
    #[arg(long, value_name = "JSON")]
    pub claims: Option<String>,
    /// How long it is valid: 90s, 15m, 1h, 7d [default: auth.jwt_expiry]
    #[arg(long, value_name = "DURATION")]
    pub expires: Option<String>,
    /// Sign with the Supabase CLI's well-known local secret, which `serve --dev` uses on loopback
    #[arg(long)]
    pub dev: bool,
    /// Where the project and its data are
    #[command(flatten)]
    pub place: Place,
}

fn with_codes(text: &str) -> String {
    format!("{text}\n\n{EXIT_CODES}")
}

fn serve_help() -> String {
    with_codes(
        "Examples:\n  bedplate serve                               the project in this folder\n  bedplate serve examples/todo --dev           with the well-known local keys\n  bedplate serve --engine postgres             on a private PostgreSQL\n  bedplate serve --ephemeral --listen 127.0.0.1:0   a fresh backend for a test, on a free port\n\n`bedplate serve --help` also lists every setting.",
    )
}

fn serve_long_help() -> String {
    format!("{}\n\n{}", serve_help(), help())
}
