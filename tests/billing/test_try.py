import asyncio, datetime as dt
from app import clock
from app.accounts.identity import register, create_access_key
from app.accounts.service import create_account, advance_sandbox_clock
from app.agreements.service import current_version, accept
from app.editions.service import choose_edition
from app.editions.keys import EditionKey
from app.events.service import Actor
from app.licenses.service import create_license, activate_license
from app.usage.service import report_usage, HourlyReport
from app.billing.service import close_due
from app.billing import ledger
from app.billing.models import Charge
from app.settlement.host import ChannelHost
from app.settlement.service import *
from app.settlement.settling import settle_due
from app.journey import next_steps
from tortoise.transactions import in_transaction

async def test_it(database, travelling_clock):
    a = Actor("MEMBER", "x")
    host = ChannelHost(); await host.start()
    u = await register("a@b.cc", "0123456789", "N")
    acc = await create_account(u, "Acme", True, a)
    await choose_edition(acc, EditionKey.PAY_AS_YOU_GO, a)
    v = await current_version(acc.now())
    from app.editions.service import current_upgrade, agreement_accepted
    acpt = await accept(acc, u, v.id, v.content_hash, a)
    await agreement_accepted(await current_upgrade(acc.id), acpt.id)
    async with in_transaction():
        await choose_channel(host, acc, "guance", {}, a)
    t = await request_top_up(host, acc, 100000, a)
    await confirm_top_up(host, acc, t, "guance", "B1", 100000, a)
    lic = await create_license(acc, "l", a)
    print(lic.text)
    key, sk = await create_access_key(acc, "k", a)
    async with in_transaction():
        dep = await activate_license(lic.text, key.ak, sk, "https://x.example?token={}", "fingerprint-1", False, "")
    await advance_sandbox_clock(acc, 8*86400, a)
    now = acc.now().replace(minute=0, second=0)
    print(await report_usage(acc, dep, [HourlyReport(now, ["a","b"])]))
    print(await report_usage(acc, dep, [HourlyReport(now, [f"c{i}" for i in range(30)])]))
    await advance_sandbox_clock(acc, 86400, a)
    print(await close_due(), await close_due())
    print(await settle_due(host), await settle_due(host))
    print(await report_usage(acc, dep, [HourlyReport(now, [f"d{i}" for i in range(10)])]))
    print(await close_due(), await close_due())
    print(await settle_due(host))
    print([(c.kind, c.day, c.amount_minor, c.billed_quantity) for c in await Charge.all()])
    print(await wallet_balance(host, acc.id), await ledger.balances(acc.id), await ledger.check())
    print(await next_steps(acc))
