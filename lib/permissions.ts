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
  "files.read",
  "files.write",
  "jobs.read",
  "jobs.write",
  "models.read",
  "models.export",
  "models.delete",
  "predictions.create",
  "feedback.create",
  "usage.read",
  "billing.read",
  "billing.manage",
  "audit.read",
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
    "predictions.create",
    "feedback.create",
    "usage.read",
  ],
  viewer: ["tenant.read", "members.read", "files.read", "jobs.read", "models.read", "usage.read"],
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
  "models.export",
  "models.delete",
  "predictions.create",
  "feedback.create",
  "usage.read",
] as const satisfies readonly Permission[];
export type KeyScope = (typeof KEY_SCOPES)[number];

export const STAFF_PERMISSIONS = ["desk.read", "operations.read", "operations.manage"] as const;
export type StaffPermission = (typeof STAFF_PERMISSIONS)[number];
export const STAFF_ROLES = {
  account_manager: ["desk.read"],
  operator: ["desk.read", "operations.read", "operations.manage"],
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
