import { expect, test } from "vitest";
import { AppError, ERRORS, type ErrorCode, errorResponse, fail, isErrorCode, toAppError } from "./errors";

const codes = Object.keys(ERRORS) as ErrorCode[];

test("every code keeps its status, type, sentence and whether asking again helps", () => {
  expect(ERRORS).toMatchSnapshot();
});

test.each(codes)("%s answers in the shape that the openai clients read", async (code) => {
  const response = errorResponse(new AppError(code, { param: "model", retryAfterMs: 1500 }), "req_1");
  const [status, type, sentence, retryable] = ERRORS[code];
  expect(response.status).toBe(status);
  const { error } = (await response.json()) as { error: Record<string, unknown> };
  expect(error).toEqual({ message: expect.stringContaining(sentence), type, param: "model", code });
  expect(response.headers.get("x-request-id")).toBe("req_1");
  expect(response.headers.get("retry-after")).toBe("2");
  // The clients retry 409 and 429 by themselves: a permanent one has to say no.
  const isSilent = retryable || ![409, 429].includes(status);
  expect(response.headers.get("x-should-retry")).toBe(isSilent ? null : "false");
});

test("an unforeseen error tells the caller nothing but a fixed sentence with the request's id", async () => {
  const [known, foreseen] = toAppError(new Error("password of the database is hunter2"));
  expect([known.code, foreseen]).toEqual(["internal_error", false]);
  const text = await errorResponse(known, "req_2").text();
  expect(text).toContain("req_2");
  expect(text).not.toContain("hunter2");
});

test.each([
  Object.assign(new Error("x"), { code: "ECONNREFUSED" }),
  Object.assign(new Error("x"), { code: "57P01" }),
  new Error("query failed", { cause: new Error("Connection terminated unexpectedly") }),
  new AggregateError([Object.assign(new Error("x"), { code: "ECONNREFUSED" })]),
])("a database that is away is 503 and worth asking again (%#)", (error) => {
  const [known, foreseen] = toAppError(error);
  expect([known.status, known.retryable, foreseen]).toEqual([503, true, true]);
  expect(known.options.retryAfterMs).toBeGreaterThan(0);
});

test("a refusal keeps its own sentence and parameter", () => {
  expect(() => fail("column_unknown", "There is no column `a`.", "columns")).toThrow(
    expect.objectContaining({
      code: "column_unknown",
      status: 400,
      options: { message: "There is no column `a`.", param: "columns" },
    }),
  );
  expect([isErrorCode("not_found"), isErrorCode("toString"), isErrorCode("nope")]).toEqual([
    true,
    false,
    false,
  ]);
});
