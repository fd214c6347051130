import { and, desc, eq, isNull, lt, sql } from "drizzle-orm";
import { createTransport } from "nodemailer";
import { mails } from "@/db/schema/people";
import { forPlatform, type TenantTx, type Transaction } from "@/db/tenant";
import { env } from "./env";
import { createId } from "./id";
import { log } from "./log";
import { type Locale, type MailKind, mailText } from "./mail-texts";
import { enqueue } from "./queue";

interface Attached {
  tenantId: string;
  id: string;
  number: string;
}
interface Mail {
  to: string;
  kind: MailKind;
  locale: Locale;
  /** Path and query of the link, on our own address. */
  path: string;
  organisation?: string;
  /** An issued document that goes along as PDF. */
  invoice?: Attached;
  creditNote?: Attached;
}

/**
 * Writes a mail in the transaction that needs it, so that one is never sent for work that was rolled back.
 * Hand the id to `handOver` after the commit.
 */
export async function writeMail(
  tx: Pick<TenantTx, "query"> | Pick<Transaction, "execute">,
  mail: Mail,
): Promise<string> {
  const link = new URL(mail.path, env().publicUrl).href;
  const { organisation, invoice, creditNote } = mail;
  const number = (invoice ?? creditNote)?.number;
  const { subject, body } = mailText(mail.kind, mail.locale, { link, organisation, number });
  const id = createId("mail");
  const stored = (one: Attached | undefined) =>
    one ? JSON.stringify({ tenantId: one.tenantId, id: one.id }) : null;
  const query = sql`insert into mails (id, to_email, subject, body, invoice, credit_note)
    values (${id}, ${mail.to}, ${subject}, ${body}, ${stored(invoice)}::jsonb, ${stored(creditNote)}::jsonb)`;
  await ("execute" in tx ? tx.execute(query) : tx.query(query));
  return id;
}

/** Tells the worker of a committed mail. A broker that is away loses nothing: the sweep hands it over again. */
export async function handOver(id: string): Promise<void> {
  if (!env().SMTP_URL) return;
  await enqueue("mail.send", { id }, id).catch((error: Error) =>
    log().warn({ mail: id, error: error.message }, "mail not handed over yet"),
  );
}

/** For the worker's sweep: hands over mails that were written a while ago and never tried. */
export async function handOverUnsent(olderMs = 60_000): Promise<void> {
  if (!env().SMTP_URL) return;
  const before = new Date(Date.now() - olderMs);
  const waiting = await forPlatform((tx) =>
    tx
      .select({ id: mails.id })
      .from(mails)
      .where(and(isNull(mails.sentAt), isNull(mails.error), lt(mails.createdAt, before)))
      .limit(100),
  );
  for (const { id } of waiting) await handOver(id);
}

/** Sends one mail by SMTP; the worker calls this. Its text, which holds a one-time link, is not kept. */
export async function sendMail(id: string): Promise<void> {
  const url = env().SMTP_URL;
  const [mail] = await forPlatform((tx) => tx.select().from(mails).where(eq(mails.id, id)));
  if (!url || !mail || mail.sentAt) return;
  const note = (set: Partial<typeof mails.$inferInsert>) =>
    forPlatform((tx) => tx.update(mails).set(set).where(eq(mails.id, id)));
  const transport = createTransport(url, { connectionTimeout: 10_000, socketTimeout: 20_000 } as never);
  try {
    await transport.sendMail({
      from: env().MAIL_FROM,
      to: mail.toEmail,
      subject: mail.subject,
      text: mail.body,
      attachments: await attachmentsOf(mail),
      // The same on a second try, so that a mail server can drop the double.
      messageId: `<${id}@${new URL(env().publicUrl).hostname}>`,
    });
    await note({ sentAt: new Date(), body: "", error: null });
  } catch (error) {
    await note({ error: error instanceof Error ? error.message : String(error) });
    throw error;
  } finally {
    transport.close();
  }
}

async function attachmentsOf({ invoice, creditNote }: typeof mails.$inferSelect) {
  const { invoiceAsPdf } = await import("./invoice-documents");
  const { creditNoteAsPdf } = await import("./credit-note-documents");
  const files = [
    ...(invoice ? [await invoiceAsPdf(invoice.tenantId, invoice.id)] : []),
    ...(creditNote ? [await creditNoteAsPdf(creditNote.tenantId, creditNote.id)] : []),
  ];
  return files.map(({ name, bytes }) => ({
    filename: name,
    content: bytes,
    contentType: "application/pdf",
  }));
}

const LOOPBACK = ["localhost", "127.0.0.1", "[::1]", "::1"];
const hostOf = (host: string) => new URL(`http://${host}`).hostname;

/**
 * The outbox may be shown only where nobody but this machine can look: no SMTP, a server that listens on
 * loopback, and a request that names it so (a rebound name of another site does not).
 */
export function isOutboxOpen(hostHeader: string | null): boolean {
  if (env().SMTP_URL || !LOOPBACK.includes(env().HOST)) return false;
  try {
    return LOOPBACK.includes(hostOf(hostHeader ?? ""));
  } catch {
    return false;
  }
}

/** The newest mails, for the development page; empty as soon as SMTP is set. */
export async function listOutbox() {
  if (env().SMTP_URL) return [];
  return forPlatform((tx) => tx.select().from(mails).orderBy(desc(mails.createdAt)).limit(50));
}
