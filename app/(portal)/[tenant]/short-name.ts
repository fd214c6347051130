/** What people called it; a model without a suffix goes by the end of its id, which is the part that differs. */
export function shortName(model: string): string {
  const parts = model.replace(/:ckpt-step-\d+$/, "").split(":");
  return parts.at(-2) || (parts.at(-1) ?? model).slice(-8);
}
