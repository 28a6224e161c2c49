//! The same document as OpenAPI 3.1: made from the older one, so that both say the same, with what only the newer can say: null, other answers, batches.

use crate::model::{Shape, Table};
use catalog::Relation;
use serde_json::{Map, Value, json};

/// Where the data API is, as its server mounts it.
const MOUNT: &str = "/rest/v1";
const ROWS: [&str; 2] = ["application/json", "text/csv"];

/// Rewrites the document. `tables` are those in it; `server` is where it is said to be.
pub(super) fn document(older: &Value, tables: &[(&Table, &Relation)], server: Option<&str>) -> Value {
    let mut schemas = Map::new();
    for (table, relation) in tables {
        let definition = &older["definitions"][table.name.as_str()];
        schemas.insert(component(&table.name), row(definition, table, relation));
    }
    schemas.insert("bedplate.Error".to_owned(), error());
    let mut parameters = Map::new();
    let mut bodies = Map::new();
    for (name, parameter) in older["parameters"].as_object().into_iter().flatten() {
        if parameter["in"] == "body" {
            let one = references(&parameter["schema"]);
            let schema = json!({"anyOf": [one, {"type": "array", "items": one}]});
            let mut body = content(&["application/json"], &schema);
            body["description"] = parameter["description"].clone();
            bodies.insert(component(name), body);
        } else {
            parameters.insert(component(name), self::parameter(parameter));
        }
    }
    for (name, header, description) in [
        ("ifMatch", "If-Match", "Only if the representation still has one of these tags"),
        ("ifNoneMatch", "If-None-Match", "Only if the representation has none of these tags"),
        ("idempotencyKey", "Idempotency-Key", "The same key and request have one effect"),
    ] {
        let value =
            json!({"name": header, "in": "header", "description": description, "schema": {"type": "string"}});
        parameters.insert(name.to_owned(), value);
    }
    let mut paths = Map::new();
    for (path, methods) in older["paths"].as_object().into_iter().flatten() {
        let methods = methods.as_object().into_iter().flatten();
        let methods: Map<String, Value> =
            methods.map(|(method, value)| (method.clone(), operation(path, method, value))).collect();
        paths.insert(path.clone(), Value::Object(methods));
    }
    paths.insert("/batch/v1".to_owned(), batch());
    json!({
        "openapi": "3.1.0",
        "info": older["info"],
        "servers": [{"url": server.unwrap_or(MOUNT)}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "parameters": parameters,
            "requestBodies": bodies,
            "securitySchemes": {
                "apikey": {"type": "apiKey", "name": "apikey", "in": "header"},
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            },
        },
        "security": [{"apikey": []}, {"token": []}, {}],
    })
}

/// A row as answers have it: columns may be left out by `select`, and hold null where the relation lets them.
fn row(definition: &Value, table: &Table, relation: &Relation) -> Value {
    let mut row = definition.clone();
    let Some(object) = row.as_object_mut() else { return row };
    object.remove("required");
    for column in &relation.columns {
        let Some(property) = object
            .get_mut("properties")
            .and_then(|properties| properties.get_mut(&column.name)?.as_object_mut())
        else {
            continue;
        };
        let shape = table.column(&column.name).map(|column| &column.shape);
        if matches!(shape, Some(Shape::Composite(_))) {
            // A row within the row, or null.
            property.insert("type".into(), json!("object"));
        }
        if let Some(Shape::Array(_)) = shape {
            let kind = property.get("items").and_then(|items| items.get("type")).cloned();
            let composite =
                matches!(shape, Some(Shape::Array(element)) if matches!(**element, Shape::Composite(_)));
            let kind = if composite { Some(json!("object")) } else { kind };
            let items = kind.map_or(json!({}), |kind| json!({"type": [kind, "array", "null"]}));
            property.insert("items".into(), items);
        }
        let nullable = !column.not_null || table.is_view;
        let kind = property.get("type").cloned();
        match (kind, nullable) {
            // NaN and the infinities are texts.
            (Some(Value::String(kind)), _) if kind == "number" => {
                let kinds =
                    if nullable { json!(["number", "string", "null"]) } else { json!(["number", "string"]) };
                property.insert("type".into(), kinds);
            }
            (Some(kind), true) => {
                property.insert("type".into(), json!([kind, "null"]));
            }
            _ => {}
        }
        if let Some(Value::Array(labels)) = property.get_mut("enum")
            && nullable
        {
            labels.push(Value::Null);
        }
    }
    row
}

