import { z } from "zod";
import { requestAppraisal } from "@/lib/appraisals";
import { route } from "@/lib/route";
import { customerOf } from "@/lib/staff";
import { idField } from "@/lib/users";

/** Looks at a sample for the customer: its report holds sums and no row. */
export const POST = route(
  { auth: "staff", permission: "desk.write", params: z.object({ tenant: idField, id: idField }) },
  async ({ person, params }) => {
    const { tenantId } = await customerOf(person, params.tenant);
    return { state: (await requestAppraisal(tenantId, params.id, person.userId)).state };
  },
);
