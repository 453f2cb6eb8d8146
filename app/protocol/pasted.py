"""Text as people hand it on: wrapped, quoted, with marks that nobody sees. What was meant is one line of ASCII.

The one home of this rule: the API, the Launcher and the command line all read signed documents by way of it.
"""

from __future__ import annotations

import codecs
import re

_QUOTED = re.compile(r"^[\s>＞|]*[>＞|]")
_UNSEEN = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    r"\u3164\ufe00-\ufe0f\ufeff\uffa0]+"
)
_QUOTES = "\"'`´‘’‚‛“”„‟‹›«»「」『』〈〉《》〝〞〟＂＇｀｢｣<>"


def pasted(text: str) -> str:
    """``text`` without what chat programs, mail and editors put around and into it: line breaks and blanks anywhere,
    zero-width characters and byte-order marks, ``>`` and ``|`` before a line, quotation marks and backticks around the
    whole. Nothing else is dropped: a mark in the middle stays, and whoever reads the text refuses it."""
    lines = (_QUOTED.sub("", line) for line in _UNSEEN.sub("", text).splitlines())
    return "".join("".join(lines).split()).strip(_QUOTES)


def decoded(raw: bytes) -> str:
    """The text of a file: UTF-8, or what its byte-order mark says (Windows editors and shells write UTF-16).

    Raises:
        UnicodeDecodeError: it is neither.
    """
    wide = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return raw.decode("utf-16" if wide else "utf-8-sig")
