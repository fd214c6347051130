import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { GET as customersPdf } from "@/app/api/credit-notes/[id]/pdf/route";
import { GET as desksPdf } from "@/app/api/desk/customers/[tenant]/credit-notes/[id]/pdf/route";
import { closePools } from "@/db/index";
import { creditNotes, invoices } from "@/db/schema/billing";
import { forTenant } from "@/db/tenant";
import { openShop, profile } from "./billing.fixture";
import { saveProfile } from "./billing-profiles";
import { creditNoteAsPdf } from "./credit-note-documents";
import { type CreditNote, issueCreditNote } from "./credit-notes";
import { creditNotePdf } from "./document-pdf";
import { env } from "./env";
import { ask, cookieOf, createPerson, mailsWith, unique } from "./people.fixture";
import { quoteLine, signedProject } from "./projects.fixture";
import { openSession } from "./session";
import { assignCustomer, createStaff } from "./staff";
import { listTenants } from "./tenants";

beforeAll(async () => void (await openShop()));
afterAll(closePools);

let [tenantId, invoiceId, projectId, to] = ["", "", "", ""];
let note: CreditNote;
beforeEach(async () => {
  to = `${unique("accounts")}@buyer.test`;
  const signed = await signedProject({
    lines: [quoteLine("deposit", "1000")],
    signedAt: new Date("2026-02-10T12:00:00Z"),
    buyer: { emails: [to] },
  });
  ({ tenantId, projectId } = signed);
  const [invoice] = await forTenant(tenantId, (tx) => tx.select(invoices));
  invoiceId = invoice?.id ?? "";
  note = await credit(40_000n);
});
const credit = (amountMinor: bigint) =>
  issueCreditNote(
    tenantId,
    invoiceId,
    { lines: [{ key: `${projectId}/deposit`, amountMinor }], reason: "A late start" },
    "test",
  );
const slugOf = async () => (await listTenants()).find((one) => one.tenantId === tenantId)?.slug ?? "";

test("the PDF of a credit note is the same bytes whenever it is made, even after the buyer has moved", async () => {
  const lines = [{ text: { is: "other" as const, values: { title: "Deposit" } }, amountMinor: 40_000n }];
  const invoice = { number: "INV-000001", issuedAt: new Date("2026-02-10T12:00:00Z") };
  const [one, two] = [await creditNotePdf(note, invoice, lines), await creditNotePdf(note, invoice, lines)];
  expect(one.subarray(0, 5).toString()).toBe("%PDF-");
  expect(one.equals(two)).toBe(true);
  const first = await creditNoteAsPdf(tenantId, note.id);
  await saveProfile(tenantId, profile({ legalName: "Somebody else AG" }), "test");
  expect((await creditNoteAsPdf(tenantId, note.id)).bytes.equals(first.bytes)).toBe(true);
  expect(first.name).toBe(`${note.number}.pdf`);
});

test("two who ask at once get the same file, and one that was changed on disk is not handed out", async () => {
  const [one, two] = await Promise.all([1, 2].map(() => creditNoteAsPdf(tenantId, note.id)));
  expect(one?.bytes.equals(two?.bytes ?? Buffer.of())).toBe(true);
  const [row] = await forTenant(tenantId, (tx) => tx.select(creditNotes));
  expect(row?.pdfSha256).toMatch(/^[0-9a-f]{64}$/);
  const path = join(env().home, "storage", tenantId, "credit-notes", `${note.id}.pdf`);
  writeFileSync(path, "%PDF-1.7 forged");
  await expect(creditNoteAsPdf(tenantId, note.id)).rejects.toThrow(/not the one that was made/);
});

test("an issued credit note is mailed to the addresses of its invoice, once, and a refused one is not", async () => {
  const mails = async () => (await mailsWith(to)).filter(({ creditNote }) => creditNote !== null);
  expect((await mails()).map(({ subject, creditNote }) => [subject, creditNote])).toEqual([
    [`Credit note ${note.number} for ${note.buyer.legalName}`, { tenantId, id: note.id }],
  ]);
  await expect(credit(60_001n)).rejects.toThrow(/left to credit/);
  expect(await mails()).toHaveLength(1);
});

test("the assigned desk reads it; for other staff and other customers it is not there", async () => {
  const slug = await slugOf();
  const hire = async () => {
    const { email, userId } = await createStaff({
      email: `${unique("am")}@graft.test`,
      role: "account_manager",
    });
    return { email, cookie: await cookieOf(await openSession(userId)) };
  };
  const [ours, theirs, stranger] = [await hire(), await hire(), await createPerson()];
  await assignCustomer(slug, ours.email);
  const params = { tenant: slug, id: note.id };
  const answer = await desksPdf(
    new Request(new URL("/asked", env().publicUrl), { headers: { cookie: ours.cookie } }),
    { params: Promise.resolve(params) },
  );
  expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "application/pdf"]);
  expect((await ask(desksPdf, { cookie: theirs.cookie, params })).status).toBe(404);
  const asStranger = { cookie: stranger.cookie, tenant: slug, params: { id: note.id } };
  expect((await ask(customersPdf, asStranger)).status).toBe(404);
});
