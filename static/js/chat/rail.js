/** The list of chats: grouped by age, filtered by title, kept up to date by what the socket tells. */

import { chatRow } from "chat/rail_row.js"
import { el, icon } from "shared/dom.js"
import { post } from "shared/http.js"
import { age } from "shared/time.js"
import { toast } from "shared/toast.js"

const DELETED = "parley.deleted"

class ChatRail extends HTMLElement {
  #chats = new Map()
  #current = null
  #list = null
  #filter = null

  connectedCallback() {
    this.#list = this.querySelector("[data-chats]")
    this.#filter = this.querySelector("[data-filter]")
    for (const link of this.#list.querySelectorAll("a[data-id]")) this.#chats.set(link.dataset.id, fromLink(link))
    this.#current = this.#list.querySelector("[aria-current]")?.dataset.id ?? null
    this.#filter.addEventListener("input", () => this.#render())
    this.#render()
    this.#offerUndo()
  }

  /** A chat as the server tells of it. */
  tell(conversation) {
    if (conversation.deleted) this.#chats.delete(conversation.id)
    else this.#chats.set(conversation.id, { ...conversation, updated_at: new Date(conversation.updated_at) })
    if (!this.#list.querySelector("input:focus, [aria-expanded='true']")) this.#render()
  }

  show(id) {
    this.#current = id
    this.#render()
  }

  title(id) {
    return this.#chats.get(id)?.title ?? ""
  }

  #render() {
    const focused = this.#focused()
    const wanted = this.#filter.value.trim().toLowerCase()
    const chats = [...this.#chats.values()]
      .filter((chat) => chat.title.toLowerCase().includes(wanted))
      .sort((a, b) => b.updated_at - a.updated_at)
    const groups = Map.groupBy
      ? Map.groupBy(chats, groupOf)
      : chats.reduce((found, chat) => found.set(groupOf(chat), [...(found.get(groupOf(chat)) ?? []), chat]), new Map())
    const pinned = groups.get("Pinned")
    groups.delete("Pinned")
    const all = pinned ? [["Pinned", pinned], ...groups] : [...groups]
    this.#list.replaceChildren(...all.map(([name, members]) => this.#group(name, members)))
    if (!chats.length) this.#list.append(el("p.rail__none", {}, wanted ? "No chat has this in its title." : "Your chats will stand here."))
    if (focused) this.#focusAgain(focused)
  }

  /** Which row has the focus, and which part of it: the rows are about to be made anew. */
  #focused() {
    const at = this.#rows.findIndex((row) => row.contains(document.activeElement))
    return at < 0 ? null : { at, id: this.#rows[at].dataset.id, part: document.activeElement.localName }
  }

  /** The row that is gone leaves the focus to the one that stands in its place. */
  #focusAgain({ at, id, part }) {
    const rows = this.#rows
    const same = rows.find((row) => row.dataset.id === id)
    const next = rows[Math.min(at, rows.length - 1)]?.querySelector("a") ?? this.#filter
    const wanted = same ? (same.querySelector(part) ?? same.querySelector("a")) : next
    wanted.focus({ preventScroll: true })
  }

  get #rows() {
    return [...this.#list.querySelectorAll(".chat-row")]
  }

  #group(name, chats) {
    const heading = name === "Pinned" ? [icon("pin"), name] : [name]
    const rows = chats.map((chat) => chatRow(chat, { isCurrent: chat.id === this.#current, actions: this.#actions }))
    return el("section.rail__group", {}, el("h2.rail__heading", {}, ...heading), el("ul.rail__rows", {}, ...rows))
  }

  #actions = {
    rename: (chat, title) => this.#change(chat, { title }, "rename", { title }),
    focus: (chat) => this.#list.querySelector(`a[href="/c/${chat.id}/"]`)?.focus(),
    pin: (chat) => this.#change(chat, { pinned: !chat.pinned }, "pin", { pinned: !chat.pinned }),
    remove: (chat) => this.#remove(chat),
    redraw: () => this.#render(),
  }

  /** Shown at once, and taken back if the server refuses. */
  async #change(chat, changes, verb, body) {
    this.#chats.set(chat.id, { ...chat, ...changes })
    this.#render()
    try {
      await post(`/c/${chat.id}/${verb}/`, body)
    } catch (error) {
      this.#chats.set(chat.id, chat)
      this.#render()
      toast(error.message)
    }
  }

  /** The word for the next page is left before: the socket may tell this one first that its chat is gone. */
  async #remove(chat) {
    const isOpen = chat.id === this.#current
    if (isOpen) sessionStorage.setItem(DELETED, JSON.stringify({ id: chat.id, title: chat.title }))
    try {
      await post(`/c/${chat.id}/delete/`)
    } catch (error) {
      sessionStorage.removeItem(DELETED)
      toast(error.message)
      return
    }
    if (isOpen) return void location.assign(this.dataset.home)
    this.#chats.delete(chat.id)
    this.#render()
    this.#sayDeleted(chat)
  }

  /** After the open chat was deleted, its page is gone: the new one says so. */
  #offerUndo() {
    const deleted = sessionStorage.getItem(DELETED)
    sessionStorage.removeItem(DELETED)
    if (deleted) this.#sayDeleted(JSON.parse(deleted), { wasOpen: true })
  }

  #sayDeleted(chat, { wasOpen = false } = {}) {
    const undo = async () => {
      try {
        await post(`/c/${chat.id}/restore/`)
        if (wasOpen) return void location.assign(`/c/${chat.id}/`)
        this.#chats.set(chat.id, chat)
        this.#render()
        this.#actions.focus(chat)
      } catch (error) {
        toast(error.message)
      }
    }
    toast(`Deleted “${chat.title}”`, { action: "Undo", act: undo })
  }
}

function fromLink({ dataset }) {
  return {
    id: dataset.id,
    title: dataset.title,
    updated_at: new Date(dataset.updated),
    pinned: "pinned" in dataset,
    state: "running" in dataset ? "running" : "idle",
    unread: "unread" in dataset,
  }
}

function groupOf(chat) {
  return chat.pinned ? "Pinned" : age(chat.updated_at)
}

customElements.define("chat-rail", ChatRail)
