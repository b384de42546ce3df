//! Tokens that others can check (SPEC 7): `EdDSA`, and the keys that are shown for it.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Validation, decode};
use serde_json::{Value, json};
use tempfile::TempDir;
use todo_web::{KeyError, Keys, Pem, PublicKey, Secret, SigningKey};

use crate::forge::{decoded, kid, part, token};
use crate::support::{SECRET, TestApp};

const JWKS: &str = "/.well-known/jwks.json";

fn pem(kind: &str, der: &[u8]) -> String {
    format!("-----BEGIN {kind}-----\n{}\n-----END {kind}-----\n", BASE64.encode(der))
}

fn hex(text: &str) -> Vec<u8> {
    HEXLOWER.decode(text.as_bytes()).unwrap()
}

/// What `openssl genpkey -algorithm ed25519` writes of these 32 bytes.
fn private_der(seed: &[u8]) -> Vec<u8> {
    [hex("302e020100300506032b657004220420"), seed.to_vec()].concat()
}

/// The key of RFC 8037, appendix A.
pub(super) fn example() -> SigningKey {
    let seed = BASE64URL_NOPAD.decode(b"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap();
    signing(&seed)
}

pub(super) fn signing(seed: &[u8]) -> SigningKey {
    SigningKey::read(&Pem::given(&pem("PRIVATE KEY", &private_der(seed)))).unwrap()
}

fn public_pem(x: &[u8]) -> String {
    pem("PUBLIC KEY", &[hex("302a300506032b6570032100"), x.to_vec()].concat())
}

fn plain() -> Keys {
    Keys::new(&Secret::new(&SECRET).unwrap(), None)
}

async fn signed() -> TestApp {
    TestApp::with(|parts| parts.keys = plain().signing_with(&example())).await
}

#[test]
fn a_key_is_named_as_the_rfc_names_it() {
    let key = example();
    assert_eq!(key.public().x(), "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
    assert_eq!(key.public().kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    let x = BASE64URL_NOPAD.decode(key.public().x().as_bytes()).unwrap();
    let read = PublicKey::read(&Pem::given(&public_pem(&x))).unwrap();
    assert_eq!(read, [key.public().clone()]);
}

/// A gateway that knows the document and nothing else lets a token in.
#[tokio::test]
async fn whoever_reads_the_document_can_check_a_token() {
    let app = signed().await;
    let ann = app.register("ann").await;
    assert!(ann.is_let_in().await);
    let bearer = ann.token.unwrap();
    let kid = example().public().kid();
    assert_eq!(decoded(&bearer, 0), json!({"typ": "JWT", "alg": "EdDSA", "kid": kid}));

    let reply = app.anonymous().get(JWKS).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_eq!(reply.header("cache-control"), Some("public, max-age=300"));
    let x = example().public().x();
    assert_eq!(
        reply.json(),
        json!({"keys": [{
            "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": kid, "x": x,
        }]})
    );
    let keys: JwkSet = serde_json::from_slice(&reply.body).unwrap();
    let key = DecodingKey::from_jwk(keys.find(&kid).unwrap()).unwrap();
    let mut rules = Validation::new(Algorithm::EdDSA);
    rules.set_audience(&["todo-api"]);
    rules.set_issuer(&["todo"]);
    // The test's clock stands.
    rules.validate_exp = false;
    let read = decode::<Value>(&bearer, &key, &rules).unwrap();
    assert_eq!(read.claims, decoded(&bearer, 1));
}

#[tokio::test]
async fn a_server_with_a_secret_alone_has_nothing_to_show() {
    let app = TestApp::new().await;
    app.anonymous().get(JWKS).await.refused(404, "not_found");
    // Keys that will sign soon are shown before they do.
    let app =
        app.another_with(|parts| parts.keys = plain().accepting([example().public().clone()]));
    let reply = app.anonymous().get(JWKS).await;
    assert_eq!(reply.text("/keys/0/kid"), example().public().kid());
    let ann = app.register("ann").await.token.unwrap();
    assert_eq!(decoded(&ann, 0)["alg"], "HS256");
}

/// The algorithm is the key's: what everybody may know makes no token.
#[tokio::test]
async fn a_public_key_is_no_secret() {
    let app = signed().await;
    let ann = app.register("ann").await;
    let bearer = ann.token.clone().unwrap();
    let claims = decoded(&bearer, 1);
    let ours = example().public().kid();
    let x = example().public().x();
    let raw = BASE64URL_NOPAD.decode(x.as_bytes()).unwrap();
    let text = public_pem(&raw);
    for key in [&raw[..], x.as_bytes(), text.as_bytes(), text.trim_end().as_bytes(), &[]] {
        for kid in [&ours, &kid()] {
            for alg in ["HS256", "EdDSA", "HS512", "none"] {
                let header = json!({"typ": "JWT", "alg": alg, "kid": kid});
                let forged = token(&header, &claims, key);
                assert!(!app.with_token(&forged).is_let_in().await, "{header}");
            }
        }
    }
    let unsigned = json!({"typ": "JWT", "alg": "none", "kid": ours});
    let unsigned = format!("{}.{}.", part(&unsigned), part(&claims));
    assert!(!app.with_token(&unsigned).is_let_in().await);
    // Another key under this one's name, and this one's signature under another name.
    let der = private_der(&[1; 32]);
    let mut header = jsonwebtoken::Header::new(Algorithm::EdDSA);
    header.kid = Some(ours);
    let other = EncodingKey::from_ed_der(&der);
    let forged = jsonwebtoken::encode(&header, &claims, &other).unwrap();
    assert!(!app.with_token(&forged).is_let_in().await);
    let own = EncodingKey::from_ed_der(&private_der(
        &BASE64URL_NOPAD.decode(b"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").unwrap(),
    ));
    let good = jsonwebtoken::encode(&header, &claims, &own).unwrap();
    assert!(app.with_token(&good).is_let_in().await, "the forge itself works");
    header.kid = Some(kid());
    let misnamed = jsonwebtoken::encode(&header, &claims, &own).unwrap();
    assert!(!app.with_token(&misnamed).is_let_in().await);
    assert!(ann.is_let_in().await);
}

#[test]
fn what_is_no_key_is_refused_without_being_shown() {
    let key = pem("PRIVATE KEY", &private_der(&[1; 32]));
    // An X25519 key: of the same length, for something else.
    let other =
        pem("PRIVATE KEY", &[hex("302e020100300506032b656e04220420"), vec![1; 32]].concat());
    let short = pem("PRIVATE KEY", &private_der(&[1; 31]));
    let wrong_tag = pem("RSA PRIVATE KEY", &private_der(&[1; 32]));
    let public = public_pem(&[2; 32]);
    for text in [&other, &short, &wrong_tag, &public, &key[..40], "-----BEGIN PRIVATE KEY-----"] {
        let refused = SigningKey::read(&Pem::given(text)).unwrap_err();
        assert!(matches!(refused, KeyError::NotPrivate), "{text}");
        assert!(!refused.to_string().contains("MC4C"), "{refused}");
    }
    let x25519 = pem("PUBLIC KEY", &[hex("302a300506032b656e032100"), vec![2; 32]].concat());
    let both = format!("{public}{key}");
    let many = public.repeat(17);
    for text in [&key, &x25519, &both, &many, "-----BEGIN PUBLIC KEY-----"] {
        let refused = PublicKey::read(&Pem::given(text)).unwrap_err();
        assert!(matches!(refused, KeyError::NotPublic), "{text}");
    }
    assert_eq!(PublicKey::read(&Pem::given(&public.repeat(2))).unwrap().len(), 2);
    for shown in [format!("{:?}", Pem::given(&key)), format!("{:?}", example())] {
        assert!(shown.ends_with("(…)"), "{shown}");
    }
}

/// SPEC 13: a key that was pasted badly is not taken for the name of a file, which would be shown.
#[test]
fn a_key_that_was_pasted_badly_is_not_shown() {
    let body = BASE64.encode(&private_der(&[0xfb; 32]));
    let whole = pem("PRIVATE KEY", &private_der(&[0xfb; 32]));
    let (_, headless) = whole.split_once('\n').unwrap();
    for text in [
        format!("\"{whole}\""),
        format!("'{}'", whole.trim_end()),
        format!("\"{}\"", whole.trim_end().replace('\n', "\\n")),
        format!("key: {}", whole.replace('\n', " ")),
        headless.to_owned(),
        headless.trim_end().replace('\n', " "),
        body.clone(),
        format!("'{body}"),
        format!("key={body}"),
        BASE64.encode(&[0xfb; 32]),
        BASE64URL_NOPAD.encode(&[0xfb; 32]),
        HEXLOWER.encode(&[0xfb; 32]),
    ] {
        let given = Pem::given(&text);
        let refused = SigningKey::read(&given).unwrap_err();
        assert!(matches!(refused, KeyError::NotPrivate), "{text}");
        for shown in [format!("{given:?}"), format!("{refused:?}"), refused.to_string()] {
            for piece in ["+/v7", "-_v7", "fbfb", "MC4C"] {
                assert!(!shown.contains(piece), "{shown}");
            }
        }
    }
    for name in [
        "key.pem",
        "keys/signing=prod/key.pem",
        "/run/secrets/todo/production/signing/private_key",
        "./secrets/todo/production/signing/private_key",
        "C:todo key",
    ] {
        let refused = SigningKey::read(&Pem::given(name)).unwrap_err();
        assert!(refused.to_string().starts_with(name), "{refused}");
    }
}

#[test]
fn a_file_is_refused_when_everybody_can_read_it() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("key.pem");
    let given = |path: &Path| Pem::given(path.to_str().unwrap());
    assert!(matches!(SigningKey::read(&given(&path)), Err(KeyError::Io(..))));
    fs::write(&path, pem("PRIVATE KEY", &private_der(&[1; 32]))).unwrap();
    for (mode, taken) in [(0o600, true), (0o640, true), (0o604, false), (0o666, false)] {
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        let read = SigningKey::read(&given(&path));
        assert_eq!(matches!(&read, Err(KeyError::Exposed(_))), !taken, "{mode:o} {read:?}");
        assert_eq!(read.is_ok(), taken, "{mode:o}");
    }
    // What everybody may know, everybody may read.
    fs::write(&path, public_pem(&[2; 32])).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    assert_eq!(PublicKey::read(&given(&path)).unwrap().len(), 1);
    fs::write(&path, "").unwrap();
    assert!(matches!(PublicKey::read(&given(&path)), Err(KeyError::NotPublic)));
}
