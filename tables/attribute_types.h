/*
 * tables/attribute_types.h — ATTRIBUTE_TYPE(word, name): the types that an attribute may have.
 *
 *   word  in manifests and in the API
 *
 * SPDX-License-Identifier: Apache-2.0
 */
ATTRIBUTE_TYPE("boolean", BOOLEAN)
ATTRIBUTE_TYPE("integer", INTEGER)
ATTRIBUTE_TYPE("string", STRING)
ATTRIBUTE_TYPE("enumeration", ENUMERATION)
ATTRIBUTE_TYPE("duration", DURATION)
ATTRIBUTE_TYPE("address", ADDRESS)
ATTRIBUTE_TYPE("secret", SECRET)
