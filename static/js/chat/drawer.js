/** The rail as a drawer on small screens: opened by a button, closed by another, by Escape, or by what lies beside it. */

export function attachDrawer(app, rail) {
  const openers = [...app.querySelectorAll("[data-open-rail]")]
  const show = (isOpen) => {
    const wasOpen = app.hasAttribute("data-rail-open")
    app.toggleAttribute("data-rail-open", isOpen)
    for (const opener of openers) opener.setAttribute("aria-expanded", isOpen)
    if (isOpen) rail.querySelector("a, button")?.focus()
    else if (wasOpen) openers[0]?.focus()
  }
  for (const opener of openers) opener.addEventListener("click", () => show(true))
  for (const closer of app.querySelectorAll("[data-close-rail]")) closer.addEventListener("click", () => show(false))
  app.addEventListener("keydown", ({ key }) => key === "Escape" && show(false))
}
