"""A document survives what people do to its text, and only that."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.protocol.documents import read_license
from app.protocol.jws import MOST_WRAPPED, Kind, peek
from app.protocol.pasted import decoded, pasted
from tests.protocol.examples import KEYS, LICENSE, NOW, signed
from tests.protocol.wrong_texts import READERS, REFUSALS, texts

DONE_TO_IT: dict[str, Callable[[str], str]] = {
    "wrapped by mail": lambda text: "\r\n".join(textwrap.wrap(text, 76)),
    "wrapped and indented": lambda text: textwrap.indent("\n".join(textwrap.wrap(text, 40)), "\t  "),
    "blanks of all kinds": lambda text: f"\u3000{text[:20]}\u00a0 {text[20:30]}\u2009\u2028{text[30:]}\u0085",
    "zero-width characters": lambda text: "\u200b".join(text[at : at + 9] for at in range(0, len(text), 9)),
    "marks of direction": lambda text: f"\u202a\u2066{text}\u2069\u202c\u200e",
    "a byte-order mark": lambda text: f"\ufeff{text}",
    "soft hyphens": lambda text: "\u00ad\n".join(textwrap.wrap(text, 60)),
    "curly quotes": lambda text: f"“{text}”",
    "straight quotes": lambda text: f'"{text}"\n',
    "backticks": lambda text: f"`{text}`",
    "a code block": lambda text: f"```\n{text}\n```",
    "corner brackets": lambda text: f"「{text}」",
    "white corner brackets": lambda text: f" 『{text}』",
    "guillemets": lambda text: f"«\u00a0{text}\u00a0»",
    "angle brackets": lambda text: f"<{text}>",
    "quoted in a reply": lambda text: textwrap.indent("\n".join(textwrap.wrap(text, 70)), "> "),
    "quoted twice": lambda text: textwrap.indent("\n".join(textwrap.wrap(text, 70)), "> >\u00a0"),
    "full-width quoting": lambda text: f"＞ {text}",
    "quoted, with quotes, wrapped": lambda text: "> “" + "\n> ".join(textwrap.wrap(text, 50)) + "”\u200b\n",
}


@pytest.mark.parametrize("done", DONE_TO_IT)
async def test_a_license_survives(done: str) -> None:
    text = await signed(LICENSE)
    changed = DONE_TO_IT[done](text)
    assert changed != text
    assert pasted(changed) == text
    assert read_license(changed, KEYS, NOW) == LICENSE
    assert peek(changed) == peek(text)


@pytest.mark.parametrize("kind", READERS)
async def test_so_does_every_other_document(kind: str) -> None:
    text = (await texts())[kind]
    assert READERS[kind]("\ufeff“" + "\r\n".join(textwrap.wrap(text, 64)) + "”") == READERS[kind](text)


@given(data=st.data())
async def test_a_mark_within_is_refused(data: st.DataObject) -> None:
    text = await signed(LICENSE)
    at = data.draw(st.integers(1, len(text) - 1))
    mark = data.draw(st.sampled_from("“”`'\"「」<>*.=+/~…中\x00\x7f"))
    with pytest.raises(REFUSALS):
        read_license(text[:at] + mark + text[at:], KEYS, NOW)


@given(st.text())
def test_doing_it_again_changes_nothing_that_is_a_document(text: str) -> None:
    once = pasted(text)
    assert not any(character.isspace() for character in once)
    if once.isascii() and once.replace(".", "").replace("-", "").replace("_", "").isalnum():
        assert pasted(once) == once


async def test_what_is_wrapped_without_end_is_refused() -> None:
    with pytest.raises(REFUSALS, match="longer"):
        read_license(await signed(LICENSE) + " " * MOST_WRAPPED * Kind.LICENSE.longest, KEYS, NOW)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
async def test_files_are_read_in_the_encodings_of_editors(encoding: str) -> None:
    text = await signed(LICENSE)
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    assert pasted(decoded((mark + text + "\r\n").encode(encoding))) == text
