//! Which function or operator a call means: namespace.c's candidates, parse_func.c's and parse_oper.c's choice among them.

use super::Analysis;
use crate::mutant::{self, Mutant};
use crate::types;
use catalog::Oid;
use catalog::builtin::{BuiltinOperator, CastContext, Unsupported, builtins};
use catalog::lookup::FunctionEntry;
use datum::oid;
use sqlstate::{AMBIGUOUS_FUNCTION, DatabaseError, Result, UNDEFINED_FUNCTION};
use syntax::ast::{Name, OperatorName, Position};

/// A function that a call may mean (FuncCandidateList).
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    /// pg_proc.oid; 0 when two functions fit equally.
    pub(crate) function: Oid,
    /// The types of the parameters in the order of the call's arguments, VARIADIC ones spread out, defaulted ones behind.
    pub(crate) args: Vec<Oid>,
    /// How many arguments go into the VARIADIC parameter.
    pub(crate) variadic: usize,
    /// How many of the last parameters take their defaults.
    pub(crate) defaulted: usize,
    /// For named notation: the parameter of each argument, then those that take defaults.
    pub(crate) order: Option<Vec<usize>>,
}

/// What a call means.
#[derive(Clone, Debug)]
pub(crate) enum Found {
    /// A function.
    Function(Candidate),
    /// A cast to this type, written as a call.
    Cast(Oid),
    /// Several fit.
    Multiple,
    /// Nothing.
    Nothing,
}

/// The signature facts of a function that matching needs.
struct Signature {
    function: Oid,
    args: Vec<Oid>,
    names: Vec<Option<String>>,
    variadic: Oid,
    defaults: usize,
}

