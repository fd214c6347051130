import { type AddressInfo, createServer, type Server } from "node:net";
import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { mails } from "@/db/schema/people";
import { forPlatform } from "@/db/tenant";
import { openShop } from "./billing.fixture";
import { env } from "./env";
import { isOutboxOpen, listOutbox, sendMail, writeMail } from "./mails";
import { mailsWith, unique } from "./people.fixture";
import { quoteLine, signedProject } from "./projects.fixture";

/** A mail server that takes one mail a connection and keeps what it was told. */
const received: string[] = [];
let isBroken = false;
let server: Server;
beforeAll(async () => {
  server = createServer((socket) => {
    let isData = false;
    let text = "";
    socket.on("error", () => {});
    socket.write("220 test\r\n");
    socket.on("data", (chunk) => {
      text += chunk.toString();
      if (isData) {
        if (!text.endsWith("\r\n.\r\n")) return;
        received.push(text);
        isData = false;
        socket.write(isBroken ? "451 later\r\n" : "250 ok\r\n");
      } else if (/^DATA/i.test(text)) {
        isData = true;
        socket.write("354 go\r\n");
      } else socket.write(/^QUIT/i.test(text) ? "221 bye\r\n" : "250 ok\r\n");
      text = "";
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
});
afterEach(() => {
  Object.assign(env(), { SMTP_URL: undefined, HOST: "127.0.0.1" });
  isBroken = false;
});
afterAll(async () => {
  server.close();
  await closePools();
});
const useSmtp = () =>
  Object.assign(env(), {
    SMTP_URL: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}?ignoreTLS=true`,
  });
const write = (to: string, locale: "en" | "zh" = "en") =>
  forPlatform((tx) =>
    writeMail(tx, { to, kind: "reset", locale, path: "/reset/confirm?token=secret-token" }),
  );
const row = async (id: string) =>
  (await forPlatform((tx) => tx.select().from(mails).where(eq(mails.id, id))))[0];

test("without SMTP a mail waits in the outbox, with its link on our own address", async () => {
  const to = `${unique("outbox")}@people.test`;
  await write(to);
  const mail = (await listOutbox()).find((one) => one.toEmail === to);
  expect(mail?.body).toContain(`${env().publicUrl}/reset/confirm?token=secret-token`);
});

test("a mail of a transaction that fails was never written", async () => {
  const to = `${unique("rolled")}@people.test`;
  const broken = forPlatform(async (tx) => {
    await writeMail(tx, { to, kind: "reset", locale: "en", path: "/x" });
    throw new Error("afterwards");
  });
  await expect(broken).rejects.toThrow("afterwards");
  expect((await listOutbox()).some((one) => one.toEmail === to)).toBe(false);
});

test("with SMTP a mail is sent once, in the person's language, and its link is not kept", async () => {
  const to = `${unique("smtp")}@people.test`;
  const id = await write(to, "zh");
  useSmtp();
  expect(await listOutbox()).toEqual([]);
  await sendMail(id);
  await sendMail(id);
  const mine = received.filter((text) => text.includes(to));
  expect(mine).toHaveLength(1);
  expect(mine[0]).toContain(`<${id}@`);
  expect(await row(id)).toMatchObject({ sentAt: expect.any(Date), body: "", error: null });
});

test("a mail that the server refuses keeps its text and says why, and the next try sends it", async () => {
  const id = await write(`${unique("later")}@people.test`);
  useSmtp();
  isBroken = true;
  await expect(sendMail(id)).rejects.toThrow(/451/);
  expect(await row(id)).toMatchObject({ sentAt: null, error: expect.stringMatching(/451/) });
  isBroken = false;
  await sendMail(id);
  expect(await row(id)).toMatchObject({ sentAt: expect.any(Date), error: null });
});

test("the outbox opens only without SMTP, on a server and a name of this machine", () => {
  for (const host of ["127.0.0.1:3000", "localhost:3000", "localhost", "[::1]:3000"])
    expect(isOutboxOpen(host), host).toBe(true);
  for (const host of ["evil.test", "127.0.0.1.evil.test", "localhost.evil.test:3000", "", null, "::", "@"])
    expect(isOutboxOpen(host), String(host)).toBe(false);
  Object.assign(env(), { HOST: "0.0.0.0" });
  expect(isOutboxOpen("localhost:3000")).toBe(false);
  Object.assign(env(), { HOST: "127.0.0.1", SMTP_URL: "smtp://mail.test" });
  expect(isOutboxOpen("localhost:3000")).toBe(false);
});

test("an issued invoice is mailed to the billing addresses in their language, with its PDF", async () => {
  await openShop();
  const to = `${unique("accounts")}@buyer.test`;
  await signedProject({
    lines: [quoteLine("deposit", "10")],
    signedAt: new Date(),
    buyer: { emails: [to], locale: "zh" },
  });
  const [mail] = await mailsWith(to);
  expect(mail?.subject).toMatch(/的发票 INV-\d{6}$/);
  useSmtp();
  received.length = 0;
  await sendMail(mail?.id ?? "");
  expect(received.join("")).toMatch(/Content-Type: application\/pdf/);
  expect(received.join("")).toContain(Buffer.from("%PDF-").toString("base64").slice(0, 5));
  expect(await row(mail?.id ?? "")).toMatchObject({ error: null, body: "" });
});
