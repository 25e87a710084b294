/** The socket of this tab: reconnects by itself, and sends each command until it is answered.
 *
 *  A command keeps its id when it is sent again after a reconnect; the server makes nothing twice for one id. `watch`
 *  isn't kept: what to watch from where is asked anew on each opening (`onOpen`). */

const FIRST_DELAY_MS = 400
const LAST_DELAY_MS = 15_000
const SHOW_AFTER_MS = 1_500
const PING_EVERY_MS = 25_000
const SILENCE_MS = 10_000
const ACK_MS = 3_000
const SIGNED_OUT = 4401

export class CommandRefused extends Error {
  constructor({ code, detail }) {
    super(detail)
    this.code = code
  }
}

export class Connection {
  /** Called with each message that isn't a reply to a command. */
  onMessage = () => {}
  /** Called when the socket opens, for the first time and after each reconnect. */
  onOpen = () => {}
  /** Called when it changes, with "online", "reconnecting" (after a short delay only) or "signed-out". */
  onStatus = () => {}

  #connect
  #timers
  #socket = null
  #isOpen = false
  #isOver = false
  #status = null
  #failures = 0
  #waiting = new Map()
  #retry = null
  #show = null
  #ping = null
  #silence = null
  #late = null

  constructor(connect, timers = defaultTimers) {
    this.#connect = connect
    this.#timers = timers
  }

  open() {
    if (this.#isOver || this.#socket) return
    this.#timers.clear(this.#retry)
    const socket = this.#connect()
    this.#socket = socket
    socket.onopen = () => this.#opened()
    socket.onmessage = ({ data }) => this.#received(JSON.parse(data))
    socket.onclose = ({ code }) => this.#closed(socket, code)
  }

  /** Send a command and wait for its `ack`, however many sockets that takes. Rejects with CommandRefused. */
  command(command) {
    return new Promise((resolve, reject) => {
      this.#waiting.set(command.id, { command, resolve, reject })
      this.#postCommand(command)
    })
  }

  /** Send something that makes no sense later. */
  tell(message) {
    this.#post(message)
  }

  /** The network may be back: don't wait for the next attempt. */
  hurry() {
    if (!this.#socket) this.open()
    else if (this.#isOpen) this.#pingNow()
  }

  /** The network is gone, as the browser has noticed: the socket itself would take long to tell. */
  lost() {
    this.#say("reconnecting")
  }

  #say(status) {
    if (status === this.#status || this.#isOver) return
    this.#status = status
    this.onStatus(status)
  }

  #postCommand(command) {
    this.#post(command)
    if (this.#isOpen) this.#late ??= this.#timers.set(() => this.#missed(), ACK_MS)
  }

  /** No word on a command: whoever gave it should know, and a ping tells whether anybody is there. */
  #missed() {
    this.#late = null
    this.lost()
    this.#pingNow()
  }

  #post(message) {
    if (this.#isOpen) this.#socket.send(JSON.stringify(message))
  }

  #opened() {
    this.#isOpen = true
    this.#failures = 0
    this.#timers.clear(this.#show)
    this.#show = null
    this.#say("online")
    this.onOpen()
    for (const { command } of this.#waiting.values()) this.#postCommand(command)
    this.#pingLater()
  }

  #received(message) {
    this.#timers.clear(this.#silence)
    this.#silence = null
    if (this.#isOpen) this.#say("online")
    const waiting = this.#waiting.get(message.id)
    if (waiting && (message.type === "ack" || message.type === "error")) {
      this.#waiting.delete(message.id)
      if (!this.#waiting.size) this.#forgetLate()
      if (message.type === "ack") waiting.resolve(message)
      else waiting.reject(new CommandRefused(message))
    } else if (message.type !== "pong") {
      this.onMessage(message)
    }
  }

  #closed(socket, code) {
    if (socket !== this.#socket) return
    this.#socket = null
    this.#isOpen = false
    for (const timer of [this.#ping, this.#silence]) this.#timers.clear(timer)
    this.#silence = null
    this.#forgetLate()
    if (code === SIGNED_OUT) {
      this.#say("signed-out")
      this.#isOver = true
      return
    }
    this.#show ??= this.#timers.set(() => this.#say("reconnecting"), SHOW_AFTER_MS)
    const delay = Math.min(LAST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#failures++)
    // Spread out, so that a restarted server isn't met by everybody at once.
    this.#retry = this.#timers.set(() => this.open(), delay * (0.75 + this.#timers.random() / 2))
  }

  #pingLater() {
    this.#timers.clear(this.#ping)
    this.#ping = this.#timers.set(() => this.#pingNow(), PING_EVERY_MS)
  }

  #pingNow() {
    this.#post({ type: "ping" })
    // A network that is gone often doesn't say so: no answer means a new socket.
    this.#silence ??= this.#timers.set(() => this.#giveUp(), SILENCE_MS)
    this.#pingLater()
  }

  #forgetLate() {
    this.#timers.clear(this.#late)
    this.#late = null
  }

  #giveUp() {
    const socket = this.#socket
    socket?.close()
    this.#closed(socket, 1006)
  }
}

const defaultTimers = {
  set: (work, ms) => setTimeout(work, ms),
  clear: (timer) => clearTimeout(timer),
  random: () => Math.random(),
}
