/** A small panel beside the button that opened it: menus of actions, and details. One at a time; Escape closes it. */

import { el, icon } from "shared/dom.js"

const GAP = 4
const EDGE = 8
const PRESS_MS = 500

const opened = new WeakMap() // button → its panel while that is open
const dismissed = new WeakSet() // buttons whose panel the press that is under way has closed already

/** Open `content` beside `button`, or close it where it is open. Returns a function that closes it. */
export function openPanel(button, content, { label, above = false } = {}) {
  const before = opened.get(button)
  if (dismissed.delete(button) || before) {
    before?.hidePopover()
    return () => {}
  }
  const panel = el("div.menu", { popover: "auto", "aria-label": label }, ...content)
  const press = () => {
    dismissed.add(button)
    setTimeout(() => dismissed.delete(button), PRESS_MS)
  }
  opened.set(button, panel)
  button.addEventListener("pointerdown", press)
  panel.addEventListener("beforetoggle", ({ newState }) => {
    if (newState === "open") return
    opened.delete(button)
    button.removeEventListener("pointerdown", press)
  })
  button.after(panel)
  panel.addEventListener("toggle", ({ newState }) => {
    button.setAttribute("aria-expanded", newState === "open")
    if (newState === "closed") panel.remove()
  })
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape") event.stopPropagation() // it closes the panel, not also what that stands in
    else walk(panel, event)
  })
  panel.showPopover()
  place(panel, button.getBoundingClientRect(), above)
  const chosen = panel.querySelector('[aria-checked="true"]') ?? panel.querySelector(".menu__item")
  chosen?.focus()
  return () => panel.isConnected && panel.hidePopover()
}

/** `items`: `{name, label, act, danger}`. */
export function openMenu(button, items, options = {}) {
  let close = () => {}
  const entries = items.map(({ name, label, act, danger }) => {
    const run = () => {
      close()
      act()
    }
    const kind = danger ? "button.menu__item.menu__item--danger" : "button.menu__item"
    return el(kind, { type: "button", role: "menuitem", onclick: run }, icon(name), label)
  })
  close = openPanel(button, entries, options)
}

function place(panel, anchor, above) {
  const { width, height } = panel.getBoundingClientRect()
  const roomAbove = anchor.top - GAP - EDGE
  const roomBelow = innerHeight - EDGE - anchor.bottom - GAP
  const goesUp = above || (height > roomBelow && roomAbove > roomBelow)
  const room = goesUp ? roomAbove : roomBelow // what doesn't fit is scrolled to
  const top = goesUp ? anchor.top - GAP - Math.min(height, room) : anchor.bottom + GAP
  const left = Math.max(EDGE, Math.min(anchor.left, innerWidth - width - EDGE))
  Object.assign(panel.style, { position: "fixed", inset: "auto", margin: "0", top: `${top}px`, left: `${left}px` })
  panel.style.maxBlockSize = `${room}px`
}

function walk(panel, event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  const items = [...panel.querySelectorAll(".menu__item")]
  if (!step || !items.length) return
  event.preventDefault()
  const at = items.indexOf(document.activeElement)
  items.at((at + step + items.length) % items.length).focus()
}
