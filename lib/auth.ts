import type { AuthOptions } from "next-auth";
import CredentialsProvider from "next-auth/providers/credentials";
import { z } from "zod";
import { checkPassword, personOfIssuer } from "./accounts";
import { env } from "./env";
import { toAppError } from "./errors";
import { log } from "./log";
import { addressOf } from "./rate-limit";
import { openSession, personOfSession, revokeSession, SESSION_DAYS } from "./session";
import { emailField, nameField } from "./users";

const credentials = z.object({ email: emailField, password: z.string().min(1).max(200) });

/**
 * next-auth runs the protocol; who somebody is lives in `sessions`. Its token carries a random session id and
 * nothing else, so that a revoked session, a removed member or a changed role counts on the next request.
 */
export function authOptions(): AuthOptions {
  const settings = env();
  return {
    secret: settings.NEXTAUTH_SECRET,
    useSecureCookies: settings.publicUrl.startsWith("https:"),
    pages: { signIn: "/sign-in", error: "/sign-in" },
    session: { strategy: "jwt", maxAge: SESSION_DAYS * 86_400 },
    providers: [byPassword(), ...byIssuer()],
    callbacks: {
      signIn: ({ account, profile }) => account?.provider !== "oidc" || verifiedEmail(profile) !== null,
      async jwt({ token, user, account, profile }) {
        // Without a user this is a later look at the token: it stays what it is.
        if (!user) return { sessionId: token.sessionId };
        const userId = account?.provider === "oidc" ? await issuerPerson(profile) : user.id;
        return { sessionId: await openSession(userId) };
      },
      async session({ session, token }) {
        const person = typeof token.sessionId === "string" ? await personOfSession(token.sessionId) : null;
        // Thrown, so that next-auth clears the cookie of a session that is over.
        if (!person) throw new Error("the session is over");
        return { ...session, user: { name: person.name, email: person.email } };
      },
    },
    events: {
      async signOut({ token }) {
        if (typeof token?.sessionId === "string") await revokeSession(token.sessionId);
      },
    },
    logger: {
      error: (code, metadata) => log().warn({ code, metadata: said(metadata) }, "sign-in error"),
      warn: (code) => log().debug({ code }, "sign-in warning"),
      debug: () => {},
    },
  };
}

const said = (metadata: unknown) => (metadata instanceof Error ? metadata.message : undefined);

/** The page gets a code of the error table: `unauthenticated`, `email_not_confirmed`, `rate_limit_exceeded`, ... */
function byPassword() {
  return CredentialsProvider({
    credentials: { email: { type: "email" }, password: { type: "password" } },
    async authorize(given, request) {
      const typed = credentials.safeParse(given);
      if (!typed.success) throw new Error("unauthenticated");
      const { email, password } = typed.data;
      const address = addressOf(new Headers(request.headers as Record<string, string>));
      try {
        return await checkPassword(email, password, address);
      } catch (error) {
        const [known, foreseen] = toAppError(error);
        if (!foreseen) log().error({ error }, "unforeseen error at sign-in");
        throw new Error(known.code);
      }
    },
  });
}

/** Any OpenID Connect provider that the operator set. */
function byIssuer(): AuthOptions["providers"] {
  const { OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET } = env();
  if (!OIDC_ISSUER || !OIDC_CLIENT_ID) return [];
  return [
    {
      id: "oidc",
      name: "Company sign-in",
      type: "oauth",
      wellKnown: `${OIDC_ISSUER.replace(/\/$/, "")}/.well-known/openid-configuration`,
      issuer: OIDC_ISSUER,
      clientId: OIDC_CLIENT_ID,
      clientSecret: OIDC_CLIENT_SECRET,
      idToken: true,
      checks: ["pkce", "state", "nonce"],
      authorization: { params: { scope: "openid email profile" } },
      profile: (profile: { sub: string; name?: string; email?: string }) => ({
        id: profile.sub,
        name: profile.name ?? null,
        email: profile.email ?? null,
      }),
    },
  ];
}

/** Only an address that the provider vouches for may open the account of that address. */
function verifiedEmail(profile: unknown): string | null {
  const claims = z.object({ email: emailField, email_verified: z.literal(true) }).safeParse(profile);
  return claims.success ? claims.data.email : null;
}

async function issuerPerson(profile: unknown): Promise<string> {
  const email = verifiedEmail(profile);
  if (email === null) throw new Error("unauthenticated");
  const name = z.object({ name: nameField }).safeParse(profile);
  return personOfIssuer(email, name.success ? name.data.name : email);
}

/** Whether the sign-in page shows the company's button. */
export const hasIssuer = () => byIssuer().length > 0;
