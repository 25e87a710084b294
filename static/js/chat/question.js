/** What a person said: a bubble, with copy, edit, and its other versions. */

import { branches } from "chat/branches.js"
import { copyFrom } from "shared/clipboard.js"
import { el, iconButton } from "shared/dom.js"

const EDIT = "Edit and ask again"

class ChatQuestion extends HTMLElement {
  #message = null

  update({ message, isBusy }) {
    if (message === this.#message && isBusy === this.isBusy) return
    this.#message = message
    this.isBusy = isBusy
    if (this.querySelector("form")) return
    this.className = "question"
    this.toggleAttribute("data-pending", Boolean(message.isPending))
    const actions = message.isPending ? [] : this.#actions(message, isBusy)
    this.replaceChildren(
      el("h2.visually-hidden", {}, "You said"),
      el("div.question__text", {}, message.content),
      el("div.question__actions", {}, ...actions),
    )
  }

  #actions(message, isBusy) {
    const go = (id) => this.#ask("show-branch", { message: id })
    return [
      branches(message, go) ?? "",
      iconButton("copy", "Copy", ({ currentTarget }) => copyFrom(currentTarget, message.content)),
      isBusy ? "" : iconButton("pencil", EDIT, () => this.#edit(message)),
    ]
  }

  #edit(message) {
    const text = el("textarea.question__edit", { "aria-label": "Edit what you said", rows: "3" })
    text.value = message.content
    const cancel = el("button.btn.btn--quiet.btn--small", { type: "button", onclick: () => this.#cancel() }, "Cancel")
    const save = el("button.btn.btn--primary.btn--small", { type: "submit" }, "Ask again")
    const form = el("form.question__form", {}, text, el("div.question__buttons", {}, cancel, save))
    form.addEventListener("submit", (event) => {
      event.preventDefault()
      if (!text.value.trim()) return
      if (this.#ask("edit-question", { message, text: text.value })) this.#restore()
    })
    form.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#cancel()
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault()
        form.requestSubmit()
      }
    })
    this.replaceChildren(form)
    text.focus()
  }

  #cancel() {
    this.#restore()
    this.querySelector(`[aria-label="${EDIT}"]`)?.focus()
  }

  #restore() {
    const message = this.#message
    this.replaceChildren()
    this.#message = null
    this.update({ message, isBusy: this.isBusy })
  }

  /** False when the page refused it, and what was typed must stay. */
  #ask(name, detail) {
    return this.dispatchEvent(new CustomEvent(name, { bubbles: true, cancelable: true, detail }))
  }
}

customElements.define("chat-question", ChatQuestion)
