//! TypeScript: the type `Database` in the shape that supabase-js takes, and shorter names for its parts.

use super::{Described, Field, Reference, Returned, Routine, SchemaTypes, Shape, Table};
use serde_json::Value;

const HEAD: &str = "\
export type Json =
  | string
  | number
  | boolean
  | null
  | { [key: string]: Json | undefined }
  | Json[]

export type Database = {
  // What the server answers by: supabase-js chooses its types of results by it.
  __InternalSupabase: {
    PostgrestVersion: \"14.1\"
  }
";

const TAIL: &str = "
type Schemas = Omit<Database, \"__InternalSupabase\">
type SchemaName = keyof Schemas
type RelationsOf<S extends SchemaName> = Schemas[S][\"Tables\"] & Schemas[S][\"Views\"]
type DefaultSchema = Extract<SchemaName, FIRST>
type Member<Parts, Name, Key extends PropertyKey> = Name extends keyof Parts
  ? Parts[Name] extends { [K in Key]: infer Found }
    ? Found
    : never
  : never

/** A row of a table or view: `Tables<\"todos\">`, or `Tables<{ schema: \"other\" }, \"todos\">`. */
export type Tables<
  Place extends keyof RelationsOf<DefaultSchema> | { schema: SchemaName },
  Name extends Place extends { schema: SchemaName } ? keyof RelationsOf<Place[\"schema\"]> : never = never,
> = Place extends { schema: SchemaName }
  ? Member<RelationsOf<Place[\"schema\"]>, Name, \"Row\">
  : Member<RelationsOf<DefaultSchema>, Place, \"Row\">

/** A new row of a table. */
export type TablesInsert<
  Place extends keyof Schemas[DefaultSchema][\"Tables\"] | { schema: SchemaName },
  Name extends Place extends { schema: SchemaName } ? keyof Schemas[Place[\"schema\"]][\"Tables\"] : never = never,
> = Place extends { schema: SchemaName }
  ? Member<Schemas[Place[\"schema\"]][\"Tables\"], Name, \"Insert\">
  : Member<Schemas[DefaultSchema][\"Tables\"], Place, \"Insert\">

/** A change of a table's row. */
export type TablesUpdate<
  Place extends keyof Schemas[DefaultSchema][\"Tables\"] | { schema: SchemaName },
  Name extends Place extends { schema: SchemaName } ? keyof Schemas[Place[\"schema\"]][\"Tables\"] : never = never,
> = Place extends { schema: SchemaName }
  ? Member<Schemas[Place[\"schema\"]][\"Tables\"], Name, \"Update\">
  : Member<Schemas[DefaultSchema][\"Tables\"], Place, \"Update\">

/** An enum's label. */
export type Enums<
  Place extends keyof Schemas[DefaultSchema][\"Enums\"] | { schema: SchemaName },
  Name extends Place extends { schema: SchemaName } ? keyof Schemas[Place[\"schema\"]][\"Enums\"] : never = never,
> = Place extends { schema: SchemaName }
  ? Name extends keyof Schemas[Place[\"schema\"]][\"Enums\"]
    ? Schemas[Place[\"schema\"]][\"Enums\"][Name]
    : never
  : Place extends keyof Schemas[DefaultSchema][\"Enums\"]
    ? Schemas[DefaultSchema][\"Enums\"][Place]
    : never

/** A composite type's value. */
export type CompositeTypes<
  Place extends keyof Schemas[DefaultSchema][\"CompositeTypes\"] | { schema: SchemaName },
  Name extends Place extends { schema: SchemaName } ? keyof Schemas[Place[\"schema\"]][\"CompositeTypes\"] : never = never,
> = Place extends { schema: SchemaName }
  ? Name extends keyof Schemas[Place[\"schema\"]][\"CompositeTypes\"]
    ? Schemas[Place[\"schema\"]][\"CompositeTypes\"][Name]
    : never
  : Place extends keyof Schemas[DefaultSchema][\"CompositeTypes\"]
    ? Schemas[DefaultSchema][\"CompositeTypes\"][Place]
    : never

";

/// Everything.
pub(super) fn write(described: &Described) -> String {
    let mut out = Writer { text: HEAD.to_owned(), depth: 1 };
    for (name, types) in described {
        out.open(&format!("{}: {{", key(name)));
        out.schema(types);
        out.close("}");
    }
    out.text.push_str("}\n");
    let first = match described.contains_key("public") {
        true => Some("public"),
        false => described.keys().next().map(String::as_str),
    };
    let first = first.map_or_else(|| "never".to_owned(), text);
    out.text.push_str(&TAIL.replace("FIRST", &first));
    constants(&mut out, described);
    out.text
}

/// The labels of enums as values.
fn constants(out: &mut Writer, described: &Described) {
    out.depth = 0;
    out.open("export const Constants = {");
    for (name, types) in described {
        out.open(&format!("{}: {{", key(name)));
        out.open("Enums: {");
        for (name, labels) in &types.enums {
            let labels: Vec<String> = labels.iter().map(|label| text(label)).collect();
            out.line(&format!("{}: [{}],", key(name), labels.join(", ")));
        }
        out.close("},");
        out.close("},");
    }
    out.close("} as const");
}

struct Writer {
    text: String,
    depth: usize,
}

impl Writer {
    fn line(&mut self, line: &str) {
        self.text.push_str(&"  ".repeat(self.depth));
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn open(&mut self, line: &str) {
        self.line(line);
        self.depth += 1;
    }

    fn close(&mut self, line: &str) {
        self.depth -= 1;
        self.line(line);
    }

    /// What is in braces, or says that nothing is.
    fn members(&mut self, name: &str, is_empty: bool, write: impl FnOnce(&mut Writer)) {
        self.open(&format!("{name}: {{"));
        if is_empty {
            self.line("[_ in never]: never");
        }
        write(self);
        self.close("}");
    }

    fn schema(&mut self, types: &SchemaTypes) {
        self.members("Tables", types.tables.is_empty(), |out| {
            types.tables.iter().for_each(|(name, table)| out.table(name, table));
        });
        self.members("Views", types.views.is_empty(), |out| {
            types.views.iter().for_each(|(name, table)| out.table(name, table));
        });
        self.members("Functions", types.functions.is_empty(), |out| {
            types.functions.iter().for_each(|(name, routines)| out.functions(name, routines));
        });
        self.members("Enums", types.enums.is_empty(), |out| {
            for (name, labels) in &types.enums {
                let labels: Vec<String> = labels.iter().map(|label| text(label)).collect();
                let labels = if labels.is_empty() { "never".to_owned() } else { labels.join(" | ") };
                out.line(&format!("{}: {labels}", key(name)));
            }
        });
        self.members("CompositeTypes", types.composites.is_empty(), |out| {
            for (name, fields) in &types.composites {
                out.open(&format!("{}: {{", key(name)));
                fields
                    .iter()
                    .for_each(|(name, field)| out.line(&format!("{}: {} | null", key(name), shape(field))));
                out.close("}");
            }
        });
    }

    fn table(&mut self, name: &str, table: &Table) {
        self.open(&format!("{}: {{", key(name)));
        self.open("Row: {");
        for field in &table.columns {
            self.line(&format!("{}: {}", key(&field.name), or_null(&field.shape, field.nullable)));
        }
        self.close("}");
        if table.insertable {
            self.open("Insert: {");
            table.columns.iter().for_each(|field| self.written(field, field.optional));
            self.close("}");
        }
        if table.updatable {
            self.open("Update: {");
            table.columns.iter().for_each(|field| self.written(field, true));
            self.close("}");
        }
        self.relationships(&table.relationships);
        self.close("}");
    }

    fn written(&mut self, field: &Field, optional: bool) {
        let name = key(&field.name);
        match (field.fixed, optional) {
            (true, _) => self.line(&format!("{name}?: never")),
            (false, true) => self.line(&format!("{name}?: {}", or_null(&field.shape, field.nullable))),
            (false, false) => self.line(&format!("{name}: {}", or_null(&field.shape, field.nullable))),
        }
    }

    fn relationships(&mut self, references: &[Reference]) {
        if references.is_empty() {
            self.line("Relationships: []");
            return;
        }
        self.open("Relationships: [");
        for reference in references {
            let Reference { constraint, columns, is_one_to_one, relation, referenced } = reference;
            let list = |names: &[String]| names.iter().map(|name| text(name)).collect::<Vec<_>>().join(", ");
            self.open("{");
            self.line(&format!("foreignKeyName: {}", text(constraint)));
            self.line(&format!("columns: [{}]", list(columns)));
            self.line(&format!("isOneToOne: {is_one_to_one}"));
            self.line(&format!("referencedRelation: {}", text(relation)));
            self.line(&format!("referencedColumns: [{}]", list(referenced)));
            self.close("},");
        }
        self.close("]");
    }

    fn functions(&mut self, name: &str, routines: &[Routine]) {
        match routines {
            [one] => {
                self.open(&format!("{}: {{", key(name)));
                self.routine(one);
                self.close("}");
            }
            several => {
                self.open(&format!("{}:", key(name)));
                for routine in several {
                    self.open("| {");
                    self.routine(routine);
                    self.close("}");
                }
                self.depth -= 1;
            }
        }
    }

    fn routine(&mut self, routine: &Routine) {
        if routine.arguments.is_empty() {
            self.line("Args: never");
        } else {
            let arguments: Vec<String> = routine
                .arguments
                .iter()
                .map(|one| {
                    format!(
                        "{}{}: {}",
                        key(&one.name),
                        if one.optional { "?" } else { "" },
                        shape(&one.shape)
                    )
                })
                .collect();
            self.line(&format!("Args: {{ {} }}", arguments.join("; ")));
        }
        let value = match &routine.returns {
            Returned::Value(value) => shape(value),
            Returned::Columns(columns) => {
                let columns: Vec<String> = columns
                    .iter()
                    .map(|(name, column)| format!("{}: {}", key(name), shape(column)))
                    .collect();
                format!("{{ {} }}", columns.join("; "))
            }
        };
        self.line(&format!("Returns: {value}{}", if routine.set { "[]" } else { "" }));
        if let Some(relation) = &routine.rows_of {
            self.open("SetofOptions: {");
            self.line(&format!("from: {}", routine.argument_of.as_deref().map_or_else(|| text("*"), text)));
            self.line(&format!("to: {}", text(relation)));
            self.line(&format!("isOneToOne: {}", routine.single));
            self.line(&format!("isSetofReturn: {}", routine.set));
            self.close("}");
        }
    }
}

fn or_null(value: &Shape, nullable: bool) -> String {
    format!("{}{}", shape(value), if nullable { " | null" } else { "" })
}

fn shape(value: &Shape) -> String {
    let within = |schema: &str, kind: &str, name: &str| {
        format!("Database[{}][\"{kind}\"][{}]", text(schema), text(name))
    };
    match value {
        Shape::Boolean => "boolean".to_owned(),
        Shape::Integer | Shape::Number => "number".to_owned(),
        Shape::Text => "string".to_owned(),
        Shape::Json => "Json".to_owned(),
        Shape::Nothing => "undefined".to_owned(),
        Shape::Record => "Record<string, unknown>".to_owned(),
        Shape::Array(element) => match &**element {
            Shape::Labels(_) => format!("({})[]", shape(element)),
            _ => format!("{}[]", shape(element)),
        },
        Shape::Enum(schema, name) => within(schema, "Enums", name),
        Shape::Labels(labels) => labels.iter().map(|label| text(label)).collect::<Vec<_>>().join(" | "),
        Shape::Composite(schema, name) => within(schema, "CompositeTypes", name),
        Shape::Row { schema, relation, is_view } => {
            format!("{}[\"Row\"]", within(schema, if *is_view { "Views" } else { "Tables" }, relation))
        }
    }
}

/// A string literal. JSON's are TypeScript's.
fn text(value: &str) -> String {
    Value::from(value).to_string()
}

/// A member's name.
fn key(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if plain { name.to_owned() } else { text(name) }
}
