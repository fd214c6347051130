import { expect, test } from "vitest";
import { plainRows, readWhole, testFolder } from "./fixtures";

const { dir, put } = testFolder();
const whole = (name: string, content: string) => readWhole(dir, put(name, content));

const chat = (user: string, label: string, more = {}) =>
  JSON.stringify({
    messages: [
      { role: "system", content: "Be brief." },
      { role: "user", content: user },
      { role: "assistant", content: label, ...more },
    ],
  });

test("chat lines: the last user turn and the last weighted answer, and every public kind of error by line", async () => {
  const good = plainRows().map(([text, label]) => chat(text, label));
  const bad = [
    '{"messages": []}', // 21
    '{"prompt": "x"}', // 22
    "[1, 2]", // 23
    '{"messages": [{"role": "user", "content": "x"}],}', // 24
    '{"messages": [{"role": "user", "content": "x"}]}', // 25
    '{"messages": [{"role": "robot", "content": "x"}, {"role": "assistant", "content": "y"}]}', // 26
    '{"messages": [{"role": "user"}, {"role": "assistant", "content": "y"}]}', // 27
    '{"messages": [{"role": "user", "content": 5}, {"role": "assistant", "content": "y"}]}', // 28
    '{"messages": ["hello"]}', // 29
    '{"messages": [{"role": "assistant", "content": "y"}]}', // 30
    chat("extra key", "money", { colour: "red" }), // 31
    chat("not counted", "money", { weight: 0 }), // 32
    chat("parts", "money").replace('"parts"', '[{"type":"text","text":"in parts"}]'), // 33
  ];
  const { profile, report, kinds, rows } = await whole("x.jsonl", `\ufeff${[...good, ...bad].join("\r\n")}`);
  expect(profile.reading).toMatchObject({ format: "jsonl", jsonShape: "chat" });
  expect(Object.fromEntries(Object.entries(kinds).map(([kind, { lines }]) => [kind, lines]))).toEqual({
    missing_messages_list: [21, 22],
    data_type: [23, 29],
    json_invalid: [24],
    example_missing_assistant_message: [25, 32],
    unrecognized_role: [26],
    message_missing_key: [27],
    missing_content: [28],
    example_missing_user_message: [30],
    message_unrecognized_key: [31],
  });
  expect(report).toMatchObject({ rows: 33, accepted: 22, setAside: 11 });
  expect(rows.at(-1)).toEqual({ line: 33, input: "in parts", target: "money" });
});

test("prompt and completion lines, and flat objects with any keys", async () => {
  const lines = (make: (text: string, label: string, n: number) => object) =>
    plainRows()
      .map(([text, label], n) => JSON.stringify(make(text, label, n)))
      .join("\n");
  const completion = await whole(
    "x.jsonl",
    lines((prompt, completion) => ({ prompt, completion })),
  );
  expect(completion.profile.reading.jsonShape).toBe("completion");
  expect(completion.report.accepted).toBe(20);
  const flat = await whole(
    "x.txt",
    lines((utterance, intent, id) => ({ id, utterance, intent, tags: ["a"], more: { deep: 1 } })),
  );
  expect(flat.profile.guess.columns).toEqual({ text: "utterance", label: "intent" });
  expect(flat.kinds.field_nested?.count).toBe(20);
  expect(flat.report.sha256).toBe(completion.report.sha256);
});
