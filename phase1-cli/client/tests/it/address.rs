//! Addresses: what is one, how it is written, and which can be overheard.

use todo_client::{AddressError, Server};

#[test]
fn one_server_has_one_name() {
    for (typed, name) in [
        ("https://todo.example.org", "https://todo.example.org"),
        ("https://Todo.Example.org:443/", "https://todo.example.org"),
        ("http://localhost:80", "http://localhost"),
        ("https://example.org:8443/todo/", "https://example.org:8443/todo"),
        (" http://[::1]:8000 ", "http://[::1]:8000"),
    ] {
        assert_eq!(typed.parse::<Server>().expect(typed).as_str(), name, "{typed}");
    }
}

#[test]
fn what_is_no_address_is_refused() {
    for typed in [
        "",
        "todo.example.org",
        "ftp://example.org",
        "https://",
        "https://a?b",
        "/x",
        "https://a#b",
    ] {
        assert!(matches!(typed.parse::<Server>(), Err(AddressError::Malformed(_))), "{typed:?}");
    }
    // A password in an address would be shown wherever the address is.
    let secret = "https://me:secret@example.org".parse::<Server>().expect_err("refused");
    assert_eq!(secret, AddressError::Secret);
    assert!(!secret.to_string().contains("secret@"));
}

#[test]
fn only_what_leaves_the_machine_can_be_overheard() {
    for (typed, heard) in [
        ("http://localhost:8000", false),
        ("http://127.0.0.1", false),
        ("http://127.9.9.9", false),
        ("http://[::1]", false),
        ("https://example.org", false),
        ("http://example.org", true),
        ("http://192.168.1.2", true),
        // A name that only looks like it.
        ("http://localhost.example.org", true),
        ("http://127.0.0.1.example.org", true),
    ] {
        assert_eq!(typed.parse::<Server>().expect(typed).can_be_overheard(), heard, "{typed}");
    }
}
