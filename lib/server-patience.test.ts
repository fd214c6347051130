import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { setPublicPatience } from "./server-patience";

test("a server that others made cuts off slow headers, and a slow body only at our time instead of its own", async () => {
  setPublicPatience({ headersTimeout: 400, requestTimeout: 2000 });
  const server = createServer(
    { connectionsCheckingInterval: 50, headersTimeout: 500, requestTimeout: 600 },
    (request, response) => {
      request.resume().on("end", () => response.end("read"));
    },
  ).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const send = async (parts: string[]): Promise<string> => {
    const socket = connect(port, "127.0.0.1").setEncoding("utf8");
    let heard = "";
    socket.on("data", (text) => {
      heard += text;
    });
    const closed = once(socket, "close");
    for (const part of parts) {
      if (socket.writable) socket.write(part);
      await pause(300);
    }
    await closed;
    return heard;
  };
  const head = (length: number) =>
    `POST / HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: ${length}\r\n\r\n`;
  expect(await send([`${head(1)}a`])).toContain("200 OK");
  const [slowBody, endlessBody, slowHeaders] = await Promise.all([
    send([head(4), "a", "b", "c", "d"]),
    send([head(99), ..."a".repeat(9)]),
    send(["POST / HTTP/1.1\r\n", "a: b\r\n", "c: d\r\n", "e: f\r\n"]),
  ]);
  expect([slowBody, endlessBody, slowHeaders].map((text) => text.split("\r\n")[0])).toEqual([
    "HTTP/1.1 200 OK",
    "HTTP/1.1 408 Request Timeout",
    "HTTP/1.1 408 Request Timeout",
  ]);
  server.close();
});
