/*
 * designer.test.mjs — `pelago workflow` and `pelago rule` on a running instance: a workflow is imported, exported,
 * deployed, listed, undeployed; rules are added, edited, deleted; events of other systems are registered and posted.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Customer, token } from './lib/chat.mjs';
import { startInstance, until } from './lib/instance.mjs';

const chat = new URL('../../workflows/chat.bpmn', import.meta.url).pathname;
let pelago;

before(async () => {
	pelago = await startInstance({ demo: true });
});
after(() => pelago?.stop());

async function said(...words) {
	const { status, stdout, stderr } = await pelago.pelago(words);
	assert.equal(status, 0, `${words.join(' ')}: ${stderr}`);
	return words.includes('--json') ? JSON.parse(stdout) : stdout;
}

async function refused(expected, pattern, ...words) {
	const { status, stderr } = await pelago.pelago(words);
	assert.equal(status, expected, words.join(' '));
	assert.match(stderr, pattern);
}

test('EDR-2: a workflow is imported, exported with nothing changed, deployed and undeployed at the command line', async () => {
	const file = join(pelago.data, 'mine.bpmn'), copy = join(pelago.data, 'copy.bpmn');
	const xml = readFileSync(chat, 'utf8').replace('PT30S', 'PT31S');

	writeFileSync(file, xml);
	assert.equal((await said('workflow', 'list', '--json')).length, 1);
	assert.equal(await said('workflow', 'import', file), 'chat version 2\n');
	assert.equal(await said('workflow', 'import', file), 'chat version 2, as it was\n');
	await said('workflow', 'export', 'chat', '--out', copy);
	assert.equal(readFileSync(copy, 'utf8'), xml);
	assert.equal(await said('workflow', 'export', 'chat', '1'), readFileSync(chat, 'utf8'));
	assert.equal(await said('workflow', 'deploy', 'chat'), 'chat version 2 is deployed\n');
	assert.deepEqual((await said('workflow', 'list', '--json')).map(({ version, deployed, gold }) => [version, deployed, gold]),
		[[1, true, 'gold'], [2, true, 'broken']]);
	assert.deepEqual([...new Set((await said('workflow', 'tasks', 'chat', '--json')).map(({ state }) => state))], ['current']);
	assert.equal(await said('workflow', 'undeploy', 'chat', '2'), 'chat version 2 is no longer deployed\n');
	assert.deepEqual(await said('workflow', 'instances', '--json'), []);
	assert.deepEqual(await said('workflow', 'incidents', '--json'), []);
	writeFileSync(file, '<broken');
	await refused(2, /line 1/, 'workflow', 'import', file);
	await refused(1, /there is no workflow nothing/, 'workflow', 'export', 'nothing');
	await refused(2, /whole number/, 'workflow', 'deploy', 'chat', 'two');
	await refused(1, /there is no instance X/, 'workflow', 'retry', 'X');
	await refused(1, /there is no instance X/, 'workflow', 'cancel', 'X', '--yes');
});

test('EDR-12, EDR-13: who would get stuck is listed; instances go over to another version, and back; undeploying warns of them', async () => {
	const file = join(pelago.data, 'moved.bpmn'), map = join(pelago.data, 'map.json');
	const customer = new Customer(pelago, { name: 'Cid' });
	const running = async () => (await said('workflow', 'instances', 'RUNNING', '--json')).map(({ version }) => version);

	await customer.opened();
	await until('an instance runs', async () => (await running()).length === 1);
	const { id } = (await said('workflow', 'instances', 'RUNNING', '--json'))[0];
	writeFileSync(file, readFileSync(chat, 'utf8').replaceAll('"Task_ask"', '"Task_request"').replaceAll('"Task_hours"', '"Task_open"'));
	assert.equal(await said('workflow', 'import', file), 'chat version 3\n');
	await refused(4, /^1 instances run on chat version 1 and will finish on it\n.*--yes/, 'workflow', 'undeploy', 'chat', '1');
	await refused(2, /--from VERSION is missing/, 'workflow', 'migrate', 'chat', '--dry-run');
	await refused(1, /there is no version 9/, 'workflow', 'migrate', 'chat', '--from', '1', '--to', '9', '--yes');
	const versions = ['workflow', 'migrate', 'chat', '--from', '1', '--to', '3'];
	writeFileSync(map, '{"Task_ask": "Task_request", "Task_hours": "Task_open"}');
	assert.match(await said(...versions, '--map', map, '--dry-run'), /^1 of 1 instances can go over to version 3; 0 would be stuck there\n$/);
	assert.deepEqual(await running(), [1]);
	await refused(4, /chat version 3 is not deployed/, ...versions, '--map', map, '--yes');
	await said('workflow', 'deploy', 'chat', '3');
	assert.match(await said(...versions, '--map', map, '--yes'), /^1 of 1 instances are on version 3; 0 would be stuck there\n$/);
	assert.deepEqual(await running(), [3]);
	assert.equal(await said('workflow', 'migrate', 'chat', '--undo', '--yes'), '1 of 1 instances are on version 1 again\n');
	assert.deepEqual(await running(), [1]);
	await refused(4, /no migration of chat to be undone/, 'workflow', 'migrate', 'chat', '--undo', '--yes');
	assert.deepEqual((await said('workflow', 'migrations', 'chat', '--json')).map(({ state }) => state), ['UNDONE', 'LOOKED']);
	writeFileSync(file, readFileSync(chat, 'utf8').replace(/<bpmn:process id="chat"[^]*/, '<bpmn:process id="chat"><bpmn:startEvent id="S"/><bpmn:endEvent id="E"/>'
		+ '<bpmn:sequenceFlow id="F" sourceRef="S" targetRef="E"/></bpmn:process></bpmn:definitions>'));
	await said('workflow', 'import', file);
	const { status, stdout } = await pelago.pelago(['workflow', 'migrate', 'chat', '--from', '1', '--to', '4', '--dry-run']);
	assert.equal(status, 4);
	assert.match(stdout, new RegExp(`^0 of 1 instances can go over to version 4; 1 would be stuck there\\n.*Reason *\\n${id} `, 's'));
	assert.match(stdout, /there is no such element in the new version/);
	await said('workflow', 'undeploy', 'chat', '3', '--yes');
	customer.send({ type: 'close' });
	customer.end();
});

