"""Coverage-guided fuzzing of whoever reads documents, with Atheris (``make fuzz``): a text is read, or refused.

The first byte of an input names the reader, the second whether the rest is a text as it came, or claims to be signed
well first, since a fuzzer does not forge signatures. Arguments are those of libFuzzer.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["app.licenses", "joserfc"]):
    import orjson

    from app.protocol.jws import peek, public_jwk, read_jwks
    from tests.protocol.examples import KEYS
    from tests.protocol.wrong_texts import READERS, REFUSALS, sign_anything, texts

KINDS = list(READERS)


def one_input(data: bytes) -> None:
    """Read one input; anything raised but a refusal is a crash."""
    if len(data) < 2:
        return
    reader, signed, rest = data[0] % (len(KINDS) + 1), data[1] % 2, data[2:]
    if reader == len(KINDS):
        with contextlib.suppress(ValueError):
            read_jwks(rest)
        return
    kind = KINDS[reader]
    text = sign_anything(kind, rest) if signed else rest.decode("utf-8", "replace")
    with contextlib.suppress(*REFUSALS):
        READERS[kind](text)
    with contextlib.suppress(*REFUSALS):
        peek(text)


def seeds(folder: Path) -> None:
    """Write what is well-formed, for the fuzzer to begin with."""
    for number, (kind, text) in enumerate(asyncio.run(texts()).items()):
        (folder / f"{kind}-text").write_bytes(bytes([number, 0]) + text.encode())
        (folder / f"{kind}-claims").write_bytes(bytes([number, 1]) + orjson.dumps(peek(text)[1]))
    published = orjson.dumps({"keys": [public_jwk(kid, key) for kid, key in KEYS.items()]})
    (folder / "jwks").write_bytes(bytes([len(KINDS), 0]) + published)


def main() -> None:
    """Fuzz until told to stop (``-max_total_time=60``)."""
    with tempfile.TemporaryDirectory() as corpus:
        seeds(Path(corpus))
        atheris.Setup([*sys.argv, corpus], one_input)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
