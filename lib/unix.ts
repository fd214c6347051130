/** The wire's times: whole seconds since 1970. */
export const unix = (at: Date) => Math.floor(at.getTime() / 1000);
export const unixOrNull = (at: Date | null) => (at ? unix(at) : null);