test('EDR-16: a workflow of ten thousand elements, over a megabyte, is imported, deployed and exported with nothing changed', async () => {
	const file = join(pelago.data, 'large.bpmn'), copy = join(pelago.data, 'copy.bpmn');
	const tasks = Array.from({ length: 10000 }, (_, i) => `<bpmn:manualTask id="Activity_${i}" name="Step ${i}"/><bpmn:sequenceFlow id="Flow_${i}" sourceRef="Activity_${i}"`
		+ ` targetRef="${i < 9999 ? `Activity_${i + 1}` : 'E'}"/>`).join('\n');
	const xml = readFileSync(chat, 'utf8').replace(/<bpmn:process id="chat"[^]*/, '<bpmn:process id="large" isExecutable="true"><bpmn:startEvent id="S"/>'
		+ `<bpmn:sequenceFlow id="F" sourceRef="S" targetRef="Activity_0"/>${tasks}<bpmn:endEvent id="E"/></bpmn:process></bpmn:definitions>`);

	writeFileSync(file, xml);
	assert.ok(xml.length > 1 << 20);
	assert.equal(await said('workflow', 'import', file), 'large version 1\n');
	assert.equal(await said('workflow', 'deploy', 'large'), 'large version 1 is deployed\n');
	await said('workflow', 'export', 'large', '--out', copy);
	assert.equal(readFileSync(copy, 'utf8'), xml);
	writeFileSync(file, xml.replace('<bpmn:startEvent', `<!--${' '.repeat(8 << 20)}--><bpmn:startEvent`));
	await refused(2, /larger than 8388608 bytes/, 'workflow', 'import', file);
});

test('EDR-7: a rule is added, edited in what a file names, and deleted', async () => {
	const file = join(pelago.data, 'rule.json');
	const rules = () => said('rule', 'list', '--json');

	writeFileSync(file, JSON.stringify({ event: 'ROUTE_CONTACT', workflow: 'chat', rank: 5, condition: 'contact.topic = "x"' }));
	await said('rule', 'add', file);
	const [rule, standard] = await rules();
	assert.equal(rule.rank, 5);
	assert.equal(rule.version, 'latest');
	assert.equal(standard.default, true);
	writeFileSync(file, JSON.stringify({ enabled: false, version: 1 }));
	await said('rule', 'edit', rule.id, file);
	assert.deepEqual((await rules())[0], { ...rule, enabled: false, version: 1 });
	assert.equal(await said('rule', 'recreate'), '0 rules made anew\n');
	writeFileSync(file, JSON.stringify({ condition: 'contact.topic = ' }));
	await refused(2, /column/, 'rule', 'edit', rule.id, file);
	await refused(1, /there is no rule X/, 'rule', 'edit', 'X', file);
	await said('rule', 'delete', rule.id, '--yes');
	assert.deepEqual(await rules(), [standard]);
});

