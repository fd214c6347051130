/**
 * Roles are data: what a member of a tenant, or a member of staff, may do. A key's scopes are a subset of its
 * creator's permissions; what counts on a request is the intersection.
 */
export const PERMISSIONS = [
  "tenant.read",
  "settings.manage",
  "members.read",
  "members.manage",
  "keys.manage",
  "webhooks.manage",
  "files.read",
  "files.write",
  "jobs.read",
  "jobs.write",
  "models.read",
  "models.deploy",
  "models.export",
  "models.delete",
  "predictions.create",
  "feedback.create",
  "usage.read",
  "billing.read",
  "billing.manage",
  "audit.read",
  "projects.read",
  "projects.write",
  "projects.sign",
] as const;
export type Permission = (typeof PERMISSIONS)[number];

export const ROLES = {
  owner: PERMISSIONS,
  admin: PERMISSIONS,
  member: [
    "tenant.read",
    "members.read",
    "files.read",
    "files.write",
    "jobs.read",
    "jobs.write",
    "models.read",
    "models.deploy",
    "predictions.create",
    "feedback.create",
    "usage.read",
    "projects.read",
    "projects.write",
  ],
  viewer: [
    "tenant.read",
    "members.read",
    "files.read",
    "jobs.read",
    "models.read",
    "usage.read",
    "projects.read",
  ],
  /** Console and feedback only: never billing, keys or raw data. */
  tester: ["models.read", "predictions.create", "feedback.create"],
} as const satisfies Record<string, readonly Permission[]>;
export type Role = keyof typeof ROLES;
export const ROLE_NAMES = Object.keys(ROLES) as [Role, ...Role[]];

/** What a key may carry. Managing people, keys and settings stays with signed-in people. */
export const KEY_SCOPES = [
  "files.read",
  "files.write",
  "jobs.read",
  "jobs.write",
  "models.read",
  "models.deploy",
  "models.export",
  "models.delete",
  "predictions.create",
  "feedback.create",
  "usage.read",
] as const satisfies readonly Permission[];
export type KeyScope = (typeof KEY_SCOPES)[number];

/** What needs an agreement: a prospect shows a sample and reads a quote, and computes nothing on our machines yet. */
export const FOR_CUSTOMERS: readonly Permission[] = [
  "keys.manage",
  "webhooks.manage",
  "jobs.write",
  "models.deploy",
  "models.export",
  "predictions.create",
  "feedback.create",
];

export type TenantState = "prospect" | "active" | "past_due" | "suspended" | "closed";

/** What is left of a role's permissions in an organisation of this state. */
export function permissionsIn(state: TenantState, role: Role): readonly Permission[] {
  if (state === "active" || state === "past_due") return ROLES[role];
  if (state === "prospect") return ROLES[role].filter((name) => !FOR_CUSTOMERS.includes(name));
  // Of a suspended organisation everything may still be looked at, and nothing done.
  return ROLES[role].filter((name) => name.endsWith(".read"));
}

export const STAFF_PERMISSIONS = [
  "desk.read",
  "desk.write",
  "desk.approve",
  "billing.write",
  "operations.read",
  "operations.manage",
] as const;
export type StaffPermission = (typeof STAFF_PERMISSIONS)[number];
export const STAFF_ROLES = {
  account_manager: ["desk.read", "desk.write", "billing.write"],
  operator: [
    "desk.read",
    "desk.write",
    "desk.approve",
    "billing.write",
    "operations.read",
    "operations.manage",
  ],
} as const satisfies Record<string, readonly StaffPermission[]>;
export type StaffRole = keyof typeof STAFF_ROLES;

export function permissionsOf(role: Role): readonly Permission[] {
  return ROLES[role];
}

/** An admin may not make or touch an owner: only owners hand out what they have. */
export function mayAssign(actor: Role, target: Role): boolean {
  if (actor === "owner") return true;
  return actor === "admin" && target !== "owner";
}
