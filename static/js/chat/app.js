/** The chat page: joins the session, what the person types, and the elements that show it all. */

import { Drafts } from "chat/drafts.js"
import { attachDrawer } from "chat/drawer.js"
import { Follow } from "chat/follow.js"
import { isTooLong } from "chat/message_size.js"
import { Session } from "chat/session.js"
import { isActive } from "chat/store.js"
import { answerText, empty } from "chat/transcript.js"
import { WaitingMessages } from "chat/waiting.js"
import { attachThemeChoices } from "shared/theme.js"
import { toast } from "shared/toast.js"
import "chat/agent_picker.js"
import "chat/announcer.js"
import "chat/composer.js"
import "chat/connection_status.js"
import "chat/message_list.js"
import "chat/rail.js"
import "chat/welcome.js"

const NEW = "new"
const OLDER_WITHIN_PX = 600

class ChatApp extends HTMLElement {
  #bootstrap = null
  #session = null
  #drafts = new Drafts(localStorage)
  #waiting = null
  #follow = null
  #isDrawing = false
  #isLoadingOlder = false

  connectedCallback() {
    this.#bootstrap = JSON.parse(document.getElementById("bootstrap").textContent)
    for (const [name, selector] of Object.entries(PARTS)) this[name] = this.querySelector(selector)
    this.#session = new Session(this.#bootstrap.snapshot, () => new WebSocket(socketAddress(this.#bootstrap.urls.socket)))
    this.#waiting = new WaitingMessages(this.#drafts, this.#chat)
    this.#follow = new Follow(this.scroller, this.list, this.querySelector("[data-to-end]"))
    this.#startParts()
    this.#hearSession()
    this.#hearPerson()
    this.#draw()
    this.#follow.toEnd()
    this.#session.open()
    this.#markRead()
  }

  #startParts() {
    const { agents, limits } = this.#bootstrap
    this.picker.start(agents, this.#session.state.conversation?.agent ?? agentInAddress())
    this.composer.start({ limit: limits.message_chars, text: this.#drafts.text(this.#chat), agent: this.picker.agent?.name })
    this.composer.focusText()
    attachThemeChoices(this)
    attachDrawer(this, this.rail)
  }

  #hearSession() {
    this.#session.onChange = (before) => this.#changed(before)
    this.#session.onConversation = (conversation) => this.#conversationTold(conversation)
    this.#session.onStatus = (status) => this.status.show(status)
  }

  #hearPerson() {
    const on = (name, work) => this.addEventListener(name, (event) => work(event.detail ?? {}, event))
    on("send-text", ({ text }) => {
      this.#say(text)
      this.composer.focusText()
    })
    on("edit-question", ({ message, text }, event) => this.#edit(message, text, event))
    on("stop", () => this.#tryTo(() => this.#session.stop()))
    on("retry", ({ message }) => this.#retry(message))
    on("show-branch", ({ message }) => this.#tryTo(() => this.#showBranch(message)))
    on("draft", ({ text }) => this.#drafts.keepText(this.#chat, text))
    on("agent-chosen", () => this.#agentChosen())
    on("queue-remove", ({ id }) => this.#removeWaiting(id))
    on("queue-edit", ({ id }) => this.#editWaiting(id))
    on("queue-send", ({ id }) => this.#sendWaiting(id))
    this.scroller.addEventListener("scroll", () => this.#olderNearTop(), { passive: true })
    addEventListener("online", () => this.#session.hurry())
    addEventListener("offline", () => this.#session.lost())
    addEventListener("popstate", () => location.reload())
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) return
      this.#session.hurry()
      this.#markRead()
    })
  }

  // Saying something ---------------------------------------------------

  #say(text) {
    const message = { id: crypto.randomUUID(), text }
    if (!this.#session.isBusy) return void this.#start(message)
    this.#waiting.add(message)
    this.#drafts.keepText(this.#chat, this.composer.text)
    return this.#showWaiting()
  }

  async #start(message) {
    this.composer.showProblem("")
    try {
      const started = this.#session.start(message, this.picker.agent?.slug, (ack) => this.#accepted(ack, message))
      this.#draw({ isNew: true })
      await started
    } catch (error) {
      this.#refused(error, message)
    }
  }

  #accepted(ack, { text }) {
    this.list.settle({ user: ack.message, assistant: ack.answer })
    // The text was kept as draft until now, in case this page went away before the server had it.
    if (!this.composer.text) this.#drafts.keepText(this.#chat, "")
    if (!this.#session.id) this.#nowAt(ack.conversation, text)
  }

  /** The new chat has an address now. */
  #nowAt(conversation, text) {
    this.#drafts.move(NEW, conversation)
    this.#waiting.open(conversation)
    history.pushState(null, "", `/c/${conversation}/`)
    document.title = `${text.slice(0, 60)} · Parley`
    this.rail.show(conversation)
  }

  #refused(error, message) {
    if (error.code === "busy") {
      // Something else is being answered here, perhaps from another tab: this one waits for its turn.
      this.#waiting.addFirst({ id: message.id, text: message.text, wasTurnedAway: true })
    } else {
      this.#putBack(message.text)
      this.composer.showProblem(error.message)
    }
    this.#draw()
  }

  #edit(message, text, event) {
    const limit = this.#bootstrap.limits.message_chars
    if (this.#session.isBusy || isTooLong(text, limit)) {
      event.preventDefault()
      const why = `At most ${limit.toLocaleString("en")} characters can be sent.`
      toast(this.#session.isBusy ? "An answer is being written. Stop it first, or wait." : why)
    } else {
      this.#start({ id: crypto.randomUUID(), text, parent: message.parent })
      this.composer.focusText()
    }
  }

  /** The button that was pressed goes with its message: the same one of the other branch takes the focus. */
  async #showBranch(message) {
    const pressed = document.activeElement?.getAttribute("aria-label")
    await this.#session.showBranch(message)
    this.#draw()
    this.list.focusBranch(message, pressed)
  }

  #retry(message) {
    if (this.#session.isBusy) return
    this.#tryTo(async () => {
      await this.#session.retry(message, this.picker.agent?.slug)
      this.#draw({ isNew: true })
    })
  }

  #agentChosen() {
    this.composer.name(this.picker.agent.name)
    this.#draw()
    this.composer.focusText()
  }

  // Waiting messages ------------------------------------------------------

  #showWaiting() {
    this.composer.showQueue(this.#waiting.entries, { canSend: !this.#session.isBusy })
  }

  #removeWaiting(id) {
    this.#waiting.take(id)
    this.#showWaiting()
  }

  #sendWaiting(id) {
    if (this.#session.isBusy) return
    const entry = this.#waiting.take(id)
    if (entry) this.#start(entry)
  }

  #editWaiting(id) {
    this.#putBack(this.#waiting.take(id).text)
    this.#showWaiting()
  }

