import assert from "node:assert/strict"
import { test } from "node:test"

import { fieldsOf } from "admin/agent_type.js"

test("each memory asks for what it has, and all of the conversation for nothing", () => {
  assert.deepEqual(fieldsOf(""), [])
  assert.deepEqual(fieldsOf("window"), ["turns"])
  assert.deepEqual(fieldsOf("summary_buffer"), ["max_tokens", "model"])
})