fn error() -> Value {
    json!({
        "type": "object",
        "properties": {
            "code": {"type": "string"},
            "message": {"type": "string"},
            "details": {},
            "hint": {"type": ["string", "null"]},
        },
        "required": ["code", "message"],
    })
}

fn refused() -> Value {
    let mut answer = content(&["application/json"], &json!({"$ref": "#/components/schemas/bedplate.Error"}));
    answer["description"] = json!("Refused");
    answer
}

fn content(media: &[&str], schema: &Value) -> Value {
    let media: Map<String, Value> =
        media.iter().map(|media| ((*media).to_owned(), json!({"schema": schema}))).collect();
    json!({ "content": media })
}

/// A parameter with what it takes as a schema.
fn parameter(older: &Value) -> Value {
    let mut parameter = Map::new();
    let mut schema = Map::new();
    for (name, value) in older.as_object().into_iter().flatten() {
        match name.as_str() {
            "type" | "format" | "enum" | "default" | "items" => {
                schema.insert(name.clone(), value.clone());
            }
            "collectionFormat" => {
                parameter.insert("explode".into(), json!(true));
            }
            _ => {
                parameter.insert(name.clone(), value.clone());
            }
        }
    }
    parameter.insert("schema".into(), Value::Object(schema));
    Value::Object(parameter)
}

fn operation(path: &str, method: &str, older: &Value) -> Value {
    let mut operation = Map::new();
    let mut parameters = Vec::new();
    for one in older["parameters"].as_array().into_iter().flatten() {
        match one["$ref"].as_str().and_then(|reference| reference.strip_prefix("#/parameters/")) {
            Some(name) if name.starts_with("body.") => {
                let body = format!("#/components/requestBodies/{}", component(name));
                operation.insert("requestBody".into(), json!({"$ref": body}));
            }
            Some(name) => parameters.push(shared(&component(name))),
            None if one["in"] == "body" => {
                let mut body = content(&["application/json"], &references(&one["schema"]));
                body["required"] = one["required"].clone();
                operation.insert("requestBody".into(), body);
            }
            None => parameters.push(parameter(one)),
        }
    }
    let is_relation = path != "/" && !path.starts_with("/rpc/");
    match method {
        "get" => parameters.extend(["ifMatch", "ifNoneMatch"].map(shared)),
        "patch" | "delete" => parameters.extend(["ifMatch", "ifNoneMatch", "idempotencyKey"].map(shared)),
        _ if is_relation => parameters.extend(["ifNoneMatch", "idempotencyKey"].map(shared)),
        _ => parameters.push(shared("idempotencyKey")),
    }
    operation.insert("parameters".into(), json!(parameters));
    for name in ["tags", "summary", "description"] {
        if let Some(value) = older.get(name) {
            operation.insert(name.into(), value.clone());
        }
    }
    operation.insert("responses".into(), Value::Object(responses(path, method, older)));
    Value::Object(operation)
}

