import fc from "fast-check";
import { expect, test } from "vitest";
import { closingOf, countedAt } from "./ledger-time";

const billable = { isBillable: true, reason: null };
const at = (text: string) => new Date(`${text}Z`);
const counted = (occurred: string, recorded: string) => countedAt(at(occurred), at(recorded), billable);

test("an event counts when it occurred until 48 hours after its day, then when it was recorded", () => {
  const late = counted("2026-01-31T23:59:59.999", "2026-02-03T00:00:00");
  expect(late).toMatchObject({ countedAt: at("2026-02-03T00:00:00"), isBillable: true });
  const inTime = counted("2026-01-31T23:59:59.999", "2026-02-02T23:59:59.999");
  expect(inTime.countedAt).toEqual(at("2026-01-31T23:59:59.999"));
  // The day began here: one more second and it is another one, which closes a day later.
  expect(counted("2026-02-01T00:00:00", "2026-02-03T00:00:00").countedAt).toEqual(at("2026-02-01T00:00:00"));
});

test("a leap day is a day like any other", () => {
  expect(closingOf(at("2028-02-29T12:00:00"))).toEqual(at("2028-03-03T00:00:00"));
  expect(closingOf(at("2026-02-28T12:00:00"))).toEqual(at("2026-03-03T00:00:00"));
});

test("an event more than 35 days late is free, with that reason; what was free keeps its own", () => {
  const [occurred, recorded] = [at("2026-01-01T00:00:00"), at("2026-02-05T00:00:00.001")];
  expect(countedAt(occurred, recorded, billable)).toMatchObject({ isBillable: false, reason: "late" });
  expect(countedAt(occurred, recorded, { isBillable: false, reason: "error" }).reason).toBe("error");
  expect(countedAt(occurred, at("2026-02-05T00:00:00"), billable).isBillable).toBe(true);
});

test("an event from the future counts as received, and what it claimed is kept", () => {
  expect(counted("2026-01-01T00:05:00.001", "2026-01-01T00:00:00")).toMatchObject({
    occurredAt: at("2026-01-01T00:00:00"),
    claimedAt: at("2026-01-01T00:05:00.001"),
    countedAt: at("2026-01-01T00:00:00"),
  });
  expect(counted("2026-01-01T00:05:00", "2026-01-01T00:00:00").claimedAt).toBeNull();
});

test("no event ever counts to a day that is closed when it is recorded", () => {
  const instant = fc.integer({ min: 0, max: 200 * 86_400_000 }).map((ms) => new Date(1.77e12 + ms));
  fc.assert(
    fc.property(instant, instant, (occurred, recorded) => {
      const { countedAt: counts } = countedAt(occurred, recorded, billable);
      expect(closingOf(counts).getTime()).toBeGreaterThan(recorded.getTime());
    }),
  );
});
