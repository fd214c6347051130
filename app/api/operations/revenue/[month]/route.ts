import { z } from "zod";
import { csvResponse } from "@/lib/download";
import { revenueCsv } from "@/lib/revenue";
import { route } from "@/lib/route";

export const GET = route(
  {
    auth: "staff",
    permission: "operations.read",
    params: z.object({ month: z.string().regex(/^\d{4}-\d{2}$/) }),
  },
  async ({ params }) => csvResponse(await revenueCsv(params.month), `revenue-${params.month}.csv`),
);
