import { z } from "zod";
import { invoiceAsCsv } from "@/lib/invoice-documents";
import { route } from "@/lib/route";

export const GET = route(
  { auth: "tenant", permission: "billing.read", params: z.object({ id: z.string() }) },
  async ({ actor, params }) => {
    const { name, text } = await invoiceAsCsv(actor.tenantId, params.id);
    return new Response(text, {
      headers: {
        "content-type": "text/csv; charset=utf-8",
        "content-disposition": `attachment; filename="${name}"`,
        "cache-control": "private, no-store",
      },
    });
  },
);
