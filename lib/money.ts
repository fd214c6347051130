/**
 * Money in exact integers. A price is a decimal string (`0.0008`), an amount on a document is an integer of minor
 * units of its currency. In between nothing is a binary fraction: products are kept as a fraction of two bigints and
 * rounded once, where they become a line of a document.
 */

/** Places behind the point that a price may have. */
const PRICE_PLACES = 12;
const PRICE = new RegExp(`^\\d{1,15}(\\.\\d{1,${PRICE_PLACES}})?$`);

/** An amount of major units that was not rounded yet. The denominator is positive. */
export interface Exact {
  numerator: bigint;
  denominator: bigint;
}
export const ZERO: Exact = { numerator: 0n, denominator: 1n };

/** Whether a string is a price: digits, at most 12 places behind a point, no sign. */
export const isPrice = (text: string): boolean => PRICE.test(text);

/** @throws RangeError where the string is no price: what a person typed is checked with `isPrice` before. */
export function price(text: string): Exact {
  if (!isPrice(text)) throw new RangeError(`${text} is not a price`);
  const [whole = "", places = ""] = text.split(".");
  return { numerator: BigInt(whole + places), denominator: 10n ** BigInt(places.length) };
}

export const add = (a: Exact, b: Exact): Exact =>
  a.denominator === b.denominator
    ? { numerator: a.numerator + b.numerator, denominator: a.denominator }
    : {
        numerator: a.numerator * b.denominator + b.numerator * a.denominator,
        denominator: a.denominator * b.denominator,
      };

/** The amount times `part / whole`; a quantity is a part of one. @throws RangeError below zero, or of nothing. */
export function times(amount: Exact, part: bigint, whole = 1n): Exact {
  if (part < 0n || whole <= 0n) throw new RangeError("a quantity is not negative");
  return { numerator: amount.numerator * part, denominator: amount.denominator * whole };
}

/** The nearest integer; a half goes away from zero. */
export function divideRounded(numerator: bigint, denominator: bigint): bigint {
  const isNegative = numerator < 0n !== denominator < 0n;
  const [n, d] = [numerator < 0n ? -numerator : numerator, denominator < 0n ? -denominator : denominator];
  const rounded = (2n * n + d) / (2n * d);
  return isNegative ? -rounded : rounded;
}

/** The least integer that is not below: a share of a volume is rounded for the customer. */
export const divideUp = (numerator: bigint, denominator: bigint): bigint =>
  (numerator + denominator - 1n) / denominator;

/** Of two amounts the smaller one; `Math.min` knows no bigint. */
export const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** Digits behind the point of a currency of ISO 4217: 2 of EUR, none of JPY, 3 of KWD. */
export const minorDigits = (currency: string): number =>
  new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;

/** Whether a code is a currency that this machine knows. */
export const isCurrency = (code: string): boolean => Intl.supportedValuesOf("currency").includes(code);

/** The one place where an amount is rounded. */
export const toMinor = ({ numerator, denominator }: Exact, currency: string): bigint =>
  divideRounded(numerator * 10n ** BigInt(minorDigits(currency)), denominator);

/** `12345` minor units of EUR as `123.45`, as documents, files and the wire write it. */
export function decimalOf(minor: bigint, currency: string): string {
  const digits = minorDigits(currency);
  const text = (minor < 0n ? -minor : minor).toString().padStart(digits + 1, "0");
  const places = digits === 0 ? "" : `.${text.slice(-digits)}`;
  return `${minor < 0n ? "-" : ""}${text.slice(0, text.length - digits)}${places}`;
}

/** The part of an amount that a rate in hundredths of a percent makes, rounded once. */
export const shareOf = (minor: bigint, basisPoints: number): bigint =>
  divideRounded(minor * BigInt(basisPoints), 10_000n);
