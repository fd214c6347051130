import createNextIntlPlugin from "next-intl/plugin";

const isDevelopment = process.env.NODE_ENV === "development";
/**
 * Next puts its own inline scripts into every page and gives them no hash that a fixed header could name, so
 * `script-src` allows inline ones; everything from elsewhere, and every frame around us, stays out. The
 * development server evaluates code and talks over a web socket.
 */
const contentSecurityPolicy = [
  "default-src 'self'",
  `script-src 'self' 'unsafe-inline'${isDevelopment ? " 'unsafe-eval'" : ""}`,
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  `connect-src 'self'${isDevelopment ? " ws: wss:" : ""}`,
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

/** @type {import("next").NextConfig} */
const config = {
  poweredByHeader: false,
  reactStrictMode: true,
  // A second process (tests, a preview) must not share the build folder of the running product.
  distDir: process.env.GRAFT_NEXT_DIR || ".next",
  // A build of `npm start` gets a copy of the settings, which Next edits; `npm test` checks the types.
  typescript: process.env.GRAFT_TSCONFIG
    ? { tsconfigPath: process.env.GRAFT_TSCONFIG, ignoreBuildErrors: true }
    : {},
  serverExternalPackages: [
    "pg",
    "bullmq",
    "ioredis",
    "@node-rs/argon2",
    "pino",
    "nodemailer",
    "pdfkit",
    "@aws-sdk/client-s3",
    "@tensorflow/tfjs",
    "@tensorflow/tfjs-node",
    "@tensorflow/tfjs-node-gpu",
  ],
  headers: async () => [
    {
      source: "/:path*",
      headers: [
        { key: "x-content-type-options", value: "nosniff" },
        { key: "referrer-policy", value: "same-origin" },
        { key: "x-frame-options", value: "DENY" },
        { key: "content-security-policy", value: contentSecurityPolicy },
        { key: "permissions-policy", value: "camera=(), microphone=(), geolocation=()" },
      ],
    },
  ],
};

export default createNextIntlPlugin("./app/i18n.ts")(config);
