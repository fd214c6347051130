import { expect, test } from "vitest";
import { compactIban, isIban } from "./iban";

test("numbers of several countries are accepted, however they are spaced", () => {
  for (const iban of ["DE89 3704 0044 0532 0130 00", "gb82 west 1234 5698 7654 32", "NO93 8601 1117 947"])
    expect(isIban(compactIban(iban)), iban).toBe(true);
});

test("a mistyped digit, two that changed places, and what is no number at all are noticed", () => {
  const wrong = [
    "DE89370400440532013001",
    "DE89370400440532010300",
    "DE00",
    "",
    "DE893704004405320130",
    "x".repeat(30),
  ];
  for (const iban of wrong) expect(isIban(compactIban(iban)), iban).toBe(false);
});
