/** One conversation in one tab: what is known of it, kept up to date by the socket, and what can be asked of the server. */

import { Connection } from "chat/connection.js"
import { activeAnswer, none, seen, withFrame, withOlder, withSnapshot, withStarted } from "chat/store.js"
import { get, post } from "shared/http.js"

export class Session {
  state = none
  /** The message that is on its way to the server, `{id, text, parent, since}`, or null. */
  pending = null

  /** Called after each change, with the message whose answer was being written before it. */
  onChange = () => {}
  /** Called with what the side bar is told: any conversation of this person. */
  onConversation = () => {}
  /** Called with "online", "reconnecting" or "signed-out". */
  onStatus = () => {}

  #connection
  #isWatching = false
  #watchId = null
  #unknownRuns = new Set()

  constructor(snapshot, connect) {
    if (snapshot) this.state = withSnapshot(none, snapshot)
    this.#connection = new Connection(connect)
    this.#connection.onOpen = () => this.#watch()
    this.#connection.onMessage = (message) => this.#take(message)
    this.#connection.onStatus = (status) => this.onStatus(status)
  }

  open() {
    this.#connection.open()
  }

  /** The page is looked at again, or the network is back. */
  hurry() {
    this.#connection.hurry()
  }

  /** The network is gone. */
  lost() {
    this.#connection.lost()
  }

  get id() {
    return this.state.conversation?.id ?? null
  }

  get active() {
    return activeAnswer(this.state)
  }

  get isBusy() {
    return Boolean(this.pending || this.active)
  }

  /** Say something; gives the ack, after `accept` has seen it. Rejects when the server refuses. */
  async start({ id, text, parent }, agent, accept) {
    this.pending = { id, text, parent, since: new Date().toISOString() }
    const place = parent === undefined ? {} : { parent }
    const command = { type: "run.start", id, conversation: this.id, agent, text, ...place }
    try {
      const ack = await this.#connection.command(command)
      const wantsStop = this.pending.wantsStop
      this.pending = null
      accept(ack)
      this.#change(withStarted(this.state, ack, { text, parent }))
      if (wantsStop) await this.stop()
    } catch (error) {
      this.pending = null
      if (error.code === "busy") this.#watch()
      throw error
    }
  }

  /** Stop what is being written; what has not reached the server yet is stopped when it has. */
  async stop() {
    if (this.pending) this.pending.wantsStop = true
    const run = this.active?.run.id
    if (run) await this.#connection.command({ type: "run.cancel", id: crypto.randomUUID(), run })
  }

  async retry(message, agent) {
    const ack = await this.#connection.command({ type: "run.retry", id: crypto.randomUUID(), message, agent })
    this.#change(withStarted(this.state, ack, { retries: message }))
  }

  async showBranch(message) {
    this.#change(withSnapshot(none, await post(`/c/${this.id}/branch/`, { message })))
    this.#unknownRuns.clear()
    if (this.active) this.#watch() // its transcript went with the branch that was left
  }

  async loadOlder() {
    const page = await get(`/c/${this.id}/messages/?before=${this.state.messages[0].id}`)
    this.state = withOlder(this.state, page)
  }

  markRead() {
    // The dot of another page is at stake, nothing more: the next visit tries again.
    if (this.id && !this.active) post(`/c/${this.id}/read/`).catch(() => {})
  }

  #take(message) {
    if (message.type === "frame") this.#takeFrame(message)
    else if (message.type === "snapshot") this.#takeSnapshot(message)
    else if (message.type === "error" && message.id === this.#watchId) this.#isWatching = false
    else if (message.type === "conversation") this.#takeConversation(message.conversation)
  }

  #takeFrame(frame) {
    const { state, stale } = withFrame(this.state, frame)
    if (!stale) this.#change(state)
    else if (!this.#unknownRuns.has(frame.run)) this.#askFor(frame.run)
  }

  #takeSnapshot(snapshot) {
    if (snapshot.conversation.id !== this.id) return
    this.#isWatching = false
    this.#change(withSnapshot(this.state, snapshot))
  }

  #takeConversation(conversation) {
    this.onConversation(conversation)
    const isRunning = conversation.state === "running"
    // Another tab has started something here, or its end was missed.
    if (conversation.id === this.id && isRunning !== Boolean(this.active) && !this.pending) this.#watch()
  }

  /** Frames came that can't be understood. A run that isn't on the branch shown here is asked for once only. */
  #askFor(run) {
    if (this.#isWatching) return
    if (!this.state.messages.some((message) => message.run?.id === run)) this.#unknownRuns.add(run)
    this.#watch()
  }

  #watch() {
    if (!this.id) return
    this.#isWatching = true
    this.#watchId = crypto.randomUUID()
    this.#connection.tell({ type: "watch", id: this.#watchId, conversation: this.id, after: seen(this.state) })
  }

  #change(state) {
    const before = this.active
    this.state = state
    this.onChange(before)
  }
}
