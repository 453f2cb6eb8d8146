"""How a channel says no."""

from __future__ import annotations


class ChannelRefusal(Exception):
    """What was asked for is refused, and nothing happened: ``en`` and ``zh`` say why, to whoever asked.

    ``field`` is the input at fault: a key of the configuration in ``bind``, elsewhere an argument of the API's
    mutation, such as ``amount`` or ``bankReference``. ``None``: no input is, and nothing else would be accepted now.
    The texts are whole sentences in ``bind``; elsewhere they end a sentence of the API's.
    """

    def __init__(self, field: str | None, en: str, zh: str) -> None:
        super().__init__(en)
        self.field, self.en, self.zh = field, en, zh
