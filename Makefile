# The people's commands. Each is a script under tools/ or a program of build/; `make` builds.
# SPDX-License-Identifier: Apache-2.0
.PHONY: build up down check check-all bench lint fuzz docs trace release

build:
	@tools/build

# installs what is missing, builds, starts everything on this machine with demo users
up:
	@tools/deps
	@tools/build
	@build/pelago up --demo --detach

# stops it and keeps the data
down:
	@build/pelago down

# builds in all forms and runs all tests; check-all adds what takes long: faults and fuzzing
check:
	@tools/deps checks
	@tools/check

check-all:
	@tools/deps checks
	@tools/check --all

# figures, each a ratio to a baseline of the same run; BENCH=name for one
bench:
	@tools/deps checks
	@tools/build
	@bench/run $(BENCH)

lint:
	@tools/deps checks
	@tools/lint

# FUZZ_SECONDS=30 a target; FUZZ=name for one
FUZZ_SECONDS ?= 30
fuzz:
	@tools/deps checks
	@tools/fuzz -t $(FUZZ_SECONDS) $(FUZZ)

# the release artefact, build/release/pelago-VERSION.zip; VERSION=x.y.z for another version, SINCE=FILE for
# the description of a former release that it is compared with (docs/releases)
release:
	@tools/build
	@tools/release $(if $(VERSION),--version $(VERSION)) $(if $(SINCE),--since $(SINCE))

# drawings of the state machines, reference pages
docs:
	@tools/docs

# requirements of this release that no test names
trace:
	@tools/trace
