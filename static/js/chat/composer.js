/** Where a message is written: it grows with its text, and its one button sends or stops. */

import { charsIn, isTooLong } from "chat/message_size.js"
import { el, icon, iconButton } from "shared/dom.js"

const MAX_LINES_PX = 280
const MAX_SHARE = 0.32 // of the window's height
const NEAR_LIMIT = 0.9

class ChatComposer extends HTMLElement {
  #text = null
  #send = null
  #later = null
  #problem = null
  #queue = null
  #hint = null
  #limit = Infinity
  #isRunning = false

  connectedCallback() {
    this.#text = this.querySelector("[data-text]")
    this.#send = this.querySelector("[data-send]")
    this.#problem = this.querySelector("[data-problem]")
    this.#queue = this.querySelector("[data-queue]")
    this.#hint = this.querySelector("[data-hint]")
    this.#text.addEventListener("input", () => this.#changed())
    this.#text.addEventListener("keydown", (event) => this.#pressed(event))
    this.#later = this.querySelector("[data-later]")
    this.#later.addEventListener("click", () => this.#submit())
    this.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault()
      if (this.#isRunning) this.#ask("stop")
      else this.#submit()
      this.focusText() // the button that was pressed is another one now, or off
    })
    this.querySelector(".composer__box").addEventListener("pointerdown", ({ target, currentTarget }) => {
      if (target === currentTarget) setTimeout(() => this.#text.focus())
    })
  }

  start({ limit, text, agent }) {
    this.#limit = limit
    this.name(agent)
    if (text) this.#text.value = text
    this.#changed({ isTyping: false })
  }

  name(agent) {
    this.#text.placeholder = agent ? `Message ${agent}` : "Write a message"
  }

  get text() {
    return this.#text.value
  }

  set text(text) {
    this.#text.value = text
    this.#changed({ isTyping: false })
  }

  /** Not on touch screens, where it would bring up the keyboard. */
  focusText() {
    if (!isTouch()) this.#text.focus({ preventScroll: true })
  }

  showRunning(isRunning) {
    if (isRunning === this.#isRunning) return
    this.#isRunning = isRunning
    this.#showButton()
  }

  /** Say what is wrong with what was to be sent; what was typed stays. */
  showProblem(text) {
    this.#problem.hidden = !text
    this.#problem.replaceChildren(...(text ? [icon("circle-alert"), el("span.notice__text", {}, text)] : []))
  }

  /** `canSend`: nothing is running, so a waiting message may be sent by hand. */
  showQueue(queue, { canSend }) {
    this.#queue.hidden = !queue.length
    this.#queue.replaceChildren(...queue.map((entry) => this.#waiting(entry, canSend)))
  }

  #waiting(entry, canSend) {
    return el(
      "li.queue__item",
      {},
      icon("clock"),
      el("span.queue__text", {}, entry.text),
      canSend ? iconButton("arrow-up", "Send now", () => this.#ask("queue-send", { id: entry.id })) : "",
      iconButton("pencil", "Edit", () => this.#ask("queue-edit", { id: entry.id })),
      iconButton("x", "Remove", () => this.#ask("queue-remove", { id: entry.id })),
    )
  }

  #pressed(event) {
    if (event.key === "Escape" && this.#isRunning) return this.#ask("stop")
    // On touch keyboards Enter is the only way to break a line; during composition it picks a word.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || isTouch()) return null
    event.preventDefault()
    return this.#submit()
  }

  #submit() {
    const text = this.text
    if (!text.trim()) return
    if (isTooLong(text, this.#limit)) {
      this.showProblem(`This message has ${count(charsIn(text))} characters; at most ${count(this.#limit)} can be sent. Shorten it, or send it in parts.`)
      return
    }
    this.text = ""
    this.showProblem("")
    this.#ask("send-text", { text })
  }

  #changed({ isTyping = true } = {}) {
    this.#grow()
    this.#showButton()
    if (!isTooLong(this.text, this.#limit)) this.showProblem("")
    if (isTyping) this.#ask("draft", { text: this.text })
  }

  #grow() {
    this.#text.style.blockSize = "auto"
    this.#text.style.blockSize = `${Math.min(this.#text.scrollHeight, MAX_LINES_PX, innerHeight * MAX_SHARE)}px`
  }

  #showButton() {
    const hasText = Boolean(this.text.trim())
    const label = this.#isRunning ? "Stop" : "Send"
    this.#send.toggleAttribute("data-stops", this.#isRunning)
    this.#send.setAttribute("aria-label", label)
    this.#send.title = label
    this.#send.disabled = !this.#isRunning && !hasText
    this.#later.hidden = !this.#isRunning || !hasText
    const length = charsIn(this.text)
    const isNear = length > this.#limit * NEAR_LIMIT
    this.toggleAttribute("data-too-long", length > this.#limit)
    this.#hint.dataset.count = isNear ? `${count(length)} of ${count(this.#limit)} characters` : ""
  }

  #ask(name, detail = {}) {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }))
  }
}

function isTouch() {
  return matchMedia("(pointer: coarse)").matches
}

function count(number) {
  return number.toLocaleString("en")
}

customElements.define("chat-composer", ChatComposer)
