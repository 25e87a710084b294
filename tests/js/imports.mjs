// Resolves module names as the page's import map does: our own by their path under static/js, vendored ones by name.
import { register } from "node:module"

register("./resolve.mjs", import.meta.url)
