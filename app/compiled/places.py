"""Where in an answer a value stands: worked out only for what is told of an error there."""

from __future__ import annotations

from typing import NamedTuple, Protocol


class Place(Protocol):
    """Where the values of a batch stand."""

    def path(self, index: int) -> list[str | int]:
        """The path of one of them in the answer."""


class Top:
    """The answer itself."""

    def path(self, index: int) -> list[str | int]:
        """The path of one of them in the answer."""
        return []


class OfField(NamedTuple):
    """The values of a field of objects."""

    objects: Place
    name: str

    def path(self, index: int) -> list[str | int]:
        """The path of one of them in the answer."""
        return [*self.objects.path(index), self.name]


class OfLists(NamedTuple):
    """The items of lists, one list after the other."""

    lists: Place
    lengths: list[int]

    def path(self, index: int) -> list[str | int]:
        """The path of one of them in the answer."""
        for number, length in enumerate(self.lengths):
            if index < length:
                return [*self.lists.path(number), index]
            index -= length
        raise IndexError(index)


class Picked(NamedTuple):
    """Some of the values of another batch."""

    batch: Place
    indexes: list[int]

    def path(self, index: int) -> list[str | int]:
        """The path of one of them in the answer."""
        return self.batch.path(self.indexes[index])
