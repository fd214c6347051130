import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { checkUrl, isPublicAddress, post } from "./egress";

const NOT_PUBLIC = [
  ...["127.0.0.1", "127.8.9.1", "0.0.0.0", "10.0.0.1", "172.16.3.4", "172.31.255.255", "192.168.1.1"],
  ...["169.254.169.254", "169.254.1.1", "100.64.0.1", "100.127.255.255", "224.0.0.1", "239.255.255.255"],
  ...["255.255.255.255", "240.0.0.1", "192.0.2.1", "198.51.100.7", "203.0.113.9", "198.18.0.1", "192.0.0.8"],
  ...["::", "::1", "fe80::1", "fc00::1", "fd12:3456::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1"],
  ...[
    "::ffff:169.254.169.254",
    "64:ff9b::a00:1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:db8::1",
    "fec0::1",
  ],
  // Addresses without a network of their own, IPv4 within IPv6 as it was once written, and the host of Azure's machines.
  ...["::a9fe:a9fe", "::a00:1", "64:ff9b:1::a00:1", "4000::1", "2001::1", "168.63.129.16"],
  ...["", "localhost", "1.2.3", "1.2.3.4.5", "127.1"],
];
test.each(NOT_PUBLIC)("%s is not spoken to", (address) => {
  expect(isPublicAddress(address)).toBe(false);
});
test.each(["8.8.8.8", "1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "::ffff:8.8.8.8"])(
  "%s is",
  (address) => {
    expect(isPublicAddress(address)).toBe(true);
  },
);

test.each([
  "http://example.com",
  "ftp://example.com",
  "https://user:password@example.com",
  "https://localhost/x",
  "https://api.localhost",
  "https://intranet",
  "https://127.0.0.1",
  "https://0x7f000001",
  "https://2130706433",
  "https://[::1]/",
  "https://[::ffff:127.0.0.1]/",
  "https://169.254.169.254/latest/meta-data",
  "javascript:alert(1)",
  "not an address",
])("%s is refused when it is typed", (url) => {
  expect(() => checkUrl(url)).toThrow();
});
test("a public https address is taken", () => {
  expect(checkUrl("https://hooks.example.com:8443/in?x=1").port).toBe("8443");
});

const server = createServer((request, response) => {
  if (request.url === "/away") response.writeHead(302, { location: "https://example.com" }).end();
  else if (request.url === "/endless") {
    response.writeHead(200);
    const timer = setInterval(() => response.write("x".repeat(10_000)), 1);
    response.once("close", () => clearInterval(timer));
  } else if (request.url !== "/silent") response.writeHead(200).end("fine");
});
let port = 0;
beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
const sent = { headers: {}, body: "{}", timeoutMs: 1000 };

test("a name that leads inside is not spoken to, also when one of its addresses is a public one", async () => {
  const inside = async () => [{ address: "10.0.0.5", family: 4 }];
  const both = async () => [
    { address: "8.8.8.8", family: 4 },
    { address: "127.0.0.1", family: 4 },
  ];
  for (const resolve of [inside, both])
    await expect(post("https://hooks.example.com", sent, resolve)).rejects.toThrow(/not a public one/);
});

test("a name that nobody answers for takes no longer than the whole request may", async () => {
  const never = () => new Promise<never>(() => {});
  const asked = Date.now();
  await expect(post("https://hooks.example.com", { ...sent, timeoutMs: 200 }, never)).rejects.toThrow(
    /no answer within/,
  );
  expect(Date.now() - asked).toBeLessThan(2000);
});

test("the connection goes to the address that was looked at, whatever the name answers by then", async () => {
  vi.stubEnv("WEBHOOK_ALLOW_PRIVATE", "true");
  vi.resetModules();
  const own = await import("./egress");
  let asked = 0;
  // A name that is rebound: the second answer would be another one.
  const rebound = async () => [{ address: asked++ === 0 ? "127.0.0.1" : "10.255.255.1", family: 4 }];
  const answer = await own.post(`http://rebound.example:${port}/`, sent, rebound);
  expect([answer.status, asked]).toEqual([200, 1]);
  const here = async () => [{ address: "127.0.0.1", family: 4 }];
  expect((await own.post(`http://a.example:${port}/away`, sent, here)).status).toBe(302);
  expect((await own.post(`http://a.example:${port}/endless`, sent, here)).status).toBe(200);
  await expect(own.post(`http://a.example:${port}/silent`, sent, here)).rejects.toThrow(
    /no answer within 1 s/,
  );
  vi.unstubAllEnvs();
});
