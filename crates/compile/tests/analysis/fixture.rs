//! A catalog read off plain definitions, without the checks that DDL makes.

use catalog::lookup::SearchPath;
use catalog::{
    Catalog, Column, Constraint, ConstraintKind, EnumLabel, Function, FunctionKind, Oid, Parameter, Relation,
    RelationKind, Role, Schema, Type, TypeKind, TypeRef, Volatility,
};
use syntax::ast::{self, ConstraintKind as Ast, Statement, TableElement};

/// The owner of everything.
pub(crate) const POSTGRES: Oid = 10;

struct Builder {
    catalog: Catalog,
    path: SearchPath,
}

/// The catalog that these statements make.
pub(crate) fn catalog(script: &str) -> Catalog {
    let mut catalog = Catalog::new();
    catalog.put_role(Role {
        oid: POSTGRES,
        name: "postgres".to_owned(),
        superuser: true,
        bypass_rls: true,
        inherit: true,
        login: true,
        create_role: true,
        create_db: true,
        settings: Vec::new(),
        comment: None,
    });
    let mut builder = Builder { catalog, path: SearchPath::default() };
    builder.schema(11, "pg_catalog");
    builder.schema(2200, "public");
    builder.path = SearchPath::new(&builder.catalog, &["public"], POSTGRES);
    for text in script.split(";\n") {
        if !text.trim().is_empty() {
            builder.statement(&syntax::parse_statement(text).unwrap());
        }
    }
    builder.catalog
}

impl Builder {
    fn schema(&mut self, oid: Oid, name: &str) {
        let name = name.to_owned();
        self.catalog.put_schema(Schema { oid, name, owner: POSTGRES, acl: None, comment: None });
    }

    fn place(&self, name: &ast::Name) -> (Oid, String) {
        match name.parts.as_slice() {
            [schema, name] => (self.catalog.schema(schema).unwrap().oid, name.clone()),
            [name] => (2200, name.clone()),
            _ => panic!("{name:?}"),
        }
    }

    fn ty(&self, name: &ast::TypeName) -> TypeRef {
        self.catalog.resolve_type(&self.path, name).unwrap()
    }

    fn put_type(&mut self, schema: Oid, name: &str, kind: TypeKind) -> Oid {
        let (oid, array) = (self.catalog.allocate(), self.catalog.allocate());
        let owner = POSTGRES;
        let row = |oid, name: String, kind, array| Type {
            oid,
            schema,
            name,
            owner,
            kind,
            array,
            acl: None,
            comment: None,
        };
        self.catalog.put_type(row(oid, name.to_owned(), kind, array));
        self.catalog.put_type(row(array, format!("_{name}"), TypeKind::Array { element: oid }, 0));
        oid
    }

    fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::CreateSchema { name: Some(name), .. } => {
                let oid = self.catalog.allocate();
                self.schema(oid, name);
            }
            Statement::CreateEnum { name, labels } => {
                let labels = labels.iter().enumerate().map(|(at, label)| EnumLabel {
                    ordinal: (i64::try_from(at).unwrap() + 1) * 65_536,
                    label: label.clone(),
                    uncommitted: false,
                });
                let (schema, name) = self.place(name);
                self.put_type(schema, &name, TypeKind::Enum { labels: labels.collect() });
            }
            Statement::CreateDomain { name, type_name, .. } => {
                let base = self.ty(type_name);
                let (schema, name) = self.place(name);
                let kind = TypeKind::Domain { base, not_null: false, default: None, checks: Vec::new() };
                self.put_type(schema, &name, kind);
            }
            Statement::CreateTable(table) => self.table(table),
            Statement::CreateView(view) => self.view(view),
            Statement::CreateFunction(function) => self.function(function),
            other => panic!("{other:?}"),
        }
    }

    fn table(&mut self, table: &ast::CreateTable) {
        let (mut columns, mut key) = (Vec::new(), Vec::new());
        for element in &table.elements {
            match element {
                TableElement::Column(column) => {
                    let number = i16::try_from(columns.len() + 1).unwrap();
                    let has = |test: fn(&Ast) -> bool| column.constraints.iter().any(|c| test(&c.kind));
                    let primary = has(|kind| matches!(kind, Ast::PrimaryKey { .. }));
                    if primary {
                        key.push(column.name.clone());
                    }
                    columns.push(plain_column(
                        number,
                        &column.name,
                        self.ty(&column.type_name),
                        primary || has(|kind| matches!(kind, Ast::NotNull)),
                    ));
                }
                TableElement::Constraint(constraint) => {
                    if let Ast::PrimaryKey { columns, .. } = &constraint.kind {
                        key.clone_from(columns);
                    }
                }
                TableElement::Like { .. } => panic!("LIKE"),
            }
        }
        let number = |name: &String| columns.iter().find(|column| column.name == *name).unwrap().number;
        let key: Vec<i16> = key.iter().map(number).collect();
        let oid = self.relation(&table.name, RelationKind::Table, columns);
        if !key.is_empty() {
            let mut relation = Relation::clone(&self.catalog.relations[&oid]);
            let (constraint, index) = (self.catalog.allocate(), self.catalog.allocate());
            relation.constraints.push(Constraint {
                oid: constraint,
                name: format!("{}_pkey", relation.name),
                kind: ConstraintKind::PrimaryKey { columns: key, index },
                deferrable: false,
                initially_deferred: false,
                validated: true,
                comment: None,
                no_inherit: false,
            });
            self.catalog.put_relation(relation);
        }
    }

    fn view(&mut self, view: &ast::CreateView) {
        let path = ["public".to_owned()];
        let asker = compile::Asker { role: POSTGRES, session_user: POSTGRES, search_path: &path };
        let mut analysis = compile::analysis::Analysis::new(&self.catalog, &asker, &[]);
        let query = analysis.query(None, &view.query).unwrap();
        let columns = query.columns.iter().enumerate();
        let columns = columns
            .map(|(at, column)| plain_column(i16::try_from(at + 1).unwrap(), &column.name, column.ty, false));
        let columns = columns.collect();
        self.relation(&view.name, RelationKind::View, columns);
    }

    fn relation(&mut self, name: &ast::Name, kind: RelationKind, columns: Vec<Column>) -> Oid {
        let (schema, name) = self.place(name);
        let oid = self.catalog.allocate();
        let row_type = self.put_type(schema, &name, TypeKind::Composite { relation: oid });
        self.catalog.put_relation(Relation {
            oid,
            schema,
            name,
            kind,
            owner: POSTGRES,
            row_type,
            next_column: i16::try_from(columns.len() + 1).unwrap(),
            columns,
            constraints: Vec::new(),
            policies: Vec::new(),
            triggers: Vec::new(),
            row_security: false,
            force_row_security: false,
            acl: None,
            granted_explicitly: false,
            view: None,
            sequence: None,
            replica_identity: None,
            options: Vec::new(),
            comment: None,
            is_partition: false,
            persistence: catalog::Persistence::Permanent,
            unpopulated: false,
        });
        oid
    }

    fn function(&mut self, function: &ast::CreateFunction) {
        let (schema, name) = self.place(&function.name);
        let parameters: Vec<Parameter> = function
            .parameters
            .iter()
            .map(|parameter| Parameter {
                name: parameter.name.clone(),
                mode: parameter.mode,
                type_ref: self.ty(&parameter.type_name),
                default: parameter.default.as_ref().map(|default| match &default.kind {
                    ast::ExprKind::String(text) => format!("'{text}'::text"),
                    other => panic!("{other:?}"),
                }),
            })
            .collect();
        let returns = match &function.returns {
            Some(name) => self.ty(&ast::TypeName { setof: false, ..name.clone() }),
            None => TypeRef { oid: datum::oid::RECORD, modifier: -1 },
        };
        let returns_set = function.returns_table || function.returns.as_ref().is_some_and(|name| name.setof);
        let oid = self.catalog.allocate();
        self.catalog.put_function(Function {
            oid,
            schema,
            name,
            owner: POSTGRES,
            kind: FunctionKind::Function,
            parameters,
            returns,
            returns_set,
            language: "sql".to_owned(),
            body: String::new(),
            volatility: Volatility::Stable,
            strict: false,
            security_definer: false,
            leakproof: false,
            rows: 100.0,
            settings: Vec::new(),
            form: catalog::BodyForm::Text,
            acl: None,
            comment: None,
            extension: None,
        });
    }
}

fn plain_column(number: i16, name: &str, type_ref: TypeRef, not_null: bool) -> Column {
    Column {
        number,
        name: name.to_owned(),
        type_ref,
        not_null,
        default: None,
        generated: false,
        identity: None,
        collation: None,
        acl: None,
        comment: None,
    }
}
