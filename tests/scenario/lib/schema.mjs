/*
 * schema.mjs — JSON Schema, as much of it as docs/api uses. A keyword that it doesn't know is an error, so
 * nothing in a document is believed to be checked that isn't.
 *
 *   const check = checker(document);          $ref points into the document
 *   check(schema, value)                      → [] or what is wrong: ['/items/0/name: not a string', …]
 *   check.keywords(schema)                    throws for an unknown keyword, also where no value comes by
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { isDeepStrictEqual } from 'node:util';

const notes = new Set(['title', 'description', 'default']); /* these say nothing about a value */
const types = {
	object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
	array: Array.isArray,
	string: (value) => typeof value === 'string',
	integer: Number.isInteger,
	number: Number.isFinite,
	boolean: (value) => typeof value === 'boolean',
	null: (value) => value === null,
};
const step = (path, name) => `${path}/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;
const length = (text) => [...text].length;

/* Each adds what is wrong by wrong(text), or of a part by part(schema, value, name). */
const keywords = {
	type(wanted, value, { wrong }) {
		const names = [wanted].flat();
		for (const name of names) if (!types[name]) throw new Error(`unknown type ${name}`);
		if (!names.some((name) => types[name](value))) wrong(`not of type ${names.join(' or ')}`);
	},
	required(names, value, { wrong }) {
		if (types.object(value)) for (const name of names) if (!Object.hasOwn(value, name)) wrong(`${name} is missing`);
	},
	properties(schemas, value, { part }) {
		if (types.object(value)) for (const [name, schema] of Object.entries(schemas)) if (Object.hasOwn(value, name)) part(schema, value[name], name);
	},
	additionalProperties(schema, value, { part, schema: { properties = {} } }) {
		if (types.object(value)) for (const [name, item] of Object.entries(value)) if (!Object.hasOwn(properties, name)) part(schema, item, name);
	},
	items(schema, value, { part }) {
		if (types.array(value)) value.forEach((item, i) => part(schema, item, i));
	},
	enum(values, value, { wrong }) {
		if (!values.some((one) => isDeepStrictEqual(one, value))) wrong(`${JSON.stringify(value)} is none of ${values.join(', ')}`);
	},
	const(one, value, { wrong }) {
		if (!isDeepStrictEqual(one, value)) wrong(`${JSON.stringify(value)} is not ${JSON.stringify(one)}`);
	},
	oneOf(schemas, value, { wrong, errors }) {
		const all = schemas.map((schema) => errors(schema, value));
		const fit = all.filter((list) => list.length === 0).length;
		if (fit !== 1) wrong(`fits ${fit} of ${schemas.length}: ${all.map((list) => list[0] ?? 'fits').join(' | ')}`);
	},
	$ref(pointer, value, { also, resolve }) {
		also(resolve(pointer));
	},
	pattern(text, value, { wrong }) {
		if (types.string(value) && !new RegExp(text, 'u').test(value)) wrong(`${JSON.stringify(value)} doesn't match ${text}`);
	},
	minimum(least, value, { wrong }) {
		if (types.number(value) && value < least) wrong(`${value} is less than ${least}`);
	},
	maximum(most, value, { wrong }) {
		if (types.number(value) && value > most) wrong(`${value} is more than ${most}`);
	},
	minLength(least, value, { wrong }) {
		if (types.string(value) && length(value) < least) wrong(`has less than ${least} characters`);
	},
	maxLength(most, value, { wrong }) {
		if (types.string(value) && length(value) > most) wrong(`has more than ${most} characters`);
	},
	maxItems(most, value, { wrong }) {
		if (types.array(value) && value.length > most) wrong(`has more than ${most} items`);
	},
};

/* What a JSON pointer with # leads to. */
export function resolve(document, pointer) {
	let at = document;
	for (const name of pointer.replace(/^#\/?/, '').split('/').filter(Boolean)) {
		at = at?.[name.replaceAll('~1', '/').replaceAll('~0', '~')];
	}
	if (!pointer.startsWith('#') || at === undefined) throw new Error(`$ref ${pointer} leads nowhere`);
	return at;
}

export function checker(document) {
	function errors(schema, value, path = '') {
		const list = [];
		for (const [name, argument] of Object.entries(schema)) {
			if (notes.has(name)) continue;
			if (!Object.hasOwn(keywords, name)) throw new Error(`unknown keyword ${name} in ${JSON.stringify(schema)}`);
			keywords[name](argument, value, {
				schema,
				resolve: (pointer) => resolve(document, pointer),
				wrong: (text) => list.push(`${path || '/'}: ${text}`),
				part: (inner, item, key) => list.push(...errors(inner, item, step(path, key))),
				also: (inner) => list.push(...errors(inner, value, path)),
				errors: (inner, item) => errors(inner, item, path),
			});
		}
		return list;
	}
	const check = (schema, value) => errors(schema, value);
	check.keywords = (schema) => {
		for (const [name, argument] of Object.entries(schema)) {
			if (!notes.has(name) && !Object.hasOwn(keywords, name)) throw new Error(`unknown keyword ${name} in ${JSON.stringify(schema)}`);
			if (name === 'type') for (const type of [argument].flat()) if (!types[type]) throw new Error(`unknown type ${type}`);
			if (name === '$ref') resolve(document, argument);
			if (name === 'pattern') new RegExp(argument, 'u');
			if (name === 'properties') Object.values(argument).forEach(check.keywords);
			if (name === 'items' || name === 'additionalProperties') check.keywords(argument);
			if (name === 'oneOf') argument.forEach(check.keywords);
		}
	};
	return check;
}
