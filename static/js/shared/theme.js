/** The person's choice of theme, kept in this browser: "light", "dark", or "" for the system's. */

const KEY = "parley.theme"

export function chosenTheme() {
  return document.documentElement.dataset.theme ?? ""
}

export function chooseTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme
  else delete document.documentElement.dataset.theme
  try {
    if (theme) localStorage.setItem(KEY, theme)
    else localStorage.removeItem(KEY)
  } catch {
    // Storage is off: the choice holds for this page.
  }
}

/** Make every `[data-theme-choice]` of a page set its theme and show whether it is the chosen one. */
export function attachThemeChoices(root = document) {
  const choices = [...root.querySelectorAll("[data-theme-choice]")]
  const show = () => {
    for (const choice of choices) choice.setAttribute("aria-pressed", choice.dataset.themeChoice === chosenTheme())
  }
  for (const choice of choices) {
    choice.addEventListener("click", () => {
      chooseTheme(choice.dataset.themeChoice)
      show()
    })
  }
  show()
}