impl Analysis<'_> {
    /// func_get_detail
    pub(crate) fn find_function(
        &self,
        name: &Name,
        types: &[Oid],
        names: &[String],
        expand_variadic: bool,
    ) -> Result<Found> {
        let candidates = self.candidates(name, types.len(), names, expand_variadic, true)?;
        if let Some(exact) =
            candidates.iter().find(|candidate| candidate.args.get(..types.len()) == Some(types))
        {
            return Ok(match exact.function {
                0 => Found::Multiple,
                _ => Found::Function(exact.clone()),
            });
        }
        if let ([source], []) = (types, names)
            && let Some(target) = self.type_named(name)
            && self.is_cast_call(*source, target)
        {
            return Ok(Found::Cast(target));
        }
        let matching: Vec<Candidate> = candidates
            .into_iter()
            .filter(|candidate| self.can_coerce(types, &candidate.args, CastContext::Implicit))
            .collect();
        let chosen = match matching.len() {
            0 => return Ok(Found::Nothing),
            1 => Some(0),
            _ => self.best_candidate(
                types,
                &matching.iter().map(|candidate| &candidate.args[..types.len()]).collect::<Vec<_>>(),
            ),
        };
        Ok(match chosen.map(|at| &matching[at]) {
            Some(candidate) if candidate.function != 0 => Found::Function(candidate.clone()),
            _ => Found::Multiple,
        })
    }

    fn is_cast_call(&self, source: Oid, target: Oid) -> bool {
        if source == oid::UNKNOWN {
            return true;
        }
        match self.coercion_path(target, source, CastContext::Explicit) {
            Some(super::coerce::Path::Relabel) => true,
            Some(super::coerce::Path::Text) => {
                !(self.category(target) == 'S' && (source == oid::RECORD || self.is_composite(source)))
            }
            Some(super::coerce::Path::Function(_) | super::coerce::Path::Array) | None => false,
        }
    }

    /// The type that a function's name would mean as a type name.
    fn type_named(&self, name: &Name) -> Option<Oid> {
        let (schema, name) = catalog::lookup::split_name(name).ok()?;
        let found = self.catalog.find_type(&self.path, schema, name).ok().flatten()?;
        // One of the temporary schema is meant only when that is named.
        let home = self.catalog.types.get(&found).map(|row| row.schema);
        (schema.is_some() || home.is_none() || home != self.path.temporary()).then_some(found)
    }

    /// FuncnameGetCandidates
    fn candidates(
        &self,
        name: &Name,
        given: usize,
        names: &[String],
        expand_variadic: bool,
        expand_defaults: bool,
    ) -> Result<Vec<Candidate>> {
        let (schema, function) = catalog::lookup::split_name(name)?;
        if let Some(schema) = schema {
            self.check_schema(schema)?;
        }
        let mut found: Vec<(usize, Candidate)> = Vec::new();
        for entry in self.catalog.find_functions(&self.path, schema, function)? {
            let path = self.path_position(&entry);
            let signature = signature(&entry);
            let parameters = signature.args.len();
            let defaults_reach = parameters > given && given + signature.defaults >= parameters;
            let mut order = None;
            let mut variadic = false;
            if names.is_empty() {
                variadic = expand_variadic && parameters <= given && signature.variadic != 0;
                let use_defaults = parameters > given && expand_defaults;
                if use_defaults && !defaults_reach {
                    continue;
                }
                if parameters != given && !variadic && !use_defaults {
                    continue;
                }
            } else {
                if signature.variadic != 0 && expand_variadic {
                    continue;
                }
                if parameters != given && !(expand_defaults && defaults_reach) {
                    continue;
                }
                match match_names(&signature, given, names) {
                    Some(matched) => order = Some(matched),
                    None => continue,
                }
            }
            let mut args: Vec<Oid> = match &order {
                Some(order) => order.iter().map(|at| signature.args[*at]).collect(),
                None => signature.args.clone(),
            };
            let mut spread = 0;
            if variadic {
                spread = given + 1 - parameters;
                args.truncate(parameters - 1);
                args.resize(given, signature.variadic);
            }
            let candidate = Candidate {
                function: signature.function,
                defaulted: parameters.saturating_sub(given),
                args,
                variadic: spread,
                order,
            };
            add_candidate(&mut found, path, candidate, given);
        }
        Ok(found.into_iter().map(|(_, candidate)| candidate).collect())
    }

    fn path_position(&self, entry: &FunctionEntry<'_>) -> usize {
        let schema = match entry {
            FunctionEntry::Builtin(row) => self.catalog.builtin_schema(row.extension),
            FunctionEntry::User(row) => Some(row.schema),
        };
        self.path.schemas().position(|other| Some(other) == schema).unwrap_or(usize::MAX)
    }

    /// func_select_candidate: all candidates fit; the index of the best.
    pub(crate) fn best_candidate(&self, inputs: &[Oid], candidates: &[&[Oid]]) -> Option<usize> {
        let unknowns = inputs.iter().filter(|ty| **ty == oid::UNKNOWN).count();
        let base: Vec<Oid> = inputs
            .iter()
            .map(|ty| if *ty == oid::UNKNOWN { oid::UNKNOWN } else { self.base_oid(*ty) })
            .collect();
        let categories: Vec<char> = base.iter().map(|ty| self.category(*ty)).collect();
        let mut left: Vec<usize> = (0..candidates.len()).collect();

        // Those with most exact matches.
        left = keep_best(&left, |at| {
            (0..base.len()).filter(|i| base[*i] != oid::UNKNOWN && candidates[at][*i] == base[*i]).count()
        });
        if left.len() == 1 {
            return left.first().copied();
        }
        // Those with most exact matches or preferred types.
        left = keep_best(&left, |at| {
            (0..base.len())
                .filter(|i| {
                    base[*i] != oid::UNKNOWN
                        && (candidates[at][*i] == base[*i]
                            || self.is_preferred_in(categories[*i], candidates[at][*i]))
                })
                .count()
        });
        if left.len() == 1 {
            return left.first().copied();
        }
        if unknowns == 0 {
            return None;
        }
        // For each unknown: one category that all, or the string category that any, accepts.
        let mut resolved = true;
        let mut slots: Vec<Option<(char, bool)>> = vec![None; base.len()];
        for (i, slot) in slots.iter_mut().enumerate() {
            if base[i] != oid::UNKNOWN {
                continue;
            }
            let mut chosen: Option<(char, bool)> = None;
            let mut conflict = false;
            for at in &left {
                let ty = candidates[*at][i];
                let (category, preferred) = (self.category(ty), types::is_preferred(ty));
                match &mut chosen {
                    None => chosen = Some((category, preferred)),
                    Some((known, any_preferred)) if *known == category => *any_preferred |= preferred,
                    Some(known) if category == 'S' && !mutant::is(Mutant::UnknownNotText) => {
                        *known = (category, preferred);
                    }
                    Some(_) => conflict = true,
                }
            }
            if conflict && chosen.is_none_or(|(category, _)| category != 'S') {
                resolved = false;
                break;
            }
            *slot = chosen;
        }
        if resolved {
            let kept: Vec<usize> = left
                .iter()
                .copied()
                .filter(|at| {
                    slots.iter().enumerate().all(|(i, slot)| match slot {
                        None => true,
                        Some((category, preferred)) => {
                            let ty = candidates[*at][i];
                            self.category(ty) == *category && (!preferred || types::is_preferred(ty))
                        }
                    })
                })
                .collect();
            if !kept.is_empty() {
                left = kept;
            }
            if left.len() == 1 {
                return left.first().copied();
            }
        }
        // All known inputs of one type: assume it for the unknown ones too.
        if unknowns < inputs.len() {
            let mut known = base.iter().filter(|ty| **ty != oid::UNKNOWN);
            let first = *known.next()?;
            if known.all(|ty| *ty == first) {
                let assumed = vec![first; inputs.len()];
                let mut fitting = left
                    .iter()
                    .filter(|at| self.can_coerce(&assumed, candidates[**at], CastContext::Implicit));
                if let (Some(only), None) = (fitting.next(), fitting.next()) {
                    return Some(*only);
                }
            }
        }
        None
    }

    /// IsPreferredType
    fn is_preferred_in(&self, category: char, ty: Oid) -> bool {
        self.category(ty) == category && types::is_preferred(ty) && !mutant::is(Mutant::PreferredTypesIgnored)
    }

    /// oper: the binary operator that the operands' types choose.
    pub(crate) fn binary_operator(
        &self,
        name: &OperatorName,
        left: Oid,
        right: Oid,
        position: Position,
    ) -> Result<&'static BuiltinOperator> {
        let rows = self.operators_named(name, true).map_err(|error| error.at(position))?;
        if let Some(exact) = self.exact_operator(&rows, left, right) {
            return Ok(exact);
        }
        let inputs = [left, right];
        let fitting: Vec<&'static BuiltinOperator> = rows
            .into_iter()
            .filter(|row| self.can_coerce(&inputs, &[row.left, row.right], CastContext::Implicit))
            .collect();
        match fitting.as_slice() {
            [] => Err(self.no_operator(name, Some(left), right).at(position)),
            [only] => Ok(only),
            several => {
                let args: Vec<[Oid; 2]> = several.iter().map(|row| [row.left, row.right]).collect();
                let args: Vec<&[Oid]> = args.iter().map(<[Oid; 2]>::as_slice).collect();
                match self.best_candidate(&inputs, &args) {
                    Some(at) => Ok(several[at]),
                    None => Err(self.ambiguous_operator(name, Some(left), right).at(position)),
                }
            }
        }
    }

    /// binary_oper_exact
    fn exact_operator(
        &self,
        rows: &[&'static BuiltinOperator],
        left: Oid,
        right: Oid,
    ) -> Option<&'static BuiltinOperator> {
        let find =
            |left: Oid, right: Oid| rows.iter().find(|row| row.left == left && row.right == right).copied();
        let (mut first, mut second) = (left, right);
        if mutant::is(Mutant::UnknownNotAsOther) {
            return find(left, right);
        }
        if left == oid::UNKNOWN {
            first = right;
        } else if right == oid::UNKNOWN {
            second = left;
        }
        if let Some(row) = find(first, second) {
            return Some(row);
        }
        if left == oid::UNKNOWN || right == oid::UNKNOWN {
            let base = self.base_oid(first);
            if base != first {
                return find(base, base);
            }
        }
        None
    }

    /// left_oper: the prefix operator that the operand's type chooses.
    pub(crate) fn prefix_operator(
        &self,
        name: &OperatorName,
        operand: Oid,
        position: Position,
    ) -> Result<&'static BuiltinOperator> {
        let rows = self.operators_named(name, false).map_err(|error| error.at(position))?;
        if let Some(exact) = rows.iter().find(|row| row.right == operand) {
            return Ok(exact);
        }
        let fitting: Vec<&'static BuiltinOperator> = rows
            .into_iter()
            .filter(|row| self.can_coerce(&[operand], &[row.right], CastContext::Implicit))
            .collect();
        match fitting.as_slice() {
            [] => Err(self.no_operator(name, None, operand).at(position)),
            [only] => Ok(only),
            several => {
                let args: Vec<[Oid; 1]> = several.iter().map(|row| [row.right]).collect();
                let args: Vec<&[Oid]> = args.iter().map(<[Oid; 1]>::as_slice).collect();
                match self.best_candidate(&[operand], &args) {
                    Some(at) => Ok(several[at]),
                    None => Err(self.ambiguous_operator(name, None, operand).at(position)),
                }
            }
        }
    }

    fn operators_named(&self, name: &OperatorName, binary: bool) -> Result<Vec<&'static BuiltinOperator>> {
        let schema = match &name.schema {
            Some(schema) => {
                self.check_schema(schema)?;
                Some(self.catalog.require_schema(schema)?.oid)
            }
            None => None,
        };
        let visible = |row: &&'static BuiltinOperator| {
            let home = self.catalog.builtin_schema(row.extension);
            home.is_some_and(|home| match schema {
                Some(schema) => schema == home,
                None => self.path.schemas().any(|other| other == home),
            })
        };
        let rows = builtins().operators_named(&name.symbol).iter();
        Ok(rows.filter(|row| (row.left != 0) == binary).filter(visible).collect())
    }

    fn no_operator(&self, name: &OperatorName, left: Option<Oid>, right: Oid) -> DatabaseError {
        let none = builtins().operators_named(&name.symbol).is_empty();
        if none && builtins().is_unsupported(Unsupported::Operator, &name.symbol) {
            return DatabaseError::unsupported(format_args!("operator {}", name.symbol));
        }
        let hint = match left {
            Some(_) => {
                "No operator matches the given name and argument types. You might need to add explicit type casts."
            }
            None => {
                "No operator matches the given name and argument type. You might need to add an explicit type cast."
            }
        };
        let signature = self.operator_signature(name, left, right);
        DatabaseError::new(UNDEFINED_FUNCTION, format!("operator does not exist: {signature}"))
            .with_hint(hint)
    }

    fn ambiguous_operator(&self, name: &OperatorName, left: Option<Oid>, right: Oid) -> DatabaseError {
        let signature = self.operator_signature(name, left, right);
        DatabaseError::new(AMBIGUOUS_FUNCTION, format!("operator is not unique: {signature}")).with_hint(
            "Could not choose a best candidate operator. You might need to add explicit type casts.",
        )
    }

    fn operator_signature(&self, name: &OperatorName, left: Option<Oid>, right: Oid) -> String {
        let symbol = match &name.schema {
            Some(schema) => format!("{schema}.{}", name.symbol),
            None => name.symbol.clone(),
        };
        let right = self.type_name(right);
        match left {
            Some(left) => format!("{} {symbol} {right}", self.type_name(left)),
            None => format!("{symbol} {right}"),
        }
    }

    /// `=` for a type (get_sort_group_operators' eqOpr); 42883 `could not identify an equality operator for type json`.
    pub(crate) fn equality_operator(&self, ty: Oid) -> Result<&'static BuiltinOperator> {
        self.comparison_operator(ty, "=").ok_or_else(|| {
            DatabaseError::new(
                UNDEFINED_FUNCTION,
                format!("could not identify an equality operator for type {}", self.type_name(ty)),
            )
        })
    }

    /// `<` or another comparison of a type with itself, when its btree class has one.
    pub(crate) fn comparison_operator(&self, ty: Oid, symbol: &str) -> Option<&'static BuiltinOperator> {
        let base = self.base_oid(ty);
        let ty = if base == oid::VARCHAR { oid::TEXT } else { base };
        let rows = builtins().operators_named(symbol);
        let find = |left: Oid| rows.iter().find(|row| row.left == left && row.right == left);
        if let Some(element) = self.catalog.element_type(ty) {
            self.comparison_operator(element, symbol)?;
            return find(oid::ANYARRAY);
        }
        if types::is_enum(self.catalog, ty) {
            return find(oid::ANYENUM);
        }
        if let Some(relation) = self.composite(ty) {
            // A row compares as its columns do.
            let columns = relation.columns.iter();
            columns
                .map(|column| self.comparison_operator(column.type_ref.oid, symbol))
                .collect::<Option<Vec<_>>>()?;
            return find(oid::RECORD);
        }
        if ty == oid::RECORD {
            return find(oid::RECORD);
        }
        find(ty)
    }

    /// LookupExplicitNamespace's check: 3F000, 42501.
    pub(crate) fn check_schema(&self, name: &str) -> Result<()> {
        let schema = self.catalog.require_schema_on(&self.path, name)?;
        let usable = self.catalog.has_schema_privilege(self.role, schema, catalog::Privileges::USAGE);
        if self.stored || usable || mutant::is(Mutant::UsageIgnored) {
            return Ok(());
        }
        Err(DatabaseError::new(
            sqlstate::INSUFFICIENT_PRIVILEGE,
            format!("permission denied for schema {name}"),
        ))
    }

    /// A call as errors print it: `f(integer, x => text)`.
    pub(crate) fn call_signature(&self, name: &Name, types: &[Oid], names: &[String]) -> String {
        let positional = types.len() - names.len();
        let args = types.iter().enumerate().map(|(at, ty)| match at.checked_sub(positional) {
            Some(named) => format!("{} => {}", names[named], self.type_name(*ty)),
            None => self.type_name(*ty),
        });
        format!("{}({})", name.parts.join("."), args.collect::<Vec<_>>().join(", "))
    }
}

