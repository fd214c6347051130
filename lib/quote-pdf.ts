import { createTranslator } from "next-intl";
import en from "@/messages/projects.en.json";
import zh from "@/messages/projects.zh.json";
import { openSheet } from "./document-sheet";
import { wordsOf } from "./document-words";
import type { Locale } from "./locale";
import type { Quote } from "./quotes";
import { percent, ruleText } from "./rule-text";
import type { QuoteDocument } from "./scope";

/** A quote as PDF. It prints the document whose hash is signed, and says apart what is promised and what is a forecast. */

export interface Signed {
  name: string;
  address: string;
  signedAt: Date;
}
type Printed = Pick<Quote, "version" | "sentAt" | "createdAt" | "sha256" | "state"> & {
  document: QuoteDocument;
};

export async function quotePdf(quote: Printed, signature: Signed | null, locale: Locale): Promise<Buffer> {
  const t = createTranslator({ locale, messages: { en, zh }[locale], namespace: "projects.quote" });
  const { document } = quote;
  const { lines, milestones, band, currency } = document;
  const words = wordsOf(locale);
  const title = `${t("title")} · ${t("version", { version: quote.version })}`;
  const sheet = openSheet(title, quote.sentAt ?? quote.createdAt);
  const { write, rule } = sheet;

  write(document.seller, { strong: true, size: 11 });
  sheet.skip(26);
  write(title, { strong: true, size: 18 });
  sheet.skip(10);
  sheet.sideBySide(
    [words.t("billTo"), document.buyer],
    [t("validUntil", { day: document.valid_until }), words.t("terms", { version: document.terms_version })],
  );
  sheet.skip(20);
  const head = () => {
    sheet.row([t("description"), t("quantity"), t("unit"), t("amount")], { grey: true });
    rule();
  };
  head();
  for (const line of lines) {
    const discount =
      line.discount_bp === 0 ? "" : ` · ${t("discount")} ${percent(line.discount_bp / 10_000)}`;
    const cells = [
      words.number(BigInt(line.quantity)),
      line.unit_decimal,
      `${currency} ${line.amount}`,
    ] as const;
    sheet.row([`${line.title} · ${t("dueWith")} ${dueOf(line)}${discount}`, ...cells], { onNewPage: head });
  }
  rule();
  sheet.sum(t("net"), `${currency} ${document.net}`, true);
  sheet.skip(18);
  if (milestones.length > 0) {
    write(t("milestones"), { strong: true });
    for (const one of milestones)
      write(`${one.title}, ${t("by", { day: one.due_on })}: ${ruleText(t as never, one.acceptance)}`);
    sheet.skip(8);
  }
  write(t("promised"));
  if (band)
    write(
      t("forecast", {
        ...{ metric: band.metric, basis: band.basis },
        ...{ low: percent(band.low), high: percent(band.high) },
      }),
      { grey: true },
    );
  sheet.skip(10);
  if (signature)
    write(
      t("signedBy", {
        ...{ name: signature.name, address: signature.address },
        day: `${signature.signedAt.toISOString().slice(0, 16).replace("T", " ")} UTC`,
      }),
    );
  else if (quote.state !== "sent") write(t(`states.${quote.state}`), { strong: true });
  if (quote.sha256) write(t("document", { hash: quote.sha256 }), { grey: true });
  return sheet.close((page, pages) => `${document.seller} · ${words.t("page", { page, pages })}`);

  function dueOf({ kind, milestone_key: key }: QuoteDocument["lines"][number]): string {
    if (kind === "retainer") return t("monthly");
    const milestone = milestones.find((one) => one.key === key);
    return milestone ? t("withMilestone", { title: milestone.title }) : t("withSignature");
  }
}
