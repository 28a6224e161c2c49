//! OIDs of the types this crate knows, as in PostgreSQL's `pg_type`; each array type beside its element.
//!
//! `citext` and `vector` come with extensions and have no fixed OID in PostgreSQL; here they have one below 16384, so that they
//! can never meet a user's type.

use crate::Oid;

/// `bool`.
pub const BOOL: Oid = 16;
/// `bool[]`.
pub const BOOL_ARRAY: Oid = 1000;
/// `bytea`.
pub const BYTEA: Oid = 17;
/// `bytea[]`.
pub const BYTEA_ARRAY: Oid = 1001;
/// `"char"`, one byte.
pub const SINGLE_CHAR: Oid = 18;
/// `"char"[]`.
pub const SINGLE_CHAR_ARRAY: Oid = 1002;
/// `name`.
pub const NAME: Oid = 19;
/// `name[]`.
pub const NAME_ARRAY: Oid = 1003;
/// `int8`.
pub const INT8: Oid = 20;
/// `int8[]`.
pub const INT8_ARRAY: Oid = 1016;
/// `int2`.
pub const INT2: Oid = 21;
/// `int2[]`.
pub const INT2_ARRAY: Oid = 1005;
/// `int2vector`.
pub const INT2VECTOR: Oid = 22;
/// `int2vector[]`.
pub const INT2VECTOR_ARRAY: Oid = 1006;
/// `int4`.
pub const INT4: Oid = 23;
/// `int4[]`.
pub const INT4_ARRAY: Oid = 1007;
/// `regproc`.
pub const REGPROC: Oid = 24;
/// `regproc[]`.
pub const REGPROC_ARRAY: Oid = 1008;
/// `text`.
pub const TEXT: Oid = 25;
/// `text[]`.
pub const TEXT_ARRAY: Oid = 1009;
/// `oid`.
pub const OID: Oid = 26;
/// `oid[]`.
pub const OID_ARRAY: Oid = 1028;
/// `oidvector`.
pub const OIDVECTOR: Oid = 30;
/// `oidvector[]`.
pub const OIDVECTOR_ARRAY: Oid = 1013;
/// `json`.
pub const JSON: Oid = 114;
/// `json[]`.
pub const JSON_ARRAY: Oid = 199;
/// `xml`.
pub const XML: Oid = 142;
/// `xml[]`.
pub const XML_ARRAY: Oid = 143;
/// `cidr`.
pub const CIDR: Oid = 650;
/// `cidr[]`.
pub const CIDR_ARRAY: Oid = 651;
/// `float4`.
pub const FLOAT4: Oid = 700;
/// `float4[]`.
pub const FLOAT4_ARRAY: Oid = 1021;
/// `float8`.
pub const FLOAT8: Oid = 701;
/// `float8[]`.
pub const FLOAT8_ARRAY: Oid = 1022;
/// `unknown`.
pub const UNKNOWN: Oid = 705;
/// `inet`.
pub const INET: Oid = 869;
/// `inet[]`.
pub const INET_ARRAY: Oid = 1041;
/// `bpchar`.
pub const BPCHAR: Oid = 1042;
/// `bpchar[]`.
pub const BPCHAR_ARRAY: Oid = 1014;
/// `varchar`.
pub const VARCHAR: Oid = 1043;
/// `varchar[]`.
pub const VARCHAR_ARRAY: Oid = 1015;
/// `date`.
pub const DATE: Oid = 1082;
/// `date[]`.
pub const DATE_ARRAY: Oid = 1182;
/// `time`.
pub const TIME: Oid = 1083;
/// `time[]`.
pub const TIME_ARRAY: Oid = 1183;
/// `timestamp`.
pub const TIMESTAMP: Oid = 1114;
/// `timestamp[]`.
pub const TIMESTAMP_ARRAY: Oid = 1115;
/// `timestamptz`.
pub const TIMESTAMPTZ: Oid = 1184;
/// `timestamptz[]`.
pub const TIMESTAMPTZ_ARRAY: Oid = 1185;
/// `interval`.
pub const INTERVAL: Oid = 1186;
/// `interval[]`.
pub const INTERVAL_ARRAY: Oid = 1187;
/// `timetz`.
pub const TIMETZ: Oid = 1266;
/// `timetz[]`.
pub const TIMETZ_ARRAY: Oid = 1270;
/// `bit`.
pub const BIT: Oid = 1560;
/// `bit[]`.
pub const BIT_ARRAY: Oid = 1561;
/// `varbit`.
pub const VARBIT: Oid = 1562;
/// `varbit[]`.
pub const VARBIT_ARRAY: Oid = 1563;
/// `numeric`.
pub const NUMERIC: Oid = 1700;
/// `numeric[]`.
pub const NUMERIC_ARRAY: Oid = 1231;
/// `pg_node_tree`.
pub const PG_NODE_TREE: Oid = 194;
/// `regprocedure`.
pub const REGPROCEDURE: Oid = 2202;
/// `regprocedure[]`.
pub const REGPROCEDURE_ARRAY: Oid = 2207;
/// `regclass`.
pub const REGCLASS: Oid = 2205;
/// `regclass[]`.
pub const REGCLASS_ARRAY: Oid = 2210;
/// `regtype`.
pub const REGTYPE: Oid = 2206;
/// `regtype[]`.
pub const REGTYPE_ARRAY: Oid = 2211;
/// `record`.
pub const RECORD: Oid = 2249;
/// `record[]`.
pub const RECORD_ARRAY: Oid = 2287;
/// `cstring`.
pub const CSTRING: Oid = 2275;
/// `cstring[]`.
pub const CSTRING_ARRAY: Oid = 1263;
/// `any`.
pub const ANY: Oid = 2276;
/// `anyarray`.
pub const ANYARRAY: Oid = 2277;
/// `void`.
pub const VOID: Oid = 2278;
/// `trigger`.
pub const TRIGGER: Oid = 2279;
/// `anyelement`.
pub const ANYELEMENT: Oid = 2283;
/// `anynonarray`.
pub const ANYNONARRAY: Oid = 2776;
/// `uuid`.
pub const UUID: Oid = 2950;
/// `uuid[]`.
pub const UUID_ARRAY: Oid = 2951;
/// `anyenum`.
pub const ANYENUM: Oid = 3500;
/// `tsvector`.
pub const TSVECTOR: Oid = 3614;
/// `tsvector[]`.
pub const TSVECTOR_ARRAY: Oid = 3643;
/// `tsquery`.
pub const TSQUERY: Oid = 3615;
/// `tsquery[]`.
pub const TSQUERY_ARRAY: Oid = 3645;
/// `jsonb`.
pub const JSONB: Oid = 3802;
/// `jsonb[]`.
pub const JSONB_ARRAY: Oid = 3807;
/// `jsonpath`.
pub const JSONPATH: Oid = 4072;
/// `jsonpath[]`.
pub const JSONPATH_ARRAY: Oid = 4073;
/// `regnamespace`.
pub const REGNAMESPACE: Oid = 4089;
/// `regconfig`.
pub const REGCONFIG: Oid = 3734;
/// `regconfig[]`.
pub const REGCONFIG_ARRAY: Oid = 3735;
/// `regnamespace[]`.
pub const REGNAMESPACE_ARRAY: Oid = 4090;
/// `regrole`.
pub const REGROLE: Oid = 4096;
/// `regrole[]`.
pub const REGROLE_ARRAY: Oid = 4097;
/// `anycompatible`.
pub const ANYCOMPATIBLE: Oid = 5077;
/// `anycompatiblearray`.
pub const ANYCOMPATIBLEARRAY: Oid = 5078;
/// `anycompatiblenonarray`.
pub const ANYCOMPATIBLENONARRAY: Oid = 5079;
/// `citext`, of the extension of that name.
pub const CITEXT: Oid = 9001;
/// `citext[]`.
pub const CITEXT_ARRAY: Oid = 9002;
/// `vector`, of pgvector.
pub const VECTOR: Oid = 9004;
/// `vector[]`.
pub const VECTOR_ARRAY: Oid = 9005;
/// `halfvec`, of pgvector; no value has it here.
pub const HALFVEC: Oid = 9006;
/// `halfvec[]`.
pub const HALFVEC_ARRAY: Oid = 9007;
/// `sparsevec`, of pgvector; no value has it here.
pub const SPARSEVEC: Oid = 9008;
/// `sparsevec[]`.
pub const SPARSEVEC_ARRAY: Oid = 9009;