fn keep_best(left: &[usize], score: impl Fn(usize) -> usize) -> Vec<usize> {
    let best = left.iter().map(|at| score(*at)).max().unwrap_or(0);
    left.iter().copied().filter(|at| score(*at) == best).collect()
}

fn signature(entry: &FunctionEntry<'_>) -> Signature {
    match entry {
        FunctionEntry::Builtin(row) => {
            let inputs = row.modes.bytes().enumerate().filter(|(_, mode)| matches!(mode, b'i' | b'b' | b'v'));
            let names = if row.modes.is_empty() {
                (0..row.args.len()).map(|at| row.arg_name(at).map(str::to_owned)).collect()
            } else {
                inputs.map(|(at, _)| row.arg_name(at).map(str::to_owned)).collect()
            };
            Signature {
                function: row.oid,
                args: row.args.to_vec(),
                names,
                variadic: row.variadic,
                defaults: usize::from(row.default_count),
            }
        }
        FunctionEntry::User(row) => {
            let mut signature = Signature {
                function: row.oid,
                args: Vec::new(),
                names: Vec::new(),
                variadic: 0,
                defaults: row.inputs().filter(|parameter| parameter.default.is_some()).count(),
            };
            for parameter in row.inputs() {
                signature.args.push(parameter.type_ref.oid);
                signature.names.push(parameter.name.clone());
                if parameter.mode == syntax::ast::ParameterMode::Variadic {
                    signature.variadic = match parameter.type_ref.oid {
                        oid::ANY => oid::ANY,
                        oid::ANYARRAY => oid::ANYELEMENT,
                        oid::ANYCOMPATIBLEARRAY => oid::ANYCOMPATIBLE,
                        array => builtins().type_by_oid(array).map_or(0, |row| row.element),
                    };
                }
            }
            signature
        }
    }
}

