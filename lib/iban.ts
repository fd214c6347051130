/** International bank account numbers: ISO 13616, whose two check digits are ISO 7064 mod 97-10. */

/** As it is stored: without spaces, in capitals. */
export const compactIban = (text: string): string => text.replaceAll(/\s/g, "").toUpperCase();

/** Whether a compact number is one: a mistyped digit, or two that changed places, are noticed. */
export function isIban(iban: string): boolean {
  if (!/^[A-Z]{2}\d{2}[A-Z\d]{11,30}$/.test(iban)) return false;
  // The country and the check digits go to the end, and letters count from A = 10.
  const digits = [...iban.slice(4), ...iban.slice(0, 4)].map((sign) => Number.parseInt(sign, 36)).join("");
  return BigInt(digits) % 97n === 1n;
}
