"""What every invoice of a synthetic year must come to, from the events as they were sent and the rules as they are
written in docs/architecture.md, "Money". Fractions all the way; nothing here has seen the platform's code.
Usage: recompute.py FOLDER, which holds contracts.json, events.ndjson and notes.json. Prints {invoices: {tenant: {month: [net, tax]}}, notes: [tax]}."""

import json
import sys
from collections import defaultdict
from datetime import datetime, timedelta, timezone
from fractions import Fraction

folder = sys.argv[1]
contracts = json.load(open(f"{folder}/contracts.json"))
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def month_start(at):
    return at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def next_month(at):
    return month_start(month_start(at) + timedelta(days=32))


def name(at):
    return at.strftime("%Y-%m")


def half_away(value):
    whole = abs(value) * 2 + 1
    rounded = whole.numerator // (2 * whole.denominator)
    return rounded if value >= 0 else -rounded


def ceil(value):
    return -(-value.numerator // value.denominator)


def tiers_of(price, share, quantity):
    """Units by tier beyond what is included."""
    left = max(0, quantity - ceil(Fraction(int(price["included"])) * share))
    begin, units = 0, []
    for tier in price["tiers"]:
        end = left if tier["up_to"] is None else min(left, ceil(Fraction(int(tier["up_to"])) * share))
        units.append(max(0, end - begin))
        begin = max(begin, end)
    return units


class Tenant:
    def __init__(self, contract):
        self.contract = contract
        self.periods = []
        plans = contract["plans"]
        for i, plan in enumerate(plans):
            at = instant(plan["from"])
            stop = instant(plans[i + 1]["from"]) if i + 1 < len(plans) else instant(contract["until"])
            while at < stop:
                end = min(next_month(at), stop)
                self.periods.append((at, end, contracts["sheets"][plan["plan"]]))
                at = end
        self.used = defaultdict(int)
        self.late = defaultdict(lambda: defaultdict(int))
        self.seen = set()

    def period_at(self, at):
        return next((i for i, (start, end, _) in enumerate(self.periods) if start <= at < end), None)

    def add(self, event):
        if event["id"] in self.seen:
            return
        self.seen.add(event["id"])
        occurred, recorded = instant(event["occurred"]), instant(event["recorded"])
        if occurred > recorded + timedelta(minutes=5):
            occurred = recorded
        if not event["billable"] or recorded - occurred > 35 * DAY:
            return
        closes = occurred.replace(hour=0, minute=0, second=0, microsecond=0) + 3 * DAY
        counts = occurred if recorded < closes else recorded
        period = self.period_at(counts)
        if period is None:
            return
        meter = event["meter"]
        if name(occurred) != name(counts):
            self.late[period][(name(occurred), meter)] += event["quantity"]
        else:
            self.used[(period, meter)] += event["quantity"]

    def invoices(self):
        scale = 10 ** contracts["digits"][self.contract["currency"]]
        billed_late = defaultdict(int)
        months = defaultdict(int)
        for i, (start, end, sheet) in enumerate(self.periods):
            share = Fraction(int((end - start).total_seconds()), int((next_month(start) - month_start(start)).total_seconds()))
            lines = [half_away(Fraction(sheet["base"]) * share * scale)]
            for meter, price in sheet["meters"].items():
                units = tiers_of(price, share, self.used[(i, meter)])
                lines += [half_away(Fraction(tier["unit_decimal"]) * n * scale) for tier, n in zip(price["tiers"], units)]
            for (month, meter), quantity in sorted(self.late[i].items()):
                then = [k for k, period in enumerate(self.periods) if name(period[0]) == month]
                old, before, share_then = sheet, 0, Fraction(1)
                if then:
                    begin, stop, old = self.periods[then[-1]]
                    before = self.used[(then[-1], meter)]
                    share_then = Fraction(int((stop - begin).total_seconds()), int((next_month(begin) - month_start(begin)).total_seconds()))
                before += billed_late[(month, meter)]
                billed_late[(month, meter)] += quantity
                price = old["meters"][meter]
                was, now = (tiers_of(price, share_then, n) for n in (before, before + quantity))
                lines += [half_away(Fraction(tier["unit_decimal"]) * (b - a) * scale) for tier, a, b in zip(price["tiers"], was, now)]
            months[name(start)] += sum(lines)
        rate = Fraction(self.contract["rate_bp"], 10000)
        # A run is on the 4th of the month after. Of credits that are there then, what ends first pays first.
        credits = sorted(self.contract["credits"], key=lambda c: (c["through"] or "9999", c["from"]))
        for month in sorted(months):
            run = next_month(instant(f"{month}-01T00:00:00Z")) + 3 * DAY
            for credit in credits:
                if instant(credit["from"]) <= run and (credit["through"] is None or credit["through"] >= month):
                    part = max(0, min(credit["minor"], months[month]))
                    credit["minor"] -= part
                    months[month] -= part
        return {month: [net, half_away(Fraction(net) * rate)] for month, net in months.items()}


tenants = {key: Tenant(contract) for key, contract in contracts["tenants"].items()}
with open(f"{folder}/events.ndjson") as events:
    for line in events:
        event = json.loads(line)
        tenants[event["tenant"]].add(event)
invoices = {key: tenant.invoices() for key, tenant in tenants.items()}

# A credit note's tax is of its own sum; of the last one, after which nothing is left, it is what is left of the invoice's.
taxes, credited = [], defaultdict(lambda: [0, 0])
for note in json.load(open(f"{folder}/notes.json")):
    net, tax = invoices[note["tenant"]][note["month"]]
    before = credited[(note["tenant"], note["month"])]
    rate = Fraction(tenants[note["tenant"]].contract["rate_bp"], 10000)
    left = tax - before[1]
    own = left if before[0] + note["net"] == net else min(half_away(Fraction(note["net"]) * rate), left)
    before[0] += note["net"]
    before[1] += own
    taxes.append(own)
print(json.dumps({"invoices": invoices, "notes": taxes}))
