import { z } from "zod";
import { creditNoteAsPdf } from "@/lib/credit-note-documents";
import { pdfResponse } from "@/lib/download";
import { route } from "@/lib/route";
import { customerOf } from "@/lib/staff";
import { idField } from "@/lib/users";

export const GET = route(
  { auth: "staff", permission: "desk.read", params: z.object({ tenant: idField, id: idField }) },
  async ({ person, params }) => {
    const { tenantId } = await customerOf(person, params.tenant);
    const { name, bytes } = await creditNoteAsPdf(tenantId, params.id);
    return pdfResponse(bytes, name);
  },
);
