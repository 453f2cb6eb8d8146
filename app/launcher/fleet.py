"""What simulated deployments report. It is made of a seed: the same seed, the same usage."""

from __future__ import annotations

import random
from dataclasses import dataclass

BUSIEST_HOUR = 14
LATEST = 36


@dataclass(frozen=True)
class Hour:
    """A deployment's hour: its DataKits, in which hour it is reported, and how often. Hours are counted from 0."""

    deployment: int
    hour: int
    data_kits: list[str]
    sent_in: int
    times: int


@dataclass(frozen=True)
class Fleet:
    """Deployments with up to ``data_kits`` DataKits each, of which most are connected in the afternoon.

    Of all hours the share ``late`` is reported 1 to 36 hours late, and the share ``repeated`` twice.
    """

    seed: int
    deployments: int
    data_kits: int
    late: float
    repeated: float

    def hour(self, deployment: int, hour: int) -> Hour:
        """What a deployment has to report of an hour; hour 0 is the first of a day."""
        dice = random.Random(f"{self.seed}/{deployment}/{hour}")
        share = 1 - abs(hour % 24 - BUSIEST_HOUR) / (2 * BUSIEST_HOUR)
        connected = max(1, round(self.data_kits * share * dice.uniform(0.8, 1)))
        data_kits = [f"dk-{number:04}" for number in dice.sample(range(self.data_kits), connected)]
        late_by = dice.randint(1, LATEST) if dice.random() < self.late else 0
        return Hour(deployment, hour, data_kits, hour + late_by, 2 if dice.random() < self.repeated else 1)
