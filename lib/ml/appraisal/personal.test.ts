import { expect, test } from "vitest";
import { personalKinds } from "./personal";

test.each([
  ["write to jörg.müller+x@firma-nord.example.de please", ["email"]],
  ["call +49 30 1234 5678 or (030) 1234567", ["phone"]],
  ["reach me at 0171 234 56 78", ["phone"]],
  ["to DE89 3704 0044 0532 0130 00 by Friday", ["iban"]],
  ["GB82WEST12345698765432", ["iban"]],
  ["my card 4111 1111 1111 1111 was charged twice", ["card"]],
  ["blocked from 192.168.10.4 since noon", ["ip"]],
  ["a@b.example and 5500-0000-0000-0004", ["email", "card"]],
] as const)("%s", (text, kinds) => {
  expect(personalKinds(text)).toEqual(kinds);
});

test.each([
  "order 1234567890123456 has not arrived",
  "DE89 3704 0044 0532 0130 01 has a wrong check digit",
  "4111 1111 1111 1112 fails Luhn",
  "since 2026-11-25 14:30 version 10.2.300.4",
  "999.1.1.1 is no address",
  "I paid 12,500.00 at 3.14 times the price @home",
])("%s holds nothing personal", (text) => {
  expect(personalKinds(text)).toEqual([]);
});
