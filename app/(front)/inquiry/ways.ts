/** The three ways in, as the inquiry's wire values; `lib/inquiries.ts` checks them again. */
export const WAYS = ["call", "custom", "insight"] as const;
export type Way = (typeof WAYS)[number];