test('EDR-15: another system posts an event: once, durably, and the rule whose filters hold starts a workflow', async () => {
	const file = (name, content) => {
		const path = join(pelago.data, name);
		writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
		return path;
	};
	const bearer = await token(pelago, 'designer');
	const url = `http://127.0.0.1:${pelago.httpPort}/services/EventingConnector/events`;
	const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' };
	const post = async (id, payload) => {
		const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ family: 'Orders', type: 'DELAYED', id, key: '4711', payload }) });
		return { ...(await answer.json()), http: answer.status };
	};
	const went = async ({ eventId }) => (await fetch(`${url}/${eventId}`, { headers })).json();
	const settled = (event) => until(`event ${event.id} has gone its way`, async () => ['delivered', 'started', 'unheard'].includes((await went(event)).status));

	assert.equal((await post('0', {})).http, 404);
	const schema = { type: 'object', required: ['cents'], properties: { cents: { type: 'integer', minimum: 0 } } };
	const type = file('delayed.json', { family: 'Orders', type: 'DELAYED', version: 1, title: 'An order is late', schema });
	assert.equal(await said('event', 'register', type), 'Orders.DELAYED version 1\n');
	assert.equal(await said('event', 'register', type), 'Orders.DELAYED version 1, as it was\n');
	assert.deepEqual((await said('event', 'list', '--json')).map(({ name }) => name), ['ROUTE_CONTACT', 'ROUTE_CONTACT_TRANSFER', 'Orders.DELAYED']);
	assert.deepEqual((await said('event', 'show', 'Orders.DELAYED', '--json')).schema, schema);
	await refused(2, /schema\.properties\.cents: the keyword least is not known here/, 'event', 'register',
		file('bad.json', { family: 'Orders', type: 'X', version: 1, schema: { properties: { cents: { least: 0 } } } }));
	await said('workflow', 'import', file('apology.bpmn', readFileSync(chat, 'utf8').replace(/<bpmn:process id="chat"[^]*/, '<bpmn:process id="apology">'
		+ '<bpmn:startEvent id="S"/><bpmn:userTask id="T"><bpmn:extensionElements><zeebe:userTask/></bpmn:extensionElements></bpmn:userTask><bpmn:endEvent id="E"/>'
		+ '<bpmn:sequenceFlow id="F" sourceRef="S" targetRef="T"/><bpmn:sequenceFlow id="G" sourceRef="T" targetRef="E"/></bpmn:process></bpmn:definitions>')));
	await said('workflow', 'deploy', 'apology');
	await said('rule', 'add', file('rule.json', { event: 'Orders.DELAYED', workflow: 'apology', filters: [{ path: 'event.payload.cents', is: 'atLeast', value: 1000 }] }));
	const [rule] = (await said('rule', 'list', '--json')).filter(({ event }) => event === 'Orders.DELAYED');
	await refused(2, /filters\[0\] \(contact\.topic\): path: for this event it has to begin with event\./, 'rule', 'edit', rule.id,
		file('filter.json', { filters: [{ path: 'contact.topic', is: 'exists' }] }));

	const taken = await post('1', { cents: 1999 });
	assert.equal(taken.status, 'waiting');
	process.kill((await pelago.processes()).EventingConnector, 'SIGKILL');
	await until('it answers again', async () => (await post('1', { cents: 1999 })).repeated);
	assert.equal((await post('1', { cents: 1999 })).eventId, taken.eventId);
	assert.equal((await post('1', { cents: 1 })).http, 409);
	await settled(taken);
	const instances = await said('workflow', 'instances', 'RUNNING', '--json');
	assert.deepEqual(instances.map(({ id, workflow }) => [workflow, id]), [['apology', (await went(taken)).instanceId]]);

	const wrong = await post('2', { cents: -1 });
	assert.deepEqual([wrong.http, wrong.detail], [400, 'payload.cents: must be at least 0']);
	const cheap = await post('3', { cents: 5 });
	await settled(cheap);
	assert.equal((await went(cheap)).status, 'unheard');
	await said('rule', 'disable', rule.id);
	const off = await post('4', { cents: 1999 });
	await settled(off);
	assert.equal((await went(off)).status, 'unheard');
	await said('rule', 'enable', rule.id);
	const on = await post('5', { cents: 1999 });
	await settled(on);
	assert.equal((await went(on)).status, 'started');
	assert.match(await said('rule', 'list'), /event\.payload\.cents atLeast 1000/);
	assert.equal(await said('event', 'withdraw', 'Orders.DELAYED', '1', '--yes'), 'Orders.DELAYED version 1 is withdrawn; rules that name it: 1\n');
	assert.match((await post('6', { cents: 1999 })).detail, /version 1 of event Orders\.DELAYED is withdrawn/);
	await said('rule', 'delete', rule.id, '--yes');
});

