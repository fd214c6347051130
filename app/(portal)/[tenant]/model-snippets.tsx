import { useTranslations } from "next-intl";
import { CodeBlock } from "@/components/code-block";
import { Tabs } from "@/components/tabs";

/** Calls that work as they stand once GRAFT_API_KEY is set. */
export function ModelSnippets({ address, model }: { address: string; model: string }) {
  const t = useTranslations("insight.snippets");
  const text = t("example");
  const curl = `curl ${address}/v1/predictions \\
  -H "authorization: Bearer $GRAFT_API_KEY" \\
  -H "content-type: application/json" \\
  -d '${JSON.stringify({ model, input: [text] })}'`;
  const python = `import os
from openai import OpenAI

client = OpenAI(base_url="${address}/v1", api_key=os.environ["GRAFT_API_KEY"])
answer = client.chat.completions.create(
    model="${model}",
    messages=[{"role": "user", "content": ${JSON.stringify(text)}}],
    logprobs=True,
)
print(answer.choices[0].message.content)`;
  const typescript = `import OpenAI from "openai";

const client = new OpenAI({ baseURL: "${address}/v1", apiKey: process.env.GRAFT_API_KEY });
const answer = await client.chat.completions.create({
  model: "${model}",
  messages: [{ role: "user", content: ${JSON.stringify(text)} }],
  logprobs: true,
});
console.log(answer.choices[0]?.message.content);`;
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
