"""What operators look at before they change something: days, staff, prices before they are published, terms in both
languages."""

from __future__ import annotations

from typing import Any

from app.accounts.models import StaffRole
from app.bootstrap import Runtime
from tests.api.driver import PAY_AS_YOU_GO, Api, Enum, literal, registered
from tests.api.publishing import EDITION, PRICE
from tests.api.wallets import billed, staff
from tests.conftest import TravellingClock

SUMS = "accounts days priced { amount currency } wouldCost { amount }"


async def previewed(operator: Api, fields: str = SUMS, **asked: Any) -> dict[str, Any]:
    """A preview of March, in which `billed` bills."""
    given = {"edition": PAY_AS_YOU_GO, "terms": PRICE, "month": "2026-03", "sandboxes": True} | asked
    arguments = ", ".join(f"{name}: {literal(value)}" for name, value in given.items())
    return dict((await operator.data(f"{{ pricePreview({arguments}) {{ {fields} }} }}"))["pricePreview"])


async def test_a_month_is_priced_anew_before_a_price_is_published(
    api: Api, runtime: Runtime, travelling_clock: TravellingClock
) -> None:
    _, account = await billed(api, runtime, 4)
    await billed(api, runtime, 3)
    operator = await staff(api, [StaffRole.OPERATOR])
    dearer = await previewed(
        operator, f"{SUMS} texts largest {{ accountId days priced {{ amount }} wouldCost {{ amount }} }}"
    )
    assert (dearer["accounts"], dearer["days"]) == (2, 5)
    assert (dearer["priced"], dearer["wouldCost"]) == ({"amount": "500.00", "currency": "CNY"}, {"amount": "600.00"})
    assert dearer["texts"][0] == "6.00 CNY for each DataKit and day"
    first, second = dearer["largest"]
    assert (first["accountId"], first["wouldCost"]["amount"]) == (account, "360.00")
    assert (second["days"], second["priced"]["amount"], second["wouldCost"]["amount"]) == (2, "200.00", "240.00")
    tiers = [{"upTo": 10, "unitPrice": "5.00"}, {"unitPrice": "1.00"}]
    graduated = await previewed(operator, terms={k: v for k, v in PRICE.items() if k != "unitPrice"} | {"tiers": tiers})
    assert graduated["wouldCost"]["amount"] == "300.00"
    listed = await operator.data("{ pricePlans { totalCount } }")
    assert listed["pricePlans"]["totalCount"] == 1


async def test_a_preview_leaves_out_what_the_price_would_not_be_for(
    api: Api, runtime: Runtime, travelling_clock: TravellingClock
) -> None:
    _, account = await billed(api, runtime, 3)
    operator = await staff(api, [StaffRole.OPERATOR])
    for changed in (
        {"sandboxes": False},
        {"month": "2026-02"},
        {"edition": Enum("SUBSCRIPTION")},
        {"terms": PRICE | {"currency": "USD"}},
    ):
        assert (await previewed(operator, "accounts days", **changed)) == {"accounts": 0, "days": 0}, changed
    await operator.call("putPriceGroup", "priceGroup { key }", group="friends", name={"zh": "朋友", "en": "Friends"})
    assert (await previewed(operator, "days", group="friends"))["days"] == 0
    await operator.call("setPriceGroup", "account { id }", accountId=account, group="friends")
    assert (await previewed(operator, "days", group="friends"))["days"] == 2
    found = await operator.account(account, "priceGroup { key names { zh en } }")
    assert found["priceGroup"] == {"key": "friends", "names": {"zh": "朋友", "en": "Friends"}}


async def test_a_preview_says_what_is_wrong_with_a_price(api: Api) -> None:
    operator = await staff(api, [StaffRole.OPERATOR])
    document = "query ($terms: PriceTermsInput!) { pricePreview(edition: PAY_AS_YOU_GO, terms: $terms) { days } }"
    wrong: list[tuple[dict[str, Any], str]] = [
        (PRICE | {"meter": "nothing"}, "no meter 'nothing'"),
        (PRICE | {"timeZone": "Mars"}, "an IANA name"),
    ]
    for terms, said in wrong:
        (error,) = (await operator.answer(document, terms=terms))["errors"]
        assert error["extensions"]["code"] == "INVALID_INPUT"
        assert said in error["message"]


async def test_days_of_a_month_are_shown_by_what_became_of_them(
    api: Api, runtime: Runtime, travelling_clock: TravellingClock
) -> None:
    await billed(api, runtime, 3)
    operator = await staff(api, [StaffRole.OPERATOR])
    asked = "day open closed late adjusted unsettled"
    march = (await operator.data(f'{{ dayStatus(month: "2026-03", sandboxes: true) {{ {asked} }} }}'))["dayStatus"]
    assert (len(march), march[0]["day"], march[-1]["day"]) == (31, "2026-03-01", "2026-03-31")
    closed = [one["day"] for one in march if one["closed"]]
    assert closed == ["2026-03-10", "2026-03-11"]
    assert march[8] == {"day": "2026-03-09", "open": 0, "closed": 0, "late": 0, "adjusted": 0, "unsettled": 0}
    production = (await operator.data(f'{{ dayStatus(month: "2026-03") {{ {asked} }} }}'))["dayStatus"]
    assert not any(one["closed"] or one["open"] for one in production)


async def test_operators_see_who_is_staff_and_nobody_else_does(api: Api) -> None:
    operator = await staff(api, [StaffRole.OPERATOR, StaffRole.FINANCE])
    mine = (await operator.data("{ viewer { user { email } } }"))["viewer"]["user"]["email"]
    listed = (await operator.data("{ staffMembers { email roles } }"))["staffMembers"]
    assert {"email": mine, "roles": ["FINANCE", "OPERATOR"]} in listed
    customer, _ = await registered(api)
    (error,) = (await customer.answer("{ staffMembers { email } }"))["errors"]
    assert error["extensions"]["code"] == "PERMISSION_DENIED"


async def test_the_next_version_is_made_of_the_terms_of_the_last(api: Api) -> None:
    operator = await staff(api, [StaffRole.OPERATOR])
    given = EDITION | {"description": {"zh": "说明", "en": "What for"}, "versionDays": 30}
    await operator.call("publishEdition", "edition { id }", edition=PAY_AS_YOU_GO, terms=given)
    names = [name for name in given if name not in ("name", "description")]
    document = f"{{ editions {{ key terms {{ name {{ zh en }} description {{ zh en }} {' '.join(names)} }} }} }}"
    editions = (await operator.data(document))["editions"]
    assert next(one["terms"] for one in editions if one["key"] == "PAY_AS_YOU_GO") == given
    agreement = await operator.data("{ agreement(edition: PAY_AS_YOU_GO) { title titles { zh en } texts { zh en } } }")
    assert agreement["agreement"]["title"] == agreement["agreement"]["titles"]["en"]
    assert agreement["agreement"]["texts"]["zh"].startswith("1. ")
    customer, _ = await registered(api)
    (error,) = (await customer.answer("{ editions { terms { position } } }"))["errors"][:1]
    assert error["extensions"]["code"] == "PERMISSION_DENIED"
