//! The schemas that clients see: one object each, in place, and no longer than they must be, for a
//! model reads all of them before it reads the user.

use std::sync::Arc;

use rmcp::model::JsonObject;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

/// What says nothing to a model: names of our types, defaults that are "nothing", and widths of
/// integers, of which validators of clients complain.
const NOISE: &[&str] = &["$schema", "title", "default", "format", NULLABLE];

/// Marks a schema in which `null` says something: it takes a value away. Elsewhere it says what a
/// missing name says, and a model need not hear of it.
pub(crate) const NULLABLE: &str = "x-nullable";

/// What a tool takes.
pub(crate) fn input<T: JsonSchema>() -> Arc<JsonObject> {
    made::<T>(SchemaSettings::draft2020_12().for_deserialize())
}

/// What it answers.
pub(crate) fn output<T: JsonSchema>() -> Arc<JsonObject> {
    made::<T>(SchemaSettings::draft2020_12().for_serialize())
}

fn made<T: JsonSchema>(settings: SchemaSettings) -> Arc<JsonObject> {
    let settings = settings.with(|settings| settings.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    clean(&mut schema);
    match schema {
        Value::Object(mut schema) => {
            // A tool without arguments has a type all the same.
            schema.entry("type").or_insert_with(|| "object".into());
            Arc::new(schema)
        }
        _ => Arc::new(JsonObject::new()),
    }
}

/// `["string", "null"]` is `"string"`.
fn no_null(schema: &mut JsonObject) {
    let Some(Value::Array(types)) = schema.get_mut("type") else { return };
    types.retain(|one| one != "null");
    if let [only] = types.as_mut_slice() {
        let only = only.take();
        schema.insert("type".to_owned(), only);
    }
}

/// Several types at once are more than some clients can pass on: a choice between single ones is not.
fn one_type(schema: &mut JsonObject) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        let each = types.drain(..).map(|one| serde_json::json!({ "type": one }));
        let each: Vec<_> = each.collect();
        schema.remove("type");
        schema.insert("anyOf".to_owned(), each.into());
    }
}

fn clean(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            for (name, value) in &mut *map {
                if ["enum", "required", "type", "additionalProperties"].contains(&name.as_str()) {
                    // No schemas.
                    continue;
                }
                if name == "properties" {
                    // Names of fields, and no words of the schema.
                    value.as_object_mut().into_iter().flatten().for_each(|(_, field)| clean(field));
                } else {
                    clean(value);
                }
            }
            if !map.contains_key(NULLABLE) {
                no_null(map);
            }
            if map.contains_key("properties") {
                // The words of one of our types, not of the field that is of it.
                map.remove("description");
            }
            if map.get("minimum").and_then(Value::as_f64) == Some(0.0) {
                map.remove("minimum");
            }
            map.retain(|name, _| !NOISE.contains(&name.as_str()));
            one_type(map);
            // What our types leave open is an object that the core describes.
            if map.keys().all(|name| name == "description") {
                map.insert("type".to_owned(), "object".into());
            }
        }
        Value::Bool(true) => *schema = serde_json::json!({ "type": "object" }),
        Value::Array(items) => items.iter_mut().for_each(clean),
        _ => {}
    }
}
