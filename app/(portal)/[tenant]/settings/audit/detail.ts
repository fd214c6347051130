/** In the order of reading; the database keeps the names of an event's data in an order of its own. */
const NAMES = [
  ...["name", "email", "role", "from", "to", "scopes", "revokedKeys", "storePredictions"],
  ...["labelsOfPeople", "machineLabels", "machineFrom"],
  ...["line", "given", "label"],
  ...["rank", "targets"],
];
const ROLE_NAMES = new Set(["role", "from", "to"]);

interface Words {
  nameOf: (name: string) => string;
  roleOf: (role: string) => string;
  yes: string;
  no: string;
}

/** What an audit event says besides who, what and on whom, as one line; names that are not known come last. */
export function detailOf(data: Record<string, unknown>, words: Words): string {
  const rank = (name: string) => (NAMES.includes(name) ? NAMES.indexOf(name) : NAMES.length);
  return Object.entries(data)
    .filter(([, value]) => value !== null && value !== undefined)
    .sort(([a], [b]) => rank(a) - rank(b))
    .map(([name, value]) => `${words.nameOf(name)}: ${textOf(name, value, words)}`)
    .join(" · ");
}

function textOf(name: string, value: unknown, { roleOf, yes, no }: Words): string {
  if (typeof value === "boolean") return value ? yes : no;
  if (Array.isArray(value)) return value.join(", ");
  return ROLE_NAMES.has(name) ? roleOf(String(value)) : String(value);
}
