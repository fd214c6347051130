import type { useFormatter } from "next-intl";

/** Bytes in the largest unit of which there is at least one. */
export function sizeText(bytes: number, format: ReturnType<typeof useFormatter>): string {
  const [unit, size] =
    bytes >= 1e6
      ? (["megabyte", 1e6] as const)
      : bytes >= 1e3
        ? (["kilobyte", 1e3] as const)
        : (["byte", 1] as const);
  return format.number(bytes / size, { style: "unit", unit, maximumFractionDigits: bytes >= 1e6 ? 1 : 0 });
}