  /** Text that wasn't sent after all stands in the composer again, with what was typed since. */
  #putBack(text) {
    this.composer.text = [text, this.composer.text].filter(Boolean).join("\n\n")
    this.#drafts.keepText(this.#chat, this.composer.text)
    this.composer.focusText()
  }

  // What has changed ----------------------------------------------------

  #changed(before) {
    this.#announce(before)
    this.#drawSoon()
    if (before && !this.#session.active) this.#ended(before.run.id)
  }

  #ended(run) {
    this.#markRead()
    const ending = this.#session.state.messages.find((message) => message.run?.id === run)?.run.state
    // After a failure the next message would likely meet the same one: it waits for the person.
    const goesOn = ending === "succeeded" || ending === "cancelled"
    if (goesOn && this.#waiting.first) this.#sendWaiting(this.#waiting.first.id)
  }

  #conversationTold(conversation) {
    this.rail.tell(conversation)
    if (conversation.id !== this.#session.id) return
    if (conversation.deleted) return void location.assign(this.#bootstrap.urls.home)
    document.title = `${conversation.title} · Parley`
    if (conversation.state === "running") return
    if (conversation.unread) this.#markRead()
    if (this.#waiting.first?.wasTurnedAway) this.#sendWaiting(this.#waiting.first.id)
  }

  #announce(before) {
    const { active, state } = this.#session
    const answer = active ?? state.messages.find((message) => message.id === before?.id)
    if (!answer) return
    const text = active ? answerText(state.transcripts[active.run.id] ?? empty) : answer.content
    this.announcer.follow(answer.id, text, { done: !isActive(answer.run) })
  }

  #markRead() {
    if (!document.hidden) this.#session.markRead()
  }

  // Showing --------------------------------------------------------------

  /** A frame can hold one token: the page is drawn once for all that came since it was last painted. */
  #drawSoon() {
    if (this.#isDrawing) return
    this.#isDrawing = true
    requestAnimationFrame(() => this.#draw())
  }

  #draw({ isNew = false } = {}) {
    this.#isDrawing = false
    const { state, pending, isBusy } = this.#session
    const isEmpty = !state.messages.length && !pending
    this.list.render(state, pending)
    this.toggleAttribute("data-empty", isEmpty)
    this.welcome.hidden = !isEmpty
    if (isEmpty) this.welcome.show(this.picker.agent)
    this.composer.showRunning(isBusy)
    this.#showWaiting()
    if (isNew) this.#follow.makeRoomFor(...this.list.lastPair)
  }

  #olderNearTop() {
    if (!this.#session.state.more || this.#isLoadingOlder || this.scroller.scrollTop > OLDER_WITHIN_PX) return
    this.#isLoadingOlder = true
    this.#tryTo(async () => {
      await this.#session.loadOlder()
      this.#follow.keepingPlace(() => this.#draw())
    }).finally(() => (this.#isLoadingOlder = false))
  }

  async #tryTo(work) {
    try {
      await work()
    } catch (error) {
      toast(error.message)
    }
  }

  get #chat() {
    return this.#session.id ?? NEW
  }
}

const PARTS = {
  rail: "chat-rail",
  picker: "agent-picker",
  welcome: "chat-welcome",
  list: "message-list",
  composer: "chat-composer",
  scroller: "[data-scroller]",
  announcer: "live-announcer",
  status: "connection-status",
}

function socketAddress(path) {
  const url = new URL(path, location.href)
  url.protocol = url.protocol.replace("http", "ws")
  return url
}

/** `/?agent=encyclopedia` starts with that agent. */
function agentInAddress() {
  return new URLSearchParams(location.search).get("agent")
}

customElements.define("chat-app", ChatApp)
