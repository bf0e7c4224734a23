/*
 * event_table.h — EVENT_TYPE(family, type, version, title, schema): events of Pelago's own.
 *
 *   schema  JSON Schema of the variables that a workflow begins with and rules look at
 *
 * SPDX-License-Identifier: Apache-2.0
 */
/* clang-format off */
#define CONTACT_SCHEMA "{\"type\":\"object\",\"required\":[\"contact\"],\"properties\":{\"contact\":{" \
	"\"type\":\"object\",\"required\":[\"contactId\",\"channel\",\"customer\",\"topic\",\"attributes\",\"context\"]," \
	"\"properties\":{" \
	"\"contactId\":{\"type\":\"string\"}," \
	"\"channel\":{\"type\":\"string\"}," \
	"\"customer\":{\"type\":\"object\"}," \
	"\"topic\":{\"type\":[\"string\",\"null\"]}," \
	"\"attributes\":{\"type\":\"object\"}," \
	"\"context\":{\"type\":\"object\"}}}}}"

EVENT_TYPE("Contact", "ROUTE_CONTACT",          1, "A contact has come in and is to be routed", CONTACT_SCHEMA)
EVENT_TYPE("Contact", "ROUTE_CONTACT_TRANSFER", 1, "A contact is transferred to a service",     CONTACT_SCHEMA)
