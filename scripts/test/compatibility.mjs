import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readJson } from "../start/home.mjs";
import { say } from "../start/steps.mjs";

/**
 * What the public clients rely on, each line with the tests that show it by the real client. After a whole run
 * `docs/compatibility.md` is written when all passed; a line that lost its test fails the run.
 */
const PATH = "docs/compatibility.md";
const LINES = [
  {
    what: "Files: multipart upload, content as bytes, waiting until it is read, list and delete",
    client: "openai",
    tests: [
      ["e2e/client.spec.ts", "uploads, waits, lists, reads back and deletes a file"],
      [
        "lib/part-uploads.test.ts",
        "parts sent at the same time, in any order, become one file of the very bytes; completing again is the same file",
      ],
    ],
  },
  {
    what: "Fine-tuning jobs: create, retrieve, events, checkpoints, every nullable key there; pages and metadata filters",
    client: "openai",
    tests: [
      ["e2e/client.spec.ts", "orders a job, reads its events, and gets a model"],
      ["lib/jobs.test.ts", "an order waits for its file and its version, and says so with every key there"],
      ["lib/jobs.test.ts", "jobs are listed newest first, by pages and by metadata"],
    ],
  },
  {
    what: "Fine-tuning jobs: pause, resume, cancel",
    client: "openai",
    tests: [["e2e/client.spec.ts", "pauses a job and resumes it"]],
  },
  {
    what: "Models: retrieve, list and delete names with colons",
    client: "openai",
    tests: [
      ["workers/serve.test.ts", "the openai client lists, reads and deletes models whose names have colons"],
    ],
  },
  {
    what: "Embeddings: the client's default base64 and explicit floats decode the same",
    client: "openai",
    tests: [
      [
        "workers/serve.test.ts",
        "embeddings decode the same from the client's default base64 and from floats",
      ],
      ["e2e/client.spec.ts", "embeds texts in the client's default encoding, unit length"],
    ],
  },
  {
    what: "Chat completions: label as message, exp(logprob) its probability, streaming to [DONE] with usage",
    client: "openai",
    tests: [
      ["workers/serve.test.ts", "a chat answer is the label, and exp(logprob) its probability"],
      ["workers/serve.test.ts", "a streamed chat ends with a finish reason and, when asked, the usage"],
    ],
  },
  {
    what: "Errors: class, code, type, param and request id; 429 with retry-after-ms is asked again",
    client: "openai",
    tests: [
      ["e2e/client.spec.ts", "lists, retrieves and deletes models; errors carry code and request id"],
      [
        "workers/serve.test.ts",
        "a tenant over its quota gets 429 with the time to wait, and the client asks again by itself",
      ],
    ],
  },
  {
    what: "A permanent refusal is not asked again (x-should-retry: false)",
    client: "openai",
    tests: [
      [
        "workers/serve.test.ts",
        "over its spend limit a key gets 429 once, and the console, which is free, goes on",
      ],
    ],
  },
  {
    what: "Idempotency-Key: replayed, 422 on another question, 409 while in flight",
    client: "any",
    tests: [
      [
        "lib/idempotency.test.ts",
        "asked again with its key, a question is answered with the same answer and computed once",
      ],
      [
        "lib/idempotency.test.ts",
        "another question under a key is refused, another organisation's key is its own",
      ],
      [
        "lib/idempotency.test.ts",
        "while the first is answered the second is told to wait, and twenty at once compute once",
      ],
    ],
  },
  {
    what: "Batches: create, poll, read output and errors, list, cancel",
    client: "openai",
    tests: [
      [
        "workers/batches.test.ts",
        "OpenAI's client orders a batch, waits, and reads answers in order; each row is billed once as a batch's",
      ],
      [
        "workers/batches.test.ts",
        "a cancelled batch hands out what is done, a deleted file fails it, a foreign one is not there",
      ],
    ],
  },
  {
    what: "Webhooks: verified and unwrapped, two signatures while a secret rotates, stale ones refused",
    client: "openai, standardwebhooks",
    tests: [
      [
        "lib/webhooks.test.ts",
        "an event is read and verified by OpenAI's client and by Standard Webhooks' library",
      ],
      ["lib/webhooks.test.ts", "after a rotation both secrets verify, a day later the new one alone"],
    ],
  },
  {
    what: "Hugging Face: nested labels, entities, answers, vectors; never 503",
    client: "@huggingface/inference",
    tests: [
      [
        "workers/serve-shapes.test.ts",
        "Hugging Face's client reads labels, several labels, entities and answers",
      ],
      [
        "workers/serve-shapes.test.ts",
        "what Hugging Face's client asks wrongly is one sentence, and never 503",
      ],
    ],
  },
  {
    what: "Open Inference Protocol v2: metadata, readiness, JSON and binary tensors",
    client: "tritonclient[http]",
    tests: [
      [
        "workers/serve-shapes.test.ts",
        "Triton's client asks in binary and in JSON, and reads metadata, readiness and refusals",
      ],
    ],
  },
  {
    what: "Cohere's classify: every label's confidence, single and several labels",
    client: "HTTP",
    tests: [
      [
        "workers/serve-shapes.test.ts",
        "Cohere's shape names every label's confidence, and says whether one or several apply",
      ],
    ],
  },
  {
    what: "Another organisation's model is answered like one that never was",
    client: "openai",
    tests: [
      [
        "workers/serve.test.ts",
        "another tenant's model and one that never was answer alike, and errors carry code and request id",
      ],
    ],
  },
  {
    what: "Our own clients, made of the OpenAPI document",
    client: "TypeScript, Python",
    tests: [
      [
        "workers/clients.test.ts",
        "the TypeScript client uploads, names, asks and reads refusals with their code",
      ],
      ["workers/clients.test.ts", "the Python client does the same with nothing but its standard library"],
    ],
  },
];

