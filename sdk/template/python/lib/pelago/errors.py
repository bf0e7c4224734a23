"""The failures that a caller can act on. SPDX-License-Identifier: Apache-2.0"""

# name: code on the wire, may succeed later (docs/errors.md)
CODES = {
    "INVALID": ("badRequest", False),
    "UNAUTHORIZED": ("unauthorized", False),
    "FORBIDDEN": ("unauthorized", False),
    "NOTFOUND": ("notFound", False),
    "STATE": ("conflict", False),
    "TOOLARGE": ("tooLarge", False),
    "RATE": ("rateLimited", True),
    "NOTACCEPTING": ("notAccepting", True),
    "UNAVAILABLE": ("unavailable", True),
    "INTERNAL": ("internal", False),
}


class Refused(Exception):
    """Raised by a handler before its first write: a name of CODES, and what was wrong and what to do."""

    def __init__(self, name, message):
        super().__init__(message)
        self.name, self.message = name, message
        self.code, self.may_retry = CODES[name]

    def body(self):
        return {"v": 1, "error": {"code": self.code, "name": self.name, "message": self.message}}
