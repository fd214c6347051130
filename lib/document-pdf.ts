import type { CreditNote } from "./credit-notes";
import { openSheet } from "./document-sheet";
import { wordsOf } from "./document-words";
import type { Buyer, LineText, Seller, TaxSum } from "./documents";
import type { Invoice } from "./invoices";

/** Invoices and credit notes as PDF, on A4: letterhead, lines over as many pages as they need, sums, what follows. */

export interface PrintedLine {
  text: LineText;
  quantity: bigint;
  unitDecimal: string;
  amountMinor: bigint;
}
type Sheet = ReturnType<typeof openSheet>;
type Words = ReturnType<typeof wordsOf>;

/** The same bytes for the same invoice. */
export async function invoicePdf(invoice: Invoice, lines: readonly PrintedLine[]): Promise<Buffer> {
  const words = wordsOf(invoice.buyer.locale);
  const { t } = words;
  const { seller, buyer, currency } = invoice;
  const sheet = openSheet(
    `${t("invoice")} ${invoice.number ?? t("draft")}`,
    invoice.issuedAt ?? invoice.createdAt,
  );
  writeHead(sheet, words, {
    ...{ seller, buyer, title: `${t("invoice")} ${invoice.number ?? `(${t("draft")})`}` },
    facts: [
      [t("date"), dayOf(invoice.issuedAt)],
      [t("dueOn"), invoice.dueOn],
      [t("purchaseOrder"), buyer.poNumber],
      [t("yourTaxId"), buyer.taxId],
    ],
  });
  writeRows(
    sheet,
    [t("description"), t("quantity"), t("unitPrice"), t("amount")],
    lines.map(({ text, quantity, unitDecimal, amountMinor }) => [
      words.line(text),
      words.number(quantity),
      unitDecimal,
      words.money(amountMinor, currency),
    ]),
  );
  writeSums(sheet, words, invoice);
  if (invoice.number && invoice.dueOn && invoice.totalMinor > 0n)
    sheet.write(
      t("pay", {
        total: words.money(invoice.totalMinor, currency),
        dueOn: invoice.dueOn,
        iban: seller.iban,
        number: invoice.number,
      }),
    );
  sheet.write(t("periods"), { grey: true });
  return close(sheet, words, seller);
}

/** The same bytes for the same credit note; its lines are those of the invoice, as far as they are taken back. */
export async function creditNotePdf(
  note: CreditNote,
  invoice: Pick<Invoice, "number" | "issuedAt">,
  lines: readonly Pick<PrintedLine, "text" | "amountMinor">[],
): Promise<Buffer> {
  const words = wordsOf(note.buyer.locale);
  const { t } = words;
  const { seller, buyer, currency } = note;
  const title = `${t("creditNote")} ${note.number}`;
  const sheet = openSheet(title, note.issuedAt);
  writeHead(sheet, words, {
    ...{ seller, buyer, title },
    facts: [
      [t("date"), dayOf(note.issuedAt)],
      [t("ofInvoice"), [invoice.number, dayOf(invoice.issuedAt)].filter(Boolean).join(" · ")],
      [t("purchaseOrder"), buyer.poNumber],
      [t("yourTaxId"), buyer.taxId],
    ],
  });
  sheet.write(t("because", { reason: note.reason }));
  sheet.skip(10);
  writeRows(
    sheet,
    [t("description"), "", "", t("credited")],
    lines.map(({ text, amountMinor }) => [words.line(text), "", "", words.money(amountMinor, currency)]),
  );
  writeSums(sheet, words, note);
  sheet.write(t("reduces", { number: invoice.number ?? "" }));
  return close(sheet, words, seller);
}

const dayOf = (at: Date | null): string => at?.toISOString().slice(0, 10) ?? "";

interface Head {
  seller: Seller;
  buyer: Buyer;
  title: string;
  /** What has no value is left out. */
  facts: readonly (readonly [string, string | null])[];
}
function writeHead(sheet: Sheet, { t }: Words, { seller, buyer, title, facts }: Head): void {
  const placeOf = ({ address, country }: Seller | Buyer) => [
    ...address.lines,
    `${address.postcode} ${address.city}`,
    country,
  ];
  sheet.write(seller.name, { strong: true, size: 11 });
  sheet.write(placeOf(seller).join(" · "), { grey: true });
  sheet.write([seller.email, t("ourTaxId", { taxId: seller.taxId })].join(" · "), { grey: true });
  sheet.skip(26);
  sheet.write(title, { strong: true, size: 18 });
  sheet.skip(10);
  sheet.sideBySide(
    [t("billTo"), buyer.legalName, ...placeOf(buyer)],
    facts.flatMap(([name, value]) => (value ? [`${name}  ${value}`] : [])),
  );
  sheet.skip(20);
}

type Row = readonly [string, string, string, string];
function writeRows(sheet: Sheet, names: Row, rows: readonly Row[]): void {
  const head = () => {
    sheet.row(names, { grey: true });
    sheet.rule();
  };
  head();
  for (const row of rows) sheet.row(row, { onNewPage: head });
  sheet.rule();
}

type Summed = Pick<Invoice, "netMinor" | "totalMinor" | "taxes" | "currency">;
function writeSums(sheet: Sheet, words: Words, { netMinor, totalMinor, taxes, currency }: Summed): void {
  const { t } = words;
  const money = (minor: bigint) => words.money(minor, currency);
  sheet.sum(t("net"), money(netMinor));
  for (const tax of taxes)
    sheet.sum(
      t("tax", { rate: words.rate(tax.rateBp), net: money(BigInt(tax.netMinor)) }),
      money(BigInt(tax.taxMinor)),
    );
  sheet.sum(t("total"), money(totalMinor), true);
  sheet.skip(18);
  for (const sentence of sentencesOf(taxes)) sheet.write(t(sentence));
}

function close(sheet: Sheet, { t }: Words, seller: Seller): Promise<Buffer> {
  sheet.write(t("terms", { version: seller.termsVersion }), { grey: true });
  return sheet.close((page, pages) => `${seller.name} · ${t("page", { page, pages })}`);
}

/** What the law wants to be said where no tax is charged. */
const sentencesOf = (taxes: readonly TaxSum[]) =>
  (["reverse_charge", "exempt", "out_of_scope"] as const).filter((code) =>
    taxes.some((tax) => tax.code === code),
  );