test('EDR-2, EDR-4, EDR-5: at the command line a condition starts a workflow, a decision decides, and what can\'t go on is shown, retried, skipped, dropped', async () => {
	const dmn = join(pelago.data, 'discount.dmn'), bpmn = join(pelago.data, 'shop.bpmn'), copy = join(pelago.data, 'copy.dmn');
	const start = async (amount) => {
		await said('workflow', 'environment', 'amount', '0');
		assert.equal(await said('workflow', 'environment', 'amount', amount), '1 instances started\n');
		return (await said('workflow', 'instances', '--json'))[0].id;
	};

	writeFileSync(dmn, `<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" name="D" namespace="x">
		<inputData id="in" name="amount"/><decision id="discount" name="Discount"><informationRequirement><requiredInput href="#in"/></informationRequirement><literalExpression><text>if amount &gt; 99 then 10 else null</text></literalExpression></decision></definitions>`);
	writeFileSync(bpmn, `<b:definitions xmlns:b="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:z="http://camunda.org/schema/zeebe/1.0" targetNamespace="x"><b:process id="shop">
		<b:startEvent id="S"><b:conditionalEventDefinition><b:condition>=amount &gt; 9</b:condition></b:conditionalEventDefinition></b:startEvent>
		<b:businessRuleTask id="B"><b:extensionElements><z:calledDecision decisionId="discount" resultVariable="percent"/></b:extensionElements></b:businessRuleTask>
		<b:serviceTask id="T"><b:extensionElements><z:taskDefinition type="ContextStore.get" retries="1"/>
			<z:ioMapping><z:input source="=if percent = null then null else &quot;c&quot;" target="contextId"/></z:ioMapping></b:extensionElements></b:serviceTask>
		<b:endEvent id="E"/><b:sequenceFlow id="F" sourceRef="S" targetRef="B"/><b:sequenceFlow id="G" sourceRef="B" targetRef="T"/><b:sequenceFlow id="H" sourceRef="T" targetRef="E"/></b:process></b:definitions>`);
	assert.equal(await said('workflow', 'import', bpmn), "shop version 1\n  can't be deployed: B: decision discount is not deployed\n");
	assert.equal(await said('decision', 'import', dmn), 'discount version 1\n');
	assert.equal(await said('decision', 'deploy', 'discount'), 'discount version 1 is deployed\n');
	await said('decision', 'export', 'discount', '--out', copy);
	assert.equal(readFileSync(copy, 'utf8'), readFileSync(dmn, 'utf8'));
	assert.deepEqual((await said('decision', 'list', '--json')).map(({ name, version, deployed }) => [name, version, deployed]), [['discount', 1, true]]);
	await said('workflow', 'deploy', 'shop');

	const stuck = await start('50');
	assert.match(await said('workflow', 'show', stuck), /^shop version 1: RUNNING\n {2}token \d+ is at T, incident\n {2}token \d+ can't go on at T, 1 times tried, badInput: ContextStore\.get: contextId must be a text\n$/);
	const [{ instanceId, token }] = await said('workflow', 'incidents', stuck, '--json');
	assert.equal(instanceId, stuck);
	await until('its alarm is raised', async () => (await said('alarm', 'list', '--json')).some(({ key, subject }) => key === 'workflow.incident' && subject === 'shop'));
	assert.equal(await said('workflow', 'retry', stuck), '1 incidents moved on\n');
	await refused(4, /no incident at that token/, 'workflow', 'skip', stuck, `${token + 100}`);
	assert.equal(await said('workflow', 'skip', stuck), '1 incidents moved on\n');
	assert.equal((await said('workflow', 'show', stuck, '--json')).status, 'COMPLETED');
	const dropped = await start('60');
	assert.equal(await said('workflow', 'drop', dropped, '--yes'), '1 incidents moved on\n');
	assert.equal((await said('workflow', 'show', dropped, '--json')).status, 'COMPLETED');
	await until('its alarm is over', async () => !(await said('alarm', 'list', '--json')).some(({ key }) => key === 'workflow.incident'));

	const decided = await start('100');
	assert.equal((await said('workflow', 'show', decided, '--json')).variables.percent, 10);
	assert.equal(await said('workflow', 'environment'), 'amount = 100\n');
	assert.deepEqual(await said('workflow', 'messages', '--json'), []);
	await refused(1, /no message X is kept/, 'workflow', 'drop-message', 'X');
	await refused(2, /a value is missing/, 'workflow', 'environment', 'amount');
	assert.equal(await said('decision', 'undeploy', 'discount', '1'), 'discount version 1 is no longer deployed\n');
});
