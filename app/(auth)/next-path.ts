/** A path of our own to go on with, or null: never an address of another site. */
export function ownPath(wanted: string | string[] | undefined): string | null {
  if (typeof wanted !== "string" || !wanted.startsWith("/")) return null;
  const base = "http://own.invalid";
  if (!URL.canParse(wanted, base)) return null;
  const url = new URL(wanted, base);
  return url.origin === base ? url.pathname + url.search : null;
}

/** A search parameter that is given once. */
export function single(value: string | string[] | undefined): string {
  return typeof value === "string" ? value : "";
}

export interface SearchProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}
