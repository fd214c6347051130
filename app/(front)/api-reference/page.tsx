import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import document from "@/clients/openapi.json";
import { Badge, type Tone } from "@/components/badge";
import { type Call, callsOf, type Schema } from "@/lib/api/calls";
import { env } from "@/lib/env";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("front.reference"))("title") };
}

const TONES: Record<string, Tone> = { GET: "info", POST: "good", PATCH: "warn", PUT: "warn", DELETE: "bad" };

/** What a field may hold, in a few words. */
function wordsOf(schema: Schema | boolean | undefined): string {
  if (typeof schema !== "object") return "anything";
  if (schema.$ref) return schema.$ref.split("/").at(-1) ?? "";
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const any = schema.anyOf ?? schema.oneOf;
  if (any) return [...new Set(any.map(wordsOf))].join(" | ");
  if (schema.type === "array") return `${wordsOf(schema.items)}[]`;
  if (schema.type === "object" && schema.properties)
    return `{ ${Object.keys(schema.properties).join(", ")} }`;
  return typeof schema.type === "string" ? schema.type : "anything";
}

/** Every operation of the API, made of the very schemas that requests are read with. */
export default async function ReferencePage() {
  const t = await getTranslations("front.reference");
  const calls = callsOf(document);
  const tags = [...new Set(calls.map(({ path }) => path.split("/")[2] ?? ""))];
  return (
    <div className="mx-auto max-w-[72rem] px-4 py-12 sm:px-6 lg:py-16">
      <h1 className="text-3xl font-semibold sm:text-4xl">{t("title")}</h1>
      <p className="text-ink-2 mt-3 max-w-2xl text-lg text-pretty">{t("text")}</p>
      <p className="mt-3 flex flex-wrap gap-x-4 gap-y-1 text-sm">
        <a className="link" href="/v1/openapi.json">
          {t("document")}
        </a>
        <code className="text-ink-2 text-xs">{env().publicUrl}/v1</code>
      </p>
      <nav aria-label={t("title")} className="mt-8 flex flex-wrap gap-x-4 gap-y-2 text-sm">
        {tags.map((tag) => (
          <a key={tag} className="link" href={`#${tag}`}>
            {tag}
          </a>
        ))}
      </nav>
      {tags.map((tag) => (
        <section key={tag} id={tag} className="mt-10 scroll-mt-20">
          <h2 className="text-xl font-semibold">{tag}</h2>
          <div className="mt-3 grid gap-3">
            {calls
              .filter(({ path }) => path.split("/")[2] === tag)
              .map((call) => (
                <Operation key={call.name} call={call} />
              ))}
          </div>
        </section>
      ))}
    </div>
  );
}

async function Operation({ call }: { call: Call }) {
  const t = await getTranslations("front.reference");
  const { method, path, summary, inQuery, body, form, answer } = call;
  const required = body?.required ?? [];
  const fields: [name: string, words: string, isRequired: boolean][] = [
    ...inQuery.map((one) => [one.name, wordsOf(one.schema), one.required] as [string, string, boolean]),
    ...Object.entries(body?.properties ?? {}).map(
      ([name, schema]) => [name, wordsOf(schema), required.includes(name)] as [string, string, boolean],
    ),
    ...(form ? [[form.file, t("file"), true] as [string, string, boolean]] : []),
    ...(form?.fields ?? []).map((name) => [name, "string", false] as [string, string, boolean]),
  ];
  return (
    <details className="bg-surface rounded-lg border px-4 py-3 shadow-xs">
      <summary className="flex cursor-pointer flex-wrap items-baseline gap-x-3 gap-y-1">
        <Badge tone={TONES[method] ?? "neutral"}>{method}</Badge>
        <code className="text-sm break-all">{path}</code>
        <span className="text-ink-2 text-sm">{summary}</span>
      </summary>
      <div className="mt-3 grid gap-3 border-t pt-3 text-sm">
        {fields.length > 0 && (
          <dl className="grid gap-x-6 gap-y-1.5 sm:grid-cols-[auto_1fr]">
            {fields.map(([name, words, isRequired]) => (
              <div key={name} className="contents">
                <dt>
                  <code className="text-xs">{name}</code>{" "}
                  {isRequired && <span className="text-ink-3 text-xs">{t("required")}</span>}
                </dt>
                <dd className="text-ink-2 font-mono text-xs wrap-anywhere">{words}</dd>
              </div>
            ))}
          </dl>
        )}
        <p className="text-ink-2">
          {t("answers")} <code className="text-xs">{answer ? wordsOf(answer) : t("bytes")}</code>
        </p>
      </div>
    </details>
  );
}
