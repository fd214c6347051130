import { closePools } from "@/db/index";
import { sealDays } from "@/lib/ledger";
import { tenantBySlug } from "@/lib/staff";
import { recordUsage } from "@/lib/usage";

/**
 * Calls of a month that is over, for journeys that see it invoiced: the product's own recording and sealing, told another
 * time. `node --import tsx e2e/played-calls.ts <slug> <month>` with the environment of the running product.
 */
const [slug = "", month = ""] = process.argv.slice(2);
const { tenantId } = await tenantBySlug(slug);
for (const day of ["05", "06", "20"]) {
  const occurredAt = `${month}-${day}T10:00:00Z`;
  await recordUsage(
    [250, 1].map((quantity) => ({
      tenantId,
      id: `played-${slug}-${day}-${quantity}`,
      meter: "inference.row",
      quantity,
      isBillable: quantity > 1,
      reason: quantity > 1 ? null : "console",
      model: "letters",
      keyId: null,
      userId: null,
      route: "/v1/predictions",
      tokens: 0,
      occurredAt,
    })),
    new Date(Date.parse(occurredAt) + 60_000),
  );
}
console.log(await sealDays());
await closePools();
