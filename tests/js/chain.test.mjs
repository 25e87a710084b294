import assert from "node:assert/strict"
import { test } from "node:test"
import { setTimeout as pause } from "node:timers/promises"

/** As much of a page as the editor touches: one field, and the part that is replaced. */
function fakePage() {
  const page = { typed: "", listeners: {}, replaced: [], asked: 0, texts: [] }
  const form = { action: "/", addEventListener: (name, does) => (page.listeners[name] = does) }
  const part = { replaceWith: (other) => page.replaced.push(other) }
  Object.assign(globalThis, {
    document: { getElementById: (id) => (id === "chain-form" ? form : part), adoptNode: (node) => node },
    FormData: class extends Map {
      constructor() {
        super([["id", page.typed]])
      }
    },
    DOMParser: class {
      parseFromString(text) {
        return { getElementById: (id) => (id === "chain-steps" ? text : null) }
      }
    },
    fetch: async () => ({ ok: true, text: () => page.texts[page.asked++] }),
  })
  return page
}

test("what is typed while the answer is still on its way isn't lost", async () => {
  const page = fakePage()
  let arrive
  page.texts = [new Promise((resolve) => (arrive = resolve)), Promise.resolve("new")]
  await import("admin/chain.js")

  page.listeners.change({ target: { name: "steps-0-id", matches: () => false } })
  await pause(20)
  page.typed = "a name"
  arrive("old")
  await pause(600)

  assert.deepEqual(page.replaced, ["new"])
})
