// Lint for the browser's JavaScript and its tests: what is wrong, not how it looks.
import { createRequire } from "node:module"
import { pathToFileURL } from "node:url"

// The packages are installed beside the browser libraries, not at the root.
const require = createRequire(new URL("./config/vendor/package.json", import.meta.url))
const load = async (name) => (await import(pathToFileURL(require.resolve(name)))).default
const js = await load("@eslint/js")
const globals = await load("globals")

const rules = {
  ...js.configs.recommended.rules,
  eqeqeq: ["error", "smart"],
  "no-var": "error",
  "prefer-const": "error",
  "object-shorthand": "error",
  "no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
  "no-implied-eval": "error",
  "no-eval": "error",
  "no-restricted-properties": [
    "error",
    ...["innerHTML", "outerHTML", "insertAdjacentHTML", "setHTMLUnsafe"].map((property) => ({
      property,
      message: "Only shared/markdown.js may write HTML.",
    })),
  ],
}

export default [
  { ignores: ["static/vendor/**", "**/node_modules/**"] },
  { files: ["static/js/**/*.js"], languageOptions: { globals: globals.browser }, rules },
  { files: ["tests/js/**/*.mjs"], languageOptions: { globals: globals.node }, rules },
  { files: ["static/js/shared/markdown.js"], rules: { "no-restricted-properties": "off" } },
]
