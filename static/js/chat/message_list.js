/** The conversation: one element a message, made once and kept; only those that changed are touched. */

import { activeAnswer } from "chat/store.js"
import "chat/answer.js"
import "chat/question.js"

const PENDING = "pending"

class MessageList extends HTMLElement {
  #elements = new Map()

  /** `pending`: `{text, parent}` of a message that is on its way, or null. */
  render(state, pending) {
    const messages = pending ? withPending(state.messages, pending) : state.messages
    const isBusy = Boolean(pending || activeAnswer(state))
    const last = messages.at(-1)
    messages.forEach((message, at) => {
      const element = this.#elementOf(message)
      // Only out of place when a branch was changed or older messages came in.
      if (this.children[at] !== element) this.insertBefore(element, this.children[at] ?? null)
      const transcript = state.transcripts[message.run?.id] ?? null
      element.update({ message, transcript, isLast: message === last, isBusy })
    })
    this.#forgetAllBut(messages)
  }

  /** The server has given the pending messages their ids: the elements stay. */
  settle(ids) {
    for (const [role, id] of Object.entries(ids)) {
      const element = this.#elements.get(`${PENDING}-${role}`)
      if (!element || !id) continue
      this.#elements.delete(`${PENDING}-${role}`)
      this.#elements.set(id, element)
      element.id = `message-${id}`
    }
  }

  /** Focus the branch button of that label, or the one beside it where it leads nowhere. */
  focusBranch(id, label) {
    const buttons = [...(this.#elements.get(id)?.querySelectorAll(".branches button:not(:disabled)") ?? [])]
    const wanted = buttons.find((button) => button.getAttribute("aria-label") === label) ?? buttons[0]
    wanted?.focus()
  }

  get lastPair() {
    return [...this.children].slice(-2)
  }

  #elementOf(message) {
    let element = this.#elements.get(message.id)
    if (!element) {
      element = document.createElement(message.role === "user" ? "chat-question" : "chat-answer")
      element.id = `message-${message.id}`
      this.#elements.set(message.id, element)
    }
    return element
  }

  #forgetAllBut(messages) {
    const kept = new Set(messages.map((message) => message.id))
    for (const [id, element] of this.#elements) {
      if (kept.has(id)) continue
      element.remove()
      this.#elements.delete(id)
    }
  }
}

function withPending(messages, { text, parent, since }) {
  const at = parent === undefined ? messages.length : messages.findIndex((message) => message.id === parent) + 1
  const shared = { parent: null, siblings: [], created_at: since, isPending: true }
  const question = { ...shared, id: `${PENDING}-user`, role: "user", content: text, run: null }
  const answer = { ...shared, id: `${PENDING}-assistant`, role: "assistant", content: "", run: { id: null, state: "queued" } }
  return [...messages.slice(0, at), question, answer]
}

customElements.define("message-list", MessageList)
