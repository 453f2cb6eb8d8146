"""The kinds of vouchers and cards: in which order they pay, how much of a charge, and what can be done with them.

A kind is a class at its place in ``KINDS``, for a ``Source`` of the specification, and a ``Place`` in the books.
"""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import ClassVar

from settlement_spec import ChannelRefusal, MovementKind, Source


class Place(StrEnum):
    """Where money can be: the parts of the wallet, one for each ``Source``, and outside it."""

    VOUCHER = "VOUCHER"
    FULL_REDUCTION = "FULL_REDUCTION"
    CARD = "CARD"
    CASH = "CASH"
    BANK = "BANK"
    VENDOR = "VENDOR"
    GRANTED = "GRANTED"
    VOID = "VOID"


PAID_IN = (Place.CASH, Place.CARD)
"""What a customer has paid for: a liability until it is used."""
COLLECTED = (Place.VENDOR, Place.GRANTED)
"""Where what a charge takes goes, and where what it gives back that was never taken here comes from."""


class Kind:
    """What all kinds have. One comes to be by a ``movement`` of money from its ``origin``."""

    source: ClassVar[Source]
    movement: ClassVar[MovementKind]
    origin: ClassVar[Place]

    def covers(self, minor: int) -> int:
        """The most that one may pay of a charge of which ``minor`` fen are left to pay: all of it."""
        return minor


class Voucher(Kind):
    """Granted by staff, who can take back what is left of it."""

    movement = MovementKind.VOUCHER_ISSUED
    origin = Place.GRANTED


class PlainVoucher(Voucher):
    """代金券."""

    source = Source.VOUCHER


class FullReductionVoucher(Voucher):
    """满减券: comes with a large card, too."""

    source = Source.FULL_REDUCTION


class StoredValueCard(Kind):
    """储值卡: bought from cash, so that staff cannot take it back."""

    source = Source.CARD
    movement = MovementKind.CARD_PURCHASED
    origin = Place.CASH
    step_minor = 10_000
    valid_for = timedelta(days=365)
    gifts = ((10_000_000, 2_000_000), (3_000_000, 500_000), (1_000_000, 100_000))
    """From how much on (fen) one comes with a full-reduction voucher, and of how much; the vendor's published offer."""

    def check_amount(self, minor: int) -> None:
        """Refuse an amount that no card is sold for.

        Raises:
            ChannelRefusal: it is not a multiple of 100 CNY.
        """
        if minor % self.step_minor:
            raise ChannelRefusal("amount", "a card is bought in multiples of 100 CNY", "储值卡须以 100 元的整数倍购买")

    def gift(self, minor: int) -> int:
        """The fen of the full-reduction voucher that comes with a card of ``minor`` fen; 0: none comes."""
        return next((gift for least, gift in self.gifts if minor >= least), 0)


CARD = StoredValueCard()
FULL_REDUCTION = FullReductionVoucher()
KINDS: tuple[Kind, ...] = (PlainVoucher(), FULL_REDUCTION, CARD)
"""In the order in which they pay; the soonest to expire of each kind first, and cash after all of them."""
BY_SOURCE = {kind.source: kind for kind in KINDS}
