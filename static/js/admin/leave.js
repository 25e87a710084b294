/** Asks before a page with unsaved edits is left. */

for (const form of document.querySelectorAll("form[data-ask-before-leaving]")) {
  let changed = form.dataset.askBeforeLeaving === "changed"
  form.addEventListener("input", () => (changed = true))
  form.addEventListener("submit", (event) => {
    if (!event.submitter?.dataset.panel) changed = false
  })
  window.addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault()
  })
}
