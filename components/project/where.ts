/** Whose routes a part of a project's page calls: the customer's own ones, or those of the desk. */
export interface Where {
  /** Path of the project's routes. */
  base: string;
  /** Path of the routes of what belongs to the project's organisation: quotes, milestones, grants. */
  root: string;
  /** The organisation, where its own routes are called. */
  tenant?: string;
}

export const customerPlace = (slug: string, id: string): Where => ({
  base: `/api/projects/${id}`,
  root: "/api",
  tenant: slug,
});
export const deskPlace = (slug: string, id: string): Where => ({
  base: `/api/desk/customers/${slug}/projects/${id}`,
  root: `/api/desk/customers/${slug}`,
});

/** A download by a plain link cannot send a header. */
export const linkOf = ({ tenant }: Where, path: string): string =>
  tenant === undefined ? path : `${path}?graft_tenant=${tenant}`;
