/** A list's filter menus close as menus do: by Escape, and by a click beside them. */

const open = () => document.querySelector(".filter[open]")

document.addEventListener("click", (event) => {
  const filter = open()
  if (filter && !filter.contains(event.target)) filter.open = false
})

document.addEventListener("keydown", (event) => {
  const filter = open()
  if (event.key !== "Escape" || !filter) return

  filter.open = false
  filter.querySelector("summary").focus()
})
