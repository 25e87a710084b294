/** A short message at the foot of the page, with one thing that can be done about it. */

import { el } from "shared/dom.js"

const SHOWN_MS = 8000

export function toast(text, { action, act } = {}) {
  document.querySelector(".toast")?.remove()
  const box = el("div.toast", { role: "status" }, el("span", {}, text))
  const timer = setTimeout(() => box.remove(), SHOWN_MS)
  if (action) {
    const onclick = () => {
      clearTimeout(timer)
      box.remove()
      act()
    }
    box.append(el("button.toast__action", { type: "button", onclick }, action))
  }
  document.body.append(box)
}
