import { z } from "zod";
import { pdfResponse } from "@/lib/download";
import { invoiceAsPdf } from "@/lib/invoice-documents";
import { route } from "@/lib/route";
import { customerOf } from "@/lib/staff";
import { idField } from "@/lib/users";

export const GET = route(
  { auth: "staff", permission: "desk.read", params: z.object({ tenant: idField, id: idField }) },
  async ({ person, params }) => {
    const { tenantId } = await customerOf(person, params.tenant);
    const { name, bytes } = await invoiceAsPdf(tenantId, params.id);
    return pdfResponse(bytes, name);
  },
);