/// MatchNamedCall: for each argument of the call its parameter, then the parameters that take defaults.
fn match_names(signature: &Signature, given: usize, names: &[String]) -> Option<Vec<usize>> {
    let positional = given - names.len();
    let mut order: Vec<usize> = (0..positional).collect();
    for name in names {
        let at = signature.names.iter().position(|other| other.as_deref() == Some(name.as_str()))?;
        if order.contains(&at) {
            return None;
        }
        order.push(at);
    }
    let first_default = signature.args.len() - signature.defaults;
    for at in 0..signature.args.len() {
        if !order.contains(&at) {
            if at < first_default {
                return None;
            }
            order.push(at);
        }
    }
    Some(order)
}

/// Of two that take the same arguments the earlier in the path wins, then the one that is not variadic.
fn add_candidate(found: &mut Vec<(usize, Candidate)>, path: usize, candidate: Candidate, given: usize) {
    let same = |other: &Candidate| {
        other.args.get(..given) == candidate.args.get(..given)
            && (other.args.len() == candidate.args.len() || other.defaulted + candidate.defaulted > 0)
    };
    let Some(known) = found.iter_mut().find(|(_, other)| same(other)) else {
        found.push((path, candidate));
        return;
    };
    let preference = match path.cmp(&known.0) {
        std::cmp::Ordering::Equal => match (candidate.variadic > 0, known.1.variadic > 0) {
            (true, false) => std::cmp::Ordering::Greater,
            (false, true) => std::cmp::Ordering::Less,
            _ => std::cmp::Ordering::Equal,
        },
        other => other,
    };
    match preference {
        std::cmp::Ordering::Less => *known = (path, candidate),
        std::cmp::Ordering::Equal => known.1.function = 0,
        std::cmp::Ordering::Greater => {}
    }
}
