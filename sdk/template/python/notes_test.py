#!/usr/bin/python3 -B
"""What a note may say: python3 -B notes_test.py. SPDX-License-Identifier: Apache-2.0"""
import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), "lib"))

from notes import check
from pelago import Refused


class Notes(unittest.TestCase):
    def test_a_note_says_something(self):
        check("hello", 200)
        for text in ("", " \n", None, 5):
            self.assertRaises(Refused, check, text, 200)

    def test_its_characters_are_counted(self):
        check("größer", 6)
        self.assertRaisesRegex(Refused, "6 characters; at most 5", check, "größer", 5)


if __name__ == "__main__":
    unittest.main()
