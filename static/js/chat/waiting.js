/** Messages that wait for the answer before them. Each has the id it will be sent with, so that two tabs that both keep
 *  the list, or a reload in between, still start one run for it. */

export class WaitingMessages {
  #drafts
  #chat
  #entries

  constructor(drafts, chat) {
    this.#drafts = drafts
    this.open(chat)
  }

  /** The list of another chat, or of the same one under its new address. */
  open(chat) {
    this.#chat = chat
    this.#entries = this.#drafts.queue(chat)
  }

  get entries() {
    return this.#entries
  }

  get first() {
    return this.#entries[0] ?? null
  }

  add(entry) {
    this.#keep([...this.#entries, entry])
  }

  addFirst(entry) {
    this.#keep([entry, ...this.#entries])
  }

  /** Take one out of the list; null if it isn't there any more. */
  take(id) {
    const entry = this.#entries.find((candidate) => candidate.id === id) ?? null
    this.#keep(this.#entries.filter((candidate) => candidate !== entry))
    return entry
  }

  #keep(entries) {
    this.#entries = entries
    this.#drafts.keepQueue(this.#chat, entries)
  }
}
