/** Copying, with the button itself saying that it was done. */

import { icon } from "shared/dom.js"

const SHOWN_MS = 1500

export async function copyFrom(button, text) {
  try {
    await navigator.clipboard.writeText(text)
  } catch {
    copyBySelection(text) // without TLS the clipboard is closed to scripts
  }
  confirm(button)
}

function confirm(button) {
  const [before, after] = [button.querySelector(".icon"), icon("check")]
  if (!before || button.dataset.copied) return
  button.dataset.copied = "true"
  before.replaceWith(after)
  setTimeout(() => {
    after.replaceWith(before)
    delete button.dataset.copied
  }, SHOWN_MS)
}

function copyBySelection(text) {
  const area = document.createElement("textarea")
  area.value = text
  area.className = "visually-hidden"
  document.body.append(area)
  area.select()
  document.execCommand("copy")
  area.remove()
}