/// The array type of a built-in element type.
pub const fn array_of(element: Oid) -> Option<Oid> {
    let mut at = 0;
    while at < ARRAYS.len() {
        if ARRAYS[at].0 == element {
            return Some(ARRAYS[at].1);
        }
        at += 1;
    }
    None
}

/// The element type of a built-in array type.
pub const fn element_of(array: Oid) -> Option<Oid> {
    let mut at = 0;
    while at < ARRAYS.len() {
        if ARRAYS[at].1 == array {
            return Some(ARRAYS[at].0);
        }
        at += 1;
    }
    None
}

/// The name of a built-in type as `pg_type.typname` has it.
pub const fn name_of(oid: Oid) -> Option<&'static str> {
    let mut at = 0;
    while at < NAMES.len() {
        if NAMES[at].0 == oid {
            return Some(NAMES[at].1);
        }
        at += 1;
    }
    None
}

const ARRAYS: &[(Oid, Oid)] = &[
    (BOOL, BOOL_ARRAY),
    (BYTEA, BYTEA_ARRAY),
    (SINGLE_CHAR, SINGLE_CHAR_ARRAY),
    (NAME, NAME_ARRAY),
    (INT8, INT8_ARRAY),
    (INT2, INT2_ARRAY),
    (INT2VECTOR, INT2VECTOR_ARRAY),
    (INT4, INT4_ARRAY),
    (REGPROC, REGPROC_ARRAY),
    (TEXT, TEXT_ARRAY),
    (OID, OID_ARRAY),
    (OIDVECTOR, OIDVECTOR_ARRAY),
    (JSON, JSON_ARRAY),
    (XML, XML_ARRAY),
    (CIDR, CIDR_ARRAY),
    (FLOAT4, FLOAT4_ARRAY),
    (FLOAT8, FLOAT8_ARRAY),
    (INET, INET_ARRAY),
    (BPCHAR, BPCHAR_ARRAY),
    (VARCHAR, VARCHAR_ARRAY),
    (DATE, DATE_ARRAY),
    (TIME, TIME_ARRAY),
    (TIMESTAMP, TIMESTAMP_ARRAY),
    (TIMESTAMPTZ, TIMESTAMPTZ_ARRAY),
    (INTERVAL, INTERVAL_ARRAY),
    (TIMETZ, TIMETZ_ARRAY),
    (BIT, BIT_ARRAY),
    (VARBIT, VARBIT_ARRAY),
    (NUMERIC, NUMERIC_ARRAY),
    (REGPROCEDURE, REGPROCEDURE_ARRAY),
    (REGCLASS, REGCLASS_ARRAY),
    (REGTYPE, REGTYPE_ARRAY),
    (RECORD, RECORD_ARRAY),
    (CSTRING, CSTRING_ARRAY),
    (UUID, UUID_ARRAY),
    (TSVECTOR, TSVECTOR_ARRAY),
    (TSQUERY, TSQUERY_ARRAY),
    (JSONB, JSONB_ARRAY),
    (JSONPATH, JSONPATH_ARRAY),
    (REGNAMESPACE, REGNAMESPACE_ARRAY),
    (REGCONFIG, REGCONFIG_ARRAY),
    (REGROLE, REGROLE_ARRAY),
    (CITEXT, CITEXT_ARRAY),
    (VECTOR, VECTOR_ARRAY),
    (HALFVEC, HALFVEC_ARRAY),
    (SPARSEVEC, SPARSEVEC_ARRAY),
];

