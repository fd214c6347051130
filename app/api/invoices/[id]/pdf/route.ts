import { z } from "zod";
import { pdfResponse } from "@/lib/download";
import { invoiceAsPdf } from "@/lib/invoice-documents";
import { route } from "@/lib/route";

export const GET = route(
  { auth: "tenant", permission: "billing.read", params: z.object({ id: z.string() }), perMinute: 120 },
  async ({ actor, params }) => {
    const { name, bytes } = await invoiceAsPdf(actor.tenantId, params.id);
    return pdfResponse(bytes, name);
  },
);