fn responses(path: &str, method: &str, older: &Value) -> Map<String, Value> {
    let rows = references(&older["responses"]["200"]["schema"]);
    let described = |mut answer: Value, text: &str| {
        answer["description"] = json!(text);
        answer
    };
    let with_rows = |schema: &Value| content(&ROWS, schema);
    let mut responses = Map::new();
    let mut add = |status: &str, answer: Value| responses.insert(status.to_owned(), answer);
    match (path, method) {
        ("/", _) => {
            add("200", described(content(&["application/openapi+json"], &json!({"type": "object"})), "OK"));
        }
        (path, "get") if path.starts_with("/rpc/") => {
            add("200", described(with_rows(&json!({})), "OK"));
            add("206", described(with_rows(&json!({})), "Partial Content"));
        }
        (path, _) if path.starts_with("/rpc/") => {
            add("200", described(with_rows(&json!({})), "OK"));
            add("204", json!({"description": "No Content"}));
            add("206", described(with_rows(&json!({})), "Partial Content"));
        }
        (_, "get") => {
            add("200", described(with_rows(&rows), "OK"));
            add("206", described(with_rows(&rows), "Partial Content"));
        }
        (_, "post") => {
            // What they hold, if anything, is for `Prefer: return` to say.
            add("200", json!({"description": "OK: all rows were there"}));
            add("201", json!({"description": "Created"}));
        }
        _ => {
            add("200", described(with_rows(&json!({"type": "array"})), "OK"));
            add("204", json!({"description": "No Content"}));
        }
    }
    if path.starts_with("/rpc/") {
        add("2XX", described(with_rows(&json!({})), "The status that the function sets"));
    }
    if method == "get" {
        add("304", json!({"description": "Not Modified"}));
    }
    add("default", refused());
    responses
}

/// The batches, which stand beside the data API.
fn batch() -> Value {
    let request = json!({
        "type": "object",
        "properties": {
            "method": {"enum": ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]},
            "path": {"type": "string", "pattern": "^/rest/v1/"},
            "headers": {"type": "object", "additionalProperties": {"type": "string"}},
            "body": {},
        },
        "required": ["method", "path"],
        "additionalProperties": false,
    });
    let requests = json!({
        "type": "object",
        "properties": {"requests": {"type": "array", "items": request, "minItems": 1, "maxItems": 100}},
        "required": ["requests"],
        "additionalProperties": false,
    });
    let result = json!({
        "type": "object",
        "properties": {"status": {"type": "integer"}, "headers": {"type": "object"}, "body": {}},
        "required": ["status", "headers", "body"],
    });
    let results = json!({
        "type": "object",
        "properties": {"results": {"type": "array", "items": result}},
        "required": ["results"],
    });
    let mut answer = content(&["application/json"], &results);
    answer["description"] = json!("All were done");
    let mut body = content(&["application/json"], &requests);
    body["required"] = json!(true);
    // One that fails is told with its place; what is no batch, as anywhere.
    let failed = json!({
        "type": "object",
        "properties": {"failed": {"type": "integer"}, "result": result},
        "required": ["failed", "result"],
    });
    let schema = json!({"anyOf": [failed, {"$ref": "#/components/schemas/bedplate.Error"}]});
    let mut none = content(&["application/json"], &schema);
    none["description"] = json!("None was done");
    json!({
        "servers": [{"url": "/"}],
        "post": {
            "tags": ["Batches"],
            "summary": "Several requests in one transaction",
            "parameters": [shared("idempotencyKey")],
            "requestBody": body,
            "responses": {"200": answer, "default": none},
        },
    })
}

fn shared(name: &str) -> Value {
    json!({"$ref": format!("#/components/parameters/{name}")})
}

/// A schema whose references lead to the components.
fn references(schema: &Value) -> Value {
    match schema {
        Value::Object(members) => {
            let member = |(name, value): (&String, &Value)| match value.as_str() {
                Some(text) if name == "$ref" => {
                    let target = text.strip_prefix("#/definitions/").unwrap_or(text);
                    (name.clone(), json!(format!("#/components/schemas/{}", component(target))))
                }
                _ => (name.clone(), references(value)),
            };
            Value::Object(members.iter().map(member).collect())
        }
        Value::Array(elements) => elements.iter().map(references).collect(),
        other => other.clone(),
    }
}

/// A name as a component may have one: what it may not hold is written by its number.
fn component(name: &str) -> String {
    name.chars().fold(String::new(), |mut out, character| {
        match character {
            '_' => out.push_str("__"),
            plain if plain.is_ascii_alphanumeric() || matches!(plain, '.' | '-') => out.push(plain),
            other => out.push_str(&format!("_{:x}_", u32::from(other))),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::component;

    #[test]
    fn components_have_names_of_their_own() {
        assert_eq!(component("rowFilter.a b.ü"), "rowFilter.a_20_b._fc_");
        assert_ne!(component("a_20_b"), component("a b"));
    }
}
