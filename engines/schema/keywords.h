/*
 * keywords.h — SCHEMA_KEYWORD(name, shape, fits): what a schema may say.
 *
 *   shape  what stands behind the keyword
 *   fits   the function of fits.c that compares a value with it; `any` of what says nothing about
 *          values, or is looked at by another keyword
 *
 * SPDX-License-Identifier: Apache-2.0
 */
/* clang-format off */
SCHEMA_KEYWORD("type",                 TYPES,    type)
SCHEMA_KEYWORD("enum",                 VALUES,   enumeration)
SCHEMA_KEYWORD("const",                VALUE,    constant)
/* numbers */
SCHEMA_KEYWORD("minimum",              NUMBER,   minimum)
SCHEMA_KEYWORD("maximum",              NUMBER,   maximum)
SCHEMA_KEYWORD("exclusiveMinimum",     NUMBER,   exclusive_minimum)
SCHEMA_KEYWORD("exclusiveMaximum",     NUMBER,   exclusive_maximum)
SCHEMA_KEYWORD("multipleOf",           POSITIVE, multiple)
/* texts, in characters */
SCHEMA_KEYWORD("minLength",            COUNT,    min_length)
SCHEMA_KEYWORD("maxLength",            COUNT,    max_length)
SCHEMA_KEYWORD("pattern",              PATTERN,  pattern)
/* lists */
SCHEMA_KEYWORD("items",                SCHEMA,   items)
SCHEMA_KEYWORD("minItems",             COUNT,    min_items)
SCHEMA_KEYWORD("maxItems",             COUNT,    max_items)
SCHEMA_KEYWORD("uniqueItems",          BOOLEAN,  unique)
/* objects */
SCHEMA_KEYWORD("properties",           SCHEMAS,  properties)
SCHEMA_KEYWORD("required",             NAMES,    required)
SCHEMA_KEYWORD("additionalProperties", SCHEMA,   additional)
SCHEMA_KEYWORD("minProperties",        COUNT,    min_properties)
SCHEMA_KEYWORD("maxProperties",        COUNT,    max_properties)
/* other schemas */
SCHEMA_KEYWORD("allOf",                LIST,     all_of)
SCHEMA_KEYWORD("anyOf",                LIST,     any_of)
SCHEMA_KEYWORD("oneOf",                LIST,     one_of)
SCHEMA_KEYWORD("not",                  SCHEMA,   not_that)
SCHEMA_KEYWORD("$ref",                 REF,      ref)
SCHEMA_KEYWORD("$defs",                SCHEMAS,  any)
/* for people */
SCHEMA_KEYWORD("$schema",              DRAFT,    any)
SCHEMA_KEYWORD("$id",                  TEXT,     any)
SCHEMA_KEYWORD("$comment",             TEXT,     any)
SCHEMA_KEYWORD("title",                TEXT,     any)
SCHEMA_KEYWORD("description",          TEXT,     any)
SCHEMA_KEYWORD("format",               TEXT,     any)
SCHEMA_KEYWORD("default",              VALUE,    any)
SCHEMA_KEYWORD("examples",             VALUES,   any)
SCHEMA_KEYWORD("deprecated",           BOOLEAN,  any)
SCHEMA_KEYWORD("readOnly",             BOOLEAN,  any)
SCHEMA_KEYWORD("writeOnly",            BOOLEAN,  any)
