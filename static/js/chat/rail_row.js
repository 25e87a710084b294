/** One chat in the rail: its title, what goes on in it, and its menu. */

import { el, iconButton } from "shared/dom.js"
import { openMenu } from "shared/menu.js"

export function chatRow(chat, { isCurrent, actions }) {
  const isUnread = chat.unread && !isCurrent && chat.state !== "running"
  const row = el("li.chat-row", { data: { id: chat.id } })
  const look = { href: `/c/${chat.id}/`, "aria-current": isCurrent ? "page" : null, title: chat.title }
  const link = el("a.chat-link", look, el("span.truncate", {}, chat.title), mark(chat, isUnread))
  link.toggleAttribute("data-unread", isUnread)
  const menu = ({ currentTarget }) => openMenu(currentTarget, items(chat, row, actions), { label: `Actions for ${chat.title}` })
  row.append(link, iconButton("ellipsis", `Actions for ${chat.title}`, menu, { "aria-haspopup": "menu" }))
  return row
}

function mark(chat, isUnread) {
  if (chat.state === "running") return el("span.spinner", { role: "img", "aria-label": "An answer is being written" })
  return isUnread ? el("span.unread", { role: "img", "aria-label": "Unread" }) : null
}

function items(chat, row, actions) {
  return [
    { name: "pencil", label: "Rename", act: () => edit(chat, row, actions) },
    { name: chat.pinned ? "pin-off" : "pin", label: chat.pinned ? "Unpin" : "Pin", act: () => actions.pin(chat) },
    { name: "trash-2", label: "Delete", danger: true, act: () => actions.remove(chat) },
  ]
}

function edit(chat, row, actions) {
  const input = el("input.input.chat-row__input", { "aria-label": "Name of this chat", maxlength: "200" })
  input.value = chat.title
  let isOver = false
  const end = (isKept) => {
    if (isOver) return
    isOver = true
    const title = input.value.trim()
    const byKey = document.activeElement === input
    if (isKept && title && title !== chat.title) actions.rename(chat, title)
    else actions.redraw()
    if (byKey) actions.focus(chat)
  }
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing) end(true)
    if (event.key !== "Escape") return
    event.stopPropagation() // the drawer stays open
    end(false)
  })
  input.addEventListener("blur", () => end(true))
  row.replaceChildren(input)
  input.select()
}
