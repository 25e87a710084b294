import assert from "node:assert/strict"
import { test } from "node:test"

import { Session } from "chat/session.js"
import { answerText } from "chat/transcript.js"

const message = (id, parent, role, run = null) => ({
  id, parent, role, content: "", created_at: "2026-01-01T00:00:00Z", siblings: [id], run,
})
const branch = (...messages) => ({
  type: "snapshot", conversation: { id: "c", title: "Hello", agent: "a", pinned: false }, messages, leaf: messages.at(-1).id, runs: {}, more: false,
})
const question = message("q", null, "user")
const earlier = message("a1", "q", "assistant", { id: "r1", state: "succeeded", seq: 3 })
const written = message("a2", "q", "assistant", { id: "r2", state: "running", seq: 1 })
const begun = { type: "frame", run: "r2", seq: 1, events: [
  { type: "run.started", message: "a2" }, { type: "step.started", step: 1, kind: "answer" }, { type: "text.delta", step: 1, text: "One" },
] }
const goesOn = { type: "frame", run: "r2", seq: 2, events: [{ type: "text.delta", step: 1, text: " two" }] }

/** A session whose server is the test: `sent` is what it was told, `answers` what its pages give. */
function world(snapshot) {
  const socket = { sent: [], send: (text) => socket.sent.push(JSON.parse(text)), close: () => {} }
  const answers = {}
  globalThis.document = { cookie: "" }
  globalThis.fetch = async (_, { body }) => ({ ok: true, json: async () => answers[JSON.parse(body).message] })
  const session = new Session(snapshot, () => socket)
  session.open()
  socket.onopen()
  const say = (told) => socket.onmessage({ data: JSON.stringify(told) })
  return { session, socket, say, answers }
}

test("an answer that is still being written goes on after a look at another branch", async (context) => {
  context.after(() => context.mock.timers.reset())
  context.mock.timers.enable({ apis: ["setTimeout"] })
  const { session, socket, say, answers } = world(branch(question, written))
  answers.a1 = branch(question, earlier)
  answers.a2 = branch(question, written)
  say(begun)
  await session.showBranch("a1")
  say(goesOn)
  socket.sent.length = 0

  await session.showBranch("a2")

  assert.deepEqual(socket.sent.map(({ type, after }) => [type, after]), [["watch", { r2: 0 }]])
  for (const told of [branch(question, written), begun, goesOn]) say(told)
  assert.equal(answerText(session.state.transcripts.r2), "One two")
})
