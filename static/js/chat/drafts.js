/** What a person has typed and not yet sent, and what waits to be sent, kept for each chat across reloads. */

export class Drafts {
  #storage

  constructor(storage) {
    this.#storage = storage
  }

  text(chat) {
    return this.#read(`parley.draft.${chat}`) ?? ""
  }

  keepText(chat, text) {
    this.#write(`parley.draft.${chat}`, text || null)
  }

  queue(chat) {
    const queue = this.#read(`parley.queue.${chat}`)
    return Array.isArray(queue) ? queue : []
  }

  keepQueue(chat, queue) {
    this.#write(`parley.queue.${chat}`, queue.length ? queue : null)
  }

  /** A chat that was new has got its id. */
  move(from, to) {
    this.keepText(to, this.text(from))
    this.keepQueue(to, this.queue(from))
    this.keepText(from, "")
    this.keepQueue(from, [])
  }

  #read(key) {
    try {
      return JSON.parse(this.#storage.getItem(key))
    } catch {
      return null // off, or written by something else: there is no draft
    }
  }

  #write(key, value) {
    try {
      if (value === null) this.#storage.removeItem(key)
      else this.#storage.setItem(key, JSON.stringify(value))
    } catch {
      // Storage is full or off: the text still stands in the composer.
    }
  }
}
