/*
 * hosts.mjs — hosts as network namespaces of this machine, each with an address of its own on one bridge.
 *
 *   const net = await Hosts.make(['main', 'one', 'two']);
 *   net.address('one')                     '10.93.N.2'
 *   await net.exec('one', 'pelago', ['up'])  → { status, stdout, stderr }, as of run()
 *   await net.down('one'); await net.up('one')   its link
 *   await net.remove()
 *
 * Needs root. Namespaces share files and clock with all others; what a test kills it names by pid.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
import assert from 'node:assert/strict';
import { run } from './instance.mjs';

async function ip(...words) {
	const { status, stdout, stderr } = await run('ip', words);
	assert.equal(status, 0, `ip ${words.join(' ')}: ${stderr}`);
	return stdout;
}

export class Hosts {
	static async make(names) {
		assert.equal(process.getuid(), 0, 'network namespaces need root');
		const net = new Hosts();
		net.names = names;
		net.id = process.pid % 250;
		net.prefix = `pl${process.pid}`;
		net.bridge = `${net.prefix}b`;
		await ip('netns', 'add', net.space('bridge'));
		await net.ip('bridge', 'link', 'set', 'lo', 'up');
		await net.ip('bridge', 'link', 'add', net.bridge, 'type', 'bridge', 'forward_delay', '0');
		await net.ip('bridge', 'link', 'set', net.bridge, 'up');
		for (const [i, name] of names.entries()) {
			await ip('netns', 'add', net.space(name));
			await net.ip('bridge', 'link', 'add', `v${i}`, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', net.space(name));
			await net.ip('bridge', 'link', 'set', `v${i}`, 'master', net.bridge, 'up');
			await net.ip(name, 'addr', 'add', `${net.address(name)}/24`, 'dev', 'eth0');
			await net.ip(name, 'link', 'set', 'lo', 'up');
			await net.ip(name, 'link', 'set', 'eth0', 'up');
		}
		return net;
	}

	space(name) {
		return `${this.prefix}-${name}`;
	}

	address(name) {
		return `10.93.${this.id}.${this.names.indexOf(name) + 1}`;
	}

	ip(name, ...words) {
		return ip('-n', this.space(name), ...words);
	}

	/* One more of the hosts' network that is nobody's. */
	get spare() {
		return `10.93.${this.id}.200`;
	}

	/* The words before a command that make it run on a host. */
	on(name) {
		return ['ip', 'netns', 'exec', this.space(name)];
	}

	exec(name, program, args, options) {
		const [first, ...rest] = [...this.on(name), program, ...args];
		return run(first, rest, options);
	}

	/* The cable is pulled: packets go nowhere, and nobody is told. */
	down(name) {
		return this.ip('bridge', 'link', 'set', `v${this.names.indexOf(name)}`, 'nomaster');
	}

	up(name) {
		return this.ip('bridge', 'link', 'set', `v${this.names.indexOf(name)}`, 'master', this.bridge);
	}

	async remove() {
		for (const name of [...this.names, 'bridge']) await run('ip', ['netns', 'delete', this.space(name)]);
	}
}
