import { z } from "zod";
import { quoteFile } from "@/lib/quote-files";
import { route } from "@/lib/route";
import { customerOf } from "@/lib/staff";
import { idField } from "@/lib/users";

export const GET = route(
  { auth: "staff", permission: "desk.read", params: z.object({ tenant: idField, id: idField }) },
  async ({ person, params }) => {
    const { tenantId } = await customerOf(person, params.tenant);
    return quoteFile(tenantId, params.id, "staff");
  },
);
