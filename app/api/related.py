"""Objects that others point to: those of a whole list are read together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import strawberry

from app.api.context import Info
from app.api.fields import View, parameters_of, signed
from app.api.loaders import Loaders
from app.compiled.fields import resolved_for_all
from app.db.together import SharedLoader

Loading = Callable[[Loaders], SharedLoader[Any, Any]]


class Related:
    """What a row points to by ``key``, which ``loader`` reads and ``show`` makes an object of; or, with ``both``, makes
    of the row and of what it points to."""

    def __init__(
        self, loader: Loading, key: Callable[[Any], Any], show: Callable[..., Any], both: bool = False
    ) -> None:
        self._loader, self._key, self._show, self._both = loader, key, show, both

    def field(self, kind: Any, description: str) -> Any:
        """The field of type ``kind`` that shows it."""

        async def resolve(root: View, info: Info) -> Any:
            (shown,) = await for_all([root], info)
            return shown

        async def for_all(roots: Sequence[View], info: Info) -> Sequence[Any]:
            keys = [self._key(root.row) for root in roots]
            wanted = list(dict.fromkeys(key for key in keys if key is not None))
            found = await self._loader(info.context.loaders).load_all(wanted) if wanted else {}
            if self._both:
                return [self._show(root.row, found[key]) for root, key in zip(roots, keys, strict=True)]
            shown = {key: self._show(row) for key, row in found.items()}
            return [None if key is None else shown[key] for key in keys]

        signed(resolve, parameters_of(resolve).values(), kind)
        return strawberry.field(resolver=resolved_for_all(resolve, for_all), description=description)
