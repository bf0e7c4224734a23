/*
 * bpmn.bench.mjs — instances a second of the BPMN engine, beside npm's bpmn-engine and @vhidvz/wfjs in the same run.
 *
 * Two workloads that all three run: a script, a decision and two ends; ten tasks in a row that a function performs.
 * bpmn-engine runs the script and the condition, in JavaScript; wfjs walks tokens only, its handlers do both. Both
 * get the model ready parsed, as ours is. Three more are ours alone: a parallel join, a sub-process with a timer at its
 * boundary, a multi-instance of 50. All sides must have performed the same tasks and reached the same ends. Seconds
 * are of each process's own processor time; nothing is stored.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const require = createRequire(new URL('../tests/package.json', import.meta.url));

const PREFIXES = 'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'
	+ ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="D" targetNamespace="urn:bench"';
const process_ = (within) => `<?xml version="1.0"?><definitions ${PREFIXES}>`
	+ `<process id="P" isExecutable="true"><startEvent id="start"/>${within}</process></definitions>`;
const flow = (id, from, to) => `<sequenceFlow id="${id}" sourceRef="${from}" targetRef="${to}"/>`;
const zeebe = (within) => `<extensionElements>${within}</extensionElements>`;
const service = (id) => `<serviceTask id="${id}" implementation="\${environment.services.work}">`
	+ `${zeebe('<zeebe:taskDefinition type="work"/>')}</serviceTask>`;
const chain = (nodes) => nodes.slice(1).map((to, i) => flow(`f${i}`, nodes[i], to)).join('');
const tasks = Array.from({ length: 10 }, (_, i) => `t${i}`);

function decision(script, condition) {
	return process_(`${script}<exclusiveGateway id="gw" default="f4"/><endEvent id="endVip"/><endEvent id="endNormal"/>`
		+ flow('f1', 'start', 'script') + flow('f2', 'script', 'gw')
		+ `<sequenceFlow id="f3" sourceRef="gw" targetRef="endVip">${condition}</sequenceFlow>`
		+ flow('f4', 'gw', 'endNormal'));
}

const models = {
	decision: decision(`<scriptTask id="script">${
		zeebe('<zeebe:script expression="=if vip then 1 else 5" resultVariable="prio"/>')}</scriptTask>`,
	'<conditionExpression xsi:type="tFormalExpression">=prio = 1</conditionExpression>'),
	tasks: process_(tasks.map(service).join('') + '<endEvent id="end"/>' + chain(['start', ...tasks, 'end'])),
	join: process_(`<parallelGateway id="split"/>${['a', 'b', 'c'].map(service).join('')}<parallelGateway id="join"/>`
		+ `<endEvent id="end"/>${flow('f1', 'start', 'split')}${flow('f2', 'join', 'end')}`
		+ ['a', 'b', 'c'].map((t) => flow(`s${t}`, 'split', t) + flow(`j${t}`, t, 'join')).join('')),
	subprocess: process_('<subProcess id="sub"><startEvent id="s1"/>' + service('t') + '<endEvent id="e1"/>'
		+ flow('g1', 's1', 't') + flow('g2', 't', 'e1') + '</subProcess><boundaryEvent id="late" attachedToRef="sub">'
		+ '<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition></boundaryEvent>'
		+ '<endEvent id="end"/>' + flow('f1', 'start', 'sub') + flow('f2', 'sub', 'end') + flow('f3', 'late', 'end')),
	multi50: process_(`<serviceTask id="t">${zeebe('<zeebe:taskDefinition type="work"/>')}`
		+ `<multiInstanceLoopCharacteristics>${zeebe('<zeebe:loopCharacteristics inputCollection="=1..50" inputElement="i"/>')
			.replace('=1..50', '=for i in 1..50 return i')}</multiInstanceLoopCharacteristics></serviceTask>`
		+ '<endEvent id="end"/>' + flow('f1', 'start', 't') + flow('f2', 't', 'end')),
	timer: process_('<intermediateCatchEvent id="t"><timerEventDefinition><timeDuration>PT1H</timeDuration>'
		+ '</timerEventDefinition></intermediateCatchEvent><endEvent id="end"/>'
		+ flow('f1', 'start', 't') + flow('f2', 't', 'end')),
};
/* What the others run: scripts and conditions in JavaScript; wfjs insists on the prefix, and on what comes in and goes
 * out at each element. */
const linked = (xml) => [...xml.matchAll(/<sequenceFlow id="(\w+)" sourceRef="(\w+)" targetRef="(\w+)"/g)]
	.flatMap(([, id, from, to]) => [[from, `<outgoing>${id}</outgoing>`], [to, `<incoming>${id}</incoming>`]])
	.reduce((text, [id, child]) => text.replace(new RegExp(`<(\\w+)( id="${id}"[^>]*?)(/>|>)`), (_, tag, attributes, end) => (
		`<${tag}${attributes}>${child}${end === '/>' ? `</${tag}>` : ''}`)), xml);
const prefixed = (xml) => linked(xml).replace(/<extensionElements>.*?<\/extensionElements>/g, '').replace(/<(\/?)(?!zeebe:|\?)/g, '<$1bpmn:').replace('xmlns=', 'xmlns:bpmn=');
const theirs = {
	decision: prefixed(decision('<scriptTask id="script" scriptFormat="javascript"><script>environment.variables.prio = '
		+ 'environment.variables.vip ? 1 : 5; next();</script></scriptTask>',
	'<conditionExpression xsi:type="bpmn:tFormalExpression" language="javascript">'
		+ 'next(null, environment.variables.prio === 1);</conditionExpression>')),
	tasks: prefixed(models.tasks),
};

