import { desc } from "drizzle-orm";
import { z } from "zod";
import { billingProfiles } from "@/db/schema/billing";
import { forTenant, type TenantTx } from "@/db/tenant";
import { writeAudit } from "./audit";
import type { Buyer } from "./documents";
import { fail } from "./errors";
import { LOCALES } from "./locale";
import { isCurrency } from "./money";
import { addressSchema, countryField } from "./price-sheet";

/** Who a tenant's invoices go to, and how they are taxed. */

export const billingProfileSchema = z.object({
  legalName: z.string().trim().min(1).max(160),
  address: addressSchema,
  country: countryField,
  taxId: z
    .string()
    .trim()
    .regex(/^[A-Z]{2}[0-9A-Z+*.]{2,13}$/, "must begin with the two letters of the country, without spaces")
    .nullable(),
  taxStatus: z.enum(["standard", "reverse_charge", "exempt", "out_of_scope"]),
  currency: z.string().refine(isCurrency, "is not a currency"),
  poNumber: z.string().trim().min(1).max(60).nullable(),
  isPoRequired: z.boolean(),
  termsDays: z.number().int().min(0).max(120),
  emails: z.array(z.email()).min(1).max(10),
  locale: z.enum(LOCALES),
});
export type Profile = typeof billingProfiles.$inferSelect;

export const findProfile = async (tx: TenantTx): Promise<Profile | null> =>
  (await tx.select(billingProfiles, undefined, { orderBy: desc(billingProfiles.version), limit: 1 }))[0] ??
  null;

export const readProfile = (tenantId: string): Promise<Profile | null> => forTenant(tenantId, findProfile);

export async function saveProfile(
  tenantId: string,
  input: z.infer<typeof billingProfileSchema>,
  by: string,
): Promise<Profile> {
  const values = billingProfileSchema.parse(input);
  return forTenant(tenantId, async (tx) => {
    const last = await findProfile(tx);
    if (last && last.currency !== values.currency)
      fail("invalid_request", `The contract is in ${last.currency}; it has one currency.`, "currency");
    const isSameId = last?.taxId === values.taxId;
    const [made] = await tx.insert(billingProfiles, {
      ...values,
      version: (last?.version ?? 0) + 1,
      isTaxIdVerified: isSameId && (last?.isTaxIdVerified ?? false),
      createdBy: by,
    });
    await writeAudit(tx, by, "billing_profile.changed", String(made?.version));
    return made ?? fail("not_found");
  });
}

export const buyerOf = ({
  legalName,
  address,
  country,
  taxId,
  poNumber,
  emails,
  locale,
}: Profile): Buyer => ({
  legalName,
  address,
  country,
  taxId,
  poNumber,
  emails,
  locale,
});

/** Reverse charge needs an id that was looked up; until then the tax is charged. */
export function taxOf(profile: Profile, rates: Record<string, number>): { taxCode: string; rateBp: number } {
  const isUnproven = profile.taxStatus === "reverse_charge" && !profile.isTaxIdVerified;
  const taxCode = isUnproven ? "standard" : profile.taxStatus;
  return { taxCode, rateBp: taxCode === "standard" ? (rates.standard ?? 0) : 0 };
}
