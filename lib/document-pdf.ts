import { openSheet } from "./document-sheet";
import { wordsOf } from "./document-words";
import type { LineText, TaxSum } from "./documents";
import type { Invoice } from "./invoices";

/** An invoice as PDF, on A4: letterhead, lines over as many pages as they need, sums, how to pay. */

export interface PrintedLine {
  text: LineText;
  quantity: bigint;
  unitDecimal: string;
  amountMinor: bigint;
}

/** The same bytes for the same invoice. */
export async function invoicePdf(invoice: Invoice, lines: readonly PrintedLine[]): Promise<Buffer> {
  const { t, ...words } = wordsOf(invoice.buyer.locale);
  const { seller, buyer, currency } = invoice;
  const money = (minor: bigint) => words.money(minor, currency);
  const issuedOn = invoice.issuedAt?.toISOString().slice(0, 10) ?? "";
  const sheet = openSheet(
    `${t("invoice")} ${invoice.number ?? t("draft")}`,
    invoice.issuedAt ?? invoice.createdAt,
  );
  const { write, rule } = sheet;

  write(seller.name, { strong: true, size: 11 });
  write(
    [...seller.address.lines, `${seller.address.postcode} ${seller.address.city}`, seller.country].join(
      " · ",
    ),
    {
      grey: true,
    },
  );
  write([seller.email, t("ourTaxId", { taxId: seller.taxId })].join(" · "), { grey: true });
  sheet.skip(26);
  write(`${t("invoice")} ${invoice.number ?? `(${t("draft")})`}`, { strong: true, size: 18 });
  sheet.skip(10);
  const facts: [string, string | null][] = [
    [t("date"), issuedOn],
    [t("dueOn"), invoice.dueOn],
    [t("purchaseOrder"), buyer.poNumber],
    [t("yourTaxId"), buyer.taxId],
  ];
  const place = [...buyer.address.lines, `${buyer.address.postcode} ${buyer.address.city}`, buyer.country];
  sheet.sideBySide(
    [t("billTo"), buyer.legalName, ...place],
    facts.flatMap(([name, value]) => (value ? [`${name}  ${value}`] : [])),
  );
  sheet.skip(20);

  const head = () => {
    sheet.row([t("description"), t("quantity"), t("unitPrice"), t("amount")], { grey: true });
    rule();
  };
  head();
  for (const { text, quantity, unitDecimal, amountMinor } of lines)
    sheet.row([words.line(text), words.number(quantity), unitDecimal, money(amountMinor)], {
      onNewPage: head,
    });
  rule();
  sheet.sum(t("net"), money(invoice.netMinor));
  for (const { rateBp, netMinor, taxMinor } of invoice.taxes)
    sheet.sum(t("tax", { rate: words.rate(rateBp), net: money(BigInt(netMinor)) }), money(BigInt(taxMinor)));
  sheet.sum(t("total"), money(invoice.totalMinor), true);
  sheet.skip(18);
  for (const sentence of sentencesOf(invoice.taxes)) write(t(sentence));
  if (invoice.number && invoice.dueOn && invoice.totalMinor > 0n)
    write(
      t("pay", {
        total: money(invoice.totalMinor),
        dueOn: invoice.dueOn,
        iban: seller.iban,
        number: invoice.number,
      }),
    );
  write(t("periods"), { grey: true });
  write(t("terms", { version: seller.termsVersion }), { grey: true });
  return sheet.close((page, pages) => `${seller.name} · ${t("page", { page, pages })}`);
}

/** What the law wants to be said where no tax is charged. */
const sentencesOf = (taxes: readonly TaxSum[]) =>
  (["reverse_charge", "exempt", "out_of_scope"] as const).filter((code) =>
    taxes.some((tax) => tax.code === code),
  );
