import assert from "node:assert/strict"
import { test } from "node:test"

import { Drafts } from "chat/drafts.js"
import { WaitingMessages } from "chat/waiting.js"

function storage() {
  const values = new Map()
  return {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => values.set(key, String(value)),
    removeItem: (key) => values.delete(key),
    size: () => values.size,
  }
}

test("a draft is kept for each chat", () => {
  const kept = storage()
  new Drafts(kept).keepText("c1", "Dear landlord")

  assert.equal(new Drafts(kept).text("c1"), "Dear landlord")
  assert.equal(new Drafts(kept).text("c2"), "")
})

test("an emptied draft leaves nothing behind", () => {
  const kept = storage()
  const drafts = new Drafts(kept)
  drafts.keepText("c1", "x")
  drafts.keepText("c1", "")
  assert.equal(kept.size(), 0)
})

test("waiting messages keep their ids, so that sending them twice starts one run", () => {
  const kept = storage()
  new Drafts(kept).keepQueue("c1", [{ id: "m1", text: "and then?" }])
  assert.deepEqual(new Drafts(kept).queue("c1"), [{ id: "m1", text: "and then?" }])
})

test("a new chat's draft and queue move to its address", () => {
  const drafts = new Drafts(storage())
  drafts.keepText("new", "more")
  drafts.keepQueue("new", [{ id: "m1", text: "next" }])
  drafts.move("new", "c9")

  assert.equal(drafts.text("c9"), "more")
  assert.deepEqual(drafts.queue("c9"), [{ id: "m1", text: "next" }])
  assert.equal(drafts.text("new"), "")
  assert.deepEqual(drafts.queue("new"), [])
})

test("without storage, or with something else in it, there is just no draft", () => {
  const closed = { getItem: () => { throw new Error("denied") }, setItem: () => { throw new Error("full") }, removeItem: () => {} }
  const drafts = new Drafts(closed)
  drafts.keepText("c1", "x")
  assert.equal(drafts.text("c1"), "")

  const odd = storage()
  odd.setItem("parley.queue.c1", "not json")
  assert.deepEqual(new Drafts(odd).queue("c1"), [])
})

test("waiting messages are sent in their order, one that was turned away first", () => {
  const drafts = new Drafts(storage())
  const waiting = new WaitingMessages(drafts, "c1")
  waiting.add({ id: "m2", text: "second" })
  waiting.add({ id: "m3", text: "third" })
  waiting.addFirst({ id: "m1", text: "first" })

  assert.equal(waiting.take("m1").text, "first")
  assert.equal(waiting.first.id, "m2")
  assert.deepEqual(drafts.queue("c1").map(({ id }) => id), ["m2", "m3"])
})

test("a waiting message can be taken once", () => {
  const waiting = new WaitingMessages(new Drafts(storage()), "c1")
  waiting.add({ id: "m1", text: "first" })
  assert.equal(waiting.take("m1").id, "m1")
  assert.equal(waiting.take("m1"), null)
})
