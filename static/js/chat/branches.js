/** "‹ 2 / 3 ›": from one sibling of a message to the next. */

import { el, iconButton } from "shared/dom.js"

/** The navigation, or null where there is only one. `go(id)` is called with the sibling's id. */
export function branches({ id, siblings }, go) {
  if (siblings.length < 2) return null
  const at = siblings.indexOf(id)
  const to = (offset) => () => go(siblings[at + offset])
  return el(
    "span.branches",
    { role: "group", "aria-label": "Versions" },
    iconButton("chevron-left", "Previous version", to(-1), { disabled: at <= 0 }),
    el("span.branches__count", {}, `${at + 1} / ${siblings.length}`),
    iconButton("chevron-right", "Next version", to(1), { disabled: at >= siblings.length - 1 }),
  )
}
