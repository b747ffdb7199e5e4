//! The options of `jounce serve`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

/// `jounce serve`
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  jounce serve --open                                    a trial on this machine, anybody may send
  jounce serve --config jounce.toml                      docs/jounce.toml shows every setting
  jounce serve --config jounce.toml --check              is it sound, and how long does the disk last?
  jounce serve --mqtt 0.0.0.0:8883 --http 0.0.0.0:443 --tls-cert chain.pem --tls-key key.pem
  jounce serve --broker mqtt://server@broker.example     phones send to a broker that there is already

Without options everything runs here, for this machine alone: MQTT on 127.0.0.1:1883, HTTP on
127.0.0.1:8080, all of it in the folder jounce-data. Phones need an address that they reach: 0.0.0.0
is every one of this machine's. Options here go before the file. Ctrl-C and SIGTERM stop it
gracefully; what was acknowledged is on disk in any case.")]
pub struct Serve {
    /// The settings
    #[arg(long, value_name = "FILE.toml")]
    pub config: Option<PathBuf>,
    /// The folder that holds all of it
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Where phones speak MQTT; port 0 takes a free one
    #[arg(long, value_name = "ADDR:PORT")]
    pub mqtt: Option<SocketAddr>,
    /// Where HTTP, and MQTT over WebSocket at /mqtt, is spoken
    #[arg(long, value_name = "ADDR:PORT")]
    pub http: Option<SocketAddr>,
    #[allow(
        rustdoc::broken_intra_doc_links,
        reason = "brackets of an address, as people read them"
    )]
    /// Take messages from somebody else's broker: mqtt://USER[:PASS]@HOST[:PORT]
    #[arg(long, value_name = "URL")]
    pub broker: Option<String>,
    /// The certificates to show, PEM, the server's own first
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,
    /// Their key, PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,
    /// For trials: let in whoever comes, by any name, without a secret
    #[arg(long)]
    pub open: bool,
    /// Say whether the settings are sound and how long the disk lasts, and serve nobody
    #[arg(long)]
    pub check: bool,
}
