/** Next calls it once, when its server starts. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  (await import("@/lib/server-patience")).setPublicPatience();
}