const NAMES: &[(Oid, &str)] = &[
    (BOOL, "bool"),
    (BOOL_ARRAY, "_bool"),
    (BYTEA, "bytea"),
    (BYTEA_ARRAY, "_bytea"),
    (SINGLE_CHAR, "char"),
    (SINGLE_CHAR_ARRAY, "_char"),
    (NAME, "name"),
    (NAME_ARRAY, "_name"),
    (INT8, "int8"),
    (INT8_ARRAY, "_int8"),
    (INT2, "int2"),
    (INT2_ARRAY, "_int2"),
    (INT2VECTOR, "int2vector"),
    (INT2VECTOR_ARRAY, "_int2vector"),
    (INT4, "int4"),
    (INT4_ARRAY, "_int4"),
    (REGPROC, "regproc"),
    (REGPROC_ARRAY, "_regproc"),
    (TEXT, "text"),
    (TEXT_ARRAY, "_text"),
    (OID, "oid"),
    (OID_ARRAY, "_oid"),
    (OIDVECTOR, "oidvector"),
    (OIDVECTOR_ARRAY, "_oidvector"),
    (JSON, "json"),
    (JSON_ARRAY, "_json"),
    (XML, "xml"),
    (XML_ARRAY, "_xml"),
    (CIDR, "cidr"),
    (CIDR_ARRAY, "_cidr"),
    (FLOAT4, "float4"),
    (FLOAT4_ARRAY, "_float4"),
    (FLOAT8, "float8"),
    (FLOAT8_ARRAY, "_float8"),
    (UNKNOWN, "unknown"),
    (INET, "inet"),
    (INET_ARRAY, "_inet"),
    (BPCHAR, "bpchar"),
    (BPCHAR_ARRAY, "_bpchar"),
    (VARCHAR, "varchar"),
    (VARCHAR_ARRAY, "_varchar"),
    (DATE, "date"),
    (DATE_ARRAY, "_date"),
    (TIME, "time"),
    (TIME_ARRAY, "_time"),
    (TIMESTAMP, "timestamp"),
    (TIMESTAMP_ARRAY, "_timestamp"),
    (TIMESTAMPTZ, "timestamptz"),
    (TIMESTAMPTZ_ARRAY, "_timestamptz"),
    (INTERVAL, "interval"),
    (INTERVAL_ARRAY, "_interval"),
    (TIMETZ, "timetz"),
    (TIMETZ_ARRAY, "_timetz"),
    (BIT, "bit"),
    (BIT_ARRAY, "_bit"),
    (VARBIT, "varbit"),
    (VARBIT_ARRAY, "_varbit"),
    (NUMERIC, "numeric"),
    (NUMERIC_ARRAY, "_numeric"),
    (PG_NODE_TREE, "pg_node_tree"),
    (REGPROCEDURE, "regprocedure"),
    (REGPROCEDURE_ARRAY, "_regprocedure"),
    (REGCLASS, "regclass"),
    (REGCLASS_ARRAY, "_regclass"),
    (REGTYPE, "regtype"),
    (REGTYPE_ARRAY, "_regtype"),
    (RECORD, "record"),
    (RECORD_ARRAY, "_record"),
    (CSTRING, "cstring"),
    (CSTRING_ARRAY, "_cstring"),
    (ANY, "any"),
    (ANYARRAY, "anyarray"),
    (VOID, "void"),
    (TRIGGER, "trigger"),
    (ANYELEMENT, "anyelement"),
    (ANYNONARRAY, "anynonarray"),
    (UUID, "uuid"),
    (UUID_ARRAY, "_uuid"),
    (ANYENUM, "anyenum"),
    (TSVECTOR, "tsvector"),
    (TSVECTOR_ARRAY, "_tsvector"),
    (TSQUERY, "tsquery"),
    (TSQUERY_ARRAY, "_tsquery"),
    (JSONB, "jsonb"),
    (JSONB_ARRAY, "_jsonb"),
    (JSONPATH, "jsonpath"),
    (JSONPATH_ARRAY, "_jsonpath"),
    (REGNAMESPACE, "regnamespace"),
    (REGCONFIG, "regconfig"),
    (REGCONFIG_ARRAY, "_regconfig"),
    (REGNAMESPACE_ARRAY, "_regnamespace"),
    (REGROLE, "regrole"),
    (REGROLE_ARRAY, "_regrole"),
    (ANYCOMPATIBLE, "anycompatible"),
    (ANYCOMPATIBLEARRAY, "anycompatiblearray"),
    (ANYCOMPATIBLENONARRAY, "anycompatiblenonarray"),
    (CITEXT, "citext"),
    (CITEXT_ARRAY, "_citext"),
    (VECTOR, "vector"),
    (VECTOR_ARRAY, "_vector"),
    (HALFVEC, "halfvec"),
    (HALFVEC_ARRAY, "_halfvec"),
    (SPARSEVEC, "sparsevec"),
    (SPARSEVEC_ARRAY, "_sparsevec"),
];

/// Whether values of a type are objects of the catalog: regclass and its kin.
pub fn is_object(ty: Oid) -> bool {
    matches!(ty, REGCLASS | REGTYPE | REGPROC | REGPROCEDURE | REGROLE | REGNAMESPACE | REGCONFIG)
}