async function measure(one) {
	const seen = { tasks: 0, vip: 0, normal: 0 };
	for (let i = 0; i < 50; i++) await one(i, seen);
	Object.assign(seen, { tasks: 0, vip: 0, normal: 0 });
	const start = process.cpuUsage();
	let done = 0, spent = 0;
	do {
		for (let i = 0; i < 10; i++) await one(done++, seen);
		const used = process.cpuUsage(start);
		spent = (used.user + used.system) / 1e6;
	} while (spent < 2);
	return { rate: done / spent, tasks: seen.tasks / done, vip: seen.vip / done, normal: seen.normal / done };
}

async function engineRate(name) {
	const { Engine } = require('bpmn-engine');
	const moddle = require('bpmn-moddle');
	const { default: serializer, TypeResolver } = require('moddle-context-serializer');
	const Moddle = moddle.BpmnModdle ?? moddle.default ?? moddle;
	const sourceContext = serializer(await new Moddle().fromXML(theirs[name]), TypeResolver(require('bpmn-elements')));
	return measure((i, seen) => new Promise((resolve, reject) => {
		const services = { work(scope, callback) { seen.tasks++; callback(null, true); } };
		new Engine({ name: `p${i}`, sourceContext }).execute({ variables: { vip: i % 10 === 0 }, services }, (err, run) => {
			if (err) return reject(err);
			const [ended] = run.definitions[0].getProcesses();
			seen.vip += ended.getActivityById('endVip')?.counters.taken ?? 0;
			seen.normal += ended.getActivityById('endNormal')?.counters.taken ?? 0;
			resolve();
		});
	}));
}

/* wfjs takes its handlers by decorators, which are applied by hand here. */
async function walkerRate(name) {
	require('reflect-metadata');
	const { WorkflowJS } = require('@vhidvz/wfjs');
	const { Process, Node, Act, Data } = require('@vhidvz/wfjs/common');
	const { parse } = require('@vhidvz/wfjs/utils');
	const id = `P_${name}`; // one for each class of handlers
	const schema = parse(theirs[name].replace('id="P"', `id="${id}"`))['bpmn:definitions'];
	let seen;
	const walk = async (activity) => { activity.takeOutgoing(); };
	const handlers = name === 'tasks'
		? { start: walk, end: async () => {}, ...Object.fromEntries(tasks.map((id) => [id, async (activity) => {
			seen.tasks++;
			activity.takeOutgoing();
		}])) }
		: {
			start: walk,
			script: async (activity, data) => { data.prio = data.vip ? 1 : 5; activity.takeOutgoing(); },
			gw: async (activity, data) => { activity.takeOutgoing({ id: data.prio === 1 ? 'endVip' : 'endNormal' }); },
			endVip: async () => { seen.vip++; },
			endNormal: async () => { seen.normal++; },
		};
	class Walker {}
	for (const [node, handler] of Object.entries(handlers)) {
		Walker.prototype[node] = handler;
		Data()(Walker.prototype, node, 1);
		Act()(Walker.prototype, node, 0);
		const descriptor = Object.getOwnPropertyDescriptor(Walker.prototype, node);
		Node({ id: node })(Walker.prototype, node, descriptor);
		Object.defineProperty(Walker.prototype, node, descriptor);
	}
	const walker = new (Process({ id })(Walker))();
	return measure(async (i, counts) => {
		seen = counts;
		const { exception } = await WorkflowJS.build().execute({ factory: () => walker, schema, data: { vip: i % 10 === 0 } });
		if (exception) throw exception;
	});
}

const build = process.env.PELAGO_BUILD ?? 'build';
const folder = mkdtempSync(join(tmpdir(), 'pelago-bpmn-'));
function ours(name) {
	const path = join(folder, `${name}.bpmn`);
	writeFileSync(path, models[name]);
	const { stdout, stderr, status, error } = spawnSync(`${build}/engines/bpmn/bpmn_rate`, [path, name], { encoding: 'utf8' });
	if (error || status !== 0) throw new Error(`bpmn_rate ${name}: ${error ?? stderr}`);
	return JSON.parse(stdout);
}

function compare(name, mine, other, who) {
	for (const key of ['tasks', 'vip', 'normal'])
		if (Math.abs(mine[key] - other[key]) > 0.05)
			throw new Error(`${name}: ${who} has ${key} ${other[key]} an instance, not ${mine[key]}`);
	return `${who} ${Math.round(other.rate)}/s, ratio ${Math.round(mine.rate / other.rate)}`;
}

try {
	const made = spawnSync('ninja', ['-C', build, '--quiet', 'engines/bpmn/bpmn_rate'], { encoding: 'utf8' });
	if (made.status !== 0) throw new Error(made.stdout);
	for (const name of Object.keys(theirs)) {
		const mine = ours(name);
		console.log(`${name.padEnd(11)} ${Math.round(mine.rate)} instances/s`
			+ `   ${compare(name, mine, await engineRate(name), 'bpmn-engine')}`
			+ `   ${compare(name, mine, await walkerRate(name), 'wfjs')}`);
	}
	for (const name of ['join', 'subprocess', 'multi50']) {
		const mine = ours(name);
		console.log(`${name.padEnd(11)} ${Math.round(mine.rate)} instances/s, ${mine.tasks} tasks each`);
	}
	const { memory, stored } = ours('timer');
	console.log(`timer       ${memory} bytes of memory while it waits, ${stored} bytes stored`);
} finally {
	rmSync(folder, { recursive: true });
}
