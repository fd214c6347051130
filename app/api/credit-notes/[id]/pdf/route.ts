import { z } from "zod";
import { creditNoteAsPdf } from "@/lib/credit-note-documents";
import { pdfResponse } from "@/lib/download";
import { route } from "@/lib/route";

export const GET = route(
  { auth: "tenant", permission: "billing.read", params: z.object({ id: z.string() }), perMinute: 120 },
  async ({ actor, params }) => {
    const { name, bytes } = await creditNoteAsPdf(actor.tenantId, params.id);
    return pdfResponse(bytes, name);
  },
);
