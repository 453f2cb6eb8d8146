"""The checks, by what they look at."""

import pytest

ASYNC = pytest.mark.asyncio(loop_scope="session")
