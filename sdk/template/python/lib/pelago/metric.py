"""Counters and gauges, as Prometheus text. SPDX-License-Identifier: Apache-2.0"""

_metrics = {}  # name: [help, kind, value]


def declare(name, text, kind="counter"):
    _metrics[name] = [text, kind, 0]


def add(name, by=1):
    _metrics[name][2] += by


def put(name, value):
    _metrics[name][2] = value


def text(service):
    lines = []
    for name, (about, kind, value) in _metrics.items():
        lines += [f"# HELP {name} {about}", f"# TYPE {name} {kind}", f'{name}{{service="{service}"}} {value}']
    return "\n".join(lines) + "\n"
