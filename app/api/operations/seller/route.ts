import { route } from "@/lib/route";
import { findSeller, nextNumbers, saveSeller, sellerSchema } from "@/lib/seller";

export const GET = route({ auth: "staff", permission: "operations.read" }, async () => ({
  seller: await findSeller(),
  series: await nextNumbers(),
}));

/** Counts for new documents; issued ones keep the copy that they were issued with. */
export const PUT = route(
  { auth: "staff", permission: "operations.manage", body: sellerSchema },
  async ({ body, person }) => ({ id: (await saveSeller(body, person.userId)).id }),
);
