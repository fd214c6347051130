import { createTranslator } from "next-intl";
import en from "@/messages/billing.en.json";
import zh from "@/messages/billing.zh.json";
import type { LineText } from "./documents";
import type { Locale } from "./locale";
import { decimalOf } from "./money";

/** What documents say, in the reader's language; figures are the stored ones, never computed again. */
export function wordsOf(locale: Locale) {
  const t = createTranslator({ locale, messages: { en, zh }[locale], namespace: "documents" });
  const instant = (iso: string) =>
    iso.endsWith("T00:00:00.000Z") ? iso.slice(0, 10) : iso.slice(0, 16).replace("T", " ");
  return {
    t,
    line: ({ is, values }: LineText): string => {
      const { from = "", to = "", meter = "", ...others } = values;
      const said = { ...others, from: instant(from), to: instant(to) };
      const name = `meters.${meter.replace(".", "_")}`;
      return t(`lines.${is}`, { ...said, meter: t.has(name as never) ? t(name as never) : meter } as never);
    },
    /** `EUR 1,234.50`: the code, for a sign may be of several currencies. */
    money: (minor: bigint, currency: string): string => `${currency} ${grouped(decimalOf(minor, currency))}`,
    /** The same of a figure that is a decimal already. */
    amount: (decimal: string, currency: string): string => `${currency} ${grouped(decimal)}`,
    number: (quantity: bigint): string => grouped(quantity.toString()),
    rate: (basisPoints: number): string => `${decimalOf(BigInt(basisPoints), "EUR").replace(/\.?0+$/, "")} %`,
  };
}
const grouped = (decimal: string) => {
  const [whole = "", places] = decimal.split(".");
  const parts = whole.replaceAll(/\B(?=(\d{3})+(?!\d))/g, ",");
  return places === undefined ? parts : `${parts}.${places}`;
};
