/** A button that sends its form and shows the answer in a part of the page instead of loading a new one. */

async function show(button, form) {
  const target = document.getElementById(button.dataset.panel)
  const body = new FormData(form, button)
  target.setAttribute("aria-busy", "true")
  button.disabled = true
  try {
    const answer = await fetch(button.getAttribute("formaction") ?? form.action, {
      method: "POST",
      body,
      headers: { "X-Requested-With": "panel" },
    })
    const page = new DOMParser().parseFromString(await answer.text(), "text/html")
    const panel = page.getElementById(target.id)
    if (panel) target.replaceWith(document.adoptNode(panel))
    else form.submit()
  } catch {
    target.removeAttribute("aria-busy")
    target.querySelector("[data-offline]")?.removeAttribute("hidden")
  } finally {
    button.disabled = false
  }
}

document.addEventListener("submit", (event) => {
  const button = event.submitter
  if (!button?.dataset.panel || !document.getElementById(button.dataset.panel)) return

  event.preventDefault()
  show(button, event.target)
})
