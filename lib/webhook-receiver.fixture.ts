import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Got {
  path: string;
  headers: Record<string, string>;
  body: string;
}

/** A customer's program that listens here: keeps what it is sent and answers as it is told. */
export async function openReceiver(reply: (response: ServerResponse, path: string) => void) {
  const got: Got[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const path = request.url ?? "";
      got.push({ path, headers: request.headers as Record<string, string>, body });
      reply(response, path);
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    got,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
