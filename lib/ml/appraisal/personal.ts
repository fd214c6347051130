import { isIPv4 } from "node:net";
import type { PersonalKind } from "../appraisal";

/**
 * Which kinds of personal data a text holds. Numbers count only where their own check digits hold or their writing leaves
 * no doubt: a false alarm on every order number would be read by nobody. The values themselves go nowhere.
 */
const EMAIL = /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)*\.\p{L}{2,}/u;
/** With a country's code, or in groups behind a leading zero or bracket: plain digits may be anything. */
const PHONE =
  /(?<![\p{L}\p{N}.])(?:\+\d{1,3}[\s.\-/]?(?:\(\d+\)[\s.-]?)?|\(0?\d{2,4}\)\s?|0\d{2,4}[\s\-/])\d{2,4}(?:[\s.\-/]?\d{2,4}){1,4}(?!\p{N})/gu;
const PHONE_DIGITS = [8, 15] as const;
const IBAN = /(?<![\p{L}\p{N}])[A-Z]{2}\d{2}(?:\s?[A-Z0-9]{4}){2,7}(?:\s?[A-Z0-9]{1,3})?(?![\p{L}\p{N}])/gu;
const CARD = /(?<![\d.])(?:\d[ -]?){12,18}\d(?![\d.])/g;
const ADDRESS = /(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])/g;

const digitsOf = (text: string) => text.replace(/\D/g, "");
const anyOf = (text: string, pattern: RegExp, is: (found: string) => boolean) =>
  [...text.matchAll(pattern)].some(([found]) => is(found));

/** ISO 13616: moved and written as a number, it leaves 1 when divided by 97. */
function isIban(text: string): boolean {
  const compact = text.replace(/\s/g, "");
  if (compact.length < 15 || compact.length > 34) return false;
  const moved = compact.slice(4) + compact.slice(0, 4);
  const digits = moved.replace(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55));
  let rest = 0;
  for (const digit of digits) rest = (rest * 10 + Number(digit)) % 97;
  return rest === 1;
}

/** Luhn's check digit (ISO/IEC 7812), of a number that a payment card could begin with. */
function isCard(text: string): boolean {
  const digits = digitsOf(text);
  if (digits.length < 13 || digits.length > 19 || !/^[2-6]/.test(digits)) return false;
  let sum = 0;
  for (const [i, digit] of [...digits].reverse().entries()) {
    const value = Number(digit) * (i % 2 === 1 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  }
  return sum % 10 === 0;
}

function isPhone(text: string): boolean {
  const { length } = digitsOf(text);
  return length >= PHONE_DIGITS[0] && length <= PHONE_DIGITS[1];
}

export function personalKinds(text: string): PersonalKind[] {
  const found: PersonalKind[] = [];
  if (EMAIL.test(text)) found.push("email");
  const hasIban = anyOf(text, IBAN, isIban);
  const hasCard = anyOf(text, CARD, isCard);
  const isAddressed = anyOf(text, ADDRESS, isIPv4);
  // The groups of an account, a card or an address look like those of a telephone number.
  const rest = text
    .replace(IBAN, " ")
    .replace(ADDRESS, " ")
    .replace(CARD, (one) => (isCard(one) ? " " : one));
  if (anyOf(rest, PHONE, isPhone)) found.push("phone");
  if (hasIban) found.push("iban");
  if (hasCard) found.push("card");
  if (isAddressed) found.push("ip");
  return found;
}
