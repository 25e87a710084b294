// The hook behind imports.mjs.
import { existsSync, readFileSync } from "node:fs"

const statics = new URL("../../static/", import.meta.url)
const manifest = JSON.parse(readFileSync(new URL("vendor/manifest.json", statics), "utf8"))
const vendored = new Map(manifest.filter((entry) => entry.module).map((entry) => [entry.module, `vendor/${entry.file}`]))

export function resolve(name, context, next) {
  const own = new URL(`js/${name}`, statics)
  const url = vendored.has(name) ? new URL(vendored.get(name), statics) : own
  if (!vendored.has(name) && !(name.endsWith(".js") && existsSync(own))) return next(name, context)
  return { url: url.href, format: "module", shortCircuit: true }
}
