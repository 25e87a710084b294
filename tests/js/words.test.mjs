import assert from "node:assert/strict"
import { test } from "node:test"

import { doingNow, inputText, titleOf, whatHappened } from "chat/activity.js"
import { endingOf } from "chat/endings.js"
import { charsIn, isTooLong } from "chat/message_size.js"
import { sentencesFrom } from "chat/sentences.js"
import { apply, empty } from "chat/transcript.js"
import { age, clock, duration, shortDuration } from "shared/time.js"

const after = (...events) => apply(empty, { seq: 1, events })
const started = { type: "run.started" }
const step = (id, kind) => ({ type: "step.started", step: id, kind })
const called = (tool, input) => ({ type: "tool.called", step: 1, call: "c", tool, input })
const finished = { type: "tool.finished", call: "c", output: "2", error: null, ms: 1 }

test("one line says what the agent is doing now", () => {
  assert.equal(doingNow(empty), "Starting…")
  assert.equal(doingNow(after(started)), "Thinking…")
  assert.equal(doingNow(after(started, step(1, "thought"))), "Thinking…")
  assert.equal(doingNow(after(started, step(1, "action"), called("Calculator", "1 + 1"))), "Using Calculator…")
  assert.equal(doingNow(after(started, step(1, "action"), called("Search", "Eiffel Tower"))), "Searching: Eiffel Tower")
  assert.equal(doingNow(after(started, step(1, "action"), called("Search", "Eiffel Tower"), finished)), "Thinking…")
  assert.equal(doingNow(after(started, step(1, "answer"))), "Writing the answer…")
  assert.equal(doingNow(after(started, { type: "notice", code: "retrying", text: "The model is busy." })), "The model is busy.")
})

test("of tools side by side the line says how many still run, then which", () => {
  const second = { ...called("Search", "Oslo"), step: 2, call: "d" }
  const both = [started, step(1, "action"), step(2, "action"), called("Calculator", "1 + 1"), second]
  const result = { type: "step.started", step: 3, kind: "observation", parent: 1 }

  assert.equal(doingNow(after(...both)), "Using 2 tools…")
  assert.equal(doingNow(after(...both, finished, result)), "Searching: Oslo")
  assert.equal(doingNow(after(...both, finished, { ...finished, call: "d" })), "Thinking…")
})

test("within a step that has a title, the title says what goes on", () => {
  const delta = (id, text) => ({ type: "text.delta", step: id, text })
  const nested = (id, kind) => ({ ...step(id, kind), parent: 1 })
  const named = [started, step(1, "plan"), delta(1, "Find a name")]

  assert.equal(doingNow(after(...named)), "Find a name…")
  assert.equal(doingNow(after(...named, nested(2, "observation"))), "Find a name…")
  assert.equal(doingNow(after(...named, nested(2, "action"), { ...called("Search", "x"), step: 2 })), "Searching: x")
  assert.equal(doingNow(after(...named, nested(2, "answer"))), "Writing the answer…")
  assert.equal(doingNow(after(started, step(1, "plan"), delta(1, "1. One\n2. Two"))), "Planning…")
  assert.equal(titleOf({ kind: "plan", text: "Find a name" }), "Find a name")
  assert.equal(titleOf({ kind: "thought", text: "Find a name" }), "")
})

test("when it is done, one line says how long and how much", () => {
  assert.equal(whatHappened({ steps: 3, ms: 8200 }), "Thought for 8 s · 3 steps")
  assert.equal(whatHappened({ steps: 1, ms: null }), "1 step")
  assert.equal(whatHappened({ steps: 0, ms: 900 }), "")
})

test("a tool's input is shown as it was written, or as JSON", () => {
  assert.equal(inputText("6 * 7"), "6 * 7")
  assert.equal(inputText({ query: "tower" }), "tower")
  assert.equal(inputText({ a: 1, b: 2 }), '{\n  "a": 1,\n  "b": 2\n}')
  assert.equal(inputText(null), "")
})

test("an answer that ended as it should needs no word; others say what happened", () => {
  assert.equal(endingOf({ state: "succeeded", stop_reason: "finished" }, "Hi"), null)
  assert.match(endingOf({ state: "cancelled" }, "Hi").text, /stopped/)
  assert.equal(endingOf({ state: "failed", detail: "The model is down." }, "").text, "The model is down.")
  assert.match(endingOf({ state: "succeeded", stop_reason: "max_steps" }, "Hi").text, /steps/)
  assert.match(endingOf({ state: "succeeded", stop_reason: "finished" }, "").text, /no text/)
})

test("an answer is read out by the sentence, and nothing twice", () => {
  const first = sentencesFrom("It is **42**. That is", 0)
  assert.equal(first.text, "It is 42.")
  const second = sentencesFrom("It is **42**. That is all", first.upTo)
  assert.equal(second.text, "")
  assert.equal(sentencesFrom("It is **42**. That is all", second.upTo, { done: true }).text, "That is all")
})

test("numbers with points and links don't cut a sentence", () => {
  assert.equal(sentencesFrom("Pi is 3.14 or so", 0).text, "")
  assert.equal(sentencesFrom("See [the tower](https://a.example/x.y). ", 0).text, "See the tower.")
})

test("durations read well", () => {
  assert.equal(duration(0), "0.1 s")
  assert.equal(duration(840), "0.8 s")
  assert.equal(duration(8200), "8 s")
  assert.equal(duration(125_000), "2 min 5 s")
  assert.equal(shortDuration(12), "12 ms")
  assert.equal(shortDuration(1400), "1.4 s")
  assert.equal(clock(4200), "0:04")
  assert.equal(clock(-5), "0:00")
})

test("chats are grouped by the reader's own calendar", () => {
  const now = new Date(2026, 4, 20, 9, 0)
  assert.equal(age(new Date(2026, 4, 20, 0, 1), now), "Today")
  assert.equal(age(new Date(2026, 4, 19, 23, 59), now), "Yesterday")
  assert.equal(age(new Date(2026, 4, 15), now), "This week")
  assert.equal(age(new Date(2026, 4, 2), now), "Last 30 days")
  assert.equal(age(new Date(2026, 2, 2), now), "March")
  assert.equal(age(new Date(2025, 2, 2), now), "2025")
})

test("a message is as long as it has characters, whatever they take to write", () => {
  assert.equal(charsIn("a🗼b"), 3)
  assert.equal(isTooLong("🗼🗼🗼", 3), false)
  assert.equal(isTooLong("🗼🗼🗼!", 3), true)
})
