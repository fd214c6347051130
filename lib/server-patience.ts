import { subscribe } from "node:diagnostics_channel";
import type { Server } from "node:http";

/**
 * How long a server of ours waits for a request. Headers that come bit by bit are cut off. A body has no end of its own at
 * serve, for its readers look at how steadily it comes (`lib/slow-bodies.ts`); Node's own five minutes would cut off a large
 * file on a slow line.
 */
export const PATIENCE = { headersTimeout: 10_000, requestTimeout: 0 };

/** The public port has routes that are not ours and look at nothing, so it has an end: half a gigabyte at 1.2 Mbit/s. */
const PUBLIC_PATIENCE = { ...PATIENCE, requestTimeout: 3_600_000 };

/** Next makes its server by itself and takes no times for it; a server is known from its first request on. */
export function setPublicPatience(patience = PUBLIC_PATIENCE): void {
  subscribe("http.server.request.start", (message) =>
    Object.assign((message as { server: Server }).server, patience),
  );
}
