import assert from "node:assert/strict"
import { test } from "node:test"

import { activeAnswer, none, seen, withFrame, withOlder, withSnapshot, withStarted } from "chat/store.js"

const message = (id, parent, role, extra = {}) => ({
  id, parent, role, content: role === "user" ? "Hello" : "Hi.", created_at: "2026-01-01T00:00:00Z", siblings: [id], run: null, ...extra,
})
const done = (id, parent) => message(id, parent, "assistant", { run: { id: `run-${id}`, state: "succeeded", seq: 3 } })
const snapshot = (...messages) => ({
  type: "snapshot", conversation: { id: "c", title: "Hello", agent: "a", pinned: false }, messages, leaf: messages.at(-1)?.id, runs: {}, more: false,
})
const ack = { type: "ack", conversation: "c", message: "q2", answer: "a2", run: "r2", state: "queued" }
const text = (seq, value) => ({ type: "frame", run: "r2", seq, events: [
  ...(seq === 1 ? [{ type: "run.started", message: "a2" }, { type: "step.started", step: 1, kind: "answer" }] : []),
  { type: "text.delta", step: 1, text: value },
] })
const finished = (seq) => ({ type: "frame", run: "r2", seq, events: [{ type: "run.finished", status: "succeeded", stop_reason: "finished" }] })

const open = withSnapshot(none, snapshot(message("q1", null, "user"), done("a1", "q1")))
const asked = withStarted(open, ack, { text: "And now?" })

test("a started run puts question and answer at the end of the branch", () => {
  assert.deepEqual(asked.messages.map((m) => [m.id, m.parent, m.content]), [
    ["q1", null, "Hello"], ["a1", "q1", "Hi."], ["q2", "a1", "And now?"], ["a2", "q2", ""],
  ])
  assert.equal(activeAnswer(asked).id, "a2")
})

test("an ack that comes again adds nothing", () => {
  assert.equal(withStarted(asked, ack, { text: "And now?" }), asked)
})

test("the first ack of a new chat names its conversation", () => {
  assert.equal(withStarted(none, ack, { text: "Hi" }).conversation.id, "c")
})

test("an edit takes the place of the question and all beneath it, and counts as its sibling", () => {
  const edited = withStarted(open, ack, { text: "Other", parent: null })
  assert.deepEqual(edited.messages.map((m) => m.id), ["q2", "a2"])
  assert.deepEqual(edited.messages[0].siblings, ["q1", "q2"])
})

test("a retry takes the place of the answer as its sibling", () => {
  const retried = withStarted(open, { ...ack, message: "q1" }, { retries: "a1" })
  assert.deepEqual(retried.messages.map((m) => m.id), ["q1", "a2"])
  assert.deepEqual(retried.messages[1].siblings, ["a1", "a2"])
})

test("frames write the answer, and the end makes it the message's own", () => {
  const states = [text(1, "It "), text(2, "works."), finished(3)].reduce((state, frame) => withFrame(state, frame).state, asked)
  assert.equal(states.messages.at(-1).content, "It works.")
  assert.equal(states.messages.at(-1).run.state, "succeeded")
  assert.equal(activeAnswer(states), undefined)
})

test("a frame after a gap, or of an unknown run, asks for what is missing and changes nothing", () => {
  const first = withFrame(asked, text(1, "It ")).state
  assert.deepEqual(withFrame(first, text(3, "!")), { state: first, stale: true })
  assert.equal(withFrame(first, { ...text(1, "?"), run: "other" }).stale, true)
})

test("a watch goes on after what was seen of the active run", () => {
  assert.deepEqual(seen(asked), { r2: 0 })
  assert.deepEqual(seen(withFrame(asked, text(1, "It ")).state), { r2: 1 })
})

test("a snapshot keeps what was seen of runs that go on", () => {
  const half = withFrame(asked, text(1, "It ")).state
  const again = withSnapshot(half, snapshot(...half.messages))
  assert.equal(withFrame(again, text(2, "works.")).state.transcripts.r2.steps[0].text, "It works.")
})

test("a snapshot keeps the older messages that were loaded above it", () => {
  const long = { ...snapshot(message("q2", "a1", "user"), done("a2", "q2")), more: true }
  const older = withOlder(withSnapshot(none, long), { messages: open.messages, more: false })
  const again = withSnapshot(older, long)
  assert.deepEqual(again.messages.map((m) => m.id), ["q1", "a1", "q2", "a2"])
  assert.equal(again.more, false)
})
