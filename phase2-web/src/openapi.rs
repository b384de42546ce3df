//! The OpenAPI document: what the routes say of themselves, and what is true of every one of them.

use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, HeaderBuilder, ObjectBuilder, OpenApi, PathItem, Ref, RefOr, Response,
    ResponseBuilder, Schema, Type,
};
use utoipa::{OpenApi as _, ToSchema};
use utoipa_axum::router::OpenApiRouter;

use crate::problem::{MEDIA_TYPE, Problem};
use crate::{App, api};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Todo",
        description = include_str!("openapi.md"),
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
        contact(),
    ),
    servers((url = "/", description = "This server")),
    tags(
        (name = "accounts", description = "Who there is, and what they prefer."),
        (name = "tasks", description = "One task, or several."),
        (name = "steps", description = "What was done, taken back and done again."),
        (name = "labels", description = "Tags, projects, statistics and saved filters."),
        (name = "transfer", description = "In and out: import, export, synchronisation."),
        (name = "operations", description = "What an operator's probes ask."),
    ),
    security(("token" = [])),
    components(schemas(Problem)),
)]
struct Base;

/// The document of this server's routes.
pub fn document() -> OpenApi {
    with(OpenApiRouter::new())
}

/// The document of this server's routes and of more.
pub fn with(more: OpenApiRouter<App>) -> OpenApi {
    let (_routes, document) = api::routes().merge(more).split_for_parts();
    whole(document)
}

/// The document as it is served and kept.
pub fn text() -> String {
    written(&document())
}

/// A document as it is served and kept.
pub fn written(document: &OpenApi) -> String {
    let mut text = document.to_pretty_json().expect("names and texts are always JSON");
    text.push('\n');
    text
}

/// What routes say of themselves, and the rest.
pub(crate) fn whole(document: OpenApi) -> OpenApi {
    let mut base = Base::openapi();
    base.merge(document);
    complete(&mut base);
    base
}

/// What no route needs to say of itself.
fn complete(document: &mut OpenApi) {
    let components = document.components.get_or_insert_with(Default::default);
    components.add_security_scheme("token", SecurityScheme::Http(bearer()));
    for refusal in REFUSALS {
        components.responses.insert(refusal.name.to_owned(), refusal.response().into());
    }
    components.schemas.values_mut().for_each(straighten);
    for (path, item) in &mut document.paths.paths {
        for operation in operations(item) {
            for refusal in REFUSALS {
                if (refusal.of)(path, operation) {
                    let told = operation.responses.responses.entry(refusal.status.to_owned());
                    told.or_insert_with(|| refusal.reference());
                }
            }
        }
    }
}

/// What is said of a field beside the type that it shares with others (a description, a default) is
/// generated as one more schema that the value must fit, and that one is of an object. Said in the
/// shared type's place it is what was meant.
fn straighten(schema: &mut RefOr<Schema>) {
    let RefOr::T(known) = schema else { return };
    match known {
        Schema::Object(object) => object.properties.values_mut().for_each(straighten),
        Schema::AllOf(all) => {
            if let [RefOr::T(Schema::Object(shared)), RefOr::T(Schema::Object(own))] =
                all.items.as_mut_slice()
                && own.properties.is_empty()
            {
                let mut field = shared.clone();
                field.description = own.description.take().or(field.description);
                field.default = own.default.take().or(field.default);
                *known = Schema::Object(field);
            }
        }
        _ => {}
    }
}

fn bearer() -> utoipa::openapi::security::Http {
    HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("An access token of `/api/auth/login`, or a personal one."))
        .build()
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let PathItem { get, put, post, delete, patch, .. } = item;
    [get, put, post, delete, patch].into_iter().flatten()
}

/// A refusal that comes from around the routes.
struct Refusal {
    name: &'static str,
    status: &'static str,
    description: &'static str,
    header: Option<(&'static str, &'static str)>,
    /// Which operations it can meet.
    of: fn(&str, &Operation) -> bool,
}

const REFUSALS: [Refusal; 7] = [
    Refusal {
        name: "Unauthorized",
        status: "401",
        description: "Nobody has logged in, or no longer.",
        header: Some(("WWW-Authenticate", "`Bearer`, and what is wrong with the token.")),
        of: |_, operation| operation.security.is_none(),
    },
    Refusal {
        name: "TooSlow",
        status: "408",
        description: "The body took too long to arrive.",
        header: None,
        of: |_, operation| operation.request_body.is_some(),
    },
    Refusal {
        name: "TooLong",
        status: "413",
        description: "The body is too long.",
        header: None,
        of: |_, operation| operation.request_body.is_some(),
    },
    Refusal {
        name: "UnsupportedMediaType",
        status: "415",
        description: "The body is in a format that is not taken here.",
        header: None,
        of: |_, operation| operation.request_body.is_some(),
    },
    Refusal {
        name: "RateLimited",
        status: "429",
        description: "Too many requests.",
        header: Some(("Retry-After", "When to try again, in seconds.")),
        of: |path, _| path.starts_with("/api/") || path.starts_with("/.well-known/"),
    },
    Refusal {
        name: "Internal",
        status: "500",
        description: "A fault of the server. Its log names it by the id of the request.",
        header: None,
        of: |_, _| true,
    },
    Refusal {
        name: "Unavailable",
        status: "503",
        description: "The storage cannot be reached now.",
        header: Some(("Retry-After", "When to try again, in seconds.")),
        of: |path, _| path != "/health",
    },
];

impl Refusal {
    fn response(&self) -> Response {
        let problem = Ref::from_schema_name(Problem::name());
        let content = ContentBuilder::new().schema(Some(RefOr::Ref(problem))).build();
        let mut response =
            ResponseBuilder::new().description(self.description).content(MEDIA_TYPE, content);
        if let Some((name, description)) = self.header {
            let text = ObjectBuilder::new().schema_type(Type::String).build();
            let header = HeaderBuilder::new().schema(Some(text)).description(Some(description));
            response = response.header(name, header.build());
        }
        response.build()
    }

    fn reference(&self) -> RefOr<Response> {
        Ref::from_response_name(self.name).into()
    }
}
