/*
 * tables/alarm.h — PL_ALARM(key, severity, ends, title, cause, fix): all alarms of the product.
 *
 *   key       what it is about, "area.state"; with a subject it names one alarm
 *   severity  CRITICAL contacts suffer now; MAJOR they will unless somebody acts; MINOR something
 *             was left undone; WARNING it will come to that (ITU-T X.733 §8.1.2.3)
 *   ends      ITSELF: cleared when what it tells of is over; BY_ACK: it tells of an event, and is
 *             cleared by whoever acknowledges it
 *   cause     what probably is behind it
 *   fix       what to do
 *
 * SPDX-License-Identifier: Apache-2.0
 */
PL_ALARM("node.unreachable", CRITICAL, ITSELF, "A node isn't heard",
	 "Its process or its machine has ended, or the network to it is cut.",
	 "Look at the machine and its network; 'pelago up' there starts what is missing.")
PL_ALARM(
	"node.overloaded", MAJOR, ITSELF, "A node has too much to do",
	"More work than its machine is made for, or a disk that was filled.",
	"Others of its cluster do its work if they can: 'pelago node list'. Add a node, or make room.")
PL_ALARM(
	"address.failed", MAJOR, ITSELF, "The floating address can't be taken",
	"It lies in none of the host's networks, or Pelago may not change addresses there.",
	"Run Pelago with CAP_NET_ADMIN and CAP_NET_RAW, and give --floating an address of the hosts' "
	"network.")
PL_ALARM(
	"process.failed", CRITICAL, ITSELF, "A part of the platform doesn't stay up",
	"It ended again and again soon after its start.",
	"Read the end of its log in the data folder's log/; put right what it says, then 'pelago up'.")
PL_ALARM("service.failed", CRITICAL, ITSELF, "A service doesn't stay up",
	 "It ended again and again soon after its start.",
	 "Read the end of its log; put right what it says. It is tried again meanwhile.")
PL_ALARM("bus.frozen", MAJOR, ITSELF, "The bus didn't answer and was started anew",
	 "nats-server stood still: a full or very slow disk, or a machine without memory.",
	 "Look at the machine's disk and memory. The alarm ends when the bus has been well for ten "
	 "minutes.")
PL_ALARM(
	"disk.low", MAJOR, ITSELF, "The disk is nearly full",
	"Data, logs or backups have filled it.",
	"Make room on the disk of the data folder, or move the folder to a larger one. New work is "
	"refused while there is none.")
PL_ALARM("eventlog.away", CRITICAL, ITSELF, "The event log isn't there",
	 "The bus is being started, or its disk is full.",
	 "'pelago event dashboard' shows the brokers; make room on the bus's disk.")
PL_ALARM("replication.failed", MAJOR, ITSELF, "A node can't apply its configuration",
	 "Its copy can't be written, or what it got isn't fit for it.",
	 "'pelago replication status' has the reason; when it is put right, 'pelago replication "
	 "resync'.")
PL_ALARM("certificate.expiring", MAJOR, ITSELF, "A certificate ends soon",
	 "It wasn't renewed: the process that uses it hasn't been started for long.",
	 "'pelago down' and 'pelago up' renew certificates.")
PL_ALARM("clock.apart", MAJOR, ITSELF, "A node's clock is wrong",
	 "The machine doesn't keep its time.", "Have the machine's time kept by NTP (chrony).")
PL_ALARM("test.failed", MINOR, ITSELF, "A maintenance test failed", "What its evidence says.",
	 "Put that right, then 'pelago test run' on the node.")
PL_ALARM("event.parked", MAJOR, BY_ACK, "An event was set aside",
	 "A service couldn't handle it: a defect, or two versions that don't fit.",
	 "What follows for its key waits behind it. Report it with the service's log.")
PL_ALARM("event.lost", MAJOR, BY_ACK, "Events were lost for a service",
	 "Neither the log nor who published them keeps them any more.",
	 "Compare what it shows with the other services; report it with the service's log.")
PL_ALARM("event.unsendable", MAJOR, BY_ACK, "An event can't be published",
	 "It is larger than the bus takes: a defect.", "Report it with the service's log.")
PL_ALARM("work.set_aside", MAJOR, BY_ACK, "Work was set aside",
	 "A service couldn't store what it would have done: a defect.",
	 "Report it with the service's log.")
PL_ALARM("workflow.failed", MINOR, BY_ACK, "A workflow failed",
	 "The workflow met a value that it doesn't expect, or a defect.",
	 "'pelago log contact ID' tells why; put the workflow right in the designer.")
PL_ALARM(
	"workflow.incident", MINOR, ITSELF, "A workflow waits for somebody",
	"An element of it has failed as often as it is tried, and its instance has no contact.",
	"'pelago workflow incidents' lists which, where and why. Put right what the reason names, then "
	"'pelago workflow retry INSTANCE'; or 'skip' the element, 'drop' its path, 'cancel' the instance.")
PL_ALARM("notify.failing", MINOR, ITSELF, "A receiver of context changes doesn't take them",
	 "It is away or refuses, so notices are dropped.",
	 "Look at the receiver, then switch its subscription on again.")
PL_ALARM("mart.behind", MINOR, ITSELF, "The data mart isn't written",
	 "Its database is away, full, or refuses.",
	 "Look at the data mart's database; what is missing follows by itself.")
PL_ALARM(
	"metrics.undelivered", MINOR, ITSELF, "The receiver of figures doesn't take them",
	"It is away or refuses.",
	"Look at Metric Receiver and its key. The figures of the last hour are sent when it is back.")
PL_ALARM("streaming.behind", MINOR, ITSELF, "The receiver of events doesn't take them",
	 "It is away or refuses.",
	 "'pelago event destinations' has the reason. Events wait meanwhile, up to Event Streaming "
	 "Backlog.")
PL_ALARM(
	"streaming.lost", MAJOR, BY_ACK, "Events weren't kept for their receiver",
	"It was away for too long: as many waited as may.",
	"Put the receiver right, or raise Event Streaming Backlog. The receiver sees which are missing "
	"by their numbers.")
PL_ALARM("erasure.failed", MAJOR, BY_ACK, "A customer's data wasn't erased everywhere",
	 "A service refused, or kept something.",
	 "The erasure's record names the service; ask for the erasure again.")
PL_ALARM("overload", MAJOR, ITSELF, "A node has more work than it can do",
	 "More contacts than it is made for, or something else on the machine takes its share.",
	 "Add a node to the cluster, or find what takes the machine's time.")
PL_ALARM(
	"access.tokenless", MAJOR, ITSELF, "Resources are read without a token",
	"Enable Tokenless Access of UCAStoreService is on.",
	"'pelago attribute reset \"Enable Tokenless Access\"' where it was set, as soon as it isn't "
	"needed.")
PL_ALARM("secret.unreadable", MAJOR, ITSELF, "A secret can't be opened",
	 "The manager's master key, keys/master.key, was lost or is another one.",
	 "Put the key file back, and start the manager again; or set the secret again by 'pelago "
	 "attribute set'.")
PL_ALARM(
	"authorization.unreachable", MAJOR, ITSELF,
	"AuthorizationService isn't reached where it should be",
	"The Authorization Service Address is wrong, or its name, port, certificate or the way to it.",
	"Put the address right by 'pelago attribute set \"Authorization Service Address\"', or what is "
	"behind it; it is tried again each minute.")
PL_ALARM("alarm.undelivered", MINOR, ITSELF, "A receiver of alarms doesn't take them",
	 "Its server is away, or the address, name or secret is wrong.",
	 "'pelago alarm receivers' has the reason. Nothing is lost: it is tried again.")
