import { useTranslations } from "next-intl";
import { CodeBlock } from "@/components/code-block";
import { Tabs } from "@/components/tabs";
import { type TableColumn, usualRow } from "@/lib/ml/contract";

interface Props {
  address: string;
  model: string;
  /** Names of what the model's task reads of a row. */
  roles: readonly string[];
  /** Of a model of tables, in the place of roles. */
  columns?: readonly TableColumn[] | undefined;
}

/** Calls that work as they stand once GRAFT_API_KEY is set. */
export function ModelSnippets({ address, model, roles, columns }: Props) {
  const t = useTranslations("insight.snippets");
  const text = t("text");
  const texts = () => Object.fromEntries(roles.map((name) => [name, t.has(name) ? t(name) : text]));
  const row = columns ? usualRow(columns) : roles.length > 1 ? texts() : text;
  const body = JSON.stringify({ model, input: [row] });
  const curl = `curl ${address}/v1/predictions \\
  -H "authorization: Bearer $GRAFT_API_KEY" \\
  -H "content-type: application/json" \\
  -d '${body}'`;
  // A chat has room for one text: all other rows go the native way, through the same client.
  const [python, typescript] =
    typeof row !== "string"
      ? [pythonOf(address, PYTHON_ROW(body)), typescriptOf(address, TYPESCRIPT_ROW(body))]
      : [pythonOf(address, PYTHON_CHAT(model, text)), typescriptOf(address, TYPESCRIPT_CHAT(model, text))];
  return (
    <Tabs
      label={t("languages")}
      tabs={[
        { value: "curl", label: "curl", content: <CodeBlock language="curl" code={curl} /> },
        { value: "python", label: "Python", content: <CodeBlock language="Python" code={python} /> },
        {
          value: "typescript",
          label: "TypeScript",
          content: <CodeBlock language="TypeScript" code={typescript} />,
        },
      ]}
    />
  );
}

const pythonOf = (address: string, call: string) => `import os
from openai import OpenAI

client = OpenAI(base_url="${address}/v1", api_key=os.environ["GRAFT_API_KEY"])
${call}`;
const PYTHON_CHAT = (model: string, text: string) => `answer = client.chat.completions.create(
    model="${model}",
    messages=[{"role": "user", "content": ${JSON.stringify(text)}}],
    logprobs=True,
)
print(answer.choices[0].message.content)`;
const PYTHON_ROW = (body: string) => `answer = client.post("/predictions", body=${body}, cast_to=object)
print(answer["data"][0])`;

const typescriptOf = (address: string, call: string) => `import OpenAI from "openai";

const client = new OpenAI({ baseURL: "${address}/v1", apiKey: process.env.GRAFT_API_KEY });
${call}`;
const TYPESCRIPT_CHAT = (
  model: string,
  text: string,
) => `const answer = await client.chat.completions.create({
  model: "${model}",
  messages: [{ role: "user", content: ${JSON.stringify(text)} }],
  logprobs: true,
});
console.log(answer.choices[0]?.message.content);`;
const TYPESCRIPT_ROW = (
  body: string,
) => `const answer = await client.post<{ data: unknown[] }>("/predictions", { body: ${body} });
console.log(answer.data[0]);`;
