import { ledgerLines } from "@/lib/ledger";
import { route } from "@/lib/route";
import { ledgerQuery } from "../schema";

/** Sealed days with their events; `clients/verify-usage.mjs` recomputes them. */
export const GET = route(
  { auth: "tenant", permission: "usage.read", query: ledgerQuery, perMinute: 60 },
  async ({ actor, query: { from, to } }) => {
    const lines = ledgerLines(actor.tenantId, from, to);
    const encoder = new TextEncoder();
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const { value, done } = await lines.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(`${value}\n`));
      },
      cancel: async () => void (await lines.return(undefined)),
    });
    return new Response(body, {
      headers: {
        "content-type": "application/x-ndjson",
        "content-disposition": `attachment; filename="usage-${from}-${to}.ndjson"`,
      },
    });
  },
);