const NOT_THERE = "Images (Hugging Face's flat `image-classification`) come with the task of pictures.";

/** One more result: how many lines hold. Only a whole run says anything, and where tools lack it leaves the page alone. */
export function checkCompatibility(root, results) {
  const seen = new Map(
    results.flatMap(({ name, tests = [] }) =>
      tests.map(({ title, isPassed }) => [`${name} ${title}`, isPassed]),
    ),
  );
  const isPassed = (tests) => tests.every(([file, title]) => seen.get(`${file} ${title}`));
  const lost = LINES.flatMap(({ tests }) => tests.filter(([file, title]) => !seen.has(`${file} ${title}`)));
  for (const [file, title] of lost) say(`NO SUCH TEST: ${file}: ${title}`);
  const passed = LINES.filter(({ tests }) => isPassed(tests)).length;
  let failed = lost.length;
  if (passed === LINES.length) {
    const text = page(root);
    const path = join(root, PATH);
    const isCurrent = existsSync(path) && readFileSync(path, "utf8") === text;
    if (!isCurrent && process.env.CI) {
      say(`${PATH} is not what this run shows; run npm test and commit it`);
      failed = 1;
    } else if (!isCurrent) writeFileSync(path, text);
  }
  const skipped = LINES.length - passed;
  return { name: `clients that people have (${PATH})`, passed, failed, skipped, seconds: 0 };
}

function page(root) {
  const { devDependencies, dependencies } = readJson(join(root, "package.json"), {});
  const versions = { ...devDependencies, ...dependencies };
  const named = (client) =>
    client
      .split(", ")
      .map((name) => (versions[name] ? `${name} ${versions[name]}` : name))
      .join(", ");
  const rows = LINES.map(
    ({ what, client, tests }) =>
      `| ${what} | ${named(client)} | ${tests.map(([file, title]) => `\`${file}\`: ${title}`).join("<br>")} |`,
  );
  return [
    "# Compatibility",
    "",
    "Written by `npm test` from what passed: every line was shown by the real client, unmodified, against the running product.",
    "",
    "| what | client | shown by |",
    "| --- | --- | --- |",
    ...rows,
    "",
    NOT_THERE,
    "",
  ].join("\n");
}
