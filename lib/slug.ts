import { randomBytes } from "node:crypto";

/** First path segments that are, or may become, pages of ours: no tenant may be called so. */
export const ROUTE_WORDS: ReadonlySet<string> = new Set(
  `_next about account accounts admin api api-reference app apps assets auth billing blog call confirm console contact
  customers dashboard demo desk docs download error favicon files forgot graft health help hf home inquiry insight
  invitation invite jobs legal live login logout logo me members metrics models new not-found null openapi
  operations operator orders org outbox own page pricing privacy profile projects public quote ready register
  reset robots root search security settings setup sign-in sign-out sign-up signin signout signup sitemap staff
  start static status support system team templates tenant tenants terms test undefined upload usage user users
  v1 v2 v3 webhooks welcome www`.split(/\s+/),
);

/** A candidate for a slug: the name in lower-case letters, digits and hyphens; with random letters on request. */
export function slugFrom(name: string, withTail = false): string {
  const plain = name
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 30)
    .replaceAll(/^-+|-+$/g, "");
  if (plain.length >= 2 && !withTail && !ROUTE_WORDS.has(plain)) return plain;
  return `${plain || "org"}-${randomBytes(3).toString("hex")}`;
}
